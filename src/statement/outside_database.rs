//! Whether a statement reaches beyond the database that it runs in: what must not run where only a throwaway database is
//! meant to change.
//!
//! Text alone is looked at. What a procedure computes at run time, no text shows: an account that may use nothing else is
//! the wall behind this one.

use crate::script::lexer::{Kind as Token, Lexer, Modes};
use crate::statement::class::Kind;
use crate::statement::ddl::{Ddl, Object};
use crate::statement::names::unquote;
use std::ops::Range;

/// The databases that are there.
#[derive(Clone, Debug, Default)]
pub struct Databases {
    /// The one that the migrations are written for, if one is configured.
    pub own: Option<String>,
    /// The name that takes its place.
    pub stand_in: String,
    /// All others that the account can see, without those that can only be read.
    pub others: Vec<String>,
}

/// Where a statement reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Beyond {
    /// Into another database, or it makes, drops or enters one: what it does there nobody looks at.
    Database(String),
    /// To what belongs to the whole server: accounts, global variables, plugins, files.
    Server(&'static str),
}

/// The first thing in a statement that lies beyond its database.
pub fn beyond(sql: &str, modes: Modes, databases: &Databases) -> Option<Beyond> {
    let statement = Statement::of(sql, modes);
    statement.kind(sql, modes).or_else(|| statement.named(databases))
}

/// The same for a script that runs a text, by PREPARE or EXECUTE IMMEDIATE: each of its strings may be a statement, or a part of
/// one. What CONCAT makes of strings is read as one text. A part by itself is judged by what it names, and refused where it
/// begins a statement to the whole server; what else a script makes of it at run time, no text shows.
pub fn beyond_in_strings(sql: &str, modes: Modes, databases: &Databases) -> Option<Beyond> {
    texts(sql, modes).into_iter().find_map(|text| {
        let statement = Statement::of(&text, modes);
        // Most strings are no statements, so what is no known one is none.
        let is_unknown = matches!(Kind::of(&text, modes), Kind::Ddl(ddl) if !statement.is_as_it_begins(&ddl));
        if is_unknown {
            return statement.named(databases);
        }
        let own = databases.own.as_ref().filter(|own| statement.names(own).next().is_some());
        beyond(&text, modes, databases).or_else(|| own.map(|own| Beyond::Database(own.clone())))
    })
}

/// The strings of a statement, those of one CONCAT as one, with a name in the place of what is no string.
fn texts(sql: &str, modes: Modes) -> Vec<String> {
    let statement = Statement::of(sql, modes);
    let mut found = Vec::new();
    let mut at = 0;
    while at < statement.tokens.len() {
        if statement.is(at, "CONCAT") && statement.is(at + 1, "(") {
            let (text, end) = statement.concatenated(at + 2, modes);
            found.push(text);
            at = end;
        } else {
            found.extend(statement.string(at, modes));
            at += 1;
        }
    }
    found
}

/// In a text, in the place of what only the server knows. No word of SQL, and no name that anybody gives.
const UNKNOWN: &str = "uturn_unknown_value";

/// The content of a string, quotes doubled or escaped taken back as far as names and words need it.
fn inside(string: &str, modes: Modes) -> String {
    let quote = &string[..1];
    let inner = string.get(1..string.len().max(2) - 1).unwrap_or_default().replace(&quote.repeat(2), quote);
    if modes.no_backslash_escapes { inner } else { inner.replace('\\', "") }
}

/// The statement as it runs in the stand-in: where it names its own database, it names that one. Nothing else changes.
pub fn at_home(sql: &str, modes: Modes, databases: &Databases) -> String {
    let Some(own) = &databases.own else { return sql.to_owned() };
    let statement = Statement::of(sql, modes);
    let mut text = String::with_capacity(sql.len());
    let mut end = 0;
    for span in statement.names(own) {
        text.push_str(&sql[end..span.start]);
        text.push_str(&crate::statement::names::quoted(&databases.stand_in));
        end = span.end;
    }
    text.push_str(&sql[end..]);
    text
}

/// A statement's tokens, without comments and white space.
struct Statement<'a> {
    tokens: Vec<(Token, &'a str, Range<usize>)>,
}

