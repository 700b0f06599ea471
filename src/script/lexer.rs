//! Cuts SQL into tokens exactly as the servers' own lexers do. The joined tokens are the input; no input makes it fail.
//!
//! What stands in an executable comment (`/*!40101 … */`, `/*M!100100 … */`) is code: it comes out as the tokens it
//! consists of, between [`Kind::ExecOpen`] and [`Kind::ExecClose`].

use std::ops::Range;

/// The two parts of `sql_mode` that change where a string or a name ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Modes {
    /// `"` quotes an identifier, not a string.
    pub ansi_quotes: bool,
    /// `\` is an ordinary character in strings.
    pub no_backslash_escapes: bool,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// White space as the server sees it: blank, tab, line feed, vertical tab, form feed, carriage return.
    Space,
    /// `# …` or `-- …`, without its line end.
    LineComment,
    /// `/* … */`, optimizer hints (`/*+ … */`) included.
    BlockComment,
    /// `/*!`, `/*!NNNNN`, `/*M!`, `/*M!NNNNN`.
    ExecOpen,
    /// The `*/` of an executable comment.
    ExecClose,
    /// `'…'`, and `"…"` unless it quotes a name.
    String,
    /// A name in backticks, or in `"` under ANSI_QUOTES.
    Quoted,
    /// A bare word: letters, digits, `_`, `$` and everything beyond ASCII.
    Word,
    /// A number.
    Number,
    /// One byte of anything else.
    Punct,
    /// A string, quoted name or comment that never ends; it reaches to the end of the input.
    Unclosed(Unclosed),
}

/// What it is that never ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unclosed {
    /// `'` or `"`.
    String,
    /// A quoted identifier.
    Name,
    /// `/*`.
    Comment,
}

impl Kind {
    /// True for what the server skips: white space and comments.
    pub fn is_trivia(self) -> bool {
        matches!(self, Kind::Space | Kind::LineComment | Kind::BlockComment)
    }
}

/// One token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Its bytes in the input.
    pub span: Range<usize>,
}

/// Whether all code of a statement stands in executable comments: where the server skips them, nothing is left of it.
pub fn is_in_executable_comments(sql: &str, modes: Modes) -> bool {
    let mut is_inside = false;
    for token in Lexer::new(sql, modes).filter(|token| !token.kind.is_trivia()) {
        if !is_inside && token.kind != Kind::ExecOpen {
            return false;
        }
        is_inside = token.kind != Kind::ExecClose;
    }
    true
}

/// The tokens of a text, in order and without gaps.
#[derive(Debug, Clone)]
pub struct Lexer<'a> {
    text: &'a str,
    modes: Modes,
    at: usize,
    /// Where the executable comment starts that is open.
    exec: Option<usize>,
    after_name: bool,
    name_next: bool,
}

impl<'a> Lexer<'a> {
    /// Starts at the beginning of `text`.
    pub fn new(text: &'a str, modes: Modes) -> Self {
        Lexer { text, modes, at: 0, exec: None, after_name: false, name_next: false }
    }

    /// The bytes of a token of this lexer.
    pub fn text(&self, token: &Token) -> &'a str {
        &self.text[token.span.clone()]
    }

    /// Kind and end of the token that starts at `self.at`.
    fn scan(&mut self) -> (Kind, usize) {
        let bytes = self.text.as_bytes();
        let at = self.at;
        let byte = bytes[at];
        if is_space(byte) {
            let end = bytes[at..].iter().position(|&b| !is_space(b));
            return (Kind::Space, end.map_or(bytes.len(), |n| at + n));
        }
        if let Some(comment) = comment_at(bytes, at) {
            return self.comment(comment);
        }
        match byte {
            b'\'' | b'"' | b'`' => self.quoted(byte),
            b'*' if self.exec.is_some() && bytes.get(at + 1) == Some(&b'/') => {
                self.exec = None;
                (Kind::ExecClose, at + 2)
            }
            b'.' if !self.after_name && bytes.get(at + 1).is_some_and(u8::is_ascii_digit) => number(bytes, at),
            b'0'..=b'9' if !self.name_next => number(bytes, at),
            _ if is_word(byte) => (Kind::Word, word_end(bytes, at)),
            _ => (Kind::Punct, at + 1),
        }
    }

    fn comment(&mut self, comment: Comment) -> (Kind, usize) {
        let length = self.text.len();
        match comment {
            Comment::Line(end) => (Kind::LineComment, end),
            Comment::Block(Some(end)) => (Kind::BlockComment, end),
            Comment::Block(None) => (Kind::Unclosed(Unclosed::Comment), length),
            Comment::Exec(end) => {
                self.exec = Some(self.at);
                (Kind::ExecOpen, end)
            }
        }
    }

    fn quoted(&self, quote: u8) -> (Kind, usize) {
        let is_name = quote == b'`' || quote == b'"' && self.modes.ansi_quotes;
        match (quoted_end(self.text.as_bytes(), self.at, self.modes), is_name) {
            (Some(end), true) => (Kind::Quoted, end),
            (Some(end), false) => (Kind::String, end),
            (None, true) => (Kind::Unclosed(Unclosed::Name), self.text.len()),
            (None, false) => (Kind::Unclosed(Unclosed::String), self.text.len()),
        }
    }
}

