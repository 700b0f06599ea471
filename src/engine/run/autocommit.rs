//! Statements that commit by themselves: announced first, with what their outcome will be recognised by.

use crate::db::error_code;
use crate::db::failpoint::{self, AFTER_INTENT, reach};
use crate::db::packet::{self, Answer, Rows};
use crate::engine::evidence::{self, Evidence, Scope, Verdict, When};
use crate::engine::journal::{self, OwnRow, StepState};
use crate::engine::program::step::{Action, Step};
use crate::engine::run::Effect;
use crate::engine::run::warnings::answered;
use crate::engine::run::{RIDES_AT_MOST, Run, Script, sets_a_variable};
use crate::engine::session::{Announced, Halt, Rider, Session};
use crate::engine::task::Task;
use crate::event::{Event, Recovered};
use crate::statement::ddl::{self, Ddl, Object};
use crate::statement::row_effects;
use std::time::Duration;

impl Script<'_, '_> {
    /// A statement that commits by itself: the intent first, with what its outcome will be recognised by.
    pub(super) fn announced(&mut self, step: &Step, ddl: Option<&Ddl>) -> Run<usize> {
        let before = self.look_first(step, ddl)?;
        let first = self.announce(step, ddl, &before)?;
        let mut answer = self.patiently(step, ddl.is_some(), &before, first)?;
        let mut is_told = false;
        while let Some((said, rest)) = self.rest_of_list(step, ddl, &answer) {
            if !std::mem::replace(&mut is_told, true) {
                self.tell_nothing_to_take_back(step, &said);
            }
            reach("ddl.before_rest");
            let dropped = self.drop_rest(step, &rest);
            answer = self.patiently(step, true, &before, Some(dropped))?;
        }
        reach("ddl.after");
        match answer {
            Ok(answer) => {
                self.session.has_answered(self.run, step.number);
                self.settle(step, &answer);
                if let Some(ddl) = ddl {
                    self.note_made(step, ddl);
                }
                match self.objection(&answer) {
                    Some(rule) => self.stop_behind(step, &rule),
                    None => Ok(step.number),
                }
            }
            Err(error) if error_code::is_connection_lost(&error) => Err(Halt::Lost(error)),
            Err(error) if error_code::is_interrupted(&error) && self.came_too_late(step, ddl)? => Ok(step.number),
            Err(error) => {
                // Rows that no transaction protects stay where a statement fails half-way, and no definition tells of them.
                let is_dml = matches!(step.action, Action::Dml);
                let is_half = ddl.is_some_and(|ddl| evidence::may_be_half_done(ddl, self.session.server.flavour));
                let effect = match is_dml || is_half && !error_code::is_right_missing(&error) {
                    true => Effect::Unknown,
                    false => self.effect(&before)?,
                };
                if !self.would_be_found_out(step, ddl, &before) {
                    self.session.has_news();
                }
                self.fail(step, &error, effect)
            }
        }
    }

    /// Whether recovery would find out that a statement had no effect, from what there was before it.
    fn would_be_found_out(&self, step: &Step, ddl: Option<&Ddl>, before: &Evidence) -> bool {
        let Some(ddl) = ddl else { return matches!(step.action, Action::Maintenance) };
        let verdict = evidence::judge(before, before, ddl, self.task.text_of(step), self.session.server.flavour);
        matches!(verdict, Verdict::NotDone(_))
    }

    /// A half-run up may have made some of the objects that one DROP of its down takes back: MySQL drops none of them then, and
    /// MariaDB ends with an error. What the server said, and the DROP of those that are there.
    fn rest_of_list(&self, step: &Step, ddl: Option<&Ddl>, answer: &mysql::Result<Answer>) -> Option<(String, String)> {
        let error = answer.as_ref().err().filter(|error| error_code::is_none_to_drop(error))?;
        let is_list = |ddl: &Ddl| ddl.verb == "DROP" && ddl.multi_object && !ddl.if_exists;
        if self.task.takes_back.is_none() || !ddl.is_some_and(is_list) {
            return None;
        }
        let rest = ddl::drop_if_exists(self.task.text_of(step), step.modes)?;
        Some((error_code::said(error)?.to_string(), rest))
    }

    /// Under the same intent: the evidence is by name. Its warnings say what was told already.
    fn drop_rest(&mut self, step: &Step, rest: &str) -> mysql::Result<Answer> {
        let answers = self.watched(step, |session| packet::send(&mut session.conn, rest, Rows::Drop))?;
        Ok(Answer { affected: answers.iter().map(|answer| answer.affected).sum(), ..Answer::default() })
    }

