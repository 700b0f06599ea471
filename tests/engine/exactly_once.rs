//! What a second reading of the engine has found: statements that ran twice or were passed over, each with the script that
//! showed it.

use crate::support::app::{Folder, run};
use crate::support::own::Own;
use crate::support::server::{Db, on_each, on_mariadb, on_mysql};
use crate::unknown_outcome::{goes_on, without_process, without_proof};

const STEM: &str = "20260101000000-m";
/// The statement has run; that it did is not written down.
const AFTER: &str = "ddl.after";
/// It is announced, and not sent.
const BEFORE: &str = "ddl.after_intent";

/// Runs `up` to its end, with a kill at a point.
fn cut(folder: &Folder, db: &Db, url: &str, point: &str) {
    let ended = run(folder.command(db, "up").env("DATABASE_URL", url).env("UTURN_FAILPOINT", format!("{point}:1")));
    assert_eq!(ended.code, None, "{point} is reached: {ended:?}");
}

on_each!(rows_of_a_long_group_stay_where_its_run_is_opened_again, |db| {
    // The rows of the journal are written in the middle of the group, and those of the last part with the run's.
    for count in [2_779, 3_000] {
        db.exec("DROP TABLE IF EXISTS t");
        db.forget_runs();
        let inserts: String =
            (0..count).map(|n| format!("INSERT INTO t (n, note) VALUES ({n}, CONCAT('x', {n}));\n")).collect();
        let up = |second: &str, last: &str| {
            format!("CREATE TABLE t (n INT, note VARCHAR(20)) ENGINE=InnoDB;\n{second};\n{inserts}{last};\n")
        };
        let stop = "ALTER TABLE nosuch ADD a INT";
        let folder = Folder::with(&[(STEM, &up(stop, stop), "DROP TABLE t;")]);
        folder.uturn(db, "up").exits(5);
        folder.file(&format!("{STEM}.up.sql"), up("SELECT 2", stop));
        folder.uturn(db, "up").exits(5);
        folder.file(&format!("{STEM}.up.sql"), up("SELECT 2", "SELECT 3"));
        folder.uturn(db, "up").exits(0);
        assert_eq!(db.rows("SELECT COUNT(*), COUNT(DISTINCT n) FROM t"), [format!("{count}|{count}")]);
    }
});

on_each!(a_limit_of_the_whole_server_cuts_no_history, |db| {
    let server = &db.server;
    let own = Own::start(server.kind, &[]);
    let db = own.server.database();
    let folder = Folder::new();
    for n in 1..=3 {
        folder.pair(
            &format!("2026010{n}000000-m{n}"),
            &format!("CREATE TABLE t{n} (a INT);"),
            &format!("DROP TABLE t{n};"),
        );
    }
    db.exec("SET GLOBAL sql_select_limit = 2");
    folder.uturn(&db, "up").exits(0);
    folder.uturn(&db, "status --exit-code").exits(0).says("3 applied");
    folder.uturn(&db, "undo").exits(0).says("m3");
    assert_eq!(db.rows("SELECT COUNT(*) FROM t1 UNION ALL SELECT COUNT(*) FROM t2"), ["0", "0"]);

    let up = |last: &str| {
        format!(
            "CREATE TABLE x (n INT);\nINSERT INTO x VALUES (1);\nUPDATE x SET n = n + 1;\nCREATE TABLE y (n INT);\n\
                 UPDATE x SET n = n + 10;\n{last};\n"
        )
    };
    folder.pair("20260104000000-m4", &up("ALTER TABLE y ADD INDEX (nosuch)"), "DROP TABLE x, y;");
    folder.uturn(&db, "up").exits(5);
    folder.file("20260104000000-m4.up.sql", up("SELECT 1"));
    folder.uturn(&db, "up").exits(0);
    assert_eq!(db.rows("SELECT n FROM x"), ["12"]);
});