impl<'a> Statement<'a> {
    fn of(sql: &'a str, modes: Modes) -> Statement<'a> {
        let is_code = |kind: Token| !kind.is_trivia() && !matches!(kind, Token::ExecOpen | Token::ExecClose);
        let tokens = Lexer::new(sql, modes).filter(|token| is_code(token.kind));
        Statement { tokens: tokens.map(|token| (token.kind, &sql[token.span.clone()], token.span)).collect() }
    }

    fn is(&self, at: usize, word: &str) -> bool {
        self.tokens.get(at).is_some_and(|(kind, text, _)| {
            matches!(kind, Token::Word | Token::Punct) && text.eq_ignore_ascii_case(word)
        })
    }

    fn has(&self, words: &[&str]) -> bool {
        (0..self.tokens.len()).any(|at| words.iter().enumerate().all(|(n, word)| self.is(at + n, word)))
    }

    /// What its words alone say.
    fn kind(&self, sql: &str, modes: Modes) -> Option<Beyond> {
        const FILE: &str = "writes a file on the server";
        const GLOBAL: &str = "sets a variable of the whole server";
        const ACCOUNTS: &str = "changes accounts or their rights";
        const ELSEWHERE: &str = "uses an engine that keeps its rows elsewhere";
        const SERVER: &str = "changes what belongs to the whole server";
        let found = match Kind::of(sql, modes) {
            Kind::Global => Some(GLOBAL),
            Kind::Ddl(ddl) if ddl.object == Object::User => Some(ACCOUNTS),
            Kind::Ddl(ddl) if ddl.object == Object::Other => {
                let is_harmless = matches!(ddl.verb.as_str(), "SIGNAL" | "RESIGNAL" | "GET");
                (!is_harmless).then_some(SERVER)
            }
            Kind::Ddl(ddl) if ddl.object == Object::Database && ddl.verb != "ALTER" => {
                let name = ddl.targets.first().map(|name| name.name.clone()).unwrap_or_default();
                return Some(Beyond::Database(name));
            }
            _ => None,
        };
        let is_engine = |engine: &&str| self.has(&["ENGINE", "=", engine]) || self.has(&["ENGINE", engine]);
        let found = found.or_else(|| match () {
            () if self.has(&["INTO", "OUTFILE"]) || self.has(&["INTO", "DUMPFILE"]) => Some(FILE),
            () if self.has(&["SET", "GLOBAL"]) || self.has(&["SET", "PERSIST"]) => Some(GLOBAL),
            () if self.has(&["GRANT"]) || self.has(&["REVOKE"]) => Some(ACCOUNTS),
            () if self.has(&["CREATE", "USER"]) || self.has(&["CREATE", "ROLE"]) => Some(ACCOUNTS),
            () if self.has(&["SONAME"]) => Some(SERVER),
            () if ["FEDERATED", "CONNECT", "SPIDER"].iter().any(is_engine) => Some(ELSEWHERE),
            () => None,
        });
        found.map(Beyond::Server)
    }

    fn string(&self, at: usize, modes: Modes) -> Option<String> {
        let (kind, text, _) = self.tokens.get(at)?;
        (*kind == Token::String).then(|| inside(text, modes))
    }

    /// What CONCAT makes of its arguments, and where they end. Those of a function among them are read as if they were its own.
    fn concatenated(&self, from: usize, modes: Modes) -> (String, usize) {
        let (mut text, mut depth, mut at) = (String::new(), 1, from);
        while at < self.tokens.len() && depth > 0 {
            match self.string(at, modes) {
                Some(part) => text.push_str(&part),
                None if self.is(at, "(") => depth += 1,
                None if self.is(at, ")") => depth -= 1,
                None if self.is(at, ",") => {}
                None if self.tokens[at].0 == Token::Number => text.push_str(self.tokens[at].1),
                // The value of a variable or a column.
                None if depth == 1 && !text.ends_with(UNKNOWN) => text.push_str(UNKNOWN),
                None => {}
            }
            at += 1;
        }
        (text, at)
    }

    /// Whether the text is a statement of this kind, and not a clause (`DROP COLUMN role`) or words.
    fn is_as_it_begins(&self, ddl: &Ddl) -> bool {
        let has_one = |words: &[&str]| words.iter().any(|word| self.has(&[word]));
        match (ddl.object, ddl.verb.as_str()) {
            (Object::Other, _) => self.is_to_servers(),
            (Object::User | Object::Database, "GRANT" | "REVOKE") => has_one(&["ON", "TO", "FROM"]),
            (Object::User | Object::Database, "CREATE" | "ALTER" | "DROP" | "RENAME") => {
                let second = self.second();
                let is_object = ["USER", "ROLE", "DATABASE", "SCHEMA"].iter().any(|word| self.is(second, word));
                // A column may have such a name: `DROP user`, `DROP role, ADD …`.
                is_object && self.tokens.get(second + 1).is_some_and(|(kind, ..)| *kind != Token::Punct)
            }
            (_, _) => true,
        }
    }

    /// Where the word behind the verb is.
    fn second(&self) -> usize {
        if self.is(1, "OR") && self.is(2, "REPLACE") { 3 } else { 1 }
    }

    /// It begins as a statement to the server does.
    fn is_to_servers(&self) -> bool {
        const BEGINNINGS: [(&str, &[&str]); 13] = [
            ("INSTALL", &["PLUGIN", "COMPONENT", "SONAME"]),
            ("UNINSTALL", &["PLUGIN", "COMPONENT", "SONAME"]),
            (
                "FLUSH",
                &["TABLES", "TABLE", "PRIVILEGES", "LOGS", "HOSTS", "STATUS", "BINARY", "LOCAL", "NO_WRITE_TO_BINLOG"],
            ),
            ("RESET", &["MASTER", "SLAVE", "REPLICA", "QUERY", "BINARY", "PERSIST"]),
            ("PURGE", &["BINARY", "MASTER"]),
            ("CHANGE", &["MASTER", "REPLICATION"]),
            ("START", &["SLAVE", "REPLICA", "GROUP_REPLICATION", "ALL"]),
            ("STOP", &["SLAVE", "REPLICA", "GROUP_REPLICATION", "ALL"]),
            ("KILL", &["HARD", "SOFT", "CONNECTION", "QUERY", "USER"]),
            ("CLONE", &["LOCAL", "INSTANCE"]),
            ("CREATE", &OBJECTS),
            ("DROP", &OBJECTS),
            ("ALTER", &OBJECTS),
        ];
        const OBJECTS: [&str; 7] = ["SERVER", "TABLESPACE", "UNDO", "LOGFILE", "INSTANCE", "RESOURCE", "SPATIAL"];
        let second = self.second();
        let is_number = self.tokens.get(1).is_some_and(|(kind, ..)| *kind == Token::Number) || self.is(1, UNKNOWN);
        let is_alone = self.tokens.len() == 1 || self.is(1, ";");
        (self.is(0, "SHUTDOWN") || self.is(0, "RESTART")) && is_alone
            || self.is(0, "KILL") && is_number
            || BEGINNINGS.iter().any(|(first, next)| self.is(0, first) && next.iter().any(|word| self.is(second, word)))
    }

    /// A name of another database in it.
    fn named(&self, databases: &Databases) -> Option<Beyond> {
        let of = |name: &String| self.names(name).next().is_some().then(|| name.clone());
        databases.others.iter().find_map(of).or_else(|| self.entered(databases)).map(Beyond::Database)
    }

    /// `USE x` and `ALTER DATABASE x` name a database, also one that is not there.
    fn entered(&self, databases: &Databases) -> Option<String> {
        let at = match () {
            () if self.is(0, "USE") => 1,
            () if self.is(0, "ALTER") && (self.is(1, "DATABASE") || self.is(1, "SCHEMA")) => 2,
            () => return None,
        };
        let name = self.name(at)?;
        let is_option = ["CHARACTER", "CHARSET", "COLLATE", "DEFAULT", "COMMENT", "ENCRYPTION", "READ"];
        let is_name = at == 1 || !is_option.iter().any(|word| self.is(at, word));
        let is_own = databases.own.as_ref() == Some(&name);
        (is_name && !is_own).then_some(name)
    }

    fn name(&self, at: usize) -> Option<String> {
        let (kind, text, _) = self.tokens.get(at)?;
        matches!(kind, Token::Word | Token::Quoted).then(|| unquote(text))
    }

    /// Where the statement means a database by this name.
    fn names<'s>(&'s self, database: &'s str) -> impl Iterator<Item = Range<usize>> + 's {
        let is_it = move |at: usize| self.name(at).is_some_and(|name| name.eq_ignore_ascii_case(database));
        // A table or an alias of the same name may stand before a dot as well.
        let is_table_too = (0..self.tokens.len())
            .any(|at| is_it(at) && !self.is(at + 1, ".") && !self.before(at, ".") && !self.names_databases(at));
        let means = move |at: &usize| {
            let at = *at;
            let is_qualifier = self.is(at + 1, ".") && !self.before(at, ".");
            let is_call = is_qualifier && self.is(at + 3, "(");
            is_it(at)
                && (self.names_databases(at)
                    || is_qualifier && (!is_table_too || is_call || self.takes_a_table(at) || self.is(at + 3, ".")))
        };
        (0..self.tokens.len()).filter(means).map(|at| self.tokens[at].2.clone())
    }

    fn before(&self, at: usize, word: &str) -> bool {
        at.checked_sub(1).is_some_and(|before| self.is(before, word))
    }

    /// Behind these words stands the name of a database.
    fn names_databases(&self, at: usize) -> bool {
        at == 1 && self.is(0, "USE") || at == 2 && (self.before(at, "DATABASE") || self.before(at, "SCHEMA"))
    }

    /// Behind these words stands the name of something in a database, never that of a column.
    fn takes_a_table(&self, at: usize) -> bool {
        const WORDS: [&str; 19] = [
            "TABLE",
            "TABLES",
            "VIEW",
            "FROM",
            "JOIN",
            "INTO",
            "UPDATE",
            "REFERENCES",
            "EXISTS",
            "TO",
            "LIKE",
            "CALL",
            "PROCEDURE",
            "FUNCTION",
            "TRIGGER",
            "EVENT",
            "INDEX",
            "SEQUENCE",
            "TRUNCATE",
        ];
        WORDS.iter().any(|word| self.before(at, word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn databases() -> Databases {
        let others = ["other", "users", "mysql"].map(str::to_owned).to_vec();
        Databases { own: Some("app".to_owned()), stand_in: "scratch".to_owned(), others }
    }

    #[test]
    fn what_reaches_into_another_database() {
        for (sql, expected) in [
            ("USE other", Some("other")),
            ("USE nowhere", Some("nowhere")),
            ("CREATE DATABASE x", Some("x")),
            ("DROP DATABASE app", Some("app")),
            ("ALTER DATABASE other COLLATE utf8mb4_bin", Some("other")),
            ("ALTER DATABASE COLLATE utf8mb4_bin", None),
            ("DROP TABLE `other`.t", Some("other")),
            ("INSERT INTO t SELECT * FROM a, other.t", Some("other")),
            ("INSERT INTO other.t SELECT other FROM t", Some("other")),
            ("SELECT other.f(1)", Some("other")),
            ("ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES other . t (id)", Some("other")),
            ("SELECT users.id FROM users", None),
            ("SELECT u.id FROM t AS u JOIN users ON users.id = u.id", None),
            ("DELETE FROM users.t", Some("users")),
            ("UPDATE movies SET movies.a = 'other.t'", None),
            ("SELECT * FROM information_schema.COLUMNS", None),
            ("USE app", None),
            ("DROP TABLE app.t", None),
        ] {
            let found = beyond(sql, Modes::default(), &databases());
            assert_eq!(found, expected.map(|name| Beyond::Database(name.to_owned())), "{sql}");
        }
    }

    #[test]
    fn what_reaches_to_the_whole_server() {
        for sql in [
            "GRANT SELECT ON t TO x",
            "CREATE USER x",
            "DROP ROLE x",
            "SET GLOBAL x = 1",
            "SET @@global.x = 1",
            "INSTALL PLUGIN x SONAME 'y'",
            "FLUSH TABLES",
            "SELECT 1 INTO OUTFILE '/tmp/x'",
            "CREATE TABLE t (a INT) ENGINE=FEDERATED CONNECTION='x'",
            "CREATE PROCEDURE p() BEGIN SET GLOBAL x = 1; END",
            "CREATE FUNCTION f RETURNS INT SONAME 'x.so'",
            "SHUTDOWN",
        ] {
            assert!(matches!(beyond(sql, Modes::default(), &databases()), Some(Beyond::Server(_))), "{sql}");
        }
        for sql in ["ALTER TABLE users DROP role", "SET @a = 1", "SIGNAL SQLSTATE '45000'", "OPTIMIZE TABLE t"] {
            assert_eq!(beyond(sql, Modes::default(), &databases()), None, "{sql}");
        }
    }

    #[test]
    fn text_that_is_run_is_looked_through() {
        let found = |sql| beyond_in_strings(sql, Modes::default(), &databases());
        assert!(found("SET @s = 'DROP TABLE other.t'").is_some());
        assert!(found("EXECUTE IMMEDIATE 'ALTER TABLE `app`.t ADD x INT'").is_some());
        assert!(found("SET @s = 'SHUTDOWN'").is_some());
        assert_eq!(found("SET @s = IF(x = 'votes', 'ALTER TABLE t ADD x INT', 'DO 0')"), None);
    }

    #[test]
    fn a_part_of_a_statement_is_not_judged_as_one() {
        let found = |sql| beyond_in_strings(sql, Modes::default(), &databases());
        for sql in [
            "SET @q = CONCAT('ALTER TABLE t', ' DROP FOREIGN KEY ', 'fk')",
            "SET @q = CONCAT('ALTER TABLE ', @t, ' DROP FOREIGN KEY ', (SELECT c FROM k), ', ADD x INT')",
            "SET @a = ' DROP FOREIGN KEY '",
            "SET @a = 'DROP CONSTRAINT fk', @b = 'ALTER COLUMN x SET DEFAULT 1', @c = 'CREATE UNIQUE', @d = 'DROP PRIMARY KEY'",
            "SET @a = 'DROP COLUMN role', @b = ' DROP user', @c = 'DROP COLUMN `database`', @d = 'DROP COLUMN schema'",
            "INSERT INTO t VALUES ('Grant proposals'), ('revoke')",
            "SELECT IF(COUNT(*) > 0, 'ALTER TABLE t DROP FOREIGN KEY fk', 'SELECT 1') INTO @q FROM information_schema.TABLES",
            "INSERT INTO t VALUES ('Change the master plan'), ('reset'), ('start'), ('kill your darlings'), ('Shutdown at noon')",
        ] {
            assert_eq!(found(sql), None, "{sql}");
        }
        for sql in [
            "SET @q = CONCAT('CREATE', ' USER ', @u)",
            "SET @q = CONCAT('CREATE ', 'USER x')",
            "SET @q = CONCAT('SET GLO', 'BAL x = ', 1)",
            "SET @q = CONCAT('DROP TABLE ', 'other', '.t')",
            "SET @q = CONCAT('DROP DATA', 'BASE ', x)",
            "SET @q = CONCAT('KILL ', 7)",
            "SET @q = CONCAT('KILL ', @id)",
            "SET @q = 'CREATE OR REPLACE USER x'",
            "SET @q = 'DROP SCHEMA IF EXISTS x'",
            "SET @q = 'SET PASSWORD FOR x = 1'",
            "SET @q = CONCAT('CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (HOST ', @h, ')')",
            "SET @a = 'CREATE USER x', @b = 'ALTER TABLE t DROP FOREIGN KEY fk'",
            "SET @t = 'other.t'",
            "SET @q = IF(1, 'FLUSH PRIVILEGES', 'DO 0')",
            "PREPARE s FROM 'GRANT ALL ON *.* TO x'",
            "SET @q = 'DROP TABLESPACE ts'",
            "SET @q = 'CREATE OR REPLACE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (HOST 1)'",
        ] {
            assert!(found(sql).is_some(), "{sql}");
        }
    }

    #[test]
    fn its_own_database_gets_the_stand_in_s_name() {
        for (sql, expected) in [
            ("USE app", "USE `scratch`"),
            ("CREATE TABLE `app`.t (a INT)", "CREATE TABLE `scratch`.t (a INT)"),
            ("SELECT app.id FROM app.t, app", "SELECT app.id FROM `scratch`.t, app"),
            ("INSERT INTO t VALUES ('app.t')", "INSERT INTO t VALUES ('app.t')"),
            ("ALTER DATABASE app COLLATE utf8mb4_bin", "ALTER DATABASE `scratch` COLLATE utf8mb4_bin"),
        ] {
            assert_eq!(at_home(sql, Modes::default(), &databases()), expected);
        }
    }
}
