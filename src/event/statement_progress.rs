//! What is seen of a statement while it runs: how far it is, who keeps it waiting, and signals that arrive meanwhile.

use crate::error::Kind;
use crate::migration::name::{Direction, Name};
use std::fmt;
use std::time::Duration;

/// A signal that asks for an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGINT.
    Interrupt,
    /// SIGTERM.
    Terminate,
}

impl Signal {
    /// The kind of failure that a run ends in.
    pub fn kind(self) -> Kind {
        match self {
            Signal::Interrupt => Kind::Interrupted,
            Signal::Terminate => Kind::Terminated,
        }
    }

    /// Its name.
    pub fn word(self) -> &'static str {
        match self {
            Signal::Interrupt => "SIGINT",
            Signal::Terminate => "SIGTERM",
        }
    }
}

/// What the server is busy with for this run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Busy {
    /// Which migration.
    pub name: Name,
    /// Which way.
    pub direction: Direction,
    /// Which statement, counted from 1.
    pub statement: usize,
    /// How many statements the script has.
    pub statements: usize,
    /// Whether it is that statement, or uturn's own row about it.
    pub with: With,
}

/// A statement, or the record of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum With {
    /// The script's own.
    Statement,
    /// uturn's.
    Record,
}

/// A statement is under way. Told about once a second, from its first second on.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// What.
    pub busy: Busy,
    /// Since when.
    pub elapsed: Duration,
    /// What the server says it does: `copy to tmp table`.
    pub state: Option<String>,
    /// How far the server says it is, 0 to 100.
    pub percent: Option<f64>,
}

/// A statement waited for a lock, in vain.
#[derive(Clone, Debug, PartialEq)]
pub struct Blocked {
    /// Which migration.
    pub name: Name,
    /// Which way.
    pub direction: Direction,
    /// Which statement, counted from 1.
    pub statement: usize,
    /// How long it waited.
    pub waited: Duration,
    /// Who was in the way, as far as the account could see.
    pub waits: Waits,
    /// It is sent again after this pause, in which nothing of it is queued.
    pub again_after: Duration,
    /// The try that failed, counted from 1, and how many there will be.
    pub tries: (u32, u32),
}

/// Who is in the way of a statement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waits {
    /// The oldest transaction first.
    pub by: Vec<Blocker>,
    /// What would let this account see more.
    pub unseen: Option<String>,
}

/// A session that is in the way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Blocker {
    /// The server's connection id.
    pub connection: u64,
    /// The server said that it holds the lock. Otherwise it only has a transaction open, and may be another one.
    pub is_certain: bool,
    /// Account and host.
    pub account: Option<String>,
    /// `Sleep`, `Query`.
    pub command: Option<String>,
    /// For how long.
    pub seconds: Option<u64>,
    /// The age of its transaction, in seconds.
    pub transaction: Option<u64>,
    /// What it runs, or ran last.
    pub statement: Option<String>,
}

/// In one line: `connection 19 (app@10.0.0.7), Sleep for 12 s, in a transaction of 15 s, at: UPDATE …`.
impl fmt::Display for Blocker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let perhaps = if self.is_certain { "" } else { "perhaps " };
        write!(f, "{perhaps}connection {}", self.connection)?;
        if let Some(account) = &self.account {
            write!(f, " ({account})")?;
        }
        if let Some(command) = &self.command {
            write!(f, ", {command}")?;
        }
        if let (Some(_), Some(seconds)) = (&self.command, self.seconds) {
            write!(f, " for {seconds} s")?;
        }
        if let Some(age) = self.transaction {
            write!(f, ", in a transaction of {age} s")?;
        }
        match &self.statement {
            Some(statement) => write!(f, ", at: {statement}"),
            None => Ok(()),
        }
    }
}

/// A signal was heard.
#[derive(Clone, Debug, PartialEq)]
pub struct Stopping {
    /// Which.
    pub signal: Signal,
    /// What is under way, and for how long.
    pub waits_for: Option<(Busy, Duration)>,
    /// What happens now.
    pub then: Then,
}

/// What a signal brings about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// What is under way may end.
    Waits,
    /// It only waits for another session's lock: the wait ends.
    EndsTheWait,
    /// It was the second: the statement is killed on the server.
    Kills,
    /// It could not be killed.
    CannotKill,
}