on_mariadb!(a_part_that_took_effect_is_not_forgotten_by_the_next_try, |db| {
    let folder = Folder::with(&[
        ("20260101000000-first", "CREATE TABLE a (id INT);", "DROP TABLE a;"),
        ("20260102000000-second", "DROP TABLE a, nonesuch;", "CREATE TABLE a (id INT);"),
    ]);
    folder.uturn(db, "up").exits(5).says("part of it took effect");
    for _ in 0..2 {
        folder.uturn(db, "up").exits(5);
        folder.uturn(db, "status").exits(0).says("stopped   20260102000000-second");
    }
    folder.uturn(db, "undo").exits(0).says("20260102000000-second");
    folder.uturn(db, "status").exits(0).says("applied   20260101000000-first");
    assert_eq!(db.rows("SELECT COUNT(*) FROM a"), ["0"]);
});

on_each!(ids_of_another_server_prove_nothing, |db| {
    let (user, url) = without_proof(db);
    for (up, code, says) in [
        ("TRUNCATE t;", 6, "or on another server"),
        ("CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET NEW.n = 7;", 0, "had no effect"),
        ("RENAME TABLE t TO t_old, t_new TO t;", 6, "or on another server"),
    ] {
        db.exec("DROP TABLE IF EXISTS t, t_new, t_old");
        db.forget_runs();
        db.exec("CREATE TABLE t (n INT) ENGINE=InnoDB");
        db.exec("CREATE TABLE t_new (n INT) ENGINE=InnoDB");
        let folder = Folder::with(&[(STEM, up, "SELECT 1;")]);
        cut(&folder, db, &url, BEFORE);
        // As a dump that was loaded elsewhere: the same tables, with ids and times of their own.
        db.exec("UPDATE refinery_schema_history_run SET server = 'elsewhere:3306 since 1767225600'");
        std::thread::sleep(std::time::Duration::from_millis(1_100));
        db.exec("ALTER TABLE t FORCE");
        db.exec("ALTER TABLE t_new FORCE");
        run(folder.command(db, "up").env("DATABASE_URL", &url)).exits(code).says(says);
    }
    db.exec(&format!("DROP USER `{user}`@`%`"));
});

on_each!(what_a_call_leaves_of_autocommit_is_put_right, |db| {
    db.exec("CREATE PROCEDURE off() SET autocommit = 0");
    let up = "CREATE TABLE t (n INT) ENGINE=InnoDB;\nCALL off();\nINSERT INTO t VALUES (1);\nSET autocommit = 1;\n\
                  INSERT INTO t VALUES (2);\n";
    Folder::with(&[(STEM, up, "DROP TABLE t;")]).uturn(db, "up").exits(0);
    assert_eq!(db.rows("SELECT n FROM t ORDER BY n"), ["1", "2"]);
});

on_each!(a_history_that_cannot_be_rolled_back_is_refused, |db| {
    let folder = Folder::with(&[(STEM, "CREATE TABLE t (n INT);", "DROP TABLE t;")]);
    folder.uturn(db, "up").exits(0);
    folder.uturn(db, "undo").exits(0);
    db.exec("ALTER TABLE refinery_schema_history ENGINE=MyISAM");
    folder.uturn(db, "up").exits(3).says("is of the engine MyISAM").says("ENGINE=InnoDB");
    assert!(db.tables().is_empty());
});

on_mariadb!(a_server_that_logs_statements_is_refused, |_| {
    let own = Own::start("mariadb", &["--log-bin=log", "--server-id=1", "--binlog-format=STATEMENT"]);
    let db = own.server.database();
    let folder = Folder::with(&[(STEM, "CREATE TABLE t (n INT);", "DROP TABLE t;")]);
    folder.uturn(&db, "up").exits(3).says("binlog_format is STATEMENT").says("'MIXED'");
    db.exec("SET GLOBAL binlog_format = 'MIXED'");
    folder.uturn(&db, "up").exits(0);
});

