//! `uturn log`: every run that the journal knows, oldest first. Writes nothing.

use crate::command::Outcome;
use crate::db::{packet, quote};
use crate::engine::job::Job;
use crate::engine::{history, journal};
use crate::error::Result;
use crate::event::{Event, Listener, LogEntry};
use crate::schema::own_tables;
use crate::statement::secrets;
use mysql::Row;
use std::num::NonZeroU64;
use std::time::Duration;
use time::PrimitiveDateTime;

/// Which runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// The newest ones.
    pub last: Option<NonZeroU64>,
    /// Those that began since.
    pub since: Option<Since>,
}

/// A moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// So long before the server's now.
    Ago(Duration),
    /// In UTC.
    At(PrimitiveDateTime),
}

/// Tells each run.
pub fn run(job: &Job<'_>, request: &Request, listener: &mut Listener<'_>) -> Result<Outcome> {
    let mut conn = job.access.open_for_history()?;
    let ledger = history::read(&mut conn, job.access)?;
    if !ledger.layout.journal {
        return Ok(Outcome::Done);
    }
    let schema = &job.access.database;
    let host = if ledger.layout.versions.has_host() { "r.host" } else { "''" };
    let (done, warnings, waited) = match ledger.layout.versions.has_own_step() {
        true => (" + COALESCE(r.step_state IN ('done', 'skipped'), 0)", " + r.warnings", journal::WAITED),
        false => ("", "", "0"),
    };
    let question = format!(
        "SELECT r.run_no, r.name, r.direction, r.state, r.os_user, r.account, CAST(r.started_at AS CHAR), \
         TIMESTAMPDIFF(MICROSECOND, r.started_at, r.ended_at) - {waited}, \
         (SELECT COUNT(*) FROM {} s WHERE s.run_no = r.run_no AND s.state IN ('done', 'skipped')){done}, \
         r.statements, r.rows_affected, r.error, {host}, \
         (SELECT COALESCE(SUM(w.warnings), 0) FROM {} w WHERE w.run_no = r.run_no){warnings} FROM {} r {} LIMIT {}",
        quote::table(schema, own_tables::STEP),
        quote::table(schema, own_tables::STEP),
        quote::table(schema, own_tables::RUN),
        newest_first(request),
        request.last.map_or(u64::MAX, NonZeroU64::get)
    );
    let sets = packet::ask(&mut conn, &question).map_err(|error| job.access.explain(&error))?;
    for row in sets.iter().flatten().rev() {
        listener(Event::Logged(entry(row)));
    }
    Ok(Outcome::Done)
}

fn newest_first(request: &Request) -> String {
    let since = request.since.map(|since| match since {
        Since::Ago(ago) => format!("WHERE r.started_at >= UTC_TIMESTAMP(6) - INTERVAL {} SECOND ", ago.as_secs()),
        Since::At(at) => format!("WHERE r.started_at >= {} ", quote::text(&format!("{} {}", at.date(), at.time()))),
    });
    format!("{}ORDER BY r.run_no DESC", since.unwrap_or_default())
}

fn entry(row: &Row) -> LogEntry {
    let micros = packet::maybe_word(row, 7).and_then(|n| n.parse::<f64>().ok());
    LogEntry {
        run: packet::number(row, 0),
        name: packet::word(row, 1),
        direction: packet::word(row, 2),
        state: packet::word(row, 3),
        by: format!("{} as {}", packet::word(row, 4), packet::word(row, 5)),
        started_at: format!("{}Z", packet::word(row, 6).replacen(' ', "T", 1)),
        seconds: micros.map(|micros| micros / 1e6),
        statements: (packet::number(row, 8), packet::number(row, 9)),
        rows: packet::number(row, 10),
        error: packet::maybe_word(row, 11).map(|error| secrets::cut(&error).into_owned()),
        host: Some(packet::word(row, 12)).filter(|host| !host.is_empty()),
        warnings: packet::number(row, 13),
    }
}
