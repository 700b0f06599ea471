//! A database that is in use and has no history: whatever the first migration does would meet tables that it does not know.

use crate::command::Guards;
use crate::db::content::Content;
use crate::engine::history::Ledger;
use crate::engine::job::Job;
use crate::error::{Error, Kind, Result};

/// Refuses an `up` there, unless it was said that the migrations are meant for what is there. A history without rows is one.
pub fn refuse((job, guards): (&Job<'_>, &Guards<'_>), ledger: &Ledger) -> Result<()> {
    if ledger.layout.history || guards.allow_non_empty || ledger.content.is_empty() {
        return Ok(());
    }
    let database = &job.access.database;
    let what = format!("database `{database}` has no history of migrations, but holds {}", words(&ledger.content));
    Err(Error::new(Kind::Guard, what).truth("nothing has been changed").hint(
        "look whether it is the right database. If these migrations have made what is there, take their history over first: \
         docs/guide.md, `Coming from another tool`. If they are to run beside what is there: `--allow-non-empty` (in the \
         library `Settings::allow_non_empty`)",
    ))
}

fn words(content: &Content) -> String {
    let kinds = [
        (&content.relations, "table or view", "tables and views"),
        (&content.routines, "routine", "routines"),
        (&content.events, "event", "events"),
        (&content.libraries, "library", "libraries"),
    ];
    let kind = |(names, one, several): &(&Vec<String>, &str, &str)| match names.len() {
        0 => None,
        1 => Some(format!("1 {one} ({})", list(names))),
        many => Some(format!("{many} {several} ({})", list(names))),
    };
    kinds.iter().filter_map(kind).collect::<Vec<_>>().join(", ")
}

/// Some of them, to recognise the database by.
fn list(names: &[String]) -> String {
    const MOST: usize = 4;
    let mut words: Vec<String> = names.iter().take(MOST).map(|name| format!("`{name}`")).collect();
    if names.len() > MOST {
        words.push("…".to_owned());
    }
    words.join(", ")
}
