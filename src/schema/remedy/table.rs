//! Two states of one table: the ALTERs between them.

use crate::schema::collation::Column;
use crate::schema::difference;
use crate::schema::remedy::options;
use crate::schema::remedy::statement::Statement;
use crate::schema::snapshot::{Object, Table};
use crate::statement::names::quoted;
use std::collections::{BTreeMap, BTreeSet};

/// A table that was there before and is there now.
pub(super) struct Change<'a> {
    pub object: &'a Object,
    pub was: &'a Table,
    pub is: &'a Table,
}

/// The same in everything but names.
pub(super) fn is_alike(a: &Table, b: &Table) -> bool {
    let columns = a.columns.len() == b.columns.len()
        && a.columns.iter().zip(&b.columns).all(|(a, b)| a.name == b.name && a.is_like(b));
    columns && a.keys == b.keys && (&a.options, &a.partitions) == (&b.options, &b.partitions)
}

pub(super) fn is_foreign_key(definition: &str) -> bool {
    definition.contains(" FOREIGN KEY ")
}

impl Change<'_> {
    pub fn name(&self) -> &str {
        &self.object.name
    }

    /// The foreign keys that are as they were.
    pub fn foreign_keys(&self) -> impl Iterator<Item = (&String, &String)> {
        let stays = |(name, definition): &(&String, &String)| self.was.constraints.get(*name) == Some(*definition);
        self.is.constraints.iter().filter(|(_, definition)| is_foreign_key(definition)).filter(stays)
    }

    /// A column that is there by another name.
    pub fn renames_a_column(&self) -> Option<Statement> {
        let only = |these: &Table, those: &Table| -> Option<Column> {
            let mut found = these.columns.iter().filter(|column| those.column(&column.name).is_none());
            found.next().filter(|_| found.next().is_none()).cloned()
        };
        let (was, is) = (only(self.was, self.is)?, only(self.is, self.was)?);
        let clause = || format!("CHANGE COLUMN {} {} {}", quoted(&is.name), quoted(&was.name), self.definition(&was));
        was.is_like(&is).then(|| self.alter(&[clause()]))
    }

    /// What must be gone before columns and keys can be changed.
    pub fn drops(&self, renewed: &BTreeSet<(String, String)>) -> Option<Statement> {
        let (was, is) = difference::constraints(self.object, self.was, self.is);
        let is_changed = |(name, definition): &(&String, &String)| was.get(*name) != Some(*definition);
        let drop = |(name, definition): (&String, &String)| match () {
            () if is_foreign_key(definition) => format!("DROP FOREIGN KEY {}", quoted(name)),
            () if name == definition => format!("DROP {}", definition.split(" (").next().unwrap_or_default()),
            () => format!("DROP CONSTRAINT {}", quoted(name)),
        };
        let mut clauses: Vec<String> = is.iter().filter(is_changed).map(drop).collect();
        clauses.extend(self.renewed(renewed).map(drop));
        (!clauses.is_empty()).then(|| self.alter(&clauses))
    }

    /// Foreign keys come last, when the columns and keys of both tables are there.
    pub fn adds(&self, renewed: &BTreeSet<(String, String)>) -> Option<Statement> {
        let (was, is) = difference::constraints(self.object, self.was, self.is);
        let missing = was.iter().filter(|(name, definition)| is.get(*name) != Some(*definition));
        let mut clauses: Vec<String> = missing
            .filter(|(_, definition)| is_foreign_key(definition))
            .map(|(_, definition)| format!("ADD {definition}"))
            .collect();
        clauses.extend(self.renewed(renewed).map(|(_, definition)| format!("ADD {definition}")));
        (!clauses.is_empty()).then(|| self.alter(&clauses))
    }

    fn renewed(&self, renewed: &BTreeSet<(String, String)>) -> impl Iterator<Item = (&String, &String)> {
        let is_renewed = |name: &String| renewed.contains(&(self.name().to_owned(), name.clone()));
        self.foreign_keys().filter(move |(name, _)| is_renewed(name))
    }

    /// Everything else in one statement, so that a key never misses its column, and what follows a MODIFY in another.
    pub fn alters(&self) -> Vec<Statement> {
        let mut clauses = self.dropped_keys();
        clauses.extend(self.columns());
        clauses.extend(self.added_keys());
        clauses.extend(self.checks());
        clauses.extend(options::clauses(&self.was.options, &self.is.options));
        let mut found = Vec::new();
        let partitions = self.partitions();
        if !clauses.is_empty() || partitions.is_some() {
            found.push(self.altered(&clauses, partitions));
        }
        found.extend(self.without_default());
        found
    }

    fn alter(&self, clauses: &[String]) -> Statement {
        self.altered(clauses, None)
    }

    /// Partitions stand after all clauses, without a comma.
    fn altered(&self, clauses: &[String], partitions: Option<String>) -> Statement {
        let one = |clauses: &str| format!("ALTER TABLE {} {clauses}", quoted(self.name()));
        let last = partitions.iter().filter(|_| !clauses.is_empty()).map(|text| format!(" {text}"));
        let all = clauses.join(", ") + &last.collect::<String>();
        let all = if clauses.is_empty() { partitions.clone().unwrap_or_default() } else { all };
        let parts: Vec<String> = clauses.iter().chain(&partitions).map(|clause| one(clause)).collect();
        Statement { parts: if parts.len() > 1 { parts } else { Vec::new() }, ..Statement::new(self.object, one(&all)) }
    }

    fn dropped_keys(&self) -> Vec<String> {
        let drop = |(name, _): (&String, &String)| match name.as_str() {
            "PRIMARY" => "DROP PRIMARY KEY".to_owned(),
            name => format!("DROP INDEX {}", quoted(name)),
        };
        missing(&self.is.keys, &self.was.keys).map(drop).collect()
    }

    fn added_keys(&self) -> Vec<String> {
        missing(&self.was.keys, &self.is.keys).map(|(_, definition)| format!("ADD {definition}")).collect()
    }

    fn checks(&self) -> Vec<String> {
        let (was, is) = difference::constraints(self.object, self.was, self.is);
        let added = missing(&was, &is).filter(|(_, definition)| !is_foreign_key(definition));
        added.map(|(_, definition)| format!("ADD {definition}")).collect()
    }

    /// In the order that they had, so that each follows one that is in its place.
    fn columns(&self) -> Vec<String> {
        let moved = difference::moved(self.was, self.is);
        let clause = |column: &Column| {
            let verb = match self.is.column(&column.name) {
                None => "ADD",
                Some(is) if self.lacks_only_a_default(column, is) && !moved.contains(&column.name) => return None,
                Some(is) if is.is_like(column) && !moved.contains(&column.name) => return None,
                Some(_) => "MODIFY",
            };
            Some(format!("{verb} COLUMN {} {}", quoted(&column.name), self.definition(column)))
        };
        let gone = self.is.columns.iter().filter(|column| self.was.column(&column.name).is_none());
        let drops = gone.map(|column| format!("DROP COLUMN {}", quoted(&column.name)));
        self.was.columns.iter().filter_map(clause).chain(drops).collect()
    }

    /// The definition and the place. Where the table's character set is another one, the column names its own.
    fn definition(&self, column: &Column) -> String {
        let is_same_table = self.was.options == self.is.options;
        let definition = if is_same_table { column.definition.clone() } else { column.with_charset() };
        match self.was.before(&column.name) {
            Some(before) => format!("{definition} AFTER {}", quoted(before)),
            None => format!("{definition} FIRST"),
        }
    }

    /// On MySQL a column that takes NULL can have no default at all, which no MODIFY says.
    fn without_default(&self) -> Option<Statement> {
        let is_it = |was: &&Column| self.is.column(&was.name).is_some_and(|is| self.lacks_only_a_default(was, is));
        let drop = |was: &Column| format!("ALTER COLUMN {} DROP DEFAULT", quoted(&was.name));
        let clauses: Vec<String> = self.was.columns.iter().filter(is_it).map(drop).collect();
        (!clauses.is_empty()).then(|| self.alter(&clauses))
    }

    fn lacks_only_a_default(&self, was: &Column, is: &Column) -> bool {
        let plain = is.definition.strip_prefix(&was.definition).is_some_and(|rest| rest.starts_with(" DEFAULT "));
        let is_null =
            is.definition.contains(" DEFAULT NULL") && is.definition.replacen(" DEFAULT NULL", "", 1) == was.definition;
        is.definition != was.definition && !was.definition.contains("NOT NULL") && (plain || is_null)
    }

    fn partitions(&self) -> Option<String> {
        match (self.was.partitions == self.is.partitions, self.was.partitions.is_empty()) {
            (true, _) => None,
            (false, true) => Some("REMOVE PARTITIONING".to_owned()),
            (false, false) => Some(self.was.partitions.clone()),
        }
    }
}

/// What one list has and another has not, or has otherwise.
fn missing<'m>(
    these: &'m BTreeMap<String, String>,
    those: &'m BTreeMap<String, String>,
) -> impl Iterator<Item = (&'m String, &'m String)> {
    these.iter().filter(|(name, definition)| those.get(*name) != Some(*definition))
}
