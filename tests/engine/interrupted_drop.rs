//! MariaDB drops the objects of a list, and the tables of a database, one by one, and replaces a table by dropping it first.
//! Here the server is killed with kill -9 at a random moment of such a statement, and uturn with it; the next run must bring
//! the statement to its end, whatever the crash has left. How many crashes left a part is printed.
//!
//! A few trials of each in the usual run; UTURN_TEST_THOROUGH=1 makes 60 of each.

use crate::support::app::Folder;
use crate::support::own::Own;
use crate::support::server::{Db, on_mariadb};
use std::process::Stdio;
use std::time::{Duration, Instant};

const STEM: &str = "20260101000000-m";
const TABLES: usize = 24;

/// A statement that is not atomic.
struct Victim {
    name: &'static str,
    /// Makes what it takes away.
    set_up: fn(&Db),
    statement: fn(&Db) -> String,
    /// How much of what it takes away is there.
    left: fn(&Db) -> usize,
    /// How much there was.
    whole: usize,
}

fn other(db: &Db) -> String {
    format!("{}_other", db.name)
}

fn tables(db: &Db, schema: &str) -> usize {
    let count = format!(
        "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = '{schema}' AND TABLE_NAME LIKE 'victim%'"
    );
    db.rows(&count)[0].parse().expect("a number")
}

const VICTIMS: [Victim; 3] = [
    Victim {
        name: "DROP TABLE of 24",
        set_up: |db| {
            for n in 0..TABLES {
                db.exec(&format!("CREATE TABLE victim{n} (id INT PRIMARY KEY, a TEXT, KEY (a(10)))"));
            }
        },
        statement: |_| {
            let names: Vec<String> = (0..TABLES).map(|n| format!("victim{n}")).collect();
            format!("DROP TABLE {}", names.join(", "))
        },
        left: |db| tables(db, &db.name),
        whole: TABLES,
    },
    Victim {
        name: "DROP DATABASE of 24",
        set_up: |db| {
            db.exec(&format!("CREATE DATABASE `{}`", other(db)));
            for n in 0..TABLES {
                db.exec(&format!("CREATE TABLE `{}`.victim{n} (id INT PRIMARY KEY, a TEXT, KEY (a(10)))", other(db)));
            }
        },
        statement: |db| format!("DROP DATABASE `{}`", other(db)),
        left: |db| tables(db, &other(db)),
        whole: TABLES,
    },
    Victim {
        name: "CREATE OR REPLACE TABLE",
        set_up: |db| db.exec("CREATE TABLE victim (old INT)"),
        statement: |_| "CREATE OR REPLACE TABLE victim (new INT)".to_owned(),
        // The old one, the new one: both count as whole; between them there is none.
        left: |db| tables(db, &db.name) * 2,
        whole: 2,
    },
];

/// Pauses before the statement, then lets it run, and kills the server a moment later.
fn cut(own: &Own, db: &Db, folder: &Folder, after: Duration) {
    let place = tempfile::tempdir().expect("a temporary folder");
    let file = place.path().join("paused");
    let mut command = folder.command(db, "up");
    command.env("UTURN_FAILPOINT", "ddl.after_intent:1:pause").env("UTURN_FAILPOINT_FILE", &file);
    let mut child = command.stderr(Stdio::null()).spawn().expect("the binary starts");
    let since = Instant::now();
    while !file.exists() {
        assert!(since.elapsed() < Duration::from_secs(10), "it comes to its statement");
        std::thread::sleep(Duration::from_millis(2));
    }
    let sniper = own.sniper();
    std::thread::sleep(Duration::from_millis(20));
    std::fs::remove_file(&file).expect("the pause's file is there");
    std::thread::sleep(after);
    sniper.shoot();
    // Its next attempt would find out before the test has looked.
    child.kill().expect("it runs, or has ended");
    child.wait().expect("it is dead");
    own.restart();
}

fn trial(own: &Own, victim: &Victim, after: Duration) -> (usize, String) {
    let db = own.server.database();
    (victim.set_up)(&db);
    db.exec("CREATE TABLE count (n INT)");
    db.exec("INSERT INTO count VALUES (0)");
    let statement = (victim.statement)(&db);
    let folder = Folder::with(&[(STEM, &format!("{statement}; UPDATE count SET n = n + 1;"), "SELECT 1;")]);
    cut(own, &db, &folder, after);
    let left = (victim.left)(&db);
    let run = folder.uturn(&db, "up").exits(0);
    assert_eq!(db.rows("SELECT n FROM count"), ["1"], "{left} left: {}", run.err);
    if victim.name.starts_with("CREATE") {
        assert_eq!(db.rows("SHOW COLUMNS FROM victim")[0].split('|').next(), Some("new"), "{left} left: {}", run.err);
    } else {
        assert_eq!((victim.left)(&db), 0, "{left} left: {}", run.err);
    }
    assert_eq!(db.tables().iter().filter(|table| *table == "count").count(), 1);
    folder.uturn(&db, "status --exit-code").exits(0);
    (left, run.err)
}

on_mariadb!(what_a_killed_mariadb_has_dropped_in_part_is_brought_to_its_end, |_| {
    let own = Own::start("mariadb", &[]);
    let trials = if std::env::var("UTURN_TEST_THOROUGH").is_ok() { 60 } else { 5 };
    for victim in &VICTIMS {
        let (mut part, mut done, mut untouched, mut found_out) = (0, 0, 0, 0);
        for n in 0..trials {
            // Spread over the time that the statement takes, behind the up to 10 ms after which uturn sees that it may go on.
            let spread = if victim.whole == 2 { 14_000 } else { 30_000 };
            let after = Duration::from_micros(spread * (2 * n + 1) / (2 * trials));
            let (left, said) = trial(&own, victim, after);
            match left {
                0 if victim.whole > 2 => done += 1,
                left if left == victim.whole => untouched += 1,
                _ => part += 1,
            }
            found_out += usize::from(said.contains("recovered"));
        }
        println!(
            "mariadb: {}: {trials} crashes, {part} left a part, {untouched} nothing or all of it, {done} all of it; \
             {found_out} were found out, 0 wrong",
            victim.name
        );
    }
});
