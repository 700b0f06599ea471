//! What one migration does to its session is not seen by the next one: the leak matrix. And a transaction that a script leaves
//! open is an error, not a commit.

use crate::support::app::{Folder, run};
use crate::support::aside::by_side;
use crate::support::own::Own;
use crate::support::server::{Db, STEPS, on_each};

/// What the next migration sees.
const NEXT: &str = "20260102000000-next";

/// A change of the session, and what would show it.
struct Change {
    name: &'static str,
    /// The server that it is for; both if empty.
    only: &'static str,
    change: &'static str,
    probe: &'static str,
}

const fn both(name: &'static str, change: &'static str, probe: &'static str) -> Change {
    Change { name, only: "", change, probe }
}

const fn one(only: &'static str, name: &'static str, change: &'static str, probe: &'static str) -> Change {
    Change { name, only, change, probe }
}

const CHANGES: &[Change] = &[
    both("USE", "USE mysql;", "SELECT IF(DATABASE() = 'mysql', 'mysql', 'own')"),
    both("sql_mode", "SET sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES';", "SELECT CONCAT(@@sql_mode, \"a\\\\b\")"),
    both("foreign_key_checks", "SET foreign_key_checks = 0;", "SELECT @@foreign_key_checks"),
    both("unique_checks", "SET unique_checks = 0;", "SELECT @@unique_checks"),
    both("autocommit", "SET autocommit = 0;", "SELECT @@autocommit"),
    both("completion_type", "SET completion_type = 'RELEASE';", "SELECT @@completion_type"),
    both(
        "SET NAMES",
        "SET NAMES latin1;",
        "SELECT CONCAT(@@character_set_client, @@character_set_results, @@collation_connection, LENGTH('ü'))",
    ),
    both("character_set_results", "SET character_set_results = NULL;", "SELECT @@character_set_results"),
    both("time_zone", "SET time_zone = '+05:00';", "SELECT @@time_zone"),
    both("timestamp", "SET timestamp = 86400;", "SELECT YEAR(NOW()) > 2000"),
    both("a user variable", "SET @x = 1;", "SELECT @x"),
    both("a user variable that a query sets", "SELECT 2 INTO @x;", "SELECT @x"),
    both("a user variable that a trigger sets", "INSERT INTO watched VALUES (1);", "SELECT @by_trigger"),
    both("a user variable that a procedure sets", "CALL sets();", "SELECT @by_procedure"),
    both("a user variable that a function sets", "INSERT INTO quiet SELECT sets_too();", "SELECT @by_function"),
    both("a setting that a procedure makes", "CALL sets();", "SELECT @@foreign_key_checks"),
    both("autocommit, by a procedure", "CALL sets();", "SELECT @@autocommit"),
    both("LOCK TABLES", "LOCK TABLES quiet WRITE;", "SELECT COUNT(*) >= 0 FROM watched"),
    both("a temporary table", "CREATE TEMPORARY TABLE quiet SELECT 7 AS n;", "SELECT COUNT(*) FROM quiet WHERE n = 7"),
    both("LAST_INSERT_ID, by an INSERT", "INSERT INTO counted (n) VALUES (1), (2);", "SELECT LAST_INSERT_ID()"),
    both("LAST_INSERT_ID, by its function", "SELECT LAST_INSERT_ID(77);", "SELECT LAST_INSERT_ID()"),
    both(
        "LAST_INSERT_ID, by CREATE … SELECT",
        "CREATE TABLE filled (id INT AUTO_INCREMENT PRIMARY KEY) SELECT 5 AS n;",
        "SELECT LAST_INSERT_ID()",
    ),
    both("a user-level lock", "SELECT GET_LOCK('a lock', 1);", "SELECT IS_USED_LOCK('a lock')"),
    both("a user-level lock, by DO", "DO GET_LOCK('a lock', 1);", "SELECT IS_USED_LOCK('a lock')"),
    both(
        "the isolation level",
        "SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE;",
        "SELECT VARIABLE_VALUE FROM {variables} WHERE VARIABLE_NAME IN ('tx_isolation', 'transaction_isolation') LIMIT 1",
    ),
    both(
        "a read-only session",
        "SET SESSION TRANSACTION READ ONLY;",
        "SELECT VARIABLE_VALUE FROM {variables} WHERE VARIABLE_NAME IN ('tx_read_only', 'transaction_read_only') LIMIT 1",
    ),
    both("sql_safe_updates", "SET sql_safe_updates = 1;", "SELECT @@sql_safe_updates"),
    both("sql_select_limit", "SET sql_select_limit = 1;", "SELECT @@sql_select_limit"),
    both("sql_select_limit of none", "SET sql_select_limit = 0;", "SELECT @@sql_select_limit"),
    both("group_concat_max_len", "SET group_concat_max_len = 5;", "SELECT @@group_concat_max_len"),
    both("default_storage_engine", "SET default_storage_engine = MyISAM;", "SELECT @@default_storage_engine"),
    both("innodb_lock_wait_timeout", "SET innodb_lock_wait_timeout = 7;", "SELECT @@innodb_lock_wait_timeout"),
    both("lock_wait_timeout", "SET lock_wait_timeout = 7;", "SELECT @@lock_wait_timeout"),
    both("wait_timeout", "SET wait_timeout = 77;", "SELECT @@wait_timeout"),
    both("sql_auto_is_null", "SET sql_auto_is_null = 1;", "SELECT @@sql_auto_is_null"),
    both("sql_quote_show_create", "SET sql_quote_show_create = 0;", "SELECT @@sql_quote_show_create"),
    both("max_sort_length", "SET max_sort_length = 64;", "SELECT @@max_sort_length"),
    both("SET ROLE", "SET ROLE {role};", "SELECT COALESCE(NULLIF(CURRENT_ROLE(), 'NONE'), 'none')"),
    one("mariadb", "max_statement_time", "SET max_statement_time = 9;", "SELECT @@max_statement_time"),
    one("mariadb", "SET STATEMENT", "SET STATEMENT max_sort_length = 64 FOR SELECT 1;", "SELECT @@max_sort_length"),
    one("mariadb", "check_constraint_checks", "SET check_constraint_checks = 0;", "SELECT @@check_constraint_checks"),
    one(
        "mariadb",
        "system_versioning_alter_history",
        "SET system_versioning_alter_history = 'KEEP';",
        "SELECT @@system_versioning_alter_history",
    ),
    one("mariadb", "the last value of a sequence", "SELECT NEXTVAL(seq);", "SELECT LASTVAL(seq)"),
    one("mariadb", "the same, in its other form", "SELECT NEXT VALUE FOR seq;", "SELECT LASTVAL(seq)"),
    one("mysql", "max_execution_time", "SET max_execution_time = 9000;", "SELECT @@max_execution_time"),
    one("mysql", "sql_require_primary_key", "SET sql_require_primary_key = 1;", "SELECT @@sql_require_primary_key"),
    one(
        "mysql",
        "default_collation",
        "SET default_collation_for_utf8mb4 = utf8mb4_general_ci;",
        "SELECT @@default_collation_for_utf8mb4",
    ),
    one(
        "mysql",
        "information_schema_stats_expiry",
        "SET information_schema_stats_expiry = 7;",
        "SELECT @@information_schema_stats_expiry",
    ),
];

