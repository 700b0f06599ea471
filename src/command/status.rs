//! `uturn status`: every migration and what is true of it. Takes no lock and writes nothing, not even its own tables.

use crate::command::Outcome;
use crate::engine::job::Job;
use crate::error::Result;
use crate::event::{Counts, Event, Listener};
use crate::migration::plan::State;

/// The answer is no where anything is not applied and clean.
pub fn run(job: &Job<'_>, listener: &mut Listener<'_>) -> Result<Outcome> {
    let mut conn = job.access.open_for_history()?;
    let survey = job.survey(&mut conn)?;
    let mut counts = Counts::default();
    for row in survey.rows {
        match row.state {
            State::Applied => counts.applied += 1,
            State::Pending | State::Late => counts.pending += 1,
            State::Edited | State::EditedOutside | State::Missing => counts.unclean += 1,
            State::Stopped(_) | State::InDoubt(_) => counts.unclean += 1,
        }
        listener(Event::Status(row));
    }
    listener(Event::Counted(counts));
    if let Some(mark) = survey.ledger.protection {
        listener(Event::Protected(job.access.database.clone(), mark));
    }
    Ok(if counts.pending + counts.unclean == 0 { Outcome::Done } else { Outcome::No })
}
