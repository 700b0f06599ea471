//! `uturn plan`: what it tells, what it refuses, and that it changes nothing. `plan_forms` holds its answers against filled
//! tables.

mod forms;

use crate::support::app::{Folder, Run, bare, run};
use crate::support::own::Own;
use crate::support::proxy::Proxy;
use crate::support::server::{Db, on_each, on_mariadb, on_mysql};
use mysql::prelude::Queryable;
use serde_json::Value;

const STEM: &str = "20260101000000-m";

/// One migration, not run yet.
fn pending(up: &str) -> Folder {
    Folder::with(&[(STEM, up, "SELECT 1;\n")])
}

/// The objects of an event.
fn events(run: &Run, event: &str) -> Vec<Value> {
    let lines = run.out.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    lines.filter(|line| line["event"] == event).collect()
}

/// What `plan` says of each statement: `instant`, `not_tried`, …
fn answers(run: &Run) -> Vec<String> {
    let word = |one: &Value| {
        let cost = &one["cost"];
        cost["algorithm"].as_str().or(cost["answer"].as_str()).expect("a word").to_owned()
    };
    events(run, "plan").iter().map(word).collect()
}

fn users(db: &Db) {
    db.exec("CREATE TABLE users (id INT PRIMARY KEY, name VARCHAR(50), note TEXT)");
    db.exec("CREATE TABLE orders (id INT PRIMARY KEY, user_id INT, CONSTRAINT o_u FOREIGN KEY (user_id) REFERENCES users (id))");
    db.exec("INSERT INTO users VALUES (1, 'a', 'x'), (2, 'b', NULL), (3, 'c', NULL)");
    db.exec("INSERT INTO orders VALUES (1, 1), (2, 1)");
}

on_each!(a_plan_is_a_table_for_a_pull_request, |db| {
    users(db);
    let files = pending(
        "ALTER TABLE users ADD phone VARCHAR(20);\nALTER TABLE users MODIFY name VARCHAR(300);\n\
             UPDATE users SET name = 'z';\nINSERT INTO users (id) VALUES (8), (9);\nALTER TABLE users DROP COLUMN note;\n",
    );
    let before = db.everything();
    let said = files.uturn(db, "plan").exits(0);
    assert_eq!(db.everything(), before);
    let path = files.at(&format!("{STEM}.up.sql"));
    let size = said.out.split("users: about 3 rows, ").nth(1).expect("a size").split(' ').next().expect("a number");
    let table = format!("users: about 3 rows, {size} KiB");
    let why = if db.server.kind == "mysql" { "Cannot change column type INPLACE" } else { "Cannot change column type" };
    let expected = format!(
        "### up {STEM}\n\n{}\n\n\
             | # | at | statement | commits | how | blocks | table |\n\
             | 1 | 1:1 | ALTER TABLE users ADD phone VARCHAR(20)   | by itself     | instant      | nothing | {table} |\n\
             | 2 | 2:1 | ALTER TABLE users MODIFY name VARCHAR(300) | by itself     | copy         | writes  | {table} |\n\
             | 3 | 3:1 | UPDATE users SET name = 'z'               | transaction 1 | about 3 rows |         | |\n\
             | 4 | 4:1 | INSERT INTO users (id) VALUES (8), (9)    | transaction 1 | 2 rows       |         | |\n\
             | 5 | 5:1 | ALTER TABLE users DROP COLUMN note        | by itself     | instant      | nothing | {table} |\n\n\
             - 1: foreign keys point to users: from orders\n- 2: rebuilds {size} KiB\n\
             - 2: not cheaper, says the server: {why}\n\
             - 5: destroys column users.note, 1 row with a value\n\n\
             **5 statements; 1 rebuild, {size} KiB in all; 1 blocking; destroys 1 column**\n\n",
        path.display(),
    );
    let squeeze = |text: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| !line.starts_with("| -"));
        lines.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
    };
    assert_eq!(squeeze(&said.out), squeeze(&expected), "{}", said.out);
    let widths: Vec<usize> = said.out.lines().filter(|line| line.starts_with('|')).map(str::len).collect();
    assert!(widths.iter().all(|width| *width == widths[0]), "{}", said.out);
    assert!(said.out.is_ascii(), "{}", said.out);
    assert_eq!(said.err, "");
});

