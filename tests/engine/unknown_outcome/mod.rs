//! A statement whose outcome nobody saw: what uturn makes of it where it is not plain to see, and what it asks.

mod weak_evidence;

use crate::support::app::{Folder, Run, run};
use crate::support::own::Own;
use crate::support::proxy::{Lost, Proxy};
use crate::support::server::{Db, on_each};

const STEM: &str = "20260101000000-m";
/// The statement has run; that it did is not written down.
const AFTER: &str = "ddl.after";
/// It is announced, and not sent.
const BEFORE: &str = "ddl.after_intent";

/// Runs `up` and kills it when a point is reached for the nth time.
fn killed(folder: &Folder, db: &Db, point: &str, nth: usize) -> Run {
    let ended = run(folder.command(db, "up").env("UTURN_FAILPOINT", format!("{point}:{nth}")));
    assert_eq!(ended.code, None, "{point}:{nth} is reached: {ended:?}");
    ended
}

/// Without the GTIDs that prove everything on MySQL: the same as on MariaDB.
pub fn without_proof(db: &Db) -> (String, String) {
    let (user, url) = (format!("{}_plain", db.name), db.url());
    db.exec(&format!("CREATE USER `{user}`@`%` IDENTIFIED BY 'uturn'"));
    db.exec(&format!("GRANT ALL ON *.* TO `{user}`@`%`"));
    if db.server.kind == "mysql" {
        db.exec(&format!("REVOKE TRANSACTION_GTID_TAG ON *.* FROM `{user}`@`%`"));
    }
    let plain = url.replace("//uturn:", &format!("//{user}:"));
    (user, plain)
}

/// An account that may do everything in its database, and cannot see InnoDB's ids.
pub fn without_process(db: &Db) -> (String, String) {
    let user = format!("{}_few", db.name);
    db.exec(&format!("CREATE USER `{user}`@`%` IDENTIFIED BY 'uturn'"));
    db.exec(&format!("GRANT ALL ON `{}`.* TO `{user}`@`%`", db.name));
    let url = db.server.url_as(&user, "uturn", &db.name);
    (user, url)
}

/// Runs a script to its end through a kill at a point, on an account without GTIDs, and says what was found out.
pub fn goes_on(db: &Db, up: &str, point: &str, nth: usize) -> Run {
    let folder = Folder::with(&[(STEM, up, "SELECT 1;")]);
    let (user, url) = without_proof(db);
    let first =
        run(folder.command(db, "up").env("DATABASE_URL", &url).env("UTURN_FAILPOINT", format!("{point}:{nth}")));
    assert_eq!(first.code, None, "{point}:{nth} is reached: {first:?}");
    let second = run(folder.command(db, "up").env("DATABASE_URL", &url));
    db.exec(&format!("DROP USER `{user}`@`%`"));
    second
}

on_each!(what_leaves_no_trace_is_told_before_it_runs, |db| {
    let account = format!("{}_new", db.name);
    let up = format!("CREATE TABLE a (x INT); CREATE USER `{account}`; CREATE TABLE b (x INT);");
    let folder = Folder::with(&[(STEM, &up, &format!("DROP USER `{account}`; DROP TABLE a, b;"))]);
    let (user, url) = without_proof(db);
    let plain = |words: &str| run(folder.command(db, words).env("DATABASE_URL", &url));
    let note = format!("and you would be asked: `{STEM}`, 2");
    plain("up").exits(0).says(&note);
    plain("undo").exits(0).says(&format!("and you would be asked: `{STEM}`, 1"));
    // A GTID would tell.
    let told = folder.uturn(db, "up").exits(0);
    assert_eq!(told.err.contains(&note), db.server.kind == "mariadb", "{}", told.err);
    folder.uturn(db, "undo").exits(0);
    let killed = run(folder.command(db, "up").env("DATABASE_URL", &url).env("UTURN_FAILPOINT", format!("{AFTER}:2")));
    assert_eq!(killed.code, None, "{killed:?}");
    plain("up").exits(6).says("statement 2 of 3").says("it cannot be verified afterwards");
    plain(&format!("resolve {STEM} --statement 2 --applied")).exits(0);
    // What is behind it need not be told again.
    plain("up").exits(0).never_says("you would be asked");
    plain("undo").exits(0);
    db.exec(&format!("DROP USER `{user}`@`%`"));
});

