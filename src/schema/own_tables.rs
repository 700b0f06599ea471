//! The tables of uturn and refinery: they are no part of a schema.

/// refinery's table: one row for each applied migration.
pub const HISTORY: &str = "refinery_schema_history";
/// The journal: one row a run of a script.
pub const RUN: &str = "refinery_schema_history_run";
/// The journal: one row a statement.
pub const STEP: &str = "refinery_schema_history_step";
/// There while the database is protected.
pub const PROTECTION: &str = "refinery_schema_history_protection";
/// All of them.
pub const ALL: [&str; 4] = [HISTORY, RUN, STEP, PROTECTION];

/// Whether a table is one of them. Names differ in case on servers that fold them.
pub fn is_own(table: &str) -> bool {
    ALL.iter().any(|own| own.eq_ignore_ascii_case(table))
}
