//! Words the SQL by which a person's word ends a run that stopped part-way.

use crate::db::quote;
use crate::engine::journal::write::{StepText, digest, head};
use crate::engine::journal::{OpenRun, OwnRow};
use crate::schema::own_tables::{RUN, STEP};

/// So many statements are recorded at once.
const AT_ONCE: usize = 200;

/// Records these statements of a run that stopped as done. What was seen before one of them stays: with it a half-run
/// migration is compared once it is taken back.
pub fn all_done(schema: &str, open: &OpenRun, left: &[StepText<'_>], how: &str) -> Vec<String> {
    let mut statements = rows_of_their_own(schema, open);
    statements.extend(left.chunks(AT_ONCE).map(|some| done(schema, some, how)));
    statements
}

/// What the run's row tells of its only statement gets a row of its own: there may be several now.
fn rows_of_their_own(schema: &str, open: &OpenRun) -> Vec<String> {
    if !open.steps.iter().any(|step| step.row == OwnRow::Run) {
        return Vec::new();
    }
    let (runs, steps, run) = (quote::table(schema, RUN), quote::table(schema, STEP), open.number);
    let own = format!(
        "INSERT INTO {steps} (run_no, step, state, kind, sql_sha256, sql_head, connection_id, evidence, warnings, \
         warning_text, decided, started_at, ended_at) SELECT run_no, step, step_state, kind, sql_sha256, sql_head, \
         connection_id, evidence, warnings, warning_text, decided, started_at, ended_at FROM {runs} \
         WHERE run_no = {run} AND step IS NOT NULL; "
    );
    let cleared = format!(
        "UPDATE {runs} SET step = NULL, step_state = NULL, kind = NULL, sql_sha256 = NULL, sql_head = NULL, \
         connection_id = NULL, evidence = NULL, warnings = 0, warning_text = NULL, decided = NULL WHERE run_no = {run}; "
    );
    vec![own, cleared]
}

fn done(schema: &str, some: &[StepText<'_>], how: &str) -> String {
    let how = quote::text(how);
    let row = |step: &StepText<'_>| {
        format!(
            "({}, {}, 'done', '{}', '{}', {}, CONNECTION_ID(), {how}, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))",
            step.run,
            step.number,
            step.kind,
            digest(step.text),
            quote::text(&head(step.text))
        )
    };
    format!(
        "INSERT INTO {} (run_no, step, state, kind, sql_sha256, sql_head, connection_id, decided, started_at, ended_at) \
         VALUES {} ON DUPLICATE KEY UPDATE state = 'done', kind = VALUES(kind), sql_sha256 = VALUES(sql_sha256), \
         sql_head = VALUES(sql_head), decided = VALUES(decided), error = NULL, ended_at = VALUES(ended_at); ",
        quote::table(schema, STEP),
        some.iter().map(row).collect::<Vec<_>>().join(", ")
    )
}
