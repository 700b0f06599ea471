//! What a script does to its session, to the server, and outside of its own database.

use std::collections::BTreeMap;

use crate::lint::finding::{Hit, Risk};
use crate::lint::read::{What, key};
use crate::lint::script::Script;
use crate::lint::statement::{Statement, other_database};
use crate::migration::name::Direction;
use crate::script::lexer::Modes;
use crate::statement::class::{Hazard, Kind, Transaction};
use crate::statement::ddl::Object;
use crate::statement::tree::{Assignment, Scope};

/// What `up` and `undo` refuse to run.
pub(crate) fn refused(sql: &str, modes: Modes, kind: &Kind) -> Option<Risk> {
    let hazards = crate::statement::class::hazards(kind, sql, modes);
    let is_refused = |hazard: &Hazard| match hazard {
        // Left out, with a note.
        Hazard::Autocommit => false,
        Hazard::Rollback
        | Hazard::Xa
        | Hazard::BinlogOff
        | Hazard::GtidNext
        | Hazard::ReleasesLocks
        | Hazard::AutocommitAmongOthers
        | Hazard::MixedScopes
        | Hazard::NextTransaction => true,
    };
    match hazards.into_iter().find(is_refused) {
        Some(hazard) => Some(Risk::Refused(hazard)),
        None => (*kind == Kind::LoadLocal).then_some(Risk::LoadLocal),
    }
}

/// Everything of this family in a script.
pub(crate) fn look(script: &Script, up: &Script, hits: &mut Vec<Hit>) {
    let made = up.databases(&What::Create(Object::Database, None));
    settings(script, hits);
    let mut open = None;
    for statement in &script.statements {
        let mut hit = |offset, risk| hits.push(Hit { direction: script.direction, offset, risk });
        match &statement.kind {
            Kind::Transaction(Transaction::Begin | Transaction::CommitAndChain) => open = Some(statement.at),
            Kind::Transaction(Transaction::Commit) | Kind::Maintenance => open = None,
            Kind::Ddl(ddl) if open.take().is_some() => {
                hit(statement.at, Risk::ImplicitCommit(ddl.verb.clone()));
            }
            Kind::Global => {
                let name =
                    assignments(statement).into_iter().find(|set| set.is_global).map_or_else(String::new, |s| s.name);
                hit(statement.at, Risk::SetGlobal(name));
            }
            _ => {}
        }
        // One that the migration itself makes has that name everywhere.
        if let Some((offset, name)) = other_database(statement).filter(|(_, name)| !made.contains(&key(name))) {
            hit(offset, Risk::OtherDatabase(name));
        }
        if let Some((offset, account)) = definer(statement) {
            hit(offset, Risk::Definer(account));
        }
        let is_asked = |table: &str| script.direction == Direction::Up && !script.drops_after(table, statement.at);
        if let Some((offset, table, engine)) = engine(statement).filter(|(_, table, _)| is_asked(table)) {
            hit(offset, Risk::NoTransactions { table, engine });
        }
    }
    if let Some(offset) = open {
        hits.push(Hit { direction: script.direction, offset, risk: Risk::OpenTransaction });
    }
}

/// Session variables that are set, and not set to anything else up to the end.
fn settings(script: &Script, hits: &mut Vec<Hit>) {
    let mut first: BTreeMap<String, (usize, String)> = BTreeMap::new();
    let mut left: BTreeMap<String, bool> = BTreeMap::new();
    for statement in script.statements.iter().filter(|statement| statement.kind == Kind::Session) {
        for set in assignments(statement).into_iter().filter(|set| !set.is_global && key(&set.name) != "autocommit") {
            let name = key(&set.name);
            let before = first.entry(name.clone()).or_insert_with(|| (set.at, set.value.clone()));
            let is_default = set.value.eq_ignore_ascii_case("default");
            left.insert(name, before.1 == set.value && !is_default);
        }
    }
    for (name, _) in left.into_iter().filter(|(_, is_left)| *is_left) {
        let offset = first[&name].0;
        hits.push(Hit { direction: script.direction, offset, risk: Risk::SessionSetting(name) });
    }
}

/// Whether foreign_key_checks is on after a statement, if it says so.
pub(crate) fn foreign_key_checks(statement: &Statement) -> Option<bool> {
    let set = assignments(statement).into_iter().rfind(|set| key(&set.name) == "foreign_key_checks")?;
    Some(!["0", "off", "false", "'off'"].contains(&set.value.to_lowercase().as_str()))
}

struct Set {
    at: usize,
    name: String,
    is_global: bool,
    value: String,
}

/// `SET a = 1, GLOBAL b = 2, @@session.c := 3`; not user variables, and not the forms without a variable.
fn assignments(statement: &Statement) -> Vec<Set> {
    let tokens = &statement.tree.tokens;
    let set = |one: &Assignment| {
        let value = one.value.clone().filter(|_| one.scope != Scope::User)?;
        Some(Set {
            at: statement.at + tokens[one.tokens.start].at,
            name: one.name.plain(),
            is_global: one.scope == Scope::Global,
            value: tokens[value].iter().map(|token| token.text).collect(),
        })
    };
    statement.tree.assignments().iter().filter_map(set).collect()
}

/// `DEFINER = account` in the head of a CREATE or ALTER.
fn definer(statement: &Statement) -> Option<(usize, String)> {
    let Kind::Ddl(_) = statement.kind else { return None };
    let head = &statement.tree.tokens[..statement.tree.tokens.len().min(16)];
    let at = head
        .iter()
        .position(|token| token.is_word("DEFINER"))
        .filter(|at| head.get(at + 1).is_some_and(|t| t.is("=")))?;
    let account: Vec<&str> = head[at + 2..].iter().take(3).map(|token| token.text).collect();
    let name = account.first()?;
    let is_whoever_runs = ["current_user", "current_role"].contains(&key(name).as_str());
    let spelled = if account.get(1) == Some(&"@") { account.concat() } else { (*name).to_owned() };
    (!is_whoever_runs).then_some((statement.at + head[at].at, spelled))
}

/// `ENGINE = X` of an engine without transactions, behind CREATE or ALTER TABLE.
fn engine(statement: &Statement) -> Option<(usize, String, String)> {
    const WITHOUT: &[&str] =
        &["myisam", "aria", "memory", "heap", "csv", "archive", "merge", "mrg_myisam", "blackhole"];
    let is_of_table = |what: &What| matches!(what, What::CreateTable(_) | What::Other);
    let table = statement.changes.iter().find(|change| is_of_table(&change.what))?.object.clone();
    let (at, engine) = statement.tree.engine()?;
    WITHOUT.contains(&key(engine).as_str()).then(|| (statement.at + at, table, engine.to_owned()))
}
