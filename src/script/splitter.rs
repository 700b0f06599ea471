//! The walk through a script: finds where statements start and end, and refuses what cannot be meant.

use crate::script::client_command::{self, Command};
use crate::script::compound_body::{self, Body, Head};
use crate::script::delimiter::{Found, InComment, find};
use crate::script::fault::Fault;
use crate::script::lexer::{self, Code, Comment, Kind, Modes, Unclosed};
use crate::script::piece::{Piece, PieceKind, Statement};
use crate::script::position::Ruler;
use crate::script::sql_mode::Session;

/// What DELIMITER last said.
struct Delimiter {
    text: String,
    /// Where the command stands.
    command: usize,
    /// Did the delimiter end anything since?
    is_used: bool,
}

/// What stood before a custom delimiter.
#[derive(Default)]
struct Parts {
    count: usize,
    /// The last of them has a body that is not closed.
    is_open: bool,
    /// One of them is a DELIMITER command, where the client does not see it.
    has_command: bool,
}

const BOM: char = '\u{feff}';

/// What the walk comes by.
pub(crate) enum Part {
    /// Any stretch of the script, a statement's too.
    Piece(Piece),
    /// A statement, told before its piece.
    Statement(Statement),
}

/// Walks through a script once.
pub(crate) struct Scanner<'a, 't> {
    text: &'a str,
    at: usize,
    delimiter: Delimiter,
    session: Session,
    ruler: Ruler<'a>,
    take: &'t mut dyn FnMut(Part),
}

impl<'a, 't> Scanner<'a, 't> {
    pub(crate) fn new(text: &'a str, modes: Modes, take: &'t mut dyn FnMut(Part)) -> Self {
        Scanner {
            text,
            at: 0,
            delimiter: Delimiter { text: ";".to_owned(), command: 0, is_used: false },
            session: Session::new(modes),
            ruler: Ruler::new(text),
            take,
        }
    }

    pub(crate) fn run(mut self) -> Result<(), Fault> {
        self.walk()
    }

    /// Everything that is refused: all commands of the client, and the first mistake of another kind.
    pub(crate) fn faults(mut self) -> Vec<Fault> {
        let mut found = Vec::new();
        while let Err(fault) = self.walk() {
            let resume = fault.resume;
            found.push(fault);
            let Some(resume) = resume else { break };
            self.at = resume;
        }
        found
    }

    /// Goes on to the end.
    fn walk(&mut self) -> Result<(), Fault> {
        if self.at == 0 && self.text.starts_with(BOM) {
            self.piece(PieceKind::Bom, BOM.len_utf8());
        }
        let end = self.text.len();
        while self.next_start(end)? {
            if self.command()? {
                continue;
            }
            match self.delimiter.text.as_str() {
                ";" => self.statement()?,
                _ => self.block()?,
            }
        }
        Ok(())
    }

    fn piece(&mut self, kind: PieceKind, end: usize) {
        (self.take)(Part::Piece(Piece { kind, span: self.at..end }));
        self.at = end;
    }

    fn push_statement(&mut self, end: usize) {
        let at = self.ruler.at(self.at);
        (self.take)(Part::Statement(Statement { span: self.at..end, at, modes: self.session.modes() }));
        self.piece(PieceKind::Statement, end);
    }

