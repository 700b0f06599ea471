//! The contract's table of commands, refusals and exit codes, as tables.

use crate::support::app::{Folder, Run, bare, run};
use crate::support::server::{Db, Server, on_each};
use std::process::{Command, Stdio};

/// One letter a migration: `a` is `20260101000000-a`, and makes the table `a` with one row.
fn stem(letter: char) -> String {
    format!("202601{:02}000000-{letter}", u32::from(letter) - u32::from('a') + 1)
}

pub fn folder_of(letters: &str) -> Folder {
    let folder = Folder::new();
    for letter in letters.chars() {
        let up = format!("CREATE TABLE {letter} (id INT);\nINSERT INTO {letter} VALUES (1);\n");
        folder.pair(&stem(letter), &up, &format!("DROP TABLE {letter};\n"));
    }
    folder
}

/// A new database on which these, and only these, are applied.
pub fn applied(server: &Server, letters: &str) -> Db {
    let db = server.database();
    if !letters.is_empty() {
        folder_of(letters).uturn(&db, "up").exits(0);
    }
    db
}

/// The applied ones, a letter each; history and tables must agree on them.
fn letters(db: &Db) -> String {
    if !db.rows("SHOW TABLES").iter().any(|table| table == "refinery_schema_history") {
        return String::new();
    }
    let history: String = db.history().iter().map(|row| row.rsplit('|').next().expect("a name").to_owned()).collect();
    assert_eq!(db.tables().concat(), history, "tables and history");
    history
}

/// Runs one line of a table, and asserts what it leaves behind. Codes 1 to 4 mean: nothing changed.
#[track_caller]
pub fn line(db: &Db, command: &mut Command, code: i32, says: &str, after: &str) -> Run {
    let before = db.everything();
    let run = run(command).exits(code).says(says);
    if (1..=4).contains(&code) || format!("{command:?}").contains("--dry-run") {
        assert_eq!(db.everything(), before, "nothing may have changed");
    }
    assert_eq!(letters(db), after);
    run
}

