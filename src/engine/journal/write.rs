//! Words the SQL that writes the journal. When it is sent, and in which transaction, is decided by `steps`.

use crate::db::quote;
use crate::engine::journal::outbox::{self, Column};
use crate::engine::journal::{Down, DownData, OwnRow, StepState, compress, last_up};
use crate::migration::name::{Direction, Name};
use crate::schema::own_tables::{RUN, STEP};
use crate::statement::secrets;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::time::Duration;

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
    /// How long it has been under way, of a run that is resumed.
    pub since: Duration,
    /// Of an up: the number of the first run of its command.
    pub first_run: Option<u64>,
}

impl NewRun<'_> {
    fn program(&self) -> String {
        self.first_run.map_or_else(|| last_up::PROGRAM.to_owned(), last_up::program)
    }
}

/// The row of a run that begins.
pub fn begin_run(run: &NewRun<'_>) -> Vec<Column> {
    let (packed, digest, reason) = columns_of(run.down);
    let columns = [
        ("version", run.name.version().to_string().into()),
        ("name", quote::text(run.name.stem()).into()),
        ("direction", format!("'{}'", run.direction).into()),
        ("state", "'running'".into()),
        ("checksum", quote::text(run.checksum).into()),
        ("statements", run.statements.to_string().into()),
        ("takes_back", run.takes_back.map_or("NULL".into(), |n| n.to_string().into())),
        ("down_data", quote::maybe_text(run.down_data.map(DownData::word)).into()),
        ("down_sql", quote::maybe_bytes(packed.as_deref()).into()),
        ("down_sha256", quote::maybe_text(digest.as_deref()).into()),
        ("irreversible", quote::maybe_text(reason).into()),
        ("account", quote::text(run.account).into()),
        ("os_user", quote::text(run.os_user).into()),
        ("host", quote::text(run.host).into()),
        ("program", quote::text(&run.program()).into()),
        ("server", quote::text(run.server).into()),
        ("started_at", "UTC_TIMESTAMP(6)".into()),
    ];
    columns.into_iter().filter(|(_, value)| value != "NULL").collect()
}

/// Of a run that was resumed, how many microseconds it stood still; of a row with only one statement, none. An expression on
/// the row `r`.
pub const WAITED: &str = "CASE WHEN r.step IS NULL AND r.decided LIKE 'waited % s' \
                          THEN CAST(SUBSTRING_INDEX(SUBSTRING(r.decided, 8), ' ', 1) * 1000000 AS SIGNED) ELSE 0 END";

/// Opens a stopped run again at a statement, with the script as it is now: what is not done yet may have been mended, and
/// what the journal says of it is about other statements. The script may hold more statements than before, so what the
/// run's row tells of its only one gets a row of its own.
pub fn resume_run(schema: &str, run: &NewRun<'_>, from: usize) -> [String; 3] {
    let (packed, digest, reason) = columns_of(run.down);
    let (runs, steps) = (quote::table(schema, RUN), quote::table(schema, STEP));
    let stopped = format!(
        "COALESCE(r.ended_at, (SELECT MAX(COALESCE(s.ended_at, s.started_at)) FROM {steps} s WHERE s.run_no = {}), r.started_at)",
        run.number
    );
    let waited = format!(
        "CONCAT('waited ', CAST(({WAITED} + GREATEST(TIMESTAMPDIFF(MICROSECOND, {stopped}, UTC_TIMESTAMP(6)) - {}, 0)) / 1000000 \
         AS DECIMAL(20, 6)), ' s')",
        run.since.as_micros()
    );
    let own = format!(
        "INSERT INTO {steps} (run_no, step, state, kind, sql_sha256, sql_head, connection_id, evidence, rows_affected, warnings, \
         warning_text, decided, error, started_at, ended_at) SELECT run_no, step, step_state, kind, sql_sha256, sql_head, \
         connection_id, evidence, rows_affected, warnings, warning_text, decided, \
         CASE WHEN step_state <> 'done' THEN error END, started_at, ended_at FROM {runs} \
         WHERE run_no = {} AND step < {from}",
        run.number
    );
    // What is over there belongs to this try: rows of a long group are written before its run is opened again.
    let steps = format!(
        "DELETE FROM {steps} WHERE run_no = {} AND step >= {from} AND state NOT IN ('done', 'skipped')",
        run.number
    );
    let run = format!(
        "UPDATE {runs} r SET decided = {waited}, state = 'running', checksum = {}, statements = {}, down_sql = {}, down_sha256 = {}, \
         irreversible = {}, down_data = {}, error = NULL, ended_at = NULL, program = {}, server = {}, step = NULL, step_state = NULL, \
         kind = NULL, sql_sha256 = NULL, sql_head = NULL, connection_id = NULL, evidence = NULL, warnings = 0, \
         warning_text = NULL WHERE run_no = {}",
        quote::text(run.checksum),
        run.statements,
        quote::maybe_bytes(packed.as_deref()),
        quote::maybe_text(digest.as_deref()),
        quote::maybe_text(reason),
        quote::maybe_text(run.down_data.map(DownData::word)),
        quote::text(&run.program()),
        quote::text(run.server),
        run.number
    );
    // How long it stood still is told by the rows that are deleted.
    [own, run, steps]
}

/// Both a script and a reason why it cannot be run: so an older uturn, which reads the reason first, refuses it.
const WITHOUT_SECRETS: &str = "it holds a password or a key, which is not kept in the database; \
                               its file has it: `uturn undo --down-from-files`";

