//! Consecutive DML: in one transaction with its rows in the journal, or, where a table is written to that no transaction
//! protects, announced like DDL.

use crate::db::error_code;
use crate::db::failpoint::reach;
use crate::db::local_infile;
use crate::db::packet;
use crate::db::packet::Answer;
use crate::db::quote;
use crate::engine::evidence::Scope;
use crate::engine::job::Warnings;
use crate::engine::journal::{self, Column, DoneRows, OwnRow};
use crate::engine::preflight;
use crate::engine::program::step::{Action, Step};
use crate::engine::run::Effect;
use crate::engine::run::failure::Fault;
use crate::engine::run::warnings::answered;
use crate::engine::run::{RIDES_AT_MOST, Run, Script, sets_a_variable};
use crate::engine::session::{Announced, Halt, RELEASE, Rider, Session};
use crate::engine::task::Task;
use crate::event::{Event, Note};
use crate::statement::row_effects;
use crate::statement::session_effects;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

/// A group of a million statements does not keep its rows to itself until the end: so many bytes of them go in one packet,
/// in the same transaction.
const ROWS_AT_ONCE: usize = 256 * 1024;

impl Script<'_, '_> {
    /// Consecutive DML, in one transaction, with its rows. Gives back the index behind it.
    pub(super) fn dml(&mut self, first: usize) -> Run<usize> {
        let task = self.task;
        // Of a million INSERTs into such a table none counts those behind it.
        if self.session.named.has_plain()
            && let Some((_, tables)) = self.without_transactions(first..first + 1)?
        {
            return self.unprotected(first, tables);
        }
        let mut group = self.group_at(first);
        match self.without_transactions(group.clone())? {
            Some((unprotected, tables)) if unprotected == first => return self.unprotected(first, tables),
            Some((unprotected, _)) => group.end = unprotected,
            None => {}
        }
        let before = self.before(group.clone())?;
        let mut waited = 0;
        for attempt in 1.. {
            let first = self.begin(group.clone())?;
            match self.group(group.clone(), first) {
                Ok(rows) => {
                    // In front of all rows: where it fails, none of them is written by itself.
                    self.session.later(RELEASE);
                    self.open_run();
                    match rows {
                        Rows::Own(columns) => {
                            let rows = self.uncounted();
                            self.session.run(self.run).set(columns).count(rows);
                        }
                        Rows::Steps(rows) => self.session.later(&rows),
                    }
                    break;
                }
                Err(Fault::Statement(_, error))
                    if error_code::is_deadlock(&error) && attempt < 4 && self.can_start_over(group.clone()) =>
                {
                    self.roll_back_to(&before)?;
                }
                Err(Fault::Journal(error)) => return Err(self.session.halt(error)),
                Err(Fault::Statement(number, error)) => {
                    if error_code::is_connection_lost(&error) {
                        return Err(Halt::Lost(error));
                    }
                    self.roll_back_to(&before)?;
                    let step = task.steps.get(number - 1).expect("it has just been sent");
                    waited += 1;
                    if self.can_start_over(group.clone()) && self.comes_back(&step, &error, waited) {
                        continue;
                    }
                    return self.fail(&step, &error, Effect::None);
                }
                Err(Fault::Rule(number, rule)) => {
                    self.session.roll_back()?;
                    let step = task.steps.get(number - 1).expect("it has just been sent");
                    return self.stop_for(&step, rule);
                }
            }
        }
        // The last group stays open: refinery's row goes into the same transaction.
        if group.end < task.steps.len() {
            self.commit_unless_seen(group.end)?;
        }
        Ok(group.end)
    }

    fn unprotected(&mut self, index: usize, tables: Vec<String>) -> Run<usize> {
        let step = self.task.steps.get(index).expect("the caller has it");
        let note = Note::NotTransactional(self.task.name.clone(), step.number, tables);
        (self.listener)(Event::Note(note));
        self.is_unprotected = true;
        let next = self.announced(&step, None);
        self.is_unprotected = false;
        next
    }

    /// As many statements as may share a transaction.
    fn group_at(&self, first: usize) -> Range<usize> {
        let task = self.task;
        if task.takes_back.is_some() {
            return first..first + 1;
        }
        let in_group = |step: &Step| match step.action {
            Action::Dml => true,
            Action::Session => !session_effects::commits(task.text_of(step), step.modes),
            _ => false,
        };
        first..first + task.steps.range(first..task.steps.len()).take_while(in_group).count()
    }

