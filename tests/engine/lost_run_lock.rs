//! While a run has lost its connections, and with them its locks, others run, stop, and protect: it goes on only from what
//! it has left itself.

use crate::support::app::Folder;
use crate::support::live::Live;
use crate::support::pause::{kill_sessions, paused};
use crate::support::server::{Db, on_each};

const B: &str = "20260102000000-b";
const C: &str = "20260103000000-c";
/// Older than both, and newer.
const X: &str = "20260101000000-x";
const D: &str = "20260104000000-d";

/// Counts each run of its first statement; its second one fails.
const STOPS: &str = "UPDATE total SET n = n + 1; ALTER TABLE total ADD n INT;";
const MENDED: &str = "UPDATE total SET n = n + 1; ALTER TABLE total ADD m INT;";

/// B and C are applied.
fn two(db: &Db) -> Folder {
    db.exec("CREATE TABLE total (n INT)");
    db.exec("INSERT INTO total VALUES (0)");
    let folder = Folder::with(&[
        (B, "CREATE TABLE b (n INT); INSERT INTO b VALUES (1);", "DELETE FROM b; DROP TABLE b;"),
        (C, "CREATE TABLE c (n INT);", "DROP TABLE c;"),
    ]);
    folder.uturn(db, "up").exits(0);
    folder
}

/// The migration that stopped resumes where it stopped, and its first statement has run once.
fn goes_on(folder: &Folder, db: &Db, stem: &str) {
    folder.uturn(db, "status").exits(0).says(stem).says("stopped");
    folder.pair(stem, MENDED, "ALTER TABLE total DROP m;").uturn(db, "up").exits(0).says("resumes at statement 2 of 2");
    assert_eq!(db.rows("SELECT n FROM total"), ["1"]);
}

on_each!(nobody_comes_between_the_halves_of_a_redo_or_reset, |db| {
    for words in ["redo", "reset --yes"] {
        db.exec("DROP TABLE IF EXISTS total, b, c, refinery_schema_history");
        db.exec("DROP TABLE IF EXISTS refinery_schema_history_run, refinery_schema_history_step");
        let folder = two(db);
        let mut waiting = None;
        paused(folder.command(db, words), "commit.before:1", || {
            // Only the other one has it.
            folder.pair(X, STOPS, "SELECT 1;");
            let mut other = Live::start(&mut folder.command(db, "up"));
            other.hears("waiting up to");
            waiting = Some(other);
        })
        .exits(0)
        .says(&format!("undone   {C}"))
        .says(&format!("applied  {C}"));
        waiting.expect("it was started").end().exits(5).says(&format!("migration `{X}` stopped"));
        goes_on(&folder, db, X);
    }
});

on_each!(a_redo_does_not_run_on_top_of_what_another_runner_has_left_open, |db| {
    let folder = two(db);
    // The down has two commits; the third is the first one of the up.
    let run = paused(folder.command(db, "redo"), "commit.before:3", || {
        kill_sessions(db);
        folder.pair(X, STOPS, "SELECT 1;").uturn(db, "up").exits(5);
    });
    run.exits(5)
        .says(&format!("migration `{X}`, which another runner began while this run waited, stopped part-way"))
        .says("run `uturn up --steps 1` to complete it")
        .never_says("nothing has been changed");
    goes_on(&folder, db, X);
    assert_eq!(db.tables(), ["b", "c", "total"]);
});

on_each!(an_undo_does_not_run_on_top_of_what_another_runner_has_left_open, |db| {
    let folder = two(db);
    let run = paused(folder.command(db, "undo"), "commit.before:1", || {
        kill_sessions(db);
        folder.pair(D, STOPS, "SELECT 1;").uturn(db, "up").exits(5);
    });
    run.exits(3)
        .says(&format!("migration `{D}`, which another runner began"))
        .says("nothing has been changed by this run");
    assert_eq!(db.tables(), ["b", "c", "total"]);
    goes_on(&folder, db, D);
});

// One migration is undone when the sessions are lost: what is told then is not that nothing has been changed.
on_each!(what_an_undo_has_done_before_is_told, |db| {
    let folder = two(db);
    // C's intent, C's row, B's rows.
    let run = paused(folder.command(db, "undo --all --yes"), "commit.before:3", || {
        kill_sessions(db);
        folder.uturn(db, "status").says("pending");
        folder.pair(X, STOPS, "SELECT 1;").uturn(db, "up").exits(5);
    });
    run.exits(5)
        .says(&format!("undone   {C}"))
        .says(&format!("migration `{X}`, which another runner began"))
        .never_says("nothing has been changed");
    assert_eq!(db.rows("SELECT n FROM b"), ["1"]);
    goes_on(&folder, db, X);
});

