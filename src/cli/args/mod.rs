//! What can be typed. No logic: the words, their help, and the variable that stands for each option.

mod options;
mod plan;
mod value;

pub use options::{
    AllowEmpty, Completions, DownData, DownFromFiles, Drop, DryRun, GoingBack, Guards, Log, New, Protect, Prove, Redo,
    Reset, Resolve, Running, Status, Undo, UndoTarget, Up, UpTarget, Wait,
};
pub use plan::{Plan, PlanUndo, PlanWhat};
pub use value::Since;

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use std::time::Duration;
use value::{duration, switch};

const AFTER: &str = "\
Settings come from flags, the environment and `.env`, in this order: DATABASE_URL, or DB_HOST,
DB_PORT, DB_USER, DB_PASSWORD or DB_PASSWORD_FILE, DB_NAME, DB_SOCKET. `.env.example` shows them all.

Exit codes: 0 done, or nothing to do; 1 the check failed; 2 wrong usage, settings or files;
3 refused; 4 cannot reach the server or get the lock; 5 stopped part-way;
6 the outcome of a statement is unknown; 130, 143 stopped by a signal.
Codes 1 to 4 mean that nothing has been changed.";

/// Plain-SQL migrations for MySQL and MariaDB, with down scripts that are proven to revert their ups.
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
    /// Read the migrations from this folder; without it those built into the binary count, and where there are none, ./sql
    #[arg(long, global = true, value_name = "DIR", env = "UTURN_DIR", help_heading = "Common options")]
    pub dir: Option<PathBuf>,
    /// Use the migrations that are built into the binary, whatever ./sql holds
    #[arg(long, global = true, env = "UTURN_BUILT_IN", value_parser = switch(), help_heading = "Common options")]
    pub built_in: bool,
    /// Let LOAD DATA LOCAL send files of this machine, those that the migrations name; paths start in --dir
    #[arg(long, global = true, env = "UTURN_ALLOW_LOCAL_INFILE", value_parser = switch(), help_heading = "Common options")]
    pub allow_local_infile: bool,
    /// Read user, password, host, port, socket and ssl-* from the `[client]` groups of this option file of the mysql client
    #[arg(long, global = true, value_name = "PATH", env = "UTURN_DEFAULTS_FILE", help_heading = "Common options")]
    pub defaults_file: Option<PathBuf>,
    /// mysql://user@host:port/database; a password belongs in the variable DATABASE_URL, DB_PASSWORD or DB_PASSWORD_FILE
    #[arg(long, global = true, value_name = "URL", help_heading = "Common options")]
    pub database_url: Option<String>,
    /// Read settings from this file instead of `.env`
    #[arg(long, global = true, value_name = "PATH", env = "UTURN_ENV_FILE", help_heading = "Common options")]
    pub env_file: Option<PathBuf>,
    /// Print events as JSON, one object a line (docs/reference/json.md)
    #[arg(long, global = true, env = "UTURN_JSON", value_parser = switch(), help_heading = "Common options")]
    pub json: bool,
    /// When to colour; without it a terminal decides
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
    /// Write to one node of a Galera cluster, or of a multi-primary group: states that no other uturn runs on any node
    #[arg(long, global = true, env = "UTURN_ALLOW_CLUSTER", value_parser = switch(), help_heading = "Common options")]
    pub allow_cluster: bool,
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
    /// Check the files only, without a server: names, pairs, mistakes, risks
    #[command(
        after_help = "Example: uturn check --dir sql\n\nExit codes: 0 nothing found; 1 something found; 2 the folder cannot be read"
    )]
    Check(AllowEmpty),
    /// Run what is pending, oldest first
    #[command(
        after_help = "Example: uturn up --dry-run\n\nExit codes: 0 done, or nothing to do; 2 usage, settings, files or target; 3 refused;\n4 no server or lock; 5 stopped part-way; 6 outcome unknown; 130, 143 stopped by a signal"
    )]
    Up(Up),
    /// Show every migration and what is true of it; never writes
    #[command(
        after_help = "Example: uturn status --exit-code && echo in sync\n\nExit codes: 0 printed; 1 something is not applied and in sync, with --exit-code;\n2 usage, settings or files; 3 refused; 4 no server"
    )]
    Status(Status),
    /// Undo the newest applied migration, or more
    #[command(
        after_help = "Example: uturn undo --to 20260216123000\n\nExit codes: 0 done, or nothing to do; 2 usage, settings, files or target; 3 refused;\n4 no server or lock; 5 stopped part-way; 6 outcome unknown; 130, 143 stopped by a signal"
    )]
    Undo(Undo),
    /// Undo the newest applied migrations and run them again
    #[command(
        after_help = "Example: uturn redo --steps 2\n\nExit codes: 0 done, or nothing to do; 2 usage, settings, files or target; 3 refused;\n4 no server or lock; 5 stopped part-way; 6 outcome unknown; 130, 143 stopped by a signal"
    )]
    Redo(Redo),
    /// Undo everything, then run everything
    #[command(
        after_help = "Example: uturn reset --yes\n\nExit codes: 0 done, or nothing to do; 2 usage, settings, files or target; 3 refused;\n4 no server or lock; 5 stopped part-way; 6 outcome unknown; 130, 143 stopped by a signal"
    )]
    Reset(Reset),
    /// Write a new pair of files
    #[command(after_help = "Example: uturn new add-phone-to-users\n\nExit codes: 0 both files are written; 2 none is")]
    New(New),
    /// Prove in a scratch database that every down reverts its up
    #[command(
        after_help = "Example: uturn prove --from 20260216123000\n\nExit codes: 0 proven; 1 not proven; 2 usage, settings or files; 3 refused; 4 no server"
    )]
    Prove(Prove),
    /// Show what would run and what each statement would cost, as the server answers
    #[command(
        after_help = "Example: uturn plan --require-online --max-rebuild 1GiB\n\nExit codes: 0 printed; 1 a limit is broken, or cannot be answered; 2 usage, settings, files or target;\n3 refused; 4 no server"
    )]
    Plan(Plan),
    /// Record an outcome that uturn cannot determine, or what was completed by hand
    #[command(
        after_help = "Example: uturn resolve 20260216123000 --statement 2 --applied\n\nExit codes: 0 recorded; 2 the outcome of that statement is known, or nothing stopped;\n3 refused; 4 no server or lock"
    )]
    Resolve(Resolve),
    /// Create the configured database, if it is not there
    #[command(
        after_help = "Example: uturn create && uturn up\n\nExit codes: 0 it is there; 2 settings; 3 the account may not; 4 no server"
    )]
    Create(DryRun),
    /// Drop the configured database
    #[command(after_help = "Example: uturn drop --yes\n\nExit codes: 0 it is gone; 2 settings; 3 refused; 4 no server")]
    Drop(Drop),
    /// Mark the database, so that undo, redo, reset and drop need its name as well
    #[command(
        after_help = "Example: uturn protect --reason 'the live shop'\n\nExit codes: 0 it is protected; 2 settings; 3 the account may not; 4 no server or lock"
    )]
    Protect(Protect),
    /// Remove that mark
    #[command(
        after_help = "Example: uturn unprotect && uturn undo && uturn protect\n\nExit codes: 0 it is not protected; 2 settings; 3 the account may not; 4 no server or lock"
    )]
    Unprotect(DryRun),
    /// Wait until the server answers
    #[command(
        after_help = "Example: uturn wait --timeout 2m && uturn up\n\nExit codes: 0 it answers; 2 settings; 4 it does not"
    )]
    Wait(Wait),
    /// Show every run: who, from where, when, which way, how long, how it ended
    #[command(
        after_help = "Example: uturn log --since 24h\n\nExit codes: 0 printed; 2 usage, settings or files; 3 refused; 4 no server"
    )]
    Log(Log),
    /// Print a completion script
    #[command(
        after_help = "Example: uturn completions bash > /etc/bash_completion.d/uturn\n\nExit codes: 0 printed; 2 no such shell"
    )]
    Completions(Completions),
    /// Print the manual page
    #[command(after_help = "Example: uturn man > uturn.1\n\nExit codes: 0 printed")]
    Man,
}
