//! DML that reaches a table without transactions by a way round: a view, a trigger, a function. It is told before it runs, and
//! asked about after a crash, as where the statement itself names the table.

use crate::support::app::{Folder, run};
use crate::support::proxy::Proxy;
use crate::support::server::{Db, STEPS, on_each};

const STEM: &str = "20260101000000-m";
const TOLD: &str = "changes plain, whose engine has no transactions";

/// Everything that the statements below go through. `safe` and what is behind it is InnoDB alone.
fn set_up(db: &Db) {
    for statement in [
        "CREATE TABLE plain (n INT) ENGINE=MyISAM",
        "CREATE TABLE log (n INT) ENGINE=InnoDB",
        "CREATE TABLE t (n INT) ENGINE=InnoDB",
        "CREATE TABLE quoted (n INT) ENGINE=InnoDB",
        "CREATE TABLE far (n INT) ENGINE=InnoDB",
        "CREATE TABLE safe (n INT) ENGINE=InnoDB",
        "CREATE TABLE u (n INT) ENGINE=InnoDB",
        "CREATE VIEW v AS SELECT * FROM plain",
        "CREATE VIEW vv AS SELECT * FROM v WHERE n > 0",
        "CREATE VIEW vsafe AS SELECT * FROM safe",
        "CREATE FUNCTION f(x INT) RETURNS INT DETERMINISTIC MODIFIES SQL DATA BEGIN INSERT INTO plain VALUES (x); RETURN x; END",
        "CREATE PROCEDURE p(x INT) INSERT INTO vv VALUES (x)",
        "CREATE TRIGGER t_ai AFTER INSERT ON t FOR EACH ROW INSERT INTO plain VALUES (NEW.n)",
        "CREATE TRIGGER far_ai AFTER INSERT ON far FOR EACH ROW CALL p(NEW.n)",
        "CREATE TRIGGER safe_ai AFTER INSERT ON safe FOR EACH ROW INSERT INTO log VALUES (NEW.n)",
    ] {
        db.exec(statement);
    }
    let mut conn = db.conn();
    use mysql::prelude::Queryable;
    for statement in [
        "SET sql_mode = 'ANSI_QUOTES'",
        "CREATE TRIGGER quoted_ai AFTER INSERT ON quoted FOR EACH ROW INSERT INTO \"plain\" VALUES (NEW.n)",
    ] {
        conn.query_drop(statement).expect(statement);
    }
}

/// Runs a statement, and cuts behind it, before it is known that it ran.
fn cut(db: &Db, sql: &str) -> (Folder, crate::support::app::Run) {
    let folder = Folder::with(&[(STEM, sql, "SELECT 1;")]);
    let first = run(folder.command(db, "up").env("UTURN_FAILPOINT", "ddl.after"));
    (folder, first)
}

/// Answers the question. MySQL proves by a GTID that it ran, and asks none.
fn settle(db: &Db, folder: &Folder) {
    if db.server.kind == "mariadb" {
        folder.uturn(db, "up").exits(6).says("engine has no transactions");
        folder.uturn(db, "resolve 2026 --statement 1 --applied").exits(0);
    }
    let run = folder.uturn(db, "up").exits(0);
    assert!(db.server.kind == "mariadb" || run.err.contains("has a GTID for it"), "{}", run.err);
}

fn forget(db: &Db, table: &str) {
    db.exec(&format!("DELETE FROM {table}"));
    db.forget_runs();
}

on_each!(through_a_view, |db| {
    set_up(db);
    for sql in ["INSERT INTO v VALUES (1);", "INSERT INTO vv VALUES (1); DELETE FROM t;"] {
        let (folder, first) = cut(db, sql);
        assert_eq!(first.code, None, "announced: {first:?}");
        first.says(TOLD);
        settle(db, &folder);
        assert_eq!(db.rows("SELECT n FROM plain"), ["1"], "{sql}");
        forget(db, "plain");
    }
});

