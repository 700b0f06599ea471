//! Asks the server what a statement would cost, by trying it on empty clones in a scratch database: with the cheapest
//! algorithm first, until it takes one. What was accepted has taken effect on the clone, so the next statement of a plan
//! meets what it will meet.
//!
//! Whether a table was rebuilt is answered by a session with an older view of the data: to it a rebuilt table, and no other
//! one, has "changed its definition" (docs/decisions/0009). That needs no right, and holds on both servers.

use crate::cost::estimate::{Algorithm, Blocks, Cost, Dialect, Rebuilt, Remark, Rung, ladder};
use crate::db::connect::Access;
use crate::db::flavour::Flavour;
use crate::db::scratch_database::Scratch;
use crate::db::{error_code, packet, quote};
use crate::error::{Result, Said};
use crate::preview::database_state::Stock;
use crate::preview::empty_clone::{self, EmptyClones};
use crate::schema::stage::{Meaning, Stage};
use crate::script::lexer::{Code, Kind, Modes};
use crate::statement::effects::Removal;
use crate::statement::names;
use crate::statement::outside_database::{self, Beyond, Databases};
use crate::statement::table_change::{Alter, Form, Place};
use mysql::Conn;
use std::collections::{BTreeMap, BTreeSet};

/// A scratch database with clones in it.
pub struct Probe {
    /// Runs the statements, as a session that the script has set up.
    trial: Conn,
    /// Keeps an older view of the data.
    watch: Conn,
    clones: EmptyClones,
    scratch: Scratch,
    dialect: Dialect,
    /// The script has changed the trial's session.
    touched: bool,
    /// What the session's `alter_algorithm` or `old_alter_table` makes of a statement without ALGORITHM.
    algorithm: Option<String>,
    /// Row versions that the plan adds to real tables.
    versions: BTreeMap<String, u64>,
    /// Something could not be tried; what fails behind it may fail for that reason alone.
    doubt: Option<String>,
}

/// The answer for one statement.
#[derive(Debug)]
pub struct Tried {
    /// What it costs.
    pub cost: Cost,
    /// What else there is to know.
    pub remarks: Vec<Remark>,
    /// What the server said, where it failed.
    pub said: Option<Said>,
}

/// What of a clone tells whether it is the same one afterwards.
struct Shape {
    engine: String,
    partitions: Vec<String>,
}

enum Climbed {
    Accepted(Rung, Option<String>),
    Bare,
    Failed(mysql::Error),
}

impl Probe {
    /// Makes the scratch database.
    pub fn open(access: &Access, stock: &mut Stock) -> Result<Probe> {
        let scratch = Scratch::make(access)?;
        let clones = EmptyClones::open(&scratch.access, stock)?;
        let (watch, trial) = (scratch.access.open()?, scratch.access.open_for_scripts()?);
        let dialect = match stock.server.flavour {
            Flavour::MariaDb => Dialect::MariaDb,
            Flavour::MySql => Dialect::MySql,
        };
        let mut probe = Probe {
            trial,
            watch,
            clones,
            scratch,
            dialect,
            touched: true,
            algorithm: None,
            versions: BTreeMap::new(),
            doubt: None,
        };
        probe.begin()?;
        Ok(probe)
    }

    /// The next script finds a session as new.
    pub fn begin(&mut self) -> Result<()> {
        if !std::mem::take(&mut self.touched) {
            return Ok(());
        }
        let explain = |error: mysql::Error| self.scratch.access.explain(&error);
        self.trial = self.scratch.access.open_for_scripts()?;
        packet::tell(&mut self.trial, "SET SESSION lock_wait_timeout = 5").map_err(explain)?;
        self.algorithm = session_algorithm(&mut self.trial).map_err(explain)?;
        Ok(())
    }

    /// The session that a statement is parsed in.
    pub fn session(&mut self) -> &mut Conn {
        &mut self.trial
    }