    /// Goes on to where the next statement or command starts; false if there is none before `end`.
    fn next_start(&mut self, end: usize) -> Result<bool, Fault> {
        while self.at < end {
            let rest = &self.text.as_bytes()[self.at..end];
            let spaces = rest.iter().position(|&b| !lexer::is_space(b)).unwrap_or(rest.len());
            if spaces > 0 {
                self.piece(PieceKind::Space, self.at + spaces);
            } else if rest.starts_with(self.delimiter.text.as_bytes()) {
                self.delimiter.is_used = true;
                self.piece(PieceKind::Delimiter, self.at + self.delimiter.text.len());
            } else if let Some(comment_end) = self.comment(end)? {
                self.piece(PieceKind::Comment, comment_end);
            } else {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The end of the comment that starts here, if one does.
    fn comment(&self, end: usize) -> Result<Option<usize>, Fault> {
        let bytes = &self.text.as_bytes()[..end];
        if let Some(length) = client_command::sandbox_comment(&self.text[self.at..end]) {
            return Ok(Some(self.at + length));
        }
        match lexer::comment_at(bytes, self.at) {
            Some(Comment::Line(end) | Comment::Block(Some(end))) => Ok(Some(end)),
            Some(Comment::Block(None)) => Err(Fault::unclosed(self.at, Unclosed::Comment)),
            Some(Comment::Exec(_)) => Ok(None),
            // The client skips `--x` where a statement may begin; no statement starts with a minus.
            None => Ok(bytes[self.at..].starts_with(b"--").then(|| lexer::line_end(bytes, self.at))),
        }
    }

    /// Takes the client's command that stands here, if one does.
    fn command(&mut self) -> Result<bool, Fault> {
        let rest = &self.text[self.at..];
        match client_command::command(rest, &self.delimiter.text) {
            None => return Ok(false),
            Some(Command::Refused(name)) => {
                let reason = format!("`{name}` is a command of the mysql client and is not run here");
                let resume = Some(self.at + client_command::rest_of_line(rest).len());
                return Err(Fault { resume, ..Fault::here(self.at, reason) });
            }
            // On a line with something before it, the client takes it for the beginning of a statement.
            Some(Command::Delimiter(_)) if !self.is_line_start() => {
                return Err(Fault::here(self.at, "DELIMITER must stand at the start of a line"));
            }
            Some(Command::Delimiter(argument)) => {
                let text = client_command::delimiter(argument).map_err(|reason| Fault::here(self.at, reason))?;
                self.delimiter = Delimiter { text, command: self.at, is_used: false };
                self.piece(PieceKind::DelimiterCommand, self.at + client_command::rest_of_line(rest).len());
            }
            Some(Command::UseLine(_)) if !self.is_line_start() => return Ok(false),
            Some(Command::UseLine(length)) => self.push_statement(self.at + length),
        }
        Ok(true)
    }

    fn is_line_start(&self) -> bool {
        let before = self.text[..self.at].trim_start_matches(BOM);
        before.bytes().rev().take_while(|&b| b != b'\n').all(lexer::is_space)
    }

    /// Takes one statement under the delimiter `;`.
    fn statement(&mut self) -> Result<(), Fault> {
        let end = self.text.len();
        match self.head(end) {
            (Head::Plain, _) => self.plain(end, InComment::Refused),
            (Head::Set, _) => self.set(end, InComment::Refused),
            (Head::Body(body), code) => {
                let ending = follow(body, code, self.at, InComment::Refused)?;
                if ending.is_open {
                    let reason = "the body of this statement is never closed: its END is missing";
                    return Err(Fault::at_end(self.at, reason));
                }
                self.push_statement(self.at + ending.length);
                Ok(())
            }
        }
    }

    fn head(&self, end: usize) -> (Head, Code<'a>) {
        let mut code = Code::new(&self.text[self.at..end], self.session.modes());
        let head = compound_body::head(&mut code);
        (head, code)
    }

    fn plain(&mut self, end: usize, in_comment: InComment) -> Result<(), Fault> {
        let found = self.find(end, ";", in_comment)?;
        self.push_statement(found.code_end);
        Ok(())
    }

    fn set(&mut self, end: usize, in_comment: InComment) -> Result<(), Fault> {
        let start = self.at;
        self.plain(end, in_comment)?;
        self.session.set(&self.text[start..self.at]);
        Ok(())
    }

    fn find(&self, end: usize, delimiter: &str, in_comment: InComment) -> Result<Found, Fault> {
        find(&self.text[..end], self.at, delimiter, self.session.modes(), in_comment)
    }

    /// Takes what stands before the next custom delimiter.
    ///
    /// The client sends it in one packet, and the server runs every statement in it. We send them one by one, so a `;`
    /// ends a statement here as well, unless it belongs to a body:
    /// `DROP PROCEDURE p; CREATE PROCEDURE p() BEGIN …; END; $$`.
    fn block(&mut self) -> Result<(), Fault> {
        let found = self.find(self.text.len(), &self.delimiter.text, InComment::Refused)?;
        let end = found.delimiter.unwrap_or(self.text.len());
        let custom = std::mem::replace(&mut self.delimiter.text, ";".to_owned());
        let was_used = self.delimiter.is_used;
        let parts = self.parts(end);
        self.delimiter.text = custom;
        self.delimiter.is_used = was_used;

        let parts = parts?;
        if found.delimiter.is_some() {
            self.delimiter.is_used = true;
            self.piece(PieceKind::Delimiter, end + self.delimiter.text.len());
            // A line with DELIMITER within a statement is one that the client did not see, and nobody meant.
            return if parts.has_command { Err(self.unclosed_block()) } else { Ok(()) };
        }
        // The client runs what is left at the end of the file, and so do we where that can only be what was meant: one whole
        // statement, under a delimiter that ended others before. Several statements, a body without its END, or a delimiter
        // that was announced and never used are slips, and nobody can tell where the statement should have ended.
        match parts {
            Parts { has_command: false, is_open: false, count: 1 } if was_used => Ok(()),
            _ => Err(self.unclosed_block()),
        }
    }

    fn unclosed_block(&self) -> Fault {
        let reason =
            format!("unclosed DELIMITER block: a statement after this line is not ended by `{}`", self.delimiter.text);
        Fault::at_end(self.delimiter.command, reason)
    }

    /// Takes the statements of a block that ends at `end`.
    fn parts(&mut self, end: usize) -> Result<Parts, Fault> {
        let mut parts = Parts::default();
        while self.next_start(end)? {
            let command = client_command::command(&self.text[self.at..end], ";");
            parts.has_command |= matches!(command, Some(Command::Delimiter(_)));
            parts.count += 1;
            match self.head(end) {
                (Head::Plain, _) => self.plain(end, InComment::Skipped)?,
                (Head::Set, _) => self.set(end, InComment::Skipped)?,
                (Head::Body(body), code) => {
                    let ending = follow(body, code, self.at, InComment::Skipped)?;
                    parts.is_open = ending.is_open;
                    self.push_statement(self.at + ending.length);
                }
            }
        }
        Ok(parts)
    }
}

/// Where a statement with a body ends.
struct Ending {
    length: usize,
    is_open: bool,
}

/// Follows a body to its end, or to the end of the code, which started at `start` of the script.
fn follow(mut body: Body, mut code: Code, start: usize, in_comment: InComment) -> Result<Ending, Fault> {
    let mut length = code.end();
    let mut last_semicolon = 0;
    while let Some((kind, text)) = code.next() {
        let at = start + code.end() - text.len();
        match kind {
            Kind::Unclosed(what) => return Err(Fault::unclosed(at, what)),
            Kind::Punct if text == "\\" => {
                let letter = code.rest().chars().next();
                if letter != Some('N') {
                    return Err(Fault::backslash(at, letter));
                }
            }
            _ => {}
        }
        let is_semicolon = kind == Kind::Punct && text == ";";
        if !is_semicolon {
            length = code.end();
            body.ends_with(kind, text);
            continue;
        }
        // What closes an executable comment belongs to the statement.
        if code.end_before() != last_semicolon {
            length = code.end_before();
        }
        last_semicolon = code.end();
        let ends = body.ends_with(kind, text);
        match (ends && code.open_exec().is_some(), in_comment) {
            (true, InComment::Refused) => return Err(Fault::in_comment(at, ";")),
            (true, InComment::Skipped) => {}
            // Under sql_mode=ORACLE the words mean other things: there the client's delimiter alone decides.
            (false, InComment::Skipped) if body.is_oracle() => {}
            (false, _) if ends => return Ok(Ending { length, is_open: false }),
            (false, _) => {}
        }
    }
    if let Some(at) = code.open_exec() {
        return Err(Fault::unclosed(start + at, Unclosed::Comment));
    }
    if code.end() != last_semicolon {
        length = code.end();
    }
    Ok(Ending { length, is_open: body.is_open() })
}
