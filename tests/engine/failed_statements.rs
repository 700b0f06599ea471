//! Statements that fail: what is true of each is said, `up` resumes there when the file is mended, `undo` takes back.

use crate::support::app::Folder;
use crate::support::server::on_each;

const STEM: &str = "20260101000000-m";
const STEM_OF_B: &str = "20260102000000-b";

on_each!(where_the_first_statement_fails_the_migration_is_simply_pending, |db| {
    for up in [
        "ALTER TABLE nonesuch ADD a INT; CREATE TABLE t (a INT);",
        "INSERT INTO nonesuch VALUES (1); CREATE TABLE t (a INT);",
    ] {
        let folder = Folder::with(&[(STEM, up, "DROP TABLE t;")]);
        let said = folder.uturn(db, "up").exits(5).says("stopped at statement 1 of 2").says("server: 1146 (42S02)");
        assert!(said.err.contains("statement 1 had no effect; statement 2 has not run"), "{}", said.err);
        folder.uturn(db, "status").exits(0).says("pending");
        folder.uturn(db, "undo").exits(0).says("nothing to undo");
        folder.pair(STEM, "CREATE TABLE t (a INT);", "DROP TABLE t;").uturn(db, "up").exits(0);
        folder.uturn(db, "undo").exits(0);
    }
});

on_each!(a_mended_file_goes_on_where_it_stopped_and_what_is_done_must_stay_as_it_was, |db| {
    let done = "CREATE TABLE t (a INT);\nINSERT INTO t VALUES (1);\n";
    let folder = Folder::with(&[(
        STEM,
        &format!("{done}ALTER TABLE t ADD a INT;\nINSERT INTO t VALUES (3);\n"),
        "DROP TABLE t;",
    )]);
    let said = folder.uturn(db, "up").exits(5);
    let path = folder.at("20260101000000-m.up.sql").display().to_string();
    let wanted = format!(
        "error: migration `{STEM}` stopped at statement 3 of 4\n --> {path}:3:1\n3 | ALTER TABLE t ADD a INT;\n  | ^\n\
             server: 1060 (42S21) Duplicate column name 'a'\n\
             statements 1 to 2 are done and recorded; statement 3 had no effect; statement 4 has not run\n\n\
             hint: fix statement 3 and run `uturn up` again; it resumes there; `uturn undo` reverts what is done\n"
    );
    assert_eq!(said.err, wanted);
    folder.uturn(db, "status --exit-code").exits(1).says("stopped").says("at statement 3 of 4: 1060");
    folder.pair(STEM, "CREATE TABLE t (a BIGINT);\nINSERT INTO t VALUES (1);\nSELECT 1;\n", "DROP TABLE t;");
    folder.uturn(db, "up").exits(3).says("statement 1 is done, and was `CREATE TABLE t (a INT)`");
    folder.pair(
        STEM,
        &format!("{done}-- mended\nALTER TABLE t ADD b INT;\nINSERT INTO t VALUES (3, 3);\n"),
        "DROP TABLE t;",
    );
    folder.uturn(db, "up").exits(0).says("resumes at statement 3 of 4");
    assert_eq!(db.rows("SELECT a, b FROM t ORDER BY a"), ["1|NULL", "3|3"]);
    folder.uturn(db, "status --exit-code").exits(0);
    folder.uturn(db, "undo").exits(0);
    assert!(db.tables().is_empty());
});

on_each!(dml_in_a_row_is_all_or_nothing, |db| {
    db.exec("CREATE TABLE t (a INT PRIMARY KEY)");
    let up = "INSERT INTO t VALUES (1);\nUPDATE t SET a = a + 10;\nINSERT INTO t VALUES (11);\n";
    let folder = Folder::with(&[(STEM, up, "DELETE FROM t;")]);
    let truth = "statements 1 to 2 were rolled back with it; statement 3 had no effect";
    folder.uturn(db, "up").exits(5).says("1062").says(truth);
    assert!(db.rows("SELECT * FROM t").is_empty());
    folder.uturn(db, "status").says("pending");
    folder.pair(STEM, &up.replace("(11)", "(12)"), "DELETE FROM t;").uturn(db, "up").exits(0).says("3 rows");
    assert_eq!(db.rows("SELECT a FROM t ORDER BY 1"), ["11", "12"]);
});

