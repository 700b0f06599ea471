//! Reads what is in the database, as far as it decides what a statement removes.

use crate::db::connect::Access;
use crate::db::count::{Counted, Counter};
use crate::db::{packet, quote};
use crate::error::Result;
use crate::event::Rows;
use crate::schema::present::{Link, Present, Reach, Relation, Table};
use mysql::{Conn, Row};

/// A session beside the one that executes, to look and to count.
pub struct Side<'a> {
    access: &'a Access,
    conn: Conn,
    /// What is in the database.
    pub present: Present,
}

impl<'a> Side<'a> {
    /// Opens it, and looks.
    pub fn open(access: &'a Access) -> Result<Side<'a>> {
        let mut conn = access.open_to_read()?;
        let present = read(&mut conn, &access.database, Depth::Reach).map_err(|error| access.explain(&error))?;
        Ok(Side { access, conn, present })
    }

    /// Counts; nothing for what is not there.
    pub fn count(&mut self, all: &[Counted]) -> Result<Vec<Option<Rows>>> {
        let rows = Counter::on(&mut self.conn).and_then(|mut counter| counter.count(all));
        rows.map_err(|error| self.access.explain(&error))
    }
}

/// How much is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Which tables there are: enough for DDL.
    Names,
    /// And what a statement about rows can set off: triggers, foreign keys, functions.
    Reach,
}

/// In one packet, on a session that executes nothing: from now on it waits a second for a lock, no longer. Names alone would
/// be read from the folder; the kind of a table is a look into it.
pub fn read(conn: &mut Conn, schema: &str, depth: Depth) -> mysql::Result<Present> {
    let home = quote::text(schema);
    let mut question = format!(
        "SET SESSION lock_wait_timeout = 1; SELECT @@lower_case_table_names; SELECT TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES \
         WHERE TABLE_SCHEMA = {home}"
    );
    if depth == Depth::Reach {
        question.push_str(&format!(
            "; SELECT DISTINCT EVENT_OBJECT_SCHEMA, EVENT_OBJECT_TABLE FROM information_schema.TRIGGERS \
             WHERE TRIGGER_SCHEMA = {home}; \
             SELECT CONSTRAINT_SCHEMA, TABLE_NAME, UNIQUE_CONSTRAINT_SCHEMA, REFERENCED_TABLE_NAME, DELETE_RULE, UPDATE_RULE \
             FROM information_schema.REFERENTIAL_CONSTRAINTS \
             WHERE CONSTRAINT_SCHEMA = {home} OR UNIQUE_CONSTRAINT_SCHEMA = {home}; \
             SELECT ROUTINE_NAME FROM information_schema.ROUTINES \
             WHERE ROUTINE_SCHEMA = {home} AND ROUTINE_TYPE = 'FUNCTION'"
        ));
    }
    let mut sets = packet::ask(conn, &question)?.into_iter().skip(1);
    let mut next = || sets.next().unwrap_or_default();
    let folds = next().first().is_some_and(|row| packet::number(row, 0) != 0);
    let mut present = Present { schema: schema.to_owned(), folds, ..Present::default() };
    present.relations = next().iter().map(relation).collect();
    present.triggers = next().iter().map(|row| table(&present, row, 0)).collect();
    present.links = next().iter().map(|row| link(&present, row)).collect();
    present.functions = next().iter().map(|row| (None, packet::word(row, 0).to_lowercase())).collect();
    Ok(present)
}

fn relation(row: &Row) -> (Table, Relation) {
    let relation = match packet::word(row, 1).as_str() {
        "VIEW" | "SYSTEM VIEW" => Relation::View,
        "SEQUENCE" => Relation::Sequence,
        "SYSTEM VERSIONED" => Relation::Versioned,
        _ => Relation::Table,
    };
    (Table { schema: None, name: packet::word(row, 0) }, relation)
}

/// Database and table, from this column on.
fn table(present: &Present, row: &Row, column: usize) -> Table {
    Table { schema: present.schema_of(Some(&packet::word(row, column))), name: packet::word(row, column + 1) }
}

fn link(present: &Present, row: &Row) -> Link {
    let reach = |column: usize| packet::word(row, column);
    let on_delete = match reach(4).as_str() {
        "CASCADE" => Reach::Deletes,
        "SET NULL" | "SET DEFAULT" => Reach::Changes,
        _ => Reach::Nothing,
    };
    let on_update = match reach(5).as_str() {
        "CASCADE" | "SET NULL" | "SET DEFAULT" => Reach::Changes,
        _ => Reach::Nothing,
    };
    Link { child: table(present, row, 0), parent: table(present, row, 2), on_delete, on_update }
}
