//! What is wrong, or risky, in a folder of migrations, told from the files alone: few findings, and sure ones.
//!
//! `read` and `column` understand as much of CREATE and ALTER TABLE as is needed, `catalogue` follows the tables through the
//! migrations. `way_back`, `loss`, `keys` and `session` are the families of findings; `allow` silences what is wanted. Each file
//! is read once, each table is known by its name: ten times as many migrations take ten times as long.

mod allow;
mod column;
mod data_loss;
mod finding;
mod keys;
mod known_tables;
mod read;
mod rebuild;
mod reversibility;
mod script;
mod session;
mod statement;

use std::cell::LazyCell;

use crate::migration::name::Direction;
use crate::migration::no_effect;
use crate::migration::pair::{Fault, File, Migration, Rule};
use crate::script::directive;
use crate::script::position::{Position, Ruler};
use crate::script::split;
use crate::statement::secrets;
use allow::Allow;
use finding::Hit;
pub use finding::{Difference, Happened, NAMES, Risk, Thing};
use known_tables::{Catalogue, View};
use script::Script;

/// One thing that is wrong, or risky.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub risk: Risk,
    /// The stem of its migration, where the file has a good name.
    pub migration: Option<String>,
    /// The file, as the user knows it.
    pub path: String,
    /// Where in it, and that line, where a place can be told.
    pub place: Option<(Position, String)>,
}

/// What was looked at, and found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// In the order of the migrations, the up before the down.
    pub findings: Vec<Finding>,
    /// How many pairs there are.
    pub migrations: usize,
    /// Findings that an `allow` silences.
    pub allowed: usize,
}

/// Looks at all pairs of a folder; `faults` is what is wrong with them as pairs.
pub fn check(migrations: &[Migration], mut faults: Vec<Fault>) -> Checked {
    let pairs = migrations.iter().filter(|migration| !migration.is_half()).count();
    let mut checked = Checked { migrations: pairs, ..Checked::default() };
    faults.sort_by_key(|fault| fault.rule != Rule::Encoding);
    checked.findings.extend(faults.into_iter().filter_map(of_fault));
    for file in
        migrations.iter().filter(|migration| migration.is_half()).flat_map(|half| [&half.up, &half.down]).flatten()
    {
        let texts = [(Direction::Up, file)];
        let mut hits = Vec::new();
        parse(file, Direction::Up, &mut hits);
        place(hits, &texts, None, &mut checked.findings);
    }
    let mut catalogue = Catalogue::default();
    for migration in migrations.iter().filter(|migration| !migration.is_half()) {
        let (Ok(up), Ok(down)) = (&migration.up, &migration.down) else {
            catalogue.doubt();
            continue;
        };
        let hits = pair(migration, (up, down), &mut catalogue, &mut checked.allowed);
        let texts = [(Direction::Up, up), (Direction::Down, down)];
        place(hits, &texts, Some(migration.name.stem()), &mut checked.findings);
    }
    checked
}

fn of_file(risk: Risk, path: &str, migration: Option<&str>) -> Finding {
    Finding { risk, migration: migration.map(str::to_owned), path: path.to_owned(), place: None }
}

/// What is wrong with a text is found once more, and all of it, when it is read.
fn of_fault(fault: Fault) -> Option<Finding> {
    let what = fault.what;
    let risk = match fault.rule {
        Rule::Encoding => Risk::NotUtf8(format!("it is {what}"), fault.hint.unwrap_or_default()),
        Rule::Name => Risk::FileName(what),
        Rule::HalfPair => Risk::HalfPair(what),
        Rule::SameTimestamp => Risk::SameTimestamp(format!("{what}: {}", fault.files.join(" and "))),
        Rule::EmptyUp => Risk::EmptyUp(what),
        Rule::EmptyDown => Risk::EmptyDown(what),
        Rule::Text | Rule::Unreadable => return None,
    };
    Some(of_file(risk, fault.files.last()?, None))
}

/// Cuts a script into statements, or tells all that is wrong with it.
fn parse<'f>(file: &'f File, direction: Direction, hits: &mut Vec<Hit>) -> Option<split::Script<'f>> {
    if let Ok(script) = split::split_in_any_mode(&file.text) {
        return Some(script);
    }
    for error in split::faults(&file.text, Default::default()) {
        let risk = if error.is_command { Risk::ClientCommand(error.reason) } else { Risk::Lexical(error.reason) };
        hits.push(Hit { direction, offset: error.offset, risk });
    }
    None
}

