//! Words for the mark in the database.

use super::style::moment;
use crate::event::protection::Protection;
use crate::report::format::plain;

/// `database `x` is protected: …`.
pub fn protected(database: &str, mark: &Protection) -> String {
    let why = mark.reason.as_ref().map(|reason| format!(": {}", plain(reason))).unwrap_or_default();
    format!("database `{database}` is protected, since {} by {}{why}", moment(&mark.since), plain(&mark.by))
}

/// The mark is gone.
pub fn unprotected(database: &str) -> String {
    format!("database `{database}` is not protected")
}
