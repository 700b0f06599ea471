//! What a way back must bring back: every object of a database as the server itself would write it down, with what differs
//! harmlessly taken out. Read by `db::definition`, compared by `difference`.
//!
//! The source is SHOW CREATE and not information_schema, since that is what a dump restores: it leaves nothing out. (On MySQL
//! the catalogue has the same row for a column with DEFAULT NULL and for one without any default.) What counts, and what does
//! not, was found by experiment: docs/decisions/0007.

use crate::schema::collation::{Charset, Column, Defaults};
use crate::statement::names::quoted;
use crate::statement::names::unquote;
use std::collections::BTreeMap;
use std::fmt;

/// A database, or the part of it that was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// The objects that are there.
    pub objects: BTreeMap<Object, Definition>,
}

/// What can be there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Object {
    /// Its kind.
    pub kind: Kind,
    /// Its name; that of the database is left empty, since it is a throwaway one.
    pub name: String,
}

/// A kind of object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the words are SQL's")]
pub enum Kind {
    Database,
    Table,
    Sequence,
    View,
    Procedure,
    Function,
    Package,
    PackageBody,
    Trigger,
    Event,
}

impl Kind {
    /// The word for it in SQL.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Database => "DATABASE",
            Kind::Table => "TABLE",
            Kind::Sequence => "SEQUENCE",
            Kind::View => "VIEW",
            Kind::Procedure => "PROCEDURE",
            Kind::Function => "FUNCTION",
            Kind::Package => "PACKAGE",
            Kind::PackageBody => "PACKAGE BODY",
            Kind::Trigger => "TRIGGER",
            Kind::Event => "EVENT",
        }
    }
}

/// How an object is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Definition {
    /// A table, taken apart.
    Table(Table),
    /// Everything else.
    Code(Code),
}

/// A table, taken apart into what can be changed by itself. Each part is SQL as it stands in CREATE TABLE.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// In their order: a column in another place is a difference.
    pub columns: Vec<Column>,
    /// Name -> definition; the primary key is `PRIMARY`. Their order does not count.
    pub keys: BTreeMap<String, String>,
    /// Foreign keys, checks and periods: name -> definition.
    pub constraints: BTreeMap<String, String>,
    /// Engine, character set, comment …, without the AUTO_INCREMENT counter.
    pub options: String,
    /// PARTITION BY …, or empty.
    pub partitions: String,
}

/// What is not taken apart: a view, a routine, a trigger, an event, a sequence, the database itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Code {
    /// The statement that makes it.
    pub definition: String,
    /// What it was made under, and what no statement says of it.
    pub setting: Setting,
    /// The times of an event.
    pub moments: Vec<Moment>,
}

impl Code {
    /// Whether it is the same.
    pub fn is_like(&self, other: &Code) -> bool {
        self.definition == other.definition && self.setting == other.setting && self.has_times_of(other)
    }

    /// Whether an event runs at the same times.
    pub fn has_times_of(&self, other: &Code) -> bool {
        let pairs = self.moments.iter().zip(&other.moments);
        self.moments.len() == other.moments.len() && pairs.into_iter().all(|(one, other)| one.is_like(other))
    }
}

/// What an object was made under. Empty where nothing is kept of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Setting {
    /// None of a view.
    pub sql_mode: Option<String>,
    /// character_set_client.
    pub charset: String,
    /// collation_connection.
    pub collation: String,
    /// The collation of the database; none of a view.
    pub database: Option<String>,
    /// Of a trigger: its turn among those of its table, time and event.
    pub turn: Option<u64>,
}

impl Setting {
    /// Whether a session with the other one makes an object with this one, as far as a session has a say.
    pub fn is_of(&self, session: &Setting) -> bool {
        let has_mode = self.sql_mode.is_none() || self.sql_mode == session.sql_mode;
        has_mode && (&self.charset, &self.collation) == (&session.charset, &session.collation)
    }

