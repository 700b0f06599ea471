//! Cuts the secrets out of a text of SQL: passwords, hashes that stand for one, keys of encryption.
//!
//! The text may be a whole script, a statement, or a piece of one that was cut anywhere: in doubt more is cut, never less.
//! So it does not matter how sql_mode reads a quote: where a secret is expected, either kind of quote holds one, and what
//! stands right behind its end belongs to it.
//!
//! What is known: the clauses of statements about accounts, replication and servers, functions that take a password or a key,
//! values of what is called a password, passwords in URLs; also in comments, and in strings that hold a statement. What is
//! not: a value among the VALUES of a row, an argument of a CALL (docs/guarantees.md).

mod around;
mod words;

pub use server_message::cut_said;

use crate::script::lexer::{Kind, Lexer, Token, Unclosed};
use crate::script::position::Position;
use crate::script::split::split_in_any_mode;
use around::Around;
use std::borrow::Cow;
use std::ops::Range;
use words::{End, function, is_secret_name, makes, mentions, sorts};

/// What is shown in place of a secret, quotes included. The servers' own logs write the same.
pub const MARK: &str = "<secret>";

/// A string in a string in a string: beyond that it is cut as a whole.
const NESTED_AT_MOST: usize = 3;

/// The text without its secrets.
pub fn cut(text: &str) -> Cow<'_, str> {
    let found = find(text);
    match found.is_empty() {
        true => Cow::Borrowed(text),
        false => Cow::Owned(cut_piece(text, 0..text.len(), &found)),
    }
}

/// A script without its secrets, statement by statement: where a secret has no end that can be seen, the statements behind it
/// stay.
pub fn cut_script(text: &str) -> Cow<'_, str> {
    let script = match mentions(text) {
        true => split_in_any_mode(text),
        false => return Cow::Borrowed(text),
    };
    let Ok(script) = script else { return cut(text) };
    let pieces: String = script.pieces().iter().map(|piece| cut(&text[piece.span.clone()])).collect();
    if pieces == text { Cow::Borrowed(text) } else { Cow::Owned(pieces) }
}

/// Whether the text holds a secret, or ends where one was to come.
pub fn holds(text: &str) -> bool {
    let finder = find_within(text, 0);
    finder.is_hungry || !finder.found.is_empty()
}

/// A script and where its secrets are.
pub struct Script<'a> {
    text: &'a str,
    secrets: Vec<Range<usize>>,
}

impl<'a> Script<'a> {
    /// Looks through all of it.
    pub fn of(text: &'a str) -> Script<'a> {
        Script { text, secrets: find(text) }
    }

    /// The line at a place, without its secrets. What stands before the place keeps its width, so that a caret below it points
    /// to the same character.
    pub fn line(&self, at: Position) -> String {
        let line = at.line_of(self.text);
        if line.is_empty() {
            return String::new();
        }
        let start = line.as_ptr() as usize - self.text.as_ptr() as usize;
        let column = (at.column as usize).saturating_sub(1);
        let caret = line.char_indices().nth(column).map_or(line.len(), |(offset, _)| offset);
        self.shown(start..start + line.len(), start + caret)
    }

    /// The line that holds a byte, in the same way.
    pub fn line_at(&self, offset: usize) -> String {
        let bytes = self.text.as_bytes();
        let offset = offset.min(bytes.len());
        let start = memchr::memrchr(b'\n', &bytes[..offset]).map_or(0, |at| at + 1);
        let end = memchr::memchr(b'\n', &bytes[offset..]).map_or(bytes.len(), |at| offset + at);
        let end = if end > start && bytes[end - 1] == b'\r' { end - 1 } else { end };
        self.shown(start..end, offset.min(end))
    }

    fn shown(&self, line: Range<usize>, caret: usize) -> String {
        let hidden = self.secrets.iter().find(|secret| secret.start < caret && secret.end > line.start);
        let Some(secret) = hidden else { return cut_piece(self.text, line, &self.secrets) };
        let width = |bytes: Range<usize>| self.text[bytes].chars().count();
        let start = secret.start.max(line.start);
        let room = width(start..caret);
        let mark = if room >= MARK.len() { MARK } else { "" };
        let rest = cut_piece(self.text, caret..line.end, &self.secrets);
        // A secret that the place is in is marked once.
        let is_marked = secret.end > caret && !mark.is_empty();
        let rest = if is_marked { rest.strip_prefix(MARK).unwrap_or(&rest) } else { &rest };
        format!("{}{mark}{}{rest}", &self.text[line.start..start], " ".repeat(room - mark.len()))
    }
}

/// A piece of a text whose secrets are these, without them.
fn cut_piece(text: &str, piece: Range<usize>, secrets: &[Range<usize>]) -> String {
    let (mut out, mut at) = (String::new(), piece.start);
    for secret in secrets.iter().filter(|secret| secret.end > piece.start && secret.start < piece.end) {
        if secret.start > at {
            out.push_str(&text[at..secret.start]);
        }
        out.push_str(MARK);
        at = secret.end;
    }
    if at < piece.end {
        out.push_str(&text[at..piece.end]);
    }
    out
}

/// Where the secrets stand, in order.
fn find(text: &str) -> Vec<Range<usize>> {
    find_within(text, 0).found
}

fn find_within(text: &str, nested: usize) -> Finder<'_> {
    let mut finder = Finder::new(text, nested);
    if mentions(text) {
        finder.run();
    }
    finder
}

