//! What stdout does not take. A full disk is told, with a code that is true of the database; a closed pipe is no failure.

use crate::support::app::{Folder, Run, bare, run};
use crate::support::server::on_each;
use std::fs::File;
use std::process::{Command, Stdio};

const FULL: &str = "the output cannot be written to its end: No space left on device";

fn folder() -> Folder {
    Folder::with(&[
        ("20260101000000-a", "CREATE TABLE a (id INT PRIMARY KEY);\n", "DROP TABLE a;\n"),
        ("20260102000000-b", "CREATE TABLE b (id INT PRIMARY KEY);\n", "DROP TABLE b;\n"),
    ])
}

fn to_a_full_disk(command: &mut Command) -> Run {
    let full = File::options().write(true).open("/dev/full").expect("/dev/full");
    run(command.stdout(full).stderr(Stdio::piped()))
}

fn to_nobody(command: &mut Command) -> Run {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    run(command.stdout(writer).stderr(Stdio::piped()))
}

on_each!(what_only_reads_ends_with_an_error_where_the_disk_is_full, |db| {
    let folder = folder();
    let words = [
        "check --json",
        "up --dry-run",
        "status",
        "status --json",
        "plan",
        "plan --json",
        "prove",
        "prove --json",
        "create --dry-run",
        "create --json --dry-run",
        "new create-c --dry-run",
        "protect --dry-run",
        "wait --json",
    ];
    for words in words {
        to_a_full_disk(&mut folder.command(db, words)).exits(2).says(FULL).says("nothing has been changed");
    }
    assert_eq!(db.tables(), Vec::<String>::new());
    folder.uturn(db, "up").exits(0);
    for words in
        ["log", "log --json", "undo --dry-run", "redo --dry-run", "reset --dry-run", "plan undo", "drop --dry-run"]
    {
        to_a_full_disk(&mut folder.command(db, words)).exits(2).says(FULL).says("nothing has been changed");
    }
    assert_eq!(db.tables(), ["a", "b"]);
    // A failure that would be told on stdout is told on stderr then.
    folder.file("20260101000000-a.up.sql", "CREATE TABLE a (id BIGINT PRIMARY KEY);\n");
    to_a_full_disk(&mut folder.command(db, "up --json")).exits(3).says("changed since applied");
});

on_each!(what_was_changed_is_not_denied_where_the_disk_is_full, |db| {
    let folder = folder();
    let done = "what was to be done is done and recorded";
    to_a_full_disk(&mut folder.command(db, "up --json")).exits(5).says(FULL).says(done);
    assert_eq!(db.tables(), ["a", "b"]);
    to_a_full_disk(&mut folder.command(db, "undo --all --yes --json")).exits(5).says(FULL).says(done);
    assert_eq!(db.tables(), Vec::<String>::new());
    // People read stderr.
    to_a_full_disk(&mut folder.command(db, "up")).exits(0).says("applied  ");
});

#[test]
fn texts_that_are_no_events_are_checked_as_well() {
    for words in
        ["--help", "--version", "-V", "up --help", "completions bash", "completions zsh", "completions fish", "man"]
    {
        to_a_full_disk(bare().args(words.split(' '))).exits(2).says(FULL);
        to_nobody(bare().args(words.split(' '))).exits(0);
    }
}

on_each!(a_reader_that_has_seen_enough_is_no_failure, |db| {
    let folder = folder();
    for words in
        ["up --dry-run", "status", "status --json", "check", "plan", "prove", "up --json", "log", "undo --dry-run"]
    {
        let run = to_nobody(&mut folder.command(db, words)).exits(0);
        assert!(!run.err.contains("error") && !run.err.contains("panicked"), "{words}: {}", run.err);
    }
    assert_eq!(db.tables(), ["a", "b"]);
});
