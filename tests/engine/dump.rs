//! The output of mariadb-dump as it is, as a migration. Its first line switches off the commands that the client runs itself.

use crate::support::app::Folder;
use crate::support::server::{Db, on_each, on_mariadb};
use std::process::Command;

const SANDBOX: [&str; 2] = ["/*M!999999\\- enable the sandbox mode */ \n", "/*!999999\\- enable the sandbox mode */\n"];

fn dump(db: &Db) -> String {
    let mut dump = Command::new("mariadb-dump");
    dump.args([
        "--no-defaults",
        "--routines",
        "--triggers",
        "--hex-blob",
        "--skip-add-drop-table",
        "-uuturn",
        "--socket",
    ]);
    dump.env("MYSQL_PWD", "uturn").arg(&db.server.socket).arg(&db.name);
    let output = dump.output().expect("mariadb-dump starts");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

on_mariadb!(a_dump_of_mariadb_dump_is_a_migration_as_it_is, |db| {
    let server = &db.server;
    let old = server.database();
    old.exec("CREATE TABLE t (id INT PRIMARY KEY, x VARCHAR(20), b BLOB)");
    old.exec("INSERT INTO t VALUES (1, 'ä;\\'', x'ff00'), (2, NULL, NULL)");
    old.exec("CREATE TRIGGER r BEFORE INSERT ON t FOR EACH ROW SET NEW.x = 'x'");
    old.exec("CREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2; END");
    old.exec("CREATE VIEW v AS SELECT id FROM t");
    let text = dump(&old);
    assert!(text.starts_with("/*M!999999\\- enable the sandbox mode */"), "{text}");
    let db = server.database();
    let folder = Folder::with(&[("20260101000000-dump", &text, "DROP TABLE t; DROP VIEW v; DROP PROCEDURE p;\n")]);
    folder.uturn(&db, "check").says("1 migration checked").never_says("command of the mysql client");
    folder.uturn(&db, "up").exits(0).says("applied  20260101000000-dump");
    assert_eq!(db.rows("SELECT id, x, HEX(b) FROM t ORDER BY id"), ["1|ä;'|FF00", "2|NULL|NULL"]);
    assert_eq!(db.rows("SELECT COUNT(*) FROM v"), ["2"]);
    folder.uturn(&db, "undo").exits(0);
});

on_each!(the_sandbox_line_is_skipped_wherever_a_statement_may_begin_and_nothing_else_is, |db| {
    for line in SANDBOX {
        let up = format!("{line}CREATE TABLE a (id INT);\n{line}INSERT INTO a VALUES (1);\n{line}");
        let folder = Folder::with(&[("20260101000000-a", &up, &format!("{line}DROP TABLE a;\n"))]);
        folder.uturn(db, "up").exits(0).says("2 statements, 1 row");
        folder.uturn(db, "undo").exits(0).says("1 statement");
    }
    for text in [
        "/*M!999999\\! rm -rf x */\n",
        "/*M!999999\\- x \\! rm -rf x */\n",
        "/*!100100\\- enable the sandbox mode */\n",
        "\\-\n",
        "sandbox\n",
        "CREATE /*M!999999\\- enable the sandbox mode */ TABLE b (id INT);\n",
    ] {
        let folder = Folder::with(&[("20260101000000-a", &format!("{text}SELECT 1;\n"), "SELECT 0;\n")]);
        folder.uturn(db, "up").exits(2).says("command of the mysql client");
    }
    assert_eq!(db.tables(), Vec::<String>::new());
});
