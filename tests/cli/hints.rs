//! A command that a hint names is typed as it stands there, and does what the words say.

use crate::support::app::{Folder, Run};
use crate::support::live::Live;
use crate::support::proxy::Proxy;
use crate::support::server::{Db, on_each};

const H1: &str = "20260101000000-h1";
const H2: &str = "20260102000000-h2";
const H3: &str = "20260103000000-h3";
const H4: &str = "20260104000000-h4";

/// The commands that the hint names, in order.
fn commands(run: &Run) -> Vec<String> {
    let hint = run.err.split_once("hint: ").unwrap_or_else(|| panic!("no hint\n{}", run.err)).1;
    let quoted = hint.split('`').skip(1).step_by(2);
    quoted.filter_map(|words| words.strip_prefix("uturn ")).map(str::to_owned).collect()
}

/// Types them, with a yes for what is asked about rows.
fn type_in(folder: &Folder, db: &Db, commands: &[String]) {
    for words in commands {
        let words = if words.starts_with("undo") { format!("{words} --yes") } else { words.clone() };
        folder.uturn(db, &words).exits(0);
    }
}

on_each!(nobody_is_asked_to_fix_a_file_that_is_not_there, |db| {
    let files = Folder::of_tables(&[H1]);
    files.pair(H2, "CREATE TABLE h2 (n INT);\n", "DROP TABLE h2; DROP TABLE nosuch;\n");
    files.uturn(db, "up").exits(0);
    files.uturn(db, "undo").exits(5).says("statement 2 of the down file").says("`uturn undo --down-from-files`");
    files.remove(H2);
    files.uturn(db, "undo").exits(5).says(&format!("bring back both files of `{H2}`")).never_says("of the down file");
    db.exec("CREATE TABLE nosuch (n INT)");
    files.uturn(db, "undo").exits(0);

    let up = "CREATE TABLE h3 (n INT); INSERT INTO h1 VALUES (1); CREATE TABLE h1 (n INT);\n";
    files.pair(H3, up, "DELETE FROM h1; DROP TABLE h3;\n");
    files.uturn(db, "up").exits(5);
    files.uturn(db, "undo").exits(3).says("; or fix the up and run `uturn up`");
    files.remove(H3);
    files.uturn(db, "undo").exits(3).says("; or bring its files back, fix the up and run `uturn up`");
    files.uturn(db, "undo --down-data run").exits(0);
});

on_each!(what_has_no_file_is_undone_and_nothing_else_in_its_place, |db| {
    for (missing, there, back) in [
        (vec![H2], vec!["h1"], vec!["h1", "h3", "h4"]),
        (vec![H4], vec!["h1", "h2", "h3"], vec!["h1", "h2", "h3"]),
        (vec![H2, H3], vec!["h1"], vec!["h1", "h4"]),
    ] {
        let db = db.server.database();
        let folder = Folder::of_tables(&[H1, H2, H3, H4]);
        folder.uturn(&db, "up").exits(0);
        missing.iter().for_each(|stem| folder.remove(stem));
        let told =
            folder.uturn(&db, "up").exits(3).says("hint: is this the right folder (`--dir`), or the right binary?");
        let commands = commands(&told);
        type_in(&folder, &db, &commands[..1]);
        assert_eq!(db.tables(), there, "{missing:?}");
        type_in(&folder, &db, &commands[1..]);
        assert_eq!(db.tables(), back, "{missing:?}");
    }
});

on_each!(a_redo_of_what_has_no_file_names_no_undo, |db| {
    let folder = Folder::of_tables(&[H1, H2]);
    folder.uturn(db, "up").exits(0);
    folder.remove(H2);
    let told = folder.uturn(db, "redo").exits(3).says(&format!("migration `{H2}` has no file here"));
    assert!(commands(&told).is_empty());
    assert_eq!(db.tables(), ["h1", "h2"]);
});

