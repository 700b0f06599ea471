//! A down that changes nothing is said to be one, before it is recorded as undone.

use crate::support::app::Folder;
use crate::support::server::on_each;

const IDLE: &str = "20260101000000-idle";
const REAL: &str = "20260102000000-real";
const BOTH: &str = "20260103000000-both";

on_each!(undo_says_which_downs_change_nothing, |db| {
    let folder = Folder::with(&[
        (IDLE, "CREATE TABLE a (x INT);", "SELECT 1; SET @a = 1; DO 0;"),
        (REAL, "CREATE TABLE b (x INT);", "SELECT 1; DROP TABLE b;"),
        (BOTH, "SELECT 1;", "SELECT 1;"),
    ]);
    folder.uturn(db, "up").exits(0);
    let told = format!("the down of `{IDLE}` changes nothing");
    for words in ["undo --all --dry-run", "plan undo --all"] {
        folder.uturn(db, words).says(&told).never_says(&format!("the down of `{REAL}`"));
    }
    let json = format!(r#""event":"note","migration":"{IDLE}","note":"down_does_nothing""#);
    let undo = folder.uturn(db, "undo --all --yes --json").exits(0).says(&json);
    assert_eq!(undo.out.matches("down_does_nothing").count() + undo.err.matches("down_does_nothing").count(), 1);
    assert_eq!(db.tables(), ["a"]);
    // What a user would meet next.
    folder.uturn(db, "up").exits(5).says("1050");
});

on_each!(one_undo_says_it_too, |db| {
    let folder = Folder::with(&[(IDLE, "CREATE TABLE a (x INT);", "DO 0;")]);
    folder.uturn(db, "up").exits(0);
    let told = format!("the down of `{IDLE}` changes nothing: it is recorded as undone, and what its up did stays");
    folder.uturn(db, "undo").exits(0).says(&told);
});
