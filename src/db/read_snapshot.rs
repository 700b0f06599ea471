//! Reads what is in a database, as the server itself writes it down: all of it, or what a script can have changed.
//!
//! SHOW CREATE of one table takes 0.1 ms however many tables there are; every question to information_schema about "all
//! triggers" or "all tables" opens all of them on MariaDB. So a part is read name by name, and questions of that kind are
//! asked only where scripts speak of such objects.

use crate::db::flavour::Flavour;
use crate::db::packet::{self, maybe_word, number, word};
use crate::db::scratch_database::Scratch;
use crate::db::{error_code, quote};
use crate::schema::affected_definitions::Touch;
use crate::schema::collation::Defaults;
use crate::schema::own_tables;
use crate::schema::snapshot::{Code, Definition, Kind, Moment, Object, Setting, Snapshot, Table};
use crate::statement::names::quoted;
use mysql::{Conn, Row};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// How many objects are asked for in one packet.
const AT_ONCE: usize = 64;

/// A database, and what is known to be in it.
pub struct Definitions {
    /// Its name.
    pub database: String,
    /// Which family of servers.
    pub flavour: Flavour,
    /// The server keeps names of tables in lower case.
    pub folds_names: bool,
    /// The server's system tablespace is the one in which tables are made.
    pub shares_tablespace: bool,
    /// Some script speaks of triggers, so that tables can have some.
    pub has_triggers: bool,
    /// Tables, views and sequences, as far as they have been read.
    pub tables: BTreeSet<String>,
    /// Triggers, and their tables.
    pub triggers: BTreeMap<String, String>,
    /// Read once, from the server's list.
    pub collations: Defaults,
}

impl Definitions {
    /// Everything that is there.
    pub fn whole(&mut self, conn: &mut Conn) -> mysql::Result<Snapshot> {
        self.read_collations(conn)?;
        let list = packet::ask(conn, &format!("SHOW TABLES FROM {}", quote::ident(&self.database)))?;
        let names: Vec<String> = list[0].iter().map(|row| word(row, 0)).filter(|name| !is_uturns(name)).collect();
        let mut snapshot = Snapshot::default();
        for some in names.chunks(AT_ONCE) {
            let questions: Vec<String> = some.iter().map(|name| self.show_create("TABLE", name)).collect();
            for rows in packet::ask(conn, &questions.join("; "))? {
                self.put_table(&mut snapshot, conn, rows.first())?;
            }
        }
        self.tables = names.into_iter().collect();
        self.read_triggers(conn, &mut snapshot, &["1 = 1".to_owned()])?;
        self.routines(conn, &mut snapshot)?;
        self.events(conn, &mut snapshot)?;
        self.settings(conn, &mut snapshot)?;
        Ok(snapshot)
    }

    /// What a script can have changed, as it is now.
    pub fn part(&mut self, conn: &mut Conn, touch: &Touch) -> mysql::Result<Snapshot> {
        if touch.everything {
            return self.whole(conn);
        }
        let mut snapshot = Snapshot::default();
        let tables = self.look_up(touch);
        for name in &tables {
            let rows = match packet::ask(conn, &self.show_create("TABLE", name)) {
                Ok(mut answers) => answers.swap_remove(0),
                Err(error) if error_code::is_no_such_table(&error) => Vec::new(),
                Err(error) => return Err(error),
            };
            if rows.is_empty() {
                self.tables.remove(name)
            } else {
                self.tables.insert(name.clone())
            };
            self.put_table(&mut snapshot, conn, rows.first())?;
        }
        if self.has_triggers && !tables.is_empty() {
            let of_table = |name: &String| format!("EVENT_OBJECT_TABLE = {}", quote::text(name));
            self.read_triggers(conn, &mut snapshot, &tables.iter().map(of_table).collect::<Vec<_>>())?;
        }
        if touch.routines {
            self.routines(conn, &mut snapshot)?;
        }
        if touch.events {
            self.events(conn, &mut snapshot)?;
        }
        if touch.database {
            self.settings(conn, &mut snapshot)?;
        }
        Ok(snapshot)
    }

    /// The tables to look at: those that may have been made, and of all that is named what is known to be there. A trigger
    /// stands for its table.
    fn look_up(&self, touch: &Touch) -> BTreeSet<String> {
        let fold = |name: &String| if self.folds_names { name.to_lowercase() } else { name.clone() };
        let named: BTreeSet<String> = touch.named.iter().map(fold).collect();
        let mut tables: BTreeSet<String> = touch.made.iter().map(fold).collect();
        tables.extend(named.intersection(&self.tables).cloned());
        if touch.triggers {
            let is_named = |(name, _): &(&String, &String)| touch.named.iter().any(|n| n.eq_ignore_ascii_case(name));
            tables.extend(self.triggers.iter().filter(is_named).map(|(_, table)| table.clone()));
        }
        tables
    }

