//! What can be typed. No logic: the words, their help, and the variable that stands for each option.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

const AFTER: &str = "\
Settings come from flags, the environment and `.env`, in this order: DATABASE_URL, or DB_HOST, DB_PORT, DB_USER,
DB_PASSWORD or DB_PASSWORD_FILE, DB_NAME, DB_SOCKET. `.env.example` shows them all.

Exit codes: 0 done, or nothing to do; 1 the answer is no; 2 wrong usage, settings or files; 3 refused; 4 cannot reach
the server or get the lock; 5 stopped part-way; 6 a statement is in doubt; 130, 143 stopped by a signal.
Codes 1 to 4 mean that nothing has been changed.";

/// Plain-SQL migrations for MySQL and MariaDB that always know the way back.
#[derive(Debug, Parser)]
#[command(name = "uturn", version, after_help = AFTER, max_term_width = 110, disable_help_subcommand = true)]
pub struct Cli {
    /// Options that every command knows.
    #[command(flatten)]
    pub common: Common,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// Options that every command knows. They may stand before or after it.
#[derive(Debug, Args)]
pub struct Common {
    /// Read the migrations from this folder instead of those built into the binary
    #[arg(long, global = true, value_name = "DIR", env = "UTURN_DIR", help_heading = "Common options")]
    pub dir: Option<PathBuf>,
    /// mysql://user@host:port/database; a password belongs into the variable DATABASE_URL, DB_PASSWORD or DB_PASSWORD_FILE
    #[arg(long, global = true, value_name = "URL", help_heading = "Common options")]
    pub database_url: Option<String>,
    /// Read settings from this file instead of `.env`
    #[arg(long, global = true, value_name = "PATH", env = "UTURN_ENV_FILE", help_heading = "Common options")]
    pub env_file: Option<PathBuf>,
    /// Print events as JSON, one object a line (docs/json.md)
    #[arg(long, global = true, env = "UTURN_JSON", value_parser = switch(), help_heading = "Common options")]
    pub json: bool,
    /// When to colour: a terminal decides, unless told
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        env = "UTURN_COLOR",
        default_value = "auto",
        help_heading = "Common options"
    )]
    pub color: Color,
    /// How long to wait for another runner on the same database
    #[arg(long, global = true, value_name = "TIME", env = "UTURN_WAIT", default_value = "60s", value_parser = duration, help_heading = "Common options")]
    pub wait: Duration,
    /// How long the server may take to accept a connection
    #[arg(long, global = true, value_name = "TIME", env = "UTURN_CONNECT_TIMEOUT", default_value = "10s", value_parser = duration, help_heading = "Common options")]
    pub connect_timeout: Duration,
    /// TLS, as the mysql client's --ssl-mode
    #[arg(
        long,
        global = true,
        value_name = "MODE",
        env = "UTURN_SSL_MODE",
        ignore_case = true,
        help_heading = "Common options"
    )]
    pub ssl_mode: Option<SslMode>,
    /// PEM file of the CA that the server's certificate must come from
    #[arg(long, global = true, value_name = "PATH", env = "UTURN_SSL_CA", help_heading = "Common options")]
    pub ssl_ca: Option<PathBuf>,
    /// PEM file of this client's certificate
    #[arg(
        long,
        global = true,
        value_name = "PATH",
        env = "UTURN_SSL_CERT",
        requires = "ssl_key",
        help_heading = "Common options"
    )]
    pub ssl_cert: Option<PathBuf>,
    /// PEM file of this client's key
    #[arg(
        long,
        global = true,
        value_name = "PATH",
        env = "UTURN_SSL_KEY",
        requires = "ssl_cert",
        help_heading = "Common options"
    )]
    pub ssl_key: Option<PathBuf>,
}

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The words of the mysql client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words are the client's; db::connect::TlsMode explains them")]
pub enum SslMode {
    Disabled,
    Preferred,
    Required,
    VerifyCa,
    VerifyIdentity,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run what is pending, oldest first
    #[command(after_help = "Example: uturn up --dry-run")]
    Up(Up),
    /// Show every migration and what is true of it; never writes
    #[command(after_help = "Example: uturn status --exit-code && echo clean")]
    Status(Status),
    /// Undo the newest applied migration, or more
    #[command(after_help = "Example: uturn undo --to 20260216123000")]
    Undo(Undo),
    /// Undo the newest applied migrations and run them again
    #[command(after_help = "Example: uturn redo --steps 2")]
    Redo(Redo),
    /// Undo everything, then run everything
    #[command(after_help = "Example: uturn reset --yes")]
    Reset(Reset),
    /// Write a new pair of files
    #[command(after_help = "Example: uturn new add-phone-to-users")]
    New(New),
    /// Say what became of a statement that is in doubt
    #[command(after_help = "Example: uturn resolve 20260216123000 --statement 2 --applied")]
    Resolve(Resolve),
    /// Make the configured database, if it is not there
    #[command(after_help = "Example: uturn create && uturn up")]
    Create(DryRun),
    /// Drop the configured database
    #[command(after_help = "Example: uturn drop --yes")]
    Drop(Drop),
    /// Wait until the server answers
    #[command(after_help = "Example: uturn wait --timeout 2m && uturn up")]
    Wait(Wait),
    /// Show every run: who, from where, when, which way, how long, how it ended
    #[command(after_help = "Example: uturn log --json")]
    Log,
    /// Print a completion script
    #[command(after_help = "Example: uturn completions bash > /etc/bash_completion.d/uturn")]
    Completions(Completions),
    /// Print the manual page
    #[command(after_help = "Example: uturn man > uturn.1")]
    Man,
}

