//! What an undo, a `drop` and the gates of `plan` say of what goes: by the names that things have now, with rows.

use crate::support::app::Folder;
use crate::support::server::on_each;
use mysql::prelude::Queryable;
use serde_json::Value;

/// The announcement of a run with `--json`.
fn announced(out: &str) -> Value {
    let events = out.lines().map(|line| serde_json::from_str::<Value>(line).expect("a line of JSON"));
    events.into_iter().find(|event| event["event"] == "would_go").unwrap_or_default()
}

/// `t dropped 3`, one a table, and the same for columns.
fn lines(event: &Value) -> Vec<String> {
    let rows = |one: &Value| match (one["known"].as_bool(), one["exact"].as_bool()) {
        (Some(true), Some(true)) => one["rows"].to_string(),
        (Some(true), _) => format!(">{}", one["rows"]),
        _ => "?".to_owned(),
    };
    let word = |one: &Value, key: &str| one[key].as_str().unwrap_or_default().to_owned();
    let of = |key: &str| event[key].as_array().cloned().unwrap_or_default();
    let mut all: Vec<String> =
        of("tables").iter().map(|t| format!("{} {} {}", word(t, "table"), word(t, "what"), rows(t))).collect();
    all.extend(
        of("columns")
            .iter()
            .map(|c| format!("{}.{} {} {}", word(c, "table"), word(c, "column"), word(c, "what"), rows(c))),
    );
    all.extend(of("databases").iter().map(|d| format!("{}: {} tables {}", word(d, "database"), d["tables"], rows(d))));
    all.extend(of("not_known").iter().map(|n| format!("not known: {}", n["statement"])));
    all
}

on_each!(an_undo_names_what_goes_as_it_is_called_now, |db| {
    let other = format!("{}_other", db.name);
    let is_mariadb = db.server.kind == "mariadb";
    let swap = "RENAME TABLE t TO x, u TO t, x TO u";
    let using = format!("USE {other}; DROP TABLE o;");
    let qualified = format!("DROP TABLE {other}.o;");
    let database = format!("DROP DATABASE {other};");
    let here = |line: &str| vec![line.to_owned()];
    let of_other = here(&format!("{other}.o dropped 2"));
    let mut cases: Vec<(&str, Vec<String>)> = vec![
        ("RENAME TABLE t TO v; DROP TABLE v;", here("t dropped 3")),
        ("ALTER TABLE t RENAME v; DROP TABLE v;", here("t dropped 3")),
        ("DROP TABLE t; DROP TABLE IF EXISTS nosuch;", here("t dropped 3")),
        ("TRUNCATE t;", here("t emptied 3")),
        ("DELETE FROM t WHERE id = 1;", here("t deleted_from 3")),
        ("UPDATE t SET note = NULL;", here("t overwritten 3")),
        ("ALTER TABLE t DROP COLUMN note;", here("t.note dropped 2")),
        (
            "ALTER TABLE t CHANGE note n VARCHAR(9); ALTER TABLE t DROP n;",
            vec!["t.note converted 2".to_owned(), "t.note dropped 2".to_owned()],
        ),
        ("SET @q = 'DROP TABLE t'; PREPARE s FROM @q; EXECUTE s;", here("not known: 3")),
        ("CREATE TABLE n (a INT); DROP TABLE n;", vec![]),
        ("CREATE VIEW v AS SELECT * FROM t; DELETE FROM v; DROP VIEW v;", here("not known: 2")),
        (
            "DELETE a FROM { OJ t AS a LEFT OUTER JOIN t AS b ON a.id = b.id };",
            vec!["t deleted_from 3".to_owned(), "not known: 1".to_owned()],
        ),
        ("/*!999999 RENAME TABLE t TO x */; TRUNCATE t;", here("not known: 1")),
        (&using, of_other.clone()),
        (&qualified, of_other),
        (&database, here(&format!("{other}: 1 tables 2"))),
    ];
    if is_mariadb {
        cases.push(("CREATE OR REPLACE TABLE t (a INT);", here("t dropped 3")));
        cases.push(("RENAME TABLE IF EXISTS t TO v; DROP TABLE v;", here("t dropped 3")));
    } else {
        cases.push(("WITH x AS (SELECT 1) DELETE FROM t;", here("t deleted_from 3")));
        let period = "ALTER TABLE t RENAME COLUMN note TO period; ALTER TABLE t DROP period;";
        cases.push((period, here("t.note dropped 2")));
        let after_rename = "CREATE TEMPORARY TABLE t (id INT); RENAME TABLE t TO u; DROP TABLE u;";
        cases.push((after_rename, here("t dropped 3")));
    }
    for (down, expected) in &cases {
        db.exec("DROP TABLE IF EXISTS t, u, v, x");
        db.forget_runs();
        db.exec(&format!("DROP DATABASE IF EXISTS {other}"));
        db.exec(&format!("CREATE DATABASE {other}"));
        db.exec(&format!("CREATE TABLE {other}.o (a INT)"));
        db.exec(&format!("INSERT INTO {other}.o VALUES (1), (2)"));
        let a =
            "CREATE TABLE t (id INT PRIMARY KEY, note VARCHAR(9)); INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, NULL);";
        let folder = Folder::with(&[("20260101000000-a", a, down)]);
        folder.uturn(db, "up").exits(0);
        let run = folder.uturn(db, "undo --json").exits(0);
        assert_eq!(lines(&announced(&run.out)), *expected, "{down}");
    }
    // Across migrations, and swapped.
    db.exec("DROP TABLE IF EXISTS t, u, v, x");
    db.forget_runs();
    let folder = Folder::with(&[
        (
            "20260101000000-a",
            "CREATE TABLE t (id INT); CREATE TABLE u (id INT); INSERT INTO t VALUES (1), (2), (3);",
            "DROP TABLE t; DROP TABLE u;",
        ),
        ("20260102000000-b", &format!("{swap};"), &format!("{swap};")),
    ]);
    folder.uturn(db, "up").exits(0);
    let run = folder.uturn(db, "undo --all --json").exits(3);
    assert_eq!(lines(&announced(&run.out)), ["u dropped 3", "t dropped 0"]);
    let shown = folder.uturn(db, "undo --all").exits(3).says("2 tables will be dropped:\n    u  3 rows\n    t  0 rows");
    assert!(shown.err.contains("`--yes`"), "{}", shown.err);
    db.exec(&format!("DROP DATABASE IF EXISTS {other}"));
});