on_each!(edited_files_run_as_they_are_now, |db| {
    let folder = Folder::of_tables(&[H1, H2, H3, H4]);
    folder.uturn(db, "up").exits(0);
    folder.pair(H3, "CREATE TABLE h3_new (n INT);\n", "DROP TABLE h3_new;\n");
    folder.pair(H2, "CREATE TABLE h2_new (n INT);\n", "DROP TABLE h2_new;\n");
    let commands = commands(&folder.uturn(db, "up").exits(3));
    assert_eq!(commands[0], "new NAME");
    type_in(&folder, db, &commands[1..]);
    assert_eq!(db.tables(), ["h1", "h2_new", "h3_new", "h4"]);
});

on_each!(only_what_is_newer_than_an_irreversible_one_is_undone, |db| {
    let folder = Folder::of_tables(&[H1, H2, H3, H4]);
    folder.pair(H2, "CREATE TABLE h2 (n INT);\n", "-- uturn: irreversible: a test\n");
    folder.uturn(db, "up").exits(0);
    for words in ["undo --all", "undo --to 20260101", "undo --steps 3"] {
        assert_eq!(commands(&folder.uturn(db, words).exits(3)), [format!("undo --keep {H2}")]);
    }
    type_in(&folder, db, &[format!("undo --keep {H2}")]);
    assert_eq!(db.tables(), ["h1", "h2"]);
    assert!(commands(&folder.uturn(db, "undo").exits(3)).is_empty(), "nothing is newer");
    // One that stopped part-way can only be completed.
    folder.pair(H3, "CREATE TABLE h3 (n INT);\nDROP TABLE gone;\n", "-- uturn: irreversible: a test\n");
    folder.uturn(db, "up").exits(5);
    let commands = commands(&folder.uturn(db, "undo --all").exits(3));
    folder.pair(H3, "CREATE TABLE h3 (n INT);\n", "-- uturn: irreversible: a test\n");
    type_in(&folder, db, &commands);
    assert_eq!(db.tables(), ["h1", "h2", "h3"]);
});

/// h2 stops at its second statement, by this command.
fn stopped(db: &Db, words: &str) -> (Folder, Run) {
    let folder = Folder::of_tables(&[H1, H3, H4]);
    folder.pair(H2, "CREATE TABLE h2 (n INT);\nDROP TABLE gone;\n", "DROP TABLE h2;\n");
    let told = folder.uturn(db, words).exits(5);
    folder.pair(H2, "CREATE TABLE h2 (n INT);\n", "DROP TABLE h2;\n");
    (folder, told)
}

on_each!(an_up_that_was_to_stop_early_is_resumed_no_further, |db| {
    for (words, after) in [
        ("up", vec!["h1", "h2", "h3", "h4"]),
        ("up --to 20260102", vec!["h1", "h2"]),
        ("up --to 20260103", vec!["h1", "h2", "h3"]),
        ("up --steps 2", vec!["h1", "h2"]),
    ] {
        let db = db.server.database();
        let (folder, told) = stopped(&db, words);
        type_in(&folder, &db, &commands(&told)[..1]);
        assert_eq!(db.tables(), after, "{words}");
    }
});

on_each!(what_cannot_be_kept_is_completed_or_taken_back_by_itself, |db| {
    for (nth, after) in [(0, vec!["h1", "h2"]), (1, vec!["h1"])] {
        let db = db.server.database();
        let (folder, _) = stopped(&db, "up");
        let told = folder.uturn(&db, &format!("undo --keep {H2} --yes")).exits(3);
        type_in(&folder, &db, &commands(&told)[nth..=nth]);
        assert_eq!(db.tables(), after);
    }
});

