//! Statements about rows: which tables they delete from, write over, or add to.

use crate::script::lexer::Kind;
use crate::statement::Statement;
use crate::statement::builtin_functions;
use crate::statement::cursor::{Cursor, Token};
use crate::statement::effects::{Effects, Removal};
use crate::statement::names::{Name, unquote};
use crate::statement::tree::{self, Dml, DmlVerb, Load};

impl Effects {
    pub(super) fn rows(&mut self, tree: &Statement, dml: &Dml) {
        let tokens: Vec<Token> = tree.all().collect();
        // { OJ a LEFT JOIN b ON … }
        if tokens.iter().any(|token| token.is("{")) {
            self.unknown("a join in braces is not understood".to_owned());
        }
        match dml.verb {
            DmlVerb::Insert | DmlVerb::Replace => self.insert(dml, &tokens),
            DmlVerb::Update => self.each_table(dml, Removal::Values),
            DmlVerb::Delete => self.each_table(dml, Removal::SomeRows),
            DmlVerb::Select | DmlVerb::Values | DmlVerb::Table | DmlVerb::Do => {}
            DmlVerb::Other => self.not_understood(tree),
        }
        self.calls(&tokens, dml.into);
        self.reads = read_by(&tokens);
    }

    fn insert(&mut self, dml: &Dml, tokens: &[Token]) {
        let Some(name) = dml.into.map(|into| into.plain()) else {
            return self.unknown("the table of an INSERT or REPLACE is not understood".to_owned());
        };
        let writes_over = tokens.windows(2).any(|two| two[0].is_word("ON") && two[1].is_word("DUPLICATE"));
        self.removes.push(if dml.verb == DmlVerb::Replace {
            // It deletes the row that is in its place, and what depends on that by foreign keys.
            Removal::SomeRows(name)
        } else if writes_over {
            Removal::Values(name)
        } else {
            Removal::AddsRows(name)
        });
    }

    /// Those that it writes to; where that is not plain, each that it names may be one.
    fn each_table(&mut self, dml: &Dml, removal: fn(Name) -> Removal) {
        let named = || dml.tables.iter().map(|one| one.table).collect();
        let tables: Vec<tree::Name> = dml.targets.clone().unwrap_or_else(named);
        if tables.is_empty() {
            self.unknown("the table of a statement about rows is not understood".to_owned());
        }
        self.removes.extend(tables.iter().map(|table| removal(table.plain())));
    }

    pub(super) fn load(&mut self, load: &Load) {
        let Some(name) = load.table.map(|table| table.plain()) else {
            return self.unknown("the table of LOAD is not understood".to_owned());
        };
        self.removes.push(if load.replaces { Removal::SomeRows(name) } else { Removal::AddsRows(name) });
    }

    pub(super) fn calls(&mut self, tokens: &[Token], into: Option<tree::Name>) {
        for called in called(tokens, into).into_iter().map(Removal::Calls) {
            if !self.removes.contains(&called) {
                self.removes.push(called);
            }
        }
    }
}

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