on_each!(by_a_trigger_or_a_function, |db| {
    set_up(db);
    for (sql, table) in [
        ("INSERT INTO t VALUES (1);", "t"),
        ("INSERT INTO quoted VALUES (1);", "quoted"),
        ("INSERT INTO far VALUES (1);", "far"),
        ("INSERT INTO u VALUES (f(1));", "u"),
    ] {
        if db.server.kind == "mysql" {
            // With GTIDs, MySQL refuses a statement that writes to both kinds of tables, before it writes.
            let folder = Folder::with(&[(STEM, sql, "SELECT 1;")]);
            folder.uturn(db, "up").exits(5).says(TOLD).says("1785");
            assert!(db.rows(&format!("SELECT n FROM {table}")).is_empty(), "{sql}");
            assert!(db.rows("SELECT n FROM plain").is_empty(), "{sql}");
        } else {
            let (folder, first) = cut(db, sql);
            assert_eq!(first.code, None, "announced: {first:?}");
            first.says(TOLD);
            settle(db, &folder);
            assert_eq!(db.rows("SELECT n FROM plain"), ["1"], "{sql}");
        }
        forget(db, table);
        forget(db, "plain");
    }
});

on_each!(in_what_a_called_procedure_goes_through, |db| {
    set_up(db);
    let folder = Folder::with(&[(STEM, "CALL p(1);", "SELECT 1;")]);
    let first = run(folder.command(db, "up").env("UTURN_FAILPOINT", "call.after"));
    let second = folder.uturn(db, "up");
    assert_eq!(first.code, None, "{first:?}");
    second.exits(6).says("`plain`, whose engine has no transactions");
    assert_eq!(db.rows("SELECT n FROM plain"), ["1"]);
});

on_each!(what_stays_within_transactions_is_not_announced, |db| {
    set_up(db);
    let sql = "INSERT INTO safe VALUES (1); INSERT INTO vsafe VALUES (2); UPDATE u SET n = ABS(n);";
    let (_, first) = cut(db, sql);
    let run = first.exits(0).never_says("no transactions");
    assert_eq!(db.rows("SELECT n FROM log ORDER BY n"), ["1", "2"], "{}", run.err);
    assert_eq!(db.rows(&format!("SELECT DISTINCT kind FROM {STEPS}")), ["dml"]);
});

on_each!(a_failure_in_the_middle_of_such_a_statement_is_not_told_as_without_effect, |db| {
    db.exec("CREATE TABLE plain (n INT PRIMARY KEY) ENGINE=MyISAM");
    let folder = Folder::with(&[(STEM, "INSERT INTO plain VALUES (1), (2), (1);", "DELETE FROM plain;")]);
    folder.uturn(db, "up").exits(5).says("1062").says("may have had effects").never_says("had no effect");
    assert_eq!(db.rows("SELECT n FROM plain ORDER BY n"), ["1", "2"]);
    folder.uturn(db, "status").exits(0).says("stopped");
    db.exec("DELETE FROM plain");
    folder.pair(STEM, "INSERT INTO plain VALUES (1), (2), (3);", "DELETE FROM plain;");
    folder.uturn(db, "up").exits(0);
});

// What was asked once is asked again when a statement of the same run has changed it, whichever migration that is in.
on_each!(a_statement_of_an_earlier_migration_changes_what_is_known, |db| {
    db.exec("CREATE TABLE plain (n INT) ENGINE=MyISAM");
    let changes = [
        "ALTER TABLE a ENGINE=MyISAM",
        "DROP TABLE a; CREATE TABLE a (n INT) ENGINE=MyISAM",
        "DROP TABLE a; CREATE TABLE a LIKE plain",
        "RENAME TABLE a TO b; CREATE TABLE a (n INT) ENGINE = MyISAM",
        "DROP TABLE a; SET default_storage_engine = MyISAM; CREATE TABLE a (n INT)",
        "DROP TABLE a; CREATE VIEW a AS SELECT n FROM plain",
        "CREATE TRIGGER g AFTER INSERT ON a FOR EACH ROW INSERT INTO plain VALUES (NEW.n)",
    ];
    for change in changes {
        let folder = Folder::with(&[
            ("20260101000000-make", "CREATE TABLE a (n INT); INSERT INTO a VALUES (1);", "DROP TABLE a;"),
            (
                "20260102000000-fill",
                "INSERT INTO a VALUES (2); ALTER TABLE a ADD COLUMN m INT NULL, ADD KEY (n);",
                "SELECT 1;",
            ),
            ("20260103000000-change", &format!("{change};"), "SELECT 1;"),
            ("20260104000000-more", "INSERT INTO a (n) VALUES (3);", "SELECT 1;"),
        ]);
        let run = folder.uturn(db, "up");
        assert!(run.err.contains("whose engine has no transactions"), "{change}: {run:?}");
        assert_eq!(run.err.matches("whose engine has no transactions").count(), 1, "{change}: {}", run.err);
        for sql in ["DROP TRIGGER IF EXISTS g", "DROP VIEW IF EXISTS a", "DROP TABLE IF EXISTS a, b"] {
            // Behind a view of that name there is no table, and the other way round.
            use mysql::prelude::Queryable;
            let _ = db.conn().query_drop(sql);
        }
        forget(db, "plain");
    }
});

