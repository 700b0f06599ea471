//! `uturn log`: which runs, and how long they took.

use crate::support::app::{Folder, run};
use crate::support::server::{Db, on_each};
use std::time::Duration;

const DOWN: &str = "DROP TABLE IF EXISTS a;\n";

fn runs(folder: &Folder, db: &Db, words: &str) -> Vec<serde_json::Value> {
    let log = folder.uturn(db, &format!("log --json {words}")).exits(0);
    log.out.lines().map(|line| serde_json::from_str(line).expect("an object")).collect()
}

fn numbers(folder: &Folder, db: &Db, words: &str) -> Vec<u64> {
    runs(folder, db, words).iter().map(|run| run["run"].as_u64().expect("a number")).collect()
}

on_each!(the_time_that_a_run_stood_still_is_not_counted, |db| {
    let folder = Folder::with(&[("20260101000000-a", "CREATE TABLE a (n INT);\nDROP TABLE gone;\n", DOWN)]);
    let stopped = |up: &str, code: i32| {
        folder.pair("20260101000000-a", up, DOWN);
        folder.uturn(db, "up").exits(code);
        std::thread::sleep(Duration::from_secs(2));
    };
    stopped("CREATE TABLE a (n INT);\nDROP TABLE gone;\n", 5);
    stopped("CREATE TABLE a (n INT);\nDROP TABLE gone_too;\n", 5);
    stopped("CREATE TABLE a (n INT);\nINSERT INTO a SELECT SLEEP(1);\n", 0);
    let seconds = runs(&folder, db, "")[0]["seconds"].as_f64().expect("it has ended");
    assert!((1.0..2.0).contains(&seconds), "{seconds} s");
    let waited = db.rows("SELECT decided FROM refinery_schema_history_run").concat();
    let waited: f64 = waited.split(' ').nth(1).expect("a number").parse().expect("a number");
    assert!((4.0..6.0).contains(&waited), "{waited} s");
});

on_each!(only_the_newest_runs_or_those_since, |db| {
    let folder = Folder::new();
    for n in 1..=4 {
        let stem = format!("2026010{n}000000-t{n}");
        folder.pair(&stem, &format!("CREATE TABLE t{n} (n INT);\n"), &format!("DROP TABLE t{n};\n"));
    }
    folder.uturn(db, "up").exits(0);
    assert_eq!(numbers(&folder, db, ""), [1, 2, 3, 4]);
    assert_eq!(numbers(&folder, db, "--last 2"), [3, 4]);
    assert_eq!(numbers(&folder, db, "--last 9"), [1, 2, 3, 4]);
    db.exec("UPDATE refinery_schema_history_run SET started_at = UTC_TIMESTAMP() - INTERVAL 2 DAY WHERE run_no < 3");
    db.exec("UPDATE refinery_schema_history_run SET started_at = '2020-02-03 04:05:06' WHERE run_no = 1");
    for (since, found) in [
        ("24h", vec![3, 4]),
        ("3d", vec![2, 3, 4]),
        ("2020-02-03", vec![1, 2, 3, 4]),
        ("2020-02-04", vec![2, 3, 4]),
        ("2020-02-03T04:05:06Z", vec![1, 2, 3, 4]),
        ("2020-02-03T04:05:07Z", vec![2, 3, 4]),
        ("2020-02-03T04:06", vec![2, 3, 4]),
    ] {
        assert_eq!(numbers(&folder, db, &format!("--since {since}")), found, "{since}");
    }
    assert_eq!(numbers(&folder, db, "--since 3d --last 1"), [4]);
    let mut by_variable = folder.command(db, "log");
    assert_eq!(run(by_variable.env("UTURN_LAST", "1")).exits(0).out.lines().count(), 1);
    for wrong in ["yesterday", "2020-02-30", "5x", "-1"] {
        folder.uturn(db, &format!("log --since={wrong}")).exits(2);
    }
});