/// Applied, what is typed, exit code, what is said, applied afterwards. Files: a, b, c, d.
const COMMANDS: &[(&str, &str, i32, &str, &str)] = &[
    ("", "up", 0, "applied", "abcd"),
    ("ab", "up", 0, "applied", "abcd"),
    ("abcd", "up", 0, "nothing to do", "abcd"),
    ("", "up --to 20260102000000-b", 0, "20260102000000-b", "ab"),
    ("", "up --to 20260102000000_b", 0, "20260102000000-b", "ab"),
    ("", "up --to 20260102000000", 0, "20260102000000-b", "ab"),
    ("", "up --to 20260102", 0, "20260102000000-b", "ab"),
    ("abc", "up --to 20260102", 0, "nothing to do", "abc"),
    ("", "up --steps 2", 0, "20260102000000-b", "ab"),
    ("", "up --steps 99", 0, "20260104000000-d", "abcd"),
    ("bd", "up", 0, "older than the newest applied one", "abcd"),
    ("bd", "up --steps 1", 0, "older than the newest applied one", "abd"),
    ("bd", "up --strict", 3, "older than the newest applied one (`20260104000000-d`)", "bd"),
    ("b", "up --strict --to 20260101", 3, "`20260101000000-a`", "b"),
    ("ab", "up --strict", 0, "applied", "abcd"),
    ("", "up --to 1999", 2, "no migration fits `1999`", ""),
    ("ab", "up --to 2026", 2, "`2026` fits 4 migrations", "ab"),
    ("", "up --to=", 2, "no migration fits", ""),
    ("", "up --to 20260102 --steps 1", 2, "cannot stand together", ""),
    ("", "up --steps 0", 2, "--steps", ""),
    ("", "up --steps -1", 2, "", ""),
    ("", "up --steps many", 2, "--steps", ""),
    ("", "status", 0, "0 applied, 4 pending", ""),
    ("abcd", "status", 0, "4 applied, 0 pending", "abcd"),
    ("", "status --exit-code", 1, "0 applied, 4 pending", ""),
    ("bd", "status --exit-code", 1, "older than the newest applied one", "bd"),
    ("abcd", "status --exit-code", 0, "4 applied, 0 pending", "abcd"),
    ("abcd", "undo", 0, "20260104000000-d", "abc"),
    ("acd", "undo --steps 2", 0, "20260103000000-c", "a"),
    ("abcd", "undo --steps 99", 0, "20260101000000-a", ""),
    ("", "undo", 0, "nothing to undo", ""),
    ("", "undo --all", 0, "nothing to undo", ""),
    ("abcd", "undo --to 20260104", 0, "20260104000000-d", "abc"),
    ("abcd", "undo --to 20260103 --yes", 0, "20260103000000-c", "ab"),
    ("acd", "undo --to 20260101 -y", 0, "20260101000000-a", ""),
    ("abcd", "undo --to 20260103", 3, "needs a confirmation", "abcd"),
    ("acd", "undo --to 20260102 --yes", 2, "`20260102000000-b` is not applied", "acd"),
    ("abcd", "undo --to 1999 --yes", 2, "no migration fits `1999`", "abcd"),
    ("abcd", "undo --to 202601 --yes", 2, "`202601` fits 4 migrations", "abcd"),
    ("abcd", "undo --keep 20260103", 0, "20260104000000-d", "abc"),
    ("abcd", "undo --keep 20260102_ --yes", 2, "no migration fits", "abcd"),
    ("abcd", "undo --keep 20260102 --yes", 0, "20260103000000-c", "ab"),
    ("abcd", "undo --keep 20260102", 3, "needs a confirmation", "abcd"),
    ("abcd", "undo --keep 20260104", 0, "nothing to undo", "abcd"),
    ("abc", "undo --keep 20260104", 2, "not applied", "abc"),
    ("abcd", "undo --all --yes", 0, "20260101000000-a", ""),
    (
        "abcd",
        "undo --all",
        3,
        "4 tables will be dropped:\n    d  1 row\n    c  1 row\n    b  1 row\n    a  1 row",
        "abcd",
    ),
    ("abcd", "undo --all --steps 1", 2, "cannot stand together", "abcd"),
    ("abcd", "undo --all --to 20260101", 2, "cannot stand together", "abcd"),
    ("abcd", "undo --keep 20260101 --to 20260101", 2, "cannot stand together", "abcd"),
    ("abcd", "undo --steps 1 --keep 20260101", 2, "cannot stand together", "abcd"),
    ("abcd", "redo", 0, "applied", "abcd"),
    ("abcd", "redo --steps 3", 0, "undone   20260102000000-b", "abcd"),
    ("ad", "redo", 0, "applied", "ad"),
    ("", "redo", 0, "nothing to undo", ""),
    ("ac", "reset", 3, "needs a confirmation", "ac"),
    ("ac", "reset --yes", 0, "20260104000000-d", "abcd"),
    ("", "reset", 0, "applied", "abcd"),
    ("", "up --dry-run", 0, "CREATE TABLE a", ""),
    ("bd", "up --dry-run --steps 1", 0, "INSERT INTO a", "bd"),
    ("bd", "up --dry-run --strict", 3, "older", "bd"),
    ("abcd", "up --dry-run", 0, "nothing to do", "abcd"),
    ("abcd", "undo --dry-run", 0, "DROP TABLE d", "abcd"),
    ("abcd", "undo --all --dry-run", 0, "DROP TABLE a", "abcd"),
    ("abcd", "undo --to 1999 --dry-run", 2, "no migration fits", "abcd"),
    ("abcd", "redo --dry-run", 0, "CREATE TABLE d", "abcd"),
    ("abcd", "reset --dry-run", 0, "CREATE TABLE a", "abcd"),
    ("ab", "drop --dry-run", 0, "DROP DATABASE", "ab"),
    ("ab", "drop", 3, "needs a confirmation", "ab"),
    ("ab", "create --dry-run", 0, "CREATE DATABASE IF NOT EXISTS", "ab"),
    ("ab", "create", 0, "is there already", "ab"),
    ("ab", "log", 0, " as uturn@", "ab"),
    ("", "log", 0, "", ""),
    ("ab", "resolve 20260101 --statement 1 --applied", 2, "unknown outcome", "ab"),
    ("", "resolve 20260101 --statement 1 --applied", 2, "unknown outcome", ""),
    ("ab", "resolve 20260101 --statement 1", 2, "--applied", "ab"),
    ("ab", "resolve 20260101 --statement 1 --applied --retry", 2, "cannot be used with", "ab"),
    ("", "wait", 0, "the server answers", ""),
    ("", "wait --timeout 3x", 2, "no unit of time", ""),
    ("", "upp", 2, "unrecognized subcommand", ""),
    ("", "up --stps 1", 2, "unexpected argument", ""),
    ("", "", 2, "Usage", ""),
];