on_each!(a_gate_names_what_breaks_it, |db| {
    users(db);
    db.exec("CREATE PROCEDURE p() DO 0");
    for (up, gate, code, says) in [
        ("ALTER TABLE users ADD x INT;", "--require-online --max-rebuild 0 --no-destructive", 0, ""),
        ("ALTER TABLE users MODIFY name VARCHAR(300);", "", 0, ""),
        ("ALTER TABLE users MODIFY name VARCHAR(300);", "--require-online", 1, "NO --require-online: statement 1 of"),
        ("ALTER TABLE users MODIFY name VARCHAR(300);", "--max-rebuild 1", 1, "NO --max-rebuild: statement 1 of"),
        ("ALTER TABLE users MODIFY name VARCHAR(300);", "--max-rebuild 1GiB", 0, ""),
        ("ALTER TABLE users MODIFY name VARCHAR(300);", "--no-destructive", 0, ""),
        ("ALTER TABLE users FORCE; ALTER TABLE orders FORCE;", "--max-rebuild 40KiB", 1, "statement 2 of"),
        ("ALTER TABLE users FORCE;", "--require-online", 0, ""),
        ("ALTER TABLE users DROP name;", "--no-destructive", 1, "destroys column users.name, 3 rows with a value"),
        ("DROP TABLE orders;", "--no-destructive", 1, "destroys table orders, 2 rows"),
        ("DROP TABLE IF EXISTS nonesuch;", "--no-destructive", 0, ""),
        (
            "CREATE TABLE n (a INT, b INT); ALTER TABLE n DROP b, MODIFY a BIGINT; DROP TABLE n;",
            "--no-destructive --require-online --max-rebuild 0",
            0,
            "",
        ),
        ("TRUNCATE TABLE orders;", "--no-destructive", 1, "destroys 2 rows of orders"),
        ("DELETE FROM orders;", "--no-destructive", 1, "rows of orders"),
        (
            "ALTER TABLE users CHANGE note old TEXT; ALTER TABLE users DROP old;",
            "--no-destructive",
            1,
            "column users.old",
        ),
        ("CALL p();", "--require-online", 1, "cannot be answered for it"),
        ("CALL p();", "--no-destructive", 1, "cannot be answered for it"),
        ("ALTER TABLE users DROP nonesuch;", "", 0, "1091 (42000)"),
        ("ALTER TABLE users DROP nonesuch;", "--require-online", 1, "fails on an empty clone"),
    ] {
        let said = pending(up).uturn(db, &format!("plan {gate}")).exits(code).says(says);
        assert_eq!(said.out.contains("\nNO --"), code == 1, "{up} {gate}: {}", said.out);
    }
    let files = pending("ALTER TABLE users FORCE;");
    files.uturn(db, "plan --max-rebuild much").exits(2).says("such as 500MiB");
    files.uturn(db, "plan up --steps 1 --max-rebuild 1").exits(1);
    run(files.command(db, "plan").env("UTURN_MAX_REBUILD", "1")).exits(1);
    let json = files.uturn(db, "plan --json --max-rebuild 1").exits(1);
    assert_eq!(events(&json, "gate")[0]["why"], "rebuilds");
});

on_each!(a_later_statement_meets_what_the_earlier_ones_have_made, |db| {
    users(db);
    let files = Folder::with(&[
        (
            STEM,
            "CREATE TABLE made (id INT PRIMARY KEY);\nALTER TABLE made ADD x INT;\nALTER TABLE users RENAME TO people;\n\
                 ALTER TABLE people ADD email VARCHAR(90);\nRENAME TABLE people TO folk, made TO people;\n",
            "SELECT 1;",
        ),
        (
            "20260102000000-n",
            "CREATE INDEX e ON folk (email);\nALTER TABLE people MODIFY x BIGINT;\n\
                 SET sql_mode = 'ANSI_QUOTES';\nALTER TABLE \"folk\" ADD \"y\" INT, ALGORITHM=COPY;\nALTER TABLE users ADD z INT;\n",
            "SELECT 1;",
        ),
    ]);
    let said = files.uturn(db, "plan --json").exits(0);
    let in_place = if db.server.kind == "mysql" { "inplace" } else { "nocopy" };
    let expected =
        ["definition", "instant", "instant", "instant", "definition", in_place, "copy", "none", "copy", "fails"];
    assert_eq!(answers(&said), expected);
    let plans = events(&said, "plan");
    let table = |at: usize| (plans[at]["tables"][0]["table"].clone(), plans[at]["tables"][0]["new"].clone());
    assert_eq!(table(5), ("folk".into(), false.into()), "the table that was users");
    assert_eq!(plans[5]["tables"][0]["rows"], 3);
    assert_eq!(table(6), ("people".into(), true.into()), "the table that was made");
    assert_eq!(plans[6]["blocks"], "nothing", "nobody uses it yet");
});

