//! The text of a script, shared and never copied: a dump can be larger than all else that a process holds.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// A text that costs nothing to clone.
#[derive(Clone)]
pub enum Text {
    /// Built into the binary.
    BuiltIn(&'static str),
    /// Read at run time.
    Read(Arc<String>),
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Text::BuiltIn(text) => text,
            Text::Read(text) => text,
        }
    }
}

impl From<&'static str> for Text {
    fn from(text: &'static str) -> Text {
        Text::BuiltIn(text)
    }
}

impl From<String> for Text {
    fn from(text: String) -> Text {
        Text::Read(Arc::new(text))
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Text) -> bool {
        **self == **other
    }
}

impl Eq for Text {}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}
