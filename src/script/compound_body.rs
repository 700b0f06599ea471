//! Tells where a statement with a body ends: `CREATE PROCEDURE p() BEGIN …; …; END` is one statement.
//!
//! The servers know by their grammar; this follows the words that open and close a block, and asks for each of them
//! whether a statement may begin there, so that a column called `end` and the functions IF() and REPEAT() mislead nobody.
//! Where it is wrong all the same, the server says so before anything runs (see docs/architecture.md, preflight).

use crate::script::lexer::{Code, Kind, Upper};

/// What the first words of a statement say about where it ends.
pub(crate) enum Head {
    /// At the next `;`.
    Plain,
    /// At the next `;`; it may change the sql_mode.
    Set,
    /// Where its body ends.
    Body(Body),
}

/// Reads the first words of a statement, and no further than needed.
pub(crate) fn head(code: &mut Code) -> Head {
    let Some((kind, word)) = code.next() else { return Head::Plain };
    let mut body = Body::new(State::Start);
    match (kind, Upper::of(word).as_str()) {
        (Kind::Word, "SET") => return set(code),
        (Kind::Word, "CREATE") => return create(code),
        (Kind::Word, "ALTER") => match next_word(code).as_str() {
            "EVENT" => body.state = State::EventHeader,
            _ => return Head::Plain,
        },
        (Kind::Word, "BEGIN") => match next_word(code).as_str() {
            "NOT" => body.frames.push(Frame::Block),
            _ => return Head::Plain,
        },
        (Kind::Word, "IF" | "CASE" | "LOOP" | "WHILE" | "REPEAT" | "FOR") => body.feed_word(word),
        // MariaDB takes no label here: `l: LOOP … END LOOP` is a syntax error outside of a body.
        _ => return Head::Plain,
    }
    Head::Body(body)
}

/// `SET STATEMENT a=1 FOR …` (MariaDB) holds another statement, which may have a body.
fn set(code: &mut Code) -> Head {
    if next_word(code).as_str() != "STATEMENT" {
        return Head::Set;
    }
    while let Some((kind, text)) = code.next() {
        match (kind, Upper::of(text).as_str()) {
            (Kind::Word, "FOR") => {
                return match head(code) {
                    Head::Set => Head::Plain,
                    inner @ (Head::Plain | Head::Body(_)) => inner,
                };
            }
            (Kind::Punct, ";") => break,
            _ => {}
        }
    }
    Head::Plain
}

fn create(code: &mut Code) -> Head {
    loop {
        let state = match next_word(code).as_str() {
            "OR" | "REPLACE" | "AGGREGATE" => continue,
            "DEFINER" => {
                skip_account(code);
                continue;
            }
            "PROCEDURE" | "FUNCTION" => State::Name,
            "TRIGGER" => State::TriggerHeader,
            "EVENT" => State::EventHeader,
            "PACKAGE" => {
                return Head::Body(Body {
                    is_oracle: true,
                    frames: vec![Frame::Package],
                    ..Body::new(State::PackageHeader)
                });
            }
            _ => return Head::Plain,
        };
        return Head::Body(Body::new(state));
    }
}

/// Skips `= 'user'@'host'` in any of its spellings; an account may be called `event`.
fn skip_account(code: &mut Code) {
    let mut ahead = code.clone();
    if !matches!(ahead.next(), Some((Kind::Punct, "="))) {
        return;
    }
    ahead.next();
    *code = ahead.clone();
    loop {
        match ahead.next() {
            Some((Kind::Punct, "@" | ".")) => {
                ahead.next();
            }
            Some((Kind::Punct, "(" | ")")) => {}
            _ => return,
        }
        *code = ahead.clone();
    }
}

/// The next token in upper case if it is a word; empty otherwise.
fn next_word(code: &mut Code) -> Upper {
    match code.next() {
        Some((Kind::Word, word)) => Upper::of(word),
        _ => Upper::of(""),
    }
}

/// Follows a statement with a body to its end.
#[derive(Debug, Clone)]
pub(crate) struct Body {
    state: State,
    frames: Vec<Frame>,
    depth: usize,
    /// The token before is `.` or `@`: the word behind it is a name.
    is_name_next: bool,
    /// The token before can end an expression, so that END may close a CASE.
    is_operand: bool,
    /// RETURNS was seen: RETURN begins a statement. Without it RETURN names the type, as Oracle has it.
    has_returns: bool,
    /// The body is in the style of sql_mode=ORACLE.
    is_oracle: bool,
}

