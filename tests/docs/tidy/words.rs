//! Plain English: phrases that stand neither in the documents, nor in the help, nor in a message.

use crate::support::docs::{all_pages, root};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Each with what is written instead.
const REFUSED: &[(&str, &str)] = &[
    ("mend", "fix"),
    ("mends", "fixes"),
    ("mended", "fixed"),
    ("mending", "fixing"),
    ("way back", "down script, rollback"),
    ("ways back", "down scripts"),
    ("take back", "revert"),
    ("takes back", "reverts"),
    ("taken back", "reverted"),
    ("took back", "reverted"),
    ("taking back", "reverting"),
    ("in the way", "blocked by, blocks"),
    ("let go", "released"),
    ("lets go", "releases"),
    ("letting go", "releasing"),
    ("would go", "will be dropped"),
    ("made-up", "generated"),
    ("half-run", "partially applied"),
    ("half run", "partially applied"),
    ("found out", "recovered, determined"),
    ("leave no trace", "cannot be verified afterwards"),
    ("leaves no trace", "cannot be verified afterwards"),
    ("left no trace", "could not be verified afterwards"),
    ("came to", "reached"),
    ("made anew", "recreated"),
    ("stands twice", "is a duplicate"),
    ("the answer is no", "the check failed"),
    ("in doubt", "outcome unknown"),
];

/// How many of the refused phrases a text holds, and the first places.
fn refused(text: &str) -> Vec<String> {
    let text = text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    let mut found = Vec::new();
    for (phrase, instead) in REFUSED {
        for (at, _) in text.match_indices(phrase) {
            let is_word = |c: char| c.is_alphanumeric() || c == '_';
            let (before, after) = (&text[..at], &text[at + phrase.len()..]);
            if !before.ends_with(is_word) && !after.starts_with(is_word) {
                let start = before.char_indices().rev().nth(30).map_or(0, |(at, _)| at);
                found.push(format!("`{phrase}` ({instead}): …{}{phrase}", &before[start..]));
            }
        }
    }
    found
}

/// Every source file below a folder.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("src can be read") {
        let path = entry.expect("src can be read").path();
        if path.is_dir() { sources(&path, found) } else { found.push(path) }
    }
}

/// What of a source file a user may read: its texts in quotes, and of the arguments the comments, which are the help.
fn shown(file: &Path) -> String {
    let text = std::fs::read_to_string(file).expect("UTF-8");
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = || code.lines().map(str::trim);
    let is_args = file.starts_with(root().join("src/cli/args"));
    let help: Vec<&str> = lines().filter(|line| is_args && line.starts_with("///")).collect();
    let code = lines().filter(|line| !line.starts_with("//")).collect::<Vec<_>>().join("\n");
    format!("{} {}", help.join(" "), quoted(&code).join(" | "))
}

/// The string literals of code without comments.
fn quoted(code: &str) -> Vec<String> {
    let code = code.replace("'\"'", "' '").replace("\\\n", "").replace("\\\"", "'");
    code.split('"').skip(1).step_by(2).map(|text| text.replace("\\n", " ")).collect()
}

/// What is found, by file. The page of commands is the help; the change log tells of older words.
fn found() -> BTreeMap<String, Vec<String>> {
    let mut files = Vec::new();
    sources(&root().join("src"), &mut files);
    files.retain(|file| !file.ends_with("tests.rs"));
    let pages = all_pages().into_iter().filter(|page| !page.ends_with("reference/commands.md"));
    let pages = pages.filter(|page| !page.ends_with("CHANGELOG.md")).chain([root().join(".env.example")]);
    let texts = pages.map(|page| (page.clone(), std::fs::read_to_string(page).expect("UTF-8")));
    let texts = texts.chain(files.into_iter().map(|file| (file.clone(), shown(&file))));
    let name = |file: PathBuf| file.strip_prefix(root()).expect("below the package").display().to_string();
    let found = texts.map(|(file, text)| (name(file), refused(&text)));
    found.filter(|(_, phrases)| !phrases.is_empty()).collect()
}

fn list(path: &Path) -> BTreeMap<String, usize> {
    let text = std::fs::read_to_string(path).expect("the list of what is left");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| line.split_once(' '))
        .map(|(file, n)| (file.to_owned(), n.parse().expect("a number")))
        .collect()
}

/// The list has what is left from before this test: it may only shrink. INSTA_UPDATE=always writes it where it does.
#[test]
fn documents_help_and_messages_are_in_plain_english() {
    let path = root().join(file!()).with_file_name("words-left.txt");
    let (left, found) = (list(&path), found());
    let counts: BTreeMap<String, usize> = found.iter().map(|(file, phrases)| (file.clone(), phrases.len())).collect();
    if counts == left {
        return;
    }
    let (before, now) = (left.values().sum::<usize>(), counts.values().sum::<usize>());
    if now <= before && std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        let lines: String = counts.iter().map(|(file, count)| format!("{file} {count}\n")).collect();
        std::fs::write(
            &path,
            format!("# Refused phrases that are left: file, count. They may only become fewer.\n{lines}"),
        )
        .expect("the list can be written");
        return;
    }
    let more = found.iter().filter(|(file, phrases)| left.get(*file).is_none_or(|count| phrases.len() > *count));
    let more: Vec<String> = more.map(|(file, phrases)| format!("{file}:\n    {}", phrases.join("\n    "))).collect();
    assert!(
        now <= before,
        "{now} refused phrases, {before} are listed; the files with more than before:\n{}",
        more.join("\n")
    );
    panic!(
        "{now} refused phrases are left of {before}, or they are in other files; INSTA_UPDATE=always writes the list anew"
    );
}
