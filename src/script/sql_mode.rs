//! Follows `SET sql_mode = …` through a script: it decides where the strings and names of later statements end.

use std::collections::BTreeMap;

use crate::script::lexer::{Code, Kind, Modes};

/// What is known of the session after the statements so far.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    /// What the file started with; also what stands for everything that only the server knows.
    start: Modes,
    current: Modes,
    /// `SET @OLD_SQL_MODE = @@sql_mode`, as every dump begins.
    saved: BTreeMap<String, Modes>,
}

type Tokens<'a> = [(Kind, &'a str)];

impl Session {
    pub(crate) fn new(modes: Modes) -> Self {
        Session { start: modes, current: modes, saved: BTreeMap::new() }
    }

    /// How the next statement is to be read.
    pub(crate) fn modes(&self) -> Modes {
        self.current
    }

    /// Takes a SET statement.
    pub(crate) fn set(&mut self, sql: &str) {
        // Long ones (a value of megabytes) say nothing about modes, and the rest is not worth the walk.
        if !mentions_sql_mode(sql) {
            return;
        }
        let tokens: Vec<_> = Code::new(sql, self.current).skip(1).collect();
        let mut is_global = false;
        for assignment in split_commas(&tokens) {
            self.assign(assignment, &mut is_global);
        }
    }

    fn assign(&mut self, assignment: &Tokens, is_global: &mut bool) {
        let Some(equals) = assignment.iter().position(|token| *token == (Kind::Punct, "=")) else { return };
        let (target, value) = (&assignment[..equals], &assignment[equals + 1..]);
        let target = match target {
            [rest @ .., (Kind::Punct, ":")] => rest,
            _ => target,
        };
        match target {
            [(Kind::Punct, "@"), (_, name)] => {
                let modes = self.value(value);
                self.saved.insert(name.to_ascii_lowercase(), modes);
            }
            [scope @ .., (_, name)]
                if name_of(name).eq_ignore_ascii_case("sql_mode") && self.is_session(scope, is_global) =>
            {
                self.current = self.value(value);
            }
            [(Kind::Word, scope), ..] => *is_global = is_global_word(scope),
            _ => {}
        }
    }

    /// GLOBAL and PERSIST change other sessions, not this one.
    fn is_session(&self, scope: &Tokens, is_global: &mut bool) -> bool {
        match scope {
            [] => !*is_global,
            [(Kind::Word, word)] => {
                *is_global = is_global_word(word);
                !*is_global
            }
            [(_, "@"), (_, "@")] => true,
            [(_, "@"), (_, "@"), (_, word), (_, ".")] => !is_global_word(word),
            _ => false,
        }
    }

    /// The modes that an expression results in.
    fn value(&self, tokens: &Tokens) -> Modes {
        match tokens {
            [(Kind::Number, number)] => from_bits(number).unwrap_or(self.start),
            [(Kind::Word, word)] if word.eq_ignore_ascii_case("default") => self.start,
            [(Kind::Word | Kind::Quoted | Kind::String, _), rest @ ..] if rest.iter().all(|t| t.0 == Kind::String) => {
                tokens.iter().map(|token| from_list(token.1)).fold(Modes::default(), union)
            }
            [(Kind::Word, function), (_, "("), arguments @ .., (_, ")")] => self.function(function, arguments),
            [(Kind::Word, _), (_, "."), (Kind::Word, function), (_, "("), arguments @ .., (_, ")")] => {
                self.function(function, arguments)
            }
            _ => self.variable(tokens).unwrap_or(self.start),
        }
    }

    /// The ways in which a mode is added to the others, or taken out.
    fn function(&self, name: &str, arguments: &Tokens) -> Modes {
        let mut values = split_commas(arguments).map(|argument| self.value(argument));
        match name.to_ascii_lowercase().as_str() {
            "concat" | "concat_ws" | "list_add" => values.fold(Modes::default(), union),
            "replace" | "list_drop" => match (values.next(), values.next()) {
                (Some(all), Some(dropped)) => without(all, dropped),
                _ => self.start,
            },
            _ => self.start,
        }
    }

    fn variable(&self, tokens: &Tokens) -> Option<Modes> {
        match tokens {
            [(_, "@"), (_, name)] => self.saved.get(&name.to_ascii_lowercase()).copied(),
            [(_, "@"), (_, "@"), scope @ .., (Kind::Word, name)] if name.eq_ignore_ascii_case("sql_mode") => {
                let is_global = scope.first().is_some_and(|token| is_global_word(token.1));
                (!is_global).then_some(self.current)
            }
            _ => None,
        }
    }
}

fn mentions_sql_mode(sql: &str) -> bool {
    let head = &sql.as_bytes()[..sql.len().min(1 << 16)];
    memchr::memchr_iter(b'_', head).any(|at| {
        at >= 3
            && head[at - 3..at].eq_ignore_ascii_case(b"sql")
            && head[at..].len() > 4
            && head[at + 1..at + 5].eq_ignore_ascii_case(b"mode")
    })
}

