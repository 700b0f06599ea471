//! Makes tasks: which script runs for a migration, from where, and with which way back.

use crate::db::connect::Access;
use crate::db::present::Side;
use crate::engine::history::{self, Ledger};
use crate::engine::journal::{self, Down, DownData, OpenRun, StepRow, StepState};
use crate::engine::losses;
use crate::engine::partial_undo::{self, PartiallyApplied};
use crate::engine::preflight;
use crate::engine::program::packed::Steps;
use crate::engine::program::step::{Action, Step};
use crate::engine::resume::session_replay::{Future, Line, Past};
use crate::engine::task::{Files, Task};
use crate::error::{Error, Kind, Result};
use crate::event::{DownFrom, Event, Listener, Note};
use crate::migration::name::{Direction, Name, Version};
use crate::migration::pair::{self, Fault, File, Migration, Rule};
use crate::migration::plan::{Newer, Refusal};
use crate::script::lexer::Modes;
use crate::script::source_text::Text;
use crate::statement::ddl::Ddl;
use crate::statement::deterministic;
use crate::statement::secrets;
use crate::statement::session_effects;
use std::collections::{HashMap, HashSet};

/// How an undo goes about its down scripts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Downs {
    /// Which ones run.
    pub from: DownsFrom,
    /// What a person said of the statements of a half-run migration's down that may destroy data.
    pub data: Option<DownData>,
}

/// Where the down scripts of an undo are taken from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DownsFrom {
    /// Those recorded when the ups ran; where there is none, the files.
    #[default]
    Kept,
    /// The files as they are now.
    Files,
}

/// Ways back that the journal keeps, by version, each with the checksum of its up.
pub type KeptDowns = HashMap<Version, (String, Down)>;

/// The task for an up.
pub fn up(migration: &Migration, ledger: &Ledger, modes: Modes) -> Result<Task> {
    let scripts = migration.scripts()?;
    let (file, down) = (scripts.up, kept_form(scripts.down));
    let open = ledger.open.as_ref().filter(|open| is_of(open, &migration.name, Direction::Up));
    let mut steps = preflight::steps(&file.path, &file.text, modes)?;
    let wish = preflight::wish(&file.path, &file.text, modes)?;
    let goes_on = match open {
        Some(open) => {
            same_beginning(open, &migration.name, &file.text, &steps)?;
            session_again(open, ledger, &migration.name, &file.text, &mut steps)?
        }
        None => GoesOn::default(),
    };
    Ok(Task {
        name: migration.name.clone(),
        direction: Direction::Up,
        path: file.path.clone(),
        text: file.text.clone(),
        steps,
        checksum: history::checksum(&migration.name, file).to_string(),
        down,
        resumes: open.map(|open| (open.number, open.resume_at())),
        had_part: open.is_some_and(OpenRun::had_part),
        again: goes_on.again,
        last_id_is_gone: goes_on.last_id_is_gone,
        takes_back: None,
        down_data: None,
        wish,
        files: Files::Here,
    })
}

/// As the journal keeps it.
fn kept_form(down: pair::Down<'_>) -> Down {
    match down.irreversible {
        Some(reason) => Down::Irreversible(reason),
        None => Down::Script(down.file.text.clone()),
    }
}

fn is_of(open: &OpenRun, name: &Name, direction: Direction) -> bool {
    open.direction == direction && open.name.version() == name.version()
}

