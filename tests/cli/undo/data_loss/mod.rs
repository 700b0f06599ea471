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

use crate::support::server::servers;
use pair::Pair;

/// Runs pairs on one server, if it is there. UTURN_TEST_PAIR runs those alone whose name contains it, and shows each
/// output.
fn hold(kind: &str, pairs: &[Pair]) {
    for server in servers().iter().filter(|server| server.kind == kind) {
        let (found, tally) = trial::run_all(server, pairs);
        println!("{kind}: {} pairs, {tally:?}", pairs.iter().filter(|pair| pair.runs_on(kind)).count());
        assert!(found.is_empty(), "{} faults\n{}", found.len(), found.join("\n"));
    }
}

/// One test a list and server, so that they run side by side.
macro_rules! each_of {
    ($($list:ident),*) => {
        mod on_mariadb {
            $(#[test] fn $list() { super::hold("mariadb", super::$list::PAIRS); })*
        }
        mod on_mysql {
            $(#[test] fn $list() { super::hold("mysql", super::$list::PAIRS); })*
        }
    };
}

each_of!(columns, copies, databases, hidden, own_rows, renames, rows, storage);
