//! At a terminal uturn asks, and shows that a statement is alive. `script` of util-linux is the terminal.

use crate::support::app::{Folder, Run};
use crate::support::server::{Db, on_each};
use std::io::Write;
use std::process::{Command, Stdio};

fn folder() -> Folder {
    Folder::with(&[
        ("20260101000000-a", "CREATE TABLE a (id INT);\nINSERT INTO a VALUES (1);\n", "DROP TABLE a;\n"),
        ("20260102000000-b", "CREATE TABLE b (id INT);\n", "DROP TABLE b;\n"),
    ])
}

/// Runs it at a terminal, and types an answer. What the terminal shows is all on stdout.
fn at_a_terminal(folder: &Folder, db: &Db, words: &str, answer: &str) -> Run {
    let uturn = folder.command(db, words);
    let quoted = |word: &std::ffi::OsStr| format!("'{}'", word.to_string_lossy());
    let words: Vec<String> = std::iter::once(uturn.get_program()).chain(uturn.get_args()).map(quoted).collect();
    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--flush", "--command", &words.join(" "), "/dev/null"]);
    script.env_clear().env("TERM", "xterm").env("SHELL", "/bin/sh");
    for (name, value) in uturn.get_envs() {
        script.env(name, value.unwrap_or_default());
    }
    let mut child =
        script.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("`script` is there");
    // It stays open until the end: a terminal that is closed sends SIGHUP.
    let mut keys = child.stdin.take().expect("a pipe");
    keys.write_all(answer.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    drop(keys);
    Run::new(output)
}

on_each!(undo_asks_and_takes_only_yes_for_yes, |db| {
    let folder = folder();
    folder.uturn(db, "up").exits(0);
    let question = |answer: &str| at_a_terminal(&folder, db, "undo --all", answer);
    for answer in ["n\n", "\n", "yep\n"] {
        question(answer).exits(3).says("go on? [y/N]").says("nothing has been changed");
    }
    assert_eq!(db.tables(), ["a", "b"]);
    question("Y\n").exits(0).says("go on? [y/N]");
    assert!(db.tables().is_empty());
});

on_each!(a_protected_database_s_name_may_be_typed, |db| {
    let folder = folder();
    folder.uturn(db, "up").exits(0);
    folder.uturn(db, "protect").exits(0);
    let undo = |answer: &str| at_a_terminal(&folder, db, "undo", answer);
    for answer in ["y\n", "\n", "other\n"] {
        undo(answer).exits(3).says("type the name of the database to go on:").says("nothing has been changed");
    }
    assert_eq!(db.tables(), ["a", "b"]);
    undo(&format!("{}\n", db.name)).exits(0);
    assert_eq!(db.tables(), ["a"]);
});

on_each!(where_another_migration_was_applied_last_the_newest_is_undone_after_a_yes, |db| {
    let folder = folder();
    folder.uturn(db, "up").exits(0);
    folder.pair("20260101120000-late", "CREATE TABLE late (id INT);\n", "DROP TABLE late;\n");
    folder.uturn(db, "up").exits(0);
    let undo = |answer: &str| at_a_terminal(&folder, db, "undo --yes", answer);
    for answer in ["n\n", "\n"] {
        undo(answer)
            .exits(3)
            .says("the newest applied migration is `20260102000000-b`, but `20260101120000-late` was applied last")
            .says("undo `20260102000000-b`? [y/N]")
            .says("nothing has been changed");
    }
    undo("y\n").exits(0);
    assert_eq!(db.tables(), ["a", "late"]);
});

on_each!(a_long_statement_is_drawn_and_goes_again, |db| {
    let folder = Folder::with(&[("20260101000000-slow", "SELECT SLEEP(2.5);", "SELECT 1;")]);
    let shown = at_a_terminal(&folder, db, "up", "").exits(0);
    shown.says("statement 1 of 1 of `20260101000000-slow` (up): ").says("\u{1b}[2K");
});
