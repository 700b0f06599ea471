//! `uturn prove`: what it finds, what it lets pass, and that nothing is left behind.

mod differences;
mod isolation;
mod mutants;
mod offers;
mod rows;

use crate::support::app::{Folder, Run, on, run, uturn};
use crate::support::server::on_each;
use std::path::Path;

/// The migrations of a run that are not proven.
fn not_proven(run: &Run) -> Vec<&str> {
    let lines = run.out.lines().filter_map(|line| line.strip_prefix("not proven  "));
    lines.filter_map(|line| line.split_whitespace().next()).collect()
}

on_each!(the_24_that_ship_are_proven, |db| {
    let run = uturn(db, "prove").exits(0).says("24 proven, on M").says("all the way down, and nothing is left");
    assert_eq!(not_proven(&run), Vec::<&str>::new());
    assert!(db.rows("SHOW TABLES").is_empty(), "the database itself is not touched");
});

on_each!(no_false_alarm_over_the_other_folders_of_pairs, |db| {
    for folder in ["tests/fixtures/crash", "examples/migrations"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        run(on(db).arg("prove").arg("--dir").arg(&folder)).exits(0).says("nothing is left; and up again");
    }
});

on_each!(the_defects_of_the_platform_are_found_and_nothing_else, |db| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/prove-defects");
    let run = run(on(db).arg("prove").arg("--dir").arg(&folder)).exits(1);
    let expected = [
        "20260210100000-alter-users-known-by-mars-ai",
        "20260212103000-drop-id-film-from-votes",
        "20260219132833-add-fields-to-movies",
    ];
    assert_eq!(not_proven(&run), expected);
    run.says("21 proven, 3 not proven")
        .says("column `known_by_mars_ai` of table `users` is not as it was before")
        .says("        was  enum('YES','NO') DEFAULT NULL\n        is   enum('YES','NO','MAYBE') DEFAULT NULL")
        .says("MODIFY COLUMN `known_by_mars_ai` enum('YES','NO') DEFAULT NULL AFTER `tiktok`;")
        .says("column `id_film` of table `votes` is left over")
        .says("ALTER TABLE `votes` DROP COLUMN `id_film`;")
        .says("its down fails at statement 2")
        .says("add-fields-to-movies.down.sql:5:1")
        .says("1091 (42000)")
        .says("ALTER TABLE `movies` DROP COLUMN `youtbe_status`;")
        .says("down to `20260219132833-add-fields-to-movies`, where this rollback ends");
});

on_each!(the_ways_out_of_a_stop_part_way, |db| {
    uturn(db, "prove --partial --from 20260128144807").exits(0).says("14 proven, on M");
    let folder = Folder::with(&[
        ("20260101000000-a", "CREATE TABLE a (x INT);", "DROP TABLE a;"),
        ("20260102000000-b", "ALTER TABLE a ADD y INT; ALTER TABLE a ADD z INT;", "ALTER TABLE a DROP y, DROP z;"),
        ("20260103000000-c", "RENAME TABLE a TO b; CREATE TABLE a (x INT);", "DROP TABLE a; RENAME TABLE b TO a;"),
    ]);
    folder.uturn(db, "prove").exits(0);
    let run = folder.uturn(db, "prove --partial").exits(1);
    assert_eq!(not_proven(&run), ["20260102000000-b"]);
    run.says("a stop at statement 1 and `undo` stops").says("1091");
});

on_each!(from_proves_the_later_ones_alone_and_a_target_must_fit, |db| {
    let folder = Folder::with(&[
        ("20260101000000-a", "CREATE TABLE a (x INT);", "DROP TABLE IF EXISTS b;"),
        ("20260102000000-b", "CREATE TABLE b (x INT);", "DROP TABLE b;"),
    ]);
    folder.uturn(db, "prove").exits(1).says("table `a` is left over").says("1 proven, 1 not proven");
    folder.uturn(db, "prove --from 20260102").exits(0).says("1 proven, on").never_says("20260101000000-a   ");
    folder.uturn(db, "prove --from 3").exits(2).says("no migration fits `3`");
    folder.pair("20260101000000-a", "CREATE TABLE a (x INT); CREATE TABLE a (x INT);", "DROP TABLE a;");
    let run = folder.uturn(db, "prove").exits(1).says("its up fails at statement 2").says("not reached");
    assert_eq!(not_proven(&run), ["20260101000000-a", "20260102000000-b"]);
    folder.uturn(db, "prove --from 20260102").exits(2).says("do not run in an empty database");
});

