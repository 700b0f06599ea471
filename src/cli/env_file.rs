//! `.env`: its lines become variables. One that cannot be read stops uturn where it may be a setting of uturn's, and is
//! passed on by its number where it belongs to another program. No message shows a line: it may hold a password.

use crate::error::{Error, Kind, Result};
use crate::event::Note;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// How the names of uturn's own settings begin.
const OWN: [&str; 3] = ["UTURN_", "DB_", "DATABASE_URL"];

/// Loads `.env`, or the file that was named. Variables that are set already stay as they are.
///
/// Runs before the arguments are parsed, so that a `UTURN_…` line counts as the variable itself; the named file is
/// therefore looked for by hand. The note names the lines that were left out.
pub fn load(arguments: &[String]) -> Result<Option<Note>> {
    let named = named(arguments).or_else(|| std::env::var("UTURN_ENV_FILE").ok().filter(|v| !v.is_empty()));
    let path = PathBuf::from(named.as_deref().unwrap_or(".env"));
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if named.is_none() && error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            return Err(wrong(
                format!("cannot read the settings file `{}`: {error}", path.display()),
                "`.env.example` shows what it may hold",
            ));
        }
    };
    // No variable can hold one, and the library would end the process with a message that shows the value.
    if bytes.contains(&0) {
        let what = format!("`{}` has a zero byte in it", path.display());
        return Err(wrong(what, "it may be UTF-16: save it as UTF-8"));
    }
    let skipped = settings(&bytes, &path)?;
    Ok((!skipped.is_empty()).then(|| Note::EnvLines(path.display().to_string(), skipped)))
}

fn named(arguments: &[String]) -> Option<String> {
    let mut words = arguments.iter().skip(1).take_while(|word| *word != "--");
    while let Some(word) = words.next() {
        if word == "--env-file" {
            return words.next().cloned();
        }
        if let Some(value) = word.strip_prefix("--env-file=") {
            return Some(value.to_owned());
        }
    }
    None
}

fn wrong(what: String, hint: &str) -> Error {
    Error::new(Kind::Settings, what).truth("nothing has been changed").hint(hint)
}

/// Sets the variables of every line that can be read; the numbers of those that cannot.
fn settings(bytes: &[u8], path: &Path) -> Result<Vec<usize>> {
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut lines = text.split_inclusive(|byte| *byte == b'\n').enumerate();
    let mut skipped = Vec::new();
    while let Some((index, first)) = lines.next() {
        let (mut entry, number) = (first.to_vec(), index + 1);
        if entry.trim_ascii_start().starts_with(b"#") {
            continue;
        }
        let mut state = Quote::None.after(&mut entry, 0);
        while state != Quote::None {
            // A quote that is closed on a line of uturn's own was not meant to reach so far.
            let Some((_, next)) = lines.next().filter(|(_, next)| !is_own(next)) else {
                return Err(wrong(
                    format!("`{}` has a quote that is never closed: line {number}", path.display()),
                    "close it on its line; a `'` that is meant is written \\' or \"'\"",
                ));
            };
            let from = entry.len();
            entry.extend_from_slice(next);
            state = state.after(&mut entry, from);
        }
        // Without it, dotenvy takes a blank at the end of the file for an open line.
        entry.push(b'\n');
        let is_read = std::str::from_utf8(&entry).is_ok() && dotenvy::from_read(entry.as_slice()).is_ok();
        if !is_read && is_own(first) {
            return Err(wrong(
                format!("`{}` has a line that cannot be read: line {number}", path.display()),
                "write NAME=value, one a line; put values with spaces, `#` or `$` into single quotes",
            ));
        }
        if !is_read {
            skipped.push(number);
        }
    }
    Ok(skipped)
}

fn is_own(line: &[u8]) -> bool {
    let line = line.trim_ascii_start();
    let name = line.strip_prefix(b"export").filter(|rest| rest.starts_with(b" ") || rest.starts_with(b"\t"));
    let name = name.unwrap_or(line).trim_ascii_start();
    OWN.iter().any(|own| name.starts_with(own.as_bytes()))
}

/// What is open at a place of the file, as dotenvy sees it.
#[derive(Clone, Copy, PartialEq)]
enum Quote {
    None,
    Single,
    Double,
}

impl Quote {
    /// What is open at the end, begun with `self` at `from`; a comment is cut off.
    fn after(self, entry: &mut Vec<u8>, from: usize) -> Quote {
        let (mut quote, mut is_escaped, mut is_blank) = (self, false, false);
        for at in from..entry.len() {
            let byte = entry[at];
            if std::mem::take(&mut is_escaped) {
                is_blank = false;
                continue;
            }
            quote = match (quote, byte) {
                (Quote::None, b'#') if is_blank => {
                    entry.truncate(at);
                    return quote;
                }
                (Quote::None, b'\'') => Quote::Single,
                (Quote::None, b'"') => Quote::Double,
                (Quote::Single, b'\'') | (Quote::Double, b'"') => Quote::None,
                (Quote::None | Quote::Single | Quote::Double, _) => quote,
            };
            (is_escaped, is_blank) = (byte == b'\\', byte.is_ascii_whitespace());
        }
        quote
    }
}