// What one migration writes to says nothing of the next one's tables.
on_each!(rows_of_the_next_migration_are_protected_again, |db| {
    set_up(db);
    let folder = Folder::with(&[
        ("20260101000000-plain", "INSERT INTO plain VALUES (1);", "SELECT 1;"),
        ("20260102000000-safe", "INSERT INTO u VALUES (1);", "SELECT 1;"),
        (
            "20260103000000-both",
            "INSERT INTO plain VALUES (2); ALTER TABLE u ADD m INT NULL; INSERT INTO u (n) VALUES (2);",
            "SELECT 1;",
        ),
    ]);
    let run = folder.uturn(db, "up").exits(0);
    assert_eq!(run.err.matches("engine has no transactions").count(), 2, "{}", run.err);
    let announced = format!("SELECT run_no, step FROM {STEPS} WHERE evidence IS NOT NULL ORDER BY 1, 2");
    assert_eq!(db.rows(&announced), ["1|1", "3|1", "3|2"]);
});

// Of many tables of a schema not each is asked about; what is made or hung on one afterwards is known all the same.
on_each!(where_the_schema_was_asked_about_as_a_whole, |db| {
    set_up(db);
    let folder = Folder::new();
    let mut at = 0;
    let mut add = |sql: String| {
        folder.pair(&format!("2026010100{:02}{:02}-m", at / 60, at % 60), &sql, "SELECT 1;");
        at += 1;
    };
    let many = 1..=16;
    many.clone().for_each(|n| db.exec(&format!("CREATE TABLE x{n} (n INT) ENGINE=InnoDB")));
    let lasts = [
        "CREATE TABLE late (n INT) ENGINE=MyISAM; INSERT INTO late VALUES (1);",
        "CREATE TRIGGER x1_ai AFTER INSERT ON x1 FOR EACH ROW INSERT INTO plain VALUES (NEW.n);",
        "INSERT INTO x1 VALUES (1);",
        "INSERT INTO t VALUES (1);",
    ];
    // With GTIDs, MySQL refuses a statement that changes tables of both kinds.
    let (lasts, told, asked_at_most) =
        if db.server.kind == "mysql" { (&lasts[..1], 1, 12) } else { (&lasts[..], 5, 56) };
    for last in lasts {
        many.clone().for_each(|n| add(format!("DELETE FROM x{n};")));
        add((*last).to_owned());
    }
    let proxy = Proxy::start(&db.server.address(), "", 0);
    let up = run(folder.command(db, "up").env("DATABASE_URL", proxy.url(db))).exits(0);
    // The trigger counts for the two DELETEs behind it as well.
    assert_eq!(up.err.matches("whose engine has no transactions").count(), told, "{}", up.err);
    up.says("changes late, whose engine");
    let asks = |text: &&String| text.contains("information_schema.TRIGGERS");
    let asked = proxy.queries().iter().filter(asks).count();
    assert!(asked <= asked_at_most, "asked {asked} times");
});

// MariaDB calls it no BASE TABLE.
on_each!(a_table_with_versions_of_its_rows, |db| {
    if db.server.kind == "mariadb" {
        db.exec("CREATE TABLE plain (n INT) ENGINE=MyISAM WITH SYSTEM VERSIONING");
        let (folder, first) = cut(db, "INSERT INTO plain VALUES (1);");
        first.says(TOLD);
        settle(db, &folder);
        assert_eq!(db.rows("SELECT n FROM plain"), ["1"]);
    }
});
