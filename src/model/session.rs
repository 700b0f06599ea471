//! What a statement leaves in its session that running it again does not bring back.

use crate::model::lexer::{self, Code, Kind, Modes};
use crate::model::names::{leading, list};
use std::fmt;

/// Something that ends with the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held {
    /// A user variable, without its `@`, in lower case.
    Variable(String),
    /// A temporary table.
    Table(String),
    /// A prepared statement.
    Statement(String),
    /// A setting whose value cannot be computed again.
    Setting,
    /// LAST_INSERT_ID().
    LastId,
}

impl Held {
    /// A temporary table, by its name.
    pub fn table(name: &str) -> Held {
        Held::Table(plain(name))
    }
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Held::Variable(name) => write!(f, "the user variable `@{name}`"),
            Held::Table(name) => write!(f, "the temporary table `{name}`"),
            Held::Statement(name) => write!(f, "the prepared statement `{name}`"),
            Held::Setting => write!(f, "a setting of the session"),
            Held::LastId => write!(f, "LAST_INSERT_ID()"),
        }
    }
}

type Token<'a> = (Kind, &'a str);

/// What a statement makes: a temporary table (its rows are gone with it), a user variable. `SET @x = 1` and
/// `SET @x = @@sql_mode` are not counted: running them again gives the same value.
pub fn holds(sql: &str, modes: Modes) -> Vec<Held> {
    let tokens: Vec<Token> = Code::new(sql, modes).collect();
    let is = |at: usize, word: &str| tokens.get(at).is_some_and(|token| token.1.eq_ignore_ascii_case(word));
    if is(0, "CREATE") && (is(1, "TEMPORARY") || is(3, "TEMPORARY")) {
        let behind = tokens.iter().position(|token| token.1.eq_ignore_ascii_case("TABLE")).unwrap_or(0) + 1;
        let skipped = if is(behind, "IF") { 3 } else { 0 };
        let name = leading(tokens.get(behind + skipped..).unwrap_or_default());
        return name.map(|(name, _)| Held::table(&name.name)).into_iter().collect();
    }
    let is_set = is(0, "SET");
    // `CALL p(@a)` may be given a value there; LOAD DATA reads into variables.
    let may_set_all = is(0, "CALL") || is(0, "LOAD");
    let mut held = Vec::new();
    for (at, name) in variables(&tokens) {
        let equals = if is(at, ":") { at + 1 } else { at };
        let assigned = is(equals, "=") && (is_set || equals > at);
        if (assigned && !is_constant(&tokens[equals + 1..])) || is_selected(&tokens, at) || may_set_all {
            held.push(Held::Variable(name));
        }
    }
    held
}

/// `SELECT … INTO @a, @b`: nothing but variables stands between INTO and the token at this index.
fn is_selected(tokens: &[Token], behind: usize) -> bool {
    let text = |at: usize| tokens[at].1;
    let mut sign = behind - 2;
    while sign >= 3 && text(sign - 1) == "," && text(sign - 3) == "@" {
        sign -= 3;
    }
    sign >= 1 && text(sign - 1).eq_ignore_ascii_case("INTO")
}

/// What a statement takes away again, where it does nothing else: DROP TEMPORARY TABLE, DEALLOCATE PREPARE.
pub fn takes_away(sql: &str, modes: Modes) -> Vec<Held> {
    let tokens: Vec<Token> = Code::new(sql, modes).take(100).collect();
    let is = |at: usize, word: &str| tokens.get(at).is_some_and(|token| token.1.eq_ignore_ascii_case(word));
    if is(0, "DROP") && is(1, "TEMPORARY") {
        let named = tokens.get(if is(3, "IF") { 5 } else { 3 }..).unwrap_or_default();
        return list(named).iter().map(|table| Held::table(&table.name)).collect();
    }
    if (is(0, "DEALLOCATE") || is(0, "DROP")) && is(1, "PREPARE") {
        return tokens.get(2).map(|token| Held::Statement(plain(token.1))).into_iter().collect();
    }
    Vec::new()
}

