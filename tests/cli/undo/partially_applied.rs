//! The way back of a migration that stopped part-way, and data: what may destroy some is never run without an answer.

use crate::support::app::{Folder, run};
use crate::support::server::{Db, on_each};

const STEM: &str = "20260101000000-m";

/// A table with a row that was there before, and a migration on it that stops.
fn stopped(db: &Db, up: &str, down: &str) -> Folder {
    db.exec("DROP TABLE IF EXISTS kept, new, refinery_schema_history, refinery_schema_history_run, refinery_schema_history_step");
    db.exec("CREATE TABLE kept (n INT) ENGINE=InnoDB");
    db.exec("INSERT INTO kept VALUES (1)");
    let folder = Folder::with(&[(STEM, up, down)]);
    folder.uturn(db, "up").exits(5);
    folder
}

fn kept(db: &Db) -> Vec<String> {
    db.rows("SELECT n FROM kept ORDER BY n")
}

/// Asserts that nothing runs without an answer, and what is said.
fn asks(db: &Db, folder: &Folder, said: &[&str]) {
    for words in ["undo", "undo --all --yes", "redo", "reset --yes", "undo --dry-run"] {
        let before = db.everything();
        let mut run = folder.uturn(db, words).exits(3).says("may destroy data").says("nothing has been changed");
        for text in said.iter().chain(&["--down-data skip", "--down-data run"]) {
            run = run.says(text);
        }
        assert_eq!(db.everything(), before, "{words}");
    }
}

const UP: &str =
    "CREATE TABLE new (n INT); UPDATE kept SET n = n + 10; ALTER TABLE new ADD n INT; INSERT INTO kept VALUES (2);";
const DOWN: &str = "DELETE FROM kept WHERE n = 2; UPDATE kept SET n = n - 10; DROP TABLE new;";

on_each!(an_undo_names_the_statement_that_the_up_stopped_at, |db| {
    let folder = stopped(
        db,
        "CREATE TABLE new (n INT); SET @x = 1; ALTER TABLE new ADD n INT;",
        "DELETE FROM kept; DROP TABLE new;",
    );
    folder.uturn(db, "status").exits(0).says("at statement 3 of 3");
    folder.uturn(db, "undo").exits(3).says("stopped at statement 3 of 3, so its down script may destroy data");
});

on_each!(stopped_before_its_dml, |db| {
    let up =
        "CREATE TABLE new (n INT); ALTER TABLE new ADD n INT; UPDATE kept SET n = n + 10; INSERT INTO kept VALUES (2);";
    for (answer, after) in [("skip", "1"), ("run", "-9")] {
        let folder = stopped(db, up, DOWN);
        asks(
            db,
            &folder,
            &[
                "stopped at statement 2 of 4",
                "of the up, statement 1 is done; statements 2 to 4 are not (3, 4 for rows)",
                "statement 1 of the down writes rows (deletes from `kept` with 1 row): DELETE FROM kept WHERE n = 2",
                "statement 2 of the down writes rows (overwrites values of `kept` with 1 row): UPDATE kept",
            ],
        );
        folder.uturn(db, &format!("undo --down-data {answer}")).exits(0);
        assert_eq!(kept(db), [after], "{answer}");
        assert_eq!(db.tables(), ["kept"]);
        let runs = db.rows("SELECT direction, state, down_data FROM refinery_schema_history_run ORDER BY run_no");
        assert_eq!(runs, ["up|undone|NULL".to_owned(), format!("down|done|{answer}")]);
        folder.uturn(db, "status").exits(0).says("pending");
    }
});

on_each!(stopped_between_two_of_its_dml, |db| {
    let folder = stopped(db, UP, DOWN);
    asks(db, &folder, &["of the up, statements 1 to 2 are done; statements 3 to 4 are not (4 for rows)"]);
    let skipped = folder.uturn(db, "undo --down-data skip").exits(0).says("statement 1 of").says("is left out");
    assert_eq!(kept(db), ["11"], "{}", skipped.err);
    let folder = stopped(db, UP, DOWN);
    let command = |words| run(folder.command(db, words).env("UTURN_DOWN_DATA", "run"));
    command("undo").exits(0).never_says("left out");
    assert_eq!(kept(db), ["1"]);
});

on_each!(stopped_after_all_of_its_dml_asks_all_the_same_since_rows_of_before_are_written_to, |db| {
    let up =
        "CREATE TABLE new (n INT); UPDATE kept SET n = n + 10; INSERT INTO kept VALUES (2); ALTER TABLE new ADD n INT;";
    let folder = stopped(db, up, DOWN);
    asks(db, &folder, &["statement 1 of the down deletes from `kept` with 2 rows: DELETE FROM kept WHERE n = 2"]);
    folder.uturn(db, "undo --down-data run").exits(0).never_says("left out");
    assert_eq!((kept(db), db.tables()), (vec!["1".to_owned()], vec!["kept".to_owned()]));
});

