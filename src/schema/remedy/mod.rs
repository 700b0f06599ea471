//! The statements that would make a database what it was: one ALTER a table, in an order that the servers take. They are a
//! proposal: whoever shows them has tried them, and asks again for what is still missing then.

mod code;
mod options;
mod statement;
mod table;

use crate::schema::snapshot::{Definition, Object, Snapshot, Table};
use crate::statement::names::quoted;
pub use statement::Statement;
use statement::drop;
use std::collections::BTreeSet;
use table::Change;

/// What is done about foreign keys that are as they should be, of tables that are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForeignKeys {
    /// They stay.
    Kept,
    /// They are dropped first and added again: the servers refuse to change columns and keys that they need.
    Renewed,
}

/// What would make `now` what was `before`. Where something has another name only, it is renamed, and nothing else is proposed:
/// dropping it would lose its rows.
pub fn statements(before: &Snapshot, now: &Snapshot, keys: ForeignKeys) -> Vec<Statement> {
    let all = All { before, now, keys };
    let renames = all.renames();
    if !renames.is_empty() {
        return renames;
    }
    let changes = all.changes();
    let renewed = all.renewed(&changes);
    let mut found = code::before_tables(before, now);
    found.extend(changes.iter().filter_map(|change| change.drops(&renewed)));
    found.extend(all.left_over().map(|(object, _)| Statement::new(object, drop(object))));
    found.extend(changes.iter().flat_map(Change::alters));
    found.extend(all.gone().map(|(object, table)| created(object, table)));
    found.extend(changes.iter().filter_map(|change| change.adds(&renewed)));
    found.extend(code::after_tables(before, now));
    found
}

/// A table with its foreign keys, or without them where the tables that they point to are not there yet.
fn created(object: &Object, table: &Table) -> Statement {
    let mut bare = table.clone();
    bare.constraints.retain(|_, definition| !table::is_foreign_key(definition));
    let parts = if bare == *table { Vec::new() } else { vec![bare.statement(&object.name)] };
    Statement { parts, ..Statement::new(object, table.statement(&object.name)) }
}

/// Two snapshots.
struct All<'a> {
    before: &'a Snapshot,
    now: &'a Snapshot,
    keys: ForeignKeys,
}

impl<'a> All<'a> {
    fn gone(&self) -> impl Iterator<Item = (&'a Object, &'a Table)> {
        only_in(self.before, self.now)
    }

    fn left_over(&self) -> impl Iterator<Item = (&'a Object, &'a Table)> {
        only_in(self.now, self.before)
    }

    fn changes(&self) -> Vec<Change<'a>> {
        let change = |(object, is): (&'a Object, &'a Definition)| match (self.before.objects.get(object)?, is) {
            (Definition::Table(was), Definition::Table(is)) => Some(Change { object, was, is }),
            (Definition::Table(_) | Definition::Code(_), Definition::Table(_) | Definition::Code(_)) => None,
        };
        self.now.objects.iter().filter_map(change).collect()
    }

    /// Tables and columns that are there by another name: one that is gone, one that is left over, and both alike.
    fn renames(&self) -> Vec<Statement> {
        let columns = self.changes();
        let mut found: Vec<Statement> = columns.iter().filter_map(Change::renames_a_column).collect();
        for (object, was) in self.gone() {
            let is_it = |(_, is): &(&Object, &Table)| table::is_alike(was, is);
            let mut candidates = self.left_over().filter(is_it);
            let rivals = self.gone().filter(|(_, other)| table::is_alike(was, other)).count();
            if let (Some((other, _)), None, 1) = (candidates.next(), candidates.next(), rivals) {
                let sql = format!("RENAME TABLE {} TO {}", quoted(&other.name), quoted(&object.name));
                found.push(Statement::new(object, sql));
            }
        }
        found
    }

    /// The foreign keys, by table and name, of tables that are changed, and of those that point to such a table.
    fn renewed(&self, changes: &[Change<'_>]) -> BTreeSet<(String, String)> {
        let mut found = BTreeSet::new();
        if self.keys == ForeignKeys::Kept {
            return found;
        }
        let changed: Vec<&str> = changes.iter().filter(|one| !one.alters().is_empty()).map(Change::name).collect();
        for change in changes {
            for (name, definition) in change.foreign_keys() {
                let points_to = |table: &&str| definition.contains(&format!(" REFERENCES {} (", quoted(table)));
                if changed.contains(&change.name()) || changed.iter().any(points_to) {
                    found.insert((change.name().to_owned(), name.clone()));
                }
            }
        }
        found
    }
}

fn only_in<'a>(these: &'a Snapshot, those: &'a Snapshot) -> impl Iterator<Item = (&'a Object, &'a Table)> {
    these.objects.iter().filter(|(object, _)| !those.objects.contains_key(object)).filter_map(|(object, one)| match one
    {
        Definition::Table(table) => Some((object, table)),
        Definition::Code(_) => None,
    })
}
