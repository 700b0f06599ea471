//! What another runner may have done while this one had no lock: a connection was lost, and with it both locks, until they
//! were taken again. A run goes on only from what it has left itself.

use crate::engine::goal::{Check, Goal};
use crate::engine::history::Ledger;
use crate::engine::journal::OpenRun;
use crate::error::{Error, Kind, Result};
use crate::migration::name::{Direction, Name};
use crate::migration::plan::Applied;

/// What a run goes by: its goal, and what it found when it set out.
pub struct Aim {
    /// Where it goes.
    pub goal: Goal,
    /// The history, when the goal was made.
    pub found: Ledger,
}

impl Aim {
    /// Nothing of the goal's migrations is other than it was found: this run has committed nothing.
    pub fn is_untouched(&self, now: &Ledger) -> bool {
        let is_as_found = |name: &Name| now.row(name.version()) == self.found.row(name.version());
        self.goal.names().iter().all(is_as_found) && self.own(now) == self.own(&self.found)
    }

    /// The command that does what is left of it, however much that is: said once more, it does nothing more. None where the
    /// migrations are not all that are applied from the oldest of them on.
    pub fn command(&self) -> Option<String> {
        let (names, versions) = (self.goal.names(), self.goal.names().iter().map(Name::version));
        match self.goal {
            Goal::Up(_) => names.iter().max_by_key(|name| name.version()).map(|last| format!("uturn up --to {last}")),
            Goal::Down(..) => {
                let oldest = versions.min()?;
                let newer = self.found.history.iter().filter(|row| row.version >= oldest);
                let is_named = |row: &Applied| names.iter().any(|name| name.version() == row.version);
                let first = names.iter().find(|name| name.version() == oldest)?;
                newer.clone().all(is_named).then(|| format!("uturn undo --to {first}"))
            }
        }
    }

    /// Asks once more what the request means, of the history as it would be without what this run has done. An `up` goes on
    /// with what is left of its migrations, whoever has applied the others.
    pub fn look_again(&self, now: &Ledger, check: Check<'_>) -> Result<()> {
        match self.goal {
            Goal::Up(_) => Ok(()),
            Goal::Down(..) if self.is_another_ones(now) => Err(changed()),
            Goal::Down(..) => check(&self.without_own_work(now)).map(drop),
        }
    }

    /// Two runs that are open at once: the older one would be forgotten, and what it has done would run twice.
    pub fn goes_on_with(&self, open: &OpenRun) -> Result<()> {
        let is_named = self.goal.names().iter().any(|name| name.version() == open.name.version());
        let is_ours = match self.goal {
            Goal::Up(_) => is_named && open.direction == Direction::Up,
            Goal::Down(..) => is_named,
        };
        if is_ours { Ok(()) } else { Err(another_is_open(open)) }
    }

    /// A migration of the goal was applied, or begun, by somebody else since.
    fn is_another_ones(&self, now: &Ledger) -> bool {
        let is_new = |name: &Name| {
            let row = now.row(name.version());
            row.is_some() && row != self.found.row(name.version())
        };
        let found = self.found.open.as_ref().map(|open| open.number);
        let is_begun = |open: &OpenRun| open.direction == Direction::Up && Some(open.number) != found;
        self.goal.names().iter().any(is_new) || self.own(now).is_some_and(is_begun)
    }

    fn without_own_work(&self, now: &Ledger) -> Ledger {
        let is_own = |row: &&Applied| self.goal.names().iter().any(|name| name.version() == row.version);
        let mut history: Vec<Applied> = now.history.iter().filter(|row| !is_own(row)).cloned().collect();
        history.extend(self.found.history.iter().filter(is_own).cloned());
        history.sort_by_key(|row| row.version);
        Ledger { history, open: self.found.open.clone(), last_run: self.found.last_run, ..now.clone() }
    }

    fn own<'l>(&self, ledger: &'l Ledger) -> Option<&'l OpenRun> {
        let is_own = |open: &&OpenRun| self.goal.names().iter().any(|name| name.version() == open.name.version());
        ledger.open.as_ref().filter(is_own)
    }
}

/// The request of an undo means something else by now.
pub fn changed() -> Error {
    Error::new(Kind::History, "the history changed while this run waited, so it would undo something else now")
        .truth("nothing has been changed by this run")
        .hint("look at `uturn status` and run it again")
}

fn another_is_open(open: &OpenRun) -> Error {
    let (what, hint) = match open.direction {
        Direction::Up => (
            format!("migration `{}`, which another runner began while this run waited, stopped part-way", open.name),
            "run `uturn up --steps 1` to complete it, or `uturn undo --steps 1` to revert it; then look at `uturn status` and go on",
        ),
        Direction::Down => (
            format!(
                "the undo of migration `{}`, which another runner began while this run waited, stopped part-way",
                open.name
            ),
            "run `uturn undo --steps 1` to complete it; then look at `uturn status` and go on",
        ),
    };
    Error::new(Kind::History, what).truth("nothing has been changed by this run").hint(hint)
}
