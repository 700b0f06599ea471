//! `--partial`: the ways out of a migration that stops part-way. uturn's own engine is stopped behind each statement in turn,
//! and then resumes (`up`), or reverts what is done (`undo`), as it would in earnest: journal, history, locks and all.

use crate::db::connect::Access;
use crate::db::monitor::Signals;
use crate::engine::apply;
use crate::engine::goal::Goal;
use crate::engine::history::{self, Ledger};
use crate::engine::job::Job;
use crate::engine::job::{RunContext, Warnings};
use crate::engine::journal::DownData;
use crate::engine::make_tasks::{Downs, DownsFrom};
use crate::error::{Error, Kind, Result};
use crate::migration::lock_wait::Patience;
use crate::migration::pair::Migration;
use crate::migration::plan::{Back, Late, UpTo};
use std::num::NonZeroUsize;
use std::time::Duration;

/// Where the engine runs one migration, as if there were no other.
pub struct Stage<'a> {
    /// The throwaway database.
    pub access: &'a Access,
    /// The migration.
    pub migration: &'a Migration,
    /// Signals that end all of it.
    pub signals: Signals<'a>,
    /// The time, for the history.
    pub now: time::OffsetDateTime,
}

/// How a way out ended.
pub enum Exit {
    /// It came to its end; whether everything is as it should be, is another question.
    Arrived,
    /// The engine said beforehand that it will not go this way, and changed nothing.
    Refused,
    /// It stopped again.
    Stuck(Error),
}

impl Stage<'_> {
    /// Brings the migration up to behind statement k, or to its end if it does not stop there.
    pub fn stop_behind(&self, k: usize) -> Result<Exit> {
        match self.run(Some(k), &up) {
            Err(error) if error.kind() == Kind::Terminated && (self.signals)().is_none() => Ok(Exit::Arrived),
            answer => self.exit(answer),
        }
    }

    /// `uturn up` goes on where it stopped.
    pub fn go_on(&self) -> Result<Exit> {
        let answer = self.run(None, &up);
        self.exit(answer)
    }

    /// `uturn undo` reverts what is done. Where it asks about statements of the down, this is the answer.
    pub fn take_back(&self, answer: DownData) -> Result<Exit> {
        let undo = |data: Option<DownData>| {
            let downs = Downs { from: DownsFrom::Kept, data };
            self.run(None, &|job| {
                let goal = |ledger: &Ledger| {
                    let names = apply::undo_goal(job, ledger, &Back::Steps(NonZeroUsize::MIN))?;
                    Ok(Goal::Down(names, downs))
                };
                apply::apply(job, &mut |_| {}, &[&goal])
            })
        };
        let end = match undo(None) {
            Err(error) if error.kind() == Kind::Guard => undo(Some(answer)),
            end => end,
        };
        self.exit(end)
    }

    fn run(&self, stop_behind: Option<usize>, verb: &dyn Fn(&Job<'_>) -> Result<()>) -> Result<()> {
        verb(&Job {
            access: self.access,
            migrations: std::slice::from_ref(self.migration),
            unnamed: &[],
            wait: Duration::from_secs(60),
            context: RunContext {
                signals: self.signals,
                begin: &|| (),
                patience: Patience::default(),
                os_user: "prove",
                host: "prove",
                warnings: Warnings::Tell,
                resume: "uturn up",
                stop_behind,
            },
            now: self.now,
        })
    }

    fn exit(&self, answer: Result<()>) -> Result<Exit> {
        match answer {
            Ok(()) => Ok(Exit::Arrived),
            Err(error) => match error.kind() {
                Kind::Guard | Kind::History => Ok(Exit::Refused),
                Kind::Interrupted | Kind::Terminated | Kind::Unreachable | Kind::Locked => Err(error),
                Kind::Settings | Kind::Files | Kind::Target | Kind::Statement | Kind::Rights => Ok(Exit::Stuck(error)),
                Kind::Stopped | Kind::InDoubt => Ok(Exit::Stuck(error)),
            },
        }
    }
}

fn up(job: &Job<'_>) -> Result<()> {
    let known = history::known(job.migrations, &[]);
    let goal = |ledger: &Ledger| Ok(Goal::Up(apply::up_goal(job, &known, ledger, &UpTo::Everything, Late::Run)?.run));
    apply::apply(job, &mut |_| {}, &[&goal])
}
