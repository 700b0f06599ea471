//! Finds out what became of a statement whose intent stands in the journal without an outcome. Whoever holds the
//! statement lock knows that no orphan still runs, so what is there now is what is.

use crate::db::error_code;
use crate::db::flavour::Flavour;
use crate::db::packet;
use crate::db::quote;
use crate::db::server;
use crate::engine::called_code::Body;
use crate::engine::evidence::{self, Evidence, Scope, Verdict};
use crate::engine::journal::{self, OpenRun, StepRow, StepState};
use crate::engine::session::{Halt, Known, Session};
use crate::error::{Error, Kind};
use crate::event::{Event, Listener, Recovered};
use crate::script::lexer::Modes;
use crate::statement::class::Kind as StatementKind;
use crate::statement::ddl::{Ddl, Object};

/// Settles the statement whose outcome is unknown, if there is one, and writes the decision down before anything else happens. Where the
/// server has answered it, and the connection was lost after that, nothing is unknown: this process knows.
pub fn settle(
    session: &mut Session,
    mut open: OpenRun,
    script: Option<&str>,
    known: Option<&Known>,
    listener: &mut Listener<'_>,
) -> Result<OpenRun, Halt> {
    let Some(step) = open.in_doubt().cloned() else { return Ok(open) };
    let text = whole_text(&step, script, session.server.modes());
    let is_known = known.is_some_and(|known| {
        (known.run, known.step) == (open.number, step.number)
            && server::is_same_start(&known.boot, &session.server.boot)
    });
    let verdict = match is_known {
        true => Verdict::Done("the server had answered before the connection was lost".to_owned()),
        false => judge(session, &open, &step, script, text.as_ref())?,
    };
    let verdict = match verdict {
        Verdict::Partly(left) => complete(session, text, &left)?,
        verdict => verdict,
    };
    let (state, how, took_effect) = match verdict {
        Verdict::Done(how) => (StepState::Done, how, true),
        Verdict::NotDone(how) => (StepState::Retry, how, false),
        Verdict::Partly(left) => return Err(question(&open, &step, &partly(&left)).into()),
        Verdict::Unknown(why) => return Err(question(&open, &step, &why).into()),
    };
    let schema = session.schema().to_owned();
    session.later(&journal::decided(&schema, open.number, (step.number, step.row), state, &how, None));
    session.flush(listener)?;
    listener(Event::Recovered(Recovered {
        name: open.name.clone(),
        direction: open.direction,
        statement: step.number,
        took_effect,
        evidence: how,
    }));
    if let Some(last) = open.steps.last_mut() {
        last.state = state;
    }
    Ok(open)
}

/// The statement's text and how it is read, if it is short or the script at hand still holds it.
fn whole_text(step: &StepRow, script: Option<&str>, modes: Modes) -> Option<(String, Modes)> {
    script.and_then(|script| in_script(step, script, modes)).or_else(|| {
        let is_short = journal::sha256(&step.head) == step.sha256;
        is_short.then(|| (step.head.clone(), modes))
    })
}

fn in_script(step: &StepRow, script: &str, modes: Modes) -> Option<(String, Modes)> {
    let split = crate::script::split::split(script, modes).ok()?;
    let statement = split.statements().get(step.number.checked_sub(1)?)?;
    let text = &script[statement.span.clone()];
    journal::is_digest_of(&step.sha256, text).then(|| (text.to_owned(), statement.modes))
}

fn judge(
    session: &mut Session,
    open: &OpenRun,
    step: &StepRow,
    script: Option<&str>,
    text: Option<&(String, Modes)>,
) -> Result<Verdict, Halt> {
    let is_whole = text.is_some();
    let Some(mut before) = Evidence::from_json(&step.evidence) else {
        return Ok(Verdict::Unknown("the journal holds no evidence for it".to_owned()));
    };
    let mut now = session.look(before.scope.clone())?;
    let is_here = server::is_same_place(&open.server, &session.server.boot);
    let is_loaded = before.is_of_another_journal(&now);
    if is_loaded {
        before.forget_gtids();
    }
    if !is_here || is_loaded || before.is_of_another_server(&now) {
        before.forget_ids();
        now.forget_ids();
    }
    // The beginning, which the journal keeps, tells the kind of the statement, but not all that is in it.
    let (text, modes) = match text {
        Some((text, modes)) => (text.as_str(), *modes),
        None => (step.head.as_str(), session.server.modes()),
    };
    let proof = before.proof(&now);
    match StatementKind::of(text, modes) {
        StatementKind::Ddl(ddl) if !is_whole && proof.is_none() && says_more(&ddl) => {
            Ok(Verdict::Unknown("the file no longer holds it, and the journal only its beginning".to_owned()))
        }
        StatementKind::Ddl(ddl) => Ok(evidence::judge(&before, &now, &ddl, text, session.server.flavour)),
        // A compound statement: what else it holds is not known.
        StatementKind::Call if !is_whole && proof.is_none() => {
            Ok(Verdict::Unknown("the file no longer holds it, and the journal only its beginning".to_owned()))
        }
        StatementKind::Call => call(session, &before.scope, proof, text, modes),
        // Rows may have been written without one: the server gives it at the statement's end.
        StatementKind::Dml if proof == Some(true) => Ok(Verdict::Done("the server has a GTID for it".to_owned())),
        StatementKind::Dml => Ok(Verdict::Unknown("it changed a table whose engine has no transactions".to_owned())),
        StatementKind::Maintenance => Ok(Verdict::NotDone("running it twice is running it once".to_owned())),
        StatementKind::Global if is_whole && reads_a_setting_before(step, script, session.server.modes()) => {
            let why = "a statement before it reads a setting, which may have the new value by now";
            Ok(Verdict::Unknown(why.to_owned()))
        }
        // From a variable, or a query, it may be another value by now.
        StatementKind::Global if !text.contains(['@', '(']) => {
            Ok(Verdict::NotDone("setting a value twice is setting it once".to_owned()))
        }
        StatementKind::Global
        | StatementKind::Session
        | StatementKind::Transaction(_)
        | StatementKind::Lock
        | StatementKind::LoadLocal => Ok(Verdict::Unknown("nothing tells what became of it".to_owned())),
    }
}

