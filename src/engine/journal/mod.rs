//! The journal: two tables beside refinery's, which hold what a run intends and what became of it. A DBA can read them
//! with plain SQL (docs/reference/journal.md); the rows of finished runs are the audit trail.
//!
//! Here is what they hold and how it is read; `layout` makes and upgrades the tables, `write` words what is written into
//! them, `clean` cuts the secrets out of what an older uturn has written.

mod clean;
mod compress;
mod last_up;
mod layout;
mod outbox;
mod recorded;
mod said;
mod write;

pub use clean::{cut_secrets, may_hold_secrets};
pub use compress::{pack, packed_size, unpack};
pub use last_up::{applied_last, last_up};
pub use layout::{Versions, create, upgrade};
pub use outbox::{Column, RunRow, Waiting};
pub use recorded::{Recorded, recorded_statements};
pub use said::all_done;
pub use write::{
    Answered, DoneRows, NewRun, StepText, WAITED, begin_run, decided, digest, done_in_transaction, head, intent,
    is_digest_of, outcome, own_decided, own_done, own_intent, own_outcome, resume_run, sha256,
};

use crate::db::{packet, quote};
use crate::error::{Error, Kind, Result};
use crate::migration::name::{Direction, Name, Version};
use crate::migration::plan::Open;
use crate::schema::own_tables::{RUN, STEP};
use crate::script::source_text::Text;
use crate::statement::secrets;
use mysql::{Conn, Row};
use std::collections::HashMap;

/// The way back that is recorded with an up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Down {
    /// Its text.
    Script(Text),
    /// It holds secrets, and this is its text without them. Only its file can be run.
    WithoutSecrets(Text),
    /// Why there is none.
    Irreversible(String),
}

/// What is done with the statements of a half-run migration's down that may destroy data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DownData {
    /// They run, as the rest of it.
    Run,
    /// They are left out.
    Skip,
}

impl DownData {
    fn parse(word: &str) -> Option<DownData> {
        match word {
            "run" => Some(DownData::Run),
            "skip" => Some(DownData::Skip),
            _ => None,
        }
    }

    /// The word in the table.
    pub fn word(self) -> &'static str {
        match self {
            DownData::Run => "run",
            DownData::Skip => "skip",
        }
    }
}

/// The state of a statement in the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepState {
    /// About to run; without an outcome, it is in doubt.
    Intent,
    /// Took effect.
    Done,
    /// Had no effect.
    Failed,
    /// Ended with an error, and part of it took effect.
    Partial,
    /// Had no effect, or a person said so; runs again.
    Retry,
    /// Part of a half-run migration's down that had nothing to take back.
    Skipped,
}

impl StepState {
    fn parse(word: &str) -> StepState {
        match word {
            "done" => StepState::Done,
            "failed" => StepState::Failed,
            "partial" => StepState::Partial,
            "retry" => StepState::Retry,
            "skipped" => StepState::Skipped,
            _ => StepState::Intent,
        }
    }

    /// The word in the table.
    pub fn word(self) -> &'static str {
        match self {
            StepState::Intent => "intent",
            StepState::Done => "done",
            StepState::Failed => "failed",
            StepState::Partial => "partial",
            StepState::Retry => "retry",
            StepState::Skipped => "skipped",
        }
    }

    /// Nothing is left to do for it.
    pub fn is_over(self) -> bool {
        matches!(self, StepState::Done | StepState::Skipped)
    }
}

/// Where a statement stands in the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnRow {
    /// In a row of its own.
    Step,
    /// In the row of its run: the only statement of its script that leaves a trace.
    Run,
}

/// A statement in the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepRow {
    /// Counted from 1.
    pub number: usize,
    /// What is known of it.
    pub state: StepState,
    /// Over its text.
    pub sha256: String,
    /// The beginning of its text.
    pub head: String,
    /// The named objects before it.
    pub evidence: String,
    /// What the server said.
    pub error: Option<String>,
    /// Where it stands.
    pub row: OwnRow,
}

/// The run that stopped part-way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenRun {
    /// Its number.
    pub number: u64,
    /// Which migration.
    pub name: Name,
    /// Which way.
    pub direction: Direction,
    /// refinery's checksum of the up script.
    pub checksum: String,
    /// How many statements the script had.
    pub statements: usize,
    /// The stopped up run that this down run undoes.
    pub takes_back: Option<u64>,
    /// The way back as it was when the run began.
    pub down: Down,
    /// Its statements, in order.
    pub steps: Vec<StepRow>,
    /// What the server said.
    pub error: Option<String>,
    /// On which start of which server it ran.
    pub server: String,
    /// Of a down: the last two statements of the up that it takes back, the last one first. All but the last are over.
    pub taken_back: Vec<StepRow>,
    /// What a person said of the statements of this down that may destroy data.
    pub down_data: Option<DownData>,
}

