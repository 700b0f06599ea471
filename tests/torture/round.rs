//! One round: a script up and all the way back, through faults, to its end; then everything is compared.

use super::Dice;
use super::arena::{Account, Arena};
use super::fault::{Fault, Scene};
use super::script::{Class, Statement};
use super::tally::{Count, Tally};
use super::trial::{Trial, Way, command};
use super::witness::{Mark, keep};
use crate::support::app::{Folder, Run, run as run_to_end};
use crate::support::proxy::Proxy;
use crate::support::server::{Db, STEPS};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// At most so many faults a way: then it must come to its end.
const MOST_FAULTS: usize = 16;
/// A way that has not come to its end by then never will.
const MOST_RUNS: usize = 90;

struct Round<'a> {
    scene: Scene<'a>,
    trial: &'a Trial,
    mark: Mark,
    /// Where the general log was when uturn was started last.
    started: u64,
    /// What was done and what uturn said to it.
    log: String,
}

/// Plays a round; what went wrong is counted, told and kept.
pub fn run(arena: &Arena, trial: &Trial, dice: &mut Dice, tally: &Tally, evidence: &Path) {
    let account = match dice.below(60) {
        0 => Account::Few,
        1..20 => Account::Plain,
        _ => Account::All,
    };
    let (folder, db) = (Folder::new(), arena.database());
    trial.script.write(&folder, &db.name);
    let proxy = Proxy::start(&db.server.address(), "", 0);
    let scene = Scene { arena, db: &db, folder: &folder, proxy: &proxy, account, tally };
    let mut round =
        Round { scene, trial, mark: arena.mark(), started: 0, log: format!("account {}\n", account.name()) };
    let outcome = catch_unwind(AssertUnwindSafe(|| round.play(dice)));
    let wrong = match outcome {
        Ok(Ok(())) => None,
        Ok(Err(wrong)) => Some(wrong),
        Err(_) => Some("the harness itself stumbled; its panic is told above".to_owned()),
    };
    if let Some(wrong) = wrong {
        tally.add(Count::Wrong, 1);
        let folder = evidence.join(format!("{}-{}", db.server.kind, db.name));
        eprintln!("WRONG, kept in {}: {wrong}", folder.display());
        round.keep(&folder, &wrong);
    }
    drop(proxy);
    arena.clear(db);
}

