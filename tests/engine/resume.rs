//! A run that goes on behind a stop: which session it finds, and what it refuses to go past.

use crate::support::app::{Folder, run};
use crate::support::server::{Db, on_each};
use mysql::prelude::Queryable;

const STEM: &str = "20260101000000-m";

/// A folder whose migration has stopped behind `done`, at an ALTER that the server refuses; `left` is to follow.
fn stopped(db: &Db, done: &str, left: &str) -> Folder {
    db.exec("CREATE TABLE IF NOT EXISTS t (id INT PRIMARY KEY AUTO_INCREMENT, n VARCHAR(20)) ENGINE=InnoDB");
    db.exec("DELETE FROM t");
    db.forget_runs();
    let folder = Folder::with(&[(STEM, &format!("{done} ALTER TABLE t ADD n INT; {left}"), "SELECT 1;")]);
    folder.uturn(db, "up").exits(5).says("1060");
    folder.pair(STEM, &format!("{done} ALTER TABLE t COMMENT 'x'; {left}"), "SELECT 1;");
    folder
}

on_each!(the_idiom_of_a_conditional_statement_does_not_stand_in_the_way, |db| {
    let idiom = "SET @s = (SELECT IF(COUNT(*) = 0, 'SELECT 1', 'INSERT INTO t (n) VALUES (''once'')') FROM t); \
                     PREPARE p FROM @s; EXECUTE p; DEALLOCATE PREPARE p;";
    let done = format!("INSERT INTO t (n) VALUES ('first'); ALTER TABLE t COMMENT 'y'; {idiom} SELECT 1;");
    stopped(db, &done, idiom).uturn(db, "up").exits(0);
    assert_eq!(db.rows("SELECT n FROM t ORDER BY id"), ["first", "once", "once"]);
});

on_each!(what_only_shows_or_drops_what_is_gone_is_not_run_again, |db| {
    db.exec("CREATE TABLE gone (a INT)");
    let done =
        "CREATE TEMPORARY TABLE h SELECT 1 AS a; DESCRIBE gone; INSERT INTO t (n) SELECT a FROM h; DROP TABLE gone;";
    let folder = stopped(db, done, "DROP TEMPORARY TABLE h; INSERT INTO t (n) VALUES ('last');");
    folder.uturn(db, "up").exits(0).says("gone with the session that had made it");
    assert_eq!(db.rows("SELECT n FROM t ORDER BY id"), ["1", "last"]);
    let folder =
        stopped(db, "PREPARE p FROM 'SELECT 1'; SET @a = 'again';", "EXECUTE p; INSERT INTO t (n) VALUES (@a);");
    folder.uturn(db, "up").exits(0);
    assert_eq!(db.rows("SELECT n FROM t"), ["again"]);
});

on_each!(what_a_routine_may_have_set_is_not_taken_for_nothing, |db| {
    db.exec("CREATE PROCEDURE who() SET @tenant = 7");
    let folder = stopped(db, "CALL who(); ALTER TABLE t COMMENT 'y';", "INSERT INTO t (n) VALUES (@tenant);");
    folder
        .uturn(db, "up")
        .exits(3)
        .says("statement 4 needs the user variable `@tenant`, which statement 1 made in a session that has ended")
        .says("uturn undo");
    assert!(db.rows("SELECT n FROM t").is_empty());
    let folder = stopped(
        db,
        "INSERT INTO t (n) VALUES ('a'); ALTER TABLE t COMMENT 'y';",
        "INSERT INTO t (n) VALUES (LAST_INSERT_ID());",
    );
    folder.uturn(db, "up").exits(5).says("it asks for LAST_INSERT_ID() of a session that has ended");
    assert_eq!(db.rows("SELECT n FROM t"), ["a"]);
    // Where an INSERT without an id of its own stands in between, too.
    let folder = stopped(
        db,
        "INSERT INTO t (n) VALUES ('a');",
        "INSERT INTO t VALUES (100, 'b'); INSERT INTO t (id, n) VALUES (200, @@identity);",
    );
    folder.uturn(db, "up").exits(5).says("statement 3 was rolled back with it; statement 4 had no effect");
    assert_eq!(db.rows("SELECT n FROM t"), ["a"]);
    // An id of this session is no other one's.
    let folder = stopped(
        db,
        "INSERT INTO t (n) VALUES ('a');",
        "INSERT INTO t (n) VALUES ('b'); INSERT INTO t (id, n) VALUES (300, LAST_INSERT_ID() > 0);",
    );
    folder.uturn(db, "up").exits(0);
    assert_eq!(db.rows("SELECT n FROM t ORDER BY id"), ["a", "b", "1"]);
});

