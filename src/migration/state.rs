//! What files and history say of migrations, as values.

use crate::migration::name::{Direction, Name, Version};
use crate::migration::pair::Fault;

/// A pair of files, as far as the order is concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Version and stem.
    pub name: Name,
    /// refinery's checksum over name, version and the text of the up script; or why that cannot be read.
    pub checksum: Result<u64, Fault>,
    /// What is wrong with the pair, where it is not applied.
    pub faults: Vec<Fault>,
    /// The row that it has been found to be like, where it is not the same.
    pub alike: Option<Alike>,
}

/// A row of the history, and how a file of its version is like what was applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alike {
    /// The row's name.
    pub name: String,
    /// The row's checksum.
    pub checksum: u64,
    /// In what.
    pub likeness: Likeness,
}

/// In what a file is like the one that was applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Likeness {
    /// Line ends and the byte-order mark aside, it is the same.
    Text,
    /// Its statements are the same.
    Statements,
}

impl Known {
    /// Name and text are those that were applied.
    pub fn is(&self, row: &Applied) -> bool {
        self.checksum.as_ref().is_ok_and(|checksum| *checksum == row.checksum) && self.name.history_name() == row.name
    }

    /// What is true of it where it is applied.
    pub(crate) fn state(&self, row: &Applied) -> State {
        if let Err(fault) = &self.checksum {
            return State::Faulty(vec![fault.clone()]);
        }
        let alike = self.alike.as_ref().filter(|alike| alike.name == row.name && alike.checksum == row.checksum);
        match alike.map(|alike| alike.likeness) {
            _ if self.is(row) => State::Applied,
            Some(Likeness::Text) => State::Applied,
            Some(Likeness::Statements) => State::EditedOutside,
            None => State::Edited,
        }
    }

    /// The name that it was applied under, where it has another one now.
    pub(crate) fn applied_as(&self, row: &Applied) -> Option<Name> {
        let is_other = row.name != self.name.history_name();
        is_other.then(|| Name::from_history(row.version, &row.name))
    }
}

/// A row of refinery's table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The version column.
    pub version: Version,
    /// The name column.
    pub name: String,
    /// The checksum column.
    pub checksum: u64,
    /// The applied_on column, RFC 3339.
    pub applied_on: String,
}

/// A migration that is neither applied nor pending: it stopped part-way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// Which migration.
    pub name: Name,
    /// Which way it was going.
    pub direction: Direction,
    /// The first statement that is not done, counted from 1.
    pub statement: usize,
    /// How many statements its script had.
    pub of: usize,
    /// The journal holds an intent without an outcome for that statement.
    pub in_doubt: bool,
    /// What the server said, where it said anything.
    pub error: Option<String>,
}

/// What is true of one migration now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// In the history, and its file is the one that ran.
    Applied,
    /// A file that is not in the history.
    Pending,
    /// Pending, and older than the newest applied one.
    Late,
    /// Applied, and its file is not the one that ran.
    Edited,
    /// Applied, and its file is another one, with the statements that ran: comments, blank lines or the name differ.
    EditedOutside,
    /// Applied, and there is no file.
    Missing,
    /// Its files break the rules: not applied, or applied and the up cannot be read.
    Faulty(Vec<Fault>),
    /// Stopped part-way.
    Stopped(Open),
    /// Stopped part-way, and nobody knows yet whether a statement took effect.
    InDoubt(Open),
}

/// One migration in the survey.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Version and stem.
    pub name: Name,
    /// What is true of it.
    pub state: State,
    /// When it was applied, RFC 3339.
    pub applied_on: Option<String>,
    /// The name that it was applied under, where its file has another one now.
    pub applied_as: Option<Name>,
}