/// `SET @old = @@GLOBAL.x` in front of `SET GLOBAL x = 1` would keep the new value, if the script began there once more.
fn reads_a_setting_before(step: &StepRow, script: Option<&str>, modes: Modes) -> bool {
    let Some(script) = script else { return false };
    let Ok(split) = crate::script::split::split(script, modes) else { return false };
    split.statements().iter().take(step.number - 1).any(|statement| script[statement.span.clone()].contains("@@"))
}

/// Its end matters: a list of objects, or what an ALTER does to partitions.
fn says_more(ddl: &Ddl) -> bool {
    matches!(ddl.verb.as_str(), "DROP" | "ALTER" | "RENAME")
}

/// A CALL ran in a transaction with its row. Where its body holds nothing that commits, or the server has no GTID for it, and
/// it names no table that a transaction does not protect, no row means rolled back.
fn call(session: &mut Session, scope: &Scope, proof: Option<bool>, text: &str, modes: Modes) -> Result<Verdict, Halt> {
    // An older uturn's intent does not tell where it ran.
    let schema = if scope.schema.is_empty() { session.schema() } else { &scope.schema }.to_owned();
    let body = Body::of(session, &schema, text, modes)?;
    // Such rows may have been written without a GTID: the server gives it at the end.
    let tables = match &body {
        Some(body) => body.without_transactions(session)?,
        None => Vec::new(),
    };
    if let Some(table) = tables.first() {
        let what = format!("what it calls names `{table}`, whose engine has no transactions");
        return Ok(Verdict::Unknown(what));
    }
    Ok(match (proof, body) {
        (Some(false), body) if !body.as_ref().is_some_and(Body::may_hide) => {
            Verdict::NotDone("the server has no GTID for it".to_owned())
        }
        (Some(false), _) => Verdict::Unknown("what it calls may commit without a GTID".to_owned()),
        // Its row was to be in the same transaction.
        (Some(true), _) => Verdict::Unknown("the server has a GTID for it, or for a part of it".to_owned()),
        (None, Some(body)) if body.never_commits() => {
            Verdict::NotDone("its body holds nothing that commits, so the server has rolled it back".to_owned())
        }
        (None, _) => Verdict::Unknown("what it calls may commit by itself".to_owned()),
    })
}

/// MariaDB drops the objects of a list one by one; what is left of an interrupted list is dropped now.
fn complete(session: &mut Session, text: Option<(String, Modes)>, left: &[(String, String)]) -> Result<Verdict, Halt> {
    debug_assert_eq!(session.server.flavour, Flavour::MariaDb, "MySQL's DROP is atomic");
    // Only the whole text says what its list was.
    let kind = text.map(|(text, modes)| StatementKind::of(&text, modes));
    let word = match kind {
        Some(StatementKind::Ddl(ddl)) if ddl.object == Object::View => "VIEW",
        Some(StatementKind::Ddl(ddl)) if ddl.object == Object::Table => "TABLE",
        _ => return Ok(Verdict::Unknown(partly(left))),
    };
    let rest: Vec<String> = left.iter().map(|(schema, name)| quote::table(schema, name)).collect();
    match packet::tell(&mut session.conn, &format!("DROP {word} IF EXISTS {}", rest.join(", "))) {
        // The script may have set what lets it.
        Err(error @ mysql::Error::MySqlError(_))
            if !error_code::is_connection_lost(&error) && !error_code::is_interrupted(&error) =>
        {
            return Ok(Verdict::Unknown(format!("{}; and to drop it: {error}", partly(left))));
        }
        sent => drop(sent.map_err(|error| session.halt(error))?),
    }
    Ok(Verdict::Done(format!("a crash had left {} of its list; dropped now", rest.join(", "))))
}

fn partly(left: &[(String, String)]) -> String {
    let left: Vec<String> = left.iter().map(|(schema, name)| quote::table(schema, name)).collect();
    format!("part of it took effect; still there: {}", left.join(", "))
}

/// Exit 6: what is in doubt, what is known of it, and both answers.
pub fn question(open: &OpenRun, step: &StepRow, why: &str) -> Error {
    let what = format!(
        "the outcome of statement {} of {} of migration `{}` ({}) is unknown: {why}",
        step.number, open.statements, open.name, open.direction
    );
    let command = format!("uturn resolve {} --statement {}", open.name.version(), step.number);
    Error::new(Kind::InDoubt, what)
        .truth(format!("it reads: {}; the statements before it are done and recorded, those after it have not run", step.head))
        .hint(format!("look whether it took effect, then type `{command} --applied` if it did, or `{command} --retry` if it did not"))
}
