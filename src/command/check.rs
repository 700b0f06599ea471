//! `uturn check`: reads the files only. No server, no lock, nothing written.

use crate::command::Outcome;
use crate::event::{Event, Listener};
use crate::lint;
use crate::migration::pair::File;
use crate::script::encoding::Mangled;

/// Tells everything that is found, and how much there was to look at. `mangled`: the files that are not UTF-8.
pub fn run(files: Vec<File>, mangled: &[Mangled], listener: &mut Listener<'_>) -> Outcome {
    let checked = lint::check(files, mangled);
    let counts = crate::event::CheckCounts {
        migrations: checked.migrations,
        findings: checked.findings.len(),
        allowed: checked.allowed,
    };
    for finding in checked.findings {
        listener(Event::Found(finding));
    }
    listener(Event::Checked(counts));
    if counts.findings == 0 { Outcome::Done } else { Outcome::No }
}
