//! Faults by the thousand: uturn, its sessions, its statements, its connections and the server die, at random moments and at
//! every named point of the protocol, in up and in undo; then the command is run again until it is done. In the end
//! everything is as after runs that nobody disturbed, and the server's own logs have seen each statement take effect once.
//!
//! A short run is part of the usual tests; `scripts/torture` makes long ones. UTURN_TORTURE_SEED repeats the choices,
//! UTURN_TORTURE_FAULTS or UTURN_TORTURE_MINUTES says how long, UTURN_TORTURE_FOLDER keeps what went wrong.

#[path = "../support/mod.rs"]
mod support;

mod arena;
mod fault;
mod round;
mod script;
mod tally;
mod trial;
mod witness;

use arena::Arena;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use tally::Tally;
use trial::Trial;

/// xorshift: the same seed gives the same choices.
pub struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }

    fn one_in(&mut self, many: u64) -> bool {
        self.below(many) == 0
    }
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// When a campaign has seen enough.
#[derive(Clone, Copy)]
enum Until {
    Faults(usize),
    Time(Instant),
}

impl Until {
    fn is_over(self, tally: &Tally) -> bool {
        match self {
            Until::Faults(faults) => tally.faults() >= faults,
            Until::Time(end) => Instant::now() >= end,
        }
    }
}

/// One server that lives on, and one that dies again and again; some workers on each.
fn campaign(kind: &'static str, until: Until, scripts: usize) {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(1, |d| d.as_micros() as u64);
    let seed = number("UTURN_TORTURE_SEED").unwrap_or(now);
    println!("{kind}: UTURN_TORTURE_SEED={seed}");
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/torture");
    let folder = std::env::var("UTURN_TORTURE_FOLDER").map_or(root, PathBuf::from);
    let (steady, mortal) = (Arena::start(kind, false), Arena::start(kind, true));
    let mut dice = Dice(seed | 1);
    let trials: Vec<Trial> = (0..scripts).map(|index| Trial::undisturbed(&steady, &mut dice, index == 0)).collect();
    let tally = Tally::default();
    let started = Instant::now();
    let last = Mutex::new(started);
    std::thread::scope(|scope| {
        for worker in 1..=10_u64 {
            let arena = if matches!(worker % 5, 0 | 2) { &mortal } else { &steady };
            let (tally, trials, folder, last) = (&tally, &trials, &folder, &last);
            scope.spawn(move || {
                let mut dice = Dice(seed.wrapping_mul(2 * worker + 1) | 1);
                // On a server that dies nothing but a crash may end a run, so tables without transactions stay away.
                let able: Vec<&Trial> = trials.iter().filter(|trial| !arena.is_mortal || !trial.may_ask).collect();
                while !until.is_over(tally) && tally.wrong() < 5 {
                    let trial = able[dice.below(able.len() as u64) as usize];
                    round::run(arena, trial, &mut dice, tally, folder);
                    let mut last = last.lock().expect("nobody panics with it");
                    if last.elapsed() > Duration::from_secs(60) {
                        *last = Instant::now();
                        println!("{kind}, after {} s:\n{tally}", started.elapsed().as_secs());
                    }
                }
            });
        }
    });
    println!("{kind}, seed {seed}, {}, {} s:\n{tally}", steady.version, started.elapsed().as_secs());
    println!("{kind}: {}", trial::points(&trials));
    assert_eq!(tally.wrong(), 0, "{kind}: {} hold what went wrong", folder.display());
}

fn short(kind: &'static str) {
    campaign(kind, Until::Faults(number("UTURN_TORTURE_FAULTS").unwrap_or(200) as usize), 3);
}

fn long(kind: &'static str) {
    let minutes = number("UTURN_TORTURE_MINUTES").unwrap_or(30);
    campaign(kind, Until::Time(Instant::now() + Duration::from_secs(60 * minutes)), 6);
}

mod random_faults {
    #[test]
    fn mariadb() {
        super::short("mariadb");
    }

    #[test]
    fn mysql() {
        super::short("mysql");
    }
}

mod long {
    #[test]
    #[ignore = "scripts/torture runs it"]
    fn mariadb() {
        super::long("mariadb");
    }

    #[test]
    #[ignore = "scripts/torture runs it"]
    fn mysql() {
        super::long("mysql");
    }
}
