//! Reads of a DDL statement what `plan` must know before the server is asked: which table it is about, how many rows it writes. `clause` changes its text. Not a parser: what is not recognised is not changed.

mod rewrite;

pub use rewrite::Place;

use crate::script::lexer::{Kind, Lexer, Modes};
use crate::statement::effects::Effects;
use crate::statement::names::{Name, unquote};
use std::ops::Range;

/// A table-changing statement, as tokens that know where they stand.
#[derive(Debug, Clone)]
pub struct Alter<'a> {
    sql: &'a str,
    modes: Modes,
    tokens: Vec<Token<'a>>,
    /// What it is.
    pub form: Form,
    /// The table that it is about, and the token behind its name.
    table: Option<(Name, usize)>,
}

/// The statements that tables have a cost from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// ALTER TABLE.
    Alter,
    /// CREATE INDEX.
    CreateIndex,
    /// DROP INDEX.
    DropIndex,
    /// CREATE TABLE, also MariaDB's OR REPLACE.
    CreateTable,
    /// DROP TABLE.
    DropTable,
    /// RENAME TABLE.
    Rename,
    /// TRUNCATE.
    Truncate,
    /// OPTIMIZE TABLE, which InnoDB takes as ALTER TABLE … FORCE.
    Optimize,
    /// DROP DATABASE.
    DropDatabase,
    /// DELETE.
    Delete,
    /// Everything else.
    Other,
}

#[derive(Debug, Clone)]
struct Token<'a> {
    kind: Kind,
    text: &'a str,
    span: Range<usize>,
}

impl Token<'_> {
    fn is(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(word)
    }

    fn is_mark(&self, mark: &str) -> bool {
        self.kind == Kind::Punct && self.text == mark
    }

    fn is_name(&self) -> bool {
        matches!(self.kind, Kind::Word | Kind::Quoted)
    }
}

