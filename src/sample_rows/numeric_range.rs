//! Numbers and moments: whole steps from a lowest to a highest.

use crate::sample_rows::days;
use crate::sample_rows::rng::Dice;
use crate::sample_rows::value::Value;

/// What a step is, and so how it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// 1.
    Whole,
    /// A power of ten below 1: the last digit of a DECIMAL.
    Digit(u32),
    /// A quarter: FLOAT and DOUBLE hold it exactly.
    Quarter,
    /// 1, written as so many bits.
    Bits(u32),
    /// A day.
    Day,
    /// A part of a second of a moment, with so many decimals.
    Moment(u32),
    /// A part of a second of a TIME.
    Clock(u32),
}

/// The steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Steps {
    /// What a step is.
    pub unit: Unit,
    /// The lowest that is used.
    pub low: i128,
    /// The highest that is used.
    pub high: i128,
    /// Where most values are.
    pub common: (i128, i128),
    /// Where keys begin to count.
    pub start: i128,
    /// Values of interest: around the limits of partitions.
    pub points: Vec<i128>,
}

impl Unit {
    /// How many steps a whole, a day or a second has.
    pub fn per_whole(self) -> i128 {
        match self {
            Unit::Whole | Unit::Bits(_) | Unit::Day => 1,
            Unit::Quarter => 4,
            Unit::Digit(scale) | Unit::Moment(scale) | Unit::Clock(scale) => 10_i128.pow(scale.min(30)),
        }
    }

    /// A literal of a CHECK or a partition as steps.
    pub fn read(self, literal: &str) -> Option<i128> {
        match self {
            Unit::Day => days::read(literal),
            Unit::Moment(_) => Some((days::read(literal)? * 86_400 + clock(literal.get(11..))?) * self.per_whole()),
            Unit::Clock(_) => Some(clock(Some(literal))? * self.per_whole()),
            Unit::Whole | Unit::Digit(_) | Unit::Quarter | Unit::Bits(_) => {
                let (whole, part) = literal.split_once('.').unwrap_or((literal, ""));
                let per_whole = self.per_whole();
                let digits = part.len().min(30);
                let below: i128 = if part.is_empty() { 0 } else { part[..digits].parse().ok()? };
                let below = below * per_whole / 10_i128.pow(u32::try_from(digits).ok()?);
                let sign = if whole.starts_with('-') { -1 } else { 1 };
                Some(whole.parse::<i128>().ok()?.checked_mul(per_whole)? + sign * below)
            }
        }
    }

    fn write(self, step: i128) -> Value {
        let per_whole = self.per_whole();
        match self {
            Unit::Whole => Value::whole(step),
            Unit::Digit(scale) => Value::Number(decimal(step, scale)),
            Unit::Quarter => Value::Number(decimal(step * 25, 2)),
            Unit::Bits(bits) => {
                Value::Bytes(step.to_be_bytes()[16 - bits.div_ceil(8).clamp(1, 16) as usize..].to_vec())
            }
            Unit::Day => Value::Text(days::written(step)),
            Unit::Moment(scale) => {
                let day = step.div_euclid(86_400 * per_whole);
                let of_day = step.rem_euclid(86_400 * per_whole);
                Value::Text(format!("{} {}", days::written(day), hours(of_day, scale)))
            }
            Unit::Clock(scale) => {
                let sign = if step < 0 { "-" } else { "" };
                Value::Text(format!("{sign}{}", hours(step.abs(), scale)))
            }
        }
    }
}

/// `12:34:56`, as seconds; nothing is midnight.
fn clock(text: Option<&str>) -> Option<i128> {
    let Some(text) = text else { return Some(0) };
    let mut parts = text.split('.').next()?.splitn(3, ':').map(|part| part.parse::<i128>().ok());
    Some(parts.next()?? * 3600 + parts.next()?? * 60 + parts.next().unwrap_or(Some(0))?)
}

fn hours(step: i128, scale: u32) -> String {
    let per_second = Unit::Clock(scale).per_whole();
    let (second, part) = (step / per_second, step % per_second);
    let whole = format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60);
    if scale == 0 { whole } else { format!("{whole}.{part:0width$}", width = scale as usize) }
}

fn decimal(step: i128, scale: u32) -> String {
    let per_whole = Unit::Digit(scale).per_whole();
    let sign = if step < 0 { "-" } else { "" };
    let (whole, part) = (step.abs() / per_whole, step.abs() % per_whole);
    if scale == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part:0width$}", width = scale as usize) }
}

impl Steps {
    /// From `low` to `high`, mostly in `common`; keys count from `start`.
    pub fn new(unit: Unit, low: i128, high: i128, common: (i128, i128), start: i128) -> Steps {
        Steps { unit, low, high, common, start, points: Vec::new() }
    }

    /// Nothing below.
    pub fn at_least(&mut self, low: i128) {
        self.low = self.low.max(low);
    }

    /// Nothing above.
    pub fn at_most(&mut self, high: i128) {
        self.high = self.high.min(high);
    }

    /// The greatest value.
    pub fn full(&self) -> Value {
        self.unit.write(self.high)
    }

    /// The smallest.
    pub fn least(&self) -> Value {
        self.unit.write(self.low)
    }

    /// One of them, mostly a common one.
    pub fn any(&self, dice: &mut Dice) -> Value {
        let inside = |step: &&i128| (self.low..=self.high).contains(*step);
        if !self.points.is_empty() && dice.one_in(2) {
            let points: Vec<i128> = self.points.iter().filter(inside).copied().collect();
            if let Some(point) = dice.pick(&points) {
                return self.unit.write(*point);
            }
        }
        let (low, high) = (self.low.max(self.common.0), self.high.min(self.common.1));
        let (low, high) = if low <= high { (low, high) } else { (self.low, self.high) };
        self.unit.write(dice.between(low, high))
    }

    /// How many different ones `nth` has.
    pub fn capacity(&self) -> u64 {
        let steps = (self.high - self.low) / self.stride() + i128::from(!self.skips_zero());
        u64::try_from(steps).unwrap_or(u64::MAX)
    }

    /// Different for each index below the capacity.
    pub fn nth(&self, index: u64) -> Value {
        let capacity = i128::from(self.capacity()).max(1);
        let stride = self.stride();
        if self.skips_zero() {
            // From 1 up, and only then below zero.
            let rank = ((self.start - 1).clamp(0, capacity - 1) + i128::from(index)) % capacity;
            let step = if rank < self.high { rank + 1 } else { self.high - rank - 1 };
            return self.unit.write(step);
        }
        let first = ((self.start - self.low) / stride).clamp(0, capacity - 1);
        self.unit.write(self.low + (first + i128::from(index)) % capacity * stride)
    }

    /// 0 in a counted column asks the server for the next number.
    fn skips_zero(&self) -> bool {
        self.unit == Unit::Whole && self.low <= 0 && self.high >= 1
    }

    /// Keys count moments in whole seconds: a shorter fraction keeps them apart.
    fn stride(&self) -> i128 {
        match self.unit {
            Unit::Moment(_) | Unit::Clock(_) => self.unit.per_whole(),
            Unit::Whole | Unit::Digit(_) | Unit::Quarter | Unit::Bits(_) | Unit::Day => 1,
        }
    }
}