    /// Whether the group would begin as it began: ROLLBACK does not bring the session back to what it was.
    fn can_start_over(&self, group: Range<usize>) -> bool {
        let task = self.task;
        // A temporary table's engine may have no transactions; a routine may have made one.
        let may_hold_rows = |step: &Step| match step.action {
            Action::Call => true,
            Action::Session => session_effects::makes_a_table(task.text_of(step), step.modes).is_some(),
            _ => false,
        };
        let stays = |step: &Step| {
            let text = task.text_of(step);
            match step.action {
                Action::Session => {
                    session_effects::only_shows(text, step.modes) || session_effects::use_of(text, step.modes).is_some()
                }
                _ => session_effects::variables(text, step.modes).given.is_empty(),
            }
        };
        !self.session.named.leaves_traces
            && task.steps.range(group.clone()).all(|step| stays(&step))
            && !task.steps.range(0..group.start).any(|step| may_hold_rows(&step))
    }

    fn before(&mut self, group: Range<usize>) -> Run<Before> {
        let task = self.task;
        let used = self.session.used.clone();
        let asks = |step: &Step| step.shape.is_none() && session_effects::asks_last_id(task.text_of(step), step.modes);
        if !task.steps.range(group).any(|step| asks(&step)) {
            return Ok(Before { used, last_id: None });
        }
        // That of the script before is taken away with its last row.
        self.session.flush(self.listener)?;
        let answer = packet::ask(&mut self.session.conn, "SELECT LAST_INSERT_ID() LIMIT 1");
        let answer = answer.map_err(|error| self.session.halt(error))?;
        Ok(Before { used, last_id: answer[0].first().map(|row| packet::number(row, 0)) })
    }

    fn roll_back_to(&mut self, before: &Before) -> Run<()> {
        self.session.roll_back()?;
        if self.session.used != before.used {
            self.session.used.clone_from(&before.used);
            let back = format!("USE {}", quote::ident(self.session.default_schema()));
            self.session.packet(&back)?;
        }
        match before.last_id {
            Some(id) => self.session.packet(&format!("DO LAST_INSERT_ID({id})")).map(drop),
            None => Ok(()),
        }
    }

    /// Opens the transaction. A statement that is short, and before which nothing is to be asked, rides along.
    fn begin(&mut self, group: Range<usize>) -> Run<Option<mysql::Result<Answer>>> {
        let task = self.task;
        let step = task.steps.get(group.start).expect("the caller has it");
        let text = task.text_of(&step);
        let is_asked_first = self.task.last_id_is_gone || self.task.takes_back.is_some();
        let may_ride = matches!(step.action, Action::Dml)
            && !is_asked_first
            && text.len() <= RIDES_AT_MOST
            && !local_infile::is_needed(text, step.modes);
        if may_ride {
            reach("dml.before");
            self.session.touched |= sets_a_variable(text);
        }
        // The look waits for nobody: the statement holds the table that it writes to, which is the only name there. So no lock
        // of its own keeps another session out while it looks, and there is no deadlock.
        let holds = |scope: &Scope| {
            let names = row_effects::in_front(text, step.modes);
            names.len() == 1 && scope.is_among(&names, self.session.default_schema())
        };
        let ahead = if group.len() == 1 { self.upcoming(group.end).filter(holds) } else { None };
        let rider = may_ride.then(|| Rider { text, doing: self.doing(&step), ahead });
        Ok(match self.session.begin(rider, self.listener)? {
            Announced::Answered(answer, behind) => Some(self.came_along(&step, answer, behind)),
            Announced::Alone | Announced::Fenced => None,
        })
    }

