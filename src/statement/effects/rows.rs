//! Statements about rows: which tables they delete from, write over, or add to.

use crate::script::lexer::Kind as Token;
use crate::statement::builtin_functions;
use crate::statement::effects::{Effects, Removal, Tokens, is, is_any, skip_parentheses, skip_words};
use crate::statement::names::{Name, leading, unquote};

const MODIFIERS: &[&str] = &["LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY", "IGNORE", "QUICK", "HISTORY"];

impl Effects {
    pub(super) fn rows(&mut self, tokens: &Tokens) {
        // MariaDB runs the statement that it analyzes.
        let tokens = match is(tokens, 0, "ANALYZE") {
            true => tokens.iter().position(|token| is_verb(*token)).map_or(tokens, |at| &tokens[at..]),
            false => tokens,
        };
        let statement = after_with(tokens);
        let (verb, rest) = match statement.split_first() {
            Some((verb, rest)) => (verb.1.to_ascii_uppercase(), skip_words(rest, MODIFIERS)),
            None => return,
        };
        // { OJ a LEFT JOIN b ON … }
        if tokens.contains(&(Token::Punct, "{")) {
            self.unknown("a join in braces is not understood".to_owned());
        }
        let mut into = None;
        match verb.as_str() {
            "INSERT" | "REPLACE" => {
                into = leading(skip_words(rest, &["INTO", "LOW_PRIORITY", "DELAYED", "IGNORE"])).map(|(name, _)| name);
                self.insert(&verb, into.as_ref(), rest);
            }
            "UPDATE" => self.each_table(until(rest, "SET"), Removal::Values),
            "DELETE" => self.delete(until(rest, "WHERE")),
            "LOAD" => self.load(rest),
            _ => {}
        }
        self.calls(tokens, into.as_ref());
        self.reads = super::read_by(tokens);
    }

    fn insert(&mut self, verb: &str, into: Option<&Name>, rest: &Tokens) {
        let writes_over = verb == "REPLACE" || rest.windows(2).any(|two| is(two, 0, "ON") && is(two, 1, "DUPLICATE"));
        match into {
            // It deletes the row that is in its place, and what hangs on that by foreign keys.
            Some(name) if verb == "REPLACE" => self.removes.push(Removal::SomeRows(name.clone())),
            Some(name) if writes_over => self.removes.push(Removal::Values(name.clone())),
            Some(name) => self.removes.push(Removal::AddsRows(name.clone())),
            None => self.unknown(format!("the table of {verb} is not understood")),
        }
    }

    /// Of one table, or with joins: each name in front of what is set may be one.
    fn each_table(&mut self, tokens: &Tokens, removal: fn(Name) -> Removal) {
        let is_joined = |token: &(Token, &str)| *token == (Token::Punct, ",") || is_any(&[*token], 0, JOINS);
        match leading(tokens) {
            Some((name, rest)) if !rest.iter().any(is_joined) => self.removes.push(removal(name)),
            _ => self.mentioned_tables(tokens, removal),
        }
    }

    fn mentioned_tables(&mut self, tokens: &Tokens, removal: fn(Name) -> Removal) {
        let names = mentioned(tokens);
        if names.is_empty() {
            self.unknown("the table of a statement about rows is not understood".to_owned());
        }
        self.removes.extend(names.into_iter().map(removal));
    }

    /// `DELETE FROM t …`, `DELETE a, b FROM …`, `DELETE FROM a, b USING …`
    fn delete(&mut self, tokens: &Tokens) {
        match tokens {
            [from, rest @ ..] if is(&[*from], 0, "FROM") => self.each_table(rest, Removal::SomeRows),
            _ => self.mentioned_tables(tokens, Removal::SomeRows),
        }
    }

    /// `LOAD DATA … [REPLACE] INTO TABLE t`
    fn load(&mut self, rest: &Tokens) {
        let table = rest.iter().position(|token| is(&[*token], 0, "TABLE"));
        let Some((table, name)) = table.and_then(|at| Some((at, leading(&rest[at + 1..])?.0))) else {
            return self.unknown("the table of LOAD is not understood".to_owned());
        };
        let writes_over = rest[..table].iter().any(|token| is(&[*token], 0, "REPLACE"));
        self.removes.push(if writes_over { Removal::SomeRows(name) } else { Removal::AddsRows(name) });
    }

