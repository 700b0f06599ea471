//! `uturn prove --rows`: tables of every shape are filled, what fails on data fails here, and what is lost is told.

use crate::support::app::{Folder, Run, on, run, uturn};
use crate::support::server::{Db, on_each};
use std::path::Path;

/// The migrations of a run that are not proven.
fn not_proven(run: &Run) -> Vec<&str> {
    let lines = run.out.lines().filter_map(|line| line.strip_prefix("not proven  "));
    lines.filter_map(|line| line.split_whitespace().next()).collect()
}

fn prove(db: &Db, fixture: &str, options: &[&str]) -> Run {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(fixture);
    run(on(db).arg("prove").arg("--dir").arg(&folder).args(options))
}

on_each!(the_24_that_ship_are_proven_with_rows, |db| {
    let run = uturn(db, "prove --rows 50").exits(0).says("24 proven, on M").never_says("short");
    assert_eq!(not_proven(&run), Vec::<&str>::new());
    run.says("50 rows of users did not come back (the down takes the table away)")
        .says("votes.id_film lost their values (the down does not bring back what was there before the up)")
        .says("users.known_by_mars_ai lost their values (the down loses them");
});

on_each!(the_fourth_defect_needs_rows_and_the_proof_goes_on_behind_it, |db| {
    let run = prove(db, "prove-defects", &["--rows", "5"]).exits(1);
    let expected = [
        "20260128144807-alter-movies",
        "20260210100000-alter-users-known-by-mars-ai",
        "20260212103000-drop-id-film-from-votes",
        "20260219132833-add-fields-to-movies",
    ];
    assert_eq!(not_proven(&run), expected);
    run.says("20 proven, 4 not proven")
        .says("its up fails at statement 1, with 5 rows generated in each table")
        .says("alter-movies.up.sql:2:1")
        .says("server: 1452 (23000)");
});

on_each!(tables_of_every_shape_are_filled, |db| {
    let run = prove(db, "rows", &["--rows", "30"]);
    let mut run = run.exits(0).says("3 proven").never_says("short  ");
    for table in ["types", "tenants", "people", "tasks", "profiles", "nodes", "hens", "eggs", "accounts", "pairs"] {
        run = run.says(&format!(" rows of {table} did not come back"));
    }
    for table in ["checked", "by_year", "by_days", "by_word", "by_number", "by_range", "by_hash", "watched"] {
        run = run.says(&format!("30 rows of {table} did not come back"));
    }
});

on_each!(types_of_one_server_are_filled, |db| {
    let up = match db.server.kind {
        "mariadb" => {
            "CREATE TABLE t (id UUID PRIMARY KEY, a INET4 NOT NULL, b INET6 NOT NULL UNIQUE, \
                 c VARCHAR(20) NOT NULL INVISIBLE DEFAULT 'x', d JSON NOT NULL) WITH SYSTEM VERSIONING;"
        }
        _ => {
            "CREATE TABLE t (id BINARY(16) PRIMARY KEY DEFAULT (UUID_TO_BIN(UUID())), a POINT NOT NULL SRID 4326, \
                 b VARCHAR(20) NOT NULL, c VECTOR(3), d JSON NOT NULL, UNIQUE KEY ((LOWER(b))), SPATIAL KEY (a));"
        }
    };
    let folder = Folder::with(&[("20260101000000-t", up, "DROP TABLE t;")]);
    folder.uturn(db, "prove --rows 20").exits(0).says("20 rows of t did not come back").never_says("short  ");
});

/// A table, and a migration that runs in an empty database and fails on rows.
fn fails_on_rows(db: &Db, table: &str, up: &str, down: &str, said: &str) {
    let drop = "SET foreign_key_checks = 0; DROP TABLE IF EXISTS t, p;";
    let folder = Folder::with(&[
        ("20260101000000-t", table, drop),
        ("20260102000000-change", up, down),
        ("20260103000000-later", "CREATE TABLE later (id INT);", "DROP TABLE later;"),
    ]);
    folder.uturn(db, "prove").exits(0);
    let run = folder.uturn(db, "prove --rows 10").exits(1).says(said).says("with 10 rows generated in each table");
    assert_eq!(not_proven(&run), ["20260102000000-change"]);
    run.says("2 proven, 1 not proven");
}

on_each!(a_not_null_foreign_key_on_a_table_with_rows, |db| {
    fails_on_rows(
        db,
        "CREATE TABLE p (id INT PRIMARY KEY); CREATE TABLE t (id INT PRIMARY KEY);",
        "ALTER TABLE t ADD p INT NOT NULL, ADD CONSTRAINT t_p FOREIGN KEY (p) REFERENCES p (id);",
        "ALTER TABLE t DROP FOREIGN KEY t_p, DROP KEY t_p, DROP COLUMN p;",
        "server: 1452",
    );
});

on_each!(an_enum_narrowed_over_used_values, |db| {
    fails_on_rows(
        db,
        "CREATE TABLE t (id INT PRIMARY KEY, e ENUM('a', 'b', 'c') NOT NULL);",
        "ALTER TABLE t MODIFY e ENUM('a', 'b') NOT NULL;",
        "ALTER TABLE t MODIFY e ENUM('a', 'b', 'c') NOT NULL;",
        "server: 1265",
    );
});

on_each!(a_unique_key_over_duplicates, |db| {
    fails_on_rows(
        db,
        "CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(20), b INT NOT NULL);",
        "ALTER TABLE t ADD UNIQUE KEY u (a, b);",
        "ALTER TABLE t DROP KEY u;",
        "server: 1062",
    );
});