on_each!(foreign_keys_are_part_of_the_clone, |db| {
    users(db);
    db.exec("CREATE TABLE parts (id INT PRIMARY KEY, order_id INT, CONSTRAINT l_o FOREIGN KEY (order_id) REFERENCES orders (id))");
    for (up, answer) in [
        ("DROP TABLE users;", "fails"),
        ("ALTER TABLE orders DROP user_id;", "fails"),
        ("ALTER TABLE users DROP PRIMARY KEY;", "fails"),
        ("ALTER TABLE parts ADD CONSTRAINT l_u FOREIGN KEY (id) REFERENCES users (id);", "copy"),
        (
            "SET foreign_key_checks = 0; ALTER TABLE parts ADD CONSTRAINT l_u FOREIGN KEY (id) REFERENCES users (id);",
            "inplace",
        ),
        ("SET foreign_key_checks = 0; DROP TABLE users;", "definition"),
        ("ALTER TABLE orders DROP FOREIGN KEY o_u; DROP TABLE users;", "definition"),
    ] {
        let mut all = answers(&pending(up).uturn(db, "plan --json").exits(0));
        // What leaves the rows where they are has other names on MariaDB.
        let last = all.pop().expect("a statement").replace("nocopy", "inplace");
        let last = if answer == "inplace" { last.replace("instant", "inplace") } else { last };
        assert_eq!(last, answer, "{up}");
    }
    pending("ALTER TABLE orders ADD x INT;").uturn(db, "plan").says("foreign keys point to orders: from parts");
});

on_each!(other_databases_are_left_alone, |db| {
    users(db);
    let other = db.server.database();
    other.exec("CREATE TABLE users (id INT PRIMARY KEY)");
    let before = (db.everything(), other.everything());
    let (own, foreign) = (&db.name, &other.name);
    for (up, expected) in [
        (
            format!("ALTER TABLE {own}.users ADD x INT; ALTER TABLE `{own}` . `users` DROP x;"),
            vec!["instant", "instant"],
        ),
        (format!("ALTER TABLE {foreign}.users ADD x INT;"), vec!["not_tried"]),
        (
            format!("CREATE TABLE n LIKE {foreign}.users; ALTER TABLE n ADD nonesuch2 INT;"),
            vec!["not_tried", "not_tried"],
        ),
        (format!("RENAME TABLE users TO {foreign}.gone;"), vec!["not_tried"]),
        (format!("DROP TABLE {foreign}.users;"), vec!["definition"]),
        (
            format!("USE {foreign}; ALTER TABLE users ADD x INT; USE {own}; ALTER TABLE users ADD x INT;"),
            vec!["none", "not_tried", "none", "instant"],
        ),
        (format!("ALTER TABLE orders ADD FOREIGN KEY (id) REFERENCES {foreign}.users (id);"), vec!["not_tried"]),
        ("CREATE TABLE n AS SELECT * FROM users; ALTER TABLE n ADD x INT;".to_owned(), vec!["definition", "instant"]),
        (format!("DROP DATABASE {foreign};"), vec!["definition"]),
    ] {
        let said = pending(&up).uturn(db, "plan --json").exits(0);
        assert_eq!(answers(&said), expected, "{up}");
        assert!((db.everything(), other.everything()) == before, "{up}");
    }
    pending(&format!("DROP TABLE {foreign}.users;")).uturn(db, "plan --no-destructive").exits(1);
});

