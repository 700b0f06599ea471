//! `uturn check`: what it finds, and what it does not. The pairs of docs/check.md are the table.

mod known_tables;

use crate::support::app::{Folder, Run, bare, run};
use crate::support::docs::{self, Block};
use std::collections::BTreeSet;
use std::process::Command;
use uturn::lint::NAMES;

/// Runs it on a folder.
pub fn check(folder: &Folder) -> Run {
    run(bare().args(["check", "--dir"]).arg(folder.path()))
}

/// The names of what is found, in order; from the JSON, which must agree with the exit code.
pub fn found(folder: &Folder) -> Vec<String> {
    let run = run(bare().args(["check", "--json", "--dir"]).arg(folder.path()));
    let events: Vec<serde_json::Value> =
        run.out.lines().map(|line| serde_json::from_str(line).expect("an object a line")).collect();
    let name = |event: &serde_json::Value| event["finding"].as_str().map(str::to_owned);
    let names: Vec<String> = events.iter().filter_map(name).collect();
    assert_eq!(run.code, Some(i32::from(!names.is_empty())), "{run:?}");
    assert_eq!(events.last().expect("the count")["findings"], names.len());
    names
}

fn blocks() -> Vec<Block> {
    docs::blocks(&docs::root().join("docs/check.md"))
}

#[test]
fn every_example_of_the_page_shows_what_it_stands_for_and_nothing_else() {
    for block in blocks() {
        let names: BTreeSet<String> = found(&block.folder()).into_iter().collect();
        let expected: BTreeSet<String> = match block.word.as_str() {
            "found" => [block.heading.clone()].into(),
            "clean" => BTreeSet::new(),
            word => panic!("{}: `{word}`", block.at),
        };
        assert_eq!(names, expected, "{} ({})\n{}", block.at, block.heading, check(&block.folder()).out);
    }
}

/// Only misnamed and missing files, and what is wrong before there is a text, cannot be written as a pair.
#[test]
fn every_finding_has_its_section_and_its_example() {
    let page = std::fs::read_to_string(docs::root().join("docs/check.md")).expect("docs/check.md");
    let sections: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("### ")).collect();
    assert_eq!(sections, NAMES, "one section for each, in their order");
    let shown: BTreeSet<String> = blocks().into_iter().filter(|b| b.word == "found").map(|b| b.heading).collect();
    for name in NAMES.iter().skip(6) {
        assert!(shown.contains(*name), "{name} has no example");
    }
    for name in NAMES {
        assert!(page.contains(&format!("[`{name}`](#{name})")), "{name} is not in the table");
    }
}

#[test]
fn everything_that_is_wrong_with_the_files_is_told_at_once() {
    let good = ("CREATE TABLE t (id INT PRIMARY KEY);", "DROP TABLE t;");
    let folder = Folder::with(&[("20260101000000-a", good.0, good.1)]);
    folder
        .file("20260102000000-b.sql", "DO 0;")
        .file("20260103000000-half.up.sql", "\nsource x;\nDO 'open;")
        .file("20260104000000-c.up.sql", "DO 0;")
        .file("20260104000000-c.down.sql", "-- nothing")
        .file("20260105000000-d.up.sql", "")
        .file("20260105000000-d.down.sql", "DO 0;")
        .file("20260106000000-e.up.sql", b"DO 0;\nDO '\xe9';".as_slice())
        .file("20260106000000-e.down.sql", "DO 0;")
        .file("20260107000000-f.up.sql", "DO 1\\G\nprompt >\nstatus\nDO 2\\g\nDO `open")
        .file("20260107000000-f.down.sql", "-- uturn: allow\nDO 0;")
        .pair("20260108000000-g", "DO 0;", "DO 0;")
        .pair("20260108000000-h", "DO 0;", "DO 0;");
    let run = check(&folder).exits(1);
    assert_eq!(
        found(&folder),
        [
            "not-utf8",
            "file-name",
            "half-pair",
            "empty-down",
            "empty-up",
            "same-timestamp",
            "client-command",
            "lexical",
            "client-command",
            "client-command",
            "client-command",
            "client-command",
            "lexical",
        ],
        "{}",
        run.out
    );
    for place in [
        "half.up.sql:2:1",
        "half.up.sql:3:4",
        "f.up.sql:1:5",
        "f.up.sql:2:1",
        "f.up.sql:3:1",
        "f.up.sql:4:5",
        "f.up.sql:5:4",
    ] {
        assert!(run.out.contains(place), "{place}\n{}", run.out);
    }
    assert!(run.out.contains("e.up.sql") && run.out.contains("see line 2"), "{}", run.out);
    assert!(run.out.contains("`\\G` is a command"), "{}", run.out);
    run.says("7 migrations checked, 13 findings");
}

