//! Reads statements about rows: INSERT, UPDATE, DELETE and queries, with the tables that they write to and read; LOAD.

use crate::script::lexer::{Kind, Lexer, Upper};
use crate::statement::cursor::{Cursor, Span, Token, commas, is_code};
use crate::statement::tree::{Dml, DmlVerb, Form, Ident, Load, Name, Rows, TableReference};

const MODIFIERS: &[&str] = &["LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY", "IGNORE", "QUICK", "HISTORY"];
const QUERY: &[&str] = &["SELECT", "WITH", "TABLE", "VALUES"];
/// What may follow the tables of UPDATE and DELETE.
const ENDS: &[&str] = &["SET", "WHERE", "ORDER", "LIMIT", "RETURNING"];

/// The tokens of a statement, of an INSERT up to its VALUES; whether it has an executable comment; and whether more follows.
pub(super) fn head<'a>(text: &'a str, lexer: &mut Lexer<'a>) -> (Vec<Token<'a>>, bool, bool) {
    let mut tokens: Vec<Token<'a>> = Vec::new();
    let mut has_executable_comment = false;
    let mut depth = 0_usize;
    let mut may_have_rows = false;
    for token in lexer.by_ref() {
        has_executable_comment |= token.kind == Kind::ExecOpen;
        if !is_code(token.kind) {
            continue;
        }
        let token = Token { kind: token.kind, text: &text[token.span.clone()], at: token.span.start };
        tokens.push(token);
        if tokens.len() == 1 {
            may_have_rows = token.is_any(&["INSERT", "REPLACE"]);
        }
        if !may_have_rows {
            continue;
        }
        depth += usize::from(token.is("("));
        depth = depth.saturating_sub(usize::from(token.is(")")));
        if depth == 0 && token.kind == Kind::Word && has_name(&tokens) {
            // A VALUES after SELECT or SET is another one.
            may_have_rows = !token.is_any(&["SELECT", "SET", "WITH", "TABLE"]);
            if token.is_any(&["VALUES", "VALUE"]) {
                return (tokens, has_executable_comment, true);
            }
        }
    }
    (tokens, has_executable_comment, false)
}

/// Whether the name of the table stands before the last of these tokens: a table may be called `value`.
fn has_name(tokens: &[Token]) -> bool {
    let mut cursor = Cursor::new(&tokens[..tokens.len() - 1]);
    cursor.next();
    cursor.eat_all(MODIFIERS);
    cursor.eat(&["INTO"]);
    cursor.name().is_some()
}

/// From the verb, or WITH, on.
pub(super) fn dml<'a>(cursor: &mut Cursor<'_, 'a>, is_analyzed: bool) -> Dml<'a> {
    let with = common_tables(cursor);
    let start = cursor.at();
    let verb = verb(cursor);
    let mut dml = Dml {
        verb,
        is_analyzed,
        with,
        tokens: start..cursor.end(),
        into: None,
        tables: Vec::new(),
        targets: Some(Vec::new()),
        rows: Rows::None,
    };
    match verb {
        DmlVerb::Insert | DmlVerb::Replace => insert(cursor, &mut dml),
        DmlVerb::Update => update(cursor, &mut dml),
        DmlVerb::Delete => delete(cursor, &mut dml),
        DmlVerb::Select | DmlVerb::Values | DmlVerb::Table | DmlVerb::Do => {}
        DmlVerb::Other => dml.targets = None,
    }
    dml
}

/// `WITH [RECURSIVE] a (x) AS (…), b AS (…)`
fn common_tables(cursor: &mut Cursor) -> Option<Span> {
    let start = cursor.at();
    cursor.eat(&["WITH"]).then_some(())?;
    const VERBS: &[&str] = &["SELECT", "INSERT", "REPLACE", "UPDATE", "DELETE", "VALUES", "TABLE"];
    // The statement may be in parentheses; those of a common table expression come after AS or a name.
    let mut before_is_name = true;
    loop {
        match cursor.peek()? {
            token if token.is_any(VERBS) => break,
            token if token.is("(") && !before_is_name => break,
            token if token.is("(") => {
                let is_query = cursor.rest().get(1).is_some_and(|next| next.is_any(QUERY) || next.is("("));
                cursor.parens()?;
                before_is_name = !is_query;
            }
            _ => {
                cursor.next();
                before_is_name = true;
            }
        }
    }
    let end = cursor.at();
    while cursor.eat_punct("(") {}
    Some(start..end)
}

