//! Reads the clauses of ALTER TABLE.

use crate::script::lexer::{Kind, Upper};
use crate::statement::cursor::{Cursor, commas};
use crate::statement::parse_head::{Head, wait};
use crate::statement::parse_table::{column, key, option};
use crate::statement::tree::{AlterTable, Change, Clause, DroppedKey, HOW_VALUES, Ident, Partitions, Which};

/// After TABLE.
pub(super) fn alter<'a>(cursor: &mut Cursor<'_, 'a>, head: Head) -> Option<AlterTable<'a>> {
    let guard = cursor.guard();
    let table = cursor.name()?;
    wait(cursor);
    let list = cursor.at()..cursor.end();
    let mut clauses = Vec::new();
    let mut part = 0;
    while !cursor.is_at_end() {
        let start = cursor.at();
        part_of_list(cursor, part, &mut clauses);
        if cursor.at() == start {
            clauses.push(Clause { tokens: start..start, part, change: Change::Other });
        }
        cursor.skip_to_comma();
        part += 1;
        if cursor.eat_punct(",") && cursor.is_at_end() {
            clauses.push(Clause { tokens: cursor.at()..cursor.at(), part, change: Change::Other });
        }
    }
    Some(AlterTable { is_online: head.is_online, is_ignoring: head.is_ignoring, guard, table, list, clauses })
}

/// What stands between two commas: one clause, or options without commas between them.
fn part_of_list<'a>(cursor: &mut Cursor<'_, 'a>, part: usize, found: &mut Vec<Clause<'a>>) {
    let start = cursor.at();
    let mut end = cursor.clone();
    end.skip_to_comma();
    let tokens = start..end.at();
    if let Some(change) = partitions(cursor) {
        // The names of partitions are a list of their own.
        return found.push(Clause {
            tokens: start..cursor.at().max(tokens.end),
            part,
            change: Change::Partitions(change),
        });
    }
    let mut inner = Cursor::within(cursor.tokens(), tokens.clone());
    if inner.eat(&["ADD"]) {
        add(&mut inner, tokens.start, part, found);
    } else if let Some(change) = change(&mut inner) {
        found.push(Clause { tokens: tokens.clone(), part, change });
    } else {
        options(&mut Cursor::within(cursor.tokens(), tokens.clone()), part, found);
    }
    cursor.seek(tokens.end);
}

/// Options, and what may follow them without a comma.
fn options<'a>(cursor: &mut Cursor<'_, 'a>, part: usize, found: &mut Vec<Clause<'a>>) {
    while !cursor.is_at_end() {
        let start = cursor.at();
        let change = match partitions(cursor) {
            Some(change) => Change::Partitions(change),
            None => how(cursor).or_else(|| option(cursor).map(Change::Option)).unwrap_or(Change::Other),
        };
        if cursor.at() == start {
            cursor.seek(cursor.end());
        }
        found.push(Clause { tokens: start..cursor.at(), part, change });
    }
}

/// After ADD, or one entry of `ADD (…, …)`; `start` is the first token of either.
fn add<'a>(cursor: &mut Cursor<'_, 'a>, start: usize, part: usize, found: &mut Vec<Clause<'a>>) {
    if cursor.eat(&["SYSTEM", "VERSIONING"]) {
        return found.push(Clause { tokens: start..cursor.at(), part, change: Change::AddVersioning });
    }
    if cursor.eat(&["PERIOD", "FOR"]) {
        return found.push(Clause { tokens: start..cursor.end(), part, change: Change::AddPeriod });
    }
    if let Some(key) = key(cursor) {
        return found.push(Clause { tokens: start..cursor.end(), part, change: Change::AddKey(key) });
    }
    cursor.eat(&["COLUMN"]);
    let guard = cursor.guard();
    if let Some(list) = cursor.parens() {
        let inner = Cursor::within(cursor.tokens(), list.clone());
        for entry in commas(&inner.tokens()[..list.end], list.start) {
            add(&mut Cursor::within(cursor.tokens(), entry.clone()), entry.start, part, found);
        }
        return;
    }
    let change = column(cursor).map_or(Change::Other, |column| Change::AddColumn(guard, column));
    found.push(Clause { tokens: start..cursor.end(), part, change });
}

