//! Which table of the database a name means after the statements of a plan so far: a plan makes, drops and renames tables
//! before it comes to the next one.

use crate::model::alter::{Alter, Form, Removed};
use crate::model::names::Name;
use std::collections::{BTreeMap, BTreeSet};

/// What a name means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// A table that is there now, perhaps under another name.
    Real(String),
    /// A table that the plan makes.
    New,
    /// Nothing.
    Absent,
}

/// The names of tables as the next statement finds them.
#[derive(Clone, Debug, Default)]
pub struct Stage {
    real: BTreeMap<String, String>,
    changed: BTreeMap<String, Meaning>,
    /// Tables with a column that has a new name.
    renamed_columns: BTreeSet<String>,
    folds: bool,
}

impl Stage {
    /// Begins with the tables that are there. `folds`: upper and lower case are the same in names.
    pub fn new(tables: impl IntoIterator<Item = String>, folds: bool) -> Stage {
        let mut stage = Stage { folds, ..Stage::default() };
        stage.real = tables.into_iter().map(|table| (stage.key(&table), table)).collect();
        stage
    }

    /// The form in which names are compared.
    pub fn key(&self, name: &str) -> String {
        if self.folds { name.to_lowercase() } else { name.to_owned() }
    }

    /// What a name means now.
    pub fn meaning(&self, name: &str) -> Meaning {
        let key = self.key(name);
        match (self.changed.get(&key), self.real.get(&key)) {
            (Some(meaning), _) => meaning.clone(),
            (None, Some(real)) => Meaning::Real(real.clone()),
            (None, None) => Meaning::Absent,
        }
    }

    /// The table of that name, if the plan has left it under it so far.
    pub fn untouched(&self, name: &str) -> Option<&String> {
        let key = self.key(name);
        self.real.get(&key).filter(|_| !self.changed.contains_key(&key))
    }

    /// Whether a column of it got a new name in the plan.
    pub fn has_renamed_columns(&self, name: &str) -> bool {
        self.renamed_columns.contains(&self.key(name))
    }

    /// Takes a statement of the plan. Names of other schemas are none of ours, which the caller has sorted out.
    pub fn take(&mut self, alter: &Alter<'_>) {
        if alter.form != Form::DropDatabase {
            for removed in alter.removes() {
                if let Removed::Table(name) = removed {
                    self.put(&name.name, Meaning::Absent);
                }
            }
        }
        match alter.form {
            Form::CreateTable => {
                if let Some(Name { name, .. }) = alter.table().cloned()
                    && self.meaning(&name) == Meaning::Absent
                {
                    self.put(&name, Meaning::New);
                }
            }
            Form::Rename | Form::Alter => {
                if let Some(table) = alter.table().filter(|_| alter.renames_columns()) {
                    let key = self.key(&table.name);
                    self.renamed_columns.insert(key);
                }
                for (from, to) in alter.renames() {
                    let meaning = self.meaning(&from.name);
                    if self.has_renamed_columns(&from.name) {
                        let key = self.key(&to.name);
                        self.renamed_columns.insert(key);
                    }
                    self.put(&from.name, Meaning::Absent);
                    self.put(&to.name, meaning);
                }
            }
            Form::CreateIndex | Form::DropIndex | Form::DropTable | Form::Truncate | Form::Optimize => {}
            Form::DropDatabase | Form::Delete | Form::Other => {}
        }
    }

    fn put(&mut self, name: &str, meaning: Meaning) {
        let key = self.key(name);
        self.changed.insert(key, meaning);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::lexer::Modes;

    #[test]
    fn a_name_means_what_the_statements_before_have_made_of_it() {
        let mut stage = Stage::new(["a".to_owned(), "b".to_owned()], false);
        for sql in [
            "RENAME TABLE a TO x, b TO a, x TO b",
            "CREATE TABLE c (i INT)",
            "ALTER TABLE c RENAME TO d",
            "DROP TABLE a",
            "CREATE TABLE IF NOT EXISTS b (i INT)",
        ] {
            stage.take(&Alter::of(sql, Modes::default()));
        }
        let real = |name: &str| Meaning::Real(name.to_owned());
        assert_eq!(stage.meaning("b"), real("a"));
        assert_eq!(stage.meaning("a"), Meaning::Absent);
        assert_eq!((stage.meaning("c"), stage.meaning("d")), (Meaning::Absent, Meaning::New));
        assert_eq!(stage.untouched("b"), None);
        assert_eq!(Stage::new(["A".to_owned()], true).meaning("a"), real("A"));
    }
}
