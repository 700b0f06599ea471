//! The way back of a migration that stopped part-way. Its DDL can be tried: what was never made is not there, and is passed
//! over. What it does to data cannot: a DELETE that takes back an INSERT which never ran deletes rows that were there
//! before. So where that may be, nothing runs until a person has said what is to become of those statements.

use crate::db::history;
use crate::db::journal::{self, DownData, OpenRun, StepRow};
use crate::db::preflight;
use crate::db::steps::{Step, Steps};
use crate::error::{Error, Kind, Result};
use crate::model::data;
use crate::model::lexer::Modes;
use crate::model::migration::Migration;
use crate::model::name::{Direction, Name};

/// A down that is to take back what a stopped up has done.
pub struct HalfRun<'a> {
    /// The migration.
    pub name: &'a Name,
    /// The run that is open: of the up, or of this down, which stopped as well.
    pub open: &'a OpenRun,
    /// The migration's files, if they are at hand.
    pub file: Option<&'a Migration>,
    /// The down.
    pub text: &'a str,
    /// How it is read.
    pub modes: Modes,
}

/// Why a statement of the down may destroy data.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Doubt {
    /// It writes rows, and the up has not done all that it does to rows.
    Rows,
    /// It drops what the up could not make, because it was there.
    ThereBefore,
}

/// Leaves statements out of the down, if that is the answer, and gives back the answer that was needed. Refuses where one
/// is needed and there is none.
pub fn settle(half: &HalfRun<'_>, steps: &mut Steps, answer: Option<DownData>) -> Result<Option<DownData>> {
    let answer = match half.open.direction {
        Direction::Up => answer,
        // It was asked, or need not be, when this down began.
        Direction::Down if half.open.down_data.is_none() => return Ok(None),
        Direction::Down => answer.or(half.open.down_data),
    };
    let doubtful = half.doubtful(steps)?;
    // What became of the last statement is not known yet; under the lock it is found out before anything is planned.
    if doubtful.is_empty() || half.open.in_doubt().is_some() {
        return Ok(None);
    }
    match answer {
        None => Err(half.question(steps, &doubtful)?),
        Some(DownData::Run) => Ok(answer),
        Some(DownData::Skip) => {
            for (number, _) in doubtful {
                steps.leave_out(number, "it may destroy data, and `--down-data skip` was the answer");
            }
            Ok(answer)
        }
    }
}

impl HalfRun<'_> {
    /// The statements of the down, by number, that may destroy data.
    fn doubtful(&self, steps: &Steps) -> Result<Vec<(usize, Doubt)>> {
        let is_whole = self.open.direction == Direction::Up && self.has_moved_all_rows()?;
        let in_the_way = self.in_the_way();
        let doubt = |step: Step| {
            let text = &self.text[step.span.clone()];
            if !is_whole && data::writes_rows(text, step.modes) {
                return Some((step.number, Doubt::Rows));
            }
            let made = in_the_way.as_deref()?;
            data::takes_away(text, made, step.modes).then_some((step.number, Doubt::ThereBefore))
        };
        Ok(steps.iter().filter_map(doubt).collect())
    }

    /// The up has nothing left to do that changes which rows there are. Not known where its file is not at hand, or was
    /// changed since: the journal holds only the statements that ran.
    fn has_moved_all_rows(&self) -> Result<bool> {
        let from = self.open.resume_at();
        if from > self.open.statements {
            return Ok(true);
        }
        let Some(left) = self.up_from(from)? else { return Ok(false) };
        Ok(left.iter().all(|(_, moves)| !moves))
    }

    /// The statements of the up from this one on, by number, and whether they change which rows there are.
    fn up_from(&self, from: usize) -> Result<Option<Vec<(usize, bool)>>> {
        let Some(file) = self.file.filter(|file| history::checksum(file).to_string() == self.open.checksum) else {
            return Ok(None);
        };
        let text = &file.up.text;
        let steps = preflight::steps(&file.up.path, text, self.modes)?;
        let left = steps.range(from - 1..steps.len());
        Ok(Some(left.map(|s| (s.number, data::moves_rows(&text[s.span.clone()], s.modes))).collect()))
    }

    /// The statement at which the up stopped because what it makes was there already.
    fn in_the_way(&self) -> Option<String> {
        let stopped_at = match self.open.direction {
            Direction::Up => self.open.steps.last(),
            Direction::Down => self.open.taken_back.as_ref(),
        };
        stopped_at.filter(|step| is_there_already(step)).map(|step| step.head.clone())
    }

    fn question(&self, steps: &Steps, doubtful: &[(usize, Doubt)]) -> Result<Error> {
        let from = self.open.resume_at();
        let what = format!(
            "migration `{}` stopped at statement {from} of {}, so its way back may destroy data that it has not touched",
            self.name, self.open.statements
        );
        let of_up = match (from - 1, self.up_from(from)?) {
            (done, Some(left)) => {
                let of_rows: Vec<usize> = left.iter().filter(|(_, moves)| *moves).map(|(number, _)| *number).collect();
                let rows = if of_rows.is_empty() { String::new() } else { format!(" ({} for rows)", list(&of_rows)) };
                format!("of the up, {} done; {} not{rows}", counted(1, done), counted(from, self.open.statements))
            }
            (done, None) => format!(
                "of the up, {} done; what it has left is not known: its file is not the one that ran",
                counted(1, done),
            ),
        };
        let head = |number: usize| {
            let step = steps.get(number - 1).expect("it is one of them");
            journal::head(&self.text[step.span])
        };
        let of_down = doubtful.iter().map(|(number, doubt)| match doubt {
            Doubt::Rows => format!("\n  statement {number} of the down writes rows: {}", head(*number)),
            Doubt::ThereBefore => {
                format!("\n  statement {number} of the down drops what was there before: {}", head(*number))
            }
        });
        Ok(Error::new(Kind::Guard, what)
            .truth(format!("{of_up}{}\nnothing has been changed", of_down.collect::<String>()))
            .hint(
                "look at both scripts, then say it: `--down-data skip` leaves those statements of the down out, \
                 `--down-data run` runs the down whole; or mend the up and run `uturn up`",
            ))
    }
}

/// ER_DB_CREATE_EXISTS, ER_TABLE_EXISTS_ERROR, ER_DUP_FIELDNAME, ER_DUP_KEYNAME, ER_SP_ALREADY_EXISTS,
/// ER_TRG_ALREADY_EXISTS, ER_EVENT_ALREADY_EXISTS, ER_FK_DUP_NAME.
fn is_there_already(step: &StepRow) -> bool {
    const NUMBERS: [&str; 8] = ["1007", "1050", "1060", "1061", "1304", "1359", "1537", "1826"];
    let said = step.error.as_deref().unwrap_or_default();
    said.split(' ').next().is_some_and(|number| NUMBERS.contains(&number))
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
