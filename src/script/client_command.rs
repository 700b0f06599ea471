//! The commands that the mysql client runs itself. DELIMITER is understood; every other one is named, so that it can be
//! refused: it would mean something else (or nothing) when the statements are sent by us.
//!
//! The client looks for a command where a statement may begin, and nowhere else: a line inside a statement that happens
//! to start with `source` or `print` is SQL.

use crate::script::lexer::is_space;

/// Commands that stand alone; with anything behind them the client sends the line to the server.
const ALONE: &[&str] = &[
    "clear",
    "edit",
    "ego",
    "exit",
    "go",
    "nopager",
    "notee",
    "nowarning",
    "print",
    "quit",
    "rehash",
    "resetconnection",
    "sandbox",
    "ssl_session_data_print",
    "status",
    "warnings",
];

/// Commands that take what stands behind them.
const WITH_TEXT: &[&str] =
    &["?", "charset", "connect", "help", "pager", "prompt", "query_attributes", "source", "system", "tee"];

/// What a place where a statement may begin holds for the client.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command<'a> {
    /// `DELIMITER …`; the argument is what follows the word.
    Delimiter(&'a str),
    /// `USE name` without a delimiter on its line: the client takes the line. The length is that of the statement.
    UseLine(usize),
    /// A command to refuse, by its name.
    Refused(&'a str),
}

/// Recognises a command at the start of `rest`, which is where a statement may begin.
pub(crate) fn command<'a>(rest: &'a str, delimiter: &str) -> Option<Command<'a>> {
    let word = leading_word(rest)?;
    let (line, ends_here) = line_or_statement(rest, delimiter);
    let argument = line.get(word.len()..)?;
    if !argument.is_empty() && !argument.starts_with(is_blank) {
        return None;
    }
    let argument = argument.trim_matches(is_blank);
    match word.to_ascii_lowercase().as_str() {
        "delimiter" => {
            let argument = &rest_of_line(rest)[word.len()..];
            Some(Command::Delimiter(if argument.starts_with(is_blank) { argument } else { "" }))
        }
        "use" if ends_here => use_line(line, argument),
        "use" => None,
        // `HELP 'x';` is a statement; `help` alone, or a line of it, is the client's.
        "help" if !ends_here && !argument.is_empty() => None,
        name if ALONE.contains(&name) && !argument.is_empty() => None,
        _ => Some(Command::Refused(word)),
    }
}

/// The word at the start if it is the name of a command.
fn leading_word(rest: &str) -> Option<&str> {
    let is_name = |b: &u8| b.is_ascii_alphabetic() || matches!(b, b'_' | b'?');
    let length = rest.bytes().take(24).take_while(is_name).count();
    let word = &rest[..length];
    let is_word = |name: &&str| word.eq_ignore_ascii_case(name);
    let is_known = ["delimiter", "use"].iter().chain(ALONE).chain(WITH_TEXT).any(is_word);
    is_known.then_some(word)
}

/// What stands before the delimiter or the end of the line; true for the latter.
fn line_or_statement<'a>(rest: &'a str, delimiter: &str) -> (&'a str, bool) {
    let bytes = rest.as_bytes();
    for at in memchr::memchr2_iter(b'\n', delimiter.as_bytes()[0], bytes) {
        if bytes[at] == b'\n' {
            return (&rest[..at], true);
        }
        if bytes[at..].starts_with(delimiter.as_bytes()) {
            return (&rest[..at], false);
        }
    }
    (rest, true)
}

/// Without its line end.
pub(crate) fn rest_of_line(rest: &str) -> &str {
    let line = memchr::memchr(b'\n', rest.as_bytes()).map_or(rest, |end| &rest[..end]);
    line.trim_end_matches('\r')
}

/// The client runs `USE name` at the end of the line and does not look at what stands behind the name.
fn use_line<'a>(line: &'a str, argument: &str) -> Option<Command<'a>> {
    let quote = argument.chars().next().filter(|c| "`'\"".contains(*c));
    let name = match quote {
        Some(quote) => argument[1..].find(quote).map(|n| &argument[..n + 2])?,
        None => first_word(argument).0,
    };
    let behind = argument[name.len()..].trim_matches(is_blank);
    let is_comment = ["#", "--", "/*"].iter().any(|mark| behind.starts_with(mark));
    let start = line.len() - line[3..].trim_start_matches(is_blank).len();
    (!name.is_empty() && (behind.is_empty() || is_comment)).then_some(Command::UseLine(start + name.len()))
}

/// The name of the command that `\` and this character are, or nothing for a character that is none.
pub(crate) fn short_command(letter: char) -> Option<&'static str> {
    Some(match letter {
        '?' | 'h' => "help",
        '!' => "system",
        '#' => "rehash",
        '-' => "sandbox",
        '.' => "source",
        'c' => "clear",
        'C' => "charset",
        'd' => "delimiter",
        'e' => "edit",
        'g' => "go",
        'G' => "ego",
        'n' => "nopager",
        'p' => "print",
        'P' => "pager",
        'q' => "quit",
        'r' => "connect",
        'R' => "prompt",
        's' => "status",
        't' => "notee",
        'T' => "tee",
        'u' => "use",
        'w' => "nowarning",
        'W' => "warnings",
        'x' => "resetconnection",
        _ => return None,
    })
}

