//! What of the database comes from this very run, rows included: a table that its up has created, whose rows all come from its
//! own INSERT … VALUES. Known by the journal and by a count alone; where another statement can have written into it, it is not
//! the run's own any more.

use crate::engine::partial_undo::partially_applied::{PartiallyApplied, UpScript};
use crate::engine::program::step::{Action, Step};
use crate::event::Rows;
use crate::schema::present::Table;
use crate::schema::stage::Lost;
use crate::script::lexer::{Code, Kind as Token, Modes};
use crate::statement::builtin_functions;
use crate::statement::ddl::Ddl;
use crate::statement::effects::{Effects, Removal};
use crate::statement::names::Name;
use crate::statement::table_change::Alter;
use std::collections::BTreeMap;

/// The tables of this run.
#[derive(Default)]
pub(super) struct OwnRows {
    /// Those of the up, by key, and how many rows it has written into each.
    of_up: BTreeMap<String, u64>,
    /// What the down itself has created before it stopped.
    of_down: Vec<String>,
    folds: bool,
}

impl OwnRows {
    pub(super) fn of(half: &PartiallyApplied<'_>, up: Option<&UpScript<'_>>) -> OwnRows {
        let mut own = OwnRows { folds: half.present.folds, ..OwnRows::default() };
        if let Some(up) = up {
            let done = up.steps.range(0..half.open.up_stopped_at() - 1);
            done.for_each(|step| own.add(half, up.text_of(&step), &step));
        }
        own.of_down = half.created_by_down().iter().filter_map(|name| own.key(half, name)).collect();
        own
    }

    /// Whether it is a table that the down itself has created, or renamed, before it stopped.
    pub(super) fn is_of_down(&self, table: &Table) -> bool {
        table.schema.is_none() && self.of_down.contains(&self.fold(&table.name))
    }

    /// Whether all that goes are rows that the run itself has written.
    pub(super) fn hold(&self, lost: &Lost, rows: Rows) -> bool {
        let Some(table) = lost.table().filter(|table| table.schema.is_none()) else { return false };
        match (self.of_up.get(&self.fold(&table.name)), lost) {
            (Some(written), Lost::Table(_) | Lost::AllRows(_) | Lost::SomeRows(_) | Lost::Values(_)) => {
                rows == Rows::Exactly(*written)
            }
            // How many rows hold a value, or lie in a partition, says nothing of the others.
            (Some(_), Lost::Column(..) | Lost::Converts(..) | Lost::Partition(..)) => false,
            (Some(_), Lost::Database(_) | Lost::Unknown(_)) | (None, _) => false,
        }
    }

    fn fold(&self, name: &str) -> String {
        if self.folds { name.to_lowercase() } else { name.to_owned() }
    }

    /// Of a table of the configured database.
    fn key(&self, half: &PartiallyApplied<'_>, name: &Name) -> Option<String> {
        half.present.schema_of(name.schema.as_deref()).is_none().then(|| self.fold(&name.name))
    }

    /// A statement of the up that is done.
    fn add(&mut self, half: &PartiallyApplied<'_>, sql: &str, step: &Step) {
        let effects = Effects::of(sql, step.modes);
        let can_reach_all = |removal: &Removal| match removal {
            Removal::Unknown(_) | Removal::Database(_) => true,
            Removal::Calls(name) => half.present.may_call(name),
            Removal::Table(_) | Removal::AllRows(_) | Removal::SomeRows(_) | Removal::Values(_) => false,
            Removal::AddsRows(_) | Removal::Column(..) | Removal::Converts(..) | Removal::Partition(..) => false,
        };
        // A view, a trigger or a foreign key writes into a table without its name.
        let is_hidden = effects.trigger.is_some() || effects.links || !effects.creates_views.is_empty();
        if is_hidden || effects.uses.is_some() || effects.removes.iter().any(can_reach_all) {
            // From here on, anything can have written into any of them, and names may mean other tables.
            return self.of_up.clear();
        }
        if matches!(&step.action, Action::Ddl(ddl) if is_new_and_empty(ddl, sql, step.modes)) {
            let keys = effects.creates.iter().filter_map(|name| self.key(half, name));
            self.of_up.extend(keys.map(|key| (key, 0)).collect::<Vec<_>>());
        }
        for (from, to) in &effects.renames {
            for name in [from, to] {
                self.forget(half, name);
            }
        }
        for removal in &effects.removes {
            match removal {
                Removal::AddsRows(name) => self.rows(half, name, sql, step),
                Removal::Table(name) | Removal::AllRows(name) | Removal::SomeRows(name) | Removal::Values(name) => {
                    self.forget(half, name);
                }
                Removal::Column(name, _) | Removal::Converts(name, _) | Removal::Partition(name, _) => {
                    self.forget(half, name);
                }
                Removal::Database(_) | Removal::Calls(_) | Removal::Unknown(_) => {}
            }
        }
    }

    fn forget(&mut self, half: &PartiallyApplied<'_>, name: &Name) {
        if let Some(key) = self.key(half, name) {
            self.of_up.remove(&key);
        }
    }

    /// Rows that are written out in full; others may come from elsewhere, and be the only copy by now.
    fn rows(&mut self, half: &PartiallyApplied<'_>, name: &Name, sql: &str, step: &Step) {
        let Some(key) = self.key(half, name) else { return };
        let written = Alter::of(sql, step.modes).rows_written().filter(|_| is_written_out(sql, step.modes));
        match (self.of_up.get_mut(&key), written) {
            (Some(rows), Some(written)) => *rows += written,
            (Some(_), None) => {
                self.of_up.remove(&key);
            }
            (None, _) => {}
        }
    }
}

/// A CREATE TABLE that takes no rows from elsewhere, and fails where there is a table of that name.
fn is_new_and_empty(ddl: &Ddl, sql: &str, modes: Modes) -> bool {
    let is = |(_, text): &(Token, &str), word: &str| text.eq_ignore_ascii_case(word);
    // `CREATE TABLE a TABLE b` is MySQL's SELECT * FROM b.
    let tables = Code::new(sql, modes).filter(|token| is(token, "TABLE")).count();
    // A default may hold values of other tables, by a variable.
    let copies = tables > 1 || Code::new(sql, modes).any(|token| is(&token, "SELECT") || is(&token, "@"));
    ddl.verb == "CREATE" && !ddl.or_replace && !ddl.if_not_exists && !copies
}

/// Nothing but literals and the servers' own functions stands in its values.
fn is_written_out(sql: &str, modes: Modes) -> bool {
    const WORDS: [&str; 6] = ["NULL", "TRUE", "FALSE", "DEFAULT", "VALUES", "ROW"];
    let is_values = |(_, text): &(Token, &str)| ["VALUES", "VALUE"].iter().any(|word| text.eq_ignore_ascii_case(word));
    let tokens: Vec<(Token, &str)> = Code::new(sql, modes).skip_while(|token| !is_values(token)).skip(1).collect();
    let is_plain = |at: usize| match tokens[at] {
        (Token::String | Token::Number, _) => true,
        (Token::Punct, sign) => sign != "@",
        (Token::Word, word) if WORDS.iter().any(|known| word.eq_ignore_ascii_case(known)) => true,
        // A character set in front of a string.
        (Token::Word, word) if word.starts_with('_') => true,
        (Token::Word, word) => builtin_functions::is_native(word) && tokens.get(at + 1) == Some(&(Token::Punct, "(")),
        _ => false,
    };
    !tokens.is_empty() && (0..tokens.len()).all(is_plain)
}
