//! Settings of a script, and of the server, that change how things are shown or logged: none of them makes a statement run
//! twice, or not at all.

use crate::support::app::{Folder, Run, run};
use crate::support::own::Own;
use crate::support::server::{Db, on_each, on_mariadb, on_mysql};
use crate::unknown_outcome::without_proof;

const STEM: &str = "20260101000000-m";

fn cut(db: &Db, folder: &Folder, url: &str, point: &str) -> Run {
    let first = run(folder.command(db, "up").env("DATABASE_URL", url).env("UTURN_FAILPOINT", point));
    assert_eq!(first.code, None, "{first:?}");
    run(folder.command(db, "up").env("DATABASE_URL", url))
}

on_each!(definitions_read_alike_before_and_after, |db| {
    let kind = db.server.kind;
    let own = Own::start(kind, &[]);
    let db = own.server.database();
    let (_, url) = without_proof(&db);
    let of_mysql = [
        "SET SESSION show_create_table_verbosity = ON;",
        "SET SESSION show_gipk_in_create_table_and_information_schema = OFF;",
    ];
    let of_both =
        ["SET GLOBAL sql_mode = 'ANSI_QUOTES';", "SET GLOBAL time_zone = '+05:00';", "SET sql_mode = 'ANSI';"];
    let settings = of_both.iter().chain(if kind == "mysql" { &of_mysql[..] } else { &[] });
    for setting in settings {
        db.exec("DROP TABLE IF EXISTS t, refinery_schema_history, refinery_schema_history_run, refinery_schema_history_step");
        db.exec("CREATE TABLE t (a INT) ENGINE=InnoDB");
        db.exec("INSERT INTO t VALUES (1)");
        let nth = if setting.contains("GLOBAL") { 2 } else { 1 };
        for (statement, table) in [("ALTER TABLE t ADD INDEX (a);", "t"), ("TRUNCATE t;", "t")] {
            db.forget_runs();
            let folder = Folder::with(&[(STEM, &format!("{setting} {statement}"), "SELECT 1;")]);
            let ended = cut(&db, &folder, &url, &format!("ddl.after_intent:{nth}"));
            db.exec("SET GLOBAL sql_mode = DEFAULT, GLOBAL time_zone = 'SYSTEM'");
            ended.exits(0).says("had no effect");
            assert_eq!(db.rows(&format!("SHOW INDEX FROM {table}")).len(), 1, "{kind}: {setting} {statement}");
        }
        assert!(db.rows("SELECT * FROM t").is_empty(), "{kind}: {setting}");
    }
});

on_mysql!(what_mysql_does_not_log_is_not_taken_for_undone, |db| {
    let server = &db.server;
    let own = Own::start("mysql", &["--binlog-ignore-db=elsewhere"]);
    let db = own.server.database();
    db.exec("CREATE DATABASE elsewhere");
    db.exec("CREATE TABLE t (a INT)");
    let folder =
        Folder::with(&[(STEM, &format!("USE elsewhere; ALTER TABLE `{}`.t ADD INDEX (a);", db.name), "SELECT 1;")]);
    cut(&db, &folder, &db.url(), "ddl.after:1").exits(0).says("took effect");
    assert_eq!(db.rows("SHOW INDEX FROM t").len(), 1);

    let db = server.database();
    db.exec("CREATE TABLE t (a INT)");
    db.exec(
        "CREATE PROCEDURE p() BEGIN COMMIT; SET SESSION sql_log_bin = 0; INSERT INTO t VALUES (1); \
             SET SESSION sql_log_bin = 1; END",
    );
    let folder = Folder::with(&[(STEM, "CALL p();", "SELECT 1;")]);
    cut(&db, &folder, &db.url(), "call.after:1").exits(6).says("may commit without a GTID");
    assert_eq!(db.rows("SELECT a FROM t"), ["1"]);
});

