//! DML whose rows are committed together with the intent of the DDL behind it: what another session, a large way back, or a
//! failure of either does to it.

use crate::support::app::{Folder, run};
use crate::support::proxy::Proxy;
use crate::support::server::{Db, on_each};
use std::process::Stdio;
use std::time::Duration;

fn tables(db: &Db) {
    for statement in ["CREATE TABLE a (n INT)", "CREATE TABLE z (v INT, w INT)", "INSERT INTO z (v) VALUES (0)"] {
        db.exec(statement);
    }
}

// `RENAME TABLE a …, z …` takes `a`, and waits for the UPDATE to let go of `z`; the look at `a` would wait for the RENAME.
on_each!(another_session_that_waits_for_the_rows_table_takes_nothing_away, |db| {
    // The alias looks like a table that is written to.
    for update in ["UPDATE z SET v = v + 1, w = SLEEP(2);", "UPDATE z AS a SET a.v = a.v + 1, a.w = SLEEP(2);"] {
        let db = &db.server.database();
        tables(db);
        let folder = Folder::with(&[
            ("20260101000000-fill", update, "UPDATE z SET v = v - 1;"),
            ("20260102000000-add", "ALTER TABLE a ADD c INT;", "ALTER TABLE a DROP c;"),
        ]);
        let child = folder.command(db, "up").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let child = child.expect("the binary starts");
        db.wait_for_statement("UPDATE z");
        std::thread::sleep(Duration::from_millis(200));
        // It may be the victim of a deadlock; then it has done nothing.
        use mysql::prelude::Queryable;
        let _ = db.conn().query_drop("RENAME TABLE a TO b, z TO y, b TO a, y TO z");
        let up = crate::support::app::Run::new(child.wait_with_output().expect("it ends")).exits(0);
        assert_eq!(up.err.matches("applied").count(), 2, "{}", up.err);
        assert_eq!(db.rows("SELECT v FROM z"), ["1"], "{update}: {}", up.err);
        assert_eq!(db.rows("SHOW COLUMNS FROM a LIKE 'c'").len(), 1);
        assert_eq!(db.history().len(), 2);
    }
});

// The DDL fails behind a commit that holds the DML's rows, in the same script and in the next one.
on_each!(the_ddl_behind_it_fails, |db| {
    tables(db);
    let folder = Folder::with(&[
        ("20260101000000-fill", "UPDATE z SET v = v + 1;", "UPDATE z SET v = v - 1;"),
        ("20260102000000-bad", "ALTER TABLE z ADD w INT;", "SELECT 1;"),
        ("20260103000000-both", "UPDATE z SET v = v + 10; ALTER TABLE z ADD w INT;", "SELECT 1;"),
    ]);
    folder.uturn(db, "up").exits(5).says("applied  20260101000000-fill").says("statement 1 had no effect");
    assert_eq!(db.rows("SELECT v FROM z"), ["1"]);
    assert_eq!(db.history().len(), 1);
    folder.remove("20260102000000-bad");
    let up = folder.uturn(db, "up").exits(5);
    up.says("statement 1 is done and recorded; statement 2 had no effect");
    assert_eq!(db.rows("SELECT v FROM z"), ["11"]);
    folder.file("20260103000000-both.up.sql", "UPDATE z SET v = v + 10; ALTER TABLE z ADD x INT;");
    folder.uturn(db, "up").exits(0);
    assert_eq!(db.rows("SELECT v FROM z"), ["11"], "it goes on at the second");
});

// A session's own sequence commits what stands before it (MariaDB).
on_each!(a_temporary_sequence_among_the_rows, |db| {
    if db.server.kind == "mysql" {
        return;
    }
    db.exec("CREATE TABLE z (v INT PRIMARY KEY)");
    let stem = "20260101000000-m";
    let up = "INSERT INTO z VALUES (1); CREATE OR REPLACE TEMPORARY SEQUENCE s; INSERT INTO z VALUES (2); \
                  INSERT INTO z VALUES (1);";
    let folder = Folder::with(&[(stem, up, "SELECT 1;")]);
    let up = folder.uturn(db, "up").exits(5);
    up.says("statements 1 to 2 are done and recorded; statement 3 was rolled back with it; statement 4 had no effect");
    assert_eq!(db.rows("SELECT v FROM z"), ["1"]);
    folder.file(
        &format!("{stem}.up.sql"),
        "INSERT INTO z VALUES (1); CREATE OR REPLACE TEMPORARY SEQUENCE s; \
                    INSERT INTO z VALUES (2); INSERT INTO z VALUES (3);",
    );
    folder.uturn(db, "up").exits(0);
    assert_eq!(db.rows("SELECT v FROM z"), ["1", "2", "3"]);
});

// What was seen of a table once is no evidence for a statement further behind.
on_each!(an_older_look_is_not_taken_for_a_newer_one, |db| {
    db.exec("CREATE TABLE a (n INT, modify INT, d INT)");
    db.exec("CREATE TABLE z (v INT)");
    let up = "UPDATE z SET v = 1; ALTER TABLE a DROP COLUMN modify; UPDATE z SET v = 2; UPDATE z SET v = 3; \
                  ALTER TABLE a ADD d INT;";
    let folder = Folder::with(&[("20260101000000-m", up, "SELECT 1;")]);
    folder.uturn(db, "up").exits(5).says("statements 1 to 4 are done and recorded; statement 5 had no effect");
});

// Rows that are large are not kept for the next packet, which holds large ones of its own.
on_each!(large_ways_back_do_not_meet_in_one_packet, |db| {
    let mut state = 1_u64;
    let mut noise = || {
        let digit = |_| {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            char::from(b'0' + (state >> 33) as u8 % 75)
        };
        let text: String = (0..6_000_000).map(digit).collect();
        format!("-- {text}\nSELECT 1;")
    };
    let (first, second) = (noise(), noise());
    tables(db);
    // One that leaves no trace has a row all the same.
    let folder = Folder::with(&[
        ("20260101000000-fill", "UPDATE z SET v = v + 1;", &first),
        ("20260102000000-add", "ALTER TABLE z ADD c INT;", &second),
        ("20260103000000-none", "COMMIT;", &second),
        ("20260104000000-more", "UPDATE z SET v = v + 1;", &first),
    ]);
    folder.uturn(db, "up").exits(0);
    assert_eq!(db.rows("SELECT v FROM z"), ["2"]);
});

// In a table of the same name, so that there is something to share: else the tests above would test something else.
on_each!(the_rows_and_the_intent_are_one_transaction, |db| {
    tables(db);
    let folder = Folder::with(&[
        ("20260101000000-fill", "UPDATE z SET v = v + 1;", "SELECT 1;"),
        ("20260102000000-add", "ALTER TABLE z ADD c INT; UPDATE z SET c = 1; ALTER TABLE z ADD d INT;", "SELECT 1;"),
    ]);
    let proxy = Proxy::start(&db.server.address(), "", 0);
    run(folder.command(db, "up").env("DATABASE_URL", proxy.url(db))).exits(0);
    let shared =
        |text: &&String| text.starts_with("RELEASE SAVEPOINT uturn_step") && text.contains("ALTER TABLE z ADD");
    assert_eq!(proxy.queries().iter().filter(shared).count(), 2);
});
