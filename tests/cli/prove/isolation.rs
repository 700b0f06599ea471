//! A proof leaves nothing behind, whatever ends it, touches nothing that it did not make, and needs few rights.

use crate::support::app::{Folder, Run, bare, run};
use crate::support::server::{Db, on_each};
use mysql::prelude::Queryable;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A proof that takes some seconds.
fn slow() -> Folder {
    Folder::with(&[
        ("20260101000000-a", "CREATE TABLE a (x INT);", "DROP TABLE a;"),
        (
            "20260102000000-slow",
            "ALTER TABLE a ADD y INT; DO SLEEP(2); INSERT INTO a VALUES (1, 1);",
            "DELETE FROM a; ALTER TABLE a DROP y;",
        ),
    ])
}

fn scratches(db: &Db) -> Vec<String> {
    db.rows("SHOW DATABASES LIKE 'uturn\\_scratch\\_%'")
}

/// The scratch databases in which a table of this folder is.
fn scratches_with(db: &Db, table: &str) -> Vec<String> {
    db.rows(&format!(
        "SELECT TABLE_SCHEMA FROM information_schema.TABLES WHERE TABLE_SCHEMA LIKE 'uturn\\_scratch\\_%' AND TABLE_NAME = '{table}'"
    ))
}

fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < Duration::from_secs(60), "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn start(mut command: Command) -> Child {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts")
}

fn send(child: &Child, signal: &str) {
    let status = Command::new("kill").args([signal, &child.id().to_string()]).status().expect("kill");
    assert!(status.success());
}

on_each!(what_kill_9_leaves_is_cleared_by_the_next_run_and_a_living_one_is_left_alone, |db| {
    let (folder, other) = (slow(), slow());
    // Tables of this test alone: others prove at the same time.
    folder.pair("20260101000000-a", "CREATE TABLE a (x INT); CREATE TABLE doomed (x INT);", "DROP TABLE a, doomed;");
    other.pair("20260101000000-a", "CREATE TABLE a (x INT); CREATE TABLE alive (x INT);", "DROP TABLE a, alive;");
    let mut killed = start(folder.command(db, "prove"));
    let mut left = None;
    until("the first proof runs", || {
        left = scratches_with(db, "doomed").pop();
        left.is_some()
    });
    let left = left.expect("it runs");
    let living = start(other.command(db, "prove"));
    until("the second proof runs", || !scratches_with(db, "alive").is_empty());
    send(&killed, "-9");
    killed.wait().expect("it is dead");
    // The server notices a dead client when it has something to say to it.
    until("the leftover is cleared", || {
        let quick = Folder::with(&[("20260101000000-q", "CREATE TABLE q (x INT);", "DROP TABLE q;")]);
        quick.uturn(db, "prove").exits(0);
        !scratches(db).contains(&left)
    });
    Run::new(living.wait_with_output().expect("it ends")).exits(0).says("2 proven");
    assert_eq!(scratches_with(db, "alive"), Vec::<String>::new());
});

on_each!(a_signal_ends_it_with_nothing_left, |db| {
    for (signal, code, word) in [("-INT", 130, "SIGINT"), ("-TERM", 143, "SIGTERM")] {
        let folder = slow();
        folder.pair(
            "20260101000000-a",
            "CREATE TABLE a (x INT); CREATE TABLE signalled (x INT);",
            "DROP TABLE a, signalled;",
        );
        let child = start(folder.command(db, "prove"));
        until("the proof runs", || !scratches_with(db, "signalled").is_empty());
        send(&child, signal);
        Run::new(child.wait_with_output().expect("it ends")).exits(code).says(word);
        assert_eq!(scratches_with(db, "signalled"), Vec::<String>::new());
    }
});