impl<'a> Alter<'a> {
    /// Reads one statement.
    pub fn of(sql: &'a str, modes: Modes) -> Alter<'a> {
        let tokens: Vec<Token> = Lexer::new(sql, modes)
            .filter(|token| !token.kind.is_trivia() && !matches!(token.kind, Kind::ExecOpen | Kind::ExecClose))
            .map(|token| Token { kind: token.kind, text: &sql[token.span.clone()], span: token.span })
            .collect();
        let (form, at) = form(&tokens);
        let table = at.and_then(|at| name_at(&tokens, at));
        Alter { sql, modes, tokens, form, table }
    }

    /// The table that it is about; of a list, the first.
    pub fn table(&self) -> Option<&Name> {
        self.table.as_ref().map(|(name, _)| name)
    }

    /// Every table that it is about: of DROP, RENAME and OPTIMIZE there may be a list.
    pub fn tables(&self) -> Vec<Name> {
        match (self.form, &self.table) {
            (Form::DropTable | Form::Optimize, Some((first, next))) => {
                let mut all = vec![first.clone()];
                let mut at = *next;
                while self.tokens.get(at).is_some_and(|token| token.is_mark(","))
                    && let Some((name, next)) = name_at(&self.tokens, at + 1)
                {
                    all.push(name);
                    at = next;
                }
                all
            }
            (Form::Rename, _) => self.effects().renames.into_iter().map(|(from, _)| from).collect(),
            (Form::DropDatabase | Form::Delete, _) => Vec::new(),
            (_, table) => table.iter().map(|(name, _)| name.clone()).collect(),
        }
    }

    /// What it does to tables.
    pub fn effects(&self) -> Effects {
        Effects::of(self.sql, self.modes)
    }

    /// The parts of an ALTER TABLE between its commas.
    fn specs(&self) -> Vec<&[Token<'a>]> {
        let Some((_, start)) = &self.table else { return Vec::new() };
        let mut depth = 0_usize;
        self.tokens[*start..]
            .split(|token| {
                match (token.kind, token.text) {
                    (Kind::Punct, "(") => depth += 1,
                    (Kind::Punct, ")") => depth = depth.saturating_sub(1),
                    _ => {}
                }
                depth == 0 && token.is_mark(",")
            })
            .collect()
    }

    /// Whether it adds or drops a column: MySQL then makes a new version of the rows.
    pub fn changes_columns(&self) -> bool {
        self.form == Form::Alter && self.specs().iter().any(|spec| adds_column(spec) || dropped_column(spec).is_some())
    }

    /// `ADD COLUMN …, ADD INDEX …`: apart from each other both would be cheaper.
    pub fn adds_column_and_index(&self) -> bool {
        let specs = self.specs();
        self.form == Form::Alter
            && specs.iter().any(|spec| adds_column(spec))
            && specs.iter().any(|spec| adds_index(spec))
    }

    /// A statement that works on single partitions.
    pub fn is_about_partitions(&self) -> bool {
        self.form == Form::Alter
            && self.specs().first().is_some_and(|spec| {
                spec.iter().skip(1).take(2).any(|token| token.is("PARTITION")) && !spec[0].is("PARTITION")
            })
    }

    /// `DISCARD` and `IMPORT TABLESPACE`, which mean files.
    pub fn is_about_files(&self) -> bool {
        self.form == Form::Alter
            && self.specs().iter().any(|spec| spec.iter().any(|token| token.is("DISCARD") || token.is("IMPORT")))
    }

    /// The engine that it names.
    pub fn engine(&self) -> Option<String> {
        let at = self.tokens.iter().position(|token| token.is("ENGINE"))?;
        let value = self.tokens[at + 1..].iter().find(|token| !token.is_mark("="))?;
        Some(unquote(value.text).trim_matches('\'').to_owned())
    }

    /// Calls and words that reach beyond tables: what runs them for a trial does more than try.
    pub fn reaches_out(&self) -> bool {
        const WORDS: [&str; 6] = ["OUTFILE", "DUMPFILE", "SLEEP", "BENCHMARK", "GET_LOCK", "LOAD_FILE"];
        self.tokens.iter().any(|token| WORDS.iter().any(|word| token.is(word)))
    }

    /// The number of rows that an INSERT … VALUES writes out.
    pub fn rows_written(&self) -> Option<u64> {
        let is_insert = self.tokens.first().is_some_and(|token| token.is("INSERT") || token.is("REPLACE"));
        let mut depth = 0_usize;
        let mut at = None;
        let mut rows = 0;
        for (index, token) in self.tokens.iter().enumerate() {
            match (token.kind, token.text) {
                (Kind::Punct, "(") => {
                    rows += u64::from(depth == 0 && at.is_some());
                    depth += 1;
                }
                (Kind::Punct, ")") => depth = depth.saturating_sub(1),
                _ if depth == 0 && at.is_none() && (token.is("VALUES") || token.is("VALUE")) => at = Some(index),
                _ if depth == 0 && (token.is("ON") || token.is("RETURNING")) && at.is_some() => break,
                _ => {}
            }
        }
        (is_insert && rows > 0).then_some(rows)
    }
}

/// What a statement is, and the token where the name of its table stands.
fn form(tokens: &[Token]) -> (Form, Option<usize>) {
    let is = |at: usize, word: &str| tokens.get(at).is_some_and(|token| token.is(word));
    let behind = |word: &str, limit: usize| tokens.iter().take(limit).position(|token| token.is(word)).map(|at| at + 1);
    let name = |at: usize| {
        if is(at, "IF") { at + if is(at + 1, "NOT") { 3 } else { 2 } } else { at }
    };
    if is(0, "ALTER") && is(1, "TABLE") || is(0, "ALTER") && is(2, "TABLE") || is(0, "ALTER") && is(3, "TABLE") {
        return (Form::Alter, behind("TABLE", 4).map(name));
    }
    match tokens.first().map(|token| token.text.to_ascii_uppercase()).as_deref() {
        Some("CREATE") if !is(1, "TEMPORARY") && behind("INDEX", 6).is_some() && behind("TABLE", 4).is_none() => {
            (Form::CreateIndex, behind("ON", 12).map(name))
        }
        Some("CREATE") if is(1, "TABLE") || is(1, "OR") && is(3, "TABLE") => {
            (Form::CreateTable, behind("TABLE", 4).map(name))
        }
        Some("DROP") if is(1, "INDEX") => (Form::DropIndex, behind("ON", 8).map(name)),
        Some("DROP") if is(1, "TABLE") || is(1, "TABLES") => (Form::DropTable, Some(name(2))),
        Some("DROP") if is(1, "DATABASE") || is(1, "SCHEMA") => (Form::DropDatabase, Some(name(2))),
        Some("RENAME") if is(1, "TABLE") || is(1, "TABLES") => (Form::Rename, Some(name(2))),
        Some("TRUNCATE") => (Form::Truncate, Some(1 + usize::from(is(1, "TABLE")))),
        Some("OPTIMIZE") => (Form::Optimize, behind("TABLE", 3).or_else(|| behind("TABLES", 3))),
        Some("DELETE") => (Form::Delete, behind("FROM", 8)),
        _ => (Form::Other, None),
    }
}

/// A name, and the token behind it. `WAIT n` and `NOWAIT`, which MariaDB takes there, are passed over.
fn name_at(tokens: &[Token], at: usize) -> Option<(Name, usize)> {
    let first = tokens.get(at).filter(|token| token.is_name())?;
    let second = tokens.get(at + 1).filter(|token| token.is_mark(".")).and_then(|_| tokens.get(at + 2));
    let (name, mut next) = match second {
        Some(second) => (Name { schema: Some(unquote(first.text)), name: unquote(second.text) }, at + 3),
        None => (Name { schema: None, name: unquote(first.text) }, at + 1),
    };
    if tokens.get(next).is_some_and(|token| token.is("NOWAIT")) {
        next += 1;
    } else if tokens.get(next).is_some_and(|token| token.is("WAIT")) && tokens.get(next + 1).is_some() {
        next += 2;
    }
    Some((name, next))
}

/// `DROP [COLUMN] [IF EXISTS] name`
fn dropped_column(spec: &[Token]) -> Option<String> {
    const OTHERS: [&str; 10] =
        ["INDEX", "KEY", "PRIMARY", "FOREIGN", "CONSTRAINT", "CHECK", "PARTITION", "SYSTEM", "PERIOD", "TABLESPACE"];
    let (verb, rest) = spec.split_first()?;
    let first = rest.first().filter(|_| verb.is("DROP"))?;
    if OTHERS.iter().any(|other| first.is(other)) {
        return None;
    }
    let rest = if first.is("COLUMN") { &rest[1..] } else { rest };
    let rest = if rest.first().is_some_and(|t| t.is("IF")) && rest.len() > 2 { &rest[2..] } else { rest };
    rest.first().filter(|token| token.is_name()).map(|token| unquote(token.text))
}

/// `ADD [COLUMN] name type`, `ADD (name type, …)`
fn adds_column(spec: &[Token]) -> bool {
    const OTHERS: [&str; 12] = [
        "INDEX",
        "KEY",
        "PRIMARY",
        "FOREIGN",
        "CONSTRAINT",
        "CHECK",
        "PARTITION",
        "SYSTEM",
        "PERIOD",
        "UNIQUE",
        "FULLTEXT",
        "SPATIAL",
    ];
    matches!(spec, [verb, next, ..] if verb.is("ADD") && !OTHERS.iter().any(|other| next.is(other)))
}

fn adds_index(spec: &[Token]) -> bool {
    const INDEXES: [&str; 5] = ["INDEX", "KEY", "UNIQUE", "FULLTEXT", "SPATIAL"];
    matches!(spec, [verb, next, ..] if verb.is("ADD") && INDEXES.iter().any(|index| next.is(index)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alter(sql: &str) -> Alter<'_> {
        Alter::of(sql, Modes::default())
    }

    #[test]
    fn rows_that_are_written_out() {
        for (sql, expected) in [
            ("INSERT INTO t VALUES (1), (2, (3)), (4)", Some(3)),
            ("insert into t (a, b) values (1, now()) on duplicate key update a = (1)", Some(1)),
            ("REPLACE INTO t SELECT 1", None),
            ("UPDATE t SET a = (1)", None),
        ] {
            assert_eq!(alter(sql).rows_written(), expected, "{sql}");
        }
    }

    #[test]
    fn kinds_of_parts() {
        assert!(alter("ALTER TABLE t ADD a INT, ADD UNIQUE (a)").adds_column_and_index());
        assert!(!alter("ALTER TABLE t ADD COLUMN a INT UNIQUE").adds_column_and_index());
        assert!(alter("ALTER TABLE t ADD PARTITION (PARTITION p VALUES IN (1))").is_about_partitions());
        assert!(!alter("ALTER TABLE t PARTITION BY HASH(a)").is_about_partitions());
        assert!(
            alter("ALTER TABLE t DROP a").changes_columns() && !alter("ALTER TABLE t DROP KEY a").changes_columns()
        );
        assert_eq!(alter("CREATE TABLE t (a INT) ENGINE = MyISAM").engine().as_deref(), Some("MyISAM"));
    }
}