on_each!(a_redo_that_stops_on_its_way_up_is_resumed, |db| {
    let folder = Folder::of_tables(&[H1, H2]);
    folder.uturn(db, "up").exits(0);
    folder.table(H3);
    // Its down takes what its up needs.
    folder.pair(H2, "CREATE TABLE h2 (n INT);\n", "DROP TABLE h2;\nDROP TABLE need;\n");
    db.exec("CREATE TABLE need (n INT)");
    folder.pair(H2, "CREATE TABLE h2 (n INT);\nALTER TABLE need ADD m INT;\n", "DROP TABLE h2;\nDROP TABLE need;\n");
    folder.uturn(db, "undo --steps 1").exits(0);
    folder.uturn(db, "up --steps 1").exits(0);
    let told = folder.uturn(db, "redo").exits(5);
    db.exec("CREATE TABLE need (n INT)");
    type_in(&folder, db, &commands(&told)[..1]);
    assert_eq!(db.tables(), ["h1", "h2", "need"]);
});

on_each!(a_down_that_needs_a_session_that_has_ended_goes_on_with_the_file, |db| {
    let folder = Folder::of_tables(&[H1]);
    let down =
        |last: &str| format!("CREATE TEMPORARY TABLE kept AS SELECT 1 AS n;\nDROP TABLE h2;\nINSERT INTO h1 {last};\n");
    folder.pair(H2, "CREATE TABLE h2 (n INT);\n", &down("SELECT n, n FROM kept"));
    folder.uturn(db, "up").exits(0);
    folder.uturn(db, "undo").exits(5);
    let told = folder.uturn(db, "undo").exits(3).says("made in a session that has ended");
    let commands = commands(&told);
    assert_eq!(commands, ["undo --down-from-files"]);
    folder.pair(H2, "CREATE TABLE h2 (n INT);\n", &down("VALUES (1)"));
    type_in(&folder, db, &commands);
    assert_eq!((db.tables(), db.rows("SELECT * FROM h1")), (vec!["h1".to_owned()], vec!["1".to_owned()]));
});

on_each!(a_down_file_that_differs_in_what_is_done_is_left_for_the_recorded_one, |db| {
    let folder = Folder::of_tables(&[H1]);
    folder.pair(H2, "CREATE TABLE h2 (n INT);\n", "DROP TABLE h2;\nINSERT INTO h3 VALUES (1);\n");
    folder.uturn(db, "up").exits(0);
    folder.uturn(db, "undo").exits(5);
    folder.pair(H2, "CREATE TABLE h2 (n INT);\n", "DROP TABLE IF EXISTS h2;\nDO 0;\n");
    let told = folder.uturn(db, "undo --down-from-files").exits(3).says("cannot resume where it stopped");
    db.exec("CREATE TABLE h3 (n INT)");
    type_in(&folder, db, &commands(&told));
    assert_eq!(db.rows("SELECT * FROM h3"), ["1"]);
});

on_each!(behind_a_lost_server_an_undo_of_so_many_is_not_said_twice, |db| {
    let folder = Folder::of_tables(&[H1, H2, H4]);
    folder.pair(H3, "CREATE TABLE h3 (n INT);\n", "DROP TABLE h3;\nDO SLEEP(8);\n");
    folder.uturn(db, "up").exits(0);
    let proxy = Proxy::start(&db.server.address(), "none", 0);
    let mut live = Live::start(folder.command(db, "undo --steps 2").env("DATABASE_URL", proxy.url(db)));
    db.wait_for_statement("DO SLEEP(8)");
    live.hears("undone");
    drop(proxy);
    let session = "SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE 'DO SLEEP(8)%' AND DB = DATABASE()";
    db.exec(&format!("KILL {}", db.rows(session).concat()));
    let told = live.end().exits(5).says("the connection was lost and could not be made again");
    let commands = commands(&told);
    assert_eq!(commands[0], format!("undo --to {H3}"));
    type_in(&folder, db, &commands[..1]);
    assert_eq!(db.tables(), ["h1", "h2"]);
    // Said twice, it undoes nothing more.
    folder.uturn(db, &commands[0]).exits(2).says("is not applied");
    assert_eq!(db.tables(), ["h1", "h2"]);
});
