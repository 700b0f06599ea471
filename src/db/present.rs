//! Reads what is in the database, as far as it decides what a statement removes.

use crate::db::connect::Access;
use crate::db::count::{Counted, Counter};
use crate::db::{packet, quote};
use crate::error::Result;
use crate::event::Rows;
use crate::schema::present::{Link, Present, Reach, Relation, Table};
use crate::script::lexer::{Code, Kind, Modes};
use crate::statement::names::names;
use mysql::{Conn, Row};
use std::collections::{BTreeMap, BTreeSet};

/// A database and a name in it.
pub type Full = (String, String);

/// A session beside the one that executes, to look and to count.
pub struct Side<'a> {
    access: &'a Access,
    conn: Conn,
    /// What is in the database.
    pub present: Present,
}

impl<'a> Side<'a> {
    /// Opens it, and looks. The script reads these names.
    pub fn open(access: &'a Access, reads: BTreeSet<Full>) -> Result<Side<'a>> {
        let mut conn = access.open_to_read()?;
        let present = read(&mut conn, &access.database, Depth::Reach).and_then(|mut present| {
            follow_views(&mut conn, &mut present, reads)?;
            Ok(present)
        });
        Ok(Side { access, conn, present: present.map_err(|error| access.explain(&error))? })
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

/// Looks which of the views among these names, database and name, call functions that somebody has written: by themselves or
/// through other views, in whatever database.
pub fn follow_views(conn: &mut Conn, present: &mut Present, reads: BTreeSet<Full>) -> mysql::Result<()> {
    let mut views: BTreeMap<Full, String> = BTreeMap::new();
    let mut seen: BTreeSet<Full> = BTreeSet::new();
    let mut new = reads;
    while !new.is_empty() {
        let questions: Vec<String> = new.iter().map(definition_of).collect();
        seen.append(&mut new);
        for row in packet::ask(conn, &questions.join("; "))?.iter().flatten() {
            let (schema, definition) = (packet::word(row, 0), packet::word(row, 2));
            new.extend(named_in(&definition, &schema).filter(|name| !seen.contains(name)));
            views.insert((schema, packet::word(row, 1)), definition);
        }
    }
    let mut calling: BTreeSet<Full> =
        views.iter().filter(|(_, text)| calls_functions(text)).map(|(full, _)| full.clone()).collect();
    let reads_one =
        |calling: &BTreeSet<Full>, schema: &str, text: &str| named_in(text, schema).any(|name| calling.contains(&name));
    loop {
        let more = views.iter().filter(|((schema, _), text)| reads_one(&calling, schema, text));
        let more: Vec<Full> = more.map(|(full, _)| full.clone()).filter(|full| !calling.contains(full)).collect();
        if more.is_empty() {
            break;
        }
        calling.extend(more);
    }
    let tables = calling.into_iter().map(|(schema, name)| Table { schema: present.schema_of(Some(&schema)), name });
    present.calling_views = tables.collect();
    Ok(())
}

/// A LIMIT beats the server's sql_select_limit.
fn definition_of((schema, name): &Full) -> String {
    format!(
        "SELECT TABLE_SCHEMA, TABLE_NAME, VIEW_DEFINITION FROM information_schema.VIEWS \
         WHERE TABLE_SCHEMA = {} AND TABLE_NAME = {} LIMIT 1",
        quote::text(schema),
        quote::text(name)
    )
}

fn named_in(definition: &str, schema: &str) -> impl Iterator<Item = Full> {
    let named = names(definition, Modes::default()).into_iter();
    named.map(move |name| (name.schema.unwrap_or_else(|| schema.to_owned()), name.name))
}

/// The servers quote the names of stored functions, and not those of their own. Without the right to see a definition it is
/// empty.
fn calls_functions(definition: &str) -> bool {
    let tokens: Vec<(Kind, &str)> = Code::new(definition, Modes::default()).collect();
    tokens.is_empty() || tokens.windows(2).any(|two| two[0].0 == Kind::Quoted && two[1] == (Kind::Punct, "("))
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
