//! Which migration `undo` takes where nobody says: the newest one, unless another one was applied last. And what the last
//! `up` has applied.

use crate::support::app::{Folder, run};
use crate::support::live::Live;
use crate::support::server::{Db, on_each};
use mysql::prelude::Queryable;

const H1: &str = "20260101000000-h1";
const LATE: &str = "20260102120000-late";
const H3: &str = "20260103000000-h3";

/// h1 and h3 by one `up`, and `late` by the next one.
fn late(db: &Db) -> Folder {
    let folder = Folder::of_tables(&[H1, H3]);
    folder.uturn(db, "up").exits(0);
    folder.table(LATE);
    folder.uturn(db, "up").exits(0);
    folder
}

on_each!(behind_a_late_migration_a_bare_undo_or_redo_asks_which_one, |db| {
    let folder = late(db);
    let before = db.everything();
    let both = format!("the newest applied migration is `{H3}`, but `{LATE}` was applied last");
    for words in ["undo", "undo --yes", "redo", "redo --yes"] {
        let verb = words.split(' ').next().expect("a word");
        folder
            .uturn(db, words)
            .exits(3)
            .says(&both)
            .says("nothing has been changed")
            .says(&format!("`uturn {verb} --steps 1` takes `{H3}`"))
            .says(&format!("`uturn undo --last-up` undoes what the last `up` has applied: `{LATE}`"));
    }
    folder.uturn(db, "undo --dry-run").exits(0).says(&format!("note: {both}")).says("DROP TABLE h3");
    folder.uturn(db, "redo --dry-run").exits(0).says(&both);
    folder.uturn(db, "plan undo").exits(0).says(&both);
    folder.uturn(db, "undo --dry-run --json").exits(0).says("\"note\":\"not_applied_last\"");
    assert_eq!(db.everything(), before);
});

on_each!(every_way_to_say_which_is_an_answer, |db| {
    for (words, left) in [
        ("undo --steps 1", vec!["h1", "late"]),
        ("undo --to 20260103", vec!["h1", "late"]),
        ("undo --keep 20260102 --yes", vec!["h1", "late"]),
        ("undo --all --yes", vec![]),
        ("undo --last-up", vec!["h1", "h3"]),
        ("redo --steps 1", vec!["h1", "h3", "late"]),
    ] {
        let db = db.server.database();
        late(&db).uturn(&db, words).exits(0);
        assert_eq!(db.tables(), left, "{words}");
    }
});

on_each!(where_the_newest_was_applied_last_there_is_no_question, |db| {
    let folder = late(db);
    folder.uturn(db, "undo --last-up").exits(0);
    folder.uturn(db, "undo").exits(0).never_says("applied last");
    assert_eq!(db.tables(), ["h1"]);
    // It was redone, so it is the last one.
    folder.uturn(db, "up").exits(0);
    folder.uturn(db, "redo --steps 1").exits(0);
    folder.uturn(db, "undo").exits(0);
    assert_eq!(db.tables(), ["h1", "late"]);
});

on_each!(what_is_not_in_the_journal_is_not_asked_about, |db| {
    let folder = late(db);
    db.exec("DELETE FROM refinery_schema_history_run WHERE version = 20260103000000");
    folder.uturn(db, "undo").exits(0);
    assert_eq!(db.tables(), ["h1", "late"]);
    db.exec("DELETE FROM refinery_schema_history_run");
    folder.uturn(db, "undo --last-up").exits(2).says("no `up` is recorded here").says("uturn undo --steps N");
    db.exec("DROP TABLE refinery_schema_history_run, refinery_schema_history_step");
    folder.uturn(db, "undo --last-up").exits(2).says("no `up` is recorded here");
    folder.uturn(db, "undo").exits(0);
    assert_eq!(db.tables(), ["h1"]);
});

on_each!(a_migration_that_stopped_part_way_is_taken_without_a_question, |db| {
    let folder = Folder::of_tables(&[H1, H3]);
    folder.uturn(db, "up").exits(0);
    folder.pair(LATE, "CREATE TABLE late (n INT);\nDROP TABLE gone;\n", "DROP TABLE late;\n");
    folder.uturn(db, "up").exits(5);
    folder.uturn(db, "undo").exits(0);
    assert_eq!(db.tables(), ["h1", "h3"]);
});

on_each!(the_last_up_is_undone_whole_and_nothing_more, |db| {
    let folder = Folder::of_tables(&[H1]);
    folder.uturn(db, "up").exits(0);
    folder.table(LATE);
    folder.table(H3);
    folder.uturn(db, "up").exits(0);
    // It does not say itself how much goes.
    folder.uturn(db, "undo --last-up").exits(3).says("there is no terminal to ask at");
    folder.uturn(db, "undo --last-up --steps 1").exits(2).says("`--steps` and `--last-up` cannot stand together");
    let out = folder.uturn(db, "undo --last-up --dry-run").exits(0).out;
    assert!(out.find("DROP TABLE h3") < out.find("DROP TABLE late"), "newest first\n{out}");
    folder.uturn(db, "plan undo --last-up").exits(0).says(H3).says(LATE).never_says(H1);
    folder.uturn(db, "undo --last-up --yes").exits(0);
    assert_eq!(db.tables(), ["h1"]);
    // To say it twice is to say it once: the `up` before is not the last one.
    folder.uturn(db, "undo --last-up --yes").exits(0).says("nothing to undo");
    assert_eq!(db.tables(), ["h1"]);
});