impl OpenRun {
    /// The same, as far as the planner is concerned.
    pub fn for_plan(&self) -> Open {
        Open {
            name: self.name.clone(),
            direction: self.direction,
            statement: self.next_statement(),
            of: self.statements,
            in_doubt: self.in_doubt().is_some(),
            error: self.error.clone(),
        }
    }

    /// The first statement that is not over, counted from 1. Statements that only set up the session leave no row.
    pub fn next_statement(&self) -> usize {
        match self.steps.last() {
            Some(step) if step.state.is_over() => step.number + 1,
            Some(step) => step.number,
            None => 1,
        }
    }

    /// Where a run goes on: behind the last statement that is over. What stands between it and the one that stopped has
    /// left no row, and may be new in a mended file.
    pub fn resume_at(&self) -> usize {
        behind_the_last_over(self.steps.iter().rev())
    }

    /// Where the up stopped, which is this run or the one that it takes back: the first statement that never took effect.
    pub fn up_stopped_at(&self) -> usize {
        match self.direction {
            Direction::Up => self.resume_at(),
            Direction::Down => behind_the_last_over(self.taken_back.iter()),
        }
    }

    /// The last statement of that up.
    pub fn last_of_up(&self) -> Option<&StepRow> {
        match self.direction {
            Direction::Up => self.steps.last(),
            Direction::Down => self.taken_back.first(),
        }
    }

    /// Whether a part of its last statement took effect.
    pub fn had_part(&self) -> bool {
        self.steps.last().is_some_and(|step| step.state == StepState::Partial)
    }

    /// The statement that has an intent and no outcome.
    pub fn in_doubt(&self) -> Option<&StepRow> {
        self.steps.last().filter(|step| step.state == StepState::Intent)
    }
}

fn behind_the_last_over<'a>(mut backwards: impl Iterator<Item = &'a StepRow>) -> usize {
    backwards.find(|step| step.state.is_over()).map_or(1, |step| step.number + 1)
}

/// The number of the last run, and who wrote it. To be asked before everything else: whoever begins a run after that takes the next
/// number, so that two runners cannot both go on from there, even where GET_LOCK does not keep them apart.
pub fn last_run_question(schema: &str) -> String {
    format!("SELECT run_no, program FROM {} ORDER BY run_no DESC LIMIT 1", quote::table(schema, RUN))
}

/// The open run, to be appended to the question for the history. Only the last run can be open.
pub fn open_run_question(schema: &str, versions: Versions) -> String {
    let run = quote::table(schema, RUN);
    let down_data = if versions.has_down_data() { "down_data" } else { "NULL" };
    format!(
        "SELECT run_no, version, name, direction, checksum, statements, takes_back, down_sql, irreversible, error, server, \
         {down_data} FROM {run} WHERE run_no = (SELECT MAX(run_no) FROM {run}) AND state IN ('running', 'stopped')"
    )
}

/// Its statements, and the last ones of the run that it takes back.
fn steps_question(schema: &str, versions: Versions, run: u64, takes_back: Option<u64>) -> String {
    let (runs, steps) = (quote::table(schema, RUN), quote::table(schema, STEP));
    let of = |run: u64| {
        let own = match versions.has_own_step() {
            true => format!(
                " UNION ALL SELECT step, step_state, sql_sha256, sql_head, evidence, \
                 CASE WHEN step_state <> 'done' THEN error END, 1 FROM {runs} WHERE run_no = {run} AND step IS NOT NULL"
            ),
            false => String::new(),
        };
        format!("SELECT step, state, sql_sha256, sql_head, evidence, error, 0 FROM {steps} WHERE run_no = {run}{own}")
    };
    let taken_back = takes_back.map(|run| format!("; {} ORDER BY 1 DESC LIMIT 2", of(run)));
    format!("{} ORDER BY 1{}", of(run), taken_back.unwrap_or_default())
}

/// The answer to the first question, and what is still to be asked for.
pub fn open_run(
    conn: &mut Conn,
    schema: &str,
    versions: Versions,
    runs: &[Row],
) -> mysql::Result<Result<Option<OpenRun>>> {
    let Some(row) = runs.first() else { return Ok(Ok(None)) };
    let question = steps_question(schema, versions, packet::number(row, 0), takes_back(row));
    let mut sets = packet::ask(conn, &question)?.into_iter();
    let (steps, taken_back) = (sets.next().unwrap_or_default(), sets.next().unwrap_or_default());
    Ok(read_run(row, &steps, &taken_back).map(Some))
}

