//! `uturn log`: every run that the journal knows, oldest first. Writes nothing.

use crate::db::{history, journal, send, sql};
use crate::error::Result;
use crate::event::{Event, Listener, LogEntry};
use crate::verb::{Job, Outcome};
use mysql::Row;

/// Tells each run.
pub fn run(job: &Job<'_>, listener: &mut Listener<'_>) -> Result<Outcome> {
    let mut conn = job.access.open_to_read()?;
    let ledger = history::read(&mut conn, job.access)?;
    if !ledger.layout.journal {
        return Ok(Outcome::Done);
    }
    let schema = &job.access.database;
    let host = if ledger.layout.versions.has_host() { "r.host" } else { "''" };
    let (done, warnings) = match ledger.layout.versions.has_own_step() {
        true => (" + COALESCE(r.step_state IN ('done', 'skipped'), 0)", " + r.warnings"),
        false => ("", ""),
    };
    let question = format!(
        "SELECT r.run_no, r.name, r.direction, r.state, r.os_user, r.account, CAST(r.started_at AS CHAR), \
         TIMESTAMPDIFF(MICROSECOND, r.started_at, r.ended_at), \
         (SELECT COUNT(*) FROM {} s WHERE s.run_no = r.run_no AND s.state IN ('done', 'skipped')){done}, \
         r.statements, r.rows_affected, r.error, {host}, \
         (SELECT COALESCE(SUM(w.warnings), 0) FROM {} w WHERE w.run_no = r.run_no){warnings} FROM {} r ORDER BY r.run_no",
        sql::table(schema, journal::STEP),
        sql::table(schema, journal::STEP),
        sql::table(schema, journal::RUN)
    );
    for row in send::ask(&mut conn, &question).map_err(|error| job.access.explain(&error))?.iter().flatten() {
        listener(Event::Logged(entry(row)));
    }
    Ok(Outcome::Done)
}

fn entry(row: &Row) -> LogEntry {
    let micros = send::maybe_word(row, 7).and_then(|n| n.parse::<f64>().ok());
    LogEntry {
        run: send::number(row, 0),
        name: send::word(row, 1),
        direction: send::word(row, 2),
        state: send::word(row, 3),
        by: format!("{} as {}", send::word(row, 4), send::word(row, 5)),
        started_at: format!("{}Z", send::word(row, 6).replacen(' ', "T", 1)),
        seconds: micros.map(|micros| micros / 1e6),
        statements: (send::number(row, 8), send::number(row, 9)),
        rows: send::number(row, 10),
        error: send::maybe_word(row, 11),
        host: Some(send::word(row, 12)).filter(|host| !host.is_empty()),
        warnings: send::number(row, 13),
    }
}
