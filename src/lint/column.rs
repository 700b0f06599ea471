//! A column as CREATE and ALTER TABLE define it, as far as two definitions can be compared without a server.

use crate::script::lexer::Kind;
use crate::statement::Statement;
use crate::statement::cursor::{Cursor, Token};
use crate::statement::tree::{self, ColumnDefinition};
use std::fmt;

/// A column's definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) kind: Type,
    pub(crate) nullable: bool,
    /// Normalised: `DEFAULT NULL` is none, numbers have no quotes, the names of the current time are one.
    pub(crate) default: Option<String>,
    /// Filled by the server: AUTO_INCREMENT, generated, or a row's times.
    pub(crate) fills_itself: bool,
    pub(crate) comment: Option<String>,
    /// PRIMARY KEY or UNIQUE stands behind the column.
    pub(crate) own_key: Option<OwnKey>,
}

/// The default of a column after ALTER COLUMN, which is not read; nothing is compared with it.
pub(crate) const UNREAD: &str = "?";

/// A key that a column's definition makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OwnKey {
    Primary,
    Unique,
}

/// A data type; synonyms are one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Type {
    /// Upper case.
    pub(crate) word: String,
    /// Lengths, or the values of an ENUM or SET out of their quotes.
    pub(crate) arguments: Vec<String>,
    pub(crate) is_unsigned: bool,
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.word)?;
        if !self.arguments.is_empty() {
            let is_list = self.is_list();
            let spelled = |a: &String| if is_list { quoted(a) } else { a.clone() };
            write!(f, "({})", self.arguments.iter().map(spelled).collect::<Vec<_>>().join(", "))?;
        }
        f.write_str(if self.is_unsigned { " UNSIGNED" } else { "" })
    }
}

impl Type {
    /// ENUM or SET.
    pub(crate) fn is_list(&self) -> bool {
        matches!(self.word.as_str(), "ENUM" | "SET")
    }

    /// The values of an ENUM or SET that a later definition of it no longer has. Values know no case.
    pub(crate) fn values_lost_in(&self, later: &Type) -> Vec<&str> {
        if !self.is_list() || self.word != later.word {
            return Vec::new();
        }
        let is_kept = |value: &str| later.arguments.iter().any(|kept| kept.to_lowercase() == value.to_lowercase());
        self.arguments.iter().map(String::as_str).filter(|value| !is_kept(value)).collect()
    }

    /// Whether values of this type may not fit into a later one. Only what is certain: the same family, and less room.
    pub(crate) fn is_narrowed_by(&self, later: &Type) -> bool {
        let less = |before: Option<u64>, after: Option<u64>| matches!((before, after), (Some(b), Some(a)) if a < b);
        if less(self.integer_bytes(), later.integer_bytes()) {
            return true;
        }
        if self.integer_bytes().is_some() && later.integer_bytes().is_some() {
            let is_as_large = later.integer_bytes() == self.integer_bytes();
            return later.is_unsigned && !self.is_unsigned || self.is_unsigned && !later.is_unsigned && is_as_large;
        }
        if self.word == "DECIMAL" && later.word == "DECIMAL" {
            let whole = |kind: &Type| kind.decimal().0 - kind.decimal().1;
            return whole(later) < whole(self) || later.decimal().1 < self.decimal().1;
        }
        less(self.text_length(), later.text_length())
    }

    fn integer_bytes(&self) -> Option<u64> {
        Some(match self.word.as_str() {
            "TINYINT" => 1,
            "SMALLINT" => 2,
            "MEDIUMINT" => 3,
            "INT" => 4,
            "BIGINT" => 8,
            _ => return None,
        })
    }

    /// In characters; the TEXT types count bytes, of which a character needs up to four.
    fn text_length(&self) -> Option<u64> {
        Some(match self.word.as_str() {
            "CHAR" | "VARCHAR" => self.number(0).unwrap_or(1),
            "TINYTEXT" if self.arguments.is_empty() => 255,
            "TEXT" if self.arguments.is_empty() => 65_535,
            "MEDIUMTEXT" => 16_777_215,
            "LONGTEXT" => 4_294_967_295,
            _ => return None,
        })
    }

    fn decimal(&self) -> (i64, i64) {
        let part = |at, otherwise| self.number(at).and_then(|n| i64::try_from(n).ok()).unwrap_or(otherwise);
        (part(0, 10), part(1, 0))
    }

    fn number(&self, at: usize) -> Option<u64> {
        self.arguments.get(at)?.parse().ok()
    }

