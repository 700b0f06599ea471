//! What takes data away, or fails on the rows that are there; and what an application that still runs trips over.

use std::collections::HashSet;

use crate::lint::column::Column;
use crate::lint::finding::{Hit, Risk, Thing};
use crate::lint::known_tables::View;
use crate::lint::read::{Change, Guard, What, key};
use crate::lint::rebuild;
use crate::lint::script::{Script, updated};
use crate::lint::statement::Statement;
use crate::migration::name::Direction;
use crate::statement::cursor::{Cursor, Span, Token, commas};
use crate::statement::ddl::Object;
use crate::statement::names::unquote;
use crate::statement::tree::DmlVerb;

/// What the statements of a script so far have prepared.
#[derive(Default)]
pub(crate) struct Prepared {
    /// Table and column: an UPDATE or DELETE has named it, so somebody thought of the rows.
    eased: HashSet<(String, String)>,
    /// Table and column: it is new in this script.
    added: HashSet<(String, String)>,
    /// Tables that this script has made.
    made: HashSet<String>,
}

impl Prepared {
    /// Takes a statement that has been looked at.
    pub(crate) fn enter(&mut self, statement: &Statement) {
        if let Some((table, dml)) = updated(&statement.tree) {
            let names = statement.tree.tokens[dml.tokens.clone()].iter().filter(|token| token.is_name());
            self.eased.extend(names.map(|name| (key(&table), key(&unquote(name.text)))));
        }
        for change in &statement.changes {
            match &change.what {
                What::AddColumn(column, _) => drop(self.added.insert((key(&change.object), key(&column.name)))),
                What::CreateTable(_) => drop(self.made.insert(key(&change.object))),
                What::RenameTable(new) => drop(self.made.insert(key(new))),
                _ => {}
            }
        }
    }
}

/// UPDATE and DELETE of all rows.
pub(crate) fn all_rows(statement: &Statement, script: &Script, other: &Script, done: &Prepared, hits: &mut Vec<Hit>) {
    let Some((table, dml)) = updated(&statement.tree) else { return };
    if script.is_its_own(&table) || other.is_its_own(&table) {
        return;
    }
    let is_update = dml.verb == DmlVerb::Update;
    let tokens = &statement.tree.tokens[dml.tokens.clone()];
    // Several tables: a join says which rows. A query for a table may say it, too.
    let is_joined = dml.tables.len() != 1 || dml.targets.is_none();
    let mut limit = Cursor::new(tokens);
    limit.skip_until(|token| token.is_any(&["WHERE", "LIMIT"]));
    if is_joined || !limit.is_at_end() {
        return;
    }
    let is_new = |column: &String| done.added.contains(&(key(&table), key(column)));
    if is_update && assigned(tokens).iter().all(is_new) {
        return;
    }
    let statement_word = if is_update { "UPDATE" } else { "DELETE" };
    let risk = Risk::NoWhere { statement: statement_word, table };
    hits.push(Hit { direction: script.direction, offset: statement.at, risk });
}

/// The columns that `SET a = …, t.b = …` sets.
fn assigned(tokens: &[Token]) -> Vec<String> {
    let set = tokens.iter().position(|token| token.is_word("SET")).map_or(tokens.len(), |at| at + 1);
    let target = |part: Span| {
        let equals = part.clone().find(|at| tokens[*at].is("="))?;
        Some(tokens[part.start..equals].iter().rfind(|token| token.is_name())?.ident().plain())
    };
    commas(tokens, set).into_iter().filter_map(target).collect()
}

