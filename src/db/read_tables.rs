//! Reads tables into `model::schema`, all of a database at once: eight questions in one packet, however many tables there are.

use crate::db::catalogue::IS_TABLE;
use crate::db::flavour::Flavour;
use crate::db::packet::{self, maybe_word, number, word};
use crate::db::quote;
use crate::schema::table::{Column, ForeignKey, Index, IndexPart, Partition, Schema, Table};
use mysql::{Conn, Row};
use std::collections::BTreeMap;

/// The base tables of a database, uturn's own and refinery's included.
pub fn schema(conn: &mut Conn, flavour: Flavour, database: &str) -> mysql::Result<Schema> {
    let database = quote::text(database);
    let questions = [
        tables(&database),
        columns(&database),
        parts(&database, flavour),
        foreign_keys(&database),
        referential_rules(&database),
        checks(&database, flavour),
        partitions(&database),
        triggers(&database),
    ];
    let answers = packet::ask(conn, &questions.join("; "))?;
    let [tables, columns, parts, keys, rules, checks, partitions, triggers] = &answers[..] else {
        return Ok(Schema::default());
    };
    let mut found: BTreeMap<String, Table> = tables.iter().map(|row| (word(row, 0), table(row))).collect();
    let mut each = |rows: &[Row], put: &dyn Fn(&mut Table, &Row)| {
        for row in rows {
            // What belongs to a view, or to a table made in between, is left out.
            if let Some(table) = found.get_mut(&word(row, 0)) {
                put(table, row);
            }
        }
    };
    each(columns, &|table, row| table.columns.push(column(row)));
    each(parts, &|table, row| index_part(table, row));
    each(keys, &|table, row| foreign_key_column(table, row));
    each(rules, &|table, row| {
        if let Some(key) = table.foreign_keys.get_mut(&word(row, 1)) {
            (key.on_update, key.on_delete) = (word(row, 2), word(row, 3));
        }
    });
    each(checks, &|table, row| {
        table.checks.insert(word(row, 1), word(row, 2));
    });
    each(partitions, &|table, row| table.partitions.push(Partition { name: word(row, 1), rule: word(row, 2) }));
    each(triggers, &|table, row| table.triggers.push(word(row, 1)));
    Ok(Schema { tables: found })
}

fn tables(database: &str) -> String {
    format!(
        "SELECT TABLE_NAME, ENGINE, TABLE_COLLATION, TABLE_COMMENT, CREATE_OPTIONS FROM information_schema.TABLES \
         WHERE TABLE_SCHEMA = {database} AND {IS_TABLE}"
    )
}

fn table(row: &Row) -> Table {
    Table {
        engine: word(row, 1),
        collation: word(row, 2),
        comment: word(row, 3),
        options: word(row, 4),
        ..Table::default()
    }
}

fn columns(database: &str) -> String {
    format!(
        "SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLUMN_DEFAULT, EXTRA, GENERATION_EXPRESSION, COLLATION_NAME, \
         COLUMN_COMMENT FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = {database} ORDER BY TABLE_NAME, ORDINAL_POSITION"
    )
}

fn column(row: &Row) -> Column {
    Column {
        name: word(row, 1),
        kind: word(row, 2),
        nullable: word(row, 3) == "YES",
        default: maybe_word(row, 4),
        extra: word(row, 5),
        // MySQL says the empty string where there is none.
        generated: maybe_word(row, 6).filter(|expression| !expression.is_empty()),
        collation: maybe_word(row, 7),
        comment: word(row, 8),
    }
}

fn parts(database: &str, flavour: Flavour) -> String {
    let (expression, hidden) = match flavour {
        Flavour::MariaDb => ("NULL", "IGNORED = 'YES'"),
        Flavour::MySql => ("EXPRESSION", "IS_VISIBLE = 'NO'"),
    };
    format!(
        "SELECT TABLE_NAME, INDEX_NAME, NON_UNIQUE, INDEX_TYPE, INDEX_COMMENT, {hidden}, COLUMN_NAME, {expression}, SUB_PART, \
         COLLATION FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = {database} \
         ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX"
    )
}

