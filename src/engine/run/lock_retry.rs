//! Statements that other sessions keep waiting: looked at while they wait, let go, and sent again. And statements that a
//! signal ends.

use crate::db::error_code;
use crate::db::monitor::{Doing, FirstSignal, HEAD};
use crate::db::packet::Answer;
use crate::engine::evidence::Evidence;
use crate::engine::program::step::{Action, Step};
use crate::engine::run::Effect;
use crate::engine::run::autocommit::complaint;
use crate::engine::run::{Run, Script};
use crate::engine::session::Session;
use crate::error::{Error, Said};
use crate::event::{Blocked, Busy, Event, Signal, With};
use crate::migration::lock_wait::Patience;
use std::hash::{BuildHasher, Hasher};
use std::time::{Duration, Instant};

/// How soon a signal ends a pause.
const NAP: Duration = Duration::from_millis(50);

impl Script<'_, '_> {
    fn patience(&self) -> Patience {
        self.context.patience.with(self.task.wish)
    }

    /// The session waits as long as the script wants. A `SET lock_wait_timeout` in it counts from there on.
    pub(super) fn take_patience(&mut self) -> Run<()> {
        let own = self.patience().seconds();
        if own != self.context.patience.seconds() {
            self.session.packet(&format!("SET SESSION lock_wait_timeout = {own}"))?;
            self.session.touched = true;
        }
        Ok(())
    }

    pub(super) fn busy(&self, step: &Step) -> Busy {
        Busy {
            name: self.task.name.clone(),
            direction: self.task.direction,
            statement: step.number,
            statements: self.task.steps.len(),
            with: With::Statement,
        }
    }

    /// What the watch is told of a statement.
    pub(super) fn doing(&mut self, step: &Step) -> Doing {
        let text = self.task.text_of(step);
        let busy = self.busy(step);
        self.session.busy = Some(busy.clone());
        Doing {
            busy,
            session: self.session.server.connection_id,
            head: text[..text.floor_char_boundary(HEAD)].to_owned(),
            size: text.len(),
            modes: step.modes,
            schema: self.session.default_schema().to_owned(),
            since: Instant::now(),
            waits: None,
            first_signal: match step.action {
                // A part of it may have run.
                Action::Call | Action::Global => FirstSignal::IsHeardLater,
                Action::Dml if self.is_unprotected => FirstSignal::IsHeardLater,
                Action::Dml | Action::Ddl(_) | Action::Maintenance | Action::Session => FirstSignal::EndsTheWait,
                Action::Boundary | Action::LeaveOut(_) => FirstSignal::EndsTheWait,
            },
        }
    }

    /// What the watch has seen of a statement that has ended.
    pub(super) fn is_over(&mut self) {
        let done = self.session.watch.end();
        self.took = done.as_ref().map_or(Duration::ZERO, |done| done.since.elapsed());
        self.waits = done.and_then(|done| done.waits);
    }

    /// Sends something that belongs to a statement while the watch looks on.
    pub(super) fn watched<T>(&mut self, step: &Step, send: impl FnOnce(&mut Session) -> T) -> T {
        let doing = self.doing(step);
        self.session.watch.begin(doing);
        let result = send(self.session);
        self.is_over();
        result
    }

    /// Sends an announced statement, unless it has been sent with its intent. One that could not get its locks had no effect, which the evidence must confirm; it
    /// is sent again under the same intent. What changes rows of a table without transactions is not: they would tell
    /// nothing.
    pub(super) fn patiently(
        &mut self,
        step: &Step,
        is_ddl: bool,
        before: &Evidence,
        mut first: Option<mysql::Result<Answer>>,
    ) -> Run<mysql::Result<Answer>> {
        let may_repeat = is_ddl || matches!(step.action, Action::Maintenance);
        let mut tried = 0;
        loop {
            let answer = first.take().unwrap_or_else(|| self.send(step).and_then(complaint));
            let Err(error) = &answer else { return Ok(answer) };
            tried += 1;
            let is_over = !may_repeat || !error_code::is_lock_timeout(error);
            if is_over || self.effect(before)? != Effect::None || !self.comes_back(step, error, tried) {
                return Ok(answer);
            }
        }
    }

    /// Whether a statement that could not get its locks is to be sent again: tells who was in the way, and lets a pause
    /// go by in which nothing of it is queued. A signal ends the pause, and the script.
    pub(super) fn comes_back(&mut self, step: &Step, error: &mysql::Error, tried: u32) -> bool {
        let patience = self.patience();
        if !error_code::is_lock_timeout(error) || tried > patience.retries || self.signal().is_some() {
            return false;
        }
        let chance = std::hash::RandomState::new().build_hasher().finish();
        let pause = patience.pause(tried, chance);
        (self.listener)(Event::Blocked(Blocked {
            name: self.task.name.clone(),
            direction: self.task.direction,
            statement: step.number,
            waited: self.took,
            waits: self.waits.clone().unwrap_or_default(),
            again_after: pause,
            tries: (tried, patience.retries + 1),
        }));
        let until = Instant::now() + pause;
        while self.signal().is_none() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return true;
            }
            std::thread::sleep(left.min(NAP));
        }
        false
    }

    pub(super) fn signal(&self) -> Option<Signal> {
        (self.context.signals)().map(|(signal, _)| signal)
    }

    /// Whether a statement's failure is the doing of a signal: it was killed, or not tried again.
    pub(super) fn signal_behind(&self, said: &Said) -> Option<(Signal, &'static str)> {
        match (self.context.signals)()? {
            (signal, 2..) if error_code::was_killed(said) => Some((signal, "killed")),
            (signal, _) if error_code::was_killed(said) => Some((signal, "waiting for a lock")),
            (signal, _) if error_code::is_lock_conflict(said) => Some((signal, "not tried again")),
            _ => None,
        }
    }

    /// Who was in the way at last, and what to do about it.
    pub(super) fn held_by(&self, error: Error, said: &Said) -> Error {
        if !error_code::is_lock_conflict(said) {
            return error;
        }
        let waits = self.waits.clone().unwrap_or_default();
        let mut hints = Vec::new();
        match waits.by.first() {
            Some(first) => hints.push(format!(
                "end what blocks it: {} (`KILL {}` ends the first)",
                waits.by.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
                first.connection
            )),
            None => hints.push("end the transaction that blocks it (`SHOW FULL PROCESSLIST`)".to_owned()),
        }
        hints.push("or wait longer: `--lock-retries 30`".to_owned());
        hints.push(format!("then {}", self.go_on()));
        if let Some(right) = waits.unseen {
            hints.push(format!("to see more of who it is: {right}"));
        }
        error.hint(hints.join("; "))
    }
}
