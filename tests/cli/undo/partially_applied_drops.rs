//! The way back of a migration that stopped part-way, and what was there before it: nothing is dropped that the up never
//! made, and nothing is passed over that it did.

use crate::support::app::{Folder, run};
use crate::support::server::{Db, STEPS, on_each};

const STEM: &str = "20260101000000-m";

/// A table with a row, and a migration that stops.
fn stopped(db: &Db, up: &str, down: &str) -> Folder {
    db.exec("DROP VIEW IF EXISTS va, vb");
    db.exec(
        "DROP TABLE IF EXISTS t, t_old, a, b, right1, refinery_schema_history, refinery_schema_history_run, \
         refinery_schema_history_step",
    );
    db.exec("CREATE TABLE t (id INT PRIMARY KEY, name VARCHAR(50), note TEXT) ENGINE=InnoDB");
    db.exec("INSERT INTO t VALUES (1, 'Ada', 'kept')");
    let folder = Folder::with(&[(STEM, up, down)]);
    folder.uturn(db, "up").exits(5);
    folder
}

fn columns(db: &Db, table: &str) -> String {
    db.rows(&format!(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = '{table}' \
         ORDER BY ordinal_position"
    ))
    .join(" ")
}

const NEVER: &str = "the up did not reach what it reverts";

on_each!(what_the_up_never_came_to_is_left_out, |db| {
    let folder = stopped(
        db,
        "CREATE TABLE a (id INT); ALTER TABLE a ADD INDEX (nosuch); ALTER TABLE t ADD COLUMN note TEXT;",
        "ALTER TABLE t DROP COLUMN note; DROP TABLE a;",
    );
    folder.uturn(db, "undo --dry-run").exits(0);
    folder.uturn(db, "undo").exits(0).says("statement 1 of").says("is left out").says(NEVER);
    assert_eq!((db.rows("SELECT note FROM t"), db.tables()), (vec!["kept".to_owned()], vec!["t".to_owned()]));

    let folder = stopped(
        db,
        "CREATE TABLE a (id INT); ALTER TABLE a ADD INDEX (nosuch); CREATE TABLE b (id INT);",
        "DROP TABLE b; DROP TABLE a;",
    );
    db.exec("CREATE TABLE b (id INT)");
    db.exec("INSERT INTO b VALUES (7)");
    folder.uturn(db, "undo").exits(0).says(NEVER);
    assert_eq!((db.rows("SELECT id FROM b"), db.tables()), (vec!["7".to_owned()], ["b", "t"].map(String::from).into()));
    folder.uturn(db, "status").exits(0).says("pending");
});

on_each!(a_column_that_was_to_be_replaced_stays, |db| {
    let folder = stopped(
        db,
        "ALTER TABLE t ADD name_new VARCHAR(50) AFTER name; INSERT INTO t (id, name_new) VALUES (1, 'dup'); \
             UPDATE t SET name_new = name; ALTER TABLE t DROP COLUMN name; ALTER TABLE t CHANGE name_new name VARCHAR(50);",
        "ALTER TABLE t ADD name_old VARCHAR(50); UPDATE t SET name_old = name; ALTER TABLE t DROP COLUMN name; \
             ALTER TABLE t CHANGE name_old name VARCHAR(50);",
    );
    folder.uturn(db, "undo").exits(3).says("may destroy data");
    folder.uturn(db, "undo --down-data skip").exits(0).says("statement 3 of").says(NEVER);
    assert_eq!(db.rows("SELECT id, name, note FROM t"), ["1|Ada|kept"]);
});

on_each!(tables_that_were_to_be_swapped_are_not, |db| {
    let folder = stopped(
        db,
        "CREATE TABLE a (id INT); ALTER TABLE a ADD INDEX (nosuch); RENAME TABLE t TO t_old, a TO t;",
        "DROP TABLE t; RENAME TABLE t_old TO t; DROP TABLE a;",
    );
    folder.uturn(db, "undo").exits(0).says("statement 1 of").says(NEVER);
    assert_eq!((db.rows("SELECT name FROM t"), db.tables()), (vec!["Ada".to_owned()], vec!["t".to_owned()]));
});

