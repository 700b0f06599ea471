//! Runs a script's statements, each exactly once, and writes down what is about to happen before it does.
//!
//! DML needs no intent: it shares a transaction with its rows in the journal. Everything that commits by itself is
//! announced first (`announce`), with what its outcome will be recognised by. Statements that only set up the session
//! leave no row; whoever goes on behind them runs them again.

mod autocommit;
mod call;
mod dml_group;
pub mod error_cause;
mod failure;
mod hint;
mod lock_retry;
mod warnings;

use crate::engine::job::{RunContext, Warnings};
use crate::engine::program::step::{Action, Step};
use crate::engine::task::Task;
pub use autocommit::first_scope;

use crate::db::local_infile;
use crate::db::packet::{self, Answer, Rows};
use crate::engine::journal::{self, NewRun, OwnRow, StepText};
use crate::engine::session::{Behind, Halt, Session};
use crate::event::{Event, Finished, Listener, Note, Started, Waits};
use crate::migration::name::Direction;
use crate::script::lexer::Code;
use crate::statement::session_effects;
use std::time::{Duration, Instant};

/// One script under way.
pub struct Script<'a, 'l> {
    session: &'a mut Session,
    task: &'a Task,
    context: &'a RunContext<'a>,
    listener: &'a mut Listener<'l>,
    run: u64,
    /// The run's row is written, or waits for the next commit.
    begun: bool,
    /// Where the journal's rows of its statements go.
    row: OwnRow,
    /// Statements before this index are done.
    done: usize,
    rows: u64,
    /// So many of them are in the run's row, or wait to be.
    counted: u64,
    started: Instant,
    /// What is under way changes rows that no transaction protects.
    is_unprotected: bool,
    /// Who kept the last statement waiting.
    waits: Option<Waits>,
    /// How long it took.
    took: Duration,
}

/// Longer statements are sent by themselves: the rows in front of them would be sent twice where a lock is in the way.
const RIDES_AT_MOST: usize = 64 * 1024;

/// What a failed statement left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Effect {
    None,
    Part(Vec<String>),
    Unknown,
}

type Run<T> = std::result::Result<T, Halt>;

/// Runs a script up to its last statement. Its record, refinery's row, is written by `record`.
pub fn run<'a, 'l>(
    session: &'a mut Session,
    task: &'a Task,
    context: &'a RunContext<'a>,
    listener: &'a mut Listener<'l>,
) -> Run<Script<'a, 'l>> {
    session.renew(listener)?;
    session.named.begin_script();
    (context.begin)();
    let (run, from) = task.resumes.unwrap_or((session.next_run, 1));
    if task.resumes.is_none() {
        session.next_run += 1;
    }
    if task.direction == Direction::Up {
        session.first_run.get_or_insert(run);
    }
    let leaves_a_row = |step: &Step| step.action.is_durable();
    listener(Event::Started(Started {
        name: task.name.clone(),
        direction: task.direction,
        from: match task.resumes {
            Some(_) => task.steps.range(from - 1..task.steps.len()).find(leaves_a_row).map_or(from, |step| step.number),
            None => 1,
        },
        statements: task.steps.len(),
    }));
    let mut script = Script {
        session,
        task,
        context,
        listener,
        run,
        begun: false,
        row: match task.resumes.is_none() && task.steps.leave_one_row() {
            true => OwnRow::Run,
            false => OwnRow::Step,
        },
        done: from - 1,
        rows: 0,
        counted: 0,
        started: Instant::now(),
        is_unprotected: false,
        waits: None,
        took: Duration::ZERO,
    };
    script.take_patience()?;
    script.replay()?;
    script.all(from - 1)?;
    Ok(script)
}

/// A user variable lives as long as the session.
fn sets_a_variable(text: &str) -> bool {
    text.contains('@')
}

impl Script<'_, '_> {
    /// Writes refinery's row (or takes it away) and closes the run, in one transaction. It is committed together with
    /// the intent of the next script, or by `Session::flush`.
    pub fn record(mut self, history: &str) -> Run<()> {
        self.open_run();
        self.session.later(history);
        self.end_run("done", None);
        // An INSERT has set it for the session, and the next script must not see it.
        if self.task.steps.hold_dml() {
            self.session.later("DO LAST_INSERT_ID(0)");
        }
        if let Some(taken_back) = self.task.takes_back {
            self.session.run(taken_back).end("undone", None);
        }
        let finished = Event::Finished(Finished {
            name: self.task.name.clone(),
            direction: self.task.direction,
            statements: self.task.steps.len(),
            rows: self.rows,
            elapsed: self.started.elapsed(),
        });
        self.session.tell_later(finished);
        self.commit_unless_seen(self.task.steps.len())
    }