/// What the next word would be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// The first word of a statement.
    Start,
    /// The word after what may have been a label.
    MaybeLabel,
    /// Some word within a statement or a condition.
    Middle,
    /// The name of a routine; IF NOT EXISTS may stand before it.
    Name,
    /// Within the head of a routine or handler: its body is still to come.
    Header,
    /// Behind RETURNS or CHARACTER, where SET belongs to a type: RETURNS SET('a','b'), CHARACTER SET latin1.
    HeaderType,
    /// After AS or IS of a routine: declarations, then BEGIN.
    Declarations,
    /// Before EACH ROW.
    TriggerHeader,
    /// Behind EACH.
    TriggerEach,
    /// Behind EACH ROW.
    TriggerOrder,
    /// Behind FOLLOWS or PRECEDES.
    TriggerOther,
    /// Before DO.
    EventHeader,
    /// Before the AS, or the first routine.
    PackageHeader,
    /// Behind DECLARE.
    Declare,
    /// Behind DECLARE … HANDLER.
    Handler,
    /// Behind the END of a block: what the block was, or its label.
    AfterEnd,
    /// Behind an END that closes a REPEAT if the next word says so.
    AfterUntilEnd,
}

/// What is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Frame {
    /// BEGIN, IF, LOOP, or CASE as a statement.
    Block,
    /// WHILE or FOR before its DO (or LOOP).
    Condition,
    /// REPEAT, and whether its UNTIL was seen.
    Repeat { until: bool },
    /// CASE within an expression, and how deep in parentheses.
    Expression { depth: usize },
    /// CREATE PACKAGE.
    Package,
}

impl Body {
    fn new(state: State) -> Self {
        Body {
            state,
            frames: Vec::new(),
            depth: 0,
            is_name_next: false,
            is_operand: false,
            has_returns: false,
            is_oracle: false,
        }
    }

    /// True while a `;` would not end the statement.
    pub(crate) fn is_open(&self) -> bool {
        !self.frames.is_empty() || self.state == State::Declarations
    }

    /// True for bodies in the style of sql_mode=ORACLE.
    pub(crate) fn is_oracle(&self) -> bool {
        self.is_oracle
    }

    /// Takes the next significant token. True if it is the `;` that ends the whole statement.
    pub(crate) fn ends_with(&mut self, kind: Kind, text: &str) -> bool {
        match kind {
            Kind::Punct if text == ";" => return self.semicolon(),
            Kind::Word if !self.is_name_next => self.feed_word(text),
            Kind::Punct => self.punct(text),
            Kind::Word | Kind::Quoted | Kind::String | Kind::Number | Kind::Unclosed(_) => self.operand(),
            Kind::Space | Kind::LineComment | Kind::BlockComment | Kind::ExecOpen | Kind::ExecClose => {}
        }
        self.is_name_next = kind == Kind::Punct && matches!(text, "." | "@");
        false
    }

    fn semicolon(&mut self) -> bool {
        while let Some(Frame::Expression { .. }) = self.frames.last() {
            self.frames.pop();
        }
        self.depth = 0;
        self.is_name_next = false;
        if !self.is_open() {
            return true;
        }
        if self.state != State::Declarations {
            self.state = State::Start;
        }
        false
    }

    fn punct(&mut self, text: &str) {
        match text {
            "(" => self.depth += 1,
            ")" => self.depth = self.depth.saturating_sub(1),
            ":" if self.state == State::MaybeLabel => {
                self.state = State::Start;
                return;
            }
            // `label := 1`: it was a variable after all.
            "=" if self.state == State::Start => self.state = State::Middle,
            _ => {}
        }
        self.is_operand = text == ")";
        self.settle();
    }

    fn operand(&mut self) {
        self.is_operand = true;
        match self.state {
            State::Start => self.state = State::MaybeLabel,
            State::Name => self.state = State::Header,
            State::TriggerOther => self.state = State::Start,
            // AS 'source' of a routine in another language.
            State::Declarations => self.state = State::Middle,
            _ => self.settle(),
        }
    }

    /// States that only last for one token.
    fn settle(&mut self) {
        if matches!(self.state, State::MaybeLabel | State::AfterEnd | State::AfterUntilEnd) {
            self.state = State::Middle;
        }
    }

    fn feed_word(&mut self, text: &str) {
        let word = Upper::of(text);
        let word = word.as_str();
        match self.state {
            State::Start => self.first_word(word),
            State::MaybeLabel | State::Middle => self.middle(word),
            State::Name => match word {
                "IF" | "NOT" | "EXISTS" => {}
                _ => self.state = State::Header,
            },
            State::Header => self.header(word),
            // RETURNS CHARACTER SET latin1
            State::HeaderType if word != "CHARACTER" && word != "CHAR" => self.state = State::Header,
            State::Declarations => {
                if word == "BEGIN" {
                    self.open(Frame::Block, State::Start)
                }
            }
            State::TriggerHeader if word == "EACH" => self.state = State::TriggerEach,
            State::TriggerEach => self.state = if word == "ROW" { State::TriggerOrder } else { State::TriggerHeader },
            State::TriggerOrder => match word {
                "FOLLOWS" | "PRECEDES" => self.state = State::TriggerOther,
                _ => self.first_word(word),
            },
            State::TriggerOther => self.state = State::Start,
            State::EventHeader if word == "DO" && self.depth == 0 => self.state = State::Start,
            State::PackageHeader => match word {
                "AS" | "IS" => self.state = State::Start,
                "PROCEDURE" | "FUNCTION" => self.first_word(word),
                _ => {}
            },
            State::Declare if word == "HANDLER" => self.state = State::Handler,
            State::Declare => self.expression(word),
            State::Handler if word == "FOR" => self.state = State::Header,
            State::TriggerHeader | State::EventHeader | State::HeaderType | State::Handler => {}
            State::AfterEnd => self.state = State::Middle,
            State::AfterUntilEnd if word == "REPEAT" => self.close(),
            State::AfterUntilEnd => self.middle(word),
        }
        self.is_operand = !is_operator(word);
    }