/// What is over cannot be mended: those statements must be the same, to the byte, and none between them that was not done.
fn same_beginning(open: &OpenRun, name: &Name, text: &str, steps: &Steps) -> Result<()> {
    let unlike = |what: String| Err(Refusal::Unlike(name.clone(), what, open.direction).into());
    let over: HashMap<usize, &StepRow> =
        open.steps.iter().filter(|step| step.state.is_over()).map(|step| (step.number, step)).collect();
    for step in over.values() {
        let now = steps.get(step.number - 1);
        if !now.is_some_and(|now| journal::is_digest_of(&step.sha256, &text[now.span.clone()])) {
            let (what, way) = match step.state {
                StepState::Skipped => {
                    ("had nothing to revert", "; put the new one after the last one that is finished")
                }
                _ => ("is done", ""),
            };
            return unlike(format!(
                "statement {} {what}, and was `{}`; the file now holds another one there{way}",
                step.number, step.head
            ));
        }
    }
    // A DROP TABLE of a temporary table may have been left out by the run before this one.
    let mut temporary = HashSet::new();
    let is_new = |step: &Step| {
        if let Some((table, _)) = session_effects::makes_a_table(&text[step.span.clone()], step.modes) {
            temporary.insert(table);
        }
        let drops_temporary = |ddl: &Ddl| {
            ddl.verb == "DROP" && ddl.targets.iter().all(|table| temporary.contains(&table.name.to_lowercase()))
        };
        let may_be_left_out = matches!(&step.action, Action::Ddl(ddl) if drops_temporary(ddl));
        step.action.is_durable() && !over.contains_key(&step.number) && !may_be_left_out
    };
    match steps.range(0..open.resume_at() - 1).find(is_new) {
        Some(step) => unlike(format!(
            "statement {} has not run, and stands in front of others that are done: `{}`",
            step.number,
            journal::head(&text[step.span])
        )),
        None => Ok(()),
    }
}

/// How a run goes on in a session of its own.
#[derive(Default)]
struct GoesOn {
    /// The statements of the session to run again, by number.
    again: Vec<usize>,
    last_id_is_gone: bool,
}

/// What of the session that has ended can be made again. What only takes away what went with it is left out; a statement that
/// still needs such a thing cannot run as it was meant.
fn session_again(open: &OpenRun, ledger: &Ledger, name: &Name, text: &str, steps: &mut Steps) -> Result<GoesOn> {
    let line = |step: &Step| Line { number: step.number, sql: &text[step.span.clone()], modes: step.modes };
    let runs = |step: &Step| !matches!(step.action, Action::LeaveOut(_));
    let resumes = steps.len().min(open.resume_at() - 1);
    let mut hidden = ledger.hidden.clone();
    // Of plain INSERTs there may be a million.
    for step in steps.iter().filter(|step| step.shape.is_none()) {
        hidden.add_statement(&text[step.span.clone()], step.modes);
    }
    let mut past = Past::new(hidden);
    let writes = |step: &Step| step.action.is_durable() && !(step.shape.is_none() && only_asks(text, step));
    let written = (0..resumes).rev().find(|index| steps.get(*index).is_some_and(|step| writes(&step)));
    let behind_all = written.map_or(0, |index| index + 1);
    for step in steps.range(0..resumes).filter(runs) {
        match step.shape {
            Some(_) => past.add_rows(step.number),
            None if step.number > behind_all => past.add_behind_all(line(&step)),
            None => past.add(line(&step)),
        }
    }
    let mut left_out = Vec::new();
    // INSERTs of one shape need the same.
    let mut shapes = HashSet::new();
    let is_new = |step: &Step| step.shape.is_none_or(|shape| shapes.insert(shape));
    for step in steps.range(resumes..steps.len()).filter(runs).filter(is_new) {
        match past.runs(line(&step)) {
            Future::Runs => {}
            Future::LeftOut => left_out.push(step.number),
            Future::Needs(held, by) => {
                let what = format!(
                    "statement {} needs {held}, which statement {by} made in a session that has ended",
                    step.number
                );
                return Err(Refusal::SessionLost(name.clone(), what, open.direction).into());
            }
        }
    }
    for number in left_out {
        steps.leave_out(number, "what it takes away is gone with the session that had made it");
    }
    Ok(GoesOn { last_id_is_gone: past.has_inserted, again: past.again() })
}

fn only_asks(text: &str, step: &Step) -> bool {
    matches!(step.action, Action::Dml) && deterministic::only_asks(&text[step.span.clone()], step.modes)
}

