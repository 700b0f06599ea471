//! Rows that go with a partition, a tablespace, an engine, or a history.

use crate::undo::data_loss::pair::{Pair, Statements, T, pair};

const UP: &str = "CREATE TABLE extra (id INT)";
const DOWN: &str = "DROP TABLE extra";

const P: Statements = &[
    "CREATE TABLE p (id INT PRIMARY KEY, name VARCHAR(50)) PARTITION BY RANGE (id) \
     (PARTITION p0 VALUES LESS THAN (200), PARTITION p1 VALUES LESS THAN (300), PARTITION p2 VALUES LESS THAN (400))",
    "INSERT INTO p VALUES (101, 'p-1'), (102, 'p-2'), (201, 'p-3')",
];

const VERSIONED: Statements = &[
    "CREATE TABLE v (id INT PRIMARY KEY, name VARCHAR(50)) WITH SYSTEM VERSIONING",
    "INSERT INTO v VALUES (501, 'v-1'), (502, 'v-2')",
    "UPDATE v SET name = 'v-1-new' WHERE id = 501",
    "DELETE FROM v WHERE id = 502",
];

const MERGED: Statements = &[
    "CREATE TABLE m1 (id INT, name VARCHAR(50)) ENGINE=MyISAM",
    "CREATE TABLE m2 (id INT, name VARCHAR(50)) ENGINE=MyISAM",
    "INSERT INTO m1 VALUES (801, 'm-1')",
    "INSERT INTO m2 VALUES (802, 'm-2'), (803, 'm-3')",
    "CREATE TABLE m (id INT, name VARCHAR(50)) ENGINE=MERGE UNION=(m1, m2) INSERT_METHOD=LAST",
];

