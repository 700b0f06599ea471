//! The options of `plan`: those of `up` and `undo`, and the gates.

use super::options::{AllowEmpty, DownFromFiles, UndoTarget, UpTarget};
use super::value::{size, switch};
use clap::{Args, Subcommand};

/// `uturn plan`
#[derive(Debug, Args)]
pub struct Plan {
    #[expect(missing_docs, reason = "AllowEmpty says it")]
    #[command(flatten)]
    pub empty: AllowEmpty,
    /// Exit 1 if the statements together would rebuild more than this: 500MiB, 1GiB
    #[arg(long, global = true, value_name = "SIZE", env = "UTURN_MAX_REBUILD", value_parser = size)]
    pub max_rebuild: Option<u64>,
    /// Exit 1 if a statement would block reads or writes, or if nobody can say
    #[arg(long, global = true, env = "UTURN_REQUIRE_ONLINE", value_parser = switch())]
    pub require_online: bool,
    /// Exit 1 if a table, a column, a partition or rows will be lost
    #[arg(long, global = true, env = "UTURN_NO_DESTRUCTIVE", value_parser = switch())]
    pub no_destructive: bool,
    /// As for `uturn up`, without which this exits 3: the database has tables, views, routines or events, but no history
    #[arg(long, global = true, env = "UTURN_ALLOW_NON_EMPTY", value_parser = switch())]
    pub allow_non_empty: bool,
    #[expect(missing_docs, reason = "UpTarget says it")]
    #[command(flatten)]
    pub up: UpTarget,
    /// Which command is planned.
    #[command(subcommand)]
    pub what: Option<PlanWhat>,
}

/// Which command is planned.
#[derive(Debug, Subcommand)]
pub enum PlanWhat {
    /// What `uturn up` would do; the same as `uturn plan`
    Up(UpTarget),
    /// What `uturn undo` would do
    Undo(PlanUndo),
}

/// As `uturn undo`
#[derive(Debug, Args)]
pub struct PlanUndo {
    #[expect(missing_docs, reason = "UndoTarget says it")]
    #[command(flatten)]
    pub target: UndoTarget,
    #[expect(missing_docs, reason = "DownFromFiles says it")]
    #[command(flatten)]
    pub down: DownFromFiles,
}