on_each!(names_without_a_schema_are_looked_up_where_use_has_gone, |db| {
    let other = format!("{}_other", db.name);
    db.exec(&format!("CREATE DATABASE `{other}`"));
    db.exec(&format!("CREATE TABLE `{other}`.t (a INT)"));
    let up = format!("USE `{other}`; ALTER TABLE t ADD INDEX (a); INSERT INTO t VALUES (1);");
    goes_on(db, &up, AFTER, 1).exits(0).says("recovered: statement 2").says("took effect");
    let (indexes, rows) =
        (db.rows(&format!("SHOW INDEX FROM `{other}`.t")), db.rows(&format!("SELECT a FROM `{other}`.t")));
    db.exec(&format!("DROP DATABASE `{other}`"));
    assert_eq!((indexes.len(), rows), (1, vec!["1".to_owned()]));
});

on_each!(tables_of_any_name_are_known_by_their_ids, |db| {
    for name in ["plain", "été", "日本", "a-b c", "dollar$", "per%cent_x"] {
        db.exec(&format!("CREATE TABLE `{name}` (a INT)"));
        db.exec("CREATE TABLE twin (a INT)");
        db.exec("INSERT INTO twin VALUES (1)");
        let up = format!("RENAME TABLE `{name}` TO swap, twin TO `{name}`, swap TO twin;");
        for (point, took_effect) in [(AFTER, "took effect"), (BEFORE, "had no effect")] {
            goes_on(db, &up, point, 1).exits(0).says(took_effect);
            let rows = db.rows(&format!("SELECT a FROM `{name}`"));
            assert_eq!(rows.len(), usize::from(point == AFTER), "{name} after {point}");
            db.exec("DELETE FROM refinery_schema_history");
        }
        db.exec(&format!("DROP TABLE `{name}`, twin"));
    }
});

on_each!(settings_of_the_script_do_not_change_what_the_evidence_reads_like, |db| {
    db.exec("CREATE TABLE `été` (a INT, t TIMESTAMP NULL DEFAULT '2020-01-01 00:00:00')");
    let up = "SET sql_mode = 'ANSI_QUOTES', time_zone = '+05:00', sql_quote_show_create = 0; SET NAMES latin1;
                  ALTER TABLE t2 ADD INDEX (a); ALTER TABLE t2 DROP COLUMN b, ADD COLUMN b INT;";
    db.exec("CREATE TABLE t2 (a INT, b INT, t TIMESTAMP NULL DEFAULT '2020-01-01 00:00:00')");
    for (nth, point) in [(1, BEFORE), (1, AFTER), (2, BEFORE), (2, AFTER)] {
        goes_on(db, up, point, nth).exits(0).says(if point == AFTER { "took effect" } else { "had no effect" });
        assert_eq!(db.rows("SHOW INDEX FROM t2").len(), 1, "{point}:{nth}");
        db.exec("DELETE FROM refinery_schema_history");
        db.exec("ALTER TABLE t2 DROP INDEX a");
    }
});

on_each!(what_a_mended_file_puts_in_front_of_the_failed_statement_runs, |db| {
    let folder =
        Folder::with(&[(STEM, "CREATE TABLE t (a INT);\nSET @x = 1;\nALTER TABLE t ADD a INT;\n", "DROP TABLE t;")]);
    folder.uturn(db, "up").exits(5).says("stopped at statement 3 of 3");
    let mended = "CREATE TABLE t (a INT);\nALTER TABLE t DROP a, ADD b INT;\nSET @x = 1;\nALTER TABLE t ADD a INT;\n";
    folder.pair(STEM, mended, "DROP TABLE t;").uturn(db, "up").exits(0).says("resumes at statement 2 of 4");
    assert_eq!(db.rows("SHOW COLUMNS FROM t").len(), 2);
    folder.uturn(db, "undo").exits(0);
    // Fewer statements than there were before it stopped.
    let up = "CREATE TABLE t (a INT);\nSET @x = 1;\nSET @y = 1;\nALTER TABLE t ADD a INT;\n";
    folder.pair(STEM, up, "DROP TABLE t;").uturn(db, "up").exits(5);
    folder
        .pair(STEM, "CREATE TABLE t (a INT);\n", "DROP TABLE t;")
        .uturn(db, "up")
        .exits(0)
        .says("every statement is done");
    // The second doubt is nearer to the beginning than the first error.
    folder.uturn(db, "undo").exits(0);
    let up = "CREATE TABLE t (a INT);\nSET @x = 1;\nSET @y = 1;\nALTER TABLE t ADD a INT;\n";
    folder.pair(STEM, up, "DROP TABLE t;").uturn(db, "up").exits(5);
    let up = "CREATE TABLE t (a INT);\nALTER TABLE t ADD INDEX (a);\n";
    folder.pair(STEM, up, "DROP TABLE t;");
    killed(&folder, db, AFTER, 1);
    folder.uturn(db, "up").exits(0).says("recovered: statement 2");
    assert_eq!(db.rows("SHOW INDEX FROM t").len(), 1);
});