/// What a statement makes that does not hang on what was there before, if it needs nothing else: a temporary table, user
/// variables that it only gives values to, a prepared statement.
pub fn made_anew(sql: &str, modes: Modes) -> Vec<Held> {
    let tokens: Vec<Token> = Code::new(sql, modes).collect();
    let is = |at: usize, word: &str| tokens.get(at).is_some_and(|token| token.1.eq_ignore_ascii_case(word));
    if is(0, "PREPARE") {
        return tokens.get(1).map(|token| Held::Statement(plain(token.1))).into_iter().collect();
    }
    if is(0, "CREATE") {
        return holds(sql, modes);
    }
    // A routine may read what it is handed.
    if is(0, "CALL") {
        return Vec::new();
    }
    let (all, given) = (variables(&tokens), given(&tokens));
    let count = |names: &[(usize, String)], name: &String| names.iter().filter(|(_, one)| one == name).count();
    let is_only_given = |name: &String| count(&all, name) == count(&given, name);
    given.iter().map(|(_, name)| name.clone()).filter(is_only_given).map(Held::Variable).collect()
}

/// The user variables that a statement gives values to, or may.
pub fn assigned(sql: &str, modes: Modes) -> Vec<String> {
    if memchr::memchr(b'@', sql.as_bytes()).is_none() {
        return Vec::new();
    }
    let tokens: Vec<Token> = Code::new(sql, modes).collect();
    given(&tokens).into_iter().map(|(_, name)| name).collect()
}

/// The user variables that a statement names.
pub fn variables_of(sql: &str, modes: Modes) -> Vec<String> {
    if memchr::memchr(b'@', sql.as_bytes()).is_none() {
        return Vec::new();
    }
    let tokens: Vec<Token> = Code::new(sql, modes).collect();
    variables(&tokens).into_iter().map(|(_, name)| name).collect()
}

fn given(tokens: &[Token]) -> Vec<(usize, String)> {
    let is = |at: usize, word: &str| tokens.get(at).is_some_and(|token| token.1.eq_ignore_ascii_case(word));
    let is_set = is(0, "SET");
    let may_set_all = is(0, "CALL") || is(0, "LOAD");
    let is_given = |(at, _): &(usize, String)| {
        let equals = if is(*at, ":") { at + 1 } else { *at };
        is(equals, "=") && (is_set || equals > *at) || is_selected(tokens, *at) || may_set_all
    };
    variables(tokens).into_iter().filter(is_given).collect()
}

/// It may change LAST_INSERT_ID().
pub fn may_insert(sql: &str, modes: Modes) -> bool {
    let first = first(sql, modes).to_ascii_uppercase();
    !matches!(first.as_str(), "UPDATE" | "DELETE" | "SELECT" | "TABLE" | "VALUES" | "DO") || asks_last_id(sql, modes)
}

/// The database of a USE: from here on names without a schema mean others.
pub fn use_of(sql: &str, modes: Modes) -> Option<String> {
    let tokens: Vec<Token> = Code::new(sql, modes).take(3).collect();
    let is_use = tokens.first().is_some_and(|token| token.1.eq_ignore_ascii_case("USE"));
    leading(tokens.get(1..)?).filter(|_| is_use).map(|(name, _)| name.name)
}

/// A statement that only tells something.
pub fn only_shows(sql: &str, modes: Modes) -> bool {
    matches!(first(sql, modes).to_ascii_uppercase().as_str(), "SHOW" | "DESC" | "DESCRIBE" | "EXPLAIN" | "HELP")
}

/// A temporary table is made.
pub fn makes_a_table(sql: &str, modes: Modes) -> bool {
    holds(sql, modes).iter().any(|held| matches!(held, Held::Table(_)))
}

/// LAST_INSERT_ID() is named.
pub fn asks_last_id(sql: &str, modes: Modes) -> bool {
    lexer::may_hold(sql, "last", b'_') && names_one(sql, modes, &["LAST_INSERT_ID"])
}

/// CALL and EXECUTE: not what holds statements itself.
pub fn calls(sql: &str, modes: Modes) -> bool {
    matches!(first(sql, modes).to_ascii_uppercase().as_str(), "CALL" | "EXECUTE")
}

/// What the statement before has done, or was warned of, is named.
pub fn asks_of_the_last_one(sql: &str, modes: Modes) -> bool {
    names_one(sql, modes, &["ROW_COUNT", "FOUND_ROWS", "DIAGNOSTICS"])
}