    /// A SET of the script.
    pub fn set(&mut self, text: &str, modes: Modes) -> mysql::Result<()> {
        let alter = Alter::of(text, modes);
        let is_set = Code::new(text, modes).next().is_some_and(|(_, word)| word.eq_ignore_ascii_case("SET"));
        if !is_set || !alter.qualifiers().is_empty() || alter.reaches_out() {
            return Ok(());
        }
        self.touched = true;
        match packet::tell(&mut self.trial, text) {
            Ok(_) => self.algorithm = session_algorithm(&mut self.trial)?,
            Err(error) if error_code::is_connection_lost(&error) => return Err(error),
            // It may need what only the real database holds.
            Err(error) => self.doubt = Some(format!("`{text}` could not be tried: {error}")),
        }
        Ok(())
    }

    /// Something has run that is not tried: a CALL, or a statement for another database.
    pub fn pass_over(&mut self, why: &str) {
        self.doubt.get_or_insert_with(|| why.to_owned());
    }

    /// Tries a statement.
    pub fn try_out(&mut self, stock: &mut Stock, stage: &Stage, text: &str, modes: Modes) -> mysql::Result<Tried> {
        let alter = Alter::of(text, modes);
        let hindrance = match hindrance(stock, stage, &alter).or_else(|| self.reach(stock, text, modes)) {
            Some(why) => Some(why),
            None => self.clones.of_statement(stock, stage, &alter, text, modes)?,
        };
        if let Some(why) = hindrance {
            self.pass_over(&why);
            return Ok(Tried::only(Cost::Untried(why)));
        }
        let same = |a: &str, b: &str| stage.key(a) == stage.key(b);
        let moved = alter.moved(stock.schema(), &self.scratch.access.database, &same);
        let alter = Alter::of(&moved, modes);
        let mut remarks = Vec::new();
        let is_full = self.is_full(stock, stage, &alter, &mut remarks);
        if is_full && alter.own("ALGORITHM").as_deref() == Some("INSTANT") {
            let said = "the table has all the row versions that it can have (4092)".to_owned();
            self.pass_over(&format!("a statement failed: {said}"));
            return Ok(Tried { remarks, ..Tried::only(Cost::Fails(said)) });
        }
        let table = alter.table().map(|name| name.name.clone()).unwrap_or_default();
        let before = self.shape(&table)?;
        packet::tell(&mut self.watch, "START TRANSACTION WITH CONSISTENT SNAPSHOT")?;
        let climbed = self.climb(&alter, &moved, is_full);
        let mut said = None;
        let cost = match climbed? {
            Climbed::Accepted(rung, why) => self.accepted(stage, &alter, &before, rung, why, &mut remarks),
            Climbed::Bare => match alter.form {
                Form::Alter | Form::CreateIndex | Form::DropIndex | Form::Optimize => {
                    self.rebuilt(&alter, &before).map(Cost::Unasked)
                }
                _ => Ok(Cost::Dictionary),
            },
            Climbed::Failed(error) => {
                said = error_code::said(&error);
                Ok(self.failed(&alter, modes, &moved, &error))
            }
        };
        packet::tell(&mut self.watch, "ROLLBACK")?;
        Ok(Tried { cost: cost?, remarks, said })
    }

    /// The same judge as before `prove` runs a script in its database.
    fn reach(&self, stock: &Stock, text: &str, modes: Modes) -> Option<String> {
        let others = stock.schemas.iter().filter(|name| !name.eq_ignore_ascii_case(stock.schema()));
        let databases = Databases {
            own: Some(stock.schema().to_owned()),
            stand_in: self.scratch.access.database.clone(),
            others: others.cloned().collect(),
        };
        outside_database::beyond(text, modes, &databases).map(|beyond| match beyond {
            Beyond::Database(name) => format!("it names the database `{name}`"),
            Beyond::Server(what) => format!("it reaches beyond the database: {what}"),
        })
    }

    /// At MySQL's limit of row versions the real table is rebuilt where its clone would say INSTANT.
    fn is_full(&mut self, stock: &mut Stock, stage: &Stage, alter: &Alter<'_>, remarks: &mut Vec<Remark>) -> bool {
        let Some(real) = alter.table().and_then(|name| stage.home(name)) else { return false };
        if self.clones.had_fulltext(&real) && alter.form == Form::Alter {
            remarks.push(Remark::HadFulltext);
        }
        if self.dialect != Dialect::MySql || !alter.changes_columns() {
            return false;
        }
        let limit = stock.row_versions_at_most();
        match stock.row_versions(&real) {
            Ok(versions) => {
                let versions = versions + self.versions.get(&real).copied().unwrap_or_default();
                if versions * 4 >= limit * 3 {
                    remarks.push(Remark::RowVersions(versions, limit));
                }
                versions >= limit
            }
            Err(why) => {
                remarks.push(Remark::RowVersionsUnknown(why));
                false
            }
        }
    }

