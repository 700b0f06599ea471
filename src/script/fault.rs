//! A mistake in a script, by its byte.

use crate::script::client_command;
use crate::script::lexer::Unclosed;

/// A mistake; `is_at_end` if more text could have fixed it.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) offset: usize,
    pub(crate) reason: String,
    pub(crate) is_at_end: bool,
    /// It is a command of the client, after which the script can be read on: from here.
    pub(crate) resume: Option<usize>,
}

impl Fault {
    pub(crate) fn here(offset: usize, reason: impl Into<String>) -> Self {
        Fault { offset, reason: reason.into(), is_at_end: false, resume: None }
    }

    pub(crate) fn at_end(offset: usize, reason: impl Into<String>) -> Self {
        Fault { is_at_end: true, ..Fault::here(offset, reason) }
    }

    /// What opens at `offset` is open at the end of the text.
    pub(crate) fn unclosed(offset: usize, what: Unclosed) -> Self {
        let reason = match what {
            Unclosed::String => "this string is never closed",
            Unclosed::Name => "this quoted name is never closed",
            Unclosed::Comment => "this comment is never closed",
        };
        Fault::at_end(offset, reason)
    }

    /// The client would end the statement in the middle of an executable comment.
    pub(crate) fn in_comment(offset: usize, delimiter: &str) -> Self {
        Fault::here(offset, format!("`{delimiter}` within `/*! … */` cuts the comment in two"))
    }

    /// A backslash outside of strings is a command of the client.
    pub(crate) fn backslash(offset: usize, letter: Option<char>) -> Self {
        let letter = letter.unwrap_or(' ');
        let command = client_command::short_command(letter);
        let reason = match command {
            Some("go" | "ego") => format!("`\\{letter}` is a command of the mysql client: end the statement with `;`"),
            Some("delimiter") => {
                "`\\d` is a command of the mysql client: write DELIMITER at the start of a line".to_owned()
            }
            Some(name) => format!("`\\{letter}` ({name}) is a command of the mysql client and is not run here"),
            None => "a backslash stands outside of strings and comments".to_owned(),
        };
        Fault { resume: command.map(|_| offset + 2), ..Fault::here(offset, reason) }
    }
}