/// The tables, routines and the role that the changes use.
fn set_up(db: &Db) {
    for statement in [
        "CREATE TABLE seen (name VARCHAR(80), value VARCHAR(300)) CHARACTER SET utf8mb4",
        "CREATE TABLE watched (n INT)",
        "CREATE TABLE quiet (n INT)",
        "CREATE TABLE counted (id INT AUTO_INCREMENT PRIMARY KEY, n INT) AUTO_INCREMENT = 50",
        "CREATE TRIGGER watched_ai AFTER INSERT ON watched FOR EACH ROW SET @by_trigger = NEW.n",
        "CREATE PROCEDURE sets() BEGIN SET @by_procedure = 1; SET foreign_key_checks = 0; SET autocommit = 0; END",
        "CREATE FUNCTION sets_too() RETURNS INT DETERMINISTIC NO SQL BEGIN SET @by_function = 1; RETURN 1; END",
    ] {
        db.exec(statement);
    }
    if db.server.kind == "mariadb" {
        db.exec("CREATE SEQUENCE seq");
    }
}

/// Runs each change, with its probe in a migration of its own behind it, all in one run; gives back what the probes saw.
fn seen(db: &Db, changes: &[&Change], disturbed: bool) -> Vec<String> {
    set_up(db);
    let role = format!("{}_role", db.name);
    db.exec(&format!("CREATE ROLE `{role}`"));
    db.exec(&format!("GRANT `{role}` TO CURRENT_USER"));
    let folder = Folder::new();
    for (n, change) in changes.iter().enumerate() {
        let first =
            if disturbed { change.change.replace("{role}", &format!("`{role}`")) } else { "SELECT 1;".to_owned() };
        let probe = format!("INSERT INTO seen VALUES ('{}', ({}));", change.name, probe(db, change));
        folder.pair(&format!("202601010{n:03}00-change"), &first, "SELECT 1;");
        folder.pair(&format!("202601010{n:03}01-probe"), &probe, "SELECT 1;");
    }
    folder.pair("20260103000000-last", "CREATE TABLE last (n INT); ALTER TABLE last ADD m INT;", "DROP TABLE last;");
    let run = folder.uturn(db, "up");
    db.exec(&format!("DROP ROLE `{role}`"));
    let run = run.exits(0);
    folder.uturn(db, "status --exit-code").exits(0);
    let runs = db.rows("SELECT COUNT(*) FROM refinery_schema_history_run WHERE state = 'done'");
    assert_eq!(runs, [(2 * changes.len() + 1).to_string()], "uturn's own tables are written as ever: {}", run.err);
    let steps = format!(
        "SELECT COUNT(*) FROM {STEPS} JOIN refinery_schema_history_run r USING (run_no) \
         WHERE s.state = 'done' AND (r.name LIKE '%probe' OR r.name LIKE '%last')"
    );
    assert_eq!(db.rows(&steps), [(changes.len() + 2).to_string()], "{}", run.err);
    let engines = "SELECT DISTINCT ENGINE FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() \
                   AND TABLE_NAME LIKE 'refinery%'";
    assert_eq!(db.rows(engines), ["InnoDB"]);
    db.rows("SELECT name, value FROM seen ORDER BY name")
}