on_each!(a_column_shortened_over_long_values, |db| {
    for (long, short) in [("VARCHAR(200)", "VARCHAR(199)"), ("MEDIUMTEXT", "TEXT"), ("VARBINARY(9)", "VARBINARY(8)")] {
        fails_on_rows(
            &db.server.database(),
            &format!("CREATE TABLE t (id INT PRIMARY KEY, a {long});"),
            &format!("ALTER TABLE t MODIFY a {short};"),
            &format!("ALTER TABLE t MODIFY a {long};"),
            "its up fails at statement 1",
        );
    }
});

on_each!(a_number_narrowed_and_a_null_forbidden, |db| {
    fails_on_rows(
        &db.server.database(),
        "CREATE TABLE t (id INT PRIMARY KEY, a INT UNSIGNED);",
        "ALTER TABLE t MODIFY a INT;",
        "ALTER TABLE t MODIFY a INT UNSIGNED;",
        "server: 1264",
    );
    fails_on_rows(
        &db.server.database(),
        "CREATE TABLE t (id INT PRIMARY KEY, a INT);",
        "ALTER TABLE t MODIFY a INT NOT NULL;",
        "ALTER TABLE t MODIFY a INT;",
        "fails at statement 1",
    );
});

on_each!(a_down_that_fails_on_what_its_up_allows, |db| {
    fails_on_rows(
        db,
        "CREATE TABLE t (id INT PRIMARY KEY, e ENUM('a', 'b') NOT NULL);",
        "ALTER TABLE t MODIFY e ENUM('a', 'b', 'c') NOT NULL;",
        "ALTER TABLE t MODIFY e ENUM('a', 'b') NOT NULL;",
        "its down fails at statement 1",
    );
});

on_each!(losses_are_told_by_table_and_column_and_fail_only_if_asked, |db| {
    let folder = Folder::with(&[
        (
            "20260101000000-t",
            "CREATE TABLE t (id INT PRIMARY KEY, note VARCHAR(9) NOT NULL, n INT NOT NULL);",
            "DROP TABLE t;",
        ),
        (
            "20260102000000-drop",
            "ALTER TABLE t DROP COLUMN note;",
            "ALTER TABLE t ADD note VARCHAR(9) NOT NULL AFTER id;",
        ),
        ("20260103000000-gone", "DELETE FROM t WHERE id < 1003;", "DO 0;"),
    ]);
    let lost = "9 rows of t.note lost their values (the down does not bring back what was there before the up)";
    let gone = "rows of t did not come back (the down does not bring back what was there before the up)";
    folder.uturn(db, "prove --rows 10").exits(0).says("3 proven").says(lost).says(gone);
    let run = folder.uturn(db, "prove --rows 10 --no-loss").exits(1).says("it loses values, which --no-loss forbids");
    assert_eq!(not_proven(&run), ["20260102000000-drop", "20260103000000-gone"]);
    folder.uturn(db, "prove --no-loss").exits(2).says("add --rows N");
    let kept = Folder::with(&[
        ("20260101000000-t", "CREATE TABLE t (id INT PRIMARY KEY, a INT);", "DROP TABLE t;"),
        ("20260102000000-name", "ALTER TABLE t RENAME COLUMN a TO b;", "ALTER TABLE t RENAME COLUMN b TO a;"),
        ("20260103000000-add", "ALTER TABLE t ADD c INT;", "ALTER TABLE t DROP COLUMN c;"),
    ]);
    kept.uturn(db, "prove --rows 10 --no-loss").exits(0).says("t.c lost their values (the down takes the column away)");
});

on_each!(json_tells_losses_and_faults_on_rows, |db| {
    let folder = Folder::with(&[("20260101000000-t", "CREATE TABLE t (id INT PRIMARY KEY);", "DROP TABLE t;")]);
    folder
        .uturn(db, "prove --rows 4 --json")
        .exits(0)
        .says(r#""losses":[{"by":"removed","column":null,"of":4,"rows":4,"table":"t"}]"#);
    let never = "CREATE TABLE t (id INT PRIMARY KEY, a INT NOT NULL, CHECK (a * 0 = 1));";
    let folder = Folder::with(&[("20260101000000-t", never, "DROP TABLE t;")]);
    folder
        .uturn(db, "prove --rows 4 --json")
        .exits(0)
        .says(r#""event":"short""#)
        .says(r#""of":4,"rows":0,"table":"t""#);
    folder.uturn(db, "prove --rows 4").exits(0).says("table `t` has 0 of 4 generated rows");
});

on_each!(the_same_seed_makes_the_same_rows, |db| {
    // The digest of the rows comes out as the words of an error.
    let tell = "CREATE PROCEDURE tell() BEGIN DECLARE m VARCHAR(100); SELECT SHA2(GROUP_CONCAT(id, name, n ORDER BY id), 256) INTO m \
                    FROM t; IF m IS NOT NULL THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = m; END IF; END; CALL tell();";
    let folder = Folder::with(&[
        (
            "20260101000000-t",
            "CREATE TABLE t (id INT PRIMARY KEY, name VARCHAR(20) NOT NULL, n INT NOT NULL);",
            "DROP TABLE t;",
        ),
        ("20260102000000-tell", tell, "DROP PROCEDURE tell;"),
    ]);
    let digest = |options: &str| {
        let run = folder.uturn(db, &format!("prove --rows 8 {options}")).exits(1);
        let said = run.out.split("(45000) ").nth(1).expect("it was told").to_owned();
        said.split_whitespace().next().expect("a digest").to_owned()
    };
    let first = digest("--seed 7");
    assert_eq!(first.len(), 64, "{first}");
    assert_eq!(first, digest("--seed 7"));
    assert_ne!(first, digest("--seed 8"));
    assert_eq!(digest(""), digest("--seed 1"));
});
