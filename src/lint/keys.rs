//! Indexes and constraints: names that nobody gave, and columns that go while a key still needs them.

use crate::lint::finding::{Hit, Risk, Thing};
use crate::lint::known_tables::View;
use crate::lint::read::{Change, Family, Key, What, key};
use crate::lint::script::Script;
use crate::lint::statement::Statement;
use crate::migration::name::Direction;

/// A constraint or index of the up without a name, which the down names all the same, or cannot name.
pub(crate) fn unnamed(up: &Script, down: &Script, hits: &mut Vec<Hit>) {
    for change in up.changes() {
        let What::AddKey(new) = &change.what else { continue };
        let table = key(&change.object);
        if new.name.is_some() || up.makes.contains(&table) || down.drops.contains(&table) || down.is_opaque {
            continue;
        }
        let drops = |back: &&Change| key(&back.object) == table && is_drop_of(&back.what, new.family);
        let back = down.changes().find(drops);
        let risk = |named| Risk::UnnamedKey {
            table: change.object.clone(),
            kind: word(new.family),
            columns: new.columns.clone(),
            named,
        };
        match back.map(|back| (back.at, &back.what)) {
            Some((offset, What::DropKey(_, name))) if !up.mentions(name) || new.family == Family::Foreign => {
                hits.push(Hit { direction: Direction::Down, offset, risk: risk(Some(name.clone())) });
            }
            None if new.family == Family::Foreign => {
                hits.push(Hit { direction: Direction::Up, offset: change.at, risk: risk(None) });
            }
            _ => {}
        }
    }
}

fn is_drop_of(what: &What, family: Family) -> bool {
    let What::DropKey(said, _) = what else { return false };
    match family {
        Family::Foreign | Family::Check => *said == family || *said == Family::Any,
        Family::Unique => matches!(said, Family::Index | Family::Any),
        Family::Index => *said == Family::Index,
        Family::Primary | Family::Any => false,
    }
}

fn word(family: Family) -> &'static str {
    match family {
        Family::Primary => "primary key",
        Family::Unique => "unique key",
        Family::Index => "index",
        Family::Foreign => "foreign key",
        Family::Check => "check",
        Family::Any => "constraint",
    }
}

/// What a statement drops while a key needs it. `are_checked` is false while foreign_key_checks is off.
pub(crate) fn needed(statement: &Statement, view: &View, are_checked: bool, direction: Direction, hits: &mut Vec<Hit>) {
    for change in &statement.changes {
        let mut hit = |risk| hits.push(Hit { direction, offset: change.at, risk });
        match &change.what {
            What::DropTable if are_checked => {
                let is_dropped = |name: &str| statement.changes.iter().any(|other| key(&other.object) == key(name));
                let referring = view.referring(&change.object, None);
                if let Some((child, own)) = referring.iter().find(|(child, _)| !is_dropped(child)) {
                    let what = Thing::Table(change.object.clone());
                    hit(Risk::StillReferenced { what, by: spelled(child, own), own: false });
                }
            }
            What::DropColumn(column) => column_needed(statement, &change.object, column, view, are_checked, &mut hit),
            _ => {}
        }
    }
}

fn spelled(table: &str, own: &Key) -> String {
    match own.name.as_ref().or(own.made_name.as_ref()) {
        Some(name) => format!("{table}.{name}"),
        None => format!("{table} ({})", own.columns.join(", ")),
    }
}

fn column_needed(
    statement: &Statement,
    table: &str,
    column: &str,
    view: &View,
    are_checked: bool,
    hit: &mut impl FnMut(Risk),
) {
    let what = || Thing::Column { table: table.to_owned(), column: column.to_owned() };
    let goes = |own: &Key| statement.changes.iter().any(|change| drops_key(change, own));
    let all_go = |own: &Key| own.columns.iter().all(|name| statement.changes.iter().any(|c| drops_column(c, name)));
    let Some(known) = view.whole(table) else { return };
    for own in known.keys_of(column).filter(|own| !goes(own)) {
        match own.family {
            Family::Foreign if own.name.is_some() || !statement.changes.iter().any(drops_foreign) => {
                hit(Risk::StillReferenced { what: what(), by: spelled(table, own), own: true });
            }
            Family::Index | Family::Unique | Family::Primary if !all_go(own) && !has_primary_drop(statement, own) => {
                let index = own.name.clone().unwrap_or_else(|| "PRIMARY".to_owned());
                hit(Risk::ShrinksIndex { table: table.to_owned(), column: column.to_owned(), index });
            }
            _ => {}
        }
    }
    if are_checked && let Some((child, own)) = view.referring(table, Some(column)).first() {
        hit(Risk::StillReferenced { what: what(), by: spelled(child, own), own: false });
    }
}

fn drops_key(change: &Change, own: &Key) -> bool {
    matches!(&change.what, What::DropKey(_, dropped) if own.is_named(dropped))
}

fn drops_column(change: &Change, name: &str) -> bool {
    matches!(&change.what, What::DropColumn(dropped) if key(dropped) == key(name))
}

fn drops_foreign(change: &Change) -> bool {
    matches!(&change.what, What::DropKey(Family::Foreign | Family::Any, _))
}

fn has_primary_drop(statement: &Statement, own: &Key) -> bool {
    own.family == Family::Primary
        && statement.changes.iter().any(|change| matches!(change.what, What::DropKey(Family::Primary, _)))
}

/// A table that is made without a key to tell its rows apart.
pub(crate) fn without_primary(change: &Change, up: &Script, hits: &mut Vec<Hit>) {
    let What::CreateTable(new) = &change.what else { return };
    let tells_apart = |own: &Key| matches!(own.family, Family::Primary | Family::Unique);
    if new.is_whole && !new.keys.iter().any(tells_apart) && !up.drops_after(&change.object, change.at) {
        let risk = Risk::NoPrimaryKey(change.object.clone());
        hits.push(Hit { direction: Direction::Up, offset: change.at, risk });
    }
}
