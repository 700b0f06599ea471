//! Reads what a statement does to tables and other objects: the clauses of CREATE, ALTER, DROP and RENAME, and no more.
//!
//! Honest rather than complete: a clause that is not known is [`What::Other`], and nothing is concluded from it.

use crate::lint::column::{self, Column, OwnKey, Place};
use crate::statement::Statement;
use crate::statement::ddl::Object;
pub(crate) use crate::statement::tree::Guard;
use crate::statement::tree::{
    AlterTable, Change as Clause, CreateTable, DroppedKey, Element, Form, Ident, KeyDefinition, KeyKind, Name,
    ObjectStatement, Partitions, RenameTables, Source, Verb, Which,
};

/// One thing that a statement does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    /// Its first byte in the script.
    pub(crate) at: usize,
    /// The table, or the object of another kind; empty where none is named.
    pub(crate) object: String,
    pub(crate) guard: Guard,
    pub(crate) what: What,
}

/// What is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    CreateTable(NewTable),
    DropTable,
    RenameTable(String),
    Truncate,
    AddColumn(Column, Place),
    DropColumn(String),
    /// MODIFY, and CHANGE, which may rename it; the first is the name before.
    ChangeColumn(String, Column, Place),
    /// ALTER COLUMN … SET DEFAULT and the like.
    AlterColumn(String),
    RenameColumn(String, String),
    AddKey(Key),
    DropKey(Family, String),
    RenameIndex(String, String),
    DropPartition(Vec<String>),
    TruncatePartition(Vec<String>),
    /// Anything else of an ALTER TABLE.
    Other,
    /// A view, routine, trigger, event, sequence or database; a trigger is on a table.
    Create(Object, Option<String>),
    Drop(Object),
    Alter(Object),
}

/// A table as it is made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct NewTable {
    pub(crate) columns: Vec<Column>,
    pub(crate) keys: Vec<Key>,
    /// False for LIKE and SELECT, which bring columns of their own.
    pub(crate) is_whole: bool,
    pub(crate) engine: Option<String>,
    pub(crate) or_replace: bool,
}

/// A key or constraint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) family: Family,
    /// As it was given; the server makes one otherwise.
    pub(crate) name: Option<String>,
    /// What both servers call a foreign key of a known table to which no name was given.
    pub(crate) made_name: Option<String>,
    pub(crate) columns: Vec<String>,
    /// The table and the columns that a foreign key refers to.
    pub(crate) refers: Option<(String, Vec<String>)>,
}

/// Kinds of keys and constraints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    Primary,
    Unique,
    Index,
    Foreign,
    Check,
    /// DROP CONSTRAINT says no more.
    Any,
}

/// How a name is compared: columns, indexes and constraints know no case, and tables differ by it on some systems only.
pub(crate) fn key(name: &str) -> String {
    name.to_lowercase()
}

/// What a statement that starts at `offset` of its script does, in the order of its clauses; nothing to a temporary table.
pub(crate) fn changes(tree: &Statement, offset: usize) -> Vec<Change> {
    let at = offset + tree.tokens.first().map_or(0, |token| token.at);
    let one = |name: &Name, guard, what| Change { at, object: name.name.plain(), guard, what };
    match &tree.form {
        Form::CreateTable(new) if new.is_temporary => Vec::new(),
        Form::CreateTable(new) => vec![one(&new.table, new.guard, What::CreateTable(new_table(tree, new)))],
        Form::AlterTable(alter) => alter_table(tree, alter, offset),
        Form::DropTable(drop) if drop.is_temporary => Vec::new(),
        Form::DropTable(drop) => drop.tables.iter().map(|name| one(name, drop.guard, What::DropTable)).collect(),
        Form::RenameTables(rename) => rename_tables(rename, offset),
        Form::Truncate(name) => vec![one(name, Guard::None, What::Truncate)],
        Form::CreateIndex(new) => {
            let columns = plain(&new.columns);
            let key =
                Key { family: family(new.kind), name: Some(new.name.plain()), made_name: None, columns, refers: None };
            vec![one(&new.table, new.guard, What::AddKey(key))]
        }
        Form::DropIndex(old) => {
            vec![one(&old.table, old.guard, What::DropKey(Family::Index, old.name.plain()))]
        }
        Form::Object(object) if object.is_temporary => Vec::new(),
        Form::Object(object) => {
            let each = |what: What| object.names.iter().map(|name| one(name, object.guard, what.clone())).collect();
            of_object(object).map_or(Vec::new(), each)
        }
        Form::Rights | Form::Set(_) | Form::SetStatement(_) | Form::Use(_) | Form::Dml(_) | Form::Load(_) => Vec::new(),
        Form::Call(_) | Form::Execute(_) | Form::Prepare(_) | Form::Deallocate(_) | Form::Compound => Vec::new(),
        Form::Transaction(_) | Form::Lock | Form::Maintenance(_) | Form::Show | Form::Diagnostics => Vec::new(),
        Form::Other => Vec::new(),
    }
}