/// Prints instead of running.
#[derive(Clone, Debug, Args)]
pub struct DryRun {
    /// Print the SQL that would be sent, runnable with the mysql client, and change nothing
    #[arg(long, env = "UTURN_DRY_RUN", value_parser = switch())]
    pub dry_run: bool,
}

/// Answers to the guards' questions.
#[derive(Clone, Debug, Args)]
pub struct Guards {
    /// Do not ask
    #[arg(long, short = 'y', env = "UTURN_YES", value_parser = switch())]
    pub yes: bool,
    /// Needed as well where UTURN_ENV=production
    #[arg(long, env = "UTURN_ALLOW_PRODUCTION", value_parser = switch())]
    pub allow_production: bool,
}

/// `uturn up`
#[derive(Debug, Args)]
pub struct Up {
    /// Run up to and including this migration: a timestamp, a name, or the beginning of one
    #[arg(long, value_name = "M", env = "UTURN_TO")]
    pub to: Option<String>,
    /// Run only the oldest N
    #[arg(long, value_name = "N", env = "UTURN_STEPS")]
    pub steps: Option<NonZeroUsize>,
    /// Refuse a pending migration that is older than the newest applied one
    #[arg(long, env = "UTURN_STRICT", value_parser = switch())]
    pub strict: bool,
    #[expect(missing_docs, reason = "DryRun says it")]
    #[command(flatten)]
    pub dry_run: DryRun,
}

/// `uturn status`
#[derive(Debug, Args)]
pub struct Status {
    /// Exit 1 if anything is not applied and clean
    #[arg(long, env = "UTURN_EXIT_CODE", value_parser = switch())]
    pub exit_code: bool,
}

/// `uturn undo`
#[derive(Debug, Args)]
pub struct Undo {
    /// Undo the newest N
    #[arg(long, value_name = "N", env = "UTURN_STEPS")]
    pub steps: Option<NonZeroUsize>,
    /// Undo from the newest down to and including this migration
    #[arg(long, value_name = "M", env = "UTURN_TO")]
    pub to: Option<String>,
    /// The same, but this migration stays
    #[arg(long, value_name = "M", env = "UTURN_KEEP")]
    pub keep: Option<String>,
    /// Undo everything
    #[arg(long, env = "UTURN_ALL", value_parser = switch())]
    pub all: bool,
    #[expect(missing_docs, reason = "DownFromFiles says it")]
    #[command(flatten)]
    pub down: DownFromFiles,
    #[expect(missing_docs, reason = "Guards says it")]
    #[command(flatten)]
    pub guards: Guards,
    #[expect(missing_docs, reason = "DryRun says it")]
    #[command(flatten)]
    pub dry_run: DryRun,
}

/// Which down script runs.
#[derive(Clone, Debug, Args)]
pub struct DownFromFiles {
    /// Run the down files as they are now, not the ones recorded when the ups ran
    #[arg(long, env = "UTURN_DOWN_FROM_FILES", value_parser = switch())]
    pub down_from_files: bool,
}

/// `uturn redo`
#[derive(Debug, Args)]
pub struct Redo {
    /// Redo the newest N
    #[arg(long, value_name = "N", env = "UTURN_STEPS")]
    pub steps: Option<NonZeroUsize>,
    #[expect(missing_docs, reason = "DownFromFiles says it")]
    #[command(flatten)]
    pub down: DownFromFiles,
    #[expect(missing_docs, reason = "Guards says it")]
    #[command(flatten)]
    pub guards: Guards,
    #[expect(missing_docs, reason = "DryRun says it")]
    #[command(flatten)]
    pub dry_run: DryRun,
}

/// `uturn reset`
#[derive(Debug, Args)]
pub struct Reset {
    #[expect(missing_docs, reason = "DownFromFiles says it")]
    #[command(flatten)]
    pub down: DownFromFiles,
    #[expect(missing_docs, reason = "Guards says it")]
    #[command(flatten)]
    pub guards: Guards,
    #[expect(missing_docs, reason = "DryRun says it")]
    #[command(flatten)]
    pub dry_run: DryRun,
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
pub struct Resolve {
    /// The migration: a timestamp, a name, or the beginning of one
    #[arg(value_name = "M")]
    pub migration: String,
    /// The statement's number, as the question gave it
    #[arg(long, value_name = "K", env = "UTURN_STATEMENT")]
    pub statement: NonZeroUsize,
    /// It took effect: go on behind it
    #[arg(long, conflicts_with = "retry", required_unless_present = "retry")]
    pub applied: bool,
    /// It had no effect: run it again
    #[arg(long)]
    pub retry: bool,
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

/// `uturn completions`
#[derive(Debug, Args)]
pub struct Completions {
    /// Which shell
    pub shell: clap_complete::Shell,
}

/// A switch that a variable can set as well: `UTURN_YES=1`; empty, 0, no, off and false are no.
fn switch() -> clap::builder::FalseyValueParser {
    clap::builder::FalseyValueParser::new()
}

/// `500ms`, `30s`, `2m`, `1h`, or seconds.
fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().map_err(|_| "give a time such as 500ms, 30s, 2m or 1h".to_owned())?;
    let milliseconds = match unit {
        "ms" => 1,
        "" | "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return Err(format!("`{unit}` is no unit of time; use ms, s, m or h")),
    };
    number.checked_mul(milliseconds).map(Duration::from_millis).ok_or_else(|| "that is too long".to_owned())
}
