//! A program breaks the downs and ups of the 24 migrations in every way it knows, one at a time: `prove` must find each that
//! does not come back, and none that does. Which is which is decided without uturn: by the mysql client, and the text of SHOW
//! CREATE TABLE. Each migration is turned around as well, so that what a down can get wrong is as rich as CREATE TABLE.
//!
//! A sample is usual; UTURN_TEST_THOROUGH=1 takes all of them, and prints the score.

use crate::support::app::{Folder, Run, on, run};
use crate::support::server::{Db, on_each};
use std::collections::BTreeSet;
use std::path::Path;
use uturn::script::lexer::Modes;
use uturn::script::split::split;

/// One change of a text.
const WORDS: &[(&str, &str)] = &[
    ("VARCHAR(255)", "VARCHAR(254)"),
    ("VARCHAR(150)", "VARCHAR(160)"),
    ("VARCHAR(100)", "VARCHAR(99)"),
    ("VARCHAR(50)", "VARCHAR(500)"),
    ("VARCHAR(20)", "CHAR(20)"),
    (" INT ", " BIGINT "),
    (" INT ", " INT UNSIGNED "),
    (" TEXT ", " MEDIUMTEXT "),
    (" DATETIME ", " TIMESTAMP "),
    (" DATETIME ", " DATETIME(3) "),
    (" FLOAT ", " DOUBLE "),
    ("TINYINT(1)", "SMALLINT"),
    (" NOT NULL", " NULL"),
    (" NULL,", " NOT NULL,"),
    (" DEFAULT CURRENT_TIMESTAMP", ""),
    (" DEFAULT 'PRODUCER'", " DEFAULT 'JURY'"),
    (" DEFAULT 'PUBLIC'", ""),
    (" DEFAULT 'submitted'", " DEFAULT 'refused'"),
    (" DEFAULT 1", " DEFAULT 0"),
    (" DEFAULT 0", " DEFAULT 1"),
    (" ON DELETE CASCADE", " ON DELETE RESTRICT"),
    (" ON DELETE SET NULL", " ON DELETE CASCADE"),
    (" ON UPDATE CASCADE", ""),
    ("UNIQUE KEY", "KEY"),
    (" KEY idx_", " UNIQUE KEY idx_"),
    ("COLLATE=utf8mb4_unicode_ci", "COLLATE=utf8mb4_bin"),
    ("CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci", "CHARSET=latin1"),
    (" AUTO_INCREMENT", ""),
    ("'YES', ", ""),
    ("'ADMIN', 'JURY'", "'JURY', 'ADMIN'"),
    ("'refused'", "'refusd'"),
    ("COMMENT '", "COMMENT 'Not: "),
    (" PRIMARY KEY (id_movie, id_user)", " PRIMARY KEY (id_user, id_movie)"),
];

/// A broken script, and what was done to it.
struct Mutant {
    what: String,
    text: String,
}

/// Everything that can be done to a script.
fn mutants(text: &str) -> Vec<Mutant> {
    let mut all = Vec::new();
    let mut add = |what: String, mutated: String| all.push(Mutant { what, text: mutated });
    for (from, to) in WORDS {
        for (at, _) in text.match_indices(from) {
            add(format!("{from} -> {to} at {at}"), format!("{}{to}{}", &text[..at], &text[at + from.len()..]));
        }
    }
    for (at, _) in text.match_indices(" AFTER ") {
        let end = text[at + 7..].find([',', ';', '\n']).map_or(text.len(), |n| at + 7 + n);
        add(format!("no AFTER at {at}"), format!("{}{}", &text[..at], &text[end..]));
        add(format!("FIRST at {at}"), format!("{} FIRST{}", &text[..at], &text[end..]));
    }
    for word in ["COLUMN ", " KEY idx_", "CONSTRAINT ", "TABLE ", "FOREIGN KEY fk_", "REFERENCES "] {
        for (at, _) in text.match_indices(word) {
            let end = text[at + word.len()..].find([' ', ',', ';', '\n']).map_or(text.len(), |n| at + word.len() + n);
            add(format!("misspelt behind {word}at {at}"), format!("{}x{}", &text[..end], &text[end..]));
        }
    }
    for mutated in without_a_line(text) {
        add(format!("without a clause: {} bytes", mutated.len()), mutated);
    }
    let script = split(text, Modes::default()).expect("the scripts that ship can be split");
    let statements: Vec<&str> = script.statements().iter().map(|statement| script.text(statement)).collect();
    let joined = |statements: &[&str]| statements.iter().map(|s| format!("{s};\n")).collect::<String>();
    for index in 0..statements.len() {
        let mut without = statements.clone();
        without.remove(index);
        if without.is_empty() {
            without.push("DO 0");
        }
        add(format!("without statement {}", index + 1), joined(&without));
        if index > 0 {
            let mut swapped = statements.clone();
            swapped.swap(index - 1, index);
            add(format!("statements {index} and {} swapped", index + 1), joined(&swapped));
        }
    }
    let mut seen = BTreeSet::new();
    all.retain(|mutant| mutant.text != text && seen.insert(mutant.text.clone()));
    all
}