on_each!(a_temporary_table_that_nothing_needs_any_more_does_not_stand_in_the_way, |db| {
    db.exec("CREATE TABLE old (a INT)");
    db.exec("INSERT INTO old VALUES (7)");
    let up =
        "CREATE TEMPORARY TABLE held SELECT * FROM old; CREATE TABLE new (a INT); INSERT INTO new SELECT * FROM held;
                  DROP TABLE old; ALTER TABLE new ADD INDEX (a); ALTER TABLE new ADD b INT;";
    let folder = Folder::with(&[(STEM, up, "SELECT 1;")]);
    killed(&folder, db, AFTER, 3);
    folder.uturn(db, "up").exits(0).says("recovered: statement 5");
    assert_eq!(db.rows("SELECT a, b FROM new"), ["7|NULL"]);
    let up = "CREATE TEMPORARY TABLE held SELECT * FROM new; ALTER TABLE new DROP b; INSERT INTO new SELECT a + 1 FROM held;";
    let folder = Folder::with(&[("20260102000000-n", up, "SELECT 1;"), (STEM, "SELECT 1;", "SELECT 1;")]);
    db.exec("DELETE FROM refinery_schema_history");
    killed(&folder, db, AFTER, 1);
    folder.uturn(db, "up").exits(3).says("the temporary table `held`").says("uturn undo");
});

on_each!(a_call_is_rolled_back_or_asked_about, |db| {
    db.exec("CREATE TABLE t (n INT) ENGINE=InnoDB");
    db.exec("INSERT INTO t VALUES (0)");
    db.exec("CREATE TABLE plain (n INT) ENGINE=MyISAM");
    db.exec("CREATE PROCEDURE pure() UPDATE t SET n = n + 1");
    db.exec("CREATE PROCEDURE commits() BEGIN UPDATE t SET n = n + 1; COMMIT; END");
    db.exec("CREATE PROCEDURE unsafe_() INSERT INTO plain VALUES (1)");
    let next = |call: &str| {
        let answer = goes_on(db, call, "call.after", 1);
        if answer.code == Some(0) {
            db.exec("DELETE FROM refinery_schema_history");
        }
        answer
    };
    next("CALL pure();").exits(0).says("had no effect").says("rolled it back");
    assert_eq!(db.rows("SELECT n FROM t"), ["1"]);
    next("CALL commits();").exits(6).says("what it calls may commit by itself").says("CALL commits()");
    assert_eq!(db.rows("SELECT n FROM t"), ["2"]);
    let folder = Folder::with(&[(STEM, "CALL commits();", "SELECT 1;")]);
    folder.uturn(db, "up").exits(6);
    folder.uturn(db, "resolve 20260101 --statement 1 --applied").exits(0);
    folder.uturn(db, "up").exits(0);
    assert_eq!(db.rows("SELECT n FROM t"), ["2"]);
    db.exec("DELETE FROM refinery_schema_history");
    next("CALL unsafe_();").exits(6).says("`plain`, whose engine has no transactions");
    assert_eq!(db.rows("SELECT n FROM plain"), ["1"]);
});

on_each!(dml_on_a_table_without_transactions_is_told_and_asked_about, |db| {
    db.exec("CREATE TABLE plain (n INT) ENGINE=MyISAM");
    goes_on(db, "INSERT INTO plain VALUES (1);", AFTER, 1).exits(6).says("engine has no transactions");
    assert_eq!(db.rows("SELECT n FROM plain"), ["1"]);
});

