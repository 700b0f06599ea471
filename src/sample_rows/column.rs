//! One column of a table that is filled.

use crate::sample_rows::check_hints::{self, Hint, Token};
use crate::sample_rows::column_values::{Domain, Face};
use crate::sample_rows::partition_bounds::Fence;
use crate::sample_rows::rng::Dice;
use crate::sample_rows::unique_keys::Spread;
use crate::sample_rows::value::Value;
use crate::schema::table::{Column, Table};

/// How often a row that the server refuses is tried with other values.
pub const ATTEMPTS: u64 = 12;

/// Where a row stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The first number of its batch.
    pub start: u64,
    /// Its place in the batch.
    pub offset: u64,
    /// How often it was refused.
    pub attempt: u64,
}

impl Place {
    /// The number of the row whose chance it shares: the second row of a batch is the twin of the first, so that every
    /// value that may repeat does, alone and together with others.
    fn number(self) -> u64 {
        let twin = self.offset == 1 && self.attempt == 0;
        self.start + if twin { 0 } else { self.offset } + (self.attempt << 40)
    }

    /// The third row of a batch holds NULLs.
    fn is_bare(self) -> bool {
        self.offset == 2 && self.attempt == 0
    }
}

/// A column.
#[derive(Clone, Debug)]
pub struct Slot {
    /// Its values; nothing where the server makes them, or where the type is not known.
    pub domain: Option<Domain>,
    /// Its values before a CHECK or the partitions narrowed them.
    wide: Option<Domain>,
    /// Whether it takes NULL.
    pub nullable: bool,
    /// Whether it has a DEFAULT that can be asked for.
    has_default: bool,
    /// Whether it is generated.
    pub generated: bool,
    /// A unique key sees no more of it.
    pub width: Option<u64>,
    /// What makes it differ where a unique key wants it.
    pub spread: Option<Spread>,
}

impl Slot {
    /// Of a column, narrowed by the table's CHECKs and partitions.
    pub fn of(table: &Table, column: &Column) -> Slot {
        let generated = is_generated(column);
        let wide = if generated { None } else { Domain::of(column) };
        let (domain, not_null) = narrowed(table, column, wide.clone());
        Slot {
            wide: if domain == wide { None } else { wide },
            domain,
            nullable: column.nullable && !not_null,
            has_default: has_default(column),
            generated,
            width: None,
            spread: None,
        }
    }

    /// Whether rows cannot be made for it: it must have a value, and its type is not known.
    pub fn is_unknown(&self) -> bool {
        self.domain.is_none() && !self.generated && !self.nullable && !self.has_default
    }

    /// How many different values it has for a unique key.
    pub fn capacity(&self) -> u64 {
        self.domain.as_ref().map_or(0, |domain| domain.capacity(self.width))
    }

    /// The value of a row; nothing where a unique key has no room for it.
    pub fn value(&self, seed: u64, words: &[&str], place: Place, rows: u64) -> Option<Value> {
        let Some(domain) = &self.domain else {
            return Some(if self.has_default { Value::Default } else { Value::Null });
        };
        match self.spread {
            Some(spread) => self.in_key(domain, spread, seed, words, place, rows),
            None => Some(self.free(domain, place, &mut Dice::new(seed, words, place.number()))),
        }
    }

    fn in_key(
        &self,
        domain: &Domain,
        spread: Spread,
        seed: u64,
        words: &[&str],
        place: Place,
        rows: u64,
    ) -> Option<Value> {
        let row = place.start + place.offset + place.attempt * rows;
        let index = spread.index(row);
        let is_null = place.is_bare() || place.offset > 3 && Dice::new(seed, words, row << 1 | 1).one_in(6);
        if self.nullable && (is_null || index >= self.capacity()) {
            return Some(Value::Null);
        }
        if index >= self.capacity() {
            return None;
        }
        // The chance is that of the index: rows with the same index have the same value.
        let mut dice = Dice::new(seed, words, index);
        let value = domain.nth(index, self.width, &mut dice);
        Some(match (domain, value) {
            (Domain::Words(words), Value::Text(text)) if place.offset == 0 && place.attempt == 0 => {
                words.stretched(text, &mut dice)
            }
            (_, value) => value,
        })
    }

    fn free(&self, domain: &Domain, place: Place, dice: &mut Dice) -> Value {
        if place.is_bare() {
            if self.nullable {
                return Value::Null;
            }
            if self.has_default {
                return Value::Default;
            }
        }
        // A refused row may try what a CHECK seems to forbid: the clause was read, not understood.
        let domain = match &self.wide {
            Some(wide) if place.attempt > 3 && dice.one_in(3) => wide,
            _ => domain,
        };
        let face = match (place.attempt, place.offset) {
            (0, 0) => Face::Full { first: place.start == 0 },
            (0, 1) => Face::Full { first: false },
            (0, 3) => Face::Least,
            (attempt, offset) => Face::Turn(offset.saturating_sub(2) + attempt),
        };
        // Of a small type each value is used before any repeats or gives way to NULL.
        let all_shown = match domain {
            Domain::Choice(values) => place.offset >= values.len() as u64 + 2,
            Domain::Steps(_) | Domain::Words(_) | Domain::Raw(_) | Domain::Set(_) | Domain::Shape(_) => true,
        };
        if matches!(face, Face::Turn(_)) && all_shown {
            if self.nullable && dice.one_in(6) {
                return Value::Null;
            }
            if self.has_default && dice.one_in(8) {
                return Value::Default;
            }
        }
        domain.face(face, dice)
    }
}

/// Whether the server makes a column's values.
pub fn is_generated(column: &Column) -> bool {
    let extra = column.extra.to_ascii_uppercase();
    column.generated.is_some() || extra.contains("STORED GENERATED") || extra.contains("VIRTUAL GENERATED")
}

fn has_default(column: &Column) -> bool {
    let is_zero_date = |default: &String| default.trim_matches('\'').starts_with("0000-00-00");
    let is_null = |default: &String| default == "NULL";
    column.default.as_ref().is_some_and(|default| !is_zero_date(default) && !is_null(default))
}

/// What CHECKs and partitions leave of a column's values, and whether a CHECK forbids NULL.
fn narrowed(table: &Table, column: &Column, wide: Option<Domain>) -> (Option<Domain>, bool) {
    let mut not_null = false;
    let Some(mut domain) = wide.clone() else { return (None, false) };
    for clause in table.checks.values() {
        let either = check_hints::tokens(clause).contains(&Token::Word("or".to_owned()));
        for hint in check_hints::hints(clause).iter().filter(|hint| hint.column() == column.name) {
            match hint {
                Hint::NotNull(_) => not_null |= !either,
                _ => check_hints::narrow(&mut domain, hint),
            }
        }
    }
    if let Some(fence) = Fence::of(&table.partitions).filter(|fence| fence.column == column.name) {
        fence.narrow(&mut domain);
    }
    let is_empty = match &domain {
        Domain::Steps(steps) => steps.low > steps.high,
        Domain::Choice(values) => values.is_empty(),
        Domain::Words(_) | Domain::Raw(_) | Domain::Set(_) | Domain::Shape(_) => false,
    };
    (if is_empty { wide } else { Some(domain) }, not_null)
}
