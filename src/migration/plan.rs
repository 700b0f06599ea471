//! The only place where order is decided: files + history + request -> what would run, or why nothing may.

pub use crate::migration::refusal::{Edited, Newer, Refusal};
pub use crate::migration::state::{Alike, Applied, Known, Likeness, Open, Row, State};

use crate::migration::name::{Direction, Name, Version};
use crate::migration::pair::Fault;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;

/// How far `up` goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UpTo {
    /// Everything that is pending.
    Everything,
    /// The oldest N that are pending.
    Steps(NonZeroUsize),
    /// Everything up to and including the migration that fits.
    Target(String),
}

/// How far an undo goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Back {
    /// The newest N.
    Steps(NonZeroUsize),
    /// From the newest down to and including the migration that fits.
    To(String),
    /// The same, but that migration stays.
    Keep(String),
    /// Everything.
    All,
    /// The newest one, as nobody has said which.
    Newest,
    /// These, newest first.
    Each(Vec<Version>),
}

/// What to do with a pending migration that is older than the newest applied one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Late {
    /// Run it, as Sequelize does.
    Run,
    /// Refuse the whole run.
    Refuse,
}

/// Everything that is known of every migration, in time order.
pub fn survey(files: &[Known], history: &[Applied], open: Option<&Open>) -> Vec<Row> {
    let newest = history.iter().map(|a| a.version).max();
    let applied: BTreeMap<Version, &Applied> = history.iter().map(|a| (a.version, a)).collect();
    let applied_on = |version| applied.get(&version).map(|a| a.applied_on.clone());
    let mut rows: BTreeMap<Version, Row> = BTreeMap::new();
    for file in files {
        let version = file.name.version();
        let state = match applied.get(&version) {
            Some(applied) => file.state(applied),
            None if !file.faults.is_empty() => State::Faulty(file.faults.clone()),
            None if newest.is_some_and(|newest| version < newest) => State::Late,
            None => State::Pending,
        };
        let applied_as = applied.get(&version).and_then(|row| file.applied_as(row));
        rows.insert(version, Row { name: file.name.clone(), state, applied_on: applied_on(version), applied_as });
    }
    for (&version, applied) in &applied {
        rows.entry(version).or_insert_with(|| Row {
            name: Name::from_history(version, &applied.name),
            state: State::Missing,
            applied_on: applied_on(version),
            applied_as: None,
        });
    }
    if let Some(open) = open {
        let state = if open.in_doubt { State::InDoubt(open.clone()) } else { State::Stopped(open.clone()) };
        let version = open.name.version();
        let name = rows.get(&version).map_or(&open.name, |row| &row.name).clone();
        rows.insert(version, Row { name, state, applied_on: applied_on(version), applied_as: None });
    }
    rows.into_values().collect()
}

/// What `up` would run, oldest first. A migration that stopped part-way comes first, whatever its place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UpPlan {
    /// To run, in this order.
    pub run: Vec<Name>,
    /// Those of them that are older than the newest applied one.
    pub late: Vec<Name>,
}

/// Plans an `up`. `unnamed`: files that may belong to any migration, so that none may run.
pub fn up(rows: &[Row], unnamed: &[Fault], request: &UpTo, late: Late) -> Result<UpPlan, Refusal> {
    let limit = match request {
        UpTo::Target(target) => Some(resolve(rows, target)?.name.version()),
        UpTo::Everything | UpTo::Steps(_) => None,
    };
    let with = |wanted: fn(&State) -> bool| -> Vec<Name> {
        rows.iter().filter(|r| wanted(&r.state)).map(|r| r.name.clone()).collect()
    };
    let missing = with(|s| matches!(s, State::Missing));
    let edited: Vec<Edited> = rows.iter().filter(|row| row.state == State::Edited).map(Edited::of).collect();
    if !edited.is_empty() {
        return Err(Refusal::Edited(edited));
    }
    if !missing.is_empty() {
        return Err(Refusal::Missing(missing));
    }
    let mut plan = UpPlan::default();
    let mut faults = unnamed.to_vec();
    let mut fresh = Vec::new();
    for row in rows {
        let in_reach = limit.is_none_or(|limit| row.name.version() <= limit);
        match &row.state {
            State::Stopped(open) | State::InDoubt(open) => match open.direction {
                Direction::Up => plan.run.push(row.name.clone()),
                Direction::Down => return Err(Refusal::HalfUndone(open.clone())),
            },
            State::Faulty(why) if row.applied_on.is_some() => faults.extend(why.iter().cloned()),
            State::Pending | State::Late | State::Faulty(_) if in_reach => fresh.push(row),
            State::Pending | State::Late | State::Faulty(_) | State::Applied => {}
            State::Edited | State::EditedOutside | State::Missing => {}
        }
    }
    let steps = match request {
        UpTo::Steps(steps) => steps.get() - plan.run.len().min(steps.get()),
        UpTo::Everything | UpTo::Target(_) => usize::MAX,
    };
    fresh.truncate(steps);
    runnable(&fresh, faults)?;
    for row in fresh {
        if row.state == State::Late {
            plan.late.push(row.name.clone());
        }
        plan.run.push(row.name.clone());
    }
    if late == Late::Refuse && !plan.late.is_empty() {
        let newest = rows.iter().rfind(|r| r.applied_on.is_some()).expect("late means older than an applied one");
        return Err(Refusal::Late(plan.late, newest.name.clone()));
    }
    Ok(plan)
}