on_each!(what_is_left_out_stays_so_where_the_down_stops_as_well, |db| {
    let up = "CREATE TABLE a (id INT); CREATE TABLE right1 (id INT); ALTER TABLE a ADD INDEX (nosuch); \
                  ALTER TABLE t ADD COLUMN note TEXT; ALTER TABLE t ADD COLUMN name INT;";
    let down = "ALTER TABLE t DROP COLUMN note; DROP TABLE right1; ALTER TABLE a ADD INDEX (nosuch); \
                    ALTER TABLE t DROP COLUMN name; DROP TABLE a;";
    let folder = stopped(db, up, down);
    folder.uturn(db, "undo").exits(5).says("stopped at statement 3 of 5").says(NEVER);
    folder.uturn(db, "undo").exits(5).says("stopped at statement 3 of 5");
    db.exec("ALTER TABLE a ADD nosuch INT");
    folder.uturn(db, "undo").exits(0).says("statement 4 of").says(NEVER);
    assert_eq!((columns(db, "t"), db.tables()), ("id name note".to_owned(), vec!["t".to_owned()]));

    // Without the up, what was gone past stays so.
    let folder =
        stopped(db, up, "ALTER TABLE t DROP COLUMN note; DROP TABLE right1; ALTER TABLE a ADD INDEX (nosuch);");
    folder.uturn(db, "undo").exits(5).says(NEVER);
    folder.remove(STEM);
    db.exec("ALTER TABLE a ADD nosuch INT");
    folder.uturn(db, "undo").exits(0);
    assert_eq!((columns(db, "t"), db.tables()), ("id name note".to_owned(), ["a", "t"].map(String::from).into()));
});

on_each!(what_gives_back_something_that_is_gone_is_not_left_out, |db| {
    let folder = stopped(
        db,
        "ALTER TABLE t DROP COLUMN note; ALTER TABLE t ADD INDEX (nosuch); ALTER TABLE t ADD COLUMN fresh INT;",
        "ALTER TABLE t DROP COLUMN fresh, ADD COLUMN note TEXT;",
    );
    // The other clause has something to revert.
    folder.uturn(db, "undo").exits(5).says("1091").never_says("nothing to revert");
    assert_eq!(columns(db, "t"), "id name");
    folder.pair(
        STEM,
        "ALTER TABLE t DROP COLUMN note; ALTER TABLE t ADD INDEX (nosuch); ALTER TABLE t ADD COLUMN fresh INT;",
        "ALTER TABLE t ADD COLUMN note TEXT;",
    );
    folder.uturn(db, "undo --down-from-files").exits(0);
    assert_eq!(columns(db, "t"), "id name note");
});

on_each!(a_mended_down_is_asked_about_as_the_first_one, |db| {
    let up = "CREATE TABLE a (id INT); ALTER TABLE a ADD INDEX (nosuch); INSERT INTO t (id) VALUES (2);";
    let folder = stopped(db, up, "ALTER TABLE a ADD INDEX (nosuch); DROP TABLE a;");
    folder.uturn(db, "undo").exits(5);
    folder.pair(STEM, up, "DELETE FROM t WHERE name = 'Ada'; DROP TABLE a;");
    let before = db.everything();
    folder
        .uturn(db, "undo --down-from-files")
        .exits(3)
        .says("stopped part-way, and the rest of it may destroy data")
        .says("of the up, statement 1 is done; statements 2 to 3 are not (3 for rows)")
        .says("statement 1 of the down writes rows (deletes from `t` with 1 row): DELETE FROM t")
        .never_says("fix the up");
    assert_eq!(db.everything(), before);
    folder.uturn(db, "undo --down-from-files --down-data skip").exits(0);
    assert_eq!((db.rows("SELECT name FROM t"), db.tables()), (vec!["Ada".to_owned()], vec!["t".to_owned()]));
});

on_each!(that_a_down_may_run_whole_is_said_of_that_down_alone, |db| {
    let up = "CREATE TABLE a (id INT); ALTER TABLE a ADD INDEX (nosuch); INSERT INTO t (id) VALUES (2);";
    let folder = stopped(db, up, "DELETE FROM t WHERE id = 2; ALTER TABLE a ADD INDEX (nosuch); DROP TABLE a;");
    folder.uturn(db, "undo --down-data run").exits(5);
    folder.uturn(db, "undo").exits(5);
    folder.pair(STEM, up, "DELETE FROM t WHERE id = 2; DELETE FROM t; DROP TABLE a;");
    let asked = folder.uturn(db, "undo --down-from-files").exits(3).says("statement 2 of the down writes rows");
    asked.never_says("statement 1 of the down");
    folder.uturn(db, "undo --down-from-files --down-data run").exits(0);
    assert_eq!((db.rows("SELECT name FROM t"), db.tables()), (vec![], vec!["t".to_owned()]));
});

