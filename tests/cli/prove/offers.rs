//! What `prove` offers runs: a down with these statements behind it is the way back. Each case on both servers, unless it says
//! another thing.

use crate::support::app::Folder;
use crate::support::server::{Db, on_each};
use serde_json::Value;

const BOTH: &[&str] = &["mariadb", "mysql"];
const MARIADB: &[&str] = &["mariadb"];
const MYSQL: &[&str] = &["mysql"];

/// What is there before, up, and a down that does not bring it back.
struct Case {
    name: &'static str,
    on: &'static [&'static str],
    before: &'static str,
    up: &'static str,
    down: &'static str,
    /// The statements that are offered.
    offered: &'static [&'static str],
}

const CASES: &[Case] = &[
    Case {
        name: "a foreign key with another action",
        on: BOTH,
        before: "CREATE TABLE x (id INT PRIMARY KEY, p INT, KEY k (p), CONSTRAINT f FOREIGN KEY (p) REFERENCES x (id) ON DELETE CASCADE)",
        up: "ALTER TABLE x DROP FOREIGN KEY f",
        down: "ALTER TABLE x ADD CONSTRAINT f FOREIGN KEY (p) REFERENCES x (id)",
        offered: &[
            "ALTER TABLE `x` DROP FOREIGN KEY `f`",
            "ALTER TABLE `x` ADD CONSTRAINT `f` FOREIGN KEY (`p`) REFERENCES `x` (`id`) ON DELETE CASCADE",
        ],
    },
    Case {
        name: "column, index and foreign key are left over",
        on: BOTH,
        before: "CREATE TABLE p (id INT PRIMARY KEY); CREATE TABLE x (id INT PRIMARY KEY)",
        up: "ALTER TABLE x ADD p INT, ADD KEY kp (p), ADD CONSTRAINT f FOREIGN KEY (p) REFERENCES p (id)",
        down: "DO 0",
        offered: &["ALTER TABLE `x` DROP FOREIGN KEY `f`", "ALTER TABLE `x` DROP INDEX `kp`, DROP COLUMN `p`"],
    },
    Case {
        name: "an index that a foreign key needs has another column",
        on: BOTH,
        before: "CREATE TABLE x (id INT PRIMARY KEY, p INT, q INT, KEY k (p, q), CONSTRAINT f FOREIGN KEY (p) REFERENCES x (id))",
        up: "ALTER TABLE x DROP FOREIGN KEY f; ALTER TABLE x DROP KEY k, ADD KEY k (p)",
        down: "ALTER TABLE x ADD CONSTRAINT f FOREIGN KEY (p) REFERENCES x (id)",
        offered: &["ALTER TABLE `x` DROP INDEX `k`, ADD KEY `k` (`p`,`q`)"],
    },
    Case {
        name: "an AUTO_INCREMENT key is left over",
        on: BOTH,
        before: "CREATE TABLE x (a INT)",
        up: "ALTER TABLE x ADD id INT NOT NULL AUTO_INCREMENT PRIMARY KEY FIRST",
        down: "DO 0",
        offered: &["ALTER TABLE `x` DROP PRIMARY KEY, DROP COLUMN `id`"],
    },
    Case {
        name: "an AUTO_INCREMENT key is gone",
        on: BOTH,
        before: "CREATE TABLE x (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, a INT)",
        up: "ALTER TABLE x DROP id",
        down: "DO 0",
        offered: &[],
    },
    Case {
        name: "a key has made its column NOT NULL",
        on: BOTH,
        before: "CREATE TABLE x (a INT)",
        up: "ALTER TABLE x ADD PRIMARY KEY (a)",
        down: "DO 0",
        offered: &[],
    },
    Case {
        name: "a column stays NOT NULL behind its key",
        on: BOTH,
        before: "CREATE TABLE x (a INT)",
        up: "ALTER TABLE x ADD PRIMARY KEY (a)",
        down: "ALTER TABLE x DROP PRIMARY KEY",
        offered: &[],
    },
    Case {
        name: "the primary key is another one",
        on: BOTH,
        before: "CREATE TABLE x (id INT NOT NULL AUTO_INCREMENT, a INT NOT NULL, PRIMARY KEY (id))",
        up: "ALTER TABLE x DROP PRIMARY KEY, ADD PRIMARY KEY (id, a), ADD KEY k (a)",
        down: "DO 0",
        offered: &["ALTER TABLE `x` DROP PRIMARY KEY, DROP INDEX `k`, ADD PRIMARY KEY (`id`)"],
    },
    Case {
        name: "a column without any default",
        on: MYSQL,
        before: "CREATE TABLE x (d DATE); ALTER TABLE x ALTER d DROP DEFAULT",
        up: "ALTER TABLE x ALTER d SET DEFAULT '2020-01-01'",
        down: "ALTER TABLE x MODIFY d DATE",
        offered: &["ALTER TABLE `x` ALTER COLUMN `d` DROP DEFAULT"],
    },
    Case {
        name: "a column without any default, with a comment and of another type",
        on: MYSQL,
        before: "CREATE TABLE x (d DATE COMMENT 'c', e INT); ALTER TABLE x ALTER d DROP DEFAULT",
        up: "ALTER TABLE x MODIFY d DATETIME",
        down: "DO 0",
        offered: &[
            "ALTER TABLE `x` MODIFY COLUMN `d` date COMMENT 'c' FIRST",
            "ALTER TABLE `x` ALTER COLUMN `d` DROP DEFAULT",
        ],
    },
    Case {
        name: "a table with such a column is gone",
        on: MYSQL,
        before: "CREATE TABLE x (d DATE, e TEXT); ALTER TABLE x ALTER d DROP DEFAULT",
        up: "DROP TABLE x",
        down: "DO 0",
        offered: &[],
    },
    Case {
        name: "parent and child are left over",
        on: BOTH,
        before: "DO 0",
        up: "CREATE TABLE a (id INT PRIMARY KEY); CREATE TABLE b (a INT, CONSTRAINT f FOREIGN KEY (a) REFERENCES a (id))",
        down: "DO 0",
        offered: &["DROP TABLE `b`", "DROP TABLE `a`"],
    },
    Case {
        name: "child and parent are gone",
        on: BOTH,
        before: "CREATE TABLE b (id INT PRIMARY KEY); CREATE TABLE a (b INT, CONSTRAINT f FOREIGN KEY (b) REFERENCES b (id))",
        up: "DROP TABLE a, b",
        down: "DO 0",
        offered: &[],
    },
    Case {
        name: "two tables that point to each other are gone",
        on: BOTH,
        before: "CREATE TABLE a (id INT PRIMARY KEY, b INT); \
                 CREATE TABLE b (id INT PRIMARY KEY, CONSTRAINT fb FOREIGN KEY (id) REFERENCES a (id)); \
                 ALTER TABLE a ADD CONSTRAINT fa FOREIGN KEY (b) REFERENCES b (id)",
        up: "ALTER TABLE a DROP FOREIGN KEY fa; DROP TABLE b, a",
        down: "DO 0",
        offered: &[],
    },
    Case {
        name: "the columns of a foreign key have another type",
        on: BOTH,
        before: "CREATE TABLE a (id INT PRIMARY KEY); CREATE TABLE b (a INT, CONSTRAINT f FOREIGN KEY (a) REFERENCES a (id))",
        up: "ALTER TABLE b DROP FOREIGN KEY f; ALTER TABLE a MODIFY id BIGINT; ALTER TABLE b MODIFY a BIGINT; \
             ALTER TABLE b ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES a (id)",
        down: "DO 0",
        offered: &[],
    },
    Case {
        name: "columns are gone, left over, changed and moved",
        on: BOTH,
        before: "CREATE TABLE x (a INT, b VARCHAR(9) NOT NULL DEFAULT 'b', c INT, d TEXT, e INT, KEY k (c, e))",
        up: "ALTER TABLE x DROP c, ADD f INT FIRST, ADD g INT, MODIFY b INT AFTER e, MODIFY a BIGINT AFTER d",
        down: "DO 0",
        offered: &[],
    },
    Case {
        name: "another character set, of the table and of its columns",
        on: BOTH,
        before: "CREATE TABLE x (a VARCHAR(9), b TEXT, c CHAR(3) COLLATE latin1_bin) DEFAULT CHARSET=latin1 COMMENT='it''s, so'",
        up: "ALTER TABLE x CONVERT TO CHARACTER SET utf8mb4, COMMENT=''",
        down: "DO 0",
        offered: &[],
    },
    Case {
        name: "options are set, and others are not",
        on: BOTH,
        before: "CREATE TABLE x (a INT) ROW_FORMAT=COMPACT STATS_PERSISTENT=1",
        up: "ALTER TABLE x ENGINE=MyISAM ROW_FORMAT=FIXED STATS_PERSISTENT=DEFAULT COMMENT='c' MAX_ROWS=100",
        down: "DO 0",
        offered: &[],
    },
    Case {
        name: "other partitions",
        on: BOTH,
        before: "CREATE TABLE x (a INT NOT NULL, b INT NOT NULL, PRIMARY KEY (a)) PARTITION BY HASH (a) PARTITIONS 3",
        up: "ALTER TABLE x REMOVE PARTITIONING; ALTER TABLE x DROP PRIMARY KEY, ADD PRIMARY KEY (b)",
        down: "DO 0",
        offered: &[],
    },
    Case {
        name: "partitions are left over",
        on: BOTH,
        before: "CREATE TABLE x (a INT NOT NULL, b INT NOT NULL, PRIMARY KEY (a))",
        up: "ALTER TABLE x DROP PRIMARY KEY; ALTER TABLE x PARTITION BY HASH (b) PARTITIONS 2",
        down: "DO 0",
        offered: &["ALTER TABLE `x` ADD PRIMARY KEY (`a`) REMOVE PARTITIONING"],
    },
    Case {
        name: "another check",
        on: BOTH,
        before: "CREATE TABLE x (a INT, b INT, CONSTRAINT c CHECK (a > 1))",
        up: "ALTER TABLE x DROP CONSTRAINT c; ALTER TABLE x DROP a, ADD CONSTRAINT c CHECK (b > 1)",
        down: "DO 0",
        offered: &[],
    },
    Case {
        name: "a generated column and what it is made of",
        on: BOTH,
        before: "CREATE TABLE x (a INT, b INT AS (a + 1) STORED, KEY k (b))",
        up: "ALTER TABLE x DROP b; ALTER TABLE x MODIFY a VARCHAR(9)",
        down: "DO 0",
        offered: &[],
    },
    Case {
        name: "an index on an expression",
        on: MYSQL,
        before: "CREATE TABLE x (a INT, KEY k ((a + 1)))",
        up: "ALTER TABLE x DROP KEY k",
        down: "ALTER TABLE x ADD KEY k ((a + 2))",
        offered: &[],
    },
    Case {
        name: "a table has another name",
        on: BOTH,
        before: "CREATE TABLE x (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES x (id))",
        up: "RENAME TABLE x TO y",
        down: "DO 0",
        offered: &["RENAME TABLE `y` TO `x`"],
    },
    Case {
        name: "a column has another name",
        on: BOTH,
        before: "CREATE TABLE x (a INT, b TEXT, KEY k (a))",
        up: "ALTER TABLE x CHANGE a z INT",
        down: "DO 0",
        offered: &[],
    },
    Case {
        name: "a trigger has another turn",
        on: BOTH,
        before: "CREATE TABLE x (a INT); CREATE TRIGGER x1 BEFORE INSERT ON x FOR EACH ROW SET NEW.a = 1; \
                 CREATE TRIGGER x2 BEFORE INSERT ON x FOR EACH ROW SET NEW.a = 2",
        up: "DROP TRIGGER x1",
        down: "CREATE TRIGGER x1 BEFORE INSERT ON x FOR EACH ROW SET NEW.a = 1",
        offered: &[],
    },
    Case {
        name: "a procedure was made under another sql_mode and character set",
        on: BOTH,
        before: "SET NAMES latin1; SET sql_mode = 'NO_ZERO_DATE'; CREATE PROCEDURE x() SELECT 1",
        up: "DROP PROCEDURE x; CREATE FUNCTION y() RETURNS INT DETERMINISTIC RETURN 1",
        down: "CREATE PROCEDURE x() SELECT 1",
        offered: &[],
    },
    Case {
        name: "views of views of a table are gone",
        on: BOTH,
        before: "CREATE TABLE t (a INT); CREATE VIEW z AS SELECT a FROM t; CREATE VIEW b AS SELECT a FROM z",
        up: "DROP VIEW b, z; DROP TABLE t; CREATE VIEW t AS SELECT 1 AS a",
        down: "DO 0",
        offered: &[],
    },
    Case {
        name: "events with other times",
        on: BOTH,
        before: "CREATE EVENT x ON SCHEDULE EVERY 1 DAY STARTS '2037-01-01 00:00:00' ENDS '2037-02-01 00:00:00' DISABLE COMMENT 'c' DO DO 0; \
                 CREATE EVENT y ON SCHEDULE AT '2037-01-01 00:00:00' DO DO 0; CREATE EVENT z ON SCHEDULE EVERY 2 HOUR DO DO 0",
        up: "DROP EVENT x; DROP EVENT y; DROP EVENT z",
        down: "CREATE EVENT x ON SCHEDULE EVERY 1 DAY STARTS '2037-01-02 00:00:00' DO DO 0; \
               CREATE EVENT y ON SCHEDULE AT '2037-01-02 00:00:00' DO DO 0",
        offered: &[],
    },
    Case {
        name: "the database's own character set",
        on: BOTH,
        before: "DO 0",
        up: "ALTER DATABASE CHARACTER SET latin1 COLLATE latin1_bin",
        down: "DO 0",
        offered: &[],
    },
    Case {
        name: "system versioning is gone",
        on: MARIADB,
        before: "CREATE TABLE x (a INT) WITH SYSTEM VERSIONING",
        up: "ALTER TABLE x DROP SYSTEM VERSIONING",
        down: "DO 0",
        offered: &["ALTER TABLE `x` ADD SYSTEM VERSIONING"],
    },
    Case {
        name: "a sequence, and a table that asks it",
        on: MARIADB,
        before: "CREATE SEQUENCE x START 5; CREATE TABLE y (a INT DEFAULT NEXTVAL(x))",
        up: "DROP TABLE y; DROP SEQUENCE x",
        down: "CREATE SEQUENCE x START 6",
        offered: &[],
    },
    Case {
        name: "the down stops half-way",
        on: BOTH,
        before: "CREATE TABLE p (id INT PRIMARY KEY); CREATE TABLE x (id INT PRIMARY KEY)",
        up: "ALTER TABLE x ADD p INT, ADD CONSTRAINT f FOREIGN KEY (p) REFERENCES p (id)",
        down: "ALTER TABLE x DROP p",
        offered: &["ALTER TABLE `x` DROP FOREIGN KEY `f`", "ALTER TABLE `x` DROP INDEX `f`, DROP COLUMN `p`"],
    },
];