/// A clause that is none of ADD, and no option; nothing where it is one.
fn change<'a>(cursor: &mut Cursor<'_, 'a>) -> Option<Change<'a>> {
    let verb = cursor.next().filter(|token| token.kind == Kind::Word)?;
    Some(match Upper::of(verb.text).as_str() {
        "DROP" => drop_part(cursor),
        "CHANGE" => {
            cursor.eat(&["COLUMN"]);
            let guard = cursor.guard();
            let both = cursor.ident().zip(column(cursor));
            both.map_or(Change::Other, |(old, column)| Change::ChangeColumn(guard, old, column))
        }
        "MODIFY" => {
            cursor.eat(&["COLUMN"]);
            let guard = cursor.guard();
            column(cursor).map_or(Change::Other, |column| Change::ModifyColumn(guard, column))
        }
        "ALTER" => alter_part(cursor),
        "RENAME" => rename(cursor),
        "DISCARD" if cursor.eat(&["TABLESPACE"]) => Change::DiscardTablespace,
        "IMPORT" if cursor.eat(&["TABLESPACE"]) => Change::ImportTablespace,
        "CONVERT" if cursor.eat(&["TO"]) => Change::ConvertCharset,
        "ORDER" => Change::OrderBy,
        "FORCE" if cursor.is_at_end() => Change::Force,
        "ENABLE" | "DISABLE" if cursor.eat(&["KEYS"]) => Change::Keys,
        "WITH" | "WITHOUT" if cursor.eat(&["VALIDATION"]) => Change::Validation,
        "SECONDARY_LOAD" | "SECONDARY_UNLOAD" => Change::Secondary,
        _ => return None,
    })
}

/// `ALGORITHM [=] COPY`, `LOCK [=] NONE`
fn how<'a>(cursor: &mut Cursor<'_, 'a>) -> Option<Change<'a>> {
    let mut ahead = cursor.clone();
    let is_lock = ahead.eat(&["LOCK"]);
    if !is_lock && !ahead.eat(&["ALGORITHM"]) {
        return None;
    }
    ahead.eat_punct("=");
    let value = ahead.ident().filter(|value| HOW_VALUES.iter().any(|one| value.text.eq_ignore_ascii_case(one)))?;
    *cursor = ahead;
    Some(if is_lock { Change::Lock(value) } else { Change::Algorithm(value) })
}

fn drop_part<'a>(cursor: &mut Cursor<'_, 'a>) -> Change<'a> {
    let key = match () {
        () if cursor.eat(&["PRIMARY", "KEY"]) => return Change::DropKey(cursor.guard(), DroppedKey::Primary, None),
        () if cursor.eat(&["SYSTEM", "VERSIONING"]) => return Change::DropVersioning,
        () if cursor.eat(&["PERIOD", "FOR"]) => return Change::DropPeriod,
        () if cursor.eat(&["FOREIGN", "KEY"]) => DroppedKey::Foreign,
        () if cursor.eat_any(&["INDEX", "KEY"]) => DroppedKey::Index,
        () if cursor.eat(&["CONSTRAINT"]) => DroppedKey::Constraint,
        () if cursor.eat(&["CHECK"]) => DroppedKey::Check,
        () => {
            cursor.eat(&["COLUMN"]);
            let guard = cursor.guard();
            return cursor.ident().map_or(Change::Other, |name| Change::DropColumn(guard, name));
        }
    };
    let guard = cursor.guard();
    cursor.ident().map_or(Change::Other, |name| Change::DropKey(guard, key, Some(name)))
}

