//! Tries statements on empty clones, for `plan`.

pub mod database_state;
mod empty_clone;
pub mod trial;