fn folder(case: &Case, more: &[String]) -> Folder {
    let down = if case.name == "the down stops half-way" && !more.is_empty() { "" } else { case.down };
    let down = std::iter::once(down).chain(more.iter().map(String::as_str)).filter(|text| !text.is_empty());
    let down = down.collect::<Vec<_>>().join(";\n");
    Folder::with(&[
        ("20260101000000-before", case.before, "-- uturn: irreversible: it is what the next one begins with"),
        ("20260102000000-m", case.up, &down),
    ])
}

/// The fault of the second migration.
fn fault(folder: &Folder, db: &Db) -> Value {
    let run = folder.uturn(db, "prove --json").exits(1);
    let lines = run.out.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let is_it = |line: &Value| line["event"] == "verdict" && line["migration"] == "20260102000000-m";
    lines.into_iter().find(is_it).expect("it is there")["fault"].clone()
}

on_each!(each_offer_makes_its_down_the_way_back, |db| {
    for case in CASES.iter().filter(|case| case.on.contains(&db.server.kind)) {
        let fault = fault(&folder(case, &[]), db);
        let offered: Vec<String> = serde_json::from_value(fault["remedy"].clone()).unwrap_or_default();
        assert!(!offered.is_empty(), "{}: nothing is offered: {fault:#}", case.name);
        assert!(case.offered.is_empty() || offered == case.offered, "{}: {offered:#?}", case.name);
        let run = folder(case, &offered).uturn(db, "prove");
        assert_eq!(run.code, Some(0), "{}: {offered:#?}\n{}{}", case.name, run.out, run.err);
    }
});