fn of_object(statement: &ObjectStatement) -> Option<What> {
    let object = Object::from(statement.object);
    match statement.verb {
        Verb::Create => Some(What::Create(object, statement.on.map(|table| table.name.plain()))),
        Verb::Alter => Some(What::Alter(object)),
        Verb::Drop => Some(What::Drop(object)),
        Verb::Rename | Verb::Truncate => None,
    }
}

fn rename_tables(rename: &RenameTables, offset: usize) -> Vec<Change> {
    let change = |(old, new): &(Name, Name)| Change {
        at: offset + old.schema.unwrap_or(old.name).at,
        object: old.name.plain(),
        guard: rename.guard,
        what: What::RenameTable(new.name.plain()),
    };
    rename.pairs.iter().map(change).collect()
}

fn plain(names: &[Ident]) -> Vec<String> {
    names.iter().map(Ident::plain).collect()
}

fn new_table(tree: &Statement, new: &CreateTable) -> NewTable {
    let mut table = NewTable {
        or_replace: new.or_replace,
        is_whole: new.source == Source::None && !new.elements.is_empty(),
        engine: tree.engine().map(|(_, engine)| engine.to_owned()),
        ..NewTable::default()
    };
    for element in &new.elements {
        match element {
            Element::Column(definition) => table.columns.extend(column::read(tree, definition)),
            Element::Key(definition) => table.keys.extend(key_of(tree, definition)),
            Element::Period | Element::Other(_) => {}
        }
    }
    let own: Vec<Key> = table.columns.iter().filter_map(own_key).collect();
    table.keys.extend(own);
    table
}

fn own_key(column: &Column) -> Option<Key> {
    let family = match column.own_key? {
        OwnKey::Primary => Family::Primary,
        OwnKey::Unique => Family::Unique,
    };
    Some(Key { family, name: None, made_name: None, columns: vec![column.name.clone()], refers: None })
}

fn family(kind: KeyKind) -> Family {
    match kind {
        KeyKind::Primary => Family::Primary,
        KeyKind::Unique => Family::Unique,
        KeyKind::Index | KeyKind::Special => Family::Index,
        KeyKind::Foreign => Family::Foreign,
        KeyKind::Check => Family::Check,
    }
}

fn key_of(tree: &Statement, definition: &KeyDefinition) -> Option<Key> {
    let inner = definition.inner.clone()?;
    let family = family(definition.kind);
    // The words of the expression are all that is known of its columns.
    let words =
        || tree.tokens[inner].iter().filter(|token| token.is_name()).map(|token| token.ident().plain()).collect();
    let columns = if family == Family::Check { words() } else { plain(&definition.columns) };
    // The name of a foreign key's index is not that of its constraint, but both servers take it where no other is given.
    let name = definition.constraint.or(definition.name).filter(|_| family != Family::Primary);
    let refers = definition.refers.as_ref().map(|(table, columns)| (table.name.plain(), plain(columns)));
    Some(Key { family, name: name.map(|name| name.plain()), made_name: None, columns, refers })
}