/// What a clause takes away, or asks of the rows.
pub(crate) fn change(change: &Change, view: &View, pair: (&Script, &Script), done: &Prepared, hits: &mut Vec<Hit>) {
    let (script, other) = pair;
    let mut hit = |risk| hits.push(Hit { direction: script.direction, offset: change.at, risk });
    let table = change.object.clone();
    if matches!(change.what, What::DropTable) && rebuild::is_copied(change, script, view) {
        return;
    }
    if is_replaced_later(change, script, done) {
        return hit(Risk::RecreatesTable(table));
    }
    if script.is_its_own(&table) && !matches!(change.what, What::CreateTable(_)) {
        return;
    }
    let is_up = script.direction == Direction::Up;
    let is_strange = |name: &str| !other.is_opaque && !other.mentions(name) && view.whole(&change.object).is_none();
    let is_told = change.guard == Guard::IfExists && !is_up;
    match &change.what {
        What::DropTable if is_up || is_strange(&table) && !is_told => hit(Risk::DropsTable(Thing::Table(table))),
        What::Drop(Object::Database) if is_up => hit(Risk::DropsTable(Thing::Object(Object::Database, table))),
        What::CreateTable(new) if new.or_replace && is_up && !view.changed.contains_key(&key(&table)) => {
            hit(Risk::DropsTable(Thing::Table(table)));
        }
        What::DropColumn(column) if done.added.contains(&(key(&table), key(column))) => {}
        What::DropColumn(column) if is_up || is_strange(column) && !is_told => {
            hit(Risk::DropsColumn { table, column: column.clone() });
        }
        What::Truncate if !other.is_its_own(&table) => hit(Risk::DropsRows { table, partition: None }),
        What::DropPartition(names) | What::TruncatePartition(names) if is_up => {
            hit(Risk::DropsRows { table, partition: Some(names.join(", ")) });
        }
        What::AddColumn(column, _) if is_needy(column) => {
            hit(Risk::NotNullWithoutDefault { table, column: column.name.clone() });
        }
        What::ChangeColumn(old, column, _) if !other.is_its_own(&table) => {
            let is_eased = done.eased.contains(&(key(&table), key(old)));
            if let Some(before) = view.table(&table).and_then(|known| known.column(old)).filter(|_| !is_eased) {
                narrowed(&table, before, column).into_iter().for_each(hit);
            }
        }
        _ => {}
    }
}

/// DROP TABLE IF EXISTS in front of CREATE TABLE, as dumps have it: a table that is there is one that nobody has thought of.
fn is_replaced_later(change: &Change, script: &Script, done: &Prepared) -> bool {
    let table = key(&change.object);
    script.direction == Direction::Up
        && matches!(change.what, What::DropTable)
        && script.makes.contains(&table)
        && !done.made.contains(&table)
        && !becomes_a_view(script, &table)
}

/// As a dump has it: a table stands for the view until all that the view needs is there.
fn becomes_a_view(script: &Script, table: &str) -> bool {
    script.changes().any(|change| matches!(change.what, What::Create(Object::View, _)) && key(&change.object) == table)
}

/// A row that is there would have no value for it. What a TIMESTAMP gets depends on the server's settings.
fn is_needy(column: &Column) -> bool {
    !column.nullable && column.default.is_none() && !column.fills_itself && column.kind.word != "TIMESTAMP"
}

fn narrowed(table: &str, before: &Column, after: &Column) -> Vec<Risk> {
    let (table, column) = (table.to_owned(), before.name.clone());
    let lost: Vec<String> = before.kind.values_lost_in(&after.kind).into_iter().map(str::to_owned).collect();
    if !lost.is_empty() {
        return vec![Risk::NarrowsEnum { table, column, lost }];
    }
    if before.kind.is_narrowed_by(&after.kind) {
        let (from, to) = (before.kind.to_string(), after.kind.to_string());
        return vec![Risk::NarrowsType { table, column, from, to }];
    }
    if before.nullable && !after.nullable && !after.fills_itself && before.kind.word != "TIMESTAMP" {
        return vec![Risk::MakesNotNull { table, column }];
    }
    Vec::new()
}

/// A name that the running application uses is another one from here on.
pub(crate) fn renamed(change: &Change, up: &Script, done: &Prepared, hits: &mut Vec<Hit>) {
    let table = change.object.clone();
    let found = match &change.what {
        What::RenameTable(new) if !is_taken_again(up, &table) => Some((Thing::Table(table.clone()), new)),
        What::RenameColumn(old, new) => Some((Thing::Column { table: table.clone(), column: old.clone() }, new)),
        What::ChangeColumn(old, Column { name: new, .. }, _) if key(old) != key(new) => {
            Some((Thing::Column { table: table.clone(), column: old.clone() }, new))
        }
        _ => None,
    };
    let is_new = |what: &Thing| matches!(what, Thing::Column { table, column } if done.added.contains(&(key(table), key(column))));
    if let Some((what, to)) = found.filter(|(what, _)| !up.is_its_own(&table) && !is_new(what)) {
        let risk = Risk::Renames { what, to: to.clone() };
        hits.push(Hit { direction: Direction::Up, offset: change.at, risk });
    }
}

/// Swapped: another table or a view has the name in the end.
fn is_taken_again(up: &Script, table: &str) -> bool {
    up.changes().any(|change| match &change.what {
        What::RenameTable(new) => key(new) == key(table),
        What::CreateTable(_) | What::Create(..) => key(&change.object) == key(table),
        _ => false,
    })
}
