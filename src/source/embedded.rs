//! The migrations that are built into a binary.

use crate::error::Result;
use crate::migration::pair::{self, File, Migration, Pairs};
use crate::script::source_text::Text;

/// Paths and texts of scripts, as `build.rs` or [`crate::scripts!`] lists them.
pub type Scripts = &'static [(&'static str, &'static str)];

/// What `build.rs` found in `sql/`.
pub const OWN: BuiltIn = BuiltIn {
    scripts: include!(concat!(env!("OUT_DIR"), "/embedded.rs")),
    digest: include!(concat!(env!("OUT_DIR"), "/digest.rs")),
};

/// The digest of the migrations that ship as an example.
pub const EXAMPLE: &str = "7c19abf9872a2663c34ae35d9bd8c80356ef8b2e87bd314113dce8d49fd35335";

/// Scripts that a binary holds, and how to tell them from others.
#[derive(Clone, Copy, Debug)]
pub struct BuiltIn {
    /// In time order, the up before its down.
    pub scripts: Scripts,
    /// SHA-256 of their names and texts.
    pub digest: &'static str,
}

impl BuiltIn {
    /// Whether they are those that ship with uturn to be tried and copied from.
    pub fn is_example(&self) -> bool {
        self.digest == EXAMPLE
    }
}

/// Makes pairs of them, in time order.
pub fn load(scripts: Scripts) -> Result<Vec<Migration>> {
    Ok(pairs(scripts).strict()?)
}

/// The same, with what is wrong with them.
pub fn pairs(scripts: Scripts) -> Pairs {
    pair::pair(files(scripts).into_iter().map(Ok).collect())
}

/// The scripts, each by itself.
pub fn files(scripts: Scripts) -> Vec<File> {
    let file = |(path, text): &(&str, &'static str)| File { path: (*path).to_owned(), text: Text::BuiltIn(text) };
    scripts.iter().map(file).collect()
}

/// Builds pairs of scripts into a Rust application: the folder, seen from its Cargo.toml, and the stems.
///
/// ```
/// let scripts = uturn::scripts!("examples/migrations"; "20260101000000-create-notes", "20260102000000-add-author-to-notes");
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