/// The text without one line of a list, its commas mended.
fn without_a_line(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let mut all = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let is_clause = line.starts_with("    ") && !line.starts_with("     ") && !line.trim_start().starts_with("--");
        if !is_clause || index == 0 {
            continue;
        }
        let mut rest: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        let mut removed = rest.remove(index);
        // What is indented deeper belongs to it.
        while rest.get(index).is_some_and(|line| line.starts_with("     ")) {
            removed = rest.remove(index);
        }
        let before = rest[index - 1].trim_end_matches(',').to_owned();
        if removed.ends_with(';') {
            rest[index - 1] = format!("{before};");
        } else if !removed.ends_with(',') {
            rest[index - 1] = before;
        }
        all.push(rest.join("\n"));
    }
    all
}

/// The 24: stem, up, down.
fn originals() -> Vec<(String, String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("sql");
    let read = |stem: &str, way: &str| std::fs::read_to_string(folder.join(format!("{stem}.{way}.sql"))).expect("sql/");
    let names = std::fs::read_dir(&folder).expect("sql/").map(|entry| entry.expect("an entry").file_name());
    let mut stems: Vec<String> =
        names.filter_map(|name| name.to_string_lossy().strip_suffix(".up.sql").map(str::to_owned)).collect();
    stems.sort();
    assert_eq!(stems.len(), 24);
    stems.into_iter().map(|stem| (stem.clone(), read(&stem, "up"), read(&stem, "down"))).collect()
}

/// The tables as SHOW CREATE TABLE writes them; the order of columns counts, that of the rest does not.
fn tables(db: &Db) -> Vec<String> {
    let sorted = |text: String| {
        let lines: Vec<String> = text.lines().map(|line| line.trim_end_matches(',').to_owned()).collect();
        let (columns, mut rest): (Vec<String>, Vec<String>) =
            lines.into_iter().partition(|line| line.starts_with("  `"));
        rest.sort();
        format!("{}\n{}", columns.join("\n"), rest.join("\n"))
    };
    db.schema().into_iter().map(sorted).collect()
}

/// Whether a pair, run by the client, does not come back to what was before it, or not again to what it made.
fn is_broken(db: &Db, base: &str, up: &str, down: &str) -> bool {
    let db = db.server.database();
    db.client(base).exits(0);
    let before = tables(&db);
    if db.client(up).code != Some(0) {
        return true;
    }
    let after = tables(&db);
    if db.client(down).code != Some(0) || tables(&db) != before {
        return true;
    }
    db.client(up).code != Some(0) || tables(&db) != after
}

fn prove(db: &Db, base: &[(String, String, String)], up: &str, down: &str) -> Run {
    let folder = Folder::new();
    for (stem, up, down) in base {
        folder.pair(stem, up, down);
    }
    folder.pair("20991231235959-mutant", up, down);
    run(on(db).args(["prove", "--from", "20991231235959", "--dir"]).arg(folder.path()))
}

on_each!(every_broken_pair_is_found_and_no_other, |db| {
    let thorough = std::env::var("UTURN_TEST_THOROUGH").is_ok_and(|value| !value.is_empty() && value != "0");
    let originals = originals();
    // Index of the migration, what was done, how many of the originals come before, up, down.
    let mut all: Vec<(usize, String, usize, String, String)> = Vec::new();
    for (index, (stem, up, down)) in originals.iter().enumerate() {
        for mutant in mutants(down) {
            all.push((index, format!("{stem}, down: {}", mutant.what), index, up.clone(), mutant.text));
        }
        for mutant in mutants(up) {
            all.push((index, format!("{stem}, up: {}", mutant.what), index, mutant.text, down.clone()));
        }
        for mutant in mutants(up) {
            all.push((
                index,
                format!("{stem}, turned around, down: {}", mutant.what),
                index + 1,
                down.clone(),
                mutant.text,
            ));
        }
    }
    assert!(all.len() > 500, "{} mutants", all.len());
    // 2 in 100 of them, another 2 on each server.
    let step = if thorough { 1 } else { 53 };
    let turn = usize::from(db.server.kind == "mysql");
    let (mut found, mut whole, mut missed, mut false_alarms) = (0, 0, Vec::new(), Vec::new());
    for (_, what, before, up, down) in all.iter().skip(turn).step_by(step) {
        let base = &originals[..*before];
        let script: String = base.iter().map(|(_, up, _)| format!("{up}\n")).collect();
        let run = prove(db, base, up, down);
        match (is_broken(db, &script, up, down), run.code) {
            (true, Some(1)) => found += 1,
            (false, Some(0)) => whole += 1,
            (true, _) => missed.push(format!("{what}\n{}{}", run.out, run.err)),
            (false, _) => false_alarms.push(format!("{what}\n{}{}", run.out, run.err)),
        }
    }
    println!(
        "on {}: {} mutants, {found} of {} broken ones found, {whole} that come back all the same and are let pass, {} false alarms",
        db.server.kind,
        found + whole + missed.len() + false_alarms.len(),
        found + missed.len(),
        false_alarms.len()
    );
    assert!(missed.is_empty(), "missed:\n{}", missed.join("\n---\n"));
    assert!(false_alarms.is_empty(), "false alarms:\n{}", false_alarms.join("\n---\n"));
    assert!(!thorough || found >= 150, "{found} broken ones are too few");
});
