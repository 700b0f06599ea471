//! The rows of a proof: made up before each up and before each down, and compared behind them. Without `--rows` there are none,
//! and nothing here does anything.

use crate::event::prove::{Fault, Finding, Phase, Short, Trouble};
use crate::migration::name::Name;
use crate::proof::fill::{self, Filler};
use crate::sample_rows::loss::{self, Contents, Loss};
use std::collections::BTreeSet;

/// The moments of one migration's proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    /// Every table is filled: what fails on data is to fail in the up.
    BeforeUp,
    /// What the up made or changed is filled: a down has to cope with what its up allows.
    BeforeDown,
    /// Behind the down.
    AfterDown,
    /// Behind the second up.
    AfterUp,
}

/// The rows of a proof.
pub struct Filling {
    filler: Option<Filler>,
    no_loss: bool,
    before_up: Contents,
    before_down: Contents,
    losses: Vec<Loss>,
    short: Vec<fill::Short>,
    /// Each table is told once.
    told: BTreeSet<String>,
}

impl Filling {
    /// By a filler, if there are to be rows.
    pub fn new(filler: Option<Filler>, no_loss: bool) -> Filling {
        Filling {
            filler,
            no_loss,
            before_up: Contents::new(),
            before_down: Contents::new(),
            losses: Vec::new(),
            short: Vec::new(),
            told: BTreeSet::new(),
        }
    }

    /// The rows in each table.
    pub fn rows(&self) -> u64 {
        self.filler.as_ref().map_or(0, |filler| filler.wish().rows)
    }

    /// The next migration.
    pub fn begin(&mut self) {
        self.losses.clear();
    }

    /// The database has been made anew.
    pub fn forget(&mut self) {
        if let Some(filler) = &mut self.filler {
            filler.forget();
        }
    }

    /// Does what is to be done at this moment.
    pub fn at(&mut self, when: Rows) -> mysql::Result<()> {
        let Some(filler) = &mut self.filler else { return Ok(()) };
        if matches!(when, Rows::BeforeUp | Rows::BeforeDown) {
            self.short.extend(filler.fill()?);
        }
        let now = filler.look()?;
        match when {
            Rows::BeforeUp => self.before_up = now,
            Rows::BeforeDown => self.before_down = now,
            Rows::AfterDown => self.losses.extend(loss::of_up(&self.before_up, &now)),
            Rows::AfterUp => self.losses.extend(loss::of_down(&self.before_up, &self.before_down, &now)),
        }
        Ok(())
    }

    /// What this migration loses.
    pub fn losses(&mut self) -> Vec<Loss> {
        std::mem::take(&mut self.losses)
    }

    /// With `--no-loss` a loss that could be avoided is a failure.
    pub fn judge(&self, finding: Finding, losses: &[Loss]) -> Finding {
        let avoidable = losses.iter().map(|loss| loss.cause).filter(|cause| cause.is_avoidable()).min();
        match (finding, avoidable) {
            (Finding::Proven, Some(cause)) if self.no_loss => {
                let phase = if cause == loss::Cause::Up { Phase::Down } else { Phase::UpAgain };
                Finding::NotProven(Fault { phase, trouble: Trouble::Loses, rows: self.rows(), never_made: None })
            }
            (finding, _) => finding,
        }
    }

    /// Tables that stay short of rows, and have not been told.
    pub fn short(&mut self, migration: &Name) -> Vec<Short> {
        let of = self.rows();
        let new = std::mem::take(&mut self.short).into_iter().filter(|short| self.told.insert(short.table.clone()));
        let told = |short: fill::Short| {
            let fill::Short { table, rows, why } = short;
            Short { migration: migration.clone(), table, rows, of, why }
        };
        new.map(told).collect()
    }
}
