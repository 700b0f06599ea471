//! docs/runbook.md has every kind of failure, its exit code, and the words of every message that the source can make.

use crate::support::docs::root;
use std::path::{Path, PathBuf};
use uturn::error::Kind;

/// The page, white space made one blank, so that a line's end does not cut a message in two.
fn page() -> String {
    let text = std::fs::read_to_string(root().join("docs/runbook.md")).expect("docs/runbook.md");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

const KINDS: &[Kind] = &[
    Kind::Settings,
    Kind::Files,
    Kind::Target,
    Kind::Statement,
    Kind::History,
    Kind::Guard,
    Kind::Rights,
    Kind::Unreachable,
    Kind::Locked,
    Kind::Stopped,
    Kind::InDoubt,
    Kind::Interrupted,
    Kind::Terminated,
];

#[test]
fn every_kind_has_its_section_with_its_exit_code() {
    let page = page();
    for kind in KINDS {
        let heading = format!("{} ({})", kind.word(), kind.exit_code());
        assert!(page.contains(&format!("## {heading}")) || page.contains(&format!(", {heading}")), "{heading}");
    }
    let source = std::fs::read_to_string(root().join("src/error.rs")).expect("src/error.rs");
    let words = source.split("pub fn word").nth(1).expect("it is there").split("    }\n}").next().expect("its end");
    assert_eq!(words.matches("Kind::").count(), KINDS.len(), "a kind is missing in this test");
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("src can be read") {
        let path = entry.expect("src can be read").path();
        match path.is_dir() {
            true => sources(&path, found),
            false => found.push(path),
        }
    }
}

/// Where the words of a failure are written: the constructor, its shorthands, the variable that holds them, a refusal's words.
const MARKS: &[&str] = &["Error::new(", "wrong(", "unreadable(", "let what = ", "=> Err(", "Fault::of("];

/// The literal that follows a mark, with nothing between but names, `&`, `format!(` and arguments without a quote.
fn literal(rest: &str) -> Option<String> {
    let (before, rest) = rest.split_at(rest.find('"')?);
    let is_other = before.contains([';', '{', '}', '|']) || before.contains(")\n") || before.contains(").");
    let is_near = before.len() < 60 && !is_other;
    let mut text = String::new();
    let mut chars = rest[1..].chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' => return is_near.then_some(text),
            '\\' if chars.peek() == Some(&'\n') => while chars.next_if(|c| c.is_whitespace()).is_some() {},
            '\\' => text.push(if chars.next()? == 'n' { ' ' } else { '"' }),
            c => text.push(c),
        }
    }
    None
}

/// The longest part of a message that stands in it whatever it is about.
fn constant(text: &str) -> String {
    let mut parts = vec![String::new()];
    let mut depth = 0;
    for c in text.chars() {
        match c {
            '{' => depth += 1,
            '}' => {
                depth -= 1;
                parts.push(String::new());
            }
            '`' if depth == 0 => parts.push(String::new()),
            c if depth == 0 => parts.last_mut().expect("one is there").push(c),
            _ => {}
        }
    }
    let longest = parts.into_iter().max_by_key(|part| part.trim().len()).unwrap_or_default();
    let longest = longest.split(';').next().unwrap_or_default();
    longest.split_whitespace().collect::<Vec<_>>().join(" ").trim_matches([' ', ':', ',', ';', '(', ')']).to_owned()
}

#[test]
fn every_message_of_a_failure_has_its_words_on_the_page() {
    let page = page();
    let mut files = Vec::new();
    sources(&root().join("src"), &mut files);
    let (mut seen, mut missing) = (0, Vec::new());
    for file in files {
        let text = std::fs::read_to_string(&file).expect("UTF-8");
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let name = file.strip_prefix(root()).expect("below the package").display().to_string();
        let is_report = name.contains("src/report") || name.contains("src/lint") || name.contains("/check");
        if is_report {
            continue;
        }
        for mark in MARKS {
            for (at, _) in code.match_indices(mark) {
                let Some(words) = literal(&code[at + mark.len()..]).map(|text| constant(&text)) else { continue };
                // Shorter ones are made of what they are about.
                if words.len() < 12 {
                    continue;
                }
                seen += 1;
                if !page.contains(&words) {
                    missing.push(format!("{name}: {words}"));
                }
            }
        }
    }
    assert!(seen > 50, "{seen} messages");
    assert!(missing.is_empty(), "docs/runbook.md lacks:\n{}", missing.join("\n"));
}
