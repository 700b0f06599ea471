//! CALL and compound statements: what became of one that was cut, and what is told of one that failed.

use crate::support::app::{Folder, Run, run};
use crate::support::own::Own;
use crate::support::server::{Db, on_each, on_mariadb, on_mysql};
use crate::unknown_outcome::goes_on;
use std::process::Stdio;

const STEM: &str = "20260101000000-m";
const MAY_COMMIT: &str = "what it calls may commit by itself";

/// Runs a script whose first CALL is cut behind its answer, on an account that proves nothing by GTID, and then once more.
fn cut(db: &Db, up: &str) -> Run {
    goes_on(db, up, "call.after", 1)
}

on_mariadb!(what_commits_in_a_compound_statement_is_asked_about, |db| {
    let server = &db.server;
    let db = &server.database();
    db.exec("CREATE TABLE t (n INT) ENGINE=InnoDB");
    for (body, question) in [
        ("INSERT INTO t VALUES (1); CREATE TABLE IF NOT EXISTS mk (a INT);", true),
        ("INSERT INTO t VALUES (1); SET PASSWORD FOR CURRENT_USER = PASSWORD('uturn');", true),
        ("INSERT INTO t VALUES (1);", false),
    ] {
        db.exec("DELETE FROM t");
        let ended = cut(db, &format!("DELIMITER //\nBEGIN NOT ATOMIC {body} END//"));
        match question {
            true => drop(ended.exits(6).says(MAY_COMMIT)),
            false => drop(ended.exits(0).says("had no effect")),
        }
        assert_eq!(db.rows("SELECT n FROM t"), ["1"], "{body}");
        db.forget_runs();
    }
});

on_mariadb!(names_in_a_compound_statement_are_looked_up_where_use_has_gone, |db| {
    let server = &db.server;
    let db = &server.database();
    let other = format!("{}_other", db.name);
    db.exec(&format!("CREATE DATABASE `{other}`"));
    db.exec(&format!("CREATE TABLE `{other}`.plain (n INT) ENGINE=MyISAM"));
    let ended = cut(db, &format!("USE `{other}`;\nDELIMITER //\nBEGIN NOT ATOMIC INSERT INTO plain VALUES (1); END//"));
    let rows = db.rows(&format!("SELECT n FROM `{other}`.plain"));
    db.exec(&format!("DROP DATABASE `{other}`"));
    ended.exits(6).says("`plain`, whose engine has no transactions");
    assert_eq!(rows, ["1"]);
});

on_each!(a_qualified_call_is_judged_by_the_procedure_that_it_names, |db| {
    db.exec("CREATE TABLE t (n INT) ENGINE=InnoDB");
    db.exec(&format!("CREATE PROCEDURE `{}`() SELECT 1", db.name));
    db.exec("CREATE PROCEDURE commits() BEGIN INSERT INTO t VALUES (1); COMMIT; END");
    db.exec("CREATE PROCEDURE pure() INSERT INTO t VALUES (1)");
    cut(db, &format!("CALL `{}` . commits();", db.name)).exits(6).says(MAY_COMMIT);
    db.forget_runs();
    db.exec("DELETE FROM t");
    cut(db, &format!("CALL {}.pure();", db.name)).exits(0).says("had no effect");
    assert_eq!(db.rows("SELECT n FROM t"), ["1"]);
});

on_mysql!(a_gtid_that_a_part_of_it_has_got_makes_a_question, |db| {
    let server = &db.server;
    let db = &server.database();
    db.exec("CREATE TABLE t (n INT) ENGINE=InnoDB");
    db.exec("CREATE PROCEDURE commits() BEGIN INSERT INTO t VALUES (1); COMMIT; END");
    let folder = Folder::with(&[(STEM, "CALL commits();", "SELECT 1;")]);
    assert_eq!(run(folder.command(db, "up").env("UTURN_FAILPOINT", "call.after")).code, None);
    // What it was may have been made harmless since.
    db.exec("DROP PROCEDURE commits");
    db.exec("CREATE PROCEDURE commits() INSERT INTO t VALUES (2)");
    folder.uturn(db, "up").exits(6).says("the server has a GTID for it, or for a part of it");
    assert_eq!(db.rows("SELECT n FROM t"), ["1"]);
});

on_each!(a_failed_call_is_told_as_without_effect_only_where_all_of_it_was_rolled_back, |db| {
    const NONE: &str = "statement 1 had no effect";
    const MAYBE: &str = "statement 1 ended with an error, and may have had effects of its own before it";
    db.exec("CREATE TABLE plain (n INT PRIMARY KEY) ENGINE=MyISAM");
    db.exec("CREATE TABLE t (n INT PRIMARY KEY) ENGINE=InnoDB");
    db.exec("CREATE PROCEDURE safe() BEGIN INSERT INTO t VALUES (1); INSERT INTO t VALUES (1); END");
    db.exec("CREATE PROCEDURE checks() BEGIN IF 1 THEN SIGNAL SQLSTATE '45000'; END IF; COMMIT; END");
    db.exec("CREATE PROCEDURE unsafe_() BEGIN INSERT INTO plain VALUES (1); INSERT INTO t VALUES (1), (1); END");
    db.exec("CREATE PROCEDURE outer_() CALL unsafe_()");
    db.exec("CREATE PROCEDURE global_() BEGIN SET GLOBAL net_retry_count = 11; SIGNAL SQLSTATE '45000'; END");
    for (call, told) in [
        ("CALL safe();", NONE),
        ("CALL checks();", NONE),
        ("CALL unsafe_();", MAYBE),
        ("CALL outer_();", MAYBE),
        ("CALL global_();", MAYBE),
        ("CALL nothing_of_that_name();", NONE),
        ("PREPARE s FROM 'INSERT INTO t VALUES (7), (7)'; EXECUTE s;", "statement 2 had no effect"),
        ("EXECUTE never;", NONE),
        ("PREPARE s FROM 'INSERT INTO plain VALUES (2), (2)'; EXECUTE s;", "statement 2 ended with an error, and may"),
    ] {
        db.exec("DELETE FROM plain");
        Folder::with(&[(STEM, call, "SELECT 1;")]).uturn(db, "up").exits(5).says(told);
        assert!(db.rows("SELECT n FROM t").is_empty(), "{call}");
        let is_plain = call.contains("plain") || call.contains("unsafe") || call.contains("outer");
        assert_eq!(db.rows("SELECT n FROM plain").is_empty(), !is_plain, "{call}");
        db.forget_runs();
    }
});

on_each!(rows_that_no_transaction_protects_are_asked_about_though_the_server_has_no_gtid, |db| {
    let kind = db.server.kind;
    let own = Own::start(kind, &[]);
    let db = own.server.database();
    db.exec("CREATE TABLE plain (n INT) ENGINE=MyISAM");
    db.exec("CREATE PROCEDURE slow() BEGIN INSERT INTO plain VALUES (1); DO SLEEP(20); END");
    let folder = Folder::with(&[(STEM, "CALL slow();", "SELECT 1;")]);
    let first = folder.command(&db, "up").stderr(Stdio::piped()).spawn().expect("the binary starts");
    db.wait_for_statement("DO SLEEP(20)");
    own.kill();
    own.restart();
    Run::new(first.wait_with_output().expect("the binary ends")).exits(6).says("`plain`, whose engine has no");
});