fn alter_table(tree: &Statement, alter: &AlterTable, offset: usize) -> Vec<Change> {
    let mut found: Vec<Change> = Vec::new();
    for clause in &alter.clauses {
        let at = offset + tree.tokens.get(clause.tokens.start).map_or(0, |token| token.at);
        for (guard, what) in alteration(tree, &clause.change) {
            found.push(Change { at, object: alter.table.name.plain(), guard, what });
        }
    }
    found
}

/// One clause: what it does, or that it does something else.
fn alteration(tree: &Statement, clause: &Clause) -> Vec<(Guard, What)> {
    let one = |guard: Guard, what: What| vec![(guard, what)];
    let other = || one(Guard::None, What::Other);
    match clause {
        Clause::AddColumn(guard, definition) => column::read(tree, definition).map_or_else(other, |column| {
            let own = own_key(&column).map(|key| (*guard, What::AddKey(key)));
            std::iter::once((*guard, What::AddColumn(column, Place::of(definition.place)))).chain(own).collect()
        }),
        Clause::AddKey(definition) => {
            key_of(tree, definition).map_or_else(other, |key| one(definition.guard, What::AddKey(key)))
        }
        Clause::DropColumn(guard, name) => one(*guard, What::DropColumn(name.plain())),
        Clause::DropKey(guard, kind, name) => {
            let name = name.map_or("PRIMARY".to_owned(), |name| name.plain());
            one(*guard, What::DropKey(dropped(*kind), name))
        }
        Clause::ChangeColumn(guard, old, new) => column::read(tree, new)
            .map_or_else(other, |column| one(*guard, What::ChangeColumn(old.plain(), column, Place::of(new.place)))),
        Clause::ModifyColumn(guard, new) => column::read(tree, new).map_or_else(other, |column| {
            one(*guard, What::ChangeColumn(column.name.clone(), column, Place::of(new.place)))
        }),
        Clause::AlterColumn(guard, name) => one(*guard, What::AlterColumn(name.plain())),
        Clause::RenameColumn(guard, old, new) => one(*guard, What::RenameColumn(old.plain(), new.plain())),
        Clause::RenameKey(guard, old, new) => one(*guard, What::RenameIndex(old.plain(), new.plain())),
        Clause::RenameTable(new) => one(Guard::None, What::RenameTable(new.name.plain())),
        Clause::Partitions(Partitions::Drop(guard, names)) => one(*guard, What::DropPartition(plain(names))),
        Clause::Partitions(Partitions::Truncate(Which::Named(names))) => {
            one(Guard::None, What::TruncatePartition(plain(names)))
        }
        Clause::Partitions(Partitions::Truncate(Which::All)) => {
            one(Guard::None, What::TruncatePartition(vec!["ALL".to_owned()]))
        }
        // They say how the others run.
        Clause::Algorithm(_) | Clause::Lock(_) => Vec::new(),
        Clause::Partitions(_) | Clause::AlterKey(..) | Clause::AddPeriod | Clause::DropPeriod => other(),
        Clause::AddVersioning | Clause::DropVersioning | Clause::DiscardTablespace => other(),
        Clause::ImportTablespace | Clause::ConvertCharset | Clause::OrderBy | Clause::Force | Clause::Keys => other(),
        Clause::Validation | Clause::Secondary | Clause::Option(_) | Clause::Other => other(),
    }
}

fn dropped(kind: DroppedKey) -> Family {
    match kind {
        DroppedKey::Primary => Family::Primary,
        DroppedKey::Index => Family::Index,
        DroppedKey::Foreign => Family::Foreign,
        DroppedKey::Check => Family::Check,
        DroppedKey::Constraint => Family::Any,
    }
}

impl Key {
    /// True for a column of it.
    pub(crate) fn has(&self, column: &str) -> bool {
        self.columns.iter().any(|own| key(own) == key(column))
    }
}