on_each!(a_setting_that_was_used_up_is_not_made_again, |db| {
    for setting in ["insert_id = 100", "last_insert_id = 5", "rand_seed1 = 7"] {
        db.exec("DROP TABLE IF EXISTS t, u");
        db.forget_runs();
        db.exec("CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, n INT) ENGINE=InnoDB");
        db.exec("CREATE TABLE u (id INT AUTO_INCREMENT PRIMARY KEY, n INT) ENGINE=InnoDB");
        let up = |third: &str| {
            format!("SET {setting};\nINSERT INTO t (n) VALUES (1);\n{third};\nINSERT INTO u (n) VALUES (2);\n")
        };
        let folder = Folder::with(&[(STEM, &up("ALTER TABLE nosuch ADD a INT"), "SELECT 1;")]);
        folder.uturn(db, "up").exits(5);
        folder.file(&format!("{STEM}.up.sql"), up("SELECT 1"));
        folder.uturn(db, "up").exits(3).says("which statement 1 made in a session that has ended");
        assert!(db.rows("SELECT id FROM u").is_empty(), "{setting}");
    }
});

on_each!(an_older_value_of_a_global_setting_is_not_read_again, |db| {
    db.exec("SET GLOBAL slow_launch_time = 3");
    let up = "SET @old = @@GLOBAL.slow_launch_time;\nSET GLOBAL slow_launch_time = 4;\nCREATE TABLE t (n INT);\n\
                  SET GLOBAL slow_launch_time = @old;\n";
    goes_on(db, up, AFTER, 1).exits(6).says("a statement before it reads a setting");
    db.exec("SET GLOBAL slow_launch_time = 2");
});

on_mariadb!(a_compound_statement_is_not_judged_by_its_beginning, |db| {
    db.exec("CREATE TABLE t (n INT) ENGINE=InnoDB");
    let body = "INSERT INTO t VALUES (1); ".repeat(6);
    let up = format!("DELIMITER //\nBEGIN NOT ATOMIC {body}COMMIT; END//\nDELIMITER ;\n");
    let folder = Folder::with(&[(STEM, &up, "SELECT 1;")]);
    cut(&folder, db, &db.url(), "call.after");
    folder.file(&format!("{STEM}.up.sql"), "SELECT 1;");
    folder.uturn(db, "up").exits(6).says("the journal only its beginning");
});

on_mariadb!(a_sequence_that_was_to_be_replaced_is_made_where_it_is_gone, |db| {
    db.exec("CREATE SEQUENCE s START WITH 5");
    let folder = Folder::with(&[(STEM, "CREATE OR REPLACE SEQUENCE s START WITH 9;", "DROP SEQUENCE s;")]);
    cut(&folder, db, &db.url(), BEFORE);
    // As a crash between its two parts leaves it.
    db.exec("DROP SEQUENCE s");
    folder.uturn(db, "up").exits(0);
    assert_eq!(db.rows("SELECT NEXT VALUE FOR s"), ["9"]);
});

on_mariadb!(a_swap_is_asked_about_whatever_if_exists_says, |db| {
    db.exec("CREATE TABLE a (n INT) ENGINE=InnoDB");
    db.exec("CREATE TABLE b (n INT) ENGINE=InnoDB");
    let (user, url) = without_process(db);
    let up = "RENAME TABLE IF EXISTS a TO c, b TO a, c TO b;";
    let folder = Folder::with(&[(STEM, up, "SELECT 1;")]);
    cut(&folder, db, &url, AFTER);
    run(folder.command(db, "up").env("DATABASE_URL", &url)).exits(6);
    db.exec(&format!("DROP USER `{user}`@`%`"));
});

on_mariadb!(row_count_is_its_own_where_rows_are_written_in_between, |db| {
    db.exec("CREATE TABLE t (n INT) ENGINE=InnoDB");
    db.exec("INSERT INTO t VALUES (1), (2), (3)");
    db.exec("CREATE TABLE log (n INT) ENGINE=InnoDB");
    let up = "UPDATE t SET n = n + 1;\nINSERT INTO log SELECT ROW_COUNT();\n".repeat(1_500);
    Folder::with(&[(STEM, &up, "SELECT 1;")]).uturn(db, "up --warnings-as-errors").exits(0);
    assert_eq!(db.rows("SELECT DISTINCT n FROM log"), ["3"]);
});

