//! Rows that go under another name than the one they had.

use crate::undo::data_loss::pair::{Pair, T, T_O, T_U, T_U_V, pair};

pub const PAIRS: &[Pair] = &[
    pair!(
        "rebuilt under its name, the old one dropped",
        T,
        [
            "ALTER TABLE t RENAME t_bak",
            "CREATE TABLE t (id INT PRIMARY KEY, name VARCHAR(50), note VARCHAR(50))",
            "INSERT INTO t SELECT * FROM t_bak",
            "DROP TABLE IF EXISTS t_bak",
        ],
        ["DROP TABLE IF EXISTS t_bak"],
    ),
    pair!(
        "rebuilt with fewer columns, the down drops the old one",
        T,
        ["ALTER TABLE t RENAME t_bak", "CREATE TABLE t (id INT PRIMARY KEY)", "INSERT INTO t SELECT id FROM t_bak",],
        ["DROP TABLE IF EXISTS t_bak"],
    ),
    pair!(
        "renamed away and back",
        T,
        ["RENAME TABLE t TO t_old", "CREATE TABLE t LIKE t_old", "INSERT INTO t SELECT * FROM t_old"],
        ["DROP TABLE t", "RENAME TABLE t_old TO t"],
    ),
    pair!(
        "renamed away and back, if exists",
        T,
        ["RENAME TABLE t TO t_old", "CREATE TABLE t (id INT)", "INSERT INTO t VALUES (9001)"],
        ["DROP TABLE IF EXISTS t", "RENAME TABLE t_old TO t"],
    ),
    pair!(
        "a swap in one statement, then a drop",
        T_U,
        ["RENAME TABLE t TO swap_x, u TO t, swap_x TO u"],
        ["DROP TABLE u"]
    ),
    pair!(
        "a swap in three statements, and back, then a drop",
        T_U,
        ["RENAME TABLE t TO x", "RENAME TABLE u TO t", "ALTER TABLE x RENAME TO u"],
        ["RENAME TABLE t TO x, u TO t", "RENAME TABLE x TO u", "DROP TABLE t"],
    ),
    pair!(
        "a swap in the down, then a drop",
        T_U,
        ["SELECT 1"],
        ["RENAME TABLE t TO x, u TO t, x TO u", "DROP TABLE t"]
    ),
    pair!(
        "three tables rotate, one is dropped",
        T_U_V,
        ["RENAME TABLE t TO x, u TO t, v TO u, x TO v"],
        ["DROP TABLE IF EXISTS u"],
    ),
    pair!(
        "three tables rotate in the down, one is emptied",
        T_U_V,
        ["RENAME TABLE t TO x, u TO t, v TO u, x TO v"],
        ["RENAME TABLE v TO x", "RENAME TABLE u TO v, t TO u", "RENAME TABLE x TO t", "TRUNCATE v"],
    ),
    pair!("ALTER RENAME", T, ["ALTER TABLE t RENAME TO u"], ["DROP TABLE u"]),
    pair!("ALTER RENAME AS", T, ["ALTER TABLE t RENAME AS u"], ["ALTER TABLE u RENAME AS w", "DROP TABLE w"]),
    pair!("ALTER RENAME =", T, ["ALTER TABLE t RENAME = u"], ["ALTER TABLE u RENAME = w", "DROP TABLE w"]),
    pair!("ALTER RENAME without TO", T, ["ALTER TABLE t RENAME u"], ["ALTER TABLE u RENAME `w`", "DROP TABLE w"]),
    pair!("renamed in the down, then dropped", T, ["SELECT 1"], ["RENAME TABLE t TO z", "DROP TABLE z"]),
    pair!(
        "renamed beside another clause, then dropped",
        T,
        ["ALTER TABLE t ADD COLUMN x INT, RENAME TO z, ADD INDEX (name)"],
        [
            "ALTER TABLE z DROP INDEX name, RENAME TO t, DROP COLUMN x",
            "ALTER TABLE t ADD y INT, RENAME w",
            "DROP TABLE w"
        ],
    ),
    pair!(
        "renamed and a column dropped in one statement",
        T,
        ["ALTER TABLE t ADD x INT"],
        ["ALTER TABLE t RENAME TO z, DROP COLUMN note", "ALTER TABLE z RENAME TO t, DROP COLUMN x"],
    ),
    pair!(
        "a rename above the migration that made it",
        &[],
        ["CREATE TABLE t (id INT, name VARCHAR(50))", "INSERT INTO t VALUES (101, 'm-1'), (102, 'm-2'), (103, 'm-3')"]
            => ["DROP TABLE t"],
        ["RENAME TABLE t TO u"] => ["RENAME TABLE u TO t"],
    ),
    pair!(
        "two renames above it",
        T_U,
        ["ALTER TABLE t ADD x INT"] => ["DROP TABLE t"],
        ["RENAME TABLE t TO w"] => ["RENAME TABLE w TO t"],
        ["ALTER TABLE w RENAME y", "RENAME TABLE u TO w"] => ["RENAME TABLE w TO u", "ALTER TABLE y RENAME w"],
    ),
    pair!(
        "a name that is used again",
        T,
        ["ALTER TABLE t ADD x INT"] => ["DROP TABLE t"],
        ["RENAME TABLE t TO u"] => ["RENAME TABLE u TO t"],
        [
            "CREATE TABLE t (id INT, name VARCHAR(50))",
            "INSERT INTO t VALUES (901, 'again-1')",
            "INSERT INTO t SELECT id, note FROM u",
        ] => ["DROP TABLE t"],
    ),
    pair!(
        "an empty and a full table swapped above",
        T,
        ["CREATE TABLE u (id INT, name VARCHAR(50), note VARCHAR(50))"] => ["DROP TABLE u", "TRUNCATE TABLE t"],
        ["RENAME TABLE t TO x, u TO t, x TO u"] => ["RENAME TABLE t TO x, u TO t, x TO u"],
    ),
    pair!("to the other database", T, ["RENAME TABLE t TO {other}.t2"], ["DROP TABLE {other}.t2"]),
    pair!(
        "back from the other database, then dropped",
        T_O,
        ["RENAME TABLE {other}.t TO w"] => ["RENAME TABLE w TO {other}.w", "DROP TABLE {other}.w"],
        ["RENAME TABLE {here}.t TO {other}.x, {here}.w TO t"]
            => ["ALTER TABLE t RENAME {here}.w", "DROP TABLE {other}.x"],
    ),
    pair!(
        "RENAME IF EXISTS",
        T_U,
        ["RENAME TABLE IF EXISTS nosuch TO y, t TO z"],
        ["RENAME TABLE IF EXISTS z TO w", "DROP TABLE w"],
    )
    .mariadb(),
    pair!(
        "RENAME with a wait",
        T_U,
        ["RENAME TABLE t WAIT 5 TO z, u NOWAIT TO y"],
        ["RENAME TABLE z NOWAIT TO w", "DROP TABLE w WAIT 5"],
    )
    .mariadb(),
    pair!(
        "ALTER IF EXISTS RENAME",
        T,
        ["ALTER TABLE IF EXISTS t RENAME TO z"],
        ["ALTER TABLE IF EXISTS z WAIT 5 RENAME w", "DROP TABLE w"],
    )
    .mariadb(),
    pair!("the plural", T_U, ["RENAME TABLES t TO z, u TO y"], ["RENAME TABLES z TO w", "DROP TABLES w, y"]),
    pair!(
        "comments between the words",
        T,
        ["RENAME/**/TABLE/* t TO b */t/*,*/TO -- z\n`z`"],
        ["RENAME # TABLE t\nTABLE z TO w", "DROP /* TABLE t */ TABLE w"],
    ),
    pair!(
        "versioned comments",
        T,
        ["/*!50000 RENAME TABLE t TO z */"],
        ["/*!40000 ALTER */ TABLE z /*! RENAME w */", "/*! DROP TABLE */ w"],
    ),
    pair!(
        "a comment that only MariaDB reads",
        T_U,
        ["RENAME TABLE t TO z"],
        ["/*M! RENAME TABLE z TO w */", "/*M!100100 DROP TABLE w */"],
    )
    .mariadb(),
    pair!(
        "a comment of a version to come",
        T_U,
        ["RENAME TABLE t TO z"],
        ["RENAME TABLE z TO w /*!999999 , u TO t */", "DROP TABLE /*!999999 u, */ w"],
    ),
    pair!(
        "a view in its place",
        T,
        ["RENAME TABLE t TO t_base", "CREATE VIEW t AS SELECT * FROM t_base"],
        ["DROP VIEW IF EXISTS t", "RENAME TABLE t_base TO t", "DROP TABLE t"],
    ),
    pair!(
        "a view in its place, the base dropped",
        T,
        ["ALTER TABLE t RENAME t_base", "CREATE OR REPLACE VIEW t AS SELECT * FROM t_base"],
        ["DROP VIEW t", "DROP TABLE IF EXISTS t_base"],
    ),
    pair!(
        "a view that is renamed over its table",
        T,
        ["CREATE VIEW w AS SELECT * FROM t", "RENAME TABLE w TO x, t TO w"],
        ["RENAME TABLE w TO y", "DROP VIEW x", "DROP TABLE y"],
    ),
    pair!("a chain in one statement", T, ["SELECT 1"], ["RENAME TABLE t TO x, x TO y, y TO z", "DROP TABLE z"]),
    pair!("names that differ by case", T, ["RENAME TABLE t TO x, T TO t, x TO T"], ["DROP TABLE T"])
        .and(&["CREATE TABLE T (id INT PRIMARY KEY, name VARCHAR(50))", "INSERT INTO T VALUES (501, 'T-name-1')"]),
    pair!(
        "made beside, renamed over, the old one dropped",
        T,
        ["ALTER TABLE t ADD x INT"],
        [
            "CREATE TABLE t_new LIKE t",
            "RENAME TABLE t TO t_drop, t_new TO t",
            "DROP TABLE t_drop",
            "ALTER TABLE t DROP x"
        ],
    ),
    pair!(
        "renamed by the up, and a new one of that name dropped",
        T,
        [
            "RENAME TABLE t TO z",
            "CREATE TABLE t (id INT, name VARCHAR(50))",
            "INSERT INTO t SELECT id, name FROM z WHERE id > 101"
        ],
        ["RENAME TABLE t TO y, z TO t", "DROP TABLE y", "RENAME TABLE t TO y", "DROP TABLE IF EXISTS t, y"],
    ),
    pair!(
        "a drop of several names, one of which is new",
        T_U,
        ["RENAME TABLE t TO t_bak"],
        ["DROP TABLE IF EXISTS nosuch, t_bak, u"],
    ),
    pair!(
        "an index, a column and a table renamed at once",
        T,
        ["ALTER TABLE t ADD INDEX i (name), RENAME COLUMN note TO remark, RENAME TO z"],
        [
            "ALTER TABLE z RENAME INDEX i TO j, RENAME COLUMN remark TO note, RENAME w",
            "ALTER TABLE w DROP note",
            "DROP TABLE w"
        ],
    ),
    pair!(
        "dropped by an up that is undone to another name",
        T_U,
        ["RENAME TABLE t TO z"] => ["RENAME TABLE z TO t"],
        ["CREATE TABLE t AS SELECT * FROM u", "DROP TABLE u"] => ["RENAME TABLE t TO u"],
        ["TRUNCATE t", "INSERT INTO t SELECT * FROM z"] => ["DELETE FROM t"],
    ),
];
