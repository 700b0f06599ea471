//! What there is to run: a script's statements, and what is known of the script.

use crate::script::lexer::Modes;
use crate::statement::ddl::Ddl;
use std::ops::Range;
use std::sync::Arc;

/// One statement of a script.
#[derive(Clone, Debug)]
pub struct Step {
    /// Counted from 1.
    pub number: usize,
    /// Where in the text.
    pub span: Range<usize>,
    /// How the text is read at this point.
    pub modes: Modes,
    /// How it is run.
    pub action: Action,
    /// Which of the script's INSERTs differ from it in their values only: those with the same number.
    pub shape: Option<u16>,
}

/// How a statement is run.
#[derive(Clone, Debug)]
pub enum Action {
    /// In a transaction, together with its row.
    Dml,
    /// Announced: it commits by itself.
    Ddl(Arc<Ddl>),
    /// Announced; its failure comes as rows.
    Maintenance,
    /// Announced: SET GLOBAL, SET PERSIST.
    Global,
    /// Announced, then in a transaction: what it holds may commit, or not.
    Call,
    /// Run, and run again by whoever goes on behind it.
    Session,
    /// BEGIN and COMMIT: here a transaction of uturn's own begins or ends.
    Boundary,
    /// Not run, for a reason.
    LeaveOut(&'static str),
}

impl Action {
    /// It leaves a row in the journal: what it does outlives the session.
    pub fn is_durable(&self) -> bool {
        !matches!(self, Action::Session | Action::LeaveOut(_) | Action::Boundary)
    }

    /// It does one thing, so that an error about that thing is about all of it. Of several, the others may be left to do.
    pub fn does_one_thing(&self) -> bool {
        !matches!(self, Action::Ddl(ddl) if ddl.several_clauses || ddl.multi_object)
    }

    /// The word in the journal.
    pub fn word(&self) -> &'static str {
        match self {
            Action::Dml => "dml",
            Action::Ddl(_) => "ddl",
            Action::Maintenance => "maintenance",
            Action::Global => "global",
            Action::Call => "call",
            Action::Session => "session",
            Action::Boundary => "boundary",
            Action::LeaveOut(_) => "left out",
        }
    }
}
