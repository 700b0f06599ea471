//! The tables as far as the files tell: what the migrations so far have made, and one script's view on top of it.
//!
//! A view copies only the tables that it changes, and columns are shared, so that a folder of ten thousand migrations
//! costs ten thousand times one. A table that no file makes is known in parts, and nothing is concluded from what is not seen.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use crate::lint::column::{Column, Place, UNREAD};
use crate::lint::read::{Change, Family, Guard, Key, NewTable, What, key};

/// A table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) columns: Vec<Rc<Column>>,
    pub(crate) keys: Vec<Rc<Key>>,
    /// All of its columns are known.
    pub(crate) is_whole: bool,
    /// What was known before a script that may do anything is a guess.
    epoch: u32,
}

impl Table {
    pub(crate) fn column(&self, name: &str) -> Option<&Rc<Column>> {
        let wanted = key(name);
        self.columns.iter().find(|column| key(&column.name) == wanted)
    }

    pub(crate) fn keys_of<'t>(&'t self, column: &'t str) -> impl Iterator<Item = &'t Rc<Key>> {
        self.keys.iter().filter(move |key| key.has(column))
    }

    fn index(&self, name: &str) -> Option<usize> {
        let wanted = key(name);
        self.columns.iter().position(|column| key(&column.name) == wanted)
    }

    fn put(&mut self, column: Rc<Column>, place: &Place, otherwise: usize) {
        let at = match place {
            Place::Unsaid => otherwise,
            Place::First => 0,
            Place::After(other) => self.index(other).map_or(self.columns.len(), |at| at + 1),
        };
        self.columns.insert(at.min(self.columns.len()), column);
    }

    fn replace(&mut self, old: &str, column: Rc<Column>, place: &Place) {
        if key(old) != key(&column.name) {
            self.rename_in_keys(old, &column.name);
        }
        match self.index(old) {
            Some(at) => {
                self.columns.remove(at);
                self.put(column, place, at);
            }
            None if self.is_whole => {}
            None => self.put(column, place, self.columns.len()),
        }
    }

    fn rename_in_keys(&mut self, old: &str, new: &str) {
        for own in self.keys.iter_mut().filter(|own| own.has(old)) {
            let renamed =
                own.columns.iter().map(|name| if key(name) == key(old) { new.to_owned() } else { name.clone() });
            *own = Rc::new(Key { columns: renamed.collect(), ..Key::clone(own) });
        }
    }

    /// The server takes a dropped column out of every key; a key without columns goes with the last one.
    fn drop_column(&mut self, name: &str) {
        self.columns.retain(|column| key(&column.name) != key(name));
        for own in self.keys.iter_mut().filter(|own| own.has(name) && own.family != Family::Check) {
            let left = own.columns.iter().filter(|other| key(other) != key(name)).cloned();
            *own = Rc::new(Key { columns: left.collect(), ..Key::clone(own) });
        }
        self.keys.retain(|own| !own.columns.is_empty());
    }

    fn drop_key(&mut self, family: Family, name: &str) {
        let is_it = |own: &Key| match family {
            Family::Primary => own.family == Family::Primary,
            Family::Foreign | Family::Check => own.family == family && own.is_named(name),
            Family::Index | Family::Unique => {
                matches!(own.family, Family::Index | Family::Unique) && own.is_named(name)
            }
            Family::Any => own.family != Family::Index && own.is_named(name),
        };
        self.keys.retain(|own| !is_it(own));
    }

    /// The highest number in the name of a foreign key that the server has given one.
    fn last_generated(&self) -> u32 {
        let start = key(&format!("{}{GENERATED}", self.name));
        let name = |own: &Rc<Key>| own.made_name.as_ref().or(own.name.as_ref()).map(|name| key(name));
        let number = |name: String| name.strip_prefix(&start).and_then(|number| number.parse().ok());
        self.keys.iter().filter_map(name).filter_map(number).max().unwrap_or(0)
    }

    /// Primary-key columns are NOT NULL, whatever their definitions say.
    fn make_primary_not_null(&mut self) {
        let is_primary = |own: &&Rc<Key>| own.family == Family::Primary;
        let primary: Vec<String> =
            self.keys.iter().filter(is_primary).flat_map(|own| own.columns.iter().map(|name| key(name))).collect();
        for column in self.columns.iter_mut().filter(|column| column.nullable && primary.contains(&key(&column.name))) {
            *column = Rc::new(Column { nullable: false, ..Column::clone(column) });
        }
    }

    /// An index without a name gets that of its first column, and a number if that is taken. A foreign key gets its table's,
    /// and the next number.
    fn add_key(&mut self, new: &Key) {
        let mut new = new.clone();
        if new.name.is_none() && matches!(new.family, Family::Index | Family::Unique) {
            let first = new.columns.first().cloned().unwrap_or_default();
            let is_free = |name: &String| !self.keys.iter().any(|own| own.is_named(name));
            let numbered = (2..).map(|number| format!("{first}_{number}"));
            new.name = std::iter::once(first.clone()).chain(numbered).find(is_free);
        }
        if new.name.is_none() && new.family == Family::Foreign {
            new.made_name = Some(format!("{}{GENERATED}{}", self.name, self.last_generated() + 1));
        }
        self.keys.push(Rc::new(new));
    }
}