fn alter_part<'a>(cursor: &mut Cursor<'_, 'a>) -> Change<'a> {
    let is_key = cursor.eat_any(&["INDEX", "KEY", "CHECK", "CONSTRAINT"]);
    cursor.eat(&["COLUMN"]);
    let guard = cursor.guard();
    match cursor.ident() {
        Some(name) if is_key => Change::AlterKey(guard, name),
        Some(name) => Change::AlterColumn(guard, name),
        None => Change::Other,
    }
}

fn rename<'a>(cursor: &mut Cursor<'_, 'a>) -> Change<'a> {
    let is_column = cursor.eat(&["COLUMN"]);
    if is_column || cursor.eat_any(&["INDEX", "KEY"]) {
        let guard = cursor.guard();
        let old = cursor.ident().filter(|_| cursor.eat(&["TO"]));
        return match old.zip(cursor.ident()) {
            Some((old, new)) if is_column => Change::RenameColumn(guard, old, new),
            Some((old, new)) => Change::RenameKey(guard, old, new),
            None => Change::Other,
        };
    }
    if !cursor.eat_punct("=") {
        cursor.eat_any(&["TO", "AS"]);
    }
    cursor.name().map_or(Change::Other, Change::RenameTable)
}

/// What is done to partitions; the cursor is after their names.
fn partitions<'a>(cursor: &mut Cursor<'_, 'a>) -> Option<Partitions<'a>> {
    let verb = cursor.peek().filter(|token| token.kind == Kind::Word)?;
    let verb = Upper::of(verb.text);
    if cursor.sees(&["PARTITION", "BY"]) {
        cursor.skip_to_comma();
        return Some(Partitions::By);
    }
    if cursor.eat(&["REMOVE", "PARTITIONING"]) {
        return Some(Partitions::Remove);
    }
    if cursor.eat(&["CONVERT", "TABLE"]) {
        return Some(Partitions::FromTable(cursor.name()));
    }
    if !cursor.rest().get(1).is_some_and(|next| next.is_word("PARTITION")) {
        return None;
    }
    let before = cursor.clone();
    cursor.next();
    cursor.next();
    let found = match verb.as_str() {
        "ADD" => {
            cursor.guard();
            if cursor.sees(&["PARTITIONS"]) { Partitions::AddNumber } else { Partitions::Add }
        }
        "DROP" => Partitions::Drop(cursor.guard(), names(cursor)),
        "TRUNCATE" => Partitions::Truncate(which(cursor)),
        "DISCARD" => Partitions::DiscardTablespace(which(cursor)),
        "IMPORT" => Partitions::ImportTablespace(which(cursor)),
        "EXCHANGE" => {
            let name = cursor.ident();
            Partitions::Exchange(name, if cursor.eat(&["WITH", "TABLE"]) { cursor.name() } else { None })
        }
        "CONVERT" => {
            let name = cursor.ident();
            Partitions::ToTable(name, if cursor.eat(&["TO", "TABLE"]) { cursor.name() } else { None })
        }
        "REORGANIZE" => {
            names(cursor);
            Partitions::Reorganize
        }
        "COALESCE" => Partitions::Coalesce,
        "REBUILD" | "OPTIMIZE" | "ANALYZE" | "CHECK" => {
            which(cursor);
            Partitions::Maintain
        }
        "REPAIR" => {
            which(cursor);
            Partitions::Repair
        }
        _ => {
            *cursor = before;
            return None;
        }
    };
    Some(found)
}

fn names<'a>(cursor: &mut Cursor<'_, 'a>) -> Vec<Ident<'a>> {
    let mut found = Vec::new();
    while let Some(name) = cursor.ident() {
        found.push(name);
        if !cursor.eat_punct(",") {
            break;
        }
    }
    found
}

fn which<'a>(cursor: &mut Cursor<'_, 'a>) -> Which<'a> {
    cursor.eat_any(&["NO_WRITE_TO_BINLOG", "LOCAL"]);
    match cursor.eat(&["ALL"]) {
        true => Which::All,
        false => Which::Named(names(cursor)),
    }
}
