//! The options of each command.

use super::value::{Since, duration, since, switch};
use clap::{Args, ValueEnum};
use std::num::{NonZeroU64, NonZeroUsize};
use std::time::Duration;

/// Prints instead of running.
#[derive(Clone, Debug, Args)]
pub struct DryRun {
    /// Print the SQL that would be sent, runnable with the mysql client, and change nothing
    #[arg(long, env = "UTURN_DRY_RUN", value_parser = switch())]
    pub dry_run: bool,
}

/// Of every command to which a folder without migrations is an error.
#[derive(Clone, Debug, Args)]
pub struct AllowEmpty {
    /// Continue where there is no migration at all, as with a folder that is not filled yet
    #[arg(long, global = true, env = "UTURN_ALLOW_EMPTY", value_parser = switch())]
    pub allow_empty: bool,
}

/// Answers to the guards' questions.
#[derive(Clone, Debug, Args)]
pub struct Guards {
    /// Do not ask
    #[arg(long, short = 'y', env = "UTURN_YES", value_parser = switch())]
    pub yes: bool,
    /// Needed as well in production, as UTURN_ENV says (`.env.example`)
    #[arg(long, env = "UTURN_ALLOW_PRODUCTION", value_parser = switch())]
    pub allow_production: bool,
    /// Needed as well where the database is protected (`uturn protect`): its name
    #[arg(long, value_name = "DATABASE", env = "UTURN_ALLOW_PROTECTED")]
    pub allow_protected: Option<String>,
}

/// Of every command that runs scripts.
#[derive(Clone, Debug, Args)]
pub struct Running {
    /// Stop at a statement that the server warns about: data truncated, another engine, a duplicate index; not at deprecations
    #[arg(long, env = "UTURN_WARNINGS_AS_ERRORS", value_parser = switch())]
    pub warnings_as_errors: bool,
    /// How long a statement waits for a table that other sessions use; later queries wait as long
    #[arg(long, value_name = "TIME", env = "UTURN_LOCK_TIMEOUT", default_value = "5s", value_parser = duration)]
    pub lock_timeout: Duration,
    /// How often it is tried again, after pauses that grow to 40s
    #[arg(long, value_name = "N", env = "UTURN_LOCK_RETRIES", default_value_t = 10)]
    pub lock_retries: u32,
    #[expect(missing_docs, reason = "DryRun says it")]
    #[command(flatten)]
    pub dry_run: DryRun,
}

/// Of every command that may run the first migration.
#[derive(Clone, Debug, Args)]
pub struct NonEmpty {
    /// Run in a database that has tables, views, routines or events, but no history of migrations
    #[arg(long, env = "UTURN_ALLOW_NON_EMPTY", value_parser = switch())]
    pub allow_non_empty: bool,
}

/// How far up.
#[derive(Clone, Debug, Args)]
pub struct UpTarget {
    /// Up to and including this migration: a timestamp, a name, or the beginning of one
    #[arg(long, value_name = "M", env = "UTURN_TO")]
    pub to: Option<String>,
    /// Only the oldest N
    #[arg(long, value_name = "N", env = "UTURN_STEPS")]
    pub steps: Option<NonZeroUsize>,
    /// Refuse a pending migration that is older than the newest applied one
    #[arg(long, env = "UTURN_STRICT", value_parser = switch())]
    pub strict: bool,
}

/// How far back.
#[derive(Clone, Debug, Args)]
pub struct UndoTarget {
    /// The newest N
    #[arg(long, value_name = "N", env = "UTURN_STEPS")]
    pub steps: Option<NonZeroUsize>,
    /// From the newest down to and including this migration
    #[arg(long, value_name = "M", env = "UTURN_TO")]
    pub to: Option<String>,
    /// The same, but this migration stays
    #[arg(long, value_name = "M", env = "UTURN_KEEP")]
    pub keep: Option<String>,
    /// Everything
    #[arg(long, env = "UTURN_ALL", value_parser = switch())]
    pub all: bool,
    /// What the last `up` has applied, also where it stopped part-way
    #[arg(long, env = "UTURN_LAST_UP", value_parser = switch())]
    pub last_up: bool,
}

/// `uturn up`
#[derive(Debug, Args)]
pub struct Up {
    #[expect(missing_docs, reason = "AllowEmpty says it")]
    #[command(flatten)]
    pub empty: AllowEmpty,
    #[expect(missing_docs, reason = "UpTarget says it")]
    #[command(flatten)]
    pub target: UpTarget,
    #[expect(missing_docs, reason = "NonEmpty says it")]
    #[command(flatten)]
    pub non_empty: NonEmpty,
    #[expect(missing_docs, reason = "Running says it")]
    #[command(flatten)]
    pub running: Running,
}

/// `uturn status`
#[derive(Debug, Args)]
pub struct Status {
    #[expect(missing_docs, reason = "AllowEmpty says it")]
    #[command(flatten)]
    pub empty: AllowEmpty,
    /// Exit 1 if anything is not applied and in sync
    #[arg(long, env = "UTURN_EXIT_CODE", value_parser = switch())]
    pub exit_code: bool,
}

/// Which down script runs.
#[derive(Clone, Debug, Args)]
pub struct DownFromFiles {
    /// Run the down files as they are now, not the ones recorded when the ups ran
    #[arg(long, env = "UTURN_DOWN_FROM_FILES", value_parser = switch())]
    pub down_from_files: bool,
    /// Of a migration that stopped part-way: what of its down may destroy data, run or skip it
    #[arg(long, value_name = "ANSWER", env = "UTURN_DOWN_DATA")]
    pub down_data: Option<DownData>,
}

/// The answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DownData {
    /// Run the whole down
    Run,
    /// Skip those statements
    Skip,
}