on_each!(names_in_another_character_set_are_refused_and_databases_of_any_name_followed, |db| {
    let up = "SET NAMES latin1; ALTER TABLE `tü` ADD INDEX (a);";
    Folder::with(&[(STEM, up, "SELECT 1;")])
        .uturn(db, "up")
        .exits(2)
        .says("the server reads this name in another character set than UTF-8");
    // Strings may hold whatever they like.
    let other = format!("{}_ü", db.name);
    db.exec(&format!("CREATE DATABASE `{other}`"));
    db.exec(&format!("CREATE TABLE `{other}`.t (a VARCHAR(9))"));
    let up = format!(
        "USE `{other}`; SET character_set_results = latin1; ALTER TABLE t ADD INDEX (a); SET NAMES latin1; \
             INSERT INTO t VALUES ('ü');"
    );
    let folder = Folder::with(&[(STEM, &up, "SELECT 1;")]);
    let (user, url) = without_proof(db);
    let ended = cut(db, &folder, &url, "ddl.after:1");
    let indexes = db.rows(&format!("SHOW INDEX FROM `{other}`.t")).len();
    db.exec(&format!("DROP DATABASE `{other}`"));
    db.exec(&format!("DROP USER `{user}`@`%`"));
    ended.exits(0).says("took effect");
    assert_eq!(indexes, 1);
});

on_each!(what_asks_of_the_statement_before_is_answered_right_or_refused, |db| {
    db.exec("CREATE TABLE t (a INT)");
    db.exec("INSERT INTO t VALUES (1), (2), (3)");
    db.exec("CREATE TABLE log (n INT)");
    db.exec("CREATE PROCEDURE p() UPDATE t SET a = a + 1");
    let up = |up: &str| Folder::with(&[(STEM, up, "SELECT 1;")]).uturn(db, "up");
    for statement in ["SET @n = ROW_COUNT();", "INSERT INTO log SELECT ROW_COUNT();", "GET DIAGNOSTICS @n = ROW_COUNT;"]
    {
        up(&format!("CALL p(); {statement}")).exits(2).says("one of uturn's own comes in between");
    }
    up("UPDATE t SET a = 9; GET DIAGNOSTICS @n = ROW_COUNT; INSERT INTO log VALUES (@n);").exits(0);
    assert_eq!(db.rows("SELECT n FROM log"), ["3"]);
    db.exec("DELETE FROM refinery_schema_history");
    // The way back of a migration that stopped runs each statement by itself.
    let down = "UPDATE t SET a = 1; INSERT INTO log SELECT ROW_COUNT();";
    let folder = Folder::with(&[(STEM, "ALTER TABLE t ADD b INT; INSERT INTO nope VALUES (1);", down)]);
    folder.uturn(db, "up").exits(5);
    folder.uturn(db, "undo --down-data run").exits(5).says("one of uturn's own comes in between");
    assert_eq!(db.rows("SELECT n FROM log"), ["3"]);
});

on_each!(warnings_that_the_server_keeps_to_itself_stop_a_run_that_stops_for_warnings, |db| {
    db.exec("CREATE TABLE t (a TINYINT)");
    let cuts =
        Folder::with(&[(STEM, "SET sql_mode = '', max_error_count = 0; INSERT INTO t VALUES (300);", "SELECT 1;")]);
    cuts.uturn(db, "up --warnings-as-errors").exits(5).says("tells none of them (max_error_count)");
    assert!(db.rows("SELECT a FROM t").is_empty());
    let asks = "SET sql_mode = ''; INSERT INTO t VALUES (300); INSERT INTO t SELECT ROW_COUNT() FROM t WHERE 1 = 1;";
    let asks = Folder::with(&[(STEM, asks, "SELECT 1;")]);
    asks.uturn(db, "up --warnings-as-errors").exits(5).says("--warnings-as-errors");
    assert!(db.rows("SELECT a FROM t").is_empty());
});

on_mariadb!(the_lock_is_seen_in_every_character_set, |db| {
    let server = &db.server;
    let db = &server.database();
    let up = "SET SESSION character_set_connection = ucs2; CREATE TABLE t (a INT);";
    Folder::with(&[(STEM, up, "DROP TABLE t;")]).uturn(db, "up").exits(0);
});
