//! The history is refinery's: an application that embeds refinery with the same names agrees with uturn, both ways.

use crate::support::app::{Folder, uturn};
use crate::support::server::on_each;
use refinery::{Migration, Runner};

const STEMS: [&str; 2] = ["20260101000000-add-notes", "20260102000000_add_dates"];
const UPS: [&str; 2] = ["CREATE TABLE notes (id INT);\n", "CREATE TABLE dates (d DATE); -- é\n"];

fn folder() -> Folder {
    Folder::with(&[(STEMS[0], UPS[0], "DROP TABLE notes;\n"), (STEMS[1], UPS[1], "DROP TABLE dates;\n")])
}

/// The migrations as an application would embed them: refinery's names, with `_`.
fn runner() -> Runner {
    let names = ["V20260101000000__add_notes", "V20260102000000__add_dates"];
    let migrations: Vec<Migration> =
        names.iter().zip(UPS).map(|(name, sql)| Migration::unapplied(name, sql).expect("refinery's form")).collect();
    Runner::new(&migrations)
}

on_each!(stock_refinery_finds_nothing_to_do_after_uturn, |db| {
    folder().uturn(db, "up").exits(0);
    let report = runner().run(&mut db.conn()).expect("refinery agrees on names and checksums");
    assert!(report.applied_migrations().is_empty());
    assert_eq!(db.history(), ["20260101000000|add_notes", "20260102000000|add_dates"]);
});

on_each!(uturn_takes_over_what_stock_refinery_has_run_and_can_undo_it, |db| {
    runner().run(&mut db.conn()).expect("refinery runs");
    let folder = folder();
    folder.uturn(db, "status --exit-code").exits(0).says("2 applied, 0 pending");
    folder.uturn(db, "undo").exits(0).says(STEMS[1]);
    assert_eq!(db.tables(), ["notes"]);
    let report = runner().run(&mut db.conn()).expect("refinery runs what was undone");
    assert_eq!(report.applied_migrations().len(), 1);
    folder.uturn(db, "undo --all --yes").exits(0);
    assert!(db.tables().is_empty());
    uturn(db, "status").exits(0).says("0 applied, 24 pending");
});
