//! `--dry-run`: exactly what would be sent, as text that the mysql client can run, and nothing else.

use crate::command::Outcome;
use crate::db::{own_settings, quote, server};
use crate::engine::history::Ledger;
use crate::engine::job::Job;
use crate::engine::preflight;
use crate::engine::program::step::{Action, Step};
use crate::engine::task::Task;
use crate::engine::{make_tasks, refinery};
use crate::error::Result;
use crate::event::{Event, Listener};
use crate::migration::name::{Direction, Name};
use crate::schema::own_tables;
use crate::script::lexer::{Kind, Lexer, Modes};
use crate::script::split;
use crate::statement::ddl::Object;
use mysql::Conn;
use std::collections::BTreeSet;

/// Prints the ups of these migrations.
pub fn ups(
    job: &Job<'_>,
    conn: &mut Conn,
    ledger: &Ledger,
    names: &[Name],
    listener: &mut Listener<'_>,
) -> Result<Outcome> {
    let modes = server::session_modes(conn).map_err(|error| job.access.explain(&error))?;
    let tasks = names
        .iter()
        .map(|name| make_tasks::up(make_tasks::file_of(job.migrations, name)?, ledger, modes))
        .collect::<Result<Vec<Task>>>()?;
    for task in &tasks {
        preflight::check_local_files(&task.path, &task.text, &task.steps, &job.access.local_files)?;
    }
    listener(Event::Sql(own_settings::for_the_client().to_owned()));
    if !ledger.layout.history {
        let table = refinery::table_statement(&job.access.database);
        listener(Event::Sql(format!("-- the table of the history, as refinery makes it\n{table};\n\n")));
    }
    for task in &tasks {
        let row = refinery::row_statement(&job.access.database, task, job.now);
        script(task, &row, &job.access.database, listener);
    }
    Ok(Outcome::Done)
}

/// Prints the downs of these tasks.
pub fn downs(job: &Job<'_>, tasks: &[Task], listener: &mut Listener<'_>) -> Result<Outcome> {
    let table = quote::table(&job.access.database, own_tables::HISTORY);
    listener(Event::Sql(own_settings::for_the_client().to_owned()));
    for task in tasks {
        let row = format!("DELETE FROM {table} WHERE version = {}", task.name.version());
        script(task, &row, &job.access.database, listener);
    }
    Ok(Outcome::Done)
}

/// One event a script, or several where it is large: nobody holds it a second time.
fn script(task: &Task, row: &str, schema: &str, listener: &mut Listener<'_>) {
    const AT_ONCE: usize = 1024 * 1024;
    let from = task.resumes.map_or(1, |(_, from)| from);
    let verb = match task.direction {
        Direction::Up => "up",
        Direction::Down => "undo",
    };
    let mut out = format!("-- {verb} {} ({})\n", task.name, task.path);
    for step in task.steps.iter() {
        let set_up = step.number < from && matches!(step.action, Action::Session);
        if step.number >= from || set_up {
            out.push_str(&runnable(&step, task.text_of(&step)));
        }
        if out.len() > AT_ONCE {
            listener(Event::Sql(std::mem::take(&mut out)));
        }
    }
    out.push_str(&format!("{row};\n"));
    out.push_str(&as_new(task, schema));
    out.push('\n');
    listener(Event::Sql(out));
}

/// uturn gives the next script a session as new; the client stays in this one. So what a script has set is put back.
fn as_new(task: &Task, schema: &str) -> String {
    let mut names = BTreeSet::new();
    let mut touched = false;
    for step in task.steps.iter().filter(|step| matches!(step.action, Action::Session | Action::LeaveOut(_))) {
        touched |= matches!(step.action, Action::Session);
        names.extend(variables(&task.text[step.span.clone()], step.modes));
    }
    if !touched {
        return String::new();
    }
    let defaults: String = names.iter().map(|name| format!("SET SESSION {name} = DEFAULT;\n")).collect();
    format!("-- the next script finds a session as new\nUSE {};\n{defaults}SET NAMES utf8mb4;\n", quote::ident(schema))
}

/// The session variables that a SET sets; user variables are none of them.
fn variables(text: &str, modes: Modes) -> Vec<String> {
    let lexer = Lexer::new(text, modes);
    let words: Vec<(Kind, &str)> =
        lexer.filter(|token| !token.kind.is_trivia()).map(|token| (token.kind, &text[token.span])).collect();
    let Some(((Kind::Word, first), rest)) = words.split_first() else { return Vec::new() };
    if !first.eq_ignore_ascii_case("set") {
        return Vec::new();
    }
    let mut depth = 0;
    let assignments = rest.split(|(_, word)| {
        depth += i32::from(*word == "(") - i32::from(*word == ")");
        depth == 0 && *word == ","
    });
    assignments.filter_map(variable).collect()
}

/// `name = …`, `SESSION name := …`, `@@session.name = …`.
fn variable(assignment: &[(Kind, &str)]) -> Option<String> {
    let end = assignment.iter().position(|(_, word)| matches!(*word, "=" | ":"))?;
    let name = assignment[..end].last().filter(|(kind, _)| matches!(kind, Kind::Word | Kind::Quoted))?.1;
    let is_user_variable = matches!(assignment[..end], [(_, "@"), (_, second), ..] if second != "@");
    (!is_user_variable).then(|| name.to_owned())
}

fn is_compound(step: &Step) -> bool {
    match &step.action {
        Action::Call => true,
        Action::Ddl(ddl) => {
            matches!(ddl.object, Object::Procedure | Object::Function | Object::Trigger | Object::Event)
        }
        Action::Dml
        | Action::Session
        | Action::Boundary
        | Action::LeaveOut(_)
        | Action::Maintenance
        | Action::Global => false,
    }
}

/// One statement with its delimiter: `;`, unless the client would cut it there.
fn runnable(step: &Step, text: &str) -> String {
    if let Action::LeaveOut(why) = &step.action {
        let lines: Vec<String> = text.lines().map(|line| format!("-- {line}\n")).collect();
        return format!("-- left out: {why}\n{}", lines.concat());
    }
    // The delimiter must end it, which it does not behind a comment that reaches to the end of the line.
    let alone = format!("{text};\nDO 0");
    let ends = split::split(&alone, step.modes).is_ok_and(|script| script.statements().len() == 2);
    // A body without DELIMITER is one statement here, but the client cuts at each `;`.
    if ends && (!text.contains(';') || !is_compound(step)) {
        return format!("{text};\n");
    }
    let delimiter = (2..).map(|n| "/".repeat(n)).find(|d| !text.contains(d.as_str())).expect("one is long enough");
    format!("DELIMITER {delimiter}\n{text}\n{delimiter}\nDELIMITER ;\n")
}
