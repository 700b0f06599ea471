//! Whether the down takes back what the up did, as far as the two texts and the earlier files tell.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::lint::column::{Column, UNREAD};
use crate::lint::finding::{Difference, Happened, Hit, Risk, Thing};
use crate::lint::known_tables::{Catalogue, Table, View};
use crate::lint::read::{Change, Family, Guard, Key, What, key};
use crate::lint::script::{Script, written};
use crate::lint::statement::Statement;
use crate::migration::name::Direction;
use crate::statement::ddl::Object;

/// A down that does nothing, of an up that did not only make what it dropped again itself.
pub(crate) fn nothing_done(up: &Script, down: &Script) -> Option<Hit> {
    let gone: HashSet<String> = up.changes().filter_map(dropped_name).collect();
    let made =
        up.changes().flat_map(|change| made_object(change).into_iter().chain(made_part(change).map(|part| part.1)));
    let made: HashSet<String> = made.collect();
    let is_undone = |change: &Change| match dropped_name(change) {
        Some(name) => made.contains(&name),
        None => made_object(change).or(made_part(change).map(|part| part.1)).is_some_and(|name| gone.contains(&name)),
    };
    let does_nothing = |one: &Statement| one.is_idle || !one.changes.is_empty() && one.changes.iter().all(is_undone);
    let offset = down.statements.first()?.at;
    let hit = Hit { direction: Direction::Down, offset, risk: Risk::DownDoesNothing };
    (!up.statements.iter().all(does_nothing)).then_some(hit)
}

/// What the up made, dropped or changed, and the down never mentions.
pub(crate) fn forgotten(base: &Catalogue, up: &Script, down: &Script, hits: &mut Vec<Hit>) -> HashSet<String> {
    let mut tables = HashSet::new();
    if up.is_opaque || down.is_opaque {
        return tables;
    }
    let dropped_again: HashSet<String> = up.changes().filter_map(dropped_name).collect();
    let made_before: HashSet<String> = up.changes().filter_map(made_object).collect();
    let renames = renames(up);
    let made_parts: HashSet<(String, String)> = up.changes().filter_map(made_part).collect();
    let mut told = HashSet::new();
    let databases = down.databases(&What::Drop(Object::Database));
    // What is in a database goes with it.
    let stays = |one: &&Statement| one.database.as_ref().is_none_or(|name| !databases.contains(&key(name)));
    let gone = up.statements.iter().filter(|one| !stays(one)).flat_map(|one| &one.changes);
    tables.extend(gone.map(|change| key(&change.object)));
    for change in up.statements.iter().filter(stays).flat_map(|statement| &statement.changes) {
        let table = key(&change.object);
        // What goes with its table is taken back with it.
        let is_within = is_part_of_table(&change.what) && (up.makes.contains(&table) || down.drops.contains(&table));
        let is_its_own = matches!(change.what, What::DropTable | What::RenameTable(_) | What::Drop(_));
        // A database that may be there already, as a dump has it, may be the one that is configured.
        let may_be_there = change.what == What::Create(Object::Database, None) && change.guard == Guard::IfNotExists;
        if is_within || is_its_own && made_before.contains(&table) || may_be_there || is_added_again(base, change, down)
        {
            continue;
        }
        for (what, happened, name) in effects(change) {
            let (what, name) = in_the_end(&renames, change, what, name);
            let is_gone_again = match happened {
                Happened::Made | Happened::RenamedTo => dropped_again.contains(&key(&name)),
                Happened::Dropped => made_parts.contains(&(table.clone(), key(&name))),
                Happened::Changed | Happened::RenamedFrom | Happened::Inserted => false,
            };
            if !down.mentions(&name) && !is_gone_again && !goes_with_columns(change, down) && told.insert(key(&name)) {
                tables.insert(table.clone());
                hits.push(Hit {
                    direction: Direction::Up,
                    offset: change.at,
                    risk: Risk::DownForgets { what, happened },
                });
            }
        }
    }
    for statement in up.statements.iter().filter(stays) {
        if let Some((table, dml)) = written(&statement.tree)
            && dml.into.is_some()
            && !up.makes.contains(&key(&table))
            && !down.mentions(&table)
            && told.insert(key(&table))
        {
            let risk = Risk::DownForgets { what: Thing::Rows(table), happened: Happened::Inserted };
            hits.push(Hit { direction: Direction::Up, offset: statement.at, risk });
        }
    }
    tables
}