/// Refuses where one of them is faulty. Those before it can run.
fn runnable(fresh: &[&Row], mut faults: Vec<Fault>) -> Result<(), Refusal> {
    let stops_all = !faults.is_empty();
    let mut before = None;
    for row in fresh {
        match &row.state {
            State::Faulty(why) => faults.extend(why.iter().cloned()),
            State::Pending | State::Late if faults.is_empty() => before = Some(row.name.clone()),
            State::Pending | State::Late | State::Applied | State::Edited | State::EditedOutside => {}
            State::Missing | State::Stopped(_) | State::InDoubt(_) => {}
        }
    }
    match faults.is_empty() {
        true => Ok(()),
        false => Err(Refusal::Faulty(faults, before.filter(|_| !stops_all))),
    }
}

/// What an undo would take back, newest first. A migration that stopped part-way comes first, whatever its place.
pub fn undo(rows: &[Row], request: &Back) -> Result<Vec<Name>, Refusal> {
    let is_there = |row: &&Row| match row.state {
        State::Applied | State::Edited | State::EditedOutside | State::Missing => true,
        State::Stopped(_) | State::InDoubt(_) => true,
        State::Faulty(_) => row.applied_on.is_some(),
        State::Pending | State::Late => false,
    };
    let is_open = |row: &Row| matches!(row.state, State::Stopped(_) | State::InDoubt(_));
    let target = match request {
        Back::To(target) | Back::Keep(target) => {
            let row = resolve(rows, target)?;
            if !is_there(&row) {
                return Err(Refusal::NotApplied(row.name.clone()));
            }
            if let (Back::Keep(_), State::Stopped(open) | State::InDoubt(open)) = (request, &row.state) {
                return Err(Refusal::HalfKept(open.clone()));
            }
            Some(row.name.version())
        }
        Back::Steps(_) | Back::All | Back::Newest | Back::Each(_) => None,
    };
    let (mut order, rest): (Vec<&Row>, Vec<&Row>) = rows.iter().rev().filter(is_there).partition(|row| is_open(row));
    order.extend(rest);
    let names = order.into_iter();
    let chosen: Vec<Name> = match request {
        Back::All => names.map(|r| r.name.clone()).collect(),
        Back::Steps(steps) => names.take(steps.get()).map(|r| r.name.clone()).collect(),
        Back::Newest => names.take(1).map(|r| r.name.clone()).collect(),
        Back::Each(versions) => {
            names.filter(|r| is_open(r) || versions.contains(&r.name.version())).map(|r| r.name.clone()).collect()
        }
        Back::To(_) => {
            names.filter(|r| is_open(r) || Some(r.name.version()) >= target).map(|r| r.name.clone()).collect()
        }
        Back::Keep(_) => {
            names.filter(|r| is_open(r) || Some(r.name.version()) > target).map(|r| r.name.clone()).collect()
        }
    };
    Ok(chosen)
}

