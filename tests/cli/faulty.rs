//! A fault in a file belongs to its pair: it stops what would run that pair or a newer one, and nothing else.

use crate::support::app::{Folder, bare, run};
use crate::support::server::{Db, on_each};
use serde_json::Value;

const A: &str = "20260101000000-a";
const B: &str = "20260102000000-b";
const D: &str = "20260104000000-d";

/// What stands for the third of four migrations: files with their contents, and what is said of them.
type Case = (&'static str, &'static [(&'static str, &'static [u8])], &'static str);

const UP: &str = "20260103000000-c.up.sql";
const DOWN: &str = "20260103000000-c.down.sql";
const FAULTS: &[Case] = &[
    ("no down", &[(UP, b"DO 0;")], "half a pair: `20260103000000-c.down.sql` is missing"),
    ("no up", &[(DOWN, b"DO 0;")], "half a pair: `20260103000000-c.up.sql` is missing"),
    ("an up that is not UTF-8", &[(UP, b"DO 1;\nDO '\xe9';"), (DOWN, b"DO 0;")], "is not UTF-8: see line 2"),
    ("a down that is not UTF-8", &[(UP, b"DO 1;"), (DOWN, b"DO '\xe9';")], "is not UTF-8: see line 1"),
    ("an empty up", &[(UP, b""), (DOWN, b"DO 0;")], "c.up.sql`: holds no statement"),
    ("an empty down", &[(UP, b"DO 0;"), (DOWN, b"")], "c.down.sql`: holds no statement"),
    ("an open string in an up", &[(UP, b"DO 1;\nDO 'x;"), (DOWN, b"DO 0;")], "c.up.sql:2:4"),
    ("an open string in a down", &[(UP, b"DO 0;"), (DOWN, b"DO 1;\nDO 'x;")], "c.down.sql:2:4"),
    ("an unknown directive in an up", &[(UP, b"-- uturn: no\nDO 0;"), (DOWN, b"DO 0;")], "c.up.sql:1:1"),
    ("an unknown directive in a down", &[(UP, b"DO 0;"), (DOWN, b"-- uturn: no\nDO 0;")], "c.down.sql:1:1"),
    (
        "a timestamp twice",
        &[
            (UP, b"DO 0;"),
            (DOWN, b"DO 0;"),
            ("20260103000000-e.up.sql", b"DO 0;"),
            ("20260103000000-e.down.sql", b"DO 0;"),
        ],
        "20260103000000-e.up.sql`: the timestamp 20260103000000 is a duplicate",
    ),
];

/// Two good migrations, and one that is newer than all else.
fn folder() -> Folder {
    Folder::with(&[
        (A, "CREATE TABLE a (id INT);\n", "DROP TABLE a;\n"),
        (B, "CREATE TABLE b (id INT);\n", "DROP TABLE b;\n"),
        (D, "CREATE TABLE d (id INT);\n", "DROP TABLE d;\n"),
    ])
}

/// Exit 2, with these words, and nothing is other than it was.
#[track_caller]
fn refused(db: &Db, files: &Folder, words: &str, says: &str) {
    let before = db.everything();
    files.uturn(db, words).exits(2).says("error:").says(says);
    assert_eq!(db.everything(), before, "{words}");
}

on_each!(a_faulty_pair_stops_what_would_run_it_or_a_newer_one_and_nothing_else, |db| {
    for (what, bad, says) in FAULTS {
        println!("--- {what}");
        let files = folder();
        files.uturn(db, "up --steps 1").exits(0);
        for (name, text) in *bad {
            files.file(name, text);
        }
        let status = files.uturn(db, "status").exits(0).says("1 applied, 2 pending, 1 not clean");
        let line = status.out.lines().find(|line| line.contains("faulty")).expect("it is shown").to_owned();
        assert!(line.contains("20260103000000-c") && line.replace("  --> ", "").contains(says), "{line}");
        files.uturn(db, "status --exit-code").exits(1);
        for words in ["up", "up --dry-run", "plan", "up --steps 2", "up --to 20260103", "up --to d", "plan --to d"] {
            refused(db, &files, words, says);
        }
        refused(db, &files, "reset --yes", says);
        files.uturn(db, "plan --to 20260102").exits(0);
        files.uturn(db, "up --to 20260102").exits(0).says("applied  20260102000000-b");
        files.uturn(db, "redo").exits(0);
        files.uturn(db, "plan undo --all").exits(0);
        refused(db, &files, "up", says);
        files.uturn(db, "undo --all --yes").exits(0).says("undone   20260101000000-a");
    }
});

#[test]
fn check_and_prove_stop_at_every_fault() {
    for (what, bad, says) in FAULTS {
        println!("--- {what}");
        let files = folder();
        for (name, text) in *bad {
            files.file(name, text);
        }
        run(bare().arg("check").arg("--dir").arg(files.path())).exits(1);
        let prove = run(bare().args(["prove", "--throwaway", "--dir"]).arg(files.path())).exits(2);
        assert!(prove.err.replace("  --> ", "").contains(says), "{}", prove.err);
    }
}

on_each!(what_can_run_before_a_faulty_pair_is_named_as_the_command_for_it, |db| {
    let files = folder();
    files.file(UP, "DO 0;");
    files.uturn(db, "up").exits(2).says(&format!("`uturn up --to {B}` runs only what is before them"));
    files.uturn(db, &format!("up --to {B}")).exits(0);
    files.uturn(db, "up").exits(2).never_says("--to").says("move them out of the folder");
    files.file(DOWN, "DO 0;").uturn(db, "up").exits(0);
    files.uturn(db, "status --exit-code").exits(0);
});

on_each!(the_down_file_of_an_applied_migration_stops_only_an_undo_that_must_run_it, |db| {
    for (what, text, says) in [
        ("not UTF-8", b"DROP TABLE b; -- \xe9".as_slice(), "is not UTF-8"),
        ("empty", b"", "holds no statement"),
        ("an open string", b"DROP TABLE b;\nDO 'x;", "b.down.sql:2:4"),
        ("an unknown directive", b"-- uturn: no\nDROP TABLE b;", "`uturn: no` is not known"),
    ] {
        println!("--- {what}");
        let files = folder();
        files.uturn(db, "up --to b").exits(0);
        let down = format!("{B}.down.sql");
        files.file(&down, text);
        files.uturn(db, "status").exits(0).says("2 applied, 1 pending").never_says("faulty");
        run(files.command(db, "check").env_remove("DATABASE_URL")).exits(1);
        files.uturn(db, "plan").exits(0);
        files.uturn(db, "up").exits(0).says("applied  20260104000000-d");
        for words in ["redo --steps 2", "reset --yes", "undo --to b --yes --down-from-files"] {
            refused(db, &files, words, says);
        }
        files.uturn(db, "plan undo --to b").exits(0);
        files.uturn(db, "undo --to b --yes").exits(0).says("undone   20260102000000-b").says("the recorded one runs");
        assert_eq!(db.tables(), ["a"]);
        files.pair(B, "CREATE TABLE b (id INT);\n", "DROP TABLE b;\n").uturn(db, "up").exits(0);
        files.file(&down, text);
        db.exec("DELETE FROM refinery_schema_history_run WHERE version = 20260102000000");
        refused(db, &files, "undo --to b --yes", says);
        refused(db, &files, "plan undo --to b", says);
        files.uturn(db, "undo --steps 1").exits(0).says("undone   20260104000000-d");
        files.pair(B, "CREATE TABLE b (id INT);\n", "DROP TABLE b;\n").uturn(db, "undo --all --yes").exits(0);
    }
});

on_each!(a_missing_down_file_of_an_applied_migration_stops_only_what_needs_it, |db| {
    let files = folder();
    files.uturn(db, "up --to b").exits(0);
    std::fs::remove_file(files.at(&format!("{B}.down.sql"))).expect("it is there");
    files.uturn(db, "status").exits(0).says("2 applied, 1 pending").never_says("faulty");
    files.uturn(db, "up").exits(0);
    refused(db, &files, "redo --steps 2", "half a pair");
    files.uturn(db, "undo --to b --yes").exits(0).says("undone   20260102000000-b");
    refused(db, &files, "up", "half a pair");
});

on_each!(a_file_without_a_usable_name_stops_every_up_and_no_undo, |db| {
    for (name, says) in [
        ("create-c.up.sql", "create-c.up.sql`: the name must begin with 14 digits"),
        ("20260103000000-c.sql", "20260103000000-c.sql`: the name must end in"),
    ] {
        let files = folder();
        files.uturn(db, "up --to b").exits(0);
        files.file(name, "DO 0;");
        for words in ["up", "up --dry-run", "up --to a", "up --to d", "plan", "redo", "reset --yes", "redo --dry-run"] {
            refused(db, &files, words, says);
        }
        files.uturn(db, "status").exits(0).says(says).says("2 applied, 1 pending, 1 not clean");
        files.uturn(db, "status --exit-code").exits(1);
        files.uturn(db, "plan undo").exits(0);
        files.uturn(db, "undo").exits(0).says("undone   20260102000000-b");
        files.uturn(db, "undo --all --yes --down-from-files").exits(0).says("undone   20260101000000-a");
        refused(db, &files, "up", says);
    }
});

on_each!(an_applied_migration_whose_up_cannot_be_read_is_faulty_and_can_be_undone, |db| {
    let files = folder();
    files.uturn(db, "up").exits(0);
    files.file(&format!("{D}.up.sql"), b"DO '\xe9';".as_slice());
    files.uturn(db, "status --exit-code").exits(1).says("faulty").says("is not UTF-8: see line 1");
    refused(db, &files, "up", "is not UTF-8");
    refused(db, &files, "redo", "is not UTF-8");
    // As a link to a file that is gone.
    let up = files.at(&format!("{D}.up.sql"));
    std::fs::remove_file(&up).expect("it is there");
    std::os::unix::fs::symlink("/no/such/file.sql", &up).expect("a link");
    refused(db, &files, "up", "cannot read it");
    run(files.command(db, "check").env_remove("DATABASE_URL")).exits(2).says("cannot read it");
    files.uturn(db, "undo").exits(0).says("undone   20260104000000-d");
    assert_eq!(db.tables(), ["a", "b"]);
    refused(db, &files, "up", "cannot read it");
    files.uturn(db, "status").exits(0).says("cannot read it").says("2 applied, 0 pending, 1 not clean");
});

on_each!(a_faulty_pair_is_in_json_with_what_and_where, |db| {
    let files = folder();
    files.file(UP, "DO 0;").file(DOWN, "DO 1;\n  DO 'x;\n").file("x.sql", "");
    let lines: Vec<Value> = files
        .uturn(db, "status --json")
        .exits(0)
        .out
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let states: Vec<&str> = lines.iter().filter_map(|line| line["state"].as_str()).collect();
    assert_eq!(states, ["pending", "pending", "faulty", "pending"]);
    let fault = &lines[2]["faults"][0];
    let path = files.at(DOWN).display().to_string();
    assert_eq!(fault["files"], serde_json::json!([path]));
    assert_eq!(fault["place"], serde_json::json!({"path": path, "line": 2, "column": 6, "text": "  DO 'x;"}));
    assert!(fault["what"].as_str().is_some_and(|what| what.contains("never closed")), "{fault}");
    assert!(lines[0].get("faults").is_none(), "{}", lines[0]);
    let file = &lines[4];
    assert_eq!((&file["event"], &file["place"]), (&"faulty_file".into(), &Value::Null), "{file}");
    assert!(file["what"].as_str().is_some_and(|what| what.starts_with("the name must")), "{file}");
    assert_eq!((&lines[5]["pending"], &lines[5]["unclean"]), (&3.into(), &2.into()));
});

on_each!(a_migration_that_stopped_is_reverted_whatever_other_files_hold, |db| {
    let files = folder();
    files.pair(B, "CREATE TABLE b (id INT);\nDROP TABLE gone;\n", "DROP TABLE b;\n");
    files.uturn(db, "up --to b").exits(5);
    files.file(UP, "DO 0;").file("x.sql", "");
    files.uturn(db, "status").exits(0).says("stopped").says("faulty");
    refused(db, &files, "up --steps 1", "x.sql");
    files.uturn(db, "undo").exits(0);
    assert_eq!(db.tables(), ["a"]);
});