fn probe(db: &Db, change: &Change) -> String {
    let variables = match db.server.kind {
        "mariadb" => "information_schema.SESSION_VARIABLES",
        _ => "performance_schema.session_variables",
    };
    change.probe.replace("{variables}", variables)
}

fn changes(kind: &str) -> Vec<&'static Change> {
    CHANGES.iter().filter(|change| change.only.is_empty() || change.only == kind).collect()
}

on_each!(nothing_of_a_session_reaches_the_next_migration, |db| {
    let changes = changes(db.server.kind);
    let undisturbed = seen(&db.server.database(), &changes, false);
    let behind = seen(db, &changes, true);
    let leaks: Vec<String> = undisturbed
        .iter()
        .zip(&behind)
        .filter(|(before, after)| before != after)
        .map(|(before, after)| format!("{before} became {after}"))
        .collect();
    println!("{}: {} kinds of change, {} seen by the next migration", db.server.kind, changes.len(), leaks.len());
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
    assert_eq!(undisturbed.len(), changes.len());
});

// The probes would show a change, if it were there: each is asked in one script with its change. One that fails shows it.
on_each!(the_probes_show_what_they_should, |db| {
    let changes = changes(db.server.kind);
    let undisturbed = seen(&db.server.database(), &changes, false);
    let role = format!("{}_role", db.name);
    db.exec(&format!("CREATE ROLE `{role}`"));
    db.exec(&format!("GRANT `{role}` TO CURRENT_USER"));
    by_side(&changes, |change| {
        // uturn leaves these out, ends them itself, or runs its own packets between the two.
        const NOT: [&str; 5] =
            ["autocommit", "autocommit, by a procedure", "completion_type", "LOCK TABLES", "SET STATEMENT"];
        if NOT.contains(&change.name) {
            return;
        }
        let other = db.server.database();
        set_up(&other);
        let first = change.change.replace("{role}", &format!("`{role}`"));
        let probe = probe(&other, change);
        let within = format!("{first} INSERT INTO `{}`.seen VALUES ('{}', ({probe}));", other.name, change.name);
        let folder = Folder::with(&[("20260101000000-both", &within, "SELECT 1;")]);
        let run = folder.uturn(&other, "up");
        let saw = other.rows("SELECT name, value FROM seen").concat();
        assert!(!undisturbed.contains(&saw), "{}: {saw}, {run:?}", change.name);
    });
    db.exec(&format!("DROP ROLE `{role}`"));
});

