//! Which table a name means after the statements of a run so far, and what the next statement removes of what is there now:
//! scripts create, drop and rename tables and columns before they come to a statement.

use crate::schema::present::{Present, Reach, Relation, Table};
use crate::statement::effects::{ColumnChange, Effects, Removal};
use crate::statement::names::Name;
use std::collections::{BTreeMap, BTreeSet};

/// What a name means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// A table that is there now, perhaps under another name.
    Real(Table),
    /// A table that the run creates.
    New,
    /// A view.
    View,
    /// Nothing.
    Absent,
}

/// What goes of what is there now, by the names that things have now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lost {
    /// A table with its rows.
    Table(Table),
    /// All rows of a table.
    AllRows(Table),
    /// Some rows of a table.
    SomeRows(Table),
    /// Values in rows of a table.
    Values(Table),
    /// A column.
    Column(Table, String),
    /// Values of a column, by another type.
    Converts(Table, String),
    /// A partition.
    Partition(Table, String),
    /// A database.
    Database(String),
    /// Nobody can tell, and why.
    Unknown(String),
}

/// A place that a name stands for: the keys of database and name.
type Place = (Option<String>, String);

/// The names of tables and columns as the next statement finds them.
#[derive(Clone, Debug, Default)]
pub struct Stage {
    present: Present,
    real: BTreeMap<Place, Table>,
    views: BTreeSet<Place>,
    /// Views that call functions.
    calling: BTreeSet<Place>,
    changed: BTreeMap<Place, Meaning>,
    /// Columns of tables that are there: key of the name now in use -> the name that they have now, or nothing.
    columns: BTreeMap<Table, BTreeMap<String, Option<String>>>,
    functions: BTreeSet<(Option<String>, String)>,
    temporary: BTreeSet<Place>,
    /// Tables whose partitions hold other rows than now.
    repartitioned: BTreeSet<Table>,
    /// Tables that the run creates triggers for.
    triggered: BTreeSet<Place>,
    /// The run creates foreign keys that take rows along.
    links: bool,
    used: Option<String>,
}

impl Stage {
    /// Begins with what is there.
    pub fn new(present: Present) -> Stage {
        let mut stage = Stage { functions: present.functions.clone(), ..Stage::default() };
        let place = |table: &Table| (table.schema.as_deref().map(|s| present.key(s)), present.key(&table.name));
        stage.calling = present.calling_views.iter().map(place).collect();
        for (table, relation) in &present.relations {
            let place = place(table);
            match relation {
                Relation::Table | Relation::Versioned => {
                    stage.real.insert(place, table.clone());
                }
                Relation::View => {
                    stage.views.insert(place);
                }
                Relation::Sequence => {}
            }
        }
        stage.present = present;
        stage
    }

    /// What was there when it began.
    pub fn present(&self) -> &Present {
        &self.present
    }

    /// The next script has a session of its own.
    pub fn begin_script(&mut self) {
        self.used = None;
        self.temporary.clear();
    }

    /// The database that names without one mean, where it is not the configured one.
    pub fn used(&self) -> Option<&str> {
        self.used.as_deref()
    }

    /// The form in which names are compared.
    pub fn key(&self, name: &str) -> String {
        self.present.key(name)
    }

    /// What a name means now.
    pub fn meaning(&self, name: &Name) -> Meaning {
        let place = self.place(name);
        match (self.changed.get(&place), self.real.get(&place)) {
            (Some(meaning), _) => meaning.clone(),
            (None, Some(real)) => Meaning::Real(real.clone()),
            (None, None) if self.views.contains(&place) => Meaning::View,
            (None, None) => self.elsewhere(name),
        }
    }

    /// Of another database only the server knows what it has.
    fn elsewhere(&self, name: &Name) -> Meaning {
        match self.present.schema_of(name.schema.as_deref().or(self.used.as_deref())) {
            Some(schema) => Meaning::Real(Table { schema: Some(schema), name: name.name.clone() }),
            None => Meaning::Absent,
        }
    }

    /// The table of the configured database that a name means, by the name that it has now.
    pub fn home(&self, name: &Name) -> Option<String> {
        match self.meaning(name) {
            Meaning::Real(Table { schema: None, name }) => Some(name),
            Meaning::Real(_) | Meaning::New | Meaning::View | Meaning::Absent => None,
        }
    }

