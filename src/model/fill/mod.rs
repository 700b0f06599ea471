//! Made-up rows: a table, a seed and a row number give values, the same ones every time and on every machine.
//!
//! The values are true to types, lengths and character sets, differ where a unique key wants it and repeat where none does,
//! point to rows that are there, and go to the ends of what a column takes: what fails on data is to fail on them.
//!
//! `dice` is chance, `value` a value. `domain` reads a column's type (with `steps` for numbers and moments, `words` for
//! text, `shape` for the rest), `clause` and `partition` narrow it by CHECKs and partitions. `keys` makes unique what must be,
//! `order` brings tables in the order of their foreign keys, `slot` makes a column's values and `recipe` the rows. `loss` compares rows with rows.

pub mod calendar;
pub mod clause;
pub mod dice;
pub mod domain;
pub mod keys;
pub mod loss;
pub mod order;
pub mod partition;
pub mod recipe;
pub mod shape;
pub mod slot;
pub mod steps;
pub mod value;
pub mod words;

#[cfg(test)]
mod tests;
