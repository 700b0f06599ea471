//! Which migrations a command takes: those of a folder, or those that are built in; and that a folder without any is no green
//! deployment. What a binary with migrations of its own does is tested in src/source/choice.rs: this one holds an example.

use crate::support::app::{Folder, Run, bare, run};
use crate::support::server::{Db, on_each};
use std::path::Path;

/// `uturn WORDS`, started in this folder, with no word on where the migrations are.
fn started_in(folder: &Path, db: Option<&Db>, words: &str) -> Run {
    let mut command = bare();
    command.env_remove("UTURN_BUILT_IN").current_dir(folder).args(words.split_whitespace());
    if let Some(db) = db {
        command.env("DATABASE_URL", db.url());
    }
    run(&mut command)
}

fn with_sql() -> Folder {
    let folder = Folder::new();
    std::fs::create_dir(folder.at("sql")).expect("a folder");
    folder
}

on_each!(an_example_does_not_run_in_a_database_of_somebody_else, |db| {
    let folder = with_sql();
    started_in(folder.path(), Some(db), "new create-users").exits(0);
    started_in(folder.path(), Some(db), "up").exits(0).says("create-users");
    assert_eq!(db.history().len(), 1, "theirs alone, none of the example");
    started_in(folder.path(), Some(db), "status --exit-code").exits(0).says("1 applied, 0 pending");
    started_in(folder.path(), Some(db), "prove").exits(0).says("1 proven");
    started_in(folder.path(), Some(db), "undo").exits(0);
    let empty = Folder::new();
    for words in ["up", "up --dry-run", "status", "plan", "prove", "reset --yes", "check"] {
        let said = "there is no folder `sql` here; the migrations in this binary are an example";
        started_in(empty.path(), Some(db), words).exits(2).says(said).says("--built-in");
    }
    assert_eq!(db.tables(), Vec::<String>::new());
    started_in(empty.path(), Some(db), "up --steps 1 --built-in").exits(0).says("20260128100000-create-users");
    started_in(empty.path(), Some(db), "undo").exits(0).says("20260128100000-create-users");
});

on_each!(an_example_is_read_from_the_folder_that_it_was_built_from, |db| {
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR"));
    started_in(checkout, Some(db), "status").exits(0).says("0 applied, 24 pending");
    started_in(checkout, None, "check").exits(0).says("24 migrations checked");
});

