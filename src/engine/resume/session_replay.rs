//! What is left of the session of a run that stopped: which of its statements whoever goes on runs again, and what none of
//! them brings back.
//!
//! A setting, or a user variable, comes back by running its SET again where the value hangs on nothing that may have changed. A
//! temporary table does not, nor a variable that was computed or that a routine may have set, nor a statement prepared from
//! one. What still needs such a thing cannot run as it was meant. Behind the last statement that wrote something, all of the
//! session can be made again, queries into variables as well: nothing that is done hangs on it.

pub use crate::engine::resume::hidden_variables::Hidden;

use crate::script::lexer::Modes;
use crate::statement::class::{self, Kind, Scope, Set};
use crate::statement::ddl::{Ddl, Object};
use crate::statement::deterministic::{self, Value};
use crate::statement::row_effects;
use crate::statement::session_effects::{self, Held};
use std::collections::{BTreeMap, BTreeSet};

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

/// A statement that is run again.
#[derive(Debug)]
struct Again {
    number: usize,
    what: What,
}

#[derive(Debug)]
enum What {
    Use,
    /// Of this name.
    Prepare(String),
    /// Gives these variables and settings their values.
    Set {
        given: Vec<Held>,
        value: Value,
    },
}

/// Settings that hold for one statement, or until another one changes them.
const USED_UP: [&str; 5] = ["INSERT_ID", "LAST_INSERT_ID", "IDENTITY", "RAND_SEED1", "RAND_SEED2"];

/// The session that the statements so far have made.
#[derive(Debug, Default)]
pub struct Past {
    again: Vec<Again>,
    hidden: Hidden,
    /// The user variables that `again` sets.
    known: BTreeSet<String>,
    /// Those of them whose values come from global variables.
    from_globals: BTreeSet<String>,
    /// What is gone, each with the statement that made it.
    variables: BTreeMap<String, usize>,
    tables: BTreeMap<String, usize>,
    statements: BTreeMap<String, usize>,
    settings: BTreeMap<String, usize>,
    /// The last statement that may have set what `hidden` gives.
    disturbed: Option<usize>,
    /// The last statement that took a value from a sequence.
    sequence: Option<usize>,
    /// LAST_INSERT_ID() may have a value that is gone.
    pub has_inserted: bool,
    /// The prepared statements that are still to be executed.
    wanted: BTreeSet<String>,
}

impl Past {
    /// A session that has just begun.
    pub fn new(hidden: Hidden) -> Past {
        Past { hidden, ..Past::default() }
    }

    /// Adds an INSERT of plain values that is done. There may be a million of them.
    pub fn add_rows(&mut self, number: usize) {
        self.has_inserted = true;
        self.may_have_set(number);
    }

    /// Adds a statement that is done.
    pub fn add(&mut self, line: Line<'_>) {
        let Line { number, sql, modes } = line;
        if session_effects::takes_a_value(sql, modes) {
            self.lose(number, Held::LastValue);
        }
        match Kind::of(sql, modes) {
            kind @ (Kind::Dml | Kind::LoadLocal | Kind::Call) => {
                let found = session_effects::variables(sql, modes);
                self.has_inserted |= session_effects::may_insert(sql, modes);
                // A routine may give a value to what it is handed.
                let handed = if kind == Kind::Call { found.read } else { BTreeSet::new() };
                for name in found.given.into_iter().chain(handed) {
                    self.lose(number, Held::Variable(name));
                }
                self.may_have_set(number);
            }
            Kind::Ddl(ddl) => self.add_ddl(line, &ddl),
            Kind::Session => self.add_setting(line, false),
            Kind::Global => self.add_global(),
            Kind::Transaction(_) | Kind::Lock | Kind::Maintenance => {}
        }
    }

    /// Adds a statement behind the last one that has written something.
    pub fn add_behind_all(&mut self, line: Line<'_>) {
        if Kind::of(line.sql, line.modes) == Kind::Session {
            return self.add_setting(line, true);
        }
        let found = session_effects::variables(line.sql, line.modes);
        if found.given.is_empty() {
            return;
        }
        let given: Vec<Held> = found.given.into_iter().map(Held::Variable).collect();
        let asks_last_value = self.sequence.is_some() && session_effects::asks_last_value(line.sql, line.modes);
        if asks_last_value
            || found.read.iter().any(|name| self.lost_variable(name).is_some())
            || self.names_a_lost_table(line).is_some()
        {
            given.into_iter().for_each(|held| self.lose(line.number, held));
        } else {
            self.run_again(line.number, given, Value::default());
        }
    }