on_each!(no_dml_in_the_up_runs_the_down_whole, |db| {
    let folder = stopped(
        db,
        "CREATE TABLE new (n INT); ALTER TABLE new ADD n INT; CREATE TABLE more (n INT);",
        "DELETE FROM more; INSERT INTO kept VALUES (5); DROP TABLE more; DROP TABLE new;",
    );
    folder.uturn(db, "undo").exits(0).says("had nothing to revert");
    assert_eq!((kept(db), db.tables()), (vec!["1".to_owned(), "5".to_owned()], vec!["kept".to_owned()]));
});

on_each!(rows_that_ddl_would_have_moved_count_too, |db| {
    // The usual way of rebuilding a table: its down fills the old one again, which is still there, and full.
    let folder = stopped(
        db,
        "CREATE TABLE new AS SELECT n FROM kept; ALTER TABLE new ADD n INT; DROP TABLE kept;",
        "CREATE TABLE kept (n INT); INSERT INTO kept SELECT n FROM new; DROP TABLE new;",
    );
    asks(db, &folder, &["statements 2 to 3 are not (3 for rows)", "statement 2 of the down writes rows"]);
    // The copy holds a row as well, and nobody compares it with the one that is left.
    folder.uturn(db, "undo --down-data skip").exits(0);
    assert_eq!((kept(db), db.tables()), (vec!["1".to_owned()], ["kept", "new"].map(str::to_owned).to_vec()));
});

on_each!(what_was_there_before_the_migration_is_not_dropped_without_an_answer, |db| {
    for (up, down, said) in [
        (
            "CREATE TABLE new (n INT); CREATE TABLE kept (n INT);",
            "DROP TABLE kept; DROP TABLE new;",
            "statement 1 of the down drops what was there before (drops `kept` with 1 row): DROP TABLE kept",
        ),
        (
            "CREATE TABLE new (n INT); ALTER TABLE kept ADD n INT;",
            "ALTER TABLE kept ADD x INT; ALTER TABLE kept DROP n; DROP TABLE new;",
            "statement 2 of the down drops what was there before (drops the column `kept.n` with 1 value): ALTER",
        ),
    ] {
        let folder = stopped(db, up, down);
        asks(db, &folder, &["stopped at statement 2 of 2", said]);
        folder.uturn(db, "undo --down-data skip").exits(0);
        assert_eq!((kept(db), db.tables()), (vec!["1".to_owned()], vec!["kept".to_owned()]));
    }
});

on_each!(a_file_that_is_not_the_one_that_ran_tells_nothing_of_the_rest, |db| {
    let up = "CREATE TABLE new (n INT); UPDATE kept SET n = n + 10; ALTER TABLE new ADD n INT;";
    let folder = stopped(db, up, DOWN);
    folder.pair(STEM, &up.replace("new ADD n", "new ADD m"), DOWN);
    asks(db, &folder, &["statements 1 to 2 are done; what it has left is not known: its file is not the one that ran"]);
    folder.pair(STEM, up, DOWN);
    folder.uturn(db, "undo --down-data run").exits(0);
    assert_eq!(kept(db), ["1"]);
});

on_each!(the_answer_is_kept_where_the_down_stops_as_well, |db| {
    let up = "CREATE TABLE new (n INT); ALTER TABLE new ADD n INT; INSERT INTO kept VALUES (2);";
    let folder = stopped(db, up, "DROP TABLE new; ALTER TABLE kept ADD CHECK (n > 5); DELETE FROM kept;");
    let stop = folder.uturn(db, "undo --down-data skip").exits(5);
    assert!(stop.err.contains("statement 2 of 3 of its down script"), "{}", stop.err);
    db.exec("UPDATE kept SET n = 6");
    folder.uturn(db, "undo").exits(0).says("resumes at statement 2");
    assert_eq!(kept(db), ["6"], "the DELETE is still left out");
});

on_each!(redo_and_reset_take_the_same_answer, |db| {
    for words in ["redo", "reset --yes"] {
        let folder = stopped(db, UP, DOWN);
        // It stops again at the same statement, with the first two done anew.
        folder.uturn(db, &format!("{words} --down-data run")).exits(5).says("stopped at statement 3 of 4");
        assert_eq!(kept(db), ["11"], "{words}");
    }
});