    fn open(&mut self, frame: Frame, next: State) {
        self.frames.push(frame);
        self.state = next;
    }

    fn close(&mut self) {
        self.frames.pop();
        self.state = State::AfterEnd;
    }

    /// Opens a block if this word, at the start of a statement, does.
    fn opens(&mut self, word: &str) -> bool {
        match word {
            "BEGIN" => self.open(Frame::Block, State::Start),
            "LOOP" => self.open(Frame::Block, State::Start),
            "REPEAT" => self.open(Frame::Repeat { until: false }, State::Start),
            "IF" | "CASE" => self.open(Frame::Block, State::Middle),
            "WHILE" | "FOR" => self.open(Frame::Condition, State::Middle),
            _ => return false,
        }
        true
    }

    fn first_word(&mut self, word: &str) {
        let in_package = self.frames.last() == Some(&Frame::Package);
        match word {
            // The part of a package that runs when it is loaded; the END behind it is the package's.
            "BEGIN" if in_package => {}
            "PROCEDURE" | "FUNCTION" if in_package => {
                self.has_returns = false;
                self.state = State::Name;
            }
            "END" => self.close(),
            "UNTIL" => {
                if let Some(Frame::Repeat { until }) = self.frames.last_mut() {
                    *until = true;
                }
                self.state = State::Middle;
            }
            // BEGIN NOT ATOMIC, and ELSE behind a `;`.
            "NOT" | "ATOMIC" | "ELSE" => self.state = State::Start,
            "ELSEIF" | "ELSIF" | "WHEN" => self.state = State::Middle,
            "DECLARE" => self.state = State::Declare,
            _ if self.opens(word) => {}
            _ => self.state = State::MaybeLabel,
        }
    }

    fn header(&mut self, word: &str) {
        if self.depth > 0 {
            return;
        }
        match word {
            "RETURNS" => {
                self.has_returns = true;
                self.state = State::HeaderType;
            }
            "CHARACTER" | "CHAR" => self.state = State::HeaderType,
            "AS" | "IS" => {
                self.is_oracle = true;
                self.state = State::Declarations;
            }
            "RETURN" if !self.has_returns && self.frames.iter().all(|f| *f == Frame::Package) => {}
            _ if self.opens(word) => {}
            _ if is_simple(word) => self.state = State::Middle,
            _ => {}
        }
    }

    fn middle(&mut self, word: &str) {
        self.state = State::Middle;
        match (word, self.frames.last_mut()) {
            ("THEN", top) if !matches!(top, Some(Frame::Expression { .. })) => self.state = State::Start,
            ("DO" | "LOOP", Some(top @ Frame::Condition)) if self.depth == 0 => {
                *top = Frame::Block;
                self.state = State::Start;
            }
            ("END", Some(Frame::Repeat { until: true })) => self.state = State::AfterUntilEnd,
            _ => self.expression(word),
        }
    }

    fn expression(&mut self, word: &str) {
        match (word, self.frames.last()) {
            ("CASE", _) => self.frames.push(Frame::Expression { depth: self.depth }),
            ("END", Some(Frame::Expression { depth })) if self.is_operand && *depth == self.depth => {
                self.frames.pop();
            }
            _ => {}
        }
    }
}

/// Statements without a body of their own, as far as IF() or REPEAT() may stand in them.
fn is_simple(word: &str) -> bool {
    matches!(
        word,
        "CALL"
            | "DELETE"
            | "DO"
            | "EXECUTE"
            | "INSERT"
            | "REPLACE"
            | "RETURN"
            | "SELECT"
            | "SET"
            | "SHOW"
            | "SIGNAL"
            | "UPDATE"
            | "VALUES"
            | "WITH"
    )
}

/// Words behind which an operand is still to come.
fn is_operator(word: &str) -> bool {
    matches!(
        word,
        "AND"
            | "BETWEEN"
            | "BINARY"
            | "CASE"
            | "DIV"
            | "ELSE"
            | "IN"
            | "IS"
            | "LIKE"
            | "MOD"
            | "NOT"
            | "OR"
            | "REGEXP"
            | "RLIKE"
            | "THEN"
            | "WHEN"
            | "XOR"
    )
}