#[test]
fn a_finding_says_what_where_why_and_what_to_do() {
    let folder = Folder::with(&[(
        "20260101000000-a",
        "-- é\r\nALTER TABLE users\r\n    ADD COLUMN `né` INT NULL, ADD COLUMN phone VARCHAR(20) NOT NULL;\r\n",
        "ALTER TABLE users DROP COLUMN `né`, DROP COLUMN phone;",
    )]);
    let run = check(&folder).exits(1);
    let path = folder.at("20260101000000-a.up.sql").display().to_string();
    let expected = format!(
        "not-null-without-default: `users.phone` is NOT NULL without a DEFAULT: rows that are there get 0, '' or an error\n \
         --> {path}:3:31\n\
         3 |     ADD COLUMN `né` INT NULL, ADD COLUMN phone VARCHAR(20) NOT NULL;\n  \
         |                               ^\n\
         hint: give it a DEFAULT; or add it as NULL, UPDATE the rows, and make it NOT NULL then\n\n"
    );
    assert_eq!(run.out, expected);
    assert_eq!(run.err, "1 migration checked, 1 finding\n");
}

#[test]
fn an_allow_holds_for_its_pair_and_its_name_only() {
    let up = "ALTER TABLE t DROP COLUMN a, DROP COLUMN b, ADD COLUMN c INT NOT NULL;";
    let down = "ALTER TABLE t ADD COLUMN a INT NULL, ADD COLUMN b INT NULL, DROP COLUMN c;";
    let allow = "-- uturn: allow drops-column: nobody reads them\n";
    for (up, down) in [(format!("{allow}{up}"), down.to_owned()), (up.to_owned(), format!("{allow}{down}"))] {
        let folder = Folder::with(&[("20260101000000-a", &up, &down)]);
        assert_eq!(found(&folder), ["not-null-without-default"]);
        check(&folder).says("1 finding, 2 allowed");
    }
    let folder = Folder::with(&[("20260101000000-a", &format!("{allow}{up}"), down), ("20260102000000-b", up, down)]);
    assert_eq!(
        found(&folder),
        ["not-null-without-default", "drops-column", "drops-column", "not-null-without-default"]
    );
    for (allow, expected) in [
        ("-- uturn: allow half-pair: x", "unknown-allow"),
        ("-- uturn: allow unused-allow: x", "unknown-allow"),
        ("-- uturn: allow renames: x", "unused-allow"),
        ("-- uturn: allow renames", "directive"),
    ] {
        let folder = Folder::with(&[("20260101000000-a", "CREATE VIEW v AS SELECT 1 AS a;", "")]);
        folder.file("20260101000000-a.down.sql", format!("{allow}\nDROP VIEW v;"));
        assert_eq!(found(&folder), [expected], "{allow}");
    }
}

const T: &str =
    "CREATE TABLE t (id INT PRIMARY KEY, a INT NULL, b VARCHAR(50) NOT NULL DEFAULT 'x', c DATETIME NULL, KEY k (a));";