on_each!(of_an_up_that_stopped_part_way_all_is_undone, |db| {
    let folder = Folder::of_tables(&[H1]);
    folder.uturn(db, "up").exits(0);
    folder.table(LATE);
    folder.pair(H3, "CREATE TABLE h3 (n INT);\nDROP TABLE gone;\n", "DROP TABLE h3;\n");
    folder.uturn(db, "up").exits(5);
    folder.uturn(db, "undo --last-up --yes").exits(0);
    assert_eq!(db.tables(), ["h1"]);
    // An `up` that has applied nothing is the last one all the same.
    folder.pair(LATE, "DROP TABLE gone;\n", "DO 0;\n");
    folder.uturn(db, "up").exits(5);
    folder.uturn(db, "undo --last-up --yes");
    assert_eq!(db.tables(), ["h1"]);
});

on_each!(a_resumed_migration_belongs_to_the_up_that_completes_it, |db| {
    let folder = Folder::of_tables(&[H1]);
    folder.pair(LATE, "CREATE TABLE late (n INT);\nDROP TABLE gone;\n", "DROP TABLE late;\n");
    folder.table(H3);
    folder.uturn(db, "up").exits(5);
    folder.pair(LATE, "CREATE TABLE late (n INT);\n", "DROP TABLE late;\n");
    folder.uturn(db, "up").exits(0);
    let programs = db.rows("SELECT SUBSTRING_INDEX(program, ' ', -2) FROM refinery_schema_history_run ORDER BY run_no");
    assert_eq!(programs, ["up 1", "up 2", "up 2"]);
    folder.uturn(db, "undo --last-up --yes").exits(0);
    assert_eq!(db.tables(), ["h1"]);
});

on_each!(the_up_half_of_a_redo_or_reset_is_an_up, |db| {
    let folder = Folder::of_tables(&[H1, LATE, H3]);
    folder.uturn(db, "up").exits(0);
    folder.uturn(db, "redo --steps 2").exits(0);
    folder.uturn(db, "undo --last-up --yes").exits(0);
    assert_eq!(db.tables(), ["h1"]);
    folder.uturn(db, "reset --yes").exits(0);
    folder.uturn(db, "undo --last-up --yes").exits(0);
    assert!(db.tables().is_empty());
});

on_each!(rows_of_an_older_uturn_are_ups_of_one_migration, |db| {
    let folder = Folder::of_tables(&[H1, LATE, H3]);
    folder.uturn(db, "up").exits(0);
    db.exec("UPDATE refinery_schema_history_run SET program = 'uturn 0.1.0'");
    folder.uturn(db, "undo --last-up").exits(0);
    assert_eq!(db.tables(), ["h1", "late"]);
});

on_each!(a_lost_connection_does_not_make_two_ups_of_one, |db| {
    let folder = Folder::of_tables(&[H1, H3]);
    folder.pair(LATE, "CREATE TABLE late (n INT);\nINSERT INTO late SELECT SLEEP(3);\n", "DROP TABLE late;\n");
    let mut live = Live::start(&mut folder.command(db, "up"));
    live.hears("applied");
    db.wait_for_statement("INSERT INTO late");
    let session =
        "SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE 'INSERT INTO late%' AND DB = DATABASE()";
    db.exec(&format!("KILL {}", db.rows(session).concat()));
    live.end().exits(0).says("the connection was lost");
    let programs = db.rows("SELECT DISTINCT SUBSTRING_INDEX(program, ' ', -2) FROM refinery_schema_history_run");
    assert_eq!(programs, ["up 1"]);
    folder.uturn(db, "undo --last-up --yes").exits(0);
    assert!(db.tables().is_empty());
});

on_each!(an_up_of_another_runner_meanwhile_is_no_part_of_the_answer, |db| {
    let folder = Folder::of_tables(&[H1, H3]);
    folder.uturn(db, "up").exits(0);
    folder.table(LATE);
    for words in ["undo", "undo --last-up --yes", "redo"] {
        let mut other = db.conn();
        let lock = uturn::engine::run_lock::name(uturn::engine::run_lock::Which::Run, &db.name);
        other.query_drop(format!("DO GET_LOCK('{lock}', 0)")).expect("the lock is free");
        let mut live = Live::start(&mut folder.command(db, words));
        live.hears("waiting up to");
        // As another runner would have left it.
        db.exec(
            "INSERT INTO refinery_schema_history_run (run_no, version, name, direction, state, checksum, statements, \
                 account, os_user, program, server, started_at) SELECT MAX(run_no) + 1, 20260102120000, \
                 '20260102120000-late', 'up', 'done', '0', 1, '', '', 'uturn 0.1.0', '', UTC_TIMESTAMP() \
                 FROM refinery_schema_history_run",
        );
        drop(other);
        live.end().exits(3).says("the history changed while this run waited");
        assert_eq!(db.tables(), ["h1", "h3"], "{words}");
        db.exec("DELETE FROM refinery_schema_history_run WHERE version = 20260102120000");
    }
});

on_each!(a_variable_is_an_answer_too, |db| {
    let folder = late(db);
    run(folder.command(db, "undo").env("UTURN_LAST_UP", "true")).exits(0);
    assert_eq!(db.tables(), ["h1", "h3"]);
});
