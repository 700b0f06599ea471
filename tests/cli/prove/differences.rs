//! What must count in a proof, and what differs harmlessly: each as a pair of its own, all of them in one run.

use crate::support::app::Folder;
use crate::support::server::{Db, on_each};

/// Name, what is there before, up, down, and what is told of it.
type Trap = (&'static str, &'static str, &'static str, &'static str, &'static str);

const TRAPS: &[Trap] = &[
    (
        "position",
        "CREATE TABLE x (a INT, b INT, c INT)",
        "ALTER TABLE x DROP b",
        "ALTER TABLE x ADD b INT",
        "the place of column",
    ),
    (
        "index-gone",
        "CREATE TABLE x (a INT, b INT, KEY ka (a))",
        "ALTER TABLE x DROP a",
        "ALTER TABLE x ADD a INT FIRST",
        "index `ka`",
    ),
    (
        "index-shrank",
        "CREATE TABLE x (a INT, b INT, KEY ka (a, b))",
        "ALTER TABLE x DROP b",
        "ALTER TABLE x ADD b INT",
        "index `ka`",
    ),
    (
        "index-left",
        "CREATE TABLE x (id INT PRIMARY KEY, p INT)",
        "ALTER TABLE x ADD CONSTRAINT x_fk FOREIGN KEY (p) REFERENCES x (id)",
        "ALTER TABLE x DROP FOREIGN KEY x_fk",
        "index `x_fk` of table `x` is left over",
    ),
    (
        "not-null",
        "CREATE TABLE x (a INT NOT NULL)",
        "ALTER TABLE x MODIFY a BIGINT NOT NULL",
        "ALTER TABLE x MODIFY a INT",
        "column `a`",
    ),
    (
        "default",
        "CREATE TABLE x (a INT NOT NULL DEFAULT 7)",
        "ALTER TABLE x MODIFY a BIGINT",
        "ALTER TABLE x MODIFY a INT NOT NULL",
        "DEFAULT",
    ),
    (
        "comment",
        "CREATE TABLE x (a INT COMMENT 'c')",
        "ALTER TABLE x MODIFY a BIGINT",
        "ALTER TABLE x MODIFY a INT",
        "COMMENT 'c'",
    ),
    (
        "primary-key",
        "CREATE TABLE x (a INT)",
        "ALTER TABLE x ADD PRIMARY KEY (a)",
        "ALTER TABLE x DROP PRIMARY KEY",
        "NOT NULL",
    ),
    (
        "text-grows",
        "CREATE TABLE x (a TEXT) CHARACTER SET latin1 COLLATE latin1_bin",
        "ALTER TABLE x CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
        "ALTER TABLE x CONVERT TO CHARACTER SET latin1 COLLATE latin1_bin",
        "mediumtext",
    ),
    (
        "constraint-name",
        "CREATE TABLE x (a INT, CONSTRAINT x_named CHECK (a > 1))",
        "ALTER TABLE x DROP CONSTRAINT x_named",
        "ALTER TABLE x ADD CHECK (a > 1)",
        "constraint `x_named` of table `x` is gone",
    ),
    (
        "check",
        "CREATE TABLE x (a INT, CONSTRAINT x_c CHECK (a > 1))",
        "ALTER TABLE x DROP CONSTRAINT x_c",
        "ALTER TABLE x ADD CONSTRAINT x_c CHECK (a > 2)",
        "constraint `x_c`",
    ),
    (
        "trigger-turn",
        "CREATE TABLE x (a INT); CREATE TRIGGER x1 BEFORE INSERT ON x FOR EACH ROW SET NEW.a = 1; CREATE TRIGGER x2 BEFORE INSERT ON x FOR EACH ROW SET NEW.a = 2",
        "DROP TRIGGER x1",
        "CREATE TRIGGER x1 BEFORE INSERT ON x FOR EACH ROW SET NEW.a = 1",
        "turn 2",
    ),
    (
        "trigger-body",
        "CREATE TABLE x (a INT); CREATE TRIGGER x1 BEFORE INSERT ON x FOR EACH ROW SET NEW.a = 1",
        "DROP TRIGGER x1",
        "CREATE TRIGGER x1 BEFORE INSERT ON x FOR EACH ROW SET NEW.a = 3",
        "trigger `x1`",
    ),
    (
        "trigger-left",
        "CREATE TABLE x (a INT)",
        "CREATE TRIGGER x1 BEFORE INSERT ON x FOR EACH ROW SET NEW.a = 1",
        "DO 0",
        "trigger `x1` is left over",
    ),
    (
        "trigger-gone",
        "CREATE TABLE x (a INT); CREATE TRIGGER x1 BEFORE INSERT ON x FOR EACH ROW SET NEW.a = 1",
        "DROP TABLE x",
        "CREATE TABLE x (a INT)",
        "trigger `x1` is gone",
    ),
    (
        "sql-mode",
        "CREATE PROCEDURE x() SELECT 1",
        "DROP PROCEDURE x",
        "SET sql_mode = 'NO_ZERO_DATE'; CREATE PROCEDURE x() SELECT 1",
        "sql_mode",
    ),
    (
        "charset",
        "CREATE PROCEDURE x() SELECT 1",
        "DROP PROCEDURE x",
        "SET NAMES latin1; CREATE PROCEDURE x() SELECT 1",
        "character set latin1",
    ),
    (
        "routine-body",
        "CREATE FUNCTION x(a INT) RETURNS INT DETERMINISTIC RETURN a",
        "DROP FUNCTION x",
        "CREATE FUNCTION x(a INT) RETURNS INT DETERMINISTIC RETURN a + 1",
        "function `x`",
    ),
    ("routine-left", "CREATE TABLE x (a INT)", "CREATE PROCEDURE y() SELECT 1", "DO 0", "procedure `y` is left over"),
    (
        "security",
        "CREATE SQL SECURITY INVOKER VIEW x AS SELECT 1 AS a",
        "DROP VIEW x",
        "CREATE VIEW x AS SELECT 1 AS a",
        "view `x`",
    ),
    (
        "definer",
        "CREATE DEFINER = 'nobody'@'localhost' PROCEDURE x() SELECT 1",
        "DROP PROCEDURE x",
        "CREATE PROCEDURE x() SELECT 1",
        "procedure `x`",
    ),
    (
        "view-body",
        "CREATE TABLE x (a INT, b INT); CREATE VIEW y AS SELECT a FROM x",
        "CREATE OR REPLACE VIEW y AS SELECT a, b FROM x",
        "CREATE OR REPLACE VIEW y AS SELECT b AS a FROM x",
        "view `y`",
    ),
    (
        "event",
        "CREATE EVENT x ON SCHEDULE EVERY 1 DAY DO DO 0",
        "DROP EVENT x",
        "CREATE EVENT x ON SCHEDULE EVERY 2 DAY DO DO 0",
        "event `x`",
    ),
    (
        "event-starts",
        "CREATE EVENT x ON SCHEDULE EVERY 1 DAY STARTS '2037-01-01 00:00:00' DO DO 0",
        "DROP EVENT x",
        "CREATE EVENT x ON SCHEDULE EVERY 1 DAY STARTS '2037-01-02 00:00:00' DO DO 0",
        "2037-01-02",
    ),
    (
        "event-off",
        "CREATE EVENT x ON SCHEDULE EVERY 1 DAY DISABLE DO DO 0",
        "DROP EVENT x",
        "CREATE EVENT x ON SCHEDULE EVERY 1 DAY DO DO 0",
        "event `x`",
    ),
    (
        "database",
        "DO 0",
        "ALTER DATABASE CHARACTER SET latin1 COLLATE latin1_bin",
        "ALTER DATABASE COLLATE latin1_swedish_ci",
        "the database is not as it was before",
    ),
    (
        "partitions",
        "CREATE TABLE x (a INT) PARTITION BY RANGE (a) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN MAXVALUE)",
        "ALTER TABLE x REMOVE PARTITIONING",
        "ALTER TABLE x PARTITION BY RANGE (a) (PARTITION p0 VALUES LESS THAN (20), PARTITION p1 VALUES LESS THAN MAXVALUE)",
        "the partitioning of table `x`",
    ),
    (
        "action",
        "CREATE TABLE x (id INT PRIMARY KEY, p INT, KEY kp (p), CONSTRAINT x_fk FOREIGN KEY (p) REFERENCES x (id) ON DELETE CASCADE)",
        "ALTER TABLE x DROP FOREIGN KEY x_fk",
        "ALTER TABLE x ADD CONSTRAINT x_fk FOREIGN KEY (p) REFERENCES x (id) ON DELETE SET NULL",
        "constraint `x_fk`",
    ),
    (
        "expression",
        "CREATE TABLE x (a INT, b INT AS (a + 1) STORED)",
        "ALTER TABLE x DROP b",
        "ALTER TABLE x ADD b INT AS (a + 2) STORED",
        "column `b`",
    ),
    (
        "collation",
        "CREATE TABLE x (a VARCHAR(9) COLLATE utf8mb4_bin)",
        "ALTER TABLE x DROP a, ADD b INT",
        "ALTER TABLE x ADD a VARCHAR(9), DROP b",
        "utf8mb4_bin",
    ),
    (
        "collation-of-its-own",
        "CREATE TABLE x (c VARCHAR(20)) DEFAULT CHARSET=utf8mb3",
        "ALTER TABLE x MODIFY c VARCHAR(20) CHARACTER SET utf8mb4",
        "ALTER TABLE x MODIFY c VARCHAR(20) CHARACTER SET utf8mb3 COLLATE utf8mb3_bin",
        "is   varchar(20) CHARACTER SET utf8mb3 COLLATE utf8mb3_bin DEFAULT NULL",
    ),
    (
        "character-set-stays",
        "CREATE TABLE x (c VARCHAR(20)) DEFAULT CHARSET=latin1",
        "ALTER TABLE x MODIFY c VARCHAR(20) CHARACTER SET utf8mb4",
        "DO 0",
        "is   varchar(20) CHARACTER SET utf8mb4 COLLATE",
    ),
    (
        "character-set-of-the-table-alone",
        "CREATE TABLE x (c VARCHAR(20)) DEFAULT CHARSET=latin1",
        "ALTER TABLE x DEFAULT CHARACTER SET utf8mb4",
        "DO 0",
        "what stands behind the columns",
    ),
    (
        "character-set-by-the-table",
        "CREATE TABLE x (c VARCHAR(20)) DEFAULT CHARSET=latin1",
        "ALTER TABLE x DEFAULT CHARACTER SET utf8mb4",
        "ALTER TABLE x DEFAULT CHARACTER SET latin1, MODIFY c VARCHAR(20) CHARACTER SET ascii",
        "is   varchar(20) CHARACTER SET ascii COLLATE ascii_general_ci",
    ),
    (
        "convert-to-another",
        "CREATE TABLE x (c VARCHAR(20)) DEFAULT CHARSET=latin1",
        "ALTER TABLE x CONVERT TO CHARACTER SET utf8mb4",
        "ALTER TABLE x CONVERT TO CHARACTER SET utf8mb3",
        "was  varchar(20) CHARACTER SET latin1 COLLATE latin1_swedish_ci DEFAULT NULL",
    ),
    (
        "values-that-speak-of-character-sets",
        "CREATE TABLE x (c ENUM('a CHARACTER SET latin1', 'b')) DEFAULT CHARSET=latin1",
        "ALTER TABLE x MODIFY c ENUM('b')",
        "ALTER TABLE x MODIFY c ENUM('a', 'b')",
        "column `c`",
    ),
    ("table-comment", "CREATE TABLE x (a INT) COMMENT 'c'", "DROP TABLE x", "CREATE TABLE x (a INT)", "COMMENT='c'"),
    ("engine", "CREATE TABLE x (a INT)", "ALTER TABLE x ENGINE=MyISAM", "DO 0", "ENGINE=MyISAM"),
    (
        "descending",
        "CREATE TABLE x (a INT, KEY k (a DESC))",
        "DROP INDEX k ON x",
        "CREATE INDEX k ON x (a)",
        "index `k`",
    ),
    (
        "prefix",
        "CREATE TABLE x (a VARCHAR(99), KEY k (a(10)))",
        "DROP INDEX k ON x",
        "CREATE INDEX k ON x (a)",
        "index `k`",
    ),
    ("unique", "CREATE TABLE x (a INT, UNIQUE KEY k (a))", "DROP INDEX k ON x", "CREATE INDEX k ON x (a)", "index `k`"),
    ("table-left", "DO 0", "CREATE TABLE x (a INT); CREATE TABLE y (a INT)", "DROP TABLE x", "table `y` is left over"),
    ("table-gone", "CREATE TABLE x (a INT)", "DROP TABLE x", "DO 0", "table `x` is gone"),
    ("renamed", "CREATE TABLE x (a INT)", "RENAME TABLE x TO y", "DO 0", "table `y` is left over"),
    (
        "renamed-otherwise",
        "CREATE TABLE x (a INT)",
        "ALTER TABLE x RENAME y",
        "ALTER TABLE y RENAME TO z",
        "table `z` is left over",
    ),
    (
        "by-a-procedure",
        "CREATE PROCEDURE x() CREATE TABLE unnamed (a INT)",
        "CALL x()",
        "DO 0",
        "table `unnamed` is left over",
    ),
    (
        "not-twice",
        "CREATE TABLE x (a INT)",
        "ALTER TABLE x ADD b INT; CREATE TABLE IF NOT EXISTS y (a INT)",
        "ALTER TABLE x DROP b; DROP TABLE y; DO (SELECT 1 FROM nowhere)",
        "its down fails at statement 3",
    ),
];

/// On MySQL alone: a column with DEFAULT NULL is not one without a default.
const MYSQL: &[Trap] = &[
    (
        "no-default",
        "CREATE TABLE x (d DATE)",
        "ALTER TABLE x ALTER d SET DEFAULT '2020-01-01'",
        "ALTER TABLE x ALTER d DROP DEFAULT",
        "date DEFAULT NULL",
    ),
    (
        "invisible",
        "CREATE TABLE x (a INT, KEY k (a) INVISIBLE)",
        "DROP INDEX k ON x",
        "CREATE INDEX k ON x (a)",
        "INVISIBLE",
    ),
];

const MARIADB: &[Trap] = &[
    ("sequence", "CREATE SEQUENCE x START 5", "DROP SEQUENCE x", "CREATE SEQUENCE x START 6", "sequence `x`"),
    (
        "versioning",
        "CREATE TABLE x (a INT) WITH SYSTEM VERSIONING",
        "ALTER TABLE x DROP SYSTEM VERSIONING",
        "DO 0",
        "VERSIONING",
    ),
    ("ignored", "CREATE TABLE x (a INT, KEY k (a) IGNORED)", "DROP INDEX k ON x", "CREATE INDEX k ON x (a)", "IGNORED"),
    ("database-comment", "DO 0", "ALTER DATABASE COMMENT 'c'", "DO 0", "the database"),
];

/// Name, what is there before, up, down.
type Harmless = (&'static str, &'static str, &'static str, &'static str);

const HARMLESS: &[Harmless] = &[
    (
        "counter",
        "CREATE TABLE x (id INT AUTO_INCREMENT PRIMARY KEY)",
        "INSERT INTO x VALUES (), (), ()",
        "DELETE FROM x",
    ),
    (
        "counter-set",
        "CREATE TABLE x (id INT AUTO_INCREMENT PRIMARY KEY)",
        "ALTER TABLE x AUTO_INCREMENT = 1000",
        "DO 0",
    ),
    (
        "key-order",
        "CREATE TABLE x (a INT, b INT, KEY ka (a), KEY kb (b))",
        "ALTER TABLE x DROP KEY ka",
        "ALTER TABLE x ADD KEY ka (a)",
    ),
    ("procedure-again", "CREATE PROCEDURE x() SELECT 1", "DROP PROCEDURE x", "CREATE PROCEDURE x() SELECT 1"),
    (
        "event-again",
        "CREATE EVENT x ON SCHEDULE EVERY 1 DAY DO DO 0; DO SLEEP(1.2)",
        "DROP EVENT x",
        "DO SLEEP(1.2); CREATE EVENT x ON SCHEDULE EVERY 1 DAY DO DO 0",
    ),
    (
        "event-once",
        "CREATE EVENT x ON SCHEDULE AT CURRENT_TIMESTAMP + INTERVAL 1 DAY DO DO 0",
        "DROP EVENT x",
        "DO SLEEP(1.2); CREATE EVENT x ON SCHEDULE AT CURRENT_TIMESTAMP + INTERVAL 1 DAY DO DO 0",
    ),
    ("row-format", "CREATE TABLE x (a INT)", "ALTER TABLE x ROW_FORMAT=COMPACT", "ALTER TABLE x ROW_FORMAT=DYNAMIC"),
    ("instant", "CREATE TABLE x (a INT, b INT)", "ALTER TABLE x ADD c INT FIRST", "ALTER TABLE x DROP c"),
    (
        "trigger-renamed-along",
        "CREATE TABLE x (a INT); CREATE TRIGGER x1 BEFORE INSERT ON x FOR EACH ROW SET NEW.a = 1",
        "RENAME TABLE x TO y",
        "RENAME TABLE y TO x",
    ),
    (
        "given-collation",
        "CREATE TABLE x (a VARCHAR(9)) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
        "ALTER TABLE x MODIFY a VARCHAR(10)",
        "ALTER TABLE x MODIFY a VARCHAR(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
    ),
    (
        "given-character-set",
        "CREATE TABLE x (c VARCHAR(20)) DEFAULT CHARSET=utf8mb3",
        "ALTER TABLE x MODIFY c VARCHAR(20) CHARACTER SET utf8mb4",
        "ALTER TABLE x MODIFY c VARCHAR(20) CHARACTER SET utf8mb3",
    ),
    (
        "given-latin1",
        "CREATE TABLE x (c VARCHAR(20), d ENUM('a', 'b) CHARACTER SET latin1')) DEFAULT CHARSET=latin1",
        "ALTER TABLE x MODIFY c VARCHAR(20) CHARACTER SET utf8mb4, MODIFY d CHAR(30)",
        "ALTER TABLE x MODIFY c VARCHAR(20) CHARACTER SET latin1 COLLATE latin1_swedish_ci, MODIFY d ENUM('a', 'b) CHARACTER SET latin1') CHARACTER SET latin1",
    ),
    (
        "given-collation-of-utf8mb4",
        "CREATE TABLE x (c VARCHAR(20)) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin",
        "ALTER TABLE x MODIFY c VARCHAR(20) CHARACTER SET latin1",
        "ALTER TABLE x MODIFY c VARCHAR(20) COLLATE utf8mb4_bin",
    ),
    (
        "given-beside-another-table-default",
        "CREATE TABLE x (c VARCHAR(20)) DEFAULT CHARSET=latin1; ALTER TABLE x DEFAULT CHARACTER SET utf8mb4",
        "ALTER TABLE x MODIFY c INT",
        "ALTER TABLE x MODIFY c VARCHAR(20) CHARACTER SET latin1",
    ),
    (
        "convert-and-back",
        "CREATE TABLE x (c VARCHAR(20), d CHAR(3) COLLATE latin1_bin) DEFAULT CHARSET=latin1",
        "ALTER TABLE x MODIFY c VARCHAR(20) CHARACTER SET ascii; ALTER TABLE x DEFAULT CHARACTER SET utf8mb4",
        "ALTER TABLE x MODIFY c VARCHAR(20) CHARACTER SET latin1; ALTER TABLE x DEFAULT CHARACTER SET latin1",
    ),
    (
        "given-name",
        "CREATE TABLE x (id INT PRIMARY KEY, p INT, q INT, FOREIGN KEY (p) REFERENCES x (id), FOREIGN KEY (q) REFERENCES x (id))",
        "ALTER TABLE x DROP FOREIGN KEY x_ibfk_2",
        "ALTER TABLE x ADD FOREIGN KEY (q) REFERENCES x (id)",
    ),
    (
        "parent-renamed",
        "CREATE TABLE p (id INT PRIMARY KEY); CREATE TABLE y (p INT, CONSTRAINT x_p FOREIGN KEY (p) REFERENCES p (id))",
        "RENAME TABLE p TO parents",
        "RENAME TABLE parents TO p",
    ),
    (
        "whole-again",
        "CREATE TABLE x (a INT NOT NULL DEFAULT 3 COMMENT 'it''s\n, so', b TEXT, KEY k (b(5)))",
        "DROP TABLE x",
        "CREATE TABLE x (a INT NOT NULL DEFAULT 3 COMMENT 'it''s\n, so', b TEXT, KEY k (b(5)))",
    ),
    (
        "view-again",
        "CREATE TABLE x (a INT); CREATE VIEW y AS SELECT a FROM x",
        "DROP VIEW y; DROP TABLE x",
        "CREATE TABLE x (a INT); CREATE VIEW y AS SELECT a FROM x",
    ),
    (
        "temporary",
        "CREATE TABLE x (a INT)",
        "CREATE TEMPORARY TABLE x2 (a INT); INSERT INTO x2 VALUES (1); INSERT INTO x SELECT * FROM x2",
        "DELETE FROM x",
    ),
    (
        "session",
        "CREATE TABLE x (a INT)",
        "SET sql_mode = ''; SET foreign_key_checks = 0; ALTER TABLE x ADD b DATE DEFAULT '0000-00-00'",
        "ALTER TABLE x DROP b",
    ),
    (
        "compound",
        "CREATE TABLE x (a INT)",
        "CREATE PROCEDURE p() BEGIN DECLARE i INT DEFAULT 0; WHILE i < 3 DO INSERT INTO x VALUES (i); SET i = i + 1; END WHILE; END; CALL p()",
        "DROP PROCEDURE p; DELETE FROM x",
    ),
];

fn own_names(sql: &str, number: usize) -> String {
    let (mut out, mut word) = (String::new(), String::new());
    for c in sql.chars().chain(['\n']) {
        if c.is_ascii_alphanumeric() || c == '_' {
            word.push(c);
            continue;
        }
        let is_name = matches!(word.as_str(), "x" | "y" | "z" | "x1" | "x2" | "p" | "parents" | "unnamed");
        match word.strip_prefix("x_ibfk") {
            // The server's own name for it.
            Some(rest) => out.push_str(&format!("x_{number}_ibfk{rest}")),
            None if is_name || word.starts_with("x_") => out.push_str(&format!("{word}_{number}")),
            None => out.push_str(&word),
        }
        word.clear();
        out.push(c);
    }
    out
}

/// A folder in which each case has names of its own: `x` becomes `x7`.
fn write(folder: &Folder, number: usize, name: &str, [before, up, down]: [&str; 3]) -> String {
    let own = |sql: &str| own_names(sql, number);
    let stem = |part: u32| format!("2026010100{:04}-{name}", number * 2 + part as usize);
    folder.pair(
        &format!("{}-before", stem(0)),
        &own(before),
        "-- uturn: irreversible: it is what the next one begins with",
    );
    folder.pair(&stem(1), &own(up), &own(down));
    stem(1)
}

fn is_of(db: &Db, flavour: &str) -> bool {
    db.server.kind == flavour
}

on_each!(every_trap_is_flagged, |db| {
    let more = if is_of(db, "mysql") { MYSQL } else { MARIADB };
    for some in TRAPS.iter().chain(more).collect::<Vec<_>>().chunks(12) {
        let folder = Folder::new();
        let stems: Vec<String> = some
            .iter()
            .enumerate()
            .map(|(number, (name, before, up, down, _))| write(&folder, number, name, [before, up, down]))
            .collect();
        let run = folder.uturn(db, "prove").exits(1);
        for (number, (stem, (name, .., says))) in stems.iter().zip(some).enumerate() {
            let verdict = format!("not proven  {stem} ");
            assert!(run.out.contains(&verdict), "{name} is not flagged on {}\n{}{}", db.server.kind, run.out, run.err);
            let told = run.out.split(&verdict).nth(1).expect("it is there");
            let told = told.split("\nnot proven").next().expect("a part").split("\none way").next().expect("a part");
            let told = told.replace(&format!("_{number}`"), "`").replace(&format!("_{number} "), " ");
            assert!(told.contains(says), "{name}: `{says}` is not told:\n{told}");
        }
    }
});

on_each!(what_differs_harmlessly_is_not_flagged, |db| {
    let folder = Folder::new();
    for (number, (name, before, up, down)) in HARMLESS.iter().enumerate() {
        write(&folder, number, name, [before, up, down]);
    }
    let run = folder.uturn(db, "prove");
    assert_eq!(run.code, Some(0), "a false alarm on {}\n{}{}", db.server.kind, run.out, run.err);
});
