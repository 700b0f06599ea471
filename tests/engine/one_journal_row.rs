//! The only statement of a script stands in the row of its run; and what is sent with a statement for the next one.

use crate::support::app::Folder;
use crate::support::app::run;
use crate::support::server::on_each;
use mysql::prelude::Queryable;
use std::time::Duration;

const STEM: &str = "20260101000000-m";

on_each!(it_is_told_and_counted_as_one_with_a_row_of_its_own, |db| {
    let folder = Folder::with(&[
        (STEM, "CREATE TABLE t (n INT);", "DROP TABLE t;"),
        ("20260102000000-rows", "SET @a = 2; INSERT INTO t VALUES (1), (@a);", "DELETE FROM t;"),
        ("20260103000000-two", "ALTER TABLE t ADD m INT; UPDATE t SET m = n;", "ALTER TABLE t DROP m;"),
        ("20260104000000-none", "SET @a = 1;", "SET @a = 2;"),
    ]);
    folder.uturn(db, "up").exits(0);
    assert_eq!(db.rows("SELECT run_no, step, state FROM refinery_schema_history_step"), ["3|1|done", "3|2|done"]);
    let runs = "SELECT run_no, state, step, step_state, kind, rows_affected, evidence IS NOT NULL FROM refinery_schema_history_run";
    let expected =
        ["1|done|1|done|ddl|0|1", "2|done|2|done|dml|2|0", "3|done|NULL|NULL|NULL|2|0", "4|done|NULL|NULL|NULL|0|0"];
    assert_eq!(db.rows(runs), expected);
    folder.uturn(db, "log").exits(0).says("1/2 statements, 2 rows").says("2/2 statements").says("0/1 statements");
    folder.pair("20260105000000-bad", "ALTER TABLE nosuch ADD n INT;", "SELECT 1;");
    folder.uturn(db, "up").exits(5).says("statement 1 had no effect");
    let failed =
        "SELECT state, step_state, decided, error LIKE '1146%' FROM refinery_schema_history_run WHERE run_no = 5";
    assert_eq!(db.rows(failed), ["failed|failed|the server's error|1"]);
    folder.uturn(db, "undo --all --yes").exits(0);
    assert!(db.rows("SHOW TABLES LIKE 't'").is_empty());
});

// A short way back is stored, a longer one compressed.
on_each!(the_server_reads_a_way_back_of_any_length, |db| {
    let downs = [String::new(), "é;".repeat(100), "x".repeat(256), "x".repeat(257), "-- more\n".repeat(10_000)];
    let folder = Folder::new();
    for (n, down) in downs.iter().enumerate() {
        folder.pair(&format!("2026010{}000000-m", n + 1), "SELECT 1;", &format!("SELECT 1; -- {down}\n"));
    }
    folder.uturn(db, "up").exits(0);
    let kept =
        db.rows("SELECT CONVERT(UNCOMPRESS(down_sql) USING utf8mb4) FROM refinery_schema_history_run ORDER BY run_no");
    assert_eq!(kept, downs.map(|down| format!("SELECT 1; -- {down}\n")));
});

on_each!(it_moves_where_its_script_has_more_of_them_when_it_goes_on, |db| {
    for (point, found) in [("ddl.after", true), ("ddl.after_intent", false)] {
        db.exec("DROP TABLE IF EXISTS t");
        db.forget_runs();
        let folder = Folder::with(&[(STEM, "CREATE TABLE t (n INT);", "DROP TABLE t;")]);
        let cut = run(folder.command(db, "up").env("UTURN_FAILPOINT", point));
        assert_eq!(cut.code, None, "{point}: {}", cut.err);
        assert_eq!(db.rows("SELECT state, step_state FROM refinery_schema_history_run"), ["running|intent"]);
        folder.uturn(db, "status").exits(0).says("unknown   2");
        folder.pair(STEM, "CREATE TABLE t (n INT); INSERT INTO t VALUES (1);", "DROP TABLE t;");
        folder.uturn(db, "up").exits(0).says("recovered: statement 1");
        assert_eq!(db.rows("SELECT n FROM t"), ["1"], "{point}");
        let steps = "SELECT step, state, decided IS NOT NULL FROM refinery_schema_history_step ORDER BY step";
        assert_eq!(db.rows(steps), [if found { "1|done|1" } else { "1|done|0" }, "2|done|0"], "{point}");
        assert_eq!(db.rows("SELECT state, step, evidence FROM refinery_schema_history_run"), ["done|NULL|NULL"]);
    }
});

