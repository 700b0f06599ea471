//! Drives the real binary against real servers. `scripts/test` starts them.

mod support;

mod marsai;
mod orphan;
mod race;
mod refinery;
mod sequelize;