on_each!(a_global_setting_is_set_again_unless_it_counts_from_what_it_was, |db| {
    db.exec("SET GLOBAL max_connect_errors = 100");
    goes_on(db, "SET GLOBAL max_connect_errors = 200;", AFTER, 1).exits(0);
    db.exec("DELETE FROM refinery_schema_history");
    let up = "SET GLOBAL max_connect_errors = @@global.max_connect_errors + 1;";
    let folder = Folder::with(&[(STEM, up, "SELECT 1;")]);
    killed(&folder, db, AFTER, 1);
    folder.uturn(db, "up").exits(6);
    assert_eq!(db.rows("SELECT @@global.max_connect_errors"), ["201"]);
});

on_each!(without_the_right_to_see_ids_a_truncate_is_a_question, |db| {
    db.exec("CREATE TABLE t (a INT)");
    let (user, url) = without_process(db);
    let folder =
        Folder::with(&[(STEM, "INSERT INTO t VALUES (1); TRUNCATE TABLE t; INSERT INTO t VALUES (2);", "TRUNCATE t;")]);
    let up = || run(folder.command(db, "up").env("DATABASE_URL", &url));
    let first = run(folder.command(db, "up").env("DATABASE_URL", &url).env("UTURN_FAILPOINT", BEFORE));
    assert_eq!(first.code, None, "{first:?}");
    up().exits(6).says("PROCESS").says("--statement 2 --applied").says("--retry");
    folder.uturn(db, "resolve 20260101 --statement 2 --retry").exits(0);
    up().exits(0);
    db.exec(&format!("DROP USER `{user}`@`%`"));
    assert_eq!(db.rows("SELECT a FROM t"), ["2"]);
});

// Within one second: CREATE_TIME must tell, and waits for the next one where it could not.
on_each!(without_the_right_to_see_ids_a_rebuild_is_known_by_its_time, |db| {
    let (user, url) = without_process(db);
    let folder = Folder::with(&[(
        STEM,
        "CREATE TABLE t (a INT); ALTER TABLE t FORCE; ALTER TABLE t ENGINE=InnoDB;",
        "DROP TABLE t;",
    )]);
    for nth in [2, 3] {
        let up = |point: &str| run(folder.command(db, "up").env("DATABASE_URL", &url).env("UTURN_FAILPOINT", point));
        assert_eq!(up(&format!("{AFTER}:{nth}")).code, None);
        let found = format!("recovered: statement {nth}");
        run(folder.command(db, "up").env("DATABASE_URL", &url)).exits(0).says(&found).says("took effect");
        folder.uturn(db, "undo").exits(0);
    }
    db.exec(&format!("DROP USER `{user}`@`%`"));
});

// The temporary one has gone with its session, and the one behind it says nothing.
on_each!(a_table_that_a_temporary_one_hid_makes_a_question, |db| {
    db.exec("CREATE TABLE t (a INT)");
    let up = "CREATE TEMPORARY TABLE t (x INT); ALTER TABLE t ADD COLUMN y INT; SELECT 1;";
    let folder = Folder::with(&[(STEM, up, "SELECT 1;")]);
    let (user, url) = without_proof(db);
    let plain = |words: &str, point: &str| {
        run(folder.command(db, words).env("DATABASE_URL", &url).env("UTURN_FAILPOINT", point))
    };
    assert_eq!(plain("up", AFTER).code, None);
    plain("up", "").exits(6).says("a temporary table hid one of that name, and is gone");
    plain("resolve 20260101 --statement 2 --applied", "").exits(0);
    plain("up", "").exits(0);
    db.exec(&format!("DROP USER `{user}`@`%`"));
    assert_eq!(db.rows("SHOW COLUMNS FROM t").len(), 1);
});

