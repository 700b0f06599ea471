//! A value of a made-up row.

use std::borrow::Cow;

/// What stands in VALUES for one column.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// NULL.
    Null,
    /// What the column's DEFAULT gives.
    Default,
    /// A number, as SQL writes it.
    Number(String),
    /// Text; also dates, times, JSON and whatever else is written in quotes.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A geometry: its well-known text, and its SRID.
    Shape(String, u32),
}

impl Value {
    /// A whole number.
    pub fn whole(number: i128) -> Value {
        Value::Number(number.to_string())
    }

    /// As a unique key over so many characters of it sees it; nothing where it is no rival: NULL.
    pub fn in_key(&self, length: Option<u64>) -> Option<Cow<'_, str>> {
        let most = length.map_or(usize::MAX, |length| usize::try_from(length).unwrap_or(usize::MAX));
        match self {
            Value::Null => None,
            Value::Default => Some("DEFAULT".into()),
            Value::Number(text) | Value::Shape(text, _) => Some(text.into()),
            Value::Text(text) => Some(text.chars().take(most).collect::<String>().to_lowercase().into()),
            Value::Bytes(bytes) => {
                Some(bytes.iter().take(most).map(|byte| format!("{byte:02x}")).collect::<String>().into())
            }
        }
    }
}