/// What a second migration does to `T`, and what is found in it; nothing, where people write it so and are right.
const SECOND: &[(&str, &str, &[&str])] = &[
    // the way back
    ("ALTER TABLE t ADD x INT FIRST", "ALTER TABLE t DROP x", &[]),
    ("ALTER TABLE t ADD (x INT, y INT)", "ALTER TABLE t DROP x", &["down-forgets"]),
    ("ALTER TABLE t ADD (x INT, y INT)", "ALTER TABLE t DROP x, DROP y", &[]),
    ("CREATE INDEX i ON t (c)", "DROP INDEX i ON t", &[]),
    ("CREATE INDEX i ON t (c)", "DROP INDEX j ON t", &["down-forgets"]),
    ("ALTER TABLE t ADD INDEX (c)", "ALTER TABLE t DROP INDEX c", &[]),
    ("ALTER TABLE t ADD INDEX (a)", "ALTER TABLE t DROP INDEX a_2", &["down-differs", "unnamed-key"]),
    ("ALTER TABLE t RENAME INDEX k TO k2", "ALTER TABLE t RENAME INDEX k2 TO k", &[]),
    ("ALTER TABLE t DROP KEY k", "ALTER TABLE t ADD KEY k (a)", &[]),
    ("ALTER TABLE t DROP KEY k", "ALTER TABLE t ADD KEY k (c)", &["down-differs"]),
    ("ALTER TABLE t COMMENT = 'x'", "DO 0", &["down-does-nothing", "down-forgets"]),
    ("ALTER TABLE t COMMENT = 'x'", "ALTER TABLE t COMMENT = ''", &[]),
    ("CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1", "DROP TRIGGER g", &[]),
    ("CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1", "DO 0", &["down-does-nothing", "down-forgets"]),
    ("CREATE PROCEDURE p() SELECT 1", "DROP PROCEDURE q", &["down-forgets"]),
    ("CREATE FUNCTION f() RETURNS INT RETURN 1", "DROP FUNCTION f", &[]),
    ("CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DO 0", "DROP EVENT e", &[]),
    ("CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DO 0", "DROP EVENT e2", &["down-forgets"]),
    ("INSERT INTO t (id) VALUES (1)", "DELETE FROM t WHERE id = 1", &[]),
    ("INSERT INTO t (id) VALUES (1)", "DO 0", &["down-does-nothing", "down-forgets"]),
    ("CREATE TABLE u (id INT PRIMARY KEY); INSERT INTO u VALUES (1)", "DROP TABLE u", &[]),
    ("CREATE TABLE u (id INT PRIMARY KEY); DROP TABLE u", "DO 0", &[]),
    ("ALTER TABLE t ADD x INT, ADD KEY i (x); ALTER TABLE t DROP KEY i, DROP x", "DO 0", &[]),
    (
        "CREATE TEMPORARY TABLE u (id INT); INSERT INTO t (id) SELECT id FROM u; DROP TABLE u",
        "DELETE FROM t WHERE id = 9",
        &[],
    ),
    ("ALTER TABLE t ADD x INT", "CALL everything_back()", &[]),
    ("ALTER TABLE t ALTER COLUMN b SET DEFAULT 'y'", "ALTER TABLE t ALTER COLUMN b SET DEFAULT 'x'", &[]),
    ("ALTER TABLE t ALTER COLUMN b SET DEFAULT 'y'", "DO 0", &["down-does-nothing", "down-forgets"]),
    ("ALTER TABLE t MODIFY a BIGINT NULL", "UPDATE t SET a = 0 WHERE a > 9; ALTER TABLE t MODIFY a INT", &[]),
    (
        "ALTER TABLE t MODIFY a BIGINT NULL",
        "UPDATE t SET a = 0 WHERE a > 9; ALTER TABLE t MODIFY a INTEGER(11) DEFAULT NULL",
        &[],
    ),
    (
        "ALTER TABLE t MODIFY a BIGINT NULL",
        "UPDATE t SET a = 0 WHERE a > 9; ALTER TABLE t MODIFY a INT DEFAULT 5",
        &["down-differs"],
    ),
    ("ALTER TABLE t MODIFY a INT NULL AFTER c", "ALTER TABLE t MODIFY a INT NULL", &["down-differs"]),
    ("ALTER TABLE t MODIFY a INT NULL AFTER c", "ALTER TABLE t MODIFY a INT NULL AFTER id", &[]),
    ("ALTER TABLE t ADD PRIMARY KEY (a)", "DO 0", &["down-differs", "down-does-nothing"]),
    // names
    ("ALTER TABLE t MODIFY nope INT", "ALTER TABLE t MODIFY nope INT", &["no-such-name", "no-such-name"]),
    ("ALTER TABLE t ADD x INT", "ALTER TABLE t DROP COLUMN IF EXISTS x", &[]),
    ("ALTER TABLE t ADD x INT", "ALTER TABLE t DROP x, DROP COLUMN IF EXISTS y", &["if-exists"]),
    ("CREATE TABLE t (id INT PRIMARY KEY)", "DO 't'", &["already-there", "down-does-nothing", "down-forgets"]),
    ("CREATE OR REPLACE VIEW v AS SELECT 1 AS a", "DROP VIEW IF EXISTS v", &[]),
    // rows
    ("DELETE FROM t", "DO 0", &["down-does-nothing", "no-where"]),
    ("WITH x AS (SELECT 1) DELETE FROM t", "DO 0", &["down-does-nothing", "no-where"]),
    ("DELETE FROM t LIMIT 10", "DO 0", &["down-does-nothing"]),
    ("DELETE t FROM t JOIN u ON u.id = t.id", "DO 0", &["down-does-nothing"]),
    ("UPDATE t JOIN u ON u.id = t.id SET t.a = u.a", "DO 0", &["down-does-nothing"]),
    ("UPDATE t SET a = (SELECT MAX(id) FROM u WHERE u.id > 0)", "DO 0", &["down-does-nothing", "no-where"]),
    ("WITH x AS (SELECT 1) SELECT * FROM x", "DO 0", &[]),
    (
        "ALTER TABLE t MODIFY b VARCHAR(50) NULL DEFAULT 'x'",
        "UPDATE t SET b = '' WHERE b IS NULL; ALTER TABLE t MODIFY b VARCHAR(50) NOT NULL DEFAULT 'x'",
        &[],
    ),
    ("ALTER TABLE t ADD x INT NOT NULL AUTO_INCREMENT UNIQUE", "ALTER TABLE t DROP x", &[]),
    ("ALTER TABLE t ADD x INT GENERATED ALWAYS AS (id) STORED NOT NULL", "ALTER TABLE t DROP x", &[]),
    ("ALTER TABLE t ADD x SERIAL", "ALTER TABLE t DROP x", &[]),
    ("CREATE OR REPLACE TABLE t (id INT PRIMARY KEY)", "DO 't'", &["down-does-nothing", "down-forgets", "drops-table"]),
    ("ALTER TABLE old.t DROP PARTITION p0", "DO 't'", &["down-does-nothing", "drops-rows", "other-database"]),
    ("DROP DATABASE shop", "CREATE DATABASE shop", &["drops-table"]),
    // renames
    ("RENAME TABLE t TO t_old, t_new TO t", "RENAME TABLE t TO t_new, t_old TO t", &["renames"]),
    ("ALTER TABLE t CHANGE a a INT NULL DEFAULT NULL", "ALTER TABLE t MODIFY a INT NULL", &[]),
    ("ALTER TABLE t CHANGE a x INT", "ALTER TABLE t CHANGE x a INT", &["renames"]),
    ("ALTER TABLE t RENAME TO u", "ALTER TABLE u RENAME TO t", &["renames"]),
    // sessions
    ("SET @a = 1; SET NAMES utf8mb4; DO @a", "DO 0", &[]),
    ("SET @old = @@sql_mode, sql_mode = 'ANSI'; DO 1; SET sql_mode = @old", "DO 0", &[]),
    ("SET SESSION sql_mode = 'ANSI'; SET @@session.sql_mode = 'ANSI'", "DO 0", &["session-setting"]),
    ("SET time_zone = '+00:00'", "DO 0", &["session-setting"]),
    ("SET @@global.max_connections = 9", "DO 0", &["down-does-nothing", "set-global"]),
    ("SET autocommit = 1", "DO 0", &[]),
    ("USE shop", "DO 0", &["other-database"]),
    ("INSERT INTO shop.t (id) SELECT u.id FROM u", "DELETE FROM t WHERE id = 1", &["other-database"]),
    ("UPDATE t SET t.a = 1 WHERE t.id = 1", "DO 0", &["down-does-nothing"]),
    ("DO (SELECT COUNT(*) FROM information_schema.TABLES)", "DO 0", &[]),
    ("CREATE DEFINER = CURRENT_USER() VIEW v AS SELECT 1 AS a", "DROP VIEW v", &[]),
    (
        "BEGIN; INSERT INTO t (id) VALUES (1); COMMIT; ALTER TABLE t ADD x INT",
        "ALTER TABLE t DROP x; DELETE FROM t WHERE id = 1",
        &[],
    ),
    ("ALTER TABLE t ENGINE = MyISAM", "ALTER TABLE t ENGINE = InnoDB", &["no-transactions"]),
    // keys
    ("ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES t (id)", "ALTER TABLE t DROP FOREIGN KEY f", &[]),
    ("ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES t (id)", "DO 't'", &["down-does-nothing", "unnamed-key"]),
    ("ALTER TABLE t ADD x INT CHECK (x > 0)", "ALTER TABLE t DROP x", &[]),
    ("ALTER TABLE t ADD CHECK (a > 0)", "ALTER TABLE t DROP CONSTRAINT t_chk_1", &["unnamed-key"]),
    ("ALTER TABLE t ADD x INT, ADD UNIQUE u (a, x)", "ALTER TABLE t DROP COLUMN x, DROP INDEX u", &[]),
    ("ALTER TABLE t ADD x INT, ADD UNIQUE u (a, x)", "ALTER TABLE t DROP INDEX u; ALTER TABLE t DROP COLUMN x", &[]),
];