on_each!(undo_of_a_half_run_migration_takes_back_what_was_done, |db| {
    db.exec("CREATE TABLE kept (a INT)");
    let schema = db.schema();
    let up = "CREATE TABLE one (a INT); ALTER TABLE kept ADD b INT; INSERT INTO one VALUES (1); CREATE TABLE kept (a INT); CREATE TABLE two (a INT);";
    let down = "DROP TABLE two; DELETE FROM two; ALTER TABLE kept DROP b; DROP TABLE one;";
    let folder = Folder::with(&[(STEM, up, down)]);
    folder.uturn(db, "up").exits(5).says("stopped at statement 4 of 5").says("1050");
    let said = folder.uturn(db, "undo").exits(0).says("statement 1 of").says("is left out");
    let said = said.says("statement 2 of the down script").says("had nothing to revert");
    assert!(!said.err.contains("not as they were"), "{}", said.err);
    assert_eq!(db.schema(), schema);
    folder.uturn(db, "status").exits(0).says("pending");
    folder.uturn(db, "log").says("undone").says("1050").exits(0);
});

on_each!(what_a_half_run_migration_leaves_behind_is_named, |db| {
    db.exec("CREATE TABLE kept (a INT)");
    let folder = Folder::with(&[(STEM, "ALTER TABLE kept ADD b INT; ALTER TABLE kept ADD b INT;", "SELECT 1;")]);
    folder.uturn(db, "up").exits(5);
    folder.uturn(db, "undo").exits(0).says("not as they were before it: table").says("kept");
});

on_each!(an_undo_that_stops_goes_on_and_nothing_else_runs_before, |db| {
    let down = "DROP TABLE b; DROP TABLE nonesuch; DROP TABLE a;";
    let folder = Folder::with(&[(STEM, "CREATE TABLE a (x INT); CREATE TABLE b (x INT);", down)]);
    folder.uturn(db, "up").exits(0);
    folder.uturn(db, "undo").exits(5).says("stopped at statement 2 of 3 of its down script").says("1051");
    folder.uturn(db, "status").says("at statement 2 of 3 of its down script");
    folder.uturn(db, "up").exits(3).says("half undone");
    folder.uturn(db, "undo").exits(5);
    folder.pair(STEM, "CREATE TABLE a (x INT); CREATE TABLE b (x INT);", "DROP TABLE b; SELECT 1; DROP TABLE a;");
    folder.uturn(db, "undo --down-from-files").exits(0).says("resumes at statement 2 of 3");
    assert!(db.tables().is_empty());
    folder.uturn(db, "up").exits(0);
});

on_each!(an_error_with_an_effect_is_told_on_mariadb_and_has_none_on_mysql, |db| {
    db.exec("CREATE TABLE a (x INT)");
    let folder = Folder::with(&[(STEM, "CREATE TABLE z (x INT); DROP TABLE a, nonesuch;", "SELECT 1;")]);
    let said = folder.uturn(db, "up").exits(5).says("1051");
    let told = said.err.contains("part of it took effect: table");
    assert_eq!(told, db.server.kind == "mariadb", "{}", said.err);
});

on_each!(resolve_answers_only_what_is_asked, |db| {
    let folder = Folder::with(&[(STEM, "CREATE TABLE a (x INT);", "DROP TABLE a;")]);
    folder.uturn(db, "up").exits(0);
    folder.uturn(db, "resolve 20260101 --statement 1 --applied").exits(2).says("no statement of migration");
    folder.uturn(db, "resolve 1999 --statement 1 --retry").exits(2).says("no migration fits");
    folder.uturn(db, "resolve 20260101 --statement 1").exits(2);
    folder.uturn(db, "resolve 20260101 --statement 0 --retry").exits(2);
    // A doubt made by hand: a CALL that may commit, whose outcome never came.
    db.exec(
            "UPDATE refinery_schema_history_run SET state = 'running', step_state = 'intent', sql_head = 'CALL p()', evidence = ''",
        );
    db.exec("DELETE FROM refinery_schema_history");
    folder.uturn(db, "status").exits(0).says("unknown   2");
    let command = "uturn resolve 20260101000000 --statement 1 --applied";
    folder.uturn(db, "up").exits(6).says("CALL p()").says(command).says("--retry");
    folder.uturn(db, "undo").exits(6);
    folder.uturn(db, "resolve 20260101 --statement 2 --applied").exits(2).says("it is statement 1");
    folder.uturn(db, "resolve 20260101 --statement 1 --applied").exits(0);
    folder.uturn(db, "up").exits(0).says("every statement is done");
    folder.uturn(db, "status --exit-code").exits(0);
});