/// Between a table's name and a number, in the name of a foreign key without one.
const GENERATED: &str = "_ibfk_";

impl Key {
    pub(crate) fn is_named(&self, name: &str) -> bool {
        self.name.as_ref().or(self.made_name.as_ref()).is_some_and(|own| key(own) == key(name))
    }

    /// As the key of a table that gets another name: what the server has named after the old one is named after the new one.
    fn follow(&self, old: &str, new: &str) -> Key {
        let number = |name: &String| Some(key(name).strip_prefix(&key(&format!("{old}{GENERATED}")))?.to_owned());
        let renamed = |name: &Option<String>| {
            let number = name.as_ref().and_then(number);
            number.map_or_else(|| name.clone(), |number| Some(format!("{new}{GENERATED}{number}")))
        };
        Key { name: renamed(&self.name), made_name: renamed(&self.made_name), ..self.clone() }
    }
}

/// Table and column (or an empty one, for the table itself) -> the tables that have, or had, a foreign key to it.
type Children = HashMap<(String, String), BTreeSet<String>>;

fn enter(children: &mut Children, table: &Table) {
    for (parent, columns) in table.keys.iter().filter_map(|own| own.refers.as_ref()) {
        for column in columns.iter().map(|column| key(column)).chain([String::new()]) {
            children.entry((key(parent), column)).or_default().insert(key(&table.name));
        }
    }
}

/// What the migrations so far have made.
#[derive(Debug, Default)]
pub(crate) struct Catalogue {
    tables: HashMap<String, Rc<Table>>,
    children: Children,
    /// Tables that were dropped or got another name.
    gone: HashMap<String, String>,
    epoch: u32,
}

impl Catalogue {
    /// A script that may do anything has run: from here on tables are known in parts.
    pub(crate) fn doubt(&mut self) {
        self.epoch += 1;
    }

    /// Takes over what a script has changed, of the migration of this name.
    pub(crate) fn keep(&mut self, changed: HashMap<String, Option<Rc<Table>>>, migration: &str) {
        for (name, table) in changed {
            match table {
                None => {
                    self.tables.remove(&name);
                    self.gone.insert(name, migration.to_owned());
                }
                Some(table) => {
                    enter(&mut self.children, &table);
                    self.gone.remove(&name);
                    self.tables.insert(name, table);
                }
            }
        }
    }

    /// What a table's foreign key with a name that the server has made is about.
    pub(crate) fn made_key(&self, table: &str, name: &str) -> Option<&Rc<Key>> {
        let table = self.tables.get(&key(table))?;
        table.keys.iter().find(|own| own.made_name.is_some() && own.is_named(name))
    }

    /// A table, if its columns are all known.
    pub(crate) fn whole(&self, name: &str) -> Option<&Table> {
        self.tables.get(&key(name)).filter(|table| table.is_whole && table.epoch == self.epoch).map(Rc::as_ref)
    }
}

/// One run's view: the catalogue, and what this run has changed.
#[derive(Clone, Debug)]
pub(crate) struct View<'c> {
    base: &'c Catalogue,
    pub(crate) changed: HashMap<String, Option<Rc<Table>>>,
    children: Children,
}

impl<'c> View<'c> {
    pub(crate) fn of(base: &'c Catalogue) -> Self {
        View { base, changed: HashMap::new(), children: Children::new() }
    }

    /// What is known of a table, wholly or in parts.
    pub(crate) fn table(&self, name: &str) -> Option<&Rc<Table>> {
        let name = key(name);
        match self.changed.get(&name) {
            Some(table) => table.as_ref(),
            None => self.base.tables.get(&name),
        }
    }

    /// A table whose columns are all known.
    pub(crate) fn whole(&self, name: &str) -> Option<&Rc<Table>> {
        self.table(name).filter(|table| table.is_whole && table.epoch == self.base.epoch)
    }

    /// The migration that took a table away, if one did and nothing has brought it back.
    pub(crate) fn gone(&self, name: &str) -> Option<&str> {
        let name = key(name);
        if self.changed.contains_key(&name) { None } else { self.base.gone.get(&name).map(String::as_str) }
    }

    /// The foreign keys of other tables that refer to a table, or to a column of it, each with its table's name.
    pub(crate) fn referring(&self, parent: &str, column: Option<&str>) -> Vec<(String, Rc<Key>)> {
        let place = (key(parent), column.map(key).unwrap_or_default());
        let known = [&self.base.children, &self.children].map(|children| children.get(&place));
        let children: BTreeSet<&String> = known.into_iter().flatten().flatten().collect();
        let mut found = Vec::new();
        let others = children.into_iter().filter(|name| **name != place.0);
        for table in others.filter_map(|name| self.table(name)).filter(|table| table.epoch == self.base.epoch) {
            for own in &table.keys {
                let refers = |(to, columns): &(String, Vec<String>)| {
                    key(to) == place.0 && (column.is_none() || columns.iter().any(|name| key(name) == place.1))
                };
                if own.refers.as_ref().is_some_and(refers) {
                    found.push((table.name.clone(), Rc::clone(own)));
                }
            }
        }
        found
    }

