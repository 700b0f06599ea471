//! A file that is not the one that was applied: what differs decides. Line ends and a byte-order mark are nothing, comments and
//! the name are shown and stop nobody, and what cannot be shown to be the same is edited.

use crate::support::app::Folder;
use crate::support::server::{Db, on_each};

const A: &str = "20260101000000-a";
const B: &str = "20260102000000-b";
const DOWN: &str = "DROP TABLE a;\n";

/// DDL and DML, in several lines.
const UP: &str =
    "-- The first one.\nCREATE TABLE a (\n  n INT\n);\nINSERT INTO a VALUES (1);\nINSERT INTO a VALUES (2);\n";

/// With this text applied, the file is changed to another one, and another migration is pending.
fn changed(db: &Db, before: &str, after: &str) -> Folder {
    let folder = Folder::with(&[(A, before, DOWN)]);
    folder.uturn(db, "up").exits(0);
    folder.pair(A, after, DOWN).pair(B, "CREATE TABLE b (n INT);\n", "DROP TABLE b;\n");
    folder
}

/// What `status --json` says of the first one: its state, and the name that it was applied under.
fn state(folder: &Folder, db: &Db) -> (String, Option<String>) {
    let status = folder.uturn(db, "status --json").exits(0);
    let line = status.out.lines().next().expect("a migration");
    let event: serde_json::Value = serde_json::from_str(line).expect("an object");
    let word = |field: &str| event[field].as_str().map(str::to_owned);
    (word("state").expect("a state"), word("applied_as"))
}

fn crlf(text: &str) -> String {
    text.replace('\n', "\r\n")
}

on_each!(other_line_ends_and_a_byte_order_mark_change_nothing, |db| {
    let forms = [UP.to_owned(), crlf(UP), format!("\u{feff}{UP}"), format!("\u{feff}{}", crlf(UP))];
    for (before, after) in forms.iter().flat_map(|before| forms.iter().map(move |after| (before, after))) {
        let db = db.server.database();
        let folder = changed(&db, before, after);
        assert_eq!(state(&folder, &db), ("applied".to_owned(), None), "{before:?} {after:?}");
        folder.uturn(&db, "up").exits(0);
        folder.uturn(&db, "status --exit-code").exits(0).says("2 applied");
    }
});

on_each!(comments_and_blank_lines_are_shown_and_stop_nobody, |db| {
    let with_crlf = crlf(UP).replace("-- The first one.", "-- The very first one.");
    for (before, after) in [
        (UP, UP.replace("-- The first one.", "# The very\n\n-- first one.")),
        (UP, UP.replace(";\nINSERT", "; -- behind it\n\n/* before it */ INSERT") + "\n-- the end\n"),
        (UP, format!("DELIMITER //\n{}DELIMITER ;\n", UP.replace(';', "//"))),
        (UP, with_crlf),
        // One statement, whose row stands in that of its run.
        ("CREATE TABLE a (n INT);", "-- a comment\nCREATE TABLE a (n INT);".to_owned()),
    ] {
        let db = db.server.database();
        let folder = changed(&db, before, &after);
        assert_eq!(state(&folder, &db), ("edited_outside".to_owned(), None), "{after:?}");
        let status = folder.uturn(&db, "status --exit-code").exits(1);
        status.says("outside its statements, which are the same").says("1 not clean");
        folder.uturn(&db, "plan").exits(0).says("CREATE TABLE b");
        folder.uturn(&db, "up").exits(0).says(B);
        assert_eq!(db.tables(), ["a", "b"]);
        folder.uturn(&db, "undo --steps 2").exits(0);
        assert!(db.tables().is_empty());
    }
});

on_each!(a_renamed_file_is_shown_with_both_names, |db| {
    let other = "20260101000000-a-table";
    for (after, is_same) in [
        (UP.to_owned(), true),
        (crlf(UP), true),
        (UP.replace("first", "second"), true),
        (UP.replace("(2)", "(3)"), false),
    ] {
        let db = db.server.database();
        let folder = changed(&db, UP, UP);
        folder.remove(A);
        folder.pair(other, &after, DOWN);
        let word = if is_same { "edited_outside" } else { "edited" };
        assert_eq!(state(&folder, &db), (word.to_owned(), Some(A.to_owned())), "{after:?}");
        folder.uturn(&db, "status").exits(0).says(other).says(&format!("it was applied as `{A}`"));
        let up = folder.uturn(&db, "up");
        if is_same {
            up.exits(0).says(B);
        } else {
            up.exits(3).says(&format!("changed since applied: `{other}` (applied as `{A}`)"));
        }
    }
    // `-` and `_` are one name.
    let folder = changed(db, UP, UP);
    folder.remove(A);
    folder.pair("20260101000000_a", UP, DOWN);
    assert_eq!(state(&folder, db), ("applied".to_owned(), None));
});

on_each!(what_cannot_be_shown_to_be_the_same_is_edited, |db| {
    let comment = |text: &str| format!("-- another comment\n{text}");
    let with_a_set = "SET foreign_key_checks = 0;\nCREATE TABLE a (n INT);\n";
    for (before, after) in [
        (UP, UP.replace("(2)", "(3)")),
        (UP, format!("{UP}INSERT INTO a VALUES (3);\n")),
        (UP, format!("{UP}SET NAMES utf8mb4;\n")),
        (UP, UP.replace("INSERT INTO a VALUES (2);\n", "")),
        (UP, UP.replace("(1)", "(x)").replace("(2)", "(1)").replace("(x)", "(2)")),
        (UP, UP.replace("  n INT", "  n INT -- within it")),
        (UP, UP.replace("  n INT", "n INT")),
        // A SET leaves no row in the journal.
        (with_a_set, comment(with_a_set)),
    ] {
        let db = db.server.database();
        let folder = changed(&db, before, &after);
        assert_eq!(state(&folder, &db).0, "edited", "{after:?}");
        folder.uturn(&db, "up").exits(3).says(&format!("changed since applied: `{A}`"));
        assert_eq!(db.tables(), ["a"]);
    }
    // Nothing is recorded of its statements.
    let folder = changed(db, UP, &comment(UP));
    db.exec("DELETE FROM refinery_schema_history_step");
    assert_eq!(state(&folder, db).0, "edited");
    db.exec("DROP TABLE refinery_schema_history_run, refinery_schema_history_step");
    assert_eq!(state(&folder, db).0, "edited");
    folder.uturn(db, "up").exits(3);
    folder.pair(A, &crlf(UP), DOWN);
    assert_eq!(state(&folder, db).0, "applied", "the checksum says so, without a journal");
});

on_each!(the_statements_of_a_migration_that_was_resumed_are_known, |db| {
    let folder = Folder::with(&[(A, "CREATE TABLE a (n INT);\nDROP TABLE gone;\n", DOWN)]);
    folder.uturn(db, "up").exits(5);
    folder.pair(A, UP, DOWN);
    folder.uturn(db, "up").exits(3);
    folder.pair(A, "CREATE TABLE a (n INT);\nINSERT INTO a VALUES (1);\n", DOWN);
    folder.uturn(db, "up").exits(0);
    folder.pair(A, "CREATE TABLE a (n INT);\n\n-- a row\nINSERT INTO a VALUES (1);\n", DOWN);
    assert_eq!(state(&folder, db).0, "edited_outside");
    // What is run again is recorded as it is now.
    folder.uturn(db, "redo").exits(0);
    assert_eq!(state(&folder, db).0, "applied");
});
