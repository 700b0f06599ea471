//! Words for people. Colour is added here and taken away again where it is not wanted; it never carries a meaning alone.

mod check;
mod losses;
mod plan;
mod protection;
mod prove;
mod style;
mod watch;

use crate::error::Error;
use crate::event::{
    Counts, DatabaseIs, DownFrom, Event, Finished, Holder, LogEntry, Note, Nothing, Recovered, Started, Warning,
};
use crate::migration::name::{Direction, Name};
use crate::migration::pair::Fault;
use crate::migration::plan::{Open, Row, State};
use crate::report::format::{count, elapsed, plain, thousands};
use anstyle::Style;
use style::{BOLD, GREEN, RED, YELLOW, moment, paint, place};

/// What goes to stdout, and what to stderr.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Data.
    pub data: String,
    /// Talk.
    pub talk: String,
}

fn data(line: String) -> Told {
    Told { data: line + "\n", talk: String::new() }
}

fn talk(line: String) -> Told {
    Told { data: String::new(), talk: line + "\n" }
}

/// Words for an event.
pub fn event(event: &Event) -> Told {
    match event {
        Event::Status(row) => data(status(row)),
        Event::Unnamed(fault) => data(format!("{}    {}", paint(RED, "faulty"), plain(&fault.to_string()))),
        Event::Counted(counts) => talk(counted(counts)),
        Event::Waiting(holder) => talk(waiting(holder)),
        Event::Note(note) => talk(format!("{} {}", paint(YELLOW, "note:"), plain(&self::note(note)))),
        Event::Started(what) => started(what),
        Event::Finished(what) => talk(finished(what)),
        Event::Progress(what) => talk(crate::report::progress::line(what)),
        Event::Blocked(what) => talk(format!("{} {}", paint(YELLOW, "waiting:"), watch::blocked(what))),
        Event::Stopping(what) => talk(watch::stopping(what)),
        Event::Warning(what) => talk(warning(what)),
        Event::Recovered(what) => talk(recovered(what)),
        Event::Nothing(Nothing::Pending) => talk("nothing to do: nothing is pending".to_owned()),
        Event::Nothing(Nothing::Applied) => talk("nothing to do: nothing to undo".to_owned()),
        Event::Sql(text) => Told { data: text.clone(), talk: String::new() },
        Event::WillRemove(losses) => talk(losses::losses(losses)),
        Event::Wrote(path) => data(path.clone()),
        Event::Database(name, is) => talk(database(name, *is)),
        Event::Answered(after) => talk(format!("the server answers, after {}", elapsed(*after))),
        Event::Logged(entry) => data(logged(entry)),
        Event::Protected(database, mark) => talk(protection::protected(database, mark)),
        Event::Unprotected(database) => talk(protection::unprotected(database)),
        Event::Verdict(verdict) => data(prove::verdict(verdict)),
        Event::Short(short) => data(prove::short(short)),
        Event::Proved(proved) => data(prove::proved(proved)),
        Event::Found(finding) => Told { data: check::finding(finding), talk: String::new() },
        Event::Checked(counts) => talk(check::counts(counts)),
        Event::Planned(script) => data(plan::script(script)),
        Event::Summed(summed) => data(plan::summed(summed)),
        Event::Breach(breach) => data(plan::breach(breach)),
    }
}

fn status(row: &Row) -> String {
    let (style, word, detail) = match &row.state {
        State::Applied => (GREEN, "applied", row.applied_on.as_deref().map(moment).unwrap_or_default()),
        State::Pending => (Style::new(), "pending", String::new()),
        State::Late => (YELLOW, "pending", "older than the newest applied one".to_owned()),
        State::Edited => (RED, "edited", format!("its file is not the one that was applied{}", applied_as(row))),
        State::EditedOutside => {
            (YELLOW, "edited", format!("outside its statements, which are the same{}", applied_as(row)))
        }
        State::Faulty(faults) => (RED, "faulty", faults.iter().map(Fault::with_place).collect::<Vec<_>>().join("; ")),
        State::Missing => (RED, "missing", "applied, but there is no file".to_owned()),
        State::Stopped(open) => (RED, "stopped", stopped(open)),
        State::InDoubt(open) => (RED, "unknown", format!("{}: did it take effect?", stopped(open))),
    };
    // There may be a hundred thousand of these.
    let stem = row.name.stem();
    let mut line = paint(style, word);
    line.extend(std::iter::repeat_n(' ', 10 - word.len()));
    line.push_str(stem);
    if !detail.is_empty() {
        line.extend(std::iter::repeat_n(' ', 52_usize.saturating_sub(stem.chars().count()).max(2)));
        line.push_str(&plain(&detail));
    }
    line
}

