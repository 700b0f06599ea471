//! How long `up` with nothing pending, and `status`, take with up to 100,000 applied migrations, on real servers: the time
//! must grow with their number, and not faster; the number of questions to the server must not grow at all. Beside the least
//! that a tool must do: connect, read the history, list the folder. And what TLS adds to a connection, where the server has it.
//!
//!     scripts/bench
//!     scripts/bench built-in      # 1,000 of them in the binary, and no folder

use mysql::prelude::Queryable;
use mysql::{Conn, Opts};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use time::macros::{datetime, format_description};
use uturn::engine::history;
use uturn::schema::own_tables;
use uturn::source::folder;
use uturn::source::folder::Empty;

const COUNTS: [u64; 4] = [100, 1_000, 10_000, 100_000];
const RUNS: usize = 15;
const CONNECTIONS: usize = 101;
const DATABASE: &str = "uturn_bench";

fn main() {
    // `cargo bench` adds a word of its own.
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["floor", url, folder] => return floor(url, Path::new(folder)),
        ["pairs", count, folder] => return write_pairs(Path::new(folder), count.parse().expect("a number")),
        _ => {}
    }
    let kinds = [("mariadb", "UTURN_TEST_MARIADB_URL"), ("mysql", "UTURN_TEST_MYSQL_URL")];
    let servers: Vec<(&str, String)> =
        kinds.into_iter().filter_map(|(kind, name)| Some((kind, std::env::var(name).ok()?))).collect();
    assert!(!servers.is_empty(), "no server: run `scripts/bench`, which starts them");
    let mut table = Table::default();
    if let Some(checkout) = std::env::var_os("UTURN_BENCH_BUILT_IN").map(PathBuf::from) {
        let (binary, sql) = (checkout.join("target/release/uturn"), checkout.join("sql"));
        for (kind, url) in &servers {
            table.rows(kind, &mut Database::fill(url, &sql), &Tool { binary: binary.clone(), folder: None }, &sql);
        }
        return;
    }
    let binary = PathBuf::from(env!("CARGO_BIN_EXE_uturn"));
    for count in COUNTS {
        let scripts = tempfile::tempdir().expect("a temporary folder");
        write_pairs(scripts.path(), count);
        for (kind, url) in &servers {
            let tool = Tool { binary: binary.clone(), folder: Some(scripts.path().to_owned()) };
            table.rows(kind, &mut Database::fill(url, scripts.path()), &tool, scripts.path());
        }
    }
    println!("\n| server | `wait`, in clear | with TLS | difference, median of {CONNECTIONS} | of ten, nine at most |");
    println!("| --- | ---: | ---: | ---: | ---: |");
    for (kind, url) in &servers {
        tls(kind, &format!("{}/{DATABASE}", url.trim_end_matches('/')));
    }
}

