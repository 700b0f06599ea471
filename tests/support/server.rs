//! The servers that `scripts/test` started, and a database of its own for each test.

use crate::support::app::{Run, run};
use mysql::prelude::Queryable;
use mysql::{Conn, Opts, Row};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// The statements in the journal, wherever it keeps them, as a table `s`.
pub const STEPS: &str = "(SELECT run_no, step, state, kind, evidence, warnings, warning_text FROM refinery_schema_history_step \
                         UNION ALL SELECT run_no, step, step_state, kind, evidence, warnings, warning_text \
                         FROM refinery_schema_history_run WHERE step IS NOT NULL) s";

/// A running server.
#[derive(Clone, Debug)]
pub struct Server {
    /// `mariadb` or `mysql`.
    pub kind: &'static str,
    url: String,
    /// Its unix socket, where root needs no password.
    pub socket: String,
}

/// The server of a kind, `mariadb` or `mysql`. Without it a test must not pass.
pub fn server(kind: &'static str) -> Server {
    let prefix = format!("UTURN_TEST_{}", kind.to_uppercase());
    let no_server = |_| panic!("{prefix}_URL is not set: run `scripts/test`, which starts the servers");
    let url = std::env::var(format!("{prefix}_URL")).unwrap_or_else(no_server);
    let socket = std::env::var(format!("{prefix}_SOCKET")).unwrap_or_default();
    Server { kind, url, socket }
}

/// `on_each!(NAME, |db| { … })`: two tests, NAME::mariadb and NAME::mysql, each in a database of its own.
macro_rules! on_each {
    ($name:ident, $test:expr) => {
        $crate::support::server::on!($name, $test, mariadb, mysql);
    };
}

/// The same for what only MariaDB does: NAME::mariadb.
macro_rules! on_mariadb {
    ($name:ident, $test:expr) => {
        $crate::support::server::on!($name, $test, mariadb);
    };
}

/// The same for what only MySQL does: NAME::mysql.
macro_rules! on_mysql {
    ($name:ident, $test:expr) => {
        $crate::support::server::on!($name, $test, mysql);
    };
}

/// A module NAME that holds a test for each server, which runs the function of that name.
macro_rules! on {
    ($name:ident, $test:expr, $($kind:ident),+) => {
        fn $name(db: &$crate::support::server::Db) {
            let test: fn(&$crate::support::server::Db) = $test;
            test(db);
        }

        mod $name {
            $(
                #[test]
                fn $kind() {
                    super::$name(&$crate::support::server::server(stringify!($kind)).database());
                }
            )+
        }
    };
}

pub(crate) use {on, on_each, on_mariadb, on_mysql};

impl Server {
    /// A server that this test has started.
    pub fn at(kind: &'static str, url: &str, socket: &str) -> Server {
        Server { kind, url: url.to_owned(), socket: socket.to_owned() }
    }

    /// A new, empty database.
    pub fn database(&self) -> Db {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let name = format!("t{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::SeqCst));
        let db = Db { server: self.clone(), name };
        db.server
            .conn("")
            .query_drop(format!("CREATE DATABASE `{}` CHARACTER SET utf8mb4", db.name))
            .expect("CREATE DATABASE");
        db
    }

    /// `mysql://uturn:uturn@127.0.0.1:PORT/NAME`
    pub fn url(&self, database: &str) -> String {
        format!("{}/{database}", self.url.trim_end_matches('/'))
    }

    /// `127.0.0.1:PORT`
    pub fn address(&self) -> String {
        self.url.rsplit('@').next().expect("a URL with a user").trim_end_matches('/').to_owned()
    }

    /// The URL of a database for another account.
    pub fn url_as(&self, account: &str, password: &str, database: &str) -> String {
        format!("mysql://{account}:{password}@{}/{database}", self.address())
    }

    /// A connection of the test's own.
    pub fn conn(&self, database: &str) -> Conn {
        let url = format!("{}?prefer_socket=false", self.url(database));
        Conn::new(Opts::from_url(&url).expect("the URL of a test server")).expect("a test server answers")
    }
}

/// A database that goes when the test ends.
#[derive(Debug)]
pub struct Db {
    /// Where it is.
    pub server: Server,
    /// Its name.
    pub name: String,
}

impl Drop for Db {
    fn drop(&mut self) {
        // A test may have dropped it, or killed its server.
        if let Ok(opts) = Opts::from_url(&format!("{}?prefer_socket=false", self.server.url("")))
            && let Ok(mut conn) = Conn::new(opts)
        {
            let _ = conn.query_drop(format!("DROP DATABASE IF EXISTS `{}`", self.name));
        }
    }
}

impl Db {
    /// A connection of the test's own.
    pub fn conn(&self) -> Conn {
        self.server.conn(&self.name)
    }

    /// Its URL.
    pub fn url(&self) -> String {
        self.server.url(&self.name)
    }