/// What there is to say of one migration; the catalogue is then as after its up.
fn pair(migration: &Migration, (up, down): (&File, &File), catalogue: &mut Catalogue, allowed: &mut usize) -> Vec<Hit> {
    let mut hits = Vec::new();
    let up = parse(up, Direction::Up, &mut hits);
    let down = parse(down, Direction::Down, &mut hits);
    let (Some(up), Some(down)) = (up, down) else {
        catalogue.doubt();
        return hits;
    };
    let mut allows = Vec::new();
    for (split, direction) in [(&up, Direction::Up), (&down, Direction::Down)] {
        directives(split, direction, &mut allows, &mut hits);
        for statement in split.statements() {
            let (sql, modes) = (split.text(statement), statement.modes);
            let kind = crate::statement::class::Kind::of(sql, modes);
            if let Some(risk) = session::refused(sql, modes, &kind) {
                hits.push(Hit { direction, offset: statement.span.start, risk });
            }
        }
    }
    let is_idle = no_effect::script(&down) && !no_effect::script(&up);
    let (up, down) = (Script::read(&up, Direction::Up), Script::read(&down, Direction::Down));
    session::look(&up, &up, &mut hits);
    session::look(&down, &up, &mut hits);
    let mut view = View::of(catalogue);
    run(&up, &down, &mut view, &mut hits);
    let after = view.changed.clone();
    let is_irreversible = migration.down().is_ok_and(|down| down.irreversible.is_some());
    if !is_irreversible && !down.statements.is_empty() {
        if is_idle {
            hits.extend(reversibility::nothing_done(&up, &down));
        }
        let told = reversibility::forgotten(catalogue, &up, &down, &mut hits);
        keys::unnamed(&up, &down, &mut hits);
        run(&down, &up, &mut view, &mut hits);
        reversibility::differences(catalogue, &view, (&up, &down), &told, &mut hits);
    }
    catalogue.keep(after, migration.name.stem());
    if up.is_opaque {
        catalogue.doubt();
    }
    allow::apply(allows, hits, allowed)
}

fn directives(split: &split::Script, direction: Direction, allows: &mut Vec<Allow>, hits: &mut Vec<Hit>) {
    for one in directive::all(split) {
        match one {
            Err(error) => hits.push(Hit { direction, offset: error.offset, risk: Risk::Directive(error.reason) }),
            Ok(one) => match one.what {
                directive::What::Allow { name, .. } => allows.push(Allow { direction, offset: one.offset, name }),
                directive::What::Irreversible { .. }
                | directive::What::Nothing { .. }
                | directive::What::LockTimeout(_)
                | directive::What::LockRetries(_) => {}
            },
        }
    }
}

/// Follows one script, statement by statement.
fn run(script: &Script, other: &Script, view: &mut View, hits: &mut Vec<Hit>) {
    let mut done = data_loss::Prepared::default();
    let mut are_checked = true;
    for statement in &script.statements {
        are_checked = session::foreign_key_checks(statement).unwrap_or(are_checked);
        keys::needed(statement, view, are_checked, script.direction, hits);
        data_loss::all_rows(statement, script, other, &done, hits);
        for change in &statement.changes {
            reversibility::names(view, change, (script, other), hits);
            data_loss::change(change, view, (script, other), &done, hits);
            if script.direction == Direction::Up {
                data_loss::renamed(change, script, &done, hits);
                keys::without_primary(change, script, hits);
            }
            view.apply(change);
        }
        done.enter(statement);
    }
}

/// Gives each hit its line and column: every text is walked through once.
fn place(mut hits: Vec<Hit>, texts: &[(Direction, &File)], migration: Option<&str>, findings: &mut Vec<Finding>) {
    hits.sort_by_key(|hit| hit.offset);
    for (direction, file) in texts {
        let mut ruler = Ruler::new(&file.text);
        let script = LazyCell::new(|| secrets::Script::of(&file.text));
        for hit in hits.extract_if(.., |hit| hit.direction == *direction) {
            let at = ruler.at(hit.offset);
            let line = script.line_at(hit.offset).trim_start_matches('\u{feff}').to_owned();
            let place = Some((at, line));
            findings.push(Finding { place, ..of_file(hit.risk, &file.path, migration) });
        }
    }
}