    /// Asks rung by rung.
    fn climb(&mut self, alter: &Alter<'_>, text: &str, is_full: bool) -> mysql::Result<Climbed> {
        let algorithm = alter.own("ALGORITHM").or_else(|| self.algorithm.clone());
        let rungs = ladder(self.dialect, algorithm.as_deref(), alter.own("LOCK").as_deref());
        let mut reasons: Vec<(Algorithm, String)> = Vec::new();
        'rungs: for rung in rungs.into_iter().filter(|rung| !is_full || rung.algorithm != Algorithm::Instant) {
            for place in Place::ALL {
                let Some(asked) = alter.with(rung.algorithm.word(), rung.lock.map(Blocks::word), place) else {
                    continue;
                };
                match packet::tell(&mut self.trial, &asked) {
                    Ok(_) => {
                        return Ok(Climbed::Accepted(rung, why_not_cheaper(reasons, rung)));
                    }
                    Err(error) if error_code::is_connection_lost(&error) => return Err(error),
                    Err(error) if error_code::is_syntax(&error) => {}
                    Err(error) if error_code::is_not_this_way(&error) => {
                        reasons.extend(reason_in(&error.to_string()).map(|why| (rung.algorithm, why)));
                        continue 'rungs;
                    }
                    Err(_) => break 'rungs,
                }
            }
        }
        match packet::tell(&mut self.trial, text) {
            Ok(_) => Ok(Climbed::Bare),
            Err(error) if error_code::is_connection_lost(&error) => Err(error),
            Err(error) => Ok(Climbed::Failed(error)),
        }
    }

    fn accepted(
        &mut self,
        stage: &Stage,
        alter: &Alter<'_>,
        before: &Shape,
        rung: Rung,
        why: Option<String>,
        remarks: &mut Vec<Remark>,
    ) -> mysql::Result<Cost> {
        let mut rebuilt = match (rung.algorithm, self.dialect) {
            // To an older view MySQL's instant changes look like a rebuild.
            (Algorithm::Instant, Dialect::MySql) => Rebuilt::Nothing,
            (Algorithm::Copy, _) => Rebuilt::Whole,
            (Algorithm::Instant | Algorithm::NoCopy | Algorithm::Inplace, _) => self.rebuilt(alter, before)?,
        };
        let (mut algorithm, mut blocks) = (rung.algorithm, rung.lock.unwrap_or(Blocks::Nothing));
        // MariaDB takes ALGORITHM=INSTANT for ORDER BY, another engine and PARTITION BY, and copies. A copy needs a lock.
        if algorithm <= Algorithm::NoCopy && rebuilt != Rebuilt::Nothing {
            remarks.push(Remark::Disowned(algorithm.word()));
            (algorithm, blocks, rebuilt) = (Algorithm::Copy, blocks.max(Blocks::Writes), Rebuilt::Whole);
        }
        if let Some(why) = why.filter(|_| rebuilt != Rebuilt::Nothing || blocks != Blocks::Nothing) {
            remarks.push(Remark::WhyNot(why));
        }
        if rebuilt != Rebuilt::Nothing && alter.adds_column_and_index() {
            remarks.push(Remark::Split);
        }
        if let Some(real) = alter.table().and_then(|name| stage.home(name)) {
            if algorithm == Algorithm::Instant && alter.changes_columns() {
                *self.versions.entry(real).or_default() += 1;
            } else if rebuilt != Rebuilt::Nothing {
                // A rebuild begins to count anew; what the table has now was counted from the dictionary.
                self.versions.remove(&real);
            }
        }
        Ok(Cost::Accepted(algorithm, blocks, rebuilt))
    }

    /// Whether the older view can still read the table: not if it was rebuilt.
    fn rebuilt(&mut self, alter: &Alter<'_>, before: &Shape) -> mysql::Result<Rebuilt> {
        let Some(table) = alter.table() else { return Ok(Rebuilt::Unknown) };
        let effects = alter.effects();
        let now = effects.renames.last().map_or_else(|| table.name.clone(), |(_, new)| new.name.clone());
        let after = self.shape(&now)?;
        if before.engine != after.engine {
            return Ok(Rebuilt::Whole);
        }
        if before.partitions.is_empty() {
            return Ok(match self.is_changed(&now, None)? {
                Some(true) => Rebuilt::Whole,
                Some(false) => Rebuilt::Nothing,
                None => Rebuilt::Unknown,
            });
        }
        let partition = |removal: &Removal| match removal {
            Removal::Partition(_, name) => Some(name.clone()),
            Removal::Table(_) | Removal::AllRows(_) | Removal::SomeRows(_) | Removal::Values(_) => None,
            Removal::AddsRows(_) | Removal::Column(..) | Removal::Converts(..) | Removal::Database(_) => None,
            Removal::Calls(_) | Removal::Unknown(_) => None,
        };
        let removed: BTreeSet<String> = effects.removes.iter().filter_map(partition).collect();
        let mut rebuilt = Vec::new();
        for name in before.partitions.iter().filter(|name| !removed.contains(*name)) {
            if !after.partitions.contains(name) || self.is_changed(&now, Some(name))? == Some(true) {
                rebuilt.push(name.clone());
            }
        }
        Ok(match rebuilt.len() {
            0 => Rebuilt::Nothing,
            all if all == before.partitions.len() => Rebuilt::Whole,
            _ => Rebuilt::Partitions(rebuilt),
        })
    }

    /// Without an index: a new one is of no use to an older view, either.
    fn is_changed(&mut self, table: &str, partition: Option<&String>) -> mysql::Result<Option<bool>> {
        let part = partition.map(|name| format!(" PARTITION ({})", quote::ident(name))).unwrap_or_default();
        let question = format!("SELECT COUNT(*) FROM {}{part} USE INDEX ()", quote::ident(table));
        match packet::ask(&mut self.watch, &question) {
            Ok(_) => Ok(Some(false)),
            Err(error) if error_code::is_connection_lost(&error) => Err(error),
            Err(error) => Ok(error_code::is_definition_changed(&error).then_some(true)),
        }
    }

    fn shape(&mut self, table: &str) -> mysql::Result<Shape> {
        let question = format!(
            "SELECT DISTINCT t.ENGINE, p.PARTITION_NAME FROM information_schema.TABLES t \
             LEFT JOIN information_schema.PARTITIONS p ON p.TABLE_SCHEMA = {0} AND p.TABLE_NAME = {1} \
             WHERE t.TABLE_SCHEMA = {0} AND t.TABLE_NAME = {1}",
            quote::text(&self.scratch.access.database),
            quote::text(table)
        );
        let rows = packet::ask(&mut self.clones.conn, &question)?.swap_remove(0);
        let engine = rows.first().map(|row| packet::word(row, 0)).unwrap_or_default();
        Ok(Shape { engine, partitions: rows.iter().filter_map(|row| packet::maybe_word(row, 1)).collect() })
    }

    /// A failure on the clone is one of the real table's, unless the clone may lack something.
    fn failed(&mut self, alter: &Alter<'_>, modes: Modes, text: &str, error: &mysql::Error) -> Cost {
        let said = error_code::said(error).map_or_else(|| error.to_string(), |said| said.to_string());
        let said = said.replace(&self.scratch.access.database, "…");
        let selects = alter.form == Form::CreateTable
            && Code::new(text, modes).any(|(kind, word)| kind == Kind::Word && word.eq_ignore_ascii_case("SELECT"));
        if let Some(doubt) = &self.doubt {
            return Cost::Untried(format!("{said}; but before it {doubt}"));
        }
        if selects || error_code::is_right_missing(error) || error_code::is_lock_timeout(error) {
            self.pass_over(&format!("a statement failed on the clone alone: {said}"));
            return Cost::Untried(said);
        }
        self.pass_over(&format!("a statement failed: {said}"));
        Cost::Fails(said)
    }
}

