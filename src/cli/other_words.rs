//! What other tools call their commands, and what it is called here.

use clap::Error;
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// Names the command that is meant, where it is one that is not known here.
pub fn explain(mut error: Error) -> Error {
    if error.kind() != ErrorKind::InvalidSubcommand {
        return error;
    }
    let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand) else { return error };
    let Some(meant) = meant(&word.to_ascii_lowercase()) else { return error };
    error.remove(ContextKind::SuggestedSubcommand);
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![StyledStr::from(meant)]));
    error
}

fn meant(word: &str) -> Option<&'static str> {
    Some(match word {
        "migrate" | "apply" | "update" | "upgrade" | "deploy" | "latest" | "run" | "db:migrate" | "migrate:up" => {
            "`uturn up` runs what is pending"
        }
        "down" | "rollback" | "revert" | "downgrade" | "undo:all" | "db:migrate:undo" | "migrate:down"
        | "db:rollback" => "`uturn undo` undoes the newest migration; `uturn undo --dry-run` shows what that would run",
        "info" | "list" | "show" | "pending" | "migrate:status" | "db:migrate:status" => {
            "`uturn status` shows every migration"
        }
        "history" => "`uturn log` shows every run, `uturn status` every migration",
        "force" | "repair" | "fix" => {
            "`uturn status` shows what stopped; `uturn up` or `uturn undo` resumes it; `uturn resolve` answers where the outcome \
             of a statement is unknown"
        }
        "goto" => "`uturn up --to M` runs up to a migration, `uturn undo --keep M` goes back to one",
        "validate" | "verify" | "lint" | "test" => {
            "`uturn check` reads the files, `uturn prove` runs them in a scratch database"
        }
        "generate" | "make" | "add" | "migration:generate" => "`uturn new NAME` writes a pair of files",
        "clean" | "fresh" | "refresh" => {
            "`uturn undo --all` undoes everything; `uturn reset` runs everything again after it"
        }
        "init" => "`uturn new NAME` writes the first pair; `uturn up` makes the tables that it needs",
        "version" => "`uturn --version` prints the version, `uturn status` what is applied",
        "help" => "`uturn --help`, `uturn COMMAND --help`",
        _ => return None,
    })
}
