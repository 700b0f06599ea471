//! Words for what is seen of a statement while it runs.

use crate::event::{Blocked, Stopping, Then};
use crate::report::format::{elapsed, plain};
use crate::report::progress::busy;

/// Who kept a statement waiting, and what happens next.
pub fn blocked(what: &Blocked) -> String {
    let (tried, tries) = what.tries;
    let mut text = format!(
        "statement {} of `{}` ({}) did not get its locks within {}; gave up the lock request, again in {} (try {tried} of {tries})",
        what.statement,
        what.name,
        what.direction,
        elapsed(what.waited),
        elapsed(what.again_after)
    );
    for blocker in &what.waits.by {
        text.push_str(&format!("\n    blocked by: {}", plain(&blocker.to_string())));
    }
    if what.waits.by.is_empty() {
        text.push_str("\n    blocked by: somebody whom this account cannot see");
    }
    if let Some(right) = &what.waits.unseen {
        text.push_str(&format!("\n    to see more of who it is: {}", plain(right)));
    }
    text
}

/// What a signal brings about.
pub fn stopping(what: &Stopping) -> String {
    let signal = what.signal.word();
    match (&what.waits_for, what.then) {
        (Some((what, since)), Then::Waits) => format!(
            "{signal}: stopping as soon as {} has ended ({} so far); a second signal kills it on the server",
            busy(what),
            elapsed(*since)
        ),
        (Some((what, since)), Then::EndsTheWait) => {
            format!("{signal}: stopping; {} waits for a lock ({} so far), and gives up", busy(what), elapsed(*since))
        }
        (None, Then::EndsTheWait) => format!("{signal}: stopping; a wait for a lock ends"),
        (None, Then::Waits) => format!("{signal}: stopping before the next statement"),
        (Some((what, _)), Then::Kills) => {
            format!("second signal: {} is killed on the server; waiting for what becomes of it", busy(what))
        }
        (None, Then::Kills) => "second signal: it had just ended".to_owned(),
        (_, Then::CannotKill) => {
            "second signal: it could not be killed on the server; waiting for it to end".to_owned()
        }
    }
}
