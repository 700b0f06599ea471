//! What a column can hold, read from its type as INFORMATION_SCHEMA writes it.

use crate::sample_rows::days::day;
use crate::sample_rows::numeric_range::{Steps, Unit};
use crate::sample_rows::rng::Dice;
use crate::sample_rows::special_types::Shape;
use crate::sample_rows::text_values::{self, Raw, Words};
use crate::sample_rows::value::Value;
use crate::schema::table::Column;

/// The values of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Domain {
    /// Numbers and moments.
    Steps(Steps),
    /// Text.
    Words(Words),
    /// Bytes.
    Raw(Raw),
    /// An ENUM, or what a CHECK or the partitions leave of another type.
    Choice(Vec<Value>),
    /// A SET.
    Set(Vec<String>),
    /// Another type.
    Shape(Shape),
}

/// Which of its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    /// The longest, the greatest; in the first row of the table, or in the first row of a later batch.
    Full {
        /// In the first row of the table.
        first: bool,
    },
    /// The shortest, the smallest.
    Least,
    /// One of those that are taken in turn: a small type shows all of its values.
    Turn(u64),
}

impl Domain {
    /// Of a column; nothing for a type that is not known here.
    pub fn of(column: &Column) -> Option<Domain> {
        let kind = column.kind.to_ascii_lowercase();
        let end = kind.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(kind.len());
        let unsigned = kind.contains("unsigned");
        let collation = column.collation.as_deref().unwrap_or_default();
        let sizes = sizes(&kind);
        let size = |place: usize, other: u32| sizes.get(place).copied().unwrap_or(other);
        let text = |most: u64, bytes: u64| Domain::Words(Words::new(most, bytes, text_values::beyond(collation)));
        let raw = |most: u64, fixed: bool| Domain::Raw(Raw { most, fixed });
        Some(match &kind[..end] {
            "tinyint" if kind.starts_with("tinyint(1)") => boolean(),
            "bool" | "boolean" => boolean(),
            "tinyint" => whole(8, unsigned),
            "smallint" => whole(16, unsigned),
            "mediumint" => whole(24, unsigned),
            "int" | "integer" => whole(32, unsigned),
            "bigint" => whole(64, unsigned),
            "decimal" | "numeric" | "float" | "double" if sizes.len() == 2 => {
                decimal(size(0, 10), size(1, 0), unsigned)
            }
            "decimal" | "numeric" => decimal(size(0, 10), 0, unsigned),
            "float" => floating(1 << 22, unsigned),
            "double" => floating(1 << 50, unsigned),
            "bit" => bits(size(0, 1)),
            "year" => steps(Unit::Whole, 1902, 2155, (1970, 2037), 1970),
            "date" => steps(
                Unit::Day,
                day(1900, 1, 1),
                day(2099, 12, 31),
                (day(1990, 1, 1), day(2037, 12, 31)),
                day(2001, 1, 1),
            ),
            "datetime" => moment(size(0, 0), 1900, 2099),
            "timestamp" => moment(size(0, 0), 1971, 2037),
            "time" => time(size(0, 0)),
            "char" | "varchar" => text(size(0, 1).into(), u64::from(size(0, 1)) * 4),
            "tinytext" => text(255, 255),
            "text" => text(65_535, 65_535),
            "mediumtext" | "longtext" => text(u64::from(u32::MAX), u64::from(u32::MAX)),
            "binary" => raw(size(0, 1).into(), true),
            "varbinary" => raw(size(0, 1).into(), false),
            "tinyblob" => raw(255, false),
            "blob" => raw(65_535, false),
            "mediumblob" | "longblob" => raw(u64::from(u32::MAX), false),
            "enum" => Domain::Choice(members(&column.kind).into_iter().map(Value::Text).collect()),
            "set" => Domain::Set(members(&column.kind)),
            "json" => Domain::Shape(Shape::Json),
            "uuid" => Domain::Shape(Shape::Uuid),
            "inet4" => Domain::Shape(Shape::Inet4),
            "inet6" => Domain::Shape(Shape::Inet6),
            "vector" => Domain::Shape(Shape::Vector(size(0, 1).into())),
            word @ ("geometry" | "point" | "linestring" | "polygon" | "multipoint" | "multilinestring"
            | "multipolygon" | "geometrycollection" | "geomcollection") => {
                Domain::Shape(Shape::Geometry(word.to_owned(), 0))
            }
            _ => return None,
        })
    }

    /// A value of this face.
    pub fn face(&self, face: Face, dice: &mut Dice) -> Value {
        match (self, face) {
            (Domain::Steps(steps), Face::Full { .. }) => steps.full(),
            (Domain::Steps(steps), Face::Least) => steps.least(),
            (Domain::Steps(steps), Face::Turn(_)) => steps.any(dice),
            (Domain::Words(words), Face::Full { first }) => words.full(first, dice),
            (Domain::Words(words), Face::Least) => words.least(dice),
            (Domain::Words(words), Face::Turn(_)) => words.any(dice),
            (Domain::Raw(raw), Face::Full { first }) => raw.full(first, dice),
            (Domain::Raw(raw), Face::Least) => raw.least(dice),
            (Domain::Raw(raw), Face::Turn(_)) => raw.any(dice),
            (Domain::Choice(values), Face::Full { .. }) => in_turn(values, 0),
            (Domain::Choice(values), Face::Least) => in_turn(values, 1),
            (Domain::Choice(values), Face::Turn(turn)) => in_turn(values, turn),
            (Domain::Set(members), Face::Full { .. }) => subset(members, u64::MAX),
            (Domain::Set(members), Face::Least) => subset(members, 0),
            (Domain::Set(members), Face::Turn(_)) => subset(members, dice.roll()),
            (Domain::Shape(shape), Face::Full { .. }) => shape.full(dice),
            (Domain::Shape(shape), Face::Least | Face::Turn(_)) => shape.any(dice),
        }
    }

