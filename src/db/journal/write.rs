//! Words the SQL that writes the journal. When it is sent, and in which transaction, is decided by `steps`.

use crate::db::journal::{Down, DownData, RUN, STEP, StepState, pack};
use crate::db::sql;
use crate::model::name::{Direction, Name};
use sha2::{Digest, Sha256};

/// A run about to begin.
pub struct NewRun<'a> {
    /// Its number.
    pub number: u64,
    /// Which migration.
    pub name: &'a Name,
    /// Which way.
    pub direction: Direction,
    /// refinery's checksum of the up script.
    pub checksum: &'a str,
    /// How many statements the script has.
    pub statements: usize,
    /// The stopped up run that this down run undoes.
    pub takes_back: Option<u64>,
    /// The way back.
    pub down: &'a Down,
    /// `USER()`.
    pub account: &'a str,
    /// The operating system's user.
    pub os_user: &'a str,
    /// The machine that uturn runs on.
    pub host: &'a str,
    /// What a person said of the statements that may destroy data.
    pub down_data: Option<DownData>,
    /// Which start of which server.
    pub server: &'a str,
}

/// Opens a run.
pub fn begin_run(schema: &str, run: &NewRun<'_>) -> String {
    let (packed, digest, reason) = columns_of(run.down);
    format!(
        "INSERT INTO {} (run_no, version, name, direction, state, checksum, statements, takes_back, down_data, \
         down_sql, down_sha256, irreversible, account, os_user, host, program, server, started_at) \
         VALUES ({}, {}, {}, '{}', 'running', {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, UTC_TIMESTAMP(6)); ",
        sql::table(schema, RUN),
        run.number,
        run.name.version(),
        sql::text(run.name.stem()),
        run.direction,
        sql::text(run.checksum),
        run.statements,
        run.takes_back.map_or("NULL".to_owned(), |n| n.to_string()),
        sql::maybe_text(run.down_data.map(DownData::word)),
        sql::maybe_bytes(packed.as_deref()),
        sql::maybe_text(digest.as_deref()),
        sql::maybe_text(reason),
        sql::text(run.account),
        sql::text(run.os_user),
        sql::text(run.host),
        sql::text(concat!("uturn ", env!("CARGO_PKG_VERSION"))),
        sql::text(run.server),
    )
}

/// Opens a stopped run again at a statement, with the script as it is now: what is not done yet may have been mended, and
/// what the journal says of it is about other statements.
pub fn resume_run(schema: &str, run: &NewRun<'_>, from: usize) -> [String; 2] {
    let (packed, digest, reason) = columns_of(run.down);
    let steps = format!("DELETE FROM {} WHERE run_no = {} AND step >= {from}", sql::table(schema, STEP), run.number);
    let run = format!(
        "UPDATE {} SET state = 'running', checksum = {}, statements = {}, down_sql = {}, down_sha256 = {}, \
         irreversible = {}, down_data = {}, error = NULL, ended_at = NULL, server = {} WHERE run_no = {}",
        sql::table(schema, RUN),
        sql::text(run.checksum),
        run.statements,
        sql::maybe_bytes(packed.as_deref()),
        sql::maybe_text(digest.as_deref()),
        sql::maybe_text(reason),
        sql::maybe_text(run.down_data.map(DownData::word)),
        sql::text(run.server),
        run.number
    );
    [steps, run]
}

fn columns_of(down: &Down) -> (Option<Vec<u8>>, Option<String>, Option<&str>) {
    match down {
        Down::Script(text) => (Some(pack::pack(text)), Some(sha256(text)), None),
        Down::Irreversible(reason) => (None, None, Some(reason)),
    }
}

/// Sets the state of a run: `running` again, or how it ended.
pub fn end_run(schema: &str, run: u64, state: &str, rows: u64, error: Option<&str>) -> String {
    format!(
        "UPDATE {} SET state = '{state}', ended_at = UTC_TIMESTAMP(6), rows_affected = rows_affected + {rows}, error = COALESCE({}, error) \
         WHERE run_no = {run}; ",
        sql::table(schema, RUN),
        sql::maybe_text(error)
    )
}

/// A statement, as the journal describes it.
pub struct StepText<'a> {
    /// The run.
    pub run: u64,
    /// Counted from 1.
    pub number: usize,
    /// Its kind, a word.
    pub kind: &'a str,
    /// Its text.
    pub text: &'a str,
}