on_each!(a_database_that_is_protected_meanwhile_is_not_undone, |db| {
    let folder = two(db);
    paused(folder.command(db, "undo"), "commit.before:1", || {
        kill_sessions(db);
        folder.uturn(db, "protect").exits(0).says("is protected");
    })
    .exits(3)
    .says("the database was protected while this run waited")
    .says("nothing has been changed by this run");
    assert_eq!(db.tables(), ["b", "c", "total"]);
    folder.uturn(db, "unprotect").exits(0);
    paused(folder.command(db, "undo --all --yes"), "commit.before:3", || {
        kill_sessions(db);
        folder.uturn(db, "protect").exits(0);
    })
    .exits(5)
    .says("the database was protected while this run waited")
    .never_says("nothing has been changed");
    assert_eq!(db.rows("SELECT n FROM b"), ["1"]);
});

on_each!(a_newer_migration_that_is_applied_meanwhile_makes_another_undo_of_it, |db| {
    let folder = two(db);
    paused(folder.command(db, "undo"), "commit.before:1", || {
        kill_sessions(db);
        folder.pair(D, "CREATE TABLE d (n INT);", "DROP TABLE d;").uturn(db, "up").exits(0);
    })
    .exits(3)
    .says("the history changed while this run waited")
    .says("nothing has been changed by this run");
    assert_eq!(db.tables(), ["b", "c", "d", "total"]);
    // One that the request does not mean is no obstacle.
    paused(folder.command(db, "undo"), "commit.before:1", || {
        kill_sessions(db);
        folder.pair(X, "CREATE TABLE x (n INT);", "DROP TABLE x;").uturn(db, "up").exits(0);
    })
    .exits(0)
    .says(&format!("undone   {D}"));
    assert_eq!(db.tables(), ["b", "c", "total", "x"]);
});

on_each!(what_an_undo_has_undone_and_another_runner_applied_again_stays, |db| {
    let folder = two(db);
    paused(folder.command(db, "undo --all --yes"), "commit.before:3", || {
        kill_sessions(db);
        folder.uturn(db, "up").exits(0).says(&format!("applied  {C}"));
    })
    .exits(5)
    .says("the history changed while this run waited");
    assert_eq!(db.tables(), ["b", "c", "total"]);
    assert_eq!(db.history().len(), 2);
});

on_each!(an_up_finds_done_what_another_runner_has_done_meanwhile, |db| {
    let folder = two(db);
    let count = "UPDATE total SET n = n + 1;";
    for (stem, next) in [(D, "20260105000000-e"), ("20260106000000-f", "20260107000000-g")] {
        folder.pair(stem, count, "SELECT 1;").pair(next, count, "SELECT 1;");
        paused(folder.command(db, "up"), "commit.before:1", || {
            kill_sessions(db);
            folder.uturn(db, if stem == D { "up" } else { "up --steps 1" }).exits(0);
        })
        .exits(0);
    }
    assert_eq!(db.rows("SELECT n FROM total"), ["4"]);
});

// What another runner has left open of this run's own goal is completed, before anything else is begun.
on_each!(an_up_completes_first_what_another_runner_has_left_open, |db| {
    let folder = two(db);
    folder.pair(X, "ALTER TABLE total ADD n INT;", "SELECT 1;").pair(D, MENDED, "ALTER TABLE total DROP m;");
    let others = Folder::with(&[(D, STOPS, "SELECT 1;")]);
    for stem in [B, C] {
        for way in ["up", "down"] {
            let name = format!("{stem}.{way}.sql");
            std::fs::copy(folder.at(&name), others.at(&name)).expect("the file can be copied");
        }
    }
    paused(folder.command(db, "up"), "commit.before:1", || {
        kill_sessions(db);
        others.uturn(db, "up").exits(5);
    })
    .exits(5)
    .says("resumes at statement 2 of 2")
    .says(&format!("applied  {D}"))
    .says(&format!("migration `{X}` stopped"));
    folder.pair(X, "SELECT 1;", "SELECT 1;").uturn(db, "up").exits(0);
    assert_eq!(db.rows("SELECT n FROM total"), ["1"]);
});

// Both halves run on one connection.
on_each!(the_up_of_a_redo_sees_nothing_of_its_down_s_session, |db| {
    let up = "CREATE TABLE t (n INT, word VARCHAR(9)); INSERT INTO t VALUES (@x, \"word\"); CREATE TABLE s (n INT);";
    let down = "DROP TABLE t; DROP TABLE s; SET @x = 7; SET sql_mode = 'ANSI_QUOTES'; \
                    CREATE TEMPORARY TABLE s (n INT); USE information_schema;";
    let folder = Folder::with(&[(B, up, down)]);
    folder.uturn(db, "up").exits(0);
    for words in ["redo", "reset --yes"] {
        folder.uturn(db, words).exits(0).says("applied");
        assert_eq!(db.rows("SELECT * FROM t"), ["NULL|word"], "{words}");
        assert_eq!(db.tables(), ["s", "t"], "{words}");
    }
});
