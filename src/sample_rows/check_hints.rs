//! What a CHECK's clause says of its columns' values. It is read for hints, not understood: the server has the last word.

use crate::sample_rows::column_values::Domain;
use crate::sample_rows::numeric_range::Unit;
use crate::sample_rows::special_types::Shape;
use crate::sample_rows::value::Value;

/// A piece of a clause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// A quoted identifier.
    Name(String),
    /// A number or a string, without its introducer.
    Literal(Value),
    /// A word, in lower case, or a sign.
    Word(String),
}

/// What a clause says of one column, or of two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hint {
    /// `a > 1` and its like.
    Bound(String, Side, Value),
    /// The same of its length in characters.
    Length(String, Side, Value),
    /// `a IN (…)`, `a = …`.
    OneOf(String, Vec<Value>),
    /// `a LIKE '…'`.
    Like(String, String),
    /// `json_valid(a)`: MariaDB's JSON.
    Json(String),
    /// `a IS NOT NULL`.
    NotNull(String),
    /// `a < b`, `a <= b`: the first is the smaller.
    Ordered(String, String),
}

impl Hint {
    /// The column that it is about; of two, neither.
    pub fn column(&self) -> &str {
        match self {
            Hint::Bound(column, ..)
            | Hint::Length(column, ..)
            | Hint::OneOf(column, _)
            | Hint::Like(column, _)
            | Hint::Json(column)
            | Hint::NotNull(column) => column,
            Hint::Ordered(..) => "",
        }
    }
}

/// Which way a comparison points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `>=`
    AtLeast,
    /// `>`
    Above,
}

impl Side {
    fn of(sign: &str) -> Option<Side> {
        Some(match sign {
            "<" => Side::Below,
            "<=" => Side::AtMost,
            ">=" => Side::AtLeast,
            ">" => Side::Above,
            _ => return None,
        })
    }

    fn turned(self) -> Side {
        match self {
            Side::Below => Side::Above,
            Side::AtMost => Side::AtLeast,
            Side::AtLeast => Side::AtMost,
            Side::Above => Side::Below,
        }
    }
}

/// Cuts a clause into tokens. MySQL keeps its quotes with backslashes before them: `_utf8mb4\'a\'`.
pub fn tokens(clause: &str) -> Vec<Token> {
    let is_escaped = clause.find('\'').is_some_and(|at| clause[..at].ends_with('\\'));
    let clause = if is_escaped { unescaped(clause) } else { clause.to_owned() };
    let mut found = Vec::new();
    let mut rest = clause.as_str();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '`' | '\'' => quoted(rest, first, &mut found),
            '0'..='9' => {
                word(rest, |c| c.is_ascii_digit() || c == '.', |text| Token::Literal(Value::Number(text)), &mut found)
            }
            '-' if rest[1..].starts_with(|c: char| c.is_ascii_digit()) && !ends_operand(&found) => {
                let digits = |c: char| c.is_ascii_digit() || c == '.' || c == '-';
                word(rest, digits, |text| Token::Literal(Value::Number(text)), &mut found)
            }
            '<' | '>' | '=' | '!' => word(rest, |c| "<>=!".contains(c), Token::Word, &mut found),
            // An introducer, `_utf8mb4'…'`, says nothing here.
            '_' => word(rest, is_letter, Token::Word, &mut Vec::new()),
            c if is_letter(c) => word(rest, is_letter, |text| Token::Word(text.to_ascii_lowercase()), &mut found),
            c => {
                if !c.is_whitespace() {
                    found.push(Token::Word(c.to_string()));
                }
                c.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    found
}

fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn ends_operand(found: &[Token]) -> bool {
    match found.last() {
        Some(Token::Name(_) | Token::Literal(_)) => true,
        Some(Token::Word(word)) => word == ")",
        None => false,
    }
}

fn word(rest: &str, takes: impl Fn(char) -> bool, make: impl Fn(String) -> Token, found: &mut Vec<Token>) -> usize {
    let length = rest.find(|c| !takes(c)).unwrap_or(rest.len());
    found.push(make(rest[..length].to_owned()));
    length
}

fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character == '\\' { plain.extend(characters.next()) } else { plain.push(character) }
    }
    plain
}

fn quoted(rest: &str, quote: char, found: &mut Vec<Token>) -> usize {
    let mut text = String::new();
    let mut characters = rest.char_indices().skip(1).peekable();
    let mut end = rest.len();
    while let Some((at, character)) = characters.next() {
        if character == '\\' && quote == '\'' {
            text.extend(characters.next().map(|(_, c)| c));
        } else if character != quote {
            text.push(character);
        } else if characters.peek().is_some_and(|(_, c)| *c == quote) {
            text.extend(characters.next().map(|(_, c)| c));
        } else {
            end = at + 1;
            break;
        }
    }
    found.push(if quote == '`' { Token::Name(text) } else { Token::Literal(Value::Text(text)) });
    end
}

/// The hints of a clause.
pub fn hints(clause: &str) -> Vec<Hint> {
    let tokens: Vec<Token> = bare(tokens(clause));
    let mut found = Vec::new();
    for at in 0..tokens.len() {
        let rest = &tokens[at..];
        found.extend(comparison(rest));
        found.extend(list(rest));
        if let [Token::Word(word), Token::Word(open), Token::Name(name), Token::Word(close), rest @ ..] = rest
            && open == "("
            && close == ")"
        {
            found.extend(of_function(word, name, rest));
        }
    }
    found
}