    fn add_ddl(&mut self, line: Line<'_>, ddl: &Ddl) {
        let Line { number, sql, modes } = line;
        if row_effects::selects(ddl, sql, modes) {
            self.has_inserted = true;
            session_effects::variables(sql, modes)
                .given
                .into_iter()
                .for_each(|name| self.lose(number, Held::Variable(name)));
            self.may_have_set(number);
        }
        if ddl.object != Object::Table || self.tables.is_empty() {
            return;
        }
        if ddl.verb == "DROP" {
            self.drop_targets(ddl);
        } else if ddl.is_rename && self.names_a_lost_table(line).is_some() {
            for name in crate::statement::names::names(sql, modes) {
                self.lose(number, Held::Table(session_effects::plain(&name.name)));
            }
        }
    }

    fn drop_targets(&mut self, ddl: &Ddl) {
        for table in &ddl.targets {
            self.tables.remove(&session_effects::plain(&table.name));
        }
    }

    /// What was read from a global variable is not what it would read now.
    fn add_global(&mut self) {
        let (gone, again) = std::mem::take(&mut self.again).into_iter().partition(|again| match &again.what {
            What::Set { value, .. } => value.reads_globals,
            What::Use | What::Prepare(_) => false,
        });
        self.again = again;
        let gone: Vec<Again> = gone;
        for Again { number, what } in gone {
            let What::Set { given, .. } = what else { continue };
            // A variable may have been given another value since.
            let is_gone = |held: &Held| !matches!(held, Held::Variable(name) if !self.from_globals.contains(name));
            let gone: Vec<Held> = given.into_iter().filter(is_gone).collect();
            gone.into_iter().for_each(|held| self.lose(number, held));
        }
    }

    fn add_setting(&mut self, line: Line<'_>, is_behind_all: bool) {
        let Line { number, sql, modes } = line;
        if session_effects::only_shows(sql, modes) {
            return;
        }
        if session_effects::use_of(sql, modes).is_some() {
            self.again.push(Again { number, what: What::Use });
        } else if let Some((taken, _)) = session_effects::takes_away(sql, modes) {
            taken.iter().for_each(|held| self.take_away(held));
        } else if let Some((table, _)) = session_effects::makes_a_table(sql, modes) {
            self.lose(number, Held::Table(table));
            self.may_have_set(number);
        } else if let Some((name, _)) = session_effects::prepares(sql, modes) {
            let read = session_effects::variables(sql, modes).read;
            let is_kept = |name: &String| self.lost_variable(name).is_none() && !self.from_globals.contains(name);
            match read.iter().all(is_kept) {
                true => self.prepare_again(number, name),
                false => self.lose(number, Held::Statement(name)),
            }
        } else {
            self.add_set(line, is_behind_all);
        }
    }

    fn prepare_again(&mut self, number: usize, name: String) {
        self.take_away(&Held::Statement(name.clone()));
        self.again.push(Again { number, what: What::Prepare(name) });
    }

    fn add_set(&mut self, line: Line<'_>, is_behind_all: bool) {
        let Line { number, sql, modes } = line;
        let found = session_effects::variables(sql, modes);
        let sets = class::sets(sql, modes);
        let mut value = value_of(&sets);
        // What hangs on a variable from a global one hangs on that as well.
        value.reads_globals |= found.read.iter().any(|name| self.from_globals.contains(name));
        let asks_last_id = session_effects::asks_last_id(sql, modes);
        // The next INSERT uses it up, or has a value of its own behind it.
        let is_used_up = !is_behind_all && sets.iter().any(|set| USED_UP.contains(&set.name.as_str()));
        let is_passing = asks_last_id || is_used_up || session_effects::asks_of_the_last_one(sql, modes);
        let is_known = |name: &String| self.lost_variable(name).is_none();
        // A function that writes would do it once more.
        let is_repeatable = (value.is_repeatable || is_behind_all && !deterministic::may_write(sql, modes))
            && found.read.iter().all(is_known)
            && !is_passing;
        // `SET @a = @b := 1` and the like give more than what stands at the heads.
        let variables = found.given.into_iter().map(Held::Variable);
        let settings = sets.iter().filter(|set| set.scope == Scope::Session).map(|set| Held::Setting(set.name.clone()));
        let given: Vec<Held> = variables.chain(settings).collect();
        if is_repeatable {
            return self.run_again(number, given, value);
        }
        self.has_inserted |= asks_last_id;
        given.into_iter().for_each(|held| self.lose(number, held));
        // A function may set more.
        self.may_have_set(number);
    }