/// Where tables get another name, and the name that it is.
fn renames(up: &Script) -> HashMap<String, (usize, String)> {
    let rename = |change: &Change| match &change.what {
        What::RenameTable(new) => Some((key(&change.object), (change.at, new.clone()))),
        _ => None,
    };
    up.changes().filter_map(rename).collect()
}

/// A table that the up makes and then renames is there under its new name.
fn in_the_end(
    renames: &HashMap<String, (usize, String)>,
    change: &Change,
    what: Thing,
    name: String,
) -> (Thing, String) {
    match (&change.what, renames.get(&key(&name))) {
        (What::CreateTable(_), Some((at, new))) if *at > change.at => (Thing::Table(new.clone()), new.clone()),
        _ => (what, name),
    }
}

/// A foreign key that the up drops by the name that the server has made, and the down adds without a name.
fn is_added_again(base: &Catalogue, change: &Change, down: &Script) -> bool {
    let What::DropKey(Family::Foreign | Family::Any, name) = &change.what else { return false };
    let Some(own) = base.made_key(&change.object, name) else { return false };
    let columns = |own: &Key| own.columns.iter().map(|name| key(name)).collect::<Vec<_>>();
    down.changes().any(|back| {
        key(&back.object) == key(&change.object)
            && matches!(&back.what, What::AddKey(new) if new.family == Family::Foreign && columns(new) == columns(own))
    })
}

fn is_part_of_table(what: &What) -> bool {
    match what {
        What::CreateTable(_) | What::DropTable | What::RenameTable(_) | What::Truncate => false,
        What::Create(Object::Trigger, Some(_)) => true,
        What::Create(..) | What::Drop(_) | What::Alter(_) => false,
        What::AddColumn(..) | What::DropColumn(_) | What::ChangeColumn(..) | What::AlterColumn(_) => true,
        What::RenameColumn(..) | What::AddKey(_) | What::DropKey(..) | What::RenameIndex(..) => true,
        What::DropPartition(_) | What::TruncatePartition(_) | What::Other => true,
    }
}

/// What a down would have to name, and what happened to it.
fn effects(change: &Change) -> Vec<(Thing, Happened, String)> {
    let table = change.object.clone();
    let column = |name: &String| Thing::Column { table: table.clone(), column: name.clone() };
    let index = |name: &String| Thing::Index { table: table.clone(), index: name.clone() };
    let constraint = |name: &String| Thing::Constraint { table: table.clone(), constraint: name.clone() };
    let one = |thing: Thing, happened, name: &String| vec![(thing, happened, name.clone())];
    match &change.what {
        What::CreateTable(_) => one(Thing::Table(table.clone()), Happened::Made, &table),
        What::DropTable => one(Thing::Table(table.clone()), Happened::Dropped, &table),
        What::RenameTable(new) => {
            let mut both = one(Thing::Table(table.clone()), Happened::RenamedFrom, &table);
            both.extend(one(Thing::Table(new.clone()), Happened::RenamedTo, new));
            both
        }
        What::AddColumn(new, _) => one(column(&new.name), Happened::Made, &new.name),
        What::DropColumn(name) => one(column(name), Happened::Dropped, name),
        What::ChangeColumn(old, new, _) if key(old) == key(&new.name) => one(column(old), Happened::Changed, old),
        What::ChangeColumn(old, Column { name: new, .. }, _) | What::RenameColumn(old, new) => {
            let mut both = one(column(old), Happened::RenamedFrom, old);
            both.extend(one(column(new), Happened::RenamedTo, new));
            both
        }
        What::AlterColumn(name) => one(column(name), Happened::Changed, name),
        What::AddKey(new) => match (&new.name, new.family) {
            (Some(name), Family::Index | Family::Unique) => one(index(name), Happened::Made, name),
            (Some(name), _) => one(constraint(name), Happened::Made, name),
            (None, _) => Vec::new(),
        },
        What::DropKey(Family::Primary, _) => Vec::new(),
        What::DropKey(Family::Index | Family::Unique, name) => one(index(name), Happened::Dropped, name),
        What::DropKey(_, name) => one(constraint(name), Happened::Dropped, name),
        What::RenameIndex(old, new) => {
            let mut both = one(index(old), Happened::RenamedFrom, old);
            both.extend(one(index(new), Happened::RenamedTo, new));
            both
        }
        What::Other => one(Thing::Table(table.clone()), Happened::Changed, &table),
        What::Create(object, _) => one(Thing::Object(*object, table.clone()), Happened::Made, &table),
        What::Drop(object) => one(Thing::Object(*object, table.clone()), Happened::Dropped, &table),
        What::Alter(object) => one(Thing::Object(*object, table.clone()), Happened::Changed, &table),
        What::Truncate | What::DropPartition(_) | What::TruncatePartition(_) => Vec::new(),
    }
}