// KILL QUERY can come when the statement has taken effect: its error is no answer.
on_each!(a_kill_that_comes_too_late_is_found_out, |db| {
    let up = "CREATE TABLE t (a INT); ALTER TABLE t ADD COLUMN b INT; INSERT INTO t VALUES (1, 2);";
    let folder = Folder::with(&[(STEM, up, "DROP TABLE t;")]);
    let through = |needle: &'static str, nth: usize| {
        let proxy = Proxy::losing(&db.server.address(), needle, nth, Lost::Meaning);
        run(folder.command(db, "up").env("DATABASE_URL", proxy.url(db)))
    };
    // The first one is a PREPARE; in the second one it rides behind its intent.
    through("ADD COLUMN b INT", 2).exits(0).says("recovered: statement 2").says("took effect");
    assert_eq!(db.rows("SELECT a, b FROM t"), ["1|2"]);
    let question = "SELECT state, decided IS NOT NULL FROM refinery_schema_history_step ORDER BY step";
    assert_eq!(db.rows(question), ["done|0", "done|1", "done|0"]);
    folder.uturn(db, "undo").exits(0);
});

// The body of what was called is asked for; an answer that does not come is no reason to ask a person.
on_each!(a_connection_that_is_lost_while_it_is_found_out_is_made_again, |db| {
    db.exec("CREATE TABLE t (a INT)");
    db.exec("CREATE PROCEDURE p(k INT) BEGIN INSERT INTO t VALUES (k); END");
    let folder = Folder::with(&[(STEM, "CREATE TABLE u (a INT); CALL p(7);", "DELETE FROM t; DROP TABLE u;")]);
    let (user, url) = without_proof(db);
    let first = run(folder.command(db, "up").env("DATABASE_URL", &url).env("UTURN_FAILPOINT", "call.after"));
    assert_eq!(first.code, None, "{first:?}");
    let proxy = Proxy::start(&db.server.address(), "SHOW CREATE PROCEDURE", 1);
    let url = url.replace(&db.server.address(), &format!("127.0.0.1:{}", proxy.port));
    run(folder.command(db, "up").env("DATABASE_URL", url)).exits(0).says("had no effect");
    db.exec(&format!("DROP USER `{user}`@`%`"));
    assert_eq!((proxy.seen(), db.rows("SELECT a FROM t")), (2, vec!["7".to_owned()]));
});

on_each!(a_single_rename_is_known_by_its_names, |db| {
    let (user, url) = without_process(db);
    for up in ["ALTER TABLE t RENAME TO u;", "RENAME TABLE t TO u;"] {
        for (point, took_effect) in [(BEFORE, "had no effect"), (AFTER, "took effect")] {
            db.exec("CREATE TABLE t (a INT)");
            let folder = Folder::with(&[(STEM, up, "ALTER TABLE u RENAME TO t;")]);
            let first = run(folder.command(db, "up").env("DATABASE_URL", &url).env("UTURN_FAILPOINT", point));
            assert_eq!(first.code, None, "{first:?}");
            run(folder.command(db, "up").env("DATABASE_URL", &url)).exits(0).says(took_effect);
            assert_eq!(db.tables(), ["u"]);
            folder.uturn(db, "undo").exits(0);
            db.exec("DROP TABLE t");
        }
    }
    db.exec(&format!("DROP USER `{user}`@`%`"));
});

on_each!(a_file_that_was_changed_while_its_statement_is_in_doubt, |db| {
    let tables: Vec<String> = (0..30).map(|n| format!("a_table_{n}")).collect();
    for table in &tables {
        db.exec(&format!("CREATE TABLE {table} (a INT)"));
    }
    let (user, url) = without_proof(db);
    let folder = Folder::with(&[(STEM, &format!("DROP TABLE {};", tables.join(", ")), "SELECT 1;")]);
    let first = run(folder.command(db, "up").env("DATABASE_URL", &url).env("UTURN_FAILPOINT", AFTER));
    assert_eq!(first.code, None);
    folder.pair(STEM, "SELECT 1;", "SELECT 1;");
    run(folder.command(db, "up").env("DATABASE_URL", &url)).exits(6).says("the file no longer holds it");
    db.exec(&format!("DROP USER `{user}`@`%`"));
});

