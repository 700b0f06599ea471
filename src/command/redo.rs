//! `uturn redo`: undoes the newest migrations and runs them again. What would refuse the second half is found before the
//! first.

use crate::command::{Guards, Mode, Outcome, dry_run, guard, newest, undo, up};
use crate::db::server;
use crate::engine::apply;
use crate::engine::goal::Goal;
use crate::engine::history::Ledger;
use crate::engine::job::{Job, Survey};
use crate::engine::make_tasks::Downs;
use crate::error::Result;
use crate::event::{Event, Listener, Nothing};
use crate::migration::name::{Name, Version};
use crate::migration::plan::{self, Applied, Back, Late, UpTo};
use std::collections::BTreeSet;
use std::num::NonZeroUsize;

/// Runs it, or prints it.
pub fn run(
    job: &Job<'_>,
    guards: &Guards<'_>,
    steps: Option<NonZeroUsize>,
    downs: Downs,
    mode: Mode,
    listener: &mut Listener<'_>,
) -> Result<Outcome> {
    let request = steps.map_or(Back::Newest, Back::Steps);
    let mut conn = job.access.open_for_history()?;
    let survey = job.survey(&mut conn)?;
    let names = plan::undo(&survey.rows, &request)?;
    if names.is_empty() {
        listener(Event::Nothing(Nothing::Applied));
        return Ok(Outcome::Done);
    }
    let mut again: Vec<Name> = names.clone();
    again.sort();
    check_the_way_up(job, &survey, &names)?;
    let modes = server::session_modes(&mut conn).map_err(|error| job.access.explain(&error))?;
    up::look_through(job, &again, modes)?;
    let tasks = undo::tasks(job, &mut conn, &survey, &names, downs, listener)?;
    if mode == Mode::Print {
        newest::note(job, &mut conn, &survey, (&request, &names), listener)?;
        dry_run::downs(job, &tasks, listener)?;
        return dry_run::ups(job, &mut conn, &survey.ledger, &again, listener);
    }
    guard::production(guards, listener)?;
    guard::protected((job, guards), survey.ledger.protection.as_ref())?;
    newest::ask((job, guards), &mut conn, &survey, (&request, "redo"), &names)?;
    guard::announce((job, guards), &mut conn, &tasks, guard::Ask::Nothing, listener)?;
    drop(conn);
    let back = |ledger: &Ledger| undo::goal(job, &survey, &request, &names, downs, ledger);
    apply::apply(job, listener, &[&back, &|_| Ok(Goal::Up(again.clone()))])?;
    Ok(Outcome::Done)
}

/// An `up` after the undo must not be refused for what is known now. What is newer than all of them does not run.
fn check_the_way_up(job: &Job<'_>, survey: &Survey, undone: &[Name]) -> Result<()> {
    let gone: BTreeSet<Version> = undone.iter().map(Name::version).collect();
    let stays = |applied: &&Applied| !gone.contains(&applied.version);
    let history: Vec<Applied> = survey.ledger.history.iter().filter(stays).cloned().collect();
    let mut rows = plan::survey(&survey.known, &history, None);
    let newest = gone.last();
    rows.retain(|row| row.applied_on.is_some() || Some(&row.name.version()) <= newest);
    plan::up(&rows, job.unnamed, &UpTo::Everything, Late::Run)?;
    Ok(())
}
