//! DML that waited for a row in vain is rolled back. It is tried again in place only where the session is as it was before.

use crate::support::app::{Folder, Run, run};
use crate::support::live::Live;
use crate::support::server::{Db, on_each};
use mysql::Conn;
use mysql::prelude::Queryable;

const STEM: &str = "20260101000000-m";
const AGAIN: &str = "again in";

/// Tables, and a session that keeps a row of `t`.
fn blocked(db: &Db) -> Conn {
    for statement in [
        "CREATE TABLE t (id INT PRIMARY KEY, n INT NOT NULL) ENGINE=InnoDB",
        "INSERT INTO t VALUES (1, 1)",
        "CREATE TABLE a (n INT) ENGINE=InnoDB",
        "CREATE TABLE counted (id INT PRIMARY KEY AUTO_INCREMENT, n INT) ENGINE=InnoDB",
    ] {
        db.exec(statement);
    }
    let mut blocker = db.conn();
    blocker.query_drop("START TRANSACTION").expect("START TRANSACTION");
    blocker.query_drop("UPDATE t SET n = n + 1").expect("UPDATE");
    blocker
}

fn up_of(statements: &str) -> Folder {
    let up = format!("SET innodb_lock_wait_timeout = 1; {statements}");
    Folder::with(&[(STEM, &up, "SELECT 1;")])
}

/// Lets go of the row as soon as the run says that it tries again.
fn comes_back(db: &Db, folder: &Folder, mut blocker: Conn) -> Run {
    let mut live = Live::start(&mut folder.command(db, "up --lock-timeout 1s"));
    live.hears(AGAIN);
    blocker.query_drop("COMMIT").expect("COMMIT");
    live.end()
}

on_each!(a_group_is_tried_again_in_the_database_in_which_it_began, |db| {
    let other = format!("{}_other", db.name);
    db.exec(&format!("CREATE DATABASE `{other}`"));
    db.exec(&format!("CREATE TABLE `{other}`.a (n INT) ENGINE=InnoDB"));
    let blocker = blocked(db);
    let up = format!(
        "INSERT INTO a VALUES (1); USE `{other}`; INSERT INTO a VALUES (2); UPDATE `{}`.t SET n = n * 10;",
        db.name
    );
    let ended = comes_back(db, &up_of(&up), blocker);
    let (here, there) = (db.rows("SELECT n FROM a"), db.rows(&format!("SELECT n FROM `{other}`.a")));
    db.exec(&format!("DROP DATABASE `{other}`"));
    ended.exits(0);
    assert_eq!((here, there), (vec!["1".to_owned()], vec!["2".to_owned()]));
});

on_each!(a_script_of_dml_only_is_all_or_nothing_also_around_use, |db| {
    let other = format!("{}_other", db.name);
    db.exec(&format!("CREATE DATABASE `{other}`"));
    db.exec(&format!("CREATE TABLE `{other}`.t (n INT NOT NULL) ENGINE=InnoDB"));
    db.exec("CREATE TABLE a (n INT) ENGINE=InnoDB");
    let up = format!("INSERT INTO a VALUES (1); USE `{other}`; INSERT INTO t VALUES (1), (2); SELECT * FROM nope;");
    let ended = Folder::with(&[(STEM, &up, "SELECT 1;")]).uturn(db, "up");
    let rows = db.rows(&format!("SELECT n FROM `{other}`.t"));
    db.exec(&format!("DROP DATABASE `{other}`"));
    ended.exits(5).says("statements 1 to 3 were rolled back with it");
    assert!(rows.is_empty() && db.rows("SELECT n FROM a").is_empty());
});

on_each!(last_insert_id_is_what_it_was_before_the_group, |db| {
    let blocker = blocked(db);
    let up = "INSERT INTO counted VALUES (7, 0); INSERT INTO counted (n) VALUES (1); ALTER TABLE a ADD m INT NULL; \
                  INSERT INTO a (n) VALUES (LAST_INSERT_ID()); INSERT INTO counted (n) VALUES (2); UPDATE t SET n = n * 10;";
    comes_back(db, &up_of(up), blocker).exits(0);
    assert_eq!(db.rows("SELECT n FROM a"), ["8"]);
});

on_each!(what_a_rollback_does_not_bring_back_is_not_tried_again_in_place, |db| {
    let mut blocker = blocked(db);
    db.exec("CREATE TABLE watched (n INT) ENGINE=InnoDB");
    db.exec("CREATE TRIGGER watched_ai AFTER INSERT ON watched FOR EACH ROW SET @seen = COALESCE(@seen, 0) + 1");
    for (up, of_six) in [
        ("CREATE TEMPORARY TABLE m (n INT) ENGINE=MEMORY; INSERT INTO m VALUES (1); UPDATE t SET n = n * 10;", 4),
        ("INSERT INTO watched VALUES (1); UPDATE t SET n = n * 10;", 3),
        ("INSERT INTO a VALUES (1); SET sql_mode = ''; UPDATE t SET n = n * 10;", 4),
        ("SET @k = 1; INSERT INTO a VALUES (@k); SELECT @k := 2; UPDATE t SET n = n * 10;", 5),
        ("INSERT INTO a VALUES (1); SET @a = 2; UPDATE t SET n = n * 10;", 4),
    ] {
        let folder = up_of(up);
        run(&mut folder.command(db, "up --lock-timeout 1s"))
            .exits(5)
            .says(&format!("statement {of_six} had no effect"))
            .says("connection ")
            .never_says(AGAIN);
    }
    blocker.query_drop("COMMIT").expect("COMMIT");
    assert!(db.rows("SELECT * FROM a").is_empty() && db.rows("SELECT * FROM watched").is_empty());
});

on_each!(a_table_without_transactions_behind_use_is_told, |db| {
    let other = format!("{}_other", db.name);
    db.exec(&format!("CREATE DATABASE `{other}`"));
    db.exec(&format!("CREATE TABLE `{other}`.plain (n INT) ENGINE=MyISAM"));
    db.exec("CREATE TABLE plain (n INT) ENGINE=InnoDB");
    let up = format!("INSERT INTO plain VALUES (1); USE `{other}`; INSERT INTO plain VALUES (2); SELECT * FROM nope;");
    let ended = Folder::with(&[(STEM, &up, "SELECT 1;")]).uturn(db, "up");
    let rows = db.rows(&format!("SELECT n FROM `{other}`.plain"));
    db.exec(&format!("DROP DATABASE `{other}`"));
    ended.exits(5).says("changes plain, whose engine has no transactions").says("statements 1 to 3 are done");
    assert_eq!(rows, ["2"]);
    assert_eq!(db.rows("SELECT n FROM plain"), ["1"]);
});