on_each!(what_cannot_be_undone_is_told_and_ends_the_way_back, |db| {
    let folder = Folder::with(&[
        ("20260101000000-a", "CREATE TABLE a (x INT);", "DROP TABLE a;"),
        ("20260102000000-b", "ALTER TABLE a DROP COLUMN x, ADD COLUMN y INT;", "-- uturn: irreversible: x is gone"),
        ("20260103000000-c", "ALTER TABLE a ADD z INT;", "ALTER TABLE a DROP z;"),
    ]);
    folder
        .uturn(db, "prove")
        .exits(0)
        .says("irreversible: x is gone")
        .says("down to `20260102000000-b`, where this rollback ends")
        .says("2 proven, 1 one way");
});

on_each!(text_that_is_put_together_at_run_time_is_no_reason_to_refuse_a_folder, |db| {
    let up = "SET @q = (SELECT IF(COUNT(*) > 0, CONCAT('ALTER TABLE t', ' DROP FOREIGN KEY ', 'fk'), 'DO 0')\n\
              FROM information_schema.TABLE_CONSTRAINTS WHERE TABLE_SCHEMA = DATABASE() AND CONSTRAINT_NAME = 'fk');\n\
              PREPARE s FROM @q; EXECUTE s; DEALLOCATE PREPARE s; ALTER TABLE t DROP KEY fk;";
    let down = "SET @t = 'ALTER TABLE t', @a = ' ADD CONSTRAINT fk FOREIGN KEY (p) REFERENCES t (id)';\nSET @q = CONCAT(@t, @a);\n\
                PREPARE s FROM @q; EXECUTE s;";
    let folder = Folder::with(&[
        (
            "20260101000000-t",
            "CREATE TABLE t (id INT PRIMARY KEY, p INT, CONSTRAINT fk FOREIGN KEY (p) REFERENCES t (id));",
            "DROP TABLE t;",
        ),
        ("20260102000000-drop-fk", up, down),
    ]);
    folder.uturn(db, "prove").exits(0).says("2 proven");
    folder.pair(
        "20260103000000-account",
        "SET @q = CONCAT('CREATE', ' USER x'); PREPARE s FROM @q; EXECUTE s;",
        "DO 0;",
    );
    folder.uturn(db, "prove").exits(2).says("changes accounts or their rights");
});

on_each!(uturns_own_tables_are_no_difference_where_a_script_runs_text, |db| {
    let up = "SET @q = 'ALTER TABLE a ADD y INT';\nPREPARE s FROM @q;\nEXECUTE s;\nDEALLOCATE PREPARE s;";
    let down = "SET @q = IF((SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND COLUMN_NAME = 'y') > 0,\n\
                'ALTER TABLE a DROP y', 'DO 0');\nPREPARE s FROM @q;\nEXECUTE s;";
    let a = ("20260101000000-a", "CREATE TABLE a (x INT);", "DROP TABLE a;");
    let folder = Folder::with(&[a, ("20260102000000-b", up, down)]);
    folder.uturn(db, "prove --partial").exits(0).says("2 proven");
    // One that only looks like them is left over.
    let up = up.replace("ALTER TABLE a ADD y INT", "CREATE TABLE refinery_schema_history_old (y INT)");
    folder.pair("20260102000000-b", &up, "DO 0;");
    folder.uturn(db, "prove --partial").exits(1).says("table `refinery_schema_history_old` is left over");
});

on_each!(a_folder_that_was_begun_on_a_database_in_use_is_told_what_it_lacks, |db| {
    let of_mysql = if db.server.kind == "mysql" {
        "CREATE TABLE a (u INT, CONSTRAINT f FOREIGN KEY (u) REFERENCES users (id));"
    } else {
        "DROP TABLE users;"
    };
    for up in ["ALTER TABLE users ADD a INT;", "INSERT INTO users VALUES (1);", "CREATE TABLE a LIKE users;", of_mysql]
    {
        let folder = Folder::with(&[("20260101000000-a", up, "DO 0;"), ("20260102000000-b", "DO 0;", "DO 0;")]);
        let run = folder.uturn(db, "prove").exits(1).says("its up fails at statement 1");
        run.says("no migration makes `users`").says("CREATE TABLE IF NOT EXISTS").says("-- uturn: irreversible:");
        folder.uturn(db, "prove --from 20260102").exits(2).says("no migration makes `users`");
    }
    // It was not begun so where one of them makes the table, be it too late.
    let folder = Folder::with(&[
        ("20260101000000-a", "ALTER TABLE users ADD a INT;", "DO 0;"),
        ("20260102000000-b", "CREATE TABLE users (id INT);", "DROP TABLE users;"),
    ]);
    folder.uturn(db, "prove").exits(1).says("1146").never_says("no migration makes");
    // What the hint says helps.
    let folder = Folder::with(&[
        (
            "20251231000000-before",
            "CREATE TABLE IF NOT EXISTS users (id INT);",
            "-- uturn: irreversible: it was there before",
        ),
        ("20260101000000-a", "ALTER TABLE users ADD a INT;", "ALTER TABLE users DROP a;"),
    ]);
    folder.uturn(db, "prove").exits(0).says("1 proven, 1 one way");
});
