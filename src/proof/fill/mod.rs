//! Fills the tables of a throwaway database with made-up rows, and reads them back as digests.
//!
//! Rows are only added, never taken away: those that migrations write themselves stay. A table whose definition has changed
//! since it was filled gets new rows, which show what it can hold now. What the server refuses (a CHECK, a trigger) is
//! tried with other values, a bounded number of times; a table that stays short of rows is told.

mod digest;
mod insert;
mod missing_rows;
mod targets;

use crate::db::connect::Access;
use crate::db::flavour::Flavour;
use crate::db::scratch_database::Scratch;
use crate::db::{packet, quote, read_tables};
use crate::error::Result;
use crate::sample_rows::loss::Contents;
use crate::sample_rows::table_order;
use crate::sample_rows::table_rows::Recipe;
use crate::schema::table::{Schema, Table};
use missing_rows::{MissingRows, reason};
use mysql::Conn;
use std::collections::BTreeMap;

/// How many rows, and which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    /// In each table.
    pub rows: u64,
    /// The same seed makes the same rows.
    pub seed: u64,
}

/// A table that has fewer rows than wished.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Short {
    /// Its name.
    pub table: String,
    /// The rows that it has.
    pub rows: u64,
    /// Why there are no more.
    pub why: String,
}

/// Fills one database.
pub struct Filler {
    conn: Conn,
    flavour: Flavour,
    database: String,
    wish: Wish,
    /// The tables as they were when they were filled.
    seen: BTreeMap<String, Table>,
}

impl Filler {
    /// On a session of its own: the scripts' sessions stay as they are.
    pub fn open(access: &Access, flavour: Flavour, wish: Wish) -> Result<Filler> {
        let mut conn = access.open()?;
        // In UTC no hour of a TIMESTAMP is missing.
        let set_up = "SET SESSION time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE'";
        packet::tell(&mut conn, set_up).map_err(|error| access.explain(&error))?;
        Ok(Filler { conn, flavour, database: access.database.clone(), wish, seen: BTreeMap::new() })
    }

    /// What is wished.
    pub fn wish(&self) -> Wish {
        self.wish
    }

    /// The database has been made anew.
    pub fn forget(&mut self) {
        self.seen.clear();
    }

    /// Fills what lacks rows, and gives back the tables that stay short of them.
    pub fn fill(&mut self) -> mysql::Result<Vec<Short>> {
        let schema = self.schema()?;
        let counts = self.counts(&schema)?;
        let mut short = Vec::new();
        for group in table_order::groups(&schema) {
            let lacks: Vec<MissingRows<'_>> =
                group.iter().filter_map(|name| self.lack(name, &schema, &counts)).collect();
            if !lacks.is_empty() {
                self.group(&lacks, group.len() > 1, &schema, &mut short)?;
            }
        }
        self.seen = schema.tables;
        short.sort();
        Ok(short)
    }

    /// All rows, as digests.
    pub fn look(&mut self) -> mysql::Result<Contents> {
        let schema = self.schema()?;
        digest::contents(&mut self.conn, &self.database, &schema)
    }

    fn schema(&mut self) -> mysql::Result<Schema> {
        let mut schema = read_tables::schema(&mut self.conn, self.flavour, &self.database)?;
        schema.tables.retain(|name, _| !Scratch::is_mark(name));
        Ok(schema)
    }

    fn counts(&mut self, schema: &Schema) -> mysql::Result<BTreeMap<String, u64>> {
        let count = |name: &String| format!("SELECT COUNT(*) FROM {}", quote::table(&self.database, name));
        let questions: Vec<String> = schema.tables.keys().map(count).collect();
        if questions.is_empty() {
            return Ok(BTreeMap::new());
        }
        let answers = packet::ask(&mut self.conn, &questions.join("; "))?;
        let number = |rows: Vec<mysql::Row>| rows.first().map_or(0, |row| packet::number(row, 0));
        Ok(schema.tables.keys().cloned().zip(answers.into_iter().map(number)).collect())
    }