    /// A new table of InnoDB need not be asked for when rows come into it.
    fn note_made(&mut self, step: &Step, ddl: &Ddl) {
        let is_new = ddl.verb == "CREATE" && ddl.object == Object::Table && !ddl.if_not_exists && !ddl.or_replace;
        // A script may have chosen another engine.
        let is_innodb = self.session.server.makes_innodb && !self.session.touched;
        if is_new && is_innodb && ddl::suits_innodb(self.task.text_of(step), step.modes) {
            for table in &ddl.targets {
                let schema = table.schema.as_deref().unwrap_or(self.session.default_schema()).to_owned();
                self.session.named.has_made(&schema, &table.name);
            }
        }
    }

    /// KILL QUERY can hit a statement that has taken effect already: its error says no more than a lost connection does.
    fn came_too_late(&mut self, step: &Step, ddl: Option<&Ddl>) -> Run<bool> {
        let Some(ddl) = ddl else { return Ok(false) };
        // As recovery would: with what the server has written into the intent.
        let schema = self.session.schema().to_owned();
        let written = journal::evidence_of(&mut self.session.conn, &schema, self.run, Some(step.number));
        let written = written.map_err(|error| self.session.halt(error))?;
        let Some(before) = written.first().and_then(|text| Evidence::from_json(text)) else { return Ok(false) };
        let now = self.session.look(before.scope.clone())?;
        let text = self.task.text_of(step);
        let Verdict::Done(how) = evidence::judge(&before, &now, ddl, text, self.session.server.flavour) else {
            return Ok(false);
        };
        let found = Event::Recovered(Recovered {
            name: self.task.name.clone(),
            direction: self.task.direction,
            statement: step.number,
            took_effect: true,
            evidence: how.clone(),
        });
        let row = journal::decided(&schema, self.run, (step.number, self.row), StepState::Done, &how, None);
        self.session.later(&row);
        self.session.tell_later(found);
        Ok(true)
    }

    /// Writes the intent. A statement that may ride with it is sent as well, and answered.
    pub(super) fn announce(
        &mut self,
        step: &Step,
        ddl: Option<&Ddl>,
        before: &Evidence,
    ) -> Run<Option<mysql::Result<Answer>>> {
        let task = self.task;
        let text = task.text_of(step);
        // DML makes no table, and changes no engine.
        if !matches!(step.action, Action::Dml) {
            self.session.named.forget(ddl);
        }
        // What it selects from may be a function that sets something, and its counter is the session's LAST_INSERT_ID().
        self.session.touched |=
            ddl.is_some_and(|ddl| row_effects::selects(ddl, text, step.modes)) || sets_a_variable(text);
        // With rows of the script before.
        let is_shared = self.session.in_transaction && !self.begun;
        self.open_run();
        self.intend(step, &before.to_sql(&self.session.server));
        let may_ride =
            ddl.is_some_and(evidence::is_visible) && text.len() <= RIDES_AT_MOST && !failpoint::is_set(AFTER_INTENT);
        let rider = may_ride.then(|| Rider { text, doing: self.doing(step), ahead: self.looks_ahead(step, ddl) });
        reach("ddl.before_intent");
        let announced = self.session.announce(rider, self.listener)?;
        if let Announced::Fenced = announced {
            return Err(self.lock_lost(is_shared));
        }
        // DML that was committed with the intent is done.
        self.done = step.number - 1;
        match announced {
            Announced::Answered(answer, behind) => Ok(Some(self.came_along(step, answer, behind))),
            _ => {
                reach(AFTER_INTENT);
                Ok(None)
            }
        }
    }

    /// What the statement behind this one changes, if it is enough to look at one table for it, in a session as it is now.
    /// Not behind what the server may keep as a text: a view, a body.
    fn looks_ahead(&self, step: &Step, ddl: Option<&Ddl>) -> Option<Scope> {
        let is_about_tables = ddl.is_some_and(|ddl| matches!(ddl.object, Object::Table | Object::Index));
        self.upcoming(step.number).filter(|_| is_about_tables)
    }

    /// The same of the statement with this index, or of the next script's first one.
    pub(super) fn upcoming(&self, index: usize) -> Option<Scope> {
        let session = &*self.session;
        if session.looks_aside() {
            return None;
        }
        match self.task.steps.get(index) {
            Some(next) => scope_of(session, self.task, &next),
            None => session.upcoming.clone(),
        }
    }

    /// The intent, for the next commit.
    fn intend(&mut self, step: &Step, evidence: &str) {
        let described = self.describe(step, self.task.text_of(step));
        let lock = self.session.lock.clone();
        match self.row {
            OwnRow::Run => {
                self.session.run(self.run).set(journal::own_intent(&described, evidence)).fenced(&lock);
            }
            OwnRow::Step => {
                let intent = journal::intent(self.session.schema(), &described, evidence, &lock);
                self.session.later(&intent);
            }
        }
    }

