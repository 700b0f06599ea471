//! What `plan` tells.

use crate::cost::estimate::{Assessed, Blocker};
use crate::cost::limits::Sum;
use crate::migration::name::{Direction, Name};
use crate::script::position::Position;

/// A script that would run.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedScript {
    /// Which migration.
    pub name: Name,
    /// Which way.
    pub direction: Direction,
    /// The file, or where else the text comes from.
    pub path: String,
    /// The first statement to run, counted from 1.
    pub from: usize,
    /// How many statements the script has.
    pub of: usize,
    /// Those that would run.
    pub statements: Vec<Planned>,
}

/// A statement that would run.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// Counted from 1.
    pub number: usize,
    /// Where it stands.
    pub at: Position,
    /// Its beginning, in one line.
    pub head: String,
    /// The journal's word for its kind.
    pub kind: &'static str,
    /// Everything else.
    pub assessed: Assessed,
}

/// The end of a plan.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summed {
    /// All statements together.
    pub sum: Sum,
    /// What the account may not see.
    pub unseen: Vec<Unseen>,
    /// Open transactions, where the server does not say which tables they use.
    pub transactions: Vec<Blocker>,
}

/// What could not be found out, and the right that would help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unseen {
    /// No scratch database: what the server said.
    Scratch(String, Grant),
    /// No scratch database, since nothing may be written here: why.
    NoScratch(String),
    /// What InnoDB keeps beside a table's definition: traces of a FULLTEXT index.
    Inner(Grant),
    /// Who uses the tables now.
    Users(Grant),
}

/// A GRANT, whole but for the host.
pub type Grant = String;
