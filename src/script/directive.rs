//! What a migration says to uturn itself, in comments: `-- uturn: irreversible: the data is gone`.
//!
//! A word that is not known is an error: a misspelt `irreversible` must not be taken for prose.

use std::time::Duration;

use crate::script::lexer::{Kind, Lexer};
use crate::script::piece::PieceKind;
use crate::script::position::Position;
use crate::script::split::{Script, ScriptError};

/// One comment line for uturn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive {
    /// Where the comment starts.
    pub at: Position,
    /// The byte of the same place.
    pub offset: usize,
    /// What it says.
    pub what: What,
}

/// What can be said to uturn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// `irreversible: REASON`: there is no way back over this migration.
    Irreversible {
        /// Why.
        reason: String,
    },
    /// `nothing: REASON`: this script is meant to do nothing.
    Nothing {
        /// Why.
        reason: String,
    },
    /// `lock-timeout 30s`: how long a statement waits for other sessions' locks.
    LockTimeout(Duration),
    /// `lock-retries 5`: how often it is tried again.
    LockRetries(u32),
    /// `allow NAME: REASON`: this risk is known and wanted.
    Allow {
        /// The name of the risk.
        name: String,
        /// Why it is none here.
        reason: String,
    },
}

const KNOWN: &str = "known are `irreversible: REASON`, `nothing: REASON`, `lock-timeout 30s`, `lock-retries N` and \
                     `allow NAME: REASON`";

/// The directives of a script in their order; comments count wherever they stand, strings never.
pub fn directives(script: &Script) -> Result<Vec<Directive>, ScriptError> {
    all(script).collect()
}

/// Whether a script without a statement says that it is meant to do nothing.
pub fn says_nothing(directives: &[Directive]) -> bool {
    directives.iter().any(|one| matches!(one.what, What::Nothing { .. }))
}

/// The same, each by itself: one that cannot be read does not hide the others.
pub fn all(script: &Script) -> impl Iterator<Item = Result<Directive, ScriptError>> {
    let source = script.source();
    comments(script).into_iter().filter_map(move |(offset, comment)| {
        let text = addressed(comment)?;
        let at = Position::of(source, offset);
        let error = |reason| ScriptError { at, offset, reason, is_command: false };
        let meant = parse(text).and_then(|what| match &what {
            What::Nothing { .. } if !script.statements().is_empty() => {
                Err("`nothing` is for a script without a statement, and this one has some".to_owned())
            }
            _ => Ok(what),
        });
        Some(meant.map(|what| Directive { at, offset, what }).map_err(error))
    })
}

/// All comments that mention uturn, with their offsets.
fn comments<'a>(script: &Script<'a>) -> Vec<(usize, &'a str)> {
    let text = script.source();
    let mut statements = script.statements().iter();
    let mut found = Vec::new();
    for piece in script.pieces() {
        let part = &text[piece.span.clone()];
        let statement = if piece.kind == PieceKind::Statement { statements.next() } else { None };
        match (piece.kind, statement) {
            (PieceKind::Comment, _) if mentions(part) => found.push((piece.span.start, part)),
            (PieceKind::Statement, Some(statement)) if mentions(part) => {
                let comments = Lexer::new(part, statement.modes).filter(|token| token.kind == Kind::LineComment);
                found.extend(comments.map(|token| (piece.span.start + token.span.start, &part[token.span])));
            }
            _ => {}
        }
    }
    found
}

/// Whether there may be any. Quicker than looking.
pub fn mentions(text: &str) -> bool {
    memchr::memchr2_iter(b'u', b'U', text.as_bytes())
        .any(|at| text.as_bytes()[at..].len() > 5 && text.as_bytes()[at..at + 6].eq_ignore_ascii_case(b"uturn:"))
}

/// What a line comment says to uturn, if it is addressed to it.
fn addressed(comment: &str) -> Option<&str> {
    let text = comment.strip_prefix('#').or_else(|| comment.strip_prefix("--"))?.trim();
    let (name, rest) = text.split_at_checked("uturn:".len())?;
    name.eq_ignore_ascii_case("uturn:").then(|| rest.trim())
}

fn parse(text: &str) -> Result<What, String> {
    let end = text.find(|c: char| c == ':' || c.is_whitespace()).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let argument = rest.trim_start().trim_start_matches(':').trim();
    match word.to_ascii_lowercase().as_str() {
        "irreversible" if argument.is_empty() => {
            Err("`irreversible` needs a reason: `-- uturn: irreversible: REASON`".to_owned())
        }
        "irreversible" => Ok(What::Irreversible { reason: argument.to_owned() }),
        "nothing" if argument.is_empty() => Err("`nothing` needs a reason: `-- uturn: nothing: REASON`".to_owned()),
        "nothing" => Ok(What::Nothing { reason: argument.to_owned() }),
        "lock-timeout" => duration(argument)
            .map(What::LockTimeout)
            .ok_or_else(|| format!("`lock-timeout` needs a time such as `30s`, `500ms` or `2m`, not `{argument}`")),
        "lock-retries" => argument
            .parse()
            .map(What::LockRetries)
            .map_err(|_| format!("`lock-retries` needs a number, not `{argument}`")),
        "allow" => allow(argument),
        "" => Err(format!("`uturn:` says nothing; {KNOWN}")),
        _ => Err(format!("`uturn: {word}` is not known; {KNOWN}")),
    }
}

fn allow(argument: &str) -> Result<What, String> {
    match argument.split_once(':').map(|(name, reason)| (name.trim(), reason.trim())) {
        Some((name, reason)) if !name.is_empty() && !reason.is_empty() && !name.contains(char::is_whitespace) => {
            Ok(What::Allow { name: name.to_owned(), reason: reason.to_owned() })
        }
        _ => Err("`allow` needs a name and a reason: `-- uturn: allow NAME: REASON`".to_owned()),
    }
}

fn duration(text: &str) -> Option<Duration> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let number: u64 = text[..digits].parse().ok()?;
    match text[digits..].trim_start() {
        "ms" => Some(Duration::from_millis(number)),
        "s" => Some(Duration::from_secs(number)),
        "m" => Some(Duration::from_secs(number.checked_mul(60)?)),
        _ => None,
    }
}
