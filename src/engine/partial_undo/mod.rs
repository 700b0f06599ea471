//! The down of a partially applied migration. Its DDL can be tried: what was never created is not there, and is skipped. But
//! where something of that name was there before, it is that which would be removed: so what reverts only what the up did not
//! reach is skipped. What the down does to data cannot be tried: a DELETE that reverts an INSERT which never ran deletes rows
//! that were there before. So nothing that holds rows is removed or written over until a person has answered for it, whoever
//! created it; only what is empty goes unasked, and what `own_rows` says. Nothing is compared by content.

mod own_rows;
mod partially_applied;
mod question;

use crate::db::count::Counted;
use crate::db::error_code;
use crate::db::present::Side;
use crate::engine::evidence;
use crate::engine::journal::{Down, DownData, StepRow, StepState};
use crate::engine::losses;
use crate::engine::preflight;
use crate::engine::program::packed::Steps;
use crate::engine::program::step::{Action, Step};
use crate::error::Result;
use crate::event::Rows;
use crate::migration::name::Direction;
use crate::schema::stage::{Lost, Stage};
use crate::script::lexer::Modes;
use crate::statement::class::Kind as StatementKind;
use crate::statement::ddl::Object;
use crate::statement::effects::Effects;
use crate::statement::objects::{Made, Part, Parts};
use crate::statement::row_effects;
use crate::statement::secrets;
use own_rows::OwnRows;
pub use partially_applied::PartiallyApplied;
use partially_applied::{UpScript, is_ddl};
use std::collections::{BTreeMap, HashSet};

/// Why a statement of the down may destroy data.
#[derive(Clone, Default, PartialEq, Eq)]
struct Doubt {
    /// What the scripts alone say.
    why: Option<Why>,
    /// What it removes, or writes over, that holds rows now.
    removes: Vec<(Lost, Rows)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Why {
    /// It writes rows, and the up has not done all that it does to rows.
    Rows,
    /// It drops what the up could not create, because it was there, or did not reach and is there all the same.
    ThereBefore,
}

/// The statements of the down that need an answer, by number.
type Doubts = BTreeMap<usize, Doubt>;

const NEVER_MADE: &str = "the up did not reach what it reverts";
const SKIPPED: &str = "it may destroy data, and `--down-data skip` was the answer";

/// Leaves statements out of the down, for that is the answer or they revert what was never created, and gives back the
/// answer that was needed. Refuses where one is needed and there is none.
pub fn settle(
    half: &PartiallyApplied<'_>,
    steps: &mut Steps,
    answer: Option<DownData>,
    side: &mut Side<'_>,
) -> Result<Option<DownData>> {
    let up = half.up()?;
    let halfway = up.as_ref().map(|up| half.halfway(up));
    let mut doubts = half.doubtful(steps, up.as_ref(), halfway.as_ref());
    let never_made = match &halfway {
        Some(halfway) => half.never_made(steps, halfway, &doubts),
        None => half.left_out_before(steps),
    };
    for number in never_made {
        steps.leave_out(number, NEVER_MADE);
    }
    let own = OwnRows::of(half, up.as_ref());
    half.holding(steps, &own, side, &mut doubts)?;
    if doubts.is_empty() {
        return Ok(half.open.down_data.filter(|_| half.open.direction == Direction::Down));
    }
    let answer = answer.or(half.kept_answer());
    match answer {
        // What became of the last statement is not known yet; under the lock it is found out before anything is planned.
        None if half.open.in_doubt().is_some() => Ok(None),
        None => Err(half.question(steps, up.as_ref(), &doubts)),
        Some(DownData::Run) => Ok(answer),
        Some(DownData::Skip) => {
            // Without them, the others may do something else than they would have done.
            while !doubts.is_empty() {
                doubts.keys().for_each(|number| steps.leave_out(*number, SKIPPED));
                doubts.clear();
                half.holding(steps, &own, side, &mut doubts)?;
            }
            Ok(answer)
        }
    }
}

/// What an up that stopped has made and taken away, and what it was still to make.
struct Halfway {
    made: Made,
    taken: Made,
    unmade: Made,
}

impl Halfway {
    fn is_unmade(&self, part: &Part) -> bool {
        self.unmade.holds(part) && !self.made.holds(part)
    }