fn verb(cursor: &mut Cursor) -> DmlVerb {
    let verb = cursor.peek().map_or(Upper::of(""), |token| Upper::of(token.text));
    let verb = match verb.as_str() {
        "INSERT" => DmlVerb::Insert,
        "REPLACE" => DmlVerb::Replace,
        "UPDATE" => DmlVerb::Update,
        "DELETE" => DmlVerb::Delete,
        "SELECT" => DmlVerb::Select,
        "VALUES" => DmlVerb::Values,
        "TABLE" => DmlVerb::Table,
        "DO" => DmlVerb::Do,
        _ => DmlVerb::Other,
    };
    cursor.next();
    cursor.eat_all(MODIFIERS);
    verb
}

/// `[INTO] t [PARTITION (p)] [(a, b)] VALUES | SET | SELECT …`
fn insert<'a>(cursor: &mut Cursor<'_, 'a>, dml: &mut Dml<'a>) {
    cursor.eat(&["INTO"]);
    dml.into = cursor.name();
    dml.targets = dml.into.map(|into| vec![into]);
    if cursor.eat(&["PARTITION"]) {
        cursor.parens();
    }
    if !cursor.rest().get(1).is_some_and(|next| next.is_any(QUERY) || next.is("(")) {
        cursor.parens();
    }
    dml.rows = match cursor.peek() {
        Some(token) if token.is_any(&["VALUES", "VALUE"]) => Rows::Values,
        Some(token) if token.is_word("SET") => Rows::Set,
        Some(token) if token.is("(") || token.is_any(QUERY) => Rows::Query,
        Some(_) | None => Rows::None,
    };
}

fn update<'a>(cursor: &mut Cursor<'_, 'a>, dml: &mut Dml<'a>) {
    let is_plain = table_references(cursor, &mut dml.tables);
    dml.targets = match dml.tables[..] {
        [one] if is_plain => Some(vec![one.table]),
        _ => assigned(cursor, dml),
    };
}

/// `SET a.x = …, b.y = …`: what stands before the columns, if each has it.
fn assigned<'a>(cursor: &mut Cursor<'_, 'a>, dml: &Dml<'a>) -> Option<Vec<Name<'a>>> {
    cursor.skip_until(|token| token.is_word("SET"));
    cursor.eat(&["SET"]).then_some(())?;
    let start = cursor.at();
    cursor.skip_until(|token| token.is_any(&ENDS[1..]));
    let all = Cursor::within(cursor.tokens(), start..cursor.at());
    let mut found: Vec<Name<'a>> = Vec::new();
    for part in commas(cursor.tokens(), start) {
        let mut column = all.clone();
        column.seek(part.start);
        let called = column.called()?;
        let table = dml.table_called(&called)?;
        if !found.contains(&table) {
            found.push(table);
        }
    }
    Some(found)
}

/// `DELETE FROM t …`, `DELETE a, b.* FROM …`, `DELETE FROM a, b USING …`
fn delete<'a>(cursor: &mut Cursor<'_, 'a>, dml: &mut Dml<'a>) {
    let is_list_first = !cursor.eat(&["FROM"]);
    let start = cursor.at();
    if !is_list_first {
        cursor.skip_until(|token| token.is_any(ENDS) || token.is_word("USING"));
        if !cursor.sees(&["USING"]) {
            cursor.seek(start);
            let is_plain = table_references(cursor, &mut dml.tables);
            dml.targets = match dml.tables[..] {
                [one] if is_plain => Some(vec![one.table]),
                _ => None,
            };
            return;
        }
    } else {
        cursor.skip_until(|token| token.is_word("FROM"));
    }
    let list = start..cursor.at();
    cursor.next();
    table_references(cursor, &mut dml.tables);
    dml.targets = listed(&Cursor::within(cursor.tokens(), list), dml);
}

