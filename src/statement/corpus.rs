//! Statements to try the tree on: all SQL of this repository, and statements that are made of its pieces.

use crate::script::lexer::{Code, Modes};
use crate::script::split::split_in_any_mode;
use std::path::{Path, PathBuf};

/// Every statement of the repository's SQL files, and every text in its tests and documents that begins like one.
pub(super) fn corpus() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders: Vec<PathBuf> = ["sql", "tests", "docs", "src", "examples"].map(|name| root.join(name)).to_vec();
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let Ok(text) = std::fs::read_to_string(&path) else { continue };
            match path.extension().and_then(|ext| ext.to_str()) {
                Some("sql") => found.extend(statements(&text)),
                Some("rs" | "md") => found.extend(quoted(&text)),
                _ => {}
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

fn statements(text: &str) -> Vec<String> {
    let Ok(script) = split_in_any_mode(text) else { return Vec::new() };
    script.statements().iter().map(|one| script.text(one).to_owned()).collect()
}

fn quoted(text: &str) -> Vec<String> {
    const FIRST: [&str; 26] = [
        "ALTER ",
        "CREATE ",
        "DROP ",
        "RENAME ",
        "TRUNCATE ",
        "INSERT ",
        "REPLACE ",
        "UPDATE ",
        "DELETE ",
        "SELECT ",
        "WITH ",
        "SET ",
        "USE ",
        "LOAD ",
        "CALL ",
        "GRANT ",
        "REVOKE ",
        "LOCK ",
        "FLUSH ",
        "ANALYZE ",
        "OPTIMIZE ",
        "PREPARE ",
        "EXECUTE ",
        "BEGIN",
        "COMMIT",
        "(SELECT ",
    ];
    let parts = text.split(['"', '`', '\n']).map(str::trim);
    let is_one = |part: &&str| FIRST.iter().any(|first| part.len() > first.len() && part.starts_with(first));
    parts.filter(is_one).flat_map(statements).collect()
}

/// Numbers that are the same in every run.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % (limit as u64)).expect("it is below a usize")
    }
}

/// A statement with some of its tokens dropped, doubled, swapped, or taken from another one.
pub(super) fn mutated(random: &mut Random, corpus: &[Vec<String>]) -> String {
    let mut tokens = corpus[random.below(corpus.len())].clone();
    for _ in 0..1 + random.below(3) {
        if tokens.len() < 3 {
            break;
        }
        let at = random.below(tokens.len());
        match random.below(6) {
            0 => drop(tokens.remove(at)),
            1 => tokens.insert(at, tokens[at].clone()),
            2 => {
                let other = random.below(tokens.len());
                tokens.swap(at, other);
            }
            3 | 4 => {
                let other = &corpus[random.below(corpus.len())];
                let from = random.below(other.len());
                let until = (from + 1 + random.below(6)).min(other.len());
                tokens.splice(at..at, other[from..until].iter().cloned());
            }
            _ => {
                const WORDS: [&str; 14] = [
                    "IF EXISTS",
                    "IF NOT EXISTS",
                    ",",
                    "(",
                    ")",
                    "COLUMN",
                    "WAIT 5",
                    "PARTITION",
                    "ONLINE",
                    "IGNORE",
                    "/*!50000",
                    "*/",
                    "ENGINE=MyISAM",
                    "DROP",
                ];
                tokens.insert(at, WORDS[random.below(WORDS.len())].to_owned());
            }
        }
    }
    tokens.join(" ")
}

pub(super) fn tokenized(corpus: &[String]) -> Vec<Vec<String>> {
    let tokens = |sql: &String| Code::new(sql, Modes::default()).map(|(_, text)| text.to_owned()).collect::<Vec<_>>();
    corpus.iter().filter(|sql| sql.len() < 2_000).map(tokens).filter(|tokens| !tokens.is_empty()).collect()
}
