//! The 24 migrations that ship with uturn: up, down one by one, up again, on empty tables and on tables with rows.

use crate::support::app::{Run, on, run, uturn};
use crate::support::server::{Db, on_each};

/// The stems, oldest first, as `status` shows them.
fn stems(db: &Db) -> Vec<String> {
    let status = uturn(db, "status").exits(0);
    status.out.lines().map(|line| line.split_whitespace().nth(1).expect("state and stem").to_owned()).collect()
}

on_each!(all_24_go_up_down_one_by_one_and_up_again_and_every_schema_comes_back, |db| {
    let stems = stems(db);
    assert_eq!(stems.len(), 24);
    let mut schemas = vec![db.schema()];
    for stem in &stems {
        uturn(db, "up --steps 1").exits(0).says(stem);
        schemas.push(db.schema());
    }
    uturn(db, "up").exits(0).says("nothing is pending");
    for (index, stem) in stems.iter().enumerate().rev() {
        uturn(db, "undo").exits(0).says(stem);
        assert_eq!(db.schema(), schemas[index], "after the undo of {stem}");
    }
    uturn(db, "undo").exits(0).says("nothing to undo");
    assert!(db.tables().is_empty(), "{:?}", db.tables());
    uturn(db, "up").exits(0);
    assert_eq!(&db.schema(), schemas.last().expect("24 of them"));
});

on_each!(all_24_go_back_and_forth_over_tables_with_rows, |db| {
    uturn(db, "up --to 20260128100010").exits(0);
    for statement in [
        "INSERT INTO users (first_name, last_name, email, password, role, known_by_mars_ai) VALUES \
             ('Ada', 'L', 'a@x.org', 'x', 'ADMIN', 'YES'), ('Bo', 'M', 'b@x.org', 'x', 'JURY', 'NO'), ('Cy', 'N', 'c@x.org', 'x', 'PRODUCER', NULL)",
        "INSERT INTO movies (title, duration) VALUES ('One', 60), ('Two', 61)",
        "INSERT INTO votes (id_movie, id_user, note, comments) SELECT id_movie, id_user, 'TO DISCUSS', 'é ☃' FROM movies JOIN users",
    ] {
        db.exec(statement);
    }
    let schema = db.schema();
    let content =
        "SELECT title, duration, (SELECT COUNT(*) FROM votes v WHERE v.id_movie = m.id_movie) FROM movies m ORDER BY 1";
    let rows = db.rows(content);
    uturn(db, "up").exits(0);
    let owners = db.rows("SELECT DISTINCT u.email FROM movies m JOIN users u ON u.id_user = m.id_user");
    assert_eq!(owners, ["a@x.org"], "the oldest ADMIN owns the movies that had no owner");
    assert_eq!(db.rows("SELECT known_by_mars_ai FROM users ORDER BY email"), ["Par un ami", "NULL", "NULL"]);
    uturn(db, "undo --keep 20260128100010 --yes").exits(0);
    assert_eq!(db.schema(), schema);
    assert_eq!(db.rows(content), rows);
    assert_eq!(db.rows("SELECT known_by_mars_ai FROM users ORDER BY email"), ["YES", "NULL", "NULL"]);
    uturn(db, "up").exits(0);
});

on_each!(movies_without_any_user_stop_for_a_person_and_go_on_when_there_is_one, |db| {
    uturn(db, "up --to 20260128100010").exits(0);
    db.exec("INSERT INTO movies (title, duration) VALUES ('Orphan', 1)");
    uturn(db, "up").exits(5).says("stopped at statement 2 of 3").says("1452").says("statement 1 is done and recorded");
    uturn(db, "status --exit-code").exits(1).says("stopped");
    db.exec("INSERT INTO users (first_name, last_name, email, password) VALUES ('A', 'B', 'a@b', 'x')");
    uturn(db, "up").exits(0).says("resumes at statement 2 of 3");
    uturn(db, "status --exit-code").exits(0);
});

on_each!(what_dry_run_prints_can_be_handed_to_the_client_and_uturn_agrees_with_the_result, |db| {
    let printed: Run = uturn(db, "up --dry-run").exits(0);
    assert!(db.rows("SHOW TABLES").is_empty(), "a dry run changes nothing");
    db.client(&printed.out).exits(0);
    uturn(db, "status --exit-code").exits(0).says("24 applied, 0 pending");
    let back = run(on(db).args(["undo", "--all", "--dry-run"])).exits(0);
    assert!(back.out.contains("DROP TABLE users"), "{}", back.out);
    uturn(db, "undo --all --yes").exits(0);
    assert!(db.tables().is_empty());
});