on_each!(a_query_into_a_variable_is_asked_again_where_nothing_hangs_on_it_yet, |db| {
    db.exec("CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, n VARCHAR(20)) ENGINE=InnoDB");
    let up = "SELECT COUNT(*) INTO @have FROM information_schema.COLUMNS
                    WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 't' AND COLUMN_NAME = 'c';
                  SET @s = IF(@have = 0, 'ALTER TABLE t ADD c INT', 'SELECT 1');
                  PREPARE p FROM @s; EXECUTE p; DEALLOCATE PREPARE p; INSERT INTO t (c) VALUES (1);";
    let folder = Folder::with(&[(STEM, up, "SELECT 1;")]);
    // It stops at the EXECUTE, of which nothing has come.
    let mut blocker = db.conn();
    blocker.query_drop("START TRANSACTION").expect("START TRANSACTION");
    blocker.query_drop("SELECT * FROM t").expect("a metadata lock");
    folder.uturn(db, "up --lock-timeout 1s --lock-retries 0").exits(5).says("1205");
    blocker.query_drop("COMMIT").expect("COMMIT");
    folder.uturn(db, "up").exits(0);
    assert_eq!(db.rows("SELECT c FROM t"), ["1"]);
});

on_each!(a_session_that_cannot_be_made_again_is_told_as_that, |db| {
    let other = format!("{}_other", db.name);
    db.exec(&format!("CREATE DATABASE `{other}`"));
    let done = format!("USE `{other}`; INSERT INTO `{}`.t (n) VALUES ('a');", db.name);
    let folder = Folder::with(&[(STEM, &format!("{done} ALTER TABLE `{}`.t ADD n INT;", db.name), "SELECT 1;")]);
    db.exec("CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, n VARCHAR(20)) ENGINE=InnoDB");
    folder.uturn(db, "up").exits(5);
    db.exec(&format!("DROP DATABASE `{other}`"));
    folder
        .uturn(db, "up")
        .exits(5)
        .says("1049")
        .says("cannot resume at statement 3: statement 1 sets up its session, and cannot be run again")
        .says("statements 1 to 2 are done and recorded; statement 3 has not run");
    db.exec(&format!("CREATE DATABASE `{other}`"));
    folder.pair(STEM, &format!("{done} ALTER TABLE `{}`.t COMMENT 'x';", db.name), "SELECT 1;");
    let ended = folder.uturn(db, "up");
    db.exec(&format!("DROP DATABASE `{other}`"));
    ended.exits(0);
    assert_eq!(db.rows("SELECT n FROM t"), ["a"]);
});

on_each!(a_statement_that_was_put_in_front_of_what_is_done_is_not_passed_over, |db| {
    let folder = stopped(db, "SET @x = 1; INSERT INTO t (n) VALUES ('a');", "");
    let mended = "INSERT INTO t (n) VALUES ('new'); INSERT INTO t (n) VALUES ('a'); ALTER TABLE t COMMENT 'x';";
    folder.pair(STEM, mended, "SELECT 1;").uturn(db, "up").exits(3).says(
        "statement 1 has not run, and stands in front of others that are done: `INSERT INTO t (n) VALUES ('new')`",
    );
    assert_eq!(db.rows("SELECT n FROM t"), ["a"]);
    // A setting may be another one.
    let mended = "SET @x = 2; INSERT INTO t (n) VALUES ('a'); ALTER TABLE t COMMENT 'x';";
    folder.pair(STEM, mended, "SELECT 1;").uturn(db, "up").exits(0);
});

on_each!(a_stopped_run_that_cannot_be_read_is_an_error, |db| {
    let folder = stopped(db, "INSERT INTO t (n) VALUES ('a');", "");
    for (damage, column) in [("down_sql = 'x'", "down_sql"), ("down_sql = NULL", "down_sql")] {
        db.exec(&format!("UPDATE refinery_schema_history_run SET {damage}"));
        for words in ["up", "status", "undo"] {
            run(&mut folder.command(db, words))
                .exits(3)
                .says(&format!("the journal is damaged: `{column}` of run 1 (`{STEM}`), which stopped part-way"));
        }
    }
    db.exec("UPDATE refinery_schema_history_run SET irreversible = 'damaged', down_sql = NULL");
    db.exec("UPDATE refinery_schema_history_step SET step = 0 WHERE step = 1");
    folder.uturn(db, "up").exits(3).says("the journal is damaged: `step` of run 1");
    db.exec("UPDATE refinery_schema_history_step SET step = 1 WHERE step = 0");
    folder.uturn(db, "up").exits(0);
    assert_eq!(db.rows("SELECT n FROM t"), ["a"]);
});

on_each!(row_count_is_that_of_the_statement_before_also_behind_warnings, |db| {
    db.exec("CREATE TABLE t (n INT)");
    db.exec("CREATE TABLE said (n INT)");
    let up = "SET sql_mode = ''; INSERT INTO t VALUES ('1x'), ('2x'); INSERT INTO said VALUES (ROW_COUNT());";
    Folder::with(&[(STEM, up, "SELECT 1;")]).uturn(db, "up").exits(0);
    assert_eq!(db.rows("SELECT n FROM said"), ["2"]);
});
