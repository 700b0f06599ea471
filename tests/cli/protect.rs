//! The mark in the database: undo, redo, reset and drop need its name, whoever runs them, and `--yes` is not enough.

use crate::support::app::{Folder, account, run};
use crate::support::server::{Db, on_each};

const UNDOING: [&str; 5] = ["undo", "undo --all --yes", "redo", "reset --yes", "drop --yes"];

fn folder() -> Folder {
    Folder::with(&[
        ("20260101000000-a", "CREATE TABLE a (id INT);\n", "DROP TABLE a;\n"),
        ("20260102000000-b", "CREATE TABLE b (id INT);\n", "DROP TABLE b;\n"),
    ])
}

fn protect(folder: &Folder, db: &Db) {
    let mut command = folder.command(db, "protect");
    run(command.args(["--reason", "it's live; ask Ops"]))
        .exits(0)
        .says(&format!("database `{}` is protected", db.name));
}

on_each!(a_protected_database_is_not_undone_without_its_name, |db| {
    let folder = folder();
    folder.uturn(db, "up").exits(0);
    protect(&folder, db);
    folder
        .uturn(db, "status")
        .exits(0)
        .says("is protected, since 20")
        .says(&format!("by {} as uturn@", account()))
        .says(": it's live; ask Ops");
    let since = "SELECT DATE_FORMAT(changed_at, '%Y-%m-%d %H:%i:%sZ') FROM refinery_schema_history_protection";
    let since = format!("is protected, since {} by ", db.rows(since)[0]);
    folder.uturn(db, "status").exits(0).says(&since);
    let before = db.everything();
    for words in UNDOING {
        folder
            .uturn(db, words)
            .exits(3)
            .says(&since)
            .says("it's live; ask Ops")
            .says("nothing has been changed")
            .says(&format!("--allow-protected {}", db.name));
        folder.uturn(db, &format!("{words} --allow-protected other")).exits(3).says("names `other`");
        let mut command = folder.command(db, words);
        run(command.envs([("UTURN_YES", "1"), ("UTURN_ENV", "production"), ("UTURN_ALLOW_PRODUCTION", "1")])).exits(3);
    }
    assert_eq!(db.everything(), before);
    // What goes forward, or changes nothing, is as before.
    folder.uturn(db, "undo --dry-run").exits(0).says("DROP TABLE b");
    folder.pair("20260103000000-c", "CREATE TABLE c (id INT);\n", "DROP TABLE c;\n");
    folder.uturn(db, "up").exits(0);
    let named = format!("--allow-protected {}", db.name);
    folder.uturn(db, &format!("undo {named}")).exits(0);
    folder.uturn(db, &format!("undo --all {named}")).exits(3).says("no terminal to ask at");
    folder.uturn(db, &format!("undo --all --yes {named}")).exits(0);
    // The mark outlives the migrations.
    folder.uturn(db, "status").exits(0).says("is protected");
    folder.uturn(db, "up").exits(0);
    folder.uturn(db, "undo").exits(3);
    folder.uturn(db, "unprotect").exits(0).says("is not protected");
    folder.uturn(db, "unprotect").exits(0).says("is not protected");
    folder.uturn(db, "undo").exits(0);
    folder.uturn(db, "status").exits(0).never_says("protected");
    assert_eq!(
        db.rows("SELECT protected, reason, os_user FROM refinery_schema_history_protection ORDER BY change_no"),
        [format!("1|it's live; ask Ops|{}", account()), format!("0|NULL|{}", account())]
    );
});

on_each!(a_database_can_be_protected_before_the_first_up_and_as_json, |db| {
    let folder = folder();
    folder.uturn(db, "protect --dry-run").exits(0).says("CREATE TABLE IF NOT EXISTS").says("INSERT INTO");
    assert!(db.rows("SHOW TABLES").is_empty());
    folder.uturn(db, "unprotect").exits(0);
    assert!(db.rows("SHOW TABLES").is_empty());
    folder
        .uturn(db, "protect --json")
        .exits(0)
        .says(r#""event":"protection""#)
        .says(r#""protected":true"#)
        .says(r#""reason":null"#);
    folder.uturn(db, "status --json").exits(0).says(r#""protected":true"#);
    folder.uturn(db, "drop --yes").exits(3).says("is protected");
    folder.uturn(db, "up").exits(0);
    folder.uturn(db, "undo").exits(3);
    // Not understood is not allowed.
    db.exec("ALTER TABLE refinery_schema_history_protection COMMENT = 'uturn protection 2'");
    folder.uturn(db, "undo").exits(3).says("was made by a newer uturn");
    folder.uturn(db, "drop --yes").exits(3).says("was made by a newer uturn");
});

on_each!(the_record_names_the_account_of_the_system_and_who_called_sudo, |db| {
    let folder = folder();
    let long = "ö".repeat(300);
    let cases = [("", account()), ("alice", format!("{} (alice)", account())), (&*long, "ö".repeat(64) + ")")];
    for (caller, says) in cases {
        println!("--- {caller}");
        let with = |words: &str| {
            let mut command = folder.command(db, words);
            run(command.env("USER", "mallory").env("LOGNAME", "mallory").env("SUDO_USER", caller)).exits(0)
        };
        with("up --steps 1");
        with("undo");
        folder.uturn(db, "log --last 1").exits(0).says(&format!("{says} as uturn@")).never_says("mallory");
        with("protect").says(&format!("{says} as uturn@")).never_says("mallory");
        with("unprotect");
    }
});
