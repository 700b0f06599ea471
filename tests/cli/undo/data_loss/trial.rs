//! One pair on one server, whole and stopped at every statement, and what each undo takes with it.

use crate::support::app::{Folder, Run, run};
use crate::support::server::{Db, Server};
use crate::undo::data_loss::oracle::{Announced, Snapshot, Undo};
use crate::undo::data_loss::pair::Pair;
use mysql::Conn;
use mysql::prelude::Queryable;
use std::collections::BTreeSet;

/// No server takes it, so that the up stops there.
const STOP: &str = "ALTER TABLE nosuch_stop ADD y INT";

/// Two databases, a connection, and what was found.
pub struct Trial {
    here: Db,
    other: Db,
    conn: Conn,
    pair: Pair,
    number: usize,
    folder: Folder,
    /// The text of the last up, without what stops it.
    up: String,
    found: Vec<String>,
    /// The names of the pairs of which something was found.
    wrong: BTreeSet<&'static str>,
    tally: Tally,
}

/// How many undos there were, and of what kind.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    pub undos: usize,
    /// Something is gone, and each table, column or database of it was named.
    pub named: usize,
    /// Something is gone, and the undo said that it does not know all of it.
    pub not_known: usize,
    /// Refused until somebody answers.
    pub refused: usize,
    /// Pairs of which something is wrong.
    pub wrong: usize,
}

/// Runs pairs that a server takes, and returns what is wrong with each.
pub fn run_all(server: &Server, pairs: &[Pair]) -> (Vec<String>, Tally) {
    let mut trial = Trial::on(server);
    let only = std::env::var("UTURN_TEST_PAIR").unwrap_or_default();
    let wanted = |pair: &&Pair| pair.runs_on(server.kind) && pair.name.contains(&only);
    for (number, pair) in pairs.iter().filter(wanted).enumerate() {
        (trial.pair, trial.number) = (*pair, number);
        trial.whole();
        if number.is_multiple_of(8) {
            trial.with_up_or_database();
        }
        for done in 0..=pair.statements() {
            trial.stopped_after(done);
        }
        if pair.statements_of_down() > 2 {
            trial.undo_stopped_after(pair.statements_of_down() / 2);
        }
    }
    trial.clear();
    trial.tally.wrong = trial.wrong.len();
    (trial.found, trial.tally)
}

impl Trial {
    fn on(server: &Server) -> Trial {
        let (here, other) = (server.database(), server.database());
        let pair = Pair::of("", &[], &[]);
        let conn = server.conn("");
        let (folder, up) = (Folder::new(), String::new());
        Trial {
            here,
            other,
            conn,
            pair,
            number: 0,
            folder,
            up,
            found: Vec::new(),
            wrong: BTreeSet::new(),
            tally: Tally::default(),
        }
    }

    /// All of its migrations are applied, and undone one by one, or in each other way.
    fn whole(&mut self) {
        let alone = if self.number.is_multiple_of(2) { "undo" } else { "undo --all --yes" };
        let mut ways: Vec<Vec<&str>> = vec![vec![alone]];
        if self.pair.migrations.len() > 1 {
            let one_by_one = vec!["undo"; self.pair.migrations.len()];
            let to_the_first = vec!["undo --to 20260101000001 --yes"];
            ways = vec![one_by_one, to_the_first, vec!["undo --keep 20260101000001 --yes"], vec!["undo --all --yes"]];
        }
        self.whole_by(&ways);
    }

    /// Commands that are more than an undo.
    fn with_up_or_database(&mut self) {
        self.whole_by(&[vec!["redo"], vec!["reset --yes"], vec!["drop --yes"]]);
    }

    fn whole_by(&mut self, ways: &[Vec<&str>]) {
        for way in ways {
            self.begin(None);
            let up = self.uturn("up");
            self.expect("up", &up, &[0]);
            self.meanwhile();
            for words in way {
                let (run, undo) = self.undo(words);
                // Where an up follows, it may stop.
                let codes: &[i32] = if words.starts_with("re") { &[0, 5] } else { &[0] };
                self.expect(words, &run, codes);
                self.judge(words, undo.unannounced());
                self.judge(words, undo.miscounted());
                self.count(&undo);
            }
        }
    }

