//! What `build.rs` embeds: every change of `sql/` is seen by the next build, and files that break the rules stop it with
//! the messages that `--dir` gives.

use crate::support::app::{Folder, Run, bare, run};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

const A: &str = "20260101000000-a";
const B: &str = "20260102000000-b";

/// A package with uturn's build.rs and what it compiles, and a main that tells what was embedded.
struct Package(TempDir);

/// A folder, with those in it.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("the package's folders");
    for entry in std::fs::read_dir(from).expect("a source folder") {
        let path = entry.expect("a source folder").path();
        let copied = to.join(path.file_name().expect("a file has a name"));
        if path.is_dir() {
            copy(&path, &copied);
        } else {
            std::fs::copy(&path, &copied).expect("a source file");
        }
    }
}

impl Package {
    fn new() -> Package {
        let package = Package(tempfile::tempdir().expect("a temporary folder"));
        let project = Path::new(env!("CARGO_MANIFEST_DIR"));
        std::fs::create_dir(package.at("sql")).expect("the package's folders");
        std::fs::copy(project.join("build.rs"), package.at("build.rs")).expect("build.rs");
        std::fs::copy(project.join("Cargo.lock"), package.at("Cargo.lock")).expect("Cargo.lock");
        copy(&project.join("src/script"), &package.at("src/script"));
        std::fs::create_dir(package.at("src/migration")).expect("the package's folders");
        for file in ["src/migration/name.rs", "src/migration/pair.rs"] {
            std::fs::copy(project.join(file), package.at(file)).expect("a source file");
        }
        let manifest = "[package]\nname = \"embeds\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[build-dependencies]\nmemchr = \"2\"\nsha2 = \"0.10\"\n";
        std::fs::write(package.at("Cargo.toml"), manifest).expect("Cargo.toml");
        let main = "const FOUND: &[(&str, &str)] = include!(concat!(env!(\"OUT_DIR\"), \"/embedded.rs\"));\n\
                    fn main() {\n    for (path, text) in FOUND {\n        println!(\"{path} {text}\");\n    }\n}\n";
        std::fs::write(package.at("src/main.rs"), main).expect("main.rs");
        package.pair(A, "SELECT 1;").pair(B, "SELECT 2;");
        package
    }

    fn at(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn pair(&self, stem: &str, up: &str) -> &Package {
        self.file(&format!("{stem}.up.sql"), up).file(&format!("{stem}.down.sql"), "SELECT 0;")
    }

    fn file(&self, name: &str, text: &str) -> &Package {
        std::fs::write(self.at("sql").join(name), text).expect("sql can be written");
        self
    }

    fn remove(&self, name: &str) {
        std::fs::remove_file(self.at("sql").join(name)).expect("the file is there");
    }

    /// `cargo run`: what was embedded, or why it was not.
    fn build(&self) -> Run {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("embeds");
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["run", "--quiet", "--offline"]).current_dir(self.0.path()).env("CARGO_TARGET_DIR", target);
        run(&mut cargo)
    }
}

#[test]
fn the_package_has_no_example_migrations() {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["package", "--list", "--allow-dirty", "--offline"]).current_dir(env!("CARGO_MANIFEST_DIR"));
    let list = run(&mut cargo).exits(0).out;
    assert!(list.contains("\nsrc/main.rs\n") && list.contains("\nbuild.rs\n"), "{list}");
    assert!(!list.contains("\nsql/"), "{list}");
}

#[test]
fn a_new_a_changed_and_a_removed_file_are_seen_by_the_next_build() {
    let package = Package::new();
    let line = |stem: &str, up: &str| format!("sql/{stem}.up.sql {up}\nsql/{stem}.down.sql SELECT 0;\n");
    assert_eq!(package.build().exits(0).out, line(A, "SELECT 1;") + &line(B, "SELECT 2;"));
    let c = "20260103000000-c";
    package.pair(c, "SELECT 3;");
    assert_eq!(package.build().exits(0).out, line(A, "SELECT 1;") + &line(B, "SELECT 2;") + &line(c, "SELECT 3;"));
    package.file(&format!("{B}.up.sql"), "SELECT 22;");
    assert_eq!(package.build().exits(0).out, line(A, "SELECT 1;") + &line(B, "SELECT 22;") + &line(c, "SELECT 3;"));
    for way in ["up", "down"] {
        package.remove(&format!("{c}.{way}.sql"));
    }
    assert_eq!(package.build().exits(0).out, line(A, "SELECT 1;") + &line(B, "SELECT 22;"));
    // What breaks the rules: name of the file, its text, and what both the build and `--dir` say of it.
    for (name, text, said) in [
        ("20260104000000-x.sql", "SELECT 1;", "the name must end in `.up.sql` or `.down.sql`"),
        ("2026-x.up.sql", "SELECT 1;", "the name must begin with 14 digits"),
        ("20260104000000-x.up.sql", "SELECT 1;", "half a pair: `20260104000000-x.down.sql` is missing"),
        ("20260102000000-b.down.sql", "-- nothing\n", "holds no statement, so it reverts nothing"),
        ("20260102000000-b.up.sql", "", "holds no statement, so it changes nothing"),
        ("20260102000000-b.down.sql", "DO 1;\n DO 'x;", "20260102000000-b.down.sql:2:5"),
    ] {
        let folder = Folder::with(&[(A, "SELECT 1;", "SELECT 0;"), (B, "SELECT 2;", "SELECT 0;")]);
        folder.file(name, text);
        let dir =
            run(bare().env("DATABASE_URL", "mysql://u@nowhere.invalid/x").arg("prove").arg("--dir").arg(folder.path()));
        dir.exits(2).says(said).says(name);
        package.file(name, text);
        package.build().exits(101).says(said).says(name);
        match name.starts_with(B) {
            true => {
                package.file(name, "SELECT 0;");
            }
            false => package.remove(name),
        }
    }
    package.pair("20260102000000-again", "SELECT 1;");
    package.build().exits(101).says("the timestamp 20260102000000 is a duplicate").says("20260102000000-again.up.sql");
    // As in a package from a registry.
    std::fs::remove_dir_all(package.at("sql")).expect("it was there");
    assert_eq!(package.build().exits(0).out, "");
}