    /// Does what a statement does.
    pub(crate) fn apply(&mut self, change: &Change) {
        match &change.what {
            What::CreateTable(new) => self.create(&change.object, new, change.guard),
            What::DropTable => drop(self.changed.insert(key(&change.object), None)),
            What::RenameTable(new) => self.rename(&change.object, new),
            What::RenameColumn(old, new) => {
                self.alter(&change.object, &change.what, change.guard);
                self.repoint(&change.object, &change.object, old, new);
            }
            What::Truncate | What::Create(..) | What::Drop(_) | What::Alter(_) => {}
            What::TruncatePartition(_) | What::DropPartition(_) | What::Other => {}
            what => self.alter(&change.object, what, change.guard),
        }
    }

    fn create(&mut self, name: &str, new: &NewTable, guard: Guard) {
        if guard == Guard::IfNotExists && self.table(name).is_some() {
            return;
        }
        let columns: Vec<_> = new.columns.iter().cloned().map(Rc::new).collect();
        let mut table = Table { name: name.to_owned(), columns, is_whole: new.is_whole, ..Table::default() };
        table.epoch = self.base.epoch;
        new.keys.iter().for_each(|key| table.add_key(key));
        table.make_primary_not_null();
        self.set(table);
    }

    fn set(&mut self, table: Table) {
        enter(&mut self.children, &table);
        self.changed.insert(key(&table.name), Some(Rc::new(table)));
    }

    fn rename(&mut self, old: &str, new: &str) {
        self.repoint(old, new, "", "");
        // One that no file makes is there under its new name all the same.
        let mut table = self.table(old).map_or_else(|| self.unknown(old), |table| Table::clone(table));
        for own in &mut table.keys {
            *own = Rc::new(own.follow(old, new));
        }
        self.changed.insert(key(old), None);
        self.set(Table { name: new.to_owned(), ..table });
    }

    /// Foreign keys follow what they refer to when it gets another name.
    fn repoint(&mut self, parent: &str, new_parent: &str, column: &str, new_column: &str) {
        let children: BTreeSet<String> = self.referring(parent, None).into_iter().map(|(name, _)| name).collect();
        for child in children {
            let Some(mut table) = self.table(&child).map(|table| Table::clone(table)) else { continue };
            for own in &mut table.keys {
                let Some((_, columns)) = own.refers.as_ref().filter(|(to, _)| key(to) == key(parent)) else { continue };
                let renamed =
                    |name: &String| if key(name) == key(column) { new_column.to_owned() } else { name.clone() };
                let refers = (new_parent.to_owned(), columns.iter().map(renamed).collect());
                *own = Rc::new(Key { refers: Some(refers), ..Key::clone(own) });
            }
            self.set(table);
        }
    }

    fn alter(&mut self, name: &str, what: &What, guard: Guard) {
        let mut table = self.table(name).map_or_else(|| self.unknown(name), |table| Table::clone(table));
        match what {
            What::AddColumn(column, _) if guard == Guard::IfNotExists && table.column(&column.name).is_some() => {}
            What::AddColumn(column, place) => {
                let end = table.columns.len();
                table.put(Rc::new(column.clone()), place, end);
            }
            What::DropColumn(name) => table.drop_column(name),
            What::ChangeColumn(old, column, place) => table.replace(old, Rc::new(column.clone()), place),
            What::AlterColumn(name) => {
                if let Some(column) = table.column(name) {
                    let default = Some(UNREAD.to_owned());
                    let column = Rc::new(Column { default, ..Column::clone(column) });
                    table.replace(name, column, &Place::Unsaid);
                }
            }
            What::RenameColumn(old, new) => {
                if let Some(column) = table.column(old) {
                    let column = Rc::new(Column { name: new.clone(), ..Column::clone(column) });
                    table.replace(old, column, &Place::Unsaid);
                }
            }
            What::AddKey(new) => table.add_key(new),
            What::DropKey(family, name) => table.drop_key(*family, name),
            What::RenameIndex(old, new) => {
                for own in table.keys.iter_mut().filter(|own| own.is_named(old)) {
                    *own = Rc::new(Key { name: Some(new.clone()), ..Key::clone(own) });
                }
            }
            What::CreateTable(_) | What::DropTable | What::RenameTable(_) | What::Truncate | What::Other => {}
            What::DropPartition(_) | What::TruncatePartition(_) => {}
            What::Create(..) | What::Drop(_) | What::Alter(_) => {}
        }
        table.make_primary_not_null();
        self.set(table);
    }

    fn unknown(&self, name: &str) -> Table {
        Table { name: name.to_owned(), epoch: self.base.epoch, ..Table::default() }
    }
}
