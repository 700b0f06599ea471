//! The splitter against the real thing: what the `mariadb` client sends of a script, as the server's general log has it,
//! is what we would send.
//!
//! The client runs as a user who may do nothing. The server logs a statement before it refuses it, so scripts that would
//! rebuild the system tables can be compared on a server that other tests are using.

use crate::support::server::on_mariadb;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use uturn::script::lexer::{Kind, Lexer, Modes};
use uturn::script::piece::PieceKind;
use uturn::script::split::{Script, split};

/// One at a time: the general log is switched on for the whole server.
static LOG: Mutex<()> = Mutex::new(());

on_mariadb!(the_client_sends_the_statements_of_every_fixture, |_| {
    let log = Log::open();
    let scripts = scripts_in(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/splitter")));
    assert!(scripts.len() >= 12, "the fixtures are gone: {scripts:?}");
    log.compare(&scripts);
});

on_mariadb!(the_client_sends_the_statements_of_the_servers_own_scripts, |_| {
    let log = Log::open();
    let scripts = ["/usr/share/mysql", "/usr/share/mariadb"].map(|folder| scripts_in(Path::new(folder))).concat();
    assert!(!scripts.is_empty(), "no scripts in /usr/share/mysql or /usr/share/mariadb: install mariadb-server");
    log.compare(&scripts);
});

mod the_client_sends_the_statements_of_a_corpus {
    #[test]
    #[ignore = "needs a folder of scripts in UTURN_TEST_CORPUS"]
    fn mariadb() {
        super::corpus();
    }
}

fn corpus() {
    let folder = std::env::var("UTURN_TEST_CORPUS").expect("UTURN_TEST_CORPUS names a folder of .sql files");
    Log::open().compare(&scripts_in(Path::new(&folder)));
}

on_mariadb!(the_server_parses_every_body_as_one_statement, |_| {
    let scripts = scripts_in(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/splitter")));
    let mut bodies = 0;
    for path in scripts.iter().chain(&scripts_in(Path::new("/usr/share/mysql"))) {
        let text = read(path);
        let script = split(&text, Modes::default()).expect("compared above");
        let readable = script.statements().iter().filter(|s| s.modes == Modes::default()).map(|s| script.text(s));
        let bodies_here: Vec<_> = readable.filter(|sql| cut_up(sql, Modes::default(), ";").len() > 1).collect();
        for chunk in bodies_here.chunks(50) {
            let prepared: Vec<_> = chunk.iter().map(|sql| format!("PREPARE s FROM {};\n", literal(sql))).collect();
            let errors = errors_of(&prepared.concat());
            let wrong: Vec<_> = errors.lines().filter(|line| line.starts_with("ERROR 1064")).collect();
            assert!(wrong.is_empty(), "{}: {wrong:?}", path.display());
        }
        bodies += bodies_here.len();
    }
    assert!(bodies > 60, "only {bodies} statements with a body were found");
});

/// Runs a script as root in a session of its own; what went wrong.
fn errors_of(script: &str) -> String {
    let file = std::env::temp_dir().join(format!("uturn-prepare-{}.sql", std::process::id()));
    fs::write(&file, script).expect("the temporary folder can be written to");
    let output =
        client("root", ["--force", "information_schema"]).stdin(File::open(&file).expect("just written")).output();
    String::from_utf8_lossy(&output.expect("mariadb runs").stderr).into_owned()
}

fn literal(sql: &str) -> String {
    format!("'{}'", sql.replace('\\', "\\\\").replace('\'', "''"))
}

/// The server's general log, on while this lives.
struct Log(#[allow(dead_code)] MutexGuard<'static, ()>);

impl Log {
    fn open() -> Log {
        let guard = LOG.lock().unwrap_or_else(PoisonError::into_inner);
        admin("CREATE USER IF NOT EXISTS uturn_nobody@localhost");
        admin("SET GLOBAL log_output = 'TABLE'; SET GLOBAL general_log = ON");
        Log(guard)
    }

    /// Fails with the first difference of each script.
    fn compare(&self, scripts: &[PathBuf]) {
        let mut differences = Vec::new();
        let mut count = 0;
        for path in scripts {
            let text = read(path);
            let ours = match split(&text, Modes::default()) {
                Ok(script) => packets(&script),
                Err(error) => {
                    differences.push(format!("{}:{}: {}", path.display(), error.at, error.reason));
                    continue;
                }
            };
            let theirs = self.sent(path);
            count += theirs.len();
            let same = ours.iter().zip(&theirs).take_while(|(ours, theirs)| ours == theirs).count();
            if same < ours.len().max(theirs.len()) {
                differences.push(format!(
                    "{} packet {}:\n  ours {:?}\ntheirs {:?}",
                    path.display(),
                    same + 1,
                    ours.get(same),
                    theirs.get(same)
                ));
            }
        }
        println!("{} scripts, {count} packets, {} differ", scripts.len(), differences.len());
        assert!(differences.is_empty(), "{}", differences.join("\n"));
    }

    /// What the client sent of a script.
    fn sent(&self, path: &Path) -> Vec<String> {
        let mark = format!("DO 'uturn {} {}'", std::process::id(), path.display());
        let init = format!("--init-command={mark}");
        let script = File::open(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let output = client("uturn_nobody", ["--force", &init]).stdin(script).output().expect("mariadb runs");
        let thread =
            admin(&format!("SELECT MAX(thread_id) FROM mysql.general_log WHERE argument = {}", literal(&mark)));
        assert!(thread.trim() != "NULL", "the client did not connect: {}", String::from_utf8_lossy(&output.stderr));
        // A CSV table gives its rows back in the order in which they were written; times may be equal.
        let rows = admin(&format!(
            "SELECT command_type, HEX(argument) FROM mysql.general_log WHERE thread_id = {} AND command_type IN ('Query', 'Init DB')",
            thread.trim()
        ));
        let mut sent = Vec::new();
        for row in rows.lines() {
            let (command, argument) = row.split_once('\t').expect("two columns");
            let argument = String::from_utf8(unhex(argument)).expect("the log is UTF-8");
            match command {
                // The client looks at its database before it changes it.
                "Init DB" => {
                    sent.pop();
                    // Instead of the name the log has the answer: `Access denied … to database 'mysql'`.
                    let denied = argument.strip_suffix('\'').and_then(|text| text.rsplit('\'').next());
                    sent.push(format!("USE {}", denied.unwrap_or(&argument)));
                }
                // A packet of nothing but `;`.
                _ if argument.is_empty() => {}
                _ => sent.push(argument),
            }
        }
        sent.split_off(1 + sent.iter().position(|sql| *sql == mark).expect("its first statement"))
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        admin("SET GLOBAL general_log = OFF; TRUNCATE mysql.general_log");
    }
}

/// What the client makes of our statements: one packet for all that stands before a delimiter. A body outside of DELIMITER
/// is cut up at each `;`, since the client knows no bodies; that is why DELIMITER was invented.
fn packets(script: &Script) -> Vec<String> {
    let mut delimiter = ";".to_owned();
    let mut statements = script.statements().iter();
    let mut packets = Vec::new();
    let mut open: Option<(usize, usize, Modes)> = None;
    for piece in script.pieces() {
        let text = &script.source()[piece.span.clone()];
        match piece.kind {
            PieceKind::Statement => {
                let statement = statements.next().expect("a statement for its piece");
                let (start, modes) =
                    open.map_or((piece.span.start, statement.modes), |(start, _, modes)| (start, modes));
                open = Some((start, piece.span.end, modes));
            }
            PieceKind::Delimiter if text != delimiter => {}
            PieceKind::DelimiterCommand => delimiter = argument(text),
            PieceKind::Delimiter => {
                if let Some((start, end, modes)) = open.take() {
                    packets.extend(cut_up(&script.source()[start..end], modes, &delimiter));
                }
            }
            PieceKind::Bom | PieceKind::Space | PieceKind::Comment => {}
        }
        // `USE name` ends with its line.
        if let Some((start, end, modes)) = open
            && script.source()[start..end].get(..4).is_some_and(|word| word.eq_ignore_ascii_case("use "))
        {
            packets.push(as_sent(&script.source()[start..end], modes));
            open = None;
        }
    }
    packets.extend(
        open.into_iter().flat_map(|(start, end, modes)| cut_up(&script.source()[start..end], modes, &delimiter)),
    );
    packets
}

fn cut_up(sql: &str, modes: Modes, delimiter: &str) -> Vec<String> {
    if delimiter != ";" {
        return vec![as_sent(sql, modes)];
    }
    let ends = Lexer::new(sql, modes).filter(|token| token.kind == Kind::Punct && &sql[token.span.clone()] == ";");
    let mut start = 0;
    let mut parts = Vec::new();
    for end in ends.map(|token| token.span.start).chain([sql.len()]) {
        parts.push(as_sent(sql[start..end].trim_start(), modes));
        start = end + 1;
    }
    parts
}

/// The delimiter that a line sets.
fn argument(command: &str) -> String {
    let argument = command["delimiter".len()..].trim();
    match argument.chars().next() {
        Some(quote @ ('\'' | '"' | '`')) => {
            let inner = argument[1..].replace(&format!("{quote}{quote}"), "\0");
            inner.split(quote).next().expect("never empty").replace('\0', &quote.to_string())
        }
        _ => argument.split(' ').next().expect("never empty").to_owned(),
    }
}

/// The client leaves comments out, with a blank where two words would grow together, and ends lines with LF alone.
fn as_sent(sql: &str, modes: Modes) -> String {
    let mut sent = String::new();
    let mut needs_blank = false;
    let lexer = Lexer::new(sql, modes);
    for token in lexer.clone() {
        let text = lexer.text(&token);
        match token.kind {
            Kind::LineComment => {}
            Kind::BlockComment => needs_blank = true,
            _ => {
                if needs_blank && !text.starts_with([' ', '\t', '\r', '\n']) {
                    sent.push(' ');
                }
                needs_blank = false;
                sent.push_str(text);
            }
        }
    }
    let sent = sent.replace("\r\n", "\n");
    let is_use = sent.get(..4).is_some_and(|word| word.eq_ignore_ascii_case("use "));
    match is_use {
        true => format!("USE {}", sent[4..].trim().trim_matches('`')),
        // The server takes off what stands at the end of a packet.
        false => sent.trim_end_matches([';', ' ', '\t', '\n', '\r']).to_owned(),
    }
}

/// The answer to a question of ours.
fn admin(sql: &str) -> String {
    let output: Output =
        client("root", ["--batch", "--raw", "--skip-column-names", "--execute", sql]).output().expect("mariadb runs");
    assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn client<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(user: &str, arguments: I) -> Command {
    let socket = std::env::var("UTURN_TEST_MARIADB_SOCKET")
        .expect("UTURN_TEST_MARIADB_SOCKET is not set: run the tests with scripts/test, which starts a server");
    let mut command = Command::new("mariadb");
    command.args([
        "--no-defaults",
        "--default-character-set=utf8mb4",
        "--protocol=socket",
        "--user",
        user,
        "--socket",
        &socket,
    ]);
    command.args(arguments).stdin(Stdio::null());
    command
}

fn scripts_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path());
    let mut scripts: Vec<_> = entries.filter(|path| path.extension() == Some(OsStr::new("sql"))).collect();
    scripts.sort();
    scripts
}

fn read(path: &Path) -> String {
    let bytes = fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    String::from_utf8_lossy(&bytes).into_owned()
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<_> = text.chars().map(|c| c.to_digit(16).expect("HEX() gives digits") as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}
