//! Scripts that stopped, and what becomes of the rest of them.

use crate::engine::resume::session_replay::{Future, Hidden, Line, Past};
use crate::script::lexer::Modes;
use crate::statement::class::Kind;
use crate::statement::deterministic;

const DDL: &str = "ALTER TABLE t ADD a INT";

/// Which of the statements before a stop are run again, and what becomes of those behind it. What routines hold is told
/// in the way of a routine.
fn after(done: &[&str], left: &[&str], routine: &str) -> String {
    let mut hidden = Hidden::default();
    hidden.add(routine, Modes::default());
    done.iter().chain(left).for_each(|sql| hidden.add_statement(sql, Modes::default()));
    let mut past = Past::new(hidden);
    let line = |number: usize, sql| Line { number, sql, modes: Modes::default() };
    let writes = |sql: &&str| {
        Kind::of(sql, Modes::default()) != Kind::Session && !deterministic::only_asks(sql, Modes::default())
    };
    let behind_all = done.iter().rposition(writes).map_or(0, |index| index + 1);
    for (index, sql) in done.iter().enumerate() {
        match index >= behind_all {
            true => past.add_behind_all(line(index + 1, sql)),
            false => past.add(line(index + 1, sql)),
        }
    }
    let futures = left.iter().enumerate().map(|(index, sql)| match past.runs(line(done.len() + index + 1, sql)) {
        Future::Runs => "runs".to_owned(),
        Future::LeftOut => "left out".to_owned(),
        Future::Needs(held, by) => format!("{held} of {by}"),
    });
    let futures = futures.collect::<Vec<_>>().join(", ");
    let again = past.again().iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    format!("{again}: {futures}")
}

#[track_caller]
fn check(cases: &[(&[&str], &[&str], &str)]) {
    for (done, left, expected) in cases {
        assert_eq!(after(done, left, ""), *expected, "{done:?} | {left:?}");
    }
}

#[test]
fn the_idioms_of_a_conditional_statement() {
    let have = "SELECT COUNT(*) INTO @have FROM t";
    let set = "SET @s = IF(@have = 0, 'SELECT 1', 'SELECT 2')";
    check(&[
        (
            &["SET @s = (SELECT 'x')", "PREPARE p FROM @s", "EXECUTE p", "DEALLOCATE PREPARE p", DDL],
            &["SET @s = (SELECT 'y')", "PREPARE p FROM @s", "EXECUTE p", "DEALLOCATE PREPARE p"],
            ": runs, runs, runs, runs",
        ),
        (&["SET @s = (SELECT 'x')", "PREPARE p FROM @s", DDL], &["EXECUTE p"], ": the prepared statement `p` of 2"),
        // Where the query has its row, and the rest has not run.
        (&[DDL, have], &[set, "PREPARE p FROM @s", "EXECUTE p"], "2: runs, runs, runs"),
        (&[have, DDL], &[set], ": the user variable `@have` of 1"),
        (
            &["SET @db = DATABASE()", have, set, "PREPARE p FROM @s", "EXECUTE p", "DEALLOCATE PREPARE p"],
            &["SELECT COUNT(*) INTO @have FROM t WHERE d = @db", set],
            "1: runs, runs",
        ),
        (&["PREPARE p FROM 'SELECT 1'", DDL], &["EXECUTE p", "DROP PREPARE p"], "1: runs, runs"),
        (&["PREPARE p FROM 'INSERT INTO gone VALUES (1)'", "EXECUTE p", "DEALLOCATE PREPARE p", DDL], &[DDL], ": runs"),
        (&["PREPARE p FROM 'INSERT INTO gone VALUES (1)'", "EXECUTE p", DDL], &[DDL], ": runs"),
    ]);
}

#[test]
fn temporary_tables() {
    let made = "CREATE TEMPORARY TABLE h (a INT)";
    check(&[
        (
            &[made, "SHOW TABLES", "DESCRIBE gone", DDL],
            &["DROP TEMPORARY TABLE IF EXISTS h", "SELECT 1"],
            ": left out, runs",
        ),
        (&[made, DDL], &["DROP TABLE IF EXISTS h", "SELECT 1"], ": left out, runs"),
        (&[made, DDL], &["DROP TEMPORARY TABLE IF EXISTS h, i"], ": runs"),
        (&[made, DDL], &["DROP TEMPORARY TABLE h, i"], ": the temporary table `h` of 1"),
        (&[made, "DROP TEMPORARY TABLE h", DDL], &["SELECT 1 FROM h"], ": runs"),
        (&[made, "DROP TABLE h", DDL], &["SELECT 1 FROM h"], ": runs"),
        (&[made, DDL], &["TABLE h"], ": the temporary table `h` of 1"),
        (&[made, DDL], &["CREATE TEMPORARY TABLE h SELECT 1", "TABLE h"], ": runs, runs"),
        (&[made, DDL], &["CREATE OR REPLACE TEMPORARY TABLE h SELECT * FROM h"], ": the temporary table `h` of 1"),
        (&[made, "ALTER TABLE h RENAME TO i", DDL], &["TABLE i"], ": the temporary table `i` of 2"),
    ]);
}