    fn read_collations(&mut self, conn: &mut Conn) -> mysql::Result<()> {
        if self.collations.0.is_empty() {
            let question =
                "SELECT CHARACTER_SET_NAME, COLLATION_NAME FROM information_schema.COLLATIONS WHERE IS_DEFAULT = 'Yes'";
            let rows = packet::ask(conn, question)?;
            self.collations = Defaults(rows[0].iter().map(|row| (word(row, 0), word(row, 1))).collect());
        }
        Ok(())
    }

    /// Some definitions name their database (`nextval(db.s)`), which is a scratch one here: what is shown must run elsewhere.
    fn at_home(&self, text: &str) -> String {
        text.replace(&format!("{}.", quote::ident(&self.database)), "")
    }

    fn show_create(&self, kind: &str, name: &str) -> String {
        format!("SHOW CREATE {kind} {}", quote::table(&self.database, name))
    }

    /// The triggers that one of these conditions finds.
    fn read_triggers(&mut self, conn: &mut Conn, snapshot: &mut Snapshot, which: &[String]) -> mysql::Result<()> {
        // MariaDB looks one table up, but opens all of them for a list.
        let select = |which: &String| {
            format!(
                "SELECT TRIGGER_NAME, EVENT_OBJECT_TABLE, ACTION_TIMING, EVENT_MANIPULATION, ACTION_STATEMENT, DEFINER, SQL_MODE, \
                 CHARACTER_SET_CLIENT, COLLATION_CONNECTION, DATABASE_COLLATION, ACTION_ORDER FROM information_schema.TRIGGERS \
                 WHERE TRIGGER_SCHEMA = {} AND {which}",
                quote::text(&self.database)
            )
        };
        let question = which.iter().map(select).collect::<Vec<_>>().join(" UNION ALL ");
        for row in &packet::ask(conn, &question)?[0] {
            let (name, table) = (word(row, 0), word(row, 1));
            let definition = format!(
                "CREATE DEFINER={} TRIGGER {} {} {} ON {} FOR EACH ROW {}",
                account(&word(row, 5)),
                quoted(&name),
                word(row, 2),
                word(row, 3),
                quoted(&table),
                word(row, 4)
            );
            let setting = Setting { turn: Some(number(row, 10)), ..setting(row, 6) };
            put(snapshot, Kind::Trigger, &name, Code { definition, setting, moments: Vec::new() });
            self.triggers.insert(name, table);
        }
        Ok(())
    }

    fn routines(&self, conn: &mut Conn, snapshot: &mut Snapshot) -> mysql::Result<()> {
        let question = format!(
            "SELECT ROUTINE_TYPE, ROUTINE_NAME, SQL_MODE, CHARACTER_SET_CLIENT, COLLATION_CONNECTION, DATABASE_COLLATION \
             FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = {}",
            quote::text(&self.database)
        );
        let list = packet::ask(conn, &question)?;
        for some in list[0].chunks(AT_ONCE) {
            let questions: Vec<String> =
                some.iter().map(|row| self.show_create(&word(row, 0), &word(row, 1))).collect();
            for (rows, row) in packet::ask(conn, &questions.join("; "))?.iter().zip(some) {
                let definition = rows.first().map(|row| self.at_home(&word(row, 2))).unwrap_or_default();
                let code = Code { definition, setting: setting(row, 2), moments: Vec::new() };
                put(snapshot, routine(&word(row, 0)), &word(row, 1), code);
            }
        }
        Ok(())
    }

    fn events(&self, conn: &mut Conn, snapshot: &mut Snapshot) -> mysql::Result<()> {
        let moment = |name: &str| {
            let from = |made: &str| format!("TIMESTAMPDIFF(SECOND, {made}, {name})");
            // Its own creation or its last change, whichever is nearer.
            let (created, altered) = (from("CREATED"), from("LAST_ALTERED"));
            format!("{name}, IF(ABS({created}) < ABS({altered}), {created}, {altered})")
        };
        let question = format!(
            "SELECT EVENT_NAME, DEFINER, INTERVAL_VALUE, INTERVAL_FIELD, ON_COMPLETION, STATUS, EVENT_COMMENT, EVENT_DEFINITION, \
             SQL_MODE, CHARACTER_SET_CLIENT, COLLATION_CONNECTION, DATABASE_COLLATION, TIME_ZONE, {}, {}, {} \
             FROM information_schema.EVENTS WHERE EVENT_SCHEMA = {}",
            moment("STARTS"),
            moment("ENDS"),
            moment("EXECUTE_AT"),
            quote::text(&self.database)
        );
        for row in &packet::ask(conn, &question)?[0] {
            let at = |column| {
                let at = maybe_word(row, column)?;
                Some(Moment { at, after: word(row, column + 1).parse().unwrap_or_default() })
            };
            let moments: Vec<Moment> = [13, 15, 17].into_iter().filter_map(at).collect();
            put(
                snapshot,
                Kind::Event,
                &word(row, 0),
                Code { definition: event(row), setting: setting(row, 8), moments },
            );
        }
        Ok(())
    }

