//! Exit codes 2 to 4 promise that nothing has been changed. What stops a run behind its first effect exits 5, whatever it is.

use crate::support::app::{Folder, Run, run};
use crate::support::own::Own;
use crate::support::server::{Db, on_each};
use mysql::prelude::Queryable;
use std::process::Stdio;

const STEM: &str = "20260101000000-m";

/// Runs as an account that has every right on the database, but for these on the tables of uturn.
fn without(db: &Db, rights: &str, folder: &Folder, words: &str) -> Run {
    let user = format!("{}_few", db.name);
    db.exec(&format!("CREATE USER `{user}`@`%` IDENTIFIED BY 'uturn'"));
    db.exec(&format!(
        "GRANT CREATE, DROP, ALTER, INDEX, SELECT, CREATE TEMPORARY TABLES ON `{}`.* TO `{user}`@`%`",
        db.name
    ));
    for table in db.rows("SHOW TABLES") {
        let own = if table.starts_with("refinery") { rights } else { "INSERT, UPDATE, DELETE" };
        db.exec(&format!("GRANT {own} ON `{}`.`{table}` TO `{user}`@`%`", db.name));
    }
    let url = db.server.url_as(&user, "uturn", &db.name);
    let run = run(folder.command(db, words).env("DATABASE_URL", url));
    db.exec(&format!("DROP USER `{user}`@`%`"));
    run
}

/// A folder whose first migration is applied; the tables of uturn are there.
fn begun(db: &Db, up: &str) -> Folder {
    let folder = Folder::with(&[("20250101000000-first", "CREATE TABLE t (n INT);", "DROP TABLE t;")]);
    folder.uturn(db, "up").exits(0);
    folder.pair(STEM, up, "SELECT 1;");
    folder
}

on_each!(a_right_that_is_missing_once_something_took_effect_exits_5_and_the_run_goes_on_later, |db| {
    let folder = begun(db, "ALTER TABLE t ADD a INT; INSERT INTO t VALUES (1, 1);");
    // The intent can be written, what became of it cannot.
    without(db, "SELECT, INSERT, DELETE", &folder, "up")
        .exits(5)
        .says("1142")
        .says("what is done is recorded up to the last line above")
        .never_says("nothing has been changed");
    assert_eq!(db.rows("SHOW COLUMNS FROM t").len(), 2);
    folder.uturn(db, "up").exits(0).says("took effect");
    assert_eq!(db.rows("SELECT n, a FROM t"), ["1|1"]);
});

on_each!(a_right_that_is_missing_before_anything_took_effect_exits_3, |db| {
    for up in ["INSERT INTO t VALUES (1); UPDATE t SET n = n + 1;", "ALTER TABLE t ADD a INT;"] {
        let folder = begun(db, up);
        let before = db.everything();
        without(db, "SELECT", &folder, "up").exits(3).says("1142").says("nothing has been changed");
        assert_eq!(db.everything(), before);
        folder.uturn(db, "undo --all --yes").exits(0);
    }
});

on_each!(what_refuses_the_second_half_of_a_redo_or_reset_exits_5, |db| {
    let folder = Folder::with(&[(STEM, "CREATE TABLE t (n INT);", "DROP TABLE t;")]);
    folder.uturn(db, "up").exits(0);
    for words in ["redo", "reset --yes"] {
        folder.pair(STEM, "CREATE TABLE t (n INT);", "DROP TABLE t;").uturn(db, "up").exits(0);
        // The server alone finds that it is no statement.
        folder.pair(STEM, "CREATE TABLE t (n INT) NONSENSE;", "DROP TABLE t;");
        folder.uturn(db, words).exits(5).says("1064").never_says("nothing has been changed");
        assert!(db.tables().is_empty(), "{words}: the down has run");
    }
});

on_each!(kill_query_while_its_tables_are_made_is_not_taken_for_a_missing_right, |db| {
    let kind = db.server.kind;
    let own = Own::start(kind, &[]);
    let db = own.server.database();
    let folder = Folder::with(&[(STEM, "CREATE TABLE t (n INT);", "DROP TABLE t;")]);
    let mut other = own.server.conn("");
    other.query_drop("FLUSH TABLES WITH READ LOCK").expect("nothing else runs");
    let mut command = folder.command(&db, "up");
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
    db.wait_for_statement("CREATE TABLE IF NOT EXISTS");
    let question =
        format!("SELECT ID FROM information_schema.PROCESSLIST WHERE DB = '{}' AND INFO LIKE 'CREATE%'", db.name);
    let id: u64 = other.query_first(question).expect("the process list").expect("it waits");
    other.query_drop(format!("KILL QUERY {id}")).expect("it is there");
    other.query_drop("UNLOCK TABLES").expect("it was locked");
    Run::new(child.wait_with_output().expect("the binary ends")).exits(0).says("connection was lost");
    assert_eq!(db.tables(), ["t"]);
});