fn index_part(table: &mut Table, row: &Row) {
    let index = table.indexes.entry(word(row, 1)).or_insert_with(|| Index {
        unique: number(row, 2) == 0,
        kind: word(row, 3),
        comment: word(row, 4),
        visible: number(row, 5) == 0,
        parts: Vec::new(),
    });
    let column = maybe_word(row, 6).unwrap_or_else(|| format!("({})", word(row, 7)));
    let length = maybe_word(row, 8).and_then(|length| length.parse().ok());
    index.parts.push(IndexPart { column, length, descending: word(row, 9) == "D" });
}

fn foreign_keys(database: &str) -> String {
    format!(
        "SELECT TABLE_NAME, CONSTRAINT_NAME, COLUMN_NAME, NULLIF(REFERENCED_TABLE_SCHEMA, TABLE_SCHEMA), REFERENCED_TABLE_NAME, \
         REFERENCED_COLUMN_NAME FROM information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA = {database} \
         AND REFERENCED_TABLE_NAME IS NOT NULL ORDER BY TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION"
    )
}

fn foreign_key_column(table: &mut Table, row: &Row) {
    let key = table.foreign_keys.entry(word(row, 1)).or_insert_with(|| ForeignKey {
        target_schema: maybe_word(row, 3),
        target: word(row, 4),
        ..ForeignKey::default()
    });
    key.columns.push(word(row, 2));
    key.target_columns.push(word(row, 5));
}

fn referential_rules(database: &str) -> String {
    format!(
        "SELECT TABLE_NAME, CONSTRAINT_NAME, UPDATE_RULE, DELETE_RULE FROM information_schema.REFERENTIAL_CONSTRAINTS \
         WHERE CONSTRAINT_SCHEMA = {database}"
    )
}

fn checks(database: &str, flavour: Flavour) -> String {
    match flavour {
        Flavour::MariaDb => format!(
            "SELECT TABLE_NAME, CONSTRAINT_NAME, CHECK_CLAUSE FROM information_schema.CHECK_CONSTRAINTS \
             WHERE CONSTRAINT_SCHEMA = {database}"
        ),
        Flavour::MySql => format!(
            "SELECT t.TABLE_NAME, c.CONSTRAINT_NAME, c.CHECK_CLAUSE FROM information_schema.CHECK_CONSTRAINTS c \
             JOIN information_schema.TABLE_CONSTRAINTS t ON t.CONSTRAINT_SCHEMA = c.CONSTRAINT_SCHEMA \
             AND t.CONSTRAINT_NAME = c.CONSTRAINT_NAME AND t.CONSTRAINT_TYPE = 'CHECK' \
             WHERE c.CONSTRAINT_SCHEMA = {database} AND t.ENFORCED = 'YES'"
        ),
    }
}

fn partitions(database: &str) -> String {
    format!(
        "SELECT TABLE_NAME, CONCAT_WS('.', PARTITION_NAME, SUBPARTITION_NAME), \
         CONCAT_WS(' ', PARTITION_METHOD, PARTITION_EXPRESSION, PARTITION_DESCRIPTION, SUBPARTITION_METHOD, SUBPARTITION_EXPRESSION) \
         FROM information_schema.PARTITIONS WHERE TABLE_SCHEMA = {database} AND PARTITION_NAME IS NOT NULL \
         ORDER BY TABLE_NAME, PARTITION_ORDINAL_POSITION, SUBPARTITION_ORDINAL_POSITION"
    )
}

fn triggers(database: &str) -> String {
    format!(
        "SELECT EVENT_OBJECT_TABLE, TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = {database} \
         ORDER BY EVENT_OBJECT_TABLE, TRIGGER_NAME"
    )
}
