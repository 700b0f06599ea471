//! Makes the clones: as the server defines the real table, foreign keys and all, without a row.

use crate::db::connect::Access;
use crate::db::{error_code, packet, quote};
use crate::error::Result;
use crate::preview::database_state::Stock;
use crate::schema::stage::Stage;
use crate::script::lexer::{Code, Kind, Modes};
use crate::statement::names::{names, unquote};
use crate::statement::table_change::Alter;
use mysql::Conn;
use std::collections::{BTreeMap, BTreeSet};

/// Tables of other engines are not cloned: they may be connections to elsewhere, or files.
pub(super) const ENGINES: [&str; 4] = ["InnoDB", "MyISAM", "Aria", "MEMORY"];

/// What lets a table be made that could be made under other settings. Not each server has each, and MySQL gives some to
/// accounts with a right for it alone; few tables need one.
const LENIENT: [&str; 5] = [
    "innodb_strict_mode = 0",
    "restrict_fk_on_non_standard_key = 0",
    "sql_require_primary_key = 0",
    "sql_generate_invisible_primary_key = 0",
    "explicit_defaults_for_timestamp = 1",
];

/// The clones in a scratch database, and the connection that makes them.
pub(super) struct EmptyClones {
    pub(super) conn: Conn,
    database: String,
    /// Cloned tables, each with the tables that it refers to.
    cloned: BTreeMap<String, Vec<String>>,
    /// Of them, those that had a FULLTEXT index.
    had_fulltext: BTreeSet<String>,
}

impl EmptyClones {
    /// In a scratch database with the character set of the real one.
    pub(super) fn open(scratch: &Access, stock: &mut Stock) -> Result<EmptyClones> {
        let mut conn = scratch.open()?;
        let explain = |error: mysql::Error| scratch.explain(&error);
        let charset = format!(
            "SELECT DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA \
             WHERE SCHEMA_NAME = {}",
            quote::text(stock.schema())
        );
        if let Some(row) = packet::ask(&mut stock.conn, &charset).map_err(explain)?[0].first() {
            let name = quote::ident(&scratch.database);
            let (set, collation) = (packet::word(row, 0), packet::word(row, 1));
            let same = format!("ALTER DATABASE {name} CHARACTER SET {set} COLLATE {collation}");
            packet::tell(&mut conn, &same).map_err(explain)?;
        }
        // What was made under other settings must be made again.
        let lenient = "SET SESSION sql_mode = '', foreign_key_checks = 0, lock_wait_timeout = 5";
        packet::tell(&mut conn, lenient).map_err(explain)?;
        for setting in LENIENT {
            if let Err(error) = packet::tell(&mut conn, &format!("SET SESSION {setting}")) {
                log::debug!("{setting}: {error}");
            }
        }
        let database = scratch.database.clone();
        Ok(EmptyClones { conn, database, cloned: BTreeMap::new(), had_fulltext: BTreeSet::new() })
    }

    /// Whether the real table of this clone had a FULLTEXT index once.
    pub(super) fn had_fulltext(&self, table: &str) -> bool {
        self.had_fulltext.contains(table)
    }

    /// Clones every table that the statement names, and those that it is tied to by foreign keys. Gives back why not.
    pub(super) fn of_statement(
        &mut self,
        stock: &mut Stock,
        stage: &Stage,
        alter: &Alter<'_>,
        text: &str,
        modes: Modes,
    ) -> mysql::Result<Option<String>> {
        for name in names(text, modes) {
            if let Some(real) = stage.untouched(&name.name)
                && let Some(why) = self.make(stock, real)?
            {
                // An index or a column may be called as a table that cannot be cloned.
                if alter.tables().iter().any(|table| stage.key(&table.name) == stage.key(real)) {
                    return Ok(Some(why));
                }
            }
        }
        for table in alter.tables() {
            let Some(real) = stage.home(&table) else { continue };
            let mut tied = self.cloned.get(&real).cloned().unwrap_or_default();
            tied.extend(stock.referenced_by(&real));
            for other in tied.iter().filter_map(|other| stage.untouched(other)) {
                if let Some(why) = self.make(stock, other)? {
                    return Ok(Some(format!("a foreign key ties it to `{other}`: {why}")));
                }
            }
        }
        Ok(None)
    }

