//! Reads CREATE TABLE, and what ALTER TABLE shares with it: columns, keys, options.

use crate::script::lexer::{Kind, Upper};
use crate::statement::cursor::{Cursor, Span, commas};
use crate::statement::parse_head::Head;
use crate::statement::tree::{
    ColumnDefinition, CreateTable, Element, Guard, KeyDefinition, KeyKind, OptionKind, Place, Source, TableOption,
};

const QUERY: &[&str] = &["SELECT", "TABLE", "VALUES"];

/// After TABLE.
pub(super) fn create<'a>(cursor: &mut Cursor<'_, 'a>, head: Head) -> Option<CreateTable<'a>> {
    let guard = cursor.guard();
    let table = cursor.name()?;
    let mut table = CreateTable {
        or_replace: head.or_replace,
        is_temporary: head.is_temporary,
        guard,
        table,
        elements: Vec::new(),
        options: Vec::new(),
        partitions: None,
        source: Source::None,
    };
    if let Some(source) = source(cursor) {
        table.source = source;
        return Some(table);
    }
    if let Some(inner) = cursor.parens() {
        let parts = commas(&cursor.tokens()[..inner.end], inner.start);
        table.elements = parts.into_iter().map(|part| element(cursor, part)).collect();
    }
    after_list(cursor, &mut table);
    Some(table)
}

/// The options and partitions of a table, and the query whose rows it takes.
fn after_list<'a>(cursor: &mut Cursor<'_, 'a>, table: &mut CreateTable<'a>) {
    while !cursor.is_at_end() {
        if let Some(found) = source(cursor) {
            table.source = found;
            return;
        }
        if cursor.sees(&["PARTITION", "BY"]) {
            table.partitions = Some(partitions(cursor));
        } else if let Some(option) = option(cursor) {
            table.options.push(option);
        } else {
            cursor.next();
        }
    }
}

/// PARTITION BY and its parts, up to a query.
fn partitions(cursor: &mut Cursor) -> Span {
    let start = cursor.at();
    cursor.skip_until(|token| token.is_any(&["AS", "SELECT", "IGNORE", "REPLACE", "WITH"]));
    start..cursor.at()
}

/// `LIKE t`, `(LIKE t)`, `[IGNORE | REPLACE] [AS] [(] SELECT …`
fn source<'a>(cursor: &mut Cursor<'_, 'a>) -> Option<Source<'a>> {
    let mut ahead = cursor.clone();
    if ahead.eat(&["LIKE"]) {
        return Some(Source::Like(ahead.name()));
    }
    ahead.eat_any(&["IGNORE", "REPLACE"]);
    ahead.eat(&["AS"]);
    let start = ahead.at();
    while ahead.eat_punct("(") {}
    if ahead.at() > start && ahead.eat(&["LIKE"]) {
        return Some(Source::Like(ahead.name()));
    }
    let is_query = ahead.sees_any(QUERY) || ahead.sees(&["WITH"]) && !ahead.sees(&["WITH", "SYSTEM"]);
    is_query.then_some(Source::Query(start..cursor.end()))
}

fn element<'a>(cursor: &Cursor<'_, 'a>, part: Span) -> Element<'a> {
    let mut inner = Cursor::within(cursor.tokens(), part.clone());
    if inner.sees(&["PERIOD", "FOR"]) {
        return Element::Period;
    }
    match key(&mut inner) {
        Some(key) => Element::Key(key),
        None => column(&mut inner).map_or(Element::Other(part), Element::Column),
    }
}

/// A column's definition, to the end of what the cursor may read.
pub(super) fn column<'a>(cursor: &mut Cursor<'_, 'a>) -> Option<ColumnDefinition<'a>> {
    let name = cursor.ident()?;
    let definition = cursor.at()..cursor.end();
    let place = place(&mut cursor.clone());
    cursor.seek(definition.end);
    Some(ColumnDefinition { name, definition, place })
}

/// FIRST and AFTER end a definition; in a comment or an expression the words are none.
fn place<'a>(cursor: &mut Cursor<'_, 'a>) -> Place<'a> {
    loop {
        cursor.skip_until(|token| token.is_any(&["FIRST", "AFTER"]));
        let Some(word) = cursor.next() else { return Place::Unsaid };
        match word.is_word("FIRST") {
            true if cursor.is_at_end() => return Place::First,
            true => {}
            false => {
                if let Some(other) = cursor.ident() {
                    return Place::After(other);
                }
            }
        }
    }
}

