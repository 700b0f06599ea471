//! A migration is a pair of scripts. The rules that make files into pairs, for the build and for `--dir` alike.

use crate::migration::name::{Direction, Name};
use crate::script::directive::{self, What};
use crate::script::encoding::Mangled;
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
        last_part(&self.path)
    }
}

/// A script as it was found, or why it is not one.
pub type Found = Result<File, Fault>;

/// Makes a script of a file's bytes.
pub fn found(path: String, bytes: std::io::Result<Vec<u8>>) -> Found {
    match bytes.map(String::from_utf8) {
        Ok(Ok(text)) => Ok(File { path, text: text.into() }),
        Ok(Err(error)) => {
            let file = Mangled::new(path, error.as_bytes(), error.utf8_error().valid_up_to());
            Err(Fault { hint: Some(file.hint()), ..Fault::of(&file.path, Rule::Encoding, file.what()) })
        }
        Err(error) => Err(Fault::of(&path, Rule::Unreadable, format!("cannot read it: {error}"))),
    }
}

/// Where it was found, as the user knows it.
pub fn path(found: &Found) -> &str {
    match found {
        Ok(file) => &file.path,
        Err(fault) => fault.files.first().map_or("", String::as_str),
    }
}

/// The part of a path after the folder.
pub fn last_part(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// A pair of scripts with one name. Either may be missing or unreadable: a fault belongs to its pair, and stops what needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    /// Version and stem.
    pub name: Name,
    /// The change.
    pub up: Found,
    /// What reverts it.
    pub down: Found,
}

/// The scripts of a pair without a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scripts<'a> {
    /// The change.
    pub up: &'a File,
    /// What reverts it.
    pub down: Down<'a>,
}

/// A down file, and what it says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Down<'a> {
    /// The file.
    pub file: &'a File,
    /// Why the migration cannot be undone, when the file says so.
    pub irreversible: Option<String>,
}

impl Migration {
    /// Both scripts, or everything that is wrong with the pair. The up is not split: it may be large, and whoever runs it does.
    pub fn scripts(&self) -> Result<Scripts<'_>, Vec<Fault>> {
        let up = self.up.as_ref().map_err(Clone::clone).and_then(|up| effect(up).map(|_| up));
        match (up, self.down()) {
            (Ok(up), Ok(down)) => Ok(Scripts { up, down }),
            (up, down) => {
                let mut faults: Vec<Fault> = [up.err(), down.err()].into_iter().flatten().collect();
                faults.dedup();
                Err(faults)
            }
        }
    }

    /// What reverts it, or why it cannot be run.
    pub fn down(&self) -> Result<Down<'_>, Fault> {
        let file = self.down.as_ref().map_err(Clone::clone)?;
        let effect = self.up.as_ref().map_or(Effect::Unknown, |up| effect(up).unwrap_or(Effect::Unknown));
        Ok(Down { file, irreversible: irreversible(file, effect)? })
    }

    /// Whether one of the two files is missing.
    pub fn is_half(&self) -> bool {
        [&self.up, &self.down].into_iter().any(|found| found.as_ref().is_err_and(|fault| fault.rule == Rule::HalfPair))
    }

    fn found(&mut self, direction: Direction) -> &mut Found {
        match direction {
            Direction::Up => &mut self.up,
            Direction::Down => &mut self.down,
        }
    }
}

/// Which rule a file breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// It cannot be read.
    Unreadable,
    /// It is not UTF-8.
    Encoding,
    /// Its name.
    Name,
    /// The other file of its pair is missing.
    HalfPair,
    /// Two pairs have one timestamp.
    SameTimestamp,
    /// An up without a statement.
    EmptyUp,
    /// A down without a statement that does not say why.
    EmptyDown,
    /// A text that cannot be split into statements, or a comment for uturn that cannot be read.
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
    pub place: Option<Box<(File, Position)>>,
    /// What to do about it, where that depends on the file.
    pub hint: Option<String>,
}

impl Fault {
    fn of(path: &str, rule: Rule, what: impl Into<String>) -> Fault {
        Fault { rule, files: vec![path.to_owned()], what: what.into(), place: None, hint: None }
    }

    /// A fault at a place in a file.
    pub fn at(file: &File, at: Position, what: impl Into<String>) -> Fault {
        Fault { place: Some(Box::new((file.clone(), at))), ..Fault::of(&file.path, Rule::Text, what) }
    }

