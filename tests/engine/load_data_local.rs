//! LOAD DATA LOCAL: only where it is allowed, only the file that the statement names, and exactly once.

use crate::support::app::{Folder, run};
use crate::support::own::Own;
use crate::support::server::{Db, Server, on_each};

const STEM: &str = "20260101000000-load-items";
const TABLE: &str = "CREATE TABLE items (id INT PRIMARY KEY, title VARCHAR(50)) DEFAULT CHARSET=utf8mb4;\n";

fn folder(load: &str) -> Folder {
    let folder = Folder::with(&[(STEM, &format!("{TABLE}{load}\n"), "DROP TABLE items;\n")]);
    folder.file("items.csv", "1,a\n2,it's; b\n3,é\n");
    folder
}

const LOAD: &str =
    "LOAD DATA LOCAL INFILE 'items.csv' INTO TABLE items CHARACTER SET utf8mb4 FIELDS TERMINATED BY ',';";

/// MySQL takes no files unless it is told to.
fn taking_files(db: &Db) -> Own {
    Own::start(db.server.kind, &["--local-infile=ON"])
}

fn switch(server: &Server, on: bool) {
    let mut root = std::process::Command::new("mariadb");
    root.args(["--no-defaults", "-uroot", "--socket", &server.socket, "-e"]);
    run(root.arg(format!("SET GLOBAL local_infile = {}", u8::from(on)))).exits(0);
}

on_each!(a_file_that_a_migration_names_is_loaded_if_that_is_allowed, |db| {
    let own = taking_files(db);
    let db = &own.server.database();
    let folder = folder(LOAD);
    let whole = format!(
        "LOAD DATA LOCAL INFILE '{}' REPLACE INTO TABLE items CHARACTER SET utf8mb4 FIELDS TERMINATED BY ',';",
        folder.at("items.csv").display()
    );
    for mode in ["up", "up --dry-run"] {
        folder
            .uturn(db, mode)
            .exits(2)
            .says("LOAD DATA LOCAL would send `items.csv`")
            .says("--allow-local-infile")
            .says(".up.sql:2:1");
    }
    assert!(db.tables().is_empty());
    folder.uturn(db, "up --allow-local-infile").exits(0).says("3 rows");
    let rows = || db.rows("SELECT * FROM items ORDER BY id");
    assert_eq!(rows(), ["1|a", "2|it's; b", "3|é"]);
    // Its row in the journal is in the same transaction.
    assert_eq!(
        db.rows("SELECT kind, state, rows_affected FROM refinery_schema_history_step WHERE step = 2"),
        ["dml|done|3"]
    );
    folder.uturn(db, "redo").exits(2).says("--allow-local-infile");
    assert_eq!(rows().len(), 3);
    let mut command = folder.command(db, "redo");
    run(command.env("UTURN_ALLOW_LOCAL_INFILE", "1")).exits(0);
    assert_eq!(rows().len(), 3);
    // The whole path, and another statement that fails behind it: both are rolled back.
    let second = "20260102000000-load-more";
    folder.pair(second, &format!("{whole}\nINSERT INTO items VALUES (9, 'x'), (9, 'x');\n"), "DO 0;\n");
    folder.uturn(db, "up --allow-local-infile").exits(5).says("1062").says("statement 1 was rolled back");
    folder.file("items.csv", "7,seven\n");
    folder.pair(second, &format!("{whole}\n"), "DO 0;\n");
    folder.uturn(db, "up --allow-local-infile").exits(0);
    assert_eq!(db.rows("SELECT id FROM items ORDER BY id"), ["1", "2", "3", "7"]);
});

on_each!(a_file_that_is_not_there_or_a_server_that_takes_none_is_told_before_anything_runs, |db| {
    let own = taking_files(db);
    let db = &own.server.database();
    let folder = folder(LOAD);
    std::fs::remove_file(folder.at("items.csv")).expect("it is there");
    let up = "up --allow-local-infile";
    folder
        .uturn(db, up)
        .exits(2)
        .says("cannot read `")
        .says("items.csv`")
        .says(".up.sql:2:1")
        .says("nothing has been changed");
    std::fs::create_dir(folder.at("items.csv")).expect("a folder");
    folder.uturn(db, up).exits(2).says("it is a folder");
    std::fs::remove_dir(folder.at("items.csv")).expect("a folder");
    folder.file("items.csv", "1,a\n");
    switch(&db.server, false);
    folder
        .uturn(db, up)
        .exits(3)
        .says("the server takes no files from its clients")
        .says("SET GLOBAL local_infile = ON");
    assert!(db.tables().is_empty());
    switch(&db.server, true);
    folder.uturn(db, up).exits(0);
});
