//! Where uturn's lock holds on one node of several, nothing is written unless a person states that no other runner is at work;
//! and where nothing may be written at all, nothing is, whatever the account may do.

use crate::support::app::{Folder, on, run};
use crate::support::own::Own;
use crate::support::server::{Db, on_each, on_mariadb, on_mysql};
use mysql::Conn;
use mysql::prelude::Queryable;
use std::time::{Duration, Instant};

const PAIR: (&str, &str, &str) = ("20260101000000-a", "CREATE TABLE a (x INT);", "DROP TABLE a;");

/// Each command that writes, in words that reach the point where it would.
const WRITING: [&str; 8] = [
    "up",
    "undo",
    "redo",
    "reset --yes",
    "drop --yes",
    "protect",
    "resolve 20260101000000 --statement 1 --applied",
    "prove",
];

/// One is applied, another one is pending, and the database is protected: so that `unprotect` has something to do.
fn begun(db: &Db) -> Folder {
    let folder = Folder::with(&[PAIR]);
    folder.uturn(db, "up").exits(0);
    folder.pair("20260102000000-b", "ALTER TABLE a ADD y INT;", "ALTER TABLE a DROP y;");
    folder
}

/// Nothing is written, and what only reads goes on.
fn refuses(db: &Db, folder: &Folder, why: &str) {
    let before = db.everything();
    for words in WRITING {
        folder.uturn(db, words).exits(3).says(why).says("nothing has been changed");
    }
    let absent = format!("{}_absent", db.name);
    run(on(db).env("DATABASE_URL", db.server.url(&absent)).arg("create")).exits(3).says(why);
    folder.uturn(db, "create").exits(0).says("is there already");
    folder.uturn(db, "status").exits(0).says("1 applied, 1 pending");
    folder.uturn(db, "log").exits(0);
    folder.uturn(db, "up --dry-run").exits(0).says("ADD y INT");
    folder.uturn(db, "plan").exits(0).says("uturn does not write here").says(why).says("ADD y INT");
    folder.uturn(db, "plan --json").exits(0).says(r#""grant":null"#);
    folder.uturn(db, "plan --require-online").exits(1).says("cannot be answered");
    assert!(db.rows("SHOW DATABASES LIKE 'uturn_scratch%'").is_empty());
    assert_eq!(db.everything(), before);
}

/// A person takes it upon himself.
fn allows(db: &Db, folder: &Folder) {
    folder.uturn(db, "up --allow-cluster").exits(0);
    run(folder.command(db, "undo").env("UTURN_ALLOW_CLUSTER", "true")).exits(0);
    folder.uturn(db, "prove --allow-cluster").exits(0);
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("it has one").port()
}

fn galera_library() -> String {
    let script = format!(". {}/scripts/lib.sh; galera_library", env!("CARGO_MANIFEST_DIR"));
    let found = run(std::process::Command::new("bash").args(["-c", &script])).exits(0);
    found.out.trim().to_owned()
}

/// A node that takes no state from the others.
fn galera_node(library: &str, port: u16, others: &str) -> Own {
    let options = [
        "--wsrep-on=ON".to_owned(),
        format!("--wsrep-provider={library}"),
        format!("--wsrep-cluster-address=gcomm://{others}"),
        "--wsrep-cluster-name=uturn".to_owned(),
        format!("--wsrep-node-address=127.0.0.1:{port}"),
        format!(
            "--wsrep-provider-options=gmcast.listen_addr=tcp://127.0.0.1:{port};ist.recv_addr=127.0.0.1:{};gcache.size=8M",
            free_port()
        ),
        "--wsrep-sst-method=skip".to_owned(),
        "--binlog-format=ROW".to_owned(),
        "--innodb-autoinc-lock-mode=2".to_owned(),
    ];
    Own::start("mariadb", &options.iter().map(String::as_str).collect::<Vec<_>>())
}

on_mariadb!(one_node_of_a_galera_cluster_is_not_written_to, |_| {
    let (library, port) = (galera_library(), free_port());
    let first = galera_node(&library, port, "");
    let db = first.server.database();
    // Alone, it is a server as any other.
    let folder = begun(&db);
    let _second = galera_node(&library, free_port(), &format!("127.0.0.1:{port}"));
    assert_eq!(db.rows("SHOW STATUS LIKE 'wsrep_cluster_size'"), ["wsrep_cluster_size|2"]);
    refuses(&db, &folder, "one of 2 nodes of a Galera cluster");
    allows(&db, &folder);
});

/// Makes a server a member of a group in multi-primary mode.
fn join(own: &Own, number: u16, port: u16, first: u16) -> Conn {
    let mut conn = own.server.conn("");
    let address = own.server.address();
    let start = match number {
        1 => ["SET GLOBAL group_replication_bootstrap_group = 1", "START GROUP_REPLICATION"],
        _ => ["SET GLOBAL group_replication_bootstrap_group = 0", "START GROUP_REPLICATION"],
    };
    let settings = [
        "INSTALL PLUGIN group_replication SONAME 'group_replication.so'".to_owned(),
        "RESET BINARY LOGS AND GTIDS".to_owned(),
        format!("SET GLOBAL server_id = {number}"),
        "SET GLOBAL group_replication_group_name = '5ca1ab1e-0000-4000-8000-000000000001'".to_owned(),
        format!("SET GLOBAL group_replication_local_address = '127.0.0.1:{port}'"),
        format!("SET GLOBAL group_replication_group_seeds = '127.0.0.1:{first}'"),
        "SET GLOBAL group_replication_single_primary_mode = 0".to_owned(),
        "SET GLOBAL group_replication_enforce_update_everywhere_checks = 1".to_owned(),
        "SET GLOBAL group_replication_ip_allowlist = '127.0.0.1'".to_owned(),
        format!("SET GLOBAL group_replication_advertise_recovery_endpoints = '{address}'"),
    ];
    for statement in settings.iter().map(String::as_str).chain(start) {
        conn.query_drop(statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
    conn
}

on_mysql!(one_member_of_a_multi_primary_group_is_not_written_to, |_| {
    let (first, second) = std::thread::scope(|scope| {
        let one = scope.spawn(|| Own::start("mysql", &[]));
        (Own::start("mysql", &[]), one.join().expect("it starts"))
    });
    let port = free_port();
    join(&first, 1, port, port);
    let db = first.server.database();
    // Alone in its group, it is a server as any other.
    let folder = begun(&db);
    join(&second, 2, free_port(), port);
    refuses(&db, &folder, "one of 2 members of a group in multi-primary mode");
    // Who may not see the members is not told that there are others.
    db.exec("CREATE USER few IDENTIFIED BY 'pw'");
    db.exec(&format!("GRANT ALL ON {}.* TO few", db.name));
    // The driver knows its password's plugin only once the server has it in its cache.
    let few = db.server.url_as("few", "pw", &db.name);
    run(folder.command(&db, "up").env("DATABASE_URL", few)).exits(3).says("may be one of several members");
    allows(&db, &folder);
});

/// What the server has that says how it may not be written to.
fn read_only(kind: &str) -> &'static [&'static str] {
    match kind {
        "mariadb" => &["read_only"],
        _ => &["read_only", "super_read_only"],
    }
}

on_each!(a_read_only_server_is_not_written_to_by_whatever_account, |db| {
    let kind = db.server.kind;
    for setting in read_only(kind) {
        let own = Own::start(kind, &[]);
        let db = own.server.database();
        let folder = begun(&db);
        db.exec("GRANT ALL ON *.* TO uturn@'%'");
        db.exec(&format!("SET GLOBAL {setting} = 1"));
        refuses(&db, &folder, "the server is read-only");
        folder.uturn(&db, "up --allow-cluster").exits(3).says(setting).says("run this on the primary");
        db.exec("SET GLOBAL read_only = 0");
        folder.uturn(&db, "protect").exits(0);
        db.exec(&format!("SET GLOBAL {setting} = 1"));
        folder.uturn(&db, "unprotect").exits(3).says("the server is read-only");
        db.exec("SET GLOBAL read_only = 0");
    }
});

/// A replica of a server.
fn replicate(from: &Own, to: &Own) -> Conn {
    let (host, port) = from.server.address().split_once(':').map(|(h, p)| (h.to_owned(), p.to_owned())).expect("both");
    let mut conn = to.server.conn("");
    let statements = match to.server.kind {
        "mariadb" => [
            format!(
                "CHANGE MASTER TO master_host = '{host}', master_port = {port}, master_user = 'uturn', \
                 master_password = 'uturn', master_use_gtid = slave_pos"
            ),
            "START SLAVE".to_owned(),
        ],
        _ => [
            format!(
                "CHANGE REPLICATION SOURCE TO source_host = '{host}', source_port = {port}, source_user = 'uturn', \
                 source_password = 'uturn', source_auto_position = 1, get_source_public_key = 1"
            ),
            "START REPLICA".to_owned(),
        ],
    };
    for statement in statements {
        conn.query_drop(&statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
    conn
}

fn until(what: &str, is_so: impl Fn() -> bool) {
    let since = Instant::now();
    while !is_so() {
        assert!(since.elapsed() < Duration::from_secs(30), "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

// The journal's write of an account with all rights stopped replication.
on_each!(an_unfinished_run_is_not_settled_on_a_replica, |db| {
    let kind = db.server.kind;
    // With options MySQL makes its data anew, which takes seconds.
    let options: &[&str] = match kind {
        "mariadb" => &["--log-bin", "--gtid-strict-mode=1", "--log-slave-updates=1"],
        _ => &[],
    };
    let (primary, replica) = (Own::start(kind, options), Own::start(kind, options));
    // What made the accounts is no part of what is replicated.
    let reset = if kind == "mariadb" { "RESET MASTER" } else { "RESET BINARY LOGS AND GTIDS" };
    for (own, id) in [(&primary, 1), (&replica, 2)] {
        let mut conn = own.server.conn("");
        conn.query_drop(format!("SET GLOBAL server_id = {id}")).expect("it may");
        conn.query_drop(reset).expect("it may");
    }
    let db = primary.server.database();
    db.exec("CREATE TABLE t (id INT PRIMARY KEY)");
    let mut conn = replicate(&primary, &replica);
    let folder = Folder::with(&[("20260101000000-a", "TRUNCATE t;", "SELECT 1;")]);
    let cut = run(folder.command(&db, "up").env("UTURN_FAILPOINT", "ddl.after_intent"));
    assert_eq!(cut.code, None, "{cut:?}");
    conn.query_drop("SET GLOBAL read_only = 1").expect("SET");
    let there = Db { server: replica.server.clone(), name: db.name.clone() };
    let intents = "SELECT COUNT(*) FROM refinery_schema_history_run WHERE step_state = 'intent'";
    let has_table = || {
        let question = "SELECT 1 FROM information_schema.TABLES WHERE TABLE_NAME = 'refinery_schema_history_run'";
        !there.rows(question).is_empty()
    };
    until("the journal comes", || has_table() && there.rows(intents) == ["1"]);
    let before = there.everything();
    for words in ["up", "undo", "resolve 20260101000000 --statement 1 --applied"] {
        folder.uturn(&there, words).exits(3).says("the server is read-only");
    }
    assert_eq!(there.everything(), before);
    folder.uturn(&db, "up").exits(0);
    until("replication goes on", || there.rows(intents) == ["0"]);
    conn.query_drop("SET GLOBAL read_only = 0").expect("SET");
});
