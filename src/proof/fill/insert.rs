//! Inserts made-up rows: many at a time, and where the server refuses them, fewer, down to the one that it refuses.

use crate::db::{error_code, packet, quote};
use crate::proof::fill::missing_rows::{MissingRows, reason};
use crate::sample_rows::column::{ATTEMPTS, Place};
use crate::sample_rows::table_rows::{Recipe, Why};
use crate::sample_rows::value::Value;
use mysql::Conn;
use std::collections::BTreeSet;

/// A packet is sent when it is longer than this: every server takes 1 MiB.
const PACKET: usize = 1 << 19;

/// Makes the rows that a table lacks. Gives back why there are not as many, if there are not.
pub(super) fn rows(
    conn: &mut Conn,
    database: &str,
    lack: &MissingRows<'_>,
    recipe: &Recipe<'_>,
) -> mysql::Result<Option<String>> {
    let columns = recipe.columns();
    let names: Vec<String> = columns.iter().map(|place| quote::ident(&lack.table.columns[*place].name)).collect();
    let head = format!("INSERT INTO {} ({}) VALUES ", quote::table(database, lack.name), names.join(", "));
    let mut into = Landing { conn, head, columns, is_transactional: lack.table.engine.eq_ignore_ascii_case("InnoDB") };
    let mut left: Vec<u64> = (0..lack.wanted).collect();
    let mut why = None;
    packet::tell(into.conn, "START TRANSACTION")?;
    for attempt in 0..ATTEMPTS {
        let (made, refusal) = make(recipe, lack.there, &left, attempt);
        let refused = into.insert(&made)?;
        if let Some((_, said)) = refused.first() {
            why = Some(said.clone());
        }
        why = why.or(refusal.as_ref().map(reason));
        let refused: BTreeSet<u64> = refused.into_iter().map(|(offset, _)| offset).collect();
        let landed: BTreeSet<u64> =
            made.iter().map(|(offset, _)| *offset).filter(|offset| !refused.contains(offset)).collect();
        left.retain(|offset| !landed.contains(offset));
        if left.is_empty() {
            why = None;
            break;
        }
    }
    packet::tell(into.conn, "COMMIT")?;
    Ok(why)
}

type Made = Vec<(u64, Vec<Value>)>;

/// The rows that can be made, and why others cannot.
fn make(recipe: &Recipe<'_>, start: u64, offsets: &[u64], attempt: u64) -> (Made, Option<Why>) {
    let mut made: Vec<Vec<Value>> = Vec::with_capacity(offsets.len());
    let mut placed = Vec::with_capacity(offsets.len());
    let mut refusal = None;
    for offset in offsets {
        match recipe.row(Place { start, offset: *offset, attempt }, &made) {
            Ok(row) => {
                made.push(row);
                placed.push(*offset);
            }
            Err(why) => refusal = Some(why),
        }
    }
    (placed.into_iter().zip(made).collect(), refusal)
}

/// Where rows go.
struct Landing<'a> {
    conn: &'a mut Conn,
    head: String,
    columns: Vec<usize>,
    /// A statement that fails leaves nothing.
    is_transactional: bool,
}

impl Landing<'_> {
    /// Inserts rows, and gives back those that the server refuses, with its words.
    fn insert(&mut self, rows: &[(u64, Vec<Value>)]) -> mysql::Result<Vec<(u64, String)>> {
        let written: Vec<(u64, String)> =
            rows.iter().map(|(offset, row)| (*offset, written(row, &self.columns))).collect();
        let mut refused = Vec::new();
        let mut rest = written.as_slice();
        while !rest.is_empty() {
            let mut length = 0;
            let fits = |row: &&(u64, String)| {
                length += row.1.len();
                length <= PACKET
            };
            let count = if self.is_transactional { rest.iter().take_while(fits).count().max(1) } else { 1 };
            let (now, later) = rest.split_at(count);
            self.some(now, &mut refused)?;
            rest = later;
        }
        Ok(refused)
    }

    fn some(&mut self, rows: &[(u64, String)], refused: &mut Vec<(u64, String)>) -> mysql::Result<()> {
        let values: Vec<&str> = rows.iter().map(|(_, row)| row.as_str()).collect();
        match packet::tell(self.conn, &format!("{}{}", self.head, values.join(", "))) {
            Ok(_) => Ok(()),
            Err(error) => match error_code::said(&error) {
                Some(said) if !error_code::is_connection_lost(&error) => {
                    if let [(offset, _)] = rows {
                        refused.push((*offset, said.to_string()));
                        return Ok(());
                    }
                    let (first, second) = rows.split_at(rows.len() / 2);
                    self.some(first, refused)?;
                    self.some(second, refused)
                }
                _ => Err(error),
            },
        }
    }
}

fn written(row: &[Value], columns: &[usize]) -> String {
    let values: Vec<String> = columns.iter().map(|place| literal(&row[*place])).collect();
    format!("({})", values.join(", "))
}

/// A value, as it stands in a statement.
pub(super) fn literal(value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Default => "DEFAULT".to_owned(),
        Value::Number(number) => number.clone(),
        Value::Text(text) => quote::text(text),
        Value::Bytes(bytes) => quote::bytes(bytes),
        Value::Shape(text, srid) => format!("ST_GeomFromText('{text}', {srid})"),
    }
}
