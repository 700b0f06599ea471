//! Reads what a statement does to tables and other objects: the clauses of CREATE, ALTER, DROP and RENAME, and no more.
//!
//! Honest rather than complete: a clause that is not known is [`What::Other`], and nothing is concluded from it.

use crate::lint::column::{self, Column, OwnKey, Place};
use crate::lint::token::{Cursor, Token, commas, key};
use crate::statement::ddl::{Ddl, Object};

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

/// What a statement passes over in silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Guard {
    None,
    /// `IF EXISTS`.
    IfExists,
    /// `IF NOT EXISTS`.
    IfNotExists,
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

/// What a DDL statement does, in the order of its clauses.
pub(crate) fn changes(tokens: &[Token], ddl: &Ddl) -> Vec<Change> {
    let Some(first) = tokens.first() else { return Vec::new() };
    let mut cursor = Cursor::new(&tokens[1..]);
    match (ddl.verb.as_str(), ddl.object) {
        ("CREATE", Object::Table) => create_table(&mut cursor, first.at).into_iter().collect(),
        ("ALTER", Object::Table) => alter_table(&mut cursor),
        ("CREATE", Object::Index) => create_index(&mut cursor, first.at),
        ("DROP", Object::Index) => drop_index(&mut cursor, first.at),
        ("RENAME", Object::Table) => rename_tables(&mut cursor),
        ("DROP", Object::Table) => of_each(ddl, first.at, &What::DropTable),
        ("TRUNCATE", _) => of_each(ddl, first.at, &What::Truncate),
        ("CREATE", object) => {
            let mut found = of_each(ddl, first.at, &What::Create(object, trigger_table(tokens, object)));
            found.truncate(1);
            found
        }
        ("DROP", object) => of_each(ddl, first.at, &What::Drop(object)),
        ("ALTER", object) => of_each(ddl, first.at, &What::Alter(object)),
        _ => Vec::new(),
    }
}

fn of_each(ddl: &Ddl, at: usize, what: &What) -> Vec<Change> {
    let guard = match (ddl.if_exists, ddl.if_not_exists) {
        (true, _) => Guard::IfExists,
        (_, true) => Guard::IfNotExists,
        _ => Guard::None,
    };
    let each =
        |name: &crate::statement::names::Name| Change { at, object: name.name.clone(), guard, what: what.clone() };
    ddl.targets.iter().map(each).collect()
}

fn trigger_table(tokens: &[Token], object: Object) -> Option<String> {
    let on = tokens.iter().position(|token| token.is_word("ON")).filter(|_| object == Object::Trigger)?;
    Cursor::new(&tokens[on + 1..]).object()
}

fn guard(cursor: &mut Cursor) -> Guard {
    if cursor.eat(&["IF", "NOT", "EXISTS"]) {
        Guard::IfNotExists
    } else if cursor.eat(&["IF", "EXISTS"]) {
        Guard::IfExists
    } else {
        Guard::None
    }
}

/// Behind CREATE.
fn create_table(cursor: &mut Cursor, at: usize) -> Option<Change> {
    let or_replace = cursor.eat(&["OR", "REPLACE"]);
    cursor.eat(&["TABLE"]).then_some(())?;
    let guard = guard(cursor);
    let object = cursor.object()?;
    let mut table = NewTable { or_replace, is_whole: true, ..NewTable::default() };
    match cursor.parens() {
        Some(inner) if !inner.first().is_some_and(|t| t.is_word("LIKE") || t.is_word("SELECT")) => {
            commas(inner).for_each(|part| element(part, &mut table));
        }
        _ => table.is_whole = false,
    }
    for column in &table.columns {
        table.keys.extend(own_key(column));
    }
    table.is_whole &= !cursor.rest.iter().any(|token| token.is_word("SELECT") || token.is_word("LIKE"));
    if let Some(engine) = cursor.rest.iter().position(|token| token.is_word("ENGINE")) {
        let name = cursor.rest[engine + 1..].iter().find(|token| !token.is("="));
        table.engine = name.map(|token| token.text.to_owned());
    }
    Some(Change { at, object, guard, what: What::CreateTable(table) })
}