    /// Runs statements, one a call.
    pub fn exec(&self, statement: &str) {
        self.conn().query_drop(statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
    }

    /// The rows of a query, columns joined by `|`.
    pub fn rows(&self, query: &str) -> Vec<String> {
        let rows: Vec<Row> = self.conn().query(query).unwrap_or_else(|error| panic!("{query}: {error}"));
        rows.iter().map(line).collect()
    }

    /// The tables, without those of refinery and uturn.
    pub fn tables(&self) -> Vec<String> {
        let all = self.rows("SHOW TABLES");
        all.into_iter().filter(|table| !table.starts_with("refinery_schema_history")).collect()
    }

    /// Every table's definition, without counters; what a migration and its way back must leave as it was.
    pub fn schema(&self) -> Vec<String> {
        let mut all = Vec::new();
        for table in self.tables() {
            let text = self.rows(&format!("SHOW CREATE TABLE `{table}`")).concat();
            let counter = text.find(" AUTO_INCREMENT=").map(|start| {
                let digits = text[start + 16..].find(' ').map_or(text.len(), |n| start + 16 + n);
                (start, digits)
            });
            all.push(match counter {
                Some((start, end)) => format!("{}{}", &text[..start], &text[end..]),
                None => text,
            });
        }
        all
    }

    /// Everything that is in it, tables of uturn's own included: whoever changes nothing leaves this as it was.
    pub fn everything(&self) -> Vec<String> {
        let mut all = self.objects();
        for table in self.rows("SHOW TABLES") {
            all.extend(self.rows(&format!("SHOW CREATE TABLE `{table}`")));
            all.extend(self.rows(&format!("SELECT * FROM `{table}` ORDER BY 1")));
        }
        all
    }

    /// What migrations have made of it: definitions, rows and the history; nothing that says when or by whom.
    pub fn state(&self) -> Vec<String> {
        let mut all = self.objects();
        all.extend(self.schema());
        for table in self.tables() {
            all.extend(self.rows(&format!("SELECT * FROM `{table}` ORDER BY 1")));
        }
        if self.rows("SHOW TABLES").iter().any(|table| table == "refinery_schema_history") {
            all.extend(self.rows("SELECT version, name, checksum FROM refinery_schema_history ORDER BY version"));
        }
        all.iter().map(|line| line.replace(&format!("`{}`", self.name), "`HERE`")).collect()
    }

    /// Makes uturn forget all that it has run here.
    pub fn forget_runs(&self) {
        self.exec(
            "DROP TABLE IF EXISTS refinery_schema_history, refinery_schema_history_run, refinery_schema_history_step",
        );
    }

    /// Returns when the server executes a statement that begins so.
    pub fn wait_for_statement(&self, beginning: &str) {
        let question = "SELECT INFO FROM information_schema.PROCESSLIST WHERE INFO IS NOT NULL AND DB = DATABASE()";
        for _ in 0..500 {
            if self.rows(question).iter().any(|info| info.starts_with(beginning)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("`{beginning}` does not run");
    }

    /// Routines, triggers and events.
    fn objects(&self) -> Vec<String> {
        self.rows(
            "SELECT 'routine', ROUTINE_NAME, ROUTINE_DEFINITION, SQL_MODE FROM information_schema.ROUTINES \
             WHERE ROUTINE_SCHEMA = DATABASE() UNION ALL \
             SELECT 'trigger', TRIGGER_NAME, ACTION_STATEMENT, SQL_MODE FROM information_schema.TRIGGERS \
             WHERE TRIGGER_SCHEMA = DATABASE() UNION ALL \
             SELECT 'event', EVENT_NAME, EVENT_DEFINITION, SQL_MODE FROM information_schema.EVENTS \
             WHERE EVENT_SCHEMA = DATABASE() ORDER BY 1, 2",
        )
    }

    /// Runs a script through the `mariadb` client.
    pub fn client(&self, script: &str) -> Run {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(file.path(), script).expect("the script can be written");
        let mut client = Command::new("mariadb");
        client.args(["--no-defaults", "--protocol=socket", "--default-character-set=utf8mb4", "-uuturn", "--socket"]);
        client
            .env("MYSQL_PWD", "uturn")
            .arg(&self.server.socket)
            .arg(&self.name)
            .stdin(file.reopen().expect("the script can be read"));
        run(&mut client)
    }

    /// The history, as `version|name`.
    pub fn history(&self) -> Vec<String> {
        self.rows("SELECT version, name FROM refinery_schema_history ORDER BY version")
    }
}

fn line(row: &Row) -> String {
    let word = |index| match &row[index] {
        mysql::Value::NULL => "NULL".to_owned(),
        mysql::Value::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        other => other.as_sql(true),
    };
    (0..row.len()).map(word).collect::<Vec<_>>().join("|")
}
