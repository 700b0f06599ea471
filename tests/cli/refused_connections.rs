//! A server that answers, and says no: each answer is told as what it is, with what can be done about it, and `wait` does not
//! wait for what time cannot heal.

use crate::support::app::{Folder, on, run};
use crate::support::own::Own;
use crate::support::server::{Db, Server, on_each, on_mariadb, on_mysql};
use mysql::prelude::Queryable;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

const PAIR: (&str, &str, &str) = ("20260101000000-a", "CREATE TABLE a (x INT);", "DROP TABLE a;");

/// An account that goes when the test ends.
struct Account<'a> {
    db: &'a Db,
    name: String,
}

impl<'a> Account<'a> {
    fn new(db: &'a Db, word: &str, options: &str) -> Account<'a> {
        let name = format!("{}_{word}", db.name);
        db.exec(&format!("CREATE USER `{name}`@`%` IDENTIFIED BY 'pw' {options}"));
        db.exec(&format!("GRANT ALL ON `{}`.* TO `{name}`@`%`", db.name));
        Account { db, name }
    }

    /// A command that reads no files.
    fn command(&self, words: &str) -> Command {
        let mut command = on(self.db);
        command.args(words.split_whitespace()).env("DATABASE_URL", self.url());
        command
    }

    fn url(&self) -> String {
        self.db.server.url_as(&self.name, "pw", &self.db.name)
    }
}

impl Drop for Account<'_> {
    fn drop(&mut self) {
        self.db.exec(&format!("DROP USER IF EXISTS `{}`@`%`", self.name));
    }
}

/// `up` says so, and `wait` says it at once.
fn is_final(account: &Account<'_>, code: i32, says: &[&str]) {
    let folder = Folder::with(&[PAIR]);
    let told = run(folder.command(account.db, "up").env("DATABASE_URL", account.url())).exits(code);
    let told = says.iter().fold(told, |told, word| told.says(word));
    told.says("nothing has been changed").never_says("cannot reach").never_says("check that it runs");
    let since = Instant::now();
    let waited = run(&mut account.command("wait --timeout 20s"));
    assert!(since.elapsed() < Duration::from_secs(10), "{:?}: {waited:?}", since.elapsed());
}

on_each!(an_account_that_is_locked, |db| {
    let account = Account::new(db, "lk", "ACCOUNT LOCK");
    is_final(&account, 2, &["is locked on the server", "ACCOUNT UNLOCK"]);
});

on_each!(a_password_that_has_expired, |db| {
    let account = Account::new(db, "ex", "PASSWORD EXPIRE");
    is_final(&account, 2, &["the password of the account has expired", "ALTER USER"]);
    run(&mut account.command("log")).exits(2).says("has expired");
});

on_each!(an_account_that_needs_a_certificate, |db| {
    let account = Account::new(db, "x5", "REQUIRE X509");
    is_final(&account, 2, &["refuses the account", "REQUIRE X509", "--ssl-cert"]);
});

on_each!(an_account_with_as_many_connections_as_it_may_have, |db| {
    let account = Account::new(db, "mx", "WITH MAX_USER_CONNECTIONS 1");
    let folder = Folder::with(&[PAIR]);
    let told = run(folder.command(db, "up").env("DATABASE_URL", account.url())).exits(4);
    told.says("has as many connections as it may").says("`plan` needs 7 connections").never_says("cannot reach");
    // What it says is enough.
    let with = |words: &str, connections: u32| {
        db.exec(&format!("ALTER USER `{}`@`%` WITH MAX_USER_CONNECTIONS {connections}", account.name));
        run(folder.command(db, words).env("DATABASE_URL", account.url())).exits(0);
    };
    for words in ["up", "undo", "up", "redo", "reset --yes", "protect", "unprotect", "status", "log", "undo"] {
        with(words, 3);
    }
    db.exec(&format!("GRANT ALL ON `uturn\\_scratch\\_%`.* TO `{}`@`%`", account.name));
    with("prove --rows 2 --partial", 4);
    with("plan", 7);
});

on_each!(a_limit_of_an_hour, |db| {
    let account = Account::new(db, "mh", "WITH MAX_CONNECTIONS_PER_HOUR 1");
    run(&mut account.command("log"));
    let told = run(&mut account.command("log")).exits(4);
    told.says("has used up what it may do in an hour").says("until the hour is over").never_says("cannot reach");
});

