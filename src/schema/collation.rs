//! The character set of a column, as SHOW CREATE TABLE writes it. MySQL repeats the table's where a statement has named it for
//! the column, with or without the collation that is its default: the column is the same one, and so is its catalogue row.

use crate::script::lexer::{Kind, Lexer, Modes, Token};
use std::collections::BTreeMap;
use std::ops::Range;

/// The collation that a character set has where none is named: information_schema.COLLATIONS, IS_DEFAULT.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Defaults(pub BTreeMap<String, String>);

/// A character set and its collation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charset {
    name: String,
    /// Not known where SHOW CREATE does not name it and the server does not list the character set.
    collation: Option<String>,
}

impl Charset {
    /// Of what SHOW CREATE TABLE writes after the columns.
    pub fn of_table(options: &str, defaults: &Defaults) -> Option<Charset> {
        let value = |name: &str| options.split(' ').find_map(|word| word.strip_prefix(name));
        let name = value("CHARSET=")?;
        Some(Charset::new(name, value("COLLATE="), defaults))
    }

    fn new(name: &str, collation: Option<&str>, defaults: &Defaults) -> Charset {
        let collation = collation.map(str::to_owned).or_else(|| defaults.0.get(name).cloned());
        Charset { name: name.to_owned(), collation }
    }

    fn words(&self) -> String {
        let collation = self.collation.iter().map(|collation| format!(" COLLATE {collation}"));
        format!(" CHARACTER SET {}{}", self.name, collation.collect::<String>())
    }
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its definition, with a character set where that is not the table's.
    pub definition: String,
    /// The definition without one, and where it belongs.
    bare: String,
    at: usize,
    /// Of a column of text.
    charset: Option<Charset>,
}

impl Column {
    /// Reads a definition of a table with this character set.
    pub fn new(name: String, text: &str, of_table: Option<&Charset>, defaults: &Defaults) -> Column {
        let (Some(spelled), Some(of_table)) = (Spelled::find(text), of_table) else {
            return Column { name, definition: text.to_owned(), bare: text.to_owned(), at: 0, charset: None };
        };
        let charset = match (&spelled.charset, &spelled.collation) {
            (Some(charset), collation) => Charset::new(charset, collation.as_deref(), defaults),
            (None, Some(collation)) => Charset::new(&of_table.name, Some(collation), defaults),
            (None, None) => of_table.clone(),
        };
        let (head, tail) = (&text[..spelled.at.start], &text[spelled.at.end..]);
        let own = if charset == *of_table { String::new() } else { charset.words() };
        let (definition, bare) = (format!("{head}{own}{tail}"), format!("{head}{tail}"));
        Column { name, definition, bare, at: head.len(), charset: Some(charset) }
    }

    /// Whether it is the same, whatever its table's character set is.
    pub fn is_like(&self, other: &Column) -> bool {
        (&self.bare, &self.charset) == (&other.bare, &other.charset)
    }

    /// The definition for a table of any character set.
    pub fn with_charset(&self) -> String {
        let words = self.charset.as_ref().map(Charset::words).unwrap_or_default();
        format!("{}{words}{}", &self.bare[..self.at], &self.bare[self.at..])
    }
}

/// What a definition says of the character set.
struct Spelled {
    /// Where, or where it would stand.
    at: Range<usize>,
    charset: Option<String>,
    collation: Option<String>,
}

