//! What scripts that are about to run will remove: read from their statements, followed through renames, and counted on the
//! server. `undo` and the undo of a partially applied migration ask here; `plan` reads and counts with the same parts.

use crate::db::count::{Counted, Counter, History, Of};
use crate::db::present::{self, Depth, Full};
use crate::engine::program::packed::Steps;
use crate::engine::program::step::Action;
use crate::engine::task::Task;
use crate::event::{ColumnFate, Fate, Losses, LostColumn, LostDatabase, LostTable, NotKnown, Rows};
use crate::migration::name::Name;
use crate::schema::own_tables;
use crate::schema::present::{Present, Table};
use crate::schema::stage::{Lost, Stage};
use crate::script::source_text::Text;
use crate::statement::effects::{Effects, Removal};
use crate::statement::names::Name as Named;
use mysql::Conn;
use std::collections::{BTreeSet, HashSet};

/// Something that goes, and the statement by which it goes first.
pub struct Loss {
    /// What.
    pub lost: Lost,
    /// The migration.
    pub migration: Name,
    /// The statement, counted from 1.
    pub statement: usize,
}

/// What these scripts will remove, one after the other, with its rows.
pub fn of_tasks(conn: &mut Conn, schema: &str, tasks: &[Task]) -> mysql::Result<Losses> {
    let effects: Vec<Vec<(usize, Effects)>> = tasks.iter().map(effects_of).collect();
    let reaches = |effects: &Effects| effects.removes.iter().any(is_about_rows);
    let depth = match effects.iter().flatten().any(|(_, effects)| reaches(effects)) {
        true => Depth::Reach,
        false => Depth::Names,
    };
    let mut present = present::read(conn, schema, depth)?;
    present::follow_views(conn, &mut present, reads(effects.iter().flatten().map(|(_, effects)| effects), schema))?;
    let mut stage = Stage::new(present);
    let mut all: Vec<Loss> = Vec::new();
    for (task, effects) in tasks.iter().zip(&effects) {
        stage.begin_script();
        for (statement, effects) in effects {
            for (_, lost) in stage.lost(effects) {
                if is_new(&all, &lost) {
                    all.push(Loss { lost, migration: task.name.clone(), statement: *statement });
                }
            }
            stage.take(effects);
        }
    }
    counted(conn, stage.present(), &all)
}

/// What statements read from, as far as their texts tell: database and name.
fn reads<'e>(all: impl Iterator<Item = &'e Effects>, schema: &str) -> BTreeSet<Full> {
    let (mut found, mut used) = (BTreeSet::new(), schema.to_owned());
    for effects in all {
        let full = |name: &Named| (name.schema.clone().unwrap_or_else(|| used.clone()), name.name.clone());
        found.extend(effects.reads.iter().chain(&effects.view_reads).map(full));
        used = effects.uses.clone().unwrap_or(used);
    }
    found
}

/// The same of a script.
pub fn reads_of(text: &Text, steps: &Steps, schema: &str) -> BTreeSet<Full> {
    let mut shapes = HashSet::new();
    let new = steps.iter().filter(|step| step.shape.is_none_or(|shape| shapes.insert(shape)));
    let effects: Vec<Effects> = new.map(|step| Effects::of(&text[step.span.clone()], step.modes)).collect();
    reads(effects.iter(), schema)
}

fn is_about_rows(removal: &Removal) -> bool {
    matches!(removal, Removal::SomeRows(_) | Removal::Values(_) | Removal::AddsRows(_) | Removal::Calls(_))
}

/// What the statements do that are still to run, by number. What has run is there already, but for the session's own.
fn effects_of(task: &Task) -> Vec<(usize, Effects)> {
    let from = task.resumes.map_or(1, |(_, from)| from);
    // Of INSERTs of one shape, the first speaks for all.
    let mut shapes = HashSet::new();
    let mut found = Vec::new();
    for step in task.steps.iter() {
        let runs = match &step.action {
            Action::LeaveOut(_) => false,
            _ => step.number >= from || task.again.contains(&step.number),
        };
        if runs && step.shape.is_none_or(|shape| shapes.insert(shape)) {
            let effects = Effects::of(task.text_of(&step), step.modes);
            // The same name may mean another table now.
            if effects.changes_names() {
                shapes.clear();
            }
            found.push((step.number, effects));
        }
    }
    found
}

/// Not said already, and not a part of something that goes as a whole.
fn is_new(all: &[Loss], lost: &Lost) -> bool {
    let goes = |table: &Table| all.iter().any(|one| one.lost == Lost::Table(table.clone()));
    let is_emptied = |table: &Table| all.iter().any(|one| one.lost == Lost::AllRows(table.clone()));
    let is_part = match lost {
        Lost::AllRows(table) | Lost::Column(table, _) | Lost::Converts(table, _) => goes(table),
        Lost::SomeRows(table) | Lost::Values(table) | Lost::Partition(table, _) => goes(table) || is_emptied(table),
        Lost::Table(_) | Lost::Database(_) | Lost::Unknown(_) => false,
    };
    // Each statement that is not known is named.
    let is_said = !matches!(lost, Lost::Unknown(_)) && all.iter().any(|one| one.lost == *lost);
    !is_part && !is_said
}

