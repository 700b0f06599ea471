//! Settings: where they come from, what beats what, how the connection is made, and what is never shown.

mod env_file;
mod environment;
mod option_file;

use crate::support::app::{Folder, Run, bare, run};
use crate::support::nobody::Nobody;
use crate::support::own::Own;
use crate::support::server::{Db, Server, on_each, on_mariadb, on_mysql};
use mysql::prelude::Queryable;
use std::path::Path;
use std::process::{Command, Stdio};

const PASSWORD: &str = "hunter2-Zx9";

/// An account of its own, with a password that must never be seen.
struct Account<'a> {
    db: &'a Db,
    name: String,
}

impl<'a> Account<'a> {
    /// `how` is what follows IDENTIFIED.
    fn new(db: &'a Db, how: &str) -> Account<'a> {
        let name = format!("u{}", db.name);
        db.exec(&format!("CREATE USER {name} IDENTIFIED {how}"));
        db.exec(&format!("GRANT ALL ON `{}`.* TO {name}", db.name));
        Account { db, name }
    }

    fn url(&self) -> String {
        self.db.server.url_as(&self.name, PASSWORD, &self.db.name)
    }
}

impl Drop for Account<'_> {
    fn drop(&mut self) {
        self.db.exec(&format!("DROP USER {}", self.name));
    }
}

fn one() -> Folder {
    Folder::with(&[("20260101000000-a", "CREATE TABLE a (id INT);\n", "DROP TABLE a;\n")])
}

/// `uturn status` in a folder, with these variables.
fn status(folder: &Folder, set: &[(&str, &str)]) -> Command {
    let mut command = bare();
    command.current_dir(folder.path()).envs(set.iter().copied()).arg("status");
    command
}

fn parts(server: &Server) -> (String, String) {
    let address = server.address();
    let (host, port) = address.split_once(':').expect("host and port");
    (host.to_owned(), port.to_owned())
}

