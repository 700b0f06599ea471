//! What will be removed, in words.

use crate::event::{ColumnFate, Fate, Losses, LostTable, Rows};
use crate::report::format::{count, plain};
use unicode_width::UnicodeWidthStr;

/// One list for each thing that can become of a table.
pub fn losses(losses: &Losses) -> String {
    if losses.is_empty() {
        return "no table, row or column will be removed; other changes of the migrations will be reverted".to_owned();
    }
    let mut lists = vec![
        databases(losses),
        tables(losses, |fate| *fate == Fate::Dropped, "will be dropped"),
        tables(losses, |fate| *fate == Fate::Emptied, "will be emptied"),
        tables(losses, |fate| *fate == Fate::DeletedFrom, "will be deleted from"),
        tables(losses, |fate| *fate == Fate::Overwritten, "will have values overwritten"),
        partitions(losses),
        columns(losses, ColumnFate::Dropped, "will be dropped"),
        columns(losses, ColumnFate::Converted, "will be converted, which may cut or round values"),
        not_known(losses),
    ];
    lists.retain(|list| !list.is_empty());
    lists.join("\n")
}

fn list(what: &str, head: &str, lines: Vec<(String, String)>) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let width = lines.iter().map(|(name, _)| name.width()).max().unwrap_or_default();
    let line = |(name, rows): &(String, String)| format!("    {name}{}  {rows}", " ".repeat(width - name.width()));
    let lines: Vec<String> = lines.iter().map(line).collect();
    format!("{} {head}:\n{}", count(lines.len() as u64, what), lines.join("\n"))
}

fn amount(rows: Rows, unit: &str) -> String {
    match rows {
        Rows::Exactly(rows) => count(rows, unit),
        Rows::MoreThan(rows) => format!("more than {}", count(rows, unit)),
        Rows::Unknown => format!("{unit}s not known"),
    }
}

fn tables(losses: &Losses, is_meant: impl Fn(&Fate) -> bool, head: &str) -> String {
    let meant = losses.tables.iter().filter(|table| is_meant(&table.fate));
    let line = |table: &LostTable| (plain(&table.table), amount(table.rows, "row"));
    list("table", head, meant.map(line).collect())
}

fn partitions(losses: &Losses) -> String {
    let line = |table: &LostTable| match &table.fate {
        Fate::LosesPartition(part) => Some((plain(&format!("{} of {}", part, table.table)), amount(table.rows, "row"))),
        Fate::Dropped | Fate::Emptied | Fate::DeletedFrom | Fate::Overwritten => None,
    };
    list("partition", "will be removed", losses.tables.iter().filter_map(line).collect())
}

fn columns(losses: &Losses, fate: ColumnFate, head: &str) -> String {
    let meant = losses.columns.iter().filter(|column| column.fate == fate);
    let lines =
        meant.map(|column| (plain(&format!("{}.{}", column.table, column.column)), amount(column.values, "value")));
    list("column", head, lines.collect())
}

fn databases(losses: &Losses) -> String {
    let lines = losses
        .databases
        .iter()
        .map(|one| (plain(&one.database), format!("{}, {}", count(one.tables, "table"), amount(one.rows, "row"))));
    list("database", "will be dropped", lines.collect())
}

fn not_known(losses: &Losses) -> String {
    let lines = losses
        .not_known
        .iter()
        .map(|one| (format!("statement {} of `{}`", one.statement, one.migration), plain(&one.why)));
    list("statement", "may remove more than is known", lines.collect())
}
