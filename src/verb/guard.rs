//! Before something large goes: what would go, with its rows, and a question.

use crate::db::send::{self, Rows::Keep};
use crate::db::sql;
use crate::db::steps::{Action, Task};
use crate::error::{Error, Kind, Result};
use crate::event::protection::Protection;
use crate::event::{Event, Goner, Listener, Note, Rows};
use crate::model::ddl::Object;
use crate::verb::{Answer, Job};
use mysql::Conn;

const LIMIT: u64 = crate::db::stock::COUNT_UP_TO;

/// Shows the tables that these downs would drop, and asks.
pub fn ask(job: &Job<'_>, conn: &mut Conn, tasks: &[Task], listener: &mut Listener<'_>) -> Result<()> {
    let tables = tasks.iter().flat_map(dropped);
    let goners = count(conn, &job.access.database, tables);
    permit(job, &goners, listener)
}

/// Asks about these tables.
pub fn permit(job: &Job<'_>, goners: &[Goner], listener: &mut Listener<'_>) -> Result<()> {
    let nothing = "nothing has been changed";
    listener(Event::WouldGo(goners.to_vec()));
    match (job.guards.confirm)(goners) {
        Answer::Yes => Ok(()),
        Answer::No => Err(Error::new(Kind::Guard, "not confirmed").truth(nothing)),
        Answer::Nobody => Err(Error::new(Kind::Guard, "this needs a confirmation, and there is no terminal to ask at")
            .truth(nothing)
            .hint("if you mean it: `--yes`")),
    }
}

/// Of everything that undoes, however little, and before any other question: whether it may be done in production.
pub fn production(job: &Job<'_>, listener: &mut Listener<'_>) -> Result<()> {
    let Some(environment) = job.guards.production else { return Ok(()) };
    if !environment.eq_ignore_ascii_case("production") {
        listener(Event::Note(Note::CountsAsProduction(environment.to_owned())));
    }
    if job.guards.allow_production {
        return Ok(());
    }
    Err(Error::new(Kind::Guard, format!("this is production (UTURN_ENV={environment})"))
        .truth("nothing has been changed")
        .hint("if you mean it: `--allow-production`; what else is asked must be answered all the same"))
}

/// Asks for more where the database is protected, whatever else was answered: its name.
pub fn protected(job: &Job<'_>, mark: Option<&Protection>) -> Result<()> {
    let Some(mark) = mark else { return Ok(()) };
    let database = job.access.database.as_str();
    let why = mark.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    let mut what = format!("database `{database}` is protected, since {} by {}{why}", mark.since, mark.by);
    match job.guards.allow_protected {
        Some(name) if name == database => return Ok(()),
        Some(name) => what.push_str(&format!("; `--allow-protected` names `{name}`")),
        None if (job.guards.retype)(&what).is_some_and(|name| name == database) => return Ok(()),
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

fn dropped(task: &Task) -> Vec<(Option<String>, String)> {
    let targets = task.steps.iter().filter_map(|step| match &step.action {
        Action::Ddl(ddl) if ddl.object == Object::Table && ddl.verb == "DROP" => Some(ddl.targets.clone()),
        _ => None,
    });
    targets.flatten().map(|name| (name.schema, name.name)).collect()
}

/// Tables that are counted in one packet.
const AT_ONCE: usize = 16;

/// The tables of these that are there, with their rows.
pub fn count(conn: &mut Conn, schema: &str, tables: impl IntoIterator<Item = (Option<String>, String)>) -> Vec<Goner> {
    let tables: Vec<_> = tables.into_iter().collect();
    let question = |(own, table): &(Option<String>, String)| {
        let name = sql::table(own.as_deref().unwrap_or(schema), table);
        format!("SELECT COUNT(*) FROM (SELECT 1 FROM {name} LIMIT {}) AS some", LIMIT + 1)
    };
    let mut goners = Vec::new();
    let mut left = &tables[..];
    while !left.is_empty() {
        let some = &left[..left.len().min(AT_ONCE)];
        let questions: Vec<String> = some.iter().map(question).collect();
        let mut asked = some.iter();
        let sent = send::each(conn, &questions.join("; "), Keep, &mut |answer| {
            let rows = answer.rows.first().map_or(0, |row| send::number(row, 0));
            let rows = if rows > LIMIT { Rows::MoreThan(LIMIT) } else { Rows::Exactly(rows) };
            goners.extend(asked.next().map(|(_, table)| Goner { table: table.clone(), rows }));
        });
        let answered = some.len() - asked.len();
        // A table that is not there, or may not be read, goes unseen; the guard asks all the same. It ends the packet.
        left = &left[answered + usize::from(sent.is_err())..];
    }
    goners
}