    /// The statement that gives it to a session.
    pub fn statement(&self) -> String {
        let mode = self.sql_mode.iter().map(|mode| format!("sql_mode = '{mode}', ")).collect::<String>();
        format!("SET {mode}character_set_client = {}, collation_connection = {}", self.charset, self.collation)
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mode = self.sql_mode.iter().map(|mode| format!("sql_mode {mode:?}, ")).collect::<String>();
        let database = self.database.iter().map(|collation| format!(", database {collation}")).collect::<String>();
        let turn = self.turn.iter().map(|turn| format!("; turn {turn}")).collect::<String>();
        write!(f, "{mode}character set {}, collation {}{database}{turn}", self.charset, self.collation)
    }
}

/// A time that an event has from its definition, or from the time at which it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// As the server says it.
    pub at: String,
    /// Seconds from the event's creation, or its last change, to it.
    pub after: i64,
}

impl Moment {
    /// `EVERY 1 DAY` without STARTS begins when the event is made: that is another time each time, and harmless.
    pub fn is_like(&self, other: &Moment) -> bool {
        self.at == other.at || self.after.abs_diff(other.after) <= 1
    }
}

impl Table {
    /// Takes the text of SHOW CREATE TABLE apart.
    pub fn parse(text: &str, defaults: &Defaults) -> Table {
        let mut table = Table::default();
        let (body, rest) = text.split_once("\n)").unwrap_or((text, ""));
        let (options, partitions) = rest.split_once('\n').unwrap_or((rest, ""));
        table.options = plain_options(options.trim());
        table.partitions = partitions.trim().to_owned();
        let charset = Charset::of_table(&table.options, defaults);
        for part in parts(body) {
            if part.starts_with('`') {
                let (name, definition) = leading_name(&part);
                table.columns.push(Column::new(name, definition.trim(), charset.as_ref(), defaults));
            } else if let Some(constraint) = part.strip_prefix("CONSTRAINT ") {
                let (name, _) = leading_name(constraint);
                table.constraints.insert(name, part);
            } else if let Some(name) = key_name(&part) {
                table.keys.insert(name, part);
            } else {
                table.constraints.insert(part.clone(), part);
            }
        }
        table
    }

    /// The column before another one; none before the first.
    pub fn before(&self, column: &str) -> Option<&str> {
        let place = self.columns.iter().position(|one| one.name == column)?;
        place.checked_sub(1).map(|before| self.columns[before].name.as_str())
    }

    /// A column by its name.
    pub fn column(&self, column: &str) -> Option<&Column> {
        self.columns.iter().find(|one| one.name == column)
    }

    /// The statement that makes it again.
    pub fn statement(&self, name: &str) -> String {
        let columns = self.columns.iter().map(|column| format!("{} {}", quoted(&column.name), column.definition));
        let parts = columns.chain(self.keys.values().cloned()).chain(self.constraints.values().cloned());
        let body = parts.collect::<Vec<_>>().join(",\n  ");
        let text = format!("CREATE TABLE {} (\n  {body}\n) {}\n{}", quoted(name), self.options, self.partitions);
        text.trim_end().to_owned()
    }
}

/// One part a line, each behind two blanks. A line without them belongs to the one before it.
fn parts(body: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for line in body.lines().skip(1) {
        match (line.strip_prefix("  "), parts.last_mut()) {
            (Some(part), _) => parts.push(part.to_owned()),
            (None, Some(last)) => {
                last.push('\n');
                last.push_str(line);
            }
            (None, None) => parts.push(line.to_owned()),
        }
    }
    for part in &mut parts {
        if part.ends_with(',') {
            part.pop();
        }
    }
    parts
}

/// Cuts off a name in backticks.
fn leading_name(text: &str) -> (String, &str) {
    let mut at = 1;
    let bytes = text.as_bytes();
    while at < bytes.len() {
        match (bytes[at], bytes.get(at + 1)) {
            (b'`', Some(b'`')) => at += 2,
            (b'`', _) => break,
            _ => at += 1,
        }
    }
    let end = (at + 1).min(text.len());
    (unquote(&text[..end]), &text[end..])
}

