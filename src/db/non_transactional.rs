//! Which tables a statement may write to beside those that it names: through views, triggers and functions, and what those
//! name in turn, as far as this account may see them in the catalogue. Asked for one thing: whether a table among them is
//! protected by no transaction. Beside that, whether what runs there may change the session.
//!
//! Each name costs the server half a millisecond and more, so what is known stays known until a statement of the session
//! may change it. Nobody else changes the objects meanwhile, as all of recovery takes for granted.

use crate::db::catalogue::{self, IS_TABLE};
use crate::db::flavour::Flavour;
use crate::db::server;
use crate::db::{packet, quote};
use crate::script::lexer::{Code, Modes};
use crate::statement::ddl::{Ddl, Object};
use crate::statement::names::{Name, names};
use crate::statement::row_effects;
use mysql::Conn;
use std::collections::hash_map::{Entry, HashMap};
use std::collections::{BTreeSet, HashSet};

/// A schema and a name in it.
type Full = (String, String);

/// What statements name, by what it may be. Each name is asked for once.
#[derive(Debug, Default)]
pub struct Named {
    seen: BTreeSet<(Role, Full)>,
    new: Vec<(Role, Full)>,
    /// What is known of whole schemas.
    schemas: HashMap<String, Schema>,
    /// The tables among them whose engine has no transactions.
    plain: Vec<String>,
    /// Something was found through something else: a view, a trigger, a routine.
    is_indirect: bool,
    /// Something among them may leave a trace in the session: a user variable, a lock, a setting.
    pub leaves_traces: bool,
    /// Where a table without transactions was found: those that statements reach, by what they name.
    each: HashMap<Vec<(Role, Full)>, Vec<String>>,
}

/// A schema in which many tables were asked about.
#[derive(Debug, Default)]
struct Schema {
    /// How often something of it was.
    asked: u64,
    /// How many tables it has.
    tables: u64,
    /// Its names, in lower case, that may be more than a table with transactions and without triggers.
    special: Option<HashSet<String>>,
}

impl Schema {
    /// From so many questions on it may be asked as a whole.
    const MANY: u64 = 8;

    /// A table is asked about by itself in 1.4 ms, with all others of its schema in up to 0.6 (MariaDB, which opens each).
    const TABLES_A_QUESTION: u64 = 20;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Role {
    /// May be a table that is written to, or a view.
    Table,
    /// May be a view that is read, whose functions run.
    Read,
    /// May be a table that is written to, so that its triggers run.
    Written,
    /// May be a routine.
    Called,
    /// Is a view, through which rows may be written.
    View,
    /// Is a view that is read.
    ReadView,
}

impl Named {
    /// Adds what a statement names, which runs with this default database.
    pub fn by_statement(&mut self, sql: &str, modes: Modes, schema: &str) {
        let written = row_effects::written(sql, modes);
        let is_read = |name: &Name| !written.contains(name);
        self.add(Role::Read, schema, row_effects::tables(sql, modes).into_iter().filter(is_read).collect());
        for role in [Role::Table, Role::Written] {
            self.add(role, schema, written.clone());
        }
        let called = row_effects::called(sql, modes);
        self.leaves_traces |= called.iter().any(|name| leaves_a_trace(&name.name)) || says_next_value(sql, modes);
        self.add(Role::Called, schema, called);
    }

    /// Adds what a body of statements names: each name may be anything.
    pub fn by_body(&mut self, text: &str, modes: Modes, schema: &str) {
        if row_effects::only_reads(text, modes) {
            return self.by_query(text, modes, schema);
        }
        self.by_view(text, modes, schema);
    }

    /// Adds what a view names through which rows may be written.
    fn by_view(&mut self, text: &str, modes: Modes, schema: &str) {
        for role in [Role::Table, Role::Written, Role::Called] {
            self.add(role, schema, names(text, modes));
        }
    }

    /// Adds what a query names: views, and functions that may do anything.
    fn by_query(&mut self, text: &str, modes: Modes, schema: &str) {
        for role in [Role::Read, Role::Called] {
            self.add(role, schema, names(text, modes));
        }
    }

    fn add(&mut self, role: Role, schema: &str, names: Vec<Name>) {
        for name in names {
            let full = (name.schema.unwrap_or_else(|| schema.to_owned()), name.name);
            if self.seen.insert((role, full.clone())) && !self.is_ordinary(role, &full) {
                self.new.push((role, full));
            }
        }
    }

