//! The two families of servers.

/// Which of the two families.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavour {
    /// MariaDB.
    MariaDb,
    /// MySQL.
    MySql,
}

impl Flavour {
    /// By `VERSION()`.
    pub fn of(version: &str) -> Flavour {
        if version.contains("MariaDB") { Flavour::MariaDb } else { Flavour::MySql }
    }
}
