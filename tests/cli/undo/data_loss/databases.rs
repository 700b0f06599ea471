//! Other databases, odd names, temporary tables, comments, and other things that hide which table is meant.

use crate::undo::data_loss::pair::{Pair, Statements, T, T_O, T_U, pair};

const UP: &str = "CREATE TABLE extra (id INT)";
const DOWN: &str = "DROP TABLE extra";

/// Both tables of the other database, of which one has a name that is here as well.
const OTHERS: Statements = &[
    T_O[0],
    T_O[1],
    T_O[2],
    T_O[3],
    "CREATE TABLE {other}.w (id INT, name VARCHAR(50))",
    "INSERT INTO {other}.w VALUES (451, 'w-name-1')",
];

pub const PAIRS: &[Pair] = &[
    pair!("USE, then a drop", T_O, [UP], ["USE {other}", "DROP TABLE t", "USE {here}", DOWN]),
    pair!("USE, then a DELETE", T_O, [UP], ["USE `{other}`", "DELETE FROM t", "DROP TABLE {here}.extra"]),
    pair!(
        "USE, then a rename and a drop of one here",
        T_O,
        [UP],
        ["USE {other}", "RENAME TABLE {here}.t TO moved", "DROP TABLE moved", "USE {here}", DOWN]
    ),
    pair!("USE in the up", T_O, [UP, "USE {other}", "RENAME TABLE t TO z"], ["DROP TABLE {other}.z", DOWN]),
    pair!("a qualified drop", T_O, [UP], ["DROP TABLE IF EXISTS {other} . t, {here}.`nosuch`", DOWN]),
    pair!("a qualified column", T_O, [UP], ["ALTER TABLE {other}.t DROP COLUMN note", DOWN]),
    pair!("DROP DATABASE", OTHERS, [UP], ["DROP DATABASE {other}", "CREATE DATABASE {other}", DOWN]),
    pair!(
        "DROP SCHEMA IF EXISTS",
        OTHERS,
        [UP],
        ["DROP SCHEMA /*!32312 IF EXISTS */ `{other}`", "CREATE SCHEMA {other}", DOWN]
    ),
    pair!(
        "CREATE DATABASE of one that is there",
        OTHERS,
        ["CREATE DATABASE IF NOT EXISTS {other}", "CREATE TABLE {other}.k (id INT)"],
        ["DROP DATABASE {other}", "CREATE DATABASE {other}"]
    ),
    pair!("CREATE OR REPLACE DATABASE", OTHERS, [UP], ["CREATE OR REPLACE DATABASE {other}", DOWN]).mariadb(),
    pair!(
        "moved into a database that is dropped",
        T_O,
        [UP],
        ["RENAME TABLE t TO {other}.t2", "DROP DATABASE {other}", "CREATE DATABASE {other}", DOWN]
    ),
    pair!(
        "moved out of a database that is dropped",
        T_O,
        [UP],
        [
            "RENAME TABLE {other}.t TO {here}.t2",
            "DROP DATABASE {other}",
            "CREATE DATABASE {other}",
            DOWN,
            "DROP TABLE t2"
        ]
    ),
    pair!(
        "a space and a dot in names",
        &[
            "CREATE TABLE `a b` (id INT, name VARCHAR(50))",
            "CREATE TABLE `x.y` (id INT, name VARCHAR(50))",
            "INSERT INTO `a b` VALUES (601, 'ab-1')",
            "INSERT INTO `x.y` VALUES (602, 'xy-1')"
        ],
        ["RENAME TABLE `a b` TO `c d`"],
        ["DROP TABLE `c d`", "DROP TABLE `x.y`"],
    ),
    pair!(
        "keywords and quotes as names",
        &[
            "CREATE TABLE `select` (id INT, name VARCHAR(50))",
            "CREATE TABLE `a``b` (id INT, name VARCHAR(50))",
            "CREATE TABLE `it's` (id INT, name VARCHAR(50))",
            "INSERT INTO `select` VALUES (601, 's-1')",
            "INSERT INTO `a``b` VALUES (602, 'q-1')",
            "INSERT INTO `it's` VALUES (603, 'i-1')"
        ],
        ["RENAME TABLE `select` TO `table`"],
        ["DROP TABLE `table`, `a``b`", "DELETE FROM `it's`"],
    ),
    pair!(
        "comment signs in names",
        &[
            "CREATE TABLE `a/*b` (id INT, name VARCHAR(50))",
            "CREATE TABLE `-- c` (id INT, name VARCHAR(50))",
            "CREATE TABLE `d;e` (id INT, name VARCHAR(50))",
            "INSERT INTO `a/*b` VALUES (601, 'c-1')",
            "INSERT INTO `-- c` VALUES (602, 'c-2')",
            "INSERT INTO `d;e` VALUES (603, 'c-3')"
        ],
        [UP],
        ["DROP TABLE `a/*b`", "TRUNCATE `-- c`", "DELETE FROM `d;e`", DOWN],
    ),
    pair!(
        "letters of other scripts",
        &[
            "CREATE TABLE `Łódź` (id INT, name VARCHAR(50))",
            "CREATE TABLE 表 (id INT, name VARCHAR(50))",
            "INSERT INTO Łódź VALUES (601, 'l-1')",
            "INSERT INTO 表 VALUES (602, 'b-1')"
        ],
        ["RENAME TABLE Łódź TO größe"],
        ["DROP TABLE größe", "TRUNCATE TABLE 表"],
    ),
    pair!(
        "names that are words of the grammar",
        &[
            "CREATE TABLE if1 (id INT, name VARCHAR(50))",
            "CREATE TABLE temporary (id INT, name VARCHAR(50))",
            "CREATE TABLE data (id INT, name VARCHAR(50))",
            "INSERT INTO temporary VALUES (601, 'w-1')",
            "INSERT INTO data VALUES (602, 'w-2')"
        ],
        [UP],
        ["DROP TABLE temporary", "TRUNCATE data", DOWN]
    ),
    pair!("ANSI quotes", T, [UP], ["SET sql_mode = 'ANSI_QUOTES'", "DROP TABLE \"t\"", "DROP TABLE \"extra\""]),
    pair!("a name in the case of another table", T, [UP], ["drop table T", DOWN])
        .and(&["CREATE TABLE T (id INT, name VARCHAR(50))", "INSERT INTO T VALUES (501, 'T-name-1')"]),
    pair!(
        "a temporary table in front",
        T,
        [UP],
        ["CREATE TEMPORARY TABLE t (id INT)", "DROP TABLE t", "DROP TABLE t", DOWN]
    ),
    pair!(
        "a temporary table in front, dropped as such",
        T,
        [UP],
        ["CREATE TEMPORARY TABLE t LIKE extra", "DROP TEMPORARY TABLE t", "TRUNCATE TABLE t", DOWN]
    ),
    pair!(
        "a temporary table in front, emptied",
        T_U,
        [UP],
        [
            "CREATE TEMPORARY TABLE t AS SELECT * FROM u",
            "DELETE FROM t",
            "TRUNCATE t",
            "DROP TEMPORARY TABLE IF EXISTS t",
            DOWN
        ]
    ),
    pair!(
        "a temporary table renamed",
        T,
        [UP],
        [
            "CREATE TEMPORARY TABLE x AS SELECT * FROM t",
            "ALTER TABLE x RENAME y",
            "DELETE FROM t",
            "INSERT INTO t SELECT * FROM y WHERE id = 101",
            DOWN
        ]
    ),
    pair!(
        "a temporary table in the up holds the rows",
        T,
        ["CREATE TEMPORARY TABLE x AS SELECT * FROM t", "ALTER TABLE t ADD y INT"],
        ["ALTER TABLE t DROP y", "DROP TABLE t"]
    ),
    pair!(
        "comments around a drop",
        T_U,
        [UP],
        ["/* DROP TABLE u */ DROP/**/TABLE/**/t -- , u\n", "-- DROP TABLE u\n# DROP TABLE u\nDROP TABLE extra"]
    ),
    pair!("a drop in a versioned comment", T, [UP], ["/*!40101 DROP TABLE t */", DOWN]),
    pair!("a drop in a comment without a version", T, [UP], ["DROP TABLE /*! IF EXISTS */ /*!50000 t, */ extra"]),
    pair!("a drop that no server reads", T_U, [UP], ["/*!999999 DROP TABLE u */ DROP TABLE t", DOWN]),
    pair!("a comment in a comment", T_U, [UP], ["DROP TABLE /*!50000 t /* , u */ */", DOWN]),
    pair!("words behind a drop", T_U, [UP], ["DROP TABLE IF EXISTS t RESTRICT", "DROP TABLE u CASCADE", DOWN]),
    pair!("tabs and line ends", T, [UP], ["DROP\tTABLE\r\n\tIF\n EXISTS\n\tt", DOWN]),
    pair!(
        "a wait, and a kept comment",
        T_U,
        [UP],
        ["DROP TABLE /*COMMENT TO SAVE*/ t WAIT 3", "DROP TABLE IF EXISTS u NOWAIT", DOWN]
    )
    .mariadb(),
    pair!("a sequence in place of a table", T, [UP], ["CREATE OR REPLACE SEQUENCE t", "DROP SEQUENCE t", DOWN])
        .mariadb(),
    pair!(
        "a sequence and a table swapped",
        T,
        ["RENAME TABLE t TO x, s TO t, x TO s"],
        ["DROP SEQUENCE t", "DROP TABLE s"]
    )
    .and(&["CREATE SEQUENCE s"])
    .mariadb(),
    pair!(
        "a sequence of its own gives the keys",
        T,
        [
            "CREATE SEQUENCE s START WITH 901",
            "CREATE TABLE c (id INT DEFAULT NEXTVAL(s), name VARCHAR(50))",
            "INSERT INTO c (name) SELECT name FROM t"
        ],
        ["DROP TABLE c", "DROP SEQUENCE s"]
    )
    .mariadb(),
    pair!(
        "two statements of an up hide a rename",
        T_U,
        ["RENAME TABLE t TO x", "RENAME TABLE x TO y, u TO x"],
        ["DROP TABLE y"]
    ),
    pair!(
        "made in the up, renamed over, dropped",
        T,
        ["CREATE TABLE n (id INT)", "RENAME TABLE t TO old_t, n TO t"],
        ["DROP TABLE t", "RENAME TABLE old_t TO t"]
    ),
    pair!("DELIMITER", T, [UP], ["DELIMITER //\nDROP TABLE t//\nDELIMITER ;\nDROP TABLE extra"]),
    pair!(
        "one migration over the other, in two databases",
        T_O,
        ["CREATE TABLE {other}.k AS SELECT * FROM t"] => ["DROP TABLE {other}.k"],
        ["RENAME TABLE {other}.k TO k", "DROP TABLE {other}.t"] => ["RENAME TABLE k TO {other}.k"],
    ),
    pair!(
        "a temporary table renamed in front",
        T,
        [UP],
        ["CREATE TEMPORARY TABLE x (id INT)", "ALTER TABLE x RENAME t", "DROP TABLE t", "DROP TABLE IF EXISTS t", DOWN],
    ),
    pair!(
        "a temporary table in another database",
        T_O,
        [UP],
        [
            "CREATE TEMPORARY TABLE {other}.t (id INT)",
            "DELETE FROM t",
            "DROP TABLE {other}.t",
            "TRUNCATE {other}.t",
            DOWN,
        ],
    ),
    pair!(
        "a temporary table that is made if it is not there",
        T,
        [UP],
        ["CREATE TEMPORARY TABLE IF NOT EXISTS t LIKE extra", "DROP TEMPORARY TABLE t", "DELETE FROM t", DOWN],
    ),
    pair!("a temporary table that was never made", T, [UP], ["DROP TEMPORARY TABLE IF EXISTS t", "DROP TABLE t", DOWN],),
    pair!(
        "a clause of a version to come",
        T,
        ["ALTER TABLE t ADD x INT"],
        ["ALTER TABLE t /*!999999 RENAME TO z, */ DROP COLUMN note", "ALTER TABLE t /*!999999 DROP name, */ DROP x",],
    ),
    pair!(
        "a version that one server has and the other passes over",
        T_U,
        [UP],
        ["/*!80000 DROP TABLE u */", "/*!100100 DELETE FROM t WHERE id = 101 */", "DROP TABLE /*!80000 t, */ extra"],
    ),
];
