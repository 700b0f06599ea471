//! A migration that holds comments only. It stops the whole folder, unless it says that it is meant: `-- uturn: nothing: REASON`.

use crate::support::app::Folder;
use crate::support::server::on_each;

const A: &str = "20260101000000-a";
const B: &str = "20260102000000-b";
const SAYS: &str = "-- done by hand in 2019\n-- uturn: nothing: its number is in the history of others\n";

fn with(up: &str, down: &str) -> Folder {
    Folder::with(&[(A, up, down), (B, "CREATE TABLE b (id INT PRIMARY KEY);\n", "DROP TABLE b;\n")])
}

on_each!(a_migration_that_says_so_does_nothing_and_is_recorded, |db| {
    for (up, down) in [
        (SAYS, SAYS),
        (SAYS, "-- UTURN: Nothing: see its up\n"),
        ("# uturn: nothing: x\r\n", SAYS),
        ("\u{feff}-- uturn: nothing: x", SAYS),
        (SAYS, "SELECT 1;\n"),
    ] {
        let folder = with(up, down);
        folder.uturn(db, "check").exits(0).says("0 findings");
        folder.uturn(db, "up --dry-run").exits(0).says("CREATE TABLE b");
        folder.uturn(db, "plan").exits(0).says("CREATE TABLE b");
        folder.uturn(db, "prove").exits(0).says("2 proven");
        folder.uturn(db, "prove --partial").exits(0);
        folder.uturn(db, "up --steps 1").exits(0).says(&format!("applied  {A}")).says("0 statements");
        folder.uturn(db, "up").exits(0).says(&format!("applied  {B}")).never_says(A);
        folder.uturn(db, "status --exit-code").exits(0).says("2 applied, 0 pending");
        folder.uturn(db, "redo --steps 2").exits(0);
        folder.uturn(db, "undo --all --yes").exits(0).says(&format!("undone   {A}"));
        assert!(db.history().is_empty() && db.tables().is_empty());
    }
    // The down that is kept does nothing, too.
    let folder = with(SAYS, SAYS);
    folder.uturn(db, "up").exits(0);
    folder.remove(A);
    folder.uturn(db, "undo --steps 2").exits(0).says(&format!("undone   {A}"));
});

on_each!(one_that_does_not_say_so_is_refused_with_the_line_that_would, |db| {
    for (up, down, said) in [
        ("-- nothing yet\n", "SELECT 0;\n", "if it is meant to do nothing, say why: `-- uturn: nothing: REASON`"),
        ("", "SELECT 0;\n", "`-- uturn: nothing: REASON`"),
        (" ;\n", SAYS, "`-- uturn: nothing: REASON`"),
        (SAYS, "-- nothing\n", "as its up does nothing, it says the same: `-- uturn: nothing: REASON`"),
        ("-- uturn: nothing\n", SAYS, "`nothing` needs a reason: `-- uturn: nothing: REASON`"),
        ("-- uturn: nothing:\n", SAYS, "`nothing` needs a reason"),
        ("SELECT 1;\n", SAYS, "says that it does nothing, but its up does something"),
        ("-- uturn: nothing: x\nSELECT 1;\n", "SELECT 0;\n", "this one has some"),
        (SAYS, "-- uturn: nothing: x\nSELECT 1;\n", "this one has some"),
    ] {
        let folder = with(up, down);
        folder.uturn(db, "up").exits(2).says(said).says("nothing has been changed");
        folder.uturn(db, "check").exits(1).says(said.split(": `").next().expect("a part"));
        assert!(db.tables().is_empty());
    }
    // Nor is it read in a string, or where nobody is addressed.
    with("SELECT '-- uturn: nothing: x';\n", "SELECT 0;\n").uturn(db, "up --steps 1").exits(0);
});
