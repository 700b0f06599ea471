//! The server did it, and its answer never came: to a COMMIT, and to a DDL. uturn makes a new connection, finds out, and
//! goes on by itself.

use crate::support::app::{Folder, Run, bare, run};
use crate::support::proxy::Lost;
use crate::support::proxy::Proxy;
use crate::support::server::{Db, on_each};

/// Each shows whether it ran once: unnamed indexes, renames that swap, sums.
fn folder() -> Folder {
    Folder::with(&[
        ("20260101000000-a", "CREATE TABLE a (n INT, m INT); INSERT INTO a VALUES (1, 1);", "DROP TABLE a;"),
        (
            "20260102000000-b",
            "ALTER TABLE a ADD INDEX (n); UPDATE a SET n = n + 1;",
            "UPDATE a SET n = n - 1; ALTER TABLE a DROP INDEX n;",
        ),
        (
            "20260103000000-c",
            "CREATE TABLE b LIKE a; RENAME TABLE a TO x, b TO a, x TO b;",
            "RENAME TABLE a TO x, b TO a, x TO b; DROP TABLE b;",
        ),
        ("20260104000000-d", "UPDATE b SET m = m * 10;", "UPDATE b SET m = m / 10;"),
    ])
}

fn through(proxy: &Proxy, db: &Db, folder: &Folder, words: &str) -> Run {
    let mut command = bare();
    command.env("DATABASE_URL", format!("mysql://uturn:uturn@127.0.0.1:{}/{}?ssl-mode=DISABLED", proxy.port, db.name));
    run(command.arg("--dir").arg(folder.path()).args(words.split_whitespace()))
}

fn state(db: &Db) -> Vec<String> {
    let mut all = db.schema();
    all.extend(db.tables().iter().flat_map(|table| db.rows(&format!("SELECT * FROM {table}"))));
    all.extend(db.history());
    all
}

fn every_answer(db: &Db, needle: &'static str) {
    let folder = folder();
    let counting = Proxy::start(&db.server.address(), needle, 0);
    through(&counting, db, &folder, "up").exits(0);
    let (ups, up_state) = (counting.seen(), state(db));
    through(&counting, db, &folder, "undo --all --yes").exits(0);
    let (undos, undo_state) = (counting.seen() - ups, state(db));
    assert!(ups > 1 && undos > 1, "{needle} stands in {ups} and {undos} packets");
    for nth in 1..=ups {
        let proxy = Proxy::start(&db.server.address(), needle, nth);
        let told = through(&proxy, db, &folder, "up").exits(0).says("connection was lost");
        assert_eq!(state(db), up_state, "after the loss of answer {nth} to `{needle}`: {}", told.err);
        assert_eq!(
            told.err.matches("\napplied  ").count() + usize::from(told.err.starts_with("applied  ")),
            4,
            "{}",
            told.err
        );
        folder.uturn(db, "undo --all --yes").exits(0);
    }
    for nth in 1..=undos {
        folder.uturn(db, "up").exits(0);
        let proxy = Proxy::start(&db.server.address(), needle, nth);
        let told = through(&proxy, db, &folder, "undo --all --yes").exits(0).says("connection was lost");
        assert_eq!(state(db), undo_state, "after the loss of answer {nth} to `{needle}`: {}", told.err);
    }
    println!("{}: {} lost answers to `{needle}`, 0 wrong", db.server.kind, ups + undos);
}

on_each!(to_a_commit, |db| every_answer(db, "COMMIT"));

on_each!(to_an_alter, |db| every_answer(db, "ALTER TABLE a "));

on_each!(to_a_rename, |db| every_answer(db, "RENAME TABLE a "));

// KILL QUERY between two statements of a packet: the server forgets the rest of it without a word, and is idle. The wait for
// its answer must end. Here the answer is swallowed, which looks the same from both sides.
on_each!(that_never_comes_though_the_connection_stays, |db| {
    let folder = folder();
    let counting = Proxy::start(&db.server.address(), "COMMIT", 0);
    through(&counting, db, &folder, "up").exits(0);
    let expected = state(db);
    folder.uturn(db, "undo --all --yes").exits(0);
    assert!(counting.seen() >= 4, "{:?}", counting.queries());
    for nth in 1..=4 {
        let proxy = Proxy::losing(&db.server.address(), "COMMIT", nth, Lost::Word);
        let mut command = folder.command(db, "up");
        command.env("DATABASE_URL", format!("{}?ssl-mode=DISABLED", proxy.url(db))).env("UTURN_FAILPOINT_IDLE", "2");
        run(&mut command).exits(0).says("connection was lost");
        assert_eq!(state(db), expected, "COMMIT number {nth}");
        folder.uturn(db, "undo --all --yes").exits(0);
    }
    // Before anything runs, it is simply no connection.
    for words in ["up", "status", "undo", "log"] {
        let proxy = Proxy::losing(&db.server.address(), "information_schema", 1, Lost::Word);
        let mut command = folder.command(db, words);
        command.env("DATABASE_URL", format!("{}?ssl-mode=DISABLED", proxy.url(db))).env("UTURN_FAILPOINT_IDLE", "2");
        run(&mut command).exits(4).says("nothing has been changed");
    }
});

// KILL QUERY from a second signal can hit the moment between two statements of a packet: the server forgets the rest, and
// no answer comes. Whoever has asked for an end does not wait a minute for it.
on_each!(that_never_comes_behind_a_second_signal, |db| {
    use crate::support::live::Live;
    use std::time::{Duration, Instant};
    let folder =
        Folder::with(&[("20260101000000-m", "CREATE TABLE a (x INT); ALTER TABLE a ADD y INT;", "DROP TABLE a;")]);
    let proxy = Proxy::losing(&db.server.address(), "ADD y INT", 2, Lost::Word);
    let mut command = folder.command(db, "up");
    command.env("DATABASE_URL", format!("{}?ssl-mode=DISABLED", proxy.url(db)));
    let mut live = Live::start(&mut command);
    let columns = "SELECT 1 FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'a'";
    while db.rows(columns).len() < 2 {
        std::thread::sleep(Duration::from_millis(10));
    }
    live.signal("TERM");
    live.hears("SIGTERM");
    std::thread::sleep(Duration::from_millis(300));
    live.signal("TERM");
    let since = Instant::now();
    // It was the last one, and only its row was still to be written.
    live.end().exits(0).says("recovered: statement 2");
    assert!(since.elapsed() < Duration::from_secs(30), "{:?}", since.elapsed());
});
