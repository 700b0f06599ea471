//! What a script is made of: its statements, and what is between them.

use crate::script::lexer::Modes;
use crate::script::position::Position;
use std::ops::Range;

/// One statement as it is sent: no delimiter, no comments or white space around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its bytes in the script.
    pub span: Range<usize>,
    /// Where its first byte stands.
    pub at: Position,
    /// How its strings and names are to be read.
    pub modes: Modes,
}

/// What a stretch of a script is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PieceKind {
    /// The byte order mark at the very start.
    Bom,
    /// White space between statements.
    Space,
    /// One comment between statements.
    Comment,
    /// A statement; comments within it belong to it.
    Statement,
    /// `;` or what DELIMITER made of it.
    Delimiter,
    /// A line with a DELIMITER command, without its line end.
    DelimiterCommand,
}

/// A stretch of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// What it is.
    pub kind: PieceKind,
    /// Its bytes in the script.
    pub span: Range<usize>,
}
