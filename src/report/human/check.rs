//! `check` for people: each finding as an error looks, with its name in front.

use super::style::{BOLD, YELLOW, paint, place};
use crate::error::Place;
use crate::event::CheckCounts;
use crate::lint::Finding;
use crate::report::format::{count, plain};
use crate::report::lint_text::words;

/// One finding: name and sentence, where it stands, what to do.
pub fn finding(finding: &Finding) -> String {
    let said = words(&finding.risk);
    let head = paint(YELLOW, &format!("{}:", finding.risk.name()));
    let mut text = format!("{head} {}\n", paint(BOLD, &plain(&said.why)));
    match &finding.place {
        Some((at, line)) => {
            let (path, line_number, column) = (finding.path.clone(), at.line, at.column);
            text.push_str(&place(&Place { path, line: line_number, column, text: line.clone() }));
        }
        None => text.push_str(&format!(" --> {}\n", plain(&finding.path))),
    }
    text.push_str(&format!("{} {}\n\n", paint(BOLD, "hint:"), plain(&said.hint)));
    text
}

/// The last line.
pub fn counts(counts: &CheckCounts) -> String {
    let allowed = if counts.allowed > 0 { format!(", {} allowed", counts.allowed) } else { String::new() };
    let (migrations, findings) = (counts.migrations as u64, counts.findings as u64);
    format!("{} checked, {}{allowed}", count(migrations, "migration"), count(findings, "finding"))
}
