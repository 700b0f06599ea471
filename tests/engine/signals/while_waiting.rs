//! SIGINT while a statement only waits for another session's lock: nothing of it has run, so the first signal ends the wait,
//! however long the lock timeout is.

use crate::support::app::{Folder, Run};
use crate::support::live::Live;
use crate::support::own::Own;
use crate::support::server::{Db, on_each};
use mysql::Conn;
use mysql::prelude::Queryable;
use std::time::{Duration, Instant};

const STEM: &str = "20260101000000-m";
/// The wait ends within a second; the rest is for a busy machine. The locks are waited for as long as they are held.
const SOON: Duration = Duration::from_secs(4);
const UP: &str = "up --lock-timeout 60s";

fn folder(second: &str) -> Folder {
    Folder::with(&[(STEM, &format!("CREATE TABLE first (a INT); {second};"), "DROP TABLE first;")])
}

/// Sends the signal while this statement waits, and ends within the time.
fn stopped(folder: &Folder, db: &Db, waits_at: &str) -> Run {
    let mut live = Live::start(&mut folder.command(db, UP));
    let since = Instant::now();
    // In front of the first statement a signal ends the process at once.
    while !db.tables().iter().any(|table| table == "first") {
        assert!(since.elapsed() < Duration::from_secs(20), "the first statement does not run");
        std::thread::sleep(Duration::from_millis(10));
    }
    wait_for(db, waits_at);
    // Long enough to be looked at while it waits.
    std::thread::sleep(Duration::from_millis(700));
    let since = Instant::now();
    live.signal("INT");
    live.hears("SIGINT");
    let told = live.end();
    assert!(since.elapsed() < SOON, "{:?}: {told:?}", since.elapsed());
    told.exits(130)
}