on_each!(a_narrow_account_is_told_what_is_not_known_and_which_grant_helps, |db| {
    users(db);
    let account = format!("narrow{}", db.name.replace(|c: char| !c.is_ascii_digit(), ""));
    let mut root = db.server.conn("");
    let mut root = |sql: &str| root.query_drop(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    root(&format!("CREATE USER '{account}'@'%' IDENTIFIED BY 'narrow'"));
    root(&format!("GRANT ALL ON `{}`.* TO '{account}'@'%'", db.name.replace('_', "\\_")));
    let files =
        pending("ALTER TABLE users ADD x INT;\nALTER TABLE users MODIFY name VARCHAR(300);\nUPDATE users SET x = 1;\n");
    let plan = |words: &str| {
        let mut command = bare();
        command.env("DATABASE_URL", db.server.url_as(&account, "narrow", &db.name)).arg("--dir").arg(files.path());
        // The tables are there without a history.
        command.env("UTURN_ALLOW_NON_EMPTY", "true");
        run(command.arg("plan").args(words.split_whitespace()))
    };
    let help = format!("GRANT ALL ON `uturn\\_scratch\\_%`.* TO '{account}'@'…'");
    let said = plan("").exits(0).says("Not known: how the server would do it").says(&help).says("not tried");
    assert!(said.out.contains("3 rows"), "sizes and estimates need no scratch database: {}", said.out);
    plan("--require-online").exits(1).says("NO --require-online: statement 1 of").says("cannot be answered");
    plan("--max-rebuild 1GiB").exits(1).says("cannot be answered");
    plan("--no-destructive").exits(0);
    assert_eq!(events(&plan("--json"), "plan_sum")[0]["unseen"][0]["unseen"], "scratch");
    root(&format!("GRANT ALL ON `uturn\\_scratch\\_%`.* TO '{account}'@'%'"));
    let said = plan("--json").exits(0);
    assert_eq!(answers(&said), ["instant", "copy", "none"]);
    plan("").says("GRANT PROCESS ON *.*").says("had a FULLTEXT index once");
    root(&format!("DROP USER '{account}'@'%'"));
});

on_each!(an_open_transaction_on_a_table_is_named, |db| {
    let (_open, id) = opened(db);
    let said = used(db).exits(0).says(&format!("- 1: would wait now for connection {id} (uturn@"));
    said.says("which uses users for").never_says("- 2: would wait").never_says("Open transactions");
});

on_mariadb!(without_mariadb_s_plugin_all_open_transactions_are_named, |_| {
    // InnoDB does not renew its list of transactions as long as somebody reads it every 0.1 s, as other tests do.
    let own = Own::start("mariadb", &[]);
    let db = own.server.database();
    let (_open, id) = opened(&db);
    let said = used(&db).exits(0).says("Open transactions now; which tables they use the server does not say");
    said.says(&format!("- connection {id} (uturn@")).never_says("would wait");
});

on_each!(a_server_that_wants_a_primary_key_in_every_table_lets_itself_be_asked, |db| {
    let server = &db.server;
    let option = if server.kind == "mysql" { "--sql-require-primary-key=ON" } else { "--innodb-force-primary-key=ON" };
    let own = Own::start(server.kind, &[option]);
    let db = own.server.database();
    let up = "CREATE TABLE a (id INT PRIMARY KEY);\nALTER TABLE a ADD b INT;\n";
    let folder = Folder::with(&[(STEM, up, "DROP TABLE a;")]);
    folder.uturn(&db, "plan").exits(0).never_says("scratch database");
    folder.uturn(&db, "prove").exits(0);
    folder.uturn(&db, "up").exits(0);
    folder.uturn(&db, "plan undo").exits(0).never_says("scratch database");
    folder.uturn(&db, "undo").exits(0);
});

// A transaction that has changed a row of `users`, and its connection.
// MySQL refuses a foreign key to a key that is not unique, unless the session lets it.
on_mysql!(a_table_that_a_script_s_own_setting_let_be_made_is_cloned, |db| {
    let server = &db.server;
    let db = server.database();
    let lets = "SET SESSION restrict_fk_on_non_standard_key = OFF";
    let up = format!(
        "{lets};\nCREATE TABLE p (id INT PRIMARY KEY, n INT, KEY (n));\n\
             CREATE TABLE c (id INT PRIMARY KEY, n INT, CONSTRAINT c_n FOREIGN KEY (n) REFERENCES p (n));\n"
    );
    let files = pending(&up);
    assert_eq!(answers(&files.uturn(&db, "plan --json").exits(0))[1..], ["definition", "definition"]);
    files.uturn(&db, "up").exits(0);
    let alter = format!("{lets};\nALTER TABLE c ADD m INT;\nALTER TABLE p ADD m INT;\n");
    files.pair("20260102000000-n", &alter, "SELECT 1;\n");
    let said = files.uturn(&db, "plan --json").exits(0);
    assert_eq!(answers(&said)[1..], ["instant", "instant"], "{}", said.out);
});

fn opened(db: &Db) -> (mysql::Conn, u64) {
    users(db);
    db.exec("CREATE TABLE spare (id INT)");
    let mut open = db.conn();
    open.query_drop("START TRANSACTION").expect("a transaction");
    open.query_drop("UPDATE users SET name = 'held' WHERE id = 1").expect("a row");
    let id = open.query_first("SELECT CONNECTION_ID()").expect("a query").expect("a row");
    (open, id)
}

fn used(db: &Db) -> Run {
    pending("ALTER TABLE users ADD x INT;\nALTER TABLE spare ADD y INT;\n").uturn(db, "plan")
}

on_each!(an_undo_names_what_it_would_destroy, |db| {
    let files = Folder::with(&[
        ("20260101000000-a", "CREATE TABLE a (id INT PRIMARY KEY, x INT);", "DROP TABLE a;"),
        (
            "20260102000000-b",
            "ALTER TABLE a ADD y INT;\nCREATE TABLE b (i INT);",
            "DROP TABLE b;\nALTER TABLE a DROP y;",
        ),
        ("20260103000000-c", "INSERT INTO a (id) VALUES (77);", "DELETE FROM a WHERE id = 77;"),
    ]);
    files.uturn(db, "plan undo").exits(0).says("nothing to undo");
    files.uturn(db, "up").exits(0);
    db.exec("INSERT INTO a VALUES (1, 1, 1), (2, 2, NULL)");
    let before = db.everything();
    files.uturn(db, "plan").exits(0).says("nothing to do");
    let said = files.uturn(db, "plan undo --all").exits(0);
    assert_eq!(db.everything(), before);
    let order: Vec<&str> = said.out.lines().filter(|line| line.starts_with("### ")).collect();
    assert_eq!(order, ["### undo 20260103000000-c", "### undo 20260102000000-b", "### undo 20260101000000-a"]);
    for line in [
        "- 1: destroys table b, 0 rows",
        "- 2: destroys column a.y, 1 row with a value",
        "- 1: destroys table a, 3 rows",
        "destroys 2 tables, 1 column",
    ] {
        assert!(said.out.contains(line), "{line}\n{}", said.out);
    }
    files.uturn(db, "plan undo").exits(0).says("transaction 1").never_says("20260102");
    files.uturn(db, "plan undo --keep 20260101 --no-destructive").exits(1).says("destroys table b");
    files.uturn(db, "plan undo --to 1999").exits(2).says("no migration fits");
    let json = files.uturn(db, "plan undo --all --json").exits(0);
    assert_eq!(events(&json, "plan_sum")[0]["destroyed"]["columns"], 1);
});

on_each!(a_half_run_migration_is_planned_from_where_it_stopped, |db| {
    let down = "ALTER TABLE t DROP c;\nDROP TABLE t;\n";
    let files =
        Folder::with(&[(STEM, "CREATE TABLE t (a INT);\nALTER TABLE t ADD a INT;\nALTER TABLE t ADD c INT;\n", down)]);
    files.uturn(db, "up").exits(5);
    files.pair(STEM, "CREATE TABLE t (a INT);\nALTER TABLE t ADD b INT;\nALTER TABLE t ADD c INT;\n", down);
    let said = files.uturn(db, "plan").exits(0).says("resumes at statement 2 of 3").says("2 statements");
    assert!(!said.out.contains("CREATE TABLE"), "{}", said.out);
    assert_eq!(answers(&files.uturn(db, "plan --json")), ["instant", "instant"]);
    let undo = files.uturn(db, "plan undo --json").exits(0);
    assert_eq!(answers(&undo), ["passed_over", "definition"]);
    files.uturn(db, "plan undo").says("has nothing to revert").says("destroys table t, 0 rows");
});

on_each!(nothing_stays_behind_and_nobody_is_waited_for, |db| {
    users(db);
    let proxy = Proxy::start(&db.server.address(), "nothing is cut", 0);
    let files = pending("DO SLEEP(3);\nALTER TABLE users ADD x INT;\n");
    let mut runner = files.command(db, "up").stderr(std::process::Stdio::null()).spawn().expect("it starts");
    db.wait_for_statement("DO SLEEP(3)");
    let before = db.everything();
    run(files.command(db, "plan").env("DATABASE_URL", proxy.url(db))).exits(0).says("instant");
    let queries = proxy.queries();
    let made = queries.iter().find_map(|text| text.split("CREATE DATABASE `").nth(1)).expect("a scratch database");
    let name = made.split('`').next().expect("its name");
    assert!(name.starts_with("uturn_scratch_"), "{name}");
    assert!(
        !queries.iter().any(|text| text.contains("uturn:run") || text.contains("uturn:sql")),
        "no run lock is taken"
    );
    let question = format!("SELECT 1 FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = '{name}'");
    assert!(db.rows(&question).is_empty(), "it is gone");
    assert_eq!(db.everything(), before);
    assert!(runner.wait().expect("it ends").success());
});

on_each!(what_the_server_cannot_parse_is_refused_as_up_refuses_it, |db| {
    users(db);
    let files = pending("ALTER TABLE users ADD x INT;\nALTER TABL users ADD y INT;\n");
    files.uturn(db, "plan").exits(2).says("cannot parse statement 2 of 2").says(":2:1");
});

on_each!(the_session_s_own_choice_of_algorithm_counts, |db| {
    users(db);
    let setting = if db.server.kind == "mysql" { "old_alter_table = 1" } else { "alter_algorithm = 'COPY'" };
    let files = pending(&format!(
        "SET SESSION {setting};\nALTER TABLE users ADD x INT;\nALTER TABLE users ADD y INT, ALGORITHM=INSTANT;\n"
    ));
    // MariaDB copies even where the statement says INSTANT.
    let told = if db.server.kind == "mysql" { "instant" } else { "copy" };
    assert_eq!(answers(&files.uturn(db, "plan --json").exits(0)), ["none", "copy", told]);
});

on_mysql!(at_the_limit_of_row_versions_mysql_rebuilds_and_the_plan_says_so, |db| {
    let server = &db.server;
    let db = server.database();
    users(&db);
    let mut conn = db.conn();
    let mut change = |spec: &str| conn.query_drop(format!("ALTER TABLE users {spec}"));
    let mut versions = 0;
    while change(if versions % 2 == 0 { "ADD w INT, ALGORITHM=INSTANT" } else { "DROP w, ALGORITHM=INSTANT" }).is_ok() {
        versions += 1;
        if versions == 200 {
            let files = pending("ALTER TABLE users ADD x INT;");
            files.uturn(&db, "plan").exits(0).says("instant").says("the rows have 200 of 255 possible versions");
        }
    }
    assert_eq!(versions, 255, "the limit that uturn knows");
    let files = pending("ALTER TABLE users ADD x INT;\nALTER TABLE users ADD y INT;\n");
    let said = files.uturn(&db, "plan").exits(0).says("255 versions, the most that MySQL takes");
    assert!(said.out.contains("| rebuild in place | nothing |"), "{}", said.out);
    files.uturn(&db, "plan --max-rebuild 1").exits(1);
    let space = || {
        let question = "SELECT SPACE FROM information_schema.INNODB_TABLESPACES_BRIEF WHERE NAME = ";
        db.rows(&format!("{question}'{}/users'", db.name))
    };
    let before = space();
    files.uturn(&db, "up").exits(0);
    assert_ne!(space(), before, "it was rebuilt");
});
