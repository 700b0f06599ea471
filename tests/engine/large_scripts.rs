//! Scripts larger than anybody wants to hold in memory twice. How fast they are is told by `scripts/bench large`.

use crate::support::app::{Folder, Run};
use crate::support::own::Own;
use crate::support::server::on_each;
use std::fmt::Write;
use std::process::{Child, Stdio};

const STEM: &str = "20260101000000-fill-items";
const TABLE: &str = "CREATE TABLE items (id INT NOT NULL PRIMARY KEY, title VARCHAR(200), note TEXT) ENGINE=InnoDB \
                     DEFAULT CHARSET=utf8mb4;\n";

/// Values that look like everything that ends a statement or a comment.
const TITLES: [&str; 6] =
    ["it''s a; b", "-- no comment", "/* neither; */ # nor this", r#"say \"hi\"; \\"#, "café; `x`", "$$ DELIMITER ;"];

fn row(number: usize) -> String {
    format!("({number}, '{}', '{number}; -- ''quoted''\n')", TITLES[number % TITLES.len()])
}

/// INSERTs of so many rows each, until the script has so many bytes; and how many rows that makes.
fn inserts(bytes: usize, rows_each: usize) -> (String, usize) {
    let (mut script, mut rows) = (TABLE.to_owned(), 0);
    while script.len() < bytes {
        let some: Vec<String> = (rows + 1..=rows + rows_each).map(row).collect();
        writeln!(script, "INSERT INTO items (id, title, note) VALUES\n{};", some.join(",\n")).expect("a String");
        rows += rows_each;
    }
    (script, rows)
}

/// Runs it to its end, and tells the most memory that it had, in bytes.
fn watched(mut child: Child) -> (Run, u64) {
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().expect("it is ours").is_none() {
        // The last reading before the end is missing: by then everything has been sent.
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find(|line| line.starts_with("VmHWM:"));
        let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
        peak = peak.max(kib.unwrap_or_default() * 1024);
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    (Run::new(child.wait_with_output().expect("it has ended")), peak)
}

on_each!(a_script_is_in_memory_once, |db| {
    let (script, rows) = inserts(20_000_000, 8_000);
    let folder = Folder::with(&[(STEM, &script, "DROP TABLE items;")]);
    let mut command = folder.command(db, "up");
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
    let (run, peak) = watched(child);
    run.exits(0).says("applied");
    let size = script.len() as u64;
    assert!(peak > size && peak < size + 48 * 1024 * 1024, "{peak} bytes for a script of {size}");
    assert_eq!(db.rows("SELECT COUNT(*) FROM items"), [rows.to_string()]);
    let sample = db.rows("SELECT title, note FROM items WHERE id < 6 ORDER BY id");
    let titles = ["-- no comment", "/* neither; */ # nor this", "say \"hi\"; \\", "café; `x`", "$$ DELIMITER ;"];
    for (number, title) in (1..).zip(titles) {
        assert_eq!(sample[number - 1], format!("{title}|{number}; -- 'quoted'\n"));
    }
    let recorded = "SELECT COUNT(*), SUM(rows_affected) FROM refinery_schema_history_step";
    assert_eq!(db.rows(recorded), [format!("{}|{rows}", 1 + rows / 8_000)]);
});

// The journal's rows of one transaction are more than fit into one packet.
on_each!(a_small_packet_is_enough_for_a_script_of_many_statements, |db| {
    let kind = db.server.kind;
    let own = Own::start(kind, &["--max-allowed-packet=1M"]);
    let db = own.server.database();
    let (script, rows) = inserts(600_000, 1);
    assert!(rows > 5_000);
    let folder = Folder::with(&[(STEM, &script, "DROP TABLE items;")]);
    folder.uturn(&db, "up").exits(0);
    assert_eq!(db.rows("SELECT COUNT(*) FROM items"), [rows.to_string()]);
    let recorded = "SELECT COUNT(*) FROM refinery_schema_history_step";
    assert_eq!(db.rows(recorded), [(rows + 1).to_string()]);
    folder.uturn(&db, "undo").exits(0);

    // One statement of it is too large.
    let statement = format!("INSERT INTO items (id, note) VALUES (0, '{}')", "x".repeat(1_100_000));
    folder.file(&format!("{STEM}.up.sql"), format!("{script}{statement};\n"));
    let before = db.everything();
    let size = statement.len();
    folder
        .uturn(&db, "up")
        .exits(2)
        .says(&format!("statement {} of {} of migration `{STEM}` has {size} bytes", rows + 2, rows + 2))
        .says("the server takes at most 1048576 (max_allowed_packet)")
        .says(&format!("{STEM}.up.sql:"))
        .says("nothing has been changed");
    assert_eq!(db.everything(), before);

    // A way back that cannot be recorded would be none.
    let mut state = 1_u32;
    let noise: String = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        char::from(b'a' + (state % 26) as u8)
    })
    .take(600_000)
    .collect();
    folder.pair(STEM, TABLE, &format!("DROP TABLE items; -- {noise}\n"));
    folder.uturn(&db, "up").exits(2).says("of migration").says("max_allowed_packet 1048576");
    assert_eq!(db.everything(), before);
});

// The rows that wait and the statement fit into a packet each, and not both into one. Several statements that are parsed
// together do not, either.
on_each!(what_does_not_fit_into_one_packet_is_sent_in_two, |db| {
    let kind = db.server.kind;
    let own = Own::start(kind, &["--max-allowed-packet=64K"]);
    let db = own.server.database();
    let folder = Folder::new();
    let mut noise = 1_u32;
    for n in 0..3 {
        // What zlib can do little about, so that the row of the run is large.
        let words: Vec<String> = (0..2_600)
            .map(|_| {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                format!("{noise:x}")
            })
            .collect();
        let up = format!("CREATE TABLE t{n} (a INT COMMENT '{n}') /* {} */;", "x y ".repeat(12_000));
        let down = format!("DROP TABLE t{n}; -- {}", words.join(" "));
        folder.pair(&format!("2026010{}000000-m", n + 1), &up, &down);
    }
    folder.uturn(&db, "up").exits(0);
    assert_eq!(db.rows("SHOW TABLES LIKE 't_'").len(), 3, "{kind}");
    folder.uturn(&db, "undo --all --yes").exits(0);
    assert!(db.rows("SHOW TABLES LIKE 't_'").is_empty(), "{kind}");
});

on_each!(what_is_wrong_with_one_of_many_inserts_is_found_before_the_first_one_runs, |db| {
    let (script, rows) = inserts(1_500_000, 5_000);
    for (bad, name) in [
        ("INSERT INTO items (id, title, note) VALUES (0, 'a' 1, 'b');".to_owned(), "a row like no other"),
        (
            script.trim_end().rsplit_once(";\n").expect("several").1.replace("\n');", "\n') ON DUPLICATE KEY UPDAT;"),
            "an end",
        ),
    ] {
        let folder = Folder::with(&[(STEM, &format!("{script}{bad}\n"), "DROP TABLE items;")]);
        folder.uturn(db, "up").exits(2).says("1064").says("nothing has been changed");
        assert!(db.tables().is_empty(), "{name}");
    }
    let folder = Folder::with(&[(STEM, &script, "DROP TABLE items;")]);
    // What is printed is the script, and runs in the client.
    let printed = folder.uturn(db, "up --dry-run").exits(0).out;
    db.client(&printed).exits(0);
    assert_eq!(db.rows("SELECT COUNT(*) FROM items"), [rows.to_string()]);
    folder.uturn(db, "status --exit-code").exits(0);
});