impl Round<'_> {
    fn play(&mut self, dice: &mut Dice) -> Result<(), String> {
        for way in &self.trial.ways {
            self.one_way(way, dice)?;
            self.scene.tally.add(Count::Rounds, 1);
        }
        let (arena, db) = (self.scene.arena, self.scene.db);
        let testimony = arena.since(&self.mark, &db.name);
        let is_loose = arena.is_mortal && db.server.kind == "mariadb";
        let contradictions = testimony.contradictions(&self.trial.script, &db.name, is_loose);
        self.scene.tally.add(Count::SentAgain, testimony.repeats(&self.trial.script, &db.name));
        if contradictions.is_empty() { Ok(()) } else { Err(format!("the logs say:\n{}", contradictions.join("\n"))) }
    }

    fn one_way(&mut self, way: &Way, dice: &mut Dice) -> Result<(), String> {
        let mut faults = 0;
        for number in 0..MOST_RUNS {
            let fault =
                if faults < MOST_FAULTS { Fault::next(self.scene.arena, way, dice, number == 0) } else { Fault::None };
            self.started = self.scene.arena.log_length();
            let (run, is_hit) = self.scene.run(way, &fault);
            faults += usize::from(is_hit);
            self.log += &format!(
                "--- {} with {}, hit: {is_hit}; exit code {:?}\n{}",
                way.words,
                fault.words(),
                run.code,
                run.err
            );
            self.count(&run);
            match run.code {
                Some(0) => return self.compare(way),
                Some(6) => self.answer(&run)?,
                Some(5) => self.mend(&run)?,
                None => {}
                // It is down, and comes back.
                Some(4) => drop(self.scene.arena.up()),
                // The plan was made before an orphan's commit.
                Some(3) if run.err.contains("the history changed while this run waited") => {}
                other => return Err(format!("exit code {other:?}")),
            }
            self.scene.tally.add(Count::RunAgain, 1);
        }
        Err(format!("`{}` does not come to its end", way.words))
    }

    fn count(&self, run: &Run) {
        let lines = |is: &dyn Fn(&str) -> bool| run.err.lines().filter(|line| is(line)).count();
        let found = |what| lines(&|line: &str| line.starts_with("recovered") && line.contains(what));
        self.scene.tally.add(Count::FoundDone, found("took effect"));
        self.scene.tally.add(Count::FoundNotDone, found("had no effect"));
        self.scene.tally.add(Count::WentOn, lines(&|line| line.contains("connection was lost")));
    }

    /// Schema, rows, traces and history are those of an undisturbed run, and the journal says the same.
    fn compare(&self, way: &Way) -> Result<(), String> {
        let (arena, db) = (self.scene.arena, self.scene.db);
        let found = arena.snapshot(db);
        if found != way.wanted {
            let missing = way.wanted.iter().filter(|line| !found.contains(line)).map(|line| format!("- {line}"));
            let more = found.iter().filter(|line| !way.wanted.contains(line)).map(|line| format!("+ {line}"));
            let lines: Vec<String> = missing.chain(more).collect();
            return Err(format!("after `{}` it is not as after an undisturbed run:\n{}", way.words, lines.join("\n")));
        }
        let _up = arena.up();
        let direction = if way.words == "up" { "up" } else { "down" };
        for pair in &self.trial.script.pairs {
            let statements = if direction == "up" { &pair.up } else { &pair.down };
            let expected = statements.iter().filter(|one| one.class != Class::Session).count();
            let question = format!(
                "SELECT r.state, SUM(s.state = 'done'), COUNT(*) FROM refinery_schema_history_run r \
                 JOIN {STEPS} USING (run_no) \
                 WHERE r.name = '{}' AND r.direction = '{direction}' AND r.state <> 'failed' GROUP BY r.run_no, r.state",
                pair.stem
            );
            let journal = db.rows(&question);
            if journal != [format!("done|{expected}|{expected}")] {
                return Err(format!("the journal of {} {direction}, {expected} statements: {journal:?}", pair.stem));
            }
        }
        Ok(())
    }

    /// The statement that uturn's words are about.
    fn named(&self, err: &str) -> Result<(Statement, String, usize), String> {
        let line = err.lines().find(|line| line.starts_with("error: ")).unwrap_or_default();
        let number = |before: &str| {
            let rest = line.split_once(before)?.1;
            rest.split(' ').next()?.parse::<usize>().ok()
        };
        let number = number("statement ").ok_or_else(|| format!("no statement is named: {line}"))?;
        let stem = line.split_once("migration `").and_then(|(_, rest)| rest.split('`').next()).unwrap_or_default();
        let pair = self.trial.script.pairs.iter().find(|pair| pair.stem == stem);
        let pair = pair.ok_or_else(|| format!("no migration is named: {line}"))?;
        let is_down = line.contains("(down)") || line.contains("of its down script");
        let statements = if is_down { &pair.down } else { &pair.up };
        let statement = statements.get(number - 1).ok_or_else(|| format!("it has no statement {number}"))?;
        Ok((statement.clone(), stem.to_owned(), number))
    }

    /// A question: it must be justified, and is answered by what the server's logs say.
    fn answer(&mut self, run: &Run) -> Result<(), String> {
        let (arena, db) = (self.scene.arena, self.scene.db);
        let (statement, stem, number) = self.named(&run.err)?;
        let testimony = arena.since(&self.mark, &db.name);
        let done = match statement.traces() {
            Some(block) if statement.class == Class::Asks => {
                let _up = arena.up();
                db.rows(&format!("SELECT what FROM audit WHERE what LIKE '{block}-in-%'")).len()
            }
            _ => 2 * testimony.effects(&statement, &db.name),
        };
        let text = statement.text(&db.name);
        self.log +=
            &format!("asked about {text}: arrived {}, done {done} of 2\n", testimony.arrivals(&statement, &db.name));
        // A tagged GTID tells whether anything was committed: of several commits not how many, and of a table without
        // transactions not whether rows were written before it.
        let has_proof = db.server.kind == "mysql" && self.scene.account == Account::All;
        let may_ask = match statement.class {
            Class::Asks => !has_proof || (done > 0) == statement.traces().is_some(),
            _ => statement.needs_ids() && self.scene.account == Account::Few,
        };
        let in_doubt = {
            let _up = arena.up();
            db.rows(&format!(
                "SELECT COUNT(*) FROM {STEPS} JOIN refinery_schema_history_run r USING (run_no) \
                     WHERE r.state IN ('running', 'stopped') AND s.state = 'intent'"
            ))
        };
        // If another uturn had the answer, it took it to its grave.
        let is_known = arena.since(&self.mark.at(self.started), &db.name).was_answered(&statement, &db.name);
        if !may_ask || is_known || in_doubt != ["1"] {
            return Err(format!("a question that is not justified, about {text}"));
        }
        let (count, word) = match done {
            0 => (Count::QuestionNotDone, "--retry"),
            1 => (Count::QuestionPart, "--retry"),
            _ => (Count::QuestionDone, "--applied"),
        };
        if done == 1 {
            self.clean(&statement);
        }
        self.scene.tally.add(count, 1);
        let words = format!("resolve {stem} --statement {number} {word}");
        let told = run_to_end(&mut command(db, self.scene.folder, &words, self.scene.account));
        self.log += &format!("--- {words}: exit code {:?}\n{}", told.code, told.err);
        if matches!(told.code, Some(0 | 4)) { Ok(()) } else { Err(format!("`{words}` is not taken")) }
    }

    /// An error that says that part of a statement took effect: a person takes that part back.
    fn mend(&mut self, run: &Run) -> Result<(), String> {
        let is_part = run.err.contains("part of it took effect") || run.err.contains("may have had effects of its own");
        if !is_part {
            return Ok(());
        }
        let (statement, ..) = self.named(&run.err)?;
        if statement.class != Class::Asks {
            return Err(format!("done in part: {}", statement.text(&self.scene.db.name)));
        }
        self.clean(&statement);
        self.scene.tally.add(Count::Partial, 1);
        Ok(())
    }

    fn clean(&self, statement: &Statement) {
        let _up = self.scene.arena.up();
        if let Some(block) = statement.traces() {
            self.scene.db.exec(&format!("DELETE FROM audit WHERE what LIKE '{block}-in-%'"));
        }
    }

    /// Keeps everything that may tell what happened.
    fn keep(&self, folder: &Path, wrong: &str) {
        std::fs::create_dir_all(folder.join("sql")).expect("the folder can be made");
        keep(folder.join("what.txt"), wrong);
        keep(folder.join("uturn.log"), &self.log);
        for entry in std::fs::read_dir(self.scene.folder.path()).expect("it is there").flatten() {
            std::fs::copy(entry.path(), folder.join("sql").join(entry.file_name())).expect("it can be copied");
        }
        let (arena, db) = (self.scene.arena, self.scene.db);
        arena.since(&self.mark, &db.name).keep(folder);
        let snapshot = catch_unwind(AssertUnwindSafe(|| arena.snapshot(db))).unwrap_or_default();
        keep(folder.join("found.txt"), &snapshot.join("\n"));
        for way in &self.trial.ways {
            keep(folder.join(format!("wanted-{}.txt", &way.words[..2])), &way.wanted.join("\n"));
        }
        let _up = arena.up();
        for table in ["run", "step"] {
            let rows = catch_unwind(|| journal(db, table)).unwrap_or_default();
            keep(folder.join(format!("journal-{table}.txt")), &rows.join("\n"));
        }
    }
}

fn journal(db: &Db, table: &str) -> Vec<String> {
    db.rows(&format!("SELECT * FROM refinery_schema_history_{table} ORDER BY 1, 2"))
}
