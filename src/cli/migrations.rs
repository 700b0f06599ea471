//! Which migrations the arguments and variables ask for.

use crate::cli::args::{Command, Common};
use crate::error::{Error, Kind, Result};
use crate::source::choice::{self, Asked, Choice};
use crate::source::embedded::{self, OWN};
use crate::source::folder::Empty;
use clap::ArgMatches;
use clap::parser::ValueSource;
use std::path::Path;

/// The folder or the binary, for a command that takes migrations from them.
pub fn choose(common: &Common, matches: &ArgMatches) -> Result<Choice> {
    choice::choose(asked(common, matches)?, Path::new("."), &OWN)
}

/// What was typed beats what a variable says.
fn asked(common: &Common, matches: &ArgMatches) -> Result<Asked> {
    let is_typed = |name: &str| matches.value_source(name) == Some(ValueSource::CommandLine);
    match (&common.dir, common.built_in) {
        (Some(_), true) if is_typed("dir") == is_typed("built_in") => {
            Err(Error::new(Kind::Settings, "`--dir` and `--built-in` cannot be combined")
                .truth("nothing has been changed")
                .hint("one of them says where the migrations come from; UTURN_DIR and UTURN_BUILT_IN count too"))
        }
        (Some(dir), built_in) if !built_in || is_typed("dir") => Ok(Asked::Folder(dir.clone())),
        (_, true) => Ok(Asked::BuiltIn),
        (_, false) => Ok(Asked::Nothing),
    }
}

/// Whether the command takes none for an answer; nothing of those that take no migrations at all.
pub fn empty(command: &Command) -> Option<Empty> {
    let or_refused = |allowed: bool| Some(if allowed { Empty::Allowed } else { Empty::Refused });
    match command {
        Command::Up(up) => or_refused(up.empty.allow_empty),
        Command::Reset(reset) => or_refused(reset.empty.allow_empty),
        Command::Status(status) => or_refused(status.empty.allow_empty),
        Command::Plan(plan) => or_refused(plan.empty.allow_empty),
        Command::Check(empty) => or_refused(empty.allow_empty),
        Command::Prove(prove) => or_refused(prove.empty.allow_empty),
        // What the database holds is enough for these.
        Command::Undo(_) | Command::Redo(_) | Command::Resolve(_) => Some(Empty::Allowed),
        Command::New(_) | Command::Create(_) | Command::Drop(_) | Command::Wait(_) | Command::Log(_) => None,
        Command::Protect(_) | Command::Unprotect(_) | Command::Completions(_) | Command::Man => None,
    }
}

/// What `--version` prints: the version, and what is built in.
pub fn version() -> String {
    let version = env!("CARGO_PKG_VERSION");
    if OWN.scripts.is_empty() {
        return format!("{version}\nno migrations are built in");
    }
    let example = if OWN.is_example() { ", the example (`--built-in` runs it)" } else { "" };
    let summary = choice::summary(&embedded::files(OWN.scripts));
    format!("{version}\nbuilt in: {summary}, sha256 {}{example}", OWN.digest)
}
