//! Made-up rows: a table, a seed and a row number give values, the same ones every time and on every machine.
//!
//! The values are true to types, lengths and character sets, differ where a unique key wants it and repeat where none does,
//! point to rows that are there, and go to the ends of what a column takes: what fails on data is to fail on them.
//!
//! `dice` is chance, `value` a value. `domain` reads a column's type (with `steps` for numbers and moments, `words` for
//! text, `shape` for the rest), `clause` and `partition` narrow it by CHECKs and partitions. `keys` makes unique what must be,
//! `order` brings tables in the order of their foreign keys, `slot` makes a column's values and `recipe` the rows. `loss` compares rows with rows.

pub mod loss;
pub mod value;

pub mod check_hints;
pub mod column;
pub mod column_values;
pub mod days;
pub mod numeric_range;
pub mod partition_bounds;
pub mod rng;
pub mod special_types;
pub mod table_order;
pub mod table_rows;
#[cfg(test)]
mod tests;
pub mod text_values;
pub mod unique_keys;
