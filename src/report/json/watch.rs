//! JSON of what is seen of a statement while it runs.

use crate::event::{Blocked, Blocker, Busy, Progress, Stopping, Then, With};
use serde_json::{Value, json};

/// `progress`
pub fn progress(what: &Progress) -> Value {
    let mut value = busy(&what.busy);
    value["event"] = json!("progress");
    value["seconds"] = json!(what.elapsed.as_secs_f64());
    value["state"] = json!(what.state);
    value["percent"] = json!(what.percent);
    value
}

fn busy(what: &Busy) -> Value {
    let with = match what.with {
        With::Statement => "statement",
        With::Record => "record",
    };
    json!({
        "migration": what.name.stem(), "direction": what.direction.word(), "statement": what.statement,
        "statements": what.statements, "with": with,
    })
}

/// `blocked`
pub fn blocked(what: &Blocked) -> Value {
    let by = |blocker: &Blocker| {
        json!({
            "connection": blocker.connection, "certain": blocker.is_certain, "account": blocker.account,
            "command": blocker.command, "seconds": blocker.seconds, "transaction_seconds": blocker.transaction,
            "text": blocker.statement,
        })
    };
    json!({
        "event": "blocked", "migration": what.name.stem(), "direction": what.direction.word(),
        "statement": what.statement, "waited_seconds": what.waited.as_secs_f64(),
        "again_seconds": what.again_after.as_secs_f64(), "try": what.tries.0, "tries": what.tries.1,
        "by": what.waits.by.iter().map(by).collect::<Vec<_>>(), "unseen": what.waits.unseen,
    })
}

/// `stopping`
pub fn stopping(what: &Stopping) -> Value {
    let then = match what.then {
        Then::Waits => "waits",
        Then::EndsTheWait => "ends_the_wait",
        Then::Kills => "kills",
        Then::CannotKill => "cannot_kill",
    };
    let mut value = match &what.waits_for {
        Some((what, since)) => {
            let mut value = busy(what);
            value["seconds"] = json!(since.as_secs_f64());
            value
        }
        None => json!({}),
    };
    value["event"] = json!("stopping");
    value["signal"] = json!(what.signal.word());
    value["then"] = json!(then);
    value
}
