//! `uturn status`: every migration and what is true of it. Takes no lock and writes nothing, not even its own tables.

use crate::command::Outcome;
use crate::engine::job::Job;
use crate::engine::make_tasks;
use crate::error::Result;
use crate::event::{Counts, Event, Listener};
use crate::migration::pair::{self, Fault};
use crate::migration::plan::{Row, State};

/// The answer is no where anything is not applied and clean.
pub fn run(job: &Job<'_>, listener: &mut Listener<'_>) -> Result<Outcome> {
    let mut conn = job.access.open_for_history()?;
    let survey = job.survey(&mut conn)?;
    let mut counts = Counts::default();
    for mut row in survey.rows {
        if let Some(fault) = fault_of_up(job, &row) {
            row.state = State::Faulty(vec![fault]);
        }
        match row.state {
            State::Applied => counts.applied += 1,
            State::Pending | State::Late => counts.pending += 1,
            State::Faulty(_) | State::Edited | State::EditedOutside | State::Missing => counts.unclean += 1,
            State::Stopped(_) | State::InDoubt(_) => counts.unclean += 1,
        }
        listener(Event::Status(row));
    }
    counts.unclean += job.unnamed.len();
    job.unnamed.iter().for_each(|fault| listener(Event::Unnamed(fault.clone())));
    listener(Event::Counted(counts));
    if let Some(mark) = survey.ledger.protection {
        listener(Event::Protected(job.access.database.clone(), mark));
    }
    Ok(if counts.pending + counts.unclean == 0 { Outcome::Done } else { Outcome::No })
}

/// Of a migration that would run: every other command splits its script, and refuses it then.
fn fault_of_up(job: &Job<'_>, row: &Row) -> Option<Fault> {
    match row.state {
        State::Pending | State::Late => pair::text_fault(make_tasks::up_file(job.migrations, &row.name).ok()?),
        State::Applied | State::Edited | State::EditedOutside | State::Missing => None,
        State::Faulty(_) | State::Stopped(_) | State::InDoubt(_) => None,
    }
}