    /// Commits DML, in front of the statement with this index: at once, unless nothing is to be asked for that one. Then its
    /// intent goes into the same transaction.
    fn commit_unless_seen(&mut self, next: usize) -> Run<()> {
        let is_seen = || self.upcoming(next).is_some_and(|scope| self.session.has_seen(&scope));
        let may_stay = || self.task.takes_back.is_none() && is_seen() && self.session.waits_for_little();
        match self.session.in_transaction {
            true if may_stay() => Ok(()),
            true => self.commit(next),
            // Of a script that leaves no trace, its own row.
            false if self.session.waits_for_little() => Ok(()),
            false => self.session.flush(self.listener),
        }
    }

    /// The same at once, and a look for that statement.
    fn commit(&mut self, next: usize) -> Run<()> {
        let ahead = self.upcoming(next);
        self.session.commit_and_look(ahead, self.listener)
    }

    /// The session's settings that the statements before the first one to run have made.
    fn replay(&mut self) -> Run<()> {
        let task = self.task;
        for step in task.again.iter().filter_map(|number| task.steps.get(number - 1)) {
            self.session.touched = true;
            if let Err(error) = self.send(&step).and_then(|_| self.follow(&step)) {
                return Err(self.not_again(&step, &error));
            }
        }
        Ok(())
    }

    fn all(&mut self, from: usize) -> Run<()> {
        let task = self.task;
        let mut next = from;
        while let Some(step) = task.steps.get(next) {
            self.listen_for_signals(next)?;
            // Of a group of DML each statement is asked about when it is sent.
            let is_dml = matches!(step.action, Action::Dml);
            let lacks = if is_dml { Ok(None) } else { self.lacks_its_last_id(&step) };
            if let Some(rule) = lacks.map_err(|error| self.session.halt(error))? {
                self.stop_for(&step, rule)?;
            }
            next = match &step.action {
                Action::Session => {
                    if self.session.in_transaction {
                        self.commit(next)?;
                    }
                    self.set(&step)?
                }
                Action::LeaveOut(why) => {
                    let note = Note::LeftOut(task.name.clone(), step.number, (*why).to_owned());
                    (self.listener)(Event::Note(note));
                    next + 1
                }
                Action::Boundary => {
                    if self.session.in_transaction {
                        self.commit(next + 1)?;
                    }
                    next + 1
                }
                Action::Dml => self.dml(next)?,
                Action::Ddl(ddl) => self.announced(&step, Some(ddl))?,
                Action::Maintenance | Action::Global => self.announced(&step, None)?,
                Action::Call => self.call(&step)?,
            };
            if !self.session.in_transaction {
                self.done = next;
            }
        }
        Ok(())
    }

    /// A statement that only sets up the session.
    fn set(&mut self, step: &Step) -> Run<usize> {
        self.session.touched = true;
        match self.send(step).and_then(|answer| self.follow(step).map(|()| answer)) {
            Ok(answer) => match self.objection(&answer) {
                Some(rule) => self.stop_for(step, rule),
                None => Ok(step.number),
            },
            Err(error) => self.fail(step, &error, Effect::None),
        }
    }

    /// Behind USE, names without a schema mean others. MariaDB's EXECUTE may hold it.
    fn follow(&mut self, step: &Step) -> mysql::Result<()> {
        let first = Code::new(self.task.text_of(step), step.modes).next();
        if first.is_some_and(|(_, word)| ["USE", "EXECUTE"].iter().any(|one| word.eq_ignore_ascii_case(one))) {
            let answer = packet::ask(
                &mut self.session.conn,
                "SELECT CAST(CONVERT(DATABASE() USING utf8mb4) AS BINARY) LIMIT 1",
            )?;
            self.session.used = answer[0].first().and_then(|row| packet::maybe_word(row, 0));
        }
        Ok(())
    }

    /// Why a statement cannot run that asks for LAST_INSERT_ID(), where a session that has ended may have had one, and this one
    /// has none.
    fn lacks_its_last_id(&mut self, step: &Step) -> mysql::Result<Option<String>> {
        let is_run = step.action.is_durable() || matches!(step.action, Action::Session);
        if !self.task.last_id_is_gone
            || !is_run
            || step.shape.is_some()
            || !session_effects::asks_last_id(self.task.text_of(step), step.modes)
        {
            return Ok(None);
        }
        let answer = packet::ask(&mut self.session.conn, "SELECT LAST_INSERT_ID() LIMIT 1")?;
        let has_none = answer[0].first().is_none_or(|row| packet::number(row, 0) == 0);
        Ok(has_none.then(|| "it asks for LAST_INSERT_ID() of a session that has ended".to_owned()))
    }