/// The tasks for an undo, in the given order. All of them are looked up and checked before the first one runs. Of a partially
/// applied migration, rows are counted.
#[expect(clippy::too_many_arguments, reason = "what an undo is made of")]
pub fn downs(
    names: &[Name],
    migrations: &[Migration],
    ledger: &Ledger,
    kept: &KeptDowns,
    downs: Downs,
    modes: Modes,
    access: &Access,
    listener: &mut Listener<'_>,
) -> Result<Vec<Task>> {
    let mut tasks = Vec::new();
    let (mut irreversible, mut without, mut hidden, mut faults) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for name in names {
        let file = find(migrations, name);
        let down = down(name, file, ledger, kept, downs.from).unwrap_or_else(|fault| {
            faults.push(fault);
            None
        });
        match down {
            Some((Down::Irreversible(reason), ..)) => irreversible.push((name.clone(), reason)),
            Some((Down::Script(text), path, differs)) => {
                if let Some(which) = differs {
                    listener(Event::Note(Note::DownDiffers(name.clone(), which)));
                }
                tasks.push(down_task(name, file, (text, path), ledger, downs.data, modes, access)?);
            }
            Some((Down::WithoutSecrets(_), ..)) => hidden.push((name, file.is_some())),
            None if faults.is_empty() => without.push(name.clone()),
            None => {}
        }
    }
    if !faults.is_empty() {
        return Err(Refusal::FaultyDown(faults).into());
    }
    if let Some((first, _)) = irreversible.first() {
        let newer = match names.first() {
            Some(name) if name != first => Newer::Some,
            Some(_) if ledger.open.as_ref().is_some_and(|open| open.name.version() == first.version()) => {
                Newer::Stopped
            }
            Some(_) | None => Newer::None,
        };
        return Err(Refusal::Irreversible(irreversible, newer).into());
    }
    if !without.is_empty() {
        return Err(Refusal::NoWayBack(without).into());
    }
    match &hidden[..] {
        [] => Ok(tasks),
        hidden => Err(needs_its_file(hidden)),
    }
}

/// What the database keeps of these downs cannot be run: passwords and keys are cut out. Which of them have another file now
/// is told with them.
fn needs_its_file(downs: &[(&Name, bool)]) -> Error {
    let why = |(name, is_there): &(&Name, bool)| {
        let file = name.file(Direction::Down);
        match is_there {
            true => format!("`{file}` differs from it in more than that"),
            false => format!("`{file}` is not there"),
        }
    };
    let list: Vec<String> = downs.iter().map(why).collect();
    let what = format!(
        "the recorded down script holds a password or a key, which the database does not keep, and {}",
        list.join("; ")
    );
    let hint = match downs.iter().all(|(_, is_there)| *is_there) {
        true => {
            "bring the file back to what was applied; or, to run the file as it is now: `uturn undo --down-from-files`"
        }
        false => "use a folder (`--dir`) or a binary that has the file",
    };
    Error::new(Kind::History, what).truth("nothing has been changed").hint(hint)
}

/// The down of one migration, where it comes from, and whether file and journal differ. A file with a fault is one only where it
/// must run.
fn down(
    name: &Name,
    file: Option<&Migration>,
    ledger: &Ledger,
    kept: &KeptDowns,
    from: DownsFrom,
) -> std::result::Result<Option<(Down, String, Option<DownFrom>)>, Fault> {
    let recorded = recorded(name, ledger, kept);
    let of_file = match (file.map(Migration::down), &recorded, from) {
        (None, ..) => None,
        (Some(Ok(down)), ..) => Some((down.file.path.clone(), kept_form(down))),
        (Some(Err(fault)), ..) if fault.rule == Rule::HalfPair => None,
        (Some(Err(_)), Some(recorded @ (Down::Script(_) | Down::Irreversible(_))), DownsFrom::Kept) => {
            return Ok(Some((recorded.clone(), in_database(name), Some(DownFrom::Kept))));
        }
        (Some(Err(fault)), ..) => return Err(fault),
    };
    let recorded = recorded.map(|recorded| with_secrets(recorded, of_file.as_ref().map(|(_, down)| down)));
    Ok(match (recorded, of_file, from) {
        (Some(recorded), Some((path, down)), DownsFrom::Kept) => {
            let differs = recorded != down;
            let path = if differs { in_database(name) } else { path };
            Some((recorded, path, differs.then_some(DownFrom::Kept)))
        }
        (Some(recorded), Some((path, down)), DownsFrom::Files) => {
            let differs = recorded != down;
            Some((down, path, differs.then_some(DownFrom::File)))
        }
        (None, Some((path, down)), _) => Some((down, path, None)),
        (Some(recorded), None, _) => Some((recorded, in_database(name), None)),
        (None, None, _) => None,
    })
}

