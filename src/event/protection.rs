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

impl Protection {
    /// Since when, as people read it: `2026-01-28 10:00:00Z`.
    pub fn since_when(&self) -> String {
        self.since.replacen('T', " ", 1)
    }
}
