//! What no statement shows: which user variables routines, triggers and prepared texts name.

use crate::script::lexer::Modes;
use crate::statement::class::Kind;
use crate::statement::ddl::{Ddl, Object};
use crate::statement::session_effects;
use std::collections::BTreeSet;

/// The user variables of what no statement shows: routines, triggers, and texts that are prepared.
#[derive(Clone, Debug, Default)]
pub struct Hidden {
    pub(super) named: BTreeSet<String>,
    pub(super) given: BTreeSet<String>,
}

impl Hidden {
    /// Adds the body of a routine or trigger, or a text that may be a part of a statement.
    pub fn add(&mut self, text: &str, modes: Modes) {
        let found = session_effects::variables_of_body(text, modes);
        self.named.extend(found.read);
        self.given.extend(found.given);
    }

    /// Adds what a statement of the script holds of such.
    pub fn add_statement(&mut self, sql: &str, modes: Modes) {
        if memchr::memchr(b'@', sql.as_bytes()).is_none() {
            return;
        }
        session_effects::strings(sql, modes).for_each(|text| self.add(text, modes));
        if matches!(Kind::of(sql, modes), Kind::Ddl(ddl) if is_routine(&ddl)) {
            self.add(sql, modes);
        }
    }
}

pub(super) fn is_routine(ddl: &Ddl) -> bool {
    matches!(ddl.object, Object::Procedure | Object::Function | Object::Trigger | Object::Event)
}
