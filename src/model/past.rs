//! What is left of the session of a run that stopped: which of its statements whoever goes on runs again, and what none of
//! them brings back.
//!
//! Settings come back by running their SET again. A temporary table, a user variable that was computed or that a routine may
//! have set, a statement prepared from either, and LAST_INSERT_ID() do not: what still needs one of them cannot run as it
//! was meant.

use crate::model::ddl::Object;
use crate::model::kind::{self, Kind};
use crate::model::lexer::Modes;
use crate::model::session::{self, Held};
use std::collections::BTreeSet;

/// One statement of a script.
#[derive(Clone, Copy, Debug)]
pub struct Line<'t> {
    /// Counted from 1.
    pub number: usize,
    /// Its text.
    pub sql: &'t str,
    /// How it is read.
    pub modes: Modes,
}

/// What becomes of a statement that is still to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Future {
    /// It runs.
    Runs,
    /// It only takes away what is gone: it is left out.
    LeftOut,
    /// It needs what is gone: this, which that statement made, or may have made.
    Needs(Held, usize),
}

/// The session that the statements so far have made.
#[derive(Debug, Default)]
pub struct Past {
    /// The statements to run again, by number.
    pub again: Vec<usize>,
    /// What is gone, each with the statement that made it.
    lost: Vec<(usize, Held)>,
    /// The user variables that `again` sets.
    set: BTreeSet<String>,
    /// The last statement that may have set any user variable, through a routine or a trigger.
    may_set: Option<usize>,
    /// The last statement that may have set LAST_INSERT_ID().
    inserted: Option<usize>,
}

impl Past {
    /// Adds an INSERT of plain values that is done. There may be a million of them.
    pub fn add_rows(&mut self, number: usize) {
        self.may_set = Some(number);
        self.inserted = Some(number);
    }

    /// Adds a statement that is done.
    pub fn add(&mut self, line: Line<'_>) {
        let Line { number, sql, modes } = line;
        match Kind::of(sql, modes) {
            Kind::Dml | Kind::LoadLocal | Kind::Call => {
                self.may_set = Some(number);
                if session::may_insert(sql, modes) {
                    self.inserted = Some(number);
                }
                session::holds(sql, modes).into_iter().for_each(|held| self.lose(number, held));
            }
            Kind::Ddl(ddl) if ddl.verb == "DROP" && ddl.object == Object::Table => {
                ddl.targets.iter().for_each(|table| self.has_again(&Held::table(&table.name)));
            }
            Kind::Session => self.add_setting(line),
            Kind::Ddl(_) | Kind::Global | Kind::Transaction(_) | Kind::Lock | Kind::Maintenance => {}
        }
    }

    fn add_setting(&mut self, line: Line<'_>) {
        let Line { number, sql, modes } = line;
        if session::only_shows(sql, modes) {
            return;
        }
        let taken_away = session::takes_away(sql, modes);
        if !taken_away.is_empty() {
            let is_lost = |held: &Held| self.lost.iter().any(|(_, lost)| lost == held);
            // A table is not made again.
            let is_made_again = |held: &Held| !is_lost(held) && !matches!(held, Held::Table(_));
            if taken_away.iter().all(is_made_again) {
                self.again.push(number);
            }
            taken_away.iter().for_each(|held| self.has_again(held));
            return;
        }
        let computed = session::holds(sql, modes);
        let anew = session::made_anew(sql, modes);
        if computed.is_empty() && self.needs(line, &anew).is_none() {
            for held in &anew {
                self.has_again(held);
                if let Held::Variable(name) = held {
                    self.set.insert(name.clone());
                }
            }
            self.again.push(number);
            return;
        }
        computed.into_iter().chain(anew).for_each(|held| self.lose(number, held));
        if kind::sets_the_session(sql, modes) {
            self.lose(number, Held::Setting);
        }
    }

    fn lose(&mut self, number: usize, held: Held) {
        if let Held::Variable(name) = &held {
            self.set.remove(name);
        }
        self.has_again(&held);
        self.lost.push((number, held));
    }

    fn has_again(&mut self, held: &Held) {
        self.lost.retain(|(_, lost)| lost != held);
    }

    /// What a statement needs of what is lost, beside what it makes itself.
    fn needs(&self, line: Line<'_>, anew: &[Held]) -> Option<(usize, Held)> {
        let is_needed =
            |(_, lost): &&(usize, Held)| !anew.contains(lost) && session::mentions(line.sql, line.modes, lost);
        self.lost.iter().find(is_needed).cloned()
    }