impl Iterator for Lexer<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        if self.at >= self.text.len() {
            return None;
        }
        let start = self.at;
        let (kind, end) = self.scan();
        // `db.1a` is a name and a name, but `.1` alone is a number: what follows a name's dot is never one.
        self.name_next = self.after_name && self.text.as_bytes()[start] == b'.';
        self.after_name = matches!(kind, Kind::Word | Kind::Quoted);
        self.at = end;
        Some(Token { kind, span: start..end })
    }
}

/// A comment that starts at a place.
pub(crate) enum Comment {
    /// To the end of the line, which is this offset.
    Line(usize),
    /// To after its `*/`, if it has one.
    Block(Option<usize>),
    /// An executable one; its content starts here.
    Exec(usize),
}

/// The comment that starts at `at`, if one does.
///
/// `--` needs white space, a control character or the end behind it. `/* */` does not nest.
pub(crate) fn comment_at(bytes: &[u8], at: usize) -> Option<Comment> {
    let next = bytes.get(at + 1).copied();
    match bytes[at] {
        b'#' => Some(Comment::Line(line_end(bytes, at))),
        b'-' if next == Some(b'-') => {
            let blank = bytes.get(at + 2).is_none_or(|&b| b <= b' ' || b == 0x7F);
            blank.then(|| Comment::Line(line_end(bytes, at)))
        }
        b'/' if next == Some(b'*') => Some(match bytes[at + 2..] {
            [b'!', ..] => Comment::Exec(version_end(bytes, at + 3)),
            [b'M', b'!', ..] => Comment::Exec(version_end(bytes, at + 4)),
            _ => Comment::Block(memchr::memmem::find(&bytes[at + 2..], b"*/").map(|n| at + n + 4)),
        }),
        _ => None,
    }
}

/// A server's version in an executable comment has five or six digits; fewer are code.
fn version_end(bytes: &[u8], at: usize) -> usize {
    let digits = bytes[at..].iter().take(6).take_while(|b| b.is_ascii_digit()).count();
    if digits >= 5 { at + digits } else { at }
}

/// The end of the line that holds `at`, before its `\n`.
pub(crate) fn line_end(bytes: &[u8], at: usize) -> usize {
    memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |n| at + n)
}

/// The offset after the quote that closes the one at `open`.
pub(crate) fn quoted_end(bytes: &[u8], open: usize, modes: Modes) -> Option<usize> {
    let quote = bytes[open];
    let is_name = quote == b'`' || quote == b'"' && modes.ansi_quotes;
    let escapes = !is_name && !modes.no_backslash_escapes;
    let mut at = open + 1;
    loop {
        let rest = bytes.get(at..)?;
        let hit = match escapes {
            true => memchr::memchr2(quote, b'\\', rest),
            false => memchr::memchr(quote, rest),
        }?;
        at += hit + 1;
        if bytes[at - 1] == b'\\' || bytes.get(at) == Some(&quote) {
            at += 1;
        } else {
            return Some(at);
        }
    }
}

