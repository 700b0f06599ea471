//! Plain-SQL migrations for MySQL and MariaDB that always know the way back.
//!
//! This is the library behind the command `uturn`. An application runs its own migrations at start-up like this:
//!
//! ```no_run
//! use uturn::{Migrations, Settings};
//!
//! let migrations = Migrations::built_in(uturn::scripts!("examples/migrations"; "20260101000000-create-notes"))?;
//! let settings = Settings::from_url("mysql://app:secret@db.example/app")?;
//! uturn::up(&settings, &migrations, &mut |event| println!("{event:?}"))?;
//! # Ok::<(), uturn::Error>(())
//! ```
//!
//! # The rooms of this house
//!
//! Arrows point down only: `cli -> {report, verb} -> {source, db} -> {error, event} -> model`.
//!
//! - [`model`]: pure values and decisions; what a migration is, how a script is cut, what would run.
//! - [`error`], [`event`]: everything that can go wrong, everything that can happen, as plain values.
//! - [`source`]: where migrations come from.
//! - [`db`]: the only room that speaks to a server.
//! - [`verb`]: one file a command.
//! - [`report`]: events -> bytes.
//! - [`cli`]: arguments, settings, signals, the terminal.
//!
//! docs/architecture.md is the map, with what is deliberately absent.

pub mod cli;
pub mod db;
pub mod error;
pub mod event;
mod face;
pub mod model;
pub mod report;
pub mod source;
#[allow(dead_code, reason = "the readers that it replaces go one by one")]
pub mod statement;
pub mod verb;

pub use error::Error;
pub use event::Event;
pub use face::{Migrations, Settings, up};