const KEY_WORDS: &[&str] = &["PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "INDEX", "KEY", "FULLTEXT", "SPATIAL", "VECTOR"];

/// `[CONSTRAINT [name]] PRIMARY KEY | UNIQUE | KEY | INDEX | FULLTEXT | SPATIAL | FOREIGN KEY | CHECK …`; nothing where it is
/// a column.
pub(super) fn key<'a>(cursor: &mut Cursor<'_, 'a>) -> Option<KeyDefinition<'a>> {
    let mut ahead = cursor.clone();
    let start = ahead.at();
    let mut constraint = None;
    let mut guard = Guard::None;
    if ahead.eat(&["CONSTRAINT"]) && !ahead.sees_any(KEY_WORDS) {
        guard = ahead.guard();
        constraint = ahead.ident();
    }
    let kind = key_kind(&mut ahead)?;
    if guard == Guard::None {
        guard = ahead.guard();
    }
    let has_name = kind != KeyKind::Check && !ahead.sees_any(&["USING"]);
    let name = if has_name { ahead.ident() } else { None };
    if ahead.eat_any(&["USING", "TYPE"]) {
        ahead.next();
    }
    let inner = ahead.clone().parens();
    // `key` and `check` are columns only where they are in quotes, but `vector INT` is one.
    if inner.is_none() && matches!(kind, KeyKind::Special) {
        return None;
    }
    let columns = if kind == KeyKind::Check { Vec::new() } else { ahead.clone().columns() };
    ahead.parens();
    let refers = if ahead.eat(&["REFERENCES"]) { ahead.name().map(|table| (table, ahead.columns())) } else { None };
    cursor.seek(cursor.end());
    let tokens = start..cursor.end();
    Some(KeyDefinition { kind, constraint, name, guard, columns, inner, refers, tokens })
}

fn key_kind(cursor: &mut Cursor) -> Option<KeyKind> {
    let kind = match cursor.next().filter(|token| token.kind == Kind::Word).map(|token| Upper::of(token.text))?.as_str()
    {
        "PRIMARY" if cursor.eat(&["KEY"]) => return Some(KeyKind::Primary),
        "FOREIGN" if cursor.eat(&["KEY"]) => return Some(KeyKind::Foreign),
        "CHECK" => return Some(KeyKind::Check),
        "INDEX" | "KEY" => return Some(KeyKind::Index),
        "UNIQUE" => KeyKind::Unique,
        "FULLTEXT" | "SPATIAL" | "VECTOR" => KeyKind::Special,
        _ => return None,
    };
    cursor.eat_any(&["INDEX", "KEY"]);
    Some(kind)
}

/// The options of a table that leave its rows as they are; from both manuals.
#[rustfmt::skip]
const OPTIONS: &[&str] = &[
    "COMMENT", "AUTO_INCREMENT", "AUTOEXTEND_SIZE", "AVG_ROW_LENGTH", "DEFAULT", "CHARSET", "CHARACTER", "COLLATE",
    "CHECKSUM", "COMPRESSION", "CONNECTION", "DATA", "DELAY_KEY_WRITE", "ENCRYPTION", "ENCRYPTED", "ENCRYPTION_KEY_ID",
    "ENGINE_ATTRIBUTE", "IETF_QUOTES", "INDEX", "INSERT_METHOD", "KEY_BLOCK_SIZE", "MAX_ROWS", "MIN_ROWS", "PACK_KEYS",
    "PAGE_CHECKSUM", "PAGE_COMPRESSED", "PAGE_COMPRESSION_LEVEL", "PASSWORD", "ROW_FORMAT", "SECONDARY_ENGINE",
    "SECONDARY_ENGINE_ATTRIBUTE", "SEQUENCE", "START", "STATS_AUTO_RECALC", "STATS_PERSISTENT", "STATS_SAMPLE_PAGES",
    "TABLESPACE", "STORAGE", "TRANSACTIONAL", "TABLE_CHECKSUM",
];

/// `name [=] value`, one; no comma is needed between two of them.
pub(super) fn option<'a>(cursor: &mut Cursor<'_, 'a>) -> Option<TableOption<'a>> {
    let name = cursor.peek().filter(|token| token.is_name())?.ident();
    let word = Upper::of(name.text);
    cursor.next();
    let kind = match word.as_str() {
        "ENGINE" | "TYPE" => OptionKind::Engine,
        "UNION" => OptionKind::Union,
        "WITH" | "WITHOUT" if cursor.eat(&["SYSTEM", "VERSIONING"]) => OptionKind::Versioning,
        _ if OPTIONS.iter().any(|known| name.text.eq_ignore_ascii_case(known)) => OptionKind::Known,
        _ => OptionKind::Other,
    };
    match word.as_str() {
        "DEFAULT" => {
            cursor.eat_any(&["CHARSET", "COLLATE"]);
            cursor.eat(&["CHARACTER", "SET"]);
        }
        "CHARACTER" => drop(cursor.eat(&["SET"])),
        "DATA" | "INDEX" => drop(cursor.eat(&["DIRECTORY"])),
        "START" => drop(cursor.eat(&["TRANSACTION"])),
        _ => {}
    }
    let has_sign = cursor.eat_punct("=");
    let start = cursor.at();
    let is_alone = matches!(kind, OptionKind::Versioning) || word.as_str() == "START";
    if !is_alone && cursor.parens().is_none() && (has_sign || kind != OptionKind::Other) && !cursor.sees_punct(",") {
        cursor.next();
    }
    Some(TableOption { kind, name, value: start..cursor.at() })
}