/// What is compared from one number of migrations to the next.
#[derive(Default)]
struct Table {
    fastest: HashMap<(String, &'static str), Duration>,
    questions: HashMap<(String, &'static str), u64>,
}

impl Table {
    fn rows(&mut self, kind: &str, database: &mut Database, tool: &Tool, scripts: &Path) {
        if self.questions.is_empty() {
            println!("| server | command | applied | fastest | median | to a tenth of it | to the floor | questions |");
            println!("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |");
        }
        let applied = std::fs::read_dir(scripts).expect("the folder is there").count() / 2;
        for words in ["up", "status"] {
            let Measured { times, to_floor, questions } = database.measure(tool, scripts, words);
            let same = *self.questions.entry((kind.to_owned(), words)).or_insert(questions);
            assert_eq!(questions, same, "the questions to the server must not grow in number");
            // On a busy machine the fastest run says more about uturn than the median.
            let (fastest, median) = (times[0], times[RUNS / 2]);
            let ratio = match self.fastest.insert((kind.to_owned(), words), fastest) {
                Some(before) => format!("{:.1}", fastest.as_secs_f64() / before.as_secs_f64()),
                None => String::new(),
            };
            println!(
                "| {kind} | `{words}` | {applied} | {} | {} | {ratio} | {to_floor:.2} | {questions} |",
                milliseconds(fastest),
                milliseconds(median),
            );
        }
    }
}

/// The least that a tool must do: connect, read the history, list the folder. A process of its own, as uturn is.
fn floor(url: &str, folder: &Path) {
    let opts = Opts::from_url(&format!("{url}?prefer_socket=false&max_allowed_packet=1073741824")).expect("a URL");
    let mut conn = Conn::new(opts).expect("the server answers");
    let question = format!("SELECT version, name, checksum FROM {} ORDER BY version", own_tables::HISTORY);
    let rows: Vec<(u64, String, String)> = conn.query(question).expect("the history");
    let files = std::fs::read_dir(folder).expect("the folder is there");
    let names: Vec<_> = files.map(|entry| entry.expect("it can be read").file_name()).collect();
    assert_eq!(rows.len() * 2, names.len());
}

/// One connection a command, with TLS and without, in turn.
fn tls(kind: &str, url: &str) {
    let connect = |mode: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_uturn"));
        command.env_clear().env("DATABASE_URL", url).args(["wait", "--timeout", "1s", "--ssl-mode", mode]);
        let start = Instant::now();
        let ended = command.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("uturn starts");
        ended.success().then(|| start.elapsed())
    };
    let Some(_) = connect("required") else { return println!("| {kind} | no TLS on this server | | | |") };
    let at = |times: &mut Vec<Duration>, part: f64| {
        times.sort();
        milliseconds(times[(times.len() as f64 * part) as usize])
    };
    let (mut clear, mut with, mut more) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..CONNECTIONS {
        let (one, other) = (connect("disabled").expect("it answers"), connect("required").expect("it answers"));
        more.push(other.saturating_sub(one));
        clear.push(one);
        with.push(other);
    }
    println!(
        "| {kind} | {} | {} | {} | {} |",
        at(&mut clear, 0.5),
        at(&mut with, 0.5),
        at(&mut more, 0.5),
        at(&mut more, 0.9)
    );
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1_000.0)
}

/// Pairs of an ordinary size, a minute apart.
fn write_pairs(folder: &Path, count: u64) {
    let form = format_description!("[year][month][day][hour][minute][second]");
    for number in 0..count {
        let at = datetime!(2000-01-01 0:00 UTC) + time::Duration::minutes(number as i64);
        let stem = format!("{}-create-table-{number}", at.format(form).expect("a date of this century"));
        let up = format!(
            "-- What belongs to number {number}.\nCREATE TABLE table_{number} (\n    id INT NOT NULL AUTO_INCREMENT,\n    \
             title VARCHAR(255) NOT NULL,\n    state ENUM('new', 'done') NOT NULL DEFAULT 'new',\n    \
             created_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,\n    PRIMARY KEY (id),\n    \
             KEY by_title (title)\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;\n"
        );
        let down = format!("DROP TABLE table_{number};\n");
        for (way, text) in [("up", up), ("down", down)] {
            std::fs::write(folder.join(format!("{stem}.{way}.sql")), text).expect("the folder can be written");
        }
    }
}

/// A uturn, and where its migrations are; in itself, if nowhere.
struct Tool {
    binary: PathBuf,
    folder: Option<PathBuf>,
}

/// What several runs of a command took.
struct Measured {
    /// The fastest first.
    times: Vec<Duration>,
    /// The median of the ratios to the floor's run behind each.
    to_floor: f64,
    /// How many questions the server was asked in one.
    questions: u64,
}

/// A database in which all of a folder's migrations are applied, as far as uturn can know.
struct Database {
    url: String,
    conn: Conn,
}

