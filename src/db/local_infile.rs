//! LOAD DATA LOCAL: the server asks its client for a file. It gets the one that the statement names, and no other: a server
//! that has been taken over could ask for any file of this machine.

use crate::db::connect::LocalFiles;
use crate::db::packet::{self, Answer, Rows};
use crate::error::{Error, Kind, Place, Result};
use crate::script::lexer::{Code, Kind as Token, Modes};
use crate::script::position::Position;
use crate::statement::class;
use mysql::{Conn, LocalInfileHandler};
use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// Refuses what cannot be sent: where it is not allowed, or where there is no such file. Tells how many statements need one.
pub fn check(
    path: &str,
    text: &str,
    statements: impl Iterator<Item = (Range<usize>, Modes)>,
    files: &LocalFiles,
) -> Result<usize> {
    let mut count = 0;
    for (span, modes) in statements {
        let Some(named) = named(&text[span.clone()], modes) else { continue };
        if let Err(told) = find(&named, files).and_then(|file| open(&file).map(drop)) {
            let place = Place::new(path, text, Position::of(text, span.start));
            return Err(told.at(place).truth("nothing has been changed"));
        }
        count += 1;
    }
    Ok(count)
}

/// Sends a statement as `packet::send` does, and the file that it names, if it names one.
pub fn send(conn: &mut Conn, sql: &str, modes: Modes, files: &LocalFiles, rows: Rows) -> mysql::Result<Vec<Answer>> {
    let Some(named) = named(sql, modes) else { return packet::send(conn, sql, rows) };
    let file = find(&named, files).and_then(|file| open(&file)).map_err(|told| failure(told.to_string()))?;
    let trouble = Arc::new(Mutex::new(None));
    conn.set_local_infile_handler(Some(handler(named, file, Arc::clone(&trouble))));
    let answer = packet::send(conn, sql, rows);
    // Asked at any other time, the driver sends nothing.
    conn.set_local_infile_handler(None);
    let trouble = trouble.lock().ok().and_then(|mut trouble| trouble.take());
    match (answer, trouble) {
        (Ok(_), Some(why)) => Err(failure(why)),
        (answer, _) => answer,
    }
}

/// The driver loses count of its packets where a handler fails: so it ends the file, and leaves the reason here.
fn handler(named: String, file: File, trouble: Arc<Mutex<Option<String>>>) -> LocalInfileHandler {
    let mut file = Some(file);
    LocalInfileHandler::new(move |asked, server| {
        let outcome = match file.take() {
            Some(mut file) if asked == named.as_bytes() => match io::copy(&mut file, server) {
                Ok(_) => return Ok(()),
                Err(error) => format!("`{named}` was not sent to its end: {error}"),
            },
            _ => {
                format!(
                    "the server asked for `{}` in place of `{named}`, and got nothing",
                    String::from_utf8_lossy(asked)
                )
            }
        };
        if let Ok(mut trouble) = trouble.lock() {
            *trouble = Some(outcome);
        }
        Ok(())
    })
}

fn failure(message: String) -> mysql::Error {
    mysql::Error::MySqlError(mysql::MySqlError { state: "HY000".to_owned(), code: 1105, message })
}

fn find(named: &str, files: &LocalFiles) -> Result<PathBuf> {
    let refused = |what: String, hint: &str| Err(Error::new(Kind::Files, what).hint(hint));
    let path = Path::new(named);
    match files {
        LocalFiles::Refused => refused(
            format!("LOAD DATA LOCAL would send `{named}`, a file of the machine that runs uturn"),
            "if that is meant: `--allow-local-infile`; or load it on the server, or as INSERTs",
        ),
        LocalFiles::Named(_) if path.is_absolute() => Ok(path.to_owned()),
        LocalFiles::Named(Some(folder)) => Ok(folder.join(path)),
        LocalFiles::Named(None) => refused(
            format!("`{named}` starts in the folder of the migrations, and these are built into the binary"),
            "write the whole path, or name the folder: `--dir DIR`",
        ),
    }
}

fn open(path: &Path) -> Result<File> {
    let unreadable = |why: String| Error::new(Kind::Files, format!("cannot read `{}`: {why}", path.display()));
    let file = File::open(path).map_err(|error| unreadable(error.to_string()))?;
    match file.metadata() {
        Ok(about) if about.is_dir() => Err(unreadable("it is a folder".to_owned())),
        _ => Ok(file),
    }
}

/// Whether the server will ask for one.
pub fn is_needed(sql: &str, modes: Modes) -> bool {
    // Most statements are none, which their first word tells.
    Code::new(sql, modes).next().is_some_and(|(_, word)| word.eq_ignore_ascii_case("LOAD"))
        && class::Kind::of(sql, modes) == class::Kind::LoadLocal
}

/// The path in a LOAD DATA LOCAL or LOAD XML LOCAL, as the server reads it.
fn named(sql: &str, modes: Modes) -> Option<String> {
    if !is_needed(sql, modes) {
        return None;
    }
    let mut tokens = Code::new(sql, modes).skip_while(|(_, text)| !text.eq_ignore_ascii_case("INFILE")).skip(1);
    let literal = tokens.next().filter(|(kind, _)| *kind == Token::String)?.1;
    Some(value(literal, modes))
}

/// What a string literal stands for.
fn value(literal: &str, modes: Modes) -> String {
    let Some(quote) = literal.chars().next() else { return String::new() };
    let mut inner = literal[1..literal.len() - 1].chars().peekable();
    let mut out = String::new();
    while let Some(c) = inner.next() {
        match c {
            '\\' if !modes.no_backslash_escapes => match inner.next() {
                Some('0') => out.push('\0'),
                Some('b') => out.push('\u{8}'),
                Some('n') => out.push('\n'),
                Some('r') => out.push('\r'),
                Some('t') => out.push('\t'),
                Some('Z') => out.push('\u{1a}'),
                Some(kept @ ('%' | '_')) => out.extend(['\\', kept]),
                Some(other) => out.push(other),
                None => {}
            },
            c if c == quote => {
                inner.next();
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_is_the_one_that_the_server_reads() {
        let plain = Modes::default();
        for (sql, expected) in [
            ("LOAD DATA LOCAL INFILE 'a/b.csv' INTO TABLE t", Some("a/b.csv")),
            ("load xml /* x */ concurrent local infile \"it's\" into table t", Some("it's")),
            (r"LOAD DATA LOW_PRIORITY LOCAL INFILE 'c:\\d''\n\%' INTO TABLE t", Some("c:\\d'\n\\%")),
            ("LOAD DATA INFILE 'x' INTO TABLE t", None),
            ("INSERT INTO t VALUES ('LOAD DATA LOCAL INFILE')", None),
        ] {
            assert_eq!(named(sql, plain).as_deref(), expected, "{sql}");
        }
        let literal = Modes { no_backslash_escapes: true, ..plain };
        assert_eq!(named(r"LOAD DATA LOCAL INFILE 'a\b' INTO TABLE t", literal).as_deref(), Some(r"a\b"));
    }
}
