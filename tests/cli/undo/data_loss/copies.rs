//! Rows that are copied, of which one copy goes.

use crate::undo::data_loss::pair::{Pair, T, T_U, pair};

pub const PAIRS: &[Pair] = &[
    pair!("copied, the source emptied", T, ["CREATE TABLE c AS SELECT * FROM t", "DELETE FROM t"], ["DROP TABLE c"]),
    pair!(
        "copied, the source truncated, copied back",
        T,
        ["CREATE TABLE c SELECT * FROM t", "TRUNCATE TABLE t"],
        ["INSERT INTO t SELECT * FROM c", "DROP TABLE c"],
    ),
    pair!(
        "copied, the source dropped, made and filled again",
        T,
        ["CREATE TABLE c LIKE t", "INSERT INTO c SELECT * FROM t", "DROP TABLE t"],
        ["CREATE TABLE t LIKE c", "INSERT INTO t SELECT * FROM c", "DROP TABLE c"],
    ),
    pair!(
        "copied, the source dropped, renamed back",
        T,
        ["CREATE TABLE c (LIKE t)", "INSERT c SELECT * FROM t", "DROP TABLE t"],
        ["RENAME TABLE c TO t"],
    ),
    pair!(
        "renamed back over what may be there",
        T,
        ["CREATE TABLE c LIKE t", "INSERT INTO c SELECT * FROM t", "DROP TABLE t"],
        ["DROP TABLE IF EXISTS t", "RENAME TABLE c TO t"],
    ),
    pair!(
        "made again by CREATE OR REPLACE",
        T,
        ["CREATE OR REPLACE TABLE c AS SELECT * FROM t", "DROP TABLE t"],
        ["CREATE OR REPLACE TABLE t AS SELECT * FROM c", "DROP TABLE c"],
    )
    .mariadb(),
    pair!(
        "emptied by CREATE OR REPLACE",
        T,
        ["ALTER TABLE t ADD x INT"],
        ["CREATE OR REPLACE TABLE t (id INT, name VARCHAR(50))"]
    )
    .mariadb(),
    pair!("emptied by CREATE OR REPLACE LIKE", T_U, ["ALTER TABLE t ADD x INT"], ["CREATE OR REPLACE TABLE t LIKE u"])
        .mariadb(),
    pair!(
        "replaced by a selection of itself",
        T,
        ["ALTER TABLE t ADD x INT"],
        [
            "CREATE TABLE tmp AS SELECT id, name, note FROM t WHERE id = 101",
            "CREATE OR REPLACE TABLE t SELECT * FROM tmp",
            "DROP TABLE tmp"
        ],
    )
    .mariadb(),
    pair!(
        "CREATE OR REPLACE of a table that this up makes",
        T,
        [
            "CREATE TABLE c (id INT, name VARCHAR(50))",
            "INSERT INTO c SELECT id, name FROM t",
            "UPDATE t SET name = NULL"
        ],
        ["CREATE OR REPLACE TABLE c (id INT)", "DROP TABLE c"],
    )
    .mariadb(),
    pair!(
        "archived in part, the archive emptied",
        T_U,
        ["INSERT INTO u SELECT * FROM t WHERE id < 103", "DELETE FROM t WHERE id < 103"],
        ["DELETE FROM u"],
    ),
    pair!(
        "archived in part, brought back, the archive emptied",
        T_U,
        ["INSERT INTO u SELECT * FROM t WHERE id < 103", "DELETE FROM t WHERE id < 103"],
        ["INSERT INTO t SELECT * FROM u WHERE id < 200", "TRUNCATE u"],
    ),
    pair!(
        "archived into a table that may be there",
        T_U,
        ["CREATE TABLE IF NOT EXISTS u LIKE t", "INSERT INTO u SELECT * FROM t", "DELETE FROM t"],
        ["DROP TABLE u"],
    ),
    pair!(
        "moved into the other database",
        T,
        ["CREATE TABLE {other}.c AS SELECT * FROM t", "DELETE FROM {here}.t"],
        ["INSERT INTO {here}.t SELECT * FROM {other}.c", "DROP TABLE {other}.c"],
    ),
    pair!(
        "two columns split off",
        T,
        [
            "CREATE TABLE c (t_id INT PRIMARY KEY, note VARCHAR(50))",
            "INSERT INTO c SELECT id, note FROM t WHERE note IS NOT NULL",
            "ALTER TABLE t DROP COLUMN note",
        ],
        ["ALTER TABLE t ADD note VARCHAR(50)", "UPDATE t JOIN c ON c.t_id = t.id SET t.note = c.note", "DROP TABLE c"],
    ),
    pair!(
        "two tables merged",
        T_U,
        ["INSERT INTO t SELECT * FROM u", "DROP TABLE u"],
        ["CREATE TABLE u LIKE t", "INSERT INTO u SELECT * FROM t WHERE id > 200", "DELETE FROM t WHERE id > 200"],
    ),
    pair!(
        "copied with a query in front",
        T,
        ["CREATE TABLE c LIKE t", "INSERT INTO c WITH x AS (SELECT * FROM t) SELECT * FROM x", "TRUNCATE t"],
        ["DROP TABLE c"],
    ),
    pair!("copied by TABLE", T, ["CREATE TABLE c LIKE t", "INSERT INTO c TABLE t", "DELETE FROM t"], ["DROP TABLE c"])
        .mysql(),
    pair!("made by TABLE", T, ["CREATE TABLE c AS TABLE t", "DELETE FROM t"], ["DROP TABLE c"]).mysql(),
    pair!(
        "copied by REPLACE, brackets around",
        T,
        ["CREATE TABLE c LIKE t", "REPLACE INTO c (SELECT * FROM t)", "DELETE FROM t"],
        ["DROP TABLE c"],
    ),
    pair!(
        "made with IGNORE from a selection",
        T,
        ["CREATE TABLE c (id INT PRIMARY KEY) IGNORE SELECT id, name, note FROM t", "DELETE FROM t"],
        ["DROP TABLE IF EXISTS c"],
    ),
    pair!(
        "copied twice, each source dropped",
        T,
        ["CREATE TABLE c AS SELECT * FROM t", "DROP TABLE t", "CREATE TABLE d AS SELECT * FROM c", "DROP TABLE c"],
        ["DROP TABLE IF EXISTS t, c, d"],
    ),
    pair!(
        "copied in one migration, dropped in the next",
        T,
        ["CREATE TABLE c AS SELECT * FROM t"] => ["DROP TABLE c"],
        ["DROP TABLE t", "RENAME TABLE c TO t"] => ["RENAME TABLE t TO c", "CREATE TABLE t LIKE c"],
    ),
    pair!(
        "only aggregates are kept",
        T_U,
        ["CREATE TABLE c AS SELECT COUNT(*) AS n, GROUP_CONCAT(name) AS names FROM t", "DELETE FROM t"],
        ["DROP TABLE c"],
    ),
    pair!(
        "a backup that the down brings back over later rows",
        T,
        ["CREATE TABLE t_backup AS SELECT * FROM t", "UPDATE t SET name = CONCAT(name, '-new')"],
        ["DELETE FROM t", "INSERT INTO t SELECT * FROM t_backup", "DROP TABLE t_backup"],
    ),
    pair!(
        "made in the down under the same name",
        T,
        ["ALTER TABLE t ADD x INT"],
        ["DROP TABLE t", "CREATE TABLE t (id INT, name VARCHAR(50))", "INSERT INTO t VALUES (1, 'default')"],
    ),
    pair!(
        "made in the down under the same name after a rename",
        T,
        ["ALTER TABLE t ADD x INT"],
        ["RENAME TABLE t TO x", "CREATE TABLE t (id INT)", "DROP TABLE t", "DROP TABLE x"],
    ),
];