on_each!(databases_of_others_stay_whatever_their_names, |db| {
    let full = format!("uturn_scratch_{}", db.name);
    let like = format!("uturnXscratchX{}", db.name);
    // As long as it is empty, another test's `prove` would take it for a leftover, but for this lock.
    let mut conn = db.conn();
    conn.query_drop(format!("DO GET_LOCK('uturn:scratch:{}', 10)", db.name)).expect("a lock");
    for name in [&full, &like] {
        db.exec(&format!("CREATE DATABASE `{name}`"));
        db.exec(&format!("CREATE TABLE `{name}`.precious (x INT)"));
    }
    drop(conn);
    let folder = Folder::with(&[("20260101000000-q", "CREATE TABLE q (x INT);", "DROP TABLE q;")]);
    folder.uturn(db, "prove").exits(0);
    for name in [&full, &like] {
        assert_eq!(db.rows(&format!("SHOW TABLES FROM `{name}`")), ["precious"]);
        db.exec(&format!("DROP DATABASE `{name}`"));
    }
});

on_each!(an_account_that_may_use_nothing_but_scratch_databases_is_enough, |db| {
    let account = format!("narrow_{}", db.name);
    db.exec(&format!("CREATE USER '{account}'@'%' IDENTIFIED BY 'secret'"));
    db.exec(&format!("GRANT ALL ON `uturn\\_scratch\\_%`.* TO '{account}'@'%'"));
    let folder = Folder::with(&[
        (
            "20260101000000-a",
            "CREATE TABLE a (id INT PRIMARY KEY); CREATE VIEW v AS SELECT id FROM a;",
            "DROP VIEW v; DROP TABLE a;",
        ),
        ("20260102000000-p", "CREATE PROCEDURE p() SELECT 1;", "DROP PROCEDURE p;"),
    ]);
    let prove = |folder: &Folder| {
        let mut command = bare();
        command.env("DATABASE_URL", db.server.url_as(&account, "secret", &db.name));
        run(command.arg("prove").arg("--dir").arg(folder.path()))
    };
    prove(&folder).exits(0).says("2 proven");
    // What it may not see it cannot reach, and what it may see is refused by name.
    folder.pair("20260103000000-c", "CREATE TABLE mysql.c (x INT);", "DROP TABLE mysql.c;");
    let refused = prove(&folder);
    assert!(matches!(refused.code, Some(1 | 2)), "{refused:?}");
    db.exec(&format!("REVOKE ALL ON `uturn\\_scratch\\_%`.* FROM '{account}'@'%'"));
    folder.remove("20260103000000-c");
    prove(&folder).exits(3).says("GRANT ALL ON `uturn\\_scratch\\_%`.*");
    db.exec(&format!("DROP USER '{account}'@'%'"));
});

on_each!(statements_that_reach_further_are_refused_before_anything_runs, |db| {
    let other = format!("{}_other", db.name);
    db.exec(&format!("CREATE DATABASE `{other}`"));
    db.exec(&format!("CREATE TABLE `{other}`.t (x INT)"));
    for (up, says) in [
        (format!("DROP TABLE {other}.t"), format!("leaves its database for `{other}`")),
        (format!("USE {other}"), format!("leaves its database for `{other}`")),
        (
            format!("SET @s = 'DROP TABLE {other}.t'; PREPARE s FROM @s; EXECUTE s"),
            format!("leaves its database for `{other}`"),
        ),
        ("CREATE DATABASE somewhere".to_owned(), "leaves its database for `somewhere`".to_owned()),
        ("CREATE USER somebody".to_owned(), "changes accounts or their rights".to_owned()),
        ("SET GLOBAL max_connections = 7".to_owned(), "sets a variable of the whole server".to_owned()),
    ] {
        let folder = Folder::with(&[("20260101000000-a", &format!("CREATE TABLE a (x INT);\n{up};"), "DROP TABLE a;")]);
        folder.uturn(db, "prove").exits(2).says(&says).says("up.sql:2:").says("nothing has been changed");
    }
    assert_eq!(db.rows(&format!("SHOW TABLES FROM `{other}`")), ["t"]);
    db.exec(&format!("DROP DATABASE `{other}`"));
});