/// What may come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    /// Nothing that is a secret.
    Other,
    /// A literal is a secret, and so is a word: somebody forgot the quotes.
    Secret,
    /// A literal is a secret.
    Literal,
    /// Behind `=`: a literal is a secret, and so are those among the arguments of a function.
    Value,
    /// Behind a name such as `password`: `=` and a value, a literal, or the arguments of a function.
    Named,
    /// Behind a function's name: its arguments.
    Arguments,
    /// Behind IDENTIFIED: BY and a secret, WITH or VIA and a plugin, or at once a secret.
    How,
    /// Behind WITH or VIA.
    Plugin,
    /// Behind SET PASSWORD FOR: an account, then `=` and a value.
    Account,
    /// Behind `'password'` in JSON_OBJECT: a comma and the value.
    Key,
}

struct Finder<'a> {
    text: &'a str,
    nested: usize,
    found: Vec<Range<usize>>,
    next: Next,
    /// The statement is about accounts: AS and USING stand before secrets.
    is_of_accounts: bool,
    depth: usize,
    /// In parentheses of this depth, and deeper, all literals are secrets.
    hidden: Option<usize>,
    /// The last word, to know `ORDER BY` from `IDENTIFIED BY`.
    before: &'a str,
    /// Where the last secret ends, an empty one too.
    end: Option<usize>,
    /// Nothing but blanks and comments since a secret: the servers join a string that comes now to it.
    joins: bool,
    /// What tells a secret by what comes behind it.
    around: Around,
    /// Tokens that begin before it are cut already.
    passed: usize,
    /// The text ends where a secret was to come, or in one.
    is_hungry: bool,
}