    /// What the objects look like before the statement. Another session may lock them, as it could the statement.
    pub(super) fn look_first(&mut self, step: &Step, ddl: Option<&Ddl>) -> Run<Evidence> {
        let text = self.task.text_of(step);
        let scope = Scope::of(text, step.modes, self.session.default_schema(), &self.session.server, ddl);
        // Nothing is asked, and nobody waited for, in the transaction of the statements before.
        if self.session.in_transaction && !self.session.has_seen(&scope) {
            self.commit(step.number - 1)?;
            self.done = step.number - 1;
        }
        for tried in 1.. {
            match self.watched(step, |session| session.try_to_look(scope.clone(), When::Before))? {
                Ok(before) if ddl.is_some_and(|ddl| self.needs_created(step, ddl, &before)) => {
                    // It waits, and another session must not wait for it.
                    if self.session.in_transaction {
                        self.session.commit(self.listener)?;
                        self.done = step.number - 1;
                    }
                    return self.wait_for_the_next_second(before);
                }
                Ok(before) => return Ok(before),
                Err(error) if self.comes_back(step, &error, tried) => {}
                Err(error) => return Err(self.fail(step, &error, Effect::None).expect_err("a lock stops a script")),
            }
        }
        unreachable!("it tries until it can look, or stops")
    }

    fn needs_created(&self, step: &Step, ddl: &Ddl, before: &Evidence) -> bool {
        let text = self.task.text_of(step);
        evidence::needs_created(ddl, before, (text, step.modes), self.session.default_schema())
    }

    /// Where CREATE_TIME must tell, which counts in seconds.
    fn wait_for_the_next_second(&mut self, before: Evidence) -> Run<Evidence> {
        // In the system's time zone, as `look` reads CREATE_TIME, and whatever `SET timestamp` says. A file's time, which
        // MariaDB takes for CREATE_TIME, runs a few milliseconds behind the clock.
        let question = "SELECT CAST(s.now AS CHAR), MICROSECOND(s.now) FROM (SELECT CONVERT_TZ(SYSDATE(6), \
                        @@session.time_zone, 'SYSTEM') - INTERVAL 20000 MICROSECOND AS now) s LIMIT 1";
        let answer = packet::ask(&mut self.session.conn, question).map_err(|error| self.session.halt(error))?;
        if let Some(row) =
            answer[0].first().filter(|row| before.is_from(packet::word(row, 0).get(..19).unwrap_or_default()))
        {
            let left = 1_000_000_u64.saturating_sub(packet::number(row, 1));
            std::thread::sleep(Duration::from_micros(left));
        }
        Ok(before)
    }

    pub(super) fn settle(&mut self, step: &Step, answer: &Answer) {
        self.rows += answer.affected;
        match self.row {
            OwnRow::Run => {
                self.session.run(self.run).set(journal::own_outcome(&answered(answer)));
            }
            OwnRow::Step => {
                let row = journal::outcome(self.session.schema(), self.run, step.number, &answered(answer));
                self.session.later(&row);
            }
        }
    }

    /// What an error left behind. MariaDB drops the tables of a list one by one: an error can come with an effect.
    pub(super) fn effect(&mut self, before: &Evidence) -> Run<Effect> {
        let changed = before.difference(&self.session.look(before.scope.clone())?);
        Ok(if changed.is_empty() { Effect::None } else { Effect::Part(changed) })
    }
}

/// Where to look for the first statement of a script, in a session as new, if that is one table.
pub fn first_scope(session: &Session, task: &Task) -> Option<Scope> {
    let first = task.steps.get(0).filter(|_| task.resumes.is_none())?;
    scope_of(session, task, &first)
}

fn scope_of(session: &Session, task: &Task, step: &Step) -> Option<Scope> {
    let Action::Ddl(ddl) = &step.action else { return None };
    let scope = Scope::of(task.text_of(step), step.modes, session.default_schema(), &session.server, Some(ddl));
    evidence::question_alone(&scope).is_some().then_some(scope)
}

/// ANALYZE, CHECK, OPTIMIZE and REPAIR tell failures as rows: table, operation, type, text.
pub(super) fn complaint(answer: Answer) -> mysql::Result<Answer> {
    let is_error = |row: &&mysql::Row| row.len() == 4 && packet::word(row, 2).eq_ignore_ascii_case("error");
    match answer.rows.iter().find(is_error) {
        Some(row) => Err(mysql::Error::MySqlError(mysql::MySqlError {
            state: "HY000".to_owned(),
            code: if error_code::tells_lock_timeout(&packet::word(row, 3)) { 1205 } else { 1105 },
            message: format!("{} of {}: {}", packet::word(row, 1), packet::word(row, 0), packet::word(row, 3)),
        })),
        None => Ok(answer),
    }
}