    /// Sends a statement of the script, byte for byte, and shows its warnings.
    fn send(&mut self, step: &Step) -> mysql::Result<Answer> {
        let text = self.task.text_of(step);
        self.session.touched |= sets_a_variable(text);
        let keep = if matches!(step.action, Action::Maintenance) { Rows::Keep } else { Rows::Drop };
        let is_alone = matches!(step.action, Action::Dml) && step.shape.is_none();
        let answers = self.watched(step, |session| match is_alone {
            true => local_infile::send(&mut session.conn, text, step.modes, &session.local_files, keep),
            false => packet::send(&mut session.conn, text, keep),
        })?;
        self.received(step, answers, Behind::Unasked)
    }

    /// The answer to a statement that rode along.
    fn came_along(&mut self, step: &Step, answer: mysql::Result<Answer>, behind: Behind) -> mysql::Result<Answer> {
        self.is_over();
        self.received(step, vec![answer?], behind)
    }

    /// The answers to a statement, as one, with the words of the warnings.
    fn received(&mut self, step: &Step, mut answers: Vec<Answer>, behind: Behind) -> mysql::Result<Answer> {
        let affected = answers.iter().map(|a| a.affected).sum();
        let warnings = answers.iter().map(|a| a.warnings).max().unwrap_or_default();
        let told = match behind {
            Behind::Warnings(rows) => self.told(step, &rows),
            Behind::Unasked if warnings > 0 && !self.is_asked_about(step) => self.warnings(step)?,
            Behind::Unasked => Vec::new(),
        };
        let rows = answers.drain(..).flat_map(|answer| answer.rows).collect();
        Ok(Answer { rows, affected, warnings, told })
    }

    /// Whether the statement behind this one asks what it has done: ROW_COUNT(), GET DIAGNOSTICS. A statement of uturn's own
    /// between the two would be the answer.
    fn is_asked_about(&self, step: &Step) -> bool {
        self.context.warnings == Warnings::Tell && self.is_followed_by_asking(step)
    }

    fn is_followed_by_asking(&self, step: &Step) -> bool {
        let next = self.task.steps.get(step.number).filter(|next| next.shape.is_none());
        next.is_some_and(|next| session_effects::asks_of_the_last_one(self.task.text_of(&next), next.modes))
    }

    /// The run's row, unless it is there: it goes with the next commit.
    fn open_run(&mut self) {
        if self.begun {
            return;
        }
        self.begun = true;
        let schema = self.session.schema().to_owned();
        let server = self.session.server.boot.clone();
        let row = NewRun {
            number: self.run,
            name: &self.task.name,
            direction: self.task.direction,
            checksum: &self.task.checksum,
            statements: self.task.steps.len(),
            takes_back: self.task.takes_back,
            down: &self.task.down,
            account: &self.session.server.user.clone(),
            os_user: self.context.os_user,
            host: self.context.host,
            down_data: self.task.down_data,
            server: &server,
            since: self.started.elapsed(),
            first_run: self.session.first_run.filter(|_| self.task.direction == Direction::Up),
        };
        if let Some((_, from)) = self.task.resumes {
            for statement in journal::resume_run(&schema, &row, from) {
                self.session.later(&statement);
            }
        } else {
            self.session.begin_new();
            if let Some(taken_back) = self.task.takes_back {
                // At most one run is open.
                self.session.run(taken_back).end("failed", None);
            }
            self.session.begin_run(self.run, journal::begin_run(&row));
        }
    }

    /// Where the journal's row of a statement goes. One that only sets up the session has one where it failed, beside that of
    /// the only one that leaves a trace.
    fn row_of(&self, step: &Step) -> OwnRow {
        if step.action.is_durable() { self.row } else { OwnRow::Step }
    }

    /// The rows that the run's row does not count yet.
    fn uncounted(&mut self) -> u64 {
        self.rows - std::mem::replace(&mut self.counted, self.rows)
    }

    /// Sets the state of the run's row.
    fn end_run(&mut self, state: &str, error: Option<&str>) {
        let rows = self.uncounted();
        self.session.run(self.run).count(rows).end(state, error);
    }

    fn describe<'t>(&self, step: &Step, text: &'t str) -> StepText<'t> {
        StepText { run: self.run, number: step.number, kind: step.action.word(), text }
    }
}
