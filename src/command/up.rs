//! `uturn up`: runs what is pending, oldest first.

use crate::command::{Guards, Mode, Outcome, dry_run, new, non_empty};
use crate::engine::apply;
use crate::engine::goal::Goal;
use crate::engine::history::Ledger;
use crate::engine::job::Job;
use crate::engine::{make_tasks, preflight};
use crate::error::Result;
use crate::event::{Event, Listener, Note, Nothing};
use crate::migration::name::Name;
use crate::migration::pair::Fault;
use crate::migration::plan::{self, Known, Late, Refusal, UpTo};

/// Runs it, or prints it.
pub fn run(
    job: &Job<'_>,
    guards: &Guards<'_>,
    request: &UpTo,
    late: Late,
    mode: Mode,
    listener: &mut Listener<'_>,
) -> Result<Outcome> {
    let mut conn = job.access.open_for_history()?;
    let survey = job.survey(&mut conn)?;
    let plan = plan::up(&survey.rows, job.unnamed, request, late)?;
    if plan.run.is_empty() {
        listener(Event::Nothing(Nothing::Pending));
        return Ok(Outcome::Done);
    }
    non_empty::refuse((job, guards), &survey.ledger)?;
    if !plan.late.is_empty() {
        listener(Event::Note(Note::Late(plan.late.clone())));
    }
    tell_of_the_future(job, &plan.run, listener);
    if mode == Mode::Print {
        return dry_run::ups(job, &mut conn, &survey.ledger, &plan.run, listener);
    }
    drop(conn);
    apply::apply(job, listener, &[&|ledger| goal((job, guards), &survey.known, (request, late), ledger)])?;
    Ok(Outcome::Done)
}

/// To run what the request means once the lock is held.
pub fn goal(
    job: (&Job<'_>, &Guards<'_>),
    known: &[Known],
    (request, late): (&UpTo, Late),
    ledger: &Ledger,
) -> Result<Goal> {
    let run = apply::up_goal(job.0, known, ledger, request, late)?.run;
    if !run.is_empty() {
        non_empty::refuse(job, ledger)?;
    }
    Ok(Goal::Up(run))
}

/// Points out the migrations whose timestamps lie ahead.
pub fn tell_of_the_future(job: &Job<'_>, names: &[Name], listener: &mut Listener<'_>) {
    let future = in_future(job, names);
    if !future.is_empty() {
        listener(Event::Note(Note::InFuture(future)));
    }
}

/// A timestamp that lies ahead makes every migration written until then a late one. A day ahead is a local time.
pub fn in_future(job: &Job<'_>, names: &[Name]) -> Vec<Name> {
    let tomorrow = new::version(job.now + time::Duration::days(1));
    names.iter().filter(|name| name.version() > tomorrow).cloned().collect()
}

/// The pairs of these ups, split and looked through, without a server: what can be refused is refused before an undo.
pub fn look_through(job: &Job<'_>, names: &[Name], modes: crate::script::lexer::Modes) -> Result<()> {
    let migrations = names.iter().map(|name| make_tasks::file_of(job.migrations, name)).collect::<Result<Vec<_>>>()?;
    let faults: Vec<Fault> = migrations.iter().filter_map(|migration| migration.scripts().err()).flatten().collect();
    if !faults.is_empty() || !job.unnamed.is_empty() {
        return Err(Refusal::Faulty([job.unnamed, &faults].concat(), None).into());
    }
    for up in migrations.iter().flat_map(|migration| &migration.up) {
        let (path, text) = (&up.path, &up.text);
        let steps = preflight::steps(path, text, modes)?;
        preflight::check_local_files(path, text, &steps, &job.access.local_files)?;
        preflight::wish(path, text, modes)?;
    }
    Ok(())
}
