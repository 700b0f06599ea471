//! Everything that can go wrong: what, where, what the server said, what is true of the database now, what to type next.
//!
//! The words for what failed are written where it is noticed; the kind fixes the exit code and the runbook's entry.

use crate::migration::name::{Direction, Name};
use crate::migration::pair::Fault;
use crate::migration::plan::{Newer, Refusal};
use crate::statement::secrets;
use std::fmt;

/// The result of everything that can fail here.
pub type Result<T> = std::result::Result<T, Error>;

/// One failure, as a person needs it told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error(Box<Parts>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Parts {
    kind: Kind,
    what: String,
    place: Option<Place>,
    server: Option<Said>,
    truth: Option<String>,
    hint: Option<String>,
}

/// The families of failures. Each has one exit code and one entry in docs/runbook.md.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Options or settings that cannot be used, a wrong password, a database that is not there.
    Settings,
    /// Files that break the rules, or cannot be read or written.
    Files,
    /// A target that fits nothing, several migrations, or one that is not applied.
    Target,
    /// A statement that the server cannot parse, or that does not fit into a packet.
    Statement,
    /// Files and history disagree.
    History,
    /// A guard says no: not confirmed, production, irreversible, `--strict`.
    Guard,
    /// The account lacks a right, or the server is read-only.
    Rights,
    /// The server cannot be reached, or does not answer in time.
    Unreachable,
    /// Another runner holds the lock.
    Locked,
    /// A migration stopped part-way.
    Stopped,
    /// Nobody knows whether a statement took effect.
    InDoubt,
    /// SIGINT between two statements.
    Interrupted,
    /// SIGTERM between two statements.
    Terminated,
}

impl Kind {
    /// The process exit code that the contract promises.
    pub fn exit_code(self) -> u8 {
        match self {
            Kind::Settings | Kind::Files | Kind::Target | Kind::Statement => 2,
            Kind::History | Kind::Guard | Kind::Rights => 3,
            Kind::Unreachable | Kind::Locked => 4,
            Kind::Stopped => 5,
            Kind::InDoubt => 6,
            Kind::Interrupted => 130,
            Kind::Terminated => 143,
        }
    }

    /// The name in `--json` and in docs/runbook.md.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Settings => "settings",
            Kind::Files => "files",
            Kind::Target => "target",
            Kind::Statement => "statement",
            Kind::History => "history",
            Kind::Guard => "guard",
            Kind::Rights => "rights",
            Kind::Unreachable => "unreachable",
            Kind::Locked => "locked",
            Kind::Stopped => "stopped",
            Kind::InDoubt => "in-doubt",
            Kind::Interrupted => "interrupted",
            Kind::Terminated => "terminated",
        }
    }
}

/// A place in a file, with the line itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The path as the user knows it.
    pub path: String,
    /// Counted from 1.
    pub line: u32,
    /// In characters, counted from 1.
    pub column: u32,
    /// The text of that line, without its end and without secrets.
    pub text: String,
}

impl Place {
    /// The place of a position in a file's text.
    pub fn new(path: &str, text: &str, at: crate::script::position::Position) -> Place {
        let line = secrets::Script::of(text).line(at).trim_start_matches('\u{feff}').to_owned();
        Place { path: path.to_owned(), line: at.line, column: at.column, text: line }
    }
}

/// A server's error, unchanged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The error number, as in the server's manual.
    pub number: u16,
    /// SQLSTATE.
    pub state: String,
    /// The message.
    pub text: String,
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}) {}", self.number, self.state, self.text)
    }
}

impl Error {
    /// What failed, in one line: lower case, `quoted` names, no full stop.
    pub fn new(kind: Kind, what: impl Into<String>) -> Error {
        Error(Box::new(Parts { kind, what: what.into(), place: None, server: None, truth: None, hint: None }))
    }

    /// Adds the file, line and column.
    pub fn at(mut self, place: Place) -> Error {
        self.0.place = Some(place);
        self
    }

    /// Adds the server's own words.
    pub fn said(mut self, said: Said) -> Error {
        self.0.server = Some(said);
        self
    }

    /// Adds what is true of the database now.
    pub fn truth(mut self, truth: impl Into<String>) -> Error {
        self.0.truth = Some(truth.into());
        self
    }

    /// Adds what to type next.
    pub fn hint(mut self, hint: impl Into<String>) -> Error {
        self.0.hint = Some(hint.into());
        self
    }

    /// The same failure, told as one of another family.
    pub fn turned_into(mut self, kind: Kind, what: String) -> Error {
        self.0.kind = kind;
        self.0.what = what;
        self
    }

    /// The same, of a run that had begun before it came to this: `nothing has been changed` may be wrong by now.
    pub fn after_a_start(mut self) -> Error {
        if self.exit_code_promises_nothing_changed() {
            self.0.kind = Kind::Stopped;
            self.0.truth =
                Some("what is done is recorded up to the last line above; `uturn status` shows it".to_owned());
        }
        self
    }

    fn exit_code_promises_nothing_changed(&self) -> bool {
        (2..=4).contains(&self.0.kind.exit_code())
    }

    /// Its family.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// Where, if it is about a file.
    pub fn place(&self) -> Option<&Place> {
        self.0.place.as_ref()
    }

    /// What the server said, if it said anything.
    pub fn server(&self) -> Option<&Said> {
        self.0.server.as_ref()
    }

    /// What is true of the database now. Where nothing else is said, the exit code says it: nothing changed.
    pub fn state_of_database(&self) -> Option<&str> {
        self.0.truth.as_deref()
    }

    /// What to type next.
    pub fn next_step(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.what)
    }
}

