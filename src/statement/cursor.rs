//! The tokens of a statement with their places, and the cursor that reads them: the only walker over tokens.

use crate::script::lexer::{Kind, Lexer, Modes};
use crate::statement::identifier::{Guard, Ident, Name};
use std::ops::Range;

/// A token that means something: no white space, no comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    pub(crate) kind: Kind,
    pub(crate) text: &'a str,
    /// Its first byte in the statement.
    pub(crate) at: usize,
}

impl<'a> Token<'a> {
    pub(crate) fn is_word(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(word)
    }

    pub(crate) fn is_any(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.is_word(word))
    }

    pub(crate) fn is(&self, punct: &str) -> bool {
        self.kind == Kind::Punct && self.text == punct
    }

    pub(crate) fn is_name(&self) -> bool {
        matches!(self.kind, Kind::Word | Kind::Quoted)
    }

    pub(crate) fn end(&self) -> usize {
        self.at + self.text.len()
    }

    pub(crate) fn ident(&self) -> Ident<'a> {
        Ident { text: self.text, at: self.at }
    }

    /// Without quotes of any kind, as the name of an engine may be written.
    pub(crate) fn literal(&self) -> &'a str {
        self.text.trim_matches(['\'', '"', '`'])
    }
}

pub(crate) fn is_code(kind: Kind) -> bool {
    !kind.is_trivia() && !matches!(kind, Kind::ExecOpen | Kind::ExecClose)
}

/// The tokens of a text that is no statement.
pub(crate) fn tokens(text: &str, modes: Modes) -> Vec<Token<'_>> {
    let code = Lexer::new(text, modes).filter(|token| is_code(token.kind));
    code.map(|token| Token { kind: token.kind, text: &text[token.span.clone()], at: token.span.start }).collect()
}

/// A range of tokens, as indexes into those of the statement.
pub(crate) type Span = Range<usize>;

/// Reads tokens from the left; `at` counts from the statement's first token.
#[derive(Clone, Debug)]
pub(crate) struct Cursor<'t, 'a> {
    tokens: &'t [Token<'a>],
    at: usize,
}

