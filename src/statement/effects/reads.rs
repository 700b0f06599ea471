//! What a statement reads and calls.

use crate::script::lexer::Kind;
use crate::statement::builtin_functions;
use crate::statement::cursor::{Cursor, Token};
use crate::statement::names::{Name, unquote};
use crate::statement::tree;

/// The functions that are none of the servers' own. `into` is followed by a list of columns.
pub(super) fn called(tokens: &[Token], into: Option<tree::Name>) -> Vec<Name> {
    let mut found = Vec::new();
    for at in 1..tokens.len() {
        let name = tokens[at - 1];
        let is_call = tokens[at].is("(") && name.is_name() && into.is_none_or(|into| into.name.at != name.at);
        let schema = (at > 2 && tokens[at - 2].is(".")).then(|| unquote(tokens[at - 3].text));
        let is_native = || builtin_functions::is_native(name.text) || name.is_any(NO_CALLS);
        if is_call && !(name.kind == Kind::Word && schema.is_none() && is_native()) {
            found.push(Name { schema, name: unquote(name.text) });
        }
    }
    found
}

/// Words that stand in front of a parenthesis as well, and cannot be called.
const NO_CALLS: &[&str] = &[
    "VALUES", "FROM", "JOIN", "ON", "USING", "IN", "AS", "AND", "OR", "NOT", "SELECT", "WHERE", "SET", "BY", "INTO",
    "EXISTS",
];

/// The names in a query that may be views: what a list, a join or the query itself begins with. Some too many, none too few.
pub(super) fn read_by(tokens: &[Token]) -> Vec<Name> {
    const BEFORE: &[&str] = &["FROM", "JOIN", "STRAIGHT_JOIN", "USING", "TABLE"];
    if !tokens.iter().any(|token| token.is_any(&["SELECT", "TABLE"])) {
        return Vec::new();
    }
    let mut found: Vec<Name> = Vec::new();
    for (at, before) in tokens.iter().enumerate() {
        if !before.is(",") && !before.is("(") && !before.is_any(BEFORE) {
            continue;
        }
        let mut cursor = Cursor::new(tokens);
        cursor.seek(at + 1);
        cursor.eat(&["FROM"]);
        let name = cursor.name().map(|name| name.plain());
        found.extend(name.filter(|name| !found.contains(name)));
    }
    found
}
