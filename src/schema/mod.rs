//! A database as values: SHOW CREATE taken apart, the difference of two, and what a statement does to it.

pub mod affected_definitions;
pub mod collation;
pub mod difference;
pub mod own_tables;
pub mod present;
pub mod redefine;
pub mod remedy;
pub mod snapshot;
pub mod stage;
pub mod table;