fn takes_back(row: &Row) -> Option<u64> {
    packet::maybe_word(row, 6)?.parse().ok()
}

/// A run by its row, its statements in order, and the last ones of the run that it takes back.
pub fn read_run(row: &Row, steps: &[Row], taken_back: &[Row]) -> Result<OpenRun> {
    let version = packet::word(row, 1).parse().map_err(|_| damaged(row, "version"))?;
    let version = Version::from_history(version);
    if steps.iter().chain(taken_back).any(|step| packet::number(step, 0) == 0) {
        return Err(damaged(row, "step"));
    }
    let stem = packet::word(row, 2);
    let step = |row: &Row| StepRow {
        number: packet::number(row, 0) as usize,
        state: StepState::parse(&packet::word(row, 1)),
        sha256: packet::word(row, 2),
        head: secrets::cut(&packet::word(row, 3)).into_owned(),
        evidence: packet::word(row, 4),
        error: packet::maybe_word(row, 5).map(|error| secrets::cut(&error).into_owned()),
        row: if packet::number(row, 6) == 1 { OwnRow::Run } else { OwnRow::Step },
    };
    Ok(OpenRun {
        number: packet::number(row, 0),
        name: Name::parse(&stem).unwrap_or_else(|_| Name::from_history(version, &stem)),
        direction: if packet::word(row, 3) == "up" { Direction::Up } else { Direction::Down },
        checksum: packet::word(row, 4),
        statements: packet::number(row, 5) as usize,
        takes_back: takes_back(row),
        down: down(row, 7, 8).ok_or_else(|| damaged(row, "down_sql"))?,
        error: packet::maybe_word(row, 9).map(|error| secrets::cut(&error).into_owned()),
        server: packet::word(row, 10),
        down_data: packet::maybe_word(row, 11).and_then(|word| DownData::parse(&word)),
        steps: steps.iter().map(step).collect(),
        taken_back: taken_back.iter().map(step).collect(),
    })
}

/// Without what a stopped run has left, going on would do things twice, or go past them.
fn damaged(row: &Row, column: &str) -> Error {
    let what = format!(
        "the journal is damaged: `{column}` of run {} (`{}`), which stopped part-way, cannot be read",
        packet::number(row, 0),
        packet::word(row, 2)
    );
    Error::new(Kind::History, what).truth("nothing has been changed").hint(format!(
        "bring that row of `{RUN}` back from a backup; docs/runbook.md, `a damaged journal`, says what else can be done"
    ))
}

fn down(row: &Row, script: usize, irreversible: usize) -> Option<Down> {
    let reason = packet::maybe_word(row, irreversible);
    match (row.as_ref(script)?, reason) {
        (mysql::Value::Bytes(bytes), None) => compress::unpack(bytes).map(|text| Down::Script(text.into())),
        (mysql::Value::Bytes(bytes), Some(_)) => compress::unpack(bytes).map(|text| Down::WithoutSecrets(text.into())),
        (_, reason) => reason.map(Down::Irreversible),
    }
}

/// The ways back that were recorded with the newest ups of these versions, by version, each with the checksum of the up
/// that it belongs to.
pub fn kept(conn: &mut Conn, schema: &str, versions: &[Version]) -> mysql::Result<HashMap<Version, (String, Down)>> {
    let mut found = HashMap::new();
    for some in versions.chunks(500) {
        let list = some.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let question = format!(
            "SELECT version, checksum, down_sql, irreversible FROM {} \
             WHERE version IN ({list}) AND direction = 'up' AND state = 'done' ORDER BY run_no",
            quote::table(schema, RUN)
        );
        for row in &packet::ask(conn, &question)?[0] {
            let version = Version::from_history(packet::word(row, 0).parse().unwrap_or_default());
            if let Some(down) = down(row, 2, 3) {
                found.insert(version, (packet::word(row, 1), down));
            }
        }
    }
    Ok(found)
}

/// What the objects looked like before each announced statement of a run, in order, or before one of them.
pub fn evidence_of(conn: &mut Conn, schema: &str, run: u64, step: Option<usize>) -> mysql::Result<Vec<String>> {
    let one = step.map(|step| format!("AND step = {step} ")).unwrap_or_default();
    let of = |table| {
        let table = quote::table(schema, table);
        format!("SELECT step, evidence FROM {table} WHERE run_no = {run} {one}AND evidence IS NOT NULL")
    };
    let question = format!("{} UNION ALL {} ORDER BY 1 LIMIT 1000000", of(STEP), of(RUN));
    Ok(packet::ask(conn, &question)?[0].iter().map(|row| packet::word(row, 1)).collect())
}
