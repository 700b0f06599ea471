//! Events -> bytes. stdout is data, stderr is talk; which event is which is decided here.

pub mod check;
pub mod human;
pub mod json;
pub mod live;
pub mod words;

use crate::error::Error;
use crate::event::Event;
use human::Told;
use live::{Live, Screen};
use std::io::{BufWriter, Write};

/// How events are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Words for people.
    Human,
    /// One JSON object a line, on stdout.
    Json,
}

/// Tells events as they come. A closed pipe behind stdout is no failure of the run: what was to be done is done.
pub fn listener(form: Form, screen: Screen) -> impl FnMut(Event) + Send {
    // Where the colours are taken out on the way, each part would be written by itself; so they are taken out before.
    let out_is_plain = anstream::AutoStream::choice(&std::io::stdout()) == anstream::ColorChoice::Never;
    let err_is_plain = anstream::AutoStream::choice(&std::io::stderr()) == anstream::ColorChoice::Never;
    // Rows that still wait in it are written when the run ends and drops it.
    let mut out = BufWriter::new(stdout(out_is_plain));
    let mut err = BufWriter::new(anstream::stderr());
    let mut live = Live::new(form, screen);
    move |event| {
        match &event {
            Event::Progress(progress) if !live.shows(progress) => return,
            Event::Progress(_) => {}
            _ => live.clear(),
        }
        let told = match form {
            Form::Human => human::event(&event),
            Form::Json => Told { data: json::event(&event), talk: String::new() },
        };
        // A script is printed as it is, whatever stands in it.
        let data = without_colours(told.data, out_is_plain && !matches!(event, Event::Sql(_)));
        let _ = out.write_all(data.as_bytes());
        if !is_one_of_many(&event) {
            let _ = out.flush();
        }
        let talk = without_colours(told.talk, err_is_plain);
        let _ = err.write_all(talk.as_bytes()).and_then(|()| err.flush());
    }
}

fn stdout(is_plain: bool) -> Box<dyn Write + Send> {
    if is_plain { Box::new(std::io::stdout()) } else { Box::new(anstream::stdout()) }
}

/// Takes out what `anstyle` writes: ESC, `[`, numbers, `m`. There is no other ESC, since text from outside is made plain.
fn without_colours(text: String, is_plain: bool) -> String {
    if !is_plain {
        return text;
    }
    let mut parts = text.split('\x1b');
    let mut plain = String::with_capacity(text.len());
    plain.push_str(parts.next().unwrap_or_default());
    for part in parts {
        plain.push_str(part.split_once('m').map_or(part, |(_, rest)| rest));
    }
    plain
}

/// There may be a hundred thousand of these, one right after the other. All else is told at once.
fn is_one_of_many(event: &Event) -> bool {
    match event {
        Event::Status(_) | Event::Logged(_) | Event::Sql(_) | Event::Found(_) | Event::Planned(_) => true,
        Event::Counted(_)
        | Event::Waiting(_)
        | Event::Note(_)
        | Event::Started(_)
        | Event::Finished(_)
        | Event::Progress(_)
        | Event::Blocked(_)
        | Event::Stopping(_)
        | Event::Warning(_)
        | Event::Recovered(_)
        | Event::Protected(..)
        | Event::Unprotected(_)
        | Event::Nothing(_)
        | Event::WouldGo(_)
        | Event::Wrote(_)
        | Event::Database(..)
        | Event::Answered(_)
        | Event::Verdict(_)
        | Event::Short(_)
        | Event::Proved(_)
        | Event::Checked(_)
        | Event::Summed(_)
        | Event::Breach(_) => false,
    }
}

/// Tells how a command failed.
pub fn error(form: Form, error: &Error) {
    match form {
        Form::Human => {
            let _ = anstream::stderr().write_all(human::error(error).as_bytes());
        }
        Form::Json => {
            let _ = anstream::stdout().write_all(json::error(error).as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_taken_out_and_nothing_else() {
        let green = anstyle::Style::new().fg_color(Some(anstyle::AnsiColor::Green.into())).bold();
        for text in ["", "m", "a m\n", "[31m"] {
            let painted = format!("{green}{text}{green:#}{text}");
            assert_eq!(without_colours(painted.clone(), true), format!("{text}{text}"));
            assert_eq!(without_colours(painted.clone(), false), painted);
        }
    }
}
