//! The same migrations and the same commands, here and in the real sequelize-cli, on databases of their own: after each
//! command both must have ended alike, with the same migrations applied and the same tables. Where uturn differs, the
//! test says what both do, and why. `scripts/test` installs sequelize-cli.

use crate::support::app::{Folder, Run, run};
use crate::support::server::{Db, on_each};
use std::path::PathBuf;
use std::process::Command;

/// Where `scripts/test` puts what tests/peers/sequelize/package-lock.json names.
fn installed() -> PathBuf {
    let folder = std::env::var("UTURN_TEST_SEQUELIZE").map(PathBuf::from);
    let folder = folder.unwrap_or_else(|_| [env!("CARGO_MANIFEST_DIR"), "target", "sequelize"].iter().collect());
    assert!(folder.join("node_modules/.bin/sequelize-cli").exists(), "no sequelize-cli: run `scripts/test --peers`");
    folder
}

/// `a` is the oldest migration, and its stem is `20260101000000-a`.
fn stem(letter: char) -> String {
    format!("202601{:02}000000-{letter}", letter as u32 - 'a' as u32 + 1)
}

/// `{c}` becomes the stem of migration `c`.
fn spell(words: &str) -> Vec<String> {
    let mut words = words.to_owned();
    for letter in 'a'..='e' {
        words = words.replace(&format!("{{{letter}}}"), &stem(letter));
    }
    words.split_whitespace().map(str::to_owned).collect()
}

/// Both tools, each with its own files and its own database.
struct Both {
    ours: Db,
    theirs: Db,
    sql: Folder,
    js: Folder,
}

/// Runs a scenario with both, on new databases of the same server.
fn compare(db: &Db, scenario: impl Fn(&Both)) {
    let (ours, theirs) = (db.server.database(), db.server.database());
    scenario(&Both { ours, theirs, sql: Folder::new(), js: Folder::new() });
}

impl Both {
    /// Migrations that make, and drop, a table of their name.
    fn write(&self, letters: &str) {
        for letter in letters.chars() {
            let (up, down) = (format!("CREATE TABLE {letter} (id INT)"), format!("DROP TABLE {letter}"));
            self.write_one(letter, &[&up], &[&down]);
        }
    }

    /// A migration of these statements.
    fn write_one(&self, letter: char, up: &[&str], down: &[&str]) {
        let script = |statements: &[&str]| statements.iter().map(|s| format!("{s};\n")).collect::<String>();
        self.sql.pair(&stem(letter), &script(up), &script(down));
        let run = |statements: &[&str]| {
            let queries =
                statements.iter().map(|s| format!("    await i.sequelize.query({});\n", serde_json::json!(s)));
            format!("async (i) => {{\n{}  }}", queries.collect::<String>())
        };
        let module = format!("module.exports = {{\n  up: {},\n  down: {},\n}};\n", run(up), run(down));
        self.js.file(&format!("{}.js", stem(letter)), module);
    }

    fn remove(&self, letter: char) {
        self.sql.remove(&stem(letter));
        std::fs::remove_file(self.js.at(&format!("{}.js", stem(letter)))).expect("the file is there");
    }

    /// One command in both, which must do the same, and this: `ok` or `no`, the applied migrations, the tables.
    #[track_caller]
    fn same(&self, theirs: &str, ours: &str, expected: &str) {
        self.differ(theirs, ours, expected, expected, "");
        assert_eq!(self.schema_of_theirs(), self.ours.schema(), "after `{theirs}` and `{ours}`");
    }

    /// One command in both, which do not do the same, for a reason.
    #[track_caller]
    fn differ(&self, theirs: &str, ours: &str, theirs_expected: &str, ours_expected: &str, reason: &str) {
        let their_run = self.sequelize(theirs);
        assert_eq!(
            self.seen_of_theirs(&their_run),
            theirs_expected,
            "`sequelize-cli {theirs}` {reason}: {their_run:#?}"
        );
        let our_run = run(self.sql.command(&self.ours, "").args(spell(ours)));
        assert_eq!(self.seen_of_ours(&our_run), ours_expected, "`uturn {ours}` {reason}: {our_run:#?}");
    }

