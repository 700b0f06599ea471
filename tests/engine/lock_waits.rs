//! Other sessions hold locks that a migration needs: it waits briefly, lets go, says who is in the way, and comes back.

use crate::support::app::{Folder, run};
use crate::support::live::Live;
use crate::support::own::Own;
use crate::support::server::{Db, on_each, on_mariadb};
use mysql::Conn;
use mysql::prelude::Queryable;
use serde_json::Value;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

const READERS: usize = 50;
const ALTER: (&str, &str, &str) =
    ("20260101000000-alter", "ALTER TABLE t ADD COLUMN b INT;", "ALTER TABLE t DROP COLUMN b;");

/// A table, and a session with an open transaction on it.
fn blocked(db: &Db) -> Conn {
    db.exec("CREATE TABLE t (id INT PRIMARY KEY, n INT NOT NULL) ENGINE=InnoDB");
    db.exec("INSERT INTO t VALUES (1, 1)");
    open_transaction(db)
}

fn open_transaction(db: &Db) -> Conn {
    let mut blocker = db.conn();
    blocker.query_drop("START TRANSACTION").expect("START TRANSACTION");
    blocker.query_drop("UPDATE t SET n = n + 1 WHERE id = 1").expect("UPDATE");
    blocker
}

fn start(folder: &Folder, db: &Db, words: &str) -> Live {
    Live::start(&mut folder.command(db, words))
}