fn applied_as(row: &Row) -> String {
    row.applied_as.as_ref().map(|name| format!("; it was applied as `{name}`")).unwrap_or_default()
}

fn stopped(open: &Open) -> String {
    let way = match open.direction {
        Direction::Up => "",
        Direction::Down => " of its down script",
    };
    let said = open.error.as_ref().map(|error| format!(": {error}")).unwrap_or_default();
    if open.statement > open.of {
        return format!("all {} statements{way} are done, but it is not recorded yet", open.of);
    }
    format!("at statement {} of {}{way}{said}", open.statement, open.of)
}

fn counted(counts: &Counts) -> String {
    let mut line =
        format!("{} applied, {} pending", thousands(counts.applied as u64), thousands(counts.pending as u64));
    if counts.unclean > 0 {
        line.push_str(&format!(", {}", paint(RED, &format!("{} not clean", counts.unclean))));
    }
    line
}

fn waiting(holder: &Holder) -> String {
    let who = match (&holder.connection, &holder.account) {
        (Some(id), Some(account)) => format!("connection {id} ({})", plain(account)),
        (Some(id), None) => format!("connection {id}"),
        (None, _) => "another session".to_owned(),
    };
    let doing = holder.doing.as_ref().map(|doing| format!(", at: {}", plain(doing))).unwrap_or_default();
    format!("waiting up to {} for {who}, which runs migrations on this database{doing}", elapsed(holder.limit))
}

