//! Files and history as values: names, pairs, and what would run in which order.

pub mod lock_wait;
pub mod name;
pub mod no_effect;
pub mod pair;
pub mod plan;
pub mod refusal;
pub mod state;
