//! The faults: which one is next, and how it is done to a running uturn.

use super::arena::{Account, Arena};
use super::tally::{Count, Tally};
use super::trial::{Way, command, name, url};
use super::{Dice, tally};
use crate::support::app::{Folder, Run};
use crate::support::proxy::{Lost, Proxy};
use crate::support::server::Db;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// What one run of uturn goes through.
pub enum Fault {
    None,
    /// Something happens after a while.
    AtRandom(Count, Duration),
    /// A command, counted from 1, or its answer is lost.
    Loses(usize, Lost),
    /// Something happens at a named point: which of the way's, if it runs from its beginning.
    AtPoint(Count, Option<usize>, String),
}

impl Fault {
    /// The next one. At its first start a run passes every point, so each has its turn then.
    pub fn next(arena: &Arena, way: &Way, dice: &mut Dice, is_first: bool) -> Fault {
        // A run that goes on has less before it.
        let share = if is_first { 1 } else { 4 };
        let while_it_runs = Duration::from_millis(dice.below(way.lasts.as_millis() as u64 * 9 / 8 / share));
        let at_random = |count| Fault::AtRandom(count, while_it_runs);
        let commands = way.commands as u64 / share;
        let at_point = |count, dice: &mut Dice| {
            if is_first {
                let (index, point) = way.next_point(dice);
                return Fault::AtPoint(count, Some(index), point.to_owned());
            }
            // Where a run goes on it passes the points behind that one.
            let some = &way.points[dice.below(way.points.len() as u64) as usize];
            Fault::AtPoint(count, None, format!("{}:{}", name(some), 1 + dice.below(4)))
        };
        if arena.is_mortal && dice.below(10) < 7 {
            return match dice.one_in(2) {
                true => at_point(Count::ServerAtPoint, dice),
                false => at_random(Count::ServerAtRandom),
            };
        }
        match dice.below(100) {
            0..25 => at_point(Count::KillAtPoint, dice),
            25..60 => at_random(Count::KillAtRandom),
            60..66 => at_random(Count::Cut),
            66..75 => Fault::Loses(1 + dice.below(commands) as usize, Lost::Request),
            75..84 => Fault::Loses(1 + dice.below(commands) as usize, Lost::Answer),
            84..92 => at_random(Count::KillConnection),
            _ => at_random(Count::KillQuery),
        }
    }

    /// For the record.
    pub fn words(&self) -> String {
        match self {
            Fault::None => "no fault".to_owned(),
            Fault::AtRandom(count, after) => format!("{count:?} after {after:?}"),
            Fault::Loses(nth, lost) => format!("{lost:?} of command {nth} is lost"),
            Fault::AtPoint(count, _, point) => format!("{count:?} at {point}"),
        }
    }
}

/// Where uturn runs, and with what.
pub struct Scene<'a> {
    pub arena: &'a Arena,
    pub db: &'a Db,
    pub folder: &'a Folder,
    pub proxy: &'a Proxy,
    pub account: Account,
    pub tally: &'a Tally,
}

impl Scene<'_> {
    /// Runs uturn once, with a fault. Says whether it was hit.
    pub fn run(&self, way: &Way, fault: &Fault) -> (Run, bool) {
        let mut command = command(self.db, self.folder, way.words, self.account);
        match fault {
            Fault::None => (end(start(command)), false),
            Fault::AtRandom(Count::ServerAtRandom, after) => self.server_dies(start(command), *after),
            Fault::AtRandom(what, after) => {
                command.env("DATABASE_URL", self.through_proxy());
                self.proxy.lose(0, Lost::Answer);
                let mut child = start(command);
                std::thread::sleep(*after);
                let is_hit = runs(&mut child) && self.strike(*what, &mut child);
                self.tally.add(*what, usize::from(is_hit));
                (end(child), is_hit)
            }
            Fault::Loses(nth, lost) => {
                command.env("DATABASE_URL", self.through_proxy());
                self.proxy.lose(*nth, *lost);
                let run = end(start(command));
                let is_hit = self.proxy.seen() >= *nth;
                let count = if *lost == Lost::Request { Count::LostRequest } else { Count::LostAnswer };
                self.tally.add(count, usize::from(is_hit));
                (run, is_hit)
            }
            Fault::AtPoint(Count::ServerAtPoint, index, point) => self.server_dies_at(command, way, *index, point),
            Fault::AtPoint(count, index, point) => {
                let run = end(start(on_point(&mut command, point)));
                let is_hit = run.code.is_none();
                if is_hit {
                    way.hit(*index);
                }
                self.tally.add(*count, usize::from(is_hit));
                (run, is_hit)
            }
        }
    }

    fn through_proxy(&self) -> String {
        url(self.db, self.account).replace(&self.db.server.address(), &format!("127.0.0.1:{}", self.proxy.port))
    }

    fn strike(&self, what: Count, child: &mut Child) -> bool {
        match what {
            Count::KillAtRandom => child.kill().is_ok(),
            Count::Cut => self.proxy.cut_all(),
            Count::KillConnection => self.arena.end_sessions(self.db, "CONNECTION"),
            Count::KillQuery => self.arena.end_sessions(self.db, "QUERY"),
            other => panic!("{other:?} is not done to a running uturn"),
        }
    }

    fn server_dies(&self, mut child: Child, after: Duration) -> (Run, bool) {
        std::thread::sleep(after);
        let is_hit = runs(&mut child);
        if is_hit {
            self.kill_server(Count::ServerAtRandom);
        }
        (end(child), is_hit)
    }

    fn kill_server(&self, count: Count) {
        self.tally.add(count, 1);
        self.tally.add(tally::Count::RunsHitByServer, self.arena.kill());
    }

    fn server_dies_at(&self, mut command: Command, way: &Way, index: Option<usize>, point: &str) -> (Run, bool) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("paused");
        let mut child = start(on_point(&mut command, &format!("{point}:pause")).env("UTURN_FAILPOINT_FILE", &file));
        let since = Instant::now();
        while !file.exists() && runs(&mut child) && since.elapsed() < Duration::from_secs(120) {
            std::thread::sleep(Duration::from_millis(5));
        }
        let is_hit = file.exists();
        if is_hit {
            way.hit(index);
            self.kill_server(Count::ServerAtPoint);
            remove(&file);
        }
        (end(child), is_hit)
    }
}

fn remove(file: &Path) {
    std::fs::remove_file(file).expect("the pause's file is there");
}

fn on_point<'c>(command: &'c mut Command, point: &str) -> &'c mut Command {
    command.env("UTURN_FAILPOINT", point)
}

fn start(mut command: impl std::borrow::BorrowMut<Command>) -> Child {
    command.borrow_mut().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts")
}

fn runs(child: &mut Child) -> bool {
    child.try_wait().expect("it is our child").is_none()
}

fn end(child: Child) -> Run {
    Run::new(child.wait_with_output().expect("the binary ends"))
}
