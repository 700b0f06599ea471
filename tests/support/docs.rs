//! The SQL in the documentation. A block begins with ```` ```sql ````, and may have a word behind it. In it, lines `-- up` and
//! `-- down` begin the scripts of a migration, one after the other.

use crate::support::app::Folder;
use std::path::{Path, PathBuf};

/// One block.
#[derive(Debug)]
pub struct Block {
    /// File and line.
    pub at: String,
    /// The heading above it.
    pub heading: String,
    /// The word behind `sql`.
    pub word: String,
    /// What is in it.
    pub text: String,
}

/// The root of the package.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// README.md and everything below docs/.
pub fn pages() -> Vec<PathBuf> {
    let mut found = vec![root().join("README.md")];
    let mut folders = vec![root().join("docs")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("docs can be read") {
            let path = entry.expect("docs can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The same, and the documents beside README.md.
pub fn all_pages() -> Vec<PathBuf> {
    let beside = ["CONTRIBUTING.md", "CHANGELOG.md"].map(|name| root().join(name));
    pages().into_iter().chain(beside.into_iter().filter(|page| page.exists())).collect()
}

/// The blocks of a page.
pub fn blocks(page: &Path) -> Vec<Block> {
    let text = std::fs::read_to_string(page).unwrap_or_else(|error| panic!("{}: {error}", page.display()));
    let mut found: Vec<Block> = Vec::new();
    let (mut heading, mut is_open, mut is_sql) = (String::new(), false, false);
    for (index, line) in text.lines().enumerate() {
        if let Some(info) = line.strip_prefix("```") {
            is_open = !is_open;
            is_sql = is_open && (info == "sql" || info.starts_with("sql "));
            if is_sql {
                let at = format!("{}:{}", page.display(), index + 1);
                let word = info.trim_start_matches("sql").trim().to_owned();
                found.push(Block { at, heading: heading.clone(), word, text: String::new() });
            }
        } else if is_sql {
            found.last_mut().expect("one is open").text.push_str(&format!("{line}\n"));
        } else if !is_open && line.starts_with('#') {
            heading = line.trim_start_matches('#').trim().trim_matches('`').to_owned();
        }
    }
    assert!(!is_open, "{}: a block is not closed", page.display());
    found
}

impl Block {
    /// True if it holds migrations.
    pub fn is_pairs(&self) -> bool {
        self.text.lines().any(|line| line == "-- up")
    }

    /// A folder of its migrations.
    pub fn folder(&self) -> Folder {
        let folder = Folder::new();
        let mut number = 0;
        let mut scripts: Vec<(String, String)> = Vec::new();
        for line in self.text.lines() {
            match line {
                "-- up" => {
                    number += 1;
                    scripts.push((format!("2026010{number}000000-m{number}.up.sql"), String::new()));
                }
                "-- down" => scripts.push((format!("2026010{number}000000-m{number}.down.sql"), String::new())),
                _ => scripts
                    .last_mut()
                    .unwrap_or_else(|| panic!("{}: no `-- up`", self.at))
                    .1
                    .push_str(&format!("{line}\n")),
            }
        }
        assert!(number > 0 && scripts.len() == number * 2, "{}: not pairs", self.at);
        for (name, text) in scripts {
            folder.file(&name, text);
        }
        folder
    }
}
