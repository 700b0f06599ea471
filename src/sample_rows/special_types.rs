//! Types that are neither numbers nor plain text: JSON, addresses, UUIDs, geometries, vectors.

use crate::sample_rows::rng::Dice;
use crate::sample_rows::value::Value;

/// Such a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// JSON.
    Json,
    /// MariaDB's UUID.
    Uuid,
    /// MariaDB's INET4.
    Inet4,
    /// MariaDB's INET6.
    Inet6,
    /// A geometry: its kind, and its SRID.
    Geometry(String, u32),
    /// A vector of so many floats.
    Vector(u64),
}

/// The most characters of a long JSON value: more than any VARCHAR's usual length.
const LONG: u64 = 3_000;

impl Shape {
    /// A long one.
    pub fn full(&self, dice: &mut Dice) -> Value {
        match self {
            Shape::Json => {
                let items: Vec<String> = (0..LONG / 10).map(|_| format!("\"{:07x}\"", dice.below(1 << 28))).collect();
                Value::Text(format!("[{}]", items.join(", ")))
            }
            Shape::Uuid | Shape::Inet4 | Shape::Inet6 | Shape::Geometry(..) | Shape::Vector(_) => self.any(dice),
        }
    }

    /// One of them.
    pub fn any(&self, dice: &mut Dice) -> Value {
        let index = dice.below(1 << 20);
        self.nth(index, dice)
    }

    /// How many different ones `nth` has.
    pub fn capacity(&self) -> u64 {
        match self {
            Shape::Inet4 => 1 << 24,
            Shape::Json | Shape::Uuid | Shape::Inet6 | Shape::Geometry(..) | Shape::Vector(_) => 1 << 32,
        }
    }

    /// Different for each index below the capacity.
    pub fn nth(&self, index: u64, dice: &mut Dice) -> Value {
        match self {
            Shape::Json => Value::Text(format!("{{\"n\": {index}, \"text\": \"é{:x}\"}}", dice.below(1 << 20))),
            Shape::Uuid => Value::Text(format!(
                "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
                index & 0xFFFF_FFFF,
                dice.below(1 << 16),
                dice.below(1 << 12),
                dice.below(1 << 12),
                dice.below(1 << 48)
            )),
            Shape::Inet4 => Value::Text(format!("10.{}.{}.{}", index >> 16 & 255, index >> 8 & 255, index & 255)),
            Shape::Inet6 => Value::Text(format!(
                "2001:db8::{:x}:{:x}:{:x}",
                dice.below(1 << 16),
                index >> 16 & 0xFFFF,
                index & 0xFFFF
            )),
            Shape::Geometry(kind, srid) => Value::Shape(geometry(kind, index), *srid),
            Shape::Vector(length) => {
                let float = |place: u64| (f64::from(u32::try_from(index + place).unwrap_or_default()) / 4.0) as f32;
                Value::Bytes((0..*length).flat_map(|place| float(place).to_le_bytes()).collect())
            }
        }
    }
}

/// Well-known text, within the degrees of a latitude and a longitude.
fn geometry(kind: &str, index: u64) -> String {
    // A coordinate of its own for each index below 2^32, and room for a small figure beside it.
    let (x, y) = ((index >> 16 & 0xFFFF) as f64 / 1024.0, (index & 0xFFFF) as f64 / 1024.0);
    let (x2, y2) = (x + 1.0, y + 1.0);
    let ring = format!("(({x} {y},{x2} {y},{x2} {y2},{x} {y2},{x} {y}))");
    match kind {
        "linestring" => format!("LINESTRING({x} {y},{x2} {y2})"),
        "polygon" => format!("POLYGON{ring}"),
        "multipoint" => format!("MULTIPOINT({x} {y},{x2} {y2})"),
        "multilinestring" => format!("MULTILINESTRING(({x} {y},{x2} {y2}))"),
        "multipolygon" => format!("MULTIPOLYGON({ring})"),
        "geometrycollection" | "geomcollection" => format!("GEOMETRYCOLLECTION(POINT({x} {y}))"),
        _ => format!("POINT({x} {y})"),
    }
}
