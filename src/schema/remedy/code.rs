//! Views, routines, triggers, events, sequences and the database itself: dropped, and created again as they were.

use crate::schema::remedy::statement::{Statement, drop};
use crate::schema::snapshot::{Code, Definition, Kind, Object, Snapshot};
use std::collections::BTreeMap;

/// What stands in the way of tables, and what they need.
pub(super) fn before_tables(before: &Snapshot, now: &Snapshot) -> Vec<Statement> {
    let mut found: Vec<Statement> = made(before, now, Kind::Database).collect();
    let (dropped, _) = triggers(before, now);
    found.extend(dropped.into_iter().map(|object| Statement::new(object, drop(object))));
    for kind in [Kind::View, Kind::Event, Kind::Procedure, Kind::Function, Kind::PackageBody, Kind::Package] {
        let goes = codes(now).filter(|(object, is)| object.kind == kind && goes(object, is, before));
        found.extend(goes.map(|(object, _)| Statement::new(object, drop(object))));
    }
    let sequences = codes(now).filter(|(object, is)| object.kind == Kind::Sequence && goes(object, is, before));
    found.extend(sequences.map(|(object, _)| Statement::new(object, drop(object))));
    found.extend(made(before, now, Kind::Sequence));
    found
}

/// What is made of tables.
pub(super) fn after_tables(before: &Snapshot, now: &Snapshot) -> Vec<Statement> {
    let kinds = [Kind::Package, Kind::PackageBody, Kind::Function, Kind::Procedure, Kind::View, Kind::Event];
    let mut found: Vec<Statement> = kinds.iter().flat_map(|kind| made(before, now, *kind)).collect();
    found.extend(triggers(before, now).1.into_iter().map(|(object, code)| create(object, code)));
    found
}

fn codes(of: &Snapshot) -> impl Iterator<Item = (&Object, &Code)> {
    of.objects.iter().filter_map(|(object, definition)| match definition {
        Definition::Code(code) => Some((object, code)),
        Definition::Table(_) => None,
    })
}

fn code<'s>(of: &'s Snapshot, object: &Object) -> Option<&'s Code> {
    codes(of).find(|(other, _)| *other == object).map(|(_, code)| code)
}

/// It is left over, or cannot be changed in its place.
fn goes(object: &Object, is: &Code, before: &Snapshot) -> bool {
    match code(before, object) {
        None => true,
        Some(was) => object.kind != Kind::View && !was.is_like(is),
    }
}

fn made<'s>(before: &'s Snapshot, now: &'s Snapshot, kind: Kind) -> impl Iterator<Item = Statement> + 's {
    let of_kind = codes(before).filter(move |(object, _)| object.kind == kind);
    let missing = of_kind.filter(|(object, was)| !code(now, object).is_some_and(|is| was.is_like(is)));
    missing.map(|(object, code)| create(object, code))
}

fn create(object: &Object, code: &Code) -> Statement {
    let setting = (code.setting != Default::default()).then(|| code.setting.clone());
    let sql = match object.kind {
        Kind::View => code.definition.replacen("CREATE ", "CREATE OR REPLACE ", 1),
        Kind::Event => event(code),
        Kind::Database
        | Kind::Table
        | Kind::Sequence
        | Kind::Procedure
        | Kind::Function
        | Kind::Package
        | Kind::PackageBody
        | Kind::Trigger => code.definition.clone(),
    };
    Statement { setting, ..Statement::new(object, sql) }
}

/// Its definition has no times: the moments are these of its schedule, in the order STARTS, ENDS, or the one of AT.
fn event(code: &Code) -> String {
    let literal = |at: &str| format!("'{at}'");
    if let (true, Some(at)) = (code.definition.contains(" ON SCHEDULE AT …"), code.moments.first()) {
        return code.definition.replacen(" ON SCHEDULE AT …", &format!(" ON SCHEDULE AT {}", literal(&at.at)), 1);
    }
    let times = [" STARTS ", " ENDS "].iter().zip(&code.moments);
    // One that begins when it is made has named no time.
    let named = times.filter(|(word, moment)| **word == " ENDS " || moment.after.abs() > 1);
    let named: String = named.map(|(word, moment)| format!("{word}{}", literal(&moment.at))).collect();
    code.definition.replacen(" ON COMPLETION ", &format!("{named} ON COMPLETION "), 1)
}

/// A trigger and how it is made.
type Trigger<'s> = (&'s Object, &'s Code);

/// The triggers to drop, and those to create: of each table, time and event from the first turn on that is not as it was, since
/// CREATE TRIGGER gives the last turn.
fn triggers<'s>(before: &'s Snapshot, now: &'s Snapshot) -> (Vec<&'s Object>, Vec<Trigger<'s>>) {
    let (was, is) = (by_turn(before), by_turn(now));
    let (mut dropped, mut made) = (Vec::new(), Vec::new());
    let mut turns: Vec<&str> = was.keys().chain(is.keys()).copied().collect();
    turns.sort_unstable();
    turns.dedup();
    for turn in turns {
        let none = Vec::new();
        let (was, is) = (was.get(turn).unwrap_or(&none), is.get(turn).unwrap_or(&none));
        let is_same = |(a, b): &(&Trigger<'_>, &Trigger<'_>)| a.0 == b.0 && a.1.is_like(b.1);
        let same = was.iter().zip(is).take_while(is_same).count();
        dropped.extend(is[same..].iter().map(|(object, _)| *object));
        made.extend(was[same..].iter().copied());
    }
    (dropped, made)
}

/// By what stands between name and body: `BEFORE INSERT ON t`.
fn by_turn(of: &Snapshot) -> BTreeMap<&str, Vec<Trigger<'_>>> {
    let mut found: BTreeMap<&str, Vec<Trigger<'_>>> = BTreeMap::new();
    for (object, code) in codes(of).filter(|(object, _)| object.kind == Kind::Trigger) {
        let name = crate::statement::names::quoted(&object.name);
        let head = code.definition.split_once(&format!(" TRIGGER {name} ")).map_or("", |(_, rest)| rest);
        found.entry(head.split(" FOR EACH ROW ").next().unwrap_or_default()).or_default().push((object, code));
    }
    found.values_mut().for_each(|list| list.sort_by_key(|(_, code)| code.setting.turn));
    found
}
