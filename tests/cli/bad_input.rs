//! Bad input of every kind: a clear error, the right exit code, and a database that is as it was.

use crate::support::app::{Folder, Run, bare, run};
use crate::support::nobody::Nobody;
use crate::support::own::Own;
use crate::support::server::{Db, on_each};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const A: &str = "20260101000000-a";
const B: &str = "20260102000000-b";

/// One that is applied, and one that waits.
fn folder() -> Folder {
    Folder::with(&[
        (A, "CREATE TABLE a (id INT);\nINSERT INTO a VALUES (1);\n", "DROP TABLE a;\n"),
        (B, "CREATE TABLE b (id INT);\n", "DROP TABLE b;\n"),
    ])
}

/// Runs a command that must be refused, and leave everything as it was.
#[track_caller]
fn refused(db: &Db, command: &mut Command, code: i32, says: &[&str]) -> Run {
    let before = db.everything();
    let mut run = run(command).exits(code);
    for text in says {
        run = run.says(text);
    }
    assert!(run.err.lines().any(|line| line.starts_with("error: ")), "{}", run.err);
    assert_eq!(db.everything(), before);
    run
}

on_each!(a_server_that_cannot_be_used_is_told_apart, |db| {
    let files = folder();
    files.uturn(db, "up --steps 1").exits(0);
    let name = &db.name;
    let server = &db.server;
    let nobody = Nobody::new();
    let unreachable = format!("cannot reach the server at {}", nobody.address());
    for (url, code, says) in [
        (server.url_as("uturn", "wrong", name), 2, ["refuses the account `uturn`", "1045"]),
        (server.url(&format!("{name}_not")), 2, ["there is no database", "`uturn create`"]),
        (format!("mysql://u:p@{}/{name}", nobody.address()), 4, [unreachable.as_str(), "uturn wait"]),
        (format!("mysql://u:p@no-such-host.invalid/{name}"), 4, ["no-such-host.invalid:3306", "uturn wait"]),
        (format!("mysql://u@localhost/{name}?socket=/no/such.sock"), 4, ["/no/such.sock", "uturn wait"]),
    ] {
        for words in ["up", "status", "undo", "up --dry-run", "redo", "reset --yes", "log"] {
            println!("--- {words} on {url}");
            let run = refused(db, files.command(db, words).env("DATABASE_URL", &url), code, &says);
            run.never_says("wrong").says("nothing has been changed");
        }
    }
    // MySQL hides which accounts exist behind a plugin picked by the name's digest and a secret of the server's own.
    for nobody in 0..6 {
        let url = server.url_as(&format!("nobody{nobody}"), "", name);
        let says = [format!("account `nobody{nobody}`"), "check DB_USER".to_owned()];
        let says: Vec<&str> = says.iter().map(String::as_str).collect();
        refused(db, files.command(db, "up").env("DATABASE_URL", &url), 2, &says).says("nothing has been changed");
    }
    let started = Instant::now();
    let down = format!("mysql://u:p@{}/{name}", nobody.address());
    let run = refused(db, files.command(db, "wait --timeout 1s").env("DATABASE_URL", down), 4, &[&nobody.address()]);
    assert!((1..4).contains(&started.elapsed().as_secs()), "{run:?}");
});

/// Something listens, and never says a word: the wait for it must end.
#[test]
fn a_server_that_never_answers_is_given_up() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("mysql://u:p@{}/x", silent.local_addr().expect("an address"));
    let started = Instant::now();
    run(bare().env("DATABASE_URL", url).args(["status", "--connect-timeout", "1s"])).exits(4).says("cannot reach");
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}

