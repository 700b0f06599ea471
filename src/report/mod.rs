//! Events -> bytes. stdout is data, stderr is talk; which event is which is decided here.

pub mod human;
pub mod json;
pub mod words;

use crate::error::Error;
use crate::event::Event;
use std::io::Write;

/// How events are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Words for people.
    Human,
    /// One JSON object a line, on stdout.
    Json,
}

/// Tells one event. A closed pipe behind stdout is no failure of the run: what was to be done is done.
pub fn event(form: Form, event: &Event) {
    match form {
        Form::Human => {
            let told = human::event(event);
            put(&told.data, &told.talk);
        }
        Form::Json => put(&json::event(event), ""),
    }
}

/// Tells how a command failed.
pub fn error(form: Form, error: &Error) {
    match form {
        Form::Human => put("", &human::error(error)),
        Form::Json => put(&json::error(error), ""),
    }
}

fn put(data: &str, talk: &str) {
    let _ = anstream::stdout().write_all(data.as_bytes());
    let _ = anstream::stdout().flush();
    let _ = anstream::stderr().write_all(talk.as_bytes());
}