fn own_key(column: &Column) -> Option<Key> {
    let family = match column.own_key? {
        OwnKey::Primary => Family::Primary,
        OwnKey::Unique => Family::Unique,
    };
    Some(Key { family, name: None, made_name: None, columns: vec![column.name.clone()], refers: None })
}

/// A column, key or constraint of CREATE TABLE. A period is none of them.
fn element(part: &[Token], table: &mut NewTable) {
    let mut cursor = Cursor::new(part);
    if let Some(key) = key_definition(&mut cursor) {
        table.keys.push(key);
    } else if !Cursor::new(part).sees(&["PERIOD", "FOR"])
        && let Some((column, _)) = column::read(&mut Cursor::new(part))
    {
        table.columns.push(column);
    }
}

/// Reads `[CONSTRAINT [name]] PRIMARY KEY | UNIQUE | KEY | INDEX | FULLTEXT | SPATIAL | FOREIGN KEY | CHECK …`.
fn key_definition(cursor: &mut Cursor) -> Option<Key> {
    let before = cursor.clone();
    let found = try_key_definition(cursor);
    if found.is_none() {
        *cursor = before;
    }
    found
}

fn try_key_definition(cursor: &mut Cursor) -> Option<Key> {
    let is_key_word =
        |cursor: &Cursor| ["PRIMARY", "UNIQUE", "FOREIGN", "CHECK"].iter().any(|word| cursor.sees(&[word]));
    let mut name = None;
    if cursor.eat(&["CONSTRAINT"]) && !is_key_word(cursor) {
        guard(cursor);
        name = cursor.name();
    }
    let is_primary = cursor.eat(&["PRIMARY", "KEY"]);
    let is_foreign = !is_primary && cursor.eat(&["FOREIGN", "KEY"]);
    if !is_primary && !is_foreign && cursor.eat(&["CHECK"]) {
        let inner = cursor.parens()?;
        // The words of the expression are all that is known of its columns.
        let columns =
            inner.iter().filter(|token| token.is_name()).map(|t| crate::statement::names::unquote(t.text)).collect();
        return Some(Key { family: Family::Check, name, made_name: None, columns, refers: None });
    }
    let is_unique = !is_primary && !is_foreign && cursor.eat(&["UNIQUE"]);
    let is_other = !is_primary && !is_foreign && !is_unique && cursor.eat_any(&["FULLTEXT", "SPATIAL"]);
    let is_index = !is_primary && !is_foreign && cursor.eat_any(&["KEY", "INDEX"]);
    let family = match () {
        () if is_primary => Family::Primary,
        () if is_foreign => Family::Foreign,
        () if is_unique => Family::Unique,
        () if is_other || is_index => Family::Index,
        () => return None,
    };
    guard(cursor);
    if !cursor.sees(&["USING"]) {
        let given = cursor.name();
        // The name of a foreign key's index is not that of its constraint, but MariaDB and MySQL take it where no other is given.
        name = name.or(given);
    }
    if cursor.eat(&["USING"]) {
        cursor.next();
    }
    cursor.peek().filter(|token| token.is("("))?;
    let columns = cursor.columns();
    let refers =
        if cursor.eat(&["REFERENCES"]) { cursor.object().map(|table| (table, cursor.columns())) } else { None };
    Some(Key { family, name: name.filter(|_| family != Family::Primary), made_name: None, columns, refers })
}

