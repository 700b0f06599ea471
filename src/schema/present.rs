//! What is in the databases that a script is about, as far as it decides what a statement removes.

use crate::statement::names::Name;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// A table as it is named now.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Table {
    /// Its database; nothing for the configured one.
    pub schema: Option<String>,
    /// Its name.
    pub name: String,
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.schema {
            Some(schema) => write!(f, "{schema}.{}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

/// What has rows of its own, and what shows those of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// A base table.
    Table,
    /// A base table of MariaDB's that keeps the history of its rows.
    Versioned,
    /// A view.
    View,
    /// A sequence.
    Sequence,
}

/// A foreign key: what happens to the child's rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The table that refers.
    pub child: Table,
    /// The table that is referred to.
    pub parent: Table,
    /// ON DELETE.
    pub on_delete: Reach,
    /// ON UPDATE.
    pub on_update: Reach,
}

/// What a foreign key does to the child when a row of the parent goes, or changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Nothing, or it refuses.
    Nothing,
    /// The child's rows go as well.
    Deletes,
    /// The child's values change: SET NULL, SET DEFAULT, ON UPDATE CASCADE.
    Changes,
}

/// What is there.
#[derive(Clone, Debug, Default)]
pub struct Present {
    /// The configured database.
    pub schema: String,
    /// Upper and lower case are the same in the names of tables.
    pub folds: bool,
    /// Tables, views and sequences.
    pub relations: BTreeMap<Table, Relation>,
    /// Tables that have triggers.
    pub triggers: BTreeSet<Table>,
    /// The foreign keys that change their own table's rows.
    pub links: Vec<Link>,
    /// The stored functions, in lower case.
    pub functions: BTreeSet<(Option<String>, String)>,
    /// Of the views that the script reads, those that call functions, by themselves or through other views.
    pub calling_views: BTreeSet<Table>,
}

impl Present {
    /// The database of a name, as `Table` has it.
    pub fn schema_of(&self, schema: Option<&str>) -> Option<String> {
        schema.filter(|schema| self.key(schema) != self.key(&self.schema)).map(str::to_owned)
    }

    /// The form in which names are compared.
    pub fn key(&self, name: &str) -> String {
        if self.folds { name.to_lowercase() } else { name.to_owned() }
    }

    /// Whether a name with a parenthesis after it may be a function that somebody has written: those of other databases are
    /// not known.
    pub fn may_call(&self, name: &Name) -> bool {
        let schema = self.schema_of(name.schema.as_deref());
        schema.is_some() || self.functions.contains(&(None, name.name.to_lowercase()))
    }

    /// What has rows of its own.
    pub fn base_tables(&self) -> impl Iterator<Item = &Table> {
        self.relations
            .iter()
            .filter(|(_, relation)| matches!(relation, Relation::Table | Relation::Versioned))
            .map(|(table, _)| table)
    }

    /// Whether a table keeps the history of its rows, which goes with them.
    pub fn keeps_history(&self, table: &Table) -> bool {
        self.relations.get(table) == Some(&Relation::Versioned)
    }

    /// Whether the configured database has a table, a view or a sequence of that name, in any case.
    pub fn has(&self, name: &str) -> bool {
        self.relations.keys().any(|table| table.schema.is_none() && table.name.eq_ignore_ascii_case(name))
    }
}
