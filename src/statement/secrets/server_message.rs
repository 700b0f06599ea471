//! Cuts secrets out of what the server says of a statement: it quotes pieces of it.

use crate::statement::secrets::{MARK, cut, cut_piece, find};
use std::ops::Range;

/// ER_PARSE_ERROR: the server quotes the statement from where it stopped to understand it, at most 80 characters.
const PARSE_ERROR: u16 = 1064;

/// Shorter ones are found in every text.
const TELLING: usize = 5;

/// The server's words on a statement, without the statement's secrets.
pub fn cut_said(number: u16, said: &str, sql: &str) -> String {
    let secrets = find(sql);
    let mut said = match number {
        PARSE_ERROR => without_quote(said, sql, &secrets),
        _ => said.to_owned(),
    };
    for secret in &secrets {
        let value = sql[secret.clone()].trim_matches(['\'', '"']);
        said = said.replace(&format!("'{value}'"), &format!("'{MARK}'"));
        if value.len() >= TELLING {
            said = said.replace(value, MARK);
        }
    }
    cut(&said).into_owned()
}

/// The quote reaches from the first apostrophe to the last one, in whatever language the server speaks.
fn without_quote(said: &str, sql: &str, secrets: &[Range<usize>]) -> String {
    let (Some(first), Some(last)) = (said.find('\''), said.rfind('\'')) else { return said.to_owned() };
    if first >= last {
        return said.to_owned();
    }
    let quote = &said[first + 1..last];
    let place = match sql.ends_with(quote) {
        true => Some(sql.len() - quote.len()),
        false => sql.find(quote),
    };
    let shown = match place {
        Some(start) => cut_piece(sql, start..start + quote.len(), secrets),
        // It is of a statement that this one runs: what a literal there is, nothing tells.
        None if !secrets.is_empty() || quote.contains(['\'', '"']) => MARK.to_owned(),
        None => quote.to_owned(),
    };
    format!("{}{shown}{}", &said[..=first], &said[last..])
}
