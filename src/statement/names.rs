//! Every name that a statement mentions: where to look when it must be found out whether it took effect.
//!
//! A name too many costs a look-up; a missed one is a wrong answer. So only words are left out that no server takes for a
//! name without quotes.

use std::collections::HashSet;

use crate::script::lexer::{Code, Kind, Modes, Upper};

/// A name as the statement spells it, without its quotes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name {
    /// What stands before the dot.
    pub schema: Option<String>,
    /// The name.
    pub name: String,
}

impl Name {
    /// One without a schema.
    pub fn plain(name: &str) -> Name {
        Name { schema: None, name: name.to_owned() }
    }
}

/// All names in order of their first mention: `a.b` gives `a.b`, `a` and `b`.
pub fn names(sql: &str, modes: Modes) -> Vec<Name> {
    let mut found = Found::default();
    // The name before a dot, and whether that dot was seen.
    let mut before: Option<String> = None;
    let mut is_qualified = false;
    for (kind, text) in Code::new(sql, modes) {
        let follows_dot = std::mem::take(&mut is_qualified);
        match identifier(kind, text, follows_dot) {
            Some(name) => {
                match before.take().filter(|_| follows_dot) {
                    Some(schema) => found.qualified(schema, name.clone()),
                    None => found.add(Name { schema: None, name: name.clone() }),
                }
                before = Some(name);
            }
            None => is_qualified = (kind, text) == (Kind::Punct, "."),
        }
        if !is_qualified && kind == Kind::Punct {
            before = None;
        }
    }
    found.names
}

/// The name that a token is. Behind a dot every word is one.
fn identifier(kind: Kind, text: &str, follows_dot: bool) -> Option<String> {
    match kind {
        Kind::Quoted => Some(unquote(text)),
        Kind::Word if follows_dot || !is_reserved(text) => Some(text.to_owned()),
        _ => None,
    }
}

/// The name, qualified or not, that these tokens begin with, and what is behind it. Whatever stands there is one.
pub fn leading<'t, 'a>(tokens: &'t [(Kind, &'a str)]) -> Option<(Name, &'t [(Kind, &'a str)])> {
    let is_name = |kind: Kind| matches!(kind, Kind::Word | Kind::Quoted);
    match tokens {
        [(kind, schema), (Kind::Punct, "."), (_, name), rest @ ..] if is_name(*kind) => {
            Some((Name { schema: Some(unquote(schema)), name: unquote(name) }, rest))
        }
        [(kind, name), rest @ ..] if is_name(*kind) => Some((Name { schema: None, name: unquote(name) }, rest)),
        _ => None,
    }
}

/// The names of a list `a, b.c, …` that these tokens begin with.
pub fn list(mut tokens: &[(Kind, &str)]) -> Vec<Name> {
    let mut found = Vec::new();
    while let Some((name, rest)) = leading(tokens) {
        found.push(name);
        match rest {
            [(Kind::Punct, ","), rest @ ..] => tokens = rest,
            _ => break,
        }
    }
    found
}

/// Takes a quoted name out of its quotes.
pub fn unquote(quoted: &str) -> String {
    let Some(quote) = quoted.chars().next().filter(|c| matches!(c, '`' | '"')) else { return quoted.to_owned() };
    let inner = &quoted[1..];
    let inner = inner.strip_suffix(quote).unwrap_or(inner);
    inner.replace(&format!("{quote}{quote}"), &quote.to_string())
}

#[derive(Default)]
struct Found {
    names: Vec<Name>,
    seen: HashSet<Name>,
}

impl Found {
    fn add(&mut self, name: Name) {
        if self.seen.insert(name.clone()) {
            self.names.push(name);
        }
    }

    fn qualified(&mut self, schema: String, name: String) {
        self.add(Name { schema: Some(schema), name: name.clone() });
        self.add(Name { schema: None, name });
    }
}

