//! Where the cause of a statement's error is: mostly in the statement, but it may be a right that is missing, a definer that is
//! gone, what a trigger or a routine does, or the server. Read from the error's number and words, in English; in doubt it is the
//! statement.

use crate::script::lexer::{Code, Kind, Modes};
use crate::statement::names::unquote;

/// Where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The statement.
    Statement,
    /// An account lacks a right.
    Right(Missing),
    /// This account, which a view, a trigger, a routine or an event runs as, does not exist: user and host.
    Definer(String, String),
    /// A trigger, or a routine, that the statement runs.
    Inside,
    /// The server does not let the account make triggers and functions while it writes a binary log.
    BinaryLog,
    /// The server: no space, a limit, read-only.
    Server,
}

/// A right that is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// As GRANT wants them; nothing where the server does not say which.
    pub rights: Option<String>,
    /// On what.
    pub on: On,
    /// Who lacks it, as the server names it: user and host.
    pub who: Option<(String, String)>,
}

/// What a right is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum On {
    /// `*.*`
    Server,
    /// A database.
    Database(String),
    /// A table, in this database if the server says in which.
    Table(Option<String>, String),
}

/// The cause of an error of this statement.
pub fn cause(number: u16, said: &str, sql: &str, modes: Modes) -> Cause {
    let statement = Statement::of(sql, modes);
    match number {
        1142 | 1143 | 1370 => Cause::Right(denied(number, said)),
        1044 => Cause::Right(no_database(said, &statement)),
        1045 if statement.has(&["INFILE", "OUTFILE", "DUMPFILE"]) => Cause::Right(on_server(Some("FILE".to_owned()))),
        1227 => Cause::Right(on_server(one_of(said))),
        1419 => Cause::BinaryLog,
        1449 if !statement.has(&["DEFINER"]) => match quoted(said)[..] {
            [user, host, ..] => Cause::Definer(user.to_owned(), host.to_owned()),
            _ => Cause::Statement,
        },
        1442 | 1422 => Cause::Inside,
        1644 if !statement.has(&["SIGNAL", "RESIGNAL"]) => Cause::Inside,
        1054 | 1146 | 1305 if names_another(said, number, &statement) => Cause::Inside,
        // Disk full, out of memory or locks, limits of an account, read-only, killed, out of time.
        1021 | 1037 | 1038 | 1041 | 1114 | 1206 | 1226 | 1290 | 1317 | 1792 | 1836 | 1969 | 3024 => Cause::Server,
        _ => Cause::Statement,
    }
}

/// The words and names of a statement, in upper case.
struct Statement(Vec<String>);

impl Statement {
    fn of(sql: &str, modes: Modes) -> Statement {
        let is_name = |(kind, _): &(Kind, &str)| matches!(kind, Kind::Word | Kind::Quoted);
        Statement(Code::new(sql, modes).filter(is_name).map(|(_, word)| unquote(word).to_uppercase()).collect())
    }

    fn has(&self, words: &[&str]) -> bool {
        self.0.iter().any(|word| words.contains(&word.as_str()))
    }

    /// What stands before the name of what it makes or drops.
    fn begins(&self) -> Vec<&str> {
        self.0.iter().take(8).map(String::as_str).collect()
    }
}

/// What stands in quotes of either kind.
fn quoted(said: &str) -> Vec<&str> {
    let (mut found, mut rest) = (Vec::new(), said);
    while let Some(open) = rest.find(['\'', '`']) {
        let quote = &rest[open..=open];
        let Some(length) = rest[open + 1..].find(quote) else { break };
        found.push(&rest[open + 1..open + 1 + length]);
        rest = &rest[open + length + 2..];
    }
    found
}

/// `CREATE command denied to user 'u'@'h' for table 't'`; MariaDB's has the database, and a routine's is `'d.r'`.
fn denied(number: u16, said: &str) -> Missing {
    let rights = said.split_once(" command denied to user ").map(|(rights, _)| rights.to_uppercase());
    let quoted = quoted(said);
    let who = match quoted[..] {
        [user, host, ..] => Some((user.to_owned(), host.to_owned())),
        _ => None,
    };
    let on = match quoted[..] {
        [_, _, routine] if number == 1370 => {
            On::Database(routine.split_once('.').map_or(routine, |(database, _)| database).to_owned())
        }
        [_, _, database, table] if number == 1142 => On::Table(Some(database.to_owned()), table.to_owned()),
        [_, _, .., table] => On::Table(None, table.to_owned()),
        _ => On::Server,
    };
    Missing { rights, on, who }
}

/// `Access denied for user 'u'@'h' to database 'd'`: which right it is, only the statement says.
fn no_database(said: &str, statement: &Statement) -> Missing {
    let words = statement.begins();
    let is = |word: &str| words.contains(&word);
    let verb = words.first().copied().unwrap_or_default();
    let rights = match verb {
        "CREATE" if is("PROCEDURE") || is("FUNCTION") => Some("CREATE ROUTINE"),
        "CREATE" if is("TEMPORARY") => Some("CREATE TEMPORARY TABLES"),
        "CREATE" | "ALTER" | "DROP" if is("EVENT") => Some("EVENT"),
        "CREATE" | "ALTER" | "DROP" if is("DATABASE") || is("SCHEMA") => Some(verb),
        "LOCK" => Some("LOCK TABLES"),
        _ => None,
    };
    let quoted = quoted(said);
    let (who, on) = match quoted[..] {
        [user, host, database] => (Some((user.to_owned(), host.to_owned())), On::Database(database.to_owned())),
        _ => (None, On::Server),
    };
    Missing { rights: rights.map(str::to_owned), on, who }
}

