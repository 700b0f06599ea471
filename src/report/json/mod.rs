//! One JSON object a line. The fields are promised in docs/reference/json.md: they are added to, never changed.

mod check;
mod losses;
mod plan;
mod prove;
mod watch;

use crate::error::{Error, Place};
use crate::event::{DatabaseIs, DownFrom, Event, LogEntry, Note, Nothing};
use crate::migration::name::Name;
use crate::migration::pair::Fault;
use crate::migration::plan::{Open, Row, State};
use serde_json::{Value, json};

/// One line for an event.
pub fn event(event: &Event) -> String {
    if let Event::Planned(script) = event {
        return plan::statements(script).into_iter().map(line).collect();
    }
    line(match event {
        Event::Status(row) => status(row),
        Event::Unnamed(one) => {
            let mut value = fault(one);
            value["event"] = json!("faulty_file");
            value
        }
        Event::Counted(c) => {
            json!({"event": "counts", "applied": c.applied, "pending": c.pending, "unclean": c.unclean})
        }
        Event::Waiting(h) => json!({
            "event": "waiting", "connection": h.connection, "account": h.account, "doing": h.doing,
            "limit_seconds": h.limit.as_secs_f64(),
        }),
        Event::Note(note) => self::note(note),
        Event::Started(s) => json!({
            "event": "started", "migration": s.name.stem(), "direction": s.direction.word(), "from": s.from,
            "statements": s.statements,
        }),
        Event::Finished(f) => json!({
            "event": "finished", "migration": f.name.stem(), "direction": f.direction.word(),
            "statements": f.statements, "rows": f.rows, "seconds": f.elapsed.as_secs_f64(),
        }),
        Event::Progress(what) => watch::progress(what),
        Event::Blocked(what) => watch::blocked(what),
        Event::Stopping(what) => watch::stopping(what),
        Event::Warning(w) => json!({
            "event": "warning", "migration": w.name.stem(), "statement": w.statement, "level": w.level,
            "number": w.number, "text": w.text,
        }),
        Event::Recovered(r) => json!({
            "event": "recovered", "migration": r.name.stem(), "direction": r.direction.word(),
            "statement": r.statement, "took_effect": r.took_effect, "evidence": r.evidence,
        }),
        Event::Nothing(what) => {
            let why = match what {
                Nothing::Pending => "nothing is pending",
                Nothing::Applied => "nothing to undo",
            };
            json!({"event": "nothing", "why": why})
        }
        Event::Sql(text) => json!({"event": "sql", "text": text}),
        Event::WillRemove(losses) => losses::losses(losses),
        Event::Wrote(path) => json!({"event": "wrote", "path": path}),
        Event::Database(name, is) => {
            let is = match is {
                DatabaseIs::Created => "created",
                DatabaseIs::There => "there",
                DatabaseIs::Dropped => "dropped",
                DatabaseIs::Absent => "absent",
            };
            json!({"event": "database", "database": name, "is": is})
        }
        Event::Answered(after) => json!({"event": "answered", "seconds": after.as_secs_f64()}),
        Event::Logged(entry) => logged(entry),
        Event::Protected(database, mark) => json!({
            "event": "protection", "database": database, "protected": true, "since": mark.since, "by": mark.by,
            "reason": mark.reason,
        }),
        Event::Unprotected(database) => json!({"event": "protection", "database": database, "protected": false}),
        Event::Verdict(verdict) => prove::verdict(verdict),
        Event::Short(short) => prove::short(short),
        Event::Proved(proved) => prove::proved(proved),
        Event::Found(finding) => check::finding(finding),
        Event::Checked(counts) => check::counts(counts),
        Event::Planned(_) => unreachable!("one line a statement, above"),
        Event::Summed(summed) => plan::summed(summed),
        Event::Breach(breach) => plan::breach(breach),
    })
}

/// One line for a failure.
pub fn error(error: &Error) -> String {
    let server = error.server().map(|s| json!({"number": s.number, "state": s.state, "text": s.text}));
    line(json!({
        "event": "error", "kind": error.kind().word(), "exit": error.kind().exit_code(), "what": error.to_string(),
        "place": error.place().map(place), "server": server, "database": error.state_of_database(),
        "hint": error.next_step(),
    }))
}

fn line(mut value: Value) -> String {
    value.as_object_mut().expect("every event is an object").insert("v".to_owned(), json!(1));
    format!("{value}\n")
}