on_each!(a_table_that_cannot_be_counted_is_named_all_the_same_and_soon, |db| {
    let folder = Folder::with(&[(
        "20260101000000-a",
        "CREATE TABLE t (id INT); INSERT INTO t VALUES (1); CREATE TABLE gone (id INT); ALTER TABLE gone DISCARD TABLESPACE;",
        "DROP TABLE t; DROP TABLE gone;",
    )]);
    folder.uturn(db, "up").exits(0);
    let mut other = db.conn();
    other.query_drop("LOCK TABLES t WRITE").expect("a lock");
    let began = std::time::Instant::now();
    let run = folder.uturn(db, "undo --all --json").exits(3);
    assert_eq!(lines(&announced(&run.out)), ["t dropped ?", "gone dropped ?"]);
    assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
    db.exec("CREATE TABLE refinery_schema_history_backup (id INT)");
    db.exec("INSERT INTO refinery_schema_history_backup VALUES (1), (2)");
    let drop_all = folder.uturn(db, "drop").exits(3).says("gone").says("rows not known");
    drop_all.says("refinery_schema_history_backup  2 rows").never_says("refinery_schema_history_run");
    db.exec("DROP TABLE refinery_schema_history_backup");
    drop(other);
    folder.uturn(db, "undo --all").exits(3).says("t     1 row").says("gone  rows not known");
});

on_each!(what_views_call_is_followed_into_every_database, |db| {
    let other = format!("{}_other", db.name);
    db.exec(&format!("CREATE DATABASE {other}"));
    db.exec(&format!("CREATE TABLE {other}.kept (n INT)"));
    db.exec(&format!(
        "CREATE FUNCTION {other}.f() RETURNS INT DETERMINISTIC MODIFIES SQL DATA \
             BEGIN DELETE FROM {other}.kept; RETURN 1; END"
    ));
    db.exec(&format!("CREATE VIEW {other}.v AS SELECT {other}.f() AS n"));
    db.exec("CREATE TABLE t (n INT)");
    db.exec(&format!("CREATE VIEW calls AS SELECT {other}.f() AS n"));
    db.exec("CREATE VIEW calls_deeper AS SELECT c.n FROM calls AS c");
    db.exec(&format!("CREATE VIEW calls_elsewhere AS SELECT v.n FROM {other}.v AS v"));
    db.exec("CREATE VIEW plain AS SELECT COUNT(*) AS n, LOWER('A') AS a FROM t AS x");
    let calls = [
        "DO (SELECT COUNT(*) FROM calls);",
        "INSERT INTO t SELECT n FROM calls_deeper;",
        "SET @a = (SELECT MAX(n) FROM calls_elsewhere);",
        &format!("CREATE TABLE x SELECT n FROM {other}.v;"),
        &format!("USE {other}; DO (SELECT MAX(n) FROM v);"),
        "CREATE VIEW made AS SELECT n FROM calls; DO (SELECT MAX(n) FROM made);",
        &format!("CREATE VIEW made AS SELECT {other}.f() AS n; SELECT * FROM made;"),
    ];
    let plain = [
        "INSERT INTO t SELECT n FROM plain;",
        &format!("INSERT INTO t SELECT n FROM {other}.kept;"),
        "CREATE VIEW made AS SELECT n FROM plain; DO (SELECT MAX(n) FROM made);",
    ];
    let all = calls.iter().map(|sql| (*sql, true)).chain(plain.iter().map(|sql| (*sql, false)));
    for (sql, is_unknown) in all {
        db.forget_runs();
        let folder = Folder::with(&[("20260101000000-a", "DO 0;", sql), ("20260102000000-b", sql, "DO 0;")]);
        folder.uturn(db, "plan --steps 1").exits(0);
        folder.uturn(db, "plan --no-destructive").exits(i32::from(is_unknown));
        folder.uturn(db, "up --steps 1").exits(0);
        let run = folder.uturn(db, "undo --all --json").exits(3);
        let announced = lines(&announced(&run.out));
        assert_eq!(announced.iter().any(|line| line.starts_with("not known")), is_unknown, "{sql}: {announced:?}");
    }
    db.exec(&format!("DROP DATABASE {other}"));
});

