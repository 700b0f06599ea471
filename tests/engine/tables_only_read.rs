//! A table without transactions that a statement only reads is not reported as changed; one that it writes to is, also where
//! the statement looks the same.

use crate::support::app::Folder;
use crate::support::server::{Db, on_each};

const STEM: &str = "20260101000000-m";
const REPORTED: &str = "whose engine has no transactions";

fn set_up(db: &Db) {
    for statement in [
        "CREATE TABLE plain (n INT) ENGINE=MyISAM",
        "INSERT INTO plain VALUES (1)",
        "CREATE TABLE t (n INT) ENGINE=InnoDB",
        "CREATE TABLE reading (n INT) ENGINE=InnoDB",
        "CREATE VIEW v AS SELECT * FROM plain",
        "CREATE VIEW vv AS SELECT * FROM v WHERE n > 0",
        "CREATE FUNCTION f() RETURNS INT READS SQL DATA RETURN (SELECT COUNT(*) FROM plain)",
        "CREATE FUNCTION w(x INT) RETURNS INT DETERMINISTIC MODIFIES SQL DATA BEGIN INSERT INTO plain VALUES (x); RETURN x; END",
        "CREATE VIEW vw AS SELECT w(n) AS n FROM t",
        "CREATE TRIGGER reading_bi BEFORE INSERT ON reading FOR EACH ROW SET NEW.n = NEW.n + (SELECT COUNT(*) FROM plain)",
    ] {
        db.exec(statement);
    }
}

fn is_reported(db: &Db, sql: &str) -> bool {
    let folder = Folder::with(&[(STEM, sql, "SELECT 1;")]);
    let run = folder.uturn(db, "up");
    // With GTIDs, MySQL refuses a statement that writes to both kinds of tables.
    assert!(run.code == Some(0) || run.err.contains("1785"), "{sql}: {}", run.err);
    db.forget_runs();
    run.err.contains(REPORTED) || run.out.contains(REPORTED)
}

on_each!(what_is_only_read_is_not_reported, |db| {
    set_up(db);
    for sql in [
        "INSERT INTO t SELECT n FROM plain",
        "INSERT INTO t SELECT n FROM vv",
        "INSERT INTO t (n) VALUES ((SELECT MAX(n) FROM plain))",
        "REPLACE INTO t SELECT n FROM plain WHERE n IN (SELECT n FROM v)",
        "UPDATE t SET n = (SELECT MAX(n) FROM plain)",
        "DELETE FROM t WHERE n IN (SELECT n FROM plain)",
        "UPDATE t JOIN plain p ON t.n = p.n SET t.n = p.n + 1",
        "UPDATE t AS a, v SET a.n = v.n WHERE a.n = v.n",
        "DELETE t FROM t JOIN plain ON t.n = plain.n",
        "DELETE FROM a USING t AS a JOIN vv ON a.n = vv.n",
        "SELECT * FROM plain",
        "SELECT n INTO @n FROM plain LIMIT 1",
        "DO (SELECT COUNT(*) FROM plain)",
        "INSERT INTO t WITH x AS (SELECT n FROM plain) SELECT n FROM x",
        "INSERT INTO t SELECT COUNT(*) FROM performance_schema.threads",
        "SELECT COUNT(*) FROM performance_schema.events_statements_history",
        "INSERT INTO t SELECT COUNT(*) FROM information_schema.TABLES",
        "INSERT INTO t VALUES (f())",
        "INSERT INTO reading VALUES (1)",
    ] {
        assert!(!is_reported(db, sql), "{sql}");
    }
    let of_mysql = [
        "WITH x AS (SELECT n FROM plain) UPDATE t SET n = 2 WHERE n IN (SELECT n FROM x)",
        "WITH x AS (SELECT n FROM plain) DELETE FROM t WHERE n IN (SELECT n FROM x)",
    ];
    for sql in of_mysql.iter().filter(|_| db.server.kind == "mysql") {
        assert!(!is_reported(db, sql), "{sql}");
    }
});

on_each!(what_is_written_is_reported, |db| {
    set_up(db);
    for sql in [
        "INSERT INTO plain SELECT n FROM t",
        "INSERT INTO vv VALUES (7)",
        "INSERT INTO plain (n) VALUES ((SELECT COUNT(*) FROM t))",
        "REPLACE INTO plain SELECT n FROM plain",
        "UPDATE plain SET n = n + 1",
        "UPDATE v SET n = n + (SELECT COUNT(*) FROM t)",
        "UPDATE t JOIN plain ON t.n = plain.n SET plain.n = 3",
        "DELETE FROM plain WHERE n IN (SELECT n FROM t)",
        "DELETE plain FROM t JOIN plain ON t.n = plain.n",
        "UPDATE t JOIN plain AS p ON t.n = p.n SET p.n = t.n + 1",
        "UPDATE t, plain SET t.n = 3, plain.n = 4",
        "DELETE p FROM t JOIN plain p",
        "UPDATE t JOIN vw ON t.n = vw.n SET t.n = 5",
        "INSERT INTO t VALUES (w(1))",
        "SELECT w(1)",
        "INSERT INTO t SELECT n FROM vw",
    ] {
        db.exec("DELETE FROM t");
        db.exec("INSERT INTO t VALUES (1)");
        assert!(is_reported(db, sql), "{sql}");
    }
    let of_mysql = ["WITH x AS (SELECT 1 AS n) UPDATE plain SET n = 2", "WITH x AS (SELECT 1 AS n) DELETE FROM plain"];
    for sql in of_mysql.iter().filter(|_| db.server.kind == "mysql") {
        assert!(is_reported(db, sql), "{sql}");
    }
});