    /// Makes a clone of a table, as empty as its definition. Gives back why not.
    fn make(&mut self, stock: &mut Stock, table: &str) -> mysql::Result<Option<String>> {
        if self.cloned.contains_key(table) {
            return Ok(None);
        }
        let schema = stock.schema().to_owned();
        let text = match stock.create_text(&schema, table) {
            Ok(text) => text,
            Err(error) if error_code::is_connection_lost(&error) => return Err(error),
            Err(error) => return Ok(Some(format!("the definition of `{table}` cannot be read: {error}"))),
        };
        let engine = Alter::of(&text, Modes::default()).engine().unwrap_or_default();
        if !ENGINES.iter().any(|known| engine.eq_ignore_ascii_case(known)) {
            return Ok(Some(format!("`{table}` has the engine {engine}, whose tables are not cloned")));
        }
        if let Some(elsewhere) = parents(&text).iter().find_map(|(schema, _)| schema.clone()) {
            return Ok(Some(format!("`{table}` has a foreign key into the database `{elsewhere}`")));
        }
        match packet::tell(&mut self.conn, &text) {
            Ok(_) => {}
            Err(error) if error_code::is_connection_lost(&error) => return Err(error),
            Err(error) => return Ok(Some(format!("`{table}` cannot be cloned: {error}"))),
        }
        self.cloned.insert(table.to_owned(), parents(&text).into_iter().map(|(_, parent)| parent).collect());
        self.as_after_fulltext(stock, table, &text)?;
        Ok(None)
    }

    /// A table that had a FULLTEXT index keeps a column of InnoDB's, which no definition shows: its clone gets one, too.
    fn as_after_fulltext(&mut self, stock: &mut Stock, table: &str, text: &str) -> mysql::Result<()> {
        if text.contains("FULLTEXT KEY") || !stock.has_fulltext() {
            return Ok(());
        }
        let (schema, scratch) = (stock.schema().to_owned(), self.database.clone());
        let (real, clone) = (stock.inner_columns(&schema, table), stock.inner_columns(&scratch, table));
        if real.is_none() || real <= clone {
            return Ok(());
        }
        let column = format!(
            "SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = {} AND TABLE_NAME = {} \
             AND DATA_TYPE IN ('char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext') LIMIT 1",
            quote::text(&scratch),
            quote::text(table)
        );
        let answer = packet::ask(&mut self.conn, &column)?;
        let Some(column) = answer[0].first().map(|row| packet::word(row, 0)) else { return Ok(()) };
        let (table_name, column) = (quote::ident(table), quote::ident(&column));
        let there_and_back = format!(
            "ALTER TABLE {table_name} ADD FULLTEXT KEY uturn_was ({column}); ALTER TABLE {table_name} DROP KEY uturn_was"
        );
        match packet::tell(&mut self.conn, &there_and_back) {
            Ok(_) => {
                self.had_fulltext.insert(table.to_owned());
            }
            Err(error) if error_code::is_connection_lost(&error) => return Err(error),
            Err(error) => log::info!("`{table}` had a FULLTEXT index, and its clone cannot have one: {error}"),
        }
        Ok(())
    }
}

/// The tables that a definition refers to, each with its schema where that is another one.
fn parents(text: &str) -> Vec<(Option<String>, String)> {
    let tokens: Vec<(Kind, &str)> = Code::new(text, Modes::default()).collect();
    let mut found = Vec::new();
    for (at, (kind, word)) in tokens.iter().enumerate() {
        if *kind != Kind::Word || !word.eq_ignore_ascii_case("REFERENCES") {
            continue;
        }
        match tokens.get(at + 1..) {
            Some([(_, schema), (Kind::Punct, "."), (_, table), ..]) => {
                found.push((Some(unquote(schema)), unquote(table)));
            }
            Some([(_, table), ..]) => found.push((None, unquote(table))),
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_definition_refers_to() {
        let text = "CREATE TABLE `c` (\n  `references` int,\n  CONSTRAINT `f` FOREIGN KEY (`a`) REFERENCES `p` (`id`),\n  \
                    CONSTRAINT `g` FOREIGN KEY (`b`) REFERENCES `other`.`q` (`id`)\n) ENGINE=InnoDB";
        assert_eq!(parents(text), [(None, "p".to_owned()), (Some("other".to_owned()), "q".to_owned())]);
    }
}
