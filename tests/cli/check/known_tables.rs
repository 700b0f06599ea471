//! What `check` knows of tables without being told: it neither reports what the servers do by themselves, nor is silent about
//! what they would refuse.

use crate::check::{check, found};
use crate::support::app::Folder;
use crate::support::server::on_each;

/// Ups and downs, and what is found in all of them.
type Case = (&'static [(&'static str, &'static str)], &'static [&'static str]);

const CHILD: (&str, &str) = (
    "CREATE TABLE p (id INT PRIMARY KEY);
     CREATE TABLE c (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES p (id));",
    "DROP TABLE c; DROP TABLE p;",
);
const T: (&str, &str) = ("CREATE TABLE t (id INT PRIMARY KEY);", "DROP TABLE t;");

const CASES: &[Case] = &[
    // A foreign key without a name has one all the same.
    (
        &[
            CHILD,
            (
                "ALTER TABLE c DROP FOREIGN KEY c_ibfk_1; DROP TABLE p;",
                "CREATE TABLE p (id INT PRIMARY KEY); ALTER TABLE c ADD FOREIGN KEY (p) REFERENCES p (id);",
            ),
        ],
        &["drops-table"],
    ),
    (
        &[
            CHILD,
            (
                "ALTER TABLE c DROP FOREIGN KEY c_ibfk_1; ALTER TABLE c DROP COLUMN p;",
                "ALTER TABLE c ADD p INT; ALTER TABLE c ADD FOREIGN KEY (p) REFERENCES p (id);",
            ),
        ],
        &["drops-column"],
    ),
    (
        &[
            CHILD,
            ("RENAME TABLE c TO d;", "RENAME TABLE d TO c;"),
            (
                "ALTER TABLE d DROP FOREIGN KEY d_ibfk_1; ALTER TABLE d DROP COLUMN p;",
                "ALTER TABLE d ADD p INT; ALTER TABLE d ADD FOREIGN KEY (p) REFERENCES p (id);",
            ),
        ],
        &["drops-column", "renames"],
    ),
    (&[CHILD, ("ALTER TABLE c DROP COLUMN p;", "ALTER TABLE c ADD p INT;")], &["drops-column", "still-referenced"]),
    // The columns of a primary key, and one that counts, take no NULL.
    (
        &[
            ("CREATE TABLE t (id INT AUTO_INCREMENT, n INT, PRIMARY KEY (id));", "DROP TABLE t;"),
            (
                "ALTER TABLE t MODIFY id INT UNSIGNED AUTO_INCREMENT;",
                "ALTER TABLE t MODIFY id INT NOT NULL AUTO_INCREMENT;",
            ),
        ],
        &["narrows-type", "narrows-type"],
    ),
    (
        &[
            ("CREATE TABLE t (id INT KEY, n INT);", "DROP TABLE t;"),
            ("ALTER TABLE t MODIFY id INT COMMENT 'x';", "ALTER TABLE t MODIFY id INT NOT NULL;"),
        ],
        &[],
    ),
    (
        &[
            ("CREATE TABLE t (id INT, UNIQUE KEY (id));", "DROP TABLE t;"),
            ("ALTER TABLE t ADD PRIMARY KEY (id);", "ALTER TABLE t DROP PRIMARY KEY;"),
        ],
        &["down-differs"],
    ),
    // A table that no file makes gets the name of one that is gone.
    (
        &[
            ("CREATE TABLE old (id INT PRIMARY KEY);", "DROP TABLE old;"),
            ("RENAME TABLE old TO older;", "RENAME TABLE older TO old;"),
            (
                "RENAME TABLE fresh TO old; ALTER TABLE old ADD x INT;",
                "ALTER TABLE old DROP x; RENAME TABLE old TO fresh;",
            ),
        ],
        &["renames", "renames"],
    ),
    // Rebuilt by hand, in both orders, and one whose rows are not all copied.
    (
        &[
            T,
            (
                "RENAME TABLE t TO t_old; CREATE TABLE t (id BIGINT PRIMARY KEY); INSERT INTO t SELECT id FROM t_old;
                 DROP TABLE t_old;",
                "RENAME TABLE t TO t_old; CREATE TABLE t (id INT PRIMARY KEY); INSERT INTO t (id) SELECT id FROM t_old;
                 DROP TABLE t_old;",
            ),
        ],
        &[],
    ),
    (
        &[
            T,
            (
                "CREATE TABLE t_new (id BIGINT PRIMARY KEY); INSERT INTO t_new SELECT id FROM t; DROP TABLE t;
                 ALTER TABLE t_new RENAME TO t;",
                "CREATE TABLE t_new (id INT PRIMARY KEY); INSERT INTO t_new SELECT id FROM t; DROP TABLE t;
                 RENAME TABLE t_new TO t;",
            ),
        ],
        &[],
    ),
    (
        &[
            T,
            (
                "RENAME TABLE t TO t_old; CREATE TABLE t (id BIGINT PRIMARY KEY);
                 INSERT INTO t SELECT id FROM t_old WHERE id > 5; DROP TABLE t_old;",
                "RENAME TABLE t TO t_old; CREATE TABLE t (id INT PRIMARY KEY); INSERT INTO t SELECT id FROM t_old;
                 DROP TABLE t_old;",
            ),
        ],
        &["drops-table"],
    ),
    (
        &[
            T,
            (
                "RENAME TABLE t TO t_old; CREATE TABLE t (id INT PRIMARY KEY); INSERT INTO t SELECT id FROM t_old;
                 DELETE FROM t; DROP TABLE t_old;",
                "DELETE FROM t WHERE id = 0;",
            ),
        ],
        &["drops-table"],
    ),
    (
        &[
            T,
            (
                "CREATE TABLE few (id INT PRIMARY KEY); RENAME TABLE t TO t_old; CREATE TABLE t (id INT PRIMARY KEY);
                 INSERT INTO t SELECT t_old.id FROM t_old, few; DROP TABLE t_old; DROP TABLE few;",
                "DELETE FROM t WHERE id = 0;",
            ),
        ],
        &["drops-table"],
    ),
    // The name that a table has in the end is the one to drop it by.
    (&[("CREATE TABLE a (id INT PRIMARY KEY); RENAME TABLE a TO b;", "DROP TABLE b;")], &[]),
    (
        &[
            T,
            (
                "CREATE TABLE u LIKE t; INSERT INTO u SELECT * FROM t; DROP TABLE t; RENAME TABLE u TO t;",
                "DELETE FROM t WHERE id = 0;",
            ),
        ],
        &[],
    ),
    // As dumps and design tools write it.
    (
        &[(
            "CREATE TABLE IF NOT EXISTS v (id INT); DROP TABLE IF EXISTS v; CREATE OR REPLACE VIEW v AS SELECT 1 AS id;",
            "DROP VIEW v;",
        )],
        &[],
    ),
    (
        &[(
            "DROP TABLE IF EXISTS v; /*!50001 CREATE TABLE v (id tinyint NOT NULL) ENGINE=MyISAM */;
             /*!50001 DROP TABLE IF EXISTS v */; /*!50001 CREATE VIEW v AS select 1 AS id */;",
            "DROP VIEW v;",
        )],
        &[],
    ),
    (
        &[("DROP TABLE IF EXISTS t; CREATE TABLE t (id INT) ENGINE=MyISAM;", "DROP TABLE t;")],
        &["no-primary-key", "no-transactions", "recreates-table"],
    ),
];

#[test]
fn what_the_servers_do_by_themselves_is_known() {
    for (pairs, expected) in CASES {
        let folder = folder(pairs);
        let mut names = found(&folder);
        names.sort();
        assert_eq!(names, *expected, "{pairs:?}\n{}", check(&folder).out);
    }
}

// What is said of the servers is so: whatever is not reported as refused runs up and down.
on_each!(what_is_not_reported_as_refused_runs, |db| {
    let server = &db.server;
    for (pairs, expected) in CASES.iter().filter(|(_, expected)| !expected.contains(&"still-referenced")) {
        let db = server.database();
        db.exec("CREATE TABLE fresh (id INT PRIMARY KEY)");
        let folder = folder(pairs);
        println!("{}: {pairs:?} {expected:?}", server.kind);
        folder.uturn(&db, "up --allow-non-empty").exits(0);
        folder.uturn(&db, "undo --all --yes").exits(0);
        assert_eq!(db.tables(), ["fresh"]);
    }
});

#[test]
fn databases_that_a_migration_makes_are_its_own() {
    for (up, down, expected) in [
        ("CREATE SCHEMA x; CREATE TABLE x.t (id INT PRIMARY KEY);", "DROP SCHEMA x;", &[] as &[&str]),
        ("CREATE DATABASE x; USE x; CREATE TABLE t (id INT PRIMARY KEY);", "DROP DATABASE x;", &[]),
        (
            "CREATE SCHEMA x; CREATE TABLE x.t (id INT PRIMARY KEY);",
            "DO 'x';",
            &["down-does-nothing", "down-forgets", "down-forgets"],
        ),
        // It may be the one that is configured.
        ("CREATE SCHEMA IF NOT EXISTS x; CREATE TABLE t (id INT PRIMARY KEY);", "DROP TABLE t;", &[]),
        (
            "CREATE SCHEMA IF NOT EXISTS x; USE x; CREATE TABLE t (id INT PRIMARY KEY);",
            "DROP TABLE t;",
            &["other-database"],
        ),
        ("CREATE TABLE y.t (id INT PRIMARY KEY);", "DROP TABLE y.t;", &["other-database", "other-database"]),
    ] {
        let folder = Folder::with(&[("20260101000000-a", up, down)]);
        let mut names = found(&folder);
        names.sort();
        assert_eq!(names, expected, "{up}\n{}", check(&folder).out);
    }
}

#[test]
fn the_words_before_table_are_no_name() {
    for words in ["ONLINE", "IGNORE", "ONLINE IGNORE"] {
        let up = format!("ALTER {words} TABLE t ADD COLUMN x INT;");
        let folder = Folder::with(&[("20260101000000-a", &up, "ALTER TABLE t DROP COLUMN x;")]);
        assert_eq!(found(&folder), [""; 0], "{}", check(&folder).out);
        let folder = Folder::with(&[("20260101000000-a", &up, "DROP TABLE u;")]);
        check(&folder).says("column `t.x`");
    }
}

#[test]
fn an_empty_default_is_shown() {
    let to = |default: &str| format!("ALTER TABLE t MODIFY b VARCHAR(9) NOT NULL DEFAULT {default};");
    for (was, is, said) in [
        ("'x'", "''", "is DEFAULT '', and before it was DEFAULT 'x'"),
        ("''", "' '", "is DEFAULT ' ', and before it was DEFAULT ''"),
        ("'1'", "'it''s'", "is DEFAULT 'it''s', and before it was DEFAULT 1"),
    ] {
        let made = format!("CREATE TABLE t (id INT PRIMARY KEY, b VARCHAR(9) NOT NULL DEFAULT {was});");
        let folder =
            Folder::with(&[("20260101000000-a", &made, "DROP TABLE t;"), ("20260102000000-b", &to("'y'"), &to(is))]);
        check(&folder).exits(1).says(said);
    }
}

fn folder(pairs: &[(&str, &str)]) -> Folder {
    let folder = Folder::new();
    for (number, (up, down)) in pairs.iter().enumerate() {
        folder.pair(&format!("2026010{}000000-m", number + 1), up, down);
    }
    folder
}
