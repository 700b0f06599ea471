//! Statements whose outcome hardly shows: what is made of one that was cut, or that failed half-way.

use crate::support::app::{Folder, run};
use crate::support::live::Live;
use crate::support::server::{on_each, on_mariadb};
use crate::unknown_outcome::{goes_on, without_proof};
use mysql::prelude::Queryable;

const STEM: &str = "20260101000000-m";

on_each!(columns_that_have_swapped_are_not_swapped_back, |db| {
    let up = "ALTER TABLE t CHANGE a b INT AFTER id, CHANGE b a INT AFTER id;";
    for point in ["ddl.after", "ddl.after_intent"] {
        db.exec("CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT) ENGINE=InnoDB");
        db.exec("INSERT INTO t VALUES (1, 10, 20)");
        goes_on(db, up, point, 1).exits(0).says("recovered");
        assert_eq!(db.rows("SELECT id, a, b FROM t"), ["1|20|10"], "{point}");
        db.exec("DROP TABLE t");
        db.forget_runs();
    }
});

on_each!(an_event_that_has_run_and_is_gone_is_asked_about, |db| {
    db.exec("SET GLOBAL event_scheduler = ON");
    db.exec("CREATE TABLE t (n INT)");
    let up = "CREATE EVENT once ON SCHEDULE AT CURRENT_TIMESTAMP DO INSERT INTO t VALUES (1);";
    let folder = Folder::with(&[(STEM, up, "SELECT 1;")]);
    let (user, url) = without_proof(db);
    let first = run(folder.command(db, "up").env("DATABASE_URL", &url).env("UTURN_FAILPOINT", "ddl.after"));
    assert_eq!(first.code, None, "{first:?}");
    let until = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while db.rows("SELECT n FROM t").is_empty() || !db.rows("SHOW EVENTS").is_empty() {
        assert!(std::time::Instant::now() < until, "the event runs and goes");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let second = run(folder.command(db, "up").env("DATABASE_URL", &url));
    db.exec(&format!("DROP USER `{user}`@`%`"));
    second.exits(6).says("an event that runs once and is gone looks like one that was never made");
    assert_eq!(db.rows("SELECT n FROM t"), ["1"]);
});

on_each!(an_event_that_stays_is_found, |db| {
    let up = "CREATE EVENT later ON SCHEDULE AT CURRENT_TIMESTAMP + INTERVAL 1 DAY DO DO 1;";
    goes_on(db, up, "ddl.after", 1).exits(0).says("took effect");
    assert_eq!(db.rows("SHOW EVENTS").len(), 1);
});

on_mariadb!(what_mariadb_does_one_by_one_is_not_told_as_without_effect, |db| {
    const MAYBE: &str = "ended with an error, and may have had effects of its own before it";
    let server = &db.server;
    let db = &server.database();
    let other = format!("{}_other", db.name);
    for statement in [
        format!("CREATE DATABASE `{other}`"),
        format!("CREATE TABLE `{other}`.alone (a INT) ENGINE=InnoDB"),
        format!("CREATE TABLE `{other}`.parent (a INT PRIMARY KEY) ENGINE=InnoDB"),
        format!("CREATE TABLE child (a INT, FOREIGN KEY (a) REFERENCES `{other}`.parent (a)) ENGINE=InnoDB"),
    ] {
        db.exec(&statement);
    }
    let dropped = Folder::with(&[(STEM, &format!("DROP DATABASE `{other}`;"), "SELECT 1;")]).uturn(db, "up");
    let left = db.rows(&format!("SHOW TABLES FROM `{other}`"));
    db.exec(&format!("DROP TABLE child; DROP DATABASE `{other}`"));
    dropped.exits(5).says("1451").says(MAYBE);
    assert_eq!(left, ["parent"], "a part of it took effect");

    let db = &server.database();
    let (one, two) = (format!("{}_one", db.name), format!("{}_two", db.name));
    db.exec(&format!("CREATE USER `{two}`"));
    let made = Folder::with(&[(STEM, &format!("CREATE USER `{one}`, `{two}`;"), "SELECT 1;")]).uturn(db, "up");
    let there = db.rows(&format!("SELECT User FROM mysql.user WHERE User = '{one}'"));
    db.exec(&format!("DROP USER IF EXISTS `{one}`, `{two}`"));
    made.exits(5).says("1396").says(MAYBE);
    assert_eq!(there, [one], "a part of it took effect");
});

on_each!(a_lock_on_uturn_s_own_rows_is_told_as_what_it_is, |db| {
    db.exec("CREATE TABLE t (n INT) ENGINE=InnoDB");
    let folder = Folder::with(&[("20250101000000-first", "SELECT 1;", "SELECT 1;")]);
    folder.uturn(db, "up").exits(0);
    folder.pair(STEM, "SET innodb_lock_wait_timeout = 1; INSERT INTO t VALUES (1);", "SELECT 1;");
    let lock = || {
        let mut blocker = db.conn();
        blocker.query_drop("START TRANSACTION").expect("START TRANSACTION");
        blocker.query_drop("SELECT run_no FROM refinery_schema_history_run FOR UPDATE").expect("a lock on all rows");
        blocker
    };
    const TOLD: &str = "another session keeps rows of uturn's own tables locked";
    if db.server.kind == "mariadb" {
        let _blocker = lock();
        let ended = folder.uturn(db, "up").exits(5).says(TOLD).says("1205").never_says("connection was lost");
        ended.never_says("MySqlError").says("end that session's transaction");
    }
    let mut blocker = lock();
    let mut live = Live::start(&mut folder.command(db, "up"));
    live.hears(TOLD);
    blocker.query_drop("COMMIT").expect("COMMIT");
    live.end().exits(0);
    assert_eq!(db.rows("SELECT n FROM t"), ["1"]);
});
