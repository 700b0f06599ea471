//! The tokens of a statement with their places, and a cursor that reads them.

use crate::script::lexer::{Kind, Lexer, Modes};
use crate::statement::names::unquote;

/// A token that means something: no white space, no comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    pub(crate) kind: Kind,
    pub(crate) text: &'a str,
    /// Its first byte in the script.
    pub(crate) at: usize,
}

impl Token<'_> {
    pub(crate) fn is_word(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(word)
    }

    pub(crate) fn is(&self, punct: &str) -> bool {
        self.kind == Kind::Punct && self.text == punct
    }

    pub(crate) fn is_name(&self) -> bool {
        matches!(self.kind, Kind::Word | Kind::Quoted)
    }
}

/// Rows are no risk: of a statement that brings them, and can be megabytes long, only the head is read. A query that brings
/// them is read.
const HEAD: usize = 64;
const QUERY: usize = 4096;

/// The tokens of the statement that starts at `offset` of its script.
pub(crate) fn tokens(sql: &str, offset: usize, modes: Modes) -> Vec<Token<'_>> {
    let is_code = |kind: Kind| !kind.is_trivia() && !matches!(kind, Kind::ExecOpen | Kind::ExecClose);
    let code = Lexer::new(sql, modes).filter(|token| is_code(token.kind));
    let all =
        code.map(|token| Token { kind: token.kind, text: &sql[token.span.clone()], at: offset + token.span.start });
    let mut all = all.peekable();
    let brings_rows =
        all.peek().is_some_and(|first| ["INSERT", "REPLACE", "LOAD"].iter().any(|word| first.is_word(word)));
    if !brings_rows {
        return all.collect();
    }
    let mut head: Vec<Token> = all.by_ref().take(HEAD).collect();
    if !head.iter().any(|token| token.is_word("VALUES") || token.is_word("VALUE") || token.is_word("SET")) {
        head.extend(all.take(QUERY).take_while(|token| !token.is_word("VALUES") && !token.is_word("VALUE")));
    }
    head
}

/// How a name is compared: columns, indexes and constraints know no case, and tables differ by it on some systems only.
pub(crate) fn key(name: &str) -> String {
    name.to_lowercase()
}

/// Reads tokens from the left.
#[derive(Clone, Debug)]
pub(crate) struct Cursor<'t, 'a> {
    pub(crate) rest: &'t [Token<'a>],
}

impl<'t, 'a> Cursor<'t, 'a> {
    pub(crate) fn new(tokens: &'t [Token<'a>]) -> Self {
        Cursor { rest: tokens }
    }

    pub(crate) fn peek(&self) -> Option<&'t Token<'a>> {
        self.rest.first()
    }

    pub(crate) fn next(&mut self) -> Option<&'t Token<'a>> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    pub(crate) fn sees(&self, words: &[&str]) -> bool {
        self.rest.len() >= words.len() && self.rest.iter().zip(words).all(|(token, word)| token.is_word(word))
    }

    /// Takes these words if they come next.
    pub(crate) fn eat(&mut self, words: &[&str]) -> bool {
        let is_there = self.sees(words);
        if is_there {
            self.rest = &self.rest[words.len()..];
        }
        is_there
    }

    /// Takes one of these words if it comes next.
    pub(crate) fn eat_any(&mut self, words: &[&str]) -> bool {
        words.iter().any(|word| self.eat(&[word]))
    }

    pub(crate) fn eat_punct(&mut self, punct: &str) -> bool {
        let is_there = self.peek().is_some_and(|token| token.is(punct));
        if is_there {
            self.rest = &self.rest[1..];
        }
        is_there
    }

    /// Takes a name, out of its quotes.
    pub(crate) fn name(&mut self) -> Option<String> {
        let token = self.peek().filter(|token| token.is_name())?;
        self.rest = &self.rest[1..];
        Some(unquote(token.text))
    }

    /// Takes `name` or `schema.name`; the schema is left out.
    pub(crate) fn object(&mut self) -> Option<String> {
        let first = self.name()?;
        if self.eat_punct(".") { self.name() } else { Some(first) }
    }

    /// Takes what stands in the parentheses that open here.
    pub(crate) fn parens(&mut self) -> Option<&'t [Token<'a>]> {
        if !self.peek()?.is("(") {
            return None;
        }
        let mut depth = 0_usize;
        for (at, token) in self.rest.iter().enumerate() {
            depth += usize::from(token.is("("));
            if token.is(")") {
                depth -= 1;
                if depth == 0 {
                    let inner = &self.rest[1..at];
                    self.rest = &self.rest[at + 1..];
                    return Some(inner);
                }
            }
        }
        None
    }

    /// Takes a list of columns, without lengths and directions: `(a, b(10) DESC)`.
    pub(crate) fn columns(&mut self) -> Vec<String> {
        let inner = self.parens().unwrap_or_default();
        commas(inner).filter_map(|part| Cursor::new(part).name()).collect()
    }
}

/// The parts between the commas that stand in no parentheses.
pub(crate) fn commas<'t, 'a>(tokens: &'t [Token<'a>]) -> impl Iterator<Item = &'t [Token<'a>]> {
    let mut depth = 0_usize;
    tokens.split(move |token| {
        depth += usize::from(token.is("("));
        depth = depth.saturating_sub(usize::from(token.is(")")));
        depth == 0 && token.is(",")
    })
}
