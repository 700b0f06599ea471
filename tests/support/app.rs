//! The binary, and folders of scripts for it.

use crate::support::server::Db;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// The binary in an empty folder, with the migrations that are built in, with no setting of this machine's.
pub fn bare() -> Command {
    // A long run keeps its own copy, so that a build beside it does not change what it tests.
    let binary = std::env::var("UTURN_TEST_BIN").unwrap_or_else(|_| env!("CARGO_BIN_EXE_uturn").to_owned());
    let mut command = Command::new(binary);
    command
        .current_dir(std::env::temp_dir())
        .env_clear()
        .env("PATH", std::env::var("PATH").unwrap_or_default())
        // Anybody can say so: no record may have it.
        .env("USER", "tester")
        // An example runs only where it is asked for; a `--dir` that is typed beats this.
        .env("UTURN_BUILT_IN", "1");
    command
}

/// The account that runs the tests: its name, or its number where it has none.
pub fn account() -> String {
    let ask = |option: &str| {
        let output = Command::new("id").arg(option).output().expect("id starts");
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    ask("-un").or_else(|| ask("-u")).expect("there is a number")
}

/// The binary on a database.
pub fn on(db: &Db) -> Command {
    let mut command = bare();
    command.env("DATABASE_URL", db.url());
    // Many tests make tables before the first migration; tests/cli/up/database_in_use.rs is about those that must not.
    command.env("UTURN_ALLOW_NON_EMPTY", "true");
    command
}

/// Runs `uturn WORDS` on a database, with the migrations that are built in.
pub fn uturn(db: &Db, words: &str) -> Run {
    run(on(db).args(words.split_whitespace()))
}

/// Runs a command to its end.
pub fn run(command: &mut Command) -> Run {
    Run::new(command.output().expect("the binary starts"))
}

/// What a command did.
#[derive(Debug)]
pub struct Run {
    /// The exit code; none if a signal ended it.
    pub code: Option<i32>,
    /// stdout.
    pub out: String,
    /// stderr.
    pub err: String,
}

impl Run {
    /// Takes over what a finished process left.
    pub fn new(output: Output) -> Run {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Run { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// Asserts the exit code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Run {
        assert_eq!(self.code, Some(code), "exit code\n--- stdout\n{}--- stderr\n{}", self.out, self.err);
        self
    }

    /// Asserts that stdout or stderr holds a text.
    #[track_caller]
    pub fn says(self, text: &str) -> Run {
        let is_there = self.out.contains(text) || self.err.contains(text);
        assert!(is_there, "`{text}` is not said\n--- stdout\n{}--- stderr\n{}", self.out, self.err);
        self
    }

    /// Asserts that neither stdout nor stderr holds a text.
    #[track_caller]
    pub fn never_says(self, text: &str) -> Run {
        let is_there = self.out.contains(text) || self.err.contains(text);
        assert!(!is_there, "`{text}` is said\n--- stdout\n{}--- stderr\n{}", self.out, self.err);
        self
    }
}

/// A folder of scripts.
pub struct Folder(TempDir);

impl Folder {
    /// An empty one.
    pub fn new() -> Folder {
        Folder(tempfile::tempdir().expect("a temporary folder"))
    }

    /// One with these pairs: stem, up, down.
    pub fn with(pairs: &[(&str, &str, &str)]) -> Folder {
        let folder = Folder::new();
        for (stem, up, down) in pairs {
            folder.pair(stem, up, down);
        }
        folder
    }

    /// One with these pairs, each of which makes the table that its name ends with.
    pub fn of_tables(stems: &[&str]) -> Folder {
        let folder = Folder::new();
        for stem in stems {
            folder.table(stem);
        }
        folder
    }

    /// A pair that makes, and drops, the table that its name ends with.
    pub fn table(&self, stem: &str) -> &Folder {
        let table = stem.split_once('-').expect("a stem").1;
        self.pair(stem, &format!("CREATE TABLE {table} (n INT);\n"), &format!("DROP TABLE {table};\n"))
    }

    /// Writes, or overwrites, a pair.
    pub fn pair(&self, stem: &str, up: &str, down: &str) -> &Folder {
        self.file(&format!("{stem}.up.sql"), up).file(&format!("{stem}.down.sql"), down)
    }

    /// Writes, or overwrites, a file.
    pub fn file(&self, name: &str, text: impl AsRef<[u8]>) -> &Folder {
        std::fs::write(self.path().join(name), text).expect("the folder can be written");
        self
    }

    /// Removes a pair.
    pub fn remove(&self, stem: &str) {
        for way in ["up", "down"] {
            std::fs::remove_file(self.path().join(format!("{stem}.{way}.sql"))).expect("the file is there");
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// The path of a file in it.
    pub fn at(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// The command `uturn --dir HERE`, on a database, not started yet.
    pub fn command(&self, db: &Db, words: &str) -> Command {
        let mut command = on(db);
        command.arg("--dir").arg(self.path()).args(words.split_whitespace());
        command
    }

    /// Runs `uturn --dir HERE WORDS` on a database.
    pub fn uturn(&self, db: &Db, words: &str) -> Run {
        run(&mut self.command(db, words))
    }
}
