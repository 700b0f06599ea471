//! What there is to run: a script's statements, and what is known of the script.

use crate::db::monitor::Signals;
use crate::engine::journal::{Down, DownData};
use crate::engine::run::Steps;
use crate::error::Place;
use crate::migration::lock_wait::{Patience, Wish};
use crate::migration::name::{Direction, Name};
use crate::script::lexer::Modes;
use crate::script::position::Position;
use crate::script::source_text::Text;
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

/// A script that is to run.
#[derive(Clone, Debug)]
pub struct Task {
    /// Which migration.
    pub name: Name,
    /// Which way.
    pub direction: Direction,
    /// The file, as the user knows it, or where else the text comes from.
    pub path: String,
    /// The script.
    pub text: Text,
    /// Its statements.
    pub steps: Steps,
    /// refinery's checksum of the up script.
    pub checksum: String,
    /// The way back: for an up the one to record, for a down the script itself.
    pub down: Down,
    /// The run that this one goes on with, and the first statement to run.
    pub resumes: Option<(u64, usize)>,
    /// In an earlier try a part of that statement took effect.
    pub had_part: bool,
    /// The statements before that one which are run again, since they only set up the session; by number.
    pub again: Vec<usize>,
    /// LAST_INSERT_ID() had a value in a session that has ended.
    pub last_id_is_gone: bool,
    /// The stopped up run that this down takes back.
    pub takes_back: Option<u64>,
    /// What a person said of its statements that may destroy data.
    pub down_data: Option<DownData>,
    /// How patient it wants to be.
    pub wish: Wish,
    /// Whether its files are at hand, to be changed.
    pub files: Files,
}

/// Whether the files of a migration are at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Files {
    /// They are.
    Here,
    /// The database alone has its down script.
    Missing,
}

impl Task {
    /// A statement's text.
    pub fn text_of(&self, step: &Step) -> &str {
        &self.text[step.span.clone()]
    }

    /// Where a statement stands in its file.
    pub fn place_of(&self, step: &Step) -> Place {
        Place::new(&self.path, &self.text, Position::of(&self.text, step.span.start))
    }
}

/// What surrounds a run.
pub struct Surroundings<'a> {
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
    /// They are told, and kept in the journal.
    #[default]
    Tell,
    /// They stop the run as well.
    Stop,
}

/// This machine's name, where the system tells it in a file, as Linux does; empty elsewhere.
pub fn host_name() -> String {
    std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default().trim().chars().take(255).collect()
}
