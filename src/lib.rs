//! Plain-SQL migrations for MySQL and MariaDB, with down scripts that are proven to revert their ups.
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
//! # The rooms
//!
//! Arrows point down only; docs/architecture.md is the map.
//!
//! - [`cli`], `api`: arguments, environment and terminal; the functions for Rust applications.
//! - [`command`]: one file a command.
//! - [`preview`], [`proof`]: statements tried on empty clones; migrations run and compared in a scratch database.
//! - [`engine`]: runs a script so that each statement takes effect exactly once.
//! - [`db`]: talks to a server and knows nothing of migrations.
//! - [`report`]: events and errors as text or JSON. [`source`]: where migrations come from.
//! - [`error`], [`event`]: everything that can go wrong, everything that can happen, as plain values.
//! - [`lint`], [`cost`], [`sample_rows`], [`schema`], [`migration`]: pure values and decisions.
//! - [`statement`]: reads one statement. [`script`]: splits a script into statements.

mod api;
pub mod cli;
pub mod command;
pub mod cost;
pub mod db;
pub mod engine;
pub mod error;
pub mod event;
pub mod lint;
pub mod migration;
pub mod preview;
pub mod proof;
pub mod report;
pub mod sample_rows;
pub mod schema;
pub mod script;
pub mod source;
pub mod statement;

pub use api::{Migrations, Settings, up};
pub use error::Error;
pub use event::Event;
