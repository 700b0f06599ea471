//! Where a run is to bring migrations.

use crate::engine::history::Ledger;
use crate::engine::make_tasks::Downs;
use crate::error::Result;
use crate::event::Nothing;
use crate::migration::name::Name;

/// Where migrations are to be brought.
#[derive(Clone, Debug)]
pub enum Goal {
    /// Applied, in this order.
    Up(Vec<Name>),
    /// Undone, in this order.
    Down(Vec<Name>, Downs),
}

impl Goal {
    /// The migrations that it is about.
    pub fn names(&self) -> &[Name] {
        match self {
            Goal::Up(names) | Goal::Down(names, _) => names,
        }
    }

    /// Another runner was first.
    pub fn nothing(&self) -> Nothing {
        match self {
            Goal::Up(_) => Nothing::Pending,
            Goal::Down(..) => Nothing::Applied,
        }
    }
}

/// What the run is to do, now that the lock is held.
pub type Check<'a> = &'a (dyn Fn(&Ledger) -> Result<Goal> + Sync);
