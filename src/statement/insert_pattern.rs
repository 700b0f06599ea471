//! What a million INSERTs have in common. Rows of plain values are read alike by every server, so that it is enough to
//! look at one row of each statement, and at one statement of each kind.

use crate::script::lexer::{self, Code, Kind, Modes, is_space};
use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

/// An INSERT or REPLACE whose rows hold nothing but strings, numbers, NULL, DEFAULT, TRUE and FALSE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Insert {
    first_row: Range<usize>,
    /// Where what follows the last row begins.
    tail: usize,
}

impl Insert {
    /// Reads a statement; nothing if it is another one.
    pub fn of(sql: &str, modes: Modes) -> Option<Insert> {
        let start = values(sql, modes)?;
        let mut rows = Rows { bytes: sql.as_bytes(), at: start, modes };
        let first_row = rows.row()?;
        let mut tail = first_row.end;
        while rows.comma() {
            tail = rows.row()?.end;
        }
        Some(Insert { first_row, tail })
    }

    /// The statement with its first row alone: it parses if and only if the whole does, and names the same objects.
    pub fn sample<'s>(&self, sql: &'s str) -> Cow<'s, str> {
        match self.first_row.end == self.tail {
            true => Cow::Borrowed(sql),
            false => Cow::Owned(format!("{}{}", &sql[..self.first_row.end], &sql[self.tail..])),
        }
    }
}

/// The shapes of a script: what surrounds the rows. Two statements with the same number differ in their values only.
#[derive(Default)]
pub struct Shapes<'s>(HashMap<(&'s str, &'s str, Modes), u16>);

impl<'s> Shapes<'s> {
    /// The number of a statement's shape; nothing if there are too many to be of use.
    pub fn number(&mut self, insert: &Insert, sql: &'s str, modes: Modes) -> Option<u16> {
        let next = u16::try_from(self.0.len()).ok()?;
        let around = (&sql[..insert.first_row.start], &sql[insert.tail..], modes);
        Some(*self.0.entry(around).or_insert(next))
    }
}

/// Where the rows begin: behind VALUES or VALUE.
fn values(sql: &str, modes: Modes) -> Option<usize> {
    /// More than any list of columns has.
    const WITHIN: usize = 10_000;
    let is = |text: &str, words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    let mut code = Code::new(sql, modes);
    code.next().filter(|(kind, text)| *kind == Kind::Word && is(text, &["INSERT", "REPLACE"]))?;
    for _ in 0..WITHIN {
        match code.next()? {
            (Kind::Word, text) if is(text, &["VALUES", "VALUE"]) => return Some(code.end()),
            (Kind::Word, text) if is(text, &["SELECT", "SET", "WITH", "TABLE"]) => return None,
            _ => {}
        }
    }
    None
}

struct Rows<'s> {
    bytes: &'s [u8],
    at: usize,
    modes: Modes,
}

