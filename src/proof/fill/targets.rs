//! The rows that foreign keys may point to.

use crate::db::flavour::Flavour;
use crate::db::{error_code, packet, quote};
use crate::proof::fill::missing_rows::MissingRows;
use crate::sample_rows::column_values::Domain;
use crate::sample_rows::numeric_range::Unit;
use crate::sample_rows::table_rows::{Recipe, Targets};
use crate::sample_rows::value::Value;
use crate::schema::table::{Column, ForeignKey, Schema, Table};
use mysql::{Conn, Row};
use std::collections::BTreeMap;

/// More rows to choose from than this make no difference.
const MOST: u32 = 10_000;

/// The rows that are there for each foreign key of a table, by the key's name.
pub(super) fn read(
    conn: &mut Conn,
    database: &str,
    lack: &MissingRows<'_>,
    schema: &Schema,
) -> mysql::Result<BTreeMap<String, Targets>> {
    let mut found = BTreeMap::new();
    for (name, key) in &lack.table.foreign_keys {
        // A target that is not there any more: the key was made, or its target dropped, with foreign_key_checks=0.
        if key.target_schema.is_none() && !schema.tables.contains_key(&key.target) {
            continue;
        }
        let columns: Vec<String> = key.target_columns.iter().map(|column| quote::ident(column)).collect();
        let (list, target) = (columns.join(", "), target(database, key));
        let question = format!(
            "SELECT DISTINCT {list} FROM {target} WHERE {} IS NOT NULL ORDER BY {list} LIMIT {MOST}",
            columns.join(" IS NOT NULL AND ")
        );
        let rows = match packet::ask(conn, &question) {
            Ok(answers) => answers.into_iter().flatten().map(|row| tuple(&row, key, lack.table)).collect(),
            // A table of another database: there may be none, or no right to read it.
            Err(error) if error_code::said(&error).is_some() && !error_code::is_connection_lost(&error) => {
                Targets::new()
            }
            Err(error) => return Err(error),
        };
        found.insert(name.clone(), rows);
    }
    Ok(found)
}

fn target(database: &str, key: &ForeignKey) -> String {
    quote::table(key.target_schema.as_deref().unwrap_or(database), &key.target)
}

fn tuple(row: &Row, key: &ForeignKey, table: &Table) -> Vec<Value> {
    let column = |name: &String| table.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name));
    key.columns.iter().enumerate().map(|(place, name)| value(row, place, column(name))).collect()
}

/// A value that the server gave, as it is written for a column of the same type.
fn value(row: &Row, place: usize, column: Option<&Column>) -> Value {
    let raw = match row.as_ref(place) {
        Some(mysql::Value::Bytes(bytes)) => bytes.clone(),
        _ => return Value::Null,
    };
    match column.and_then(Domain::of) {
        Some(Domain::Steps(steps)) if matches!(steps.unit, Unit::Whole | Unit::Digit(_) | Unit::Quarter) => {
            Value::Number(String::from_utf8_lossy(&raw).into_owned())
        }
        Some(Domain::Choice(values)) if values.iter().all(|value| matches!(value, Value::Number(_))) => {
            Value::Number(String::from_utf8_lossy(&raw).into_owned())
        }
        Some(Domain::Steps(steps)) if matches!(steps.unit, Unit::Bits(_)) => Value::Bytes(raw),
        Some(Domain::Raw(_)) => Value::Bytes(raw),
        _ => Value::Text(String::from_utf8_lossy(&raw).into_owned()),
    }
}

/// Tells each recipe which rows its foreign keys may point to: those that are there, and those that its own group will make.
pub(super) fn point(recipes: &mut [(&MissingRows<'_>, Recipe<'_>)], there: Vec<BTreeMap<String, Targets>>) {
    let mut all = Vec::new();
    for ((lack, _), mut there) in recipes.iter().zip(there) {
        for (name, key) in &lack.table.foreign_keys {
            let targets = there.entry(name.clone()).or_default();
            // Rows of the table itself are seen as they are made.
            let joins = |other: &&(&MissingRows<'_>, Recipe<'_>)| other.0.name == key.target && key.target != lack.name;
            for (other, recipe) in recipes.iter().filter(joins) {
                let coming =
                    (0..other.wanted).filter_map(|offset| recipe.preview(&key.target_columns, other.there, offset));
                targets.extend(coming);
            }
        }
        all.push(there);
    }
    for ((_, recipe), there) in recipes.iter_mut().zip(all) {
        for (key, targets) in there {
            recipe.point(&key, targets);
        }
    }
}

/// Takes away rows whose foreign keys point nowhere, until there are none.
pub(super) fn remove_orphans(conn: &mut Conn, database: &str, lacks: &[MissingRows<'_>]) -> mysql::Result<()> {
    loop {
        let mut removed = 0;
        for lack in lacks {
            for key in lack.table.foreign_keys.values() {
                let pairs: Vec<String> = (key.columns.iter().zip(&key.target_columns))
                    .map(|(column, target)| format!("t.{} = c.{}", quote::ident(target), quote::ident(column)))
                    .collect();
                let set: Vec<String> =
                    key.columns.iter().map(|column| format!("c.{} IS NOT NULL", quote::ident(column))).collect();
                let first = key.target_columns.first().map(|column| quote::ident(column)).unwrap_or_default();
                let statement = format!(
                    "DELETE c FROM {} c LEFT JOIN {} t ON {} WHERE {} AND t.{first} IS NULL",
                    quote::table(database, lack.name),
                    target(database, key),
                    pairs.join(" AND "),
                    set.join(" AND ")
                );
                removed += packet::tell(conn, &statement)?.first().map_or(0, |answer| answer.affected);
            }
        }
        if removed == 0 {
            return Ok(());
        }
    }
}

/// MySQL keeps the SRID of a geometry beside its type; a value of another one is refused.
pub(super) fn set_srids(
    conn: &mut Conn,
    flavour: Flavour,
    database: &str,
    recipes: &mut [(&MissingRows<'_>, Recipe<'_>)],
) -> mysql::Result<()> {
    if flavour == Flavour::MariaDb {
        return Ok(());
    }
    let question = format!(
        "SELECT TABLE_NAME, COLUMN_NAME, SRS_ID FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = {} AND SRS_ID IS NOT NULL",
        quote::text(database)
    );
    for row in packet::ask(conn, &question)?.iter().flatten() {
        let (table, srid) = (packet::word(row, 0), u32::try_from(packet::number(row, 2)).unwrap_or_default());
        for (_, recipe) in recipes.iter_mut().filter(|(lack, _)| lack.name == table) {
            recipe.set_srid(&packet::word(row, 1), srid);
        }
    }
    Ok(())
}
