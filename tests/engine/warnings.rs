//! Warnings are told and kept; with `--warnings-as-errors` they stop the run: DML is rolled back, DDL is done and recorded.

use crate::support::app::{Folder, run};
use crate::support::server::{Db, STEPS, on_each};

const STEM: &str = "20260101000000-m";
/// Without strict mode the servers warn where they would refuse.
const LAX: &str = "SET sql_mode = '';";

fn journal(db: &Db) -> Vec<String> {
    db.rows("SELECT state, COALESCE(error, '-') FROM refinery_schema_history_run ORDER BY run_no")
}

on_each!(are_told_and_kept, |db| {
    db.exec("CREATE TABLE t (a VARCHAR(3))");
    let folder = Folder::with(&[(STEM, &format!("{LAX} INSERT INTO t VALUES ('abcdef');"), "DELETE FROM t;")]);
    folder.uturn(db, "up").exits(0).says("statement 2: Warning 1265").says("Data truncated");
    assert_eq!(db.rows("SELECT a FROM t"), ["abc"]);
    let kept = db.rows(&format!("SELECT warnings, warning_text FROM {STEPS}")).concat();
    assert!(kept.starts_with("1|Warning 1265: Data truncated"), "{kept}");
    folder.uturn(db, "log").exits(0).says("1 warning");
    folder.uturn(db, "log --json").exits(0).says("\"warnings\":1");
});

on_each!(stop_dml_and_roll_it_back, |db| {
    db.exec("CREATE TABLE t (a VARCHAR(3))");
    let up = format!("{LAX} INSERT INTO t VALUES ('x'); INSERT INTO t VALUES ('abcdef');");
    let folder = Folder::with(&[(STEM, &up, "DELETE FROM t;")]);
    folder
        .uturn(db, "up --warnings-as-errors")
        .exits(5)
        .says("stopped at statement 3 of 3: the server warned, and `--warnings-as-errors` stops for it: Warning 1265")
        .says("statement 3 had no effect");
    assert!(db.rows("SELECT a FROM t").is_empty());
    let told = journal(db).concat();
    assert!(told.starts_with("failed|the server warned"), "{told}");
    folder.uturn(db, "status").exits(0).says("pending");
    folder.uturn(db, "log").exits(0).says("failed").says("Warning 1265");
    run(folder.command(db, "up").env("UTURN_WARNINGS_AS_ERRORS", "1")).exits(5);
    folder.uturn(db, "up").exits(0);
    assert_eq!(db.rows("SELECT COUNT(*) FROM t"), ["2"]);
});

on_each!(stop_behind_ddl_which_is_done, |db| {
    let up = "CREATE TABLE a (n INT, KEY one (n)); ALTER TABLE a ADD KEY two (n); INSERT INTO a VALUES (1);";
    let folder = Folder::with(&[(STEM, up, "DROP TABLE a;")]);
    folder
        .uturn(db, "up --warnings-as-errors")
        .exits(5)
        .says("stopped after statement 2 of 3: the server warned")
        .says("1831")
        .says("statement 2 has taken effect and is recorded as done; statement 3 has not run")
        .says("`uturn up` resumes after it");
    assert_eq!(db.rows("SHOW INDEX FROM a").len(), 2);
    let told = journal(db).concat();
    assert!(told.starts_with("stopped|the server warned"), "{told}");
    folder.uturn(db, "status").exits(0).says("stopped").says("at statement 3 of 3: the server warned");
    folder.uturn(db, "up --warnings-as-errors").exits(0).says("resumes at statement 3 of 3");
    assert_eq!(db.rows("SELECT n FROM a"), ["1"]);
    folder.uturn(db, "status --exit-code").exits(0);
});

on_each!(stop_behind_the_last_statement_too, |db| {
    let up = format!("{LAX} CREATE TABLE a (n INT) ENGINE=nonesuch;");
    let folder = Folder::with(&[(STEM, &up, "DROP TABLE a;")]);
    folder.uturn(db, "up --warnings-as-errors").exits(5).says("1286").says("is not recorded as ended yet");
    assert_eq!(db.tables(), ["a"]);
    folder.uturn(db, "status").exits(0).says("all 2 statements are done, but it is not recorded yet");
    folder.uturn(db, "up --warnings-as-errors").exits(0).says("every statement is done");
    folder.uturn(db, "status --exit-code").exits(0);
});

