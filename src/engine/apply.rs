//! Runs migrations under the lock until they are where they were asked to be: through a lost connection too.

use crate::db::connect::with_said;
use crate::db::error_code;
use crate::db::monitor::{self, Watch};
use crate::engine::called_code;
use crate::engine::concurrent_change::Aim;
use crate::engine::evidence::Evidence;
use crate::engine::goal::{Check, Goal};
use crate::engine::history::{self, Ledger};
use crate::engine::job::Job;
use crate::engine::journal;
use crate::engine::make_tasks::{self};
use crate::engine::preflight;
use crate::engine::recovery;
use crate::engine::refinery;
use crate::engine::run;
use crate::engine::run_lock::Held;
use crate::engine::session::{Halt, Known, Session};
use crate::engine::task::Task;
use crate::error::{Error, Kind, Result};
use crate::event::{Event, Listener, Note};
use crate::migration::name::{Direction, Name};
use crate::migration::plan;
use crate::script::source_text::Text;
use std::sync::Arc;
use std::time::Duration;

/// How often a run goes on after a lost connection before it gives up.
const TRIES: u32 = 5;

/// Takes the lock, and brings the migrations where the goals say, one goal after the other: nobody comes between an undo
/// and the up that follows it. Each check sees the history once more under the lock: what was planned without it may be out
/// of date.
pub fn apply(job: &Job<'_>, listener: &mut Listener<'_>, checks: &[Check<'_>]) -> Result<()> {
    let watch = Arc::new(Watch::default());
    monitor::over(&watch, job.context.signals, listener, |listener| attempts(job, &watch, listener, checks))
}

fn attempts(job: &Job<'_>, watch: &Arc<Watch>, listener: &mut Listener<'_>, checks: &[Check<'_>]) -> Result<()> {
    let mut way = Way::default();
    let mut lost: Option<mysql::Error> = None;
    // A signal that came while another part of the command ran.
    stop_if_asked(job, None, &rest(&way, checks))?;
    for attempt in 0..=TRIES {
        if attempt > 0 {
            std::thread::sleep(Duration::from_millis(200 * u64::from(attempt * attempt)));
        }
        let opened = Held::take(job.access, job.wait, watch, listener).and_then(|held| {
            let session = Session::open(job.access, &held, job.wait, job.context.patience, listener)?;
            Ok((held, session))
        });
        let (_held, mut session) = match opened {
            Ok(both) => both,
            // The server may be starting again after a crash, or the lost connection's statement may still run.
            Err(error) if lost.is_some() && matches!(error.kind(), Kind::Unreachable | Kind::Locked) => {
                stop_if_asked(job, lost.as_ref(), &rest(&way, checks))?;
                continue;
            }
            Err(error) => return Err(way.told(error)),
        };
        session.first_run = way.first_run;
        match each(job, &mut session, checks, &mut way, listener) {
            Ok(()) => return Ok(()),
            Err(Halt::Failed(error)) => return Err(way.told(error)),
            Err(Halt::Lost(error)) => {
                log::info!("connection lost: {error}");
                let is_locked = error_code::is_lock_timeout(&error);
                // A number that nothing was written with may be another runner's by now.
                way.first_run = session.first_run.filter(|_| session.commits > 0).or(way.first_run);
                let (unsaid, known) = session.left();
                way.unsaid.extend(unsaid);
                way.known = known.or(way.known);
                way.has_begun = true;
                // A signal has ended the wait of a row of uturn's own, which says nothing that is not found out again.
                if error_code::is_interrupted(&error) && way.known.is_none() {
                    stop_if_asked(job, Some(&error), &rest(&way, checks))?;
                }
                listener(Event::Note(if is_locked { Note::RecordLocked } else { Note::ConnectionLost }));
                lost = Some(error);
            }
        }
    }
    Err(gone(lost, &rest(&way, checks)))
}

/// How far a run has come, whatever becomes of its connections.
#[derive(Default)]
struct Way {
    /// How many goals are reached.
    reached: usize,
    /// The goal after them, once it is known.
    aim: Option<Aim>,
    /// Something of the run may have been committed.
    has_begun: bool,
    /// What this process alone knows of a session that was lost: what would have been told once it is committed.
    unsaid: Vec<Event>,
    /// The statement that the server has answered.
    known: Option<Known>,
    /// The number of the first run of this `up`.
    first_run: Option<u64>,
}

impl Way {
    /// A failure, with what is true of the run as a whole.
    fn told(&self, error: Error) -> Error {
        if self.has_begun || self.reached > 0 { error.after_a_start() } else { error }
    }

    /// The goal, from the history as it is now that the lock is held: made the first time, and behind a lost connection
    /// looked at once more.
    fn aim(&mut self, ledger: &Ledger, check: Check<'_>) -> Result<&Aim> {
        let aim = match self.aim.take() {
            None => Aim { goal: check(ledger)?, found: ledger.clone() },
            Some(aim) => {
                self.has_begun = !aim.is_untouched(ledger);
                aim.look_again(ledger, check)?;
                aim
            }
        };
        Ok(self.aim.insert(aim))
    }
}

/// The goals that are left, one after the other.
fn each(
    job: &Job<'_>,
    session: &mut Session,
    checks: &[Check<'_>],
    way: &mut Way,
    listener: &mut Listener<'_>,
) -> std::result::Result<(), Halt> {
    while let Some(check) = checks.get(way.reached) {
        if way.reached > 0 {
            stop_if_asked(job, None, &rest(way, checks))?;
            session.renew(listener)?;
        }
        once(job, session, way, *check, listener)?;
        way.reached += 1;
        way.aim = None;
    }
    Ok(())
}

/// What completes a run of which nobody knows how much is done: to say `--steps N` twice is to undo more.
fn rest(way: &Way, checks: &[Check<'_>]) -> String {
    let same = "run the same command again";
    let is_last = way.reached + 1 >= checks.len();
    match &way.aim {
        Some(aim) => match (aim.command(), is_last) {
            (Some(command), true) => format!("run `{command}`"),
            (Some(command), false) => format!("run `{command}`, and `uturn up` after it"),
            (None, _) => format!("look at `uturn status`; where it is not done yet, {same}"),
        },
        // The undo that a redo or reset begins with is done.
        None if way.reached > 0 => "run `uturn up`".to_owned(),
        None => same.to_owned(),
    }
}

/// Between two statements, while nothing runs: a signal ends it at once.
fn stop_if_asked(job: &Job<'_>, lost: Option<&mysql::Error>, rest: &str) -> Result<()> {
    let Some((signal, _)) = (job.context.signals)() else { return Ok(()) };
    let truth = match lost {
        Some(_) => "what is done is recorded up to the last line above; the statement under way may have taken effect",
        None => "what is done is recorded up to the last line above",
    };
    Err(Error::new(signal.kind(), format!("stopped by {}", signal.word()))
        .truth(truth)
        .hint(format!("{rest}; it determines what was applied and resumes; `uturn status` shows where it stands")))
}

fn gone(lost: Option<mysql::Error>, rest: &str) -> Error {
    if let Some(error) = lost.as_ref().filter(|error| error_code::is_lock_timeout(error)) {
        let what = "another session keeps rows of uturn's own tables locked";
        return with_said(Error::new(Kind::Stopped, what), error)
            .truth("what is done is recorded up to the last line above; what was not committed is rolled back")
            .hint(format!("end that session's transaction (`SHOW FULL PROCESSLIST`), then {rest}"));
    }
    let what = match lost {
        Some(error) => format!("the connection was lost and could not be made again: {error}"),
        None => "the connection was lost and could not be made again".to_owned(),
    };
    Error::new(Kind::Stopped, what)
        .truth("what is done is recorded up to the last line above; the statement under way may have taken effect")
        .hint(format!("{rest}; it determines what was applied and resumes; `uturn status` shows where it stands"))
}

/// One attempt at one goal, on one connection.
fn once(
    job: &Job<'_>,
    session: &mut Session,
    way: &mut Way,
    check: Check<'_>,
    listener: &mut Listener<'_>,
) -> std::result::Result<(), Halt> {
    let mut ledger = session.aside(|session| history::read_aside(&mut session.conn, job.access))?.map_err(lost)?;
    say(&mut way.unsaid, &ledger, listener);
    let known = way.known.clone();
    let aim = way.aim(&ledger, check)?;
    let wanted = aim.goal.clone();
    if let Some(open) = ledger.open.take() {
        let script = script_of(job, &open);
        let open = recovery::settle(session, open, script.as_deref(), known.as_ref(), listener)?;
        aim.goes_on_with(&open)?;
        ledger.open = Some(open);
        ledger.hidden = called_code::variables(session)?;
    }
    if wanted.names().is_empty() {
        listener(Event::Nothing(wanted.nothing()));
        return Ok(());
    }
    let tasks = tasks(job, session, &wanted, &ledger)?;
    preflight::check(session, &tasks, listener)?;
    if tasks.is_empty() {
        return Ok(());
    }
    session.aside(|session| refinery::make_tables(session, &ledger))?.map_err(lost)?;
    let before = session.commits;
    all(job, session, &tasks, listener).map_err(|halt| match session.commits > before {
        true => halt.after_a_start(),
        false => halt,
    })
}

/// Runs the tasks, one after the other.
fn all(
    job: &Job<'_>,
    session: &mut Session,
    tasks: &[Task],
    listener: &mut Listener<'_>,
) -> std::result::Result<(), Halt> {
    for (index, task) in tasks.iter().enumerate() {
        session.upcoming = tasks.get(index + 1).and_then(|next| run::first_scope(session, next));
        refinery::run(session, task, &job.context, listener)?;
        if let Some(taken_back) = task.takes_back {
            session.flush(listener)?;
            compare(session, task, taken_back, listener)?;
        }
    }
    session.flush(listener)
}

/// Under the lock a server that does not answer is a lost connection: the run goes on with a new one.
fn lost(error: Error) -> Halt {
    match error.kind() {
        Kind::Unreachable => Halt::Lost(mysql::Error::server_disconnected()),
        _ => Halt::Failed(error),
    }
}

/// Tells what was committed while the connection was lost.
fn say(unsaid: &mut Vec<Event>, ledger: &Ledger, listener: &mut Listener<'_>) {
    for event in unsaid.drain(..) {
        if let Event::Finished(finished) = &event {
            let applied = ledger.row(finished.name.version()).is_some();
            if applied == (finished.direction == Direction::Up) {
                listener(event);
            }
        }
    }
}

fn script_of(job: &Job<'_>, open: &journal::OpenRun) -> Option<Text> {
    match (open.direction, &open.down) {
        (Direction::Up, _) => make_tasks::up_file(job.migrations, &open.name).ok().map(|up| up.text.clone()),
        // A statement is known by what it is without its secrets.
        (Direction::Down, journal::Down::Script(text) | journal::Down::WithoutSecrets(text)) => Some(text.clone()),
        (Direction::Down, journal::Down::Irreversible(_)) => None,
    }
}

/// The tasks that are left: those whose migrations are not where they are wanted.
fn tasks(job: &Job<'_>, session: &mut Session, goal: &Goal, ledger: &Ledger) -> std::result::Result<Vec<Task>, Halt> {
    let modes = session.server.modes();
    let is_open = |name: &Name| ledger.open.as_ref().is_some_and(|open| open.name.version() == name.version());
    let left = |wanted: bool| {
        let there = move |name: &&Name| ledger.row(name.version()).is_some() == wanted || is_open(name);
        // The one that is open first: a run that begins while another one is open would make it a forgotten one.
        let (mut open, rest): (Vec<Name>, Vec<Name>) = goal.names().iter().filter(there).cloned().partition(is_open);
        open.extend(rest);
        open
    };
    match goal {
        Goal::Up(_) => {
            let names = left(false);
            let tasks =
                names.iter().map(|name| make_tasks::up(make_tasks::file_of(job.migrations, name)?, ledger, modes));
            Ok(tasks.collect::<Result<Vec<Task>>>()?)
        }
        Goal::Down(_, from) => {
            let names = left(true);
            let kept = kept(session, ledger, &names)?;
            // What there is to tell of them was told when the undo was planned.
            make_tasks::downs(&names, job.migrations, ledger, &kept, *from, modes, job.access, &mut |_| {})
                .map_err(lost)
        }
    }
}

fn kept(session: &mut Session, ledger: &Ledger, names: &[Name]) -> std::result::Result<make_tasks::KeptDowns, Halt> {
    if !ledger.layout.journal {
        return Ok(make_tasks::KeptDowns::new());
    }
    let versions: Vec<_> = names.iter().map(Name::version).collect();
    let schema = session.schema().to_owned();
    let kept = session.aside(|session| journal::kept(&mut session.conn, &schema, &versions))?;
    kept.map_err(|error| session.halt(error))
}

/// After a half-run migration was taken back: is everything as it was before it?
fn compare(session: &mut Session, task: &Task, run: u64, listener: &mut Listener<'_>) -> std::result::Result<(), Halt> {
    let schema = session.schema().to_owned();
    let texts = session.aside(|session| journal::evidence_of(&mut session.conn, &schema, run, None))?;
    let texts = texts.map_err(|error| session.halt(error))?;
    let before = Evidence::earliest(texts.iter().filter_map(|text| Evidence::from_json(text)));
    let now = session.look(before.scope.clone())?;
    let different = before.redefined(&now);
    if !different.is_empty() {
        listener(Event::Note(Note::NotAsBefore(task.name.clone(), different)));
    }
    Ok(())
}

/// The goal of an `up`, as the plan names it under the lock.
pub fn up_goal(
    job: &Job<'_>,
    known: &[plan::Known],
    ledger: &Ledger,
    request: &plan::UpTo,
    late: plan::Late,
) -> Result<plan::UpPlan> {
    let rows = plan::survey(known, &ledger.history, ledger.stopped().as_ref());
    Ok(plan::up(&rows, job.unnamed, request, late)?)
}

/// The goal of an undo, as the plan names it under the lock.
pub fn undo_goal(job: &Job<'_>, ledger: &Ledger, request: &plan::Back) -> Result<Vec<Name>> {
    let known = history::known(job.migrations, &ledger.history);
    let rows = plan::survey(&known, &ledger.history, ledger.stopped().as_ref());
    Ok(plan::undo(&rows, request)?)
}