/// Without parentheses around a single operand.
fn bare(tokens: Vec<Token>) -> Vec<Token> {
    let mut plain: Vec<Token> = Vec::with_capacity(tokens.len());
    for token in tokens {
        plain.push(token);
        if let [.., before, Token::Word(open), Token::Name(_) | Token::Literal(_), Token::Word(close)] =
            plain.as_slice()
            && open == "("
            && close == ")"
            && !matches!(before, Token::Word(word) if word.chars().all(is_letter) && !is_joint(word))
        {
            let length = plain.len();
            plain.remove(length - 1);
            plain.remove(length - 3);
        }
    }
    plain
}

fn is_joint(word: &str) -> bool {
    matches!(word, "and" | "or" | "not" | "xor")
}

fn of_function(word: &str, name: &str, rest: &[Token]) -> Vec<Hint> {
    let is_length = matches!(word, "char_length" | "character_length" | "length" | "octet_length");
    let bound = |side: Side, length: &Value| Hint::Length(name.to_owned(), side, length.clone());
    match rest {
        _ if word == "json_valid" => vec![Hint::Json(name.to_owned())],
        [Token::Word(between), Token::Literal(low), Token::Word(_), Token::Literal(high), ..]
            if is_length && between == "between" =>
        {
            vec![bound(Side::AtLeast, low), bound(Side::AtMost, high)]
        }
        [Token::Word(sign), Token::Literal(length), ..] if is_length && sign == "=" => {
            vec![bound(Side::AtLeast, length), bound(Side::AtMost, length)]
        }
        [Token::Word(sign), Token::Literal(length), ..] if is_length => {
            Side::of(sign).map(|side| bound(side, length)).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

fn comparison(tokens: &[Token]) -> Vec<Hint> {
    use Token::{Literal, Name, Word};
    match tokens {
        [Name(name), Word(sign), Literal(value), ..] if sign == "=" => {
            vec![Hint::OneOf(name.clone(), vec![value.clone()])]
        }
        [Name(name), Word(sign), Literal(Value::Text(pattern)), ..] if sign == "like" => {
            vec![Hint::Like(name.clone(), pattern.clone())]
        }
        [Name(name), Word(between), Literal(low), Word(_), Literal(high), ..] if between == "between" => vec![
            Hint::Bound(name.clone(), Side::AtLeast, low.clone()),
            Hint::Bound(name.clone(), Side::AtMost, high.clone()),
        ],
        [Name(name), Word(sign), Literal(value), ..] => {
            Side::of(sign).map(|side| Hint::Bound(name.clone(), side, value.clone())).into_iter().collect()
        }
        [Literal(value), Word(sign), Name(name), ..] => {
            Side::of(sign).map(|side| Hint::Bound(name.clone(), side.turned(), value.clone())).into_iter().collect()
        }
        [Name(left), Word(sign), Name(right), ..] => match Side::of(sign) {
            Some(Side::Below | Side::AtMost) => vec![Hint::Ordered(left.clone(), right.clone())],
            Some(Side::Above | Side::AtLeast) => vec![Hint::Ordered(right.clone(), left.clone())],
            None => Vec::new(),
        },
        [Name(name), Word(is), Word(not), Word(null), ..] if is == "is" && not == "not" && null == "null" => {
            vec![Hint::NotNull(name.clone())]
        }
        _ => Vec::new(),
    }
}

fn list(tokens: &[Token]) -> Option<Hint> {
    let [Token::Name(name), Token::Word(word), Token::Word(open), rest @ ..] = tokens else { return None };
    if word != "in" || open != "(" {
        return None;
    }
    let mut values = Vec::new();
    for token in rest {
        match token {
            Token::Literal(value) => values.push(value.clone()),
            Token::Word(sign) if sign == "," => (),
            Token::Name(_) | Token::Word(_) => break,
        }
    }
    (!values.is_empty()).then(|| Hint::OneOf(name.clone(), values))
}

/// A literal as steps.
pub fn step(unit: Unit, literal: &Value) -> Option<i128> {
    match literal {
        Value::Number(text) | Value::Text(text) => unit.read(text),
        Value::Null | Value::Default | Value::Bytes(_) | Value::Shape(..) => None,
    }
}

/// Narrows a column's values by a hint about it.
pub fn narrow(domain: &mut Domain, hint: &Hint) {
    match (domain, hint) {
        (Domain::Steps(steps), Hint::Bound(_, side, value)) => {
            if let Some(step) = step(steps.unit, value) {
                match side {
                    Side::Below => steps.at_most(step - 1),
                    Side::AtMost => steps.at_most(step),
                    Side::AtLeast => steps.at_least(step),
                    Side::Above => steps.at_least(step + 1),
                }
            }
        }
        (Domain::Words(words), Hint::Length(_, side, value)) => {
            if let Some(length) = step(Unit::Whole, value).and_then(|length| u64::try_from(length).ok()) {
                match side {
                    Side::Below => words.most = words.most.min(length.saturating_sub(1)),
                    Side::AtMost => words.most = words.most.min(length),
                    Side::AtLeast => words.least = length.min(words.most),
                    Side::Above => words.least = (length + 1).min(words.most),
                }
            }
        }
        (Domain::Words(words), Hint::Like(_, pattern)) => words.patterns.push(pattern.clone()),
        (domain @ (Domain::Words(_) | Domain::Steps(_)), Hint::OneOf(_, values)) => {
            *domain = Domain::Choice(values.clone());
        }
        (Domain::Choice(choice), Hint::OneOf(_, values)) => choice.retain(|value| values.contains(value)),
        (domain @ Domain::Words(_), Hint::Json(_)) => *domain = Domain::Shape(Shape::Json),
        _ => (),
    }
}