on_each!(stop_a_call_and_roll_it_back, |db| {
    db.exec("CREATE TABLE t (a VARCHAR(3))");
    let mut conn = db.conn();
    use mysql::prelude::Queryable;
    conn.query_drop("SET sql_mode = ''").expect("SET");
    conn.query_drop("CREATE PROCEDURE cuts() INSERT INTO t VALUES ('abcdef')").expect("CREATE PROCEDURE");
    let folder = Folder::with(&[(STEM, "CALL cuts();", "SELECT 1;")]);
    folder.uturn(db, "up --warnings-as-errors").exits(5).says("1265").says("statement 1 had no effect");
    assert!(db.rows("SELECT a FROM t").is_empty());
    folder.uturn(db, "up").exits(0);
    assert_eq!(db.rows("SELECT a FROM t"), ["abc"]);
});

on_each!(that_say_what_was_asked_for_or_what_will_change_one_day_stop_nothing, |db| {
    let up = "DROP TABLE IF EXISTS nonesuch; CREATE TABLE a (n INT(5)); CREATE TABLE IF NOT EXISTS a (n INT); DROP VIEW IF EXISTS v;";
    let folder = Folder::with(&[(STEM, up, "DROP TABLE IF EXISTS a, b;")]);
    folder.uturn(db, "up --warnings-as-errors").exits(0);
    folder.uturn(db, "undo --warnings-as-errors").exits(0);
});

on_each!(stop_undo_redo_and_reset, |db| {
    db.exec("CREATE TABLE t (a VARCHAR(3))");
    let down = format!("{LAX} INSERT INTO t VALUES ('abcdef');");
    let folder = Folder::with(&[(STEM, "SELECT 1;", &down)]);
    folder.uturn(db, "up").exits(0);
    for words in ["undo", "redo", "reset --yes"] {
        folder
            .uturn(db, &format!("{words} --warnings-as-errors"))
            .exits(5)
            .says("stopped at statement 2 of 2 of its down script: the server warned");
        assert!(db.rows("SELECT a FROM t").is_empty(), "{words}");
    }
    folder.uturn(db, "undo").exits(0);
});

on_each!(a_definer_that_does_not_exist_is_told_and_counts, |db| {
    let definer = format!("DEFINER = `{}`@`nowhere`", &db.name[..db.name.len().min(30)]);
    db.exec("CREATE TABLE t (a INT)");
    for (kind, up) in [
        ("view", format!("CREATE {definer} VIEW o AS SELECT 1 AS a;")),
        ("procedure", format!("CREATE {definer} PROCEDURE o() SELECT 1;")),
        ("trigger", format!("CREATE {definer} TRIGGER o BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1;")),
        ("event", format!("CREATE {definer} EVENT o ON SCHEDULE EVERY 1 DAY DO SELECT 1;")),
    ] {
        let folder = Folder::with(&[(STEM, &up, &format!("DROP {kind} o;"))]);
        folder.uturn(db, "up").exits(0).says("statement 1: Note 1449: The user specified as a definer");
        folder.uturn(db, "undo").exits(0);
        folder.uturn(db, "up --warnings-as-errors").exits(5).says("Note 1449");
        folder.uturn(db, "up").exits(0);
        folder.uturn(db, "undo").exits(0);
        db.forget_runs();
    }
});

on_each!(a_type_that_the_server_has_changed_is_told_and_counts, |db| {
    let folder = Folder::with(&[(STEM, &format!("{LAX} CREATE TABLE t (a VARCHAR(70000));"), "DROP TABLE t;")]);
    folder.uturn(db, "up").exits(0).says("Note 1246: Converting column 'a' from VARCHAR to TEXT");
    folder.uturn(db, "redo --warnings-as-errors").exits(5).says("Note 1246");
});

on_each!(deprecations_of_mysql_stop_nothing, |db| {
    if db.server.kind != "mysql" {
        return;
    }
    let up = "SET sql_mode = 'NO_ZERO_DATE';
            SET sql_mode = 'PAD_CHAR_TO_FULL_LENGTH';
            SET restrict_fk_on_non_standard_key = 0;
            CREATE TABLE p (a INT(5) ZEROFILL, b FLOAT(5, 2) UNSIGNED, full INT, KEY (a));
            CREATE TABLE c (a INT(5) ZEROFILL, d DATETIME, e VARCHAR(9) CHARACTER SET utf8, FOREIGN KEY (a) REFERENCES p (a));
            INSERT INTO c (d) VALUES ('2020@01@01 10:00:00');
            INSERT INTO c (d) VALUES ('2020-01-01  10:00:00');
            INSERT INTO c (d) SELECT SQL_CALC_FOUND_ROWS d FROM c LIMIT 1;";
    let folder = Folder::with(&[(STEM, up, "DROP TABLE c, p;")]);
    let told = folder.uturn(db, "up --warnings-as-errors").exits(0);
    for number in [3135, 3090, 4166, 6124, 4095, 4096, 4119] {
        assert!(told.err.contains(&format!("Warning {number}: ")), "{number} is not told\n{}", told.err);
    }
});