on_each!(rights_that_are_missing_are_named_before_anything_runs, |db| {
    let files = folder();
    let account = format!("u{}", db.name);
    db.exec(&format!("CREATE USER {account} IDENTIFIED BY 'pw'"));
    let url = db.server.url_as(&account, "pw", &db.name);
    let command = |words: &str| {
        let mut command = files.command(db, words);
        command.env("DATABASE_URL", &url);
        command
    };
    refused(db, &mut command("status"), 3, &["may not use the database", "GRANT"]);
    db.exec(&format!("GRANT SELECT ON {}.* TO {account}", db.name));
    run(&mut command("status")).exits(0).says("2 pending");
    run(&mut command("up --dry-run")).exits(0);
    refused(db, &mut command("up"), 3, &["cannot make or upgrade uturn's tables", "1142", "needs CREATE"]);
    refused(db, &mut command("create"), 3, &["cannot make the database", "1044"]);
    refused(db, &mut command("drop --yes"), 3, &["cannot drop the database", "1044"]);
    files.uturn(db, "up --steps 1").exits(0);
    refused(db, &mut command("up"), 3, &["may not write uturn's tables", "1142"]);
    refused(db, &mut command("undo"), 3, &["may not write uturn's tables", "1142"]);
    db.exec(&format!("DROP USER {account}"));
});

on_each!(a_read_only_server_is_not_written_to, |db| {
    let server = &db.server;
    let own = Own::start(server.kind, &[]);
    let db = own.server.database();
    let files = folder();
    files.uturn(&db, "up --steps 1").exits(0);
    db.exec("CREATE USER app IDENTIFIED BY 'pw'");
    db.exec(&format!("GRANT ALL ON {}.* TO app", db.name));
    db.exec("SET GLOBAL read_only = 1");
    let url = own.server.url_as("app", "pw", &db.name);
    for words in ["up", "undo", "redo", "reset --yes"] {
        for url in [&url, &db.url()] {
            refused(&db, files.command(&db, words).env("DATABASE_URL", url), 3, &["the server is read-only"]);
        }
    }
    let drop = &mut files.command(&db, "drop --yes");
    refused(&db, drop.env("DATABASE_URL", &url), 3, &["the server is read-only"]);
    run(files.command(&db, "status").env("DATABASE_URL", &url)).exits(0).says("1 applied, 1 pending");
    run(files.command(&db, "up --dry-run").env("DATABASE_URL", &url)).exits(0).says("CREATE TABLE b");
    db.exec("SET GLOBAL read_only = 0");
});

/// A case, the files with their contents, and what is said of them.
type Case = (&'static str, &'static [(&'static str, &'static [u8])], &'static [&'static str]);

