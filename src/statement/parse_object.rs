//! Reads CREATE, ALTER, DROP, RENAME and TRUNCATE: which kind of object, what it is called, and what may be skipped.

use crate::script::lexer::Upper;
use crate::statement::cursor::{Cursor, commas};
use crate::statement::parse_head::{Head, wait};
use crate::statement::tree::{
    CreateIndex, DropIndex, DropTable, Form, Guard, KeyKind, Maintenance, MaintenanceVerb, Name, ObjectKind,
    ObjectStatement, RenameTables, Verb,
};
use crate::statement::{parse_alter, parse_table};

/// From the verb on.
pub(super) fn ddl<'a>(cursor: &mut Cursor<'_, 'a>) -> Form<'a> {
    let verb = match cursor.next().map_or(Upper::of(""), |token| Upper::of(token.text)).as_str() {
        "CREATE" => Verb::Create,
        "ALTER" => Verb::Alter,
        "DROP" => Verb::Drop,
        "RENAME" => Verb::Rename,
        "TRUNCATE" => Verb::Truncate,
        _ => return Form::Other,
    };
    if verb == Verb::Drop && cursor.eat(&["PREPARE"]) {
        return Form::Deallocate(cursor.ident());
    }
    let head = head(cursor, verb);
    let after_head = cursor.clone();
    let index = index_kind(cursor);
    let object = object_kind(cursor, verb);
    let start = cursor.clone();
    let known = match (verb, object) {
        (Verb::Create, ObjectKind::Table) => parse_table::create(cursor, head).map(Form::CreateTable),
        (Verb::Alter, ObjectKind::Table) => parse_alter::alter(cursor, head).map(Form::AlterTable),
        (Verb::Drop, ObjectKind::Table) => drop_table(cursor, head),
        (Verb::Rename, ObjectKind::Table) => rename_tables(cursor),
        (Verb::Truncate, _) => {
            cursor.guard();
            cursor.name().map(Form::Truncate)
        }
        (Verb::Create, ObjectKind::Index) => create_index(cursor, head, index),
        (Verb::Drop, ObjectKind::Index) => drop_index(cursor),
        (_, ObjectKind::Other) => {
            *cursor = after_head;
            Some(Form::Object(other(verb, head, cursor)))
        }
        (Verb::Create | Verb::Alter | Verb::Drop | Verb::Rename, _) => None,
    };
    known.unwrap_or_else(|| {
        *cursor = start;
        Form::Object(object_statement(cursor, verb, object, head))
    })
}

fn other<'a>(verb: Verb, head: Head, cursor: &Cursor<'_, 'a>) -> ObjectStatement<'a> {
    ObjectStatement {
        verb,
        object: ObjectKind::Other,
        or_replace: head.or_replace,
        is_temporary: head.is_temporary,
        guard: Guard::None,
        names: Vec::new(),
        on: None,
        rest: cursor.at()..cursor.end(),
    }
}

fn head(cursor: &mut Cursor, verb: Verb) -> Head {
    let or_replace = verb == Verb::Create && cursor.eat(&["OR", "REPLACE"]);
    let mut head = Head { or_replace, is_temporary: cursor.eat(&["TEMPORARY"]), ..Head::default() };
    let is_alter = verb == Verb::Alter;
    const OTHERS: &[&str] = &["OFFLINE", "AGGREGATE", "UNDO", "JSON", "RELATIONAL", "DUALITY", "MATERIALIZED"];
    loop {
        match () {
            () if is_alter && cursor.eat(&["ONLINE"]) => head.is_online = true,
            () if is_alter && cursor.eat(&["IGNORE"]) => head.is_ignoring = true,
            () if cursor.eat_any(OTHERS) => {}
            () if cursor.eat(&["DEFINER"]) => account(cursor),
            () if cursor.eat(&["ALGORITHM"]) => {
                cursor.eat_punct("=");
                cursor.next();
            }
            () if cursor.eat(&["SQL", "SECURITY"]) => {
                cursor.next();
            }
            () => return head,
        }
    }
}

/// `= user[@host]`, `= CURRENT_USER()`
fn account(cursor: &mut Cursor) {
    cursor.eat_punct("=");
    cursor.next();
    cursor.parens();
    if cursor.eat_punct("@") {
        cursor.next();
    }
}

/// Before INDEX.
fn index_kind(cursor: &mut Cursor) -> KeyKind {
    if cursor.eat(&["UNIQUE"]) {
        return KeyKind::Unique;
    }
    let is_index = cursor.rest().get(1).is_some_and(|next| next.is_any(&["INDEX", "KEY"]));
    match is_index && cursor.eat_any(&["FULLTEXT", "SPATIAL", "VECTOR"]) {
        true => KeyKind::Special,
        false => KeyKind::Index,
    }
}