/// Reads until told to stop, and keeps the longest wait of all readers, in milliseconds.
fn read_on(db: &Db, table: &str, all_there: &Barrier, stop: &AtomicBool, longest: &AtomicU64) {
    let mut conn = db.conn();
    all_there.wait();
    while !stop.load(Ordering::SeqCst) {
        let since = Instant::now();
        let found: Option<u64> = conn.query_first(format!("SELECT id FROM {table} WHERE id = 1")).expect("it reads");
        assert_eq!(found, Some(1));
        longest.fetch_max(since.elapsed().as_millis() as u64, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// The lock timeout is two seconds; the blocker leaves behind the second try. Some readers of another table tell how long
/// a read takes on this machine that waits for nobody.
fn nobody_waits_long(db: &Db) {
    db.exec("CREATE TABLE other (id INT PRIMARY KEY)");
    db.exec("INSERT INTO other VALUES (1)");
    let mut blocker = blocked(db);
    let id = blocker.connection_id();
    let folder = Folder::with(&[ALTER]);
    let (stop, longest, usual) = (AtomicBool::new(false), AtomicU64::new(0), AtomicU64::new(0));
    let all_there = Barrier::new(READERS + 6);
    let up = std::thread::scope(|scope| {
        for reader in 0..READERS + 5 {
            let (table, longest) = if reader < READERS { ("t", &longest) } else { ("other", &usual) };
            let (all_there, stop) = (&all_there, &stop);
            scope.spawn(move || read_on(db, table, all_there, stop, longest));
        }
        all_there.wait();
        let mut up = start(&folder, db, "up --lock-timeout 2s");
        up.hears("(try 2 of 11)");
        blocker.query_drop("COMMIT").expect("COMMIT");
        let up = up.end();
        stop.store(true, Ordering::SeqCst);
        up
    });
    let (longest, usual) = (longest.load(Ordering::SeqCst), usual.load(Ordering::SeqCst));
    println!("{}: of {READERS} readers the longest waited {longest} ms, of others {usual} ms", db.server.kind);
    println!("{}", up.err);
    let up =
        up.exits(0).says(&format!("blocked by: connection {id} (")).says("Sleep for ").says("in a transaction of ");
    let up = up.says("at: UPDATE t SET n = n + 1 WHERE id = 1").says("did not get its locks within 2.");
    assert!(longest > 1_000, "the ALTER was in the queue, and readers behind it: {longest} ms; {}", up.err);
    assert!(longest < 3_000 + usual, "longer than the limit and a second: {longest} ms, others {usual} ms");
    assert_eq!(db.rows("SHOW COLUMNS FROM t LIKE 'b'").len(), 1);
    folder.uturn(db, "status --exit-code").exits(0);
}

/// Only with performance_schema does MariaDB tell what an idle session ran last.
const PERFORMANCE_SCHEMA: [&str; 3] = [
    "--performance-schema=ON",
    "--performance-schema-instrument=wait/lock/metadata/sql/mdl=ON",
    "--performance-schema-consumer-events-statements-current=ON",
];

on_each!(fifty_readers_never_wait_long_while_an_alter_waits_for_an_open_transaction, |db| match db.server.kind {
    "mariadb" => nobody_waits_long(&Own::start("mariadb", &PERFORMANCE_SCHEMA).server.database()),
    _ => nobody_waits_long(db),
});

on_each!(an_alter_that_gets_no_lock_gives_up_with_nothing_done_and_goes_on_later, |db| {
    let mut blocker = blocked(db);
    let (id, before) = (blocker.connection_id(), db.rows("SHOW CREATE TABLE t"));
    let up = "CREATE TABLE first (a INT); ALTER TABLE t ADD INDEX (n); INSERT INTO first VALUES (1);";
    let down = "ALTER TABLE t DROP INDEX n; DROP TABLE first;";
    let folder = Folder::with(&[("20260101000000-two", up, down)]);
    folder
        .uturn(db, "up --lock-timeout 1s --lock-retries 1")
        .exits(5)
        .says("(try 1 of 2)")
        .says("statement 1 is done and recorded; statement 2 had no effect; statement 3 has not run")
        .says("1205 (HY000)")
        .says(&format!("KILL {id}"))
        .says("it resumes there");
    assert_eq!(db.rows("SHOW CREATE TABLE t"), before);
    assert_eq!(db.rows("SELECT state FROM refinery_schema_history_step ORDER BY step"), ["done", "failed"]);
    folder.uturn(db, "status").says("at statement 2 of 3");
    blocker.query_drop("COMMIT").expect("COMMIT");
    folder.uturn(db, "up").exits(0).says("resumes at statement 2 of 3");
    assert_eq!((db.rows("SELECT a FROM first").len(), db.rows("SHOW INDEX FROM t").len()), (1, 2));
    // The way back is as patient.
    let mut blocker = open_transaction(db);
    folder.uturn(db, "undo --lock-timeout 1s --lock-retries 0").exits(5).says("statement 1 had no effect");
    let mut undo = start(&folder, db, "undo --lock-timeout 1s");
    undo.hears("again in");
    blocker.query_drop("COMMIT").expect("COMMIT");
    undo.end().exits(0).says("undone");
    assert_eq!(db.tables(), ["t"]);
});

// The statement rides in the packet that records the migration before it.
on_each!(what_is_recorded_is_told_while_the_next_statement_still_runs, |db| {
    let mut blocker = blocked(db);
    let folder = Folder::with(&[("20250101000000-first", "CREATE TABLE f (a INT);", "DROP TABLE f;"), ALTER]);
    let mut live = start(&folder, db, "up --lock-timeout 50s");
    live.hears("applied  20250101000000-first");
    assert_eq!((db.history().len(), db.rows("SHOW COLUMNS FROM t").len()), (1, 2));
    blocker.query_drop("COMMIT").expect("COMMIT");
    live.end().exits(0).says("applied  20260101000000-alter");
});

on_each!(dml_that_waits_for_a_row_or_a_table_is_rolled_back_and_comes_back, |db| {
    let mut blocker = blocked(db);
    let id = blocker.connection_id();
    let up = "SET innodb_lock_wait_timeout = 2; INSERT INTO t VALUES (2, 1); UPDATE t SET n = n * 10;";
    let folder = Folder::with(&[("20260101000000-rows", up, "DELETE FROM t WHERE id = 2;")]);
    folder
        .uturn(db, "up --lock-retries 0")
        .exits(5)
        .says("statement 2 was rolled back with it; statement 3 had no effect")
        .says(&format!("connection {id}"));
    let mut up = start(&folder, db, "up --lock-timeout 1s");
    up.hears(&format!("blocked by: connection {id}"));
    blocker.query_drop("COMMIT").expect("COMMIT");
    up.end().exits(0);
    assert_eq!(db.rows("SELECT * FROM t ORDER BY id"), ["1|20", "2|10"], "once");

    let mut blocker = db.conn();
    blocker.query_drop("LOCK TABLES t WRITE").expect("LOCK TABLES");
    folder.pair("20260102000000-more", "UPDATE t SET n = n + 1;", "UPDATE t SET n = n - 1;");
    let mut up = start(&folder, db, "up --lock-timeout 1s");
    up.hears("again in");
    blocker.query_drop("UNLOCK TABLES").expect("UNLOCK TABLES");
    up.end().exits(0);
    assert_eq!(db.rows("SELECT n FROM t ORDER BY id"), ["21", "11"], "once");
});

on_each!(a_migration_asks_for_its_own_patience, |db| {
    let _blocker = blocked(db);
    let up = "-- uturn: lock-timeout 2s\n-- uturn: lock-retries 0\nALTER TABLE t ADD INDEX (n);";
    let folder = Folder::with(&[("20260101000000-patient", up, "ALTER TABLE t DROP INDEX n;")]);
    let since = Instant::now();
    folder.uturn(db, "up --lock-timeout 20s").exits(5).never_says("again in");
    assert!((2..8).contains(&since.elapsed().as_secs()), "{:?}", since.elapsed());
    // A setting of the script itself counts from there on.
    folder.file("20260101000000-patient.up.sql", "SET lock_wait_timeout = 1; ALTER TABLE t ADD INDEX (n);");
    let since = Instant::now();
    folder.uturn(db, "up --lock-timeout 20s --lock-retries 0").exits(5);
    assert!(since.elapsed() < Duration::from_secs(8), "{:?}", since.elapsed());
    // Once it has let go, the next migration is as patient as the command says.
    folder.file("20260101000000-patient.up.sql", "-- uturn: lock-timeout 1s\nCREATE TABLE u (a INT);");
    folder.pair("20260102000000-next", "SELECT @@lock_wait_timeout INTO @x; CREATE TABLE w (a INT);", "DROP TABLE w;");
    folder.pair("20260103000000-last", "CREATE TABLE x AS SELECT @@lock_wait_timeout AS s;", "DROP TABLE x;");
    folder.uturn(db, "up --lock-timeout 7s").exits(0);
    assert_eq!(db.rows("SELECT s FROM x"), ["7"]);
    folder.file("20260104000000-bad.up.sql", "-- uturn: lock-timeout soon\nSELECT 1;");
    folder.file("20260104000000-bad.down.sql", "SELECT 1;");
    folder.uturn(db, "up").exits(2).says("`lock-timeout` needs a time such as `30s`");
});

on_each!(an_account_that_may_not_see_others_is_told_which_right_shows_them, |db| {
    let _blocker = blocked(db);
    let account = format!("few{}", db.name);
    db.exec(&format!("CREATE USER {account} IDENTIFIED BY 'pw'"));
    db.exec(&format!("GRANT ALL ON {}.* TO {account}", db.name));
    let folder = Folder::with(&[ALTER]);
    let url = db.server.url_as(&account, "pw", &db.name);
    let up =
        |url: &str| run(folder.command(db, "up --lock-timeout 1s --lock-retries 1").env("DATABASE_URL", url)).exits(5);
    let told = up(&url).says("to see more of who it is: ").says(&format!("GRANT PROCESS ON *.* TO '{account}'@'%'"));
    if db.server.kind == "mysql" {
        told.says(&format!("GRANT SELECT ON performance_schema.* TO '{account}'@'%'"));
        db.exec(&format!("GRANT SELECT ON performance_schema.* TO {account}"));
    }
    db.exec(&format!("GRANT PROCESS ON *.* TO {account}"));
    up(&url).says("blocked by: ").says("(uturn@").never_says("GRANT");
    db.exec(&format!("DROP USER {account}"));
});

on_mariadb!(mariadb_s_plugin_tells_who_holds_a_table, |db| {
    let server = &db.server;
    let own = Own::start("mariadb", &[]);
    let db = own.server.database();
    // An older transaction, which has nothing to do with it.
    let mut other = db.conn();
    other.query_drop("START TRANSACTION WITH CONSISTENT SNAPSHOT").expect("START TRANSACTION");
    let told = |db: &Db, blocker: &Conn| {
        let told = Folder::with(&[ALTER]).uturn(db, "up --lock-timeout 1s --lock-retries 1").exits(5);
        told.says(&format!("connection {} (uturn@", blocker.connection_id()))
    };
    // Without it, what is named may be the wrong one.
    let blocker = blocked(&db);
    let guess = told(&db, &blocker).says("INSTALL SONAME 'metadata_lock_info'");
    guess.says(&format!("blocked by: perhaps connection {}", other.connection_id()));
    // `scripts/test` starts its server with the plugin.
    let db = server.database();
    let blocker = blocked(&db);
    told(&db, &blocker).never_says("perhaps").never_says("INSTALL");
});

on_each!(a_table_that_nobody_may_even_look_at_is_waited_for_as_the_statement_would_be, |db| {
    db.exec("CREATE TABLE t (id INT PRIMARY KEY)");
    let (stem, down) = ("20260101000000-a", "ALTER TABLE t DROP COLUMN n;");
    let folder = Folder::with(&[(stem, "ALTER TABLE t ADD COLUMN n INT;", down)]);
    let mut other = db.conn();
    other.query_drop("LOCK TABLES t WRITE").expect("LOCK TABLES");
    let told = folder.uturn(db, "up --lock-timeout 1s --lock-retries 1").exits(5);
    told.says("try 1 of 2").says("statement 1 had no effect").says("Lock wait timeout exceeded");
    folder.uturn(db, "status").says("pending");
    let up = start(&folder, db, "up --lock-timeout 1s --lock-retries 5");
    std::thread::sleep(Duration::from_secs(3));
    other.query_drop("UNLOCK TABLES").expect("UNLOCK TABLES");
    up.end().exits(0).never_says("part of it");
    assert_eq!(db.rows("SHOW COLUMNS FROM t").len(), 2);
});

on_each!(a_backup_that_holds_back_every_commit_is_waited_for, |db| {
    let kind = db.server.kind;
    let own = Own::start(kind, &[]);
    let db = own.server.database();
    db.exec("CREATE TABLE t (id INT PRIMARY KEY, n INT)");
    let folder = Folder::with(&[("20260101000000-a", "CREATE TABLE a (x INT);", "DROP TABLE a;")]);
    folder.uturn(&db, "up").exits(0);
    folder.pair("20260102000000-b", "CREATE TABLE b (x INT); INSERT INTO b VALUES (1);", "DROP TABLE b;");
    let mut backup = db.conn();
    backup.query_drop("FLUSH TABLES WITH READ LOCK").expect("FLUSH TABLES");
    let up = start(&folder, &db, "up --lock-timeout 1s --lock-retries 3");
    std::thread::sleep(Duration::from_secs(4));
    backup.query_drop("UNLOCK TABLES").expect("UNLOCK TABLES");
    up.end().exits(0);
    assert_eq!(db.rows("SELECT x FROM b"), ["1"]);
});

on_each!(a_statement_of_some_seconds_shows_that_it_is_alive, |db| {
    let folder = Folder::with(&[("20260101000000-slow", "SELECT SLEEP(3.5);", "SELECT 1;")]);
    let told = folder.uturn(db, "up --json").exits(0);
    let events: Vec<Value> =
        told.out.lines().map(|line| serde_json::from_str(line).expect("an object a line")).collect();
    let progress: Vec<&Value> = events.iter().filter(|event| event["event"] == "progress").collect();
    assert_eq!(progress.len(), 1, "one in ten seconds: {}", told.out);
    assert_eq!((&progress[0]["statement"], &progress[0]["statements"]), (&1.into(), &1.into()));
    assert!((1.0..3.5).contains(&progress[0]["seconds"].as_f64().expect("a number")), "{}", told.out);
    assert!(progress[0]["state"].as_str().is_some_and(|state| state.contains("sleep")), "{}", told.out);
    // In a log it would be a line a minute.
    folder.uturn(db, "undo").exits(0);
    assert_eq!(folder.uturn(db, "up").exits(0).err.lines().count(), 1);
});
