//! Before something is removed: what, with its rows, and a question where it is much.

use crate::command::{Answer, Guards};
use crate::engine::job::Job;
use crate::engine::losses;
use crate::engine::task::Task;
use crate::error::{Error, Kind, Result};
use crate::event::protection::Protection;
use crate::event::{Event, Listener, Losses, Note};
use mysql::Conn;

/// Whether an undo waits for an answer after it has said what it will remove.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// It says it and runs.
    Nothing,
    /// It asks.
    Confirmation,
}

/// Says what these downs will remove, and asks.
pub fn announce(
    (job, guards): (&Job<'_>, &Guards<'_>),
    conn: &mut Conn,
    tasks: &[Task],
    ask: Ask,
    listener: &mut Listener<'_>,
) -> Result<()> {
    let losses = losses::of_tasks(conn, &job.access.database, tasks).map_err(|error| job.access.explain(&error))?;
    match ask {
        Ask::Confirmation => permit(guards, &losses, listener),
        Ask::Nothing if losses.is_empty() => Ok(()),
        Ask::Nothing => {
            listener(Event::WillRemove(losses));
            Ok(())
        }
    }
}

/// Says what will be removed, and asks.
pub fn permit(guards: &Guards<'_>, losses: &Losses, listener: &mut Listener<'_>) -> Result<()> {
    listener(Event::WillRemove(losses.clone()));
    confirmed(guards)
}

/// Asks whether to go on.
pub fn confirmed(guards: &Guards<'_>) -> Result<()> {
    let nothing = "nothing has been changed";
    match (guards.confirm)() {
        Answer::Yes => Ok(()),
        Answer::No => Err(Error::new(Kind::Guard, "not confirmed").truth(nothing)),
        Answer::Nobody => Err(Error::new(Kind::Guard, "this needs a confirmation, and there is no terminal to ask at")
            .truth(nothing)
            .hint("if you mean it: `--yes`")),
    }
}

/// Of everything that undoes, however little, and before any other question: whether it may be done in production.
pub fn production(guards: &Guards<'_>, listener: &mut Listener<'_>) -> Result<()> {
    let Some(environment) = guards.production else { return Ok(()) };
    if !environment.eq_ignore_ascii_case("production") {
        listener(Event::Note(Note::CountsAsProduction(environment.to_owned())));
    }
    if guards.allow_production {
        return Ok(());
    }
    Err(Error::new(Kind::Guard, format!("this is production (UTURN_ENV={environment})"))
        .truth("nothing has been changed")
        .hint("if you mean it: `--allow-production`; what else is asked must be answered all the same"))
}

/// Asks for more where the database is protected, whatever else was answered: its name.
pub fn protected((job, guards): (&Job<'_>, &Guards<'_>), mark: Option<&Protection>) -> Result<()> {
    let Some(mark) = mark else { return Ok(()) };
    let database = job.access.database.as_str();
    let why = mark.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    let mut what = format!("database `{database}` is protected, since {} by {}{why}", mark.since_when(), mark.by);
    match guards.allow_protected {
        Some(name) if name == database => return Ok(()),
        Some(name) => what.push_str(&format!("; `--allow-protected` names `{name}`")),
        None if (guards.retype)(&what).is_some_and(|name| name == database) => return Ok(()),
        None => {}
    }
    Err(Error::new(Kind::Guard, what).truth("nothing has been changed").hint(format!(
        "if you mean it: `--allow-protected {database}`; `uturn unprotect` takes the protection away, for everybody"
    )))
}

/// Under the lock: the mark must still be the one that was asked about.
pub fn still(asked: Option<&Protection>, now: Option<&Protection>) -> Result<()> {
    if now.is_none() || asked == now {
        return Ok(());
    }
    Err(Error::new(Kind::Guard, "the database was protected while this run waited")
        .truth("nothing has been changed by this run")
        .hint("`uturn status` tells who did it, and why"))
}
