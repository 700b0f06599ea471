//! `--json`: one object a line, and nothing in it that docs/reference/json.md does not promise.

use crate::support::app::{Folder, Run, run};
use crate::support::server::on_each;
use serde_json::Value;
use std::collections::BTreeSet;

fn promised() -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference/json.md");
    std::fs::read_to_string(path).expect("docs/reference/json.md")
}

fn fields(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(name, value)| {
            found.insert(name.clone());
            fields(value, found);
        }),
        Value::Array(list) => list.iter().for_each(|value| fields(value, found)),
        _ => {}
    }
}

on_each!(every_line_is_an_object_and_every_field_is_promised, |db| {
    let docs = promised();
    let folder = Folder::with(&[
        ("20260101000000-a", "CREATE TABLE a (x INT);", "DROP TABLE a;"),
        ("20260102000000-b", "LOCK TABLES a WRITE; INSERT INTO a VALUES (1); UNLOCK TABLES;", "DELETE FROM a;"),
        ("20260103000000-c", "CREATE TABLE c (x INT); ALTER TABLE c ADD x INT; SELECT 1;", "DROP TABLE c;"),
    ]);
    let mut seen = BTreeSet::new();
    let mut events = BTreeSet::new();
    let mut take = |run: Run, code: i32| {
        assert_eq!(run.code, Some(code), "{run:?}");
        assert_eq!(run.err, "", "all of it goes to stdout");
        for line in run.out.lines() {
            let value: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"));
            assert_eq!(value["v"], 1, "{line}");
            events.insert(value["event"].as_str().expect("a word").to_owned());
            if let Some(note) = value["note"].as_str() {
                events.insert(note.to_owned());
            }
            fields(&value, &mut seen);
        }
    };
    for (words, code) in [
        ("status --json", 0),
        ("up --dry-run --json", 0),
        ("plan --json", 0),
        ("plan --json --require-online --no-destructive --max-rebuild 1", 1),
        ("--json up", 5),
        ("status --json --exit-code", 1),
        ("undo --json", 0),
        ("up --to 1999 --json", 2),
        ("up --json --to 20260102", 0),
        ("up --json --to 20260102", 0),
        ("plan undo --all --json --no-destructive", 1),
        ("undo --all --json", 3),
        ("undo --all --json --yes", 0),
        ("create --json", 0),
        ("wait --json", 0),
        ("log --json", 0),
        ("check --json", 1),
        ("prove --json", 1),
        ("drop --json --yes", 0),
    ] {
        take(folder.uturn(db, words), code);
    }
    take(run(folder.command(db, "new --json add-x-to-a").env_remove("DATABASE_URL")), 0);
    for name in seen.iter().chain(&events) {
        assert!(docs.contains(&format!("`{name}`")) || name == "v" || name == "event", "`{name}` is not promised");
    }
    for event in
        ["migration", "counts", "started", "finished", "note", "would_go", "sql", "wrote", "run", "error", "left_out"]
    {
        assert!(events.contains(event), "{event} was not seen: {events:?}");
    }
});