impl<'a> Finder<'a> {
    fn new(text: &'a str, nested: usize) -> Finder<'a> {
        Finder {
            text,
            nested,
            found: Vec::new(),
            next: Next::Other,
            is_of_accounts: false,
            depth: 0,
            hidden: None,
            before: "",
            end: None,
            joins: false,
            around: Around::default(),
            passed: 0,
            is_hungry: false,
        }
    }

    fn run(&mut self) {
        for token in Lexer::new(self.text, Default::default()) {
            if token.span.start >= self.passed {
                self.take(&token);
            }
        }
        let is_awaited = match self.next {
            Next::Secret | Next::Literal | Next::Value | Next::How => true,
            Next::Other | Next::Named | Next::Arguments | Next::Plugin | Next::Account | Next::Key => false,
        };
        self.is_hungry |= is_awaited || self.hidden.is_some();
    }

    fn take(&mut self, token: &Token) {
        let follows_at_once = self.end.take() == Some(token.span.start);
        let is_trivia = token.kind.is_trivia() || matches!(token.kind, Kind::ExecOpen | Kind::ExecClose);
        let joins = if is_trivia { self.joins } else { std::mem::take(&mut self.joins) };
        match token.kind {
            Kind::Space | Kind::ExecOpen | Kind::ExecClose => {}
            Kind::LineComment | Kind::BlockComment | Kind::Unclosed(Unclosed::Comment) => {
                self.look_into(token.span.clone())
            }
            // `'it's mine'`: where the secret ends is not known.
            Kind::String | Kind::Quoted | Kind::Word | Kind::Number | Kind::Unclosed(_) if follows_at_once => {
                self.cut_all_from(token.span.start);
            }
            Kind::String | Kind::Unclosed(Unclosed::String) => {
                self.next = if joins { Next::Secret } else { self.next };
                self.string(token);
            }
            Kind::Quoted | Kind::Unclosed(Unclosed::Name) => self.name(token),
            Kind::Number => self.number(token.span.clone()),
            Kind::Word => self.word(token.span.clone()),
            Kind::Punct => self.punct(token.span.clone()),
        }
    }

    fn expects_literal(&self) -> bool {
        match self.next {
            Next::Secret | Next::Literal | Next::Value | Next::Named | Next::How => true,
            Next::Other | Next::Arguments | Next::Plugin | Next::Account | Next::Key => self.hidden.is_some(),
        }
    }

    fn string(&mut self, token: &Token) {
        let span = token.span.clone();
        let is_unclosed = token.kind != Kind::String;
        if self.expects_literal() {
            let is_empty = !is_unclosed && span.len() == 2;
            self.end = Some(span.end);
            self.joins = true;
            self.is_hungry |= is_unclosed;
            self.next = Next::Other;
            if !is_empty {
                self.cut(span);
            }
        } else if self.next != Next::Account {
            let content = span.start + 1..if is_unclosed { span.end } else { span.end - 1 };
            // A name under ANSI_QUOTES, or one in JSON.
            let is_name = self.text[span.clone()].starts_with('"') && is_secret_name(&self.text[content.clone()]);
            self.next = match () {
                () if is_name => Next::Named,
                () if self.around.is_key(&self.text[content.clone()]) => Next::Key,
                () => Next::Other,
            };
            self.around.literal(span.clone());
            self.look_into_string(span, content, if is_unclosed { End::Cut } else { End::Whole });
        }
    }

    fn name(&mut self, token: &Token) {
        let name = self.text[token.span.clone()].trim_matches('`');
        self.cut_before(name);
        self.next = match self.next {
            Next::Secret | Next::How => return self.bare(token.span.clone()),
            Next::Account => Next::Account,
            _ if is_secret_name(name) => Next::Named,
            _ => Next::Other,
        };
    }

    fn number(&mut self, span: Range<usize>) {
        // One digit switches something on, or off; `SHA2('…', 256)`.
        let is_secret = match self.next {
            Next::Secret | Next::Value | Next::Named => span.len() > 1,
            Next::Other | Next::Literal | Next::Arguments | Next::How | Next::Plugin | Next::Account | Next::Key => {
                self.hidden.is_some() && span.len() > 3
            }
        };
        if self.next != Next::Account {
            self.next = Next::Other;
        }
        if is_secret {
            self.cut(span);
        }
    }

    fn punct(&mut self, span: Range<usize>) {
        let sign = &self.text[span.clone()];
        if self.text[span.start..].starts_with(MARK) {
            (self.passed, self.next) = (span.start + MARK.len(), Next::Other);
            return;
        }
        self.around.sign(sign);
        match sign {
            "(" => return self.open(),
            ")" => self.close(),
            ";" => self.begin(),
            _ => {}
        }
        self.next = match (self.next, sign) {
            (Next::Account, "=") | (Next::Key, ",") => Next::Value,
            (Next::Account, ";") => Next::Other,
            (Next::Account, _) => Next::Account,
            (Next::Named | Next::Value, "=" | ":" | "<" | ">" | "!") => Next::Value,
            (Next::Secret, "=" | ":") => Next::Secret,
            (Next::Secret, ")" | ";" | "," | "<" | "@" | "?") => Next::Other,
            (Next::Secret, _) => return self.bare(span),
            _ => Next::Other,
        };
    }

    fn open(&mut self) {
        self.depth += 1;
        self.around.open(self.before, self.depth);
        let hides = matches!(self.next, Next::Secret | Next::Value | Next::Named | Next::Arguments);
        if hides && self.hidden.is_none() {
            self.hidden = Some(self.depth);
        }
        if self.next != Next::Account {
            self.next = Next::Other;
        }
    }

    fn close(&mut self) {
        if self.hidden.is_some_and(|from| self.depth <= from) {
            self.hidden = None;
        }
        self.around.close(self.depth);
        self.depth = self.depth.saturating_sub(1);
    }

    /// Another statement.
    fn begin(&mut self) {
        (self.is_of_accounts, self.depth, self.hidden) = (false, 0, None);
        self.around = Around::default();
    }

    fn word(&mut self, span: Range<usize>) {
        let word = &self.text[span.clone()];
        self.cut_before(word);
        let before = std::mem::replace(&mut self.before, word);
        let is = |sought: &str| word.eq_ignore_ascii_case(sought);
        self.is_of_accounts |= is("IDENTIFIED") || is("USER") && makes(before);
        let default = || match () {
            () if is("IDENTIFIED") => Next::How,
            () if is("BY") && self.is_of_accounts => Next::Secret,
            // `INDENTIFIED BY`; in a comment, or a string, `written by` is no such thing.
            () if is("BY") && self.nested == 0 && !sorts(before) => Next::Literal,
            () if (is("AS") || is("USING")) && self.is_of_accounts => Next::Secret,
            () if is("REPLACE") => Next::Literal,
            () if self.around.is_default_of_a_secret(word) => Next::Value,
            () if is_secret_name(word) => Next::Named,
            () if function(word) => Next::Arguments,
            () => Next::Other,
        };
        self.next = match self.next {
            Next::Plugin if !is("BY") && !is("AS") && !is("USING") => Next::Other,
            Next::How if is("WITH") || is("VIA") => Next::Plugin,
            Next::How => Next::Secret,
            // `_utf8mb4'…'`, `X'…'`, `PASSWORD '*…'`, `PASSWORD('…')`
            Next::Secret if is_prefix(word) || is("PASSWORD") || is("OLD_PASSWORD") => Next::Secret,
            Next::Secret if is("RANDOM") => Next::Other,
            // In a comment, or a string, `identified by the guard` is no such thing.
            Next::Secret if self.nested == 0 => return self.bare(span),
            Next::Literal if is_prefix(word) => Next::Literal,
            Next::Value if is_prefix(word) || is("LIKE") || is("IN") => Next::Value,
            // It may be a function.
            Next::Value => Next::Arguments,
            Next::Named if is("FOR") && before.eq_ignore_ascii_case("PASSWORD") => Next::Account,
            Next::Named if is_prefix(word) || is("LIKE") || is("IN") || is("TO") => Next::Value,
            Next::Account if is("TO") => Next::Value,
            Next::Account => Next::Account,
            Next::Other | Next::Plugin | Next::Secret | Next::Literal => default(),
            Next::Named | Next::Arguments | Next::Key => default(),
        };
    }

    /// A secret without quotes, up to the next blank.
    fn bare(&mut self, span: Range<usize>) {
        let rest = &self.text[span.start..];
        let length = rest.find(|c: char| c.is_whitespace() || matches!(c, ';' | ',' | ')')).unwrap_or(rest.len());
        let end = span.end.max(span.start + length);
        (self.passed, self.next) = (end, Next::Other);
        self.is_hungry |= end == self.text.len();
        self.cut(span.start..end);
    }

    fn cut_all_from(&mut self, start: usize) {
        self.passed = self.text.len();
        self.is_hungry = true;
        self.cut(start..self.text.len());
    }

    /// A name may make secrets of literals before it.
    fn cut_before(&mut self, name: &str) {
        for secret in self.around.name(name) {
            self.found.retain(|one| one.end <= secret.start || one.start >= secret.end);
            let place = self.found.partition_point(|one| one.start < secret.start);
            self.found.insert(place, secret);
        }
    }

    fn cut(&mut self, span: Range<usize>) {
        match self.found.last_mut() {
            Some(last) if last.end == span.start => last.end = span.end,
            _ => self.found.push(span),
        }
    }

    /// A comment may hold a statement that somebody took out.
    fn look_into(&mut self, span: Range<usize>) {
        let text = self.text;
        let inner = &text[span.clone()];
        // Without the marks of the comment, of which `#` and `--` would be comments once more.
        let content = inner.trim_start_matches(['#', '-', '/', '*']);
        let start = span.start + (inner.len() - content.len());
        for secret in self.nested_in(content, End::Whole).found {
            self.cut(start + secret.start..start + secret.end);
        }
    }

    /// A string may hold a statement, for PREPARE say, or the first half of one, for CONCAT.
    fn look_into_string(&mut self, span: Range<usize>, content: Range<usize>, end: End) {
        let text = self.text;
        let (inner, places) = unescape(&text[content.clone()], text.as_bytes()[span.start]);
        if self.nested >= NESTED_AT_MOST {
            if mentions(&inner) {
                self.cut(span);
            }
            return;
        }
        let nested = self.nested_in(&inner, end);
        let place = |offset: usize| content.start + places.as_ref().map_or(offset, |places| places[offset]);
        let found: Vec<_> = nested.found.iter().map(|secret| place(secret.start)..place(secret.end)).collect();
        let is_hungry = nested.is_hungry;
        found.into_iter().for_each(|secret| self.cut(secret));
        if is_hungry && span.end < text.len() {
            self.cut_all_from(span.end);
        }
        self.is_hungry |= is_hungry;
    }

    fn nested_in<'t>(&self, text: &'t str, end: End) -> Finder<'t> {
        let mut finder = find_within(text, self.nested + 1);
        for secret in words::of_urls(text, end).into_iter().chain(words::of_options(text)) {
            if !finder.found.iter().any(|found| found.start < secret.end && secret.start < found.end) {
                finder.found.push(secret);
            }
        }
        finder.found.sort_by_key(|secret| secret.start);
        finder
    }
}

/// `_utf8mb4`, and what else stands between a keyword and its literal.
fn is_prefix(word: &str) -> bool {
    word.starts_with('_') || ["N", "X", "B", "BINARY"].iter().any(|prefix| word.eq_ignore_ascii_case(prefix))
}

/// What a string's content stands for, and where each of its bytes, and its end, stand in it; where they are the same,
/// nothing.
fn unescape(content: &str, quote: u8) -> (Cow<'_, str>, Option<Vec<usize>>) {
    if memchr::memchr2(b'\\', quote, content.as_bytes()).is_none() {
        return (Cow::Borrowed(content), None);
    }
    let (mut out, mut places) = (String::new(), Vec::new());
    let mut rest = content.char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        let is_escape = c == '\\' || c as u32 == u32::from(quote);
        let c = match is_escape.then(|| rest.next()).flatten() {
            Some((_, 'n' | 'r' | 't')) if c == '\\' => ' ',
            Some((_, escaped)) => escaped,
            None => c,
        };
        out.push(c);
        places.extend(std::iter::repeat_n(at, c.len_utf8()));
    }
    places.push(content.len());
    (Cow::Owned(out), Some(places))
}

mod server_message;
#[cfg(test)]
mod tests;