    /// Known from its schema as a whole.
    fn is_ordinary(&self, role: Role, (schema, name): &Full) -> bool {
        let special = self.schemas.get(schema).and_then(|schema| schema.special.as_ref());
        let is_table = matches!(role, Role::Table | Role::Written | Role::Read);
        is_table && special.is_some_and(|special| !special.contains(&name.to_lowercase()))
    }

    /// Asks about all of a schema, where much of it was asked about and it has not too many tables.
    fn look_at_schemas(&mut self, conn: &mut Conn) -> mysql::Result<()> {
        let names: BTreeSet<String> = self.new.iter().map(|(_, (schema, _))| schema.clone()).collect();
        for name in names {
            let schema = self.schemas.entry(name.clone()).or_default();
            schema.asked += 1;
            let literal = quote::text(&name);
            if schema.asked == Schema::MANY {
                // Its tables are counted without opening one.
                let question =
                    format!("SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = {literal} LIMIT 1");
                schema.tables = packet::ask(conn, &question)?[0].first().map_or(0, |row| packet::number(row, 0));
            }
            let is_worth_it = schema.asked >= Schema::MANY && schema.asked * Schema::TABLES_A_QUESTION >= schema.tables;
            if schema.special.is_none() && is_worth_it {
                let question = format!(
                    "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = {literal} \
                     AND NOT ({IS_TABLE} AND COALESCE(ENGINE, '') IN ({ENGINES})) \
                     UNION ALL SELECT EVENT_OBJECT_TABLE FROM information_schema.TRIGGERS \
                     WHERE EVENT_OBJECT_SCHEMA = {literal} LIMIT 1000000"
                );
                let special = packet::ask(conn, &question)?;
                schema.special = Some(special[0].iter().map(|row| packet::word(row, 0).to_lowercase()).collect());
            }
        }
        let new = std::mem::take(&mut self.new);
        self.new = new.into_iter().filter(|(role, full)| !self.is_ordinary(*role, full)).collect();
        Ok(())
    }

    /// A table has been made whose engine has transactions. Nothing hangs on it yet.
    pub fn has_made(&mut self, schema: &str, name: &str) {
        let full = (schema.to_owned(), name.to_owned());
        self.seen.extend([Role::Table, Role::Written, Role::Read].map(|role| (role, full.clone())));
    }

    /// Begins with another script: a table without transactions of the one before says nothing of it.
    pub fn begin_script(&mut self) {
        if self.has_plain() {
            *self = Named::default();
        }
    }

    /// Forgets what a statement may change.
    pub fn forget(&mut self, ddl: Option<&Ddl>) {
        let is_about_tables = |ddl: &&Ddl| matches!(ddl.object, Object::Table | Object::View | Object::Index);
        match ddl.filter(is_about_tables).filter(|ddl| !ddl.shows_in.is_empty()) {
            _ if self.has_plain() => *self = Named::default(),
            // Columns and keys: neither the engine nor what hangs on the table.
            Some(ddl) if ddl.verb == "ALTER" && ddl.object == Object::Table || ddl.object == Object::Index => {}
            Some(ddl) if !self.is_indirect => {
                let is_changed = |name: &str| ddl.shows_in.iter().any(|one| one.name.eq_ignore_ascii_case(name));
                self.seen.retain(|(_, (_, name))| !is_changed(name));
                for special in self.schemas.values_mut().filter_map(|schema| schema.special.as_mut()) {
                    special.extend(ddl.shows_in.iter().map(|one| one.name.to_lowercase()));
                }
            }
            _ => *self = Named::default(),
        }
    }

    /// Of the tables that are named and of those behind them, the ones whose engine has no transactions. One packet where there are only tables without triggers; one more for each level of what is
    /// behind them.
    pub fn without_transactions(&mut self, conn: &mut Conn, flavour: Flavour) -> mysql::Result<&[String]> {
        if !self.new.is_empty() {
            self.look_at_schemas(conn)?;
        }
        while !self.new.is_empty() {
            let question = question(&std::mem::take(&mut self.new), flavour);
            for row in packet::ask(conn, &question)?.iter().flatten() {
                let (what, schema, text, more) =
                    (packet::word(row, 0), packet::word(row, 1), packet::word(row, 2), packet::word(row, 3));
                match what.as_str() {
                    "table" => self.plain.push(text),
                    "view" | "read" => {
                        self.is_indirect = true;
                        let role = if what == "view" { Role::View } else { Role::ReadView };
                        self.add(role, &schema, vec![Name { schema: None, name: text }]);
                    }
                    "query" => self.by_query(&text, server::modes(&more), &schema),
                    "body" => self.by_view(&text, server::modes(&more), &schema),
                    _ => {
                        self.is_indirect = true;
                        self.leaves_traces |= matches!(what.as_str(), "trigger" | "routine");
                        self.by_body(&text, server::modes(&more), &schema);
                    }
                }
            }
        }
        Ok(&self.plain)
    }

