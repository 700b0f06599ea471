//! Everything that can happen, as plain values. Only `report` makes words of them.

mod losses;
mod plan;
pub mod protection;
pub mod prove;
mod statement_progress;

pub use statement_progress::{Blocked, Blocker, Busy, Progress, Signal, Stopping, Then, Waits, With};

pub use losses::{ColumnFate, Fate, Losses, LostColumn, LostDatabase, LostTable, NotKnown, Rows};
pub use plan::{Planned, PlannedScript, Summed, Unseen};

use crate::cost::limits::Breach;
use crate::lint::Finding;
use crate::migration::name::{Direction, Name};
use crate::migration::pair::Fault;
use crate::migration::plan::Row;
use protection::Protection;
use std::time::Duration;

/// Who hears of what happens, in the order in which it happens.
pub type Listener<'a> = dyn FnMut(Event) + Send + 'a;

/// One thing that happened. Success is told after it is recorded, never before.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// `status`: one migration.
    Status(Row),
    /// `status`: a file of which nobody knows to which migration it belongs.
    Unnamed(Fault),
    /// `status`: the end of the list.
    Counted(Counts),
    /// The run waits for another runner to end.
    Waiting(Holder),
    /// Something true that a person should know before the run.
    Note(Note),
    /// A migration's script begins, or goes on where it stopped.
    Started(Started),
    /// A migration's script ended and is recorded.
    Finished(Finished),
    /// A statement is under way, for a second and longer.
    Progress(Progress),
    /// A statement waited for a lock in vain, and is tried again.
    Blocked(Blocked),
    /// A signal was heard, and something is still under way.
    Stopping(Stopping),
    /// The server answered a statement with warnings.
    Warning(Warning),
    /// After a crash or a lost connection, it was found out what became of a statement.
    Recovered(Recovered),
    /// Nothing to do.
    Nothing(Nothing),
    /// `--dry-run`: text for stdout, runnable as it stands.
    Sql(String),
    /// What an undo, or a `drop`, will remove.
    WillRemove(Losses),
    /// `new` wrote a file.
    Wrote(String),
    /// `create`, `drop`.
    Database(String, DatabaseIs),
    /// `wait`: the server answered.
    Answered(Duration),
    /// `log`: one run.
    Logged(LogEntry),
    /// A database that is protected; `status` and `protect`.
    Protected(String, Protection),
    /// A database that is not, or not any more.
    Unprotected(String),
    /// `prove`: one migration.
    Verdict(prove::Verdict),
    /// A table that made-up rows do not fill.
    Short(prove::Short),
    /// `prove`: the end.
    Proved(prove::Proved),
    /// `check`: one finding.
    Found(Finding),
    /// `check`: the end of the list.
    Checked(CheckCounts),
    /// `plan`: one script, statement by statement.
    Planned(PlannedScript),
    /// `plan`: the sum, and what could not be seen.
    Summed(Summed),
    /// `plan`: a statement breaks a gate.
    Breach(Breach),
}

/// How many migrations are in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Applied and clean.
    pub applied: usize,
    /// Pending, late ones included.
    pub pending: usize,
    /// Faulty, edited, missing, stopped or in doubt; and files that belong to no migration.
    pub unclean: usize,
}

/// What `check` looked at and found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CheckCounts {
    /// Pairs.
    pub migrations: usize,
    /// What was told.
    pub findings: usize,
    /// What an `allow` silences.
    pub allowed: usize,
}

/// The connection that holds the lock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holder {
    /// The server's connection id.
    pub connection: Option<u64>,
    /// Account and host, as far as this account may see them.
    pub account: Option<String>,
    /// What it is doing.
    pub doing: Option<String>,
    /// How long the wait may last.
    pub limit: Duration,
}

