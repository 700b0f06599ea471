//! The way back is kept with what was applied: an older binary can undo what it has never seen.

use crate::support::app::Folder;
use crate::support::server::on_each;

const STEMS: [&str; 5] =
    ["20260101000000-a", "20260102000000-b", "20260103000000-c", "20260104000000-d", "20260105000000-e"];

fn application(stems: &[&str]) -> Folder {
    let folder = Folder::new();
    for stem in stems {
        let table = &stem[15..];
        folder.pair(stem, &format!("CREATE TABLE {table} (x INT);"), &format!("DROP TABLE {table};"));
    }
    folder
}

on_each!(version_1_of_an_application_undoes_what_version_2_has_run, |db| {
    application(&STEMS).uturn(db, "up").exits(0);
    let older = application(&STEMS[..3]);
    older.uturn(db, "status --exit-code").exits(1).says("missing").says("3 applied, 0 pending, 2 not clean");
    older.uturn(db, "up").exits(3).says("without a file here").says("nothing has been changed");
    older.uturn(db, "undo --keep 20260103 --yes").exits(0).says("undone   20260105000000-e");
    assert_eq!(db.tables(), ["a", "b", "c"]);
    older.uturn(db, "status --exit-code").exits(0);
    older.uturn(db, "up").exits(0).says("nothing is pending");
});

on_each!(the_kept_down_runs_unless_the_file_is_asked_for, |db| {
    let folder = application(&STEMS[..2]);
    folder.uturn(db, "up").exits(0);
    folder.pair(STEMS[1], "CREATE TABLE b (x INT);", "DROP TABLE a; -- wrong");
    let told = folder.uturn(db, "undo").exits(0).says("the recorded one runs");
    assert_eq!(told.err.matches("differs from the one recorded").count(), 1, "told once: {}", told.err);
    assert_eq!(db.tables(), ["a"]);
    folder.uturn(db, "up").exits(0);
    folder.pair(STEMS[1], "CREATE TABLE b (x INT);", "DROP TABLE b;");
    folder.uturn(db, "undo --down-from-files").exits(0).says("the file runs, as you asked");
    assert_eq!(db.tables(), ["a"]);
});

on_each!(a_dba_can_read_the_kept_down_with_plain_sql, |db| {
    application(&STEMS[..1]).uturn(db, "up").exits(0);
    let query = "SELECT CONVERT(UNCOMPRESS(down_sql) USING utf8mb4), down_sha256 = SHA2(UNCOMPRESS(down_sql), 256) \
                     FROM refinery_schema_history_run WHERE direction = 'up'";
    assert_eq!(db.rows(query), ["DROP TABLE a;|1"]);
});

on_each!(an_irreversible_migration_says_so_also_where_its_file_is_gone, |db| {
    let folder = application(&STEMS[..2]);
    folder.file("20260102000000-b.down.sql", "-- uturn: irreversible: the rows are gone\n");
    folder.uturn(db, "up").exits(0);
    let older = application(&STEMS[..1]);
    for folder in [&folder, &older] {
        let said = folder.uturn(db, "undo --all --yes").exits(3).says("cannot be undone").says("the rows are gone");
        assert!(said.err.contains("nothing has been changed"), "{}", said.err);
        assert_eq!(db.tables(), ["a", "b"]);
    }
});

on_each!(without_a_kept_down_and_without_a_file_nothing_is_undone, |db| {
    application(&STEMS[..3]).uturn(db, "up").exits(0);
    db.exec("DELETE FROM refinery_schema_history_run WHERE version = 20260102000000");
    let older = application(&STEMS[..1]);
    older.uturn(db, "undo --all --yes").exits(3).says("no down script").says("20260102000000-b");
    assert_eq!(db.tables(), ["a", "b", "c"]);
});

// docs/guide.md, "Coming from another tool": the tables are there, and the history is copied from an empty database.
on_each!(a_history_that_was_taken_over_is_clean_and_undone_by_the_files, |real| {
    let table = "CREATE TABLE a (id INT PRIMARY KEY, n INT)";
    real.exec(table);
    real.exec("INSERT INTO a VALUES (1, 1)");
    let files = Folder::with(&[
        ("20260101000000-a", &format!("{table};\n"), "DROP TABLE a;\n"),
        ("20260102000000-b", "CREATE TABLE b (id INT);\n", "DROP TABLE b;\n"),
    ]);
    let empty = real.server.database();
    files.uturn(&empty, "up").exits(0);
    let (from, to) = (format!("`{}`", empty.name), format!("`{}`", real.name));
    real.exec(&format!("CREATE TABLE {to}.refinery_schema_history LIKE {from}.refinery_schema_history"));
    real.exec(&format!(
        "INSERT INTO {to}.refinery_schema_history SELECT * FROM {from}.refinery_schema_history WHERE name = 'a'"
    ));
    files.uturn(real, "status").exits(0).says("1 applied, 1 pending");
    files.uturn(real, "up").exits(0).says("applied  20260102000000-b");
    assert_eq!(real.rows("SELECT n FROM a"), ["1"]);
    files.uturn(real, "status --exit-code").exits(0);
    files.uturn(real, "undo --all --yes").exits(0);
    assert_eq!(real.tables(), Vec::<String>::new());
});