/// In no database: on MySQL, none can be entered while it is dropped.
fn wait_for(db: &Db, part: &str) {
    let question = "SELECT INFO FROM information_schema.PROCESSLIST WHERE INFO IS NOT NULL AND ID <> CONNECTION_ID()";
    let mut conn = db.server.conn("");
    let mut seen: Vec<String> = Vec::new();
    for _ in 0..1000 {
        seen = conn.query(question).expect("it reads");
        if seen.iter().any(|info| info.contains(part)) {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("`{part}` does not run: {seen:?}");
}

fn exec(conn: &mut Conn, statements: &[&str]) {
    for statement in statements {
        conn.query_drop(statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
}

/// The next run goes on without a question, and does it once.
fn goes_on(folder: &Folder, db: &Db) {
    folder.uturn(db, "up").exits(0);
    folder.uturn(db, "status --exit-code").exits(0);
}

fn with_table(db: &Db) -> Conn {
    db.exec("CREATE TABLE t (id INT PRIMARY KEY, n INT NOT NULL)");
    db.exec("INSERT INTO t VALUES (1, 0)");
    db.conn()
}

on_each!(for_a_table, |db| {
    let mut other = with_table(db);
    exec(&mut other, &["START TRANSACTION", "SELECT * FROM t"]);
    let folder = folder("ALTER TABLE t ADD COLUMN m INT");
    let told = stopped(&folder, db, "ALTER TABLE t ADD");
    told.says("waits for a lock").says("by SIGINT: it was waiting for a lock").says("statement 2 had no effect");
    folder.uturn(db, "status").says("at statement 2 of 2");
    exec(&mut other, &["ROLLBACK"]);
    goes_on(&folder, db);
    assert_eq!(db.rows("SELECT id, n, m FROM t"), ["1|0|NULL"]);
});

on_each!(for_a_row, |db| {
    let mut other = with_table(db);
    exec(&mut other, &["START TRANSACTION", "UPDATE t SET n = n + 10 WHERE id = 1"]);
    let folder = folder("INSERT INTO t VALUES (2, 0); UPDATE t SET n = n + 1");
    let told = stopped(&folder, db, "UPDATE t SET n = n + 1");
    told.says("it was waiting for a lock").says("statement 3 had no effect").says("statement 2 was rolled back");
    exec(&mut other, &["ROLLBACK"]);
    goes_on(&folder, db);
    assert_eq!(db.rows("SELECT id, n FROM t"), ["1|1", "2|1"]);
});

on_each!(for_a_table_that_another_session_has_locked, |db| {
    let mut other = with_table(db);
    let folder = folder("ALTER TABLE t ADD COLUMN m INT");
    // Before it is announced, its table is looked at.
    exec(&mut other, &["LOCK TABLES t WRITE"]);
    let told = stopped(&folder, db, "TABLE");
    told.says("it was waiting for a lock").says("statement 2 had no effect");
    exec(&mut other, &["UNLOCK TABLES"]);
    goes_on(&folder, db);
    assert_eq!(db.rows("SELECT id, n, m FROM t"), ["1|0|NULL"]);
});

// A commit that holds nothing that only this process knows.
on_each!(for_rows_of_uturns_own, |db| {
    with_table(db);
    let folder = Folder::with(&[("20250101000000-before", "CREATE TABLE z (a INT);", "DROP TABLE z;")]);
    folder.uturn(db, "up").exits(0);
    folder.pair(STEM, "CREATE TABLE first (a INT); DO SLEEP(3); UPDATE t SET n = n + 1;", "DROP TABLE first;");
    let mut other = db.conn();
    let live = Live::start(&mut folder.command(db, UP));
    wait_for(db, "DO SLEEP(3)");
    exec(&mut other, &["LOCK TABLES refinery_schema_history_run WRITE, refinery_schema_history_step WRITE"]);
    wait_for(db, "refinery_schema_history");
    std::thread::sleep(Duration::from_secs(1));
    let since = Instant::now();
    live.signal("INT");
    let told = live.end();
    assert!(since.elapsed() < SOON, "{:?}: {told:?}", since.elapsed());
    told.exits(130).says("it determines what was applied and resumes");
    exec(&mut other, &["UNLOCK TABLES"]);
    goes_on(&folder, db);
    assert_eq!(db.rows("SELECT n FROM t"), ["1"]);
});

on_each!(for_a_backup, |db| {
    let kind = db.server.kind;
    let own = Own::start(kind, &[]);
    let backups: [(&[&str], &[&str]); 2] = [
        (&["FLUSH TABLES WITH READ LOCK"], &["UNLOCK TABLES"]),
        match kind {
            "mariadb" => (&["BACKUP STAGE START", "BACKUP STAGE BLOCK_DDL"], &["BACKUP STAGE END"]),
            _ => (&["LOCK INSTANCE FOR BACKUP"], &["UNLOCK INSTANCE"]),
        },
    ];
    for (begin, end) in backups {
        let db = own.server.database();
        let mut other = with_table(&db);
        let folder = Folder::with(&[(
            STEM,
            "CREATE TABLE first (a INT); DO SLEEP(2); CREATE TABLE b (a INT);",
            "DROP TABLE b, first;",
        )]);
        let live = Live::start(&mut folder.command(&db, UP));
        wait_for(&db, "DO SLEEP(2)");
        exec(&mut other, begin);
        std::thread::sleep(Duration::from_millis(3500));
        let since = Instant::now();
        live.signal("INT");
        let told = live.end();
        assert!(since.elapsed() < SOON, "{begin:?}, {:?}: {told:?}", since.elapsed());
        told.exits(130);
        exec(&mut other, end);
        goes_on(&folder, &db);
        assert_eq!(db.tables(), ["b", "first", "t"]);
    }
});

// A part of what it calls may have run.
on_each!(a_call_that_waits_is_left_to_itself, |db| {
    let mut other = with_table(db);
    db.exec("CREATE PROCEDURE p() BEGIN INSERT INTO t VALUES (2, 0); UPDATE t SET n = n + 1; END");
    exec(&mut other, &["START TRANSACTION", "UPDATE t SET n = n + 10 WHERE id = 1"]);
    let folder = folder("CALL p(); CREATE TABLE last (a INT)");
    let live = Live::start(&mut folder.command(db, UP));
    wait_for(db, "UPDATE t SET n");
    std::thread::sleep(Duration::from_millis(700));
    live.signal("INT");
    std::thread::sleep(Duration::from_secs(2));
    exec(&mut other, &["ROLLBACK"]);
    live.end().exits(130);
    goes_on(&folder, db);
    assert_eq!(db.rows("SELECT id, n FROM t"), ["1|1", "2|1"]);
});

// Its statement would stay behind on the server, and take effect when the lock is free.
on_each!(of_drop, |db| {
    let mut other = with_table(db);
    exec(&mut other, &["START TRANSACTION", "SELECT * FROM t"]);
    let live = Live::start(&mut Folder::new().command(db, "drop --yes"));
    wait_for(db, "DROP DATABASE");
    std::thread::sleep(Duration::from_millis(700));
    let since = Instant::now();
    live.signal("INT");
    live.end().exits(130).says("nothing has been changed");
    assert!(since.elapsed() < SOON, "{:?}", since.elapsed());
    exec(&mut other, &["ROLLBACK"]);
    assert_eq!(db.tables(), ["t"]);
});
