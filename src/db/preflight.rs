//! What can be known before the first statement takes effect, and is therefore found out first.

use crate::db::connect::with_said;
use crate::db::errno;
use crate::db::send;
use crate::db::session::{Halt, Session};
use crate::db::steps::{Action, Step, Task};
use crate::error::{Error, Kind, Place, Result};
use crate::event::{Event, Listener, Note};
use crate::model::kind::{self, Hazard, Transaction};
use crate::model::lexer::Modes;
use crate::model::position::Position;
use crate::model::statement;
use mysql::prelude::Queryable;

/// Larger statements are not sent twice: PREPARE of 4 MB takes as long as running it.
const PREPARE_AT_MOST: usize = 256 * 1024;

/// Cuts a script into statements, and says of each how it is run. Refuses what would break the promise.
pub fn steps(path: &str, text: &str, modes: Modes) -> Result<Vec<Step>> {
    let script = statement::split(text, modes).map_err(|e| refusal(path, text, e.at, e.reason))?;
    let mut steps = Vec::with_capacity(script.statements().len());
    for (index, statement) in script.statements().iter().enumerate() {
        let sql = script.text(statement);
        let action = action(sql, statement.modes).map_err(|why| refusal(path, text, statement.at, why.to_owned()))?;
        steps.push(Step {
            number: index + 1,
            span: statement.span.clone(),
            at: statement.at,
            modes: statement.modes,
            action,
        });
    }
    Ok(steps)
}

fn refusal(path: &str, text: &str, at: Position, why: String) -> Error {
    Error::new(Kind::Files, why).at(Place::new(path, text, at)).truth("nothing has been changed")
}

/// How a statement is run, or why it is not.
fn action(sql: &str, modes: Modes) -> std::result::Result<Action, &'static str> {
    if let Some(hazard) = kind::hazards(sql, modes).first() {
        return match hazard {
            Hazard::Autocommit => Ok(Action::LeaveOut("uturn makes its own transactions, so autocommit stays on")),
            Hazard::Rollback => Err("ROLLBACK would take uturn's own record with it; leave the statements out instead"),
            Hazard::Xa => Err("an XA transaction outlives the session, so its outcome cannot be recorded"),
            Hazard::BinlogOff => Err("without sql_log_bin the replicas would not get this migration"),
            Hazard::ReleasesLocks => Err("it would let go of the lock that keeps a second runner out"),
        };
    }
    Ok(match kind::Kind::of(sql, modes) {
        kind::Kind::Dml => Action::Dml,
        kind::Kind::Ddl(ddl) => Action::Ddl(ddl),
        kind::Kind::Maintenance => Action::Maintenance,
        kind::Kind::Global => Action::Global,
        kind::Kind::Call => Action::Call,
        kind::Kind::Session => Action::Session,
        kind::Kind::Lock => {
            Action::LeaveOut("uturn is the only runner, and a table lock would shut out its own tables")
        }
        kind::Kind::Transaction(Transaction::Begin | Transaction::Commit) => Action::Boundary,
        kind::Kind::Transaction(Transaction::Savepoint | Transaction::Release) => {
            Action::LeaveOut("without ROLLBACK a savepoint has no effect")
        }
        kind::Kind::Transaction(Transaction::Rollback | Transaction::Xa) => unreachable!("a hazard, refused above"),
        kind::Kind::LoadLocal => {
            return Err(
                "LOAD DATA LOCAL would read a file of the machine that runs uturn; load it on the server, or as INSERTs",
            );
        }
    })
}

/// Asks the server about everything that is to run: is it writable, does each statement parse and fit into a packet.
pub fn check(session: &mut Session, tasks: &[Task], listener: &mut Listener<'_>) -> std::result::Result<(), Halt> {
    if session.server.read_only {
        return Err(Error::new(Kind::Rights, "the server is read-only")
            .truth("nothing has been changed")
            .hint("this may be a replica: check DB_HOST (or DATABASE_URL); `SELECT @@read_only` tells")
            .into());
    }
    if session.server.flush_log != 1 {
        listener(Event::Note(Note::FlushLog(session.server.flush_log)));
    }
    let is_ddl = |step: &Step| matches!(step.action, Action::Ddl(_));
    if !session.server.has_process && tasks.iter().flat_map(|task| &task.steps).any(is_ddl) {
        listener(Event::Note(Note::NoProcess));
    }
    for task in tasks {
        if !session.touched {
            session.packet("SET SESSION lock_wait_timeout = 1")?;
            session.touched = true;
        }
        if parse(session, task)? {
            // Each script is read in a session as new, as it will be run.
            session.renew(listener)?;
        }
    }
    session.renew(listener)
}

/// PREPARE is an exact oracle for "one complete statement": 1064 or not. Other errors (a table that an earlier statement
/// makes) say nothing. The session is brought into the state that the script sets up, as far as parsing depends on it;
/// true if it was.
fn parse(session: &mut Session, task: &Task) -> std::result::Result<bool, Halt> {
    let mut is_changed = false;
    let from = task.resumes.map_or(1, |(_, from)| from);
    for step in &task.steps {
        let sql = &task.text[step.span.clone()];
        if sql.len() as u64 + 1 > session.server.max_packet {
            return Err(too_large(session, task, step, sql.len()).into());
        }
        if step.number < from || sql.len() > PREPARE_AT_MOST || matches!(step.action, Action::LeaveOut(_)) {
            continue;
        }
        match session.conn.prep(sql) {
            Ok(prepared) => session.conn.close(prepared).map_err(|error| session.halt(error))?,
            Err(error) if errno::is_syntax(&error) => return Err(syntax(task, step, &error).into()),
            Err(error) if errno::is_connection_lost(&error) => return Err(Halt::Lost(error)),
            Err(error) => log::debug!("prepare: {error}"),
        }
        if matches!(step.action, Action::Session) && changes_parsing(sql) {
            // It may depend on what an earlier statement makes; it runs for real later.
            let _ = send::tell(&mut session.conn, sql);
            is_changed = true;
        }
    }
    Ok(is_changed)
}

fn changes_parsing(sql: &str) -> bool {
    let lower = sql.to_ascii_lowercase();
    let words: Vec<&str> = lower.split_whitespace().take(3).collect();
    lower.contains("sql_mode") || matches!(words[..], ["use", ..] | ["set", "names" | "character", ..])
}

fn syntax(task: &Task, step: &Step, error: &mysql::Error) -> Error {
    let what = format!(
        "the server cannot parse statement {} of {} of migration `{}` ({})",
        step.number,
        task.steps.len(),
        task.name,
        task.direction
    );
    with_said(Error::new(Kind::Statement, what), error)
        .at(Place::new(&task.path, &task.text, step.at))
        .truth("nothing has been changed: every statement is parsed before the first one runs")
        .hint("mend it and run the same command again")
}

fn too_large(session: &Session, task: &Task, step: &Step, size: usize) -> Error {
    let what = format!(
        "statement {} of {} of migration `{}` has {size} bytes, and the server takes at most {} (max_allowed_packet)",
        step.number,
        task.steps.len(),
        task.name,
        session.server.max_packet
    );
    Error::new(Kind::Statement, what)
        .at(Place::new(&task.path, &task.text, step.at))
        .truth("nothing has been changed")
        .hint("split it into several statements, or raise max_allowed_packet on the server")
}