/// Of every command that goes back.
#[derive(Clone, Debug, Args)]
pub struct GoingBack {
    #[expect(missing_docs, reason = "DownFromFiles says it")]
    #[command(flatten)]
    pub down: DownFromFiles,
    #[expect(missing_docs, reason = "Guards says it")]
    #[command(flatten)]
    pub guards: Guards,
    #[expect(missing_docs, reason = "Running says it")]
    #[command(flatten)]
    pub running: Running,
}

/// `uturn undo`
#[derive(Debug, Args)]
pub struct Undo {
    #[expect(missing_docs, reason = "UndoTarget says it")]
    #[command(flatten)]
    pub target: UndoTarget,
    #[expect(missing_docs, reason = "GoingBack says it")]
    #[command(flatten)]
    pub back: GoingBack,
}

/// `uturn redo`
#[derive(Debug, Args)]
pub struct Redo {
    /// Redo the newest N
    #[arg(long, value_name = "N", env = "UTURN_STEPS")]
    pub steps: Option<NonZeroUsize>,
    #[expect(missing_docs, reason = "GoingBack says it")]
    #[command(flatten)]
    pub back: GoingBack,
}

/// `uturn reset`
#[derive(Debug, Args)]
pub struct Reset {
    #[expect(missing_docs, reason = "AllowEmpty says it")]
    #[command(flatten)]
    pub empty: AllowEmpty,
    #[expect(missing_docs, reason = "NonEmpty says it")]
    #[command(flatten)]
    pub non_empty: NonEmpty,
    #[expect(missing_docs, reason = "GoingBack says it")]
    #[command(flatten)]
    pub back: GoingBack,
}

/// `uturn new`
#[derive(Debug, Args)]
pub struct New {
    /// Words of a-z and 0-9: create-T, add-F-to-T, remove-F-from-T, alter-T-F and rename-A-to-B give a fitting skeleton
    pub name: String,
    #[expect(missing_docs, reason = "DryRun says it")]
    #[command(flatten)]
    pub dry_run: DryRun,
}

/// `uturn resolve`
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("answer").required(true).args(["applied", "retry"]))]
pub struct Resolve {
    /// The migration: a timestamp, a name, or the beginning of one
    #[arg(value_name = "M")]
    pub migration: String,
    /// The statement's number, as the question gave it
    #[arg(long, value_name = "K")]
    pub statement: Option<NonZeroUsize>,
    /// It took effect: resume after it; without --statement: all that is left was done by hand
    #[arg(long)]
    pub applied: bool,
    /// It had no effect: run it again
    #[arg(long, requires = "statement")]
    pub retry: bool,
    #[expect(missing_docs, reason = "Guards says it")]
    #[command(flatten)]
    pub guards: Guards,
    #[expect(missing_docs, reason = "DryRun says it")]
    #[command(flatten)]
    pub dry_run: DryRun,
}

/// `uturn prove`
#[derive(Debug, Args)]
pub struct Prove {
    #[expect(missing_docs, reason = "AllowEmpty says it")]
    #[command(flatten)]
    pub empty: AllowEmpty,
    /// Prove from this migration on; those before it are only applied
    #[arg(long, value_name = "M", env = "UTURN_FROM")]
    pub from: Option<String>,
    /// Also stop each migration after each of its statements, and check that `up` and `undo` resume from there
    #[arg(long, env = "UTURN_PARTIAL", value_parser = switch())]
    pub partial: bool,
    /// Fill every table with N generated rows, so that what fails on data fails here, and report which values a down loses
    #[arg(long, value_name = "N", env = "UTURN_ROWS")]
    pub rows: Option<NonZeroU64>,
    /// Generate other rows; the same seed generates the same ones
    #[arg(long, value_name = "S", env = "UTURN_SEED", default_value_t = 1)]
    pub seed: u64,
    /// Fail where a down does not bring values back that it could have kept
    #[arg(long, env = "UTURN_NO_LOSS", value_parser = switch())]
    pub no_loss: bool,
    /// Use a throwaway mariadbd or mysqld of this machine, as without any configured database
    #[arg(long, env = "UTURN_THROWAWAY", value_parser = switch())]
    pub throwaway: bool,
}

/// `uturn protect`
#[derive(Debug, Args)]
pub struct Protect {
    /// Why, for whoever meets it
    #[arg(long, value_name = "TEXT", env = "UTURN_REASON")]
    pub reason: Option<String>,
    #[expect(missing_docs, reason = "DryRun says it")]
    #[command(flatten)]
    pub dry_run: DryRun,
}

/// `uturn drop`
#[derive(Debug, Args)]
pub struct Drop {
    #[expect(missing_docs, reason = "Guards says it")]
    #[command(flatten)]
    pub guards: Guards,
    #[expect(missing_docs, reason = "DryRun says it")]
    #[command(flatten)]
    pub dry_run: DryRun,
}

/// `uturn wait`
#[derive(Debug, Args)]
pub struct Wait {
    /// How long at the most
    #[arg(long, value_name = "TIME", env = "UTURN_TIMEOUT", default_value = "60s", value_parser = duration)]
    pub timeout: Duration,
}

/// `uturn log`
#[derive(Debug, Args)]
pub struct Log {
    /// Only the newest N runs
    #[arg(long, value_name = "N", env = "UTURN_LAST")]
    pub last: Option<NonZeroU64>,
    /// Only runs that began since: 30m, 24h or 7d ago, or a time in UTC, 2026-11-24 or 2026-11-24T10:30:00Z
    #[arg(long, value_name = "TIME", env = "UTURN_SINCE", value_parser = since)]
    pub since: Option<Since>,
}

/// `uturn completions`
#[derive(Debug, Args)]
pub struct Completions {
    /// Which shell
    pub shell: clap_complete::Shell,
}