/// What stands in the folder beside a good migration, and what is said of it.
const FILES: &[Case] = &[
    (
        "not UTF-8",
        &[("20260103000000-c.up.sql", b"SELECT 1;\nSELECT '\xe9';\n"), ("20260103000000-c.down.sql", b"DO 0;")],
        &["20260103000000-c.up.sql` is not UTF-8", "line 2", "Windows-1252", "iconv -f cp1252 -t utf-8 /"],
    ),
    (
        "UTF-16",
        &[("20260103000000-c.up.sql", b"\xff\xfeS\0E\0L\0"), ("20260103000000-c.down.sql", b"DO 0;")],
        &["is not UTF-8", "it is UTF-16", "iconv -f utf-16 -t utf-8 /"],
    ),
    (
        "a dump with a blob",
        &[
            ("20260103000000-c.up.sql", b"INSERT INTO a VALUES ('\xc3\xa9');\nINSERT INTO a VALUES ('\xff\xd8');\n"),
            ("20260103000000-c.down.sql", b"DO 0;"),
        ],
        &["is not UTF-8: see line 2; some of it is UTF-8", "--hex-blob"],
    ),
    (
        "an up of 0 bytes",
        &[("20260103000000-c.up.sql", b""), ("20260103000000-c.down.sql", b"DO 0;")],
        &["20260103000000-c.up.sql`: holds no statement"],
    ),
    (
        "an up of a comment",
        &[("20260103000000-c.up.sql", b"-- later\n;\n"), ("20260103000000-c.down.sql", b"DO 0;")],
        &["20260103000000-c.up.sql`: holds no statement"],
    ),
    (
        "a down of 0 bytes",
        &[("20260103000000-c.up.sql", b"DO 0;"), ("20260103000000-c.down.sql", b"")],
        &["20260103000000-c.down.sql`: holds no statement", "irreversible: REASON"],
    ),
    (
        "a down of a comment",
        &[("20260103000000-c.up.sql", b"DO 0;"), ("20260103000000-c.down.sql", b"-- nothing\n;;\n")],
        &["20260103000000-c.down.sql`: holds no statement"],
    ),
    (
        "irreversible without a reason",
        &[("20260103000000-c.up.sql", b"DO 0;"), ("20260103000000-c.down.sql", b"-- uturn: irreversible\n")],
        &["20260103000000-c.down.sql:1:1", "needs a reason"],
    ),
    (
        "a misspelt directive",
        &[("20260103000000-c.up.sql", b"DO 0;"), ("20260103000000-c.down.sql", b"-- uturn: ireversible: x\nDO 0;")],
        &["`uturn: ireversible` is not known"],
    ),
    (
        "half a pair, up",
        &[("20260103000000-c.up.sql", b"DO 0;")],
        &["20260103000000-c.up.sql`: half a pair: `20260103000000-c.down.sql` is missing"],
    ),
    (
        "half a pair, down",
        &[("20260103000000-c.down.sql", b"DO 0;")],
        &["half a pair: `20260103000000-c.up.sql` is missing"],
    ),
    ("two halves", &[("20260103000000-c.up.sql", b"DO 0;"), ("20260103000000_c.down.sql", b"DO 0;")], &["half a pair"]),
    (
        "a timestamp twice",
        &[("20260102000000-c.up.sql", b"DO 0;"), ("20260102000000-c.down.sql", b"DO 0;")],
        &["20260102000000-b.up.sql` and `", "20260102000000-c.up.sql`: the timestamp 20260102000000 is a duplicate"],
    ),
    (
        "no direction",
        &[("20260103000000-c.sql", b"DO 0;")],
        &["20260103000000-c.sql`: the name must end in `.up.sql` or `.down.sql`"],
    ),
    ("no timestamp", &[("create-c.up.sql", b"DO 0;")], &["create-c.up.sql`: the name must begin"]),
    ("13 digits", &[("2026010300000-c.up.sql", b"DO 0;")], &["the name must begin"]),
    (
        "no such day",
        &[("20260230000000-c.up.sql", b"DO 0;")],
        &["20260230000000-c.up.sql`: the 14 digits are not a time"],
    ),
    ("capitals", &[("20260103000000-C.up.sql", b"DO 0;")], &["words of a-z and 0-9"]),
    ("a capital extension", &[("20260103000000-c.up.SQL", b"DO 0;")], &["must end in `.up.sql`"]),
    ("two faults", &[("x.sql", b""), ("20260103000000-c.up.sql", b"DO 0;")], &["x.sql`: the name", "half a pair"]),
    (
        "an unterminated string",
        &[("20260103000000-c.up.sql", b"SELECT 1;\n  SELECT 'abc;\n"), ("20260103000000-c.down.sql", b"DO 0;")],
        &["20260103000000-c.up.sql:2:10\n2 |   SELECT 'abc;\n  |          ^\n"],
    ),
    (
        "an unterminated name",
        &[("20260103000000-c.up.sql", b"SELECT `abc;\n"), ("20260103000000-c.down.sql", b"DO 0;")],
        &["20260103000000-c.up.sql:1:8\n"],
    ),
    (
        "an unterminated comment",
        &[("20260103000000-c.up.sql", b"SELECT 1;\n/* abc;\n"), ("20260103000000-c.down.sql", b"DO 0;")],
        &["20260103000000-c.up.sql:2:1\n"],
    ),
    (
        "an unterminated comment in a down",
        &[("20260103000000-c.up.sql", b"DO 0;"), ("20260103000000-c.down.sql", b"DO 0; /* abc")],
        &["20260103000000-c.down.sql:1:7\n"],
    ),
    (
        "an unclosed DELIMITER block",
        &[
            ("20260103000000-c.up.sql", b"DELIMITER //\nCREATE PROCEDURE p()\nBEGIN\nEND;\nDELIMITER ;\n"),
            ("20260103000000-c.down.sql", b"DO 0;"),
        ],
        &["20260103000000-c.up.sql:", "DELIMITER"],
    ),
    (
        "DELIMITER without a word",
        &[("20260103000000-c.up.sql", b"DELIMITER\nDO 0;\n"), ("20260103000000-c.down.sql", b"DO 0;")],
        &["20260103000000-c.up.sql:1:1\n", "DELIMITER"],
    ),
    (
        "source",
        &[("20260103000000-c.up.sql", b"DO 1;\nsource other.sql\n"), ("20260103000000-c.down.sql", b"DO 0;")],
        &["20260103000000-c.up.sql:2:1\n2 | source other.sql\n  | ^\n"],
    ),
    (
        "a shell",
        &[("20260103000000-c.up.sql", b"DO 1;\n\\! ls\n"), ("20260103000000-c.down.sql", b"DO 0;")],
        &["20260103000000-c.up.sql:2:1\n"],
    ),
    (
        "\\G",
        &[("20260103000000-c.up.sql", b"SELECT 1\\G\n"), ("20260103000000-c.down.sql", b"DO 0;")],
        &["20260103000000-c.up.sql:1:9\n"],
    ),
    (
        "ROLLBACK",
        &[("20260103000000-c.up.sql", b"ROLLBACK;\n"), ("20260103000000-c.down.sql", b"DO 0;")],
        &["20260103000000-c.up.sql:1:1\n"],
    ),
    (
        "LOAD DATA LOCAL",
        &[
            ("20260103000000-c.up.sql", b"LOAD DATA LOCAL INFILE 'x' INTO TABLE a;\n"),
            ("20260103000000-c.down.sql", b"DO 0;"),
        ],
        &["20260103000000-c.up.sql:1:1\n"],
    ),
];

