//! Why nothing may run, with what is needed to word it.

use crate::migration::name::{Direction, Name};
use crate::migration::pair::Fault;
use crate::migration::state::{Open, Row};
use std::fmt;

/// Why nothing may run. Nothing has been changed when one is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No migration fits the target.
    Unknown(String),
    /// Several migrations fit the target.
    Ambiguous(String, Vec<Name>),
    /// An undo's target is not applied.
    NotApplied(Name),
    /// Files that break the rules, of migrations that would run or stand before those; and the last one that can run.
    Faulty(Vec<Fault>, Option<Name>),
    /// Down files that would have to run and break the rules.
    FaultyDown(Vec<Fault>),
    /// Applied migrations whose files are not the ones that ran.
    Edited(Vec<Edited>),
    /// Applied migrations that have no file.
    Missing(Vec<Name>),
    /// Pending migrations older than the newest applied one, under `--strict`.
    Late(Vec<Name>, Name),
    /// An undo would pass migrations that cannot be undone; something newer than the first of them could be.
    Irreversible(Vec<(Name, String)>, Newer),
    /// An undo would need downs that neither the journal nor a file holds.
    NoWayBack(Vec<Name>),
    /// An `up` found an undo that stopped part-way.
    HalfUndone(Open),
    /// The migration that an undo is to keep stopped part-way.
    HalfKept(Open),
    /// An open run needs what only its session held.
    SessionLost(Name, String, Direction),
    /// The statements of an open run that are done are not those of the file.
    Unlike(Name, String, Direction),
    /// An applied migration that is to run again has no file.
    NoFile(Name),
}

/// A file that is not the one that was applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edited {
    /// Its name.
    pub name: Name,
    /// The name that it was applied under, where that is another one.
    pub applied_as: Option<Name>,
}

impl Edited {
    pub(crate) fn of(row: &Row) -> Edited {
        Edited { name: row.name.clone(), applied_as: row.applied_as.clone() }
    }
}

impl fmt::Display for Edited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.applied_as {
            Some(other) => write!(f, "`{}` (applied as `{other}`)", self.name),
            None => write!(f, "`{}`", self.name),
        }
    }
}

/// What an undo would revert before it meets a migration that it cannot revert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Newer {
    /// Others.
    Some,
    /// Nothing.
    None,
    /// Nothing, since that one has stopped part-way and is the first.
    Stopped,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Unknown(target) => write!(f, "no migration fits `{target}`"),
            Refusal::Ambiguous(target, fits) => write!(f, "`{target}` fits {} migrations: {}", fits.len(), list(fits)),
            Refusal::NotApplied(name) => {
                write!(f, "migration `{name}` is not applied, so there is nothing to undo down to it")
            }
            Refusal::Faulty(faults, _) | Refusal::FaultyDown(faults) => {
                f.write_str(&faults.iter().map(Fault::to_string).collect::<Vec<_>>().join("\n       "))
            }
            Refusal::Edited(files) => write!(f, "changed since applied: {}", some(files.iter().map(Edited::to_string))),
            Refusal::Missing(names) => write!(f, "applied, but without a file here: {}", list(names)),
            Refusal::Late(names, newest) => {
                write!(f, "pending, but older than the newest applied one (`{newest}`): {}", list(names))
            }
            Refusal::Irreversible(names, _) => {
                let each = |(name, reason): &(Name, String)| format!("`{name}` ({reason})");
                write!(f, "cannot be undone: {}", names.iter().map(each).collect::<Vec<_>>().join(", "))
            }
            Refusal::NoWayBack(names) => {
                write!(f, "no down script, neither kept in the database nor as a file: {}", list(names))
            }
            Refusal::HalfUndone(open) => {
                write!(
                    f,
                    "migration `{}` is half undone: its down stopped at statement {} of {}",
                    open.name, open.statement, open.of
                )
            }
            Refusal::HalfKept(open) => {
                write!(f, "migration `{}` stopped part-way, so it cannot be kept as it is", open.name)
            }
            Refusal::SessionLost(name, what, _) | Refusal::Unlike(name, what, _) => {
                write!(f, "migration `{name}` cannot resume where it stopped: {what}")
            }
            Refusal::NoFile(name) => write!(f, "migration `{name}` has no file here, so it cannot be run again"),
        }
    }
}

/// A hundred names help nobody; `uturn status` has them all.
fn list(names: &[Name]) -> String {
    some(names.iter().map(|name| format!("`{name}`")))
}

fn some(all: impl ExactSizeIterator<Item = String>) -> String {
    const MOST: usize = 6;
    let count = all.len();
    let mut words: Vec<String> = all.take(MOST).collect();
    if count > MOST {
        words.push(format!("and {} more", count - MOST));
    }
    words.join(", ")
}
