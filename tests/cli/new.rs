//! `uturn new`: skeletons that run as they are, timestamps in order, and both files or none.

use crate::support::app::{Folder, Run, bare, run};
use crate::support::server::on_each;
use std::path::Path;
use std::process::{Command, Stdio};

fn new(folder: &Folder, words: &[&str]) -> Run {
    run(bare().arg("--dir").arg(folder.path()).arg("new").args(words))
}

/// The names of the files that are there, in order.
fn files(folder: &Folder) -> Vec<String> {
    let entries = std::fs::read_dir(folder.path()).expect("the folder can be read");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8")).collect();
    names.sort();
    names
}

on_each!(skeletons_of_every_form_go_up_and_down_as_they_are, |db| {
    let folder = Folder::new();
    // `rank`, `groups` and `order` are reserved words.
    for name in [
        "create-groups",
        "add-rank-to-groups",
        "add-phone-number-to-groups",
        "alter-groups-rank",
        "remove-phone-number-from-groups",
        "create-order",
        "rename-order-to-film-orders",
    ] {
        let written = new(&folder, &[name]).exits(0);
        let paths: Vec<&str> = written.out.lines().collect();
        assert_eq!(paths.len(), 2, "{written:?}");
        assert!(paths[0].ends_with(&format!("-{name}.up.sql")) && paths[1].ends_with(&format!("-{name}.down.sql")));
        assert!(paths.iter().all(|path| Path::new(path).is_file()));
    }
    folder.uturn(db, "up").exits(0);
    assert_eq!(db.tables(), ["film_orders", "groups"]);
    assert_eq!(db.rows("SHOW COLUMNS FROM film_orders").len(), 1);
    for left in (0..7).rev() {
        folder.uturn(db, "undo").exits(0);
        assert_eq!(db.history().len(), left);
    }
    assert!(db.tables().is_empty());
    folder.uturn(db, "up").exits(0);
});

on_each!(what_has_no_skeleton_is_refused_until_it_is_written, |db| {
    for name in ["tidy-up", "create", "add-phone", "alter-users", "rename-a", "add-to-users"] {
        let folder = Folder::new();
        new(&folder, &[name]).exits(0);
        folder.uturn(db, "up").exits(2).says("holds no statement");
        assert!(db.rows("SHOW TABLES").is_empty());
    }
});

#[test]
fn a_timestamp_is_later_than_every_other_one_there() {
    let folder = Folder::new();
    let first = new(&folder, &["one"]).exits(0).out;
    let second = new(&folder, &["two"]).exits(0).out;
    let third = new(&folder, &["one"]).exits(0).out;
    assert!(first < second && second < third, "{first}{second}{third}");
    folder.file("29991231235959_far.up.sql", "").file("junk.sql", "").file("99991231235959-x.txt", "");
    new(&folder, &["after"]).exits(0).says("30000101000000-after.up.sql").says("30000101000000-after.down.sql");
    folder.file("99991231235959-last.down.sql", "");
    let before = files(&folder);
    new(&folder, &["after-that"]).exits(2).says("no timestamp is later").says("nothing has been written");
    assert_eq!(files(&folder), before);
}

#[test]
fn a_name_is_made_good_or_refused() {
    let folder = Folder::new();
    for (name, stem) in
        [("Create Users", "-create-users"), ("add_phone_to_users", "-add_phone_to_users"), ("V2", "-v2")]
    {
        new(&folder, &[name]).exits(0).says(&format!("{stem}.up.sql"));
    }
    let before = files(&folder);
    assert_eq!(before.len(), 6);
    // With the skeleton that the name asks for.
    new(&folder, &["CreateUsers", "--dry-run"]).exits(0).says("-create-users.up.sql").says("CREATE TABLE `users`");
    new(&folder, &["AddPhoneToUsers", "--dry-run"]).exits(0).says("ADD COLUMN `phone`");
    let long = "x".repeat(300);
    for name in ["", "é", "a--b", "../a", "a/b", "a.b", "a;b", "-", "a-", &long] {
        new(&folder, &["--", name]).exits(2).says("error: ");
    }
    new(&folder, &[]).exits(2);
    new(&folder, &["two", "names"]).exits(2);
    assert_eq!(files(&folder), before);
    new(&folder, &["create-t", "--dry-run"]).exits(0).says("CREATE TABLE `t`").says("DROP TABLE `t`");
    assert_eq!(files(&folder), before);
}

/// The disk is full for the first file, or for the second one: a limit on the size of a file stands for it.
#[test]
fn both_files_are_written_or_none() {
    let whole = Folder::new();
    new(&whole, &["remove-phone-from-users"]).exits(0);
    let sizes: Vec<u64> =
        files(&whole).iter().map(|name| std::fs::metadata(whole.at(name)).expect("it is there").len()).collect();
    let [down, up] = sizes[..] else { panic!("{sizes:?}") };
    assert!(up < down, "the second file must be the larger one: {up}, {down}");
    for limit in [0, up - 1, up, down - 1] {
        let folder = Folder::new();
        folder.pair("20260101000000-a", "DO 1;", "DO 2;");
        let uturn = env!("CARGO_BIN_EXE_uturn");
        let mut limited = Command::new("prlimit");
        limited.args([&format!("--fsize={limit}"), "bash", "-c", "trap '' XFSZ; exec \"$@\"", "bash", uturn, "--dir"]);
        let run = run(limited.arg(folder.path()).args(["new", "remove-phone-from-users"])).exits(2);
        run.says("cannot write `").says("no file has been left behind");
        assert_eq!(files(&folder), ["20260101000000-a.down.sql", "20260101000000-a.up.sql"], "limit {limit}");
    }
}

#[test]
fn nobody_s_files_are_overwritten_or_removed_by_another() {
    let folder = Folder::new();
    let start = |_| {
        let mut command = bare();
        command.arg("--dir").arg(folder.path()).args(["new", "create-t"]).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("it starts")
    };
    let children: Vec<_> = (0..8).map(start).collect();
    let runs: Vec<Run> =
        children.into_iter().map(|child| Run::new(child.wait_with_output().expect("it ends"))).collect();
    let told: Vec<&str> = runs.iter().filter(|run| run.code == Some(0)).flat_map(|run| run.out.lines()).collect();
    assert!(!told.is_empty());
    for path in &told {
        assert!(std::fs::metadata(path).expect("what was told is there").len() > 0, "{path}");
    }
    assert_eq!(files(&folder).len(), told.len(), "and nothing else: {runs:?}");
}
