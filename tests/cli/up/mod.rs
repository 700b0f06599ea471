//! `uturn up`.

mod comments_only;
mod database_in_use;
