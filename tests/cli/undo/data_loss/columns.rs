//! Values that go with a column, or under the name of another one, or that a change of type cuts.

use crate::undo::data_loss::pair::{Pair, Statements, T, T_U, pair};

const D: Statements = &[
    "CREATE TABLE d (id INT PRIMARY KEY, at_time DATETIME, price DECIMAL(10, 2), \
     kind ENUM('red', 'green', 'blue'), text1 VARCHAR(50))",
    "INSERT INTO d VALUES (601, '2024-01-02 03:04:05', 12.34, 'blue', 'd-text-1'), \
     (602, '2025-06-07 08:09:10', 56.78, 'red', 'd-日本')",
];

pub const PAIRS: &[Pair] = &[
    pair!(
        "a column dropped",
        T,
        ["ALTER TABLE t ADD x INT"],
        ["ALTER TABLE t DROP COLUMN note", "ALTER TABLE t DROP x"]
    ),
    pair!(
        "RENAME COLUMN, then dropped",
        T,
        ["ALTER TABLE t RENAME COLUMN note TO remark"],
        ["ALTER TABLE t DROP COLUMN remark"]
    ),
    pair!("CHANGE, then dropped", T, ["ALTER TABLE t CHANGE note remark VARCHAR(50)"], ["ALTER TABLE t DROP remark"]),
    pair!(
        "filled from another one, which goes",
        T,
        ["ALTER TABLE t ADD note2 VARCHAR(50)", "UPDATE t SET note2 = note", "ALTER TABLE t DROP COLUMN note"],
        ["ALTER TABLE t DROP COLUMN note2"],
    ),
    pair!(
        "filled from another one, which goes, and back",
        T,
        ["ALTER TABLE t ADD note2 VARCHAR(50)", "UPDATE t SET note2 = note", "ALTER TABLE t DROP COLUMN note"],
        ["ALTER TABLE t ADD note VARCHAR(50)", "UPDATE t SET note = note2", "ALTER TABLE t DROP COLUMN note2"],
    ),
    pair!(
        "replaced by one of its name",
        T,
        [
            "ALTER TABLE t ADD note_new VARCHAR(50)",
            "UPDATE t SET note_new = note",
            "ALTER TABLE t DROP COLUMN note",
            "ALTER TABLE t CHANGE note_new note VARCHAR(50)"
        ],
        [
            "ALTER TABLE t ADD note_old VARCHAR(50)",
            "UPDATE t SET note_old = note",
            "ALTER TABLE t DROP COLUMN note",
            "ALTER TABLE t CHANGE note_old note VARCHAR(50)"
        ],
    ),
    pair!(
        "CHANGE in the down, then dropped",
        T,
        ["ALTER TABLE t ADD x INT"],
        [
            "ALTER TABLE t CHANGE COLUMN note x2 VARCHAR(50)",
            "ALTER TABLE t DROP COLUMN x2",
            "ALTER TABLE t DROP COLUMN x"
        ],
    ),
    pair!(
        "two columns swapped by name, one dropped",
        T,
        ["ALTER TABLE t RENAME COLUMN name TO note, RENAME COLUMN note TO name"],
        ["ALTER TABLE t DROP COLUMN name"],
    ),
    pair!(
        "two columns swapped by CHANGE in the down, one dropped",
        T,
        ["ALTER TABLE t ADD x INT"],
        ["ALTER TABLE t CHANGE name note VARCHAR(50), CHANGE note name VARCHAR(50), DROP x", "ALTER TABLE t DROP name"],
    ),
    pair!(
        "MODIFY that loses nothing",
        T,
        ["ALTER TABLE t MODIFY note TEXT"],
        ["ALTER TABLE t MODIFY note VARCHAR(50)"]
    ),
    pair!(
        "MODIFY that cuts times and fractions",
        D,
        ["ALTER TABLE d ADD x INT"],
        ["ALTER TABLE d MODIFY at_time DATE, MODIFY COLUMN price INT, DROP x"],
    ),
    pair!(
        "MODIFY that cuts text",
        T,
        ["ALTER TABLE t MODIFY note VARCHAR(80)"],
        ["SET sql_mode = ''", "ALTER TABLE t MODIFY note VARCHAR(3)"],
    ),
    pair!(
        "MODIFY of a list of words",
        D,
        ["ALTER TABLE d MODIFY kind ENUM('red', 'green', 'blue', 'black')"],
        ["SET SESSION sql_mode = ''", "ALTER TABLE d MODIFY kind ENUM('red', 'green')"],
    ),
    pair!(
        "MODIFY to a computed column",
        T,
        ["ALTER TABLE t MODIFY note VARCHAR(60)"],
        ["ALTER TABLE t MODIFY note VARCHAR(50) GENERATED ALWAYS AS ('computed') STORED"],
    ),
    pair!(
        "CHANGE to another name and type",
        T,
        ["ALTER TABLE t CHANGE note remark TEXT"],
        ["SET sql_mode = ''", "ALTER TABLE t CHANGE remark note DATE"],
    ),
    pair!(
        "another character set",
        D,
        ["ALTER TABLE d ADD x INT"],
        ["SET sql_mode = ''", "ALTER TABLE d CONVERT TO CHARACTER SET latin1", "ALTER TABLE d DROP x"],
    ),
    pair!(
        "ALTER IGNORE ADD UNIQUE",
        &[
            "CREATE TABLE d (id INT PRIMARY KEY, k INT, name VARCHAR(50))",
            "INSERT INTO d VALUES (601, 1, 'd-1'), (602, 1, 'd-2'), (603, 2, 'd-3')"
        ],
        ["ALTER TABLE d ADD x INT"],
        ["ALTER IGNORE TABLE d ADD UNIQUE (k)", "ALTER TABLE d DROP x"],
    )
    .mariadb(),
    pair!(
        "ALTER ONLINE IGNORE ADD PRIMARY KEY",
        &[
            "CREATE TABLE d (id INT NOT NULL, name VARCHAR(50))",
            "INSERT INTO d VALUES (1, 'd-1'), (1, 'd-2'), (2, 'd-3')"
        ],
        ["ALTER TABLE d ADD x INT"],
        ["ALTER IGNORE TABLE d ADD PRIMARY KEY (id), DROP x"],
    )
    .mariadb(),
    pair!(
        "DROP COLUMN IF EXISTS",
        T,
        ["ALTER TABLE t ADD x INT"],
        ["ALTER TABLE t DROP COLUMN IF EXISTS nosuch, DROP IF EXISTS note, DROP x"]
    )
    .mariadb(),
    pair!(
        "DROP without COLUMN",
        T,
        ["ALTER TABLE t ADD x INT"],
        ["ALTER TABLE t DROP `note`, ADD y INT, DROP name", "ALTER TABLE t DROP x, DROP y"]
    ),
    pair!(
        "dropped and added under one name in one statement",
        T,
        ["ALTER TABLE t ADD x INT"],
        ["ALTER TABLE t DROP COLUMN note, ADD COLUMN note VARCHAR(50), DROP x"],
    ),
    pair!(
        "renamed in one, the old name added, dropped in the next",
        T,
        ["ALTER TABLE t RENAME COLUMN note TO n2"] => ["ALTER TABLE t DROP COLUMN n2"],
        ["ALTER TABLE t CHANGE n2 n3 VARCHAR(60)", "ALTER TABLE t ADD n2 INT"]
            => ["ALTER TABLE t DROP n2", "ALTER TABLE t CHANGE n3 n2 VARCHAR(60)"],
    ),
    pair!(
        "the table renamed around it",
        T,
        ["ALTER TABLE t ADD x INT"],
        ["RENAME TABLE t TO z", "ALTER TABLE z DROP COLUMN note, DROP x", "RENAME TABLE z TO t"],
    ),
    pair!(
        "a table renamed above a dropped column",
        T_U,
        ["ALTER TABLE t ADD x INT"] => ["ALTER TABLE t DROP x, DROP name"],
        ["RENAME TABLE t TO w, u TO t"] => ["RENAME TABLE t TO u, w TO t"],
    ),
    pair!("its name in another case", T, ["ALTER TABLE t ADD x INT"], ["alter table t drop column NOTE, drop `X`"]),
    pair!(
        "an odd name",
        &[
            "CREATE TABLE d (id INT, `a b` VARCHAR(50), `drop column` VARCHAR(50), `sélect` VARCHAR(50))",
            "INSERT INTO d VALUES (601, 'd-1', 'd-2', 'd-3')"
        ],
        ["ALTER TABLE d ADD x INT"],
        ["ALTER TABLE d DROP COLUMN `a b`, DROP `drop column`, DROP `SÉLECT`, DROP x"],
    ),
    pair!(
        "inside versioned comments",
        T,
        ["ALTER TABLE t ADD x INT"],
        ["ALTER TABLE t /*!50000 DROP COLUMN note, */ DROP x", "ALTER TABLE t /*! DROP */ /* x */ name"],
    ),
    pair!(
        "behind comments that look like its end",
        T,
        ["ALTER TABLE t ADD x INT COMMENT 'a, DROP b'"],
        [
            "ALTER TABLE t MODIFY x INT COMMENT ', DROP COLUMN id', -- , DROP id\nDROP COLUMN note",
            "ALTER TABLE t DROP x"
        ],
    ),
    pair!("set to NULL", T, ["ALTER TABLE t ADD x INT"], ["UPDATE t SET note = NULL", "ALTER TABLE t DROP x"]),
    pair!(
        "set to NULL where",
        T,
        ["ALTER TABLE t ADD x INT"],
        ["UPDATE t SET t.note = NULL, name = DEFAULT WHERE id < 102", "ALTER TABLE t DROP x"]
    ),
    pair!(
        "overwritten from another table",
        T_U,
        ["ALTER TABLE t ADD x INT"],
        ["UPDATE t JOIN u ON u.id = t.id + 100 SET t.note = u.note, u.name = t.name", "ALTER TABLE t DROP x"],
    ),
    pair!(
        "two tables updated by a list, aliases swapped",
        T_U,
        ["ALTER TABLE t ADD x INT"],
        ["UPDATE t AS u, u AS t SET u.note = 'over' WHERE u.id = t.id - 100", "ALTER TABLE t DROP x"],
    ),
    pair!(
        "UPDATE with its modifiers",
        T,
        ["ALTER TABLE t ADD x INT"],
        ["UPDATE LOW_PRIORITY IGNORE {here}.t SET note = '' ORDER BY id LIMIT 1", "ALTER TABLE t DROP x"],
    ),
    pair!(
        "UPDATE behind a WITH",
        T_U,
        ["ALTER TABLE t ADD x INT"],
        ["WITH x AS (SELECT 1 AS n) UPDATE t SET note = 'over' WHERE 1 IN (SELECT n FROM x)", "ALTER TABLE t DROP x"],
    )
    .mysql(),
    pair!(
        "UPDATE of a selection",
        T_U,
        ["ALTER TABLE t ADD x INT"],
        ["UPDATE (SELECT id FROM u) AS d JOIN t ON d.id = t.id + 100 SET t.name = 'over'", "ALTER TABLE t DROP x"],
    ),
    pair!(
        "a down that undoes an UPDATE by another one",
        T,
        ["UPDATE t SET name = CONCAT(name, '-new')", "UPDATE t SET note = 'same'"],
        ["UPDATE t SET note = NULL", "UPDATE t SET name = REPLACE(name, '-new', '')"],
    ),
    pair!(
        "a key column dropped with its index",
        T,
        ["ALTER TABLE t ADD INDEX (note)"],
        ["ALTER TABLE t DROP INDEX note, DROP PRIMARY KEY, DROP COLUMN id"],
    ),
    pair!(
        "a column dropped by the up only is asked about by no down",
        T,
        [
            "ALTER TABLE t ADD x VARCHAR(50)",
            "UPDATE t SET x = CONCAT(note, '!')",
            "ALTER TABLE t DROP note, CHANGE x note VARCHAR(50)"
        ],
        [
            "ALTER TABLE t CHANGE note x VARCHAR(50)",
            "ALTER TABLE t ADD note VARCHAR(50)",
            "UPDATE t SET note = LEFT(x, 8)",
            "ALTER TABLE t DROP x"
        ],
    ),
];
