//! `uturn drop`: drops the configured database, guarded as `undo --all`.

use crate::command::{Guards, Mode, Outcome, create, guard};
use crate::db::monitor::{self, Watch};
use crate::db::{error_code, packet, quote, server, topology};
use crate::engine::job::Job;
use crate::engine::run_lock::Held;
use crate::engine::{losses, protection};
use crate::error::{Error, Result};
use crate::event::{DatabaseIs, Event, Listener};
use std::sync::Arc;

/// Runs it, or prints it.
pub fn run(job: &Job<'_>, guards: &Guards<'_>, mode: Mode, listener: &mut Listener<'_>) -> Result<Outcome> {
    let database = &job.access.database;
    let statement = format!("DROP DATABASE {}", quote::ident(database));
    if mode == Mode::Print {
        listener(Event::Sql(format!("{statement};\n")));
        return Ok(Outcome::Done);
    }
    let mut conn = job.access.open_server()?;
    let refused = |error: mysql::Error| create::refused(job, "drop", &error);
    if !create::is_there(&mut conn, database).map_err(refused)? {
        listener(Event::Database(database.clone(), DatabaseIs::Absent));
        return Ok(Outcome::Done);
    }
    topology::check(&mut conn, job.access)?;
    let mark = protection::find(&mut conn, database).map_err(refused)??;
    guard::production(guards, listener)?;
    guard::protected((job, guards), mark.as_ref())?;
    // Counting changes how long its session waits for locks.
    let counted = losses::of_database(&mut job.access.open_server()?, database);
    guard::permit(guards, &counted.map_err(refused)?, listener)?;
    let watch = Arc::new(Watch::default());
    monitor::over(&watch, job.context.signals, listener, |listener| {
        let held = Held::take(job.access, job.wait, &watch, listener)?;
        let now = protection::find(&mut conn, database).map_err(refused)??;
        guard::still(mark.as_ref(), now.as_ref())?;
        watch.knows(server::flavour(&mut conn).map_err(refused)?);
        held.let_look(u64::from(conn.connection_id()));
        // A process that ends leaves its DROP behind on the server, where it waits for its locks and takes effect later.
        (job.context.begin)();
        packet::tell(&mut conn, &statement).map_err(|error| stopped(job, &error).unwrap_or_else(|| refused(error)))
    })?;
    listener(Event::Database(database.clone(), DatabaseIs::Dropped));
    Ok(Outcome::Done)
}

/// Where a signal has ended the wait for a lock.
fn stopped(job: &Job<'_>, error: &mysql::Error) -> Option<Error> {
    let (signal, _) = (job.context.signals)().filter(|_| error_code::is_interrupted(error))?;
    let what = format!("stopped by {}: the database `{}` waited for a lock", signal.word(), job.access.database);
    Some(Error::new(signal.kind(), what).truth("nothing has been changed"))
}