impl Rows<'_> {
    /// `( … )`, if it holds nothing but plain values.
    fn row(&mut self) -> Option<Range<usize>> {
        let start = self.skip(b'(')? - 1;
        loop {
            self.value()?;
            match self.peek()? {
                b',' => self.at += 1,
                b')' => {
                    self.at += 1;
                    return Some(start..self.at);
                }
                _ => return None,
            }
        }
    }

    fn comma(&mut self) -> bool {
        let before = self.at;
        let is_there = self.skip(b',').is_some();
        // The comma of `VALUES (1), …` is nothing but one between two rows.
        if !is_there {
            self.at = before;
        }
        is_there
    }

    fn peek(&mut self) -> Option<u8> {
        while is_space(*self.bytes.get(self.at)?) {
            self.at += 1;
        }
        Some(self.bytes[self.at])
    }

    fn skip(&mut self, byte: u8) -> Option<usize> {
        if self.peek()? != byte {
            return None;
        }
        self.at += 1;
        Some(self.at)
    }

    fn value(&mut self) -> Option<()> {
        let byte = match self.peek()? {
            b'-' | b'+' => {
                self.at += 1;
                let next = *self.bytes.get(self.at)?;
                if !next.is_ascii_digit() {
                    return None;
                }
                next
            }
            byte => byte,
        };
        match byte {
            b'\'' => self.string(),
            b'"' if !self.modes.ansi_quotes => self.string(),
            b'0'..=b'9' => self.number(),
            _ => self.word(),
        }
    }

    fn string(&mut self) -> Option<()> {
        self.at = lexer::quoted_end(self.bytes, self.at, self.modes)?;
        Some(())
    }

    /// Digits, with a point and more digits. Everything else that a number can look like is left to the server.
    fn number(&mut self) -> Option<()> {
        self.digits();
        if self.bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.digits();
        }
        let ends = |byte: &u8| is_space(*byte) || matches!(byte, b',' | b')');
        self.bytes.get(self.at).is_some_and(ends).then_some(())
    }

    fn digits(&mut self) {
        self.at += self.bytes[self.at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    }

    fn word(&mut self) -> Option<()> {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().take_while(|byte| lexer::is_word(**byte)).count();
        let word = &rest[..length];
        self.at += length;
        if [&b"NULL"[..], b"DEFAULT", b"TRUE", b"FALSE"].iter().any(|plain| word.eq_ignore_ascii_case(plain)) {
            return Some(());
        }
        // As dumps write binary columns.
        if word.eq_ignore_ascii_case(b"_binary") && self.peek()? == b'\'' {
            return self.string();
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(sql: &str) -> Option<String> {
        Insert::of(sql, Modes::default()).map(|insert| insert.sample(sql).into_owned())
    }

    #[test]
    fn rows_of_plain_values_are_cut_to_one() {
        for (sql, expected) in [
            ("INSERT INTO t VALUES (1), (2),\n(3)", "INSERT INTO t VALUES (1)"),
            (
                "insert t (a, b) value ('a\\'); (''', -1.5), (NULL, default)",
                "insert t (a, b) value ('a\\'); (''', -1.5)",
            ),
            (
                "/* x */ REPLACE INTO s.t VALUES ( _binary 'a' , TRUE ),(\"b\",2) ON DUPLICATE KEY UPDATE a = VALUES(a)",
                "/* x */ REPLACE INTO s.t VALUES ( _binary 'a' , TRUE ) ON DUPLICATE KEY UPDATE a = VALUES(a)",
            ),
            ("INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (1)"),
        ] {
            assert_eq!(sample(sql).as_deref(), Some(expected), "{sql}");
        }
    }

    #[test]
    fn whatever_else_is_in_a_row_is_left_whole() {
        for sql in [
            "INSERT INTO t VALUES (1), (RELEASE_LOCK('x'))",
            "INSERT INTO t VALUES (1), (a)",
            "INSERT INTO t VALUES (1) (2)x, (3",
            "INSERT INTO t VALUES (1 2)",
            "INSERT INTO t VALUES (1), (X'0')",
            "INSERT INTO t VALUES (1), (1e5)",
            "INSERT INTO t VALUES (1), (/* c */ 1)",
            "INSERT INTO t VALUES (1), ()",
            "INSERT INTO t VALUES (1),",
            "INSERT INTO t VALUES (1), ('a' 'b')",
            "INSERT INTO t SELECT 1",
            "INSERT INTO t SET a = 1",
            "UPDATE t SET a = 1",
        ] {
            let whole = sample(sql);
            assert!(whole.is_none() || whole.as_deref() == Some(sql), "{sql}: {whole:?}");
        }
        let ansi = Modes { ansi_quotes: true, ..Modes::default() };
        assert_eq!(Insert::of("INSERT INTO t VALUES (1), (\"a\")", ansi), None);
    }

    #[test]
    fn statements_that_differ_in_values_only_have_one_shape() {
        let mut shapes = Shapes::default();
        let mut number = |sql: &'static str| {
            let insert = Insert::of(sql, Modes::default()).expect("plain rows");
            shapes.number(&insert, sql, Modes::default())
        };
        assert_eq!(number("INSERT INTO t VALUES (1)"), number("INSERT INTO t VALUES ('a'), (2)"));
        assert_ne!(number("INSERT INTO t VALUES (1)"), number("INSERT INTO u VALUES (1)"));
        assert_ne!(number("INSERT INTO t VALUES (1)"), number("INSERT INTO t VALUES (1) RETURNING a"));
    }
}
