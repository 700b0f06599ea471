//! What is in one place only, and how large a file may be.

mod links;
mod words;

use std::path::{Path, PathBuf};

/// Every source file, with its path below `src`.
pub fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("src can be read") {
            let path = entry.expect("src can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ext| ext == "rs") {
                let name = path.strip_prefix(&root).expect("below src").display().to_string();
                found.push((name, std::fs::read_to_string(&path).expect("UTF-8")));
            }
        }
    }
    assert!(found.len() > 40, "{} files", found.len());
    found
}

/// The lines of code of each file that hold a text, tests and comments left out.
fn lines_with(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (file, source) in sources() {
        let code = source.split("#[cfg(test)]").next().unwrap_or_default();
        for (index, line) in code.lines().enumerate().filter(|(_, line)| line.contains(text)) {
            if !line.trim_start().starts_with("//") {
                found.push(format!("{file}:{}: {}", index + 1, line.trim()));
            }
        }
    }
    found
}

fn none_outside(text: &str, allowed: &[&str]) {
    let outside: Vec<String> =
        lines_with(text).into_iter().filter(|line| !allowed.iter().any(|place| line.starts_with(place))).collect();
    assert!(outside.is_empty(), "`{text}` may stand in {allowed:?} only:\n{}", outside.join("\n"));
}

#[test]
fn some_things_stand_in_one_place_only() {
    none_outside("refinery_core", &["engine/refinery.rs"]);
    none_outside("use refinery::", &["engine/refinery.rs"]);
    none_outside("mysql::", &["db/", "engine/", "preview/", "proof/", "command/"]);
    none_outside("std::env::", &["cli/", "db/failpoint.rs"]);
    none_outside("stdin()", &["cli/"]);
    none_outside("println!", &[]);
    none_outside("print!", &[]);
    none_outside("query_drop", &[]);
    none_outside(".unwrap()", &[]);
    none_outside("todo!", &[]);
}

#[test]
fn a_file_fits_in_the_head() {
    for (file, source) in sources() {
        let lines = source.lines().count();
        assert!(lines <= 500, "{file} has {lines} lines");
        assert!(source.starts_with("//!"), "{file} does not say what it promises");
    }
}

#[test]
fn every_variable_of_an_option_stands_in_the_example_of_settings() {
    let example =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(".env.example")).expect("it is there");
    let is_args = |file: &str| file.starts_with("cli/args/");
    let args: Vec<String> = sources().into_iter().filter(|(file, _)| is_args(file)).map(|(_, text)| text).collect();
    let mut seen = 0;
    for part in args.concat().split("env = \"").skip(1) {
        let name = part.split('"').next().expect("it is closed");
        assert!(example.contains(&format!("#{name}=")), "{name} is missing in .env.example");
        seen += 1;
    }
    assert!(seen > 20, "{seen} variables");
}