    /// The same of one statement, whatever others name. What names the same is asked about once.
    pub fn of_statement(
        &mut self,
        conn: &mut Conn,
        flavour: Flavour,
        sql: &str,
        modes: Modes,
        schema: &str,
    ) -> mysql::Result<&[String]> {
        let mut one = Named::default();
        one.by_statement(sql, modes, schema);
        match self.each.entry(one.new.clone()) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(new) => {
                one.without_transactions(conn, flavour)?;
                self.leaves_traces |= one.leaves_traces;
                Ok(new.insert(one.plain))
            }
        }
    }

    /// Whether one was found. Until the next DDL, or the next script, each statement must be asked about.
    pub fn has_plain(&self) -> bool {
        !self.plain.is_empty()
    }
}

/// Functions of the server whose effect on the session outlives the statement.
fn leaves_a_trace(function: &str) -> bool {
    ["GET_LOCK", "NEXTVAL", "SETVAL"].iter().any(|name| function.eq_ignore_ascii_case(name))
}

/// NEXT VALUE FOR a sequence, which the session remembers.
fn says_next_value(sql: &str, modes: Modes) -> bool {
    let mut words = Code::new(sql, modes).map(|(_, text)| text).take(1_000);
    words.any(|text| text.eq_ignore_ascii_case("NEXT"))
}

/// Those with transactions.
const ENGINES: &str = "'InnoDB', 'ROCKSDB', 'TokuDB', 'ndbcluster'";

/// Each row tells what it is: a table without transactions, a view, or a body with the sql_mode that it was written in.
/// Only what the statement can reach is asked for: on MariaDB each name costs half a millisecond in TRIGGERS.
fn question(names: &[(Role, Full)], flavour: Flavour) -> String {
    let tables = format!(
        "SELECT CASE TABLE_TYPE WHEN 'VIEW' THEN 'view' ELSE 'table' END, TABLE_SCHEMA, TABLE_NAME, '' \
         FROM information_schema.TABLES WHERE (TABLE_TYPE = 'VIEW' OR {IS_TABLE} \
         AND ENGINE NOT IN ({ENGINES})) AND "
    );
    let read =
        "SELECT 'read', TABLE_SCHEMA, TABLE_NAME, '' FROM information_schema.TABLES WHERE TABLE_TYPE = 'VIEW' AND ";
    let triggers =
        "SELECT 'trigger', TRIGGER_SCHEMA, ACTION_STATEMENT, SQL_MODE FROM information_schema.TRIGGERS WHERE ";
    let routines =
        "SELECT 'routine', ROUTINE_SCHEMA, ROUTINE_DEFINITION, SQL_MODE FROM information_schema.ROUTINES WHERE ";
    let views = "SELECT 'body', TABLE_SCHEMA, VIEW_DEFINITION, '' FROM information_schema.VIEWS WHERE ";
    let read_views = "SELECT 'query', TABLE_SCHEMA, VIEW_DEFINITION, '' FROM information_schema.VIEWS WHERE ";
    let select = |role: Role, head: &str, schema: &str, name: &str, flavour: Flavour| {
        let of_role: Vec<Full> = names.iter().filter(|(own, _)| *own == role).map(|(_, full)| full.clone()).collect();
        let each = catalogue::conditions(schema, name, &of_role, flavour);
        each.iter().map(|condition| format!("{head}{condition}")).collect::<Vec<_>>().join(" UNION ALL ")
    };
    let selects = [
        select(Role::Table, &tables, "TABLE_SCHEMA", "TABLE_NAME", flavour),
        select(Role::Written, triggers, "EVENT_OBJECT_SCHEMA", "EVENT_OBJECT_TABLE", flavour),
        // MariaDB reads all routines for one name as well as for many.
        select(Role::Called, routines, "ROUTINE_SCHEMA", "ROUTINE_NAME", Flavour::MySql),
        select(Role::View, views, "TABLE_SCHEMA", "TABLE_NAME", flavour),
        select(Role::Read, read, "TABLE_SCHEMA", "TABLE_NAME", flavour),
        select(Role::ReadView, read_views, "TABLE_SCHEMA", "TABLE_NAME", flavour),
    ];
    // A LIMIT beats the script's sql_select_limit.
    let asked = selects.iter().filter(|select| !select.is_empty());
    asked.map(|select| format!("{select} LIMIT 1000000")).collect::<Vec<_>>().join("; ")
}