    /// Runs its statements, the first of which may have been answered. Gives back the journal's rows that are still to be
    /// written.
    fn group(
        &mut self,
        group: Range<usize>,
        mut first: Option<mysql::Result<Answer>>,
    ) -> std::result::Result<Rows, Fault> {
        let task = self.task;
        let mut own = Vec::new();
        let mut rows = DoneRows::of(self.session.schema());
        let at_once = ROWS_AT_ONCE.min(self.session.server.max_packet as usize / 4);
        let mut changed = 0;
        for step in task.steps.range(group) {
            if first.is_none() {
                reach("dml.before");
            }
            if task.takes_back.is_some() && session_effects::asks_of_the_last_one(task.text_of(&step), step.modes) {
                let rule = "it asks what the statement before has done, and here one of uturn's own comes in between";
                return Err(Fault::Rule(step.number, rule.to_owned()));
            }
            match self.lacks_its_last_id(&step) {
                Ok(None) => {}
                Ok(Some(rule)) => return Err(Fault::Rule(step.number, rule)),
                Err(error) => return Err(Fault::Statement(step.number, error)),
            }
            let answer = match first.take().unwrap_or_else(|| self.send(&step)) {
                Ok(answer) => answer,
                Err(error) => return Err(Fault::Statement(step.number, error)),
            };
            reach("dml.after");
            if let Some(rule) = self.objection(&answer).or_else(|| self.asking_changes(&step, &answer)) {
                return Err(Fault::Rule(step.number, rule));
            }
            if let Action::Session = step.action {
                self.session.touched = true;
                self.follow(&step).map_err(|error| Fault::Statement(step.number, error))?;
                continue;
            }
            changed += answer.affected;
            let described = self.describe(&step, task.text_of(&step));
            match self.row {
                OwnRow::Run => own = journal::own_done(&described, &answered(&answer)),
                OwnRow::Step => rows.add(&described, &answered(&answer)),
            }
            if rows.size() > at_once && !self.is_followed_by_asking(&step) {
                packet::tell(&mut self.session.conn, &rows.take()).map_err(Fault::Journal)?;
            }
        }
        self.rows += changed;
        Ok(match self.row {
            OwnRow::Run => Rows::Own(own),
            OwnRow::Step => Rows::Steps(rows.take()),
        })
    }

    /// To ask for the warnings changes what the next statement asks for.
    fn asking_changes(&self, step: &Step, answer: &Answer) -> Option<String> {
        let is_changed =
            self.context.warnings == Warnings::Stop && answer.warnings > 0 && self.is_followed_by_asking(step);
        is_changed.then(|| {
            "it has warnings, and the next statement asks what it has done: not with `--warnings-as-errors`".to_owned()
        })
    }

    /// The first statement of a group that may write to tables whose engine cannot roll back, and these tables. The whole
    /// group is asked about at once; only where that finds some, each statement.
    fn without_transactions(&mut self, group: Range<usize>) -> Run<Option<(usize, Vec<String>)>> {
        let task = self.task;
        let start: Arc<str> = self.session.default_schema().into();
        if !self.session.named.has_plain() {
            let mut shapes = HashSet::new();
            for (step, schema) in of_dml(task, group.clone(), start.clone()) {
                // INSERTs of one shape name the same tables, until USE.
                if step.shape.is_none_or(|shape| shapes.insert((shape, schema.clone()))) {
                    let sample = preflight::sample(task, &step);
                    self.session.named.by_statement(&sample, step.modes, &schema);
                }
            }
            let found = self.session.aside(|session| {
                let Session { named, conn, server, .. } = session;
                named.without_transactions(conn, server.flavour).map(<[String]>::is_empty)
            })?;
            let is_protected = found.map_err(|error| self.session.halt(error))?;
            self.session.touched |= self.session.named.leaves_traces;
            if is_protected {
                return Ok(None);
            }
        }
        for (step, schema) in of_dml(task, group, start) {
            let sample = preflight::sample(task, &step);
            let found = self.session.aside(|session| {
                let Session { named, conn, server, .. } = session;
                named.of_statement(conn, server.flavour, &sample, step.modes, &schema).map(<[String]>::to_vec)
            })?;
            let tables = found.map_err(|error| self.session.halt(error))?;
            self.session.touched |= self.session.named.leaves_traces;
            if !tables.is_empty() {
                return Ok(Some((step.number - 1, tables)));
            }
        }
        Ok(None)
    }
}

/// What the journal is told of a group.
enum Rows {
    /// In the row of the run.
    Own(Vec<Column>),
    /// What is left to be written of the rows of its statements.
    Steps(String),
}

/// What a group finds, and ROLLBACK does not bring back.
struct Before {
    /// The default database, where a script has changed it.
    used: Option<String>,
    /// LAST_INSERT_ID(), where the group asks for it.
    last_id: Option<u64>,
}

/// The DML of a group, each with its default database.
fn of_dml(task: &Task, group: Range<usize>, mut schema: Arc<str>) -> impl Iterator<Item = (Step, Arc<str>)> + '_ {
    task.steps.range(group).filter_map(move |step| match step.action {
        Action::Dml => Some((step, schema.clone())),
        _ => {
            if let Some(used) = session_effects::use_of(task.text_of(&step), step.modes) {
                schema = used.into();
            }
            None
        }
    })
}
