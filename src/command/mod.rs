//! One file a command, and what they share: `guard` asks, `newest` finds the migrations that an undo is about, `non_empty` refuses a
//! database that is in use, `dry_run` prints.

pub mod check;
pub mod complete;
pub mod create;
pub mod drop;
pub mod dry_run;
pub mod guard;
pub mod log;
pub mod new;
pub mod newest;
pub mod non_empty;
pub mod plan;
pub mod protect;
pub mod redo;
pub mod reset;
pub mod resolve;
pub mod status;
pub mod undo;
pub mod up;
pub mod wait;

use crate::db::connect::Access;
use crate::engine::history::{self, Ledger};
use crate::engine::likeness;
use crate::engine::run::Surroundings;
use crate::error::Result;
use crate::migration::pair::Migration;
use crate::migration::plan::{Known, Row, survey};
use mysql::Conn;
use std::time::Duration;

/// What every command that speaks to the database is given.
pub struct Job<'a> {
    /// Which database.
    pub access: &'a Access,
    /// The migrations, in time order.
    pub migrations: &'a [Migration],
    /// How long to wait for another runner.
    pub wait: Duration,
    /// Signals, and who runs this.
    pub around: Surroundings<'a>,
    /// The time of the row in the history that `--dry-run` prints, and what lies in the future.
    pub now: time::OffsetDateTime,
    /// The guards' questions and their answers.
    pub guards: Guards<'a>,
}

/// The guards' questions and their answers.
pub struct Guards<'a> {
    /// What UTURN_ENV says, where that counts as production.
    pub production: Option<&'a str>,
    /// `--allow-production`.
    pub allow_production: bool,
    /// `--allow-protected`: the name of the database.
    pub allow_protected: Option<&'a str>,
    /// `--allow-non-empty`: `up` may run where there are tables and no history.
    pub allow_non_empty: bool,
    /// Has the name of the database typed, where somebody is there to type.
    pub retype: &'a (dyn Fn(&str) -> Option<String> + Sync),
    /// Says why, and asks what `--yes` is no answer to.
    pub choose: &'a (dyn Fn(&str, &str) -> Answer + Sync),
    /// Asks, after it was shown what will be removed. Says yes where `--yes` was given.
    pub confirm: &'a (dyn Fn() -> Answer + Sync),
}

/// An answer to "go on?".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Go on.
    Yes,
    /// Do not.
    No,
    /// Nobody is there to be asked.
    Nobody,
}

/// Runs or prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Changes the database.
    Run,
    /// `--dry-run`.
    Print,
}

/// How a command ended that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Done, or nothing to do.
    Done,
    /// The answer is no.
    No,
}

/// What a command reads first.
pub struct Survey {
    /// What the database holds.
    pub ledger: Ledger,
    /// What the files say.
    pub known: Vec<Known>,
    /// Both together.
    pub rows: Vec<Row>,
}

impl Job<'_> {
    /// Reads the history and lays the files beside it. Takes no lock and writes nothing.
    pub fn survey(&self, conn: &mut Conn) -> Result<Survey> {
        let ledger = history::read(conn, self.access)?;
        let mut known = history::known(self.migrations);
        likeness::compare(conn, &self.access.database, self.migrations, &ledger, &mut known)
            .map_err(|error| self.access.explain(&error))?;
        let rows = survey(&known, &ledger.history, ledger.stopped().as_ref());
        Ok(Survey { ledger, known, rows })
    }
}