    fn run_again(&mut self, number: usize, given: Vec<Held>, value: Value) {
        for held in &given {
            self.has(held);
            if let Held::Variable(name) = held {
                match value.reads_globals {
                    true => self.from_globals.insert(name.clone()),
                    false => self.from_globals.remove(name),
                };
            }
        }
        self.again.push(Again { number, what: What::Set { given, value } });
    }

    fn take_away(&mut self, held: &Held) {
        match held {
            Held::Table(name) => {
                self.tables.remove(name);
            }
            Held::Statement(name) => {
                self.statements.remove(name);
                self.again.retain(|again| !matches!(&again.what, What::Prepare(own) if own == name));
            }
            Held::Variable(_) | Held::Setting(_) | Held::LastValue => {}
        }
    }

    fn lose(&mut self, number: usize, held: Held) {
        match held {
            Held::Variable(name) => {
                self.known.remove(&name);
                self.variables.insert(name, number);
            }
            Held::Table(name) => {
                self.tables.insert(name, number);
            }
            Held::Statement(name) => {
                self.take_away(&Held::Statement(name.clone()));
                self.statements.insert(name, number);
            }
            Held::Setting(name) => {
                self.settings.insert(name, number);
            }
            Held::LastValue => self.sequence = Some(number),
        }
    }

    /// The session has it, as the script would find it.
    fn has(&mut self, held: &Held) {
        match held {
            Held::Variable(name) => {
                self.variables.remove(name);
                self.known.insert(name.clone());
            }
            Held::Table(name) => {
                self.tables.remove(name);
            }
            Held::Statement(name) => {
                self.statements.remove(name);
            }
            Held::Setting(name) => {
                self.settings.remove(name);
            }
            Held::LastValue => self.sequence = None,
        }
    }

    /// A trigger, a routine or a prepared text may have given values to variables.
    fn may_have_set(&mut self, number: usize) {
        self.disturbed = Some(number);
        let given: Vec<String> = self.known.intersection(&self.hidden.given).cloned().collect();
        given.into_iter().for_each(|name| self.lose(number, Held::Variable(name)));
    }

    fn names_a_lost_table(&self, line: Line<'_>) -> Option<(Held, usize)> {
        if self.tables.is_empty() {
            return None;
        }
        let names = crate::statement::names::names(line.sql, line.modes);
        names.iter().map(|name| session_effects::plain(&name.name)).find_map(|name| {
            let by = *self.tables.get(&name)?;
            Some((Held::Table(name), by))
        })
    }

    /// Adds a statement that is still to run.
    pub fn runs(&mut self, line: Line<'_>) -> Future {
        match self.need(line) {
            Ok(None) => Future::Runs,
            Ok(Some((held, by))) => Future::Needs(held, by),
            Err(()) => Future::LeftOut,
        }
    }

    /// What it needs of what is gone; an error where it takes away only that.
    fn need(&mut self, line: Line<'_>) -> Result<Option<(Held, usize)>, ()> {
        let Line { sql, modes, .. } = line;
        let kind = Kind::of(sql, modes);
        if kind == Kind::Session {
            return self.need_of_setting(line);
        }
        // A routine keeps the settings under which it is made.
        let is_made_under = !matches!(kind, Kind::Transaction(_) | Kind::Lock | Kind::Maintenance);
        if let Some((name, by)) = self.settings.iter().next().filter(|_| is_made_under) {
            return Ok(Some((Held::Setting(name.clone()), *by)));
        }
        if let Kind::Ddl(ddl) = &kind {
            return self.need_of_ddl(line, ddl);
        }
        if let Some(by) = self.sequence.filter(|_| session_effects::asks_last_value(sql, modes)) {
            return Ok(Some((Held::LastValue, by)));
        }
        self.sequence = self.sequence.filter(|_| !session_effects::takes_a_value(sql, modes));
        let found = session_effects::variables(sql, modes);
        if let Some(need) = found.read.iter().find_map(|name| self.lost_variable(name)) {
            return Ok(Some(need));
        }
        let executed = session_effects::executes(sql, modes);
        if let Some(name) = executed {
            if let Some(by) = self.statements.get(&name) {
                return Ok(Some((Held::Statement(name), *by)));
            }
            self.wanted.insert(name);
        }
        if let Some(need) = self.names_a_lost_table(line) {
            return Ok(Some(need));
        }
        // What runs behind it may read what is gone.
        let is_hidden = |(name, _): &(&String, &usize)| self.hidden.named.contains(*name);
        if let Some((name, by)) = self.variables.iter().find(is_hidden) {
            return Ok(Some((Held::Variable(name.clone()), *by)));
        }
        let handed = if kind == Kind::Call { found.read } else { BTreeSet::new() };
        found.given.into_iter().chain(handed).for_each(|name| self.has(&Held::Variable(name)));
        Ok(None)
    }