on_each!(of_a_large_table_only_what_was_seen_is_announced, |db| {
    let up = "CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, none INT, few INT, full INT);";
    let down =
        "ALTER TABLE t DROP COLUMN none; ALTER TABLE t DROP COLUMN few; ALTER TABLE t DROP COLUMN full; DROP TABLE t;";
    let folder = Folder::with(&[("20260101000000-a", up, down)]);
    folder.uturn(db, "up").exits(0);
    db.exec("INSERT INTO t (few, full) VALUES (1, 1), (2, 1), (3, 1)");
    for _ in 0..16 {
        db.exec("INSERT INTO t (full) SELECT 1 FROM t");
    }
    let run = folder.uturn(db, "undo --all --json").exits(3);
    let mut seen = lines(&announced(&run.out));
    // Which rows are read first is the server's choice.
    let few = seen.iter().position(|line| line.starts_with("t.few")).expect("it is named");
    assert!(["t.few dropped >2", "t.few dropped ?"].contains(&seen.remove(few).as_str()), "{seen:?}");
    assert_eq!(seen, ["t dropped >100000", "t.none dropped ?", "t.full dropped >100000"]);
    folder.uturn(db, "undo --all").exits(3).says("values not known").never_says("more than 0");
});

on_each!(the_gate_against_destruction_passes_nothing_that_it_cannot_answer, |db| {
    db.exec("CREATE TABLE a (id INT PRIMARY KEY, n INT)");
    db.exec("INSERT INTO a VALUES (1, 1)");
    db.exec("CREATE TABLE seen (id INT)");
    db.exec("CREATE TRIGGER g BEFORE INSERT ON seen FOR EACH ROW DELETE FROM a");
    let mut ups = vec![
        "ALTER TABLE a DISCARD TABLESPACE;",
        "RENAME TABLE a TO b; DROP TABLE b;",
        "INSERT INTO seen VALUES (1);",
        "SET @q = 'DROP TABLE a'; PREPARE s FROM @q; EXECUTE s;",
        "DELETE FROM a WHERE n = 5;",
    ];
    if db.server.kind == "mariadb" {
        db.exec("CREATE TABLE v (id INT) WITH SYSTEM VERSIONING");
        db.exec("INSERT INTO v VALUES (1)");
        ups.extend([
            "RENAME TABLE IF EXISTS a TO b; ALTER TABLE b DROP COLUMN n;",
            "RENAME TABLE IF EXISTS a TO b; DROP TABLE b;",
            "ALTER TABLE v DROP SYSTEM VERSIONING;",
            "ALTER ONLINE IGNORE TABLE a ADD UNIQUE (n);",
        ]);
    } else {
        ups.push("WITH x AS (SELECT 1) DELETE FROM a;");
    }
    for up in ups {
        let folder = Folder::with(&[("20260101000000-m", up, "DO 0;")]);
        folder.uturn(db, "plan --no-destructive").exits(1).says("--no-destructive");
    }
    for up in ["CREATE TABLE c (id INT); DROP TABLE c;", "ALTER TABLE a ADD m INT;", "INSERT INTO a VALUES (2, 2);"] {
        let folder = Folder::with(&[("20260101000000-m", up, "DO 0;")]);
        folder.uturn(db, "plan --no-destructive").exits(0);
    }
});
