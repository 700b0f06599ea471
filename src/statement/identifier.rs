//! Names in a statement, and what stands before one.

use crate::statement::names::{self, unquote};

/// A name as it is spelled, quotes and all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ident<'a> {
    pub(crate) text: &'a str,
    /// Its first byte in the statement.
    pub(crate) at: usize,
}

impl Ident<'_> {
    /// Without its quotes.
    pub(crate) fn plain(&self) -> String {
        unquote(self.text)
    }
}

/// A name, qualified or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Name<'a> {
    pub(crate) schema: Option<Ident<'a>>,
    pub(crate) name: Ident<'a>,
}

impl Name<'_> {
    pub(crate) fn plain(&self) -> names::Name {
        names::Name { schema: self.schema.map(|schema| schema.plain()), name: self.name.plain() }
    }
}

/// What a statement skips without an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Guard {
    None,
    IfExists,
    IfNotExists,
}
