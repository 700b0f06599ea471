//! What waits for the next commit, in the order in which it is written: statements, and the rows of runs. However much there
//! is to say of a run, its row is written once a transaction, and the end of one run together with the beginning of the next:
//! a statement costs a server as much as a command does.

use crate::db::quote;
use crate::schema::own_tables::RUN;
use std::borrow::Cow;
use std::fmt::Write;

/// A column and what is written into it, an expression.
pub type Column = (&'static str, Cow<'static, str>);

/// Rows of runs that are written in one statement have no more than so many bytes of what is there already.
const AGAIN_AT_MOST: usize = 2 * 1024;

/// What an intent writes into the row of its run.
pub const OF_INTENT: [&str; 7] = ["step", "step_state", "kind", "sql_sha256", "sql_head", "connection_id", "evidence"];

/// Statements and rows.
#[derive(Debug, Default)]
pub struct Waiting {
    parts: Vec<Part>,
    /// Behind so many of them begins what belongs to the newest run.
    newest: usize,
    /// The run that was begun last, and what was written into its row.
    begun: Option<(u64, Vec<Column>)>,
    /// Each row is written by itself.
    is_apart: bool,
}

#[derive(Debug)]
enum Part {
    Statement(String),
    Run(RunRow),
}

/// What is written into the row of a run.
#[derive(Debug)]
pub struct RunRow {
    number: u64,
    /// It is a new one.
    begins: bool,
    /// The lock that this session must hold.
    fence: Option<String>,
    columns: Vec<Column>,
    /// Changed by its DML since it was written last.
    rows: u64,
}

/// An error under every sql_mode (ER_DATA_OUT_OF_RANGE), also in an INSERT of several rows, where NULL for a column that
/// takes none would be a warning. Neither server computes it unless it is asked for (tried on both).
const ERROR: &str = "18446744073709551615 + 1";

impl Waiting {
    /// Adds a statement.
    pub fn add(&mut self, statement: &str) {
        let statement = statement.trim_end_matches([' ', ';', '\n']);
        if !statement.is_empty() {
            self.parts.push(Part::Statement(statement.to_owned()));
        }
    }

    /// What is added from here on belongs to a new run.
    pub fn begin_new(&mut self) {
        self.newest = self.parts.len();
    }

    /// Adds the row of a new run.
    pub fn begin(&mut self, number: u64, columns: Vec<Column>) {
        self.parts.push(Part::Run(RunRow { number, begins: true, fence: None, columns, rows: 0 }));
    }

    /// The row of a run: the one that waits already, or what is to be changed in the one that is written.
    pub fn run(&mut self, number: u64) -> &mut RunRow {
        let is_it = |part: &Part| matches!(part, Part::Run(row) if row.number == number);
        let place = self.parts.iter().rposition(is_it).unwrap_or_else(|| {
            self.parts.push(Part::Run(RunRow { number, begins: false, fence: None, columns: Vec::new(), rows: 0 }));
            self.parts.len() - 1
        });
        match &mut self.parts[place] {
            Part::Run(row) => row,
            Part::Statement(_) => unreachable!("it was looked for among the rows"),
        }
    }

    /// Forgets a statement.
    pub fn forget(&mut self, statement: &str) {
        self.parts.retain(|part| !matches!(part, Part::Statement(own) if own == statement));
    }

    /// Forgets the intent that hangs on the lock: the last statement, or what the row of a run tells of one.
    pub fn forget_intent(&mut self) {
        self.is_apart = true;
        let fenced = self.parts.iter_mut().rev().find_map(|part| match part {
            Part::Run(row) if row.fence.is_some() => Some(row),
            _ => None,
        });
        match fenced {
            Some(row) => {
                row.fence = None;
                row.columns.retain(|(name, _)| !OF_INTENT.contains(name));
            }
            None => drop(self.parts.pop()),
        }
    }

    /// Forgets what belongs to the newest run.
    pub fn forget_newest(&mut self) {
        self.parts.truncate(self.newest);
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.parts.clear();
    }

    /// Everything is written.
    pub fn are_written(&mut self) {
        for part in self.parts.drain(..) {
            if let Part::Run(RunRow { number, begins: true, mut columns, .. }) = part {
                // Of no use once it is done.
                columns.retain(|(name, _)| *name != "evidence");
                let size: usize = columns.iter().map(|(_, value)| value.len()).sum();
                self.begun = (size <= AGAIN_AT_MOST).then_some((number, columns));
            }
        }
    }

