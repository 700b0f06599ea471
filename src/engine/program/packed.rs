//! The statements of a script, in sixteen bytes each: a dump may hold a million. What else there is to know of one is
//! found out again from its text when it is asked for, but for the first few DDL statements: most scripts hold no others.

use crate::engine::program::step::{Action, Step};
use crate::script::lexer::Modes;
use crate::script::source_text::Text;
use crate::statement::ddl::Ddl;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// A script's statements, in the order in which they run.
#[derive(Clone)]
pub struct Steps {
    text: Text,
    packed: Vec<Packed>,
    /// What the first DDL statements are about.
    ddls: Vec<Arc<Ddl>>,
    /// Why statements are left out: few reasons, whatever their number.
    reasons: Vec<&'static str>,
}

#[derive(Clone, Copy)]
struct Packed {
    start: usize,
    /// No server takes a statement of more than 1 GB.
    length: u32,
    /// The number of its shape, or `NONE`.
    shape: u16,
    kind: Kind,
    modes: PackedModes,
}

const NONE: u16 = u16::MAX;

/// DDL statements of a script that are kept as they were read.
const KEPT: usize = 32;

/// `Action`, without what belongs to it.
#[derive(Clone, Copy)]
enum Kind {
    Dml,
    /// Its place among those that are kept, or `KEPT`.
    Ddl(u8),
    Maintenance,
    Global,
    Call,
    Session,
    Boundary,
    LeaveOut(u8),
}

/// `Modes` in one byte.
#[derive(Clone, Copy)]
struct PackedModes(u8);

impl From<Modes> for PackedModes {
    fn from(modes: Modes) -> PackedModes {
        PackedModes(u8::from(modes.ansi_quotes) | u8::from(modes.no_backslash_escapes) << 1)
    }
}

impl From<PackedModes> for Modes {
    fn from(packed: PackedModes) -> Modes {
        Modes { ansi_quotes: packed.0 & 1 != 0, no_backslash_escapes: packed.0 & 2 != 0 }
    }
}

impl Steps {
    /// None yet, of this script.
    pub fn of(text: Text) -> Steps {
        Steps { text, packed: Vec::new(), ddls: Vec::new(), reasons: Vec::new() }
    }

    /// Adds the next one. False if it is longer than any server takes.
    pub fn push(&mut self, span: Range<usize>, modes: Modes, action: &Action, shape: Option<u16>) -> bool {
        let Ok(length) = u32::try_from(span.len()) else { return false };
        let kind = self.kind(action);
        self.packed.push(Packed { start: span.start, length, shape: shape.unwrap_or(NONE), kind, modes: modes.into() });
        true
    }

    fn kind(&mut self, action: &Action) -> Kind {
        match action {
            Action::Dml => Kind::Dml,
            Action::Ddl(ddl) => {
                let place = self.ddls.len();
                if place < KEPT {
                    self.ddls.push(ddl.clone());
                }
                Kind::Ddl(place as u8)
            }
            Action::Maintenance => Kind::Maintenance,
            Action::Global => Kind::Global,
            Action::Call => Kind::Call,
            Action::Session => Kind::Session,
            Action::Boundary => Kind::Boundary,
            Action::LeaveOut(why) => {
                let place = self.reasons.iter().position(|known| known == why).unwrap_or_else(|| {
                    self.reasons.push(why);
                    self.reasons.len() - 1
                });
                Kind::LeaveOut(place as u8)
            }
        }
    }

    /// Leaves one of them out, by its number.
    pub fn leave_out(&mut self, number: usize, why: &'static str) {
        self.packed[number - 1].kind = self.kind(&Action::LeaveOut(why));
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.packed.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.packed.is_empty()
    }

    /// Whether one of them at most leaves a row in the journal.
    pub fn leave_one_row(&self) -> bool {
        let is_durable = |one: &&Packed| !matches!(one.kind, Kind::Session | Kind::Boundary | Kind::LeaveOut(_));
        self.packed.iter().filter(is_durable).nth(1).is_none()
    }

    /// Whether one of them is DML.
    pub fn hold_dml(&self) -> bool {
        self.packed.iter().any(|one| matches!(one.kind, Kind::Dml))
    }

    /// One of them, counted from 0.
    pub fn get(&self, index: usize) -> Option<Step> {
        let packed = *self.packed.get(index)?;
        let span = packed.start..packed.start + packed.length as usize;
        let modes = packed.modes.into();
        let action = match packed.kind {
            Kind::Dml => Action::Dml,
            Kind::Ddl(place) => Action::Ddl(match self.ddls.get(usize::from(place)) {
                Some(ddl) => ddl.clone(),
                None => Ddl::of(&self.text[span.clone()], modes).into(),
            }),
            Kind::Maintenance => Action::Maintenance,
            Kind::Global => Action::Global,
            Kind::Call => Action::Call,
            Kind::Session => Action::Session,
            Kind::Boundary => Action::Boundary,
            Kind::LeaveOut(place) => Action::LeaveOut(self.reasons[usize::from(place)]),
        };
        let shape = (packed.shape != NONE).then_some(packed.shape);
        Some(Step { number: index + 1, span, modes, action, shape })
    }

    /// Some of them, counted from 0; what lies behind the end is none.
    pub fn range(&self, range: Range<usize>) -> impl Iterator<Item = Step> + '_ {
        (range.start..range.end.min(self.len())).filter_map(|index| self.get(index))
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = Step> + '_ {
        self.range(0..self.len())
    }
}

impl fmt::Debug for Steps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
