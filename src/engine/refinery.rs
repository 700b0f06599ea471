//! The seam to refinery, and the only file that names it. refinery makes its table, computes the row of each migration
//! and hands it over in order; here the body is recognised and run statement by statement, and the row is written in
//! one transaction with the journal's.

use crate::db::connect::with_said;
use crate::db::error_code;
use crate::db::packet;
use crate::db::quote;
use crate::engine::history;
use crate::engine::job::RunContext;
use crate::engine::run::{self, Script};
use crate::engine::session::{Halt, Session};
use crate::engine::task::Task;
use crate::error::{Error, Kind};
use crate::event::Listener;
use crate::migration::name::Direction;
use crate::schema::own_tables;
use refinery::{Migration, Runner};
use refinery_core::traits::sync::{Migrate, Query, Transaction};
use std::fmt;

/// Runs one script and records it.
pub fn run(
    session: &mut Session,
    task: &Task,
    context: &RunContext<'_>,
    listener: &mut Listener<'_>,
) -> Result<(), Halt> {
    match task.direction {
        Direction::Up => up(session, task, context, listener),
        Direction::Down => {
            let table = quote::table(session.schema(), own_tables::HISTORY);
            let script = run::run(session, task, context, listener)?;
            // refinery knows no way back, so its row is taken away here.
            script.record(&format!("DELETE FROM {table} WHERE version = {}", task.name.version()))
        }
    }
}

/// One migration a call: refinery would otherwise stamp all rows with the time at which the first began, and its check
/// of files against history is quadratic. `model::plan` has made that check.
fn up(session: &mut Session, task: &Task, context: &RunContext<'_>, listener: &mut Listener<'_>) -> Result<(), Halt> {
    let migration = stand_in(task).map_err(|error| refused(&error))?;
    let mut runner = Runner::new(&[migration]);
    runner.set_migration_table_name(quote::table(session.schema(), own_tables::HISTORY));
    let mut seam = Seam { session: Some((session, listener)), task, context, script: None, halt: None };
    let outcome = runner.run(&mut seam);
    match (seam.halt, outcome) {
        (Some(halt), _) => Err(halt),
        (None, Ok(_)) => Ok(()),
        (None, Err(error)) => Err(refused(&error).into()),
    }
}

/// What refinery is handed in place of a script, of which it would make four copies. It runs what it is given back
/// (`Seam::one`), and writes the row with the checksum of the script.
const STAND_IN: &str = "-- this script is run statement by statement";

fn stand_in(task: &Task) -> std::result::Result<Migration, refinery::Error> {
    let name = format!("V{}__{}", task.name.version(), task.name.history_name());
    let migration = Migration::unapplied(&name, STAND_IN)?;
    let mut fields = serde_json::to_value(migration).expect("plain values have a JSON form");
    let checksum: u64 = task.checksum.parse().expect("`history::checksum` made it");
    fields["checksum"] = checksum.into();
    Ok(serde_json::from_value(fields).expect("it has just been written"))
}

fn refused(error: &refinery::Error) -> Error {
    Error::new(Kind::History, format!("refinery refuses it: {error}"))
}

/// The statement that makes refinery's table, with the engine and character set that the promise needs.
pub fn table_statement(schema: &str) -> String {
    let made_by_refinery =
        <Seam<'_, '_> as Migrate>::assert_migrations_table_query(&quote::table(schema, own_tables::HISTORY));
    let body = made_by_refinery.trim_end_matches(';');
    format!("{body} ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4")
}

/// The statement that refinery would record a migration with, for `--dry-run`.
pub fn row_statement(schema: &str, task: &Task, now: time::OffsetDateTime) -> String {
    let format = time::format_description::well_known::Rfc3339;
    format!(
        "INSERT INTO {} (version, name, applied_on, checksum) VALUES ({}, '{}', '{}', '{}')",
        quote::table(schema, own_tables::HISTORY),
        task.name.version(),
        task.name.history_name(),
        now.format(&format).expect("a time of this age has this form"),
        task.checksum
    )
}

/// What refinery sees as a connection.
struct Seam<'a, 'l> {
    /// Until the script borrows them.
    session: Option<(&'a mut Session, &'a mut Listener<'l>)>,
    task: &'a Task,
    context: &'a RunContext<'a>,
    script: Option<Script<'a, 'l>>,
    halt: Option<Halt>,
}

/// Stops refinery. The reason is kept in the seam: refinery would give it back only by reference.
#[derive(Debug)]
struct Stop;

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("stopped")
    }
}

impl std::error::Error for Stop {}

impl Transaction for Seam<'_, '_> {
    type Error = Stop;

    /// refinery calls this three times a migration: its table, the body, the row.
    fn execute<'q, T: Iterator<Item = &'q str>>(&mut self, queries: T) -> Result<usize, Stop> {
        for query in queries {
            self.one(query).map_err(|halt| {
                self.halt = Some(halt);
                Stop
            })?;
        }
        Ok(1)
    }
}

impl Seam<'_, '_> {
    fn one(&mut self, query: &str) -> Result<(), Halt> {
        if let Some(script) = self.script.take() {
            return script.record(query);
        }
        if query == STAND_IN {
            let (session, listener) = self.session.take().expect("the body comes once");
            self.script = Some(run::run(session, self.task, self.context, listener)?);
        }
        // What is left is refinery's CREATE TABLE IF NOT EXISTS: `make_tables` has sent it, once for the whole run.
        Ok(())
    }
}

impl Query<Vec<Migration>> for Seam<'_, '_> {
    /// An empty history: `model::plan` has compared files and history, in linear time, and let late ones through.
    fn query(&mut self, _query: &str) -> Result<Vec<Migration>, Stop> {
        Ok(Vec::new())
    }
}

impl Migrate for Seam<'_, '_> {}

/// Makes the tables that are not there yet, refinery's with refinery's own statement, and upgrades an older journal.
pub fn make_tables(session: &mut Session, ledger: &history::Ledger) -> crate::error::Result<()> {
    let database = session.server.database.clone();
    let refused = |error: mysql::Error| {
        // KILL QUERY says nothing of the account: it is tried again, on a new connection.
        let is_lost = error_code::is_connection_lost(&error) || error_code::is_interrupted(&error);
        let kind = if is_lost { Kind::Unreachable } else { Kind::Rights };
        with_said(Error::new(kind, format!("cannot make or upgrade uturn's tables in `{database}`")), &error)
            .truth("no migration has been run")
            .hint("the account needs CREATE, ALTER, SELECT, INSERT, UPDATE and DELETE on the database")
    };
    if !ledger.layout.history {
        packet::tell(&mut session.conn, &table_statement(&database)).map_err(refused)?;
    } else if let Some(engine) = history::other_engine(&mut session.conn, &database).map_err(refused)? {
        let what =
            format!("the table `{}` is of the engine {engine}, so its rows cannot be rolled back", own_tables::HISTORY);
        return Err(Error::new(Kind::History, what)
            .truth("nothing has been changed")
            .hint(format!("ALTER TABLE {} ENGINE=InnoDB", quote::table(&database, own_tables::HISTORY))));
    }
    session.prepare_journal(ledger).map_err(refused)
}