    fn sequelize(&self, words: &str) -> Run {
        let mut command = Command::new("node");
        command
            .current_dir(installed())
            .env_clear()
            .env("PATH", std::env::var("PATH").unwrap_or_default())
            .arg("node_modules/.bin/sequelize-cli")
            .args(spell(words))
            .args(["--url", &self.theirs.url(), "--migrations-path"])
            .arg(self.js.path());
        run(&mut command)
    }

    fn seen_of_theirs(&self, run: &Run) -> String {
        let is_there = !self.theirs.rows("SHOW TABLES LIKE 'SequelizeMeta'").is_empty();
        let files =
            if is_there { self.theirs.rows("SELECT name FROM SequelizeMeta ORDER BY name") } else { Vec::new() };
        let tables = self.theirs.tables().into_iter().filter(|table| table != "SequelizeMeta").collect();
        seen(run, files.iter().map(|file| file.trim_end_matches(".js")), tables)
    }

    fn seen_of_ours(&self, run: &Run) -> String {
        let is_there = !self.ours.rows("SHOW TABLES LIKE 'refinery_schema_history'").is_empty();
        let rows = if is_there { self.ours.history() } else { Vec::new() };
        seen(run, rows.iter().map(String::as_str), self.ours.tables())
    }

    fn schema_of_theirs(&self) -> Vec<String> {
        self.theirs.schema().into_iter().filter(|table| !table.starts_with("SequelizeMeta|")).collect()
    }
}

/// `ok | a b | a b`: how it ended, what is applied, which tables are there.
fn seen<'a>(run: &Run, applied: impl Iterator<Item = &'a str>, mut tables: Vec<String>) -> String {
    let ended = if run.code == Some(0) { "ok" } else { "no" };
    let letters: Vec<&str> = applied.map(|name| &name[name.len() - 1..]).collect();
    tables.sort();
    format!("{ended} | {} | {}", letters.join(" "), tables.join(" "))
}

on_each!(up_runs_what_is_pending_and_nothing_twice, |db| {
    compare(db, |both| {
        both.same("db:migrate", "up --allow-empty", "ok |  | ");
        both.write("ab");
        both.write_one('c', &["ALTER TABLE a ADD name VARCHAR(20) DEFAULT 'é'"], &["ALTER TABLE a DROP name"]);
        both.same("db:migrate", "up", "ok | a b c | a b");
        both.same("db:migrate", "up", "ok | a b c | a b");
        both.same("db:migrate:undo", "undo", "ok | a b | a b");
        both.same("db:migrate", "up", "ok | a b c | a b");
    });
});

on_each!(a_pending_one_older_than_the_newest_runs_and_an_undo_goes_by_name_and_passes_holes, |db| {
    compare(db, |both| {
        both.write("acd");
        both.same("db:migrate", "up", "ok | a c d | a c d");
        both.write("b");
        both.same("db:migrate:undo", "undo", "ok | a c | a c");
        both.same("db:migrate:undo", "undo", "ok | a | a");
        both.same("db:migrate --to {c}.js", "up --to {c}", "ok | a b c | a b c");
        both.remove('b');
        both.differ(
            "db:migrate",
            "up",
            "ok | a b c d | a b c d",
            "no | a b c | a b c",
            "an up over a history without its file is refused: what is applied would no longer be known",
        );
    });
    compare(db, |both| {
        both.write("ac");
        both.same("db:migrate", "up", "ok | a c | a c");
        both.write("b");
        both.same("db:migrate", "up", "ok | a b c | a b c");
        // b ran last, c is the newest by name: without `--steps 1` uturn asks.
        both.same("db:migrate:undo", "undo --steps 1", "ok | a b | a b");
        both.same("db:migrate:undo", "undo", "ok | a | a");
        both.same("db:migrate:undo", "undo", "ok |  | ");
    });
});

