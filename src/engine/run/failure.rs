//! A script that ends early: what is written down, and what a person is told.

use crate::db::error_code;
use crate::engine::journal::{self, Answered, OwnRow, StepState};
use crate::engine::program::step::{Action, Step};
use crate::engine::run::{Effect, Run, Script};
use crate::engine::session::Halt;
use crate::engine::task::Files;
use crate::error::{Error, Kind, Said};
use crate::event::{Event, Note, Signal};
use crate::migration::name::Direction;

impl Script<'_, '_> {
    pub(super) fn listen_for_signals(&mut self, next: usize) -> Run<()> {
        let cut = self.context.stop_behind.filter(|behind| next >= *behind).map(|_| Signal::Terminate);
        let Some(signal) = self.signal().or(cut) else { return Ok(()) };
        // DML that is done, and of the script before it may be.
        if self.session.in_transaction {
            self.session.commit(self.listener)?;
            self.done = next;
        }
        let word = signal.word();
        self.close_stopped(&Effect::None, Some(word))?;
        let what = format!("stopped by {word} in migration `{}`, before statement {}", self.task.name, next + 1);
        let truth = self.truth(next + 1, "has not run");
        Err(Error::new(signal.kind(), what).truth(truth).hint(self.go_on()).into())
    }

    /// Rows of the script before may have waited for the same commit.
    pub(super) fn lock_lost(&self, is_shared: bool) -> Halt {
        let what = "this run no longer holds its lock, so nothing more was sent";
        let before =
            if is_shared { "the rows of the migration before this one were rolled back with it; " } else { "" };
        let truth = format!("{before}{}", self.truth(self.done + 1, "has not run"));
        Error::new(Kind::Stopped, what).truth(truth).hint(self.go_on()).into()
    }

    /// Records a statement that failed, and makes the error of it. Behind a half-run migration's down, a statement that
    /// has nothing to take back is passed over, unless it does several things: the others may be there to take back.
    pub(super) fn fail(&mut self, step: &Step, error: &mysql::Error, effect: Effect) -> Run<usize> {
        let Some(said) = error_code::said(error) else {
            return match error {
                e if error_code::is_connection_lost(e) => Err(Halt::Lost(mysql::Error::server_disconnected())),
                e => Err(Error::new(Kind::Stopped, e.to_string()).into()),
            };
        };
        if error_code::is_connection_lost(error) {
            return Err(Halt::Lost(mysql::Error::server_disconnected()));
        }
        let is_half_run = self.task.takes_back.is_some() && effect == Effect::None;
        if is_half_run && step.action.does_one_thing() && error_code::is_nothing_to_take_back(&said) {
            let schema = self.session.schema().to_owned();
            let message = said.to_string();
            self.tell_nothing_to_take_back(step, &message);
            self.open_run();
            self.write_down(step, StepState::Skipped, "nothing to revert", &message, &schema);
            return Ok(step.number);
        }
        self.stop(step, Why::Server(said), effect)
    }

    /// The session of a run that goes on cannot be made again. Nothing of it is recorded: the run stands where it stood.
    pub(super) fn not_again(&self, step: &Step, error: &mysql::Error) -> Halt {
        let Some(said) = error_code::said(error).filter(|_| !error_code::is_connection_lost(error)) else {
            return Halt::Lost(mysql::Error::server_disconnected());
        };
        let (number, next) = (step.number, self.done + 1);
        let what = format!(
            "migration `{}` cannot resume at statement {next}: statement {number} sets up its session, and cannot be run again",
            self.task.name
        );
        Error::new(Kind::Stopped, what)
            .at(self.task.place_of(step))
            .said(said)
            .truth(self.truth(next, "has not run"))
            .hint(format!(
                "fix statement {number}, or what it complains of, and {}; or revert what is done: `uturn undo`",
                self.go_on()
            ))
            .into()
    }

    pub(super) fn tell_nothing_to_take_back(&mut self, step: &Step, said: &str) {
        let note = Note::NothingToTakeBack(self.task.name.clone(), step.number, said.to_owned());
        (self.listener)(Event::Note(note));
    }

    /// Records a statement that must not stand, and makes the error of it.
    pub(super) fn stop(&mut self, step: &Step, why: Why, effect: Effect) -> Run<usize> {
        let schema = self.session.schema().to_owned();
        let (message, how) = match &why {
            Why::Server(said) => (said.to_string(), "the server's error"),
            Why::Rule(rule) => (rule.clone(), "a rule of uturn"),
        };
        // What an earlier try of it has left is still there.
        let had_part = self.task.had_part && self.task.resumes.is_some_and(|(_, from)| from == step.number);
        let state = if effect == Effect::None && !had_part { StepState::Failed } else { StepState::Partial };
        self.open_run();
        self.write_down(step, state, how, &message, &schema);
        let signal = match &why {
            Why::Server(said) => self.signal_behind(said),
            Why::Rule(_) => None,
        };
        let message = signal.map_or(message.clone(), |(signal, _)| format!("{}: {message}", signal.word()));
        self.close_stopped(&effect, Some(&message))?;
        let hint = match &why {
            Why::Server(said) => self.hint(step, said),
            Why::Rule(_) => self.mend(step.number),
        };
        let stopped = self.stopped(step, why, &effect, hint);
        Err(match signal {
            Some((signal, did)) => {
                let what = format!("{stopped}, by {}: it was {did}", signal.word());
                stopped.turned_into(signal.kind(), what).hint(self.go_on()).into()
            }
            None => stopped.into(),
        })
    }

