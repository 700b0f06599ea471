//! A migration is a pair of scripts. The rules that make files into pairs, for the build and for `--dir` alike.

use crate::model::directive::{self, What};
use crate::model::lexer::{Lexer, Modes};
use crate::model::name::{Direction, Name};
use crate::model::position::Position;
use crate::model::statement::{self, Script, ScriptError};
use crate::model::text::Text;
use std::collections::BTreeMap;
use std::fmt;

/// A script and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// As the user knows it: `sql/20260128100000-create-users.up.sql`.
    pub path: String,
    /// Its text, unchanged.
    pub text: Text,
}

/// A pair of scripts with one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    /// Version and stem.
    pub name: Name,
    /// The change.
    pub up: File,
    /// Its way back.
    pub down: File,
    /// Why it cannot be undone, when its down file says so.
    pub irreversible: Option<String>,
}

impl Migration {
    /// One of the two scripts.
    pub fn file(&self, direction: Direction) -> &File {
        match direction {
            Direction::Up => &self.up,
            Direction::Down => &self.down,
        }
    }
}

/// Something wrong with one file, or with several together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The files, as the user knows them.
    pub files: Vec<String>,
    /// What is wrong, in one sentence without a full stop.
    pub what: String,
    /// Path, position and text of the line, where there is one.
    pub place: Option<(String, Position, String)>,
}

impl Fault {
    fn of(path: &str, what: impl Into<String>) -> Fault {
        Fault { files: vec![path.to_owned()], what: what.into(), place: None }
    }

    /// A fault at a place in a file.
    pub fn at(file: &File, at: Position, what: impl Into<String>) -> Fault {
        let line = at.line_of(&file.text).trim_start_matches('\u{feff}').to_owned();
        Fault { place: Some((file.path.clone(), at, line)), ..Fault::of(&file.path, what) }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let files: Vec<String> = self.files.iter().map(|file| format!("`{file}`")).collect();
        write!(f, "{}: {}", files.join(" and "), self.what)
    }
}

/// Whether a file in the folder is ours to judge. Anything that looks like SQL is: a misnamed migration that is
/// silently passed over is a change that never happens.
pub fn is_script(file_name: &str) -> bool {
    let lower = file_name.to_ascii_lowercase();
    !file_name.starts_with('.') && (lower.ends_with(".sql") || lower.contains(".up.") || lower.contains(".down."))
}

/// Makes pairs, in time order, or tells every fault there is.
pub fn pair(files: Vec<File>) -> Result<Vec<Migration>, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut halves: BTreeMap<Name, (Option<File>, Option<File>)> = BTreeMap::new();
    for file in files {
        match Name::of_file(file_name(&file.path)) {
            Err(fault) => faults.push(Fault::of(&file.path, fault.to_string())),
            Ok((name, direction)) => {
                let half = halves.entry(name).or_default();
                match direction {
                    Direction::Up => half.0 = Some(file),
                    Direction::Down => half.1 = Some(file),
                }
            }
        }
    }
    let mut migrations: Vec<Migration> = Vec::with_capacity(halves.len());
    for (name, half) in halves {
        match half {
            (Some(up), Some(_)) if is_blank(&up.text) => {
                faults.push(Fault::of(
                    &up.path,
                    "holds no statement, so it changes nothing; write it, or remove the pair",
                ));
            }
            (Some(up), Some(down)) => match way_back(&down) {
                Ok(irreversible) => migrations.push(Migration { name, up, down, irreversible }),
                Err(fault) => faults.push(fault),
            },
            (Some(file), None) => faults.push(half_a_pair(&file, &name, Direction::Down)),
            (None, Some(file)) => faults.push(half_a_pair(&file, &name, Direction::Up)),
            (None, None) => unreachable!("a half is entered with a file"),
        }
    }
    for two in migrations.windows(2).filter(|two| two[0].name.version() == two[1].name.version()) {
        let files = vec![two[0].up.path.clone(), two[1].up.path.clone()];
        let what = format!("the timestamp {} stands twice, so their order is not known", two[0].name.version());
        faults.push(Fault { files, what, place: None });
    }
    if faults.is_empty() { Ok(migrations) } else { Err(faults) }
}

fn half_a_pair(file: &File, name: &Name, missing: Direction) -> Fault {
    Fault::of(&file.path, format!("half a pair: `{}` is missing", name.file(missing)))
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// An empty file is one that was never written, or not written to its end: once recorded, it could not be mended.
fn is_blank(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}');
    Lexer::new(text, Modes::default()).all(|token| token.kind.is_trivia() || &text[token.span] == ";")
}

/// Why there is no way back, if the down file says so; a fault if it holds no statement and says nothing.
fn way_back(down: &File) -> Result<Option<String>, Fault> {
    let fault = |error: ScriptError| Fault::at(down, error.at, error.reason);
    let script = split_somehow(&down.text).map_err(fault)?;
    for directive in directive::directives(&script).map_err(fault)? {
        if let What::Irreversible { reason } = directive.what {
            return Ok(Some(reason));
        }
    }
    if script.statements().is_empty() {
        return Err(Fault::of(
            &down.path,
            "holds no statement, so it is no way back; if there is none, say why: `-- uturn: irreversible: REASON`",
        ));
    }
    Ok(None)
}

/// Before a server is asked for its sql_mode, a script may be well-formed under either reading of `\`.
pub fn split_somehow(text: &str) -> Result<Script<'_>, ScriptError> {
    let plain = Modes { no_backslash_escapes: true, ..Modes::default() };
    statement::split(text, Modes::default()).or_else(|error| statement::split(text, plain).map_err(|_| error))
}
