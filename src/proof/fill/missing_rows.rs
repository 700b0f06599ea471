//! A table that has fewer rows than wished.

use crate::sample_rows::table_rows::Why;
use crate::schema::table::Table;

/// A table that is to get rows.
pub(super) struct MissingRows<'a> {
    pub(super) name: &'a str,
    pub(super) table: &'a Table,
    /// Rows that are there.
    pub(super) there: u64,
    /// Rows to be made.
    pub(super) wanted: u64,
}

/// A reason, in words.
pub(super) fn reason(why: &Why) -> String {
    match why {
        Why::Type { column, kind } => format!("no values are known for the type `{kind}` of column `{column}`"),
        Why::NoTarget { target } => format!("a foreign key must point to `{target}`, where no row fits"),
        Why::Room => "a unique key has no room for more".to_owned(),
    }
}