/// The file, the environment, the flags, and what is said.
type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a [&'a str], String);

on_each!(a_flag_beats_the_environment_which_beats_the_file_and_a_url_beats_its_parts, |db| {
    let server = &db.server;
    let (host, port) = parts(server);
    let url = |name: &str| server.url(name);
    let bare_url = format!("mysql://uturn@{host}:{port}/flag");
    let dot_env = format!("DATABASE_URL={}\nUTURN_CONNECT_TIMEOUT=5s\n", url("dotenv"));
    let dot_parts = format!("DB_HOST={host}\nDB_PORT={port}\nDB_USER=uturn\nDB_PASSWORD=uturn\nDB_NAME=dotparts\n");
    let environment = url("environment");
    let environment: (&str, &str) = ("DATABASE_URL", &environment);
    let no_database = |name: &str| format!("there is no database `{name}`");
    let cases: &[Case<'_>] = &[
        (&dot_env, &[], &[], no_database("dotenv")),
        (&dot_parts, &[], &[], no_database("dotparts")),
        (&dot_env, &[environment], &[], no_database("environment")),
        (&dot_env, &[environment, ("DB_PASSWORD", "uturn")], &["--database-url", &bare_url], no_database("flag")),
        (&dot_parts, &[environment], &[], no_database("environment")),
        (&dot_parts, &[("DB_NAME", "fromenv")], &[], no_database("fromenv")),
        (&format!("{dot_parts}{dot_env}"), &[("DB_NAME", "fromenv")], &[], no_database("dotenv")),
        (&dot_env, &[("DATABASE_URL", "")], &[], "no database is configured".to_owned()),
        (&dot_parts.replace("DB_HOST", "#DB_HOST"), &[], &[], "no database is configured".to_owned()),
        (&dot_parts.replace("DB_NAME", "#DB_NAME"), &[], &[], "DB_NAME is not set".to_owned()),
        (&dot_parts.replace("DB_USER", "#DB_USER"), &[], &[], "DB_USER is not set".to_owned()),
        (&dot_parts.replace("DB_PORT=", "DB_PORT=x"), &[], &[], "is no port number".to_owned()),
        (&dot_parts.replace("DB_PASSWORD=", "DB_PASSWORD=not"), &[], &[], "refuses the account `uturn`".to_owned()),
        ("", &[], &[], "no database is configured".to_owned()),
    ];
    let wrong = Nobody::new();
    for (file, set, words, says) in cases {
        println!("--- {file} {set:?} {words:?}");
        let folder = Folder::new();
        folder.file(".env", file).file("other.env", file);
        run(status(&folder, set).args(*words)).exits(2).says(says).says("nothing has been changed");
        // The same, from a file with another name.
        folder.file(".env", format!("DATABASE_URL=mysql://u@{}/wrong\n", wrong.address()));
        run(status(&folder, set).args(*words).args(["--env-file", "other.env"])).exits(2).says(says);
        run(status(&folder, set).args(*words).env("UTURN_ENV_FILE", "other.env")).exits(2).says(says);
    }
});

on_each!(options_may_stand_in_the_file, |db| {
    let folder = one();
    let here = folder.path().display();
    folder.file(".env", format!("DATABASE_URL='{}'\nUTURN_DIR={here}\nUTURN_EXIT_CODE=yes\nUTURN_JSON=\n", db.url()));
    let status = |set: &[(&str, &str)]| run(status(&folder, set).env_remove("UTURN_BUILT_IN"));
    status(&[]).exits(1).says("0 applied, 1 pending");
    status(&[("UTURN_EXIT_CODE", "no")]).exits(0);
    status(&[("UTURN_JSON", "1")]).exits(1).says(r#""event":"counts""#);
    folder.file(".env", format!("DATABASE_URL={}\nUTURN_ENV=production\nUTURN_DIR={here}\n", db.url()));
    let uturn = |words: &str| {
        let mut command = bare();
        run(command.current_dir(folder.path()).env_remove("UTURN_BUILT_IN").args(words.split(' ')))
    };
    uturn("undo --all --yes").exits(0).says("nothing to undo");
    uturn("up").exits(0);
    uturn("undo --all --yes").exits(3).says("production");
});

on_each!(every_way_to_say_where_and_who_works, |db| {
    let folder = one();
    let account = Account::new(db, &format!("BY '{PASSWORD}'"));
    folder.file("password", format!("{PASSWORD}\n")).file("password-crlf", format!("{PASSWORD}\r\n"));
    let (host, port) = parts(&db.server);
    let (name, user, socket) = (db.name.as_str(), account.name.as_str(), db.server.socket.as_str());
    let with_socket = format!("mysql://{user}:{PASSWORD}@localhost/{name}?socket={}", socket.replace('/', "%2F"));
    let at = |scheme: &str, who: &str| format!("{scheme}://{who}{host}:{port}/{name}");
    let full = format!("{user}:{PASSWORD}@");
    let only_user = format!("{user}@");
    let cases: &[&[(&str, &str)]] = &[
        &[("DATABASE_URL", &at("mysql", &full))],
        &[("DATABASE_URL", &at("mariadb", &full))],
        &[("DATABASE_URL", &format!("{}/", at("mysql", &full)))],
        &[("DATABASE_URL", &at("mysql", &only_user)), ("DB_PASSWORD", PASSWORD)],
        &[("DATABASE_URL", &at("mysql", &only_user)), ("DB_PASSWORD_FILE", "password")],
        &[("DATABASE_URL", &at("mysql", "")), ("DB_USER", user), ("DB_PASSWORD_FILE", "password-crlf")],
        &[("DATABASE_URL", &with_socket)],
        &[("DB_HOST", &host), ("DB_PORT", &port), ("DB_USER", user), ("DB_PASSWORD", PASSWORD), ("DB_NAME", name)],
        &[
            ("DB_HOST", "localhost"),
            ("DB_PORT", &port),
            ("DB_USER", user),
            ("DB_PASSWORD", PASSWORD),
            ("DB_NAME", name),
        ],
        &[("DB_SOCKET", socket), ("DB_USER", user), ("DB_PASSWORD_FILE", "password"), ("DB_NAME", name)],
        &[
            ("DB_SOCKET", socket),
            ("DB_HOST", "no-such-host.invalid"),
            ("DB_USER", user),
            ("DB_PASSWORD", PASSWORD),
            ("DB_NAME", name),
        ],
    ];
    for set in cases {
        println!("--- {set:?}");
        run(&mut status(&folder, set)).exits(0).says("pending");
    }
    for (set, says) in [
        ([("DB_PASSWORD_FILE", "no-such-file")], "cannot read DB_PASSWORD_FILE `no-such-file`"),
        ([("DB_PASSWORD", "")], "refuses the account"),
    ] {
        let url = at("mysql", &only_user);
        run(status(&folder, &set).env("DATABASE_URL", url)).exits(2).says(says);
    }
});

on_each!(special_characters_are_percent_encoded, |db| {
    use mysql::prelude::Queryable;
    let name = format!("{}-ä %/b", db.name);
    let encoded = format!("{}-%C3%A4%20%25%2Fb", db.name);
    let account = format!("'ad@{}'", &db.name);
    let mut conn = db.conn();
    for statement in [
        format!("CREATE DATABASE `{name}`"),
        format!("CREATE USER {account} IDENTIFIED BY 'p@ss:w/ö?#%'"),
        format!("GRANT ALL ON *.* TO {account}"),
    ] {
        conn.query_drop(&statement).expect("an administrator's statement");
    }
    let url = format!("mysql://ad%40{}:p%40ss%3Aw%2F%C3%B6%3F%23%25@{}/{encoded}", db.name, db.server.address());
    let folder = one();
    let uturn = |words: &str| run(folder.command(db, words).env("DATABASE_URL", &url));
    uturn("up").exits(0);
    uturn("status --exit-code").exits(0).says("1 applied");
    uturn("undo").exits(0);
    uturn("drop --yes").exits(0).says(&format!("`{name}` dropped"));
    conn.query_drop(format!("DROP USER {account}")).expect("DROP USER");
});

#[test]
fn a_url_that_cannot_be_used_is_refused_without_its_password() {
    for (url, says) in [
        ("mysql://u:hunter2@h:port/d", "invalid port number"),
        ("mysql://u:hun/ter2@h/d", "cannot be used"),
        ("mysql://u:12#hunter2@h/d", "cannot be used"),
        ("mysql://u:12?hunter2@h/d", "cannot be used"),
        ("mysql://u:12/hunter2@h/d", "cannot be used"),
        ("mysql://u:hunter2@h/", "names no database"),
        ("mysql://u:hunter2@h", "names no database"),
        ("postgres://u:hunter2@h/d", "the scheme is `postgres`"),
        ("u:hunter2@h/d", "cannot be used"),
        ("hunter2", "cannot be used"),
        ("mysql://u:hunter2@h/d?sslmode=x", "`sslmode` is no parameter"),
        ("mysql://u:hunter2@h/d?ssl-mode=sometimes", "`sometimes` is no ssl-mode"),
        ("mysql://u:hunter2@h/d?ssl-cert=a.pem", "ssl-cert and ssl-key belong together"),
        ("mysql://u:hunter2%FF@h/d", "not percent-encoded UTF-8"),
        ("mysql://u:hunter2@h/d?ssl-ca=/no/such.pem", "cannot read `/no/such.pem`"),
    ] {
        println!("--- {url}");
        let run_it = |command: &mut Command| run(command).exits(2).says(says).never_says("hunter2").never_says("ter2");
        run_it(bare().env("DATABASE_URL", url).arg("status"));
        run_it(bare().env("DATABASE_URL", url).args(["status", "--json"]));
    }
    let typed = ["status", "--database-url", "mysql://u:hunter2@h/d"];
    run(bare().args(typed)).exits(2).says("a password on a command line can be seen").never_says("hunter2");
}

on_each!(no_output_ever_holds_a_password, |db| {
    let folder = one();
    let account = Account::new(db, &format!("BY '{PASSWORD}'"));
    let wrong = account.url().replace(&account.name, "nobody");
    let (host, port) = parts(&db.server);
    for words in ["up --dry-run", "up", "status", "log", "redo", "undo", "create", "wait", "drop --dry-run", "--help"] {
        for (url, json) in
            [(account.url(), ""), (account.url(), " --json"), (wrong.clone(), ""), (wrong.clone(), " --json")]
        {
            let mut command = folder.command(db, &format!("{words}{json}"));
            let run = run(command.env("DATABASE_URL", url).env("RUST_LOG", "trace"));
            assert!(!run.err.is_empty() || words == "--help" || !run.out.is_empty(), "{words}");
            run.never_says(PASSWORD);
        }
    }
    let mut command = folder.command(db, "status");
    command.env_remove("DATABASE_URL").envs([("DB_HOST", host), ("DB_PORT", port), ("DB_NAME", db.name.clone())]);
    command.envs([("DB_USER", account.name.as_str()), ("DB_PASSWORD", PASSWORD), ("RUST_LOG", "trace")]);
    run(&mut command).exits(0).never_says(PASSWORD);
    if db.server.kind == "mysql" {
        // The TLS library logs a lot, so this shows that the log is on.
        let run = run(command.args(["--ssl-mode", "required"])).exits(0).never_says(PASSWORD);
        assert!(run.err.contains("TRACE") || run.err.contains("DEBUG"), "{}", run.err);
    }
    let kept = db.everything().join("\n");
    assert!(!kept.contains(PASSWORD), "nor do the tables");
});

on_mysql!(the_server_knows_our_connections, |db| {
    let server = &db.server;
    let db = server.database();
    let folder = Folder::with(&[("20260101000000-a", "DO SLEEP(1.5);\n", "DO 0;\n")]);
    let mut up = folder.command(&db, "up").stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    db.wait_for_statement("DO SLEEP");
    let names = db.rows(
            "SELECT DISTINCT a.ATTR_VALUE FROM performance_schema.session_connect_attrs a JOIN information_schema.PROCESSLIST p \
             ON p.ID = a.PROCESSLIST_ID WHERE p.DB = DATABASE() AND a.ATTR_NAME = 'program_name' AND p.ID <> CONNECTION_ID()",
        );
    assert_eq!(names, ["uturn up"]);
    assert!(up.wait().expect("it ends").success());
});

/// What `--ssl-mode` gives against a server whose certificate comes from its own CA and names no host.
fn every_tls_mode(db: &Db, pem: &Path) {
    let account = Account::new(db, &format!("BY '{PASSWORD}' REQUIRE SSL"));
    let folder = one();
    let ca = pem.join("ca.pem").display().to_string();
    let (cert, key) =
        (pem.join("client-cert.pem").display().to_string(), pem.join("client-key.pem").display().to_string());
    let another = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/tls/another-ca.pem");
    let not_pem = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    for (words, code, says) in [
        // Over a loopback address too, where the server refuses what comes in clear.
        (vec![], 0, "1 pending"),
        (vec!["--ssl-mode", "disabled"], 2, "refuses the account"),
        (vec!["--ssl-mode", "required"], 0, "1 pending"),
        (vec!["--ssl-mode", "REQUIRED"], 0, "1 pending"),
        (vec!["--ssl-mode", "VERIFY_CA", "--ssl-ca", &ca], 0, "1 pending"),
        (vec!["--ssl-ca", &ca], 0, "1 pending"),
        (vec!["--ssl-mode", "required", "--ssl-cert", &cert, "--ssl-key", &key], 0, "1 pending"),
        (vec!["--ssl-mode", "verify_ca"], 2, "certificate"),
        (vec!["--ssl-mode", "verify_ca", "--ssl-ca", another], 2, "certificate"),
        (vec!["--ssl-mode", "verify_identity", "--ssl-ca", &ca], 2, "certificate"),
        (vec!["--ssl-mode", "verify_ca", "--ssl-ca", not_pem], 2, "Cargo.toml"),
        (vec!["--ssl-mode", "verify_ca", "--ssl-ca", "/no/such.pem"], 2, "cannot read `/no/such.pem`"),
        (vec!["--ssl-cert", &cert], 2, "--ssl-key"),
        (vec!["--ssl-mode", "maybe"], 2, "--ssl-mode"),
    ] {
        println!("--- {words:?}");
        let mut command = folder.command(db, "status");
        run(command.env("DATABASE_URL", account.url()).args(&words)).exits(code).says(says).never_says(PASSWORD);
    }
    for (parameters, code) in [
        ("ssl-mode=REQUIRED".to_owned(), 0),
        (format!("ssl-mode=verify-ca&ssl-ca={ca}"), 0),
        (format!("ssl-ca={another}"), 2),
    ] {
        let url = format!("{}?{parameters}", account.url());
        run(folder.command(db, "status").env("DATABASE_URL", url)).exits(code);
    }
    let mut command = folder.command(db, "up");
    command.env("DATABASE_URL", account.url()).env("UTURN_SSL_MODE", "REQUIRED");
    run(&mut command).exits(0);
}

fn pem_folder(server: &Server) -> std::path::PathBuf {
    server.database().rows("SELECT @@datadir")[0].clone().into()
}

// MariaDB 10.11 makes no certificates of its own: one that is given MySQL's is tried together with MySQL.
on_mysql!(tls_is_as_strict_as_it_was_asked_to_be, |db| {
    let server = &db.server;
    let pem = pem_folder(server);
    every_tls_mode(&server.database(), &pem);
    let file = |option: &str, name: &str| format!("--ssl-{option}={}", pem.join(name).display());
    let options = [file("ca", "ca.pem"), file("cert", "server-cert.pem"), file("key", "server-key.pem")];
    let own = Own::start("mariadb", &options.each_ref().map(String::as_str));
    every_tls_mode(&own.server.database(), &pem);
});

on_mariadb!(tls_that_the_server_does_not_have_is_refused, |db| {
    let server = &db.server;
    let db = server.database();
    let run = one().uturn(&db, "status --ssl-mode required");
    run.exits(2).says("has no TLS").says("nothing has been changed");
});

on_each!(accounts_of_every_usual_kind_get_in, |db| {
    let server = &db.server;
    let ways: &[(&str, &str)] = match server.kind {
        "mysql" => &[("caching_sha2_password", "WITH caching_sha2_password BY 'PASSWORD'")],
        _ => {
            let mut conn = server.conn("");
            conn.query_drop("INSTALL PLUGIN IF NOT EXISTS ed25519 SONAME 'auth_ed25519'")
                .expect("scripts/test starts MariaDB with its folder of plugins");
            &[
                ("mysql_native_password", "VIA mysql_native_password USING PASSWORD('PASSWORD')"),
                ("ed25519", "VIA ed25519 USING PASSWORD('PASSWORD')"),
            ]
        }
    };
    for (way, how) in ways {
        // A new account each time: the server has its password in no cache.
        for mode in ["disabled", "preferred", "required"] {
            if server.kind == "mariadb" && mode == "required" {
                continue;
            }
            println!("--- {way}, {mode}");
            let db = server.database();
            let account = Account::new(&db, &how.replace("PASSWORD'", &format!("{PASSWORD}'")));
            let folder = one();
            for _ in 0..2 {
                let mut command = folder.command(&db, "status");
                run(command.env("DATABASE_URL", account.url()).args(["--ssl-mode", mode])).exits(0);
            }
        }
    }
});

on_mysql!(an_account_that_logs_in_in_an_unknown_way_is_told_what_to_use, |db| {
    let server = &db.server;
    let db = server.database();
    let account = Account::new(&db, &format!("WITH sha256_password BY '{PASSWORD}'"));
    let folder = one();
    let mut command = folder.command(&db, "wait");
    run(command.env("DATABASE_URL", account.url())).exits(2).says("`sha256_password`").says("caching_sha2_password");
});

on_each!(colour_is_for_terminals_or_for_who_asks, |db| {
    let folder = one();
    let coloured = |words: &str, set: &[(&str, &str)]| -> bool {
        let run: Run = run(folder.command(db, words).envs(set.iter().copied())).exits(0);
        (run.out + &run.err).contains('\u{1b}')
    };
    folder.uturn(db, "up").exits(0);
    for (words, set, expected) in [
        ("status", vec![], false),
        ("status --color always", vec![], true),
        ("status --color=never", vec![("CLICOLOR_FORCE", "1")], false),
        ("status", vec![("CLICOLOR_FORCE", "1")], true),
        ("status", vec![("NO_COLOR", "1"), ("TERM", "xterm")], false),
        ("status", vec![("UTURN_COLOR", "always")], true),
        ("status --color always", vec![("NO_COLOR", "1")], true),
        ("status --json --color always", vec![], false),
        ("undo --dry-run --color always", vec![], false),
    ] {
        assert_eq!(coloured(words, &set), expected, "{words} {set:?}");
    }
});

#[test]
fn a_zero_byte_in_a_settings_file_is_refused_and_shows_nothing_of_it() {
    let folder = Folder::new();
    let utf_16: Vec<u8> = "DB_PASSWORD=hunter2\n".bytes().flat_map(|byte| [byte, 0]).collect();
    for bytes in [b"DB_PASSWORD=hunter2\0\n".as_slice(), &utf_16] {
        folder.file(".env", bytes);
        run(bare().current_dir(folder.path()).arg("status"))
            .exits(2)
            .says("`.env` has a zero byte in it")
            .never_says("hunter2");
    }
}
