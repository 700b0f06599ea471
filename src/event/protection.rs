//! The mark that makes undo, redo, reset and drop ask for more.

/// What a database says of its protection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protection {
    /// UTC, `2026-01-28T10:00:00Z`.
    pub since: String,
    /// Who: operating system user, account, machine.
    pub by: String,
    /// Why.
    pub reason: Option<String>,
}
