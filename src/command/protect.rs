//! `uturn protect` and `uturn unprotect`: the mark in the database that makes undo, redo, reset and drop ask for more.

use crate::command::{Mode, Outcome};
use crate::db::connect::with_said;
use crate::db::{own_settings, packet};
use crate::engine::job::Job;
use crate::engine::run_lock::Held;
use crate::engine::{history, protection};
use crate::error::{Error, Kind, Result};
use crate::event::{Event, Listener};
use crate::schema::own_tables;
use std::sync::Arc;

/// Sets the mark, anew if it is there.
pub fn protect(job: &Job<'_>, reason: Option<&str>, mode: Mode, listener: &mut Listener<'_>) -> Result<Outcome> {
    let database = &job.access.database;
    let table = protection::create(database);
    let row = protection::change(database, true, reason, job.context.os_user, job.context.host);
    write(job, &[table, row], mode, listener)
}

/// Takes it away.
pub fn unprotect(job: &Job<'_>, mode: Mode, listener: &mut Listener<'_>) -> Result<Outcome> {
    let database = &job.access.database;
    if history::read(&mut job.access.open_for_history()?, job.access)?.protection.is_none() {
        listener(Event::Unprotected(database.clone()));
        return Ok(Outcome::Done);
    }
    let row = protection::change(database, false, None, job.context.os_user, job.context.host);
    write(job, &[row], mode, listener)
}

/// Under the lock: a run that has looked for the mark under it goes to its end first.
fn write(job: &Job<'_>, statements: &[String], mode: Mode, listener: &mut Listener<'_>) -> Result<Outcome> {
    if mode == Mode::Print {
        let text: String = statements.iter().map(|statement| format!("{statement};\n")).collect();
        listener(Event::Sql(format!("{}{text}", own_settings::for_the_client())));
        return Ok(Outcome::Done);
    }
    let _held = Held::take(job.access, job.wait, &Arc::default(), listener)?;
    let mut conn = job.access.open_to_read()?;
    for statement in statements {
        packet::tell(&mut conn, statement).map_err(|error| {
            with_said(Error::new(Kind::Rights, format!("cannot write the table `{}`", own_tables::PROTECTION)), &error)
                .truth("the protection is as it was")
                .hint("the account needs CREATE, SELECT and INSERT on the database")
        })?;
    }
    let database = job.access.database.clone();
    listener(match history::read(&mut conn, job.access)?.protection {
        Some(mark) => Event::Protected(database, mark),
        None => Event::Unprotected(database),
    });
    Ok(Outcome::Done)
}
