//! The hint of a statement that stops fits its cause: a right, a definer, a trigger, the server; else the statement.

use crate::support::app::{Folder, Run, run};
use crate::support::server::{Db, on_each};

const STEM: &str = "20260101000000-m";

/// `up` of one statement behind one that is done.
fn up(db: &Db, statement: &str) -> Run {
    let folder = Folder::with(&[(STEM, &format!("CREATE TABLE first (a INT); {statement}"), "DROP TABLE first;")]);
    let told = folder.uturn(db, "up").exits(5);
    folder.uturn(db, "undo").exits(0);
    told.never_says("fix statement")
}

on_each!(a_missing_right_is_named_with_its_grant, |db| {
    let account = &db.name[db.name.len().saturating_sub(30)..];
    db.exec("CREATE TABLE t (a INT)");
    for host in ["%", "localhost"] {
        db.exec(&format!("CREATE USER '{account}'@'{host}' IDENTIFIED BY 'x-Y-9-z'"));
        db.exec(&format!(
            "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP ON `{}`.* TO '{account}'@'{host}'",
            db.name
        ));
    }
    let own = format!("'{account}'@'");
    let database = db.name.replace('_', "\\_");
    let folder = Folder::new();
    for (statement, grant) in [
        ("ALTER TABLE t ADD b INT;", format!("GRANT ALTER ON `{}`.`t` TO {own}", db.name)),
        ("CREATE VIEW v AS SELECT 1;", format!("GRANT CREATE VIEW ON `{database}`.* TO {own}")),
        ("CREATE PROCEDURE p() SELECT 1;", format!("GRANT CREATE ROUTINE ON `{database}`.* TO {own}")),
        ("CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1;", format!("GRANT EVENT ON `{database}`.* TO {own}")),
        ("CREATE USER IF NOT EXISTS x_y_z;", format!("GRANT CREATE USER ON *.* TO {own}")),
        ("CREATE INDEX i ON t (a);", format!("GRANT INDEX ON `{}`.`t` TO {own}", db.name)),
    ] {
        folder.pair(STEM, &format!("CREATE TABLE first (a INT); {statement}"), "DROP TABLE first;");
        let url = db.server.url_as(account, "x-Y-9-z", &db.name);
        let told = run(folder.command(db, "up").env("DATABASE_URL", &url)).exits(5);
        told.says(&format!("lacks a right; ask for it: {grant}")).says("resumes there").never_says("fix statement");
        folder.uturn(db, "undo").exits(0);
    }
    for host in ["%", "localhost"] {
        db.exec(&format!("DROP USER '{account}'@'{host}'"));
    }
});

on_each!(a_trigger_a_routine_and_a_definer_are_named, |db| {
    let gone = format!("`{}`@`nowhere`", &db.name[..db.name.len().min(30)]);
    for made in [
        "CREATE TABLE t (a INT)",
        "CREATE TABLE u (a INT)",
        "CREATE TABLE w (a INT)",
        "CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW INSERT INTO nowhere VALUES (1)",
        "CREATE TRIGGER no BEFORE INSERT ON u FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no rows here'",
        "CREATE PROCEDURE p() INSERT INTO u (nocol) VALUES (1)",
    ] {
        db.exec(made);
    }
    db.exec(&format!("CREATE DEFINER = {gone} TRIGGER old BEFORE INSERT ON w FOR EACH ROW SET NEW.a = 1"));
    up(db, "INSERT INTO t VALUES (1);").says(&format!("in what it runs, trigger {}.tr of table t: fix that", db.name));
    up(db, "INSERT INTO u VALUES (1);").says(&format!("trigger {}.no of table u", db.name));
    up(db, "CALL p();").says(&format!("procedure {}.p", db.name));
    up(db, "INSERT INTO w VALUES (1);").says(&format!("of trigger {}.old does not exist: make that account", db.name));
});

on_each!(the_server_is_named_and_else_the_statement, |db| {
    let limit = if db.server.kind == "mariadb" { "max_statement_time = 1" } else { "max_execution_time = 1000" };
    let folder = Folder::with(&[(
        STEM,
        &format!(
            "CREATE TABLE first (a INT); SET SESSION {limit}; INSERT INTO first SELECT SLEEP(3); INSERT INTO first VALUES ('x');"
        ),
        "DROP TABLE first;",
    )]);
    if db.server.kind == "mariadb" {
        folder.uturn(db, "up").exits(5).says("1969").says("see to what the server says");
        folder.uturn(db, "undo").exits(0);
    }
    folder.pair(STEM, "CREATE TABLE first (a INT); INSERT INTO first VALUES ('x');", "DROP TABLE first;");
    folder.uturn(db, "up").exits(5).says("fix statement 2");
});