    /// Whether a name means something in the configured database.
    pub fn is_home(&self, name: &Name) -> bool {
        self.place(name).0.is_none()
    }

    /// The table of that name in the configured database, if the run has left it under it so far.
    pub fn untouched(&self, name: &str) -> Option<&String> {
        let place = (None, self.key(name));
        self.real.get(&place).filter(|_| !self.changed.contains_key(&place)).map(|table| &table.name)
    }

    /// What a column is called now; nothing where the run itself has added it.
    pub fn column(&self, table: &Table, column: &str) -> Option<String> {
        let known = self.columns.get(table).and_then(|columns| columns.get(&column.to_lowercase()));
        known.cloned().unwrap_or_else(|| Some(column.to_owned()))
    }

    fn place(&self, name: &Name) -> Place {
        let schema = name.schema.as_deref().or(self.used.as_deref());
        (self.present.schema_of(schema).map(|schema| self.key(&schema)), self.key(&name.name))
    }

    /// What a statement removes, beside each of its removals as it names them.
    pub fn lost(&self, effects: &Effects) -> Vec<(Removal, Lost)> {
        let mut found = Vec::new();
        for removal in &effects.removes {
            found.extend(self.of_removal(removal).into_iter().map(|lost| (removal.clone(), lost)));
        }
        if let Some(view) = effects.reads.iter().find(|name| self.calling.contains(&self.place(name))) {
            let why = format!("what functions the view `{}` calls is not known", view.name);
            found.push((Removal::Unknown(why.clone()), Lost::Unknown(why)));
        }
        found
    }

    fn of_removal(&self, removal: &Removal) -> Vec<Lost> {
        match removal {
            Removal::Table(name) => self.of_table(name, Lost::Table),
            Removal::AllRows(name) if self.meaning(name) == Meaning::View => self.of_rows(name, None),
            Removal::AllRows(name) => self.of_table(name, Lost::AllRows),
            Removal::SomeRows(name) => self.of_rows(name, Some(Lost::SomeRows)),
            Removal::Values(name) => self.of_rows(name, Some(Lost::Values)),
            Removal::AddsRows(name) => self.of_rows(name, None),
            Removal::Column(name, column) => self.of_column(name, column, Lost::Column),
            Removal::Converts(name, column) if column.is_empty() => self.of_table(name, Lost::Values),
            Removal::Converts(name, column) => self.of_column(name, column, Lost::Converts),
            Removal::Partition(name, part) => self.of_table(name, |table| self.of_partition(table, part)),
            Removal::Database(name) => self.of_database(name),
            Removal::Calls(name) => self.of_call(name).into_iter().collect(),
            Removal::Unknown(why) => vec![Lost::Unknown(why.clone())],
        }
    }

    /// With the tables that the run has moved into it.
    fn of_database(&self, name: &str) -> Vec<Lost> {
        let schema = self.present.schema_of(Some(name)).map(|schema| self.key(&schema));
        let moved = self.changed.iter().filter_map(|((of, _), meaning)| match meaning {
            Meaning::Real(table) if *of == schema => Some(Lost::Table(table.clone())),
            Meaning::Real(_) | Meaning::New | Meaning::View | Meaning::Absent => None,
        });
        moved.chain([Lost::Database(name.to_owned())]).collect()
    }

    fn real(&self, name: &Name) -> Option<Table> {
        match self.meaning(name) {
            Meaning::Real(table) if !self.temporary.contains(&self.place(name)) => Some(table),
            Meaning::Real(_) | Meaning::New | Meaning::View | Meaning::Absent => None,
        }
    }

    fn of_table(&self, name: &Name, lost: impl FnOnce(Table) -> Lost) -> Vec<Lost> {
        self.real(name).map(lost).into_iter().collect()
    }

    fn of_column(&self, name: &Name, column: &str, lost: fn(Table, String) -> Lost) -> Vec<Lost> {
        let Some(table) = self.real(name) else { return Vec::new() };
        self.column(&table, column).map(|column| lost(table, column)).into_iter().collect()
    }