fn on_server(rights: Option<String>) -> Missing {
    Missing { rights, on: On::Server, who: None }
}

/// `you need (at least one of) the SUPER, BINLOG ADMIN privilege(s)`: the narrow one.
fn one_of(said: &str) -> Option<String> {
    let list = said.split_once("(at least one of) the ")?.1.split_once(" privilege")?.0;
    let rights: Vec<&str> = list.split(", ").flat_map(|part| part.split(" or ")).collect();
    rights.iter().find(|right| **right != "SUPER").or(rights.first()).map(|right| (*right).to_owned())
}

/// Whether the error is about a table, a column or a routine that the statement does not name.
fn names_another(said: &str, number: u16, statement: &Statement) -> bool {
    let name = match (number, &quoted(said)[..]) {
        // `PROCEDURE d.p does not exist`
        (1305, _) => said.split(' ').nth(1),
        (_, [name, ..]) => Some(*name),
        _ => None,
    };
    let last = name.and_then(|name| name.rsplit('.').next()).map(str::to_uppercase);
    last.is_some_and(|last| !statement.has(&[&last]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(number: u16, said: &str, sql: &str) -> Cause {
        cause(number, said, sql, Modes::default())
    }

    fn right(rights: &str, on: On, who: Option<(&str, &str)>) -> Cause {
        let who = who.map(|(user, host)| (user.to_owned(), host.to_owned()));
        Cause::Right(Missing { rights: Some(rights.to_owned()), on, who })
    }

    #[test]
    fn a_missing_right_is_read_from_the_words_of_both_servers() {
        let who = Some(("u", "h"));
        let table = |database: Option<&str>| On::Table(database.map(str::to_owned), "t".to_owned());
        let database = || On::Database("d".to_owned());
        for (number, said, sql, expected) in [
            (
                1142,
                "DROP, ALTER command denied to user 'u'@'h' for table 't'",
                "",
                right("DROP, ALTER", table(None), who),
            ),
            (
                1142,
                "CREATE VIEW command denied to user 'u'@'h' for table `d`.`t`",
                "",
                right("CREATE VIEW", table(Some("d")), who),
            ),
            (
                1143,
                "SELECT command denied to user 'u'@'h' for column 'c' in table 't'",
                "",
                right("SELECT", table(None), who),
            ),
            (
                1370,
                "alter routine command denied to user 'u'@'h' for routine 'd.r'",
                "",
                right("ALTER ROUTINE", database(), who),
            ),
            (
                1044,
                "Access denied for user 'u'@'h' to database 'd'",
                "CREATE DEFINER=x FUNCTION f() …",
                right("CREATE ROUTINE", database(), who),
            ),
            (1044, "Access denied for user 'u'@'h' to database 'd'", "create event e", right("EVENT", database(), who)),
            (1044, "Access denied for user 'u'@'h' to database 'd'", "DROP DATABASE d", right("DROP", database(), who)),
            (
                1227,
                "Access denied; you need (at least one of) the SUPER, BINLOG ADMIN privilege(s) for this operation",
                "",
                right("BINLOG ADMIN", On::Server, None),
            ),
            (
                1227,
                "Access denied; you need (at least one of) the SUPER or SYSTEM_VARIABLES_ADMIN privilege(s) for this operation",
                "",
                right("SYSTEM_VARIABLES_ADMIN", On::Server, None),
            ),
            (
                1227,
                "Access denied; you need (at least one of) the SUPER privilege(s) for this operation",
                "",
                right("SUPER", On::Server, None),
            ),
            (
                1045,
                "Access denied for user 'u'@'h' (using password: YES)",
                "LOAD DATA INFILE 'x' INTO TABLE t",
                right("FILE", On::Server, None),
            ),
        ] {
            assert_eq!(of(number, said, sql), expected, "{said}");
        }
    }

    #[test]
    fn what_the_statement_does_not_name_is_inside_of_what_it_runs() {
        let insert = "INSERT INTO t (a, `b c`) VALUES ('gone')";
        for (number, said, sql, expected) in [
            (1146, "Table 'd.gone' doesn't exist", insert, Cause::Inside),
            (1146, "Table 'd.t' doesn't exist", insert, Cause::Statement),
            (1054, "Unknown column 'x' in 'field list'", insert, Cause::Inside),
            (1054, "Unknown column 'b c' in 'INSERT INTO'", insert, Cause::Statement),
            (1305, "PROCEDURE d.p does not exist", "CALL p()", Cause::Statement),
            (1305, "FUNCTION d.f does not exist", insert, Cause::Inside),
            (1644, "no", insert, Cause::Inside),
            (1644, "no", "BEGIN NOT ATOMIC SIGNAL SQLSTATE '45000'; END", Cause::Statement),
            (
                1449,
                "The user specified as a definer ('u'@'h') does not exist",
                insert,
                Cause::Definer("u".into(), "h".into()),
            ),
            (1114, "The table 't' is full", insert, Cause::Server),
            (1062, "Duplicate entry", insert, Cause::Statement),
            (1142, "Befehl nicht erlaubt", insert, Cause::Right(Missing { rights: None, on: On::Server, who: None })),
        ] {
            assert_eq!(of(number, said, sql), expected, "{number} {said}");
        }
    }
}
