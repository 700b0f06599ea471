//! `uturn prove`: shows in a scratch database that every down reverts its up.

use crate::command::Outcome;
use crate::engine::job::Job;
use crate::error::Result;
use crate::event::Listener;
use crate::proof::{self, Request};

/// Proves it.
pub fn run(job: &Job<'_>, request: &Request, listener: &mut Listener<'_>) -> Result<Outcome> {
    Ok(if proof::run(job, request, listener)? { Outcome::Done } else { Outcome::No })
}