on_mysql!(gtids_of_a_part_of_a_drop_are_no_proof_of_it, |db| {
    let server = &db.server;
    let db = server.database();
    for table in ["m1 (n INT) ENGINE=MyISAM", "m2 (n INT) ENGINE=MyISAM", "i1 (n INT) ENGINE=InnoDB"] {
        db.exec(&format!("CREATE TABLE {table}"));
    }
    let folder = Folder::with(&[(STEM, "DROP TABLE m1, m2, i1;", "SELECT 1;")]);
    cut(&folder, &db, &db.url(), BEFORE);
    let tag = db.rows(
        "SELECT JSON_UNQUOTE(JSON_EXTRACT(evidence, '$.since.tag')) FROM refinery_schema_history_run \
             WHERE evidence IS NOT NULL",
    );
    // As a crash between its parts leaves it.
    for table in ["m1", "m2"] {
        let under_the_tag = format!("SET gtid_next = 'AUTOMATIC:{}'; DROP TABLE {table}", tag[0]);
        db.client(&format!("{under_the_tag};")).exits(0);
    }
    folder.uturn(&db, "up").exits(6).says("or for a part of it").says("i1");
});

on_each!(a_function_that_writes_is_called_once, |db| {
    for (up, mended) in [
        ("SET @x = f(), sql_mode = '';\nSELECT 1;\n", None),
        (
            "CREATE TABLE t (n INT);\nSET @x = f();\nALTER TABLE nosuch ADD a INT;\n",
            Some("CREATE TABLE t (n INT);\nSET @x = f();\nSELECT 1;\n"),
        ),
    ] {
        db.exec("DROP FUNCTION IF EXISTS f");
        db.exec("DROP TABLE IF EXISTS t, log");
        db.forget_runs();
        db.exec("CREATE TABLE log (n INT) ENGINE=InnoDB");
        db.exec(
                "CREATE FUNCTION f() RETURNS INT DETERMINISTIC MODIFIES SQL DATA BEGIN INSERT INTO log VALUES (1); RETURN 1; END",
            );
        let folder = Folder::with(&[(STEM, up, "SELECT 1;")]);
        let first = folder.uturn(db, "up");
        if let Some(mended) = mended {
            first.exits(5);
            folder.file(&format!("{STEM}.up.sql"), mended);
            folder.uturn(db, "up").exits(0);
        }
        assert_eq!(db.rows("SELECT n FROM log"), ["1"], "{up}");
    }
});

on_mariadb!(the_last_value_of_a_sequence_is_not_taken_for_null, |db| {
    for ask in [
        "INSERT INTO c VALUES (1, LASTVAL(s));",
        "SELECT PREVIOUS VALUE FOR s INTO @id; INSERT INTO c VALUES (1, @id);",
    ] {
        db.exec("DROP TABLE IF EXISTS p, c");
        db.exec("DROP SEQUENCE IF EXISTS s");
        db.forget_runs();
        db.exec("CREATE SEQUENCE s");
        db.exec("CREATE TABLE p (id INT) ENGINE=InnoDB");
        db.exec("CREATE TABLE c (id INT, parent INT) ENGINE=InnoDB");
        let up = format!("INSERT INTO p VALUES (NEXTVAL(s)); ALTER TABLE c ADD INDEX (id); {ask}");
        let folder = Folder::with(&[(STEM, &up, "SELECT 1;")]);
        cut(&folder, db, &db.url(), AFTER);
        folder.uturn(db, "up").exits(3).says("needs the last value of a sequence");
    }
});

on_each!(a_revoke_in_doubt_is_a_question, |db| {
    let (account, name) = (format!("{}_to", db.name), &db.name);
    db.exec(&format!("CREATE USER `{account}`@`%` IDENTIFIED BY 'uturn'"));
    db.exec(&format!("GRANT SELECT ON `{name}`.* TO `{account}`@`%`"));
    let up = format!("REVOKE SELECT ON `{name}`.* FROM `{account}`@`%`;");
    goes_on(db, &up, AFTER, 1).exits(6);
    db.exec(&format!("DROP USER `{account}`@`%`"));
});
