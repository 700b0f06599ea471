//! After kill -9 of uturn the server goes on with its statement. Whoever comes next waits for it, and decides right.

use crate::support::app::{Folder, run};
use crate::support::server::{Db, on_each};
use mysql::prelude::Queryable;
use std::process::Stdio;
use std::time::Duration;

/// Starts `up`, and kills it as soon as a statement that looks like this is under way.
fn kill_during(folder: &Folder, db: &Db, statement: &str) {
    let mut child = folder.command(db, "up").stderr(Stdio::null()).spawn().expect("the binary starts");
    db.wait_for_statement(statement);
    child.kill().expect("it runs");
    child.wait().expect("it is dead");
}

on_each!(an_alter_that_outlives_its_runner_is_waited_for_and_not_run_again, |db| {
    db.exec("CREATE TABLE big (id INT AUTO_INCREMENT PRIMARY KEY, a VARCHAR(50), b CHAR(200) DEFAULT 'x')");
    db.exec("INSERT INTO big (a) VALUES ('1'),('2'),('3'),('4'),('5'),('6'),('7'),('8')");
    for _ in 0..14 {
        db.exec("INSERT INTO big (a) SELECT a FROM big");
    }
    // Both change nothing that running them twice would not show: an index without a name, and a rebuild.
    let up = "ALTER TABLE big MODIFY b CHAR(100), ADD INDEX (a), ALGORITHM=COPY; INSERT INTO big (a) VALUES ('end');";
    let folder = Folder::with(&[("20260101000000-alter", up, "ALTER TABLE big DROP INDEX a;")]);
    kill_during(&folder, db, "ALTER TABLE big MODIFY");
    folder.uturn(db, "up").exits(0).says("recovered: statement 1").says("took effect");
    let mut indexes = db.rows("SELECT DISTINCT INDEX_NAME FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'big'");
    indexes.sort();
    assert_eq!(indexes, ["PRIMARY", "a"]);
    assert_eq!(db.rows("SELECT COUNT(*) FROM big WHERE a = 'end'"), ["1"]);
});

on_each!(an_alter_that_waits_for_a_metadata_lock_when_its_runner_dies, |db| {
    db.exec("CREATE TABLE t (a INT) ENGINE=InnoDB");
    db.exec("INSERT INTO t VALUES (1)");
    let mut blocker = db.conn();
    blocker.query_drop("START TRANSACTION").expect("START TRANSACTION");
    blocker.query_drop("SELECT * FROM t").expect("SELECT");
    let folder =
        Folder::with(&[("20260101000000-alter", "ALTER TABLE t ADD INDEX (a);", "ALTER TABLE t DROP INDEX a;")]);
    kill_during(&folder, db, "ALTER TABLE t ADD INDEX");
    // MariaDB gives the ALTER up after a second; MySQL runs it when the blocker leaves, long after its client's death.
    std::thread::sleep(Duration::from_millis(1_500));
    blocker.query_drop("COMMIT").expect("COMMIT");
    folder.uturn(db, "up").exits(0).says("recovered: statement 1");
    assert_eq!(db.rows("SHOW INDEX FROM t").len(), 1);
    folder.uturn(db, "status --exit-code").exits(0);
});

on_each!(an_update_that_waits_for_a_row_when_its_runner_dies, |db| {
    db.exec("CREATE TABLE t (id INT PRIMARY KEY, n INT) ENGINE=InnoDB");
    db.exec("INSERT INTO t VALUES (1, 1)");
    let mut blocker = db.conn();
    blocker.query_drop("START TRANSACTION").expect("START TRANSACTION");
    blocker.query_drop("UPDATE t SET n = 5").expect("UPDATE");
    let folder = Folder::with(&[("20260101000000-update", "UPDATE t SET n = n + 1;", "UPDATE t SET n = n - 1;")]);
    kill_during(&folder, db, "UPDATE t SET n = n + 1");
    let next = folder.command(db, "up").stderr(Stdio::piped()).spawn().expect("the binary starts");
    std::thread::sleep(Duration::from_millis(300));
    blocker.query_drop("COMMIT").expect("COMMIT");
    assert!(next.wait_with_output().expect("it ends").status.success());
    assert_eq!(db.rows("SELECT n FROM t"), ["6"], "once");
});

on_each!(a_runner_is_killed_while_another_waits_for_it, |db| {
    let folder = Folder::with(&[("20260101000000-slow", "SELECT SLEEP(20);", "SELECT 1;")]);
    let mut first = folder.command(db, "up").stderr(Stdio::null()).spawn().expect("the binary starts");
    db.wait_for_statement("SELECT SLEEP(20)");
    folder.file("20260101000000-slow.up.sql", "SELECT SLEEP(0);");
    let next = folder.command(db, "up").stderr(Stdio::null()).spawn().expect("the binary starts");
    first.kill().expect("it runs");
    first.wait().expect("it is dead");
    // The servers notice within five seconds that the client of a SLEEP is gone.
    assert!(next.wait_with_output().expect("it ends").status.success());
    assert_eq!(db.history().len(), 1);
    run(folder.command(db, "undo").arg("--yes")).exits(0);
});