on_each!(a_primary_key_that_was_there_before_is_asked_about, |db| {
    let folder = stopped(
        db,
        "CREATE TABLE a (id INT); ALTER TABLE t ADD PRIMARY KEY (id);",
        "ALTER TABLE t DROP PRIMARY KEY; DROP TABLE a;",
    );
    folder
        .uturn(db, "undo")
        .exits(3)
        .says("statement 1 of the down drops what was there before: ALTER TABLE t DROP PRIMARY KEY");
    folder.uturn(db, "undo --down-data skip").exits(0);
    assert_eq!(db.tables(), ["t"]);
    let keys = "SELECT column_name FROM information_schema.key_column_usage \
                    WHERE table_schema = DATABASE() AND table_name = 't' AND constraint_name = 'PRIMARY'";
    assert_eq!(db.rows(keys), ["id"]);
});

on_each!(a_table_that_names_its_own_part_twice_was_not_there_before, |db| {
    let folder =
        stopped(db, "CREATE TABLE a (id INT); CREATE TABLE b (id INT, id INT);", "DROP TABLE b; DROP TABLE a;");
    folder.uturn(db, "undo").exits(0).says(NEVER);
    assert_eq!(db.tables(), ["t"]);
});

on_each!(a_drop_of_several_drops_those_that_are_there, |db| {
    for (what, first, bad) in [
        ("TABLE", "CREATE TABLE a (id INT)", "CREATE TABLE b (id INT, KEY (nosuch))"),
        ("VIEW", "CREATE VIEW va AS SELECT id FROM t", "CREATE VIEW vb AS SELECT nosuch FROM t"),
    ] {
        let names = if what == "VIEW" { "vb, va" } else { "b, a" };
        let folder = stopped(db, &format!("{first}; {bad};"), &format!("DROP {what} {names};"));
        folder.uturn(db, "undo --warnings-as-errors").exits(0).says("had nothing to revert");
        assert_eq!(db.tables(), ["t"], "{what}");
        let steps = format!(
            "SELECT s.state FROM {STEPS} JOIN refinery_schema_history_run r USING (run_no) WHERE r.direction = 'down'"
        );
        assert_eq!(db.rows(&steps), ["done"], "{what}");
    }
});

on_each!(a_drop_of_several_is_asked_about_where_one_of_them_was_there_before, |db| {
    for down in ["DROP TABLE b, a;", "DROP TABLE IF EXISTS a, b;"] {
        let up = "CREATE TABLE a (id INT); ALTER TABLE a ADD INDEX (nosuch); CREATE TABLE b (id INT);";
        let folder = stopped(db, up, down);
        db.exec("CREATE TABLE b (id INT)");
        db.exec("INSERT INTO b VALUES (7)");
        folder.uturn(db, "undo --dry-run").exits(3);
        folder
            .uturn(db, "undo")
            .exits(3)
            .says("of the down drops what was there before (drops `b` with 1 row): DROP TABLE");
        assert_eq!(db.tables(), ["a", "b", "t"], "{down}");
        // What is left out stays, and is named.
        folder.uturn(db, "undo --down-data skip").exits(0).says("not as they were before");
        assert_eq!(db.rows("SELECT id FROM b"), ["7"], "{down}");

        let folder = stopped(db, up, down);
        folder.uturn(db, "undo").exits(0);
        assert_eq!(db.tables(), ["t"], "{down}");
    }
});

on_each!(a_drop_of_several_that_is_cut_is_brought_to_its_end, |db| {
    for point in ["ddl.before_rest", "ddl.after"] {
        let up = "CREATE TABLE a (id INT); CREATE TABLE b (id INT, KEY (nosuch));";
        let folder = stopped(db, up, "DROP TABLE b, a;");
        let cut = run(folder.command(db, "undo").env("UTURN_FAILPOINT", point));
        assert_eq!(cut.code, None, "{point}: {}", cut.err);
        folder.uturn(db, "undo").exits(0);
        assert_eq!(db.tables(), ["t"], "{point}");
    }
});

on_each!(a_statement_that_was_passed_over_cannot_be_mended_any_more, |db| {
    let up = "CREATE TABLE right1 (id INT); ALTER TABLE right1 ADD INDEX (nosuch);";
    let folder = stopped(db, up, "DROP TABLE wrong1; ALTER TABLE right1 ADD INDEX (nosuch);");
    folder.uturn(db, "undo").exits(5).says("had nothing to revert");
    folder.pair(STEM, up, "DROP TABLE right1; SELECT 1;");
    folder
        .uturn(db, "undo --down-from-files")
        .exits(3)
        .says("statement 1 had nothing to revert, and was `DROP TABLE wrong1`")
        .says("put the new one after the last one that is finished");
    folder.pair(STEM, up, "DROP TABLE wrong1; DROP TABLE right1;");
    folder.uturn(db, "undo --down-from-files").exits(0);
    assert_eq!(db.tables(), ["t"]);
});