on_each!(a_bad_file_is_named_and_nothing_runs, |db| {
    folder().uturn(db, "up --steps 1").exits(0);
    for (what, bad, says) in FILES {
        println!("--- {what}");
        let files = folder();
        for (name, text) in *bad {
            files.file(name, text);
        }
        refused(db, &mut files.command(db, "up"), 2, says).says("nothing has been changed");
        refused(db, &mut files.command(db, "up --dry-run"), 2, says);
    }
});

on_each!(other_files_and_folders_in_the_folder_are_nobody_s_business, |db| {
    let files = folder();
    files.file("README.md", "# hello").file(".20260103000000-c.up.sql.swp", "x").file("notes.txt", b"\xff");
    std::fs::create_dir(files.at("archive")).expect("a folder");
    std::fs::write(files.at("archive/old.sql"), "nonsense").expect("a file");
    files.uturn(db, "up").exits(0);
    assert_eq!(db.tables(), ["a", "b"]);
});

on_each!(a_folder_that_cannot_be_read_is_told, |db| {
    let files = folder();
    let file = files.at(&format!("{A}.up.sql"));
    for (dir, code, says) in [(files.at("not-there"), 2, "cannot read the folder"), (file, 2, "cannot read the folder")]
    {
        for words in ["up", "status", "undo", "new create-x"] {
            let mut command = crate::support::app::on(db);
            refused(db, command.arg("--dir").arg(&dir).args(words.split_whitespace()), code, &[says, "--dir DIR"]);
        }
    }
    std::fs::create_dir(files.at("empty")).expect("a folder");
    let mut command = crate::support::app::on(db);
    run(command.args(["up", "--allow-empty", "--dir"]).arg(files.at("empty"))).exits(0).says("nothing is pending");
});

