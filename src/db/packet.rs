//! Sends a packet and reads every answer to its end.
//!
//! `query_drop` of the mysql crate swallows the error of the second and later results, and so does dropping a
//! `QueryResult` (rust-db/refinery#343; the experiment is in docs/decisions/0003). So nothing here uses either.

use crate::event::Warning;
use crate::statement::secrets;
use mysql::prelude::Queryable;
use mysql::{Conn, Row};

/// What the server answered to one statement of a packet.
#[derive(Debug, Default)]
pub struct Answer {
    /// Its rows, if they were asked for.
    pub rows: Vec<Row>,
    /// Rows changed.
    pub affected: u64,
    /// Number of warnings.
    pub warnings: u16,
    /// What they say, where it was asked.
    pub told: Vec<Warning>,
}

/// Whether the rows of an answer are of interest.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// They are given back.
    Keep,
    /// Those behind so many answers are given back.
    KeepBehind(usize),
    /// They are read to the end and forgotten.
    Drop,
}

/// Runs one packet, of one statement or several, and gives back one answer for each result. The first error ends it.
pub fn send(conn: &mut Conn, sql: &str, rows: Rows) -> mysql::Result<Vec<Answer>> {
    let mut answers = Vec::new();
    each(conn, sql, rows, &mut |answer| answers.push(answer)).map(|()| answers)
}

/// Runs a packet, and hands over each answer when the next one, or its error, has come: the servers send each by itself.
pub fn each(conn: &mut Conn, sql: &str, rows: Rows, take: &mut dyn FnMut(Answer)) -> mysql::Result<()> {
    read(conn, sql, rows, take).map_err(|error| without_secrets(error, sql))
}

fn read(conn: &mut Conn, sql: &str, rows: Rows, take: &mut dyn FnMut(Answer)) -> mysql::Result<()> {
    let mut result = conn.query_iter(sql)?;
    let mut before = 0;
    while let Some(set) = result.iter() {
        let is_kept = match rows {
            Rows::Keep => true,
            Rows::KeepBehind(answers) => before >= answers,
            Rows::Drop => false,
        };
        before += 1;
        let mut answer = Answer { affected: set.affected_rows(), warnings: set.warnings(), ..Answer::default() };
        for row in set {
            let row = row?;
            if is_kept {
                answer.rows.push(row);
            }
        }
        take(answer);
    }
    Ok(())
}

/// Whether the server can parse a statement: PREPARE is an exact oracle for "one complete statement".
pub fn parse(conn: &mut Conn, sql: &str) -> mysql::Result<()> {
    let prepared = conn.prep(sql).map_err(|error| without_secrets(error, sql))?;
    conn.close(prepared)
}

/// The server quotes what it was sent. So each error that it answers comes through here, before anybody can tell or keep it.
fn without_secrets(error: mysql::Error, sql: &str) -> mysql::Error {
    match error {
        mysql::Error::MySqlError(mut said) => {
            said.message = secrets::cut_said(said.code, &said.message, sql);
            mysql::Error::MySqlError(said)
        }
        other => other,
    }
}

/// Runs one packet whose rows are of interest, and gives back the rows of each statement.
pub fn ask(conn: &mut Conn, sql: &str) -> mysql::Result<Vec<Vec<Row>>> {
    Ok(send(conn, sql, Rows::Keep)?.into_iter().map(|answer| answer.rows).collect())
}

/// Runs statements of ours, in one packet.
pub fn tell(conn: &mut Conn, sql: &str) -> mysql::Result<Vec<Answer>> {
    send(conn, sql, Rows::Drop)
}

/// A column of a row as text; NULL and what cannot be read are the empty string.
pub fn word(row: &Row, column: usize) -> String {
    maybe_word(row, column).unwrap_or_default()
}

/// A column of a row as text, or nothing for NULL.
pub fn maybe_word(row: &Row, column: usize) -> Option<String> {
    match row.as_ref(column)? {
        mysql::Value::NULL => None,
        mysql::Value::Bytes(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        other => Some(other.as_sql(true).trim_matches('\'').to_owned()),
    }
}

/// A column of a row as a whole number; NULL is zero.
pub fn number(row: &Row, column: usize) -> u64 {
    word(row, column).parse().unwrap_or_default()
}
