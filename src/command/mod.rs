//! One file a command, and what they share: `guard` asks, `newest` finds the migrations that an undo is about, `non_empty` refuses a
//! database that is in use, `dry_run` prints.

pub mod check;
pub mod complete;
pub mod create;
pub mod drop;
pub mod dry_run;
pub mod guard;
pub mod log;
pub mod new;
pub mod newest;
pub mod non_empty;
pub mod plan;
pub mod protect;
pub mod prove;
pub mod redo;
pub mod reset;
pub mod resolve;
pub mod status;
pub mod undo;
pub mod up;
pub mod wait;

/// The guards' questions and their answers.
pub struct Guards<'a> {
    /// What UTURN_ENV says, where that counts as production.
    pub production: Option<&'a str>,
    /// `--allow-production`.
    pub allow_production: bool,
    /// `--allow-protected`: the name of the database.
    pub allow_protected: Option<&'a str>,
    /// `--allow-non-empty`: `up` may run where there are tables and no history.
    pub allow_non_empty: bool,
    /// Has the name of the database typed, where somebody is there to type.
    pub retype: &'a (dyn Fn(&str) -> Option<String> + Sync),
    /// Says why, and asks what `--yes` is no answer to.
    pub choose: &'a (dyn Fn(&str, &str) -> Answer + Sync),
    /// Asks, after it was shown what will be removed. Says yes where `--yes` was given.
    pub confirm: &'a (dyn Fn() -> Answer + Sync),
}

/// An answer to "go on?".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Go on.
    Yes,
    /// Do not.
    No,
    /// Nobody is there to be asked.
    Nobody,
}

/// Runs or prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Changes the database.
    Run,
    /// `--dry-run`.
    Print,
}

/// How a command ended that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Done, or nothing to do.
    Done,
    /// The answer is no.
    No,
}