/// Behind CREATE: `[OR REPLACE] [UNIQUE | …] INDEX [IF NOT EXISTS] name [USING …] ON table (columns)`.
fn create_index(cursor: &mut Cursor, at: usize) -> Vec<Change> {
    cursor.eat(&["OR", "REPLACE"]);
    let family = if cursor.eat(&["UNIQUE"]) { Family::Unique } else { Family::Index };
    cursor.eat_any(&["FULLTEXT", "SPATIAL"]);
    cursor.eat(&["INDEX"]);
    let guard = guard(cursor);
    let name = cursor.name();
    if cursor.eat(&["USING"]) {
        cursor.next();
    }
    let object = if cursor.eat(&["ON"]) { cursor.object() } else { None };
    let key = Key { family, name, made_name: None, columns: cursor.columns(), refers: None };
    object.map(|object| Change { at, object, guard, what: What::AddKey(key) }).into_iter().collect()
}

/// Behind DROP: `INDEX [IF EXISTS] name ON table`.
fn drop_index(cursor: &mut Cursor, at: usize) -> Vec<Change> {
    cursor.eat(&["INDEX"]);
    let guard = guard(cursor);
    let name = cursor.name();
    let object = if cursor.eat(&["ON"]) { cursor.object() } else { None };
    let change = |(name, object)| Change { at, object, guard, what: What::DropKey(Family::Index, name) };
    name.zip(object).map(change).into_iter().collect()
}

/// Behind RENAME: `TABLE a TO b, …`.
fn rename_tables(cursor: &mut Cursor) -> Vec<Change> {
    cursor.eat_any(&["TABLE", "TABLES"]);
    let guard = guard(cursor);
    let rename = |part: &[Token]| {
        let at = part.first()?.at;
        let mut cursor = Cursor::new(part);
        let object = cursor.object()?;
        let to = cursor.rest.iter().position(|token| token.is_word("TO"))?;
        let new = Cursor::new(&cursor.rest[to + 1..]).object()?;
        Some(Change { at, object, guard, what: What::RenameTable(new) })
    };
    commas(cursor.rest).filter_map(rename).collect()
}

/// Behind ALTER.
fn alter_table(cursor: &mut Cursor) -> Vec<Change> {
    while cursor.eat_any(&["ONLINE", "OFFLINE", "IGNORE"]) {}
    cursor.eat(&["TABLE"]);
    guard(cursor);
    let Some(table) = cursor.object() else { return Vec::new() };
    if cursor.eat(&["WAIT"]) {
        cursor.next();
    }
    cursor.eat(&["NOWAIT"]);
    let mut found = Vec::new();
    for part in commas(cursor.rest) {
        let Some(first) = part.first() else { continue };
        let mut clause = Cursor::new(part);
        let before = found.len();
        let mut push = |guard, what| found.push(Change { at: first.at, object: table.clone(), guard, what });
        alteration(&mut clause, &mut push);
        if found.len() == before {
            found.push(Change { at: first.at, object: table.clone(), guard: Guard::None, what: What::Other });
        }
    }
    found
}

/// One clause; what is not known pushes nothing.
fn alteration(cursor: &mut Cursor, push: &mut impl FnMut(Guard, What)) {
    if cursor.eat(&["ADD"]) {
        add(cursor, push);
    } else if cursor.eat(&["DROP"]) {
        drop_clause(cursor, push);
    } else if cursor.eat(&["MODIFY"]) {
        cursor.eat(&["COLUMN"]);
        let guard = guard(cursor);
        if let Some((column, place)) = column::read(cursor) {
            push(guard, What::ChangeColumn(column.name.clone(), column, place));
        }
    } else if cursor.eat(&["CHANGE"]) {
        cursor.eat(&["COLUMN"]);
        let guard = guard(cursor);
        if let Some(old) = cursor.name()
            && let Some((column, place)) = column::read(cursor)
        {
            push(guard, What::ChangeColumn(old, column, place));
        }
    } else if cursor.eat(&["RENAME"]) {
        rename(cursor, push);
    } else if cursor.eat(&["ALTER"]) {
        if cursor.eat_any(&["INDEX", "KEY", "CHECK", "CONSTRAINT"]) {
            return;
        }
        cursor.eat(&["COLUMN"]);
        let guard = guard(cursor);
        if let Some(name) = cursor.name() {
            push(guard, What::AlterColumn(name));
        }
    } else if cursor.eat(&["TRUNCATE", "PARTITION"]) {
        push(Guard::None, What::TruncatePartition(name_list(cursor)));
    }
}

