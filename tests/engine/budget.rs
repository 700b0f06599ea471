//! What a migration costs, in commits and round trips. Counts do not depend on a noisy machine.

use crate::support::app::{Folder, run};
use crate::support::proxy::Proxy;
use crate::support::server::{Db, on_each};

/// What a run sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cost {
    /// Explicit ones; DDL is one by itself.
    commits: usize,
    /// Commands. Each is answered before the next one is sent.
    round_trips: usize,
}

fn cost(folder: &Folder, db: &Db, words: &str) -> Cost {
    let proxy = Proxy::start(&db.server.address(), "", 0);
    run(folder.command(db, words).env("DATABASE_URL", proxy.url(db))).exits(0);
    let commits = |text: &String| text.split("; ").filter(|statement| statement.trim() == "COMMIT").count();
    Cost { commits: proxy.queries().iter().map(commits).sum(), round_trips: proxy.seen() }
}

fn tables(from: usize, to: usize, folder: &Folder) {
    for n in from..=to {
        folder.pair(&stem(n, "t"), &format!("CREATE TABLE t{n} (a INT);"), &format!("DROP TABLE t{n};"));
    }
}

fn stem(n: usize, word: &str) -> String {
    format!("202601010{}{:02}{:02}-{word}{n}", n / 3600, n / 60 % 60, n % 60)
}

// What each further migration of one CREATE TABLE costs.
on_each!(a_migration_of_one_ddl_takes_two_commits_and_a_fixed_number_of_round_trips, |db| {
    let folder = Folder::new();
    // The tables of uturn are made.
    tables(1, 1, &folder);
    cost(&folder, db, "up");
    let mut costs = Vec::new();
    let mut last = 1;
    for count in [1, 2, 20] {
        tables(last + 1, last + count, &folder);
        last += count;
        costs.push((count, cost(&folder, db, "up")));
    }
    println!("{}: {costs:?}", db.server.kind);
    let (one, two, twenty) = (costs[0].1, costs[1].1, costs[2].1);
    // One of its own, beside that of the DDL itself: its row in the history and the next intent share it.
    assert_eq!((two.commits - one.commits, twenty.commits - one.commits), (1, 19));
    // The intent, the statement behind it, and the evidence for the next one: one less than the statement and its row take.
    assert_eq!((two.round_trips - one.round_trips, twenty.round_trips - one.round_trips), (1, 19));
});

// What each further table costs that is made, filled and altered, in three migrations.
on_each!(rows_in_front_of_ddl_share_its_commit, |db| {
    let folder = Folder::new();
    let made = |from: usize, to: usize| {
        for n in from..=to {
            let pair = |at: usize, word: &str, up: String| folder.pair(&stem(3 * n + at, word), &up, "SELECT 1;");
            pair(0, "make", format!("CREATE TABLE t{n} (a INT);"));
            pair(1, "fill", format!("INSERT INTO t{n} VALUES (1), (2);"));
            pair(2, "alter", format!("ALTER TABLE t{n} ADD b INT;"));
        }
        cost(&folder, db, "up")
    };
    made(1, 1);
    let (one, ten) = (made(2, 2), made(3, 12));
    println!("{}: {one:?}, {ten:?}", db.server.kind);
    // The table's row in the history with the next intent, or before the rows; theirs with the next intent.
    assert_eq!(ten.commits - one.commits, 9 * 3);
    // Each statement rides. On MySQL the check of what is to run takes one more behind each statement for a table that is
    // not there yet.
    let each = if db.server.kind == "mysql" { 4 } else { 3 };
    assert_eq!(ten.round_trips - one.round_trips, 9 * each);
});

on_each!(a_run_with_nothing_to_do_costs_the_same_for_10_and_for_1000_applied, |db| {
    let folder = Folder::new();
    let mut costs = Vec::new();
    for (from, to) in [(1, 10), (11, 1000)] {
        for n in from..=to {
            folder.pair(&stem(n, "m"), "SELECT 1;", "SELECT 1;");
        }
        folder.uturn(db, "up").exits(0);
        costs.push((cost(&folder, db, "up"), cost(&folder, db, "status")));
    }
    println!("{}: nothing to do, status: {:?}", db.server.kind, costs[0]);
    assert_eq!(costs[0], costs[1]);
    assert_eq!(costs[0].0, Cost { commits: 0, round_trips: 1 });
    // What protects it is read by itself.
    folder.uturn(db, "protect").exits(0);
    assert_eq!(cost(&folder, db, "status"), Cost { commits: 0, round_trips: 2 });
});