on_each!(each_script_is_parsed_as_it_will_be_run, |db| {
    let folder = Folder::with(&[
        ("20260101000000-a", "SET sql_mode = 'ANSI_QUOTES'; CREATE TABLE \"t\" (a INT);", "DROP TABLE t;"),
        ("20260102000000-b", "ALTER TABLE t COMMENT \"words\";", "SELECT 1;"),
    ]);
    folder.uturn(db, "up").exits(0);
    folder.uturn(db, "undo --all --yes").exits(0);
});

on_each!(what_is_left_of_a_script_is_parsed_with_the_settings_that_it_has_made, |db| {
    let begin = "SET SESSION sql_mode = 'ANSI_QUOTES'; CREATE TABLE \"t\" (a INT); ALTER TABLE \"t\" ADD ";
    let folder = Folder::with(&[(STEM, &format!("{begin} a INT;"), "DROP TABLE t;")]);
    folder.uturn(db, "up").exits(5).says("stopped at statement 3 of 3");
    folder.pair(STEM, &format!("{begin} b INT;"), "DROP TABLE t;").uturn(db, "up").exits(0);
    assert_eq!(db.rows("SHOW COLUMNS FROM t").len(), 2);
});

on_each!(what_stopped_part_way_cannot_be_kept, |db| {
    let folder = Folder::with(&[
        ("20260101000000-a", "CREATE TABLE a (n INT);", "DROP TABLE a;"),
        (STEM_OF_B, "CREATE TABLE b (n INT); ALTER TABLE b ADD n INT;", "DROP TABLE b; DROP TABLE nonesuch;"),
    ]);
    let keep = |wanted: &str| format!("undo --keep {wanted} --yes");
    folder.uturn(db, "up").exits(5);
    for command in [keep(STEM_OF_B), format!("plan undo --keep {STEM_OF_B}"), keep(STEM_OF_B) + " --dry-run"] {
        folder
            .uturn(db, &command)
            .exits(3)
            .says(&format!("migration `{STEM_OF_B}` stopped part-way, so it cannot be kept as it is"))
            .says("`uturn up --steps 1` completes it, `uturn undo --steps 1` takes it back")
            .says("nothing has been changed");
    }
    assert_eq!(db.tables(), ["a", "b"]);
    // Half undone: its table is gone, and its down has stopped.
    folder.pair(STEM_OF_B, "CREATE TABLE b (n INT); ALTER TABLE b ADD m INT;", "DROP TABLE b; DROP TABLE nonesuch;");
    folder.uturn(db, "up").exits(0);
    folder.uturn(db, "undo").exits(5);
    folder.uturn(db, &keep(STEM_OF_B)).exits(3).says("`uturn undo --steps 1` reverts the rest of it");
    // Another one is kept while this one goes.
    folder.pair(STEM_OF_B, "CREATE TABLE b (n INT); ALTER TABLE b ADD m INT;", "DROP TABLE b; SELECT 1;");
    folder.uturn(db, &(keep("20260101") + " --down-from-files")).exits(0);
    folder
        .pair(STEM_OF_B, "CREATE TABLE b (n INT); ALTER TABLE b ADD n INT;", "DROP TABLE b;")
        .uturn(db, "up")
        .exits(5);
    folder.uturn(db, &keep("20260101")).exits(0).says("undone");
    assert_eq!((db.tables(), db.history().len()), (vec!["a".to_owned()], 1));
});
