//! The face for Rust applications: examples/startup.rs, as it stands there.

use crate::support::app::{Folder, run};
use crate::support::nobody::Nobody;
use crate::support::server::on_each;
use std::path::PathBuf;
use std::process::Command;

/// cargo builds the examples together with the tests, beside the binary.
fn startup() -> Command {
    let mut path = PathBuf::from(env!("CARGO_BIN_EXE_uturn"));
    path.set_file_name("examples");
    Command::new(path.join("startup"))
}

on_each!(an_application_runs_its_own_migrations_at_start_up, |db| {
    let first = run(startup().env("DATABASE_URL", db.url())).exits(0);
    assert_eq!(first.out, "up 20260101000000-create-notes\nup 20260102000000-add-author-to-notes\nready\n");
    assert_eq!(run(startup().env("DATABASE_URL", db.url())).exits(0).out, "ready\n");
    assert_eq!(db.rows("SHOW COLUMNS FROM notes").len(), 3);
    // The same history: the command undoes what the application has run.
    Folder::new().uturn(db, "undo --all --yes").exits(0);
    assert!(db.tables().is_empty());
});

#[test]
fn an_application_is_told_why_and_shows_no_password() {
    let nobody = Nobody::new();
    let failed = run(startup().env("DATABASE_URL", format!("mysql://u:hunter2@{}/none", nobody.address()))).exits(1);
    failed.never_says("hunter2").says(&format!("cannot reach the server at {}", nobody.address()));
}