fn names(list: &[Name]) -> String {
    list.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn note(note: &Note) -> String {
    match note {
        Note::Late(late) => {
            format!("older than the newest applied one, and run all the same (`--strict` refuses): {}", names(late))
        }
        Note::NotAppliedLast(newest, last) => {
            format!("the newest applied migration is `{newest}`, but `{last}` was applied last")
        }
        Note::InFuture(future) => {
            format!(
                "the timestamp lies in the future, so whatever is written until then will be older: {}",
                names(future)
            )
        }
        Note::FlushLog(value) => format!(
            "innodb_flush_log_at_trx_commit is {value}: after a crash of the server or the machine the journal may lack \
             what was done last"
        ),
        Note::NoProcess => {
            "the account lacks PROCESS: after a crash, TRUNCATE, partition changes and swapping renames \
             would be a question to you"
                .to_owned()
        }
        Note::NoTrace(name, statements) => {
            let list = statements.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            format!(
                "nothing would tell, after a crash, whether these took effect, and you would be asked: `{name}`, {list}"
            )
        }
        Note::LeftOut(name, statement, why) => format!("statement {statement} of `{name}` is left out: {why}"),
        Note::DownDoesNothing(name) => {
            format!("the down of `{name}` changes nothing: it is recorded as undone, and what its up did stays")
        }
        Note::CountsAsDone(name, direction, list) => counts_as_done(name, *direction, list),
        Note::DownDiffers(name, DownFrom::Kept) => format!(
            "the down file of `{name}` differs from the one recorded when it ran up; the recorded one runs \
             (`--down-from-files` takes the file)"
        ),
        Note::DownDiffers(name, DownFrom::File) => {
            format!(
                "the down file of `{name}` differs from the one recorded when it ran up; the file runs, as you asked"
            )
        }
        Note::NothingToTakeBack(name, statement, said) => {
            format!("statement {statement} of the down script of `{name}` had nothing to revert ({said})")
        }
        Note::NotAsBefore(name, objects) => {
            format!(
                "`{name}` is reverted, but these are not as they were before it: {}; look at them",
                objects.join(", ")
            )
        }
        Note::RecordLocked => {
            "another session keeps rows of uturn's own tables locked; what was not committed is rolled back, and run again"
                .to_owned()
        }
        Note::ConnectionLost => "the connection was lost; making a new one, and finding out what was done".to_owned(),
        Note::CountsAsProduction(word) => format!(
            "UTURN_ENV={word} counts as production, as every word does but development, dev, local, test, testing, ci and staging"
        ),
        Note::EnvLines(path, lines) => {
            let lines: Vec<String> = lines.iter().map(usize::to_string).collect();
            format!("`{path}`: skipped, since it cannot be read: line {}", lines.join(", "))
        }
        Note::NotTransactional(name, statement, tables) => format!(
            "statement {statement} of `{name}` changes {}, whose engine has no transactions: it cannot be rolled back",
            tables.join(", ")
        ),
    }
}

fn started(what: &Started) -> Told {
    if what.from == 1 {
        return Told::default();
    }
    if what.from > what.statements {
        return talk(format!("`{}` {}: every statement is done, recording it", what.name, what.direction));
    }
    talk(format!("`{}` {} resumes at statement {} of {}", what.name, what.direction, what.from, what.statements))
}

fn finished(what: &Finished) -> String {
    let word = match what.direction {
        Direction::Up => "applied",
        Direction::Down => "undone ",
    };
    let rows = if what.rows > 0 { format!(", {}", count(what.rows, "row")) } else { String::new() };
    let statements = count(what.statements as u64, "statement");
    format!("{}  {:<50}  {statements}{rows}, {}", paint(GREEN, word), what.name.stem(), elapsed(what.elapsed))
}

fn warning(what: &Warning) -> String {
    let head = paint(YELLOW, "warning:");
    format!(
        "{head} `{}`, statement {}: {} {}: {}",
        what.name,
        what.statement,
        what.level,
        what.number,
        plain(&what.text)
    )
}

fn recovered(what: &Recovered) -> String {
    let effect = if what.took_effect { "took effect" } else { "had no effect" };
    format!(
        "recovered: statement {} of `{}` ({}) {effect}: {}",
        what.statement,
        what.name,
        what.direction,
        plain(&what.evidence)
    )
}

fn database(name: &str, is: DatabaseIs) -> String {
    match is {
        DatabaseIs::Created => format!("database `{name}` created"),
        DatabaseIs::There => format!("database `{name}` is there already"),
        DatabaseIs::Dropped => format!("database `{name}` dropped"),
        DatabaseIs::Absent => format!("there is no database `{name}`"),
    }
}

fn logged(entry: &LogEntry) -> String {
    let took = entry.seconds.map(|s| format!("{s:.3} s")).unwrap_or_default();
    let said = entry.error.as_ref().map(|error| format!("  {}", plain(error))).unwrap_or_default();
    let warnings = match entry.warnings {
        0 => String::new(),
        some => format!(", {}", count(some, "warning")),
    };
    let host = entry.host.as_ref().map(|host| format!(" from {}", plain(host))).unwrap_or_default();
    format!(
        "{:>5}  {}  {:<4}  {:<7}  {:<50}  {}/{} statements, {}{warnings}  {took}  {}{host}{said}",
        entry.run,
        moment(&entry.started_at),
        entry.direction,
        entry.state,
        entry.name,
        entry.statements.0,
        entry.statements.1,
        count(entry.rows, "row"),
        plain(&entry.by),
    )
}

/// Words for a failure: what, where, what the server said, what is true now, what to type next.
pub fn error(error: &Error) -> String {
    let mut text = format!("{} {}\n", paint(RED, "error:"), paint(BOLD, &plain(&error.to_string())));
    if let Some(place) = error.place() {
        text.push_str(&self::place(place));
    }
    if let Some(said) = error.server() {
        text.push_str(&format!("server: {}\n", plain(&said.to_string())));
    }
    if let Some(truth) = error.state_of_database() {
        text.push_str(&format!("{}\n", plain(truth)));
    }
    if let Some(hint) = error.next_step() {
        text.push_str(&format!("\n{} {}\n", paint(BOLD, "hint:"), plain(hint)));
    }
    text
}

fn counts_as_done(name: &Name, direction: Direction, list: &[(usize, String)]) -> String {
    const MOST: usize = 50;
    let mut words = match list {
        [] => format!("every statement of the {direction} of `{name}` is done"),
        _ => format!("these statements of the {direction} of `{name}` count as done, and are not run:"),
    };
    list.iter().take(MOST).for_each(|(number, head)| words.push_str(&format!("\n  {number}: {head}")));
    if list.len() > MOST {
        words.push_str(&format!("\n  and {} more", list.len() - MOST));
    }
    words
}
