//! A statement of a remedy.

use crate::schema::snapshot::{Object, Setting};
use crate::statement::names::quoted;

/// A statement, and the object that it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The object.
    pub object: Object,
    /// SQL, without a delimiter.
    pub sql: String,
    /// What the session must have set.
    pub setting: Option<Setting>,
    /// The same in several statements, where the server takes no single one.
    pub parts: Vec<String>,
}

impl Statement {
    pub(super) fn new(object: &Object, sql: String) -> Statement {
        Statement { object: object.clone(), sql, setting: None, parts: Vec::new() }
    }
}

pub(super) fn drop(object: &Object) -> String {
    format!("DROP {} {}", object.kind.word(), quoted(&object.name))
}