on_each!(the_configured_database_s_own_name_means_the_stand_in, |db| {
    let own = &db.name;
    let folder = Folder::with(&[(
        "20260101000000-a",
        &format!(
            "USE {own};\nCREATE TABLE {own}.a (x INT);\nCREATE TRIGGER tr BEFORE INSERT ON a FOR EACH ROW INSERT INTO `{own}`.b VALUES (1);"
        ),
        &format!("DROP TABLE `{own}`.a;"),
    )]);
    folder.uturn(db, "prove").exits(0).says("1 proven");
    assert!(db.rows("SHOW TABLES").is_empty(), "the database itself is not touched");
});

/// A folder for temporary files, and the throwaway servers that run in it.
fn throwaways(below: &Path) -> Vec<String> {
    let names = std::fs::read_dir(below).expect("the folder can be read");
    names.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
}

/// A folder of programs in which the server of this kind is found first.
fn programs(kind: &str) -> Option<(tempfile::TempDir, String)> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = std::env::var("PATH").unwrap_or_default();
    if kind == "mariadb" {
        return Some((folder, path));
    }
    // The tests' MySQL is unpacked beside the system, and started through its own loader.
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/lib.sh");
    let words =
        format!(". {}; from_mysql sbin/mysqld; printf '%s\\n' \"${{program[@]}}\" \"$mysql\"", script.display());
    let output = Command::new("bash").args(["-c", &words, &script.display().to_string()]).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines: Vec<&str> = text.lines().collect();
    let (mysql, program) = lines.split_last()?;
    let wrapper = format!(
        "#!/bin/sh\n[ \"$1\" = --no-defaults ] && shift\nexec {} --no-defaults --basedir={mysql}/usr --plugin-dir={mysql}/usr/lib/mysql/plugin \
         --lc-messages-dir={mysql}/usr/share/mysql --character-sets-dir={mysql}/usr/share/mysql/charsets \"$@\"\n",
        program.join(" ")
    );
    for (name, text) in [("mysqld", wrapper.as_str()), ("mariadbd", "#!/bin/sh\nexit 127\n")] {
        let file = folder.path().join(name);
        std::fs::write(&file, text).expect("the folder can be written");
        Command::new("chmod").arg("+x").arg(&file).status().expect("chmod");
    }
    let path = format!("{}:{path}", folder.path().display());
    Some((folder, path))
}

on_each!(without_a_database_it_starts_a_server_of_its_own_and_ends_it, |db| {
    let server = &db.server;
    let Some((_programs, path)) = programs(server.kind) else { panic!("no {} on this machine", server.kind) };
    let below = tempfile::tempdir().expect("a temporary folder");
    let command = |folder: &Folder| {
        let mut command = bare();
        command.env("PATH", &path).env("TMPDIR", below.path()).arg("prove").arg("--dir").arg(folder.path());
        command
    };
    let folder = Folder::with(&[(
        "20260101000000-a",
        "CREATE TABLE a (x INT);\nCREATE USER somebody;",
        "DROP USER somebody;\nDROP TABLE a;",
    )]);
    let name = if server.kind == "mysql" { "1 proven, on MySQL" } else { "1 proven, on MariaDB" };
    run(&mut command(&folder)).exits(0).says(name);
    assert_eq!(throwaways(below.path()), Vec::<String>::new());

    let sleeping = Folder::with(&[("20260101000000-a", "DO SLEEP(600);", "DO 0;")]);
    let mut killed = start(command(&sleeping));
    until("a server runs", || {
        throwaways(below.path()).iter().any(|name| below.path().join(name).join("socket").exists())
    });
    std::thread::sleep(Duration::from_millis(300));
    send(&killed, "-9");
    killed.wait().expect("it is dead");
    until("the server and its folder go with it", || throwaways(below.path()).is_empty());
});