/// The length of the comment that starts here, if it is one by which a dump of mariadb-dump switches the client's own commands
/// off: `/*M!999999\- enable the sandbox mode */`. Here they are off, and the server never reads what is for version 99.99.99.
pub(crate) fn sandbox_comment(rest: &str) -> Option<usize> {
    let inside = rest.strip_prefix("/*M!999999\\-").or_else(|| rest.strip_prefix("/*!999999\\-"))?;
    let (inside, behind) = inside.split_once("*/")?;
    let is_plain = !inside.contains(['\\', '\'', '"', '`', ';', '\n']) && !inside.contains("/*");
    is_plain.then_some(rest.len() - behind.len())
}

/// The delimiter that the argument of a DELIMITER command names, or why there is none.
///
/// Quotes around it are stripped; without them it ends at the first blank, and the rest of the line means nothing.
pub(crate) fn delimiter(argument: &str) -> Result<String, &'static str> {
    const NONE: &str = "DELIMITER needs a delimiter behind it";
    let argument = argument.trim_matches(is_blank);
    let delimiter = match argument.chars().next() {
        Some(quote @ ('\'' | '"' | '`')) => unquoted(&argument[1..], quote).ok_or(NONE)?,
        _ => first_word(argument).0.to_owned(),
    };
    if delimiter.is_empty() {
        return Err(NONE);
    }
    if delimiter.contains('\\') {
        return Err("a delimiter cannot contain a backslash");
    }
    // The client has 16 bytes for it and cuts off the rest without a word.
    if delimiter.len() > 15 {
        return Err("a delimiter cannot be longer than 15 bytes");
    }
    Ok(delimiter)
}

/// The text up to the closing quote; a doubled quote is one.
fn unquoted(text: &str, quote: char) -> Option<String> {
    let mut found = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == quote && chars.next_if_eq(&quote).is_none() {
            return Some(found);
        }
        found.push(c);
    }
    None
}

/// The first word and what follows it.
fn first_word(text: &str) -> (&str, &str) {
    text.split_at(text.find(is_blank).unwrap_or(text.len()))
}

fn is_blank(c: char) -> bool {
    c.is_ascii() && is_space(c as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_stand_where_a_statement_may_begin() {
        let refused = |name| Some(Command::Refused(name));
        for (line, expected) in [
            ("source x.sql", refused("source")),
            ("SOURCE x.sql;", refused("SOURCE")),
            ("status", refused("status")),
            ("status ;", refused("status")),
            ("status of things", None),
            ("help", refused("help")),
            ("help;", refused("help")),
            ("help contents", refused("help")),
            ("help 'contents';", None),
            ("? x", refused("?")),
            ("go: LOOP", None),
            ("goods", None),
            ("USE db", Some(Command::UseLine(6))),
            ("use  `a b` -- c", Some(Command::UseLine(10))),
            ("use db;", None),
            ("use", None),
            ("Delimiter $$ rest", Some(Command::Delimiter(" $$ rest"))),
            ("DELIMITER ;", Some(Command::Delimiter(" ;"))),
            ("DELIMITER;", Some(Command::Delimiter(""))),
            ("DELIMITER", Some(Command::Delimiter(""))),
            ("delimiters", None),
        ] {
            assert_eq!(command(line, ";"), expected, "{line}");
        }
    }

    #[test]
    fn the_first_line_of_a_dump_is_known_and_nothing_like_it() {
        for (text, length) in [
            ("/*M!999999\\- enable the sandbox mode */ \nSELECT 1;", Some(39)),
            ("/*!999999\\- enable the sandbox mode */", Some(38)),
            ("/*!999999\\-*/", Some(13)),
            ("/*!999999 \\- x */", None),
            ("/*!100100\\- x */", None),
            ("/*M!999999\\! rm x */", None),
            ("/*M!999999\\- x \\! rm y */", None),
            ("/*M!999999\\- x; SELECT 1 */", None),
            ("/*M!999999\\- x", None),
            ("SELECT 1", None),
        ] {
            assert_eq!(sandbox_comment(text), length, "{text}");
        }
    }

    #[test]
    fn the_argument_of_delimiter() {
        for (argument, expected) in [
            (" $$", Some("$$")),
            (" // -- rest", Some("//")),
            (" ';;' x", Some(";;")),
            (" \"a b\"", Some("a b")),
            (" ''''", Some("'")),
            ("", None),
            (" ''", None),
            (" 'x", None),
            (" a\\b", None),
            (" 0123456789abcdef", None),
        ] {
            assert_eq!(delimiter(argument).ok().as_deref(), expected, "{argument}");
        }
    }
}