/// The one row that fits: a timestamp, a stem, or the beginning of one; where none does, a name without its timestamp, or the
/// beginning of one. `-` and `_` are the same here, since the history knows only `_`.
pub fn resolve<'a>(rows: &'a [Row], target: &str) -> Result<&'a Row, Refusal> {
    let wanted = target.replace('_', "-");
    if wanted.is_empty() {
        return Err(Refusal::Unknown(target.to_owned()));
    }
    let stem = |row: &Row| row.name.stem().replace('_', "-");
    let label = |row: &Row| row.name.history_name().replace('_', "-");
    let fitting = |fits: &dyn Fn(&Row) -> bool| -> Vec<&'a Row> { rows.iter().filter(|row| fits(row)).collect() };
    let mut fits = fitting(&|row| stem(row).starts_with(&wanted));
    if fits.is_empty() {
        fits = fitting(&|row| label(row) == wanted);
    }
    if fits.is_empty() {
        fits = fitting(&|row| label(row).starts_with(&wanted));
    }
    match fits.as_slice() {
        [] => Err(Refusal::Unknown(target.to_owned())),
        [one] => Ok(one),
        several => Err(Refusal::Ambiguous(target.to_owned(), several.iter().map(|r| r.name.clone()).collect())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(stem: &str) -> Known {
        Known { name: Name::parse(stem).expect("test stem"), checksum: Ok(7), faults: Vec::new(), alike: None }
    }

    fn applied(stem: &str) -> Applied {
        let name = known(stem).name;
        Applied {
            version: name.version(),
            name: name.history_name(),
            checksum: 7,
            applied_on: "2026-01-01T00:00:00Z".into(),
        }
    }

    const A: &str = "20260101000000-a";
    const B: &str = "20260102000000-b";
    const C: &str = "20260103000000-c";

    fn stems(names: &[Name]) -> Vec<&str> {
        names.iter().map(Name::stem).collect()
    }

    fn steps(n: usize) -> NonZeroUsize {
        NonZeroUsize::new(n).expect("not zero")
    }

    #[test]
    fn a_pending_one_older_than_the_newest_applied_runs_and_is_pointed_out() {
        let rows = survey(&[known(A), known(B), known(C)], &[applied(B)], None);
        let plan = up(&rows, &[], &UpTo::Everything, Late::Run).expect("plan");
        assert_eq!((stems(&plan.run), stems(&plan.late)), (vec![A, C], vec![A]));
        assert!(
            matches!(up(&rows, &[], &UpTo::Everything, Late::Refuse), Err(Refusal::Late(names, _)) if stems(&names) == [A])
        );
    }

    #[test]
    fn edited_and_missing_files_refuse_an_up_but_not_an_undo() {
        let mut edited = known(A);
        edited.checksum = Ok(8);
        let rows = survey(&[edited, known(B)], &[applied(A)], None);
        assert!(matches!(up(&rows, &[], &UpTo::Everything, Late::Run), Err(Refusal::Edited(_))));
        let rows = survey(&[known(B)], &[applied(A), applied(B)], None);
        assert!(matches!(up(&rows, &[], &UpTo::Everything, Late::Run), Err(Refusal::Missing(_))));
        assert_eq!(stems(&undo(&rows, &Back::All).expect("plan")), [B, A]);
    }

    #[test]
    fn undo_goes_from_the_newest_and_stops_where_it_was_told() {
        let rows = survey(&[known(A), known(B), known(C)], &[applied(A), applied(B), applied(C)], None);
        for (request, expected) in [
            (Back::Steps(steps(1)), vec![C]),
            (Back::Steps(steps(9)), vec![C, B, A]),
            (Back::To("20260102".into()), vec![C, B]),
            (Back::Keep("20260102000000_b".into()), vec![C]),
            (Back::Keep(C.into()), vec![]),
            (Back::All, vec![C, B, A]),
        ] {
            assert_eq!(stems(&undo(&rows, &request).expect("plan")), expected, "{request:?}");
        }
    }

    #[test]
    fn a_target_must_fit_exactly_one_and_be_applied() {
        let rows = survey(&[known(A), known(B), known(C)], &[applied(A), applied(C)], None);
        assert!(matches!(undo(&rows, &Back::To("2026".into())), Err(Refusal::Ambiguous(_, fits)) if fits.len() == 3));
        assert!(matches!(undo(&rows, &Back::To("".into())), Err(Refusal::Unknown(_))));
        assert!(matches!(undo(&rows, &Back::To("1999".into())), Err(Refusal::Unknown(_))));
        assert!(matches!(undo(&rows, &Back::To(B.into())), Err(Refusal::NotApplied(_))));
        assert_eq!(stems(&undo(&rows, &Back::To(A.into())).expect("a hole is no obstacle")), [C, A]);
    }

    #[test]
    fn what_stopped_part_way_comes_first() {
        let open =
            Open { name: known(B).name, direction: Direction::Up, statement: 2, of: 3, in_doubt: false, error: None };
        let rows = survey(&[known(A), known(B), known(C)], &[applied(C)], Some(&open));
        let plan = up(&rows, &[], &UpTo::Steps(steps(1)), Late::Run).expect("plan");
        assert_eq!(stems(&plan.run), [B]);
        assert_eq!(stems(&undo(&rows, &Back::Steps(steps(2))).expect("plan")), [B, C]);
        let open = Open { direction: Direction::Down, ..open };
        let rows = survey(&[known(A), known(B)], &[applied(B)], Some(&open));
        assert!(matches!(up(&rows, &[], &UpTo::Everything, Late::Run), Err(Refusal::HalfUndone(_))));
    }

    #[test]
    fn what_stopped_part_way_cannot_be_kept() {
        let open =
            Open { name: known(B).name, direction: Direction::Up, statement: 2, of: 3, in_doubt: false, error: None };
        for open in [open.clone(), Open { direction: Direction::Down, ..open.clone() }, Open { in_doubt: true, ..open }]
        {
            let rows = survey(&[known(A), known(B), known(C)], &[applied(A), applied(C)], Some(&open));
            assert_eq!(undo(&rows, &Back::Keep(B.into())), Err(Refusal::HalfKept(open)));
            assert_eq!(stems(&undo(&rows, &Back::Keep(A.into())).expect("it is whole")), [B, C]);
            assert_eq!(stems(&undo(&rows, &Back::Keep(C.into())).expect("it is whole")), [B]);
        }
    }

    #[test]
    fn up_to_a_target_leaves_the_newer_ones() {
        let rows = survey(&[known(A), known(B), known(C)], &[], None);
        assert_eq!(stems(&up(&rows, &[], &UpTo::Target(B.into()), Late::Run).expect("plan").run), [A, B]);
        assert_eq!(stems(&up(&rows, &[], &UpTo::Steps(steps(1)), Late::Run).expect("plan").run), [A]);
        assert!(matches!(up(&rows, &[], &UpTo::Target("3".into()), Late::Run), Err(Refusal::Unknown(_))));
    }
}