    pub(super) fn write_down(&mut self, step: &Step, state: StepState, how: &str, message: &str, schema: &str) {
        let text = self.task.text_of(step);
        let is_announced = matches!(step.action, Action::Ddl(_) | Action::Call | Action::Maintenance | Action::Global);
        let described = self.describe(step, text);
        let place = self.row_of(step);
        match place {
            OwnRow::Run => {
                let row = self.session.run(self.run);
                if !is_announced {
                    row.set(journal::own_done(&described, &Answered::default()));
                }
                // An error that stops the script is its run's; one that does not is no error of a run.
                let how = if state == StepState::Skipped { format!("{how}: {message}") } else { how.to_owned() };
                row.set(journal::own_decided(state, &how));
            }
            OwnRow::Step => {
                if !is_announced {
                    self.session.later(&journal::done_in_transaction(schema, &described, &Answered::default()));
                }
                let row = (step.number, place);
                self.session.later(&journal::decided(schema, self.run, row, state, how, Some(message)));
            }
        }
    }

    /// Closes the run for now. Where nothing has taken effect it is closed for good: the migration is simply pending.
    pub(super) fn close_stopped(&mut self, effect: &Effect, error: Option<&str>) -> Run<()> {
        let nothing = self.nothing_done() && *effect == Effect::None;
        if self.begun || !nothing {
            self.open_run();
            let state = if nothing { "failed" } else { "stopped" };
            self.end_run(state, error);
        }
        self.session.flush(self.listener)
    }

    pub(super) fn nothing_done(&self) -> bool {
        self.task.takes_back.is_none()
            && !self.task.had_part
            && !self.task.steps.range(0..self.done).any(|step| step.action.is_durable())
    }

    pub(super) fn stopped(&self, step: &Step, why: Why, effect: &Effect, hint: String) -> Error {
        let rule = match &why {
            Why::Server(_) => String::new(),
            Why::Rule(rule) => format!(": {rule}"),
        };
        let what = format!(
            "migration `{}` stopped at statement {} of {}{}{rule}",
            self.task.name,
            step.number,
            self.task.steps.len(),
            if self.task.direction == Direction::Down { " of its down script" } else { "" }
        );
        let effect = match effect {
            Effect::None => "had no effect".to_owned(),
            Effect::Part(changed) => {
                format!("ended with an error, but part of it took effect: {} changed", changed.join(", "))
            }
            Effect::Unknown => "ended with an error, and may have had effects of its own before it".to_owned(),
        };
        let error = Error::new(Kind::Stopped, what)
            .at(self.task.place_of(step))
            .truth(self.truth(step.number, &effect))
            .hint(hint);
        match why {
            Why::Server(said) => self.held_by(error, &said).said(said),
            Why::Rule(_) => error,
        }
    }

    pub(super) fn mend(&self, number: usize) -> String {
        match self.task.direction {
            Direction::Up if self.nothing_done() => format!("fix the file and run `{}` again", self.context.resume),
            Direction::Up => format!(
                "fix statement {number} and run `{}` again; it resumes there; `uturn undo` reverts what is done",
                self.context.resume
            ),
            Direction::Down => format!(
                "remove what the server complains of and run `uturn undo` again; it resumes there; {}",
                self.other_down(number)
            ),
        }
    }

    /// How to run another statement instead.
    fn other_down(&self, number: usize) -> String {
        match self.task.files {
            Files::Here => {
                format!("or fix statement {number} of the down file and run `uturn undo --down-from-files`")
            }
            Files::Missing => format!(
                "or bring back both files of `{}`, whose down script is kept in the database alone, fix statement {number} \
                 there and run `uturn undo --down-from-files`",
                self.task.name
            ),
        }
    }

    pub(super) fn go_on(&self) -> String {
        let command = match self.task.direction {
            Direction::Up => self.context.resume,
            Direction::Down => "uturn undo",
        };
        format!("run `{command}` again; it resumes there")
    }

    /// What is true of each statement: done, rolled back, this one, not run.
    pub(super) fn truth(&self, number: usize, effect: &str) -> String {
        let mut parts = Vec::new();
        let done = self.done.min(number - 1);
        if done > 0 {
            parts.push(format!("{} done and recorded", span(1, done, "is", "are")));
        }
        if done + 1 < number {
            parts.push(format!("{} rolled back with it", span(done + 1, number - 1, "was", "were")));
        }
        parts.push(format!("statement {number} {effect}"));
        let last = self.task.steps.len();
        if number < last {
            parts.push(format!("{} not run", span(number + 1, last, "has", "have")));
        }
        parts.join("; ")
    }
}

/// Why a statement stops its script.
pub(super) enum Why {
    /// The server refused it.
    Server(Said),
    /// The server ran it, but what it left must not stand.
    Rule(String),
}

/// Why a group of DML does not stand; which statement of the script it is, by its number.
pub(super) enum Fault {
    /// The server refused this statement.
    Statement(usize, mysql::Error),
    /// The server ran it, but it must not stand.
    Rule(usize, String),
    /// The journal's rows could not be written.
    Journal(mysql::Error),
}

fn span(first: usize, last: usize, one: &str, many: &str) -> String {
    if first == last { format!("statement {first} {one}") } else { format!("statements {first} to {last} {many}") }
}