fn add(cursor: &mut Cursor, push: &mut impl FnMut(Guard, What)) {
    if cursor.sees(&["PARTITION"]) || cursor.sees(&["PERIOD"]) || cursor.sees(&["SYSTEM"]) {
        return;
    }
    // `ADD CONSTRAINT IF NOT EXISTS`, `ADD INDEX IF NOT EXISTS`: MariaDB.
    let is_guarded =
        cursor.rest.windows(3).any(|w| w[0].is_word("IF") && w[1].is_word("NOT") && w[2].is_word("EXISTS"));
    let of_key = if is_guarded { Guard::IfNotExists } else { Guard::None };
    if let Some(key) = key_definition(cursor) {
        return push(of_key, What::AddKey(key));
    }
    cursor.eat(&["COLUMN"]);
    let guard = guard(cursor);
    if let Some(inner) = cursor.parens() {
        for (column, place) in commas(inner).filter_map(|part| column::read(&mut Cursor::new(part))) {
            add_column(guard, column, place, push);
        }
    } else if let Some((column, place)) = column::read(cursor) {
        add_column(guard, column, place, push);
    }
}

fn add_column(guard: Guard, column: Column, place: Place, push: &mut impl FnMut(Guard, What)) {
    let own = own_key(&column);
    push(guard, What::AddColumn(column, place));
    if let Some(key) = own {
        push(guard, What::AddKey(key));
    }
}

fn drop_clause(cursor: &mut Cursor, push: &mut impl FnMut(Guard, What)) {
    if cursor.eat(&["PRIMARY", "KEY"]) {
        return push(Guard::None, What::DropKey(Family::Primary, "PRIMARY".to_owned()));
    }
    if cursor.sees(&["SYSTEM", "VERSIONING"]) || cursor.sees(&["PERIOD", "FOR"]) {
        return;
    }
    if cursor.eat(&["PARTITION"]) {
        let guard = guard(cursor);
        return push(guard, What::DropPartition(name_list(cursor)));
    }
    let family = match () {
        () if cursor.eat(&["FOREIGN", "KEY"]) => Some(Family::Foreign),
        () if cursor.eat_any(&["INDEX", "KEY"]) => Some(Family::Index),
        () if cursor.eat(&["CONSTRAINT"]) => Some(Family::Any),
        () if cursor.eat(&["CHECK"]) => Some(Family::Check),
        () => None,
    };
    cursor.eat(&["COLUMN"]);
    let guard = guard(cursor);
    match (family, cursor.name()) {
        (Some(family), Some(name)) => push(guard, What::DropKey(family, name)),
        (None, Some(name)) => push(guard, What::DropColumn(name)),
        (_, None) => {}
    }
}

fn rename(cursor: &mut Cursor, push: &mut impl FnMut(Guard, What)) {
    let is_column = cursor.eat(&["COLUMN"]);
    let is_index = !is_column && cursor.eat_any(&["INDEX", "KEY"]);
    if !is_column && !is_index {
        cursor.eat_any(&["TO", "AS"]);
        cursor.eat_punct("=");
        if let Some(new) = cursor.object() {
            push(Guard::None, What::RenameTable(new));
        }
        return;
    }
    let guard = guard(cursor);
    let old = cursor.name();
    cursor.eat(&["TO"]);
    if let Some((old, new)) = old.zip(cursor.name()) {
        push(guard, if is_column { What::RenameColumn(old, new) } else { What::RenameIndex(old, new) });
    }
}

fn name_list(cursor: &Cursor) -> Vec<String> {
    commas(cursor.rest).filter_map(|part| Cursor::new(part).name()).collect()
}

impl Key {
    /// True for a column of it.
    pub(crate) fn has(&self, column: &str) -> bool {
        self.columns.iter().any(|own| key(own) == key(column))
    }
}
