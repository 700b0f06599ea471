//! `uturn undo`: undoes the newest applied migration, or more. Never skips one, never stops half-way for a reason that
//! could be known before.

use crate::command::guard::Ask;
use crate::command::newest::{self, Request};
use crate::command::{Guards, Mode, Outcome, dry_run, guard};
use crate::db::server;
use crate::engine::apply;
use crate::engine::concurrent_change;
use crate::engine::goal::Goal;
use crate::engine::history::Ledger;
use crate::engine::job::{Job, Survey};
use crate::engine::journal;
use crate::engine::make_tasks::{self, Downs, KeptDowns};
use crate::engine::preflight;
use crate::engine::program::step::Step;
use crate::engine::task::Task;
use crate::error::Result;
use crate::event::{Event, Listener, Note, Nothing};
use crate::migration::name::Name;
use crate::migration::no_effect;
use crate::migration::plan::{self, Back};
use mysql::Conn;

/// Runs it, or prints it.
pub fn run(
    job: &Job<'_>,
    guards: &Guards<'_>,
    request: &Request,
    downs: Downs,
    mode: Mode,
    listener: &mut Listener<'_>,
) -> Result<Outcome> {
    let mut conn = job.access.open_for_history()?;
    let survey = job.survey(&mut conn)?;
    let request = &newest::resolve(job, &mut conn, &survey, request)?;
    let names = plan::undo(&survey.rows, request)?;
    if names.is_empty() {
        listener(Event::Nothing(Nothing::Applied));
        return Ok(Outcome::Done);
    }
    let tasks = tasks(job, &mut conn, &survey, &names, downs, listener)?;
    if mode == Mode::Print {
        newest::note(job, &mut conn, &survey, (request, &names), listener)?;
        return dry_run::downs(job, &tasks, listener);
    }
    guard::production(guards, listener)?;
    guard::protected((job, guards), survey.ledger.protection.as_ref())?;
    newest::ask((job, guards), &mut conn, &survey, (request, "undo"), &names)?;
    guard::announce((job, guards), &mut conn, &tasks, ask(request, &names), listener)?;
    drop(conn);
    apply::apply(job, listener, &[&|ledger| goal(job, &survey, request, &names, downs, ledger)])?;
    Ok(Outcome::Done)
}

/// To undo these migrations, if they are still those that the request means once the lock is held.
pub fn goal(
    job: &Job<'_>,
    survey: &Survey,
    request: &Back,
    names: &[Name],
    downs: Downs,
    ledger: &Ledger,
) -> Result<Goal> {
    guard::still(survey.ledger.protection.as_ref(), ledger.protection.as_ref())?;
    newest::still(request, survey, ledger)?;
    let now = apply::undo_goal(job, ledger, request)?;
    if now == names { Ok(Goal::Down(now, downs)) } else { Err(concurrent_change::changed()) }
}

/// All downs, looked up and looked through.
pub fn tasks(
    job: &Job<'_>,
    conn: &mut Conn,
    survey: &Survey,
    names: &[Name],
    downs: Downs,
    listener: &mut Listener<'_>,
) -> Result<Vec<Task>> {
    let explain = |error: mysql::Error| job.access.explain(&error);
    let modes = server::session_modes(conn).map_err(explain)?;
    let kept = if survey.ledger.layout.journal {
        let versions: Vec<_> = names.iter().map(Name::version).collect();
        journal::kept(conn, &job.access.database, &versions).map_err(explain)?
    } else {
        KeptDowns::new()
    };
    let tasks = make_tasks::downs(names, job.migrations, &survey.ledger, &kept, downs, modes, job.access, listener)?;
    for task in &tasks {
        preflight::check_local_files(&task.path, &task.text, &task.steps, &job.access.local_files)?;
        if does_nothing(job, task) {
            listener(Event::Note(Note::DownDoesNothing(task.name.clone())));
        }
    }
    Ok(tasks)
}

/// Its up may have done nothing either.
fn does_nothing(job: &Job<'_>, task: &Task) -> bool {
    let up = job.migrations.iter().find(|migration| migration.name == task.name);
    let is_idle = |step: Step| no_effect::statement(task.text_of(&step), step.modes);
    task.steps.iter().all(is_idle) && !up.is_some_and(|up| up.up.as_ref().is_ok_and(|up| no_effect::text(&up.text)))
}

fn ask(request: &Back, names: &[Name]) -> Ask {
    match request {
        Back::All => Ask::Confirmation,
        Back::To(_) | Back::Keep(_) | Back::Each(_) if names.len() > 1 => Ask::Confirmation,
        Back::To(_) | Back::Keep(_) | Back::Each(_) | Back::Steps(_) | Back::Newest => Ask::Nothing,
    }
}