/// Announces a statement. Fenced: where the lock is no longer this session's, the number is NULL, which the column refuses
/// whatever sql_mode says (ER_BAD_NULL_ERROR), and the packet ends there. A statement that failed before, and was
/// mended, takes the place of the old row. The evidence is an expression.
pub fn intent(schema: &str, step: &StepText<'_>, evidence: &str, lock: &str) -> String {
    format!(
        "REPLACE INTO {} (run_no, step, state, kind, sql_sha256, sql_head, connection_id, evidence, started_at) \
         VALUES ({}, IF(IS_USED_LOCK(_utf8mb4{}) = CONNECTION_ID(), {}, NULL), 'intent', '{}', '{}', {}, CONNECTION_ID(), {evidence}, \
         UTC_TIMESTAMP(6))",
        sql::table(schema, STEP),
        step.run,
        sql::text(lock),
        step.number,
        step.kind,
        sha256(step.text),
        sql::text(&head(step.text)),
    )
}

/// What the server answered to a statement.
#[derive(Clone, Debug, Default)]
pub struct Answered {
    /// Rows changed.
    pub rows: u64,
    /// Number of warnings.
    pub warnings: u16,
    /// What they say.
    pub text: Option<String>,
}

/// Records a statement in the transaction that it ran in.
pub fn done_in_transaction(schema: &str, step: &StepText<'_>, answer: &Answered) -> String {
    let mut done = DoneRows::of(schema);
    done.add(step, answer);
    done.take()
}

/// Rows of statements that are recorded in the transaction that they ran in.
pub struct DoneRows {
    start: String,
    rows: String,
}

impl DoneRows {
    /// None yet.
    pub fn of(schema: &str) -> DoneRows {
        let start = format!(
            "REPLACE INTO {} (run_no, step, state, kind, sql_sha256, sql_head, connection_id, rows_affected, warnings, \
             warning_text, started_at, ended_at) VALUES ",
            sql::table(schema, STEP)
        );
        DoneRows { start, rows: String::new() }
    }

    /// Adds one.
    pub fn add(&mut self, step: &StepText<'_>, answer: &Answered) {
        let row = format!(
            "{}({}, {}, 'done', '{}', '{}', {}, CONNECTION_ID(), {}, {}, {}, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))",
            if self.rows.is_empty() { "" } else { ", " },
            step.run,
            step.number,
            step.kind,
            sha256(step.text),
            sql::text(&head(step.text)),
            answer.rows,
            answer.warnings,
            sql::maybe_text(answer.text.as_deref()),
        );
        self.rows.push_str(&row);
    }

    /// How many bytes they have.
    pub fn size(&self) -> usize {
        self.rows.len()
    }

    /// The statement that writes them, and none are left; nothing if there are none.
    pub fn take(&mut self) -> String {
        if self.rows.is_empty() {
            return String::new();
        }
        let statement = format!("{}{}; ", self.start, self.rows);
        self.rows.clear();
        statement
    }
}

/// Records that an announced statement is done.
pub fn outcome(schema: &str, run: u64, number: usize, answer: &Answered) -> String {
    format!(
        "UPDATE {} SET state = 'done', rows_affected = {}, warnings = {}, warning_text = {}, \
         ended_at = UTC_TIMESTAMP(6) WHERE run_no = {run} AND step = {number}; ",
        sql::table(schema, STEP),
        answer.rows,
        answer.warnings,
        sql::maybe_text(answer.text.as_deref()),
    )
}

/// Records what became of a statement when it is not the server's answer that tells.
pub fn decided(schema: &str, run: u64, number: usize, state: StepState, how: &str, error: Option<&str>) -> String {
    format!(
        "UPDATE {} SET state = '{}', decided = {}, error = {}, ended_at = UTC_TIMESTAMP(6) \
         WHERE run_no = {run} AND step = {number}; ",
        sql::table(schema, STEP),
        state.word(),
        sql::text(how),
        sql::maybe_text(error)
    )
}

/// Over a statement's or a script's text, in hexadecimal digits.
pub fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The beginning of a statement, on one line.
pub fn head(text: &str) -> String {
    let start: String = text.chars().take(400).collect();
    start.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(120).collect()
}
