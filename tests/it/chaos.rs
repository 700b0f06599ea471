//! A random killer: uturn, its sessions, its statements, its connections and the server die at random moments of the crash
//! script's ups and undos. In the end everything is as after runs that nobody disturbed.
//!
//! UTURN_CHAOS_FAULTS sets how many faults each server sees at least (default 200); UTURN_CHAOS_SEED repeats a choice.

use crate::support::app::Run;
use crate::support::own::Own;
use crate::support::proxy::Proxy;
use crate::support::script::{UNDO, UP, command, snapshot};
use crate::support::server::{Db, Server, servers};
use mysql::prelude::Queryable;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// xorshift: the same seed gives the same choices.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

#[derive(Default)]
struct Tally {
    kills: AtomicUsize,
    sessions: AtomicUsize,
    queries: AtomicUsize,
    cuts: AtomicUsize,
    servers: AtomicUsize,
    /// Runs that ended with exit code 4 or 5 and were started again.
    stopped: AtomicUsize,
    found_out: AtomicUsize,
    rounds: AtomicUsize,
}

impl Tally {
    fn faults(&self) -> usize {
        [&self.kills, &self.sessions, &self.queries, &self.cuts, &self.servers].iter().map(|n| get(n)).sum()
    }

    fn count(&self, run: &Run) {
        let found = run.err.lines().filter(|line| line.starts_with("found out")).count();
        self.found_out.fetch_add(found, Ordering::SeqCst);
        // A statement whose answer was killed was waited for, or the plan was made before an orphan's commit.
        let is_late = run.code == Some(3) && run.err.contains("the history changed while this run waited");
        assert!(matches!(run.code, None | Some(0 | 4 | 5)) || is_late, "{run:?}");
        if !matches!(run.code, None | Some(0)) {
            self.stopped.fetch_add(1, Ordering::SeqCst);
        }
    }
}

fn get(number: &AtomicUsize) -> usize {
    number.load(Ordering::SeqCst)
}

fn one_more(number: &AtomicUsize) {
    number.fetch_add(1, Ordering::SeqCst);
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

fn undisturbed(server: &Server) -> [Vec<String>; 2] {
    let db = server.database();
    [UP, UNDO].map(|words| {
        let run = Run::new(command(&db, words).output().expect("the binary starts")).exits(0);
        drop(run);
        snapshot(&db)
    })
}

fn start(mut command: Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts")
}

fn end(child: Child) -> Run {
    Run::new(child.wait_with_output().expect("the binary ends"))
}

/// One up and one undo, with faults until there have been enough of them in this direction.
fn round(server: &Server, wanted: &[Vec<String>; 2], dice: &mut Dice, tally: &Tally) {
    let db = server.database();
    let proxy = Proxy::start(&server.address(), "", 0);
    let url = proxy.url(&db);
    for (words, wanted) in [UP, UNDO].into_iter().zip(wanted) {
        let mut log = String::new();
        let mut left = 6;
        loop {
            let mut command = command(&db, words);
            command.env("DATABASE_URL", &url);
            let mut child = start(command);
            while left > 0 {
                std::thread::sleep(Duration::from_millis(dice.below(if words == UP { 700 } else { 250 })));
                if child.try_wait().expect("it is our child").is_some() {
                    break;
                }
                left -= 1;
                strike(&db, &proxy, &mut child, dice, tally);
            }
            let run = end(child);
            tally.count(&run);
            log.push_str(&format!("--- exit code {:?}\n{}", run.code, run.err));
            if run.code == Some(0) {
                break;
            }
        }
        assert_eq!(&snapshot(&db), wanted, "after `{words}`\n{log}");
    }
    one_more(&tally.rounds);
}

fn strike(db: &Db, proxy: &Proxy, child: &mut Child, dice: &mut Dice, tally: &Tally) {
    match dice.below(4) {
        0 => {
            one_more(&tally.kills);
            child.kill().expect("it is our child");
        }
        1 => {
            one_more(&tally.sessions);
            kill(db, "CONNECTION");
        }
        2 => {
            one_more(&tally.queries);
            kill(db, "QUERY");
        }
        _ => {
            one_more(&tally.cuts);
            proxy.cut_all();
        }
    }
}

fn kill(db: &Db, what: &str) {
    let mut conn = db.server.conn("");
    let query = format!("SELECT ID FROM information_schema.PROCESSLIST WHERE DB = '{}'", db.name);
    for id in conn.query::<u64, _>(query).expect("the process list") {
        // It may have ended by itself in between.
        let _ = conn.query_drop(format!("KILL {what} {id}"));
    }
}

/// Three runs at once while their server dies and comes back.
fn server_dies(own: &Own, wanted: &[Vec<String>; 2], dice: &mut Dice, tally: &Tally) {
    let dbs: Vec<Db> = (0..3).map(|_| own.server.database()).collect();
    for (words, wanted) in [UP, UNDO].into_iter().zip(wanted) {
        let mut children: Vec<Child> = dbs.iter().map(|db| start(command(db, words))).collect();
        std::thread::sleep(Duration::from_millis(dice.below(if words == UP { 2_500 } else { 600 })));
        for child in &mut children {
            if child.try_wait().expect("it is our child").is_none() {
                one_more(&tally.servers);
            }
        }
        own.kill();
        own.restart();
        for (db, child) in dbs.iter().zip(children) {
            let mut run = end(child);
            let mut log = run.err.clone();
            tally.count(&run);
            while run.code != Some(0) {
                run = end(start(command(db, words)));
                log.push_str(&run.err);
                tally.count(&run);
            }
            assert_eq!(&snapshot(db), wanted, "after `{words}`\n{log}");
        }
    }
}

fn on_server(kind: &'static str) {
    let found = servers();
    let Some(server) = found.iter().find(|server| server.kind == kind) else { return };
    let faults = number("UTURN_CHAOS_FAULTS").unwrap_or(200) as usize;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(1, |d| d.as_micros() as u64);
    let seed = number("UTURN_CHAOS_SEED").unwrap_or(now);
    println!("{kind}: UTURN_CHAOS_SEED={seed}");
    let tally = Tally::default();
    let wanted = undisturbed(server);
    std::thread::scope(|scope| {
        for worker in 1..=4 {
            let (tally, wanted) = (&tally, &wanted);
            scope.spawn(move || {
                let mut dice = Dice(seed.wrapping_mul(worker) | 1);
                while tally.faults() < faults * 9 / 10 {
                    round(server, wanted, &mut dice, tally);
                }
            });
        }
    });
    let own = Own::start(kind, &[]);
    let mut dice = Dice(seed | 1);
    while tally.faults() < faults {
        server_dies(&own, &wanted, &mut dice, &tally);
    }
    println!(
        "{kind}: {} faults: kill -9 {}, KILL CONNECTION {}, KILL QUERY {}, cut {}, server's kill -9 {}; \
         {} rounds, {} runs stopped and were started again, {} statements in doubt were found out, 0 questions, 0 wrong",
        tally.faults(),
        get(&tally.kills),
        get(&tally.sessions),
        get(&tally.queries),
        get(&tally.cuts),
        get(&tally.servers),
        get(&tally.rounds),
        get(&tally.stopped),
        get(&tally.found_out),
    );
}

#[test]
fn random_faults_on_mariadb() {
    on_server("mariadb");
}

#[test]
fn random_faults_on_mysql() {
    on_server("mysql");
}
