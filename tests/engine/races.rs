//! One runner at a time: many start at once, and every migration runs exactly once.

use crate::support::app::{Folder, Run, run};
use crate::support::live::Live;
use crate::support::own::Own;
use crate::support::server::{Db, on_each};
use std::process::Stdio;
use std::time::Duration;

/// Lets the statement lock of the session that calls it go.
const LET_GO: &str = "CREATE FUNCTION let_go() RETURNS INT NOT DETERMINISTIC NO SQL RETURN RELEASE_LOCK(CONCAT('uturn:sql:', \
                      LEFT(SHA2(CONCAT(DATABASE(), CHAR(0), 'refinery_schema_history'), 256), 40)))";
/// What a run's row must have, beside its number and its state.
const COLUMNS: &str =
    "version, name, direction, checksum, statements, irreversible, account, os_user, program, server, started_at";

const RUNNERS: usize = 16;
const TIMES: usize = 20;

/// Migrations that tell when they run twice.
fn counting() -> Folder {
    Folder::with(&[
        ("20260101000000-one", "CREATE TABLE one (n INT); INSERT INTO one VALUES (1);", "DROP TABLE one;"),
        (
            "20260102000000-two",
            "ALTER TABLE one ADD INDEX (n); UPDATE one SET n = n + 1;",
            "ALTER TABLE one DROP INDEX n;",
        ),
        ("20260103000000-three", "UPDATE one SET n = n * 10;", "UPDATE one SET n = n / 10;"),
    ])
}

on_each!(sixteen_runners_at_once_run_every_migration_exactly_once, |db| {
    let folder = counting();
    for round in 0..TIMES {
        let start = |_| {
            let mut command = folder.command(db, "up");
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts")
        };
        let children: Vec<_> = (0..RUNNERS).map(start).collect();
        let mut applied = 0;
        for child in children {
            let run = Run::new(child.wait_with_output().expect("the binary ends"));
            assert!(matches!(run.code, Some(0 | 4)), "round {round}: {run:?}");
            applied += run.err.lines().filter(|line| line.starts_with("applied")).count();
        }
        assert_eq!(applied, 3, "round {round}: each is announced by one runner");
        assert_eq!(db.rows("SELECT n FROM one"), ["20"], "round {round}");
        assert_eq!(db.rows("SHOW INDEX FROM one").len(), 1, "round {round}");
        assert_eq!(db.history().len(), 3);
        folder.uturn(db, "undo --all --yes").exits(0);
    }
});

on_each!(a_second_runner_says_for_whom_it_waits_and_gives_up_in_time, |db| {
    let folder = Folder::with(&[("20260101000000-slow", "SELECT SLEEP(10);", "SELECT 1;")]);
    let mut first = folder.command(db, "up").stderr(Stdio::piped()).spawn().expect("the binary starts");
    db.wait_for_statement("SELECT SLEEP(10)");
    let before = db.rows("SHOW TABLES");
    folder
        .uturn(db, "up --wait 1s")
        .exits(4)
        .says("waiting up to 1.0 s for connection")
        .says("nothing has been changed");
    assert_eq!(db.rows("SHOW TABLES"), before);
    folder.uturn(db, "status").exits(0).says("20260101000000-slow");
    let second = folder.uturn(db, "up").exits(0).says("nothing to do");
    assert!(
        second.err.contains("waiting up to 60.0 s") || second.err.contains("waiting up to 1 min"),
        "{}",
        second.err
    );
    assert!(first.wait().expect("the first runner ends").success());
    assert_eq!(db.history().len(), 1);
});

on_each!(a_runner_whose_run_lock_was_killed_lets_the_next_one_go_first_and_repeats_nothing, |db| {
    db.exec("CREATE TABLE t (n INT)");
    db.exec("INSERT INTO t VALUES (0)");
    let folder = Folder::with(&[
        ("20260101000000-slow", "SET @x = 1; SELECT SLEEP(2);", "SELECT 1;"),
        ("20260102000000-two", "UPDATE t SET n = n + 1; ALTER TABLE t ADD INDEX (n);", "SELECT 1;"),
        ("20260103000000-three", "UPDATE t SET n = n + 1;", "SELECT 1;"),
    ]);
    let start = || folder.command(db, "up").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let first = start();
    let sessions = |doing: &str| {
        let query = "SELECT ID FROM information_schema.PROCESSLIST WHERE DB = DATABASE() AND ID <> CONNECTION_ID()";
        db.rows(&format!("{query} AND {doing}"))
    };
    while sessions("INFO LIKE 'SELECT SLEEP(2)%'").is_empty() {
        std::thread::sleep(Duration::from_millis(20));
    }
    for holder in sessions("COMMAND = 'Sleep'") {
        db.exec(&format!("KILL {holder}"));
    }
    let second = start();
    for child in [first, second] {
        Run::new(child.wait_with_output().expect("it ends")).exits(0);
    }
    assert_eq!(db.rows("SELECT n FROM t"), ["2"]);
    assert_eq!((db.rows("SHOW INDEX FROM t").len(), db.history().len()), (1, 3));
});