/// An index or CHECK whose columns the down drops goes with them. A foreign key does not: the server refuses.
fn goes_with_columns(change: &Change, down: &Script) -> bool {
    let What::AddKey(new) = &change.what else { return false };
    let is_dropped = |column: &String| {
        down.changes().any(|back| {
            key(&back.object) == key(&change.object)
                && matches!(&back.what, What::DropColumn(name) if key(name) == key(column))
        })
    };
    match new.family {
        Family::Check => new.columns.iter().any(is_dropped),
        Family::Index | Family::Unique => !new.columns.is_empty() && new.columns.iter().all(is_dropped),
        Family::Primary | Family::Foreign | Family::Any => false,
    }
}

fn made_object(change: &Change) -> Option<String> {
    match &change.what {
        What::CreateTable(new) => (!new.or_replace).then(|| key(&change.object)),
        What::RenameTable(new) => Some(key(new)),
        What::Create(..) => Some(key(&change.object)),
        _ => None,
    }
}

/// A column or key that the up itself adds.
fn made_part(change: &Change) -> Option<(String, String)> {
    match &change.what {
        What::AddColumn(column, _) => Some((key(&change.object), key(&column.name))),
        What::AddKey(new) => Some((key(&change.object), key(new.name.as_ref()?))),
        _ => None,
    }
}

fn dropped_name(change: &Change) -> Option<String> {
    match &change.what {
        What::DropTable | What::Drop(_) => Some(key(&change.object)),
        What::DropColumn(name) | What::DropKey(_, name) => Some(key(name)),
        _ => None,
    }
}

/// Lays what the tables are after up and down beside what they were. Only tables whose every column is known are compared.
pub(crate) fn differences(
    base: &Catalogue,
    back: &View,
    pair: (&Script, &Script),
    told: &HashSet<String>,
    hits: &mut Vec<Hit>,
) {
    if pair.0.is_opaque || pair.1.is_opaque {
        return;
    }
    let names: BTreeSet<&String> = back.changed.keys().filter(|name| !told.contains(*name)).collect();
    for name in names {
        let mut found = |what: Thing, difference| {
            let (direction, offset) = place(pair, name, &what);
            hits.push(Hit { direction, offset, risk: Risk::DownDiffers { what, difference } });
        };
        match (base.whole(name), back.changed[name].as_deref()) {
            (Some(was), None) => found(Thing::Table(was.name.clone()), Difference::NotBack),
            (Some(was), Some(is)) if is.is_whole => columns(was, is, &mut found),
            (None, Some(is)) if is.is_whole && pair.0.makes.contains(name) => {
                found(Thing::Table(is.name.clone()), Difference::LeftBehind);
            }
            _ => {}
        }
    }
}

