//! What can be found: each kind by its name, with what is needed to word it.

use crate::migration::name::Direction;
use crate::statement::class::Hazard;
use crate::statement::ddl::Object;

/// One thing that is found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "docs/check.md has each of them, with examples")]
pub enum Risk {
    // --- files: what `up` refuses as well
    FileName(String),
    HalfPair(String),
    SameTimestamp(String),
    NotUtf8(String, String),
    EmptyUp(String),
    EmptyDown(String),
    Lexical(String),
    ClientCommand(String),
    Directive(String),
    Refused(Hazard),
    OpenTransaction,
    // --- the way back
    DownDoesNothing,
    DownForgets { what: Thing, happened: Happened },
    DownDiffers { what: Thing, difference: Difference },
    NoSuchName { what: Thing, taken_away_by: Option<String> },
    AlreadyThere(Thing),
    IfExists(Thing),
    IfNotExists(Thing),
    // --- data
    DropsTable(Thing),
    RecreatesTable(String),
    DropsColumn { table: String, column: String },
    DropsRows { table: String, partition: Option<String> },
    NoWhere { statement: &'static str, table: String },
    NarrowsEnum { table: String, column: String, lost: Vec<String> },
    NarrowsType { table: String, column: String, from: String, to: String },
    MakesNotNull { table: String, column: String },
    NotNullWithoutDefault { table: String, column: String },
    // --- deployment
    Renames { what: Thing, to: String },
    // --- sessions and servers
    SessionSetting(String),
    SetGlobal(String),
    OtherDatabase(String),
    Definer(String),
    LoadLocal,
    ImplicitCommit(String),
    NoTransactions { table: String, engine: String },
    // --- keys
    UnnamedKey { table: String, kind: &'static str, columns: Vec<String>, named: Option<String> },
    StillReferenced { what: Thing, by: String, own: bool },
    ShrinksIndex { table: String, column: String, index: String },
    NoPrimaryKey(String),
    // --- allow
    UnknownAllow(String),
    UnusedAllow(String),
}

/// What something is about.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words say it")]
pub enum Thing {
    Table(String),
    Column { table: String, column: String },
    Index { table: String, index: String },
    Constraint { table: String, constraint: String },
    Rows(String),
    Object(Object, String),
}

/// What the up did to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words say it")]
pub enum Happened {
    Made,
    Dropped,
    Changed,
    RenamedFrom,
    RenamedTo,
    Inserted,
}

/// How what the down leaves differs from what was there.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words say it")]
pub enum Difference {
    LeftBehind,
    NotBack,
    /// What it is, and what it was.
    Changed {
        is: String,
        was: String,
    },
    /// The column it stands behind, and the one it stood behind; none is the first place.
    Moved {
        is: Option<String>,
        was: Option<String>,
    },
}

/// The names of all of them, in the order of docs/check.md.
pub const NAMES: &[&str] = &[
    "file-name",
    "half-pair",
    "same-timestamp",
    "not-utf8",
    "empty-up",
    "empty-down",
    "lexical",
    "client-command",
    "directive",
    "refused-statement",
    "open-transaction",
    "down-does-nothing",
    "down-forgets",
    "down-differs",
    "no-such-name",
    "already-there",
    "if-exists",
    "if-not-exists",
    "drops-table",
    "recreates-table",
    "drops-column",
    "drops-rows",
    "no-where",
    "narrows-enum",
    "narrows-type",
    "makes-not-null",
    "not-null-without-default",
    "renames",
    "session-setting",
    "set-global",
    "other-database",
    "definer",
    "local-file",
    "implicit-commit",
    "no-transactions",
    "unnamed-key",
    "still-referenced",
    "shrinks-index",
    "no-primary-key",
    "unknown-allow",
    "unused-allow",
];

impl Risk {
    /// Its name, as `allow` takes it and `--json` gives it.
    pub fn name(&self) -> &'static str {
        match self {
            Risk::FileName(_) => "file-name",
            Risk::HalfPair(_) => "half-pair",
            Risk::SameTimestamp(_) => "same-timestamp",
            Risk::NotUtf8(..) => "not-utf8",
            Risk::EmptyUp(_) => "empty-up",
            Risk::EmptyDown(_) => "empty-down",
            Risk::Lexical(_) => "lexical",
            Risk::ClientCommand(_) => "client-command",
            Risk::Directive(_) => "directive",
            Risk::Refused(_) => "refused-statement",
            Risk::OpenTransaction => "open-transaction",
            Risk::DownDoesNothing => "down-does-nothing",
            Risk::DownForgets { .. } => "down-forgets",
            Risk::DownDiffers { .. } => "down-differs",
            Risk::NoSuchName { .. } => "no-such-name",
            Risk::AlreadyThere(_) => "already-there",
            Risk::IfExists(_) => "if-exists",
            Risk::IfNotExists(_) => "if-not-exists",
            Risk::DropsTable(_) => "drops-table",
            Risk::RecreatesTable(_) => "recreates-table",
            Risk::DropsColumn { .. } => "drops-column",
            Risk::DropsRows { .. } => "drops-rows",
            Risk::NoWhere { .. } => "no-where",
            Risk::NarrowsEnum { .. } => "narrows-enum",
            Risk::NarrowsType { .. } => "narrows-type",
            Risk::MakesNotNull { .. } => "makes-not-null",
            Risk::NotNullWithoutDefault { .. } => "not-null-without-default",
            Risk::Renames { .. } => "renames",
            Risk::SessionSetting(_) => "session-setting",
            Risk::SetGlobal(_) => "set-global",
            Risk::OtherDatabase(_) => "other-database",
            Risk::Definer(_) => "definer",
            Risk::LoadLocal => "local-file",
            Risk::ImplicitCommit(_) => "implicit-commit",
            Risk::NoTransactions { .. } => "no-transactions",
            Risk::UnnamedKey { .. } => "unnamed-key",
            Risk::StillReferenced { .. } => "still-referenced",
            Risk::ShrinksIndex { .. } => "shrinks-index",
            Risk::NoPrimaryKey(_) => "no-primary-key",
            Risk::UnknownAllow(_) => "unknown-allow",
            Risk::UnusedAllow(_) => "unused-allow",
        }
    }

    /// What `up` refuses cannot be allowed here, nor can an allow be allowed.
    pub fn can_be_allowed(name: &str) -> bool {
        let place = NAMES.iter().position(|known| *known == name);
        place.is_some_and(|at| at > 10 && at < NAMES.len() - 2)
    }
}

/// Where a finding stands: which of a pair's scripts, and the byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) direction: Direction,
    pub(crate) offset: usize,
    pub(crate) risk: Risk,
}