/// The file has what was cut out of the recorded one, if it is the same but for that.
fn with_secrets(recorded: Down, file: Option<&Down>) -> Down {
    match (&recorded, file) {
        (Down::WithoutSecrets(cut), Some(Down::Script(text))) if secrets::cut_script(text) == **cut => {
            Down::Script(text.clone())
        }
        _ => recorded,
    }
}

/// What the journal keeps: of a run that is open, or of the up that wrote the row in the history.
fn recorded(name: &Name, ledger: &Ledger, kept: &KeptDowns) -> Option<Down> {
    if let Some(open) = ledger.open.as_ref().filter(|open| open.name.version() == name.version()) {
        return Some(open.down.clone());
    }
    let row = ledger.row(name.version())?;
    let (checksum, down) = kept.get(&name.version())?;
    (*checksum == row.checksum.to_string()).then(|| down.clone())
}

fn in_database(name: &Name) -> String {
    format!("(kept in the database) {}", name.file(Direction::Down))
}

fn down_task(
    name: &Name,
    file: Option<&Migration>,
    (text, path): (Text, String),
    ledger: &Ledger,
    answer: Option<DownData>,
    modes: Modes,
    access: &Access,
) -> Result<Task> {
    let mut steps = preflight::steps(&path, &text, modes)?;
    let wish = preflight::wish(&path, &text, modes)?;
    let open = ledger.open.as_ref().filter(|open| open.name.version() == name.version());
    let going_down = open.filter(|open| open.direction == Direction::Down);
    let checksum = match (open, ledger.row(name.version())) {
        (Some(open), _) => open.checksum.clone(),
        (None, Some(applied)) => applied.checksum.to_string(),
        (None, None) => String::new(),
    };
    let takes_back = match open {
        Some(open) if open.direction == Direction::Up => Some(open.number),
        Some(open) => open.takes_back,
        None => None,
    };
    let down_data = match open.filter(|_| takes_back.is_some()) {
        Some(open) => {
            let mut side = Side::open(access, losses::reads_of(&text, &steps, &access.database))?;
            let present = std::mem::take(&mut side.present);
            let half = PartiallyApplied { name, open, file, text: &text, modes, present };
            partial_undo::settle(&half, &mut steps, answer, &mut side)?
        }
        None => None,
    };
    // What `--down-data skip` has left out is no statement that was to run.
    let goes_on = match going_down {
        Some(open) => {
            same_beginning(open, name, &text, &steps)?;
            session_again(open, ledger, name, &text, &mut steps)?
        }
        None => GoesOn::default(),
    };
    Ok(Task {
        name: name.clone(),
        direction: Direction::Down,
        path,
        down: Down::Script(text.clone()),
        text,
        steps,
        checksum,
        resumes: going_down.map(|open| (open.number, open.resume_at())),
        had_part: going_down.is_some_and(OpenRun::had_part),
        again: goes_on.again,
        last_id_is_gone: goes_on.last_id_is_gone,
        takes_back,
        down_data,
        wish,
        files: if file.is_some() { Files::Here } else { Files::Missing },
    })
}

/// The refusal for a file that the plan names and nobody has. The plan is made from files, so it cannot come to this.
pub fn file_of<'m>(migrations: &'m [Migration], name: &Name) -> Result<&'m Migration> {
    find(migrations, name).ok_or_else(|| Error::from(Refusal::NoFile(name.clone())))
}

/// Its up.
pub fn up_file<'m>(migrations: &'m [Migration], name: &Name) -> Result<&'m File> {
    let found = file_of(migrations, name)?.up.as_ref();
    found.map_err(|fault| fault.clone().into())
}

fn find<'m>(migrations: &'m [Migration], name: &Name) -> Option<&'m Migration> {
    let place = migrations.binary_search_by_key(&name.version(), |m| m.name.version());
    place.ok().map(|index| &migrations[index])
}
