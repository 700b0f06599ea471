//! A server of the campaign's own, with both its logs on.

use super::witness::{self, Mark, Testimony};
use crate::support::own::Own;
use crate::support::server::{Db, Server};
use mysql::prelude::Queryable;
use std::path::PathBuf;
use std::sync::{RwLock, RwLockReadGuard};
use tempfile::TempDir;

/// How many rows the table of the long ALTERs has.
const MANY: usize = 20_000;

pub struct Arena {
    own: Own,
    /// It is killed and started again under the runs.
    pub is_mortal: bool,
    /// Written while it is down: who asks it something reads.
    down: RwLock<()>,
    logs: TempDir,
    pub version: String,
}

/// With which rights uturn runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Account {
    /// All there are.
    All,
    /// Without the GTIDs that prove everything on MySQL.
    Plain,
    /// And without PROCESS, which shows InnoDB's ids.
    Few,
}

impl Account {
    pub fn name(self) -> &'static str {
        match self {
            Account::All => "uturn",
            Account::Plain => "plain",
            Account::Few => "few",
        }
    }
}

impl Arena {
    pub fn start(kind: &'static str, is_mortal: bool) -> Arena {
        let logs = tempfile::tempdir().expect("a temporary folder");
        let options = witness::options(kind, &logs.path().join("general.log"));
        let own = Own::start(kind, &options.iter().map(String::as_str).collect::<Vec<_>>());
        let mut conn = own.server.conn("");
        let mut tell = |statement: &str| conn.query_drop(statement).unwrap_or_else(|e| panic!("{statement}: {e}"));
        for account in [Account::Plain, Account::Few].map(Account::name) {
            tell(&format!("CREATE USER {account}@'%' IDENTIFIED BY 'uturn'"));
            tell(&format!("GRANT ALL ON *.* TO {account}@'%' WITH GRANT OPTION"));
            if kind == "mysql" {
                tell(&format!("REVOKE TRANSACTION_GTID_TAG ON *.* FROM {account}@'%'"));
            }
        }
        tell("REVOKE PROCESS ON *.* FROM few@'%'");
        tell("CREATE DATABASE torture");
        tell("CREATE TABLE torture.big (id INT PRIMARY KEY, n INT)");
        let rows: Vec<String> = (1..=MANY).map(|id| format!("({id},{})", id % 97)).collect();
        tell(&format!("INSERT INTO torture.big VALUES {}", rows.join(",")));
        let version = conn.query_first("SELECT VERSION()").expect("it answers").expect("a version");
        Arena { own, is_mortal, down: RwLock::default(), logs, version }
    }

    /// Keeps it up for as long as the guard lives.
    pub fn up(&self) -> RwLockReadGuard<'_, ()> {
        self.down.read().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub fn server(&self) -> &Server {
        &self.own.server
    }

    /// kill -9, and started again on its data. While it is down nobody asks it anything but uturn. Gives back how many runs
    /// it was killed under.
    pub fn kill(&self) -> usize {
        let _down = self.down.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        let question = "SELECT COUNT(DISTINCT DB) FROM information_schema.PROCESSLIST WHERE DB LIKE 't%\\_%'";
        let runs = self.own.server.conn("").query_first(question).expect("it still answers");
        self.own.kill();
        self.own.restart();
        runs.unwrap_or_default()
    }

    fn log(&self) -> PathBuf {
        self.logs.path().join("general.log")
    }

    /// How long the general log is.
    pub fn log_length(&self) -> u64 {
        std::fs::metadata(self.log()).expect("the general log is on").len()
    }

    pub fn mark(&self) -> Mark {
        let _up = self.up();
        Mark::now(self.server(), &self.log())
    }

    pub fn since(&self, mark: &Mark, here: &str) -> Testimony {
        let _up = self.up();
        mark.since(self.server(), &self.log(), here)
    }

    /// A database with the tables that the scripts expect. What fills them is not in the binary log.
    pub fn database(&self) -> Db {
        let _up = self.up();
        let db = self.server().database();
        let mut conn = db.conn();
        for statement in [
            "SET SESSION sql_log_bin = 0",
            "CREATE TABLE audit (id INT AUTO_INCREMENT PRIMARY KEY, what VARCHAR(60) NOT NULL)",
            "CREATE TABLE big LIKE torture.big",
            "INSERT INTO big SELECT * FROM torture.big",
        ] {
            conn.query_drop(statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
        }
        db
    }

    /// Drops what a round has made.
    pub fn clear(&self, db: Db) {
        let _up = self.up();
        for other in db.rows("SHOW DATABASES").iter().filter(|name| name.starts_with(&format!("{}_", db.name))) {
            db.exec(&format!("DROP DATABASE `{other}`"));
        }
        drop(db);
    }

    /// Ends every session, or statement, of uturn on a database. Says whether there was one.
    pub fn end_sessions(&self, db: &Db, what: &str) -> bool {
        let _up = self.up();
        let mut conn = self.server().conn("");
        let question = format!("SELECT ID FROM information_schema.PROCESSLIST WHERE DB = '{}'", db.name);
        let sessions: Vec<u64> = conn.query(question).expect("the process list");
        // It may have ended by itself in between.
        sessions.iter().filter(|id| conn.query_drop(format!("KILL {what} {id}")).is_ok()).count() > 0
    }

    /// Everything that the scripts can change, as text.
    pub fn snapshot(&self, db: &Db) -> Vec<String> {
        let _up = self.up();
        let mut all = db.schema();
        for table in db.tables().iter().filter(|table| *table != "audit") {
            all.push(table.clone());
            let few = db.rows(&format!("SELECT COUNT(*) < 1000 FROM `{table}`")) == ["1"];
            all.extend(if few { db.rows(&format!("SELECT * FROM `{table}` ORDER BY 1")) } else { sums(db, table) });
        }
        all.extend(db.rows("SELECT what, COUNT(*) FROM audit GROUP BY what ORDER BY what"));
        all.extend(crate::support::script::programs(db));
        all.extend(db.rows("SELECT USER FROM mysql.user WHERE USER LIKE CONCAT(DATABASE(), '\\_%') ORDER BY 1"));
        for other in db.rows("SHOW DATABASES").iter().filter(|name| name.starts_with(&format!("{}_", db.name))) {
            let tables = db.rows(&format!("SHOW TABLES IN `{other}`"));
            all.extend(tables.iter().map(|table| format!("{other}.{table}")));
            all.extend(tables.iter().flat_map(|table| db.rows(&format!("SELECT * FROM `{other}`.`{table}`"))));
        }
        all.iter().map(|line| without_account(&line.replace(&db.name, "DATABASE"))).collect()
    }
}

/// Views, routines, triggers and events name the account that made them.
fn without_account(line: &str) -> String {
    let accounts = ["`uturn`@`localhost`", "`uturn`@`%`", "`plain`@`%`", "`few`@`%`"];
    accounts.iter().fold(line.to_owned(), |line, account| line.replace(account, "ACCOUNT"))
}

fn sums(db: &Db, table: &str) -> Vec<String> {
    let columns = db.rows(&format!("SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '{table}' ORDER BY ORDINAL_POSITION"));
    db.rows(&format!("SELECT COUNT(*), SUM(CRC32(CONCAT_WS('|', `{}`))) FROM `{table}`", columns.join("`, `")))
}
