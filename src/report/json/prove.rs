//! JSON for what `prove` finds.

use crate::event::prove::{Blame, Differs, Fault, Finding, Phase, Proved, Remedy, Short, Trouble, Verdict, Way};
use crate::sample_rows::loss::{Cause, Loss};
use crate::schema::difference::{Difference, Part};
use serde_json::{Value, json};

/// One migration.
pub fn verdict(verdict: &Verdict) -> Value {
    let (finding, reason, fault) = match &verdict.finding {
        Finding::Proven => ("proven", None, None),
        Finding::Irreversible(reason) => ("irreversible", Some(reason), None),
        Finding::NotProven(fault) => ("not_proven", None, Some(self::fault(fault))),
        Finding::NotReached => ("not_reached", None, None),
    };
    json!({
        "event": "verdict", "migration": verdict.name.stem(), "verdict": finding, "reason": reason, "fault": fault,
        "losses": verdict.losses.iter().map(loss).collect::<Vec<Value>>(), "seconds": verdict.elapsed.as_secs_f64(),
    })
}

fn loss(loss: &Loss) -> Value {
    let by = match loss.cause {
        Cause::Up => "up",
        Cause::Down => "down",
        Cause::Removed => "removed",
    };
    json!({"table": loss.table, "column": loss.column, "rows": loss.rows, "of": loss.of, "by": by})
}

/// A table that made-up rows do not fill.
pub fn short(short: &Short) -> Value {
    json!({
        "event": "short", "migration": short.migration.stem(), "table": short.table, "rows": short.rows,
        "of": short.of, "why": short.why,
    })
}

/// The end.
pub fn proved(proved: &Proved) -> Value {
    let (way, down_to, fault) = match &proved.way {
        Way::Whole => ("whole", None, None),
        Way::DownTo(name) => ("part", Some(name.stem()), None),
        Way::Nowhere => ("none", None, None),
        Way::Fails(name, fault) => ("fails", Some(name.stem()), Some(self::fault(fault))),
        Way::Differs(phase, list, remedy) => {
            let differences: Vec<Value> = list.iter().map(|one| difference(one, None, remedy)).collect();
            let fault = json!({
                "phase": self::phase(*phase), "stopped_behind": null, "statement": null, "server": null,
                "differences": differences, "remedy": remedy.shown(), "loses": false, "rows": 0, "never_made": null,
            });
            ("fails", None, Some(fault))
        }
    };
    json!({
        "event": "proved", "proven": proved.proven, "not_proven": proved.unproven, "irreversible": proved.irreversible,
        "way_back": {"way": way, "migration": down_to, "fault": fault}, "server": proved.server,
        "seconds": proved.elapsed.as_secs_f64(),
    })
}

fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Up => "up",
        Phase::Down => "down",
        Phase::UpAgain => "up_again",
        Phase::GoneOn(_) => "gone_on",
        Phase::TakenBack(_) => "taken_back",
        Phase::WayDown => "way_down",
        Phase::WayUp => "way_up",
    }
}

fn fault(fault: &Fault) -> Value {
    let (statement, server, differences): (_, _, Vec<Value>) = match &fault.trouble {
        Trouble::Refused(blame, said, left, remedy) => {
            (Some(self::blame(blame)), Some(said), left.iter().map(|one| difference(one, None, remedy)).collect())
        }
        Trouble::Differs(list, remedy) => (None, None, list.iter().map(|one| differs(one, remedy)).collect()),
        Trouble::Stuck(said) => (None, Some(said), Vec::new()),
        Trouble::Loses => (None, None, Vec::new()),
    };
    let remedy = match &fault.trouble {
        Trouble::Refused(_, _, left, remedy) => remedy.shown().filter(|_| !left.is_empty()),
        Trouble::Differs(_, remedy) => remedy.shown(),
        Trouble::Stuck(_) | Trouble::Loses => None,
    };
    let stopped_behind = match fault.phase {
        Phase::GoneOn(k) | Phase::TakenBack(k) => Some(k),
        Phase::Up | Phase::Down | Phase::UpAgain | Phase::WayDown | Phase::WayUp => None,
    };
    json!({
        "phase": phase(fault.phase), "stopped_behind": stopped_behind, "statement": statement, "server": server,
        "differences": differences, "remedy": remedy, "loses": fault.trouble == Trouble::Loses, "rows": fault.rows,
        "never_made": fault.never_made,
    })
}

fn differs(differs: &Differs, remedy: &Remedy) -> Value {
    difference(&differs.difference, differs.blame.as_ref(), remedy)
}

fn difference(difference: &Difference, blame: Option<&Blame>, remedy: &Remedy) -> Value {
    let difference = difference.without_secrets();
    json!({
        "object": difference.object.kind.word().to_ascii_lowercase(), "name": difference.object.name,
        "part": part(&difference.part), "part_name": difference.part.name(), "was": difference.was, "is": difference.is,
        "statement": blame.map(self::blame), "remedy": remedy.of(&difference.object),
    })
}

fn part(part: &Part) -> &'static str {
    match part {
        Part::Whole => "whole",
        Part::Column(_) => "column",
        Part::Place(_) => "place",
        Part::Key(_) => "index",
        Part::Constraint(_) => "constraint",
        Part::Options => "options",
        Part::Partitions => "partitions",
        Part::Setting => "setting",
    }
}

fn blame(blame: &Blame) -> Value {
    json!({
        "path": blame.path, "number": blame.statement, "line": blame.line, "column": blame.column, "text": blame.text,
    })
}