    fn of_partition(&self, table: Table, part: &str) -> Lost {
        match self.repartitioned.contains(&table) {
            true => Lost::Unknown(format!("which rows of `{table}` the partition `{part}` then holds is not known")),
            false => Lost::Partition(table, part.to_owned()),
        }
    }

    /// What DML does to rows reaches further: through views, triggers and foreign keys.
    fn of_rows(&self, name: &Name, lost: Option<fn(Table) -> Lost>) -> Vec<Lost> {
        if self.meaning(name) == Meaning::View {
            return vec![Lost::Unknown(format!("`{}` is a view: what is behind it is not known", name.name))];
        }
        let is_triggered = self.triggered.contains(&self.place(name));
        let triggers =
            is_triggered.then(|| Lost::Unknown(format!("what the triggers of `{}` do is not known", name.name)));
        let Some(table) = self.real(name) else { return triggers.into_iter().collect() };
        let mut found: Vec<Lost> = lost.map(|lost| lost(table.clone())).into_iter().collect();
        if let Some(one) = found.first().cloned() {
            self.follow(&one, &mut found);
        }
        let has_trigger = |lost: &Lost| lost.rows_of().is_some_and(|table| self.present.triggers.contains(table));
        let is_triggered = is_triggered || self.present.triggers.contains(&table) || found.iter().any(has_trigger);
        found.extend(is_triggered.then(|| Lost::Unknown(format!("what the triggers of `{table}` do is not known"))));
        let takes_along = self.links && lost.is_some();
        found.extend(takes_along.then(|| {
            Lost::Unknown(format!(
                "what a foreign key that the script creates takes along with rows of `{table}` is not known"
            ))
        }));
        let is_elsewhere = found.iter().filter_map(Lost::rows_of).any(|table| table.schema.is_some());
        let is_elsewhere = is_elsewhere || table.schema.is_some();
        let why = || format!("what triggers and foreign keys of `{table}` do is not known: it is in another database");
        found.extend(is_elsewhere.then(|| Lost::Unknown(why())));
        found
    }

    /// The rows of tables that refer to these, as far as their foreign keys take them along.
    fn follow(&self, lost: &Lost, found: &mut Vec<Lost>) {
        let Some(parent) = lost.rows_of() else { return };
        for link in self.present.links.iter().filter(|link| link.parent == *parent) {
            let reach = if matches!(lost, Lost::SomeRows(_)) { link.on_delete } else { link.on_update };
            let next = match reach {
                Reach::Nothing => continue,
                Reach::Deletes => Lost::SomeRows(link.child.clone()),
                Reach::Changes => Lost::Values(link.child.clone()),
            };
            if !found.contains(&next) {
                found.push(next.clone());
                self.follow(&next, found);
            }
        }
    }

    fn of_call(&self, name: &Name) -> Option<Lost> {
        let schema = name.schema.as_deref().or(self.used.as_deref());
        let called = (self.present.schema_of(schema), name.name.to_lowercase());
        let why = || Lost::Unknown(format!("what the function `{}` does is not known", name.name));
        (called.0.is_some() || self.functions.contains(&called)).then(why)
    }

    /// Takes a statement of the run.
    pub fn take(&mut self, effects: &Effects) {
        for removal in &effects.removes {
            match removal {
                Removal::Table(name) => self.drop(name),
                Removal::Column(name, column) => self.set_column(name, column, None),
                Removal::Database(name) => self.drop_database(name),
                Removal::AllRows(_) | Removal::SomeRows(_) | Removal::Values(_) | Removal::AddsRows(_) => {}
                Removal::Converts(..) | Removal::Partition(..) | Removal::Calls(_) | Removal::Unknown(_) => {}
            }
        }
        for name in &effects.creates {
            if matches!(self.meaning(name), Meaning::Absent | Meaning::View) {
                self.put(name, Meaning::New);
            }
        }
        let calls = !effects.view_calls.is_empty()
            || effects.view_reads.iter().any(|name| self.calling.contains(&self.place(name)));
        for name in &effects.creates_views {
            self.put(name, Meaning::View);
            if calls {
                self.calling.insert(self.place(name));
            } else {
                self.calling.remove(&self.place(name));
            }
        }
        self.change_columns(effects);
        let moved: Vec<Table> = effects.repartitions.iter().filter_map(|name| self.real(name)).collect();
        self.repartitioned.extend(moved);
        for (from, to) in &effects.renames {
            if effects.passes_temporary {
                self.temporary.remove(&self.place(from));
                self.temporary.remove(&self.place(to));
            }
            self.rename(from, to);
        }
        if let Some(name) = &effects.function {
            let schema = self.present.schema_of(name.schema.as_deref().or(self.used.as_deref()));
            self.functions.insert((schema, name.name.to_lowercase()));
        }
        if let Some(name) = &effects.temporary {
            self.temporary.insert(self.place(name));
        }
        for name in &effects.drops_temporary {
            self.temporary.remove(&self.place(name));
        }
        if let Some(name) = &effects.trigger {
            self.triggered.insert(self.place(name));
        }
        self.links |= effects.links;
        if let Some(database) = &effects.uses {
            self.used = self.present.schema_of(Some(database));
        }
    }

