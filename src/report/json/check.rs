//! `check` as JSON.

use crate::event::CheckCounts;
use crate::lint::Finding;
use crate::report::lint_text::words;
use serde_json::{Value, json};

/// One finding.
pub fn finding(finding: &Finding) -> Value {
    let said = words(&finding.risk);
    let (at, text) = finding.place.as_ref().map(|(at, text)| (at, text)).unzip();
    json!({
        "event": "finding", "finding": finding.risk.name(), "migration": finding.migration,
        "place": {
            "path": finding.path, "line": at.map(|at| at.line), "column": at.map(|at| at.column), "text": text,
        },
        "why": said.why, "hint": said.hint,
    })
}

/// The end of the list.
pub fn counts(counts: &CheckCounts) -> Value {
    json!({
        "event": "checked", "migrations": counts.migrations, "findings": counts.findings, "allowed": counts.allowed,
    })
}
