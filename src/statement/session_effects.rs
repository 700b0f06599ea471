//! What a statement reads of its session, and what it leaves there: user variables, temporary tables, prepared statements.

use crate::script::lexer::{self, Code, Kind, Modes};
use crate::statement::Statement;
use crate::statement::class::{self, Scope};
use crate::statement::names::{leading, list, unquote};
use std::collections::BTreeSet;
use std::fmt;

/// Something that ends with the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held {
    /// A user variable, without its `@`, in lower case.
    Variable(String),
    /// A temporary table, in lower case.
    Table(String),
    /// A prepared statement, in lower case.
    Statement(String),
    /// A setting whose value cannot be computed again, in upper case.
    Setting(String),
    /// What the session has taken from a sequence last.
    LastValue,
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Held::Variable(name) => write!(f, "the user variable `@{name}`"),
            Held::Table(name) => write!(f, "the temporary table `{name}`"),
            Held::Statement(name) => write!(f, "the prepared statement `{name}`"),
            Held::Setting(name) => write!(f, "the setting `{}`", name.to_lowercase()),
            Held::LastValue => write!(f, "the last value of a sequence"),
        }
    }
}

/// A token that means something.
pub type Token<'a> = (Kind, &'a str);

/// The user variables of a statement, in lower case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variables {
    /// Those whose values it uses, or may use.
    pub read: BTreeSet<String>,
    /// Those that it gives values to.
    pub given: BTreeSet<String>,
}

/// The user variables that a statement reads and gives values to. What a CALL is handed may be read.
pub fn variables(sql: &str, modes: Modes) -> Variables {
    let mut found = Variables::default();
    if memchr::memchr(b'@', sql.as_bytes()).is_none() {
        return found;
    }
    let tree = Statement::parse(sql, modes);
    let tokens: Vec<Token> = tree.all().map(|token| (token.kind, token.text)).collect();
    let is = |at: usize, word: &str| tokens.get(at).is_some_and(|token| token.1.eq_ignore_ascii_case(word));
    let first = tokens.first().map(|token| token.1.to_ascii_uppercase()).unwrap_or_default();
    // GET DIAGNOSTICS @a = ROW_COUNT.
    let is_get = first == "GET";
    let holds_statements = matches!(first.as_str(), "BEGIN" | "IF" | "CASE" | "LOOP" | "WHILE" | "REPEAT" | "FOR");
    let columns = (first == "LOAD").then(|| tokens.iter().position(|token| token.1.eq_ignore_ascii_case("SET")));
    // Behind `@a`, where it is what SET gives a value to.
    let of_user = tree.assignments().iter().filter(|one| one.scope == Scope::User);
    let targets: Vec<usize> = of_user.map(|one| one.tokens.start + 2).collect();
    for (behind, name) in named(&tokens) {
        let has_equals = is(behind, "=");
        let is_assigned = is(behind, ":") && is(behind + 1, "=");
        let is_given = is_assigned
            || is_selected(&tokens, behind)
            || has_equals && (is_get || targets.contains(&behind))
            || has_equals && holds_statements && !found.read.contains(&name)
            || columns.is_some_and(|end| end.is_none_or(|end| behind <= end));
        if is_given {
            found.given.insert(name);
        } else if !(holds_statements && found.given.contains(&name)) {
            found.read.insert(name);
        }
    }
    found
}

/// The user variables that the body of a routine or trigger names; those that it may give values to are given.
pub fn variables_of_body(text: &str, modes: Modes) -> Variables {
    let mut found = Variables::default();
    if memchr::memchr(b'@', text.as_bytes()).is_none() {
        return found;
    }
    let tokens: Vec<Token> = Code::new(text, modes).collect();
    let is = |at: usize, word: &str| tokens.get(at).is_some_and(|token| token.1.eq_ignore_ascii_case(word));
    let calls = tokens.iter().any(|token| token.1.eq_ignore_ascii_case("CALL"));
    for (behind, name) in named(&tokens) {
        if calls || is(behind, "=") || is(behind, ":") || is_selected(&tokens, behind) {
            found.given.insert(name.clone());
        }
        found.read.insert(name);
    }
    found
}

