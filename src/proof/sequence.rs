//! The course of a proof: migration by migration, then all the way down and up again.

use crate::db::monitor::Signals;
use crate::db::read_snapshot::Definitions;
use crate::db::scratch_database::Scratch;
use crate::engine::job::Job;
use crate::engine::journal::DownData;
use crate::error::{Error, Kind, Result};
use crate::event::prove::{Fault, Finding, Phase, Remedy, Trouble, Verdict, Way, begun_in_use};
use crate::event::{Event, Listener};
use crate::migration::name::Name;
use crate::proof::blame;
use crate::proof::offer;
use crate::proof::partial::{Exit, Stage};
use crate::proof::rows::{Filling, Rows};
use crate::proof::script_run::{Rehearsal, Script, Stop};
use crate::schema::affected_definitions::Touch;
use crate::schema::difference::differences;
use crate::schema::snapshot::Snapshot;
use std::time::{Duration, Instant};

/// A migration, ready to be run.
pub struct Pair {
    name: Name,
    up: Script,
    /// Its way back, or why there is none.
    down: std::result::Result<Script, String>,
    /// What either of them can change.
    touch: Touch,
}

impl Pair {
    /// Puts the two scripts together.
    pub fn new(name: Name, up: Script, down: std::result::Result<Script, String>) -> Pair {
        let mut touch = up.touch.clone();
        if let Ok(down) = &down {
            touch.add(down.touch.clone());
        }
        Pair { name, up, down, touch }
    }

    /// More than one statement, and none that names the configured database, which the engine would take at its word.
    fn can_stop(&self) -> bool {
        self.up.steps.len() > 1 && self.up.is_at_home() && self.down.as_ref().is_ok_and(Script::is_at_home)
    }
}

/// A proof under way.
pub struct Course<'a> {
    // Dropped in this order: the session first, then the database.
    rehearsal: Rehearsal,
    scratch: Scratch,
    pairs: Vec<Pair>,
    definitions: Definitions,
    filling: Filling,
    job: &'a Job<'a>,
    partial: Partial,
}

/// Whether stops part-way are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Partial {
    /// Behind each statement.
    Tried,
    /// Not at all.
    Left,
}

/// What is looked at.
#[derive(Clone, Copy)]
enum Scope {
    /// What a migration can change.
    Migration(usize),
    Everything,
}

/// Where a way out of a stop leads.
enum Leads {
    There,
    /// The engine refuses it beforehand.
    Nowhere,
}

/// Below this no way back leads, and what is there then.
struct Floor {
    /// The first migration above it.
    index: usize,
    snapshot: Snapshot,
}

