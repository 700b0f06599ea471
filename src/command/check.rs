//! `uturn check`: reads the files only. No server, no lock, nothing written.

use crate::command::Outcome;
use crate::error::Result;
use crate::event::{Event, Listener};
use crate::lint;
use crate::migration::pair::{Pairs, Rule};

/// Tells everything that is found, and how much there was to look at. A file that cannot be read ends it.
pub fn run(pairs: &Pairs, listener: &mut Listener<'_>) -> Result<Outcome> {
    let faults = pairs.faults();
    let unreadable: Vec<_> = faults.iter().filter(|fault| fault.rule == Rule::Unreadable).cloned().collect();
    if !unreadable.is_empty() {
        return Err(unreadable.into());
    }
    let checked = lint::check(&pairs.migrations, faults);
    let counts = crate::event::CheckCounts {
        migrations: checked.migrations,
        findings: checked.findings.len(),
        allowed: checked.allowed,
    };
    for finding in checked.findings {
        listener(Event::Found(finding));
    }
    listener(Event::Checked(counts));
    Ok(if counts.findings == 0 { Outcome::Done } else { Outcome::No })
}