/// `PRIMARY KEY (…)`, `UNIQUE KEY `name` (…)`, `FULLTEXT KEY …`.
fn key_name(part: &str) -> Option<String> {
    if part.starts_with("PRIMARY KEY") {
        return Some("PRIMARY".to_owned());
    }
    let quote = part.find('`')?;
    let head = part[..quote].trim_end();
    (head == "KEY" || head.ends_with(" KEY")).then(|| leading_name(&part[quote..]).0)
}

/// Without the counter, which rows move, and without the row format that is the default.
fn plain_options(options: &str) -> String {
    let (settings, comment) = match options.find(" COMMENT='") {
        Some(at) => options.split_at(at),
        None => (options, ""),
    };
    let is_plain = |word: &&str| !word.starts_with("AUTO_INCREMENT=") && *word != "ROW_FORMAT=DYNAMIC";
    let kept: Vec<&str> = settings.split(' ').filter(is_plain).collect();
    format!("{}{comment}", kept.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "CREATE TABLE `p` (\n  `id` int(11) NOT NULL AUTO_INCREMENT,\n  \
        `a``b` varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT ',' COMMENT 'x,\ny',\n  \
        `c` text CHARACTER SET latin1 COLLATE latin1_bin DEFAULT NULL,\n  PRIMARY KEY (`id`),\n  UNIQUE KEY `u` (`a``b`,`c`(10)),\n  \
        FULLTEXT KEY `f` (`c`),\n  CONSTRAINT `fk` FOREIGN KEY (`c`) REFERENCES `q` (`id`),\n  PERIOD FOR SYSTEM_TIME (`a`, `b`)\n\
        ) ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin ROW_FORMAT=DYNAMIC COMMENT='AUTO_INCREMENT=7 c'\n \
        PARTITION BY RANGE (`id`)\n(PARTITION `p0` VALUES LESS THAN (10) ENGINE = InnoDB)";

    #[test]
    fn a_table_is_taken_apart_and_put_together_again() {
        let table = Table::parse(TEXT, &Defaults::default());
        let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        let definition = |name: &str| table.column(name).map(|column| column.definition.as_str());
        assert_eq!(names, ["id", "a`b", "c"]);
        assert_eq!(definition("a`b"), Some("varchar(20) NOT NULL DEFAULT ',' COMMENT 'x,\ny'"));
        assert_eq!(definition("c"), Some("text CHARACTER SET latin1 COLLATE latin1_bin DEFAULT NULL"));
        assert_eq!(table.keys.keys().collect::<Vec<_>>(), ["PRIMARY", "f", "u"]);
        assert_eq!(table.keys["u"], "UNIQUE KEY `u` (`a``b`,`c`(10))");
        assert_eq!(table.constraints.len(), 2);
        assert_eq!(
            table.options,
            "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='AUTO_INCREMENT=7 c'"
        );
        assert!(table.partitions.starts_with("PARTITION BY RANGE (`id`)\n(PARTITION `p0`"));
        assert_eq!(Table::parse(&table.statement("p"), &Defaults::default()), table);
        assert_eq!((table.before("id"), table.before("c")), (None, Some("a`b")));
    }

    #[test]
    fn a_time_that_comes_from_the_making_is_harmless() {
        let moment = |at: &str, after| Moment { at: at.to_owned(), after };
        assert!(moment("2026-01-01 00:00:00", 0).is_like(&moment("2026-01-01 00:00:07", 0)));
        assert!(moment("2030-01-01 00:00:00", 100).is_like(&moment("2030-01-01 00:00:00", 93)));
        assert!(!moment("2030-01-01 00:00:00", 100).is_like(&moment("2031-01-01 00:00:00", 900)));
    }
}