fn columns(was: &Table, is: &Table, found: &mut impl FnMut(Thing, Difference)) {
    let thing = |name: &str| Thing::Column { table: was.name.clone(), column: name.to_owned() };
    let mut is_complete = true;
    for column in &was.columns {
        match is.column(&column.name) {
            None => {
                is_complete = false;
                found(thing(&column.name), Difference::NotBack);
            }
            Some(now) if !std::rc::Rc::ptr_eq(now, column) => {
                if let Some((is, was)) = difference(column, now) {
                    found(thing(&column.name), Difference::Changed { is, was });
                }
            }
            Some(_) => {}
        }
    }
    for column in is.columns.iter().filter(|column| was.column(&column.name).is_none()) {
        is_complete = false;
        found(thing(&column.name), Difference::LeftBehind);
    }
    if is_complete {
        moved(was, is, found);
    }
    keys(was, is, found);
}

/// The first thing in which two definitions of a column certainly differ: what it is, and what it was.
fn difference(was: &Column, is: &Column) -> Option<(String, String)> {
    if was.kind != is.kind {
        return Some((is.kind.to_string(), was.kind.to_string()));
    }
    // What a TIMESTAMP is without a word about it depends on the server's settings.
    if was.kind.word == "TIMESTAMP" {
        return None;
    }
    let nullable = |column: &Column| if column.nullable { "NULL" } else { "NOT NULL" }.to_owned();
    let default = |column: &Column| column.default.as_ref().map_or("no default".to_owned(), |d| format!("DEFAULT {d}"));
    let comment =
        |column: &Column| column.comment.as_ref().map_or("no comment".to_owned(), |c| format!("COMMENT '{c}'"));
    let is_unread = [was, is].iter().any(|column| column.default.as_deref() == Some(UNREAD));
    [Some(nullable as fn(&Column) -> String), (!is_unread).then_some(default), Some(comment)]
        .into_iter()
        .flatten()
        .map(|part| (part(is), part(was)))
        .find(|(is, was)| is != was)
}

/// One column in another place moves others along: the one that a single move explains is told.
fn moved(was: &Table, is: &Table, found: &mut impl FnMut(Thing, Difference)) {
    let order = |table: &Table| table.columns.iter().map(|column| key(&column.name)).collect::<Vec<_>>();
    let (before, after) = (order(was), order(is));
    let Some(at) = before.iter().zip(&after).position(|(b, a)| b != a) else { return };
    let without = |list: &[String], name: &str| list.iter().filter(|other| *other != name).cloned().collect::<Vec<_>>();
    let is_the_one = |name: &str| without(&before, name) == without(&after, name);
    let name = if is_the_one(&before[at]) { &before[at] } else { &after[at] };
    let behind = |table: &Table| {
        let at = table.columns.iter().position(|column| key(&column.name) == *name)?;
        at.checked_sub(1).map(|at| table.columns[at].name.clone())
    };
    let column = is.column(name).map_or(name.clone(), |column| column.name.clone());
    let thing = Thing::Column { table: was.name.clone(), column };
    found(thing, Difference::Moved { is: behind(is), was: behind(was) });
}

/// Named keys; what a column's end takes along is not there to be dropped.
fn keys(was: &Table, is: &Table, found: &mut impl FnMut(Thing, Difference)) {
    let thing = |family: Family, name: &str| match family {
        Family::Index | Family::Unique => Thing::Index { table: was.name.clone(), index: name.to_owned() },
        Family::Primary | Family::Foreign | Family::Check | Family::Any => {
            Thing::Constraint { table: was.name.clone(), constraint: name.to_owned() }
        }
    };
    let spell = |columns: &[String]| format!("({})", columns.join(", "));
    for old in &was.keys {
        let Some(name) = &old.name else { continue };
        match is
            .keys
            .iter()
            .find(|new| new.is_named(name) && (new.family == Family::Foreign) == (old.family == Family::Foreign))
        {
            None => found(thing(old.family, name), Difference::NotBack),
            Some(new)
                if old.family != Family::Check
                    && spell(&new.columns).to_lowercase() != spell(&old.columns).to_lowercase() =>
            {
                let difference = Difference::Changed { is: spell(&new.columns), was: spell(&old.columns) };
                found(thing(old.family, name), difference);
            }
            Some(_) => {}
        }
    }
    for new in is.keys.iter().filter(|new| new.family != Family::Check) {
        if let Some(name) = &new.name
            && !was.keys.iter().any(|old| old.is_named(name))
        {
            found(thing(new.family, name), Difference::LeftBehind);
        }
    }
}

