//! Cuts the secrets out of rows that an older uturn has written: the beginning of each statement stood there as it was, and so
//! did the down script. Done before the first row of a run is written, while the last run is an older uturn's: cut twice is cut
//! once, so it does not matter where it ended, or that an older uturn runs again.

use crate::db::{packet, quote};
use crate::engine::journal::write::{columns_of, digest, sha256};
use crate::engine::journal::{Down, down};
use crate::schema::own_tables::{RUN, STEP};
use crate::statement::secrets;
use mysql::{Conn, Row};

/// Rows that are read at once: a down script can be large.
const RUNS: usize = 50;
const STEPS: usize = 5_000;

/// ER_PARSE_ERROR, as an error begins in the journal. The server quotes what it could not parse.
const PARSE_ERROR: &str = "1064 (42000)";

/// Whether who wrote a row may have left secrets in it.
pub fn may_hold_secrets(program: &str) -> bool {
    !program.contains("(cuts secrets)")
}

/// Looks through all rows, and changes those that hold one.
pub fn cut_secrets(conn: &mut Conn, schema: &str) -> mysql::Result<()> {
    let (runs, steps) = (quote::table(schema, RUN), quote::table(schema, STEP));
    let mut after = 0;
    loop {
        let question = format!(
            "SELECT state, sql_head, sql_sha256, error, warning_text, decided, run_no, down_sql, irreversible FROM {runs} \
             WHERE run_no > {after} ORDER BY run_no LIMIT {RUNS}"
        );
        let rows = packet::ask(conn, &question)?.swap_remove(0);
        let Some(last) = rows.last() else { break };
        after = packet::number(last, 6);
        for row in &rows {
            let changes = [of_statement(row), of_down(row)].concat();
            change(conn, &runs, &changes, &format!("run_no = {}", packet::number(row, 6)))?;
        }
    }
    let (mut run, mut step) = (0, 0);
    loop {
        let question = format!(
            "SELECT r.state, s.sql_head, s.sql_sha256, s.error, s.warning_text, s.decided, s.run_no, s.step \
             FROM {steps} s LEFT JOIN {runs} r ON r.run_no = s.run_no \
             WHERE s.run_no > {run} OR s.run_no = {run} AND s.step > {step} ORDER BY s.run_no, s.step LIMIT {STEPS}"
        );
        let rows = packet::ask(conn, &question)?.swap_remove(0);
        let Some(last) = rows.last() else { return Ok(()) };
        (run, step) = (packet::number(last, 6), packet::number(last, 7));
        for row in &rows {
            let (run, step) = (packet::number(row, 6), packet::number(row, 7));
            change(conn, &steps, &of_statement(row), &format!("run_no = {run} AND step = {step}"))?;
        }
    }
}

fn change(conn: &mut Conn, table: &str, changes: &[String], of: &str) -> mysql::Result<()> {
    match changes {
        [] => Ok(()),
        changes => packet::tell(conn, &format!("UPDATE {table} SET {} WHERE {of}", changes.join(", "))).map(drop),
    }
}

/// What a row says of its statement.
fn of_statement(row: &Row) -> Vec<String> {
    let head = packet::maybe_word(row, 1).unwrap_or_default();
    let texts = [("sql_head", 1), ("error", 3), ("warning_text", 4), ("decided", 5)];
    let mut changes: Vec<String> = texts.iter().filter_map(|(name, column)| text(row, name, *column, &head)).collect();
    // A run that goes on knows by it what is done; it is over all of the statement, of which there is no more than this.
    let is_open = matches!(packet::word(row, 0).as_str(), "running" | "stopped");
    let is_whole = sha256(&head) == packet::word(row, 2);
    if secrets::holds(&head) && (is_whole || !is_open) {
        changes.push(format!("sql_sha256 = '{}'", digest(&head)));
    }
    changes
}

fn text(row: &Row, name: &str, column: usize, head: &str) -> Option<String> {
    let text = packet::maybe_word(row, column)?;
    let number = if text.contains(PARSE_ERROR) { 1064 } else { 0 };
    let cut = match name {
        "sql_head" => secrets::cut(&text).into_owned(),
        _ => secrets::cut_said(number, &text, head),
    };
    (cut != text).then(|| format!("{name} = {}", quote::text(&cut)))
}

fn of_down(row: &Row) -> Vec<String> {
    let Some(kept @ Down::Script(_)) = down(row, 7, 8) else { return Vec::new() };
    match columns_of(&kept) {
        (packed, digest, Some(reason)) => vec![
            format!("down_sql = {}", quote::maybe_bytes(packed.as_deref())),
            format!("down_sha256 = {}", quote::maybe_text(digest.as_deref())),
            format!("irreversible = {}", quote::text(reason)),
        ],
        (_, _, None) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::journal::last_up;

    #[test]
    fn rows_of_this_uturn_are_not_looked_through() {
        assert!(!may_hold_secrets(last_up::PROGRAM));
        assert!(!may_hold_secrets(&last_up::program(41)));
        assert!(may_hold_secrets("uturn 0.1.0") && may_hold_secrets("uturn 0.1.0 up 41"));
    }
}
