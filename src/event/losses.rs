//! What an undo will remove, by the names that things have now.

use crate::migration::name::Name;

/// All of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Losses {
    /// Tables that are dropped, and tables that lose rows or values, in the order of the statements.
    pub tables: Vec<LostTable>,
    /// Columns that are dropped, or get another type.
    pub columns: Vec<LostColumn>,
    /// Databases that are dropped.
    pub databases: Vec<LostDatabase>,
    /// Statements of which nobody can tell what they remove.
    pub not_known: Vec<NotKnown>,
}

impl Losses {
    /// Nothing is removed.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty() && self.columns.is_empty() && self.databases.is_empty() && self.not_known.is_empty()
    }
}

/// What becomes of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is dropped.
    Dropped,
    /// All its rows go.
    Emptied,
    /// Some of its rows go.
    DeletedFrom,
    /// Some of its values are written over.
    Overwritten,
    /// This partition goes, with its rows.
    LosesPartition(String),
}

/// A table, and its rows now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostTable {
    /// Its name; with its database where that is not the configured one.
    pub table: String,
    /// What becomes of it.
    pub fate: Fate,
    /// Its rows, or those of the partition.
    pub rows: Rows,
}

/// A column, and its values now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostColumn {
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
    /// What becomes of it.
    pub fate: ColumnFate,
    /// The rows that hold a value in it.
    pub values: Rows,
}

/// What becomes of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnFate {
    /// It is dropped.
    Dropped,
    /// It gets another definition; what does not fit may be cut or rounded.
    Converted,
}

/// A database, and what it holds now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostDatabase {
    /// Its name.
    pub database: String,
    /// How many tables it has.
    pub tables: u64,
    /// Their rows.
    pub rows: Rows,
}

/// A statement of which nobody can tell what it removes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotKnown {
    /// The migration.
    pub migration: Name,
    /// Which statement of its down, counted from 1.
    pub statement: usize,
    /// Why.
    pub why: String,
}

/// A count of rows that does not take minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    /// Counted.
    Exactly(u64),
    /// More than this many.
    MoreThan(u64),
    /// They could not be counted in time, or not at all.
    Unknown,
}

impl Rows {
    /// There are none.
    pub fn is_none(self) -> bool {
        self == Rows::Exactly(0)
    }

    /// Both together.
    pub fn plus(self, other: Rows) -> Rows {
        match (self, other) {
            (Rows::Unknown, _) | (_, Rows::Unknown) => Rows::Unknown,
            (Rows::Exactly(a), Rows::Exactly(b)) => Rows::Exactly(a + b),
            (Rows::MoreThan(a), Rows::Exactly(b) | Rows::MoreThan(b)) | (Rows::Exactly(a), Rows::MoreThan(b)) => {
                Rows::MoreThan(a + b)
            }
        }
    }
}