    /// Nothing waits.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// About how many bytes it has.
    pub fn size(&self) -> usize {
        let size = |part: &Part| match part {
            Part::Statement(statement) => statement.len(),
            Part::Run(row) => row.columns.iter().map(|(_, value)| value.len()).sum(),
        };
        self.parts.iter().map(size).sum()
    }

    /// The statements that write it.
    pub fn statements(&self, schema: &str) -> Vec<String> {
        let table = quote::table(schema, RUN);
        let both = self.end_and_beginning();
        let statement = |part: &Part| match (part, both) {
            (Part::Statement(statement), _) => Some(statement.clone()),
            (Part::Run(row), Some((_, end, _))) if std::ptr::eq(row, end) => None,
            (Part::Run(row), Some((known, end, new))) if std::ptr::eq(row, new) => Some(new.behind(known, end, &table)),
            (Part::Run(row), _) => Some(row.statement(&table)),
        };
        self.parts.iter().filter_map(statement).collect()
    }

    /// The end of the run that was begun last, with what is known of its row, and the beginning of the one behind it.
    fn end_and_beginning(&self) -> Option<(&[Column], &RunRow, &RunRow)> {
        let (number, known) = self.begun.as_ref().filter(|_| !self.is_apart)?;
        let rows = || self.parts.iter().filter_map(|part| if let Part::Run(row) = part { Some(row) } else { None });
        let end = rows().find(|row| row.number == *number && !row.begins)?;
        let new = rows().find(|row| row.number == *number + 1 && row.begins)?;
        Some((known, end, new))
    }
}

impl RunRow {
    /// What is written into columns; what was to be written there before is not.
    pub fn set(&mut self, columns: impl IntoIterator<Item = Column>) -> &mut RunRow {
        for (name, value) in columns {
            match self.columns.iter_mut().find(|(own, _)| *own == name) {
                Some(known) => known.1 = value,
                None => self.columns.push((name, value)),
            }
        }
        self
    }

    /// A new one is written only if this session holds the lock; else nothing behind it in the packet is run.
    pub fn fenced(&mut self, lock: &str) -> &mut RunRow {
        self.fence = Some(lock.to_owned());
        self
    }

    /// Counts rows that its DML has changed.
    pub fn count(&mut self, rows: u64) -> &mut RunRow {
        self.rows += rows;
        self
    }

    /// Sets its state: how it ended.
    pub fn end(&mut self, state: &str, error: Option<&str>) {
        self.set([("state", format!("'{state}'").into()), ("ended_at", "UTC_TIMESTAMP(6)".into())]);
        self.set(error.map(|error| ("error", quote::text(error).into())));
    }

    /// What is written into it but for its rows, by column.
    fn value(&self, column: &str) -> Option<&str> {
        self.columns.iter().find(|(name, _)| *name == column).map(|(_, value)| &**value)
    }

    /// Its rows, where it has changed some since it was written last.
    fn counted(&self) -> Option<u64> {
        Some(self.rows).filter(|rows| *rows > 0)
    }

    fn statement(&self, table: &str) -> String {
        if !self.begins {
            return format!("UPDATE {table} SET {} WHERE run_no = {}", self.assignments(), self.number);
        }
        let (mut names, mut values) = (String::new(), String::new());
        for (name, value) in &self.columns {
            names.extend([", ", name]);
            values.extend([", ", value]);
        }
        if let Some(rows) = self.counted() {
            names.push_str(", rows_affected");
            values.push_str(&format!(", {rows}"));
        }
        let number = fenced(self.fence.as_deref(), self.number);
        format!("INSERT INTO {table} (run_no{names}) VALUES ({number}{values})")
    }

