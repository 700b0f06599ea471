//! The sum over a plan, and the limits that a deployment sets it. What nobody can answer does not pass.

use crate::cost::estimate::{Assessed, Blocks, Commits, Cost, Count, Loss};
use crate::migration::name::Name;

/// The sum over a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// Statements that would run.
    pub statements: u64,
    /// Of them, rebuild a table or a part of it.
    pub rebuilds: u64,
    /// Bytes that would be rebuilt, as far as they are known.
    pub bytes: u64,
    /// Block writes, or reads and writes.
    pub blocking: u64,
    /// Could not be tried, or not be asked about.
    pub unknown: u64,
    /// Fail on the clone.
    pub failing: u64,
    /// Tables that would be gone.
    pub tables: u64,
    /// Columns that would be gone.
    pub columns: u64,
    /// Rows that would be gone, as far as they are counted.
    pub rows: u64,
}

impl Sum {
    /// Adds a statement.
    pub fn add(&mut self, one: &Assessed) {
        self.statements += 1;
        self.rebuilds += u64::from(one.rebuilds());
        self.bytes += if one.rebuilds() { one.rebuilt_bytes().unwrap_or_default() } else { 0 };
        self.blocking += u64::from(one.blocks().is_some_and(|blocks| blocks > Blocks::Nothing));
        self.failing += u64::from(matches!(one.cost, Cost::Fails(_)));
        let is_unknown = one.blocks().is_none() || one.rebuilt_bytes().is_none();
        self.unknown += u64::from(is_unknown && !matches!(one.cost, Cost::Fails(_)));
        for loss in &one.losses {
            let counted = |count: &Count| match count {
                Count::Exactly(rows) | Count::MoreThan(rows) | Count::About(rows) => *rows,
                Count::Unknown => 0,
            };
            match loss {
                Loss::Table(_, rows) => {
                    self.tables += 1;
                    self.rows += counted(rows);
                }
                Loss::Column(..) => self.columns += 1,
                Loss::Partition(_, _, rows) | Loss::Rows(_, rows) => self.rows += counted(rows),
                Loss::Database(_) | Loss::Unknown(_) => {}
            }
        }
    }
}

/// What a plan must not do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gates {
    /// `--max-rebuild`: bytes rebuilt by all statements together.
    pub max_rebuild: Option<u64>,
    /// `--require-online`: no statement blocks reads or writes.
    pub require_online: bool,
    /// `--no-destructive`: no table, column, partition or row goes.
    pub no_destructive: bool,
}

/// Which gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// `--max-rebuild`
    MaxRebuild,
    /// `--require-online`
    RequireOnline,
    /// `--no-destructive`
    NoDestructive,
}

/// Why a gate says no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// It rebuilds so many bytes, so many of the limit.
    Rebuilds(u64, u64),
    /// It blocks.
    Blocks(Blocks),
    /// It destroys.
    Destroys(Loss),
    /// It fails on the clone.
    Fails,
    /// Nobody can say.
    Unknown,
}

/// One statement at one gate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// Which gate.
    pub gate: Gate,
    /// Which migration.
    pub name: Name,
    /// Which statement, counted from 1.
    pub statement: usize,
    /// Why.
    pub why: Why,
}

impl Gates {
    /// What breaks which gate, in the order of the statements.
    pub fn breaches(&self, all: &[(Name, usize, Assessed)]) -> Vec<Breach> {
        let total: u64 = all.iter().filter_map(|(.., one)| one.rebuilt_bytes()).sum();
        let mut found = Vec::new();
        for (name, statement, one) in all {
            let mut breach = |gate, why| found.push(Breach { gate, name: name.clone(), statement: *statement, why });
            let fails = matches!(one.cost, Cost::Fails(_));
            let unless_known = if fails { Why::Fails } else { Why::Unknown };
            if let Some(limit) = self.max_rebuild {
                match one.rebuilt_bytes() {
                    Some(0) => {}
                    Some(bytes) if total > limit => breach(Gate::MaxRebuild, Why::Rebuilds(bytes, limit)),
                    Some(_) => {}
                    None => breach(Gate::MaxRebuild, unless_known.clone()),
                }
            }
            if self.require_online {
                match one.blocks() {
                    Some(Blocks::Nothing) => {}
                    Some(blocks) => breach(Gate::RequireOnline, Why::Blocks(blocks)),
                    None => breach(Gate::RequireOnline, unless_known),
                }
            }
            if self.no_destructive {
                for loss in &one.losses {
                    let why = match loss {
                        Loss::Unknown(_) => Why::Unknown,
                        Loss::Table(..)
                        | Loss::Column(..)
                        | Loss::Partition(..)
                        | Loss::Rows(..)
                        | Loss::Database(_) => Why::Destroys(loss.clone()),
                    };
                    breach(Gate::NoDestructive, why);
                }
                if one.losses.is_empty() && one.commits == Commits::AsItsContent {
                    breach(Gate::NoDestructive, Why::Unknown);
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::estimate::{Algorithm, Rebuilt, Size, Touched};

    fn rebuild(bytes: u64, is_new: bool) -> Assessed {
        let size = Some(Size { rows: 1, bytes, engine: "InnoDB".to_owned() });
        let table = Touched { name: "t".to_owned(), size, is_new, referenced_by: Vec::new() };
        Assessed {
            cost: Cost::Accepted(Algorithm::Copy, Blocks::Writes, Rebuilt::Whole),
            part: None,
            commits: Commits::ByItself,
            tables: vec![table],
            losses: Vec::new(),
            rows: None,
            blockers: Vec::new(),
            remarks: Vec::new(),
        }
    }

    #[test]
    fn gates_name_each_statement_that_breaks_them() {
        let name = Name::parse("20260101000000-a").expect("a stem");
        let mut lossy = rebuild(0, false);
        lossy.losses.push(Loss::Table("t".to_owned(), Count::Exactly(2)));
        let all = [
            (name.clone(), 1, rebuild(600, false)),
            (name.clone(), 2, rebuild(600, false)),
            (name.clone(), 3, rebuild(600, true)),
            (name, 4, lossy),
        ];
        let at = |gates: Gates| -> Vec<usize> { gates.breaches(&all).iter().map(|b| b.statement).collect() };
        assert_eq!(at(Gates { max_rebuild: Some(1_000), ..Gates::default() }), [1, 2]);
        assert_eq!(at(Gates { max_rebuild: Some(1_200), ..Gates::default() }), [0; 0]);
        assert_eq!(at(Gates { require_online: true, ..Gates::default() }), [1, 2, 4]);
        assert_eq!(at(Gates { no_destructive: true, ..Gates::default() }), [4]);
        let mut sum = Sum::default();
        all.iter().for_each(|(.., one)| sum.add(one));
        assert_eq!((sum.statements, sum.bytes, sum.blocking, sum.tables, sum.rows), (4, 1_200, 3, 1, 2));
    }

    #[test]
    fn what_is_not_known_breaks_every_gate_that_asks() {
        let name = Name::parse("20260101000000-a").expect("a stem");
        let mut one = rebuild(600, false);
        one.cost = Cost::Untried("no scratch".to_owned());
        let gates = Gates { max_rebuild: Some(1 << 40), require_online: true, no_destructive: true };
        let why: Vec<Why> = gates.breaches(&[(name, 1, one)]).into_iter().map(|b| b.why).collect();
        assert_eq!(why, [Why::Unknown, Why::Unknown]);
    }
}