/// Looks up how much of it there is. What is empty is no loss, but for tables and columns that are dropped themselves.
fn counted(conn: &mut Conn, present: &Present, all: &[Loss]) -> mysql::Result<Losses> {
    let mut losses = Losses::default();
    let questions: Vec<Counted> = all.iter().filter_map(|loss| question(&loss.lost, present)).collect();
    let mut counter = Counter::on(conn)?;
    let mut answers = counter.count(&questions)?.into_iter();
    for loss in all {
        let rows = match question(&loss.lost, present) {
            Some(_) => answers.next().flatten(),
            None => Some(Rows::Unknown),
        };
        if let Some(rows) = rows {
            add(&mut losses, loss, rows);
        }
    }
    for database in &mut losses.databases {
        count_database(conn, database)?;
    }
    Ok(losses)
}

/// What is to be counted of it.
pub fn question(lost: &Lost, present: &Present) -> Option<Counted> {
    let table = lost.table()?;
    let of = match lost {
        Lost::Table(_) | Lost::AllRows(_) | Lost::SomeRows(_) | Lost::Values(_) => Of::Rows,
        Lost::Column(_, column) | Lost::Converts(_, column) => Of::Values(column.clone()),
        Lost::Partition(_, part) => Of::Partition(part.clone()),
        Lost::Database(_) | Lost::Unknown(_) => return None,
    };
    Some(rows_of(present, table, of))
}

fn rows_of(present: &Present, table: &Table, of: Of) -> Counted {
    Counted {
        schema: table.schema.clone().unwrap_or_else(|| present.schema.clone()),
        table: table.name.clone(),
        of,
        history: if present.keeps_history(table) { History::Included } else { History::None },
    }
}

fn add(losses: &mut Losses, loss: &Loss, rows: Rows) {
    let mut table = |table: &Table, fate: Fate| {
        if fate == Fate::Dropped || !rows.is_none() {
            losses.tables.push(LostTable { table: table.to_string(), fate, rows });
        }
    };
    match &loss.lost {
        Lost::Table(name) => table(name, Fate::Dropped),
        Lost::AllRows(name) => table(name, Fate::Emptied),
        Lost::SomeRows(name) => table(name, Fate::DeletedFrom),
        Lost::Values(name) => table(name, Fate::Overwritten),
        Lost::Partition(name, part) => table(name, Fate::LosesPartition(part.clone())),
        Lost::Column(table, column) => column_of(losses, table, column, ColumnFate::Dropped, rows),
        Lost::Converts(table, column) if rows.is_none() => log::debug!("{table}.{column} holds no value"),
        Lost::Converts(table, column) => column_of(losses, table, column, ColumnFate::Converted, rows),
        Lost::Database(database) => {
            losses.databases.push(LostDatabase { database: database.clone(), tables: 0, rows: Rows::Unknown })
        }
        Lost::Unknown(why) => losses.not_known.push(NotKnown {
            migration: loss.migration.clone(),
            statement: loss.statement,
            why: why.clone(),
        }),
    }
}

fn column_of(losses: &mut Losses, table: &Table, column: &str, fate: ColumnFate, values: Rows) {
    losses.columns.push(LostColumn { table: table.to_string(), column: column.to_owned(), fate, values });
}

/// All tables of a database, and the sum of their rows.
fn count_database(conn: &mut Conn, database: &mut LostDatabase) -> mysql::Result<()> {
    let present = present::read(conn, &database.database, Depth::Names)?;
    let tables: Vec<Counted> = present.base_tables().map(|table| rows_of(&present, table, Of::Rows)).collect();
    database.tables = tables.len() as u64;
    let rows = Counter::on(conn)?.count(&tables)?.into_iter().flatten();
    database.rows = rows.fold(Rows::Exactly(0), Rows::plus);
    Ok(())
}

/// The tables of the configured database that are not uturn's own, with their rows.
pub fn of_database(conn: &mut Conn, schema: &str) -> mysql::Result<Losses> {
    let present = present::read(conn, schema, Depth::Names)?;
    let is_own = |table: &&Table| own_tables::is_own(&table.name);
    let tables: Vec<Table> = present.base_tables().filter(|table| !is_own(table)).cloned().collect();
    let questions: Vec<Counted> = tables.iter().map(|table| rows_of(&present, table, Of::Rows)).collect();
    let rows = Counter::on(conn)?.count(&questions)?;
    let lost = |(table, rows): (&Table, Option<Rows>)| {
        rows.map(|rows| LostTable { table: table.to_string(), fate: Fate::Dropped, rows })
    };
    Ok(Losses { tables: tables.iter().zip(rows).filter_map(lost).collect(), ..Losses::default() })
}