    /// Adds a statement that is still to run.
    pub fn runs(&mut self, line: Line<'_>) -> Future {
        let Line { sql, modes, .. } = line;
        let kind = Kind::of(sql, modes);
        // What a routine's body names is asked for when it is called.
        if let Kind::Ddl(ddl) = &kind
            && matches!(ddl.object, Object::Procedure | Object::Function | Object::Trigger | Object::Event)
        {
            return Future::Runs;
        }
        let taken_away = session::takes_away(sql, modes);
        let is_lost = |held: &Held| self.lost.iter().any(|(_, lost)| lost == held);
        if !taken_away.is_empty() && taken_away.iter().all(is_lost) {
            taken_away.iter().for_each(|held| self.has_again(held));
            return Future::LeftOut;
        }
        let anew = session::made_anew(sql, modes);
        if let Some((by, held)) = self.needs(line, &anew) {
            return Future::Needs(held, by);
        }
        if let Some(by) = self.inserted.filter(|_| session::asks_last_id(sql, modes)) {
            return Future::Needs(Held::LastId, by);
        }
        let assigned = session::assigned(sql, modes);
        let is_unknown = |name: &String| !self.set.contains(name) && !assigned.contains(name);
        // A compound statement may set it first.
        let evaluates = match kind {
            Kind::Dml | Kind::LoadLocal | Kind::Session => true,
            Kind::Call => session::calls(sql, modes),
            _ => false,
        };
        let unknown = session::variables_of(sql, modes).into_iter().find(is_unknown).filter(|_| evaluates);
        if let (Some(name), Some(by)) = (unknown, self.may_set) {
            return Future::Needs(Held::Variable(name), by);
        }
        anew.iter().for_each(|held| self.has_again(held));
        self.set.extend(assigned);
        if kind == Kind::Dml && session::may_insert(sql, modes) {
            self.inserted = None;
        }
        Future::Runs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What becomes of the statements behind `--`, and which of those before it are run again.
    fn after(done: &[&str], left: &[&str]) -> String {
        let mut past = Past::default();
        let line = |number: usize, sql| Line { number, sql, modes: Modes::default() };
        for (index, sql) in done.iter().enumerate() {
            past.add(line(index + 1, sql));
        }
        let again = past.again.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        let futures = left.iter().enumerate().map(|(index, sql)| match past.runs(line(done.len() + index + 1, sql)) {
            Future::Runs => "runs".to_owned(),
            Future::LeftOut => "left out".to_owned(),
            Future::Needs(held, by) => format!("{held} of {by}"),
        });
        format!("{again}: {}", futures.collect::<Vec<_>>().join(", "))
    }

    #[test]
    fn what_is_run_again_and_what_cannot_be() {
        let ddl = "ALTER TABLE t ADD a INT";
        for (done, left, expected) in [
            // The idiom of a conditional ALTER, done and under way again.
            (
                &["SET @s = (SELECT 'x')", "PREPARE p FROM @s", "EXECUTE p", "DEALLOCATE PREPARE p", ddl][..],
                &["SET @s = (SELECT 'y')", "PREPARE p FROM @s", "EXECUTE p", "DEALLOCATE PREPARE p"][..],
                ": runs, runs, runs, runs",
            ),
            (&["SET @s = (SELECT 'x')", "PREPARE p FROM @s", ddl], &["EXECUTE p"], ": the prepared statement `p` of 2"),
            (&["PREPARE p FROM 'SELECT 1'", ddl], &["EXECUTE p", "DROP PREPARE p"], "1: runs, runs"),
            (
                &["CREATE TEMPORARY TABLE h (a INT)", "SHOW TABLES", "DESCRIBE gone", ddl],
                &["DROP TEMPORARY TABLE IF EXISTS h", "SELECT 1"],
                ": left out, runs",
            ),
            (&["CREATE TEMPORARY TABLE h (a INT)", "DROP TEMPORARY TABLE h", ddl], &["SELECT 1 FROM h"], ": runs"),
            (&["CREATE TEMPORARY TABLE h (a INT)", "DROP TABLE h", ddl], &["SELECT 1 FROM h"], ": runs"),
            (&["CREATE TEMPORARY TABLE h (a INT)", ddl], &["TABLE h"], ": the temporary table `h` of 1"),
            (
                &["CREATE TEMPORARY TABLE h (a INT)", ddl],
                &["CREATE TEMPORARY TABLE h SELECT 1", "TABLE h"],
                ": runs, runs",
            ),
            (&["SET @a = 1", "SET NAMES utf8mb4", "USE x", ddl], &["SELECT @a"], "1 2 3: runs"),
            (&["SELECT 1 INTO @a", "SET @a = 2", ddl], &["SELECT @a"], "2: runs"),
            (&["SET @b = 1, @a = (SELECT 1)", ddl], &["SELECT @b"], ": the user variable `@b` of 1"),
            (&["SET @m = @@sql_mode, sql_mode = ''", ddl], &["SET sql_mode = @m"], "1: runs"),
            (&["SET @m = (SELECT 'ANSI')", "SET sql_mode = @m", ddl], &["SELECT 1"], ": a setting of the session of 2"),
            // What a routine may have set.
            (&["CALL p()", ddl], &["INSERT INTO t VALUES (@tenant)"], ": the user variable `@tenant` of 1"),
            (&["CALL p()", ddl], &["SET @n = 0", "SELECT @n := @n + 1 FROM t"], ": runs, runs"),
            (&["CALL p()", ddl], &["CALL q(@out)", "SELECT @out"], ": runs, runs"),
            (&["SET @a = (SELECT 1)", ddl], &["CALL q(@a)"], ": the user variable `@a` of 1"),
            (&["CALL p()", ddl], &["BEGIN NOT ATOMIC SET @x = 1; SELECT @x; END"], ": runs"),
            (&["CALL p()", ddl], &["CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET @a = @b"], ": runs"),
            (&[ddl], &["SELECT @never"], ": runs"),
            (
                &["INSERT INTO t SELECT 1"],
                &[ddl, "INSERT INTO u VALUES (LAST_INSERT_ID())"],
                ": runs, LAST_INSERT_ID() of 1",
            ),
            (
                &["INSERT INTO t SELECT 1", ddl],
                &["INSERT INTO t SELECT 2", "INSERT INTO u VALUES (LAST_INSERT_ID())"],
                ": runs, runs",
            ),
        ] {
            assert_eq!(after(done, left), expected, "{done:?}");
        }
    }
}
