//! Statements that do not show what they take: PREPARE, CALL, stored functions, triggers, compound statements.

use crate::undo::data_loss::pair::{Pair, Statements, T, T_U, pair};

const UP: &str = "CREATE TABLE extra (id INT)";
const DOWN: &str = "DROP TABLE extra";

const DELETES: Statements = &[T_U[0], T_U[1], T_U[2], T_U[3], "CREATE PROCEDURE p() DELETE FROM t WHERE id = 101"];
const FUNCTION: Statements = &[
    T_U[0],
    T_U[1],
    T_U[2],
    T_U[3],
    "CREATE FUNCTION f() RETURNS INT DETERMINISTIC MODIFIES SQL DATA BEGIN DELETE FROM t WHERE id = 101; RETURN 1; END",
];
const TRIGGER: Statements = &[
    T_U[0],
    T_U[1],
    T_U[2],
    T_U[3],
    "CREATE TRIGGER tr BEFORE DELETE ON u FOR EACH ROW DELETE FROM t WHERE id = OLD.id - 100",
];

pub const PAIRS: &[Pair] = &[
    pair!("PREPARE of a drop", T, [UP], ["PREPARE s FROM 'DROP TABLE t'", "EXECUTE s", "DEALLOCATE PREPARE s", DOWN]),
    pair!(
        "PREPARE of a variable",
        T,
        [UP],
        ["SET @q = CONCAT('DELETE FROM ', 't')", "PREPARE s FROM @q", "EXECUTE s", "DROP PREPARE s", DOWN],
    ),
    pair!("EXECUTE IMMEDIATE", T, [UP], ["EXECUTE IMMEDIATE 'TRUNCATE TABLE t'", DOWN]).mariadb(),
    pair!(
        "PREPARE of a rename in the up",
        T,
        ["PREPARE s FROM 'ALTER TABLE t RENAME TO z'", "EXECUTE s", "DEALLOCATE PREPARE s"],
        ["DROP TABLE IF EXISTS z"],
    ),
    pair!(
        "PREPARE of a copy in the up",
        T,
        ["PREPARE s FROM 'CREATE TABLE c AS SELECT * FROM t'", "EXECUTE s", "DELETE FROM t"],
        ["DROP TABLE c"],
    ),
    pair!(
        "PREPARE of a rename in the down",
        T,
        [UP],
        ["PREPARE s FROM 'RENAME TABLE t TO z'", "EXECUTE s", "DROP TABLE z", DOWN],
    ),
    pair!("CALL of what deletes", DELETES, [UP], ["CALL p()", DOWN]),
    pair!("CALL without brackets, qualified", DELETES, [UP], ["CALL {here}.p", DOWN]),
    pair!("CALL of what drops", T, [UP], ["CALL p()", DOWN]).and(&["CREATE PROCEDURE p() DROP TABLE t"]),
    pair!(
        "CALL of what the down makes",
        T,
        [UP],
        [
            "CREATE PROCEDURE p() BEGIN UPDATE t SET note = NULL; DELETE FROM t WHERE id = 101; END",
            "CALL p()",
            "DROP PROCEDURE p",
            DOWN,
        ],
    ),
    pair!("CALL in the up moves", T, ["CALL p()", "DROP PROCEDURE p"], ["DROP TABLE z"])
        .and(&["CREATE PROCEDURE p() RENAME TABLE t TO z"]),
    pair!("a function in SELECT", FUNCTION, [UP], ["SELECT f()", DOWN]),
    pair!("a function in DO", FUNCTION, [UP], ["DO f()", DOWN]),
    pair!("a function in SET", FUNCTION, [UP], ["SET @x = f()", DOWN]),
    pair!("a function in SET, deep", FUNCTION, [UP], ["SET @x = 1, @y = (SELECT MAX(id) + {here}.f() FROM u)", DOWN]),
    pair!("a function in INSERT", FUNCTION, [UP], ["INSERT INTO extra VALUES (f())", DOWN]),
    pair!("a function in UPDATE", FUNCTION, [UP], ["UPDATE u SET note = `f`() WHERE id = 201", DOWN]),
    pair!("a function in a condition", FUNCTION, [UP], ["DELETE FROM u WHERE id = 201 AND f () = 2", DOWN]),
    pair!(
        "a function in CREATE TABLE AS",
        T,
        [UP],
        ["CREATE TABLE extra2 AS SELECT 1 AS n", "INSERT INTO extra2 SELECT f()", "DROP TABLE extra2", DOWN],
    )
    .and(&[
        "CREATE FUNCTION f() RETURNS INT DETERMINISTIC MODIFIES SQL DATA BEGIN UPDATE t SET note = NULL; RETURN 1; END",
    ]),
    pair!("a function in a view", FUNCTION, [UP], ["INSERT INTO extra SELECT n FROM w", DOWN])
        .and(&["CREATE VIEW w AS SELECT f() AS n"]),
    pair!("a function in the other database", T, [UP], ["DO {other}.f()", DOWN]).and(&[
        "CREATE FUNCTION {other}.f() RETURNS INT DETERMINISTIC MODIFIES SQL DATA BEGIN DELETE FROM {here}.t; RETURN \
         1; END",
    ]),
    pair!(
        "a function that the down makes",
        T,
        [UP],
        [
            "CREATE FUNCTION g() RETURNS INT DETERMINISTIC MODIFIES SQL DATA BEGIN DELETE FROM t; RETURN 1; END",
            "SELECT g() INTO @x",
            "DROP FUNCTION g",
            DOWN,
        ],
    ),
    pair!("a function behind EXPLAIN ANALYZE", FUNCTION, [UP], ["EXPLAIN ANALYZE SELECT f()", DOWN]).mysql(),
    pair!("ANALYZE of a DELETE", T, [UP], ["ANALYZE DELETE FROM t", DOWN]).mariadb(),
    pair!("ANALYZE FORMAT=JSON of an UPDATE", T, [UP], ["ANALYZE FORMAT=JSON UPDATE t SET note = NULL", DOWN])
        .mariadb(),
    pair!("a function behind ANALYZE", FUNCTION, [UP], ["ANALYZE SELECT f()", DOWN]).mariadb(),
    pair!("a function in VALUES", FUNCTION, [UP], ["VALUES (f())", DOWN]).mariadb(),
    pair!("a function in VALUES ROW", FUNCTION, [UP], ["VALUES ROW(f())", DOWN]).mysql(),
    pair!("SET STATEMENT", T, [UP], ["SET STATEMENT max_statement_time = 60 FOR DELETE FROM t", DOWN]).mariadb(),
    pair!(
        "SET STATEMENT of a rename",
        T,
        ["SET STATEMENT lock_wait_timeout = 60 FOR RENAME TABLE t TO z"],
        ["SET STATEMENT lock_wait_timeout = 60 FOR DROP TABLE z"],
    )
    .mariadb(),
    pair!("a trigger on DELETE", TRIGGER, [UP], ["DELETE FROM u WHERE id = 201", DOWN]),
    pair!("a trigger on INSERT", T_U, [UP], ["INSERT INTO u VALUES (299, 'new', 'new')", DOWN])
        .and(&["CREATE TRIGGER tr AFTER INSERT ON u FOR EACH ROW DELETE FROM t"]),
    pair!("a trigger on UPDATE", T_U, [UP], ["UPDATE u SET note = 'over' WHERE id = 205", DOWN])
        .and(&["CREATE TRIGGER tr AFTER UPDATE ON u FOR EACH ROW UPDATE t SET note = NULL"]),
    pair!("a trigger of the other database's table", T, [UP], ["INSERT INTO {other}.k VALUES (1)", DOWN]).and(&[
        "CREATE TABLE {other}.k (id INT)",
        "CREATE TRIGGER {other}.tr AFTER INSERT ON {other}.k FOR EACH ROW DELETE FROM {here}.t",
    ]),
    pair!(
        "a trigger that the down makes",
        T_U,
        [UP],
        [
            "CREATE TRIGGER tr AFTER INSERT ON u FOR EACH ROW DELETE FROM t",
            "INSERT INTO u VALUES (299, 'new', 'new')",
            "DROP TRIGGER tr",
            DOWN,
        ],
    ),
    pair!(
        "a trigger by LOAD DATA",
        T_U,
        [UP],
        ["LOAD DATA INFILE '{file}' INTO TABLE u FIELDS TERMINATED BY ','", DOWN],
    )
    .and(&["CREATE TRIGGER tr AFTER INSERT ON u FOR EACH ROW DELETE FROM t"])
    .file("299,a,b\n"),
    pair!(
        "a trigger on a table that is renamed",
        TRIGGER,
        ["RENAME TABLE u TO w"],
        ["RENAME TABLE w TO u", "DELETE FROM u WHERE id = 202"],
    ),
    pair!("a trigger that puts another value in", T, [UP], ["UPDATE t SET name = 'over' WHERE id = 101", DOWN])
        .and(&["CREATE TRIGGER tr BEFORE UPDATE ON t FOR EACH ROW SET NEW.note = NULL"]),
    pair!("a trigger behind a cascade", T, [UP], ["REPLACE INTO t VALUES (101, 'over', 'over')", DOWN]).and(&[
        "CREATE TABLE k (id INT PRIMARY KEY, name VARCHAR(50))",
        "INSERT INTO k VALUES (801, 'k-1')",
        "CREATE TRIGGER tr AFTER DELETE ON t FOR EACH ROW UPDATE k SET name = NULL",
    ]),
    pair!("a compound statement", T, [UP], ["BEGIN NOT ATOMIC DELETE FROM t; END", DOWN]).mariadb(),
    pair!("IF as a statement", T, [UP], ["IF EXISTS (SELECT * FROM t) THEN DROP TABLE t; END IF", DOWN]).mariadb(),
    pair!(
        "FOR as a statement",
        T,
        [UP],
        ["FOR r IN (SELECT id FROM t) DO DELETE FROM t WHERE id = r.id; END FOR", DOWN],
    )
    .mariadb(),
    pair!(
        "a compound statement in the up moves",
        T,
        ["BEGIN NOT ATOMIC RENAME TABLE t TO z; CREATE TABLE t LIKE z; END"],
        ["DROP TABLE IF EXISTS z"],
    )
    .mariadb(),
    pair!("TABLE of a view with a function", FUNCTION, [UP], ["INSERT INTO extra TABLE w", DOWN])
        .and(&["CREATE VIEW w AS SELECT f() AS n"])
        .mysql(),
    pair!(
        "EXECUTE with a function",
        FUNCTION,
        [UP],
        ["PREPARE s FROM 'INSERT INTO extra SELECT f()'", "EXECUTE s", DOWN],
    ),
    pair!(
        "a function in the value of a default",
        FUNCTION,
        [UP],
        ["SET @x := IF(1, CASE WHEN 1 THEN f() ELSE 0 END, 2)", DOWN],
    ),
    pair!("a function named as a built-in one, qualified", T, [UP], ["DO {here}.abs(1)", DOWN]).and(&[
        "CREATE FUNCTION {here}.abs(a INT) RETURNS INT DETERMINISTIC MODIFIES SQL DATA BEGIN DELETE FROM t; RETURN \
         1; END",
    ]),
    pair!("a trigger behind a view", TRIGGER, [UP], ["DELETE FROM w WHERE id = 201", DOWN])
        .and(&["CREATE VIEW w AS SELECT * FROM u"])
        .seen_through(&[("w", "u")]),
    pair!(
        "a trigger that the down replaces",
        TRIGGER,
        [UP],
        [
            "CREATE OR REPLACE TRIGGER tr AFTER UPDATE ON u FOR EACH ROW UPDATE t SET note = NULL",
            "UPDATE u SET note = 'over' WHERE id = 205",
            DOWN,
        ],
    )
    .mariadb(),
    pair!("a function in a trigger", FUNCTION, [UP], ["UPDATE u SET note = 'over' WHERE id = 205", DOWN])
        .and(&["CREATE TRIGGER tr BEFORE UPDATE ON u FOR EACH ROW SET NEW.note = f()"]),
    pair!("a function in a view of a view", FUNCTION, [UP], ["INSERT INTO extra SELECT n FROM w2", DOWN],)
        .and(&["CREATE VIEW w AS SELECT f() AS n", "CREATE VIEW w2 AS SELECT n FROM w"]),
];