on_each!(every_command_does_and_refuses_what_the_table_says, |db| {
    let files = folder_of("abcd");
    let server = &db.server;
    for (before, words, code, says, after) in COMMANDS {
        println!("--- on {}, with `{before}` applied: uturn {words}", server.kind);
        let db = applied(server, before);
        line(&db, &mut files.command(&db, words), *code, says, after);
    }
});

on_each!(a_database_is_made_and_dropped, |db| {
    let files = folder_of("ab");
    let schemata =
        format!("SELECT DEFAULT_CHARACTER_SET_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = '{}'", db.name);
    let is_there = || -> Vec<String> {
        use mysql::prelude::Queryable;
        db.server.conn("").query(&schemata).expect("a query")
    };
    files.uturn(db, "up").exits(0);
    files.uturn(db, "drop").exits(3).says("2 tables will be dropped");
    assert_eq!(is_there().len(), 1);
    files.uturn(db, "drop --yes").exits(0).says("dropped");
    assert!(is_there().is_empty());
    files.uturn(db, "drop --yes").exits(0).says("there is no database");
    files.uturn(db, "up").exits(2).says("uturn create");
    files.uturn(db, "create").exits(0).says("created");
    assert_eq!(is_there(), ["utf8mb4"]);
    files.uturn(db, "up").exits(0);
});

// They are counted several in a packet, which ends at the first that is not there.
on_each!(tables_that_are_gone_already_are_not_announced, |db| {
    let files = folder_of("abcdefghijklmnopqrst");
    files.uturn(db, "up").exits(0);
    for gone in ["t", "s", "j", "a"] {
        db.exec(&format!("DROP TABLE {gone}"));
    }
    let asked = files.uturn(db, "undo --all").exits(3);
    let rest = "rqponmlkihgfedcb".chars().map(|table| format!("    {table}  1 row\n")).collect::<String>();
    asked.says(&format!("16 tables will be dropped:\n{rest}"));
});

on_each!(edited_and_missing_files_refuse_an_up_and_are_undone_by_the_kept_down, |db| {
    let server = &db.server;
    let db = applied(server, "abc");
    let edited = folder_of("abcd");
    edited.pair(&stem('b'), "CREATE TABLE b (id BIGINT);\n", "DROP TABLE other;\n");
    line(&db, &mut edited.command(&db, "up"), 3, "changed since applied: `20260102000000-b`", "abc");
    line(&db, &mut edited.command(&db, "up --dry-run"), 3, "changed since applied", "abc");
    line(&db, &mut edited.command(&db, "status --exit-code"), 1, "edited    20260102000000-b", "abc");
    line(&db, &mut edited.command(&db, "reset --dry-run"), 0, "DROP TABLE b", "abc");
    let missing = folder_of("ad");
    line(&db, &mut missing.command(&db, "up"), 3, "without a file here: `20260102000000-b`, `20260103000000-c`", "abc");
    line(&db, &mut missing.command(&db, "status --exit-code"), 1, "missing   20260103000000-c", "abc");
    line(&db, &mut missing.command(&db, "redo"), 3, "without a file here", "abc");
    line(&db, &mut missing.command(&db, "undo"), 0, "undone   20260103000000-c", "ab");
    line(&db, &mut edited.command(&db, "undo --down-from-files --dry-run"), 0, "DROP TABLE other", "ab");
    line(&db, &mut edited.command(&db, "undo"), 0, "undone   20260102000000-b", "a");
});