/// `a, s.b, c.*`
fn listed<'a>(list: &Cursor<'_, 'a>, dml: &Dml<'a>) -> Option<Vec<Name<'a>>> {
    let mut list = list.clone();
    let mut found = Vec::new();
    loop {
        let mut parts = vec![list.ident()?];
        while list.eat_punct(".") && !list.eat_punct("*") {
            parts.push(list.ident()?);
        }
        found.push(match parts[..] {
            [name] => dml.table_called(&Name { schema: None, name })?,
            [schema, name] => Name { schema: Some(schema), name },
            _ => return None,
        });
        if !list.eat_punct(",") {
            return list.is_at_end().then_some(found);
        }
    }
}

/// Reads `a [AS] x JOIN b ON … , (c, d), (SELECT …) AS e`. False where something in it is no table: a query, or what is not
/// understood.
fn table_references<'a>(cursor: &mut Cursor<'_, 'a>, found: &mut Vec<TableReference<'a>>) -> bool {
    const JOINS: &[&str] = &["JOIN", "STRAIGHT_JOIN"];
    let mut is_plain = true;
    loop {
        is_plain &= table_factor(cursor, found);
        // ON and USING, LEFT and the like up to the next table.
        cursor.skip_until(|token| token.is(",") || token.is_any(JOINS) || token.is_any(ENDS));
        if !cursor.eat_punct(",") && !cursor.eat_any(JOINS) {
            return is_plain;
        }
    }
}

fn table_factor<'a>(cursor: &mut Cursor<'_, 'a>, found: &mut Vec<TableReference<'a>>) -> bool {
    cursor.eat(&["LATERAL"]);
    if let Some(inner) = cursor.parens() {
        let mut inner = Cursor::within(cursor.tokens(), inner);
        return !inner.sees_any(QUERY) && table_references(&mut inner, found);
    }
    let Some(table) = cursor.name() else { return false };
    if cursor.eat(&["PARTITION"]) {
        cursor.parens();
    }
    // JSON_TABLE(…)
    if cursor.sees_punct("(") {
        return false;
    }
    const NO_ALIAS: &[&str] = &[
        "ON",
        "USING",
        "LEFT",
        "RIGHT",
        "INNER",
        "CROSS",
        "NATURAL",
        "USE",
        "FORCE",
        "IGNORE",
        "FOR",
        "SET",
        "WHERE",
        "ORDER",
        "LIMIT",
        "RETURNING",
        "JOIN",
        "STRAIGHT_JOIN",
        "BEFORE",
    ];
    let is_said = cursor.eat(&["AS"]);
    let alias = if is_said || !cursor.sees_any(NO_ALIAS) { cursor.ident() } else { None };
    found.push(TableReference { table, alias });
    true
}

impl<'a> Dml<'a> {
    /// The table that is called so: by its alias, or by its name where it has none. None where there are several.
    fn table_called(&self, called: &Name<'a>) -> Option<Name<'a>> {
        let is = |one: Ident, other: Ident| one.plain().eq_ignore_ascii_case(&other.plain());
        let is_it = |one: &&TableReference<'a>| match (one.alias, called.schema) {
            (Some(alias), None) => is(alias, called.name),
            (Some(_), Some(_)) => false,
            (None, None) => is(one.table.name, called.name),
            (None, Some(schema)) => {
                is(one.table.name, called.name) && one.table.schema.is_some_and(|own| is(own, schema))
            }
        };
        let mut known = self.tables.iter().filter(is_it);
        let first = known.next()?;
        known.next().is_none().then_some(first.table)
    }
}

/// `LOAD DATA | XML [LOW_PRIORITY | CONCURRENT] [LOCAL] INFILE … [REPLACE | IGNORE] INTO TABLE t …`
pub(super) fn load<'a>(cursor: &mut Cursor<'_, 'a>) -> Form<'a> {
    cursor.next();
    if !cursor.eat_any(&["DATA", "XML"]) {
        return Form::Other;
    }
    cursor.eat_all(&["LOW_PRIORITY", "CONCURRENT"]);
    let is_local = cursor.eat(&["LOCAL"]);
    cursor.skip_until(|token| token.is_any(&["REPLACE", "INTO"]));
    let replaces = cursor.eat(&["REPLACE"]);
    let table = if cursor.eat(&["INTO", "TABLE"]) { cursor.name() } else { None };
    Form::Load(Load { is_local, replaces, table })
}
