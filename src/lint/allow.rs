//! `-- uturn: allow NAME: REASON`: a finding that is known and wanted. One in either file of a pair holds for both, since the up
//! of a migration that has run must not be changed any more.

use crate::lint::finding::{Hit, NAMES, Risk};
use crate::migration::name::Direction;

/// A comment that allows something.
#[derive(Clone, Debug)]
pub(crate) struct Allow {
    pub(crate) direction: Direction,
    pub(crate) offset: usize,
    pub(crate) name: String,
}

/// Takes out what is allowed, and adds the allows that allow nothing.
pub(crate) fn apply(allows: Vec<Allow>, mut hits: Vec<Hit>, allowed: &mut usize) -> Vec<Hit> {
    let mut wrong = Vec::new();
    let mut silenced: Vec<&'static str> = Vec::new();
    for Allow { direction, offset, name } in &allows {
        let known = NAMES.iter().find(|known| *known == name && Risk::can_be_allowed(known));
        let risk = match known {
            None => Risk::UnknownAllow(name.clone()),
            Some(known) if hits.iter().any(|hit| hit.risk.name() == *known) => {
                silenced.push(known);
                continue;
            }
            Some(_) => Risk::UnusedAllow(name.clone()),
        };
        wrong.push(Hit { direction: *direction, offset: *offset, risk });
    }
    let before = hits.len();
    hits.retain(|hit| !silenced.contains(&hit.risk.name()));
    *allowed += before - hits.len();
    hits.extend(wrong);
    hits
}
