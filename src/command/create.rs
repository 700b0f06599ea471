//! `uturn create`: makes the configured database, if it is not there.

use crate::command::{Mode, Outcome};
use crate::db::connect::with_said;
use crate::db::{error_code, packet, quote, topology};
use crate::engine::job::Job;
use crate::error::{Error, Kind, Result};
use crate::event::{DatabaseIs, Event, Listener};
use mysql::Conn;

/// Runs it, or prints it.
pub fn run(job: &Job<'_>, mode: Mode, listener: &mut Listener<'_>) -> Result<Outcome> {
    let database = &job.access.database;
    let statement = format!("CREATE DATABASE IF NOT EXISTS {} CHARACTER SET utf8mb4", quote::ident(database));
    if mode == Mode::Print {
        listener(Event::Sql(format!("{statement};\n")));
        return Ok(Outcome::Done);
    }
    let mut conn = job.access.open_server()?;
    let refused = |error: mysql::Error| refused(job, "make", &error);
    let was_there = is_there(&mut conn, database).map_err(refused)?;
    let is = match topology::check(&mut conn, job.access) {
        Ok(()) => {
            let answers = packet::tell(&mut conn, &statement).map_err(refused)?;
            // The note 1007, for who does not see it; a server may be set to give none.
            if was_there || answers[0].warnings > 0 { DatabaseIs::There } else { DatabaseIs::Created }
        }
        // Nothing has to be written.
        Err(_) if was_there => DatabaseIs::There,
        Err(refusal) => return Err(refusal),
    };
    listener(Event::Database(database.clone(), is));
    Ok(Outcome::Done)
}

/// Whether the server has a database of this name that the account sees.
pub fn is_there(conn: &mut Conn, database: &str) -> mysql::Result<bool> {
    let question = format!("SELECT 1 FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = {}", quote::text(database));
    Ok(!packet::ask(conn, &question)?[0].is_empty())
}

/// Words for a server that does not make or drop a database.
pub fn refused(job: &Job<'_>, verb: &str, error: &mysql::Error) -> Error {
    let kind = if error_code::is_connection_lost(error) { Kind::Unreachable } else { Kind::Rights };
    with_said(Error::new(kind, format!("cannot {verb} the database `{}`", job.access.database)), error)
        .truth("nothing has been changed")
        .hint(format!("the account `{}` needs CREATE on it to make it, DROP and SELECT to drop it", job.access.user))
}
