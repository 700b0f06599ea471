//! Rows that statements on rows take: DELETE, TRUNCATE, REPLACE, LOAD DATA, foreign keys.

use crate::undo::data_loss::pair::{Pair, Statements, T, T_O, T_U, T_U_V, pair};

/// What the up does where only the down matters.
const UP: &str = "CREATE TABLE extra (id INT)";
const DOWN: &str = "DROP TABLE extra";

const FAMILY: Statements = &[
    "CREATE TABLE p (id INT PRIMARY KEY, name VARCHAR(50))",
    "CREATE TABLE c (id INT PRIMARY KEY, p_id INT, name VARCHAR(50), \
     FOREIGN KEY (p_id) REFERENCES p (id) ON DELETE CASCADE)",
    "CREATE TABLE g (id INT PRIMARY KEY, c_id INT, name VARCHAR(50), \
     FOREIGN KEY (c_id) REFERENCES c (id) ON DELETE CASCADE ON UPDATE CASCADE)",
    "CREATE TABLE n (id INT PRIMARY KEY, p_id INT, name VARCHAR(50), \
     FOREIGN KEY (p_id) REFERENCES p (id) ON DELETE SET NULL ON UPDATE CASCADE)",
    "INSERT INTO p VALUES (701, 'p-1'), (702, 'p-2'), (703, 'p-3')",
    "INSERT INTO c VALUES (711, 701, 'c-1'), (712, 701, 'c-2')",
    "INSERT INTO g VALUES (721, 711, 'g-1'), (722, 712, 'g-2')",
    "INSERT INTO n VALUES (731, 702, 'n-1')",
];

const PARTED: Statements = &[
    "CREATE TABLE p (id INT PRIMARY KEY, name VARCHAR(50)) PARTITION BY RANGE (id) \
     (PARTITION p0 VALUES LESS THAN (200), PARTITION p1 VALUES LESS THAN (300))",
    "INSERT INTO p VALUES (101, 'p-1'), (102, 'p-2'), (201, 'p-3')",
];