impl Tried {
    /// An answer without remarks.
    pub fn only(cost: Cost) -> Tried {
        Tried { cost, remarks: Vec::new(), said: None }
    }
}

/// Why a statement must not be tried.
fn hindrance(stock: &Stock, stage: &Stage, alter: &Alter<'_>) -> Option<String> {
    let key = |name: &str| stage.key(name);
    let is_ours = |name: &str| key(name) == key(stock.schema());
    let qualifiers = alter.qualifiers();
    let targets = alter.tables().into_iter().filter_map(|name| name.schema);
    let foreign = |name: &String| !is_ours(name) && stock.schemas.iter().any(|schema| key(schema) == key(name));
    if let Some(other) =
        qualifiers.iter().find(|name| foreign(name)).cloned().or_else(|| targets.clone().find(|n| !is_ours(n)))
    {
        return Some(format!("it names the database `{other}`"));
    }
    let is_table = |name: &String| !matches!(stage.meaning(&names::Name::plain(name)), Meaning::Absent);
    if let Some(name) = qualifiers.iter().find(|name| is_ours(name) && is_table(name)) {
        return Some(format!("`{name}.` may mean the database or the table of that name"));
    }
    if let Some(other) = alter.tables().iter().find(|name| stock.others.contains(&name.name)) {
        return Some(format!("`{}` is no base table", other.name));
    }
    if alter.is_about_files() {
        return Some("it is about the table's files".to_owned());
    }
    if alter.reaches_out() {
        return Some("it reaches beyond the database".to_owned());
    }
    let engine = alter.engine().filter(|_| matches!(alter.form, Form::Alter | Form::CreateTable));
    let unknown = engine.filter(|engine| !empty_clone::ENGINES.iter().any(|known| engine.eq_ignore_ascii_case(known)));
    unknown.map(|engine| format!("the engine {engine} is not tried"))
}