impl Database {
    /// The first one is run, which makes the tables; the rows of the others are only written down.
    fn fill(server: &str, scripts: &Path) -> Database {
        let url = format!("{}/{DATABASE}", server.trim_end_matches('/'));
        let opts = Opts::from_url(&format!("{}?prefer_socket=false", server.trim_end_matches('/'))).expect("a URL");
        let mut conn = Conn::new(opts).expect("the server answers");
        conn.query_drop(format!("DROP DATABASE IF EXISTS {DATABASE}")).expect("DROP DATABASE");
        conn.query_drop(format!("CREATE DATABASE {DATABASE}")).expect("CREATE DATABASE");
        conn.query_drop(format!("USE {DATABASE}")).expect("USE");
        let mut database = Database { url, conn };
        let own = Tool { binary: env!("CARGO_BIN_EXE_uturn").into(), folder: Some(scripts.to_owned()) };
        database.run(&own, "up --steps 1");
        let migrations = folder::load(scripts, Empty::Refused).expect("a folder").strict().expect("good files");
        for some in migrations[1..].chunks(1_000) {
            let row = |migration: &uturn::migration::pair::Migration| {
                let (version, name) = (migration.name.version(), migration.name.history_name());
                let up = migration.up.as_ref().expect("a good file");
                format!("({version}, '{name}', '2026-01-01T00:00:00Z', '{}')", history::checksum(&migration.name, up))
            };
            let rows = some.iter().map(row).collect::<Vec<_>>().join(", ");
            let insert =
                format!("INSERT INTO {} (version, name, applied_on, checksum) VALUES {rows}", own_tables::HISTORY);
            database.conn.query_drop(insert).expect("the rows of the history");
        }
        let columns =
            "direction, state, statements, down_sql, down_sha256, account, os_user, program, server, started_at";
        let run = uturn::schema::own_tables::RUN;
        let history = own_tables::HISTORY;
        let insert = format!(
            "INSERT INTO {run} (run_no, version, name, checksum, {columns}) \
             SELECT 1 + ROW_NUMBER() OVER (ORDER BY h.version), h.version, h.name, h.checksum, {columns} \
             FROM {history} h JOIN (SELECT {columns} FROM {run} WHERE run_no = 1) r \
             WHERE h.version > (SELECT version FROM {run} WHERE run_no = 1)"
        );
        database.conn.query_drop(insert).expect("the rows of the journal");
        database
    }

    fn run(&self, tool: &Tool, words: &str) {
        let mut command = Command::new(&tool.binary);
        command.env_clear().env("DATABASE_URL", &self.url).args(words.split(' '));
        // No `.env` of the place where this runs.
        command.current_dir(std::env::temp_dir()).stdout(Stdio::null()).stderr(Stdio::null());
        if let Some(folder) = &tool.folder {
            command.arg("--dir").arg(folder);
        }
        assert!(command.status().expect("uturn starts").success(), "`uturn {words}`");
    }

    fn floor(&self, scripts: &Path) {
        let mut command = Command::new(std::env::current_exe().expect("this program's path"));
        command.arg("floor").arg(&self.url).arg(scripts).stdout(Stdio::null());
        assert!(command.status().expect("it starts").success(), "the floor");
    }

    /// Several runs, in turn with the floor's, after one that warms the caches.
    fn measure(&mut self, tool: &Tool, scripts: &Path, words: &str) -> Measured {
        let before = self.questions();
        self.run(tool, words);
        // The question for the counter is counted too.
        let questions = self.questions() - before - 1;
        self.floor(scripts);
        let timed = |work: &dyn Fn()| {
            let start = Instant::now();
            work();
            start.elapsed()
        };
        let pairs: Vec<(Duration, Duration)> =
            (0..RUNS).map(|_| (timed(&|| self.run(tool, words)), timed(&|| self.floor(scripts)))).collect();
        let mut ratios: Vec<f64> = pairs.iter().map(|(own, floor)| own.as_secs_f64() / floor.as_secs_f64()).collect();
        ratios.sort_by(f64::total_cmp);
        let mut times: Vec<Duration> = pairs.into_iter().map(|(own, _)| own).collect();
        times.sort();
        Measured { times, to_floor: ratios[RUNS / 2], questions }
    }

    fn questions(&mut self) -> u64 {
        let row: Option<(String, u64)> =
            self.conn.query_first("SHOW GLOBAL STATUS LIKE 'Questions'").expect("SHOW STATUS");
        row.expect("every server counts them").1
    }
}
