//! Cuts secrets out of what the server says of a statement: it quotes pieces of it.

use crate::statement::names::is_reserved;
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

/// It begins with the word that the server did not understand, which may be a password without quotes, or a key in digits. So
/// only what begins with one of SQL's own words is shown.
fn quote_of_another(quote: &str, is_of_secrets: bool) -> String {
    let first = quote.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default();
    let is_hidden = is_of_secrets || quote.contains(['\'', '"']) || !first.is_empty() && !is_reserved(first);
    if is_hidden { MARK.to_owned() } else { quote.to_owned() }
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
        None => quote_of_another(quote, !secrets.is_empty()),
    };
    format!("{}{shown}{}", &said[..=first], &said[last..])
}
