//! Events -> bytes. stdout is data, stderr is talk; which event is which is decided here.

pub mod format;
pub mod human;
pub mod json;
pub mod lint_text;
pub mod output;
pub mod progress;

use crate::error::Error;
use crate::event::Event;
use human::Told;
pub use output::{Form, Screen};
use progress::Live;
use std::io::{self, BufWriter, Write};

/// Tells events as they come, and remembers whether stdout took all that is written to it.
pub struct Reporter {
    form: Form,
    live: Live,
    out_is_plain: bool,
    err_is_plain: bool,
    // Rows that still wait in it are written when the run ends.
    out: BufWriter<Box<dyn Write + Send>>,
    err: BufWriter<anstream::Stderr>,
    /// Why it took no more. Nothing is written after that.
    lost: Option<io::Error>,
}

impl Reporter {
    /// Nothing is told yet.
    pub fn new(form: Form, screen: Screen) -> Reporter {
        // Where the colours are taken out on the way, each part would be written by itself; so they are taken out before.
        let out_is_plain = anstream::AutoStream::choice(&io::stdout()) == anstream::ColorChoice::Never;
        let err_is_plain = anstream::AutoStream::choice(&io::stderr()) == anstream::ColorChoice::Never;
        let (out, err) = (BufWriter::new(stdout(out_is_plain)), BufWriter::new(anstream::stderr()));
        Reporter { form, live: Live::new(form, screen), out_is_plain, err_is_plain, out, err, lost: None }
    }

    /// Tells one.
    pub fn tell(&mut self, event: Event) {
        match &event {
            Event::Progress(progress) if !self.live.shows(progress) => return,
            Event::Progress(_) => {}
            _ => self.live.clear(),
        }
        let told = match self.form {
            Form::Human => human::event(&event),
            Form::Json => Told { data: json::event(&event), talk: String::new() },
        };
        // A script is printed as it is, whatever stands in it.
        let data = without_colours(told.data, self.out_is_plain && !matches!(event, Event::Sql(_)));
        let flushed = if is_one_of_many(&event) { Flush::Later } else { Flush::Now };
        self.write(data.as_bytes(), flushed);
        let talk = without_colours(told.talk, self.err_is_plain);
        let _ = self.err.write_all(talk.as_bytes()).and_then(|()| self.err.flush());
    }

    fn write(&mut self, data: &[u8], flush: Flush) {
        if self.lost.is_some() {
            return;
        }
        let written = self.out.write_all(data).and_then(|()| match flush {
            Flush::Now => self.out.flush(),
            Flush::Later => Ok(()),
        });
        self.lost = written.err();
    }

    /// Writes what still waits. An error if stdout did not take everything, unless nobody reads it any more: whoever closes a
    /// pipe has seen enough.
    pub fn finish(mut self) -> io::Result<()> {
        self.write(&[], Flush::Now);
        match self.lost {
            Some(error) => unless_closed(error),
            None => Ok(()),
        }
    }
}

/// When what was written must arrive.
enum Flush {
    Now,
    Later,
}

/// Prints a text that is no event: a manual page, a completion script, a help.
pub fn print(text: &str) -> io::Result<()> {
    let mut out = anstream::stdout();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).or_else(unless_closed)
}

fn unless_closed(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) }
}

fn stdout(is_plain: bool) -> Box<dyn Write + Send> {
    if is_plain { Box::new(io::stdout()) } else { Box::new(anstream::stdout()) }
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
        Event::Status(_)
        | Event::Unnamed(_)
        | Event::Logged(_)
        | Event::Sql(_)
        | Event::Found(_)
        | Event::Planned(_) => true,
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
        | Event::WillRemove(_)
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

/// Tells what is wrong with a command line.
pub fn usage(message: &str) {
    let _ = anstream::stderr().write_all(message.as_bytes());
}

/// Tells how a command failed.
pub fn error(form: Form, error: &Error) {
    match form {
        Form::Human => {
            let _ = anstream::stderr().write_all(human::error(error).as_bytes());
        }
        Form::Json => {
            // Where stdout takes nothing any more, a person may still be reading.
            if print(&json::error(error)).is_err() {
                self::error(Form::Human, error);
            }
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