    /// Reads a type; nothing where it is not one of those whose writing is known.
    fn read(cursor: &mut Cursor) -> Option<Type> {
        let word = cursor.next()?.text.to_ascii_uppercase();
        let is_double = word == "DOUBLE" && cursor.eat(&["PRECISION"]);
        let is_varying = matches!(word.as_str(), "CHARACTER" | "CHAR") && cursor.eat(&["VARYING"]);
        let inner = cursor.inner().unwrap_or_default();
        let arguments: Vec<String> = inner.iter().filter(|token| !token.is(",")).map(|t| value(t.text)).collect();
        let (word, arguments) = match word.as_str() {
            "BOOL" | "BOOLEAN" => ("TINYINT", Vec::new()),
            // A display width says nothing of what fits.
            "TINYINT" | "INT1" => ("TINYINT", Vec::new()),
            "SMALLINT" | "INT2" => ("SMALLINT", Vec::new()),
            "MEDIUMINT" | "INT3" => ("MEDIUMINT", Vec::new()),
            "INT" | "INTEGER" | "INT4" => ("INT", Vec::new()),
            "BIGINT" | "INT8" | "SERIAL" => ("BIGINT", Vec::new()),
            "DEC" | "NUMERIC" | "FIXED" | "DECIMAL" => ("DECIMAL", arguments),
            "REAL" => ("DOUBLE", arguments),
            "CHARACTER" | "CHAR" if is_varying => ("VARCHAR", arguments),
            "CHARACTER" => ("CHAR", arguments),
            other => (if is_double { "DOUBLE" } else { other }, arguments),
        };
        Some(Type { word: word.to_owned(), arguments, is_unsigned: false })
    }
}

/// Where a column is put.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Where it is, or at the end if it is new.
    Unsaid,
    First,
    After(String),
}

impl Place {
    pub(crate) fn of(place: tree::Place) -> Place {
        match place {
            tree::Place::Unsaid => Place::Unsaid,
            tree::Place::First => Place::First,
            tree::Place::After(other) => Place::After(other.plain()),
        }
    }
}

/// Reads `type attributes`; nothing where there is no type.
pub(crate) fn read(tree: &Statement, definition: &ColumnDefinition) -> Option<Column> {
    let mut cursor = Cursor::within(&tree.tokens, definition.definition.clone());
    let is_serial = cursor.sees(&["SERIAL"]);
    let mut column = Column {
        name: definition.name.plain(),
        kind: Type::read(&mut cursor)?,
        nullable: !is_serial,
        default: None,
        fills_itself: is_serial,
        comment: None,
        own_key: is_serial.then_some(OwnKey::Unique),
    };
    column.kind.is_unsigned = is_serial;
    attributes(&mut cursor, &mut column);
    Some(column)
}

fn attributes(cursor: &mut Cursor, column: &mut Column) {
    while let Some(token) = cursor.peek() {
        if token.is("(") && cursor.parens().is_some() {
            continue;
        }
        cursor.next();
        if token.kind != Kind::Word {
            continue;
        }
        match token.text.to_ascii_uppercase().as_str() {
            "UNSIGNED" | "ZEROFILL" => column.kind.is_unsigned = true,
            "NOT" if cursor.eat(&["NULL"]) => column.nullable = false,
            "DEFAULT" => column.default = default(cursor),
            "AUTO_INCREMENT" => (column.fills_itself, column.nullable) = (true, false),
            "AS" | "GENERATED" => column.fills_itself = true,
            "SERIAL" if cursor.eat(&["DEFAULT", "VALUE"]) => {
                (column.fills_itself, column.nullable) = (true, false);
                column.own_key = column.own_key.or(Some(OwnKey::Unique));
            }
            "ON" if cursor.eat(&["UPDATE"]) => {}
            "COMMENT" => column.comment = cursor.next().map(|token| value(token.text)).filter(|text| !text.is_empty()),
            // KEY alone is the primary one.
            "PRIMARY" | "KEY" => (column.own_key, column.nullable) = (Some(OwnKey::Primary), false),
            "UNIQUE" => {
                cursor.eat(&["KEY"]);
                column.own_key = column.own_key.or(Some(OwnKey::Unique));
            }
            // The keys of what it refers to are not its own.
            "REFERENCES" => {
                cursor.name();
                cursor.parens();
            }
            _ => {}
        }
    }
}

/// Reads a literal, a word, a call, or an expression in parentheses.
fn default(cursor: &mut Cursor) -> Option<String> {
    if let Some(inner) = cursor.inner() {
        return Some(joined(inner));
    }
    let mut text = String::new();
    while cursor.peek().is_some_and(|token| token.is("-") || token.is("+")) {
        text.push_str(cursor.next()?.text);
    }
    let first = cursor.next()?;
    let arguments = cursor.inner().map(joined).unwrap_or_default();
    match (first.kind, first.text.to_ascii_uppercase().as_str()) {
        (Kind::Word, "NULL") => None,
        (Kind::Word, "TRUE") => Some("1".to_owned()),
        (Kind::Word, "FALSE") => Some("0".to_owned()),
        (Kind::Word, "CURRENT_TIMESTAMP" | "NOW" | "LOCALTIME" | "LOCALTIMESTAMP") => Some(format!("now({arguments})")),
        (Kind::Word, word) => Some(text + word + &arguments),
        (Kind::String, _) if !is_number(&value(first.text)) => Some(quoted(&value(first.text))),
        _ => Some(text + &value(first.text)),
    }
}