impl std::error::Error for Error {}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Error {
        let hint = hint(&refusal);
        if let Refusal::Faulty(faults, _) | Refusal::FaultyDown(faults) = refusal {
            return Error::from(faults).hint(hint);
        }
        Error::new(kind(&refusal), refusal.to_string()).truth("nothing has been changed").hint(hint)
    }
}

fn kind(refusal: &Refusal) -> Kind {
    match refusal {
        Refusal::Unknown(_) | Refusal::Ambiguous(..) | Refusal::NotApplied(_) => Kind::Target,
        Refusal::Faulty(..) | Refusal::FaultyDown(_) => Kind::Files,
        Refusal::Late(..) | Refusal::Irreversible(..) => Kind::Guard,
        Refusal::Edited(_) | Refusal::Missing(_) | Refusal::NoWayBack(_) | Refusal::NoFile(_) => Kind::History,
        Refusal::HalfUndone(_) | Refusal::HalfKept(_) => Kind::History,
        Refusal::SessionLost(..) | Refusal::Unlike(..) => Kind::History,
    }
}

/// What to type: a command that does in this very case what the words say, and nothing else.
fn hint(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Unknown(_) => "`uturn status` shows every migration".to_owned(),
        Refusal::Ambiguous(..) => "give its timestamp, or more of it".to_owned(),
        Refusal::NotApplied(_) => "`uturn status` shows what is applied".to_owned(),
        Refusal::Faulty(faults, before) => {
            let fix = hint_of(faults).unwrap_or("correct the files, or move them out of the folder");
            let only_before = before.as_ref().map(|name| format!("; `uturn up --to {name}` runs only what is before them"));
            format!("{fix}{}", only_before.unwrap_or_default())
        }
        Refusal::FaultyDown(faults) => hint_of(faults).unwrap_or("correct the down files").to_owned(),
        Refusal::Edited(files) => format!(
            "bring the file back to what was applied, and write the change as a new migration (`uturn new NAME`). Where the \
             rows may go: `uturn undo --to {}` undoes it and everything newer, and `uturn up` runs the files as they are now",
            oldest(files.iter().map(|file| &file.name))
        ),
        Refusal::Missing(names) => format!(
            "is this the right folder (`--dir`), or the right binary? Only if what is missing is to go: `uturn undo --to {}` \
             undoes it and everything newer, by the down scripts kept in the database; `uturn up` then runs again what has \
             a file",
            oldest(names.iter())
        ),
        Refusal::Late(..) => "run without `--strict`, or give it a newer timestamp".to_owned(),
        Refusal::Irreversible(names, Newer::Some) => {
            let first = names.first().map(|(name, _)| name.to_string()).unwrap_or_default();
            format!("`uturn undo --keep {first}` undoes only what is newer; or restore a backup")
        }
        Refusal::Irreversible(_, Newer::None) => "only a backup brings back what was before it".to_owned(),
        Refusal::Irreversible(_, Newer::Stopped) => {
            "`uturn up --steps 1` completes it; only a backup brings back what was before it".to_owned()
        }
        Refusal::NoWayBack(_) => "use a binary or a folder that has its down file".to_owned(),
        Refusal::NoFile(_) => "use the folder (`--dir`) or the binary that has it".to_owned(),
        Refusal::HalfUndone(_) => "run `uturn undo`; it resumes where the down stopped".to_owned(),
        Refusal::HalfKept(open) => match open.direction {
            Direction::Up => "`uturn up --steps 1` completes it, `uturn undo --steps 1` takes it back".to_owned(),
            Direction::Down => {
                let version = open.name.version();
                format!("`uturn undo --steps 1` reverts the rest of it, and `uturn up --to {version}` then runs it again")
            }
        },
        Refusal::SessionLost(_, _, Direction::Up) => {
            "run `uturn undo` to revert what is done, and `uturn up` to run the migration in one session".to_owned()
        }
        Refusal::SessionLost(_, _, Direction::Down) => "change what is left of the down file so that it does without it, \
            leave what is done as it is, and run `uturn undo --down-from-files`"
            .to_owned(),
        Refusal::Unlike(_, _, Direction::Up) => "bring those statements back as they were and run `uturn up` again; or run \
            `uturn undo` to revert what is done"
            .to_owned(),
        Refusal::Unlike(_, _, Direction::Down) => {
            "bring those statements of the down file back as they were; or run `uturn undo`, which continues with the recorded one"
                .to_owned()
        }
    }
}

/// What is true of one file only, of the first that has it.
fn hint_of(faults: &[Fault]) -> Option<&str> {
    faults.iter().find_map(|fault| fault.hint.as_deref())
}

/// An undo down to the oldest of them undoes them all.
fn oldest<'n>(names: impl Iterator<Item = &'n Name>) -> String {
    names.min_by_key(|name| name.version()).map(ToString::to_string).unwrap_or_default()
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Error {
        Error::from(vec![fault])
    }
}

impl From<Vec<Fault>> for Error {
    /// The first fault with its place; the others follow in the text, since a person corrects them all at once.
    fn from(faults: Vec<Fault>) -> Error {
        let what = faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n       ");
        let mut error = Error::new(Kind::Files, what).truth("nothing has been changed");
        error.0.hint = hint_of(&faults).map(str::to_owned);
        let place = faults.into_iter().find_map(|fault| fault.place).map(|place| *place);
        match place {
            Some((file, at)) => {
                let text = secrets::Script::of(&file.text).line(at).trim_start_matches('\u{feff}').to_owned();
                error.at(Place { path: file.path, line: at.line, column: at.column, text })
            }
            None => error,
        }
    }
}