/// Words reserved in MySQL and in MariaDB alike, the common ones. Words like DATE, BEGIN or COMMENT may name a table.
pub(super) fn is_reserved(word: &str) -> bool {
    const RESERVED: &[&str] = &[
        "ADD",
        "ALL",
        "ALTER",
        "AND",
        "AS",
        "ASC",
        "BEFORE",
        "BETWEEN",
        "BIGINT",
        "BINARY",
        "BLOB",
        "BY",
        "CALL",
        "CASCADE",
        "CASE",
        "CHANGE",
        "CHAR",
        "CHARACTER",
        "CHECK",
        "COLLATE",
        "COLUMN",
        "CONSTRAINT",
        "CREATE",
        "CROSS",
        "CURRENT_DATE",
        "CURRENT_TIME",
        "CURRENT_USER",
        "DATABASE",
        "DECIMAL",
        "DECLARE",
        "DEFAULT",
        "DELETE",
        "DESC",
        "DESCRIBE",
        "DISTINCT",
        "DOUBLE",
        "DROP",
        "EACH",
        "ELSE",
        "ELSEIF",
        "ENCLOSED",
        "EXISTS",
        "EXIT",
        "EXPLAIN",
        "FALSE",
        "FETCH",
        "FLOAT",
        "FOR",
        "FORCE",
        "FOREIGN",
        "FROM",
        "FULLTEXT",
        "GRANT",
        "GROUP",
        "HAVING",
        "IF",
        "IGNORE",
        "IN",
        "INDEX",
        "INNER",
        "INOUT",
        "INSERT",
        "INT",
        "INTEGER",
        "INTERVAL",
        "INTO",
        "IS",
        "ITERATE",
        "JOIN",
        "KEY",
        "KEYS",
        "LEAVE",
        "LEFT",
        "LIKE",
        "LIMIT",
        "LINES",
        "LOAD",
        "LOCK",
        "LONGBLOB",
        "LONGTEXT",
        "LOOP",
        "MATCH",
        "MEDIUMBLOB",
        "MEDIUMINT",
        "MEDIUMTEXT",
        "MOD",
        "NATURAL",
        "NOT",
        "NULL",
        "NUMERIC",
        "ON",
        "OPTIMIZE",
        "OR",
        "ORDER",
        "OUT",
        "OUTER",
        "OUTFILE",
        "PRIMARY",
        "PROCEDURE",
        "READ",
        "REAL",
        "REFERENCES",
        "REGEXP",
        "RELEASE",
        "RENAME",
        "REPEAT",
        "REPLACE",
        "RESTRICT",
        "RETURN",
        "REVOKE",
        "RIGHT",
        "RLIKE",
        "SCHEMA",
        "SELECT",
        "SET",
        "SHOW",
        "SMALLINT",
        "SPATIAL",
        "SQL",
        "SQLEXCEPTION",
        "SQLSTATE",
        "SQLWARNING",
        "TABLE",
        "TERMINATED",
        "THEN",
        "TINYBLOB",
        "TINYINT",
        "TINYTEXT",
        "TO",
        "TRIGGER",
        "TRUE",
        "UNION",
        "UNIQUE",
        "UNLOCK",
        "UNSIGNED",
        "UPDATE",
        "USE",
        "USING",
        "VALUES",
        "VARBINARY",
        "VARCHAR",
        "WHEN",
        "WHERE",
        "WHILE",
        "WITH",
        "WRITE",
        "XOR",
        "ZEROFILL",
    ];
    RESERVED.binary_search(&Upper::of(word).as_str()).is_ok()
}

/// A name in backticks.
pub fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelled(sql: &str, modes: Modes) -> String {
        let spell = |n: &Name| match &n.schema {
            Some(schema) => format!("{schema}.{}", n.name),
            None => n.name.clone(),
        };
        names(sql, modes).iter().map(spell).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn every_identifier_once() {
        let ansi = Modes { ansi_quotes: true, ..Modes::default() };
        for (modes, sql, expected) in [
            (Modes::default(), "CREATE TABLE a (id INT NOT NULL)", "a id"),
            (Modes::default(), "DROP TABLE s.t, `x``y`.`T`, s.t", "s s.t t x`y x`y.T T"),
            (Modes::default(), "ALTER TABLE db . t RENAME TO db.`select`", "db db.t t db.select select"),
            (Modes::default(), "DROP TABLE db.table, 1a, db.1e5", "db db.table table 1a db.1e5 1e5"),
            (Modes::default(), "SELECT 'a', \"b\", 1e5 -- c\n/* d */ /*!50000 e */", "e"),
            (ansi, "DROP TABLE \"b\", 'c'", "b"),
            (Modes::default(), "a.b.c", "a a.b b b.c c"),
            (Modes::default(), "DROP TABLE .t", "t"),
            (Modes::default(), "table date, begin, \u{e9}t\u{e9}", "date begin \u{e9}t\u{e9}"),
        ] {
            assert_eq!(spelled(sql, modes), expected, "{sql}");
        }
    }

    #[test]
    fn the_reserved_words_are_sorted() {
        assert!(is_reserved("add") && is_reserved("Zerofill") && is_reserved("LONGTEXT"));
        assert!(!is_reserved("") && !is_reserved("comment") && !is_reserved("a_very_long_identifier"));
    }
}