pub const PAIRS: &[Pair] = &[
    pair!("DELETE", T, [UP, "ALTER TABLE t ADD x INT"], ["DELETE FROM t", "ALTER TABLE t DROP x", DOWN]),
    pair!("DELETE where", T, [UP], ["DELETE FROM t WHERE note IS NULL", DOWN]),
    pair!(
        "DELETE with a limit",
        T,
        [UP],
        ["DELETE LOW_PRIORITY QUICK IGNORE FROM {here}.t ORDER BY id DESC LIMIT 1", DOWN],
    ),
    pair!("DELETE of two tables", T_U, [UP], ["DELETE t, u FROM t JOIN u ON u.id = t.id + 100", DOWN]),
    pair!(
        "DELETE USING",
        T_U,
        [UP],
        ["DELETE FROM t USING t JOIN u ON u.id = t.id + 100 WHERE u.note IS NOT NULL", DOWN],
    ),
    pair!("DELETE of an alias", T_U, [UP], ["DELETE a.* FROM t AS a, u AS b WHERE b.id = a.id + 100", DOWN]),
    pair!("DELETE of an alias that is another table's name", T_U_V, [UP], ["DELETE u FROM t AS u JOIN v AS t", DOWN]),
    pair!(
        "DELETE of a qualified table of two",
        T_O,
        [UP],
        ["DELETE {other}.t FROM {other}.t JOIN {here}.t AS a ON a.id = {other}.t.id - 300", DOWN],
    ),
    pair!("DELETE behind a WITH", T, [UP], ["WITH x AS (SELECT 1) DELETE FROM t", DOWN]).mysql(),
    pair!(
        "DELETE of two behind a WITH",
        T_U,
        [UP],
        [
            "WITH RECURSIVE x (n) AS (SELECT 101 UNION ALL SELECT n + 1 FROM x WHERE n < 102), y AS (SELECT 1) \
             DELETE t FROM t JOIN x ON x.n = t.id",
            DOWN,
        ],
    )
    .mysql(),
    pair!("DELETE RETURNING", T, [UP], ["DELETE FROM t WHERE id = 101 RETURNING id, name", DOWN]).mariadb(),
    pair!("DELETE of a partition's rows", PARTED, [UP], ["DELETE FROM p PARTITION (p0)", DOWN]),
    pair!("DELETE through a view", T, [UP], ["DELETE FROM w", DOWN])
        .and(&["CREATE VIEW w AS SELECT * FROM t WHERE id < 103"])
        .seen_through(&[("w", "t")]),
    pair!("UPDATE through a view", T, [UP], ["UPDATE w SET n = 'over'", DOWN])
        .and(&["CREATE VIEW w AS SELECT id, note AS n FROM t"])
        .seen_through(&[("w", "t")]),
    pair!(
        "DELETE through a view that was renamed over it",
        T,
        ["RENAME TABLE t TO t_base", "CREATE VIEW t AS SELECT * FROM t_base"],
        ["DELETE FROM t WHERE id = 101", "DROP VIEW t", "RENAME TABLE t_base TO t"],
    )
    .seen_through(&[("t", "t_base")]),
    pair!("DELETE in a transaction", T, [UP], ["BEGIN", "DELETE FROM t", "COMMIT", DOWN]),
    pair!("TRUNCATE", T, [UP], ["TRUNCATE t", DOWN]),
    pair!("TRUNCATE TABLE of the other database", T_O, [UP], ["TRUNCATE TABLE {other}.t", DOWN]),
    pair!("TRUNCATE with a wait", T, [UP], ["TRUNCATE TABLE t NOWAIT", DOWN]).mariadb(),
    pair!(
        "TRUNCATE under a new name",
        T_U,
        ["RENAME TABLE t TO x, u TO t, x TO u"],
        ["TRUNCATE TABLE t", "RENAME TABLE t TO x, u TO t, x TO u"],
    ),
    pair!("REPLACE of a row", T, [UP], ["REPLACE INTO t VALUES (101, 'over', NULL)", DOWN]),
    pair!("REPLACE SET", T, [UP], ["REPLACE LOW_PRIORITY t SET id = 102, name = 'over'", DOWN]),
    pair!("REPLACE by a selection", T_U, [UP], ["REPLACE INTO t SELECT id - 100, name, note FROM u", DOWN]),
    pair!(
        "REPLACE by another unique key",
        &[
            "CREATE TABLE d (id INT PRIMARY KEY, k INT UNIQUE, name VARCHAR(50))",
            "INSERT INTO d VALUES (601, 1, 'd-1'), (602, 2, 'd-2')",
        ],
        [UP],
        ["REPLACE INTO d VALUES (601, 2, 'over')", DOWN],
    ),
    pair!(
        "INSERT ON DUPLICATE KEY UPDATE",
        T,
        [UP],
        ["INSERT INTO t VALUES (101, 'over', 'over') ON DUPLICATE KEY UPDATE name = VALUES(name)", DOWN],
    ),
    pair!(
        "INSERT of a selection ON DUPLICATE KEY UPDATE",
        T_U,
        [UP],
        ["INSERT t (id, name) SELECT id - 100, name FROM u ON DUPLICATE KEY UPDATE note = 'over'", DOWN],
    ),
    pair!(
        "LOAD DATA REPLACE",
        T,
        [UP],
        ["LOAD DATA INFILE '{file}' REPLACE INTO TABLE t FIELDS TERMINATED BY ','", DOWN],
    )
    .file("101,file-1,file-2\n902,file-3,file-4\n"),
    pair!("a parent deleted", FAMILY, [UP], ["DELETE FROM p WHERE id = 701", DOWN]),
    pair!("a parent deleted, children set to NULL", FAMILY, [UP], ["DELETE FROM p WHERE id = 702", DOWN]),
    pair!("a parent's key overwritten", FAMILY, [UP], ["UPDATE p SET id = 799 WHERE id = 702", DOWN]),
    pair!("a parent replaced", FAMILY, [UP], ["REPLACE INTO p VALUES (701, 'over')", DOWN]),
    pair!(
        "a parent deleted beside another table",
        FAMILY,
        [UP],
        ["DELETE p FROM p LEFT JOIN n ON n.p_id = p.id WHERE n.id IS NULL", DOWN],
    ),
    pair!("a child deleted, with its own", FAMILY, [UP], ["DELETE FROM c", DOWN]),
    pair!(
        "a parent renamed, then deleted",
        FAMILY,
        ["RENAME TABLE p TO parents"],
        ["DELETE FROM parents", "RENAME TABLE parents TO p"],
    ),
    pair!(
        "a child renamed, then its parent deleted",
        FAMILY,
        ["RENAME TABLE c TO children"],
        ["RENAME TABLE children TO c", "DELETE FROM p"],
    ),
    pair!(
        "a key that the down itself makes",
        T,
        [UP],
        [
            "ALTER TABLE k ADD CONSTRAINT fk FOREIGN KEY (t_id) REFERENCES t (id) ON DELETE CASCADE",
            "DELETE FROM t",
            DOWN,
        ],
    )
    .and(&[
        "CREATE TABLE k (id INT PRIMARY KEY, t_id INT, name VARCHAR(50))",
        "INSERT INTO k VALUES (801, 101, 'k-1')",
    ]),
    pair!("a key in the other database", T, [UP], ["DELETE FROM t WHERE id = 101", DOWN]).and(&[
        "CREATE TABLE {other}.k (id INT PRIMARY KEY, t_id INT, name VARCHAR(50), FOREIGN KEY (t_id) REFERENCES \
         {here}.t (id) ON DELETE CASCADE)",
        "INSERT INTO {other}.k VALUES (801, 101, 'k-1')",
    ]),
    pair!(
        "a table that refers to itself",
        &[
            "CREATE TABLE d (id INT PRIMARY KEY, up_id INT, name VARCHAR(50), \
     FOREIGN KEY (up_id) REFERENCES d (id) \
             ON DELETE CASCADE)",
            "INSERT INTO d VALUES (601, NULL, 'd-1'), (602, 601, 'd-2'), (603, 602, 'd-3')",
        ],
        [UP],
        ["DELETE FROM d WHERE id = 601", DOWN],
    ),
    pair!(
        "foreign keys off, a parent emptied and dropped",
        FAMILY,
        [UP],
        ["SET FOREIGN_KEY_CHECKS = 0", "TRUNCATE TABLE p", "DROP TABLE c", "SET FOREIGN_KEY_CHECKS = 1", DOWN],
    ),
    pair!(
        "a period cut out",
        &[
            "CREATE TABLE d (id INT, name VARCHAR(50), s DATE, e DATE, PERIOD FOR p (s, e))",
            "INSERT INTO d VALUES (601, 'd-1', '2024-01-01', '2024-12-31')",
        ],
        [UP],
        ["DELETE FROM d FOR PORTION OF p FROM '2023-01-01' TO '2026-01-01'", DOWN],
    )
    .mariadb(),
    pair!(
        "other engines",
        &[
            "CREATE TABLE d (id INT, name VARCHAR(50)) ENGINE=MyISAM",
            "CREATE TABLE e (id INT, name VARCHAR(50)) ENGINE=MEMORY",
            "INSERT INTO d VALUES (601, 'd-1')",
            "INSERT INTO e VALUES (602, 'e-1')",
        ],
        [UP],
        ["DELETE FROM d", "TRUNCATE e", "DROP TABLE d, e", DOWN],
    ),
    pair!(
        "its own rows by their keys, in a table of others",
        T,
        ["INSERT INTO t VALUES (901, 'own-1', 'own-2'), (902, 'own-3', 'own-4')"] => ["DELETE FROM t WHERE id > 102"],
        ["INSERT INTO t VALUES (903, 'own-5', 'own-6')", "DELETE FROM t WHERE id = 101"]
            => ["DELETE FROM t WHERE id IN (903, 102)"],
    ),
    pair!(
        "a parent's key overwritten on a duplicate",
        FAMILY,
        [UP],
        ["INSERT INTO p VALUES (702, 'over') ON DUPLICATE KEY UPDATE id = 798", DOWN],
    ),
    pair!(
        "a parent replaced from a file",
        FAMILY,
        [UP],
        ["LOAD DATA INFILE '{file}' REPLACE INTO TABLE p FIELDS TERMINATED BY ','", DOWN],
    )
    .file("701,file-1\n"),
    pair!(
        "a key that the down makes and a row that it replaces",
        FAMILY,
        [UP],
        [
            "CREATE TABLE h (id INT PRIMARY KEY, g_id INT, FOREIGN KEY (g_id) REFERENCES g (id) ON DELETE CASCADE)",
            "INSERT INTO h SELECT id + 100, id FROM g",
            "DELETE FROM c WHERE id = 711",
            "DROP TABLE h",
            DOWN,
        ],
    ),
];