on_each!(an_irreversible_one_in_the_way_refuses_the_whole_undo, |db| {
    let server = &db.server;
    let db = server.database();
    let files = folder_of("abcd");
    files.file(&format!("{}.down.sql", stem('b')), "-- uturn: irreversible: the letters are gone\n");
    files.uturn(&db, "up").exits(0);
    for words in [
        "undo --all --yes",
        "undo --to 20260101 -y",
        "undo --steps 3",
        "reset --yes",
        "redo --steps 3",
        "undo --all --dry-run",
    ] {
        let run = line(&db, &mut files.command(&db, words), 3, "`20260102000000-b` (the letters are gone)", "abcd");
        assert_eq!(run.out, "", "{words}");
    }
    line(&db, &mut files.command(&db, "undo --keep 20260102 --yes"), 0, "undone", "ab");
    line(&db, &mut files.command(&db, "undo"), 3, "the letters are gone", "ab");
});

on_each!(options_may_stand_before_or_after_the_command_and_every_one_has_a_variable, |db| {
    let server = &db.server;
    let files = folder_of("abc");
    let dir = files.path().to_str().expect("UTF-8");
    for (words, set, code, says, after) in [
        ("--dir DIR up --json", vec![], 0, r#""event":"finished""#, "abc"),
        ("up --dir DIR --json", vec![], 0, r#""event":"finished""#, "abc"),
        ("--json --wait 5s up --dir=DIR", vec![], 0, r#""event":"finished""#, "abc"),
        ("--database-url mysql://h.invalid/d up --dir DIR", vec![], 4, "cannot reach the server at h.invalid:3306", ""),
        (
            "up",
            vec![("UTURN_DIR", dir), ("UTURN_JSON", "1"), ("UTURN_TO", "20260102")],
            0,
            r#""event":"finished""#,
            "ab",
        ),
        ("up", vec![("UTURN_DIR", dir), ("UTURN_STEPS", "1")], 0, "applied", "a"),
        ("up --dir DIR", vec![("UTURN_DRY_RUN", "true"), ("UTURN_STRICT", "1")], 0, "CREATE TABLE", ""),
        (
            "up --dir DIR",
            vec![("UTURN_DRY_RUN", "0"), ("UTURN_JSON", ""), ("UTURN_STEPS", ""), ("UTURN_TO", "")],
            0,
            "applied  ",
            "abc",
        ),
        (
            "up --dir DIR",
            vec![("UTURN_DIR", ""), ("UTURN_WAIT", ""), ("UTURN_COLOR", ""), ("UTURN_SSL_CA", "")],
            0,
            "",
            "abc",
        ),
        ("up --dir DIR", vec![("UTURN_STEPS", "1"), ("UTURN_TO", "20260102")], 2, "cannot stand together", ""),
        ("up --dir DIR --steps 2", vec![("UTURN_STEPS", "1"), ("UTURN_TO", "20260101")], 0, "", "ab"),
        ("status --dir DIR", vec![("UTURN_EXIT_CODE", "1")], 1, "3 pending", ""),
    ] {
        println!("--- on {}: uturn {words} with {set:?}", server.kind);
        let db = server.database();
        let mut command = bare();
        command
            .env_remove("UTURN_BUILT_IN")
            .env("DATABASE_URL", db.url())
            .envs(set)
            .args(words.replace("DIR", dir).split_whitespace());
        line(&db, &mut command, code, says, after);
    }
    let db = applied(server, "abc");
    for (words, set, code, says, after) in [
        ("undo", vec![("UTURN_KEEP", "20260101")], 3, "needs a confirmation", "abc"),
        ("undo --steps 1", vec![("UTURN_KEEP", "20260101")], 0, "", "ab"),
        ("undo", vec![("UTURN_KEEP", "20260101"), ("UTURN_YES", "1")], 0, "", "a"),
        ("undo", vec![("UTURN_ALL", "1")], 3, "needs a confirmation", "a"),
        ("undo", vec![("UTURN_ALL", "1"), ("UTURN_YES", "yes"), ("UTURN_ENV", "Production")], 3, "production", "a"),
        (
            "undo",
            vec![
                ("UTURN_ALL", "1"),
                ("UTURN_YES", "yes"),
                ("UTURN_ENV", "production"),
                ("UTURN_ALLOW_PRODUCTION", "1"),
            ],
            0,
            "",
            "",
        ),
    ] {
        println!("--- on {}: uturn {words} with {set:?}", server.kind);
        line(&db, files.command(&db, words).envs(set), code, says, after);
    }
});

on_each!(status_and_dry_runs_wait_for_nobody_and_make_no_table, |db| {
    let files = folder_of("ab");
    files.uturn(db, "status").exits(0);
    files.uturn(db, "up --dry-run").exits(0);
    files.uturn(db, "log").exits(0);
    assert!(db.rows("SHOW TABLES").is_empty());
    files.uturn(db, "up --steps 1").exits(0);
    files.pair(&stem('b'), "DO SLEEP(8);\n", "DO 0;\n");
    let mut runner = files.command(db, "up").stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    db.wait_for_statement("DO SLEEP(8)");
    for words in ["status", "up --dry-run", "undo --dry-run", "log"] {
        files.uturn(db, words).exits(0);
    }
    assert!(runner.try_wait().expect("it can be asked").is_none(), "they have waited for the runner");
    assert!(runner.wait().expect("it ends").success());
});

/// Scripts in which a wrong delimiter, a wrong cut, a lost setting or a wrong character set shows.
fn hard_scripts() -> Folder {
    let folder = Folder::new();
    for (index, (up, down)) in [
        ("CREATE TABLE t (id INT PRIMARY KEY, s VARCHAR(90), e ENUM('é', ';')) CHARSET=utf8mb4;\n", "DROP TABLE t;\n"),
        (
            "INSERT INTO t VALUES (1, 'a;b -- c', 'é'), (2, 'it''s \\'so\\'', ';'), (3, \"q\"\"q\", NULL) -- tail; \n;\n# last\n",
            "DELETE FROM t WHERE id IN (1, 2, 3);\n",
        ),
        (
            "DELIMITER //\nCREATE PROCEDURE p(n INT)\nBEGIN\n  DECLARE i INT DEFAULT 0;\n  WHILE i < n DO\n    \
             INSERT INTO t VALUES (100 + i, 'p;', NULL);\n    SET i = i + 1;\n  END WHILE;\nEND//\nDELIMITER ;\nCALL p(2);\n",
            "DELETE FROM t WHERE id >= 100;\nDROP PROCEDURE p;\n",
        ),
        (
            "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW BEGIN SET NEW.s = CONCAT(NEW.s, '//'); END;\n\
             CREATE FUNCTION f(x INT) RETURNS INT DETERMINISTIC RETURN x + 1;\nINSERT INTO t VALUES (5, 'g', NULL)",
            "DELETE FROM t WHERE id = 5;\nDROP FUNCTION f; DROP TRIGGER g;\n",
        ),
        (
            "SET sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES';\nINSERT INTO t (\"id\", s) VALUES (6, 'c:\\');\n",
            "DELETE FROM t WHERE id = 6;\n",
        ),
        ("INSERT INTO t VALUES (7, \"b\\\\;\\n\", NULL);\n", "DELETE FROM t WHERE s = \"b\\\\;\\n//\" OR id = 7;\n"),
        ("USE information_schema;\nDO 1;\n", "DO 0;\n"),
        ("INSERT INTO t VALUES (8, 'after USE', NULL);\n", "DELETE FROM t WHERE id = 8;\n"),
        (
            "START TRANSACTION;\nINSERT INTO t VALUES (9, 'x', NULL);\nCOMMIT;\nSET autocommit = 0;\nINSERT INTO t VALUES (10, 'y', NULL);\n",
            "DELETE FROM t WHERE id IN (9, 10);\n",
        ),
        ("CREATE VIEW v AS SELECT id, s FROM t /* ; */ WHERE id > 1;\n", "DROP VIEW v;\n"),
    ]
    .into_iter()
    .enumerate()
    {
        folder.pair(&format!("202602{:02}000000-s{index}", index + 1), up, down);
    }
    folder
}

on_each!(what_a_dry_run_prints_does_through_the_client_what_the_command_does, |db| {
    let files = hard_scripts();
    let server = &db.server;
    let (real, printed) = (server.database(), server.database());
    for words in [
        "up --steps 4",
        "up",
        "undo",
        "undo --keep 20260204 --yes",
        "up",
        "redo --steps 6",
        "reset --yes",
        "undo --to 20260203 --yes",
        "undo --all --yes",
    ] {
        println!("--- on {}: uturn {words}", server.kind);
        let before = printed.everything();
        let script = files.uturn(&printed, &format!("{words} --dry-run")).exits(0).out;
        assert_eq!(printed.everything(), before, "a dry run changes nothing");
        let client = printed.client(&script);
        assert_eq!(client.code, Some(0), "{}\n{script}", client.err);
        files.uturn(&real, words).exits(0);
        assert_eq!(printed.state(), real.state(), "{script}");
        files.uturn(&printed, "status").exits(0).never_says("not clean");
    }
});

on_each!(a_failed_statement_is_told_in_this_form, |db| {
    let files = Folder::with(&[(
        "20260101120000-add-users",
        "-- users\ncreate table users (email varchar(90), unique key email (email));\n\n  insert into users values ('a@b.c'), ('a@b.c');\nalter table users add x int;\n",
        "drop table users;\n",
    )]);
    let run = files.uturn(db, "up").exits(5);
    let key = if db.server.kind == "mysql" { "users.email" } else { "email" };
    let path = files.at("20260101120000-add-users.up.sql");
    let expected = format!(
        "error: migration `20260101120000-add-users` stopped at statement 2 of 3\n \
             --> {}:4:3\n4 |   insert into users values ('a@b.c'), ('a@b.c');\n  |   ^\n\
             server: 1062 (23000) Duplicate entry 'a@b.c' for key '{key}'\n\
             statement 1 is done and recorded; statement 2 had no effect; statement 3 has not run\n\n\
             hint: fix statement 2 and run `uturn up` again; it resumes there",
        path.display()
    );
    assert!(run.err.starts_with(&expected), "{}\n--- is not\n{expected}", run.err);
    assert_eq!(run.out, "");
    assert_eq!(db.tables(), ["users"]);
    assert!(db.history().is_empty(), "a failed migration is not applied");
    files.uturn(db, "status --exit-code").exits(1).says("stopped   20260101120000-add-users");
    files.uturn(db, "up").exits(5).says("resumes at statement 2 of 3").says("1062");
    let json = files.uturn(db, "up --json").exits(5);
    let last = json.out.lines().last().expect("a line");
    for part in
        [r#""event":"error""#, r#""exit":5"#, r#""kind":"stopped""#, r#""number":1062"#, r#""line":4"#, r#""column":3"#]
    {
        assert!(last.contains(part), "{part} in {last}");
    }
    assert_eq!(json.err, "");
    files.uturn(db, "undo").exits(0);
    assert!(db.tables().is_empty());
});

on_each!(a_syntax_error_is_found_before_anything_runs, |db| {
    let files = folder_of("ab");
    files.pair(&stem('c'), "CREATE TABLE c (id INT);\nALTER TABL c ADD x INT;\n", "DROP TABLE c;\n");
    let run = line(db, &mut files.command(db, "up"), 2, "cannot parse statement 2 of 2", "");
    assert!(run.err.contains(":2:1\n2 | ALTER TABL c ADD x INT;\n  | ^\nserver: 1064 (42000)"), "{}", run.err);
    files.pair(&stem('c'), "CREATE TABLE c (id INT);\n", "DROP TABEL c;\n");
    files.uturn(db, "up").exits(0);
    line(db, &mut files.command(db, "undo --all --yes"), 2, "cannot parse statement 1 of 1", "abc");
});
