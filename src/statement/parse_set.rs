//! Reads SET: its assignments, each with the variable, whose value it is, and the tokens of the value.

use crate::statement::cursor::{Cursor, Span, Token, commas};
use crate::statement::tree::{Assignment, Form, Scope};

/// Variables that change the next transaction alone where no word says whose they are.
const OF_TRANSACTIONS: [&str; 4] = ["transaction_isolation", "transaction_read_only", "tx_isolation", "tx_read_only"];

/// From SET on.
pub(super) fn set<'a>(cursor: &mut Cursor<'_, 'a>) -> Form<'a> {
    cursor.next();
    if cursor.sees(&["PASSWORD"]) || cursor.sees(&["DEFAULT", "ROLE"]) {
        return Form::Rights;
    }
    if cursor.eat(&["STATEMENT"]) {
        cursor.skip_until(|token| token.is_word("FOR"));
        cursor.next();
        return Form::SetStatement(cursor.at()..cursor.end());
    }
    match of_transactions(cursor) {
        Some(one) => Form::Set(vec![one]),
        None => Form::Set(assignments(cursor)),
    }
}

/// `SET [GLOBAL | SESSION] TRANSACTION …`
fn of_transactions<'a>(cursor: &Cursor<'_, 'a>) -> Option<Assignment<'a>> {
    let mut cursor = cursor.clone();
    let start = cursor.at();
    let scope = match () {
        () if cursor.eat(&["GLOBAL"]) => Scope::Global,
        () if cursor.eat_any(&["SESSION", "LOCAL"]) => Scope::Session,
        () => Scope::NextTransaction,
    };
    let word = cursor.next().filter(|token| token.is_word("TRANSACTION"))?;
    Some(Assignment { tokens: start..cursor.end(), scope, name: word.ident(), value: None })
}

/// The word GLOBAL holds for what follows without a word of its own, on both servers; `@@GLOBAL.` does not (tried: after
/// `SET GLOBAL a = 1, b = 2` the session's b is what it was).
fn assignments<'a>(cursor: &Cursor<'_, 'a>) -> Vec<Assignment<'a>> {
    let tokens = &cursor.rest();
    let mut is_global = false;
    let parts = commas(tokens, 0).into_iter().map(|part| part.start + cursor.at()..part.end + cursor.at());
    parts.filter_map(|part| assignment(cursor, part, &mut is_global)).collect()
}

fn assignment<'a>(cursor: &Cursor<'_, 'a>, part: Span, is_global: &mut bool) -> Option<Assignment<'a>> {
    let tokens = &cursor.rest()[part.start - cursor.at()..part.end - cursor.at()];
    let first = tokens.first()?;
    let Some(equals) = tokens.iter().position(|token| token.is("=")) else {
        return Some(Assignment { tokens: part, scope: Scope::Session, name: first.ident(), value: None });
    };
    let signs = tokens.iter().take_while(|token| token.is("@")).count();
    let words: Vec<&Token> =
        tokens[..equals].iter().filter(|token| !token.is("@") && !token.is(":") && !token.is(".")).collect();
    let name = words.last().map_or(tokens[equals], |last| **last);
    let scope = match (signs, words.first().filter(|_| words.len() > 1)) {
        (1, _) => Scope::User,
        (_, Some(word)) if word.is_any(&["GLOBAL", "PERSIST", "PERSIST_ONLY"]) => Scope::Global,
        (2, None) if OF_TRANSACTIONS.iter().any(|one| name.ident().plain().eq_ignore_ascii_case(one)) => {
            Scope::NextTransaction
        }
        (0, None) if *is_global => Scope::Global,
        _ => Scope::Session,
    };
    *is_global = scope == Scope::Global && signs == 0;
    let value = part.start + equals + 1..part.end;
    Some(Assignment { tokens: part, scope, name: name.ident(), value: Some(value) })
}