    /// In one line, with the place.
    pub fn with_place(&self) -> String {
        match self.place.as_deref() {
            Some((file, at)) => format!("{}:{}:{}: {}", file.path, at.line, at.column, self.what),
            None => self.to_string(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let files: Vec<String> = self.files.iter().map(|file| format!("`{file}`")).collect();
        let is = if self.rule == Rule::Encoding { " is" } else { ":" };
        write!(f, "{}{is} {}", files.join(" and "), self.what)
    }
}

/// Whether a file in the folder is ours to judge. Anything that looks like SQL is: a misnamed migration that is
/// silently passed over is a change that never happens.
pub fn is_script(file_name: &str) -> bool {
    let lower = file_name.to_ascii_lowercase();
    !file_name.starts_with('.') && (lower.ends_with(".sql") || lower.contains(".up.") || lower.contains(".down."))
}

/// Files made into pairs, as far as they can be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pairs {
    /// In time order.
    pub migrations: Vec<Migration>,
    /// Files of which nobody knows to which migration they belong.
    pub unnamed: Vec<Fault>,
}

/// Makes pairs, in time order.
pub fn pair(files: Vec<Found>) -> Pairs {
    let mut unnamed = Vec::new();
    let mut pairs: BTreeMap<Name, Migration> = BTreeMap::new();
    for file in files {
        match Name::of_file(last_part(path(&file))) {
            Err(fault) => unnamed.push(Fault::of(path(&file), Rule::Name, fault.to_string())),
            Ok((name, direction)) => {
                let missing = |direction| Err(missing(path(&file), &name, direction));
                let (up, down) = (missing(Direction::Up), missing(Direction::Down));
                let pair = pairs.entry(name.clone()).or_insert(Migration { name, up, down });
                *pair.found(direction) = file;
            }
        }
    }
    Pairs { migrations: pairs.into_values().collect(), unnamed }
}

impl Pairs {
    /// The migrations, or everything that is wrong with any of them, their ups split into statements.
    pub fn strict(self) -> Result<Vec<Migration>, Vec<Fault>> {
        let mut faults = self.faults();
        faults.extend(self.migrations.iter().flat_map(|one| &one.up).filter_map(text_fault));
        if faults.is_empty() { Ok(self.migrations) } else { Err(faults) }
    }

    /// Everything that is wrong but for the texts of ups.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = self.unnamed.clone();
        faults.extend(self.migrations.iter().filter_map(|one| one.scripts().err()).flatten());
        let whole: Vec<&Migration> = self.migrations.iter().filter(|one| !one.is_half()).collect();
        let same = whole.windows(2).filter(|two| two[0].name.version() == two[1].name.version());
        faults.extend(same.map(|two| same_timestamp(two[0], two[1])));
        faults
    }

    /// One migration a timestamp: several with the same one are one that cannot run.
    pub fn by_version(self) -> Pairs {
        let mut migrations: Vec<Migration> = Vec::with_capacity(self.migrations.len());
        for next in self.migrations {
            match migrations.last_mut().filter(|last| last.name.version() == next.name.version()) {
                Some(last) => {
                    let same = same_timestamp(last, &next);
                    for (one, other) in [(&mut last.up, next.up), (&mut last.down, next.down)] {
                        *one = Err(one.clone().and(other).err().unwrap_or_else(|| same.clone()));
                    }
                }
                None => migrations.push(next),
            }
        }
        Pairs { migrations, ..self }
    }
}

fn same_timestamp(one: &Migration, other: &Migration) -> Fault {
    let what = format!("the timestamp {} is a duplicate, so their order is not known", one.name.version());
    let files = vec![path(&one.up).to_owned(), path(&other.up).to_owned()];
    Fault { files, ..Fault::of("", Rule::SameTimestamp, what) }
}

/// What `split` and the directives refuse in a text, whatever the sql_mode.
pub fn text_fault(file: &File) -> Option<Fault> {
    let split = split::split_in_any_mode(&file.text);
    let read = split.and_then(|script| directive::directives(&script).map(drop));
    read.err().map(|error| Fault::at(file, error.at, error.reason))
}

/// Whether an up does anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    Something,
    /// And it says so.
    Nothing,
    /// It cannot be read.
    Unknown,
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

/// Of the file that is there.
fn missing(path: &str, name: &Name, missing: Direction) -> Fault {
    Fault::of(path, Rule::HalfPair, format!("half a pair: `{}` is missing", name.file(missing)))
}

/// An empty file is one that was never written, or not written to its end: once recorded, it could not be corrected.
fn is_blank(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}');
    Lexer::new(text, Modes::default()).all(|token| token.kind.is_trivia() || &text[token.span] == ";")
}

/// Why the migration cannot be undone, if its down file says so; a fault if it holds no statement and says nothing.
fn irreversible(down: &File, up: Effect) -> Result<Option<String>, Fault> {
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
        (false, _, _) | (true, true, Effect::Nothing | Effect::Unknown) => Ok(None),
        (true, true, Effect::Something) => Err(Fault::of(
            &down.path,
            Rule::EmptyDown,
            "says that it does nothing, but its up does something; if that cannot be reverted, say why: \
             `-- uturn: irreversible: REASON`",
        )),
        (true, false, Effect::Something | Effect::Unknown) => Err(Fault::of(
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