    fn need_of_ddl(&mut self, line: Line<'_>, ddl: &Ddl) -> Result<Option<(Held, usize)>, ()> {
        if crate::engine::resume::hidden_variables::is_routine(ddl) {
            return Ok(None);
        }
        let is_lost =
            |name: &crate::statement::names::Name| self.tables.contains_key(&session_effects::plain(&name.name));
        if ddl.verb == "DROP"
            && ddl.object == Object::Table
            && !ddl.targets.is_empty()
            && ddl.targets.iter().all(is_lost)
        {
            self.drop_targets(ddl);
            return Err(());
        }
        if row_effects::selects(ddl, line.sql, line.modes) {
            let read = session_effects::variables(line.sql, line.modes).read;
            if let Some(need) = read.iter().find_map(|name| self.lost_variable(name)) {
                return Ok(Some(need));
            }
        }
        Ok(self.names_a_lost_table(line))
    }

    fn need_of_setting(&mut self, line: Line<'_>) -> Result<Option<(Held, usize)>, ()> {
        let Line { sql, modes, .. } = line;
        if let Some((taken, may_miss)) = session_effects::takes_away(sql, modes) {
            let is_lost = |held: &Held| match held {
                Held::Table(name) => self.tables.contains_key(name),
                Held::Statement(name) => self.statements.contains_key(name),
                Held::Variable(_) | Held::Setting(_) | Held::LastValue => false,
            };
            let (lost, all) = (taken.iter().filter(|held| is_lost(held)).count(), taken.len());
            if lost < all
                && !may_miss
                && let Some(need) = self.names_a_lost_table(line)
            {
                return Ok(Some(need));
            }
            for held in &taken {
                // What was prepared again for this alone is needed by nothing.
                if let Held::Statement(name) = held
                    && !is_lost(held)
                {
                    self.wanted.insert(name.clone());
                }
            }
            let is_left_out = lost > 0 && lost == all;
            taken.iter().for_each(|held| self.has(held));
            return if is_left_out { Err(()) } else { Ok(None) };
        }
        let found = session_effects::variables(sql, modes);
        if let Some(need) = found.read.iter().find_map(|name| self.lost_variable(name)) {
            return Ok(Some(need));
        }
        if let Some((table, reads_itself)) = session_effects::makes_a_table(sql, modes) {
            let own = self.tables.remove(&table);
            let need = match own.filter(|_| reads_itself) {
                Some(by) => Some((Held::Table(table), by)),
                None => self.names_a_lost_table(line),
            };
            return Ok(need);
        }
        if let Some(need) = self.names_a_lost_table(line).filter(|_| session_effects::use_of(sql, modes).is_none()) {
            return Ok(Some(need));
        }
        if let Some((name, _)) = session_effects::prepares(sql, modes) {
            self.has(&Held::Statement(name));
        }
        for set in class::sets(sql, modes).into_iter().filter(|set| set.scope == Scope::Session) {
            self.has(&Held::Setting(set.name));
        }
        found.given.into_iter().for_each(|name| self.has(&Held::Variable(name)));
        Ok(None)
    }

    fn lost_variable(&self, name: &str) -> Option<(Held, usize)> {
        let unknown = || self.disturbed.filter(|_| !self.known.contains(name) && self.hidden.given.contains(name));
        let by = self.variables.get(name).copied().or_else(unknown)?;
        Some((Held::Variable(name.to_owned()), by))
    }

    /// The statements to run again, by number: of the USEs the last one, and those that something between them hangs on; of
    /// the PREPAREs those that are still executed.
    pub fn again(self) -> Vec<usize> {
        let mut kept = Vec::new();
        let mut is_needed = true;
        for again in self.again.iter().rev() {
            match &again.what {
                What::Use if !is_needed => continue,
                What::Use => is_needed = false,
                What::Prepare(name) if !self.wanted.contains(name) => continue,
                What::Prepare(_) => is_needed = true,
                What::Set { value, .. } => is_needed |= value.reads_database,
            }
            kept.push(again.number);
        }
        kept.reverse();
        kept
    }
}

/// What the values of a SET are made of, taken together.
fn value_of(sets: &[Set<'_>]) -> Value {
    let mut all = Value { is_repeatable: true, ..Value::default() };
    for set in sets {
        let one = deterministic::value(&set.value, set.scope == Scope::Session);
        all.is_repeatable &= one.is_repeatable;
        all.reads_globals |= one.reads_globals;
        all.reads_database |= one.reads_database;
    }
    all
}