fn names_one(sql: &str, modes: Modes, words: &[&str]) -> bool {
    Code::new(sql, modes).any(|(_, text)| words.iter().any(|word| text.eq_ignore_ascii_case(word)))
}

fn first(sql: &str, modes: Modes) -> &str {
    Code::new(sql, modes).next().map_or("", |(_, text)| text)
}

/// True if a statement names it.
pub fn mentions(sql: &str, modes: Modes, held: &Held) -> bool {
    match held {
        Held::Variable(name) => {
            memchr::memchr(b'@', sql.as_bytes()).is_some() && {
                let tokens: Vec<Token> = Code::new(sql, modes).collect();
                variables(&tokens).iter().any(|(_, found)| found == name)
            }
        }
        Held::Table(name) => {
            crate::model::names::names(sql, modes).iter().any(|found| found.name.eq_ignore_ascii_case(name))
        }
        Held::Statement(name) => {
            let mut code = Code::new(sql, modes);
            let mut is_next = |word: &str| code.next().is_some_and(|(_, text)| text.eq_ignore_ascii_case(word));
            is_next("EXECUTE") && code.next().is_some_and(|(_, text)| plain(text) == *name)
        }
        Held::Setting => true,
        Held::LastId => asks_last_id(sql, modes),
    }
}

/// The user variables of a statement, each with the index of the token behind it.
fn variables(tokens: &[Token]) -> Vec<(usize, String)> {
    let is_at = |at: usize| tokens.get(at).is_some_and(|token| token.1 == "@");
    let mut found = Vec::new();
    for at in 0..tokens.len() {
        // `user@host` has something before the sign; a system variable has two of them.
        let before = at.checked_sub(1).map(|before| tokens[before]);
        let is_account = before.is_some_and(|(kind, text)| matches!(kind, Kind::String | Kind::Quoted) || text == "@");
        if is_at(at)
            && !is_account
            && !is_at(at + 1)
            && let Some((_, name)) = tokens.get(at + 1)
        {
            found.push((at + 2, plain(name)));
        }
    }
    found
}

/// A literal, or a system variable, up to the next assignment.
fn is_constant(value: &[Token]) -> bool {
    let mut tokens = value.iter().take_while(|token| token.1 != ",");
    match tokens.next() {
        Some((Kind::String | Kind::Number, _)) => tokens.next().is_none(),
        Some((Kind::Punct, "@")) => tokens.next().is_some_and(|token| token.1 == "@"),
        Some((_, word)) => word.eq_ignore_ascii_case("NULL") && tokens.next().is_none(),
        None => true,
    }
}

fn plain(name: &str) -> String {
    name.trim_matches(['`', '"', '\'']).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(sql: &str) -> Vec<String> {
        holds(sql, Modes::default()).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_cannot_be_made_again_is_held() {
        for (sql, expected) in [
            ("CREATE TEMPORARY TABLE IF NOT EXISTS `Tmp` (a int)", vec!["the temporary table `tmp`"]),
            ("SET @a = (SELECT MAX(id) FROM t), @b = 2", vec!["the user variable `@a`"]),
            ("SELECT id INTO @a FROM t", vec!["the user variable `@a`"]),
            ("SELECT id, n INTO @a, @b FROM t", vec!["the user variable `@a`", "the user variable `@b`"]),
            ("INSERT INTO t VALUES (1, @a)", vec![]),
            ("INSERT INTO t SELECT @a, n FROM u", vec![]),
            ("CALL p(1, @a)", vec!["the user variable `@a`"]),
            ("SELECT @n := @n + 1 FROM t", vec!["the user variable `@n`"]),
            ("SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='ANSI'", vec![]),
            ("SET @a = 'x'", vec![]),
            ("CREATE USER 'a'@'localhost'", vec![]),
            ("UPDATE t SET a = @a", vec![]),
        ] {
            assert_eq!(held(sql), expected, "{sql}");
        }
    }

    #[test]
    fn a_later_mention_is_found() {
        let variable = Held::Variable("a".to_owned());
        assert!(mentions("INSERT INTO t VALUES (@A)", Modes::default(), &variable));
        assert!(!mentions("INSERT INTO t VALUES ('@a', @@a, @ab)", Modes::default(), &variable));
        assert!(mentions("INSERT INTO t SELECT * FROM tmp", Modes::default(), &Held::Table("tmp".to_owned())));
    }
}
