//! `--dry-run`: exactly what would be sent, as text that the mysql client can run, and nothing else.

use crate::db::history::Ledger;
use crate::db::steps::{Action, Step, Task};
use crate::db::{history, runner, server, sql, task};
use crate::error::Result;
use crate::event::{Event, Listener};
use crate::model::ddl::Object;
use crate::model::name::{Direction, Name};
use crate::model::statement;
use crate::verb::{Job, Outcome};
use mysql::Conn;

/// The state in which uturn runs a script. Read as latin1, an ENUM's `é` would be stored wrongly, without a word.
const SET_UP: &str = "SET NAMES utf8mb4;\n\n";

/// Prints the ups of these migrations.
pub fn ups(
    job: &Job<'_>,
    conn: &mut Conn,
    ledger: &Ledger,
    names: &[Name],
    listener: &mut Listener<'_>,
) -> Result<Outcome> {
    let modes = server::ask(conn).map_err(|error| job.access.explain(&error))?.modes();
    let tasks = names
        .iter()
        .map(|name| task::up(task::file_of(job.migrations, name)?, ledger, modes))
        .collect::<Result<Vec<Task>>>()?;
    listener(Event::Sql(SET_UP.to_owned()));
    if !ledger.layout.history {
        let table = runner::table_statement(&job.access.database);
        listener(Event::Sql(format!("-- the table of the history, as refinery makes it\n{table};\n\n")));
    }
    for task in &tasks {
        let row = runner::row_statement(&job.access.database, task, job.now);
        listener(Event::Sql(script(task, &row)));
    }
    Ok(Outcome::Done)
}

/// Prints the downs of these tasks.
pub fn downs(job: &Job<'_>, tasks: &[Task], listener: &mut Listener<'_>) -> Result<Outcome> {
    let table = sql::table(&job.access.database, history::TABLE);
    listener(Event::Sql(SET_UP.to_owned()));
    for task in tasks {
        let row = format!("DELETE FROM {table} WHERE version = {}", task.name.version());
        listener(Event::Sql(script(task, &row)));
    }
    Ok(Outcome::Done)
}

fn script(task: &Task, row: &str) -> String {
    let from = task.resumes.map_or(1, |(_, from)| from);
    let verb = match task.direction {
        Direction::Up => "up",
        Direction::Down => "undo",
    };
    let mut out = format!("-- {verb} {} ({})\n", task.name, task.path);
    for step in &task.steps {
        let set_up = step.number < from && matches!(step.action, Action::Session);
        if step.number >= from || set_up {
            out.push_str(&runnable(step, &task.text[step.span.clone()]));
        }
    }
    out.push_str(&format!("{row};\n\n"));
    out
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
    let is_whole = |sql: &str| statement::split(sql, step.modes).is_ok_and(|script| script.statements().len() == 1);
    // A body without DELIMITER is one statement here, but the client cuts at each `;`.
    if !text.contains(';') || (is_whole(&format!("{text};")) && !is_compound(step)) {
        return format!("{text};\n");
    }
    let delimiter = (2..).map(|n| "/".repeat(n)).find(|d| !text.contains(d.as_str())).expect("one is long enough");
    format!("DELIMITER {delimiter}\n{text}\n{delimiter}\nDELIMITER ;\n")
}
