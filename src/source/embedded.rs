//! The migrations that are built into a binary.

use crate::error::Result;
use crate::model::migration::{self, File, Migration};
use crate::model::text::Text;

/// Paths and texts of scripts, as `build.rs` or [`crate::scripts!`] lists them.
pub type Scripts = &'static [(&'static str, &'static str)];

/// What `build.rs` found in `sql/`.
pub const OWN: Scripts = include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// Makes pairs of them, in time order.
pub fn load(scripts: Scripts) -> Result<Vec<Migration>> {
    Ok(migration::pair(files(scripts))?)
}

/// The scripts, each by itself.
pub fn files(scripts: Scripts) -> Vec<File> {
    let file = |(path, text): &(&str, &'static str)| File { path: (*path).to_owned(), text: Text::BuiltIn(text) };
    scripts.iter().map(file).collect()
}

/// Builds pairs of scripts into a Rust application: the folder, seen from its Cargo.toml, and the stems.
///
/// ```
/// let scripts = uturn::scripts!("sql"; "20260128100000-create-users", "20260128100001-create-categories");
/// assert_eq!(uturn::source::embedded::load(scripts).unwrap().len(), 2);
/// ```
#[macro_export]
macro_rules! scripts {
    ($folder:literal; $($stem:literal),+ $(,)?) => {
        &[$(
            (
                concat!($folder, "/", $stem, ".up.sql"),
                include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/", $folder, "/", $stem, ".up.sql")),
            ),
            (
                concat!($folder, "/", $stem, ".down.sql"),
                include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/", $folder, "/", $stem, ".down.sql")),
            ),
        )+] as $crate::source::embedded::Scripts
    };
}
