//! The question about the statements of a down that may destroy data.

use crate::engine::journal;
use crate::engine::partial_undo::partially_applied::{PartiallyApplied, UpScript};
use crate::engine::partial_undo::{Doubt, Doubts, Why};
use crate::engine::program::packed::Steps;
use crate::error::{Error, Kind};
use crate::event::Rows;
use crate::migration::name::Direction;
use crate::schema::stage::Lost;

impl PartiallyApplied<'_> {
    pub(super) fn question(&self, steps: &Steps, up: Option<&UpScript<'_>>, doubts: &Doubts) -> Error {
        // As the up has told it: a SET before it leaves no row.
        let stopped = self.open.next_statement();
        let what = match self.open.direction {
            Direction::Up => format!(
                "migration `{}` stopped at statement {stopped} of {}, so its down script may destroy data that the up has not touched",
                self.name, self.open.statements
            ),
            Direction::Down => format!(
                "the undo of migration `{}` stopped part-way, and the rest of it may destroy data that the up has not touched",
                self.name
            ),
        };
        let of_down: String = doubts.iter().map(|(number, doubt)| self.asked(steps, *number, doubt)).collect();
        let fix = match self.open.direction {
            Direction::Up if self.file.is_some() => "; or fix the up and run `uturn up`",
            Direction::Up => "; or bring its files back, fix the up and run `uturn up`",
            Direction::Down => "",
        };
        Error::new(Kind::Guard, what).truth(format!("{}{of_down}\nnothing has been changed", self.done(up))).hint(
            format!(
                "look at both scripts, then answer: `--down-data skip` skips those statements of the down, \
                 `--down-data run` runs the down whole{fix}"
            ),
        )
    }

    /// What of the up is done, and what is not.
    fn done(&self, up: Option<&UpScript<'_>>) -> String {
        let from = self.open.up_stopped_at();
        let Some(up) = up else {
            return format!(
                "of the up, {} done; what it has left is not known: its file is not the one that ran",
                counted(1, from - 1),
            );
        };
        let of_rows: Vec<usize> = up.left(from).iter().filter(|(_, moves)| *moves).map(|(number, _)| *number).collect();
        let rows = if of_rows.is_empty() { String::new() } else { format!(" ({} for rows)", list(&of_rows)) };
        format!("of the up, {} done; {} not{rows}", counted(1, from - 1), counted(from, up.steps.len()))
    }

    /// One line a statement, and what it removes.
    fn asked(&self, steps: &Steps, number: usize, doubt: &Doubt) -> String {
        let step = steps.get(number - 1).expect("it is one of them");
        let head = journal::head(&self.text[step.span]);
        let removes: Vec<String> = doubt.removes.iter().map(|(lost, rows)| removes(lost, *rows)).collect();
        let removes = removes.join(", ");
        let why = match doubt.why {
            Some(Why::Rows) => "writes rows",
            Some(Why::ThereBefore) => "drops what was there before",
            None => "",
        };
        let does = match (why, removes.as_str()) {
            ("", removes) => removes.to_owned(),
            (why, "") => why.to_owned(),
            (why, removes) => format!("{why} ({removes})"),
        };
        format!("\n  statement {number} of the down {does}: {head}")
    }
}

fn removes(lost: &Lost, rows: Rows) -> String {
    let of = |unit: &str| match rows {
        Rows::Exactly(1) => format!("1 {unit}"),
        Rows::Exactly(rows) => format!("{rows} {unit}s"),
        Rows::MoreThan(rows) => format!("more than {rows} {unit}s"),
        Rows::Unknown => format!("{unit}s not known"),
    };
    match lost {
        Lost::Table(table) => format!("drops `{table}` with {}", of("row")),
        Lost::AllRows(table) => format!("empties `{table}` with {}", of("row")),
        Lost::SomeRows(table) => format!("deletes from `{table}` with {}", of("row")),
        Lost::Values(table) => format!("overwrites values of `{table}` with {}", of("row")),
        Lost::Column(table, column) => format!("drops the column `{table}.{column}` with {}", of("value")),
        Lost::Converts(table, column) => format!("converts the column `{table}.{column}` with {}", of("value")),
        Lost::Partition(table, part) => format!("removes the partition `{part}` of `{table}` with {}", of("row")),
        Lost::Database(database) => format!("drops the database `{database}`"),
        Lost::Unknown(why) => format!("may remove anything: {why}"),
    }
}

fn counted(first: usize, last: usize) -> String {
    match last.checked_sub(first) {
        None => "no statement is".to_owned(),
        Some(0) => format!("statement {first} is"),
        Some(_) => format!("statements {first} to {last} are"),
    }
}

fn list(numbers: &[usize]) -> String {
    let words: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    words.join(", ")
}
