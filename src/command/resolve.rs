//! `uturn resolve`: a person's answer where a statement is in doubt.

use crate::command::{Mode, Outcome};
use crate::engine::job::Job;
use crate::engine::journal::{self, StepState};
use crate::engine::run_lock::Held;
use crate::engine::session::{Halt, Session};
use crate::error::{Error, Kind, Result};
use crate::event::{Event, Listener, Recovered};
use crate::migration::plan;
use std::sync::Arc;

/// What became of the statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TookEffect {
    /// Go on behind it.
    Yes,
    /// Run it again.
    No,
}

/// Writes the answer into the journal; the next `up` or `undo` goes by it.
pub fn run(
    job: &Job<'_>,
    target: &str,
    statement: usize,
    answer: TookEffect,
    mode: Mode,
    listener: &mut Listener<'_>,
) -> Result<Outcome> {
    let held = Held::take(job.access, job.wait, &Arc::default(), listener)?;
    let mut session = Session::open(job.access, &held, job.wait, job.context.patience, listener)?;
    let survey = job.survey(&mut session.conn)?;
    let name = plan::resolve(&survey.rows, target)?.name.clone();
    let open = survey.ledger.open.filter(|open| open.name.version() == name.version());
    let Some((open, step)) = open.as_ref().and_then(|open| Some((open, open.in_doubt()?))) else {
        return Err(not_in_doubt(format!("no statement of migration `{name}` has an unknown outcome")));
    };
    if step.number != statement {
        return Err(not_in_doubt(format!(
            "it is statement {} of migration `{name}` whose outcome is unknown, not {statement}",
            step.number
        )));
    }
    let state = match answer {
        TookEffect::Yes => StepState::Done,
        TookEffect::No => StepState::Retry,
    };
    let how = format!("said by {} ({})", job.context.os_user, session.server.user);
    let row = journal::decided(&job.access.database, open.number, (statement, step.row), state, &how, None);
    if mode == Mode::Print {
        listener(Event::Sql(format!("{row}\n")));
        return Ok(Outcome::Done);
    }
    session.later(&row);
    session.flush(listener).map_err(|halt| match halt {
        Halt::Failed(error) => error,
        Halt::Lost(error) => job.access.explain(&error),
    })?;
    listener(Event::Recovered(Recovered {
        name,
        direction: open.direction,
        statement,
        took_effect: answer == TookEffect::Yes,
        evidence: how,
    }));
    Ok(Outcome::Done)
}

fn not_in_doubt(what: String) -> Error {
    Error::new(Kind::Target, what)
        .truth("nothing has been changed")
        .hint("`uturn status` shows whose outcome is unknown")
}
