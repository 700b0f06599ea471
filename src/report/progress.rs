//! A statement that takes long is alive: a bar on a terminal, a line a minute in a log, an event every ten seconds in JSON.

use crate::event::{Busy, Progress, With};
use crate::report::format::{elapsed, plain};
use crate::report::output::{Form, Screen};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::time::{Duration, Instant};

/// What is drawn or was last written.
pub struct Live {
    form: Form,
    screen: Screen,
    bar: Option<ProgressBar>,
    last: Option<Instant>,
}

impl Live {
    /// Nothing yet.
    pub fn new(form: Form, screen: Screen) -> Live {
        Live { form, screen, bar: None, last: None }
    }

    /// Something else is told: what is drawn goes.
    pub fn clear(&mut self) {
        self.last = None;
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }

    /// Draws it, or says whether it is to be written.
    pub fn shows(&mut self, progress: &Progress) -> bool {
        match (self.form, self.screen) {
            (Form::Json, _) | (Form::Human, Screen::Log) => self.is_due(Instant::now()),
            (Form::Human, Screen::Terminal) => {
                self.draw(progress);
                false
            }
        }
    }

    /// The first one comes when a second has passed: an event at once, a line after the rest of its minute.
    fn is_due(&mut self, now: Instant) -> bool {
        let (each, also_first) = match self.form {
            Form::Json => (Duration::from_secs(10), true),
            Form::Human => (Duration::from_secs(60), false),
        };
        match self.last {
            None => {
                self.last = Some(if also_first { now } else { now - Duration::from_secs(1) });
                also_first
            }
            Some(last) if now - last >= each => {
                self.last = Some(now);
                true
            }
            Some(_) => false,
        }
    }

    fn draw(&mut self, progress: &Progress) {
        let bar = self.bar.get_or_insert_with(|| {
            ProgressBar::with_draw_target(Some(1000), ProgressDrawTarget::stderr()).with_style(spinner())
        });
        if let Some(percent) = progress.percent {
            bar.set_style(with_percent());
            bar.set_position((percent * 10.0) as u64);
        } else {
            bar.set_style(spinner());
        }
        bar.set_message(line(progress));
        bar.tick();
    }
}

fn spinner() -> ProgressStyle {
    ProgressStyle::with_template("{spinner} {msg}").expect("a template of ours")
}

fn with_percent() -> ProgressStyle {
    ProgressStyle::with_template("{spinner} [{bar:24}] {msg}").expect("a template of ours").progress_chars("=> ")
}

/// `statement 2 of 3 of `20260101000000-add-phone`: 1 min 5 s, 47 %, copy to tmp table`
pub fn line(progress: &Progress) -> String {
    let percent = progress.percent.map(|percent| format!(", {percent:.0} %")).unwrap_or_default();
    let state = progress.state.as_ref().map(|state| format!(", {}", plain(state))).unwrap_or_default();
    format!("{}: {}{percent}{state}", busy(&progress.busy), elapsed(progress.elapsed))
}

/// `statement 2 of 3 of `20260101000000-add-phone``
pub fn busy(busy: &Busy) -> String {
    let what = match busy.with {
        With::Statement => "statement",
        With::Record => "recording statement",
    };
    format!("{what} {} of {} of `{}` ({})", busy.statement, busy.statements, busy.name, busy.direction)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A statement of a minute and of ten minutes, looked at once a second: how often that is written.
    #[test]
    fn a_log_gets_a_line_a_minute_and_json_an_event_every_ten_seconds() {
        for (form, seconds, lines) in [
            (Form::Human, 59, 0),
            (Form::Human, 61, 1),
            (Form::Human, 600, 10),
            (Form::Json, 1, 1),
            (Form::Json, 60, 6),
        ] {
            let mut live = Live::new(form, Screen::Log);
            let start = Instant::now();
            let is_written = |second: &u64| live.is_due(start + Duration::from_secs(*second));
            assert_eq!((1..=seconds).filter(is_written).count(), lines, "{form:?}, {seconds} s");
        }
    }
}