    /// It takes back what was never made, and nothing else. What it gives back may be gone.
    fn is_for_nothing(&self, parts: &Parts) -> bool {
        let gives_back = parts.makes.iter().any(|part| self.taken.holds(part));
        let mut takes = parts.takes().peekable();
        !parts.does_more && !gives_back && takes.peek().is_some() && takes.all(|part| self.is_unmade(part))
    }
}

impl PartiallyApplied<'_> {
    /// The statements of the down, by number, that may destroy data.
    fn doubtful(&self, steps: &Steps, up: Option<&UpScript<'_>>, halfway: Option<&Halfway>) -> Doubts {
        // It was asked, or need not be, when this down began.
        if self.is_as_it_was() && self.open.down_data.is_none() {
            return Doubts::new();
        }
        let is_whole = self.has_moved_all_rows(up);
        let in_the_way = self.in_the_way(up);
        let over = self.over();
        let doubt = |step: Step| {
            let text = &self.text[step.span.clone()];
            // Which of a table's partitions there were before is not known.
            let loses_a_partition =
                matches!(&step.action, Action::Ddl(ddl) if row_effects::loses_a_partition(ddl, text, step.modes));
            if loses_a_partition || !is_whole && row_effects::writes_rows(text, step.modes) {
                return Some((step.number, Why::Rows));
            }
            let is_in_the_way =
                in_the_way.as_ref().is_some_and(|(it, new)| row_effects::takes_away(text, it, new, step.modes));
            let takes_others = || halfway.is_some_and(|halfway| self.takes_others(&step, halfway));
            (is_in_the_way || takes_others()).then_some((step.number, Why::ThereBefore))
        };
        let left = steps.iter().filter(|step| !over.contains(&step.number)).filter_map(doubt);
        left.map(|(number, why)| (number, Doubt { why: Some(why), removes: Vec::new() })).collect()
    }

    /// The up has nothing left to do that changes which rows there are.
    fn has_moved_all_rows(&self, up: Option<&UpScript<'_>>) -> bool {
        let from = self.open.up_stopped_at();
        if self.open.direction == Direction::Up && from > self.open.statements {
            return true;
        }
        up.is_some_and(|up| up.left(from).iter().all(|(_, moves)| !moves))
    }

    /// What the statement makes at which the up stopped, because it was there already; and what the up had made by then.
    fn in_the_way(&self, up: Option<&UpScript<'_>>) -> Option<(Made, Made)> {
        let stopped_at = self.open.last_of_up().filter(|step| is_there_already(step, self.modes))?;
        Some(match up {
            Some(up) => {
                let at = stopped_at.number - 1;
                (up.made(up.steps.range(at..at + 1)), up.made(up.steps.range(0..at)))
            }
            None => (Made::by(&stopped_at.head, self.modes), Made::default()),
        })
    }

    /// What the up has come to, and what it has not.
    fn halfway(&self, up: &UpScript<'_>) -> Halfway {
        let from = self.open.up_stopped_at();
        // A part of it may have taken effect, or all of it; or there is a question about it.
        let is_open = |step: &&StepRow| match step.state {
            StepState::Intent | StepState::Partial => true,
            StepState::Failed => is_there_already(step, self.modes),
            // Of what cannot be seen it was only said that it may run twice.
            StepState::Retry => !is_visible(step, self.modes),
            StepState::Done | StepState::Skipped => false,
        };
        let open = self.open.last_of_up().filter(is_open).map(|step| step.number);
        let unmade = up.made(up.steps.range(from - 1..up.steps.len()).filter(|step| Some(step.number) != open));
        let ran = || up.steps.range(0..from - 1).chain(open.and_then(|number| up.steps.get(number - 1)));
        let made = up.made(ran());
        let mut taken = Made::default();
        for step in ran().filter(is_ddl) {
            Parts::of(up.text_of(&step), step.modes).takes().for_each(|part| taken.add_part(part.clone()));
        }
        Halfway { made, taken, unmade }
    }

    /// A statement that drops, or replaces, a table or view which is there and which the up has not made: so it was there
    /// before. One that takes back nothing but what the up never came to make is left out instead.
    fn takes_others(&self, step: &Step, halfway: &Halfway) -> bool {
        let parts = Parts::of(&self.text[step.span.clone()], step.modes);
        let replaces = matches!(&step.action, Action::Ddl(ddl) if ddl.or_replace && ddl.object == Object::Table);
        let replaced = parts.makes.iter().filter(|_| replaces);
        let is_there = |part: &Part| part.relation().is_some_and(|name| self.present.has(name));
        let mut gone = parts.drops.iter().chain(replaced);
        gone.any(|part| is_there(part) && !halfway.made.holds(part)) && !halfway.is_for_nothing(&parts)
    }