on_each!(where_no_statement_leads_there_none_is_offered_and_both_definitions_are_shown, |db| {
    // It was made under a collation that the database does not have any more.
    let folder = Folder::with(&[
        (
            "20260101000000-before",
            "ALTER DATABASE CHARACTER SET latin1; CREATE PROCEDURE x() SELECT 1; CREATE PROCEDURE y() SELECT 2; ALTER DATABASE CHARACTER SET utf8mb4",
            "-- uturn: irreversible: it is what the next one begins with",
        ),
        ("20260102000000-m", "DROP PROCEDURE x; DROP PROCEDURE y", "CREATE PROCEDURE x() SELECT 1"),
    ]);
    let fault = fault(&folder, db);
    assert_eq!(fault["remedy"], Value::Null);
    assert!(fault["differences"].as_array().expect("a list").iter().all(|one| one["remedy"] == Value::Null));
    let run = folder.uturn(db, "prove").exits(1).says("no statement tried leads there");
    run.says("        was  sql_mode").says("database latin1").says("SELECT 2").never_says("tried after the down");
});

on_each!(rows_that_are_there_do_not_make_an_offer_run, |db| {
    let folder = Folder::with(&[
        ("20260101000000-before", "CREATE TABLE x (id INT PRIMARY KEY, a INT, b INT)", "DROP TABLE x"),
        ("20260102000000-m", "ALTER TABLE x ADD c INT NOT NULL", "ALTER TABLE x MODIFY c BIGINT NOT NULL"),
    ]);
    let run = folder.uturn(db, "prove --rows 50").exits(1).says(
        "    tried after the down, this makes everything as it was before\n        ALTER TABLE `x` DROP COLUMN `c`;\n",
    );
    assert_eq!(run.out.matches("ALTER TABLE `x` DROP COLUMN `c`;").count(), 1, "{}", run.out);
});
