//! Reads rows as digests, by which `model::fill::loss` tells what did not come back.

use crate::db::{packet, quote};
use crate::sample_rows::column;
use crate::sample_rows::loss::{Contents, Rows};
use crate::schema::table::{Schema, Table};
use mysql::{Conn, Row, Value};
use std::hash::{DefaultHasher, Hash, Hasher};

/// The rows of all tables.
pub(super) fn contents(conn: &mut Conn, database: &str, schema: &Schema) -> mysql::Result<Contents> {
    let mut contents = Contents::new();
    for (name, table) in &schema.tables {
        let columns = compared(table);
        let key = key(table);
        let names: Vec<String> = key.iter().chain(&columns).map(|column| quote::ident(column)).collect();
        if columns.is_empty() {
            continue;
        }
        let question = format!("SELECT {} FROM {}", names.join(", "), quote::table(database, name));
        let answer = packet::ask(conn, &question)?;
        let rows = answer.iter().flatten().map(|row| digests(row, key.len(), columns.len())).collect();
        contents.insert(name.clone(), Rows { columns, rows });
    }
    Ok(contents)
}

/// The columns whose values have to come back.
fn compared(table: &Table) -> Vec<String> {
    let is_compared = |column: &&crate::schema::table::Column| {
        !column::is_generated(column) && !column.extra.to_ascii_lowercase().contains("on update")
    };
    table.columns.iter().filter(is_compared).map(|column| column.name.clone()).collect()
}

fn key(table: &Table) -> Vec<String> {
    let parts = table.indexes.get("PRIMARY").map(|index| index.parts.as_slice()).unwrap_or_default();
    parts.iter().map(|part| part.column.clone()).collect()
}

fn digests(row: &Row, keys: usize, columns: usize) -> (Option<u64>, Vec<u64>) {
    let digest = |from: usize, to: usize| {
        let mut hasher = DefaultHasher::new();
        for place in from..to {
            match row.as_ref(place) {
                Some(Value::Bytes(bytes)) => bytes.hash(&mut hasher),
                Some(Value::NULL) | None => 0_u8.hash(&mut hasher),
                Some(other) => other.as_sql(true).hash(&mut hasher),
            }
        }
        hasher.finish()
    };
    let values = (keys..keys + columns).map(|place| digest(place, place + 1)).collect();
    ((keys > 0).then(|| digest(0, keys)), values)
}