// The look at what the next statement changes comes behind this one in its packet, and must not cost its warnings.
on_each!(the_warnings_of_a_statement_are_kept_though_something_is_sent_behind_it, |db| {
    db.exec("CREATE TABLE t (n INT)");
    let folder = Folder::with(&[
        (STEM, "CREATE TABLE IF NOT EXISTS t (n INT); ALTER TABLE t ADD m INT;", "ALTER TABLE t DROP m;"),
        ("20260102000000-n", "DROP TABLE IF EXISTS nosuch;", "SELECT 1;"),
        ("20260103000000-o", "ALTER TABLE t ADD o INT;", "ALTER TABLE t DROP o;"),
    ]);
    folder.uturn(db, "up").exits(0);
    let kept = "SELECT warning_text FROM refinery_schema_history_step WHERE step = 1 \
                    UNION ALL SELECT warning_text FROM refinery_schema_history_run WHERE run_no = 2";
    let kept = db.rows(kept);
    assert!(kept[0].starts_with("Note 1050") && kept[1].starts_with("Note 1051"), "{kept:?}");
    assert_eq!(db.rows("SELECT COUNT(*) FROM refinery_schema_history_run WHERE warnings > 0"), ["1"]);
});

// Another session locks the table of the next statement: that one is waited for, and this one is recorded.
on_each!(a_lock_on_the_next_table_keeps_only_the_next_statement, |db| {
    db.exec("CREATE TABLE u (n INT)");
    let folder = Folder::with(&[
        (STEM, "CREATE TABLE t (n INT);", "DROP TABLE t;"),
        ("20260102000000-n", "ALTER TABLE u ADD m INT;", "ALTER TABLE u DROP m;"),
    ]);
    let mut blocker = db.conn();
    blocker.query_drop("LOCK TABLES u WRITE").expect("LOCK TABLES");
    folder
        .uturn(db, "up --lock-timeout 1s --lock-retries 1")
        .exits(5)
        .says("1 statement")
        .says("statement 1 had no effect")
        .says("1205 (HY000)");
    assert_eq!(db.history().len(), 1);
    let unlocks = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(2_500));
        blocker.query_drop("UNLOCK TABLES").expect("UNLOCK TABLES");
    });
    folder.uturn(db, "up --lock-timeout 1s --lock-retries 10").exits(0);
    unlocks.join().expect("it unlocks");
    assert_eq!(db.rows("SELECT COUNT(*) FROM refinery_schema_history_run WHERE state = 'done'"), ["2"]);
    assert_eq!(db.rows("SHOW COLUMNS FROM u").len(), 2);
});

on_each!(a_comment_at_the_end_of_a_statement_hides_nothing_of_what_is_sent_behind_it, |db| {
    let up = "CREATE TABLE t (n INT) -- the first\n; ALTER TABLE t ADD m INT # the second\n; ALTER TABLE t ADD o INT /* third */;";
    let folder = Folder::with(&[(STEM, up, "DROP TABLE t;")]);
    folder.uturn(db, "up").exits(0);
    assert_eq!(db.rows("SHOW COLUMNS FROM t").len(), 3);
    let before = "SELECT step, evidence LIKE '%\"facts\":{}%' FROM refinery_schema_history_step ORDER BY step";
    assert_eq!(db.rows(before), ["1|1", "2|0", "3|0"]);
    folder.uturn(db, "undo").exits(0);
});

