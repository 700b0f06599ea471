//! A server of the same host name and port may be another one: after a failover, behind a new container, with a dump in it.
//! What its tables were made at, and InnoDB's ids of them, then tell nothing of a statement that was under way.

use crate::support::app::{Folder, run};
use crate::support::own::Own;
use crate::support::server::{Db, Server, on_each};
use crate::unknown_outcome::without_proof;
use mysql::prelude::Queryable;
use std::process::Command;

const STEM: &str = "20260101000000-a";

/// A TRUNCATE that is announced and never sent, and a table that it would have emptied.
fn cut(db: &Db, url: &str) -> Folder {
    db.exec("CREATE TABLE t (id INT PRIMARY KEY)");
    db.exec("INSERT INTO t VALUES (1), (2)");
    let folder = Folder::with(&[(STEM, "TRUNCATE t;", "SELECT 1;")]);
    let ended = run(folder.command(db, "up").env("DATABASE_URL", url).env("UTURN_FAILPOINT", "ddl.after_intent"));
    assert_eq!(ended.code, None, "{ended:?}");
    folder
}

/// Where nothing is known, a person is asked; the statement is not taken for done, and not run.
fn asks(folder: &Folder, db: &Db, url: &str) {
    let told = run(folder.command(db, "up").env("DATABASE_URL", url)).exits(6);
    told.says("statement 1 of 1").says(&format!("uturn resolve {} --statement 1", &STEM[..14]));
    assert_eq!(db.rows("SELECT id FROM t"), ["1", "2"]);
    run(folder.command(db, &format!("resolve {STEM} --statement 1 --retry")).env("DATABASE_URL", url)).exits(0);
    run(folder.command(db, "up").env("DATABASE_URL", url)).exits(0);
    assert!(db.rows("SELECT id FROM t").is_empty());
}

fn dump(db: &Db) -> String {
    let mut dump = Command::new("mariadb-dump");
    dump.args([
        "--no-defaults",
        "--protocol=socket",
        "-uuturn",
        "--hex-blob",
        "--skip-lock-tables",
        "--skip-add-locks",
        "--socket",
    ]);
    run(dump.env("MYSQL_PWD", "uturn").arg(&db.server.socket).arg(&db.name)).exits(0).out
}

fn stop(own: &Own) {
    // The account has all rights; the connection ends with the server.
    let _ = own.server.conn("").query_drop("SHUTDOWN");
    let address = own.server.address();
    while std::net::TcpStream::connect(&address).is_ok() {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

on_each!(another_server_of_the_same_name_and_port_is_not_the_same, |db| {
    let kind = db.server.kind;
    let first = Own::start(kind, &[]);
    let db = first.server.database();
    let (user, url) = without_proof(&db);
    let folder = cut(&db, &url);
    let text = dump(&db);
    stop(&first);
    let port = first.server.address().rsplit(':').next().expect("a port").to_owned();
    let second = Own::start(kind, &[&format!("--port={port}")]);
    let place = Server::at(kind, &first.server.url(""), &second.server.socket);
    let place = Db { server: place, name: db.name.clone() };
    place.server.conn("").query_drop(format!("CREATE DATABASE {}", db.name)).expect("CREATE DATABASE");
    place.exec(&format!("CREATE USER `{user}`@`%` IDENTIFIED BY 'uturn'"));
    place.exec(&format!("GRANT ALL ON *.* TO `{user}`@`%`"));
    place.client(&text).exits(0);
    asks(&folder, &place, &url);
});

on_each!(a_dump_that_was_loaded_into_the_same_server_has_tables_of_its_own, |db| {
    let server = &db.server;
    let db = server.database();
    let (user, url) = without_proof(&db);
    let folder = cut(&db, &url);
    let text = dump(&db);
    // CREATE_TIME counts in seconds.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    db.exec(&format!("DROP DATABASE `{}`", db.name));
    server.conn("").query_drop(format!("CREATE DATABASE `{}`", db.name)).expect("CREATE DATABASE");
    db.client(&text).exits(0);
    asks(&folder, &db, &url);
    db.exec(&format!("DROP USER `{user}`@`%`"));
});

// It named the server by host and port alone.
on_each!(what_an_older_uturn_has_begun_is_asked_about, |db| {
    let server = &db.server;
    let db = server.database();
    let (user, url) = without_proof(&db);
    let folder = cut(&db, &url);
    let host = "CONCAT(@@hostname, ':', @@port, ' since 1')";
    db.exec(&format!("UPDATE refinery_schema_history_run SET server = {host}"));
    asks(&folder, &db, &url);
    db.exec(&format!("DROP USER `{user}`@`%`"));
});

on_each!(the_same_server_is_known_again_after_a_restart, |db| {
    let kind = db.server.kind;
    let own = Own::start(kind, &[]);
    let db = own.server.database();
    let (_, url) = without_proof(&db);
    let folder = cut(&db, &url);
    own.kill();
    own.restart();
    run(folder.command(&db, "up").env("DATABASE_URL", &url)).exits(0).says("had no effect");
    assert!(db.rows("SELECT id FROM t").is_empty());
});
