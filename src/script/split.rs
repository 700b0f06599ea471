//! Cuts a script into its statements without losing a byte: the pieces, joined, are the script.
//!
//! A script is what the mysql client accepts, plus bodies of routines without DELIMITER. Where client and server see
//! different things, the server is right: it is the one that runs them. Everything else is refused here, with its place,
//! before anything runs.

use std::fmt;

use crate::script::fault::Fault;
use crate::script::lexer::Modes;
use crate::script::piece::{Piece, Statement};
pub use crate::script::position::Position;
use crate::script::position::Ruler;
use crate::script::splitter::{Part, Scanner};

/// A script and where its parts are.
#[derive(Debug, Clone)]
pub struct Script<'a> {
    text: &'a str,
    statements: Vec<Statement>,
    pieces: Vec<Piece>,
}

impl<'a> Script<'a> {
    /// The statements, in the order in which they run.
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// All of the script, without gaps.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// What is sent to the server for a statement of this script.
    pub fn text(&self, statement: &Statement) -> &'a str {
        &self.text[statement.span.clone()]
    }

    /// The whole text that was split.
    pub fn source(&self) -> &'a str {
        self.text
    }
}

/// Why a script cannot be run, and where that starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptError {
    /// The place of the mistake; `at.line_of(text)` is its line.
    pub at: Position,
    /// The byte of the same place.
    pub offset: usize,
    /// One sentence for people, without a full stop.
    pub reason: String,
    /// It is a command of the mysql client.
    pub is_command: bool,
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.reason)
    }
}

impl std::error::Error for ScriptError {}

/// Splits a script that is sent to a session whose sql_mode has `modes`.
///
/// The first mistake in the file is the error. Linear in the length of the text.
pub fn split(text: &str, modes: Modes) -> Result<Script<'_>, ScriptError> {
    let (mut statements, mut pieces) = (Vec::new(), Vec::new());
    walk(text, modes, &mut |part| match part {
        Part::Piece(piece) => pieces.push(piece),
        Part::Statement(statement) => statements.push(statement),
    })?;
    Ok(Script { text, statements, pieces })
}

/// Before a server is asked for its sql_mode, a script may be well-formed under either reading of `\`.
pub fn split_in_any_mode(text: &str) -> Result<Script<'_>, ScriptError> {
    let plain = Modes { no_backslash_escapes: true, ..Modes::default() };
    split(text, Modes::default()).or_else(|error| split(text, plain).map_err(|_| error))
}

/// The same, one statement after the other: of a million of them, nothing is kept here.
pub fn each(text: &str, modes: Modes, mut take: impl FnMut(Statement)) -> Result<(), ScriptError> {
    walk(text, modes, &mut |part| match part {
        Part::Piece(_) => {}
        Part::Statement(statement) => take(statement),
    })
}

fn walk(text: &str, modes: Modes, take: &mut dyn FnMut(Part)) -> Result<(), ScriptError> {
    let nul = memchr::memchr(0, text.as_bytes());
    let readable = &text[..nul.unwrap_or(text.len())];
    let fault = match (Scanner::new(readable, modes, take).run(), nul) {
        (Ok(()), None) => return Ok(()),
        (Err(fault), None) => fault,
        (Err(fault), Some(_)) if !fault.is_at_end => fault,
        // What is not closed before the NUL may be closed behind it: then the NUL is what is wrong.
        (_, Some(offset)) => Fault::here(offset, "the file holds a NUL byte, which the mysql client refuses"),
    };
    let at = Position::of(text, fault.offset);
    Err(ScriptError::at(fault, at))
}

impl ScriptError {
    fn at(fault: Fault, at: Position) -> ScriptError {
        ScriptError { at, offset: fault.offset, reason: fault.reason, is_command: fault.resume.is_some() }
    }
}

/// Everything in a script that [`split`] refuses: each command of the mysql client, and the first mistake of another kind.
pub fn faults(text: &str, modes: Modes) -> Vec<ScriptError> {
    let Err(first) = each(text, modes, drop) else { return Vec::new() };
    let mut ruler = Ruler::new(text);
    let all = Scanner::new(text, modes, &mut drop).faults().into_iter();
    let mut found: Vec<ScriptError> = all
        .map(|fault| {
            let at = ruler.at(fault.offset);
            ScriptError::at(fault, at)
        })
        .collect();
    // A NUL byte is what `split` looks for itself.
    if found.iter().all(|fault| fault.offset != first.offset) {
        found.push(first);
    }
    found
}