// One that only sets up the session has a row where it fails. It must not take the place of the only one that leaves a trace.
on_each!(a_session_statement_that_fails_behind_it_leaves_it_where_it_stands, |db| {
    db.exec("CREATE TABLE t (n INT)");
    for (done, bad) in [
        ("INSERT INTO t VALUES (1); COMMIT;", "SET sql_mode = 'nonsense'"),
        ("ALTER TABLE t ADD INDEX (n);", "EXPLAIN SELECT nosuch FROM t"),
        ("CREATE TABLE u (n INT);", "CREATE TEMPORARY TABLE x LIKE nosuch"),
    ] {
        db.forget_runs();
        let folder = Folder::with(&[(STEM, &format!("{done} {bad};"), "SELECT 1;")]);
        folder.uturn(db, "up").exits(5).says("done and recorded");
        folder.pair(STEM, &format!("{done} SET @a = 1;"), "SELECT 1;");
        folder.uturn(db, "up").exits(0);
    }
    assert_eq!(db.rows("SELECT n FROM t"), ["1"]);
    assert_eq!(db.rows("SHOW INDEX FROM t").len(), 1);
    db.forget_runs();
    db.exec("DROP TABLE u");
    let folder = Folder::with(&[(STEM, "CREATE TABLE u (n INT); SET sql_mode = 'nonsense';", "DROP TABLE u;")]);
    folder.uturn(db, "up").exits(5);
    folder.uturn(db, "undo").exits(0);
    assert_eq!(db.tables(), ["t"]);
    db.forget_runs();
    let down = "DROP TABLE u; DROP TEMPORARY TABLE x; SET sql_mode = 'nonsense';";
    let folder = Folder::with(&[(STEM, "CREATE TABLE u (n INT); SET sql_mode = 'nonsense';", down)]);
    folder.uturn(db, "up").exits(5);
    folder.uturn(db, "undo").exits(5).says("had nothing to revert");
    folder.pair(STEM, "CREATE TABLE u (n INT);", "DROP TABLE u; DROP TEMPORARY TABLE x; SET @a = 1;");
    folder.uturn(db, "undo --down-from-files").exits(0);
    assert_eq!(db.tables(), ["t"]);
});

on_each!(rows_of_the_only_statement_are_counted_once, |db| {
    db.exec("CREATE TABLE t (n INT)");
    let folder =
        Folder::with(&[(STEM, "INSERT INTO t VALUES (1), (2); COMMIT; SET sql_mode = 'nonsense';", "SELECT 1;")]);
    folder.uturn(db, "up").exits(5);
    let rows = "SELECT rows_affected FROM refinery_schema_history_run";
    assert_eq!(db.rows(rows), ["2"]);
    folder.pair(STEM, "INSERT INTO t VALUES (1), (2); COMMIT; UPDATE t SET n = 3;", "SELECT 1;");
    folder.uturn(db, "up").exits(0);
    assert_eq!(db.rows(rows), ["4"]);
    assert_eq!(db.rows("SELECT step, rows_affected FROM refinery_schema_history_step ORDER BY step"), ["1|2", "3|2"]);
});

// The words between which the names of tables stand may be names of tables.
on_each!(a_table_whose_name_is_such_a_word_is_one_that_no_transaction_protects, |db| {
    db.exec("CREATE TABLE `value` (a INT) ENGINE=MyISAM");
    let up = format!("INSERT INTO {0}.value (a) VALUES (1); INSERT INTO", db.name);
    let folder = Folder::with(&[(STEM, &format!("{up} nosuch VALUES (1);"), "SELECT 1;")]);
    folder.uturn(db, "up").exits(5).says("no transactions").says("done and recorded");
    folder.pair(STEM, &format!("{up} {}.value VALUES (2);", db.name), "SELECT 1;");
    folder.uturn(db, "up").exits(0);
    assert_eq!(db.rows("SELECT a FROM `value` ORDER BY a"), ["1", "2"]);
});
