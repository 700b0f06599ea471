//! What `prove` finds.

use crate::migration::name::Name;
use crate::sample_rows::loss::Loss;
use crate::schema::difference::Difference;
use crate::schema::remedy::Statement;
use crate::schema::snapshot::Object;
use crate::statement::secrets;
use std::time::Duration;

/// What is known of one migration.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// Which one.
    pub name: Name,
    /// The answer.
    pub finding: Finding,
    /// Values of made-up rows that did not come back.
    pub losses: Vec<Loss>,
    /// How long it took to find out.
    pub elapsed: Duration,
}

/// Tables that have fewer made-up rows than wished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Short {
    /// The migration after which it showed, or before which, where it is the first to be proven.
    pub migration: Name,
    /// The table.
    pub table: String,
    /// The rows that it has.
    pub rows: u64,
    /// The rows that it should have.
    pub of: u64,
    /// Why it has no more.
    pub why: String,
}

/// The answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Finding {
    /// Its down is the way back of its up.
    Proven,
    /// It says itself that there is no way back.
    Irreversible(String),
    /// Something is wrong with it.
    NotProven(Fault),
    /// A migration before it cannot be run.
    NotReached,
}

/// What is wrong, and when it showed.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// When.
    pub phase: Phase,
    /// What.
    pub trouble: Trouble,
    /// The made-up rows in each table; zero where there were none.
    pub rows: u64,
    /// A table that the up needs and that no migration makes: the folder was begun on a database that had it.
    pub never_made: Option<String>,
}

/// What to do about a table that no migration makes.
pub fn begun_in_use(table: &str) -> String {
    format!(
        "`prove` begins in an empty database, and no migration makes `{table}`: where the first one was written for a database that \
         had it, add one before it that makes what was there, with CREATE TABLE IF NOT EXISTS, and whose down says \
         `-- uturn: irreversible: it was there before`"
    )
}

/// The parts of a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Its up, for the first time.
    Up,
    /// Its down behind that.
    Down,
    /// Its up once more, behind its down.
    UpAgain,
    /// `up` again, of a migration that stopped behind this statement.
    GoneOn(usize),
    /// `undo` of a migration that stopped behind this statement.
    TakenBack(usize),
    /// All the way down.
    WayDown,
    /// All the way up again.
    WayUp,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq)]
pub enum Trouble {
    /// The server refuses a statement, and says why; and what of an up is then still to be taken back.
    Refused(Blame, String, Vec<Difference>, Remedy),
    /// Something is not as it was.
    Differs(Vec<Differs>, Remedy),
    /// uturn itself does not come to an end there, and says why.
    Stuck(String),
    /// Values are lost, and `--no-loss` was given.
    Loses,
}

/// What makes everything as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// These statements, in this order: they ran in the scratch database, and led there. None where nothing is missing.
    Tried(Vec<Statement>),
    /// No statement that was tried leads there.
    NoneFound,
}

impl Remedy {
    /// The statements about an object, as they may be shown.
    pub fn of(&self, object: &Object) -> Option<String> {
        let Remedy::Tried(statements) = self else { return None };
        let about = statements.iter().filter(|statement| statement.object == *object);
        let list: Vec<String> = about.map(without_secrets).collect();
        (!list.is_empty()).then(|| list.join(";\n"))
    }

    /// All of them, as they may be shown.
    pub fn shown(&self) -> Option<Vec<String>> {
        match self {
            Remedy::Tried(statements) => Some(statements.iter().map(without_secrets).collect()),
            Remedy::NoneFound => None,
        }
    }
}

fn without_secrets(statement: &Statement) -> String {
    secrets::cut_script(&statement.sql).into_owned()
}

/// One thing that is not as it was, and the statement that is to blame, where it can be told.
#[derive(Clone, Debug, PartialEq)]
pub struct Differs {
    /// The thing.
    pub difference: Difference,
    /// The last statement of the script that speaks of it.
    pub blame: Option<Blame>,
}

/// A statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blame {
    /// Its file, as the user knows it.
    pub path: String,
    /// Counted from 1.
    pub statement: usize,
    /// Where it begins.
    pub line: u32,
    /// In characters, counted from 1.
    pub column: u32,
    /// The text of that line.
    pub text: String,
}

/// The end of a proof.
#[derive(Clone, Debug, PartialEq)]
pub struct Proved {
    /// The server that it holds for: `MariaDB 10.11.19`.
    pub server: String,
    /// Migrations whose down is the way back of their up.
    pub proven: usize,
    /// Migrations that are not proven, those that were not reached included.
    pub unproven: usize,
    /// Migrations that say that there is no way back.
    pub irreversible: usize,
    /// The way down from the newest, and up again.
    pub way: Way,
    /// All of it.
    pub elapsed: Duration,
}

/// The way down from the newest migration, and up again.
#[derive(Clone, Debug, PartialEq)]
pub enum Way {
    /// All the way down, nothing left, and up again to the same.
    Whole,
    /// Down to a migration that is not proven, that cannot be undone, or that was not to be proven, and up again.
    DownTo(Name),
    /// The newest one is such a migration already.
    Nowhere,
    /// It failed in a migration.
    Fails(Name, Fault),
    /// It came to its end, but something is not as it should be there.
    Differs(Phase, Vec<Difference>, Remedy),
}

impl Way {
    /// Whether anything is wrong with it.
    pub fn is_clean(&self) -> bool {
        match self {
            Way::Whole | Way::DownTo(_) | Way::Nowhere => true,
            Way::Fails(..) | Way::Differs(..) => false,
        }
    }
}