// GET_LOCK does not keep runners apart everywhere. The numbers of the runs do: whoever takes one that is taken is stopped,
// and nothing of it stands.
on_each!(a_runner_that_no_lock_has_kept_out_is_stopped_by_the_number_of_its_run, |db| {
    let folder = Folder::with(&[
        ("20260101000000-one", "CREATE TABLE t (n INT);", "DROP TABLE t;"),
        ("20260102000000-two", "INSERT INTO t VALUES (1); SELECT SLEEP(2);", "DELETE FROM t;"),
    ]);
    folder.uturn(db, "up --steps 1").exits(0);
    let first = Live::start(&mut folder.command(db, "up"));
    db.wait_for_statement("SELECT SLEEP(2)");
    db.exec(&format!(
        "INSERT INTO refinery_schema_history_run (run_no, state, {COLUMNS}) \
             SELECT run_no + 1, 'done', {COLUMNS} FROM refinery_schema_history_run"
    ));
    first.end().exits(4).says("another uturn runs migrations here").says("1062");
    assert!(db.rows("SELECT n FROM t").is_empty(), "nothing of it stands");
    folder.uturn(db, "up").exits(0).says("20260102000000-two");
    assert_eq!(db.rows("SELECT run_no FROM refinery_schema_history_run"), ["1", "2", "3"]);
});

/// What a trigger on the history does, it does in the packet of the next intent, in front of it.
fn with_a_trigger(db: &Db, body: &str) -> Run {
    let folder = Folder::new();
    for n in 1..=3 {
        folder.pair(
            &format!("2026010{n}000000-m{n}"),
            &format!("CREATE TABLE t{n} (a INT);"),
            &format!("DROP TABLE t{n};"),
        );
    }
    folder.uturn(db, "up --steps 1").exits(0);
    db.exec(&format!("CREATE TRIGGER tr AFTER INSERT ON refinery_schema_history FOR EACH ROW {body}"));
    let run = folder.uturn(db, "up");
    db.exec("DROP TRIGGER tr");
    assert_eq!(db.rows("SHOW TABLES LIKE 't_'"), ["t1", "t2"], "{}", run.err);
    assert_eq!(db.history().len(), 2, "{}", run.err);
    folder.uturn(db, "up").exits(0);
    assert_eq!(db.history().len(), 3);
    run
}

// The end of one run and the beginning of the next are one statement: a number that is taken is an error there too, and so is
// a lock that is gone.
on_each!(a_number_that_is_taken_or_a_lock_that_is_lost_between_two_migrations_ends_the_run, |db| {
    let body = format!(
        "INSERT INTO refinery_schema_history_run (run_no, state, {COLUMNS}) \
             SELECT run_no + 2, 'done', {COLUMNS} FROM refinery_schema_history_run WHERE run_no = 1"
    );
    with_a_trigger(db, &body).exits(5).says("another uturn runs migrations here");
    let runs = "SELECT run_no, state FROM refinery_schema_history_run";
    assert_eq!(db.rows(runs), ["1|done", "2|done", "3|done", "4|done"]);
    let other = db.server.database();
    with_a_trigger(&other, "DO RELEASE_ALL_LOCKS()").exits(5).says("no longer holds its lock");
    assert_eq!(other.rows(runs), ["1|done", "2|done", "3|done"]);
});

// A statement that commits by itself is not run without the lock, and its intent is not written; what is done stays recorded.
on_each!(a_session_that_has_lost_its_lock_runs_nothing_more, |db| {
    // Of a script that says so itself, it is refused.
    db.exec(LET_GO);
    let up = "CREATE TABLE a (x INT); DO let_go(); CREATE TABLE b (x INT); INSERT INTO b VALUES (1);";
    let folder = Folder::with(&[("20260101000000-m", up, "DROP TABLE b; DROP TABLE a;")]);
    folder
        .uturn(db, "up")
        .exits(5)
        .says("no longer holds its lock")
        .says("statements 1 to 2 are done and recorded; statement 3 has not run; statement 4 has not run");
    assert_eq!(db.rows("SHOW TABLES LIKE '_'"), ["a"]);
    assert_eq!(db.rows("SELECT step, state FROM refinery_schema_history_step ORDER BY step"), ["1|done", "2|done"]);
    folder.uturn(db, "up").exits(0).says("resumes at statement 3 of 4");
    assert_eq!(db.rows("SELECT x FROM b"), ["1"]);
});

// The down of a half-run migration closes the run that it takes back. Without the lock neither stands alone.
on_each!(a_way_back_that_loses_its_lock_is_still_the_way_back_of_a_half_run_migration, |db| {
    db.exec(LET_GO);
    db.exec("CREATE TABLE t (n INT)");
    db.exec("CREATE TABLE extra (n INT)");
    let up = "INSERT INTO t VALUES (1); COMMIT; INSERT INTO nosuch VALUES (1);";
    let folder = Folder::with(&[("20260101000000-m", up, "SET @x = let_go(); ALTER TABLE extra ADD m INT;")]);
    folder.uturn(db, "up").exits(5);
    folder.uturn(db, "undo").exits(3).says("what the function `let_go` does is not known");
    folder.uturn(db, "undo --down-data run").exits(5).says("no longer holds its lock");
    assert_eq!(db.rows("SELECT state FROM refinery_schema_history_run ORDER BY run_no"), ["failed", "running"]);
    folder.uturn(db, "up").exits(3);
    assert_eq!(db.rows("SELECT n FROM t"), ["1"]);
});

// As on Windows and macOS.
on_each!(where_the_server_folds_names_a_database_is_one_by_any_spelling, |db| {
    let kind = db.server.kind;
    let own = Own::start(kind, &["--lower-case-table-names=1"]);
    let db = own.server.database();
    let folder = Folder::with(&[("20260101000000-slow", "SELECT SLEEP(5);", "SELECT 1;")]);
    let first = folder.command(&db, "up").stderr(Stdio::piped()).spawn().expect("the binary starts");
    db.wait_for_statement("SELECT SLEEP(5)");
    let other = own.server.url_as("uturn", "uturn", &db.name.to_uppercase());
    run(folder.command(&db, "up --wait 0").env("DATABASE_URL", other)).exits(4);
    Run::new(first.wait_with_output().expect("the binary ends")).exits(0);
    assert_eq!(db.history().len(), 1);
});