impl<'a> Course<'a> {
    /// Begins in an empty database.
    pub fn new(
        scratch: Scratch,
        rehearsal: Rehearsal,
        pairs: Vec<Pair>,
        filling: Filling,
        job: &'a Job<'a>,
        partial: Partial,
    ) -> Course<'a> {
        let speaks_of_triggers = |script: &Script| script.touch.triggers || script.touch.everything;
        let definitions = Definitions {
            database: scratch.access.database.clone(),
            flavour: rehearsal.server.flavour,
            folds_names: rehearsal.server.folds_names,
            shares_tablespace: rehearsal.server.shares_tablespace,
            has_triggers: pairs.iter().any(|pair| speaks_of_triggers(&pair.up)),
            tables: Default::default(),
            triggers: Default::default(),
            collations: Default::default(),
        };
        Course { rehearsal, scratch, pairs, definitions, filling, job, partial }
    }

    /// Proves the migrations from this index on, and tells each verdict as soon as it is found.
    pub fn run(&mut self, from: usize, tell: &mut Listener<'_>) -> Result<Way> {
        self.replay(0..from)?;
        let mut floor = Floor { index: from, snapshot: self.whole()? };
        let mut reached = self.pairs.len();
        for index in from..self.pairs.len() {
            let started = Instant::now();
            self.filling.begin();
            let finding = self.one(index)?;
            let losses = self.filling.losses();
            let finding = self.filling.judge(finding, &losses);
            let is_up_to = match &finding {
                Finding::Proven => None,
                Finding::Irreversible(_) => Some(index + 1),
                Finding::NotProven(Fault { trouble: Trouble::Loses, .. }) => None,
                // What fails on rows only is left behind in a database without any, and the proof goes on.
                Finding::NotProven(fault) if fault.phase == Phase::Up && fault.rows > 0 => {
                    let runs = self.runs_empty(index)?;
                    reached = if runs { reached } else { index };
                    runs.then_some(index + 1)
                }
                Finding::NotProven(fault) if fault.phase == Phase::Up => {
                    reached = index;
                    None
                }
                Finding::NotProven(_) | Finding::NotReached => Some(index + 1),
            };
            let is_refused = reached == index;
            if matches!(&finding, Finding::NotProven(fault) if fault.trouble != Trouble::Loses) {
                self.rebuild(is_up_to.unwrap_or(index))?;
            }
            if let Some(index) = is_up_to {
                floor = Floor { index, snapshot: self.whole()? };
            }
            let name = self.pairs[index].name.clone();
            for short in self.filling.short(&name) {
                tell(Event::Short(short));
            }
            tell(Event::Verdict(Verdict { name, finding, losses, elapsed: started.elapsed() }));
            if is_refused {
                break;
            }
        }
        for pair in self.pairs.iter().skip(reached + 1) {
            let (name, losses) = (pair.name.clone(), Vec::new());
            tell(Event::Verdict(Verdict { name, finding: Finding::NotReached, losses, elapsed: Duration::ZERO }));
        }
        self.way(&floor, reached)
    }

    /// One migration: up, down, and everything is as before; up again, and everything is as after the first.
    fn one(&mut self, index: usize) -> Result<Finding> {
        self.fill(Rows::BeforeUp)?;
        let before = self.look(index)?;
        if let Some(trouble) = self.up(index)? {
            return Ok(self.not_proven(Phase::Up, trouble));
        }
        if let Err(reason) = &self.pairs[index].down {
            return Ok(Finding::Irreversible(reason.clone()));
        }
        let after = self.look(index)?;
        self.fill(Rows::BeforeDown)?;
        match self.down(index)? {
            Some(Trouble::Refused(blame, said, ..)) => {
                let left = differences(&before, &self.look(index)?);
                let remedy = self.remedy(&before, Scope::Migration(index))?;
                return Ok(self.not_proven(Phase::Down, Trouble::Refused(blame, said, left, remedy)));
            }
            Some(trouble) => return Ok(self.not_proven(Phase::Down, trouble)),
            None => {}
        }
        if let Some(trouble) = self.compare(index, &before, Phase::Down)? {
            return Ok(self.not_proven(Phase::Down, trouble));
        }
        self.fill(Rows::AfterDown)?;
        if let Some(trouble) = self.up(index)? {
            return Ok(self.not_proven(Phase::UpAgain, trouble));
        }
        if let Some(trouble) = self.compare(index, &after, Phase::UpAgain)? {
            return Ok(self.not_proven(Phase::UpAgain, trouble));
        }
        self.fill(Rows::AfterUp)?;
        match self.partial {
            Partial::Tried if self.pairs[index].can_stop() => self.part_way(index, &before, &after),
            Partial::Tried | Partial::Left => Ok(Finding::Proven),
        }
    }

    /// The ways out of a stop behind each of its statements: each that uturn goes must arrive, and one there must be.
    fn part_way(&mut self, index: usize, before: &Snapshot, after: &Snapshot) -> Result<Finding> {
        for k in 1..self.pairs[index].up.steps.len() {
            let back = Phase::TakenBack(k);
            let mut ways = 0;
            for phase in [Phase::GoneOn(k), back] {
                let expected = if phase == back { before } else { after };
                let mut end = self.way_out(index, k, phase, DownData::Skip, expected)?;
                if phase == back && matches!(end, Err(Trouble::Differs(..))) {
                    // What was skipped may be what reverts the rest: a statement that nobody can read is asked about, too.
                    end = self.way_out(index, k, phase, DownData::Run, expected)?;
                }
                match end {
                    Ok(Leads::There) => ways += 1,
                    Ok(Leads::Nowhere) => {}
                    Err(trouble) => return Ok(self.not_proven(phase, trouble)),
                }
            }
            if ways == 0 {
                let said = "neither `up` nor `undo` resumes from there".to_owned();
                return Ok(self.not_proven(back, Trouble::Stuck(said)));
            }
        }
        self.rebuild(index + 1)?;
        Ok(Finding::Proven)
    }

    /// One way out, with this answer where the engine asks: whether it goes there, or what is wrong then.
    fn way_out(
        &mut self,
        index: usize,
        k: usize,
        phase: Phase,
        answer: DownData,
        expected: &Snapshot,
    ) -> Result<std::result::Result<Leads, Trouble>> {
        self.rebuild(index)?;
        let (migration, signals) = (&self.job.migrations[index], self.job.context.signals);
        let stage = Stage { access: &self.scratch.access, migration, signals, now: self.job.now };
        let exit = match stage.stop_behind(k)? {
            Exit::Arrived if matches!(phase, Phase::TakenBack(_)) => stage.take_back(answer)?,
            Exit::Arrived => stage.go_on()?,
            exit => exit,
        };
        Ok(match exit {
            Exit::Stuck(error) => Err(Trouble::Stuck(words(&error))),
            Exit::Refused => Ok(Leads::Nowhere),
            Exit::Arrived => self.compare(index, expected, phase)?.map_or(Ok(Leads::There), Err),
        })
    }

    /// Down from the newest migration to the floor, where everything must be as it was there, and up again.
    fn way(&mut self, floor: &Floor, reached: usize) -> Result<Way> {
        if floor.index >= reached {
            return Ok(Way::Nowhere);
        }
        let top = self.whole()?;
        for index in (floor.index..reached).rev() {
            if let Some(trouble) = self.down(index)? {
                return Ok(self.fails(index, Phase::WayDown, trouble));
            }
        }
        let left = differences(&floor.snapshot, &self.whole()?);
        if !left.is_empty() {
            let remedy = self.remedy(&floor.snapshot, Scope::Everything)?;
            return Ok(Way::Differs(Phase::WayDown, left, remedy));
        }
        for index in floor.index..reached {
            if let Some(trouble) = self.up(index)? {
                return Ok(self.fails(index, Phase::WayUp, trouble));
            }
        }
        let unlike = differences(&top, &self.whole()?);
        if !unlike.is_empty() {
            let remedy = self.remedy(&top, Scope::Everything)?;
            return Ok(Way::Differs(Phase::WayUp, unlike, remedy));
        }
        Ok(if floor.index == 0 { Way::Whole } else { Way::DownTo(self.pairs[floor.index - 1].name.clone()) })
    }

    fn fails(&self, index: usize, phase: Phase, trouble: Trouble) -> Way {
        let rows = self.filling.rows();
        Way::Fails(self.pairs[index].name.clone(), Fault { phase, trouble, rows, never_made: None })
    }

    fn not_proven(&self, phase: Phase, trouble: Trouble) -> Finding {
        // Ways out of a stop are tried on empty tables.
        let rows = match phase {
            Phase::GoneOn(_) | Phase::TakenBack(_) => 0,
            Phase::Up | Phase::Down | Phase::UpAgain | Phase::WayDown | Phase::WayUp => self.filling.rows(),
        };
        let never_made = match phase {
            Phase::Up => self.never_made(&trouble),
            Phase::Down | Phase::UpAgain | Phase::GoneOn(_) | Phase::TakenBack(_) => None,
            Phase::WayDown | Phase::WayUp => None,
        };
        Finding::NotProven(Fault { phase, trouble, rows, never_made })
    }

    /// The table that a statement misses, if no migration makes it.
    fn never_made(&self, trouble: &Trouble) -> Option<String> {
        let Trouble::Refused(_, said, ..) = trouble else { return None };
        let table = blame::missing_table(said, &self.scratch.access.database)?;
        let makes = |pair: &Pair| pair.touch.everything || pair.touch.made.iter().any(|made| *made == table);
        (!self.pairs.iter().any(makes)).then_some(table)
    }

    /// Fills the tables, or looks at what is left of their rows; nothing without `--rows`.
    fn fill(&mut self, when: Rows) -> Result<()> {
        self.filling.at(when).map_err(|error| self.rehearsal.lost(&error))
    }

    /// Whether a migration that fails on rows runs without any; it has then been run.
    fn runs_empty(&mut self, index: usize) -> Result<bool> {
        self.rebuild(index)?;
        Ok(self.up(index)?.is_none())
    }

    fn up(&mut self, index: usize) -> Result<Option<Trouble>> {
        run(&mut self.rehearsal, &self.pairs[index].up, self.job.context.signals)
    }

    fn down(&mut self, index: usize) -> Result<Option<Trouble>> {
        match &self.pairs[index].down {
            Ok(script) => run(&mut self.rehearsal, script, self.job.context.signals),
            Err(_) => Ok(None),
        }
    }

    /// What a migration can change, as it is now.
    fn look(&mut self, index: usize) -> Result<Snapshot> {
        let touch = &self.pairs[index].touch;
        self.definitions.part(self.scratch.session(), touch).map_err(|error| self.rehearsal.lost(&error))
    }

    fn whole(&mut self) -> Result<Snapshot> {
        self.definitions.whole(self.scratch.session()).map_err(|error| self.rehearsal.lost(&error))
    }

    fn compare(&mut self, index: usize, expected: &Snapshot, phase: Phase) -> Result<Option<Trouble>> {
        let differences = differences(expected, &self.look(index)?);
        if differences.is_empty() {
            return Ok(None);
        }
        let remedy = self.remedy(expected, Scope::Migration(index))?;
        let pair = &self.pairs[index];
        let script = match (phase, &pair.down) {
            (Phase::Down | Phase::WayDown | Phase::TakenBack(_), Ok(down)) => down,
            _ => &pair.up,
        };
        Ok(Some(blame::differs(script, differences, remedy)))
    }

    /// What makes everything as it is expected; tried, so the database is rebuilt behind it, or the proof is at its end.
    fn remedy(&mut self, expected: &Snapshot, scope: Scope) -> Result<Remedy> {
        let Course { rehearsal, definitions, pairs, .. } = self;
        let touch = match scope {
            Scope::Migration(index) => pairs[index].touch.clone().making(expected),
            Scope::Everything => Touch { everything: true, ..Touch::default() },
        };
        offer::tried(rehearsal, expected, &mut |rehearsal| {
            let snapshot = definitions.part(&mut rehearsal.conn, &touch);
            snapshot.map_err(|error| rehearsal.lost(&error))
        })
    }

    /// Begins anew: what a broken migration leaves must not spoil the proof of the next one.
    fn rebuild(&mut self, up_to: usize) -> Result<()> {
        self.scratch.clear()?;
        self.rehearsal.enter().map_err(Stop::into_error)?;
        self.definitions.tables.clear();
        self.definitions.triggers.clear();
        self.filling.forget();
        self.replay(0..up_to)?;
        self.whole().map(drop)
    }

    /// Applies migrations that are not proven here, or that have been looked at already.
    fn replay(&mut self, range: std::ops::Range<usize>) -> Result<()> {
        for index in range {
            if let Some(trouble) = self.up(index)? {
                let never_made = self.never_made(&trouble);
                let said = match trouble {
                    Trouble::Refused(blame, said, ..) => {
                        format!("statement {} of `{}`: {said}", blame.statement, blame.path)
                    }
                    Trouble::Differs(..) | Trouble::Stuck(_) | Trouble::Loses => String::new(),
                };
                return Err(Error::new(
                    Kind::Statement,
                    format!("the migrations do not run in an empty database: {said}"),
                )
                .truth("nothing has been changed; the throwaway database is gone")
                .hint(match never_made {
                    Some(table) => begun_in_use(&table),
                    None => "prove from the beginning, without `--from`, to see which one is wrong".to_owned(),
                }));
            }
        }
        Ok(())
    }
}

/// An error in one or two lines.
fn words(error: &Error) -> String {
    let place = error.place().map(|place| format!("\n{}:{}:{}", place.path, place.line, place.column));
    let said = error.server().map(|said| format!("\nserver: {said}"));
    format!("{error}{}{}", place.unwrap_or_default(), said.unwrap_or_default())
}

fn run(rehearsal: &mut Rehearsal, script: &Script, signals: Signals<'_>) -> Result<Option<Trouble>> {
    match rehearsal.run(script, &|| signals().map(|(signal, _)| signal)) {
        Ok(()) => Ok(None),
        Err(Stop::Refused(failure)) => {
            rehearsal.renew().map_err(Stop::into_error)?;
            Ok(Some(blame::refused(script, &failure)))
        }
        Err(stop @ Stop::Failed(_)) => Err(Stop::into_error(stop)),
    }
}