on_each!(a_partition_that_was_there_before_is_asked_about, |db| {
    let partitioned = "CREATE TABLE p (n INT) ENGINE=InnoDB PARTITION BY RANGE (n) \
                           (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20))";
    for (up, down) in [
        (
            "CREATE TABLE a (n INT) ENGINE=InnoDB; ALTER TABLE nosuch ADD x INT; ALTER TABLE p EXCHANGE PARTITION p0 WITH TABLE a;",
            "ALTER TABLE p EXCHANGE PARTITION p0 WITH TABLE a; DROP TABLE a;",
        ),
        (
            "CREATE TABLE a (n INT); ALTER TABLE p ADD PARTITION (PARTITION p1 VALUES LESS THAN (30));",
            "ALTER TABLE p DROP PARTITION p1; DROP TABLE a;",
        ),
        (
            "CREATE TABLE a (n INT); ALTER TABLE nosuch ADD x INT; INSERT INTO p VALUES (3);",
            "ALTER TABLE p TRUNCATE PARTITION p0; DROP TABLE a;",
        ),
    ] {
        db.exec("DROP TABLE IF EXISTS p");
        db.exec(partitioned);
        db.exec("INSERT INTO p VALUES (1), (11)");
        let folder = stopped(db, up, down);
        folder.uturn(db, "undo").exits(3).says("may destroy data");
        assert_eq!(db.rows("SELECT n FROM p ORDER BY n"), ["1", "11"], "{down}");
        folder.uturn(db, "undo --down-data skip").exits(0);
        assert_eq!(db.rows("SELECT n FROM p ORDER BY n"), ["1", "11"], "{down}");
    }
});

on_each!(what_the_up_was_still_to_drop_is_not_dropped_and_made_anew, |db| {
    let mut downs = vec!["DROP TABLE IF EXISTS t; CREATE TABLE t (id INT); DROP TABLE a;"];
    if db.server.kind == "mariadb" {
        downs.push("CREATE OR REPLACE TABLE t (id INT); DROP TABLE a;");
    }
    for down in downs {
        let up = "CREATE TABLE a (id INT); ALTER TABLE a ADD INDEX (nosuch); DROP TABLE t;";
        let folder = stopped(db, up, down);
        folder.uturn(db, "undo").exits(3).says("statement 1 of the down drops what was there before");
        assert_eq!(db.rows("SELECT note FROM t"), ["kept"], "{down}");
    }
});

on_each!(a_foreign_key_or_check_that_is_still_there_is_nothing_to_put_back, |db| {
    for (part, drop) in [
        ("CONSTRAINT c FOREIGN KEY (p) REFERENCES t (id)", "DROP FOREIGN KEY c"),
        ("CONSTRAINT c CHECK (p > 0)", "DROP CONSTRAINT c"),
    ] {
        db.exec("DROP TABLE IF EXISTS kept");
        db.exec("DROP TABLE IF EXISTS t");
        db.exec("CREATE TABLE t (id INT PRIMARY KEY) ENGINE=InnoDB");
        db.exec(&format!("CREATE TABLE kept (p INT, {part}) ENGINE=InnoDB"));
        let before = db.rows("SHOW CREATE TABLE kept");
        let folder = Folder::with(&[(
            STEM,
            &format!("CREATE TABLE a (x INT); ALTER TABLE a ADD KEY (nosuch); ALTER TABLE kept {drop};"),
            &format!("ALTER TABLE kept ADD {part}; DROP TABLE a;"),
        )]);
        folder.uturn(db, "up").exits(5).says("1072");
        folder.uturn(db, "plan undo").exits(0);
        folder.uturn(db, "undo").exits(0).says("had nothing to revert");
        assert_eq!(db.rows("SHOW CREATE TABLE kept"), before);
        assert_eq!(db.tables(), ["kept", "t"]);
        // One that is wrong in itself stops it: nothing says that it was there.
        let folder = Folder::with(&[(
            STEM,
            "CREATE TABLE a (x INT); ALTER TABLE a ADD KEY (nosuch);",
            "ALTER TABLE kept ADD CONSTRAINT d FOREIGN KEY (p) REFERENCES a (x, x); DROP TABLE a;",
        )]);
        folder.uturn(db, "up").exits(5);
        folder.uturn(db, "undo").exits(5);
        db.exec("DROP TABLE a");
        db.forget_runs();
    }
});