/// What the session does with an ALTER that names no algorithm, where that is not the cheapest.
fn session_algorithm(conn: &mut Conn) -> mysql::Result<Option<String>> {
    // A number on MySQL; on MariaDB another name of alter_algorithm, which later versions do not know.
    let answer = match packet::ask(conn, "SELECT @@old_alter_table") {
        Ok(answer) => answer,
        Err(error) if error_code::is_connection_lost(&error) => return Err(error),
        Err(_) => return Ok(None),
    };
    let value = answer[0].first().map(|row| packet::word(row, 0).to_uppercase()).unwrap_or_default();
    Ok(match value.as_str() {
        "1" | "ON" => Some("COPY".to_owned()),
        "COPY" | "INPLACE" | "NOCOPY" | "INSTANT" => Some(value),
        _ => None,
    })
}

/// What kept the server from the next cheaper algorithm; or from a weaker lock, where that is no matter of course.
fn why_not_cheaper(reasons: Vec<(Algorithm, String)>, rung: Rung) -> Option<String> {
    let is_it = |(algorithm, _): &(Algorithm, String)| match rung {
        Rung { algorithm: Algorithm::Copy, .. } | Rung { lock: None | Some(Blocks::Nothing), .. } => {
            *algorithm < rung.algorithm
        }
        Rung { lock: Some(Blocks::Writes | Blocks::Everything), .. } => *algorithm <= rung.algorithm,
    };
    reasons.into_iter().filter(is_it).map(|(_, why)| why).next_back()
}

/// `ALGORITHM=INSTANT is not supported. Reason: ADD INDEX. Try ALGORITHM=NOCOPY`
fn reason_in(message: &str) -> Option<String> {
    let (_, reason) = message.split_once("Reason: ")?;
    let end = reason.find(". Try").unwrap_or(reason.len());
    Some(reason[..end].trim_end_matches(['.', ' ', '}', '`']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_s_reason() {
        let said = "ALGORITHM=INSTANT is not supported. Reason: ADD INDEX. Try ALGORITHM=NOCOPY";
        assert_eq!(reason_in(said).as_deref(), Some("ADD INDEX"));
        assert_eq!(
            reason_in("ALGORITHM=INSTANT is not supported for this operation. Try ALGORITHM=COPY/INPLACE."),
            None
        );
    }
}
