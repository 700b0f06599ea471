//! What is gone, by comparing every value of every table before with those after, and what was announced of it. A value
//! counts as often as it is anywhere, so that one that was moved, or copied and then deleted, is not gone.

use mysql::prelude::Queryable;
use mysql::{Conn, Row, Value as Cell};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Where a value stands: table, column.
type Place = (String, String);

/// Every value of every table of some databases.
#[derive(Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// By the name that an announcement uses.
    tables: BTreeMap<String, Content>,
    /// Tables, views and sequences.
    names: BTreeSet<String>,
}

#[derive(Debug, PartialEq, Eq)]
enum Content {
    Rows { columns: Vec<String>, rows: Vec<Vec<Option<String>>> },
    Unreadable,
}

impl Snapshot {
    /// Of the database of the migrations, and of the other one.
    pub fn of(conn: &mut Conn, here: &str, other: &str) -> Snapshot {
        let mut snapshot = Snapshot { tables: BTreeMap::new(), names: BTreeSet::new() };
        for database in [here, other] {
            let tables: Vec<(String, String, Option<String>)> = conn
                .query(format!(
                    "SELECT TABLE_NAME, TABLE_TYPE, ENGINE FROM information_schema.TABLES \
                     WHERE TABLE_SCHEMA = '{database}' AND TABLE_NAME NOT LIKE 'refinery\\_schema\\_history%'"
                ))
                .expect("the catalogue can be read");
            for (table, kind, engine) in tables {
                let name = if database == here { table.clone() } else { format!("{other}.{table}") };
                snapshot.names.insert(name.clone());
                if kind != "VIEW" && kind != "SEQUENCE" {
                    let content = Content::of(conn, database, &table, &kind);
                    // The rows of a MERGE table are those of other tables.
                    let is_merge = engine.is_some_and(|engine| engine.eq_ignore_ascii_case("MRG_MyISAM"));
                    if !is_merge || content == Content::Unreadable {
                        snapshot.tables.insert(name, content);
                    }
                }
            }
        }
        snapshot
    }

    /// Each value with the places where it stands.
    fn values(&self) -> BTreeMap<&str, Vec<Place>> {
        let mut all: BTreeMap<&str, Vec<Place>> = BTreeMap::new();
        for (table, content) in &self.tables {
            let Content::Rows { columns, rows } = content else { continue };
            for row in rows {
                for (column, value) in columns.iter().zip(row) {
                    if let Some(value) = value {
                        all.entry(value).or_default().push((table.clone(), column.clone()));
                    }
                }
            }
        }
        all
    }

    /// How many rows, or values that are not NULL, there are of what is announced; none where that cannot be read.
    fn count(&self, entry: &Entry) -> Option<usize> {
        let Some(Content::Rows { columns, rows }) = self.tables.get(&entry.table) else { return None };
        if entry.column.is_empty() {
            return Some(rows.len());
        }
        let index = columns.iter().position(|name| is_same(name, &entry.column));
        Some(index.map_or(0, |index| rows.iter().filter(|row| row[index].is_some()).count()))
    }

    fn times(&self, value: &str) -> usize {
        let rows = self.tables.values().filter_map(|content| match content {
            Content::Rows { rows, .. } => Some(rows),
            Content::Unreadable => None,
        });
        rows.flatten().flatten().filter(|cell| cell.as_deref() == Some(value)).count()
    }

    /// Values that stand in fewer places afterwards: the value, where it stood, and how often it is gone.
    fn lost<'a>(&'a self, after: &Snapshot) -> Vec<(&'a str, Vec<Place>, usize)> {
        let left = after.values();
        let count = |value: &str| left.get(value).map_or(0, Vec::len);
        let lost = self.values().into_iter().filter_map(|(value, places)| {
            let gone = places.len().saturating_sub(count(value));
            (gone > 0).then_some((value, places, gone))
        });
        lost.collect()
    }

    /// Tables that could not be read, and are not there any more.
    fn unread_and_lost(&self, after: &Snapshot) -> Vec<&str> {
        let unreadable = self.tables.iter().filter(|(_, content)| **content == Content::Unreadable);
        unreadable.map(|(name, _)| name.as_str()).filter(|name| !after.tables.contains_key(*name)).collect()
    }
}

