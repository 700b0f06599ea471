//! Tables that the up itself made: their rows may go unasked only if they come from its own INSERT … VALUES.

use crate::undo::data_loss::pair::{Pair, T, T_U, pair};

const OWN: &str = "CREATE TABLE c (id INT PRIMARY KEY, name VARCHAR(50))";
const ROWS: &str = "INSERT INTO c VALUES (901, 'own-1'), (902, 'own-2'), (903, 'own-3')";

pub const PAIRS: &[Pair] = &[
    pair!("its own rows", T, [OWN, ROWS, "ALTER TABLE c ADD x INT"], ["DROP TABLE c"]),
    pair!("its own rows, and one of a person", T, [OWN, ROWS], ["DROP TABLE c"])
        .meanwhile(&["INSERT INTO c VALUES (999, 'person-1')"]),
    pair!("its own empty table, filled by a person", T, [OWN, "ALTER TABLE c ADD x INT"], ["DROP TABLE c"])
        .meanwhile(&["INSERT INTO c (id, name) VALUES (999, 'person-1')"]),
    pair!(
        "a person made what it was to make",
        T,
        ["ALTER TABLE t ADD x INT", OWN],
        ["DROP TABLE c", "ALTER TABLE t DROP x"],
    )
    .meanwhile(&["CREATE TABLE c (id INT, name VARCHAR(50))", "INSERT INTO c VALUES (999, 'person-1')"]),
    pair!(
        "its own column, filled by a person",
        T,
        ["ALTER TABLE t ADD x VARCHAR(50)", OWN],
        ["DROP TABLE c", "ALTER TABLE t DROP x"],
    )
    .meanwhile(&["UPDATE t SET x = CONCAT('person-', id)"]),
    pair!(
        "its own rows, and copied ones",
        T,
        [OWN, ROWS, "INSERT INTO c SELECT id, name FROM t", "DELETE FROM t"],
        ["DROP TABLE c"]
    ),
    pair!(
        "a subquery among its values",
        T,
        [
            OWN,
            "INSERT INTO c VALUES (901, (SELECT name FROM t WHERE id = 101))",
            "UPDATE t SET name = NULL WHERE id = 101"
        ],
        ["DROP TABLE c"],
    ),
    pair!(
        "a function of a subquery among its values",
        T,
        [OWN, "INSERT INTO c (id, name) VALUES (901, UPPER((SELECT MAX(name) FROM t)))", "UPDATE t SET name = NULL"],
        ["DROP TABLE c"],
    ),
    pair!(
        "its own rows, overwritten from another table",
        T,
        [OWN, ROWS, "UPDATE c JOIN t ON t.id = c.id - 800 SET c.name = t.name", "UPDATE t SET name = NULL"],
        ["DROP TABLE c"],
    ),
    pair!(
        "its own rows, overwritten by a subquery",
        T,
        [OWN, ROWS, "UPDATE c SET name = (SELECT MAX(name) FROM t) WHERE id = 901", "DELETE FROM t WHERE id = 103"],
        ["DROP TABLE c"],
    ),
    pair!(
        "its own rows, replaced by copied ones",
        T,
        [OWN, ROWS, "REPLACE INTO c SELECT id + 800, name FROM t", "DELETE FROM t"],
        ["DROP TABLE c"],
    ),
    pair!(
        "a variable among its values",
        T,
        [
            "SELECT name INTO @kept FROM t WHERE id = 101",
            OWN,
            "INSERT INTO c VALUES (901, @kept)",
            "UPDATE t SET name = NULL WHERE id = 101"
        ],
        ["DROP TABLE c"],
    ),
    pair!(
        "overwritten on a duplicate key",
        T,
        [
            OWN,
            ROWS,
            "INSERT INTO c VALUES (901, 'own-4') ON DUPLICATE KEY UPDATE name = (SELECT name FROM t WHERE id = 101)",
            "DELETE FROM t WHERE id = 101",
        ],
        ["DROP TABLE c"],
    ),
    pair!(
        "another table under its name, with as many rows",
        T,
        [OWN, ROWS, "DROP TABLE c", "RENAME TABLE t TO c"],
        ["DROP TABLE c"],
    ),
    pair!(
        "swapped with a table that was there, with as many rows",
        T,
        [OWN, ROWS, "RENAME TABLE c TO x, t TO c, x TO t"],
        ["DROP TABLE c"],
    ),
    pair!(
        "swapped in the down with a table that was there",
        T,
        [OWN, ROWS],
        ["RENAME TABLE c TO x, t TO c, x TO t", "DROP TABLE c", "RENAME TABLE t TO c"],
    ),
    pair!(
        "renamed by the down to what is dropped",
        T,
        [OWN, ROWS, "DELETE FROM t WHERE id = 101"],
        ["DROP TABLE c", "RENAME TABLE t TO c", "DROP TABLE c"],
    ),
    pair!(
        "loaded from a file",
        T,
        [
            "CREATE TABLE c (id INT, name VARCHAR(50))",
            "LOAD DATA INFILE '{file}' INTO TABLE c FIELDS TERMINATED BY ','"
        ],
        ["DROP TABLE c"],
    )
    .file("901,file-1\n902,file-2\n"),
    pair!(
        "filled by a trigger on another table",
        T,
        [
            "CREATE TABLE c (id INT, name VARCHAR(50))",
            "CREATE TRIGGER tr BEFORE DELETE ON t FOR EACH ROW INSERT INTO c VALUES (OLD.id, OLD.name)",
            "DELETE FROM t",
            "DROP TRIGGER tr",
        ],
        ["DROP TABLE c"],
    ),
    pair!(
        "its own trigger puts other values in",
        T,
        [
            OWN,
            "CREATE TRIGGER tr BEFORE INSERT ON c FOR EACH ROW SET NEW.name = (SELECT name FROM t WHERE id = 101)",
            "INSERT INTO c VALUES (901, 'own-1')",
            "DELETE FROM t WHERE id = 101",
        ],
        ["DROP TABLE c"],
    ),
    pair!(
        "made only if it is not there, and it is",
        T,
        [
            "CREATE TABLE IF NOT EXISTS t (id INT PRIMARY KEY, name VARCHAR(50), note VARCHAR(50))",
            "INSERT INTO t VALUES (901, 'own-1', 'own-2')"
        ],
        ["DROP TABLE t"],
    ),
    pair!(
        "made only if it is not there, and it is, dropped if it is there",
        T,
        ["CREATE TABLE IF NOT EXISTS t (id INT)", "ALTER TABLE t ADD x INT"],
        ["ALTER TABLE t DROP x", "DROP TABLE IF EXISTS t"],
    ),
    pair!(
        "a column of its own, filled from another one",
        T,
        ["ALTER TABLE t ADD x VARCHAR(50)", "UPDATE t SET x = name", "UPDATE t SET name = NULL"],
        ["ALTER TABLE t DROP COLUMN x"],
    ),
    pair!(
        "a column of its own, with derived values",
        T,
        [
            "ALTER TABLE t ADD x VARCHAR(50)",
            "UPDATE t SET x = CONCAT('x-', name, '-x')",
            "ALTER TABLE t DROP COLUMN name"
        ],
        ["ALTER TABLE t ADD name VARCHAR(50)", "ALTER TABLE t DROP COLUMN x"],
    ),
    pair!(
        "a column of its own, computed",
        T,
        ["ALTER TABLE t ADD x VARCHAR(50) AS (UPPER(name)) STORED", "ALTER TABLE t ADD y INT"],
        ["ALTER TABLE t DROP COLUMN y, DROP COLUMN x"],
    ),
    pair!(
        "a column with a default",
        T,
        ["ALTER TABLE t ADD x VARCHAR(50) NOT NULL DEFAULT 'default-x'", "ALTER TABLE t ADD y INT"],
        ["ALTER TABLE t DROP COLUMN y, DROP COLUMN x"],
    ),
    pair!(
        "its own rows in a table that was there",
        T,
        ["INSERT INTO t VALUES (901, 'own-1', 'own-2')", "UPDATE t SET note = 'own-3' WHERE id = 101"],
        ["UPDATE t SET note = NULL WHERE id = 101", "DELETE FROM t WHERE id = 901"],
    ),
    pair!(
        "copied while a row is inserted",
        T_U,
        [
            OWN,
            "INSERT INTO c VALUES (901, 'own-1')",
            "INSERT INTO c SELECT id, name FROM u LIMIT 0",
            "INSERT IGNORE INTO c SELECT id, name FROM t"
        ],
        ["DROP TABLE c"],
    ),
    pair!(
        "rows that come as VALUES of a selection",
        T,
        [
            OWN,
            "INSERT INTO c SELECT id, name FROM t WHERE id IN (101)",
            "INSERT INTO c VALUES (901, 'own-1')",
            "DELETE FROM t WHERE id = 101"
        ],
        ["DROP TABLE c"],
    ),
    pair!(
        "its own table copied into another one of its own",
        T,
        [
            OWN,
            ROWS,
            "CREATE TABLE d AS SELECT * FROM c",
            "UPDATE d SET name = (SELECT note FROM t WHERE id = 101)",
            "UPDATE t SET note = NULL"
        ],
        ["DROP TABLE d", "DROP TABLE c"],
    ),
    pair!(
        "its own rows go, others stay",
        T,
        [
            OWN,
            ROWS,
            "DELETE FROM c WHERE id = 901",
            "INSERT INTO c SELECT 901, name FROM t WHERE id = 102",
            "UPDATE t SET name = NULL WHERE id = 102"
        ],
        ["TRUNCATE TABLE c", "DROP TABLE c"],
    ),
    pair!(
        "a partition moved into it",
        &[
            "CREATE TABLE p (id INT PRIMARY KEY, name VARCHAR(50)) PARTITION BY RANGE (id) \
             (PARTITION p0 VALUES LESS THAN (200), PARTITION p1 VALUES LESS THAN (300))",
            "INSERT INTO p VALUES (101, 'p-1'), (102, 'p-2'), (103, 'p-3'), (201, 'p-4')",
        ],
        [
            OWN,
            "INSERT INTO c VALUES (104, 'own-1'), (105, 'own-2'), (106, 'own-3')",
            "ALTER TABLE p EXCHANGE PARTITION p0 WITH TABLE c",
        ],
        ["DROP TABLE c"],
    ),
    pair!(
        "VALUES ROW",
        T,
        [
            OWN,
            "INSERT INTO c VALUES ROW(901, 'own-1'), ROW(902, (SELECT name FROM t WHERE id = 102))",
            "DELETE FROM t WHERE id = 102"
        ],
        ["DROP TABLE c"],
    )
    .mysql(),
    pair!(
        "its own rows by INSERT … SET",
        T,
        [OWN, "INSERT INTO c SET id = 901, name = (SELECT name FROM t WHERE id = 103)", "DELETE FROM t WHERE id = 103"],
        ["DROP TABLE c"],
    ),
    pair!(
        "a cascade carries values into it",
        T,
        [
            "CREATE TABLE c (id INT PRIMARY KEY, t_id INT, FOREIGN KEY (t_id) REFERENCES t (id) ON UPDATE CASCADE)",
            "INSERT INTO c VALUES (901, 101)",
            "UPDATE t SET id = 777 WHERE id = 101",
        ],
        ["DROP TABLE c"],
    ),
];