/// The parts between the commas that stand in no parentheses.
fn split_commas<'t, 'a>(tokens: &'t Tokens<'a>) -> impl Iterator<Item = &'t Tokens<'a>> {
    let mut depth = 0_usize;
    tokens.split(move |token| {
        match token {
            (Kind::Punct, "(") => depth += 1,
            (Kind::Punct, ")") => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && *token == (Kind::Punct, ",")
    })
}

fn is_global_word(word: &str) -> bool {
    ["global", "persist", "persist_only"].iter().any(|scope| word.eq_ignore_ascii_case(scope))
}

fn name_of(token: &str) -> &str {
    token.trim_matches(['`', '"'])
}

/// A list of modes as the server writes it. Some names stand for several modes.
fn from_list(list: &str) -> Modes {
    let mut modes = Modes::default();
    for name in list.trim_matches(['\'', '"', '`']).split(',') {
        match name.trim().to_ascii_uppercase().as_str() {
            "ANSI_QUOTES" | "ANSI" | "ORACLE" | "MSSQL" | "POSTGRESQL" | "DB2" | "MAXDB" => modes.ansi_quotes = true,
            "NO_BACKSLASH_ESCAPES" => modes.no_backslash_escapes = true,
            _ => {}
        }
    }
    modes
}

/// The server's own numbering, the same in MySQL and MariaDB.
fn from_bits(number: &str) -> Option<Modes> {
    let bits: u64 = number.parse().ok()?;
    Some(Modes { ansi_quotes: bits & 4 != 0, no_backslash_escapes: bits & (1 << 20) != 0 })
}

fn union(a: Modes, b: Modes) -> Modes {
    Modes {
        ansi_quotes: a.ansi_quotes || b.ansi_quotes,
        no_backslash_escapes: a.no_backslash_escapes || b.no_backslash_escapes,
    }
}

fn without(all: Modes, dropped: Modes) -> Modes {
    Modes {
        ansi_quotes: all.ansi_quotes && !dropped.ansi_quotes,
        no_backslash_escapes: all.no_backslash_escapes && !dropped.no_backslash_escapes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: Modes = Modes { ansi_quotes: false, no_backslash_escapes: false };
    const ANSI: Modes = Modes { ansi_quotes: true, no_backslash_escapes: false };
    const RAW: Modes = Modes { ansi_quotes: false, no_backslash_escapes: true };
    const BOTH: Modes = Modes { ansi_quotes: true, no_backslash_escapes: true };

    #[test]
    fn one_statement() {
        for (start, sql, expected) in [
            (NONE, "SET sql_mode='ANSI_QUOTES'", ANSI),
            (NONE, "set session Sql_Mode := 'ansi'", ANSI),
            (NONE, "SET @@sql_mode=\"ansi_quotes,no_backslash_escapes\"", BOTH),
            (NONE, "SET @@session . sql_mode='NO_BACKSLASH_ESCAPES'", RAW),
            (NONE, "SET LOCAL sql_mode=ANSI_QUOTES", ANSI),
            (NONE, "/*!40101 SET NAMES utf8, sql_mode='ORACLE' */", ANSI),
            (NONE, "SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='ANSI_QUOTES'", ANSI),
            (NONE, "SET GLOBAL sql_mode='ANSI_QUOTES'", NONE),
            (NONE, "SET @@global.sql_mode='ANSI_QUOTES'", NONE),
            (NONE, "SET PERSIST sql_mode='ANSI_QUOTES'", NONE),
            (NONE, "SET sql_mode=4", ANSI),
            (NONE, "SET sql_mode=1048580", BOTH),
            (NONE, "SET sql_mode=CONCAT(@@sql_mode, ',ANSI_QUOTES')", ANSI),
            (RAW, "SET sql_mode=CONCAT(@@sql_mode, ',ANSI_QUOTES')", BOTH),
            (BOTH, "SET sql_mode=(SELECT REPLACE(@@sql_mode,'ANSI_QUOTES',''))", BOTH),
            (BOTH, "SET sql_mode=REPLACE(@@session.sql_mode,'ANSI_QUOTES','')", RAW),
            (RAW, "SET sql_mode=sys.list_add(@@session.sql_mode,'ANSI_QUOTES')", BOTH),
            (BOTH, "SET sql_mode=''", NONE),
            (ANSI, "SET sql_mode=DEFAULT", ANSI),
            (ANSI, "SET sql_mode=@unknown", ANSI),
            (ANSI, "SET x='sql_mode=1'", ANSI),
            (NONE, "SET sql_mode='TRADITIONAL'", NONE),
            (NONE, "SET sql_mode", NONE),
        ] {
            let mut session = Session::new(start);
            session.set(sql);
            assert_eq!(session.modes(), expected, "{sql}");
        }
    }

    #[test]
    fn a_saved_mode_comes_back() {
        let mut session = Session::new(NONE);
        session.set("SET sql_mode='ANSI_QUOTES'");
        session.set("/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='' */");
        assert_eq!(session.modes(), NONE);
        session.set("SET sql_mode=@old_sql_mode");
        assert_eq!(session.modes(), ANSI);
    }
}
