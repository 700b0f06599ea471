//! SIGINT and SIGTERM, once and twice, anywhere in a run: the first lets what is under way end, the second kills it on the
//! server; exit code, journal and schema are right each time, and the next run goes on.

mod while_waiting;

use crate::crash::points;
use crate::support::app::{Folder, Run, run};
use crate::support::aside::by_side;
use crate::support::live::Live;
use crate::support::script::{UNDO, UP, command, snapshot};
use crate::support::server::{Db, STEPS, Server, on_each};
use mysql::prelude::Queryable;
use std::time::{Duration, Instant};

/// Which signal, and how often.
type Signal = (&'static str, usize);

const ALL: [Signal; 4] = [("INT", 1), ("TERM", 1), ("INT", 2), ("TERM", 2)];

fn exit_code(signal: Signal) -> i32 {
    if signal.0 == "INT" { 130 } else { 143 }
}

/// The watch wakes up ten times a second; two of a kind within that time count once.
fn send(live: &Live, (name, times): Signal) {
    for _ in 0..times {
        live.signal(name);
        std::thread::sleep(Duration::from_millis(250));
    }
}

fn nothing_is_in_doubt(db: &Db) {
    if !db.rows("SHOW TABLES LIKE 'refinery_schema_history_step'").is_empty() {
        assert!(db.rows(&format!("SELECT step FROM {STEPS} WHERE state = 'intent'")).is_empty());
    }
}

/// Runs up to a point of the protocol, and gets the signal there.
fn at_point(db: &Db, words: &str, point: &str, signal: Signal) -> Run {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("paused");
    let mut command = command(db, words);
    command.env("UTURN_FAILPOINT", format!("{point}:pause")).env("UTURN_FAILPOINT_FILE", &file);
    let live = Live::start(&mut command);
    let since = Instant::now();
    while !file.exists() {
        assert!(since.elapsed() < Duration::from_secs(30), "{point} was never reached");
        std::thread::sleep(Duration::from_millis(5));
    }
    send(&live, signal);
    std::fs::remove_file(&file).expect("the pause's file is there");
    live.end()
}

fn twenty_points(server: &Server) {
    let db = server.database();
    let ups = points(&db, UP);
    let up_wanted = snapshot(&db);
    let undos = points(&db, UNDO);
    let undo_wanted = snapshot(&db);
    let (mut trials, mut stopped) = (Vec::new(), 0);
    for (words, points, wanted) in [(UP, &ups, &up_wanted), (UNDO, &undos, &undo_wanted)] {
        let sample = points.iter().step_by(1 + points.len() / 10);
        trials.extend(sample.flat_map(|point| ALL.map(|signal| (words, point, wanted, signal))));
    }
    let ends = std::sync::Mutex::new(Vec::new());
    by_side(&trials, |(words, point, wanted, signal)| {
        let db = server.database();
        if *words == UNDO {
            run(&mut command(&db, UP)).exits(0);
        }
        let first = at_point(&db, words, point, *signal);
        // Behind the last statement there is nothing left to stop.
        let is_done = first.code == Some(0);
        assert!(is_done || first.code == Some(exit_code(*signal)), "{point}, {signal:?}: {first:?}");
        assert!(first.err.contains(&format!("SIG{}", signal.0)), "{point}, {signal:?}: {first:?}");
        nothing_is_in_doubt(&db);
        let then = run(&mut command(&db, words)).exits(0);
        assert!(!is_done || then.err.contains("nothing to do"), "{point}, {signal:?}: {}", then.err);
        assert_eq!(&&snapshot(&db), wanted, "{signal:?} at {point} of `{words}`; {}; then: {}", first.err, then.err);
        ends.lock().expect("no trial panics with it").push(is_done);
    });
    let ends = ends.into_inner().expect("no trial panics with it");
    stopped += ends.iter().filter(|is_done| !**is_done).count();
    println!("{}: {} signals, {stopped} runs stopped, 0 wrong", server.kind, ends.len());
    assert!(trials.len() >= 80 && stopped > trials.len() / 2, "{stopped} of {}", trials.len());
}

on_each!(at_twenty_points, |db| twenty_points(&db.server));

/// A slow statement of each kind that adds 1 to t.n, and a quick one that does the same.
const KINDS: [(&str, &str, &str); 4] = [
    ("dml", "UPDATE t SET n = n + 1 + SLEEP(0.1)", "UPDATE t SET n = n + 1"),
    ("ddl", "CREATE TABLE made AS SELECT id, SLEEP(0.1) AS s FROM t", "CREATE TABLE made (id INT, s INT)"),
    ("call", "CALL slowly()", "UPDATE t SET n = n + 1"),
    ("waiting", "ALTER TABLE held ADD COLUMN b INT", "ALTER TABLE held ADD COLUMN b INT"),
];

fn slow(server: &Server, kind: &str, slow: &str, quick: &str, signal: Signal) {
    let db = server.database();
    db.exec("CREATE TABLE t (id INT PRIMARY KEY, n INT)");
    // A SLEEP that is killed ends without an error; what comes behind it does not.
    let rows: Vec<String> = (0..30).map(|id| format!("({id}, 0)")).collect();
    db.exec(&format!("INSERT INTO t VALUES {}", rows.join(", ")));
    db.exec("CREATE TABLE held (id INT PRIMARY KEY)");
    db.exec("CREATE PROCEDURE slowly() BEGIN UPDATE t SET n = n + 1 + SLEEP(0.1); END");
    let mut blocker = db.conn();
    if kind == "waiting" {
        blocker.query_drop("START TRANSACTION").expect("START TRANSACTION");
        blocker.query_drop("SELECT * FROM held").expect("SELECT");
    }
    let script = |second: &str| format!("CREATE TABLE first (a INT); {second}; CREATE TABLE last (a INT);");
    let folder = Folder::with(&[("20260101000000-slow", &script(slow), "DROP TABLE last;")]);
    let live = Live::start(&mut folder.command(&db, "up --lock-timeout 3s"));
    // Before the first statement each one is parsed, and a signal ends the process at once.
    while !db.tables().iter().any(|table| table == "first") {
        std::thread::sleep(Duration::from_millis(10));
    }
    // The process list shows the statement that a procedure is at.
    db.wait_for_statement(if kind == "call" { "UPDATE t SET n" } else { slow });
    send(&live, signal);
    let told = live.end().exits(exit_code(signal));
    let told = told.says("it resumes there");
    let told =
        if kind == "waiting" { told.says("gives up") } else { told.says("stopping as soon as statement 2 of 3") };
    let is_killed = signal.1 == 2 && kind != "waiting";
    if is_killed {
        told.says("is killed on the server").says("it was killed").says("statement 2 had no effect");
    } else if kind == "waiting" {
        // It waits for a lock: the first signal ends that.
        told.says("it was waiting for a lock").says("statement 2 had no effect");
    } else {
        told.says("before statement 3").says("statements 1 to 2 are done");
    }
    nothing_is_in_doubt(&db);
    let has_run = !is_killed && kind != "waiting";
    let made = db.tables().iter().any(|table| table == "made");
    let n = db.rows("SELECT DISTINCT n FROM t").concat();
    assert_eq!((made, n.as_str()), (has_run && kind == "ddl", if has_run && kind != "ddl" { "1" } else { "0" }));
    let error = db.rows("SELECT error FROM refinery_schema_history_run").concat();
    assert!(error.starts_with(&format!("SIG{}", signal.0)), "{error}");
    folder.uturn(&db, "status").says(if has_run { "at statement 3 of 3" } else { "at statement 2 of 3" });
    blocker.query_drop("ROLLBACK").expect("ROLLBACK");
    if !has_run {
        folder.file("20260101000000-slow.up.sql", script(quick));
    }
    folder.uturn(&db, "up").exits(0);
    let n = if matches!(kind, "dml" | "call") { "1" } else { "0" };
    assert_eq!(db.rows("SELECT DISTINCT n FROM t"), [n], "once");
    folder.uturn(&db, "status --exit-code").exits(0);
}

on_each!(in_statements_of_every_kind, |db| {
    let mut trials = Vec::new();
    let server = &db.server;
    trials.extend(KINDS.iter().flat_map(|kind| ALL.map(|signal| (server.clone(), *kind, signal))));
    by_side(&trials, |(server, (kind, slowly, quick), signal)| {
        println!("--- {kind}, {signal:?} on {}", server.kind);
        slow(server, kind, slowly, quick, *signal);
    });
});

on_each!(in_a_pause_between_two_tries_it_ends_at_once, |db| {
    let server = &db.server;
    for signal in [("INT", 1), ("TERM", 1)] {
        let db = server.database();
        db.exec("CREATE TABLE t (id INT PRIMARY KEY)");
        let mut blocker = db.conn();
        blocker.query_drop("START TRANSACTION").expect("START TRANSACTION");
        blocker.query_drop("SELECT * FROM t").expect("SELECT");
        let up = "ALTER TABLE t ADD COLUMN b INT;";
        let folder = Folder::with(&[("20260101000000-a", up, "ALTER TABLE t DROP COLUMN b;")]);
        let mut live = Live::start(&mut folder.command(&db, "up --lock-timeout 4s"));
        live.hears("again in");
        let since = Instant::now();
        live.signal(signal.0);
        live.end().exits(exit_code(signal)).says("it was not tried again").says("statement 1 had no effect");
        assert!(since.elapsed() < Duration::from_secs(3), "{:?}", since.elapsed());
        blocker.query_drop("ROLLBACK").expect("ROLLBACK");
        nothing_is_in_doubt(&db);
        folder.uturn(&db, "up").exits(0);
    }
});

on_each!(while_it_waits_for_another_runner_it_ends_at_once, |db| {
    let server = &db.server;
    let db = server.database();
    let folder = Folder::with(&[("20260101000000-slow", "SELECT SLEEP(4);", "SELECT 1;")]);
    let first = Live::start(&mut folder.command(&db, "up"));
    db.wait_for_statement("SELECT SLEEP(4)");
    for signal in [("INT", 1), ("TERM", 1)] {
        let mut second = Live::start(&mut folder.command(&db, "up"));
        second.hears("waiting up to");
        second.signal(signal.0);
        second.end().exits(exit_code(signal));
    }
    first.end().exits(0);
});
