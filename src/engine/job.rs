//! What the engine is asked to work on: a database, its migrations, and how a command is to be run.

use crate::db::connect::Access;
use crate::db::monitor::Signals;
use crate::engine::history::{self, Ledger};
use crate::engine::likeness;
use crate::error::Result;
use crate::migration::lock_wait::Patience;
use crate::migration::pair::{Fault, Migration};
use crate::migration::plan::{Known, Row, survey};
use mysql::Conn;
use std::time::Duration;

/// What every command that speaks to the database is given.
pub struct Job<'a> {
    /// Which database.
    pub access: &'a Access,
    /// The migrations, in time order.
    pub migrations: &'a [Migration],
    /// Files of which nobody knows to which migration they belong: no up runs.
    pub unnamed: &'a [Fault],
    /// How long to wait for another runner.
    pub wait: Duration,
    /// Signals, and who runs this.
    pub context: RunContext<'a>,
    /// The time of the row in the history that `--dry-run` prints, and what lies in the future.
    pub now: time::OffsetDateTime,
}

impl Job<'_> {
    /// Reads the history and lays the files beside it. Takes no lock and writes nothing.
    pub fn survey(&self, conn: &mut Conn) -> Result<Survey> {
        let ledger = history::read(conn, self.access)?;
        let mut known = history::known(self.migrations, &ledger.history);
        likeness::compare(conn, &self.access.database, self.migrations, &ledger, &mut known)
            .map_err(|error| self.access.explain(&error))?;
        let rows = survey(&known, &ledger.history, ledger.stopped().as_ref());
        Ok(Survey { ledger, known, rows })
    }
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

/// What is the same for every script that a command runs.
pub struct RunContext<'a> {
    /// Asked between two statements, and by the watch: the first signal so far, and how many.
    pub signals: Signals<'a>,
    /// Called before a script begins. Until then a signal ends the process at once.
    pub begin: &'a (dyn Fn() + Sync),
    /// How long to wait for other sessions' locks, and how often.
    pub patience: Patience,
    /// The operating system's user.
    pub os_user: &'a str,
    /// This machine's name.
    pub host: &'a str,
    /// What is done about the server's warnings.
    pub warnings: Warnings,
    /// The command that resumes an up which stops part-way, and runs no more than this one was to run.
    pub resume: &'a str,
    /// Stop, as by SIGTERM, behind this many statements: `prove --partial` looks for the way out.
    pub stop_behind: Option<usize>,
}

/// What is done about the server's warnings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Warnings {
    /// They are printed, and kept in the journal.
    #[default]
    Tell,
    /// They stop the run as well.
    Stop,
}

/// This machine's name, where the system tells it in a file, as Linux does; empty elsewhere.
pub fn host_name() -> String {
    std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default().trim().chars().take(255).collect()
}