    /// Gives a geometry its SRID.
    pub fn set_srid(&mut self, srid: u32) {
        if let Domain::Shape(Shape::Geometry(_, of_shape)) = self {
            *of_shape = srid;
        }
    }

    /// How many different values `nth` has, seen through so many characters or bytes of them.
    pub fn capacity(&self, width: Option<u64>) -> u64 {
        match self {
            Domain::Steps(steps) => steps.capacity(),
            Domain::Words(words) => words.capacity(width),
            Domain::Raw(raw) => raw.capacity(width),
            Domain::Choice(values) => values.len() as u64,
            Domain::Set(members) => 1 << members.len().min(63),
            Domain::Shape(shape) => shape.capacity(),
        }
    }

    /// Different for each index below the capacity.
    pub fn nth(&self, index: u64, width: Option<u64>, dice: &mut Dice) -> Value {
        match self {
            Domain::Steps(steps) => steps.nth(index),
            Domain::Words(words) => words.nth(index, width, dice),
            Domain::Raw(raw) => raw.nth(index, width, dice),
            Domain::Choice(values) => in_turn(values, index),
            Domain::Set(members) => subset(members, index),
            Domain::Shape(shape) => shape.nth(index, dice),
        }
    }
}

fn in_turn(values: &[Value], turn: u64) -> Value {
    let place = turn % (values.len() as u64).max(1);
    values.get(usize::try_from(place).unwrap_or_default()).cloned().unwrap_or(Value::Null)
}

fn subset(members: &[String], bits: u64) -> Value {
    let chosen = members.iter().enumerate().filter(|(place, _)| bits >> place & 1 == 1);
    Value::Text(chosen.map(|(_, member)| member.as_str()).collect::<Vec<_>>().join(","))
}

fn steps(unit: Unit, low: i128, high: i128, common: (i128, i128), start: i128) -> Domain {
    Domain::Steps(Steps::new(unit, low, high, common, start))
}

fn boolean() -> Domain {
    Domain::Choice(vec![Value::whole(1), Value::whole(0)])
}

/// Close to the ends, not at them: a migration that adds one must not overflow. Keys count from 1001: the rows that
/// migrations write themselves have smaller numbers.
fn whole(bits: u32, unsigned: bool) -> Domain {
    let end = (1_i128 << if unsigned { bits } else { bits - 1 }) - 1;
    let high = end - end / 16;
    let low = if unsigned { 0 } else { -high };
    steps(Unit::Whole, low, high, (low.max(-9), high.min(1000)), if bits == 8 { 41 } else { 1001 })
}

fn decimal(precision: u32, scale: u32, unsigned: bool) -> Domain {
    let end = 10_i128.pow(precision.min(37)) - 1;
    let (high, scale) = (end - end / 16, scale.min(30));
    let one = 10_i128.pow(scale);
    let low = if unsigned { 0 } else { -high };
    let unit = if scale == 0 { Unit::Whole } else { Unit::Digit(scale) };
    steps(
        unit,
        low,
        high,
        (low.max(-9 * one), high.min(one.saturating_mul(1000))),
        one.saturating_mul(1001).min(high / 2),
    )
}

fn floating(high: i128, unsigned: bool) -> Domain {
    steps(Unit::Quarter, if unsigned { 0 } else { -high }, high, (0, 4000), 4004)
}

fn bits(bits: u32) -> Domain {
    let high = (1_i128 << bits.min(64)) - 1;
    steps(Unit::Bits(bits), 0, high, (0, high), 0)
}

fn moment(scale: u32, first: i128, last: i128) -> Domain {
    let of = |year: i128| day(year, 1, 1) * 86_400 * 10_i128.pow(scale.min(6));
    steps(Unit::Moment(scale), of(first), of(last + 1) - 1, (of(1990.max(first)), of(2037)), of(2001))
}

fn time(scale: u32) -> Domain {
    let of = |hours: i128| hours * 3600 * 10_i128.pow(scale.min(6));
    steps(Unit::Clock(scale), -of(838), of(838), (0, of(24) - 1), of(1))
}

/// The numbers in a type's first parentheses.
fn sizes(kind: &str) -> Vec<u32> {
    let inside = kind.split_once('(').and_then(|(_, rest)| rest.split_once(')')).map_or("", |(inside, _)| inside);
    inside.split(',').filter_map(|size| size.trim().parse().ok()).collect()
}

/// The members of an ENUM or a SET. The servers write them with doubled quotes and with backslashes before backslashes.
pub fn members(kind: &str) -> Vec<String> {
    let mut members = Vec::new();
    let mut characters = kind.chars().peekable();
    while let Some(character) = characters.next() {
        if character != '\'' {
            continue;
        }
        let mut member = String::new();
        while let Some(character) = characters.next() {
            match character {
                '\'' if characters.peek() == Some(&'\'') => member.extend(characters.next()),
                '\'' => break,
                '\\' => member.extend(characters.next().map(unescaped)),
                other => member.push(other),
            }
        }
        members.push(member);
    }
    members
}

fn unescaped(character: char) -> char {
    match character {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        '0' => '\0',
        other => other,
    }
}
