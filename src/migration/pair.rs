//! A migration is a pair of scripts. The rules that make files into pairs, for the build and for `--dir` alike.

use crate::migration::name::{Direction, Name};
use crate::script::directive::{self, What};
use crate::script::lexer::{Lexer, Modes};
use crate::script::position::Position;
use crate::script::source_text::Text;
use crate::script::split::{self, ScriptError};
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

impl File {
    /// Its name, without the folder.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }
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

/// Which rule a file breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Its name.
    Name,
    /// There is no other half.
    HalfPair,
    /// Two pairs have one timestamp.
    SameTimestamp,
    /// An up without a statement.
    EmptyUp,
    /// A down without a statement that does not say why.
    EmptyDown,
    /// A text that cannot be cut into statements, or a comment for uturn that cannot be read.
    Text,
}

/// Something wrong with one file, or with several together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Which rule it breaks.
    pub rule: Rule,
    /// The files, as the user knows them.
    pub files: Vec<String>,
    /// What is wrong, in one sentence without a full stop.
    pub what: String,
    /// The file and the position in it, where there is one.
    pub place: Option<(File, Position)>,
}

impl Fault {
    fn of(path: &str, rule: Rule, what: impl Into<String>) -> Fault {
        Fault { rule, files: vec![path.to_owned()], what: what.into(), place: None }
    }

    /// A fault at a place in a file.
    pub fn at(file: &File, at: Position, what: impl Into<String>) -> Fault {
        Fault { place: Some((file.clone(), at)), ..Fault::of(&file.path, Rule::Text, what) }
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
    let sorted = sort(files);
    if sorted.faults.is_empty() { Ok(sorted.migrations) } else { Err(sorted.faults) }
}

/// Files made into pairs as far as they can be, and everything that is wrong with them.
#[derive(Clone, Debug, Default)]
pub struct Sorted {
    /// The pairs, in time order; those with a fault too.
    pub migrations: Vec<Migration>,
    /// Files with a good name that lack their other half.
    pub halves: Vec<File>,
    /// Everything that is wrong.
    pub faults: Vec<Fault>,
}

/// Makes pairs, and tells every fault there is.
pub fn sort(files: Vec<File>) -> Sorted {
    let mut sorted = Sorted::default();
    let mut halves: BTreeMap<Name, (Option<File>, Option<File>)> = BTreeMap::new();
    for file in files {
        match Name::of_file(file.name()) {
            Err(fault) => sorted.faults.push(Fault::of(&file.path, Rule::Name, fault.to_string())),
            Ok((name, direction)) => {
                let half = halves.entry(name).or_default();
                match direction {
                    Direction::Up => half.0 = Some(file),
                    Direction::Down => half.1 = Some(file),
                }
            }
        }
    }
    for (name, half) in halves {
        match half {
            (Some(up), Some(down)) => {
                let way_back = effect(&up).and_then(|effect| way_back(&down, effect));
                let irreversible = way_back.unwrap_or_else(|fault| {
                    sorted.faults.push(fault);
                    None
                });
                sorted.migrations.push(Migration { name, up, down, irreversible });
            }
            (Some(file), None) => {
                sorted.faults.push(half_a_pair(&file, &name, Direction::Down));
                sorted.halves.push(file);
            }
            (None, Some(file)) => {
                sorted.faults.push(half_a_pair(&file, &name, Direction::Up));
                sorted.halves.push(file);
            }
            (None, None) => unreachable!("a half is entered with a file"),
        }
    }
    for two in sorted.migrations.windows(2).filter(|two| two[0].name.version() == two[1].name.version()) {
        let files = vec![two[0].up.path.clone(), two[1].up.path.clone()];
        let what = format!("the timestamp {} is a duplicate, so their order is not known", two[0].name.version());
        sorted.faults.push(Fault { rule: Rule::SameTimestamp, files, what, place: None });
    }
    sorted
}

/// Whether an up does anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    Something,
    /// And it says so.
    Nothing,
}

fn effect(up: &File) -> Result<Effect, Fault> {
    if !is_blank(&up.text) {
        return Ok(Effect::Something);
    }
    let fault = |error: ScriptError| Fault::at(up, error.at, error.reason);
    let script = split::split_in_any_mode(&up.text).map_err(fault)?;
    if directive::says_nothing(&directive::directives(&script).map_err(fault)?) {
        return Ok(Effect::Nothing);
    }
    Err(Fault::of(
        &up.path,
        Rule::EmptyUp,
        "holds no statement, so it changes nothing; write it, or remove the pair; if it is meant to do nothing, say why: \
         `-- uturn: nothing: REASON`",
    ))
}

fn half_a_pair(file: &File, name: &Name, missing: Direction) -> Fault {
    Fault::of(&file.path, Rule::HalfPair, format!("half a pair: `{}` is missing", name.file(missing)))
}

/// An empty file is one that was never written, or not written to its end: once recorded, it could not be mended.
fn is_blank(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}');
    Lexer::new(text, Modes::default()).all(|token| token.kind.is_trivia() || &text[token.span] == ";")
}

/// Why there is no way back, if the down file says so; a fault if it holds no statement and says nothing.
fn way_back(down: &File, up: Effect) -> Result<Option<String>, Fault> {
    let fault = |error: ScriptError| Fault::at(down, error.at, error.reason);
    let script = split::split_in_any_mode(&down.text).map_err(fault)?;
    let directives = directive::directives(&script).map_err(fault)?;
    for directive in &directives {
        if let What::Irreversible { reason } = &directive.what {
            return Ok(Some(reason.clone()));
        }
    }
    let is_empty = script.statements().is_empty();
    match (is_empty, directive::says_nothing(&directives), up) {
        (false, _, _) | (true, true, Effect::Nothing) => Ok(None),
        (true, true, Effect::Something) => Err(Fault::of(
            &down.path,
            Rule::EmptyDown,
            "says that it does nothing, but its up does something; if that cannot be reverted, say why: \
             `-- uturn: irreversible: REASON`",
        )),
        (true, false, Effect::Something) => Err(Fault::of(
            &down.path,
            Rule::EmptyDown,
            "holds no statement, so it reverts nothing; if there is none, say why: `-- uturn: irreversible: REASON`",
        )),
        (true, false, Effect::Nothing) => Err(Fault::of(
            &down.path,
            Rule::EmptyDown,
            "holds no statement; as its up does nothing, it says the same: `-- uturn: nothing: REASON`",
        )),
    }
}