    fn settings(&self, conn: &mut Conn, snapshot: &mut Snapshot) -> mysql::Result<()> {
        let more = match self.flavour {
            Flavour::MariaDb => "CONCAT('COMMENT ', QUOTE(SCHEMA_COMMENT))",
            Flavour::MySql => "CONCAT('ENCRYPTION ''', LEFT(DEFAULT_ENCRYPTION, 1), '''')",
        };
        let question = format!(
            "SELECT CONCAT('ALTER DATABASE CHARACTER SET ', DEFAULT_CHARACTER_SET_NAME, ' COLLATE ', DEFAULT_COLLATION_NAME, ' ', \
             {more}) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = {}",
            quote::text(&self.database)
        );
        let definition = packet::ask(conn, &question)?[0].first().map(|row| word(row, 0)).unwrap_or_default();
        put(snapshot, Kind::Database, "", Code { definition, ..Code::default() });
        Ok(())
    }

    /// What SHOW CREATE TABLE says: it answers for views and sequences, too.
    fn put_table(&self, snapshot: &mut Snapshot, conn: &mut Conn, row: Option<&Row>) -> mysql::Result<()> {
        let Some(row) = row else { return Ok(()) };
        let (name, text) = (word(row, 0), self.at_home(&word(row, 1)));
        let is_view = row.columns_ref().get(1).is_some_and(|column| column.name_str() == "Create View");
        if is_view {
            let setting = Setting { charset: word(row, 2), collation: word(row, 3), ..Setting::default() };
            put(snapshot, Kind::View, &name, Code { definition: text, setting, moments: Vec::new() });
        } else if text.trim_end().ends_with("SEQUENCE=1") {
            let answer = packet::ask(conn, &self.show_create("SEQUENCE", &name))?;
            let definition = answer[0].first().map(|row| word(row, 1)).unwrap_or_default();
            put(snapshot, Kind::Sequence, &name, Code { definition, ..Code::default() });
        } else {
            let object = Object { kind: Kind::Table, name };
            snapshot.objects.insert(object, Definition::Table(Table::parse(&self.as_made(&text), &self.collations)));
        }
        Ok(())
    }

    /// MySQL names the system tablespace once a table is rebuilt, also where tables are made there anyhow.
    fn as_made<'t>(&self, text: &'t str) -> Cow<'t, str> {
        const SYSTEM: &str = " /*!50100 TABLESPACE `innodb_system` */";
        match text.rfind(SYSTEM).filter(|_| self.shares_tablespace) {
            Some(at) => Cow::Owned(format!("{}{}", &text[..at], &text[at + SYSTEM.len()..])),
            None => Cow::Borrowed(text),
        }
    }
}

/// A table of uturn's own: the mark of a scratch database, and what its engine makes there for `--partial`.
fn is_uturns(table: &str) -> bool {
    let made = [own_tables::HISTORY, own_tables::RUN, own_tables::STEP, own_tables::PROTECTION];
    Scratch::is_mark(table) || made.contains(&table)
}

fn put(snapshot: &mut Snapshot, kind: Kind, name: &str, code: Code) {
    snapshot.objects.insert(Object { kind, name: name.to_owned() }, Definition::Code(code));
}

/// From four columns: sql_mode, character set, collation, and the database's collation.
fn setting(row: &Row, column: usize) -> Setting {
    let [mode, charset, collation, database] = [0, 1, 2, 3].map(|index| word(row, column + index));
    Setting { sql_mode: Some(mode), charset, collation, database: Some(database), turn: None }
}

/// What a session makes objects under.
pub fn session_setting(conn: &mut Conn) -> mysql::Result<Setting> {
    let question = "SELECT @@sql_mode, @@character_set_client, @@collation_connection, @@collation_database LIMIT 1";
    Ok(packet::ask(conn, question)?[0].first().map(|row| setting(row, 0)).unwrap_or_default())
}

/// `root@localhost` as it stands behind DEFINER=.
fn account(definer: &str) -> String {
    match definer.rsplit_once('@') {
        Some((user, host)) => format!("{}@{}", quoted(user), quoted(host)),
        None => quoted(definer),
    }
}

fn routine(kind: &str) -> Kind {
    match kind {
        "FUNCTION" => Kind::Function,
        "PACKAGE" => Kind::Package,
        "PACKAGE BODY" => Kind::PackageBody,
        _ => Kind::Procedure,
    }
}

/// An event without its times, which are compared by themselves.
fn event(row: &Row) -> String {
    let every = match maybe_word(row, 2) {
        Some(value) => format!("EVERY {} {}", quote::quoted(&value), word(row, 3)),
        None => "AT …".to_owned(),
    };
    let status = match word(row, 5).as_str() {
        "ENABLED" => "ENABLE",
        "DISABLED" => "DISABLE",
        _ => "DISABLE ON SLAVE",
    };
    let comment = quote::quoted(&word(row, 6));
    format!(
        "CREATE DEFINER={} EVENT {} ON SCHEDULE {every} ON COMPLETION {} {status} COMMENT {comment} DO {}",
        account(&word(row, 1)),
        quoted(&word(row, 0)),
        word(row, 4),
        word(row, 7)
    )
}