on_each!(a_prepared_statement_ends_with_its_migration, |db| {
    let folder = Folder::with(&[
        ("20260101000000-first", "PREPARE s FROM 'SELECT 1'; EXECUTE s;", "SELECT 1;"),
        (NEXT, "EXECUTE s;", "SELECT 1;"),
    ]);
    folder.uturn(db, "up").exits(5).says("1243").says("20260102000000-next");
});

on_each!(a_transaction_that_is_never_committed_is_refused_before_anything_runs, |db| {
    db.exec("CREATE TABLE t (n INT)");
    for open in [
        "START TRANSACTION; INSERT INTO t VALUES (1);",
        "INSERT INTO t VALUES (1); COMMIT; BEGIN; INSERT INTO t VALUES (2);",
        "BEGIN; INSERT INTO t VALUES (1); COMMIT AND CHAIN;",
        "CREATE TABLE u (n INT); START TRANSACTION;",
    ] {
        let before = db.everything();
        let folder = Folder::with(&[("20260101000000-open", open, "SELECT 1;")]);
        folder.uturn(db, "up").exits(2).says("is never committed").says("nothing has been changed");
        folder.uturn(db, "up --dry-run").exits(2).says("is never committed");
        assert_eq!(db.everything(), before, "{open}");
    }
    for closed in [
        "START TRANSACTION; INSERT INTO t VALUES (1); COMMIT;",
        "START TRANSACTION; INSERT INTO t VALUES (2); CREATE TABLE v (n INT);",
        "BEGIN; INSERT INTO t VALUES (3); BEGIN; INSERT INTO t VALUES (4); COMMIT AND NO CHAIN;",
    ] {
        Folder::with(&[("20260101000000-open", closed, "SELECT 1;")]).uturn(db, "up").exits(0);
        db.exec("DELETE FROM refinery_schema_history");
    }
    assert_eq!(db.rows("SELECT n FROM t ORDER BY n"), ["1", "2", "3", "4"]);
});

on_each!(a_transaction_that_a_call_leaves_open_is_rolled_back_and_said, |db| {
    db.exec("CREATE TABLE t (n INT) ENGINE=InnoDB");
    db.exec(
        "CREATE PROCEDURE opens() BEGIN INSERT INTO t VALUES (1); START TRANSACTION; INSERT INTO t VALUES (2); END",
    );
    db.exec("CREATE PROCEDURE ends() BEGIN START TRANSACTION; INSERT INTO t VALUES (3); COMMIT; END");
    let folder = Folder::with(&[("20260101000000-m", "CALL ends(); CALL opens(); SELECT 1;", "SELECT 1;")]);
    folder
        .uturn(db, "up")
        .exits(5)
        .says("stopped at statement 2 of 3: it leaves a transaction open, which was rolled back")
        .says("statement 1 is done and recorded")
        .says("may have had effects of its own");
    // What START TRANSACTION commits by itself stays.
    assert_eq!(db.rows("SELECT n FROM t ORDER BY n"), ["1", "3"]);
    folder.uturn(db, "status").exits(0).says("at statement 2 of 3: it leaves a transaction open");
    folder.pair("20260101000000-m", "CALL ends(); CALL ends(); SELECT 1;", "SELECT 1;").uturn(db, "up").exits(0);
    assert_eq!(db.rows("SELECT n FROM t ORDER BY n"), ["1", "3", "3"]);
});

// The server runs it for new sessions only, and each script's is one that is made as new.
on_each!(no_script_sees_what_init_connect_sets, |db| {
    let kind = db.server.kind;
    let own = Own::start(kind, &["--init-connect=SET sql_mode='ANSI_QUOTES'"]);
    let db = own.server.database();
    db.exec("CREATE USER few@`%` IDENTIFIED BY 'uturn'");
    db.exec(&format!("GRANT ALL ON `{}`.* TO few@`%`", db.name));
    db.exec("CREATE TABLE seen (mode VARCHAR(200), text VARCHAR(9))");
    let insert = "INSERT INTO seen VALUES (@@sql_mode, \"a string\");";
    let folder = Folder::with(&[("20260101000000-one", insert, "SELECT 1;"), (NEXT, insert, "SELECT 1;")]);
    let url = own.server.url_as("few", "uturn", &db.name);
    run(folder.command(&db, "up").env("DATABASE_URL", url)).exits(0);
    let seen = db.rows("SELECT CONCAT(mode = @@global.sql_mode, text) FROM seen");
    assert_eq!(seen, ["1a string", "1a string"]);
});