/// What is kept of a down script: its text, the digest of that, and why it cannot be run.
pub fn columns_of(down: &Down) -> (Option<Vec<u8>>, Option<String>, Option<&str>) {
    let without = |text: &str| (Some(compress::pack(text)), Some(sha256(text)), Some(WITHOUT_SECRETS));
    match down {
        Down::Script(text) => match secrets::cut_script(text) {
            Cow::Borrowed(text) => (Some(compress::pack(text)), Some(sha256(text)), None),
            Cow::Owned(cut) => without(&cut),
        },
        Down::WithoutSecrets(cut) => without(cut),
        Down::Irreversible(reason) => (None, None, Some(reason)),
    }
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

/// Announces a statement in a row of its own. Fenced: where the lock is no longer this session's, the row is an error, and
/// the packet ends there. A statement that failed before, and was mended, takes the place of the old row. The evidence is
/// an expression.
pub fn intent(schema: &str, step: &StepText<'_>, evidence: &str, lock: &str) -> String {
    format!(
        "REPLACE INTO {} (run_no, step, state, kind, sql_sha256, sql_head, connection_id, evidence, started_at) \
         VALUES ({}, {}, 'intent', '{}', '{}', {}, CONNECTION_ID(), {evidence}, UTC_TIMESTAMP(6))",
        quote::table(schema, STEP),
        step.run,
        outbox::fenced(Some(lock), step.number),
        step.kind,
        digest(step.text),
        quote::text(&head(step.text)),
    )
}

/// The same in the row of its run, where it is the only one.
pub fn own_intent(step: &StepText<'_>, evidence: &str) -> Vec<Column> {
    let mut columns = describe(step, StepState::Intent);
    columns.push(("evidence", evidence.to_owned().into()));
    debug_assert!(columns.iter().all(|(name, _)| outbox::OF_INTENT.contains(name)), "it can be forgotten again");
    columns
}

/// A statement that is done, in the row of its run.
pub fn own_done(step: &StepText<'_>, answer: &Answered) -> Vec<Column> {
    let mut columns = describe(step, StepState::Done);
    columns.extend(own_outcome(answer));
    columns
}

fn describe(step: &StepText<'_>, state: StepState) -> Vec<Column> {
    vec![
        ("step", step.number.to_string().into()),
        ("step_state", format!("'{}'", state.word()).into()),
        ("kind", format!("'{}'", step.kind).into()),
        ("sql_sha256", format!("'{}'", digest(step.text)).into()),
        ("sql_head", quote::text(&head(step.text)).into()),
        ("connection_id", "CONNECTION_ID()".into()),
    ]
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
            quote::table(schema, STEP)
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
            digest(step.text),
            quote::text(&head(step.text)),
            answer.rows,
            answer.warnings,
            quote::maybe_text(answer.text.as_deref()),
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

/// Records that an announced statement is done, in its own row.
pub fn outcome(schema: &str, run: u64, number: usize, answer: &Answered) -> String {
    format!(
        "UPDATE {} SET state = 'done', rows_affected = {}, warnings = {}, warning_text = {}, \
         ended_at = UTC_TIMESTAMP(6) WHERE run_no = {run} AND step = {number}; ",
        quote::table(schema, STEP),
        answer.rows,
        answer.warnings,
        quote::maybe_text(answer.text.as_deref()),
    )
}

/// The same in the row of its run, which counts its rows by itself.
pub fn own_outcome(answer: &Answered) -> [Column; 3] {
    [
        ("step_state", "'done'".into()),
        ("warnings", answer.warnings.to_string().into()),
        ("warning_text", quote::maybe_text(answer.text.as_deref()).into()),
    ]
}

/// What became of the only statement of a run, when it is not the server's answer that tells.
pub fn own_decided(state: StepState, how: &str) -> [Column; 2] {
    [("step_state", format!("'{}'", state.word()).into()), ("decided", quote::text(how).into())]
}

/// Records what became of a statement when it is not the server's answer that tells.
pub fn decided(
    schema: &str,
    run: u64,
    (number, row): (usize, OwnRow),
    state: StepState,
    how: &str,
    error: Option<&str>,
) -> String {
    match row {
        OwnRow::Step => format!(
            "UPDATE {} SET state = '{}', decided = {}, error = {}, ended_at = UTC_TIMESTAMP(6) \
             WHERE run_no = {run} AND step = {number}; ",
            quote::table(schema, STEP),
            state.word(),
            quote::text(how),
            quote::maybe_text(error)
        ),
        OwnRow::Run => {
            let [state, how] = own_decided(state, how).map(|(name, value)| format!("{name} = {value}"));
            let runs = quote::table(schema, RUN);
            format!("UPDATE {runs} SET {state}, {how} WHERE run_no = {run} AND step = {number}; ")
        }
    }
}

/// Over a statement without its secrets: a short one could be found from the digest, by trying. In hexadecimal digits.
pub fn digest(text: &str) -> String {
    sha256(&secrets::cut(text))
}

/// Whether a digest is that of this statement. An older uturn's is over all of it.
pub fn is_digest_of(digest: &str, text: &str) -> bool {
    digest == self::digest(text) || digest == sha256(text)
}

/// In hexadecimal digits.
pub fn sha256(text: &str) -> String {
    format!("{:x}", Sha256::digest(text.as_bytes()))
}

/// The beginning of a statement, on one line, without secrets.
pub fn head(text: &str) -> String {
    let start: String = text.chars().take(400).collect();
    secrets::cut(&start).split_whitespace().collect::<Vec<_>>().join(" ").chars().take(120).collect()
}