/// Numbers swallow what belongs to them; a word that merely begins with digits (`1a`) is a word.
fn number(bytes: &[u8], start: usize) -> (Kind, usize) {
    let radix_digit: fn(&u8) -> bool = match bytes[start..] {
        [b'0', b'x', ..] => u8::is_ascii_hexdigit,
        [b'0', b'b', ..] => |b| matches!(b, b'0' | b'1'),
        _ => return decimal(bytes, start),
    };
    let end = word_end(bytes, start);
    let is_number = end > start + 2 && bytes[start + 2..end].iter().all(radix_digit);
    (if is_number { Kind::Number } else { Kind::Word }, end)
}

fn decimal(bytes: &[u8], start: usize) -> (Kind, usize) {
    let digits = |from: usize| from + bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut end = digits(start);
    let is_fraction = bytes.get(end) == Some(&b'.');
    if is_fraction {
        end = digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits((end + 1 + sign).min(bytes.len()));
        if exponent > end + 1 + sign {
            return (Kind::Number, exponent);
        }
    }
    match bytes.get(end) {
        Some(&byte) if !is_fraction && is_word(byte) => (Kind::Word, word_end(bytes, end)),
        _ => (Kind::Number, end),
    }
}

fn word_end(bytes: &[u8], start: usize) -> usize {
    bytes[start..].iter().position(|&b| !is_word(b)).map_or(bytes.len(), |n| start + n)
}

/// White space of both servers in every character set that a file can be in.
pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

/// A byte that an unquoted name may hold.
pub(crate) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}

/// Whether a word may stand in a text, told by one byte of it with these letters, in either case, before it. Statements of
/// megabytes seldom hold such a word at all, so that they need not be cut into tokens for it.
pub fn may_hold(sql: &str, before: &str, byte: u8) -> bool {
    let bytes = sql.as_bytes();
    memchr::memchr_iter(byte, bytes).any(|at| {
        let start = at.checked_sub(before.len());
        start.is_some_and(|start| bytes[start..at].eq_ignore_ascii_case(before.as_bytes()))
    })
}

/// The tokens that mean something: no white space, no comments, no marks of executable comments.
#[derive(Debug, Clone)]
pub struct Code<'a> {
    lexer: Lexer<'a>,
    end: usize,
    end_before: usize,
}

impl<'a> Code<'a> {
    /// Starts at the beginning of `text`.
    pub fn new(text: &'a str, modes: Modes) -> Self {
        Code { lexer: Lexer::new(text, modes), end: 0, end_before: 0 }
    }

    /// Where the last significant token seen so far ends; the marks of executable comments count.
    pub(crate) fn end(&self) -> usize {
        self.end
    }

    /// Where the significant token before it ends.
    pub(crate) fn end_before(&self) -> usize {
        self.end_before
    }

    /// Where the executable comment starts that is open.
    pub(crate) fn open_exec(&self) -> Option<usize> {
        self.lexer.exec
    }

    /// What was not looked at yet.
    pub(crate) fn rest(&self) -> &'a str {
        &self.lexer.text[self.lexer.at..]
    }
}

impl<'a> Iterator for Code<'a> {
    type Item = (Kind, &'a str);

    fn next(&mut self) -> Option<(Kind, &'a str)> {
        for token in self.lexer.by_ref() {
            if token.kind.is_trivia() {
                continue;
            }
            self.end_before = self.end;
            self.end = token.span.end;
            if !matches!(token.kind, Kind::ExecOpen | Kind::ExecClose) {
                return Some((token.kind, &self.lexer.text[token.span]));
            }
        }
        None
    }
}

/// The upper-case form of a word that is to be compared with keywords; empty when it cannot be one.
pub(crate) struct Upper {
    bytes: [u8; 16],
    length: usize,
}

impl Upper {
    pub(crate) fn of(word: &str) -> Self {
        let mut bytes = [0; 16];
        let length = if word.len() <= bytes.len() && word.is_ascii() { word.len() } else { 0 };
        bytes[..length].copy_from_slice(&word.as_bytes()[..length]);
        bytes.make_ascii_uppercase();
        Upper { bytes, length }
    }

    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.length]).expect("only ASCII is copied in")
    }
}
