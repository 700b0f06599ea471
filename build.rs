//! Embeds `sql/` into the binary: `embedded.rs` in OUT_DIR lists its pairs. Files that break the rules of
//! `migration::pair` stop the build with the messages that `--dir` gives at run time.

// The rules are the library's own; here only a part of them is used.
#[allow(dead_code)]
#[path = "src/migration"]
mod migration {
    pub mod name;
    pub mod pair;
}
#[allow(dead_code)]
#[path = "src/script/mod.rs"]
mod script;

use migration::pair::{self, Fault, File, Migration};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::path::Path;

fn main() {
    // A folder counts with everything in it: a new, changed or removed file runs this again.
    let sql = Path::new("sql");
    // A package from a registry has no `sql`. A path that is not there counts as changed, each time.
    println!("cargo::rerun-if-changed={}", if sql.exists() { "sql" } else { "." });
    println!("cargo::rerun-if-changed=src/migration/name.rs");
    println!("cargo::rerun-if-changed=src/migration/pair.rs");
    println!("cargo::rerun-if-changed=src/script");
    match if sql.exists() { embed(sql) } else { Ok(Vec::new()) } {
        Ok(migrations) => {
            let out = std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
            let write = |name: &str, code: String| std::fs::write(Path::new(&out).join(name), code);
            write("embedded.rs", code(&migrations)).expect("OUT_DIR can be written");
            write("digest.rs", format!("{:?}", digest(&migrations))).expect("OUT_DIR can be written");
        }
        Err(messages) => {
            for message in messages {
                println!("cargo::error={message}");
            }
            std::process::exit(1);
        }
    }
}

fn embed(folder: &Path) -> Result<Vec<Migration>, Vec<String>> {
    let mut files = Vec::new();
    let entries = std::fs::read_dir(folder).map_err(|error| vec![format!("cannot read the folder `sql`: {error}")])?;
    for entry in entries {
        let path = entry.map_err(|error| vec![format!("cannot read the folder `sql`: {error}")])?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() || !pair::is_script(&name) {
            continue;
        }
        files.push(pair::found(format!("sql/{name}"), std::fs::read(&path)));
    }
    pair::pair(files).strict().map_err(|faults| words(&faults))
}

fn words(faults: &[Fault]) -> Vec<String> {
    let word = |fault: &Fault| match &fault.hint {
        Some(hint) => format!("{}; {hint}", fault.with_place()),
        None => fault.with_place(),
    };
    faults.iter().map(word).collect()
}

/// `&[(path, text), …]`; the text by `include_str!`, so that the compiler reads the file itself.
fn code(migrations: &[Migration]) -> String {
    let root = std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR");
    let mut code = String::from("&[\n");
    for file in files(migrations) {
        let full = Path::new(&root).join(&file.path);
        writeln!(code, "    ({:?}, include_str!({:?})),", file.path, full.to_string_lossy())
            .expect("a String takes everything");
    }
    code.push_str("]\n");
    code
}

/// SHA-256 of names and texts, in lower-case hexadecimal digits; of nothing, nothing.
fn digest(migrations: &[Migration]) -> String {
    if migrations.is_empty() {
        return String::new();
    }
    let mut sha = Sha256::new();
    for file in files(migrations) {
        for part in [file.name(), &file.text] {
            sha.update((part.len() as u64).to_be_bytes());
            sha.update(part);
        }
    }
    sha.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn files(migrations: &[Migration]) -> impl Iterator<Item = &File> {
    migrations.iter().flat_map(|one| [&one.up, &one.down]).flatten()
}
