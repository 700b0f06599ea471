//! Large scripts: how long `uturn up` takes beside the mariadb client on the same file, and how much memory it has at most.
//! Two files: INSERTs of about a megabyte each, and of one row each, with quotes, semicolons and comments in strings.
//!
//!     scripts/bench large [--megabytes N] [--rounds N]

use mysql::prelude::Queryable;
use mysql::{Conn, Opts};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const DATABASE: &str = "uturn_bench";
const STEM: &str = "20260101000000-fill-items";
const TITLES: [&str; 6] =
    ["it''s a; b", "-- no comment", "/* neither; */ # nor this", r#"say \"hi\"; ok"#, "café; `x`", "a plain title"];

fn main() {
    let kinds = ["mariadb", "mysql"];
    let variable = |kind: &str, what: &str| std::env::var(format!("UTURN_TEST_{}_{what}", kind.to_uppercase())).ok();
    let servers: Vec<Server> = kinds
        .into_iter()
        .filter_map(|kind| Some(Server { kind, url: variable(kind, "URL")?, socket: variable(kind, "SOCKET")? }))
        .collect();
    assert!(!servers.is_empty(), "no server: run `scripts/bench large`, which starts them");
    let number = |name: &str, usual| std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(usual);
    let (megabytes, rounds) = (number("UTURN_BENCH_MEGABYTES", 100), number("UTURN_BENCH_ROUNDS", 5));
    println!("| server | script | statements | client | uturn | ratio | memory at most | beyond the file |");
    println!("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |");
    for (name, statement_bytes) in [("statements of 1 MB", 1_000_000), ("statements of one row", 1)] {
        let script = Script::write(megabytes * 1_000_000, statement_bytes);
        for server in &servers {
            let (mut client, mut uturn, mut peak) = (Vec::new(), Vec::new(), 0);
            // One after the other, so that a busy moment of the machine hits both.
            for _ in 0..rounds {
                client.push(server.client(&script));
                let (time, memory) = server.uturn(&script);
                uturn.push(time);
                peak = peak.max(memory);
            }
            let (client, uturn) = (median(client), median(uturn));
            println!(
                "| {} | {name} | {} | {:.2} s | {:.2} s | {:.2} | {:.1} MiB | {:.1} MiB |",
                server.kind,
                script.statements,
                client.as_secs_f64(),
                uturn.as_secs_f64(),
                uturn.as_secs_f64() / client.as_secs_f64(),
                mebibytes(peak),
                mebibytes(peak) - mebibytes(script.bytes),
            );
        }
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / 1024.0 / 1024.0
}

/// A pair of files.
struct Script {
    folder: tempfile::TempDir,
    bytes: u64,
    statements: usize,
}

impl Script {
    /// With INSERTs of so many bytes, or of one row if that is more.
    fn write(bytes: u64, statement_bytes: usize) -> Script {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join(format!("{STEM}.up.sql"));
        let mut file = BufWriter::new(File::create(&path).expect("the folder can be written"));
        let table = "CREATE TABLE items (id INT NOT NULL PRIMARY KEY, title VARCHAR(200) NOT NULL, note TEXT, \
                     price DECIMAL(10,2), made DATETIME NULL) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;\n";
        file.write_all(table.as_bytes()).expect("it can be written");
        let (mut written, mut number, mut statements) = (table.len() as u64, 0, 1);
        while written < bytes {
            let mut statement = "INSERT INTO items (id, title, note, price, made) VALUES\n".to_owned();
            loop {
                number += 1;
                statement.push_str(&row(number));
                if statement.len() >= statement_bytes {
                    break;
                }
                statement.push_str(",\n");
            }
            statement.push_str(";\n");
            file.write_all(statement.as_bytes()).expect("it can be written");
            written += statement.len() as u64;
            statements += 1;
        }
        file.flush().expect("it can be written");
        std::fs::write(folder.path().join(format!("{STEM}.down.sql")), "DROP TABLE items;\n").expect("and the other");
        Script { folder, bytes: written, statements }
    }

    fn up(&self) -> PathBuf {
        self.folder.path().join(format!("{STEM}.up.sql"))
    }
}

fn row(number: usize) -> String {
    let made = if number.is_multiple_of(3) { "'2026-01-01 10:00:00'" } else { "NULL" };
    let (title, other) = (TITLES[number % TITLES.len()], TITLES[number * 5 % TITLES.len()]);
    format!("({number}, '{title}', '{other} -- {number}; ''quoted''', {}.{:02}, {made})", number % 1000, number % 100)
}

/// A server that the script has started.
struct Server {
    kind: &'static str,
    url: String,
    socket: String,
}

impl Server {
    fn empty(&self) {
        let opts = Opts::from_url(&format!("{}?prefer_socket=false", self.url)).expect("a URL");
        let mut conn = Conn::new(opts).expect("the server answers");
        for statement in
            [format!("DROP DATABASE IF EXISTS {DATABASE}"), format!("CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4")]
        {
            conn.query_drop(statement).expect("a database of its own");
        }
    }

    /// Both through the socket.
    fn client(&self, script: &Script) -> Duration {
        self.empty();
        let mut command = Command::new("mariadb");
        command
            .args(["--no-defaults", "--default-character-set=utf8mb4", "--max-allowed-packet=64M", "-uuturn"])
            .args(["--socket", &self.socket, DATABASE])
            .env("MYSQL_PWD", "uturn")
            .stdin(File::open(script.up()).expect("it has been written"));
        watched(command.spawn().expect("the client starts"), "mariadb").0
    }

    fn uturn(&self, script: &Script) -> (Duration, u64) {
        self.empty();
        let mut command = Command::new(env!("CARGO_BIN_EXE_uturn"));
        command
            .current_dir(script.folder.path())
            .env_clear()
            .env("DATABASE_URL", format!("{}/{DATABASE}?socket={}", self.url.trim_end_matches('/'), self.socket))
            .args(["up", "--dir"])
            .arg(script.folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        watched(command.spawn().expect("uturn starts"), "uturn up")
    }
}

/// Waits for its end: how long that took, and the most memory that it had, in bytes.
fn watched(mut child: Child, name: &str) -> (Duration, u64) {
    let start = Instant::now();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    loop {
        if let Some(status) = child.try_wait().expect("it is ours") {
            assert!(status.success(), "`{name}` ended with {status}");
            return (start.elapsed(), peak);
        }
        peak = peak.max(high_water_mark(Path::new(&status)));
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Only grows, so that the last reading before the end is the peak.
fn high_water_mark(status: &Path) -> u64 {
    let text = std::fs::read_to_string(status).unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kib.unwrap_or_default() * 1024
}