impl Content {
    fn of(conn: &mut Conn, database: &str, table: &str, kind: &str) -> Content {
        let columns: Vec<String> = conn
            .exec(
                "SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? \
                 ORDER BY ORDINAL_POSITION",
                (database, table),
            )
            .expect("the catalogue can be read");
        let quoted = |name: &str| format!("`{}`", name.replace('`', "``"));
        let list: Vec<String> = columns.iter().map(|column| quoted(column)).collect();
        let history = if kind == "SYSTEM VERSIONED" { " FOR SYSTEM_TIME ALL" } else { "" };
        let question = format!("SELECT {} FROM {}.{}{history}", list.join(", "), quoted(database), quoted(table));
        match conn.query::<Row, _>(question) {
            Ok(rows) if !columns.is_empty() => Content::Rows { rows: rows.iter().map(cells).collect(), columns },
            _ => Content::Unreadable,
        }
    }
}

fn cells(row: &Row) -> Vec<Option<String>> {
    let text = |index| match &row[index] {
        Cell::NULL => None,
        Cell::Bytes(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        other => Some(other.as_sql(true)),
    };
    (0..row.len()).map(text).collect()
}

/// What an undo printed before it ran anything.
#[derive(Debug, Default)]
pub struct Announced {
    tables: Vec<Entry>,
    columns: Vec<Entry>,
    databases: BTreeSet<String>,
    /// It said that it does not know all that will go.
    pub not_known: bool,
    /// There was an announcement at all, if one of nothing.
    pub is_there: bool,
}

#[derive(Debug)]
struct Entry {
    table: String,
    column: String,
    what: String,
    /// Where they were counted to the end.
    rows: Option<usize>,
}

impl Announced {
    /// Of the lines of `--json`, up to the first one that says that something runs.
    pub fn in_lines(out: &str) -> Announced {
        let mut announced = Announced::default();
        let lines = out.lines().map(|line| serde_json::from_str(line).unwrap_or(Value::Null));
        for event in lines.take_while(|event| event["event"] != "started" && event["event"] != "database") {
            if event["event"] == "would_go" {
                announced.is_there = true;
                announced.tables.extend(list(&event["tables"]).iter().map(Entry::of));
                announced.columns.extend(list(&event["columns"]).iter().map(Entry::of));
                announced.databases.extend(list(&event["databases"]).iter().map(|entry| text(&entry["database"])));
                announced.not_known |= !list(&event["not_known"]).is_empty();
            }
        }
        announced
    }

    /// Whether it names the table, this column of it, or the database of both.
    fn covers(&self, database: &str, (table, column): &Place) -> bool {
        self.databases.contains(database)
            || self.tables.iter().any(|entry| entry.table == *table)
            || self.columns.iter().any(|entry| entry.table == *table && is_same(&entry.column, column))
    }
}

impl Entry {
    fn of(entry: &Value) -> Entry {
        let is_counted = entry["exact"] == true && entry["known"] != false;
        let rows = entry["rows"].as_u64().and_then(|rows| usize::try_from(rows).ok()).filter(|_| is_counted);
        Entry { table: text(&entry["table"]), column: text(&entry["column"]), what: text(&entry["what"]), rows }
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// One undo: before, after, and what it announced.
#[derive(Debug)]
pub struct Undo {
    pub here: String,
    pub other: String,
    pub before: Snapshot,
    pub after: Snapshot,
    pub announced: Announced,
    /// Names under which the rows of a table are seen as well.
    pub seen_through: &'static [(&'static str, &'static str)],
}

impl Undo {
    /// What is gone, and was neither announced nor said to be unknown.
    pub fn unannounced(&self) -> Vec<String> {
        if self.announced.not_known {
            return Vec::new();
        }
        let mut found = Vec::new();
        for (value, places, gone) in self.before.lost(&self.after) {
            if places.iter().filter(|place| self.is_announced(place)).count() < gone {
                found.push(format!("`{value}` of {} is gone and was not announced", list_of(&places)));
            }
        }
        for table in self.before.unread_and_lost(&self.after) {
            if !self.is_announced(&(table.to_owned(), String::new())) {
                found.push(format!("{table}, which cannot be counted, is gone and was not announced"));
            }
        }
        found
    }

    fn is_announced(&self, place: &Place) -> bool {
        let others = self.seen_through.iter().filter(|(_, table)| *table == place.0);
        let mut names = others.map(|(name, _)| (*name).to_owned()).chain([place.0.clone()]);
        let is_elsewhere = place.0.starts_with(&format!("{}.", self.other));
        let database = if is_elsewhere { &self.other } else { &self.here };
        names.any(|name| self.announced.covers(database, &(name, place.1.clone())))
    }

    /// What is gone although nobody was asked: all but what the up itself wrote as a literal.
    pub fn unasked(&self, setup: &Snapshot, up: &str) -> Vec<String> {
        let mut found = Vec::new();
        for (value, places, gone) in self.before.lost(&self.after) {
            let own = if up.contains(value) { places.len().saturating_sub(setup.times(value)) } else { 0 };
            if gone > own {
                found.push(format!("`{value}` of {} is gone and nobody was asked", list_of(&places)));
            }
        }
        let unread = self.before.unread_and_lost(&self.after);
        found.extend(
            unread.iter().map(|table| format!("{table}, which cannot be counted, is gone, and nobody was asked")),
        );
        found
    }

    /// Announcements that name something that is not there, or count it wrongly.
    pub fn miscounted(&self) -> Vec<String> {
        let entries = || self.announced.tables.iter().chain(&self.announced.columns);
        let strangers = entries().filter(|entry| !self.before.names.contains(&entry.table));
        let strangers = strangers.map(|entry| format!("`{}` was announced, and there is no such thing", entry.table));
        let wrong = entries().filter_map(|entry| {
            let (rows, count, gone) = (entry.rows?, self.before.count(entry)?, self.fewest(entry));
            let is_all = !entry.column.is_empty() || entry.what == "dropped" || entry.what == "emptied";
            // Several statements may take rows of one table.
            let is_alone = entries().filter(|other| other.table == entry.table).count() == 1;
            let is_wrong = rows > count || is_all && rows != count || is_alone && rows < gone;
            let Entry { table, column, what, .. } = entry;
            is_wrong.then(|| format!("`{table}` {column} {what}: {rows} announced of {count}, {gone} gone"))
        });
        strangers.chain(wrong).collect()
    }

    /// How many rows of it are gone at least.
    fn fewest(&self, entry: &Entry) -> usize {
        let is_its = |(table, column): &Place| {
            *table == entry.table && (entry.column.is_empty() || is_same(column, &entry.column))
        };
        let mut by_column: BTreeMap<String, usize> = BTreeMap::new();
        for (_, places, gone) in self.before.lost(&self.after) {
            // A value that is in several columns may be gone from any of them.
            if places.iter().all(|place| is_its(place) && place.1 == places[0].1) {
                *by_column.entry(places[0].1.clone()).or_default() += gone;
            }
        }
        by_column.values().copied().max().unwrap_or_default()
    }

    /// Whether anything is gone.
    pub fn takes_something(&self) -> bool {
        !self.before.lost(&self.after).is_empty() || !self.before.unread_and_lost(&self.after).is_empty()
    }
}

/// The servers compare names of columns so.
fn is_same(column: &str, other: &str) -> bool {
    column.to_lowercase() == other.to_lowercase()
}

fn list_of(places: &[Place]) -> String {
    let names: Vec<String> = places.iter().map(|(table, column)| format!("{table}.{column}")).collect();
    names.join(", ")
}