fn is_number(text: &str) -> bool {
    text.parse::<f64>().is_ok_and(f64::is_finite)
}

fn joined(tokens: &[Token]) -> String {
    tokens.iter().map(|token| token.text.to_ascii_lowercase()).collect::<Vec<_>>().join(" ")
}

/// A literal in quotes.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A literal out of its quotes.
fn value(text: &str) -> String {
    let Some(quote) = text.chars().next().filter(|c| matches!(c, '\'' | '"')) else { return text.to_owned() };
    let inner = text[1..].strip_suffix(quote).unwrap_or(&text[1..]);
    inner.replace(&format!("{quote}{quote}"), &quote.to_string()).replace("\\'", "'")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::lexer::Modes;
    use crate::statement::tree::{Change, Form};

    fn column(definition: &str) -> (Column, Place) {
        let sql = format!("ALTER TABLE t ADD {definition}");
        let tree = Statement::parse(&sql, Modes::default());
        let Form::AlterTable(alter) = &tree.form else { panic!("{sql}") };
        let Change::AddColumn(_, definition) = &alter.clauses[0].change else { panic!("{sql}") };
        (read(&tree, definition).expect("a column"), Place::of(definition.place))
    }

    #[test]
    fn synonyms_are_one() {
        for (a, b) in [
            ("a INTEGER(11) NULL DEFAULT NULL", "a int"),
            ("a BOOLEAN NOT NULL DEFAULT TRUE", "a TINYINT(1) NOT NULL DEFAULT '1'"),
            ("`a` NUMERIC(8, 2) DEFAULT 0", "a decimal(8,2) default '0'"),
            ("a CHARACTER VARYING(20) COMMENT ''", "a VARCHAR(20)"),
            ("a DATETIME DEFAULT CURRENT_TIMESTAMP", "a datetime DEFAULT now()"),
            ("a enum('x','it''s')", "a ENUM('x', \"it's\")"),
            ("a CHAR(1) DEFAULT \"\"", "a CHAR(1) DEFAULT ''"),
            ("a INT KEY", "a INT NOT NULL PRIMARY KEY"),
            ("a INT UNIQUE KEY", "a INT UNIQUE"),
            ("a INT AUTO_INCREMENT", "a INT NOT NULL AUTO_INCREMENT"),
            ("a BIGINT SERIAL DEFAULT VALUE", "a BIGINT NOT NULL AUTO_INCREMENT UNIQUE"),
        ] {
            assert_eq!(column(a), column(b), "{a} | {b}");
        }
    }

    #[test]
    fn the_attributes_that_count() {
        let (found, place) = column(
            "a BIGINT UNSIGNED NOT NULL DEFAULT -1 COMMENT 'NOT NULL, FIRST' CHECK (a > 0 AND a IS NOT NULL) AFTER `b`",
        );
        assert_eq!((found.kind.to_string().as_str(), found.nullable), ("BIGINT UNSIGNED", false));
        assert_eq!((found.default.as_deref(), found.comment.as_deref()), (Some("-1"), Some("NOT NULL, FIRST")));
        assert_eq!(place, Place::After("b".to_owned()));
        assert!(column("a INT GENERATED ALWAYS AS (b + 1) STORED FIRST").0.fills_itself);
        assert!(column("a INT REFERENCES p (id) ON DELETE SET NULL").0.nullable);
        assert_eq!(column("a INT PRIMARY KEY").0.own_key, Some(OwnKey::Primary));
        assert!(!column("a SERIAL").0.nullable);
        let default = |text: &str| column(&format!("a CHAR(9) DEFAULT {text}")).0.default;
        for (text, expected) in [("''", "''"), ("'it''s'", "'it''s'"), ("'-1.5'", "-1.5"), ("uuid()", "UUID")] {
            assert_eq!(default(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_has_less_room() {
        let kind = |text: &str| column(&format!("a {text}")).0.kind;
        for (before, after, narrows) in [
            ("VARCHAR(255)", "VARCHAR(100)", true),
            ("VARCHAR(100)", "VARCHAR(255)", false),
            ("VARCHAR(100)", "TEXT", false),
            ("TEXT", "VARCHAR(100)", true),
            ("BIGINT", "INT", true),
            ("INT", "INT UNSIGNED", true),
            ("INT UNSIGNED", "INT", true),
            ("INT UNSIGNED", "BIGINT", false),
            ("DECIMAL(10,2)", "DECIMAL(10,4)", true),
            ("DECIMAL(10,2)", "DECIMAL(12,4)", false),
            ("DECIMAL(10,2)", "DECIMAL(12,1)", true),
            ("DATETIME", "DATE", false),
            ("INT", "VARCHAR(2)", false),
        ] {
            assert_eq!(kind(before).is_narrowed_by(&kind(after)), narrows, "{before} -> {after}");
        }
        assert_eq!(kind("ENUM('a','b','C')").values_lost_in(&kind("ENUM('A','c')")), vec!["b"]);
        assert!(kind("ENUM('a')").values_lost_in(&kind("VARCHAR(9)")).is_empty());
    }
}