fn status(row: &Row) -> Value {
    let state = match &row.state {
        State::Applied => "applied",
        State::Pending | State::Late => "pending",
        State::Edited => "edited",
        State::EditedOutside => "edited_outside",
        State::Missing => "missing",
        State::Faulty(_) => "faulty",
        State::Stopped(_) => "stopped",
        State::InDoubt(_) => "in_doubt",
    };
    let mut value = json!({
        "event": "migration", "migration": row.name.stem(), "version": row.name.version().number(), "state": state,
        "late": row.state == State::Late, "applied_on": row.applied_on, "applied_as": row.applied_as.as_ref().map(Name::stem),
    });
    match &row.state {
        State::Stopped(open) | State::InDoubt(open) => value["stopped"] = stopped(open),
        State::Faulty(faults) => value["faults"] = faults.iter().map(fault).collect(),
        State::Applied | State::Pending | State::Late => {}
        State::Edited | State::EditedOutside | State::Missing => {}
    }
    value
}

fn fault(fault: &Fault) -> Value {
    let at = fault.place.as_deref().map(|(file, at)| self::place(&Place::new(&file.path, &file.text, *at)));
    json!({"files": fault.files, "what": fault.what, "place": at, "hint": fault.hint})
}

fn place(place: &Place) -> Value {
    json!({"path": place.path, "line": place.line, "column": place.column, "text": place.text})
}

fn stopped(open: &Open) -> Value {
    json!({"direction": open.direction.word(), "statement": open.statement, "of": open.of, "error": open.error})
}

fn stems(names: &[Name]) -> Vec<&str> {
    names.iter().map(Name::stem).collect()
}

fn note(note: &Note) -> Value {
    let mut value = match note {
        Note::Late(names) => json!({"note": "late", "migrations": stems(names)}),
        Note::NotAppliedLast(newest, last) => {
            json!({"note": "not_applied_last", "migration": newest.stem(), "applied_last": last.stem()})
        }
        Note::InFuture(names) => json!({"note": "in_future", "migrations": stems(names)}),
        Note::FlushLog(setting) => json!({"note": "flush_log", "innodb_flush_log_at_trx_commit": setting}),
        Note::NoProcess => json!({"note": "no_process"}),
        Note::NoTrace(name, statements) => {
            json!({"note": "no_trace", "migration": name.stem(), "statements": statements})
        }
        Note::LeftOut(name, statement, why) => {
            json!({"note": "left_out", "migration": name.stem(), "statement": statement, "why": why})
        }
        Note::DownDoesNothing(name) => json!({"note": "down_does_nothing", "migration": name.stem()}),
        Note::CountsAsDone(name, direction, list) => {
            let list: Vec<Value> =
                list.iter().map(|(number, head)| json!({"statement": number, "sql": head})).collect();
            json!({"note": "counts_as_done", "migration": name.stem(), "direction": direction.to_string(), "statements": list})
        }
        Note::DownDiffers(name, from) => {
            let runs = match from {
                DownFrom::Kept => "recorded",
                DownFrom::File => "file",
            };
            json!({"note": "down_differs", "migration": name.stem(), "runs": runs})
        }
        Note::NothingToTakeBack(name, statement, said) => {
            json!({"note": "nothing_to_take_back", "migration": name.stem(), "statement": statement, "server": said})
        }
        Note::NotAsBefore(name, objects) => {
            json!({"note": "not_as_before", "migration": name.stem(), "objects": objects})
        }
        Note::ConnectionLost => json!({"note": "connection_lost"}),
        Note::RecordLocked => json!({"note": "record_locked"}),
        Note::CountsAsProduction(word) => json!({"note": "counts_as_production", "uturn_env": word}),
        Note::EnvLines(path, lines) => json!({"note": "env_lines", "path": path, "lines": lines}),
        Note::NotTransactional(name, statement, tables) => {
            json!({"note": "not_transactional", "migration": name.stem(), "statement": statement, "tables": tables})
        }
    };
    value["event"] = json!("note");
    value
}

fn logged(entry: &LogEntry) -> Value {
    json!({
        "event": "run", "run": entry.run, "migration": entry.name, "direction": entry.direction, "state": entry.state,
        "by": entry.by, "started_at": entry.started_at, "seconds": entry.seconds, "done": entry.statements.0,
        "statements": entry.statements.1, "rows": entry.rows, "error": entry.error, "host": entry.host,
        "warnings": entry.warnings,
    })
}
