//! Nothing that holds rows goes without being announced or asked about: pairs of up and down that move, copy, rename,
//! swap, replace or hide rows, run whole and stopped at every statement. Before each undo, what it announces is compared
//! with what is then gone.

mod columns;
mod copies;
mod databases;
mod hidden;
mod oracle;
mod own_rows;
mod pair;
mod renames;
mod rows;
mod storage;
mod trial;

use crate::support::server::{Server, on_each};
use pair::Pair;

/// Runs pairs on one server. UTURN_TEST_PAIR runs those alone whose name contains it, and shows each output.
fn hold(server: &Server, pairs: &[Pair]) {
    let kind = server.kind;
    let (found, tally) = trial::run_all(server, pairs);
    println!("{kind}: {} pairs, {tally:?}", pairs.iter().filter(|pair| pair.runs_on(kind)).count());
    assert!(found.is_empty(), "{} faults\n{}", found.len(), found.join("\n"));
}

on_each!(of_columns, |db| hold(&db.server, columns::PAIRS));
on_each!(of_copies, |db| hold(&db.server, copies::PAIRS));
on_each!(of_databases, |db| hold(&db.server, databases::PAIRS));
on_each!(of_hidden, |db| hold(&db.server, hidden::PAIRS));
on_each!(of_own_rows, |db| hold(&db.server, own_rows::PAIRS));
on_each!(of_renames, |db| hold(&db.server, renames::PAIRS));
on_each!(of_rows, |db| hold(&db.server, rows::PAIRS));
on_each!(of_storage, |db| hold(&db.server, storage::PAIRS));
