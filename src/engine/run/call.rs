//! A statement that may hold anything: CALL, EXECUTE, a compound statement. It is announced, and runs in a transaction with
//! its row; whether it crossed a boundary of that transaction is told by the savepoint in front of it.

use crate::db::error_code;
use crate::db::failpoint::reach;
use crate::db::packet;
use crate::engine::called_code::Body;
use crate::engine::evidence::Evidence;
use crate::engine::program::step::{Action, Step};
use crate::engine::run::Effect;
use crate::engine::run::failure::Why;
use crate::engine::run::{Run, Script};
use crate::engine::session::{Halt, RELEASE};
use crate::statement::session_effects;

impl Script<'_, '_> {
    /// A statement that may hold anything. If no transaction boundary is crossed, its row is in its own transaction.
    pub(super) fn call(&mut self, step: &Step) -> Run<usize> {
        let before = self.look_first(step, None)?;
        self.announce(step, None, &before)?;
        self.session.begin(None, self.listener)?;
        let answer = self.send(step);
        reach("call.after");
        match answer {
            Ok(answer) => {
                if let Some(rule) = self.objection(&answer) {
                    let effect = self.take_back(step, None, &before)?;
                    return self.stop(step, Why::Rule(rule), effect);
                }
                self.session.later(RELEASE);
                self.settle(step, &answer);
                self.session.has_news();
                self.session.touched = true;
                match self.session.commit(self.listener) {
                    Err(Halt::Failed(error)) if error.server().is_some_and(|said| said.number == 1305) => {
                        self.crossed_a_boundary(step)?;
                    }
                    answer => answer?,
                }
                // It may have left them otherwise, and what follows is to be committed by itself.
                self.session.packet("SET SESSION autocommit = 1, completion_type = 0")?;
                // What was called is recorded, so a failure here is one of ours.
                self.follow(step).map_err(|error| self.session.halt(error))?;
                Ok(step.number)
            }
            Err(error) if error_code::is_connection_lost(&error) => Err(Halt::Lost(error)),
            Err(error) => {
                let effect = self.take_back(step, Some(&error), &before)?;
                self.session.has_news();
                self.fail(step, &error, effect)
            }
        }
    }

    /// Rolls back what was called, and says what of it that does not reach: what it has committed itself, and rows that no
    /// transaction protects.
    fn take_back(&mut self, step: &Step, error: Option<&mysql::Error>, before: &Evidence) -> Run<Effect> {
        let released = self.session.packet(RELEASE);
        self.session.roll_back()?;
        // It had not begun.
        if error.is_some_and(error_code::is_unknown_statement) {
            return Ok(Effect::None);
        }
        if released.is_err() || !self.is_protected(step)? {
            return Ok(Effect::Unknown);
        }
        self.effect(before)
    }

    /// Whether all that a call ran was within the transaction.
    fn is_protected(&mut self, step: &Step) -> Run<bool> {
        let (text, schema) = (self.task.text_of(step), self.session.default_schema().to_owned());
        let body = match session_effects::executes(text, step.modes) {
            Some(name) => self.prepared(step, &name).map(|text| Body::of_text(text, step.modes, &schema)),
            None if Body::is_missing(self.session, &schema, text, step.modes)? => return Ok(true),
            None => Body::of(self.session, &schema, text, step.modes)?,
        };
        match body.filter(Body::stays_in_transaction) {
            Some(body) => Ok(body.without_transactions(self.session)?.is_empty()),
            None => Ok(false),
        }
    }

    /// The text of the last PREPARE of this name before a statement, where it is a literal; with a word in front, as a body
    /// has one.
    fn prepared(&self, step: &Step, name: &str) -> Option<String> {
        let before = (0..step.number - 1).rev().filter_map(|index| self.task.steps.get(index));
        let prepares = |step: Step| {
            let (own, literal) = session_effects::prepares(self.task.text_of(&step), step.modes)?;
            (own == name)
                .then(|| literal.map(|text| format!("PREPARE {}", text.get(1..text.len() - 1).unwrap_or_default())))
        };
        before.filter(|step| matches!(step.action, Action::Session)).find_map(prepares).flatten()
    }

    /// What was called has committed, or rolled back, by itself. A transaction that it has left open is nobody's: the
    /// COMMIT for it was forgotten.
    fn crossed_a_boundary(&mut self, step: &Step) -> Run<usize> {
        match packet::tell(&mut self.session.conn, "SET TRANSACTION READ WRITE") {
            Err(error) if error_code::is_transaction_open(&error) => {
                self.session.roll_back()?;
                let rule = "it leaves a transaction open, which was rolled back";
                self.stop(step, Why::Rule(rule.to_owned()), Effect::Unknown)
            }
            Err(error) => Err(self.session.halt(error)),
            Ok(_) => {
                self.session.in_transaction = false;
                self.session.forget_savepoint();
                self.session.commit(self.listener)?;
                Ok(step.number)
            }
        }
    }
}
