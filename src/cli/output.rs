//! What stdout did not take: a full disk must not look like an answer.

use crate::cli::args::Command;
use crate::command::Outcome;
use crate::error::{Error, Kind, Result};
use crate::report;
use std::io;

/// Prints what is no event.
pub fn print(text: &[u8]) -> Result<Outcome> {
    report::print(&String::from_utf8_lossy(text)).map_err(|error| unwritten(&error))?;
    Ok(Outcome::Done)
}

/// The output of a command that changes nothing.
pub fn unwritten(error: &io::Error) -> Error {
    of_kind(Kind::Files, error)
        .truth("nothing has been changed")
        .hint("make room where stdout goes, and run the same command again")
}

/// The output of a command that ended well.
pub fn lost(command: &Command, error: &io::Error) -> Error {
    if !may_change(command) {
        return unwritten(error);
    }
    // Not one of the codes that promise that nothing was changed.
    of_kind(Kind::Stopped, error)
        .truth("what was to be done is done and recorded")
        .hint("`uturn status` and `uturn log` show it, once there is room where stdout goes")
}

fn of_kind(kind: Kind, error: &io::Error) -> Error {
    Error::new(kind, format!("the output cannot be written to its end: {error}"))
}

fn may_change(command: &Command) -> bool {
    match command {
        Command::Up(up) => !up.running.dry_run.dry_run,
        Command::Undo(undo) => !undo.back.running.dry_run.dry_run,
        Command::Redo(redo) => !redo.back.running.dry_run.dry_run,
        Command::Reset(reset) => !reset.back.running.dry_run.dry_run,
        Command::Resolve(resolve) => !resolve.dry_run.dry_run,
        Command::Drop(drop) => !drop.dry_run.dry_run,
        Command::Protect(protect) => !protect.dry_run.dry_run,
        Command::Create(dry_run) | Command::Unprotect(dry_run) => !dry_run.dry_run,
        Command::New(new) => !new.dry_run.dry_run,
        Command::Check(_) | Command::Status(_) | Command::Plan(_) | Command::Prove(_) => false,
        Command::Wait(_) | Command::Log(_) | Command::Completions(_) | Command::Man => false,
    }
}
