//! How long `prove` takes for 1,000 migrations, and how long one plain `up` of them, on real servers: at most 4 times as long.
//!
//!     scripts/bench prove

use mysql::prelude::Queryable;
use mysql::{Conn, Opts};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const COUNT: usize = 1_000;
const ROUNDS: usize = 3;
const DATABASE: &str = "uturn_bench_prove";
const LIMIT: f64 = 4.0;

fn main() {
    let kinds = [("mariadb", "UTURN_TEST_MARIADB_URL"), ("mysql", "UTURN_TEST_MYSQL_URL")];
    let servers: Vec<(&str, String)> =
        kinds.into_iter().filter_map(|(kind, name)| Some((kind, std::env::var(name).ok()?))).collect();
    assert!(!servers.is_empty(), "no server: run `scripts/bench prove`, which starts them");
    let scripts = tempfile::tempdir().expect("a temporary folder");
    write_pairs(scripts.path());
    println!("| server | round | `up` of {COUNT} | `prove` of {COUNT} | ratio |");
    println!("| --- | ---: | ---: | ---: | ---: |");
    let mut slowest: f64 = 0.0;
    for (kind, url) in &servers {
        let mut ratios = Vec::new();
        for round in 1..=ROUNDS {
            let up = with_database(url, || run(url, scripts.path(), "up"));
            let prove = with_database(url, || run(url, scripts.path(), "prove"));
            let ratio = prove.as_secs_f64() / up.as_secs_f64();
            println!("| {kind} | {round} | {:.2} s | {:.2} s | {ratio:.2} |", up.as_secs_f64(), prove.as_secs_f64());
            ratios.push(ratio);
        }
        ratios.sort_by(f64::total_cmp);
        slowest = slowest.max(ratios[ROUNDS / 2]);
    }
    assert!(slowest <= LIMIT, "the median ratio is {slowest:.2}, and may be {LIMIT}");
}

/// Tables, and what is done to them later, as in a project that has grown for years.
fn write_pairs(folder: &Path) {
    for number in 0..COUNT {
        let table = format!("table_{}", number / 5);
        let parent = format!("table_{}", (number / 5).saturating_sub(1));
        let (up, down) = match number % 5 {
            0 => (
                format!(
                    "CREATE TABLE {table} (\n    id INT NOT NULL AUTO_INCREMENT,\n    title VARCHAR(255) NOT NULL,\n    \
                     state ENUM('new', 'done') NOT NULL DEFAULT 'new',\n    \
                     created_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,\n    PRIMARY KEY (id),\n    \
                     KEY by_title (title)\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;\n"
                ),
                format!("DROP TABLE {table};\n"),
            ),
            1 => (
                format!("ALTER TABLE {table} ADD COLUMN comment TEXT NULL AFTER title;\n"),
                format!("ALTER TABLE {table} DROP COLUMN comment;\n"),
            ),
            2 => (
                format!("CREATE INDEX by_state ON {table} (state, created_at);\n"),
                format!("DROP INDEX by_state ON {table};\n"),
            ),
            3 => (
                format!(
                    "ALTER TABLE {table} ADD COLUMN id_parent INT NULL, ADD KEY by_parent (id_parent), ADD CONSTRAINT {table}_parent FOREIGN KEY (id_parent) REFERENCES {parent} (id);\n"
                ),
                format!(
                    "ALTER TABLE {table} DROP FOREIGN KEY {table}_parent, DROP KEY by_parent, DROP COLUMN id_parent;\n"
                ),
            ),
            _ => (
                format!(
                    "INSERT INTO {table} (title) VALUES ('one'), ('two'), ('three');\nUPDATE {table} SET state = 'done';\n"
                ),
                format!("DELETE FROM {table};\n"),
            ),
        };
        let stem = format!("2026010100{:02}{:02}-step-{number}", number / 60, number % 60);
        for (way, text) in [("up", up), ("down", down)] {
            std::fs::write(folder.join(format!("{stem}.{way}.sql")), text).expect("the folder can be written");
        }
    }
}

fn with_database(server: &str, measured: impl Fn() -> Duration) -> Duration {
    let opts = Opts::from_url(&format!("{}?prefer_socket=false", server.trim_end_matches('/'))).expect("a URL");
    let mut conn = Conn::new(opts).expect("the server answers");
    conn.query_drop(format!("DROP DATABASE IF EXISTS {DATABASE}")).expect("DROP DATABASE");
    conn.query_drop(format!("CREATE DATABASE {DATABASE}")).expect("CREATE DATABASE");
    let time = measured();
    conn.query_drop(format!("DROP DATABASE {DATABASE}")).expect("DROP DATABASE");
    time
}

fn run(server: &str, scripts: &Path, words: &str) -> Duration {
    let mut command = Command::new(env!("CARGO_BIN_EXE_uturn"));
    let url = format!("{}/{DATABASE}", server.trim_end_matches('/'));
    command.current_dir(scripts).env_clear().env("DATABASE_URL", url).args(words.split(' '));
    command.arg("--dir").arg(scripts).stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    assert!(command.status().expect("uturn starts").success(), "`uturn {words}`");
    start.elapsed()
}