    fn lack<'a>(&self, name: &str, schema: &'a Schema, counts: &BTreeMap<String, u64>) -> Option<MissingRows<'a>> {
        let (name, table) = schema.tables.get_key_value(name)?;
        let there = counts.get(name).copied().unwrap_or_default();
        let has_changed = self.seen.get(name).is_some_and(|seen| seen != table);
        let wanted = if has_changed { self.wish.rows } else { self.wish.rows.saturating_sub(there) };
        (wanted > 0).then_some(MissingRows { name, table, there, wanted })
    }

    /// One table, or several that point to each other. These are filled without the server's check of foreign keys, by rows
    /// that are known before; what then points nowhere, since a row of another table was refused, is taken away.
    fn group(
        &mut self,
        lacks: &[MissingRows<'_>],
        is_cycle: bool,
        schema: &Schema,
        short: &mut Vec<Short>,
    ) -> mysql::Result<()> {
        let recipes = self.recipes(lacks, schema, short)?;
        let checks = |on: u8| format!("SET SESSION foreign_key_checks = {on}");
        if is_cycle {
            packet::tell(&mut self.conn, &checks(0))?;
        }
        for (lack, recipe) in &recipes {
            let refused = insert::rows(&mut self.conn, &self.database, lack, recipe)?;
            if let Some(why) = refused {
                short.push(Short { table: lack.name.to_owned(), rows: 0, why });
            }
        }
        if is_cycle {
            targets::remove_orphans(&mut self.conn, &self.database, lacks)?;
            packet::tell(&mut self.conn, &checks(1))?;
        }
        self.weigh(lacks, short)
    }

    /// Short is who has not even the rows that were wished; what a batch beyond them lacks is no matter.
    fn weigh(&mut self, lacks: &[MissingRows<'_>], short: &mut Vec<Short>) -> mysql::Result<()> {
        let names: BTreeMap<String, Table> =
            lacks.iter().map(|lack| (lack.name.to_owned(), Table::default())).collect();
        let counts = self.counts(&Schema { tables: names })?;
        let wished = self.wish.rows;
        for one in short.iter_mut() {
            if let Some(rows) = counts.get(&one.table) {
                one.rows = *rows;
            }
        }
        for (table, rows) in counts.into_iter().filter(|(_, rows)| *rows < wished) {
            if !short.iter().any(|one| one.table == table) {
                short.push(Short { table, rows, why: "rows of tables that point to each other do not fit".to_owned() });
            }
        }
        short.retain(|one| one.rows < wished);
        Ok(())
    }

    fn recipes<'a, 'b>(
        &mut self,
        lacks: &'b [MissingRows<'a>],
        schema: &Schema,
        short: &mut Vec<Short>,
    ) -> mysql::Result<Vec<(&'b MissingRows<'a>, Recipe<'a>)>> {
        let mut found = Vec::new();
        let mut pointing = Vec::new();
        for lack in lacks {
            let there = targets::read(&mut self.conn, &self.database, lack, schema)?;
            // A target in the same group gets its rows with this one.
            let joining =
                |target: &str| lacks.iter().find(|other| other.name == target).map_or(0, |other| other.wanted);
            let room = (lack.table.foreign_keys.iter()).map(|(name, key)| {
                (name.clone(), there.get(name).map_or(0, |rows| rows.len() as u64) + joining(&key.target))
            });
            match Recipe::new(self.wish.seed, self.wish.rows, lack.name, lack.table, &room.collect()) {
                Ok(recipe) => {
                    found.push((lack, recipe));
                    pointing.push(there);
                }
                Err(why) => short.push(Short { table: lack.name.to_owned(), rows: lack.there, why: reason(&why) }),
            }
        }
        targets::set_srids(&mut self.conn, self.flavour, &self.database, &mut found)?;
        targets::point(&mut found, pointing);
        Ok(found)
    }
}
