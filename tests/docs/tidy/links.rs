//! Links between the documents, and the paths that documents and source name, lead somewhere.

use crate::support::docs::{all_pages, root};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The lines that are no code, with their numbers.
fn prose(text: &str) -> Vec<(usize, &str)> {
    let mut is_code = false;
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.starts_with("```") {
            is_code = !is_code;
        } else if !is_code && !line.starts_with("    ") {
            found.push((index + 1, line));
        }
    }
    found
}

/// The anchor that GitHub and mdbook make of a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    let kept = kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn anchors(page: &Path) -> BTreeSet<String> {
    let text = read(page);
    let headings = prose(&text).into_iter().filter_map(|(_, line)| line.strip_prefix('#'));
    headings.map(|heading| anchor(heading.trim_start_matches('#'))).collect()
}

/// What stands between `](` and `)`.
fn targets(line: &str) -> Vec<&str> {
    line.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target).collect()
}

#[test]
fn every_link_of_the_documents_leads_to_a_file_and_a_heading() {
    let (mut seen, mut broken) = (0, Vec::new());
    for page in all_pages() {
        let text = read(&page);
        for (number, line) in prose(&text) {
            for target in targets(line).into_iter().filter(|target| !target.contains("://")) {
                seen += 1;
                let (path, heading) = target.split_once('#').unwrap_or((target, ""));
                let file = match path {
                    "" => page.clone(),
                    path => page.parent().expect("a folder").join(path),
                };
                let is_there = file.exists() && (heading.is_empty() || anchors(&file).contains(heading));
                if !is_there {
                    broken.push(format!("{}:{number}: {target}", page.display()));
                }
            }
        }
    }
    assert!(seen > 50, "{seen} links");
    assert!(broken.is_empty(), "these links lead nowhere:\n{}", broken.join("\n"));
}

/// Every file below a folder.
fn below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() { below(&path, found) } else { found.push(path) }
    }
}

/// The paths in a text that begin with `start`.
fn paths<'a>(text: &'a str, start: &str) -> Vec<&'a str> {
    let is_path = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '-' | '_');
    let ends = |(at, _): (usize, &str)| {
        let is_inside = text[..at].ends_with(|c: char| is_path(c));
        let length = text[at..].find(|c| !is_path(c)).unwrap_or(text.len() - at);
        (!is_inside).then(|| text[at..at + length].trim_end_matches(['.', '-']))
    };
    text.match_indices(start).filter_map(ends).collect()
}

/// A decision may be named by its number alone.
fn is_there(path: &str) -> bool {
    let full = root().join(path);
    let (folder, name) = (full.parent().expect("a folder"), full.file_name().unwrap_or_default().to_string_lossy());
    let begins = |entry: std::fs::DirEntry| entry.file_name().to_string_lossy().starts_with(&format!("{name}-"));
    full.exists() || std::fs::read_dir(folder).is_ok_and(|mut entries| entries.any(|entry| entry.is_ok_and(begins)))
}

#[test]
fn every_document_that_is_named_is_there() {
    let mut files = all_pages();
    for folder in ["src", "tests", "scripts"] {
        below(&root().join(folder), &mut files);
    }
    files.retain(|file| !file.ends_with("CHANGELOG.md"));
    let mut missing = Vec::new();
    for file in files {
        let Ok(text) = std::fs::read_to_string(&file) else { continue };
        for path in paths(&text, "docs/").into_iter().filter(|path| path.len() > "docs/".len() && !is_there(path)) {
            missing.push(format!("{}: {path}", file.display()));
        }
    }
    missing.retain(|line| !line.contains("tests/docs/tidy"));
    assert!(missing.is_empty(), "these documents are named and not there:\n{}", missing.join("\n"));
}

/// Old logs name the files of their day.
#[test]
fn every_source_file_that_a_document_names_is_there() {
    let mut missing = Vec::new();
    for page in all_pages() {
        let is_log = page.to_string_lossy().contains("docs/measurements/") || page.ends_with("CHANGELOG.md");
        let text = read(&page);
        for name in text.split('`').filter(|name| name.ends_with(".rs") && name.contains('/') && !is_log) {
            let is_there = ["", "src", "src/engine"].iter().any(|folder| root().join(folder).join(name).exists());
            if !is_there && !name.contains(char::is_whitespace) {
                missing.push(format!("{}: {name}", page.display()));
            }
        }
    }
    assert!(missing.is_empty(), "these files are named and not there:\n{}", missing.join("\n"));
}