fn object_kind(cursor: &mut Cursor, verb: Verb) -> ObjectKind {
    if verb == Verb::Truncate {
        cursor.eat(&["TABLE"]);
        return ObjectKind::Table;
    }
    let word = cursor.peek().map_or(Upper::of(""), |token| Upper::of(token.text));
    let object = match word.as_str() {
        "TABLE" | "TABLES" => ObjectKind::Table,
        "INDEX" => ObjectKind::Index,
        "VIEW" => ObjectKind::View,
        "SEQUENCE" => ObjectKind::Sequence,
        "TRIGGER" => ObjectKind::Trigger,
        "PROCEDURE" => ObjectKind::Procedure,
        "FUNCTION" => ObjectKind::Function,
        "EVENT" => ObjectKind::Event,
        "PACKAGE" => ObjectKind::Package,
        "DATABASE" | "SCHEMA" => ObjectKind::Database,
        "USER" | "ROLE" => ObjectKind::Account,
        "SERVER" => ObjectKind::Server,
        "TABLESPACE" => ObjectKind::Tablespace,
        "LOGFILE" | "RESOURCE" | "SPATIAL" | "INSTANCE" | "LIBRARY" | "CATALOG" => ObjectKind::Administrative,
        _ => return ObjectKind::Other,
    };
    cursor.next();
    match object {
        ObjectKind::Package if cursor.eat(&["BODY"]) => ObjectKind::PackageBody,
        other => other,
    }
}

fn object_statement<'a>(
    cursor: &mut Cursor<'_, 'a>,
    verb: Verb,
    object: ObjectKind,
    head: Head,
) -> ObjectStatement<'a> {
    let guard = cursor.guard();
    let names = match (object, verb) {
        (ObjectKind::Account, _) => Vec::new(),
        (_, Verb::Drop) => cursor.names(),
        (_, Verb::Create | Verb::Alter | Verb::Rename | Verb::Truncate) => cursor.name().into_iter().collect(),
    };
    let rest = cursor.at()..cursor.end();
    let on = if object == ObjectKind::Trigger && verb == Verb::Create { trigger_table(cursor) } else { None };
    let (or_replace, is_temporary) = (head.or_replace, head.is_temporary);
    ObjectStatement { verb, object, or_replace, is_temporary, guard, names, on, rest }
}

/// `BEFORE INSERT ON t`
fn trigger_table<'a>(cursor: &mut Cursor<'_, 'a>) -> Option<Name<'a>> {
    cursor.skip_until(|token| token.is_word("ON"));
    cursor.next();
    cursor.name()
}

/// `[IF EXISTS] a, b [WAIT n] [CASCADE]`
fn drop_table<'a>(cursor: &mut Cursor<'_, 'a>, head: Head) -> Option<Form<'a>> {
    let guard = cursor.guard();
    let tables = cursor.names();
    (!tables.is_empty()).then_some(Form::DropTable(DropTable { is_temporary: head.is_temporary, guard, tables }))
}

/// `[IF EXISTS] a [WAIT n] TO b, c TO d`
fn rename_tables<'a>(cursor: &mut Cursor<'_, 'a>) -> Option<Form<'a>> {
    let guard = cursor.guard();
    let parts = commas(cursor.tokens(), cursor.at());
    let all = parts.len();
    let pair = |part| {
        let mut pair = Cursor::within(cursor.tokens(), part);
        let old = pair.name()?;
        wait(&mut pair);
        pair.eat(&["TO"]).then_some(())?;
        Some((old, pair.name()?))
    };
    let pairs: Vec<_> = parts.into_iter().filter_map(pair).collect();
    let has_other = pairs.len() < all;
    (!pairs.is_empty()).then_some(Form::RenameTables(RenameTables { guard, pairs, has_other }))
}

/// `[IF NOT EXISTS] i [USING BTREE] ON t (a, b)`
fn create_index<'a>(cursor: &mut Cursor<'_, 'a>, head: Head, kind: KeyKind) -> Option<Form<'a>> {
    let guard = cursor.guard();
    let name = cursor.ident()?;
    if cursor.eat_any(&["USING", "TYPE"]) {
        cursor.next();
    }
    cursor.eat(&["ON"]).then_some(())?;
    let table = cursor.name()?;
    wait(cursor);
    let columns = cursor.columns();
    Some(Form::CreateIndex(CreateIndex { or_replace: head.or_replace, guard, kind, name, table, columns }))
}

/// `[IF EXISTS] i ON t`
fn drop_index<'a>(cursor: &mut Cursor<'_, 'a>) -> Option<Form<'a>> {
    let guard = cursor.guard();
    let name = cursor.ident()?;
    cursor.eat(&["ON"]).then_some(())?;
    Some(Form::DropIndex(DropIndex { guard, name, table: cursor.name()? }))
}

/// From ANALYZE, CHECK, OPTIMIZE or REPAIR on; MariaDB's ANALYZE runs a statement about rows.
pub(super) fn maintenance<'a>(cursor: &mut Cursor<'_, 'a>) -> Form<'a> {
    let verb = match cursor.next().map_or(Upper::of(""), |token| Upper::of(token.text)).as_str() {
        "ANALYZE" => MaintenanceVerb::Analyze,
        "CHECK" => MaintenanceVerb::Check,
        "OPTIMIZE" => MaintenanceVerb::Optimize,
        "REPAIR" => MaintenanceVerb::Repair,
        _ => return Form::Other,
    };
    if verb == MaintenanceVerb::Analyze {
        if cursor.eat(&["FORMAT"]) {
            cursor.eat_punct("=");
            cursor.next();
        }
        while cursor.eat_punct("(") {}
        if cursor.sees_any(&["SELECT", "INSERT", "REPLACE", "UPDATE", "DELETE", "WITH"]) {
            return Form::Dml(super::parse_dml::dml(cursor, true));
        }
    }
    cursor.eat_any(&["NO_WRITE_TO_BINLOG", "LOCAL"]);
    match cursor.eat_any(&["TABLE", "TABLES", "VIEW"]) {
        true => Form::Maintenance(Maintenance { verb, tables: cursor.names() }),
        false => Form::Other,
    }
}