pub const PAIRS: &[Pair] = &[
    pair!("DROP PARTITION", P, [UP], ["ALTER TABLE p DROP PARTITION p0, p2", DOWN]),
    pair!("DROP PARTITION IF EXISTS", P, [UP], ["ALTER TABLE p DROP PARTITION IF EXISTS nosuch, p1", DOWN]).mariadb(),
    pair!("TRUNCATE PARTITION", P, [UP], ["ALTER TABLE p TRUNCATE PARTITION p0", DOWN]),
    pair!("TRUNCATE PARTITION ALL", P, [UP], ["ALTER TABLE p TRUNCATE PARTITION ALL", DOWN]),
    pair!(
        "its own partition, in which there are rows by now",
        P,
        [
            "ALTER TABLE p ADD PARTITION (PARTITION p3 VALUES LESS THAN (500))",
            "INSERT INTO p SELECT id + 300, name FROM p WHERE id < 200",
            "DELETE FROM p WHERE id < 200"
        ],
        ["ALTER TABLE p DROP PARTITION p3"]
    ),
    pair!(
        "DROP PARTITION under a new name",
        P,
        ["RENAME TABLE p TO q"],
        ["ALTER TABLE q DROP PARTITION p0", "RENAME TABLE q TO p"]
    ),
    pair!(
        "EXCHANGE in the up",
        P,
        ["CREATE TABLE c (id INT PRIMARY KEY, name VARCHAR(50))", "ALTER TABLE p EXCHANGE PARTITION p0 WITH TABLE c"],
        ["DROP TABLE c"]
    ),
    pair!(
        "EXCHANGE in the up and the down",
        P,
        ["CREATE TABLE c (id INT PRIMARY KEY, name VARCHAR(50))", "ALTER TABLE p EXCHANGE PARTITION p0 WITH TABLE c"],
        ["ALTER TABLE p EXCHANGE PARTITION p0 WITH TABLE c", "DROP TABLE c"]
    ),
    pair!(
        "EXCHANGE in the down",
        P,
        [UP],
        [
            "CREATE TABLE c (id INT PRIMARY KEY, name VARCHAR(50))",
            "ALTER TABLE p EXCHANGE PARTITION p1 WITH TABLE c WITHOUT VALIDATION",
            "DROP TABLE c",
            DOWN
        ]
    )
    .mysql(),
    pair!(
        "EXCHANGE in the down, then dropped",
        P,
        [UP],
        [
            "CREATE TABLE c (id INT PRIMARY KEY, name VARCHAR(50))",
            "ALTER TABLE p EXCHANGE PARTITION p1 WITH TABLE c",
            "DROP TABLE c",
            DOWN
        ]
    ),
    pair!(
        "EXCHANGE with a full table, then DROP PARTITION",
        P,
        [UP],
        ["ALTER TABLE p EXCHANGE PARTITION p2 WITH TABLE c", "ALTER TABLE p DROP PARTITION p2", DOWN]
    )
    .and(&["CREATE TABLE c (id INT PRIMARY KEY, name VARCHAR(50))", "INSERT INTO c VALUES (301, 'c-1')"]),
    pair!("CONVERT PARTITION TO TABLE", P, ["ALTER TABLE p CONVERT PARTITION p0 TO TABLE c"], ["DROP TABLE c"])
        .mariadb(),
    pair!(
        "CONVERT PARTITION in the down",
        P,
        [UP],
        ["ALTER TABLE p CONVERT PARTITION p0 TO TABLE c", "DROP TABLE c", DOWN]
    )
    .mariadb(),
    pair!(
        "CONVERT TABLE TO PARTITION",
        P,
        ["ALTER TABLE p CONVERT TABLE c TO PARTITION p3 VALUES LESS THAN (500)"],
        ["ALTER TABLE p DROP PARTITION p3"]
    )
    .and(&["CREATE TABLE c (id INT PRIMARY KEY, name VARCHAR(50))", "INSERT INTO c VALUES (401, 'c-1')"])
    .mariadb(),
    pair!(
        "CONVERT TABLE in the down, then dropped",
        P,
        [UP],
        ["ALTER TABLE p CONVERT TABLE c TO PARTITION p3 VALUES LESS THAN (500)", "DROP TABLE p", DOWN]
    )
    .and(&["CREATE TABLE c (id INT PRIMARY KEY, name VARCHAR(50))", "INSERT INTO c VALUES (401, 'c-1')"])
    .mariadb(),
    pair!(
        "REORGANIZE, then DROP of a partition that is not there now",
        P,
        [UP],
        [
            "ALTER TABLE p REORGANIZE PARTITION p0, p1 INTO (PARTITION q VALUES LESS THAN (300))",
            "ALTER TABLE p DROP PARTITION q",
            DOWN
        ]
    ),
    pair!(
        "REORGANIZE, then DROP of a partition that holds other rows now",
        P,
        [UP],
        [
            "ALTER TABLE p REORGANIZE PARTITION p1, p2 INTO (PARTITION p2 VALUES LESS THAN (400))",
            "ALTER TABLE p DROP PARTITION p2",
            DOWN
        ]
    ),
    pair!(
        "PARTITION BY, then DROP PARTITION",
        P,
        [UP],
        [
            "ALTER TABLE p PARTITION BY RANGE (id) (PARTITION n0 VALUES LESS THAN (200), PARTITION n1 VALUES LESS THAN (400))",
            "ALTER TABLE p DROP PARTITION n0",
            DOWN
        ]
    ),
    pair!(
        "REORGANIZE and COALESCE lose nothing",
        P,
        [UP],
        [
            "ALTER TABLE p REORGANIZE PARTITION p0, p1 INTO (PARTITION p0 VALUES LESS THAN (300))",
            "ALTER TABLE p REMOVE PARTITIONING",
            DOWN
        ]
    ),
    pair!(
        "ALTER IGNORE into fewer partitions",
        P,
        [UP],
        ["ALTER IGNORE TABLE p PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (150))", DOWN]
    )
    .mariadb(),
    pair!(
        "subpartitions",
        &[
            "CREATE TABLE p (id INT, name VARCHAR(50)) PARTITION BY RANGE (id) SUBPARTITION BY HASH (id) \
             SUBPARTITIONS 2 (PARTITION p0 VALUES LESS THAN (200), PARTITION p1 VALUES LESS THAN (300))",
            "INSERT INTO p VALUES (101, 'p-1'), (102, 'p-2'), (201, 'p-3')",
        ],
        [UP],
        ["ALTER TABLE p DROP PARTITION p0", DOWN],
    ),
    pair!("DROP SYSTEM VERSIONING", VERSIONED, [UP], ["ALTER TABLE v DROP SYSTEM VERSIONING", DOWN]).mariadb(),
    pair!("DELETE HISTORY", VERSIONED, [UP], ["DELETE HISTORY FROM v", DOWN]).mariadb(),
    pair!("a versioned table dropped", VERSIONED, ["RENAME TABLE v TO w"], ["DROP TABLE w"]).mariadb(),
    pair!(
        "a versioned table without rows, with a history",
        &[
            "CREATE TABLE v (id INT PRIMARY KEY, name VARCHAR(50)) WITH SYSTEM VERSIONING",
            "INSERT INTO v VALUES (501, 'v-1')",
            "DELETE FROM v"
        ],
        [UP],
        ["DROP TABLE v", DOWN]
    )
    .mariadb(),
    pair!(
        "a history that the up begins",
        T,
        ["ALTER TABLE t ADD SYSTEM VERSIONING", "UPDATE t SET note = NULL"],
        ["ALTER TABLE t DROP SYSTEM VERSIONING"]
    )
    .mariadb(),
    pair!(
        "a column of a versioned table",
        VERSIONED,
        ["SET system_versioning_alter_history = KEEP", "ALTER TABLE v ADD x INT"],
        ["SET system_versioning_alter_history = KEEP", "ALTER TABLE v DROP x, DROP name"]
    )
    .mariadb(),
    pair!("DISCARD TABLESPACE in the down", T, [UP], ["ALTER TABLE t DISCARD TABLESPACE", DOWN]),
    pair!("DISCARD TABLESPACE, then dropped", T, [UP], ["ALTER TABLE t DISCARD TABLESPACE", "DROP TABLE t", DOWN]),
    pair!("a table whose tablespace is gone, dropped", T, [UP], ["DROP TABLE t", DOWN])
        .and(&["ALTER TABLE t DISCARD TABLESPACE"]),
    pair!("a MERGE table's parts dropped", MERGED, [UP], ["DROP TABLE m", "DROP TABLE m1, m2", DOWN]),
    pair!("DELETE through a MERGE table", MERGED, [UP], ["DELETE FROM m", DOWN])
        .seen_through(&[("m", "m1"), ("m", "m2")]),
    pair!("UPDATE through a MERGE table", MERGED, [UP], ["UPDATE m SET name = 'over'", DOWN])
        .seen_through(&[("m", "m1"), ("m", "m2")]),
    pair!("TRUNCATE of a MERGE table", MERGED, [UP], ["TRUNCATE m", DOWN]).seen_through(&[("m", "m1"), ("m", "m2")]),
    pair!("a MERGE table that cannot be read, dropped", MERGED, [UP], ["DROP TABLE m", "DROP TABLE m2", DOWN])
        .and(&["ALTER TABLE m2 ADD x INT"]),
    pair!("a table that becomes a MERGE table", MERGED, [UP], ["ALTER TABLE m1 ENGINE=MRG_MyISAM", DOWN]),
    pair!("ENGINE=BLACKHOLE", T, [UP], ["ALTER TABLE t ENGINE=BLACKHOLE", DOWN]).mysql(),
    pair!(
        "ENGINE BLACKHOLE among other clauses",
        T,
        ["ALTER TABLE t ADD x INT"],
        ["ALTER TABLE t DROP x, COMMENT 'a', ENGINE `blackhole`"]
    )
    .mysql(),
    pair!("another engine that loses nothing", T, ["ALTER TABLE t ENGINE=MyISAM"], ["ALTER TABLE t ENGINE=InnoDB"]),
];
