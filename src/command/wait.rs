//! `uturn wait`: waits until the server answers.

use crate::command::Outcome;
use crate::engine::job::Job;
use crate::error::{Kind, Result};
use crate::event::{Event, Listener};
use std::time::{Duration, Instant};

/// Tries four times a second. A server that answers "no such database" answers; a wrong password stays wrong.
pub fn run(job: &Job<'_>, timeout: Duration, listener: &mut Listener<'_>) -> Result<Outcome> {
    let started = Instant::now();
    loop {
        match job.access.open_server() {
            Ok(_) => {
                listener(Event::Answered(started.elapsed()));
                return Ok(Outcome::Done);
            }
            Err(error) if error.kind() != Kind::Unreachable || started.elapsed() >= timeout => return Err(error),
            Err(error) => log::debug!("not yet: {error}"),
        }
        std::thread::sleep(Duration::from_millis(250).min(timeout.saturating_sub(started.elapsed())));
    }
}