impl<'t, 'a> Cursor<'t, 'a> {
    pub(crate) fn new(tokens: &'t [Token<'a>]) -> Self {
        Cursor { tokens, at: 0 }
    }

    /// One that reads these tokens of the statement, and none after them.
    pub(crate) fn within(tokens: &'t [Token<'a>], span: Span) -> Self {
        Cursor { tokens: &tokens[..span.end], at: span.start }
    }

    pub(crate) fn at(&self) -> usize {
        self.at
    }

    pub(crate) fn end(&self) -> usize {
        self.tokens.len()
    }

    pub(crate) fn seek(&mut self, at: usize) {
        self.at = at.min(self.tokens.len());
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.at >= self.tokens.len()
    }

    pub(crate) fn rest(&self) -> &'t [Token<'a>] {
        &self.tokens[self.at..]
    }

    pub(crate) fn peek(&self) -> Option<&'t Token<'a>> {
        self.tokens.get(self.at)
    }

    pub(crate) fn next(&mut self) -> Option<&'t Token<'a>> {
        let token = self.tokens.get(self.at)?;
        self.at += 1;
        Some(token)
    }

    pub(crate) fn sees(&self, words: &[&str]) -> bool {
        let rest = self.rest();
        rest.len() >= words.len() && rest.iter().zip(words).all(|(token, word)| token.is_word(word))
    }

    pub(crate) fn sees_any(&self, words: &[&str]) -> bool {
        self.peek().is_some_and(|token| token.is_any(words))
    }

    pub(crate) fn sees_punct(&self, punct: &str) -> bool {
        self.peek().is_some_and(|token| token.is(punct))
    }

    /// Takes these words if they come next.
    pub(crate) fn eat(&mut self, words: &[&str]) -> bool {
        let is_there = self.sees(words);
        if is_there {
            self.at += words.len();
        }
        is_there
    }

    /// Takes one of these words if it comes next.
    pub(crate) fn eat_any(&mut self, words: &[&str]) -> bool {
        let is_there = self.sees_any(words);
        self.at += usize::from(is_there);
        is_there
    }

    pub(crate) fn eat_all(&mut self, words: &[&str]) {
        while self.eat_any(words) {}
    }

    pub(crate) fn eat_punct(&mut self, punct: &str) -> bool {
        let is_there = self.sees_punct(punct);
        self.at += usize::from(is_there);
        is_there
    }

    pub(crate) fn ident(&mut self) -> Option<Ident<'a>> {
        let token = self.peek().filter(|token| token.is_name())?;
        self.at += 1;
        Some(token.ident())
    }

    /// Takes `name` or `schema.name`.
    pub(crate) fn name(&mut self) -> Option<Name<'a>> {
        let first = self.ident()?;
        if !self.eat_punct(".") {
            return Some(Name { schema: None, name: first });
        }
        Some(Name { schema: Some(first), name: self.ident()? })
    }

    /// Takes `a, b.c, …`.
    pub(crate) fn names(&mut self) -> Vec<Name<'a>> {
        let mut found = Vec::new();
        while let Some(name) = self.name() {
            found.push(name);
            if !self.eat_punct(",") {
                break;
            }
        }
        found
    }

    /// Takes `IF EXISTS` or `IF NOT EXISTS`.
    pub(crate) fn guard(&mut self) -> Guard {
        if self.eat(&["IF", "NOT", "EXISTS"]) {
            Guard::IfNotExists
        } else if self.eat(&["IF", "EXISTS"]) {
            Guard::IfExists
        } else {
            Guard::None
        }
    }

    /// Takes what is in the parentheses that open here, and them.
    pub(crate) fn parens(&mut self) -> Option<Span> {
        if !self.sees_punct("(") {
            return None;
        }
        let mut depth = 0_usize;
        for at in self.at..self.tokens.len() {
            depth += usize::from(self.tokens[at].is("("));
            if self.tokens[at].is(")") {
                depth -= 1;
                if depth == 0 {
                    let inner = self.at + 1..at;
                    self.at = at + 1;
                    return Some(inner);
                }
            }
        }
        None
    }

    /// The tokens of `parens`.
    pub(crate) fn inner(&mut self) -> Option<&'t [Token<'a>]> {
        self.parens().map(|span| &self.tokens[span])
    }

    /// Goes to the next comma, or to the end; parentheses are passed over.
    pub(crate) fn skip_to_comma(&mut self) {
        self.skip_until(|token| token.is(","));
    }

    /// Goes to the first such token outside of parentheses, or to the end. What comes after a dot or an `@` is a name.
    pub(crate) fn skip_until(&mut self, is_it: impl Fn(&Token<'a>) -> bool) {
        let mut depth = 0_usize;
        while let Some(token) = self.peek() {
            let is_name = self.at.checked_sub(1).is_some_and(|before| {
                let before = &self.tokens[before];
                before.is(".") || before.is("@")
            });
            match depth {
                0 if !is_name && is_it(token) => return,
                _ if token.is("(") => depth += 1,
                _ if token.is(")") => depth = depth.saturating_sub(1),
                _ => {}
            }
            self.at += 1;
        }
    }

    /// All tokens that it may read, those that it has read among them.
    pub(crate) fn tokens(&self) -> &'t [Token<'a>] {
        self.tokens
    }

    /// Takes the qualifier of `t.column =` or `s.t.column =`.
    pub(crate) fn called(&mut self) -> Option<Name<'a>> {
        let mut parts = vec![self.ident()?];
        while self.eat_punct(".") {
            parts.push(self.ident()?);
        }
        self.eat_punct(":");
        self.sees_punct("=").then_some(())?;
        match parts[..] {
            [name, _] => Some(Name { schema: None, name }),
            [schema, name, _] => Some(Name { schema: Some(schema), name }),
            _ => None,
        }
    }

    /// Takes a list of columns, without lengths and directions: `(a, b(10) DESC)`. An expression has no name here.
    pub(crate) fn columns(&mut self) -> Vec<Ident<'a>> {
        let Some(inner) = self.parens() else { return Vec::new() };
        let parts = commas(&self.tokens[..inner.end], inner.start);
        parts.into_iter().filter_map(|part| Cursor::within(self.tokens, part).ident()).collect()
    }
}

/// The parts between the commas that are in no parentheses, from this token on.
pub(crate) fn commas(tokens: &[Token], from: usize) -> Vec<Span> {
    let mut found = Vec::new();
    let mut cursor = Cursor::within(tokens, from..tokens.len());
    loop {
        let start = cursor.at();
        cursor.skip_to_comma();
        found.push(start..cursor.at());
        if !cursor.eat_punct(",") {
            return found;
        }
    }
}
