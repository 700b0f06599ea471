//! Statements of which a server skips all, since they stand in a comment that is for other versions: nothing is left of them.

use crate::support::app::Folder;
use crate::support::server::on_each;

/// MariaDB skips what is for MySQL 5.7 and later; MySQL skips what is for MariaDB, and both what is for versions to come.
const COMMENTS: [&str; 3] = ["/*!80000", "/*M!100000", "/*!999999"];

on_each!(a_statement_that_the_server_skips_runs_as_one_that_does_nothing, |db| {
    for comment in COMMENTS {
        let of = |sql: &str| format!("{comment} {sql} */");
        let up = [
            "CREATE TABLE a (n INT)".to_owned(),
            of("ALTER TABLE a ADD m INT"),
            "CREATE TABLE z (n INT)".to_owned(),
            of("DROP TABLE z"),
            of("DROP TABLE IF EXISTS z"),
            "ALTER TABLE a ADD k INT".to_owned(),
            of("INSERT INTO a (n) VALUES (1)"),
            "INSERT INTO a (n) VALUES (2)".to_owned(),
            of("UPDATE a SET n = 3"),
            of("SET @a = 1"),
            of("CREATE VIEW v AS SELECT 1"),
        ];
        let down = [of("DROP VIEW IF EXISTS v"), "DROP TABLE IF EXISTS a, z".to_owned(), of("DO 1")];
        let folder = Folder::with(&[
            ("20260101000000-a", &up.join(";\n"), &down.join(";\n")),
            ("20260102000000-b", &of("DROP VIEW IF EXISTS v"), &of("DROP TABLE IF EXISTS y")),
            ("20260103000000-c", "CREATE TABLE y (n INT)", "DROP TABLE y"),
        ]);
        db.exec("DROP TABLE IF EXISTS a, z, y");
        db.exec("DROP VIEW IF EXISTS v");
        db.forget_runs();
        folder.uturn(db, "plan").exits(0);
        folder.uturn(db, "up").exits(0);
        assert_eq!(db.rows("SELECT COUNT(*) FROM a WHERE k IS NULL").len(), 1, "{comment}");
        folder.uturn(db, "status --exit-code").exits(0);
        folder.uturn(db, "redo --steps 2").exits(0);
        folder.uturn(db, "undo --all --yes").exits(0);
        folder.uturn(db, "up --dry-run").exits(0);
    }
});
