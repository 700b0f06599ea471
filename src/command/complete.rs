//! `uturn resolve M --applied`: a person has completed a migration that stopped part-way.

use crate::command::{Guards, Mode, Outcome, dry_run, guard};
use crate::engine::apply;
use crate::engine::concurrent_change;
use crate::engine::goal::Goal;
use crate::engine::history::Ledger;
use crate::engine::job::Job;
use crate::engine::journal::{self, Down, OpenRun, OwnRow, StepRow, StepState, StepText};
use crate::engine::make_tasks::{self, Downs, KeptDowns};
use crate::engine::preflight;
use crate::engine::program::packed::Steps;
use crate::engine::program::step::Step;
use crate::engine::run_lock::Held;
use crate::engine::session::{Halt, Session};
use crate::engine::task::Task;
use crate::error::{Error, Kind, Result};
use crate::event::{Event, Listener, Note};
use crate::migration::name::{Direction, Name};
use crate::migration::plan;
use crate::script::lexer::Modes;
use crate::script::source_text::Text;
use std::sync::Arc;

/// Records the statements that are left as done, and then the migration, as a run does that finds all of them done.
pub fn run(
    job: &Job<'_>,
    guards: &Guards<'_>,
    target: &str,
    mode: Mode,
    listener: &mut Listener<'_>,
) -> Result<Outcome> {
    let held = Held::take(job.access, job.wait, &Arc::default(), listener)?;
    let mut session = Session::open(job.access, &held, job.wait, job.context.patience, listener)?;
    let survey = job.survey(&mut session.conn)?;
    let name = plan::resolve(&survey.rows, target)?.name.clone();
    let mut ledger = survey.ledger;
    let Some(open) = ledger.open.take().filter(|open| open.name.version() == name.version()) else {
        return Err(not_stopped(&name));
    };
    let modes = session.server.modes();
    let (path, text) = script(job, &open)?;
    let left = left(&open, &preflight::steps(&path, &text, modes)?);
    let rows = rows(job, &session, &open, &text, &left);
    ledger.open = Some(completed(&open, &text, &left));
    look_through(job, &open, &ledger, modes, listener)?;
    if mode == Mode::Print {
        rows.into_iter().for_each(|row| listener(Event::Sql(format!("{row}\n"))));
        return print(job, &mut session, &open, &ledger, modes, listener);
    }
    ask((job, guards), &open, &ledger, (&text, &left), listener)?;
    rows.iter().for_each(|row| session.later(row));
    session.flush(listener).map_err(|halt| match halt {
        Halt::Failed(error) => error,
        Halt::Lost(error) => job.access.explain(&error),
    })?;
    drop(session);
    drop(held);
    apply::apply(job, listener, &[&|now| goal(&open, now)])?;
    Ok(Outcome::Done)
}

fn not_stopped(name: &Name) -> Error {
    Error::new(Kind::Target, format!("migration `{name}` did not stop part-way"))
        .truth("nothing has been changed")
        .hint("`uturn status` shows what stopped")
}

/// The script that stopped: an up as its file is now, a down as it was recorded.
fn script(job: &Job<'_>, open: &OpenRun) -> Result<(String, Text)> {
    let file = open.name.file(open.direction);
    match (open.direction, &open.down) {
        (Direction::Up, _) => {
            let up = make_tasks::up_file(job.migrations, &open.name)?;
            Ok((up.path.clone(), up.text.clone()))
        }
        (Direction::Down, Down::Script(text) | Down::WithoutSecrets(text)) => Ok((file, text.clone())),
        (Direction::Down, Down::Irreversible(reason)) => {
            let what = format!("migration `{}` has no down: {reason}", open.name);
            Err(Error::new(Kind::History, what).truth("nothing has been changed"))
        }
    }
}

/// What is left to run, and the last statement of any kind: behind it nothing is run again.
fn left(open: &OpenRun, steps: &Steps) -> Vec<Step> {
    let from = open.resume_at() - 1;
    let is_left = |step: &Step| step.action.is_durable() || step.number == steps.len();
    steps.range(from..steps.len()).filter(is_left).collect()
}

fn rows(job: &Job<'_>, session: &Session, open: &OpenRun, text: &Text, left: &[Step]) -> Vec<String> {
    let describe = |step: &Step| StepText {
        run: open.number,
        number: step.number,
        kind: step.action.word(),
        text: &text[step.span.clone()],
    };
    let how = format!("a person said so: {} ({})", job.context.os_user, session.server.user);
    let left: Vec<StepText<'_>> = left.iter().map(describe).collect();
    journal::all_done(&job.access.database, open, &left, &how)
}

/// The run as it will be.
fn completed(open: &OpenRun, text: &Text, left: &[Step]) -> OpenRun {
    let done = |step: &Step| {
        let text = &text[step.span.clone()];
        StepRow {
            number: step.number,
            state: StepState::Done,
            sha256: journal::digest(text),
            head: journal::head(text),
            evidence: String::new(),
            error: None,
            row: OwnRow::Step,
        }
    };
    let mut open = open.clone();
    open.steps.retain(|step| step.state.is_over());
    open.steps.extend(left.iter().map(done));
    open
}

/// What would stand in the way of recording the migration is told before anything is written.
fn look_through(
    job: &Job<'_>,
    open: &OpenRun,
    ledger: &Ledger,
    modes: Modes,
    listener: &mut Listener<'_>,
) -> Result<Vec<Task>> {
    let names = [open.name.clone()];
    match open.direction {
        Direction::Up => Ok(vec![make_tasks::up(make_tasks::file_of(job.migrations, &open.name)?, ledger, modes)?]),
        Direction::Down => {
            let kept = KeptDowns::new();
            make_tasks::downs(&names, job.migrations, ledger, &kept, Downs::default(), modes, job.access, listener)
        }
    }
}

fn print(
    job: &Job<'_>,
    session: &mut Session,
    open: &OpenRun,
    ledger: &Ledger,
    modes: Modes,
    listener: &mut Listener<'_>,
) -> Result<Outcome> {
    match open.direction {
        Direction::Up => dry_run::ups(job, &mut session.conn, ledger, std::slice::from_ref(&open.name), listener),
        Direction::Down => {
            let tasks = look_through(job, open, ledger, modes, &mut |_| {})?;
            dry_run::downs(job, &tasks, listener)
        }
    }
}

/// Names the statements, and asks. A down that is recorded is guarded as one that runs.
fn ask(
    (job, guards): (&Job<'_>, &Guards<'_>),
    open: &OpenRun,
    ledger: &Ledger,
    (text, left): (&Text, &[Step]),
    listener: &mut Listener<'_>,
) -> Result<()> {
    if open.direction == Direction::Down {
        guard::production(guards, listener)?;
        guard::protected((job, guards), ledger.protection.as_ref())?;
    }
    let list = left.iter().map(|step| (step.number, journal::head(&text[step.span.clone()]))).collect();
    listener(Event::Note(Note::CountsAsDone(open.name.clone(), open.direction, list)));
    guard::confirmed(guards)
}

/// Between the two locks somebody else may have recorded it; nothing else is gone on with.
fn goal(open: &OpenRun, now: &Ledger) -> Result<Goal> {
    let is_same = now.open.as_ref().is_some_and(|run| run.number == open.number);
    let is_applied = now.row(open.name.version()).is_some();
    if !is_same && is_applied != (open.direction == Direction::Up) {
        return Err(concurrent_change::changed());
    }
    let names = vec![open.name.clone()];
    Ok(match open.direction {
        Direction::Up => Goal::Up(names),
        Direction::Down => Goal::Down(names, Downs::default()),
    })
}
