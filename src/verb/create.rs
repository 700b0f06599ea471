//! `uturn create`: makes the configured database, if it is not there.

use crate::db::connect::with_said;
use crate::db::{errno, send, sql};
use crate::error::{Error, Kind, Result};
use crate::event::{DatabaseIs, Event, Listener};
use crate::verb::{Job, Mode, Outcome};

/// Runs it, or prints it.
pub fn run(job: &Job<'_>, mode: Mode, listener: &mut Listener<'_>) -> Result<Outcome> {
    let database = &job.access.database;
    let statement = format!("CREATE DATABASE IF NOT EXISTS {} CHARACTER SET utf8mb4", sql::ident(database));
    if mode == Mode::Print {
        listener(Event::Sql(format!("{statement};\n")));
        return Ok(Outcome::Done);
    }
    let mut conn = job.access.open_server()?;
    let answers = send::tell(&mut conn, &statement).map_err(|error| refused(job, "make", &error))?;
    // The server's note 1007 says that it was there.
    let is = if answers[0].warnings > 0 { DatabaseIs::There } else { DatabaseIs::Created };
    listener(Event::Database(database.clone(), is));
    Ok(Outcome::Done)
}

/// Words for a server that does not make or drop a database.
pub fn refused(job: &Job<'_>, verb: &str, error: &mysql::Error) -> Error {
    let kind = if errno::is_connection_lost(error) { Kind::Unreachable } else { Kind::Rights };
    with_said(Error::new(kind, format!("cannot {verb} the database `{}`", job.access.database)), error)
        .truth("nothing has been changed")
        .hint(format!("the account `{}` needs CREATE on it to make it, DROP and SELECT to drop it", job.access.user))
}
