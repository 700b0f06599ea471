//! The script of tests/fixtures/crash, and everything that it can change: a statement run twice, or not at all, shows.

use crate::support::app::on;
use crate::support::server::Db;
use std::path::Path;
use std::process::Command;

/// Up.
pub const UP: &str = "up";
/// And all the way back.
pub const UNDO: &str = "undo --all --yes";

/// So many migrations.
pub const MIGRATIONS: usize = 8;

/// The binary, with the script, on a database.
pub fn command(db: &Db, words: &str) -> Command {
    let mut command = on(db);
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/crash");
    command.arg("--dir").arg(scripts).args(words.split_whitespace());
    command
}

/// Everything that a migration can change, as text.
pub fn snapshot(db: &Db) -> Vec<String> {
    let mut all = db.schema();
    for table in db.tables() {
        all.push(table.clone());
        all.extend(db.rows(&format!("SELECT * FROM `{table}` ORDER BY 1")));
    }
    all.extend(programs(db));
    all.iter().map(|line| line.replace(&db.name, "DATABASE")).collect()
}

/// Routines, triggers, events, partitions, and the history.
pub fn programs(db: &Db) -> Vec<String> {
    let mut all = Vec::new();
    for (list, schema, columns) in [
        ("ROUTINES", "ROUTINE_SCHEMA", "ROUTINE_NAME, ROUTINE_DEFINITION"),
        ("TRIGGERS", "TRIGGER_SCHEMA", "TRIGGER_NAME, ACTION_STATEMENT"),
        ("EVENTS", "EVENT_SCHEMA", "EVENT_NAME, STATUS"),
        ("PARTITIONS", "TABLE_SCHEMA", "TABLE_NAME, PARTITION_NAME"),
    ] {
        all.extend(db.rows(&format!(
            "SELECT {columns} FROM information_schema.{list} WHERE {schema} = DATABASE() \
             ORDER BY 1, 2"
        )));
    }
    if !db.rows("SHOW TABLES LIKE 'refinery_schema_history'").is_empty() {
        all.extend(db.history());
        all.extend(db.rows("SELECT 'open run' FROM refinery_schema_history_run WHERE state IN ('running', 'stopped')"));
    }
    all
}
