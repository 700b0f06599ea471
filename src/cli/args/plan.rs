//! The options of `plan`: those of `up` and `undo`, and the gates.

use super::options::DownFromFiles;
use super::value::{size, switch};
use clap::{Args, Subcommand};
use std::num::NonZeroUsize;

/// `uturn plan`
#[derive(Debug, Args)]
pub struct Plan {
    /// Exit 1 if the statements together would rebuild more than this: 500MiB, 1GiB
    #[arg(long, global = true, value_name = "SIZE", env = "UTURN_MAX_REBUILD", value_parser = size)]
    pub max_rebuild: Option<u64>,
    /// Exit 1 if a statement would block reads or writes, or if nobody can say
    #[arg(long, global = true, env = "UTURN_REQUIRE_ONLINE", value_parser = switch())]
    pub require_online: bool,
    /// Exit 1 if a table, a column, a partition or rows would be gone
    #[arg(long, global = true, env = "UTURN_NO_DESTRUCTIVE", value_parser = switch())]
    pub no_destructive: bool,
    #[expect(missing_docs, reason = "PlanUp says it")]
    #[command(flatten)]
    pub up: PlanUp,
    /// Which command is planned.
    #[command(subcommand)]
    pub what: Option<PlanWhat>,
}

/// Which command is planned.
#[derive(Debug, Subcommand)]
pub enum PlanWhat {
    /// What `uturn up` would do; the same as `uturn plan`
    Up(PlanUp),
    /// What `uturn undo` would do
    Undo(PlanUndo),
}

/// As `uturn up`
#[derive(Debug, Args)]
pub struct PlanUp {
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

/// As `uturn undo`
#[derive(Debug, Args)]
pub struct PlanUndo {
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
    #[expect(missing_docs, reason = "DownFromFiles says it")]
    #[command(flatten)]
    pub down: DownFromFiles,
}