#[test]
fn the_book_has_every_page() {
    let summary = read(&root().join("docs/SUMMARY.md"));
    let listed: Vec<&str> = summary.lines().flat_map(targets).collect();
    for page in all_pages().iter().filter(|page| page.starts_with(root().join("docs"))) {
        let name = page.strip_prefix(root().join("docs")).expect("below docs").display().to_string();
        assert!(name == "SUMMARY.md" || listed.contains(&name.as_str()), "{name} is missing in docs/SUMMARY.md");
    }
}

/// The tests whose module ends in these names, by their full names.
fn all_tests() -> BTreeSet<String> {
    let mut files = Vec::new();
    below(&root().join("tests"), &mut files);
    let mut found = BTreeSet::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "rs")) {
        let module = file.strip_prefix(root().join("tests")).expect("below tests").with_extension("");
        let module: Vec<_> =
            module.iter().skip(1).map(|part| part.to_string_lossy()).filter(|part| part != "mod").collect();
        let text = read(file);
        let names = ["\nfn ", "\non_each!(", "\non_mariadb!(", "\non_mysql!("].map(|start| text.split(start).skip(1));
        for name in names.into_iter().flatten().filter_map(|rest| rest.split(['(', ',']).next()) {
            found.insert(format!("{}::{name}", module.join("::")));
        }
    }
    found
}

#[test]
fn every_test_that_the_guarantees_name_is_there() {
    let tests = all_tests();
    let page = read(&root().join("docs/guarantees.md"));
    let names = page.split('`').filter(|name| name.contains("::") && !name.contains('/'));
    let is_there = |name: &&str| match name.strip_suffix('…') {
        Some(start) => tests.iter().any(|test| test.starts_with(start)),
        None => tests.iter().any(|test| test == name || test.starts_with(&format!("{name}::"))),
    };
    let (there, missing): (Vec<&str>, Vec<&str>) = names.partition(is_there);
    assert!(there.len() > 50, "{} tests", there.len());
    assert!(missing.is_empty(), "these tests are named in docs/guarantees.md and not there:\n{}", missing.join("\n"));
}

/// A line that names a source file and what is in it: "`src/x.rs`, the function `f`".
#[test]
fn what_contributing_finds_in_a_file_is_in_it() {
    let page = read(&root().join("CONTRIBUTING.md"));
    let (mut seen, mut missing) = (0, Vec::new());
    for line in page.lines() {
        let names: Vec<&str> = line.split('`').skip(1).step_by(2).collect();
        let Some((file, items)) = names.split_first().filter(|(file, _)| file.ends_with(".rs")) else { continue };
        if !line.contains(", the ") {
            continue;
        }
        let text = read(&root().join(file));
        for item in items.iter().filter(|item| item.chars().all(|c| c.is_alphanumeric() || c == '_')) {
            seen += 1;
            let is_there = ["fn ", "enum ", "struct "].iter().any(|kind| text.contains(&format!("{kind}{item}")));
            if !is_there {
                missing.push(format!("{file}: {item}"));
            }
        }
    }
    assert!(seen >= 3, "{seen} names");
    assert!(missing.is_empty(), "CONTRIBUTING.md names these, and they are not there:\n{}", missing.join("\n"));
}

/// Hints name a page and a heading on it: "docs/runbook.md, `locked`".
#[test]
fn every_heading_that_a_hint_names_is_on_its_page() {
    let mut files = Vec::new();
    below(&root().join("src"), &mut files);
    let (mut seen, mut missing) = (0, Vec::new());
    for file in files {
        let text = read(&file);
        for (at, _) in text.match_indices(".md, `") {
            let start = text[..at].rfind("docs/").expect("the folder");
            let heading = text[at + ".md, `".len()..].split('`').next().expect("its end").to_lowercase();
            let page = read(&root().join(&text[start..at + ".md".len()]));
            seen += 1;
            if !prose(&page).iter().any(|(_, line)| line.starts_with('#') && line.to_lowercase().contains(&heading)) {
                missing.push(format!("{}: {heading}", file.display()));
            }
        }
    }
    assert!(seen >= 4, "{seen} hints");
    assert!(missing.is_empty(), "these headings are named and not there:\n{}", missing.join("\n"));
}
