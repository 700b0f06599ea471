//! Reads what is in the database, as far as it decides what a statement removes.

use crate::db::{send, sql};
use crate::model::present::{Link, Present, Reach, Relation, Table};
use mysql::{Conn, Row};

/// How much is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Which tables there are: enough for DDL.
    Names,
    /// And what a statement about rows can set off: triggers, foreign keys, functions.
    Reach,
}

/// In one packet. Names alone would be read from the folder; the kind of a table is a look into it.
pub fn read(conn: &mut Conn, schema: &str, depth: Depth) -> mysql::Result<Present> {
    let home = sql::text(schema);
    let mut question = format!(
        "SELECT @@lower_case_table_names; SELECT TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES \
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
    let mut sets = send::ask(conn, &question)?.into_iter();
    let mut next = || sets.next().unwrap_or_default();
    let folds = next().first().is_some_and(|row| send::number(row, 0) != 0);
    let mut present = Present { schema: schema.to_owned(), folds, ..Present::default() };
    present.relations = next().iter().map(relation).collect();
    present.triggers = next().iter().map(|row| table(&present, row, 0)).collect();
    present.links = next().iter().map(|row| link(&present, row)).collect();
    present.functions = next().iter().map(|row| (None, send::word(row, 0).to_lowercase())).collect();
    Ok(present)
}

fn relation(row: &Row) -> (Table, Relation) {
    let relation = match send::word(row, 1).as_str() {
        "VIEW" | "SYSTEM VIEW" => Relation::View,
        "SEQUENCE" => Relation::Sequence,
        _ => Relation::Table,
    };
    (Table { schema: None, name: send::word(row, 0) }, relation)
}

/// Database and table, from this column on.
fn table(present: &Present, row: &Row, column: usize) -> Table {
    Table { schema: present.schema_of(Some(&send::word(row, column))), name: send::word(row, column + 1) }
}

fn link(present: &Present, row: &Row) -> Link {
    let reach = |column: usize| send::word(row, column);
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
