//! Whether a script does anything that lasts: a down that only asks, or only sets variables, reverts nothing.

use crate::script::lexer::{Code, Modes};
use crate::script::split::{Script, split_in_any_mode};
use crate::statement::class::{Kind, Transaction};
use crate::statement::deterministic;
use crate::statement::session_effects;

/// Whether a script has statements, and none of them does anything that outlives its session.
pub fn script(script: &Script) -> bool {
    let mut statements = script.statements().iter();
    !script.statements().is_empty() && statements.all(|one| statement(script.text(one), one.modes))
}

/// The same of a file. Not of one that cannot be split into statements.
pub fn text(text: &str) -> bool {
    split_in_any_mode(text).is_ok_and(|split| script(&split))
}

/// Whether a statement does nothing that outlives its session. A function that is not the server's own may do anything.
pub fn statement(sql: &str, modes: Modes) -> bool {
    match Kind::of(sql, modes) {
        Kind::Dml => {
            asks(sql, modes) && !deterministic::may_write(sql, modes) && !session_effects::takes_a_value(sql, modes)
        }
        Kind::Session if defines_a_table(sql, modes) => true,
        Kind::Session => !deterministic::may_write(sql, modes) && !session_effects::takes_a_value(sql, modes),
        Kind::Lock | Kind::Transaction(Transaction::Begin | Transaction::Commit | Transaction::CommitAndChain) => true,
        Kind::Transaction(Transaction::Savepoint | Transaction::Release | Transaction::Rollback) => true,
        Kind::Transaction(Transaction::Xa) => false,
        Kind::Call | Kind::Global | Kind::Maintenance | Kind::LoadLocal | Kind::Ddl(_) => false,
    }
}

/// A temporary table by its columns alone: what stands in front of their parenthesis is no function.
fn defines_a_table(sql: &str, modes: Modes) -> bool {
    let has_query = || Code::new(sql, modes).any(|(_, text)| text.eq_ignore_ascii_case("SELECT"));
    session_effects::makes_a_table(sql, modes).is_some() && !has_query()
}

/// A query that writes no file, or DO. A common table expression may stand before an UPDATE.
fn asks(sql: &str, modes: Modes) -> bool {
    const WRITES: [&str; 6] = ["OUTFILE", "DUMPFILE", "INSERT", "UPDATE", "DELETE", "REPLACE"];
    let is = |text: &str, words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    let first = Code::new(sql, modes).map(|(_, text)| text).find(|text| *text != "(").unwrap_or_default();
    let mut words = Code::new(sql, modes).map(|(_, text)| text);
    match is(first, &["WITH"]) {
        true => !words.any(|word| is(word, &WRITES)),
        false => is(first, &["SELECT", "VALUES", "TABLE", "DO"]) && !words.any(|word| is(word, &WRITES[..2])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_nothing() {
        for sql in [
            "SELECT 1",
            "select 'UPDATE' from t for update; -- nothing",
            "(SELECT 1) UNION (SELECT 2)",
            "DO 0",
            "DO SLEEP(0)",
            "/* only */ SET @a = 1; SET NAMES utf8mb4; SET SESSION sql_mode = ''",
            "USE shop; SHOW TABLES",
            "BEGIN; SELECT COUNT(*) INTO @n FROM t; COMMIT",
            "WITH x AS (SELECT 1) SELECT * FROM x",
            "CREATE TEMPORARY TABLE t (a INT)",
            "PREPARE s FROM 'DROP TABLE t'",
            "LOCK TABLES t READ; UNLOCK TABLES",
        ] {
            assert!(text(sql), "{sql}");
        }
    }

    #[test]
    fn what_does_something_or_may() {
        for sql in [
            "",
            "-- nothing",
            "SELECT 1; DELETE FROM t WHERE id = 1",
            "DROP TABLE IF EXISTS t",
            "SELECT 1 INTO OUTFILE '/tmp/x'",
            "SELECT put_back(1)",
            "DO put_back()",
            "SET @a = put_back()",
            "SET GLOBAL max_connections = 9",
            "SELECT NEXT VALUE FOR s",
            "WITH x AS (SELECT 1) DELETE FROM t",
            "CALL put_back()",
            "PREPARE s FROM 'DROP TABLE t'; EXECUTE s",
            "OPTIMIZE TABLE t",
            "FLUSH TABLES",
            "DO 'never closed",
        ] {
            assert!(!text(sql), "{sql}");
        }
    }
}