    pub(super) fn calls(&mut self, tokens: &Tokens, into: Option<&Name>) {
        for called in called(tokens, into).into_iter().map(Removal::Calls) {
            if !self.removes.contains(&called) {
                self.removes.push(called);
            }
        }
    }
}

/// The functions that are none of the servers' own. `into` is followed by a list of columns.
pub(super) fn called(tokens: &Tokens, into: Option<&Name>) -> Vec<Name> {
    let mut found = Vec::new();
    for at in 1..tokens.len() {
        let (kind, name) = tokens[at - 1];
        let is_call = tokens[at] == (Token::Punct, "(") && matches!(kind, Token::Word | Token::Quoted);
        let schema = (at > 2 && tokens[at - 2].1 == ".").then(|| unquote(tokens[at - 3].1));
        let is_native = || builtin_functions::is_native(name) || is_any(&tokens[at - 1..], 0, NO_CALLS);
        if !is_call || kind == Token::Word && schema.is_none() && is_native() {
            continue;
        }
        let called = Name { schema, name: unquote(name) };
        found.extend(Some(called).filter(|called| into != Some(called)));
    }
    found
}

/// Words that stand in front of a parenthesis as well, and cannot be called.
const NO_CALLS: &[&str] = &[
    "VALUES", "FROM", "JOIN", "ON", "USING", "IN", "AS", "AND", "OR", "NOT", "SELECT", "WHERE", "SET", "BY", "INTO",
    "EXISTS",
];

const JOINS: &[&str] = &["JOIN", "STRAIGHT_JOIN", "USING"];

fn is_verb(token: (Token, &str)) -> bool {
    is_any(&[token], 0, &["INSERT", "REPLACE", "UPDATE", "DELETE", "SELECT", "WITH"])
}

/// Without the common table expressions in front.
fn after_with<'t, 'a>(tokens: &'t Tokens<'a>) -> &'t Tokens<'a> {
    if !is(tokens, 0, "WITH") {
        return tokens;
    }
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(1) {
        match *token {
            (Token::Punct, "(") => depth += 1,
            (Token::Punct, ")") => depth = depth.saturating_sub(1),
            _ if depth == 0 && is_verb(*token) => return skip_parentheses(&tokens[at..]),
            _ => {}
        }
    }
    &[]
}

/// What stands in front of a word, outside of parentheses.
fn until<'t, 'a>(tokens: &'t Tokens<'a>, word: &str) -> &'t Tokens<'a> {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        let is_after_dot = at > 0 && tokens[at - 1].1 == ".";
        match *token {
            (Token::Punct, "(") => depth += 1,
            (Token::Punct, ")") => depth = depth.saturating_sub(1),
            _ if depth == 0 && !is_after_dot && is(&[*token], 0, word) => return &tokens[..at],
            _ => {}
        }
    }
    tokens
}

/// Everything that may be the name of a table: what a list, a join or the statement itself begins with. Some too many, none
/// too few.
pub(super) fn mentioned(tokens: &Tokens) -> Vec<Name> {
    let mut found: Vec<Name> = Vec::new();
    let begins = |at: usize| match at.checked_sub(1).map(|before| tokens[before]) {
        None | Some((Token::Punct, "," | "(")) => true,
        Some(before) => is_any(&[before], 0, &["FROM", "JOIN", "STRAIGHT_JOIN", "USING", "TABLE"]),
    };
    for at in (0..tokens.len()).filter(|at| begins(*at)) {
        let name = match &tokens[at..] {
            [(_, name), (Token::Punct, "."), (Token::Punct, "*"), ..] => Some(Name::plain(&unquote(name))),
            rest => leading(skip_words(rest, &["FROM"])).map(|(name, _)| name),
        };
        found.extend(name.filter(|name| !found.contains(name)));
    }
    found
}
