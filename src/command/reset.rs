//! `uturn reset`: undoes everything, then runs everything.

use crate::command::{Guards, Mode, Outcome, dry_run, guard, undo, up};
use crate::db::server;
use crate::engine::apply;
use crate::engine::history::Ledger;
use crate::engine::job::Job;
use crate::engine::make_tasks::Downs;
use crate::error::Result;
use crate::event::Listener;
use crate::migration::name::Name;
use crate::migration::plan::{self, Back, Late, UpTo};

/// Runs it, or prints it.
pub fn run(
    job: &Job<'_>,
    guards: &Guards<'_>,
    downs: Downs,
    mode: Mode,
    listener: &mut Listener<'_>,
) -> Result<Outcome> {
    let mut conn = job.access.open_for_history()?;
    let survey = job.survey(&mut conn)?;
    let names = plan::undo(&survey.rows, &Back::All)?;
    let everything: Vec<Name> = survey.known.iter().map(|known| known.name.clone()).collect();
    let modes = server::session_modes(&mut conn).map_err(|error| job.access.explain(&error))?;
    up::look_through(job, &everything, modes)?;
    if names.is_empty() {
        drop(conn);
        return up::run(job, guards, &UpTo::Everything, Late::Run, mode, listener);
    }
    let tasks = undo::tasks(job, &mut conn, &survey, &names, downs, listener)?;
    if mode == Mode::Print {
        dry_run::downs(job, &tasks, listener)?;
        return dry_run::ups(job, &mut conn, &survey.ledger, &everything, listener);
    }
    guard::production(guards, listener)?;
    guard::protected((job, guards), survey.ledger.protection.as_ref())?;
    guard::announce((job, guards), &mut conn, &tasks, guard::Ask::Confirmation, listener)?;
    drop(conn);
    up::tell_of_the_future(job, &everything, listener);
    let back = |ledger: &Ledger| undo::goal(job, &survey, &Back::All, &names, downs, ledger);
    let again = |ledger: &Ledger| up::goal((job, guards), &survey.known, (&UpTo::Everything, Late::Run), ledger);
    apply::apply(job, listener, &[&back, &again])?;
    Ok(Outcome::Done)
}