    /// A temporary table goes first here, too.
    fn rename(&mut self, from: &Name, to: &Name) {
        if self.temporary.remove(&self.place(from)) {
            self.temporary.insert(self.place(to));
            return;
        }
        let meaning = self.meaning(from);
        if self.triggered.remove(&self.place(from)) {
            self.triggered.insert(self.place(to));
        }
        self.put(from, Meaning::Absent);
        self.put(to, meaning);
    }

    /// A temporary table goes first.
    fn drop(&mut self, name: &Name) {
        if !self.temporary.remove(&self.place(name)) {
            self.put(name, Meaning::Absent);
        }
    }

    fn drop_database(&mut self, name: &str) {
        let schema = self.present.schema_of(Some(name)).map(|schema| self.key(&schema));
        let places: Vec<Place> =
            self.real.keys().chain(self.changed.keys()).filter(|(of, _)| *of == schema).cloned().collect();
        self.changed.extend(places.into_iter().map(|place| (place, Meaning::Absent)));
    }

    /// All at once: the clauses of one ALTER name columns as they are before it.
    fn change_columns(&mut self, effects: &Effects) {
        let found: Vec<(Name, String, Option<String>)> = effects
            .columns
            .iter()
            .filter_map(|(table, change)| match change {
                ColumnChange::Adds(column) => Some((table.clone(), column.clone(), None)),
                ColumnChange::Renames(old, new) => {
                    let real = self.real(table)?;
                    Some((table.clone(), new.clone(), self.column(&real, old)))
                }
            })
            .collect();
        let renamed = |change: &ColumnChange| match change {
            ColumnChange::Renames(old, _) => Some(old.clone()),
            ColumnChange::Adds(_) => None,
        };
        for (table, old) in effects.columns.iter().filter_map(|(table, change)| Some((table, renamed(change)?))) {
            self.set_column(table, &old, None);
        }
        for (table, column, was) in found {
            self.set_column(&table, &column, was);
        }
    }

    fn set_column(&mut self, name: &Name, column: &str, was: Option<String>) {
        if let Some(table) = self.real(name) {
            self.columns.entry(table).or_default().insert(column.to_lowercase(), was);
        }
    }

    fn put(&mut self, name: &Name, meaning: Meaning) {
        self.changed.insert(self.place(name), meaning);
    }
}

impl Lost {
    /// The table that it is about.
    pub fn table(&self) -> Option<&Table> {
        match self {
            Lost::Table(table) | Lost::AllRows(table) | Lost::SomeRows(table) | Lost::Values(table) => Some(table),
            Lost::Column(table, _) | Lost::Converts(table, _) | Lost::Partition(table, _) => Some(table),
            Lost::Database(_) | Lost::Unknown(_) => None,
        }
    }

    /// The table whose rows or values DML changes.
    fn rows_of(&self) -> Option<&Table> {
        match self {
            Lost::SomeRows(table) | Lost::Values(table) => Some(table),
            Lost::Table(_) | Lost::AllRows(_) | Lost::Column(..) | Lost::Converts(..) => None,
            Lost::Partition(..) | Lost::Database(_) | Lost::Unknown(_) => None,
        }
    }
}

#[cfg(test)]
mod tests;
