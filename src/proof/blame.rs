//! Which statement of a script is to blame for a difference.

use crate::event::prove::{Blame, Differs, Remedy, Trouble};
use crate::proof::script_run::{Failure, Script};
use crate::schema::difference::Difference;
use crate::statement::names::{Name, names};

/// Differences, each with the statement that is to blame.
pub fn differs(script: &Script, differences: Vec<Difference>, remedy: Remedy) -> Trouble {
    let named: Vec<Vec<Name>> = script.steps.iter().map(|step| names(script.text_of(&step), step.modes)).collect();
    let with_blame = |difference: Difference| {
        let blame = last_about(&named, &difference).and_then(|index| blame(script, index + 1));
        Differs { difference, blame }
    };
    Trouble::Differs(differences.into_iter().map(with_blame).collect(), remedy)
}

/// A statement that the server refuses.
pub fn refused(script: &Script, failure: &Failure) -> Trouble {
    let unknown =
        Blame { path: script.path.clone(), statement: failure.statement, line: 1, column: 1, text: String::new() };
    Trouble::Refused(
        blame(script, failure.statement).unwrap_or(unknown),
        failure.said.to_string(),
        Vec::new(),
        Remedy::Tried(Vec::new()),
    )
}

/// The last statement that names the part of the object, or else the last that names the object.
fn last_about(named: &[Vec<Name>], difference: &Difference) -> Option<usize> {
    let mentions = |names: &[Name], wanted: &str| names.iter().any(|name| name.name.eq_ignore_ascii_case(wanted));
    let about = |names: &&Vec<Name>| mentions(names, &difference.object.name);
    let part = difference.part.name();
    let of_part = |names: &Vec<Name>| about(&names) && part.is_some_and(|part| mentions(names, part));
    named.iter().rposition(of_part).or_else(|| named.iter().rposition(|names| about(&names)))
}

fn blame(script: &Script, statement: usize) -> Option<Blame> {
    let place = script.place(statement)?;
    Some(Blame { path: place.path, statement, line: place.line, column: place.column, text: place.text })
}

/// The table that is not there, of ER_NO_SUCH_TABLE, ER_BAD_TABLE_ERROR, and MySQL's ER_FK_CANNOT_OPEN_PARENT. They name it in
/// quotes, with the database or without, in every language.
pub fn missing_table(said: &str, database: &str) -> Option<String> {
    ["1146 ", "1051 ", "1824 "].iter().find(|number| said.starts_with(*number))?;
    let name = said.split('\'').nth(1)?;
    let name = name.strip_prefix(database).and_then(|rest| rest.strip_prefix('.')).unwrap_or(name);
    Some(name.to_owned())
}
