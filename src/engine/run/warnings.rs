//! The warnings of a statement: read, told, kept in the journal, and, where a person asked for it, taken for errors.

use crate::db::flavour::Flavour;
use crate::db::packet::{self, Answer};
use crate::engine::job::Warnings;
use crate::engine::journal::Answered;
use crate::engine::program::step::Step;
use crate::engine::run::failure::Why;
use crate::engine::run::{Run, Script};
use crate::error::{Error, Kind};
use crate::event::{Event, Warning};
use crate::migration::name::Direction;
use crate::statement::secrets;

impl Script<'_, '_> {
    /// Asks for them, and tells them; notes that do not count are only kept.
    pub(super) fn warnings(&mut self, step: &Step) -> mysql::Result<Vec<Warning>> {
        let rows = packet::ask(&mut self.session.conn, "SHOW WARNINGS")?.concat();
        Ok(self.told(step, &rows))
    }

    /// The same of rows that are there.
    pub(super) fn told(&mut self, step: &Step, rows: &[mysql::Row]) -> Vec<Warning> {
        let warning = |row: &mysql::Row| Warning {
            name: self.task.name.clone(),
            statement: step.number,
            level: packet::word(row, 0),
            number: packet::number(row, 1) as u16,
            text: secrets::cut_said(packet::number(row, 1) as u16, &packet::word(row, 2), self.task.text_of(step)),
        };
        let told: Vec<Warning> = rows.iter().map(warning).collect();
        let flavour = self.session.server.flavour;
        for warning in told.iter().filter(|warning| warning.level != "Note" || is_serious(warning, flavour)) {
            (self.listener)(Event::Warning(warning.clone()));
        }
        told
    }

    /// Why a statement must not stand that the server has run: its first warning that counts.
    pub(super) fn objection(&self, answer: &Answer) -> Option<String> {
        let counts = match self.context.warnings {
            Warnings::Tell => return None,
            Warnings::Stop => answer.told.iter().filter(|warning| is_serious(warning, self.session.server.flavour)),
        };
        let all: Vec<&Warning> = counts.collect();
        if answer.told.is_empty() && answer.warnings > 0 {
            let count = answer.warnings;
            return Some(format!(
                "the server counts {count} warnings, and tells none of them (max_error_count), and `--warnings-as-errors` stops for it"
            ));
        }
        let first = all.first()?;
        let more = if all.len() > 1 { format!(" (and {} more)", all.len() - 1) } else { String::new() };
        let said = format!("{} {}: {}{more}", first.level, first.number, first.text);
        Some(format!("the server warned, and `--warnings-as-errors` stops for it: {said}"))
    }

    /// Stops behind a statement that has taken effect, and is recorded as done.
    pub(super) fn stop_behind(&mut self, step: &Step, rule: &str) -> Run<usize> {
        self.done = step.number;
        self.end_run("stopped", Some(rule));
        self.session.flush(self.listener)?;
        let (last, of) = (self.task.steps.len(), format!("{} of {}", step.number, self.task.steps.len()));
        let (way, again) = match self.task.direction {
            Direction::Up => {
                let again = format!("`{}` resumes after it, `uturn undo` reverts what is done", self.context.resume);
                ("", again)
            }
            Direction::Down => (" of its down script", "`uturn undo` resumes after it".to_owned()),
        };
        let what = format!("migration `{}` stopped after statement {of}{way}: {rule}", self.task.name);
        let rest = match last - step.number {
            0 => "the migration is not recorded as ended yet".to_owned(),
            1 => format!("statement {last} has not run"),
            _ => format!("statements {} to {last} have not run", step.number + 1),
        };
        Err(Error::new(Kind::Stopped, what)
            .at(self.task.place_of(step))
            .truth(format!("statement {} has taken effect and is recorded as done; {rest}", step.number))
            .hint(format!("look at what it has made; {again}"))
            .into())
    }

    /// Stops at a statement whose effect was rolled back.
    pub(super) fn stop_for(&mut self, step: &Step, rule: String) -> Run<usize> {
        self.stop(step, Why::Rule(rule), super::Effect::None)
    }
}

/// Deprecations, whose numbers are the same on both servers: ER_WARN_DEPRECATED_SYNTAX, …_WITH_VER, …_NO_REPLACEMENT.
const DEPRECATIONS: [u16; 3] = [1287, 1554, 1681];

/// MySQL's own. All that its list of errors calls deprecated, or says will be removed; on MariaDB these numbers mean other things.
const DEPRECATIONS_OF_MYSQL: [u16; 31] = [
    3089, 3090, 3135, 3719, 3720, 3777, 3778, 3779, 3856, 3858, 3859, 3860, 3861, 3956, 3961, 3962, 3963, 3964, 3965,
    4079, 4095, 4096, 4119, 4128, 4162, 4164, 4166, 6016, 6035, 6124, 6414,
];

/// Notes that say that something is not as it was asked for: ER_DUP_INDEX, ER_TOO_LONG_KEY, WARN_DATA_TRUNCATED, of which MySQL
/// warns and MariaDB notes; ER_AUTO_CONVERT, a VARCHAR that has become a TEXT; ER_NO_SUCH_USER, a definer that does not exist.
const NOTES: [u16; 5] = [1831, 1071, 1265, 1246, 1449];

/// Levels Error and Warning count, but for what only says that a later server will not know a word any more. Most notes do not:
/// they are what IF EXISTS asked for.
fn is_serious(warning: &Warning, flavour: Flavour) -> bool {
    let is_deprecation = match flavour {
        Flavour::MariaDb => DEPRECATIONS.contains(&warning.number),
        Flavour::MySql => [&DEPRECATIONS[..], &DEPRECATIONS_OF_MYSQL].concat().contains(&warning.number),
    };
    match warning.level.as_str() {
        "Note" => NOTES.contains(&warning.number),
        _ => !is_deprecation,
    }
}

/// As it goes into the journal: of many warnings the first ones tell enough.
pub(super) fn answered(answer: &Answer) -> Answered {
    let words = |warning: &Warning| format!("{} {}: {}", warning.level, warning.number, warning.text);
    let text = answer.told.iter().take(20).map(words).collect::<Vec<_>>().join("\n");
    let text: String = text.chars().take(4_000).collect();
    Answered { rows: answer.affected, warnings: answer.warnings, text: Some(text).filter(|text| !text.is_empty()) }
}
