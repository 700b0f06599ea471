//! uturn beside the tools that do the same job, on the same SQL, one after the other in each round: medians, and ratios
//! to the floor, which sends the same statements and one row of history a migration, and does nothing else.
//!
//!     scripts/bench peers

mod floor;
mod pairs;
mod tools;

use mysql::prelude::Queryable;
use mysql::{Conn, Opts};
use pairs::Pair;
use std::path::Path;
use std::process::Stdio;
use std::time::Instant;
use tools::{Target, Tool, Way};

const DATABASE: &str = "uturn_bench_peers";
/// In this order, in each trial.
const WAYS: [Way; 4] = [Way::Up, Way::Again, Way::Status, Way::Undo];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|word| word == "floor") {
        return floor::main(&arguments[1..]);
    }
    let setting = |name: &str| std::env::var(name).ok();
    let rounds: usize = setting("UTURN_BENCH_ROUNDS").and_then(|text| text.parse().ok()).unwrap_or(5);
    let count: usize = setting("UTURN_BENCH_MIXED").and_then(|text| text.parse().ok()).unwrap_or(1_000);
    let peers = setting("UTURN_BENCH_PEERS").unwrap_or_else(|| "target/peers".to_owned());
    let peers = std::path::absolute(&peers).expect("a path");
    let wanted = setting("UTURN_BENCH_TOOLS").unwrap_or_default();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.split(',').any(|word| name.starts_with(word));
    let (tools, missing) = tools::installed(&peers, is_wanted);
    for name in missing {
        println!("left out, not installed: {name}");
    }
    let kinds = [("mariadb", "UTURN_TEST_MARIADB_URL"), ("mysql", "UTURN_TEST_MYSQL_URL")];
    let servers: Vec<(&str, String)> =
        kinds.into_iter().filter_map(|(kind, name)| Some((kind, setting(name)?))).collect();
    assert!(!servers.is_empty(), "no server: run `scripts/bench peers`, which starts them");
    for (what, pairs) in
        [("24 realistic".to_owned(), pairs::shipped()), (format!("{count} mixed"), pairs::mixed(count))]
    {
        for (kind, url) in &servers {
            compare(kind, url, &what, &pairs, &tools, rounds);
        }
    }
}

/// One table: each tool in each round, in turn.
fn compare(kind: &str, server: &str, what: &str, pairs: &[Pair], tools: &[Tool], rounds: usize) {
    let mut seconds: Vec<[Vec<f64>; 4]> = tools.iter().map(|_| Default::default()).collect();
    let mut failed: Vec<Option<String>> = tools.iter().map(|_| None).collect();
    for round in 0..rounds {
        for step in 0..tools.len() {
            // Another one goes first in each round.
            let index = (round + step) % tools.len();
            if failed[index].is_some() {
                continue;
            }
            match trial(server, &tools[index], pairs) {
                Ok(times) => {
                    for (all, time) in seconds[index].iter_mut().zip(times) {
                        all.extend(time);
                    }
                }
                Err(why) => failed[index] = Some(why),
            }
        }
    }
    println!("\n## {kind}, {what} migrations, {rounds} rounds\n");
    println!("| tool | up | to the floor | nothing to do | status | undo of all | to the floor |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
    for (index, tool) in tools.iter().enumerate() {
        if let Some(why) = &failed[index] {
            println!("| {} | failed: {why} | | | | | |", tool.name);
            continue;
        }
        let cell = |way: usize| median(&seconds[index][way]).map_or("—".to_owned(), |s| format!("{:.0} ms", s * 1e3));
        let ratio = |way: usize| {
            let of_each = seconds[index][way].iter().zip(&seconds[0][way]).map(|(own, floor)| own / floor);
            median(&of_each.collect::<Vec<f64>>()).map_or("—".to_owned(), |ratio| format!("{ratio:.2}"))
        };
        println!(
            "| {} | {} | {} | {} | {} | {} | {} |",
            tool.name,
            cell(0),
            ratio(0),
            cell(1),
            cell(2),
            cell(3),
            ratio(3)
        );
    }
}

fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied()
}

/// Up, up with nothing to do, status, undo of everything, in an empty database: seconds of each.
fn trial(server: &str, tool: &Tool, pairs: &[Pair]) -> Result<[Option<f64>; 4], String> {
    let mut conn =
        Conn::new(Opts::from_url(&format!("{server}?prefer_socket=false")).expect("a URL")).expect("an answer");
    for statement in
        [format!("DROP DATABASE IF EXISTS {DATABASE}"), format!("CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4")]
    {
        conn.query_drop(&statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
    let address = server.rsplit('@').next().unwrap_or_default().trim_end_matches('/');
    let (host, port) = address.split_once(':').expect("host:port");
    let target = Target { host: host.to_owned(), port: port.to_owned(), database: DATABASE.to_owned() };
    let folder = tempfile::tempdir().expect("a temporary folder");
    tool.lay(folder.path(), pairs, &target);
    let mut times = [None; 4];
    for (index, way) in WAYS.into_iter().enumerate() {
        // The client and the floor keep no account of what is done.
        if way == Way::Again && matches!(tool.name, "mariadb client" | "floor") {
            continue;
        }
        times[index] = run(tool, way, folder.path(), &target)?;
        if way == Way::Up {
            let tables = tables(&mut conn);
            let expected = pairs.iter().flat_map(|pair| &pair.up).filter(|sql| makes_a_table(sql)).count();
            if tables < expected {
                return Err(format!("{tables} tables of {expected}"));
            }
        }
    }
    Ok(times)
}

fn makes_a_table(sql: &str) -> bool {
    sql.trim_start().to_ascii_uppercase().starts_with("CREATE TABLE")
}

fn tables(conn: &mut Conn) -> usize {
    let question = format!(
        "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = '{DATABASE}' AND TABLE_TYPE = 'BASE TABLE'"
    );
    conn.query_first::<usize, _>(question).expect("an answer").unwrap_or_default()
}

fn run(tool: &Tool, way: Way, folder: &Path, target: &Target) -> Result<Option<f64>, String> {
    let Some(mut command) = tool.command(way, folder, target) else { return Ok(None) };
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let started = Instant::now();
    let output = command.output().map_err(|error| error.to_string())?;
    let seconds = started.elapsed().as_secs_f64();
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let last = said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default();
        return Err(format!("{way:?}: {}: {last:.160}", output.status));
    }
    Ok(Some(seconds))
}