#[test]
fn what_a_second_migration_does_to_a_table_that_is_known() {
    let mut wrong = Vec::new();
    for (up, down, expected) in SECOND {
        let folder = Folder::with(&[("20260101000000-a", T, "DROP TABLE t;"), ("20260102000000-b", up, down)]);
        let mut names = found(&folder);
        names.sort();
        if names != *expected {
            wrong.push(format!("{up} | {down}: expected {expected:?}\n{}", check(&folder).out));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_table_that_no_file_makes_is_not_guessed_about() {
    for (up, down) in [
        ("ALTER TABLE t DROP KEY k, ADD COLUMN a INT NULL", "ALTER TABLE t DROP COLUMN a, ADD KEY k (b)"),
        ("ALTER TABLE t MODIFY a ENUM('x') NULL", "ALTER TABLE t MODIFY a ENUM('x', 'y') NULL"),
        ("ALTER TABLE t MODIFY a INT NOT NULL", "ALTER TABLE t MODIFY a INT NULL"),
        ("ALTER TABLE t ADD a INT", "ALTER TABLE t DROP a"),
    ] {
        assert_eq!(found(&Folder::with(&[("20260102000000-b", up, down)])), [""; 0], "{up}");
    }
    // Nor one that a procedure may have changed.
    let folder = Folder::with(&[
        ("20260101000000-a", T, "DROP TABLE t;"),
        ("20260102000000-b", "CALL change_t()", "CALL change_t_back()"),
        ("20260103000000-c", "ALTER TABLE t ADD COLUMN a INT NULL", "ALTER TABLE t DROP COLUMN a, ADD COLUMN q INT"),
    ]);
    assert_eq!(found(&folder), [""; 0]);
}

#[test]
fn a_table_that_is_gone_is_told_with_who_took_it() {
    let folder = Folder::with(&[
        ("20260101000000-a", T, "DROP TABLE t;"),
        ("20260102000000-b", "RENAME TABLE t TO u;", "RENAME TABLE u TO t;\n-- uturn: allow renames: x"),
        ("20260103000000-c", "ALTER TABLE t ADD x INT;", "ALTER TABLE t DROP x;"),
    ]);
    assert_eq!(found(&folder), ["no-such-name"]);
    check(&folder).says("there is no table `t` any more: `20260102000000-b` took it away");
}

#[test]
fn the_migrations_that_are_built_in_are_clean_and_need_no_settings() {
    let built_in = run(bare().arg("check")).exits(0).says("24 migrations checked, 0 findings, 3 allowed");
    assert_eq!(built_in.out, "");
    let folder = run(bare().args(["check", "--dir"]).arg(docs::root().join("sql"))).exits(0);
    assert_eq!(folder.err, built_in.err);
    run(bare().args(["check", "--dir", "/nowhere"])).exits(2).says("cannot read the folder `/nowhere`");
}

#[test]
fn the_hook_checks_what_is_staged() {
    let repository = tempfile::tempdir().expect("a temporary folder");
    let bin = std::path::Path::new(env!("CARGO_BIN_EXE_uturn")).parent().expect("the binary's folder");
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default());
    let git = |words: &[&str]| {
        let identity = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "init.defaultBranch=main"];
        let mut git = Command::new("git");
        // Not with this machine's hooks and signatures.
        git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").env("PATH", &path);
        run(git.args(identity).args(words).current_dir(repository.path()))
    };
    git(&["init", "--quiet"]).exits(0);
    let hook = repository.path().join(".git/hooks/pre-commit");
    std::fs::create_dir_all(hook.parent().expect("a folder")).expect("hooks");
    std::fs::copy(docs::root().join("docs/examples/pre-commit"), &hook).expect("the hook");
    std::fs::create_dir(repository.path().join("sql")).expect("sql");
    let file = |name: &str, text: &str| std::fs::write(repository.path().join(name), text).expect("a file");
    file("README", "no migration");
    git(&["add", "README"]).exits(0);
    git(&["commit", "--quiet", "-m", "none"]).exits(0).never_says("checked");
    file("sql/20260101000000-a.up.sql", "CREATE TABLE a (id INT PRIMARY KEY);");
    git(&["add", "sql"]).exits(0);
    file("sql/20260101000000-a.down.sql", "DROP TABLE a;");
    git(&["commit", "--quiet", "-m", "half"]).exits(1).says("half-pair");
    git(&["add", "sql"]).exits(0);
    file("sql/20260101000000-a.down.sql", "what is not staged does not count");
    git(&["commit", "--quiet", "-m", "whole"]).exits(0).says("1 migration checked, 0 findings");
}

/// Migrations that passed every day on empty development databases.
#[test]
fn the_four_defects_that_this_project_comes_from_are_found_without_a_server() {
    let folder = Folder::with(&[
        (
            "20260101000000-tables",
            "CREATE TABLE users (id INT PRIMARY KEY, known ENUM('YES', 'NO') NULL);\n\
             CREATE TABLE votes (id INT PRIMARY KEY, note INT NULL);\n\
             CREATE TABLE movies (id INT PRIMARY KEY, jury_comment TEXT NULL);",
            "DROP TABLE movies;\nDROP TABLE votes;\nDROP TABLE users;",
        ),
        (
            "20260102000000-misspelt",
            "ALTER TABLE movies ADD COLUMN youtbe_status VARCHAR(255) NULL;",
            "-- youtbe_status\nALTER TABLE movies DROP COLUMN youtube_status;",
        ),
        (
            "20260103000000-enum",
            "UPDATE users SET known = NULL WHERE known = 'NO';\n\
             ALTER TABLE users MODIFY COLUMN known ENUM('YES', 'friend', 'ad') NULL;",
            "UPDATE users SET known = NULL WHERE known = 'ad';\n\
             ALTER TABLE users MODIFY COLUMN known ENUM('YES', 'friend') NULL;",
        ),
        (
            "20260104000000-never-there",
            "ALTER TABLE votes ADD COLUMN times INT NOT NULL DEFAULT 0;",
            "ALTER TABLE votes DROP COLUMN times, ADD COLUMN id_film INT NULL;",
        ),
        (
            "20260105000000-owner",
            "ALTER TABLE movies ADD COLUMN id_user INT NOT NULL, ADD KEY idx_user (id_user),\n    \
             ADD CONSTRAINT fk_user FOREIGN KEY (id_user) REFERENCES users (id);",
            "ALTER TABLE movies DROP FOREIGN KEY fk_user, DROP KEY idx_user, DROP COLUMN id_user;",
        ),
    ]);
    let names =
        ["down-forgets", "drops-column", "no-such-name", "down-differs", "down-differs", "not-null-without-default"];
    let run = check(&folder).exits(1);
    for said in [
        "there is no column `movies.youtube_status` at this point",
        "the column `users.known` is ENUM('YES', 'friend'), and before it was ENUM('YES', 'NO')",
        "the column `votes.id_film` is there, and before it was not",
        "`movies.id_user` is NOT NULL without a DEFAULT",
    ] {
        assert!(run.out.contains(said), "{said}\n{}", run.out);
    }
    for name in found(&folder) {
        assert!(names.contains(&name.as_str()), "{name}\n{}", run.out);
    }
}

#[test]
fn a_package_and_its_body_are_called_by_their_names() {
    let folder = |what: &str, down: &str| {
        let up = format!("SET sql_mode = ORACLE;\nDELIMITER $$\n{what} END$$\nDELIMITER ;\nSET sql_mode = DEFAULT;");
        Folder::with(&[("20260101000000-pk", &up, down)])
    };
    let package = "CREATE OR REPLACE PACKAGE pk AS FUNCTION f RETURN INT;";
    let body = "CREATE OR REPLACE PACKAGE BODY pk AS FUNCTION f RETURN INT AS BEGIN RETURN 1; END;";
    check(&folder(package, "DROP VIEW v;")).says("the up makes the package `pk`");
    check(&folder(body, "DROP VIEW v;")).says("the up makes the package body `pk`").never_says("`BODY`");
    // A package goes with its body.
    assert_eq!(found(&folder(&format!("{package} END$$\n{body}"), "DROP PACKAGE pk;")), Vec::<String>::new());
}
