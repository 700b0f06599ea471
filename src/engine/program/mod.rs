//! How each statement of a script is run.

pub mod packed;
pub mod step;