    /// The last down stopped after so many statements, and runs on.
    fn undo_stopped_after(&mut self, done: usize) {
        self.begin(None);
        let (up, down) = self.pair.migrations[self.pair.migrations.len() - 1];
        let mut lines = down.to_vec();
        lines.insert(done, STOP);
        self.write_last(up, &lines);
        let run = self.uturn("up");
        self.expect("up", &run, &[0]);
        let mut words = "undo";
        // It cannot run on where it needs a temporary table of the session that has ended.
        for (form, codes) in [("undo that stops", &[5][..]), ("undo that runs on", &[0, 3])] {
            let (run, undo) = self.undo(words);
            let form = format!("{form} after {done}");
            self.expect(&form, &run, codes);
            self.judge(&form, undo.unannounced());
            self.judge(&form, undo.miscounted());
            self.write_last(up, down);
            words = "undo --down-from-files";
        }
    }

    /// The last up stopped after so many statements.
    fn stopped_after(&mut self, done: usize) {
        let setup = self.stop(done);
        let is_one = self.pair.migrations.len() == 1;
        // Of several migrations all go only where there is an answer: the older ones are applied.
        let (alone, all) = ("undo", "undo --all --yes");
        if self.is_asked(done, if is_one && done % 2 == 1 { all } else { alone }, &setup) {
            // Nothing has changed, so that it can be answered here.
            self.answered(done, &format!("{} --down-data run", if is_one { alone } else { all }));
            let setup = self.stop(done);
            self.skipped(done, &setup);
        }
    }

    /// A fresh copy, in which the up has stopped. Returns what there was before it.
    fn stop(&mut self, done: usize) -> Snapshot {
        let setup = self.begin(Some(done));
        let up = self.uturn("up");
        self.expect(&format!("up that stops after {done}"), &up, &[5]);
        self.meanwhile();
        setup
    }

    /// An undo without an answer.
    fn is_asked(&mut self, done: usize, words: &str, setup: &Snapshot) -> bool {
        let (run, undo) = self.undo(words);
        let form = format!("{words} after {done}");
        self.expect(&form, &run, &[0, 3, 5]);
        if run.code == Some(3) {
            self.tally.refused += 1;
            if undo.before != undo.after {
                self.judge(&form, vec!["refused, and something has changed".to_owned()]);
            }
            return true;
        }
        self.judge(&form, undo.unannounced());
        // Where nothing of the last up is done, this is the undo of the one before it, which is applied.
        if done > 0 || self.pair.migrations.len() == 1 {
            self.judge(&form, undo.unasked(setup, &self.up));
        }
        self.judge(&form, undo.miscounted());
        self.count(&undo);
        false
    }

    /// What the answer lets go is announced.
    fn answered(&mut self, done: usize, words: &str) {
        let (run, undo) = self.undo(words);
        let form = format!("{words} after {done}");
        self.expect(&form, &run, &[0, 5]);
        self.judge(&form, undo.unannounced());
        self.judge(&form, undo.miscounted());
        self.count(&undo);
    }

    /// With this answer nothing that was there goes.
    fn skipped(&mut self, done: usize, setup: &Snapshot) {
        let words = "undo --down-data skip";
        let (run, undo) = self.undo(words);
        let form = format!("{words} after {done}");
        self.expect(&form, &run, &[0, 5]);
        self.judge(&form, undo.unasked(setup, &self.up));
        self.count(&undo);
    }

    /// Databases and files as they are before the first command. Returns what there is.
    fn begin(&mut self, stop: Option<usize>) -> Snapshot {
        self.clear();
        for name in [self.here.name.clone(), self.other.name.clone()] {
            self.exec(&format!("CREATE DATABASE `{name}` CHARACTER SET utf8mb4"));
        }
        self.folder = Folder::new();
        self.folder.file("rows.txt", self.pair.file);
        self.exec(&format!("USE `{}`", self.here.name));
        for statement in self.pair.setup.iter().chain(self.pair.more) {
            self.exec(&self.filled(statement));
        }
        self.write(stop);
        self.snapshot()
    }