on_each!(undo_to_a_target_takes_it_back_too_and_passes_holes, |db| {
    compare(db, |both| {
        both.write("abd");
        both.same("db:migrate", "up", "ok | a b d | a b d");
        both.write("ce");
        both.same("db:migrate:undo:all --to {b}.js", "undo --to {b} --yes", "ok | a | a");
        both.same("db:migrate", "up", "ok | a b c d e | a b c d e");
        both.same("db:migrate:undo:all --to {e}.js", "undo --to {e} --yes", "ok | a b c d | a b c d");
        // A beginning of the name that fits only one is enough in both.
        both.same("db:migrate:undo:all --to 20260103", "undo --to 20260103 --yes", "ok | a b | a b");
        both.same("db:migrate:undo:all", "undo --all --yes", "ok |  | ");
        both.same("db:migrate:undo:all", "undo --all --yes", "ok |  | ");
        both.same("db:migrate:undo", "undo", "ok |  | ");
    });
});

on_each!(undo_to_a_target_that_is_not_there_not_applied_or_not_clear_changes_nothing, |db| {
    compare(db, |both| {
        both.write("abc");
        both.same("db:migrate --to {b}.js", "up --to {b}", "ok | a b | a b");
        both.same("db:migrate:undo:all --to {e}.js", "undo --to {e} --yes", "no | a b | a b");
        both.same("db:migrate:undo:all --to {c}.js", "undo --to {c} --yes", "no | a b | a b");
        both.same("db:migrate:undo --name {c}.js", "undo --to {c}", "no | a b | a b");
        both.differ(
            "db:migrate:undo:all --to 2026",
            "undo --to 2026 --yes",
            "ok | a | a",
            "no | a b | a b",
            "what fits several is refused; sequelize-cli stops at the first that fits, and says nothing",
        );
        both.differ(
            "db:migrate:undo:all",
            "undo --all",
            "ok |  | ",
            "no | a b | a b",
            "without a terminal, an undo of several needs --yes",
        );
    });
    compare(db, |both| {
        both.differ(
            "db:migrate:undo:all --to {a}.js",
            "undo --to {a} --yes",
            "ok |  | ",
            "no |  | ",
            "a target that is not there is never a silent success, also where nothing is applied",
        );
    });
});

on_each!(up_to_a_target, |db| {
    compare(db, |both| {
        both.write("abcd");
        both.same("db:migrate --to {c}.js", "up --to {c}", "ok | a b c | a b c");
        both.same("db:migrate --to {c}.js", "up --to {c}", "ok | a b c | a b c");
        both.same("db:migrate --to {b}.js", "up --to {b}", "ok | a b c | a b c");
        both.differ(
            "db:migrate --to {e}.js",
            "up --to {e}",
            "ok | a b c | a b c",
            "no | a b c | a b c",
            "a target that is not there is never a silent success",
        );
        both.differ(
            "db:migrate --to {d}",
            "up --to {d}",
            "ok | a b c | a b c",
            "ok | a b c d | a b c d",
            "sequelize-cli knows an up's target by the whole file name only, and says that it is up to date",
        );
    });
    compare(db, |both| {
        both.write("acd");
        both.same("db:migrate --to {c}.js", "up --to {c}", "ok | a c | a c");
        both.write("b");
        both.differ(
            "db:migrate --to {c}.js",
            "up --to {c}",
            "ok | a c | a c",
            "ok | a b c | a b c",
            "sequelize-cli looks for the target among what is pending only; up to c is up to c, whether c is applied or not",
        );
    });
});