/// The texts within a statement's strings that may be statements, or parts of such.
pub fn strings(sql: &str, modes: Modes) -> impl Iterator<Item = &str> {
    Code::new(sql, modes).filter(|(kind, text)| *kind == Kind::String && text.contains('@')).map(|(_, text)| {
        let start = text.find(['\'', '"']).map_or(0, |quote| quote + 1);
        text.get(start..text.len().saturating_sub(1)).unwrap_or_default()
    })
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

/// The user variables of a statement, each with the index of the token behind it.
fn named(tokens: &[Token]) -> Vec<(usize, String)> {
    let is_at = |at: usize| tokens.get(at).is_some_and(|token| token.1 == "@");
    let mut found = Vec::new();
    for at in 0..tokens.len() {
        // `user@host` has a name right before the sign; a system variable has two of them.
        let before = at.checked_sub(1).map(|before| tokens[before]);
        let is_account = before.is_some_and(|(kind, text)| match kind {
            Kind::String | Kind::Quoted => true,
            Kind::Word => text.as_bytes().as_ptr_range().end == tokens[at].1.as_ptr(),
            _ => text == "@",
        });
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

/// What a statement takes away again, where it does nothing else (DROP TEMPORARY TABLE, DEALLOCATE PREPARE), and whether it
/// may be missing.
pub fn takes_away(sql: &str, modes: Modes) -> Option<(Vec<Held>, bool)> {
    let tokens: Vec<Token> = Code::new(sql, modes).collect();
    let is = |at: usize, word: &str| tokens.get(at).is_some_and(|token| token.1.eq_ignore_ascii_case(word));
    if is(0, "DROP") && is(1, "TEMPORARY") {
        let may_miss = is(3, "IF");
        let tables = list(tokens.get(if may_miss { 5 } else { 3 }..).unwrap_or_default());
        return Some((tables.iter().map(|table| Held::Table(plain(&table.name))).collect(), may_miss));
    }
    if (is(0, "DEALLOCATE") || is(0, "DROP")) && is(1, "PREPARE") {
        let name = tokens.get(2).map(|token| Held::Statement(plain(token.1)));
        return Some((name.into_iter().collect(), false));
    }
    None
}

/// The temporary table that a statement makes, and whether it names that table more than once: it may read an older one.
pub fn makes_a_table(sql: &str, modes: Modes) -> Option<(String, bool)> {
    let tokens: Vec<Token> = Code::new(sql, modes).take(12).collect();
    let is = |at: usize, word: &str| tokens.get(at).is_some_and(|token| token.1.eq_ignore_ascii_case(word));
    if !is(0, "CREATE") || !(is(1, "TEMPORARY") || is(3, "TEMPORARY")) {
        return None;
    }
    let behind = tokens.iter().position(|token| token.1.eq_ignore_ascii_case("TABLE"))? + 1;
    let skipped = if is(behind, "IF") { 3 } else { 0 };
    let name = plain(&leading(tokens.get(behind + skipped..)?)?.0.name);
    let times = Code::new(sql, modes).filter(|token| plain(token.1) == name).count();
    Some((name, times > 1))
}

/// Whether a statement that changes only the session commits all the same: on MariaDB, one that makes a temporary sequence.
pub fn commits(sql: &str, modes: Modes) -> bool {
    let words: Vec<&str> = Code::new(sql, modes).take(5).map(|(_, text)| text).collect();
    let is = |at: usize, word: &str| words.get(at).is_some_and(|text| text.eq_ignore_ascii_case(word));
    is(0, "CREATE") && [1, 3].iter().any(|at| is(*at, "TEMPORARY") && is(at + 1, "SEQUENCE"))
}

/// PREPARE: the name of the statement, and its text where that is a literal.
pub fn prepares<'t>(sql: &'t str, modes: Modes) -> Option<(String, Option<&'t str>)> {
    let tokens: Vec<Token<'t>> = Code::new(sql, modes).take(5).collect();
    match tokens[..] {
        [(_, first), (_, name), (_, _), ref text @ ..] if first.eq_ignore_ascii_case("PREPARE") => {
            let literal = text.first().filter(|(kind, _)| *kind == Kind::String && text.len() == 1);
            Some((plain(name), literal.map(|(_, text)| *text)))
        }
        _ => None,
    }
}

/// The name of the prepared statement that an EXECUTE runs.
pub fn executes(sql: &str, modes: Modes) -> Option<String> {
    let mut code = Code::new(sql, modes);
    let is_execute = code.next().is_some_and(|(_, text)| text.eq_ignore_ascii_case("EXECUTE"));
    code.next().filter(|(_, text)| is_execute && !text.eq_ignore_ascii_case("IMMEDIATE")).map(|(_, text)| plain(text))
}

/// It may change LAST_INSERT_ID().
pub fn may_insert(sql: &str, modes: Modes) -> bool {
    let first = first(sql, modes).to_ascii_uppercase();
    !matches!(first.as_str(), "UPDATE" | "DELETE" | "SELECT" | "TABLE" | "VALUES" | "DO" | "(" | "WITH")
        || asks_last_id(sql, modes)
}

/// The database of a USE: from here on names without a schema mean others.
pub fn use_of(sql: &str, modes: Modes) -> Option<String> {
    let tokens: Vec<Token> = Code::new(sql, modes).take(3).collect();
    let is_use = tokens.first().is_some_and(|token| token.1.eq_ignore_ascii_case("USE"));
    leading(tokens.get(1..)?).filter(|_| is_use).map(|(name, _)| name.name)
}

/// A statement that only tells something. EXPLAIN may put it into a variable.
pub fn only_shows(sql: &str, modes: Modes) -> bool {
    let shows =
        matches!(first(sql, modes).to_ascii_uppercase().as_str(), "SHOW" | "DESC" | "DESCRIBE" | "EXPLAIN" | "HELP");
    shows && variables(sql, modes).given.is_empty()
}

/// LAST_INSERT_ID() is named, or a system variable that tells the same.
pub fn asks_last_id(sql: &str, modes: Modes) -> bool {
    let may_read = |byte: u8| lexer::may_hold(sql, "@", byte) || lexer::may_hold(sql, ".", byte);
    lexer::may_hold(sql, "last", b'_') && asks(sql, modes, &["LAST_INSERT_ID"])
        || (may_read(b'i') || may_read(b'I'))
            && memchr::memchr(b'@', sql.as_bytes()).is_some()
            && asks(sql, modes, &["IDENTITY"])
}

/// A value is taken from a sequence: `NEXTVAL(s)`, `NEXT VALUE FOR s`, `s.NEXTVAL`.
pub fn takes_a_value(sql: &str, modes: Modes) -> bool {
    of_a_sequence(sql, modes, &["NEXTVAL", "SETVAL"], "NEXT")
}

/// The value is asked for that this session has taken last: `LASTVAL(s)`, `PREVIOUS VALUE FOR s`, `s.CURRVAL`.
pub fn asks_last_value(sql: &str, modes: Modes) -> bool {
    of_a_sequence(sql, modes, &["LASTVAL", "CURRVAL"], "PREVIOUS")
}

fn of_a_sequence(sql: &str, modes: Modes, functions: &[&str], word: &str) -> bool {
    let is = |text: &str, other: &str| text.eq_ignore_ascii_case(other);
    let words = || Code::new(sql, modes).map(|(_, text)| text);
    words().any(|text| functions.iter().any(|function| is(text, function)))
        || words().zip(words().skip(1)).any(|(one, next)| is(one, word) && is(next, "VALUE"))
}

/// What the statement before has done, or was warned of, is named.
pub fn asks_of_the_last_one(sql: &str, modes: Modes) -> bool {
    let may_ask = lexer::may_hold(sql, "row", b'_') || lexer::may_hold(sql, "found", b'_');
    may_ask && asks(sql, modes, &["ROW_COUNT", "FOUND_ROWS"]) || first(sql, modes).eq_ignore_ascii_case("GET")
}

/// The character set in which a statement makes the server read those behind it.
pub fn charset(sql: &str, modes: Modes) -> Option<String> {
    let words: Vec<String> = Code::new(sql, modes).take(4).map(|(_, text)| plain(text)).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["set", "names" | "charset", charset, ..] | ["set", "character", "set", charset] => Some(charset.to_owned()),
        ["set", ..] => {
            let sets = class::sets(sql, modes);
            let client = sets.iter().rfind(|set| set.scope == Scope::Session && set.name == "CHARACTER_SET_CLIENT")?;
            // `= @saved` gives back what was there before.
            client.value.last().filter(|_| client.value[0].1 != "@").map(|token| plain(token.1))
        }
        _ => None,
    }
}

/// A name is not of ASCII letters alone.
pub fn has_other_letters(sql: &str, modes: Modes) -> bool {
    let is_name = |kind: Kind| matches!(kind, Kind::Word | Kind::Quoted);
    !sql.is_ascii() && Code::new(sql, modes).any(|(kind, text)| is_name(kind) && !text.is_ascii())
}

/// One of these functions is called, or a system variable of that name read. A column may be called so, too.
fn asks(sql: &str, modes: Modes, words: &[&str]) -> bool {
    let tokens: Vec<Token> = Code::new(sql, modes).collect();
    tokens.iter().enumerate().any(|(at, (_, text))| {
        let is_called = || tokens.get(at + 1).is_some_and(|next| next.1 == "(");
        let is_read = || {
            let before = |back: usize| at.checked_sub(back).map_or("", |at| tokens[at].1);
            before(1) == "@" && before(2) == "@" || before(1) == "." && before(3) == "@" && before(4) == "@"
        };
        words.iter().any(|word| text.eq_ignore_ascii_case(word)) && (is_called() || is_read())
    })
}

pub(crate) fn first(sql: &str, modes: Modes) -> &str {
    Code::new(sql, modes).next().map_or("", |(_, text)| text)
}

/// A name without quotes, in lower case.
pub(crate) fn plain(name: &str) -> String {
    unquote(name).trim_matches('\'').to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_functions_are_asked() {
        for (sql, last_id, last_one) in [
            ("INSERT INTO t (row_count, last_insert_id) VALUES (1, 2)", false, false),
            ("INSERT INTO t SELECT ROW_COUNT(), last_insert_id ()", true, true),
            ("SET @a = @@identity", true, false),
            ("SET @a = @@session.last_insert_id", true, false),
            ("SELECT t.identity, '@@identity', found_rows FROM t WHERE a = @b", false, false),
            ("GET DIAGNOSTICS @n = ROW_COUNT", false, true),
        ] {
            let modes = Modes::default();
            assert_eq!((asks_last_id(sql, modes), asks_of_the_last_one(sql, modes)), (last_id, last_one), "{sql}");
        }
    }

    #[test]
    fn in_which_character_set_the_server_reads() {
        for (sql, expected) in [
            ("SET NAMES 'latin1'", Some("latin1")),
            ("SET CHARACTER SET utf8mb4", Some("utf8mb4")),
            ("SET character_set_client = latin1", Some("latin1")),
            ("SET character_set_client = @saved_cs_client", None),
            ("SET character_set_results = latin1", None),
        ] {
            assert_eq!(charset(sql, Modes::default()).as_deref(), expected, "{sql}");
        }
    }

    #[test]
    fn which_variables_are_read_and_which_are_given() {
        for (sql, read, given) in [
            ("SET @a = (SELECT MAX(id) FROM t), @b = 2", "", "a b"),
            ("SET @s = IF(@have = 0, @x, 'y')", "have x", "s"),
            ("SET sql_mode = @m, @n := @k", "k m", "n"),
            ("SELECT id INTO @a FROM t WHERE n = @b", "b", "a"),
            ("SELECT id, n INTO @a, @b FROM t", "", "a b"),
            ("INSERT INTO t VALUES (1, @a)", "a", ""),
            ("INSERT INTO t SELECT @a, n FROM u", "a", ""),
            ("CALL p(1, @a)", "a", ""),
            ("SELECT @n := @n + 1 FROM t", "n", "n"),
            ("LOAD DATA INFILE 'f' INTO TABLE t (x, @c) SET y = @a", "a", "c"),
            ("EXECUTE p USING @a", "a", ""),
            ("GET DIAGNOSTICS @a = ROW_COUNT", "", "a"),
            ("BEGIN NOT ATOMIC SET @x = 1; SELECT @x, @y; END", "y", "x"),
            ("SELECT '@a', @@b, user@'host', `n`@h", "", ""),
        ] {
            let found = variables(sql, Modes::default());
            let words = |names: &BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>().join(" ");
            assert_eq!((words(&found.read).as_str(), words(&found.given).as_str()), (read, given), "{sql}");
        }
    }
}
