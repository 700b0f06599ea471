//! Finds the next delimiter in code, fast: the bytes of a script that need no closer look are only counted.

use crate::script::fault::Fault;
use crate::script::lexer::{self, Comment, Modes, Unclosed};

/// What a delimiter within `/*! … */` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InComment {
    /// The client would cut the comment in two there.
    Refused,
    /// The server would not see it as an end.
    Skipped,
}

/// What there is up to the next delimiter.
#[derive(Debug)]
pub(crate) struct Found {
    /// Where the last significant byte ends.
    pub(crate) code_end: usize,
    /// Where the delimiter starts, if there is one.
    pub(crate) delimiter: Option<usize>,
}

/// Looks for `delimiter` from `start`, which is a significant byte, outside of strings, quoted names and comments.
pub(crate) fn find(
    text: &str,
    start: usize,
    delimiter: &str,
    modes: Modes,
    in_comment: InComment,
) -> Result<Found, Fault> {
    let bytes = text.as_bytes();
    let stops = stops(delimiter);
    let mut comments = Vec::new();
    let mut exec_content = None;
    let mut at = start;
    while let Some(skipped) = bytes[at..].iter().position(|&byte| stops[usize::from(byte)]) {
        at += skipped;
        let byte = bytes[at];
        if byte == b'\\' {
            at = backslash(text, at)?;
            continue;
        }
        // The client looks for the delimiter first: `//`, `#` or `--` as a delimiter start no comment.
        if bytes[at..].starts_with(delimiter.as_bytes()) {
            match (exec_content, in_comment) {
                (Some(_), InComment::Refused) => return Err(Fault::in_comment(at, delimiter)),
                (Some(_), InComment::Skipped) => {
                    at += delimiter.len();
                    continue;
                }
                (None, _) => return Ok(Found { code_end: code_end(bytes, start, at, comments), delimiter: Some(at) }),
            }
        }
        if byte == b'/' && exec_content.is_some_and(|content| at > content && bytes[at - 1] == b'*') {
            exec_content = None;
            at += 1;
            continue;
        }
        at = match byte {
            b'\'' | b'"' | b'`' => quoted(bytes, at, modes)?,
            _ => match lexer::comment_at(bytes, at) {
                Some(Comment::Line(end) | Comment::Block(Some(end))) => {
                    comments.push(at..end);
                    end
                }
                Some(Comment::Block(None)) => return Err(Fault::unclosed(at, Unclosed::Comment)),
                Some(Comment::Exec(content)) => {
                    exec_content = Some(content);
                    content
                }
                None => at + 1,
            },
        };
    }
    match exec_content {
        Some(content) => {
            Err(Fault::unclosed(memchr::memrchr(b'/', &bytes[..content]).unwrap_or(content), Unclosed::Comment))
        }
        None => Ok(Found { code_end: code_end(bytes, start, bytes.len(), comments), delimiter: None }),
    }
}

fn stops(delimiter: &str) -> [bool; 256] {
    let mut stops = [false; 256];
    for &byte in br#"\'"`#-/"#.iter().chain(delimiter.as_bytes().first()) {
        stops[usize::from(byte)] = true;
    }
    stops
}

/// `\N` is NULL; every other backslash in code is a command of the client.
fn backslash(text: &str, at: usize) -> Result<usize, Fault> {
    match text[at + 1..].chars().next() {
        Some('N') => Ok(at + 2),
        letter => Err(Fault::backslash(at, letter)),
    }
}

fn quoted(bytes: &[u8], at: usize, modes: Modes) -> Result<usize, Fault> {
    let is_name = bytes[at] == b'`' || bytes[at] == b'"' && modes.ansi_quotes;
    let what = if is_name { Unclosed::Name } else { Unclosed::String };
    lexer::quoted_end(bytes, at, modes).ok_or_else(|| Fault::unclosed(at, what))
}

/// Goes back over the white space and the comments before `end`.
fn code_end(bytes: &[u8], start: usize, end: usize, mut comments: Vec<std::ops::Range<usize>>) -> usize {
    let mut end = end;
    loop {
        let spaces = bytes[start..end].iter().rev().take_while(|&&b| lexer::is_space(b)).count();
        end -= spaces;
        match comments.pop() {
            Some(comment) if comment.end == end => end = comment.start,
            _ => return end,
        }
    }
}