on_each!(a_settings_file_that_cannot_be_read_is_told_without_its_content, |db| {
    let files = folder();
    refused(db, files.command(db, "up").args(["--env-file", "/no/such.env"]), 2, &["`/no/such.env`", ".env.example"]);
    refused(db, files.command(db, "up").arg("--env-file=/no/such.env"), 2, &["`/no/such.env`"]);
    refused(db, files.command(db, "up").env("UTURN_ENV_FILE", "/no/such.env"), 2, &["`/no/such.env`"]);
    files.file("bad.env", "DB_HOST=x\nDB_PASSWORD=hunter2 and more\n");
    let bad = files.at("bad.env");
    let run = refused(db, files.command(db, "up").arg("--env-file").arg(&bad), 2, &["line 2", "single quotes"]);
    run.never_says("hunter2");
    let json = crate::support::app::run(files.command(db, "up --json").arg("--env-file").arg(&bad)).exits(2);
    assert!(json.out.contains(r#""event":"error""#) && !json.out.contains("hunter2"), "{}", json.out);
});

on_each!(a_history_that_is_not_refinerys_is_left_alone, |db| {
    let files = folder();
    for (table, says) in [
        ("CREATE TABLE refinery_schema_history (id INT)", "its columns are id"),
        (
            "CREATE TABLE refinery_schema_history (version INT, name TEXT, applied_on TEXT, checksum TEXT) AS \
                 SELECT 1 AS version, 'x' AS name, '' AS applied_on, 'md5' AS checksum",
            "has the checksum `md5`",
        ),
    ] {
        db.exec(table);
        for words in ["up", "status", "undo", "up --dry-run", "reset --yes"] {
            refused(db, &mut files.command(db, words), 3, &["is not refinery's", says]);
        }
        db.exec("DROP TABLE refinery_schema_history");
    }
    files.uturn(db, "up --steps 1").exits(0);
    db.exec("ALTER TABLE refinery_schema_history_run COMMENT 'somebody else'");
    refused(db, &mut files.command(db, "up"), 3, &["refinery_schema_history_run"]);
});

on_each!(a_timestamp_in_the_future_is_pointed_out_and_runs, |db| {
    let files = folder();
    files.pair("29991231235959-z", "CREATE TABLE z (id INT);\n", "DROP TABLE z;\n");
    files.uturn(db, "up").exits(0).says("note:").says("future").says("29991231235959-z");
    assert_eq!(db.tables(), ["a", "b", "z"]);
    files.uturn(db, "undo").exits(0);
});

on_each!(ten_thousand_migrations_take_no_time, |db| {
    let files = Folder::new();
    let mut stems = Vec::new();
    for number in 0..10_000 {
        // One an hour, 28 days a month.
        let (year, month, day) = (2026 + number / 8_064, 1 + number / 672 % 12, 1 + number / 24 % 28);
        let stem = format!("{year}{month:02}{day:02}{:02}0000-m{number}", number % 24);
        files.pair(&stem, &format!("CREATE TABLE m{number} (id INT);\n"), &format!("DROP TABLE m{number};\n"));
        stems.push(stem);
    }
    let started = Instant::now();
    files.uturn(db, "status").exits(0).says("0 applied, 10,000 pending");
    files.uturn(db, "up --steps 1").exits(0).says(&stems[0]);
    files.uturn(db, "up --to 20260101010000").exits(0).says(&stems[1]);
    files.uturn(db, "status").exits(0).says("2 applied, 9,998 pending");
    files.uturn(db, "undo --all --yes").exits(0);
    // On a free machine it is one second; what is quadratic takes minutes.
    assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
    let run = files.uturn(db, "up --to 2026").exits(2);
    assert!(run.err.len() < 1_000, "{}", run.err);
});

on_each!(a_second_runner_waits_gives_up_and_has_touched_nothing, |db| {
    let files = folder();
    files.uturn(db, "up --steps 1").exits(0);
    files.pair(B, "DO SLEEP(10);\n", "DO 0;\n");
    let mut first = files.command(db, "up").stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    db.wait_for_statement("DO SLEEP(10)");
    for words in ["up", "undo", "redo", "reset --yes", "drop --yes"] {
        let run = refused(
            db,
            &mut files.command(db, &format!("{words} --wait 0s")),
            4,
            &["still runs migrations", "--wait 10m"],
        );
        assert!(run.err.contains("connection "), "{}", run.err);
    }
    let started = Instant::now();
    let before = db.everything();
    let run = files.uturn(db, "up --wait 1s").exits(4).says("waiting up to 1.0 s for connection").says("(uturn@");
    assert!(started.elapsed() < Duration::from_secs(6), "{run:?}");
    assert_eq!(db.everything(), before);
    assert!(first.try_wait().expect("it can be asked").is_none(), "the first runner was there all the time");
    assert!(first.wait().expect("it ends").success());
    files.uturn(db, "status --exit-code").exits(0);
});