on_each!(a_folder_without_a_migration_is_refused_by_what_would_take_it_for_an_answer, |db| {
    let one = Folder::with(&[("20260101000000-a", "CREATE TABLE a (id INT);\n", "DROP TABLE a;\n")]);
    one.uturn(db, "up").exits(0);
    let before = db.everything();
    let empty = Folder::new();
    for words in
        ["up", "up --dry-run", "status", "status --exit-code", "plan", "plan undo", "prove", "reset --yes", "check"]
    {
        let run = empty.uturn(db, words).exits(2).says("there is no migration in the folder").says("it is empty");
        run.says("--allow-empty").says("nothing has been changed");
    }
    empty.uturn(db, "status --json").exits(2).says(r#""kind":"files""#);
    assert_eq!(db.everything(), before);
    empty.uturn(db, "status --allow-empty").exits(0).says("missing   20260101000000-a");
    empty.uturn(db, "check --allow-empty").exits(0).says("0 migrations checked");
    empty.uturn(db, "plan --allow-empty undo").exits(0).says("DROP TABLE a");
    empty.uturn(db, "plan undo --allow-empty").exits(0).says("DROP TABLE a");
    empty.uturn(db, "prove --allow-empty").exits(0);
    empty.uturn(db, "up --allow-empty").exits(3).says("without a file here");
    for words in ["log", "redo --dry-run", "wait", "protect --dry-run", "create"] {
        empty.uturn(db, words).never_says("there is no migration in");
    }
    empty.uturn(db, "undo").exits(0).says("undone   20260101000000-a");
    run(empty.command(db, "up").env("UTURN_ALLOW_EMPTY", "1")).exits(0).says("nothing to do");
});

#[test]
fn files_of_another_tool_are_called_what_they_are() {
    for (files, said) in [
        (
            &["V1__init.sql", "V2__users.sql", "R__views.sql"][..],
            "2 files of Flyway or refinery (`V1__init.sql`, `V2__users.sql`)",
        ),
        (&["V1__init.sql", "R__views.sql"], "1 file of Flyway (`R__views.sql`)"),
        (
            &["1_a.up.sql", "1_a.down.sql", "2_b.up.sql", "2_b.down.sql"],
            "4 files of golang-migrate (`1_a.down.sql`, `1_a.up.sql`, `2_b.down.sql`, …)",
        ),
        (&["20200101000000-users.js", "package.json"], "1 file of Sequelize or Knex (`20200101000000-users.js`)"),
        (&["20200101000000-users.js", "package.json"], "1 other file (`package.json`)"),
        (&[".gitkeep", "README.md"], "2 other files (`.gitkeep`, `README.md`)"),
    ] {
        let folder = Folder::new();
        for file in files {
            folder.file(file, "SELECT 1;\n");
        }
        for words in ["check", "status", "up"] {
            let mut command = bare();
            command.arg("--dir").arg(folder.path()).arg(words).env("DATABASE_URL", "mysql://u@127.0.0.1:1/x");
            run(&mut command).exits(2).says("there is no migration in the folder").says(said);
        }
    }
    let marked = Folder::new();
    marked.file("20200101000000_init.sql", "-- migrate:up\nCREATE TABLE a (id INT);\n-- migrate:down\nDROP TABLE a;\n");
    std::fs::create_dir(marked.at("20200101000000_init")).expect("a folder");
    marked.file("20200101000000_init/migration.sql", "SELECT 1;\n");
    run(bare().arg("check").arg("--dir").arg(marked.path()))
        .exits(2)
        .says("1 file of dbmate (`20200101000000_init.sql`), 1 folder of Prisma (`20200101000000_init`)");
    // Beside a migration they are files with a wrong name, and so is a lone file that is no known tool's.
    marked.pair("20260101000000-a", "SELECT 1;\n", "SELECT 0;\n");
    run(bare().arg("check").arg("--dir").arg(marked.path())).exits(1).says("file-name");
    let misnamed = Folder::new();
    misnamed.file("add-users.up.sql", "SELECT 1;\n");
    run(bare().arg("check").arg("--dir").arg(misnamed.path())).exits(1).says("the name must begin with 14 digits");
}

#[test]
fn a_folder_and_the_binary_are_asked_for_one_at_a_time_and_what_is_typed_wins() {
    let one = Folder::with(&[("20260101000000-a", "SELECT 1;\n", "SELECT 0;\n")]);
    let dir = one.path().to_str().expect("UTF-8");
    let (folder, binary) = ("1 migration checked", "24 migrations checked");
    for (words, set, code, says) in [
        (vec!["--dir", dir], vec![], 0, folder),
        (vec!["--built-in"], vec![], 0, binary),
        (vec!["--dir", dir], vec![("UTURN_BUILT_IN", "1")], 0, folder),
        (vec!["--built-in"], vec![("UTURN_DIR", dir)], 0, binary),
        (vec![], vec![("UTURN_DIR", dir)], 0, folder),
        (vec![], vec![("UTURN_DIR", dir), ("UTURN_BUILT_IN", "0")], 0, folder),
        (vec![], vec![("UTURN_BUILT_IN", "1")], 0, binary),
        (vec!["--built-in", "--dir", dir], vec![], 2, "cannot be combined"),
        (vec![], vec![("UTURN_DIR", dir), ("UTURN_BUILT_IN", "1")], 2, "cannot be combined"),
    ] {
        println!("--- {words:?} {set:?}");
        for before in [true, false] {
            let mut command = bare();
            command.env_remove("UTURN_BUILT_IN").envs(set.iter().copied());
            match before {
                true => command.args(&words).arg("check"),
                false => command.arg("check").args(&words),
            };
            run(&mut command).exits(code).says(says);
        }
    }
}

#[test]
fn the_version_says_what_is_built_in() {
    let said = run(bare().arg("--version")).exits(0);
    let (first, rest) = said.out.split_once('\n').expect("two lines");
    assert_eq!(first, concat!("uturn ", env!("CARGO_PKG_VERSION")));
    let names = "24 migrations (`20260128100000-create-users` to `20260302171000-create-newsletter-subscribers`)";
    assert!(rest.starts_with(&format!("built in: {names}, sha256 ")), "{rest}");
    assert!(rest.contains("the example"), "the digest in src/source/embedded.rs is not that of sql/: {rest}");
}