/// The last clause that touches it: of the down, if there is one, else of the up.
fn place(pair: (&Script, &Script), table: &str, what: &Thing) -> (Direction, usize) {
    let wanted = match what {
        Thing::Column { column, .. } => Some(key(column)),
        Thing::Index { index, .. } => Some(key(index)),
        Thing::Constraint { constraint, .. } => Some(key(constraint)),
        Thing::Table(_) | Thing::Rows(_) | Thing::Object(..) => None,
    };
    for exact in [true, false] {
        for script in [pair.1, pair.0] {
            let is_it = |change: &&Change| {
                let names = || effects(change).into_iter().map(|(_, _, name)| key(&name)).collect::<Vec<_>>();
                let is_table =
                    key(&change.object) == table || matches!(&change.what, What::RenameTable(new) if key(new) == table);
                is_table && (!exact || wanted.as_ref().is_none_or(|wanted| names().contains(wanted)))
            };
            if let Some(change) = script.changes().filter(is_it).last() {
                return (script.direction, change.at);
            }
        }
    }
    (pair.1.direction, pair.1.statements.first().map_or(0, |statement| statement.at))
}

/// Names that are not there, or are there already, and what IF EXISTS and IF NOT EXISTS pass over.
pub(crate) fn names(view: &View, change: &Change, (script, other): (&Script, &Script), hits: &mut Vec<Hit>) {
    let direction = script.direction;
    let mut hit = |risk| hits.push(Hit { direction, offset: change.at, risk });
    let table = || Thing::Table(change.object.clone());
    match &change.what {
        What::CreateTable(new)
            if change.guard == Guard::None && !new.or_replace && view.table(&change.object).is_some() =>
        {
            if view.whole(&change.object).is_some() {
                hit(Risk::AlreadyThere(table()));
            }
        }
        What::CreateTable(_) if change.guard == Guard::IfNotExists && direction == Direction::Up => {
            if !script.drops_after(&change.object, change.at) {
                hit(Risk::IfNotExists(table()));
            }
        }
        What::DropTable | What::Drop(_) if change.guard == Guard::IfExists && direction == Direction::Down => {
            if !other.is_opaque && !other.mentions(&change.object) {
                hit(Risk::IfExists(effects(change).remove(0).0));
            }
        }
        What::CreateTable(_) | What::Create(..) | What::Drop(_) | What::Alter(_) => {}
        What::DropTable if change.guard == Guard::IfExists => {}
        _ => {
            if let Some(by) = view.gone(&change.object) {
                hit(Risk::NoSuchName { what: table(), taken_away_by: Some(by.to_owned()) });
            } else if let Some(whole) = view.whole(&change.object) {
                columns_named(whole, change, &mut hit);
            }
        }
    }
}

fn columns_named(table: &Table, change: &Change, hit: &mut impl FnMut(Risk)) {
    let thing = |name: &String| Thing::Column { table: table.name.clone(), column: name.clone() };
    let (needed, made) = match &change.what {
        What::AddColumn(new, _) => (None, Some(&new.name)),
        What::DropColumn(name) | What::AlterColumn(name) => (Some(name), None),
        What::ChangeColumn(old, new, _) if key(old) == key(&new.name) => (Some(old), None),
        What::ChangeColumn(old, Column { name: new, .. }, _) | What::RenameColumn(old, new) => {
            (Some(old), Some(new).filter(|new| key(new) != key(old)))
        }
        _ => (None, None),
    };
    if let Some(name) = needed.filter(|name| table.column(name).is_none()) {
        match change.guard {
            Guard::IfExists => hit(Risk::IfExists(thing(name))),
            Guard::None | Guard::IfNotExists => hit(Risk::NoSuchName { what: thing(name), taken_away_by: None }),
        }
    }
    if let Some(name) = made.filter(|name| table.column(name).is_some()) {
        match change.guard {
            Guard::IfNotExists => hit(Risk::IfNotExists(thing(name))),
            Guard::None | Guard::IfExists => hit(Risk::AlreadyThere(thing(name))),
        }
    }
}
