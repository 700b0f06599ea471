//! What `undo` and `redo` mean where nobody has said which migrations: the newest one, unless another one was applied last.

use crate::command::{Answer, Guards};
use crate::db::quote;
use crate::engine::concurrent_change;
use crate::engine::history::Ledger;
use crate::engine::job::{Job, Survey};
use crate::engine::journal;
use crate::error::{Error, Kind, Result};
use crate::event::{Event, Listener, Note};
use crate::migration::name::Name;
use crate::migration::plan::{Back, State};
use crate::schema::own_tables;
use mysql::Conn;

/// Which migrations to undo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// What the names and the order say.
    Order(Back),
    /// What the last `up` has applied, as the journal says.
    LastUp,
}

/// Looks up what the last `up` has applied.
pub fn resolve(job: &Job<'_>, conn: &mut Conn, survey: &Survey, request: &Request) -> Result<Back> {
    match request {
        Request::Order(back) => Ok(back.clone()),
        Request::LastUp => {
            let of_last_up = match survey.ledger.layout.journal {
                true => journal::last_up(conn, &job.access.database).map_err(|error| job.access.explain(&error))?,
                false => None,
            };
            match of_last_up {
                Some(versions) => Ok(Back::Each(versions)),
                None if survey.ledger.history.is_empty() => Ok(Back::Each(Vec::new())),
                None => Err(not_recorded()),
            }
        }
    }
}

fn not_recorded() -> Error {
    Error::new(Kind::Target, "no `up` is recorded here, so nothing tells what the last one has applied")
        .truth("nothing has been changed")
        .hint("say how many: `uturn undo --steps N`; `uturn status` shows what is applied")
}

/// A migration of older date that was applied last.
struct Doubt {
    newest: Name,
    last: Name,
}

/// The two, where the journal shows that they are not one. A migration that stopped part-way is the last one.
fn doubt(job: &Job<'_>, conn: &mut Conn, survey: &Survey, back: &Back, names: &[Name]) -> Result<Option<Doubt>> {
    let is_whole = |name: &&Name| {
        let row = survey.rows.iter().find(|row| row.name.version() == name.version());
        row.is_some_and(|row| !matches!(row.state, State::Stopped(_) | State::InDoubt(_)))
    };
    let Some(newest) = names.first().filter(is_whole).filter(|_| *back == Back::Newest) else { return Ok(None) };
    if !survey.ledger.layout.journal {
        return Ok(None);
    }
    let schema = &job.access.database;
    let history = quote::table(schema, own_tables::HISTORY);
    let last = journal::applied_last(conn, schema, &history, newest.version());
    let last = last.map_err(|error| job.access.explain(&error))?;
    let last = last.filter(|last| *last != newest.version());
    let row = last.and_then(|last| survey.rows.iter().find(|row| row.name.version() == last));
    Ok(row.map(|row| Doubt { newest: newest.clone(), last: row.name.clone() }))
}

/// Asks whether the newest one is meant. `--yes` is no answer: it says that, not which.
pub fn ask(
    (job, guards): (&Job<'_>, &Guards<'_>),
    conn: &mut Conn,
    survey: &Survey,
    (back, verb): (&Back, &str),
    names: &[Name],
) -> Result<()> {
    let Some(doubt) = doubt(job, conn, survey, back, names)? else { return Ok(()) };
    let what = words(&doubt);
    match (guards.choose)(&what, &format!("{verb} `{}`?", doubt.newest)) {
        Answer::Yes => return Ok(()),
        Answer::No | Answer::Nobody => {}
    }
    let of_last_up = journal::last_up(conn, &job.access.database).map_err(|error| job.access.explain(&error))?;
    let of_last_up: Vec<Name> = of_last_up.iter().flatten().filter_map(|version| applied(survey, *version)).collect();
    let first = format!("`uturn {verb} --steps 1` takes `{}`", doubt.newest);
    let second = match of_last_up.contains(&doubt.last) {
        true => format!("`uturn undo --last-up` undoes what the last `up` has applied: {}", list(&of_last_up)),
        false => format!("`uturn undo --to {}` undoes everything down to `{}`", doubt.last.version(), doubt.last),
    };
    Err(Error::new(Kind::Guard, what).truth("nothing has been changed").hint(format!("{first}; {second}")))
}

/// Says it, where nothing is undone and so nothing is asked.
pub fn note(
    job: &Job<'_>,
    conn: &mut Conn,
    survey: &Survey,
    (back, names): (&Back, &[Name]),
    listener: &mut Listener<'_>,
) -> Result<()> {
    if let Some(Doubt { newest, last }) = doubt(job, conn, survey, back, names)? {
        listener(Event::Note(Note::NotAppliedLast(newest, last)));
    }
    Ok(())
}

/// Under the lock: what was looked up in the journal must still be so, which it is where no run has begun since.
pub fn still(back: &Back, survey: &Survey, now: &Ledger) -> Result<()> {
    match back {
        Back::Newest | Back::Each(_) if now.last_run != survey.ledger.last_run => Err(concurrent_change::changed()),
        Back::Newest | Back::Each(_) | Back::Steps(_) | Back::To(_) | Back::Keep(_) | Back::All => Ok(()),
    }
}

fn words(doubt: &Doubt) -> String {
    format!("the newest applied migration is `{}`, but `{}` was applied last", doubt.newest, doubt.last)
}

fn applied(survey: &Survey, version: crate::migration::name::Version) -> Option<Name> {
    survey.ledger.row(version)?;
    survey.rows.iter().find(|row| row.name.version() == version).map(|row| row.name.clone())
}

fn list(names: &[Name]) -> String {
    const MOST: usize = 4;
    let mut words: Vec<String> = names.iter().rev().take(MOST).map(|name| format!("`{name}`")).collect();
    if names.len() > MOST {
        words.push(format!("and {} more", names.len() - MOST));
    }
    words.join(", ")
}
