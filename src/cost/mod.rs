//! What `plan` reports, as values: algorithm, lock, size, and the limits to hold them against.

pub mod estimate;
pub mod limits;