    /// A new row, and in the same statement the end of the run before. Of that one only what has changed is written, and
    /// all of it if its row has vanished. A number that is taken already is an error, as it is for a row by itself.
    fn behind(&self, known: &[Column], end: &RunRow, table: &str) -> String {
        let (mut names, mut old, mut new) = (String::new(), String::new(), String::new());
        let mut add = |name: &str, of_old: &str, of_new: &str| {
            names.extend([", ", name]);
            old.extend([", ", of_old]);
            new.extend([", ", of_new]);
        };
        let is_new = |name: &str| self.value(name).is_some();
        let of_known = |name: &str| known.iter().find(|(own, _)| *own == name).map(|(_, value)| &**value);
        for (name, value) in &self.columns {
            add(name, end.value(name).or_else(|| of_known(name)).unwrap_or("DEFAULT"), value);
        }
        for (name, value) in known.iter().filter(|(name, _)| !is_new(name)) {
            add(name, end.value(name).unwrap_or(value), "DEFAULT");
        }
        for (name, value) in end.columns.iter().filter(|(name, _)| !is_new(name) && of_known(name).is_none()) {
            add(name, value, "DEFAULT");
        }
        if self.counted().or(end.counted()).is_some() {
            let rows = |row: &RunRow| row.counted().map_or_else(|| "DEFAULT".to_owned(), |rows| rows.to_string());
            add("rows_affected", &rows(end), &rows(self));
        }
        format!(
            "INSERT INTO {table} (run_no{names}) VALUES ({}{old}), ({}{new}) \
             ON DUPLICATE KEY UPDATE run_no = IF(run_no = {}, run_no, {ERROR}), {}",
            end.number,
            fenced(self.fence.as_deref(), self.number),
            end.number,
            end.assignments()
        )
    }

    /// What has changed, its rows counted from what is there.
    fn assignments(&self) -> String {
        let mut out = String::new();
        for (name, value) in &self.columns {
            let comma = if out.is_empty() { "" } else { ", " };
            out.extend([comma, name, " = ", value]);
        }
        if let Some(rows) = self.counted() {
            let comma = if out.is_empty() { "" } else { ", " };
            write!(out, "{comma}rows_affected = rows_affected + {rows}").expect("a string takes everything");
        }
        out
    }
}

/// A number, where this session holds the lock; an error where it does not.
pub fn fenced(lock: Option<&str>, number: impl std::fmt::Display) -> String {
    match lock {
        Some(lock) => {
            format!("IF(IS_USED_LOCK(_utf8mb4{}) = CONNECTION_ID(), {number}, {ERROR})", quote::text(lock))
        }
        None => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &'static str, value: &'static str) -> Column {
        (name, value.into())
    }

    #[test]
    fn a_row_is_written_once_a_transaction_and_the_end_of_a_run_with_the_next_one() {
        let mut waiting = Waiting::default();
        waiting.begin(7, vec![column("name", "'a'"), column("state", "'running'")]);
        waiting.run(7).set([column("step", "1")]).fenced("lock");
        let begin = "INSERT INTO `d`.`refinery_schema_history_run` (run_no, name, state, step) \
                     VALUES (IF(IS_USED_LOCK(_utf8mb4'lock') = CONNECTION_ID(), 7, 18446744073709551615 + 1), 'a', 'running', 1)";
        assert_eq!(waiting.statements("d"), [begin]);
        waiting.are_written();
        waiting.run(7).set([column("step", "2")]);
        waiting.add("DO 1; ");
        waiting.run(7).count(3).end("done", None);
        let end = "UPDATE `d`.`refinery_schema_history_run` SET step = 2, state = 'done', ended_at = UTC_TIMESTAMP(6), \
                   rows_affected = rows_affected + 3 WHERE run_no = 7";
        assert_eq!(waiting.statements("d"), [end, "DO 1"]);
        waiting.begin_new();
        waiting.begin(8, vec![column("name", "'b'"), column("state", "'running'")]);
        let both = "INSERT INTO `d`.`refinery_schema_history_run` (run_no, name, state, step, ended_at, rows_affected) \
                    VALUES (7, 'a', 'done', 2, UTC_TIMESTAMP(6), 3), (8, 'b', 'running', DEFAULT, DEFAULT, DEFAULT) \
                    ON DUPLICATE KEY UPDATE run_no = IF(run_no = 7, run_no, 18446744073709551615 + 1), step = 2, \
                    state = 'done', ended_at = UTC_TIMESTAMP(6), rows_affected = rows_affected + 3";
        assert_eq!(waiting.statements("d"), ["DO 1", both]);
        waiting.add("intent");
        waiting.forget_intent();
        let by_itself =
            "INSERT INTO `d`.`refinery_schema_history_run` (run_no, name, state) VALUES (8, 'b', 'running')";
        assert_eq!(waiting.statements("d"), [end, "DO 1", by_itself]);
        waiting.run(8).set([column("step", "1")]).fenced("lock");
        waiting.forget_intent();
        assert_eq!(waiting.statements("d"), [end, "DO 1", by_itself]);
        waiting.forget_newest();
        assert_eq!(waiting.statements("d"), [end, "DO 1"]);
    }
}
