//! Unit tests of the room above.

use crate::script::lexer::Modes;
use crate::statement::Statement;
use crate::statement::tree::Form;

fn always(clauses: &str) -> bool {
    let sql = format!("ALTER TABLE t {clauses}");
    let tree = Statement::parse(&sql, Modes::default());
    matches!(&tree.form, Form::AlterTable(alter) if super::always(&tree, alter))
}

#[test]
fn what_cannot_run_twice_unseen() {
    for clauses in [
        "DROP INDEX a, ADD INDEX b (x)",
        "drop key `a`, add unique b (x)",
        "DROP INDEX a, DROP FOREIGN KEY a, ADD COLUMN x INT",
        "DROP INDEX a, ADD CONSTRAINT c UNIQUE (x)",
        "DROP INDEX a, ADD (b INT, KEY c (b))",
        "DROP COLUMN a, ADD COLUMN b INT AFTER c",
        "DROP a, ADD b INT REFERENCES p (a)",
        "DROP a, CHANGE b a INT",
        "DROP COLUMN a, ADD COLUMN a INT, ADD COLUMN z INT",
        "CHANGE a b INT AFTER x, CHANGE c d INT FIRST",
        "RENAME COLUMN a TO b, DROP INDEX i, ADD INDEX i (b)",
        "DROP PRIMARY KEY, ADD UNIQUE KEY u (a)",
        "DROP PRIMARY KEY, DROP COLUMN id, ADD id2 INT AUTO_INCREMENT PRIMARY KEY",
        "DROP CONSTRAINT c, ADD CONSTRAINT d CHECK (a > 0)",
        "DROP CHECK t_chk_1, ADD CONSTRAINT d CHECK (a > 0)",
        "DROP INDEX a, DROP COLUMN a, ENGINE=InnoDB, CONVERT TO CHARACTER SET utf8mb4",
        "ADD INDEX i (a), RENAME INDEX j TO k",
        "DROP COLUMN a, ADD COLUMN (b INT, c INT)",
        "ADD COLUMN x INT, ALGORITHM=INPLACE, LOCK=NONE",
        "WAIT 5 DROP COLUMN a, ADD COLUMN b INT",
        "ADD COLUMN x INT, STATS_PERSISTENT=0 ROW_FORMAT=DYNAMIC",
    ] {
        assert!(always(clauses), "{clauses}");
    }
}

#[test]
fn what_may_leave_the_definition_as_it_was() {
    for clauses in [
        "DROP INDEX a, ADD INDEX a (x)",
        "DROP INDEX a, ADD INDEX A (x)",
        // Named by its column, or by a number after it.
        "DROP INDEX x, ADD INDEX (x)",
        "DROP INDEX x_2, ADD UNIQUE (x)",
        "DROP INDEX x, MODIFY x INT UNIQUE",
        "DROP INDEX f, ADD CONSTRAINT f FOREIGN KEY (x) REFERENCES p (id)",
        "DROP INDEX functional_index, ADD INDEX ((x + 1))",
        "DROP INDEX a, RENAME INDEX b TO a",
        "RENAME INDEX a TO b, ADD INDEX a (x)",
        "DROP COLUMN a, ADD COLUMN a INT",
        "DROP COLUMN a, ADD COLUMN `A` INT",
        "DROP a, ADD (b INT, a INT), DROP b",
        "DROP COLUMN a, ADD COLUMN (a INT)",
        "CHANGE COLUMN IF EXISTS a b INT, DROP INDEX IF EXISTS i",
        "MODIFY COLUMN IF EXISTS a INT, DROP COLUMN b, ADD COLUMN b INT",
        "RENAME COLUMN IF EXISTS a TO b, DROP COLUMN b",
        "DROP COLUMN a, ADD COLUMN period INT, ADD COLUMN IF NOT EXISTS a INT, DROP COLUMN period",
        "CHANGE a b INT AFTER id, CHANGE b a INT FIRST",
        "RENAME COLUMN a TO b, RENAME COLUMN b TO a",
        "DROP PRIMARY KEY, ADD PRIMARY KEY (a)",
        "DROP PRIMARY KEY, MODIFY id INT KEY",
        "DROP CONSTRAINT c, ADD CONSTRAINT c CHECK (a > 0)",
        "DROP CHECK t_chk_1, ADD CHECK (a > 0)",
        "DROP CONSTRAINT CONSTRAINT_1, ADD CONSTRAINT CHECK (a > 0)",
        // MySQL takes it where there is none, if the table is not InnoDB's.
        "DROP FOREIGN KEY f, ADD CONSTRAINT g FOREIGN KEY (a) REFERENCES p (id)",
        "DROP COLUMN IF EXISTS a, ADD INDEX IF NOT EXISTS i (a)",
        "DROP COLUMN IF EXISTS a, ADD COLUMN a INT",
        "ADD COLUMN IF NOT EXISTS a INT, DROP INDEX IF EXISTS i",
        "MODIFY a INT",
        // Beyond ASCII, and what MySQL can hide.
        "DROP COLUMN é, ADD COLUMN e INT",
        "DROP PRIMARY KEY, DROP COLUMN my_row_id, ADD COLUMN id INT",
        // Not known here.
        "DROP SYSTEM VERSIONING, ADD COLUMN x INT",
        "DROP COLUMN a, ADD COLUMN b INT, RENAME TO u",
        "DROP PARTITION p",
        "ENGINE=InnoDB PARTITION BY HASH (a)",
        "FORCE",
        "",
    ] {
        assert!(!always(clauses), "{clauses}");
    }
}