#[test]
fn variables_and_settings() {
    check(&[
        (&["SET @a = 1", "SET NAMES utf8mb4", "USE x", DDL], &["SELECT @a"], "1 2 3: runs"),
        (&["USE x", "SET @a = -1, @b = TRUE", "USE y", DDL], &["SELECT @a + @b"], "2 3: runs"),
        (&["USE x", "SET @a = DATABASE()", "USE y", DDL], &["SELECT @a"], "1 2 3: runs"),
        (&["SELECT 1 INTO @a", DDL, "SET @a = 2", DDL], &["SELECT @a"], "3: runs"),
        (&["SET @b = 1, @a = (SELECT 1)", DDL], &["SELECT @b"], ": the user variable `@b` of 1"),
        (&["SET @m = @@sql_mode, sql_mode = ''", DDL], &["SET sql_mode = @m"], "1: runs"),
        (&["SET @m = REPLACE(@@sql_mode, 'ANSI', '')", "SET sql_mode = @m", DDL], &["SELECT 1"], "1 2: runs"),
        (&["SET @m = (SELECT 'ANSI')", "SET sql_mode = @m", DDL], &["SELECT 1"], ": the setting `sql_mode` of 2"),
        (&["SET sql_mode = (SELECT 'ANSI')", DDL, "SET sql_mode = DEFAULT", DDL], &["SELECT 1"], "3: runs"),
        (&["SET sql_mode = (SELECT 'ANSI')", DDL], &["SET sql_mode = DEFAULT", "SELECT 1"], ": runs, runs"),
        (&["SET sql_mode = (SELECT 'ANSI')", DDL], &["CREATE PROCEDURE p() SELECT 1"], ": the setting `sql_mode` of 1"),
        // What may have changed meanwhile.
        (
            &["SET @old = @@GLOBAL.x, @new = 1", "SET GLOBAL x = 1", DDL],
            &["SET GLOBAL x = @old"],
            ": the user variable `@old` of 1",
        ),
        (
            &["SET @old = @@GLOBAL.x", "SET @b = @old", "SET GLOBAL x = 1", DDL],
            &["SELECT @b"],
            ": the user variable `@b` of 2",
        ),
        (&["SET @old = @@GLOBAL.x", "SET @old = 1", "SET GLOBAL x = 1", DDL], &["SELECT @old"], "2: runs"),
        (
            &["INSERT INTO t SELECT 1", "SET @id = @@last_insert_id", DDL],
            &["SELECT @id"],
            ": the user variable `@id` of 2",
        ),
        (&["SET @id = LAST_INSERT_ID()", DDL], &["UPDATE t SET a = 1"], ": runs"),
        // What is handed to a routine may be read, and set.
        (&["SET @a = (SELECT 1)", DDL], &["CALL q(@a)"], ": the user variable `@a` of 1"),
        (&["SET @a = 1", "CALL q(@a)", DDL], &["SELECT @a"], "1: the user variable `@a` of 2"),
        (
            &["SELECT 1 INTO @a", DDL],
            &["LOAD DATA INFILE 'f' INTO TABLE t (x) SET y = @a"],
            ": the user variable `@a` of 1",
        ),
        (&["SELECT 1 INTO @a", DDL], &["CREATE TABLE n AS SELECT @a AS a"], ": the user variable `@a` of 1"),
        (&["SET @localhost = (SELECT 1)", DDL], &["GRANT SELECT ON t TO u@localhost"], ": runs"),
        (&[DDL], &["SELECT @never"], ": runs"),
    ]);
}

#[test]
fn what_no_statement_shows() {
    let tenant = "BEGIN SET @tenant = 7; INSERT INTO log VALUES (@log); END";
    for (done, left, expected) in [
        (&["CALL p()", DDL][..], &["INSERT INTO t VALUES (@tenant)"][..], ": the user variable `@tenant` of 1"),
        (&["CALL p()", DDL], &["SELECT @other"], ": runs"),
        (
            &["SET @tenant = 1", "INSERT INTO t SELECT 1", DDL],
            &["SELECT @tenant"],
            "1: the user variable `@tenant` of 2",
        ),
        (&["SET @tenant = 1", DDL], &["SELECT @tenant"], "1: runs"),
        (&["SET @a = f()", DDL], &["SELECT @tenant"], ": the user variable `@tenant` of 1"),
        (&["SELECT 1 INTO @log", DDL], &["INSERT INTO t SELECT 1"], ": the user variable `@log` of 1"),
        (&["CALL p()", DDL], &["CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET @a = @tenant"], ": runs"),
        (
            &["SET @n = 0, @q = 'SELECT COUNT(*) INTO @n FROM t'", "PREPARE p FROM @q", "EXECUTE p", DDL],
            &["SELECT @n"],
            "1: the user variable `@n` of 3",
        ),
    ] {
        assert_eq!(after(done, left, tenant), expected, "{done:?} | {left:?}");
    }
}