/// Facts that weaken a promise, or that surprise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// Pending migrations older than the newest applied one will run.
    Late(Vec<Name>),
    /// The newest applied migration is not the one that was applied last.
    NotAppliedLast(Name, Name),
    /// A timestamp lies in the future.
    InFuture(Vec<Name>),
    /// `innodb_flush_log_at_trx_commit` is not 1.
    FlushLog(u64),
    /// The account lacks PROCESS, so InnoDB's table ids cannot be read.
    NoProcess,
    /// Statements of a migration, by number, of which a crash would leave no trace to recognise their outcome by.
    NoTrace(Name, Vec<usize>),
    /// A statement that uturn leaves out, and why.
    LeftOut(Name, usize, String),
    /// The down file differs from the one that was recorded with the up.
    DownDiffers(Name, DownFrom),
    /// No statement of this migration's down changes anything.
    DownDoesNothing(Name),
    /// Statements that a person has run by hand, by number, with their beginnings.
    CountsAsDone(Name, Direction, Vec<(usize, String)>),
    /// A statement of a half-run migration's down that had nothing to take back.
    NothingToTakeBack(Name, usize, String),
    /// Objects that differ from what they were before a half-run migration.
    NotAsBefore(Name, Vec<String>),
    /// The connection was lost; the run goes on with a new one.
    ConnectionLost,
    /// Another session keeps rows of uturn's own tables locked; the run goes on with a new connection.
    RecordLocked,
    /// A value of UTURN_ENV that uturn does not know as another environment, so that it counts as production.
    CountsAsProduction(String),
    /// DML on a table without transactions cannot be rolled back.
    NotTransactional(Name, usize, Vec<String>),
    /// Lines of the settings file that cannot be read, and are none of uturn's.
    EnvLines(String, Vec<usize>),
}

/// Which down script an undo runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DownFrom {
    /// The one recorded with the up.
    Kept,
    /// The file's.
    File,
}

/// A script begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Started {
    /// Which migration.
    pub name: Name,
    /// Which way.
    pub direction: Direction,
    /// The first statement to run, counted from 1.
    pub from: usize,
    /// How many statements the script has.
    pub statements: usize,
}

/// A script ended and is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// Which migration.
    pub name: Name,
    /// Which way.
    pub direction: Direction,
    /// How many statements the script has.
    pub statements: usize,
    /// Rows changed by its DML.
    pub rows: u64,
    /// From the first statement to the last.
    pub elapsed: Duration,
}

/// A warning of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Which migration.
    pub name: Name,
    /// Which statement, counted from 1.
    pub statement: usize,
    /// `Note`, `Warning` or `Error`.
    pub level: String,
    /// The server's number.
    pub number: u16,
    /// The server's text.
    pub text: String,
}

/// What recovery found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// Which migration.
    pub name: Name,
    /// Which way it was going.
    pub direction: Direction,
    /// Which statement, counted from 1.
    pub statement: usize,
    /// Whether it took effect.
    pub took_effect: bool,
    /// How that is known.
    pub evidence: String,
}

/// Why nothing was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nothing {
    /// Nothing is pending.
    Pending,
    /// Nothing is applied, or nothing newer than the one that stays.
    Applied,
}

/// What `create` or `drop` found or did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DatabaseIs {
    /// Made now.
    Created,
    /// Was there already.
    There,
    /// Dropped now.
    Dropped,
    /// Was not there.
    Absent,
}

/// One run in the journal.
#[derive(Clone, Debug, PartialEq)]
pub struct LogEntry {
    /// Its number.
    pub run: u64,
    /// Which migration.
    pub name: String,
    /// `up` or `down`.
    pub direction: String,
    /// `running`, `stopped`, `done`, `failed` or `undone`.
    pub state: String,
    /// Who: operating system user, account, and the host as the server saw it.
    pub by: String,
    /// UTC.
    pub started_at: String,
    /// Seconds, if it has ended.
    pub seconds: Option<f64>,
    /// Statements done, of how many.
    pub statements: (u64, u64),
    /// Rows changed by its DML.
    pub rows: u64,
    /// What the server said, where it stopped.
    pub error: Option<String>,
    /// The machine that uturn ran on, if it is known.
    pub host: Option<String>,
    /// How many warnings the server gave.
    pub warnings: u64,
}