on_each!(a_migration_that_fails_in_the_middle, |db| {
    const HALF: [&str; 2] = ["CREATE TABLE b (id INT)", "INSERT INTO bb VALUES (1)"];
    const MENDED: [&str; 2] = ["CREATE TABLE b (id INT)", "CREATE TABLE bb (id INT)"];
    const BACK: [&str; 2] = ["DROP TABLE bb", "DROP TABLE b"];
    compare(db, |both| {
        both.write("ac");
        both.write_one('b', &HALF, &BACK);
        both.same("db:migrate", "up", "no | a | a b");
        both.same("db:migrate", "up", "no | a | a b");
        both.write_one('b', &MENDED, &BACK);
        both.differ(
            "db:migrate",
            "up",
            "no | a | a b",
            "ok | a b c | a b bb c",
            "no statement is done twice: uturn resumes where it stopped; sequelize-cli begins anew, and b exists",
        );
    });
    compare(db, |both| {
        both.write("a");
        both.write_one('b', &HALF, &BACK);
        both.same("db:migrate", "up", "no | a | a b");
        both.differ(
            "db:migrate:undo",
            "undo",
            "ok |  | b",
            "ok | a | a",
            "what stopped part-way is taken back first; sequelize-cli does not know of it, and leaves it there",
        );
    });
});

on_each!(a_way_back_that_fails_in_the_middle, |db| {
    compare(db, |both| {
        both.write("ac");
        both.write_one('b', &["CREATE TABLE b (id INT)"], &["DROP TABLE b", "DROP TABLE nothing"]);
        both.same("db:migrate", "up", "ok | a b c | a b c");
        both.same("db:migrate:undo:all", "undo --all --yes", "no | a b | a");
        both.differ(
            "db:migrate",
            "up",
            "ok | a b c | a c",
            "no | a b | a",
            "what is half undone is neither there nor not there: an up is refused until the undo has ended",
        );
    });
});

on_each!(two_with_one_timestamp, |db| {
    compare(db, |both| {
        both.write("a");
        both.sql.pair("20260101000000-b", "CREATE TABLE b (id INT);\n", "DROP TABLE b;\n");
        both.js.file("20260101000000-b.js", "module.exports = { up: async () => {}, down: async () => {} };\n");
        both.differ("db:migrate", "up", "ok | a b | a", "no |  | ", "two names with one timestamp have no order");
    });
});

on_each!(status_names_the_same_ones_and_writes_nothing, |db| {
    compare(db, |both| {
        both.write("acd");
        let status = || {
            let theirs = both.sequelize("db:migrate:status").exits(0).out;
            let mut theirs: Vec<String> = theirs
                .lines()
                .filter_map(|line| match line.strip_suffix(".js")?.split_once(' ')? {
                    ("up", stem) => Some(format!("{stem} applied")),
                    ("down", stem) => Some(format!("{stem} pending")),
                    _ => None,
                })
                .collect();
            theirs.sort();
            let ours = both.sql.uturn(&both.ours, "status").exits(0).out;
            let words = |line: &str| {
                let mut words = line.split_whitespace();
                let (state, stem) = (words.next().expect("a state"), words.next().expect("a stem"));
                format!("{stem} {state}")
            };
            let ours: Vec<String> = ours.lines().map(words).collect();
            assert_eq!(ours, theirs);
            ours.len()
        };
        assert_eq!(status(), 3);
        assert!(both.ours.rows("SHOW TABLES").is_empty());
        both.same("db:migrate --to {c}.js", "up --to {c}", "ok | a c | a c");
        both.write("b");
        assert_eq!(status(), 4);
    });
});

on_each!(files_that_changed_since_they_ran, |db| {
    compare(db, |both| {
        both.write("ab");
        both.same("db:migrate", "up", "ok | a b | a b");
        both.write_one('b', &["CREATE TABLE b (id BIGINT)"], &["RENAME TABLE b TO wrong"]);
        both.write("c");
        both.differ(
            "db:migrate",
            "up",
            "ok | a b c | a b c",
            "no | a b | a b",
            "an up over a file that is not the one that ran is refused",
        );
        both.sequelize("db:migrate:undo").exits(0);
        both.differ(
            "db:migrate:undo",
            "undo",
            "ok | a | a wrong",
            "ok | a | a",
            "the way back is the one that belongs to what ran, not the one in today's file",
        );
        both.remove('a');
        both.differ(
            "db:migrate:undo",
            "undo",
            "no | a | a wrong",
            "ok |  | ",
            "the way back is kept in the database, so an undo needs no file",
        );
    });
});
