//! A database in use that has no history: the first `up` refuses, under the lock as well, until it is said to be meant.

use crate::support::app::{Folder, Run, run};
use crate::support::live::Live;
use crate::support::server::{Db, on_each};
use mysql::prelude::Queryable;
use std::process::Command;

/// A dump as first migration, as mysqldump writes it.
fn dump() -> Folder {
    let up = "DROP TABLE IF EXISTS `t`;\nCREATE TABLE `t` (n INT);\n";
    Folder::with(&[("20260101000000-dump", up, "DROP TABLE t;\n")])
}

fn command(folder: &Folder, db: &Db, words: &str) -> Command {
    let mut command = folder.command(db, words);
    command.env_remove("UTURN_ALLOW_NON_EMPTY");
    command
}

fn uturn(folder: &Folder, db: &Db, words: &str) -> Run {
    run(&mut command(folder, db, words))
}

fn objects(kind: &str) -> Vec<(&'static str, &'static str)> {
    let of_one: &[(&str, &str)] = match kind {
        "mariadb" => &[("CREATE SEQUENCE x", "1 table or view (`x`)")],
        _ => &[("CREATE LIBRARY x LANGUAGE JAVASCRIPT AS 'export function f(n) { return n }'", "1 library (`x`)")],
    };
    let of_both = [
        ("CREATE TABLE x (n INT)", "1 table or view (`x`)"),
        ("CREATE VIEW x AS SELECT 1", "1 table or view (`x`)"),
        ("CREATE PROCEDURE x() DO 0", "1 routine (`x`)"),
        ("CREATE FUNCTION x() RETURNS INT DETERMINISTIC RETURN 1", "1 routine (`x`)"),
        ("CREATE EVENT x ON SCHEDULE EVERY 1 YEAR DO DO 0", "1 event (`x`)"),
    ];
    of_both.iter().chain(of_one).copied().collect()
}

on_each!(the_first_up_refuses_a_database_that_is_in_use, |db| {
    let folder = dump();
    db.exec("CREATE TABLE t (n INT)");
    db.exec("INSERT INTO t VALUES (1), (2)");
    let before = db.everything();
    for words in ["up", "up --dry-run", "up --steps 1", "up --to 2026", "reset --yes", "reset --dry-run"] {
        uturn(&folder, db, words)
            .exits(3)
            .says(&format!("database `{}` has no history of migrations, but holds 1 table or view (`t`)", db.name))
            .says("nothing has been changed")
            .says("--allow-non-empty");
    }
    for words in ["plan", "plan up --json", "plan --no-destructive"] {
        uturn(&folder, db, words).exits(3).says("has no history of migrations, but holds 1 table");
    }
    uturn(&folder, db, "plan").exits(3).says("CREATE TABLE `t`");
    uturn(&folder, db, "plan up --allow-non-empty").exits(0);
    uturn(&folder, db, "plan undo").exits(0);
    assert_eq!(db.everything(), before);
    uturn(&folder, db, "status").exits(0).says("0 applied, 1 pending");
    uturn(&folder, db, "up --allow-non-empty").exits(0);
    assert!(db.rows("SELECT * FROM t").is_empty(), "it was said to be meant");
    uturn(&folder, db, "up").exits(0).says("nothing is pending");
});

on_each!(views_routines_and_events_count_and_the_hint_can_be_given_by_a_variable, |db| {
    for (object, words) in objects(db.server.kind) {
        let db = db.server.database();
        db.exec(object);
        uturn(&dump(), &db, "up").exits(3).says(words);
        run(command(&dump(), &db, "up").env("UTURN_ALLOW_NON_EMPTY", "true")).exits(0);
    }
});

on_each!(of_many_tables_some_are_named, |db| {
    for n in 1..=6 {
        db.exec(&format!("CREATE TABLE x{n} (n INT)"));
    }
    db.exec("CREATE PROCEDURE p() DO 0");
    uturn(&dump(), db, "up").exits(3).says("6 tables and views (`x1`, `x2`, `x3`, `x4`, …), 1 routine (`p`)");
});

on_each!(tables_of_uturn_do_not_count_and_an_empty_history_is_a_history, |db| {
    let folder = dump();
    uturn(&folder, db, "protect").exits(0);
    uturn(&folder, db, "up").exits(0);
    uturn(&folder, db, &format!("undo --all --yes --allow-protected {}", db.name)).exits(0);
    db.exec("CREATE TABLE x (n INT)");
    uturn(&folder, db, "up").exits(0);
    db.exec("DROP TABLE t");
    db.exec("DELETE FROM refinery_schema_history");
    uturn(&folder, db, "up").exits(0);
    // The journal alone does not say what has been applied.
    db.exec("DROP TABLE refinery_schema_history");
    uturn(&folder, db, "up").exits(3).says("2 tables and views (`t`, `x`)");
});

on_each!(a_run_that_stopped_part_way_is_resumed, |db| {
    let folder =
        Folder::with(&[("20260101000000-a", "CREATE TABLE a (n INT);\nDROP TABLE gone;\n", "DROP TABLE a;\n")]);
    uturn(&folder, db, "up").exits(5);
    folder.pair("20260101000000-a", "CREATE TABLE a (n INT);\nDROP TABLE IF EXISTS gone;\n", "DROP TABLE a;\n");
    uturn(&folder, db, "up").exits(0);
});

on_each!(it_is_looked_at_once_more_under_the_lock, |db| {
    let mut other = db.conn();
    let lock = uturn::engine::run_lock::name(uturn::engine::run_lock::Which::Run, &db.name);
    other.query_drop(format!("DO GET_LOCK('{lock}', 0)")).expect("the lock is free");
    let folder = dump();
    let mut live = Live::start(&mut command(&folder, db, "up"));
    live.hears("waiting up to");
    db.exec("CREATE TABLE t (n INT)");
    drop(other);
    live.end().exits(3).says("1 table or view (`t`)").says("nothing has been changed");
    assert_eq!(db.rows("SHOW TABLES"), ["t"]);
});

on_each!(an_application_is_refused_as_well, |db| {
    db.exec("CREATE TABLE t (n INT)");
    let folder = dump();
    let migrations = uturn::Migrations::from_folder(folder.path()).expect("good files");
    let mut settings = uturn::Settings::from_url(&db.url()).expect("a good URL");
    let error = uturn::up(&settings, &migrations, &mut |_| {}).expect_err("refused");
    assert_eq!(error.kind().exit_code(), 3, "{error}");
    settings.allow_non_empty = true;
    uturn::up(&settings, &migrations, &mut |_| {}).expect("it was said to be meant");
});
