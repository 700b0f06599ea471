//! The host of a runner vanishes without a word: no FIN, no RST, as when it loses its power or its network. The server keeps
//! the dead runner's locks until its session has been idle for five minutes (here: seconds); then the next runner gets them,
//! and decides right what became of the statement that was under way.

use crate::support::app::{Folder, run};
use crate::support::aside::by_side;
use crate::support::proxy::Proxy;
use crate::support::server::{Db, on_each};
use std::process::Stdio;
use std::time::{Duration, Instant};

/// How long the server waits for a silent host.
const SECONDS: &str = "3";

/// A migration whose statements show it when they run twice, or not at all.
const UP: &str =
    "CREATE TABLE made (n INT); ALTER TABLE t ADD INDEX (n); UPDATE t SET n = n + 1; INSERT INTO made VALUES (1);";

/// Starts `up` through a proxy, waits until it is where it should be, and makes its host vanish.
fn vanish(db: &Db, folder: &Folder, point: Option<&str>, statement: Option<&str>) {
    let proxy = Proxy::start(&db.server.address(), "", 0);
    let place = tempfile::tempdir().expect("a temporary folder");
    let file = place.path().join("paused");
    let mut command = folder.command(db, "up");
    command.env("DATABASE_URL", proxy.url(db)).env("UTURN_FAILPOINT_SILENCE", SECONDS).stderr(Stdio::null());
    if let Some(point) = point {
        command.env("UTURN_FAILPOINT", format!("{point}:pause")).env("UTURN_FAILPOINT_FILE", &file);
    }
    let mut child = command.spawn().expect("the binary starts");
    match statement {
        Some(statement) => db.wait_for_statement(statement),
        None => {
            let since = Instant::now();
            while !file.exists() {
                assert!(since.elapsed() < Duration::from_secs(10), "{point:?} is never reached");
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    }
    proxy.fall_silent();
    child.kill().expect("it runs");
    child.wait().expect("it is dead");
    // The sockets stay open with the thread that accepts for the proxy, until the test's process ends.
}

/// The next runner, on another host.
fn next(db: &Db, folder: &Folder) -> crate::support::app::Run {
    let since = Instant::now();
    let next = run(folder.command(db, "up --wait 40s").env("UTURN_FAILPOINT_SILENCE", SECONDS));
    let waited = since.elapsed();
    assert!(waited > Duration::from_millis(1_500), "the locks are held for a while: {waited:?}, {}", next.err);
    next.exits(0).says("waiting up to")
}

on_each!(while_it_is_idle_between_two_statements, |db| {
    let points =
        ["ddl.after_intent:1", "ddl.after:1", "ddl.after_intent:2", "ddl.after:2", "dml.after:1", "commit.before:3"];
    by_side(&points, |point| {
        let db = &db.server.database();
        db.exec("CREATE TABLE t (n INT) ENGINE=InnoDB");
        db.exec("INSERT INTO t VALUES (0)");
        let folder = Folder::with(&[("20260101000000-m", UP, "SELECT 1;")]);
        vanish(db, &folder, Some(point), None);
        let said = next(db, &folder);
        assert_eq!(db.rows("SELECT n FROM t"), ["1"], "{point}: {}", said.err);
        assert_eq!(db.rows("SHOW INDEX FROM t").len(), 1, "{point}: {}", said.err);
        assert_eq!(db.rows("SELECT n FROM made"), ["1"], "{point}: {}", said.err);
        folder.uturn(db, "status --exit-code").exits(0);
    });
});

on_each!(while_a_statement_runs, |db| {
    for (slow, rows) in [
        // It takes effect long after its runner's host is gone, and is not run again.
        ("CREATE TABLE made AS SELECT SLEEP(2) AS n", 1),
        // It ends, but nobody commits it: the server rolls it back with the session, and it runs again.
        ("INSERT INTO t SELECT SLEEP(2)", 2),
    ] {
        db.exec("DROP TABLE IF EXISTS t, made, refinery_schema_history, refinery_schema_history_run, refinery_schema_history_step");
        db.exec("CREATE TABLE t (n INT) ENGINE=InnoDB");
        db.exec("INSERT INTO t VALUES (0)");
        let folder = Folder::with(&[("20260101000000-m", &format!("{slow}; UPDATE t SET n = n + 1;"), "SELECT 1;")]);
        vanish(db, &folder, None, Some(slow));
        let said = next(db, &folder);
        let ddl = slow.starts_with("CREATE");
        assert_eq!(said.err.contains("took effect"), ddl, "{}", said.err);
        assert_eq!(db.rows("SELECT n FROM t").len(), rows, "{slow}: {}", said.err);
        assert!(db.rows("SELECT n FROM t").iter().all(|n| n == "1"), "{slow}: {}", said.err);
        folder.uturn(db, "status --exit-code").exits(0);
    }
});