    fn clear(&mut self) {
        // A key may point from one to the other.
        self.exec("SET FOREIGN_KEY_CHECKS = 0");
        for name in [self.here.name.clone(), self.other.name.clone()] {
            self.exec(&format!("DROP DATABASE IF EXISTS `{name}`"));
        }
        self.exec("SET FOREIGN_KEY_CHECKS = 1");
    }

    /// The scripts; the last up stops after so many statements.
    fn write(&mut self, stop: Option<usize>) {
        for (number, (up, down)) in self.pair.migrations.iter().enumerate() {
            let mut lines = up.to_vec();
            self.up = self.script(&lines);
            if let Some(done) = stop.filter(|_| number + 1 == self.pair.migrations.len()) {
                lines.insert(done, STOP);
            }
            self.write_pair(number, &lines, down);
        }
    }

    fn write_last(&self, up: &[&str], down: &[&str]) {
        self.write_pair(self.pair.migrations.len() - 1, up, down);
    }

    fn write_pair(&self, number: usize, up: &[&str], down: &[&str]) {
        let stem = format!("2026010100000{}-m", number + 1);
        self.folder.pair(&stem, &self.script(up), &self.script(down));
    }

    fn script(&self, statements: &[&str]) -> String {
        self.filled(&statements.iter().map(|statement| format!("{statement};\n")).collect::<String>())
    }

    fn filled(&self, text: &str) -> String {
        let file = self.folder.at("rows.txt").display().to_string();
        text.replace("{here}", &self.here.name).replace("{other}", &self.other.name).replace("{file}", &file)
    }

    fn exec(&mut self, statements: &str) {
        self.conn.query_drop(statements).unwrap_or_else(|error| panic!("{}: {statements}: {error}", self.pair.name));
    }

    fn meanwhile(&mut self) {
        for statement in self.pair.meanwhile {
            // Not everything is there yet where the up has stopped early.
            let _ = self.conn.query_drop(self.filled(statement));
        }
    }

    fn uturn(&self, words: &str) -> Run {
        let mut command = self.folder.command(&self.here, words);
        run(command.arg("--json").env("UTURN_ALLOW_NON_EMPTY", "true"))
    }

    fn snapshot(&mut self) -> Snapshot {
        Snapshot::of(&mut self.conn, &self.here.name, &self.other.name)
    }

    fn undo(&mut self, words: &str) -> (Run, Undo) {
        let before = self.snapshot();
        let run = self.uturn(words);
        if std::env::var_os("UTURN_TEST_PAIR").is_some() {
            println!("{} {words}: {}{}", self.pair.name, run.out, run.err);
        }
        let undo = Undo {
            here: self.here.name.clone(),
            other: self.other.name.clone(),
            before,
            after: self.snapshot(),
            announced: Announced::in_lines(&run.out),
            seen_through: self.pair.seen_through,
        };
        self.tally.undos += 1;
        (run, undo)
    }

    fn expect(&mut self, form: &str, run: &Run, codes: &[i32]) {
        if !run.code.is_some_and(|code| codes.contains(&code)) {
            let last = run.out.lines().last().unwrap_or_default();
            self.judge(form, vec![format!("exit {:?}: {last} {}", run.code, run.err)]);
        }
    }

    fn judge(&mut self, form: &str, faults: Vec<String>) {
        if !faults.is_empty() {
            let (count, first) = (faults.len(), faults[..faults.len().min(3)].join("; "));
            let kind = self.here.server.kind;
            self.found.push(format!("[{}] {kind}: {form}: {count} faults: {first}", self.pair.name));
            self.wrong.insert(self.pair.name);
        }
    }

    fn count(&mut self, undo: &Undo) {
        if undo.takes_something() {
            self.tally.not_known += usize::from(undo.announced.not_known);
            self.tally.named += usize::from(!undo.announced.not_known && undo.unannounced().is_empty());
        }
    }
}