on_each!(a_server_with_as_many_connections_as_it_may_have_is_waited_for, |db| {
    let kind = db.server.kind;
    let own = Own::start(kind, &[]);
    let db = own.server.database();
    let account = Account::new(&db, "few", "");
    db.exec("SET GLOBAL max_connections = 10");
    let mut busy: Vec<mysql::Conn> = Vec::new();
    while let Ok(conn) =
        mysql::Conn::new(mysql::Opts::from_url(&format!("{}?prefer_socket=false", account.url())).expect("a URL"))
    {
        busy.push(conn);
    }
    let told = run(&mut account.command("log")).exits(4);
    told.says("has as many connections as it may").says("uturn wait");
    let waits = std::thread::scope(|scope| {
        let waits = scope.spawn(|| run(&mut account.command("wait --timeout 20s")));
        std::thread::sleep(Duration::from_millis(700));
        busy.clear();
        waits.join().expect("it ends")
    });
    waits.exits(0);
});

fn pem_folder(server: &Server) -> PathBuf {
    server.database().rows("SELECT @@datadir")[0].clone().into()
}

/// Each kind of server, with TLS, and the CA of its certificate, which is MySQL's.
fn with_tls(mysql: &Server, test: impl Fn(&Own, &str)) {
    // MariaDB 10.11 makes no certificates of its own, so it is given those.
    let pem = pem_folder(mysql);
    let file = |option: &str, name: &str| format!("--ssl-{option}={}", pem.join(name).display());
    let options = [file("ca", "ca.pem"), file("cert", "server-cert.pem"), file("key", "server-key.pem")];
    for kind in ["mariadb", "mysql"] {
        let options: Vec<&str> = if kind == "mariadb" { options.iter().map(String::as_str).collect() } else { vec![] };
        test(&Own::start(kind, &options), &pem.join("ca.pem").display().to_string());
    }
}

// Tunnels and cloud proxies end on a loopback address.
on_mysql!(tls_is_tried_over_loopback_where_the_server_wants_it, |db| {
    with_tls(&db.server, |own, _| {
        let db = own.server.database();
        let account = Account::new(&db, "sl", "REQUIRE SSL");
        let folder = Folder::with(&[PAIR]);
        for words in ["up", "status", "plan", "wait", "undo", "create"] {
            run(folder.command(&db, words).env("DATABASE_URL", account.url())).exits(0);
        }
        // It stays with it for the run: one login of each run is refused, the first one.
        let refused = || {
            let status = db.rows("SHOW GLOBAL STATUS LIKE 'Aborted_connects'").concat();
            status.rsplit('|').next().and_then(|count| count.parse::<u64>().ok()).expect("a number")
        };
        let before = refused();
        run(folder.command(&db, "up").env("DATABASE_URL", account.url())).exits(0);
        assert_eq!(refused() - before, 1);
        let wrong = account.url().replace(":pw@", ":wrong@");
        run(folder.command(&db, "up").env("DATABASE_URL", wrong)).exits(2).says("refuses the account");
        // Who forbids it is not asked again.
        let told = run(folder.command(&db, "up --ssl-mode disabled").env("DATABASE_URL", account.url())).exits(2);
        told.says("refuses the account").says("--ssl-mode required");
        let on_socket =
            mysql::OptsBuilder::new().socket(Some(&own.server.socket)).user(Some("uturn")).pass(Some("uturn"));
        let mut conn = mysql::Conn::new(on_socket).expect("a socket needs no TLS");
        conn.query_drop("SET GLOBAL require_secure_transport = 1").expect("it may");
        let (taken, refused) = (folder.uturn(&db, "status"), folder.uturn(&db, "status --ssl-mode disabled"));
        // The test's own connections are in clear.
        conn.query_drop("SET GLOBAL require_secure_transport = 0").expect("it may");
        taken.exits(0);
        // MariaDB says the same as of a wrong password.
        let says = if own.server.kind == "mysql" { "takes connections over TLS only" } else { "refuses the account" };
        refused.exits(2).says(says).says("--ssl-mode required");
    });
});

on_mysql!(a_certificate_that_is_not_what_was_asked_for, |db| {
    with_tls(&db.server, |own, ca| {
        let db = own.server.database();
        let another = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/tls/another-ca.pem");
        for words in [
            format!("--ssl-mode verify_ca --ssl-ca {another}"),
            format!("--ssl-mode verify_identity --ssl-ca {ca}"),
            "--ssl-mode verify_ca".to_owned(),
        ] {
            let folder = Folder::with(&[PAIR]);
            folder
                .uturn(&db, &format!("up {words}"))
                .exits(2)
                .says("cannot be trusted")
                .says("certificate")
                .says("--ssl-ca");
            let since = Instant::now();
            folder.uturn(&db, &format!("wait --timeout 20s {words}")).exits(2);
            assert!(since.elapsed() < Duration::from_secs(10), "{:?}", since.elapsed());
        }
    });
});

on_mariadb!(a_server_without_tls, |db| {
    let server = &db.server;
    let db = server.database();
    let told = Folder::with(&[PAIR]).uturn(&db, "wait --timeout 20s --ssl-mode required").exits(2);
    told.says("has no TLS").says("--ssl-mode preferred").never_says("cannot reach");
});
