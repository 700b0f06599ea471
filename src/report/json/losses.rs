//! What will be removed, as JSON.

use crate::event::{ColumnFate, Fate, Losses, LostColumn, LostDatabase, LostTable, NotKnown, Rows};
use serde_json::{Value, json};

pub fn losses(losses: &Losses) -> Value {
    json!({
        "event": "would_go",
        "tables": losses.tables.iter().map(table).collect::<Vec<_>>(),
        "columns": losses.columns.iter().map(column).collect::<Vec<_>>(),
        "databases": losses.databases.iter().map(database).collect::<Vec<_>>(),
        "not_known": losses.not_known.iter().map(not_known).collect::<Vec<_>>(),
    })
}

fn rows(rows: Rows) -> (u64, bool, bool) {
    match rows {
        Rows::Exactly(rows) => (rows, true, true),
        Rows::MoreThan(rows) => (rows, false, true),
        Rows::Unknown => (0, false, false),
    }
}

fn table(lost: &LostTable) -> Value {
    let (rows, exact, known) = rows(lost.rows);
    let (what, partition) = match &lost.fate {
        Fate::Dropped => ("dropped", None),
        Fate::Emptied => ("emptied", None),
        Fate::DeletedFrom => ("deleted_from", None),
        Fate::Overwritten => ("overwritten", None),
        Fate::LosesPartition(part) => ("partition", Some(part)),
    };
    json!({
        "table": lost.table, "what": what, "partition": partition, "rows": rows, "exact": exact, "known": known,
    })
}

fn column(lost: &LostColumn) -> Value {
    let (rows, exact, known) = rows(lost.values);
    let what = match lost.fate {
        ColumnFate::Dropped => "dropped",
        ColumnFate::Converted => "converted",
    };
    json!({
        "table": lost.table, "column": lost.column, "what": what, "rows": rows, "exact": exact, "known": known,
    })
}

fn database(lost: &LostDatabase) -> Value {
    let (rows, exact, known) = rows(lost.rows);
    json!({"database": lost.database, "tables": lost.tables, "rows": rows, "exact": exact, "known": known})
}

fn not_known(lost: &NotKnown) -> Value {
    json!({"migration": lost.migration.stem(), "statement": lost.statement, "why": lost.why})
}
