//! What the server itself has seen: its general log says which statements arrived, its binary log which took effect. uturn
//! reads neither.

use super::script::{Class, Script, Statement};
use crate::support::server::Server;
use mysql::Row;
use mysql::prelude::Queryable;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// The options of a server that can be a witness.
pub fn options(kind: &str, log: &Path) -> Vec<String> {
    let log = format!("--general-log-file={}", log.display());
    let common = ["--general-log", "--log-output=FILE", &log];
    let own: &[&str] = match kind {
        "mariadb" => &["--log-bin", "--server-id=1", "--binlog-format=ROW"],
        _ => &["--binlog-rows-query-log-events=ON"],
    };
    common.iter().chain(own).map(|word| (*word).to_owned()).collect()
}

/// A moment in both logs.
pub struct Mark {
    general: u64,
    file: String,
    place: u64,
}

/// What both logs hold since a moment, of one database.
pub struct Testimony {
    /// Session and text of each statement that arrived, in order.
    pub arrived: Vec<(String, String)>,
    /// Each entry of the binary log.
    pub effects: Vec<String>,
}

fn column(row: &Row, index: usize) -> String {
    row.get::<Option<String>, _>(index).flatten().unwrap_or_default()
}

impl Mark {
    /// Now.
    pub fn now(server: &Server, log: &Path) -> Mark {
        let question = if server.kind == "mysql" { "SHOW BINARY LOG STATUS" } else { "SHOW MASTER STATUS" };
        let row: Row = server.conn("").query_first(question).expect("the binary log is on").expect("it has a place");
        let general = std::fs::metadata(log).expect("the general log is on").len();
        Mark { general, file: column(&row, 0), place: row.get(1).expect("a place") }
    }

    /// The same, but for the general log, which is read from a later place.
    pub fn at(&self, general: u64) -> Mark {
        Mark { general, file: self.file.clone(), place: self.place }
    }

    /// What was logged since, of the statements that hold this text.
    pub fn since(&self, server: &Server, log: &Path, here: &str) -> Testimony {
        let mut file = std::fs::File::open(log).expect("the general log is there");
        file.seek(SeekFrom::Start(self.general)).expect("it only grows");
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).expect("it can be read");
        let text = String::from_utf8_lossy(&bytes);
        let arrived = text.lines().filter_map(entry).filter(|(_, query)| query.contains(here)).collect();

        let mut conn = server.conn("");
        let logs: Vec<Row> = conn.query("SHOW BINARY LOGS").expect("the binary log is on");
        let files = logs.iter().map(|row| column(row, 0)).filter(|name| *name >= self.file);
        let mut effects = Vec::new();
        for name in files {
            let from = if name == self.file { self.place } else { 4 };
            let question = format!("SHOW BINLOG EVENTS IN '{name}' FROM {from}");
            // MySQL reads the log while another session writes into it, and may find half an event (1220).
            let mut tries = (0..20).map(|_| conn.query(&question));
            let is_whole = |events: &mysql::Result<Vec<Row>>| {
                if events.is_err() {
                    std::thread::sleep(std::time::Duration::from_millis(100));
                }
                events.is_ok()
            };
            let events: Vec<Row> = tries.find(is_whole).expect("the log can be read in two seconds").expect("events");
            effects.extend(events.iter().map(|row| column(row, 5)).filter(|info| info.contains(here)));
        }
        Testimony { arrived, effects }
    }
}

/// `[time] session Query text`; MySQL writes one such line a statement, MariaDB one a packet, in which a statement may ride
/// behind uturn's own.
fn entry(line: &str) -> Option<(String, String)> {
    let (head, query) = line.split_once(" Query\t")?;
    let behind = |of: &str| query.rsplit_once(of).map(|(_, rider)| rider);
    let query = behind("; DO 0; ").or_else(|| behind("; SAVEPOINT uturn_step; ")).unwrap_or(query);
    Some((head.split_whitespace().next_back()?.to_owned(), query.to_owned()))
}

impl Testimony {
    /// How often a statement arrived.
    pub fn arrivals(&self, statement: &Statement, here: &str) -> usize {
        let text = statement.text(here);
        self.arrived.iter().filter(|(_, query)| *query == text).count()
    }

    /// How often it took effect.
    pub fn effects(&self, statement: &Statement, here: &str) -> usize {
        let is_it = |info: &&String| {
            let (schema, text) = match info.strip_prefix("use `").and_then(|rest| rest.split_once("`; ")) {
                Some((schema, text)) => (schema, text),
                None => (here, info.trim_start_matches("# ")),
            };
            schema == here && statement.made(text, here)
        };
        let effects = self.effects.iter().filter(is_it);
        // MariaDB logs so what a crash has cut short and its recovery brings to an end; or the statement comes again.
        let (by_recovery, own): (Vec<_>, Vec<_>) =
            effects.partition(|effect| effect.contains("generated by ddl recovery"));
        if own.is_empty() { by_recovery.len() } else { own.len() }
    }

    /// Whether the session that sent it last did anything after it, but for the look that rides behind it: then it had the
    /// answer.
    pub fn was_answered(&self, statement: &Statement, here: &str) -> bool {
        let text = statement.text(here);
        let Some(last) = self.arrived.iter().rposition(|(_, query)| *query == text) else { return false };
        let session = &self.arrived[last].0;
        let is_look = |query: &str| query.starts_with("SHOW CREATE TABLE ");
        self.arrived[last + 1..].iter().any(|(other, query)| other == session && !is_look(query))
    }

    /// Every statement of the script that did not arrive, or did not take effect exactly once.
    pub fn contradictions(&self, script: &Script, here: &str, is_loose: bool) -> Vec<String> {
        let mut found = Vec::new();
        for statement in script.statements().filter(|statement| statement.class != Class::Session) {
            let (arrivals, effects) = (self.arrivals(statement, here), self.effects(statement, here));
            let as_expected = match statement.class {
                Class::Once if is_loose && statement.is_loosely_logged() => effects <= 2,
                Class::Once => effects == 1,
                Class::Again => effects >= 1,
                // A MyISAM table's rows, or those that a body commits, were looked at by the one who answered.
                Class::Asks | Class::Call | Class::Session => true,
            };
            if arrivals == 0 || !as_expected {
                let text = statement.text(here);
                found.push(format!("{text}: arrived {arrivals} times, took effect {effects} times"));
            }
        }
        found
    }

    /// How often statements were sent again.
    pub fn repeats(&self, script: &Script, here: &str) -> usize {
        let times = |statement| self.arrivals(statement, here).saturating_sub(1);
        script.statements().filter(|statement| statement.class != Class::Session).map(times).sum()
    }

    /// Keeps both logs.
    pub fn keep(&self, folder: &Path) {
        let arrived: Vec<String> = self.arrived.iter().map(|(session, query)| format!("{session}\t{query}")).collect();
        keep(folder.join("general.log"), &arrived.join("\n"));
        keep(folder.join("binary.log"), &self.effects.join("\n"));
    }
}

/// Writes a file of evidence.
pub fn keep(path: PathBuf, text: &str) {
    std::fs::write(path, text).expect("evidence can be kept");
}