    /// The statements of the down that take back nothing but what the up never came to. If there is something of that name, it
    /// was there before.
    fn never_made(&self, steps: &Steps, halfway: &Halfway, doubts: &Doubts) -> Vec<usize> {
        let is_for_nothing =
            |step: &Step| halfway.is_for_nothing(&Parts::of(&self.text[step.span.clone()], step.modes));
        let over = self.over();
        let may_go = |step: &Step| !over.contains(&step.number) && !doubts.contains_key(&step.number);
        steps.iter().filter(is_ddl).filter(may_go).filter(is_for_nothing).map(|step| step.number).collect()
    }

    /// Where the up is not known any more: what this down has gone past without a row was left out, and stays so.
    fn left_out_before(&self, steps: &Steps) -> Vec<usize> {
        let (Down::Script(text) | Down::WithoutSecrets(text)) = &self.open.down else { return Vec::new() };
        if self.open.direction == Direction::Up {
            return Vec::new();
        }
        let Ok(before) = preflight::steps("", text, self.modes) else { return Vec::new() };
        let over = self.over();
        let is_same = |step: &Step| {
            let now = secrets::cut(&self.text[step.span.clone()]);
            before.get(step.number - 1).is_some_and(|then| secrets::cut(&text[then.span]) == now)
        };
        let passed = steps.range(0..self.open.resume_at() - 1).filter(is_ddl);
        passed.filter(|step| !over.contains(&step.number)).filter(is_same).map(|step| step.number).collect()
    }

    /// Adds the statements that are to run and remove, or write over, what holds rows now.
    fn holding(&self, steps: &Steps, own: &OwnRows, side: &mut Side<'_>, doubts: &mut Doubts) -> Result<()> {
        let over = self.over();
        let resumes = if self.open.direction == Direction::Down { self.open.resume_at() } else { 1 };
        let mut stage = Stage::new(self.present.clone());
        let mut shapes = HashSet::new();
        let mut found = Vec::new();
        for step in steps.iter().filter(|step| !over.contains(&step.number)) {
            let is_left_out = matches!(step.action, Action::LeaveOut(_));
            // What a session held is gone with it: a temporary table hides none any more.
            let is_gone = matches!(step.action, Action::Session) && step.number < resumes;
            if is_left_out || is_gone || step.shape.is_some_and(|shape| !shapes.insert(shape)) {
                continue;
            }
            let effects = Effects::of(&self.text[step.span.clone()], step.modes);
            if effects.changes_names() {
                shapes.clear();
            }
            found.extend(stage.lost(&effects).into_iter().map(|(_, lost)| (step.number, lost)));
            stage.take(&effects);
        }
        found.retain(|(_, lost)| lost.table().is_none_or(|table| !own.is_of_down(table)));
        let questions: Vec<Counted> =
            found.iter().filter_map(|(_, lost)| losses::question(lost, &self.present)).collect();
        let mut counted = side.count(&questions)?.into_iter();
        for (number, lost) in found {
            let rows = match losses::question(&lost, &self.present) {
                Some(_) => counted.next().flatten(),
                None => Some(Rows::Unknown),
            };
            let Some(rows) = rows.filter(|rows| !rows.is_none() && !own.hold(&lost, *rows)) else { continue };
            doubts.entry(number).or_default().removes.push((lost, rows));
        }
        Ok(())
    }
}

/// ER_DB_CREATE_EXISTS, ER_TABLE_EXISTS_ERROR, ER_SP_ALREADY_EXISTS, ER_TRG_ALREADY_EXISTS, ER_EVENT_ALREADY_EXISTS. And
/// of a part of a table ER_DUP_FIELDNAME, ER_DUP_KEYNAME, ER_MULTIPLE_PRI_KEY, ER_FK_DUP_NAME, ER_CHECK_CONSTRAINT_DUP_NAME: a
/// CREATE TABLE with one of these names the part twice itself.
fn is_there_already(step: &StepRow, modes: Modes) -> bool {
    let said = step.error.as_deref().unwrap_or_default();
    match said.split(' ').next().unwrap_or_default() {
        "1007" | "1050" | "1304" | "1359" | "1537" => true,
        "1060" | "1061" | "1068" | "1826" | "3822" => adds_a_part(&step.head, modes),
        "1005" if error_code::is_foreign_key_there(said) => adds_a_part(&step.head, modes),
        _ => false,
    }
}

fn is_visible(step: &StepRow, modes: Modes) -> bool {
    matches!(StatementKind::of(&step.head, modes), StatementKind::Ddl(ddl) if evidence::is_visible(&ddl))
}

fn adds_a_part(sql: &str, modes: Modes) -> bool {
    match StatementKind::of(sql, modes) {
        StatementKind::Ddl(ddl) => ddl.verb == "ALTER" || ddl.verb == "CREATE" && ddl.object == Object::Index,
        _ => false,
    }
}