// What a crash leaves of MariaDB's statements that are not atomic, made by hand while they are announced and not sent.
on_each!(what_mariadb_has_done_in_part_is_brought_to_its_end, |db| {
    if db.server.kind != "mariadb" {
        return;
    }
    let other = format!("{}_other", db.name);
    for (before, up, by_hand, said) in [
        ("CREATE TABLE a (x INT)", "DROP TABLE a, `b c`;", "DROP TABLE a", "dropped now"),
        ("CREATE VIEW va AS SELECT 1", "DROP VIEW va, vb;", "DROP VIEW va", "dropped now"),
        ("CREATE TABLE a (x INT)", "CREATE OR REPLACE TABLE a (y INT);", "DROP TABLE a", "had no effect"),
        ("SELECT 1", &format!("DROP DATABASE `{other}`;"), &format!("DROP TABLE `{other}`.p"), "had no effect"),
    ] {
        db.exec(before);
        db.exec("CREATE TABLE IF NOT EXISTS `b c` (x INT)");
        db.exec("CREATE OR REPLACE VIEW vb AS SELECT 1");
        db.exec(&format!("CREATE DATABASE IF NOT EXISTS `{other}`"));
        db.exec(&format!("CREATE TABLE IF NOT EXISTS `{other}`.p (x INT)"));
        let folder = Folder::with(&[(STEM, up, "SELECT 1;")]);
        killed(&folder, db, BEFORE, 1);
        db.exec(by_hand);
        folder.uturn(db, "up").exits(0).says(said);
        db.exec("DELETE FROM refinery_schema_history");
    }
    assert_eq!(db.tables(), ["a", "b c", "vb"]);
    assert_eq!(db.rows("SHOW COLUMNS FROM a")[0].split('|').next(), Some("y"));
    assert!(db.rows(&format!("SHOW DATABASES LIKE '{other}'")).is_empty());
});

on_each!(an_answer_that_came_before_the_connection_was_lost_is_no_question, |db| {
    db.exec("CREATE TABLE t (a INT) ENGINE=MyISAM");
    let folder = Folder::with(&[(STEM, "INSERT INTO t VALUES (1); INSERT INTO t VALUES (2);", "SELECT 1;")]);
    let proxy = Proxy::losing(&db.server.address(), "SET state = 'done'", 1, Lost::Request);
    let known = "the server had answered before the connection was lost";
    run(folder.command(db, "up").env("DATABASE_URL", proxy.url(db)))
        .exits(0)
        .says("connection was lost")
        .says(&format!("statement 1 of `{STEM}` (up) took effect: {known}"));
    assert_eq!(db.rows("SELECT a FROM t ORDER BY a"), ["1", "2"]);
});

on_each!(what_a_sequence_counts_by_is_part_of_its_evidence, |db| {
    if db.server.kind == "mysql" {
        return;
    }
    for (point, took_effect) in [(AFTER, "took effect"), (BEFORE, "had no effect")] {
        db.exec("CREATE SEQUENCE s");
        goes_on(db, "ALTER SEQUENCE s INCREMENT BY 3;", point, 1).exits(0).says(took_effect);
        assert_eq!(db.rows("SELECT increment FROM s"), ["3"]);
        db.exec("DELETE FROM refinery_schema_history");
        db.exec("DROP SEQUENCE s");
    }
    // A second RESTART would give numbers again that are in use.
    db.exec("CREATE SEQUENCE s");
    goes_on(db, "ALTER SEQUENCE s RESTART 100;", AFTER, 1).exits(6).says("only the next value of the sequence");
});

// As on Windows and macOS: tables are stored in lower case, and names are found however they are written.
on_each!(where_the_server_folds_names_each_outcome_is_found_out, |db| {
    let kind = db.server.kind;
    let own = Own::start(kind, &["--lower-case-table-names=1"]);
    let statements = [
        "CREATE TABLE MixedCase (a INT)",
        "ALTER TABLE mixedcase ADD b INT",
        "CREATE INDEX i ON MIXEDCASE (b)",
        "ALTER TABLE MixedCASE ADD c INT, DROP a",
        "CREATE VIEW Seen AS SELECT b FROM mixedCase",
        "RENAME TABLE MIXEDcase TO Other",
        "DROP TABLE OTHER",
    ];
    for nth in 1..=statements.len() {
        for point in [BEFORE, AFTER] {
            let db = own.server.database();
            let second = goes_on(&db, &format!("{};", statements.join("; ")), point, nth);
            second.exits(0).says(&format!("statement {nth} "));
            assert_eq!(db.tables(), ["seen"], "{kind}, {point}:{nth}");
        }
    }
});