impl Spelled {
    /// Nothing where the column is not one of text. It stands after the type, whose values may hold anything.
    fn find(text: &str) -> Option<Spelled> {
        const TEXT: [&str; 8] = ["char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set"];
        let is_code = |kind: Kind| !kind.is_trivia() && !matches!(kind, Kind::ExecOpen | Kind::ExecClose);
        let tokens: Vec<Token> = Lexer::new(text, Modes::default()).filter(|token| is_code(token.kind)).collect();
        let word = |at: usize| tokens.get(at).map_or("", |token| &text[token.span.clone()]);
        if !TEXT.contains(&word(0)) {
            return None;
        }
        let closed = tokens.iter().position(|token| &text[token.span.clone()] == ")");
        let mut at = 1 + if word(1) == "(" { closed? } else { 0 };
        // MariaDB: `varchar(9) /*M!100301 COMPRESSED*/ CHARACTER SET …`.
        let mut end = tokens[at - 1].span.end;
        if word(at) == "COMPRESSED" {
            end = text[end..].find("*/").map_or(end, |n| end + n + 2);
            at += 1;
        }
        let mut spelled = Spelled { at: end..end, charset: None, collation: None };
        if word(at) == "CHARACTER" && word(at + 1) == "SET" {
            spelled.charset = Some(word(at + 2).to_owned());
            at += 3;
            spelled.at.end = tokens.get(at - 1)?.span.end;
        }
        if word(at) == "COLLATE" {
            spelled.collation = Some(word(at + 1).to_owned());
            spelled.at.end = tokens.get(at + 1)?.span.end;
        }
        Some(spelled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(table: &str, definition: &str) -> Column {
        let both = [("latin1", "latin1_swedish_ci"), ("utf8mb4", "utf8mb4_0900_ai_ci")];
        let defaults = Defaults(both.map(|(charset, collation)| (charset.to_owned(), collation.to_owned())).into());
        Column::new("c".to_owned(), definition, Charset::of_table(table, &defaults).as_ref(), &defaults)
    }

    #[test]
    fn the_table_s_own_character_set_counts_as_none() {
        const LATIN1: &str = "ENGINE=InnoDB DEFAULT CHARSET=latin1";
        for (table, definition, expected) in [
            (LATIN1, "varchar(9) CHARACTER SET latin1 NOT NULL", "varchar(9) NOT NULL"),
            (LATIN1, "varchar(9) CHARACTER SET latin1 COLLATE latin1_swedish_ci NOT NULL", "varchar(9) NOT NULL"),
            (LATIN1, "text COLLATE latin1_bin", "text CHARACTER SET latin1 COLLATE latin1_bin"),
            (LATIN1, "char(1) CHARACTER SET utf8mb4", "char(1) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci"),
            (LATIN1, "enum('a) CHARACTER SET latin1')", "enum('a) CHARACTER SET latin1')"),
            (
                LATIN1,
                "int DEFAULT NULL COMMENT 'CHARACTER SET latin1'",
                "int DEFAULT NULL COMMENT 'CHARACTER SET latin1'",
            ),
            (LATIN1, "varchar(9) /*M!100301 COMPRESSED*/ CHARACTER SET latin1", "varchar(9) /*M!100301 COMPRESSED*/"),
            ("DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_ja_0900_as_cs", "text COLLATE utf8mb4_ja_0900_as_cs", "text"),
            (
                "DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_ja_0900_as_cs",
                "text COLLATE utf8mb4_ja_0900_as_cs_ks",
                "text CHARACTER SET utf8mb4 COLLATE utf8mb4_ja_0900_as_cs_ks",
            ),
        ] {
            assert_eq!(column(table, definition).definition, expected, "{definition}");
        }
    }

    #[test]
    fn a_column_is_the_same_whatever_the_table_says() {
        let own = column("DEFAULT CHARSET=latin1", "varchar(9) DEFAULT NULL");
        let named = column("DEFAULT CHARSET=utf8mb4", "varchar(9) CHARACTER SET latin1 DEFAULT NULL");
        let other = column("DEFAULT CHARSET=utf8mb4", "varchar(9) DEFAULT NULL");
        assert!(own.is_like(&named) && !own.is_like(&other));
        assert_eq!(own.with_charset(), "varchar(9) CHARACTER SET latin1 COLLATE latin1_swedish_ci DEFAULT NULL");
        let values = |list: &str| column("DEFAULT CHARSET=latin1", list);
        assert!(!values("enum('a CHARACTER SET latin1')").is_like(&values("enum('a')")));
    }
}
