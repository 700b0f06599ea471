//! A script and what it does when nobody disturbs it: what must be there in the end, how long it takes, which named points
//! it passes, and how many commands it sends.

use super::Dice;
use super::arena::{Account, Arena};
use super::script::Script;
use crate::support::app::{Folder, Run, on};
use crate::support::proxy::Proxy;
use crate::support::script::{UNDO, UP};
use crate::support::server::Db;
use std::collections::BTreeSet;
use std::process::Command;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// One way of a script, undisturbed.
pub struct Way {
    pub words: &'static str,
    /// What must be there behind it.
    pub wanted: Vec<String>,
    pub lasts: Duration,
    /// How many commands go to the server.
    pub commands: usize,
    /// The named points in the order in which they are passed, as `NAME:NTH`.
    pub points: Vec<String>,
    /// Those at which there has been a fault, and those that are next, as indexes.
    deck: Mutex<(BTreeSet<usize>, Vec<usize>)>,
}

impl Way {
    /// The next point: each one has its turn before any comes again.
    pub fn next_point(&self, dice: &mut Dice) -> (usize, &str) {
        let mut deck = self.deck.lock().expect("nobody panics with it");
        if deck.1.is_empty() {
            deck.1 = (0..self.points.len()).collect();
        }
        let chosen = dice.below(deck.1.len() as u64) as usize;
        let index = deck.1.swap_remove(chosen);
        (index, &self.points[index])
    }

    /// Notes that there was a fault at a point.
    pub fn hit(&self, point: Option<usize>) {
        self.deck.lock().expect("nobody panics with it").0.extend(point);
    }

    /// How many points there are, and at how many there was a fault.
    pub fn coverage(&self) -> (usize, usize) {
        (self.deck.lock().expect("nobody panics with it").0.len(), self.points.len())
    }
}

/// A script, up and back.
pub struct Trial {
    pub script: Script,
    pub ways: [Way; 2],
    /// Some of its statements are not protected by the server itself.
    pub may_ask: bool,
}

/// `uturn WORDS` with the script in a folder, not started yet.
pub fn command(db: &Db, folder: &Folder, words: &str, account: Account) -> Command {
    let mut command = on(db);
    command.env("DATABASE_URL", url(db, account)).arg("--dir").arg(folder.path()).args(words.split_whitespace());
    command
}

/// The database's URL for an account.
pub fn url(db: &Db, account: Account) -> String {
    db.server.url_as(account.name(), "uturn", &db.name)
}

impl Trial {
    /// Makes a script and runs it both ways.
    pub fn undisturbed(arena: &Arena, dice: &mut Dice, may_ask: bool) -> Trial {
        let script = Script::by(dice, arena.server().kind, may_ask);
        let (folder, db) = (Folder::new(), arena.database());
        script.write(&folder, &db.name);
        let mark = arena.mark();
        let ways = [UP, UNDO].map(|words| {
            let trace = tempfile::NamedTempFile::new().expect("a temporary file");
            let proxy = Proxy::start(&db.server.address(), "", 0);
            let mut command = command(&db, &folder, words, Account::All);
            command.env("DATABASE_URL", proxy.url(&db)).env("UTURN_FAILPOINT_TRACE", trace.path());
            let started = Instant::now();
            drop(Run::new(command.output().expect("the binary starts")).exits(0));
            let lasts = started.elapsed();
            let points = numbered(&std::fs::read_to_string(trace.path()).expect("the trace is text"));
            Way { words, wanted: arena.snapshot(&db), lasts, commands: proxy.seen(), points, deck: Mutex::default() }
        });
        let contradictions = arena.since(&mark, &db.name).contradictions(&script, &db.name, false);
        assert!(contradictions.is_empty(), "a run that nobody disturbs:\n{}", contradictions.join("\n"));
        arena.clear(db);
        Trial { script, ways, may_ask }
    }
}

/// A point's name, without its number.
pub fn name(point: &str) -> &str {
    point.split(':').next().unwrap_or_default()
}

fn numbered(trace: &str) -> Vec<String> {
    let lines: Vec<&str> = trace.lines().collect();
    let nth = |index: usize| 1 + lines[..index].iter().filter(|line| **line == lines[index]).count();
    (0..lines.len()).map(|index| format!("{}:{}", lines[index], nth(index))).collect()
}

/// At how many points there was a fault.
pub fn points(trials: &[Trial]) -> String {
    let all = trials.iter().flat_map(|trial| &trial.ways).map(Way::coverage);
    let (hit, there) = all.fold((0, 0), |(hit, there), (h, t)| (hit + h, there + t));
    let all = trials.iter().flat_map(|trial| &trial.ways).flat_map(|way| &way.points);
    let names: BTreeSet<&str> = all.map(|point| name(point)).collect();
    let names: Vec<&str> = names.into_iter().collect();
    format!("a fault at {hit} of the {there} times that a script passes a named point ({})", names.join(", "))
}
