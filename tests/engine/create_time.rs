//! CREATE_TIME counts in seconds. An ALTER waits for the next one only where nothing else could tell whether it took effect.

use crate::support::app::{Folder, run};
use crate::support::proxy::Proxy;
use crate::support::server::{Db, on_each};
use mysql::prelude::Queryable;
use uturn::schema::redefine;
use uturn::script::lexer::Modes;
use uturn::statement::class::Kind;

/// What is asked before uturn may have to wait, and nowhere else.
const CLOCK: &str = "SYSDATE(6)";

const TABLE: &str = "CREATE TABLE t (id INT NOT NULL PRIMARY KEY, x INT, y VARCHAR(20), z INT, KEY a (x), KEY a_2 (z), \
                     UNIQUE KEY u (y, z)) ENGINE=InnoDB";

/// Runs each statement as a migration, on a new table of its own, and counts how often the clock was asked.
fn asked(db: &Db, statements: &[String]) -> usize {
    let folder = Folder::new();
    for (n, statement) in statements.iter().enumerate() {
        let up = format!(
            "{};\n{};",
            TABLE.replace("TABLE t", &format!("TABLE t{n}")),
            statement.replace("TABLE t ", &format!("TABLE t{n} "))
        );
        folder.pair(&format!("2026010100{:02}{:02}-m", n / 60, n % 60), &up, &format!("DROP TABLE t{n};"));
    }
    let proxy = Proxy::start(&db.server.address(), "", 0);
    run(folder.command(db, "up").env("DATABASE_URL", proxy.url(db))).exits(0);
    let asked = proxy.queries().iter().filter(|query| query.contains(CLOCK)).count();
    db.forget_runs();
    for n in 0..statements.len() {
        db.exec(&format!("DROP TABLE t{n}"));
    }
    asked
}

on_each!(an_alter_whose_definition_tells_does_not_wait, |db| {
    let swap = |_| "ALTER TABLE t DROP INDEX a, ADD INDEX b (x)".to_owned();
    assert_eq!(asked(db, &(0..200).map(swap).collect::<Vec<_>>()), 0);
    for statement in [
        "ALTER TABLE t DROP COLUMN x, ADD COLUMN w INT AFTER id",
        "ALTER TABLE t DROP INDEX a, ADD INDEX a (x, z)",
        "ALTER TABLE t DROP INDEX a, ADD UNIQUE INDEX a (x)",
        "ALTER TABLE t DROP PRIMARY KEY, ADD PRIMARY KEY (id, z)",
        "ALTER TABLE t DROP PRIMARY KEY, MODIFY id VARCHAR(36) NOT NULL, ADD PRIMARY KEY (id)",
        "ALTER TABLE t DROP COLUMN y, ADD COLUMN y VARCHAR(20)",
        "ALTER TABLE t DROP COLUMN z, ADD COLUMN z TEXT",
        "ALTER TABLE t DROP INDEX u, ENGINE=InnoDB, COMMENT='c', ADD UNIQUE v (y)",
        "ALTER TABLE t CHANGE x v INT AFTER y, CHANGE z w INT FIRST",
    ] {
        assert_eq!(asked(db, &[statement.to_owned()]), 0, "{statement}");
    }
});

/// What may leave definition and ids as they were: without a new CREATE_TIME it would be run twice.
const UNDECIDED: &[&str] = &[
    "ALTER TABLE t DROP COLUMN z, ADD COLUMN z INT",
    "ALTER TABLE t DROP COLUMN z, ADD COLUMN (z INT)",
    "ALTER TABLE t CHANGE x z INT AFTER y, CHANGE z x INT AFTER id",
    // No server of these runs the last clause.
    "ALTER TABLE t DROP COLUMN x, ADD COLUMN x INT AFTER id /*!99999 , ADD COLUMN w INT */",
];

on_each!(an_alter_that_may_leave_everything_as_it_was_waits, |db| {
    // Of this one both servers do nothing at all, which is not relied on.
    const NOTHING: &str = "ALTER TABLE t DROP INDEX a, ADD INDEX a (x)";
    for statement in UNDECIDED.iter().chain([&NOTHING]) {
        assert_eq!(asked(db, &[(*statement).to_owned()]), 1, "{statement}");
    }
});

// Killed before and after a statement on a table of this very second.
on_each!(each_is_known_within_the_second, |db| {
    let (proof, process) = (crate::unknown_outcome::without_proof(db), crate::unknown_outcome::without_process(db));
    let same = DECIDED.iter().enumerate().map(|(n, alter)| {
        let url = if n % 2 == 0 { &proof.1 } else { &process.1 };
        killed_around(db, url, alter)
    });
    let same: usize = same.sum();
    assert!(same > DECIDED.len(), "{same}: in most cases CREATE_TIME tells nothing");
    for alter in UNDECIDED {
        killed_around(db, &proof.1, alter);
    }
    for (user, _) in [proof, process] {
        db.exec(&format!("DROP USER `{user}`@`%`"));
    }
});

/// Gives back how often CREATE_TIME was the same before and after.
fn killed_around(db: &Db, url: &str, alter: &str) -> usize {
    let mut same = 0;
    for (point, took_effect) in [("ddl.after", "took effect"), ("ddl.after_intent", "had no effect")] {
        let folder = Folder::with(&[("20260101000000-m", &format!("{alter};"), "SELECT 1;")]);
        let up = |point: &str| {
            run(folder.command(db, "up --allow-non-empty").env("DATABASE_URL", url).env("UTURN_FAILPOINT", point))
        };
        db.exec(TABLE);
        db.exec("INSERT INTO t VALUES (1, 2, 'y', 3)");
        let made = created(db);
        assert_eq!(up(point).code, None, "{alter}");
        same += usize::from(made == created(db));
        up("").exits(0).says("recovered: statement 1").says(took_effect);
        assert_eq!(result(db, "t"), once(db, alter), "{alter} {point}");
        db.exec("DROP TABLE t");
        db.forget_runs();
    }
    same
}

const DECIDED: &[&str] = &[
    "ALTER TABLE t DROP INDEX a, ADD INDEX b (x)",
    "ALTER TABLE t DROP INDEX a, ADD INDEX b (x), ALGORITHM=COPY",
    "ALTER TABLE t DROP INDEX a, ADD INDEX a (x, z)",
    "ALTER TABLE t DROP COLUMN x, ADD COLUMN w INT AFTER id",
    "ALTER TABLE t DROP COLUMN y, ADD COLUMN y VARCHAR(20)",
    "ALTER TABLE t DROP COLUMN z, ADD COLUMN z TEXT",
    "ALTER TABLE t DROP PRIMARY KEY, ADD PRIMARY KEY (id, z)",
    "ALTER TABLE t DROP PRIMARY KEY, MODIFY id VARCHAR(36) NOT NULL, ADD PRIMARY KEY (id)",
    "ALTER TABLE t CHANGE x v INT AFTER y, CHANGE z w INT FIRST",
    "ALTER TABLE t DROP INDEX u, ENGINE=InnoDB, COMMENT='c', ADD UNIQUE v (y)",
];

fn created(db: &Db) -> Vec<String> {
    db.rows("SELECT CREATE_TIME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 't'")
}

/// The table's definition and rows.
fn result(db: &Db, table: &str) -> Vec<String> {
    let shown = db.rows(&format!("SHOW CREATE TABLE {table}"))[0].replace(table, "t");
    [shown].into_iter().chain(db.rows(&format!("SELECT * FROM {table}"))).collect()
}

/// What comes of running the statement once.
fn once(db: &Db, alter: &str) -> Vec<String> {
    db.exec(&TABLE.replace("TABLE t", "TABLE twin"));
    db.exec("INSERT INTO twin VALUES (1, 2, 'y', 3)");
    db.exec(&alter.replace("TABLE t", "TABLE twin"));
    let result = result(db, "twin");
    db.exec("DROP TABLE twin");
    result
}

// Whatever it says of a statement is held against what the server makes of it.
on_each!(where_the_definition_is_said_to_tell_it_has_changed, |db| {
    let mut conn = db.conn();
    let mut dice = Dice(0x5EED);
    conn.query_drop("CREATE TABLE p (id INT NOT NULL PRIMARY KEY) ENGINE=InnoDB").expect("a parent");
    let (mut told, mut kept) = (0, 0);
    for n in 0..300 {
        let engine = dice.one_of(&["InnoDB", "InnoDB", "MyISAM"]);
        // MySQL may keep the name of a check after an ALTER that failed.
        let ck = format!("ck{n}");
        let alter = format!("ALTER TABLE t {}", dice.clauses()).replace("ck", &ck);
        conn.query_drop("DROP TABLE IF EXISTS t").expect("DROP TABLE");
        conn.query_drop(format!("{} ENGINE={engine}", SUBJECT.replace("ck", &ck))).expect("CREATE TABLE");
        let mut shown =
            || conn.query_first::<(String, String), _>("SHOW CREATE TABLE t").expect("SHOW CREATE").expect("t").1;
        let before = shown();
        let says_so = match Kind::of(&alter, Modes::default()) {
            Kind::Ddl(ddl) => ddl.redefines || redefine::here(&alter, Modes::default(), &before),
            other => panic!("{alter}: {other:?}"),
        };
        if conn.query_drop(&alter).is_err() {
            continue;
        }
        let after: (String, String) = conn.query_first("SHOW CREATE TABLE t").expect("SHOW CREATE").expect("t");
        assert!(!says_so || before != after.1, "{engine}: {alter} leaves the definition as it was: {before}");
        told += usize::from(says_so);
        kept += usize::from(before == after.1);
    }
    println!("{}: told {told}, left as they were {kept}", db.server.kind);
    assert!(told > 50 && kept > 20, "told {told}, kept {kept}");
});

const SUBJECT: &str = "CREATE TABLE t (id INT NOT NULL, a INT, b VARCHAR(20), c INT, KEY a (a), KEY a_2 (c), UNIQUE KEY u (b, c), \
                       PRIMARY KEY (id), CONSTRAINT fk FOREIGN KEY (c) REFERENCES p (id), CONSTRAINT ck CHECK (c > 0))";

/// Random, and the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }

    fn one_of<'a>(&mut self, these: &[&'a str]) -> &'a str {
        these[self.roll(these.len())]
    }

    /// Something that is there, or nearly so, dropped and added again; beside it whatever comes.
    fn clauses(&mut self) -> String {
        let mut clauses: Vec<String> = Vec::new();
        for _ in 0..1 + self.roll(2) {
            let (drop, add) = self.pair();
            clauses.extend([drop.to_owned(), add.to_owned()]);
        }
        if self.roll(3) == 0 {
            clauses.push(self.clause());
        }
        clauses.join(", ")
    }

    fn pair(&mut self) -> (&'static str, &'static str) {
        const PAIRS: [(&str, &[&str]); 9] = [
            (
                "DROP COLUMN a",
                &[
                    "ADD a INT AFTER id",
                    "ADD A INT AFTER id",
                    "ADD COLUMN a INT",
                    "ADD x INT AFTER id",
                    "CHANGE b a INT",
                ],
            ),
            (
                "DROP COLUMN b",
                &[
                    "ADD b VARCHAR(20) AFTER a",
                    "ADD b VARCHAR(20)",
                    "ADD b INT AFTER a",
                    "ADD b TEXT AFTER a",
                    "ADD (b INT)",
                    "ADD COLUMN (b VARCHAR(20))",
                ],
            ),
            (
                "DROP COLUMN c",
                &[
                    "ADD c INT",
                    "ADD COLUMN c INT NOT NULL",
                    "ADD c VARCHAR(9)",
                    "CHANGE a c INT",
                    "RENAME COLUMN a TO c",
                ],
            ),
            (
                "DROP INDEX a",
                &[
                    "ADD INDEX a (a)",
                    "ADD INDEX (a)",
                    "ADD UNIQUE a (a)",
                    "ADD INDEX A (a)",
                    "ADD INDEX a (a, id)",
                    "MODIFY a INT UNIQUE",
                ],
            ),
            (
                "DROP INDEX a_2",
                &[
                    "ADD INDEX a_2 (c)",
                    "ADD INDEX (c)",
                    "ADD INDEX (a)",
                    "ADD INDEX a_2 (c DESC)",
                    "RENAME INDEX u TO a_2",
                ],
            ),
            (
                "DROP INDEX u",
                &[
                    "ADD UNIQUE u (b, c)",
                    "ADD UNIQUE INDEX U (b, c)",
                    "ADD INDEX u (b, c)",
                    "ADD UNIQUE (b, c)",
                    "ADD CONSTRAINT u UNIQUE (b, c)",
                ],
            ),
            (
                "DROP PRIMARY KEY",
                &[
                    "ADD PRIMARY KEY (id)",
                    "ADD PRIMARY KEY (id, c)",
                    "ADD PRIMARY KEY USING BTREE (id)",
                    "MODIFY id INT NOT NULL PRIMARY KEY",
                    "ADD UNIQUE (id)",
                ],
            ),
            (
                "DROP CONSTRAINT ck",
                &["ADD CONSTRAINT ck CHECK (c > 0)", "ADD CHECK (c > 0)", "ADD CONSTRAINT ck CHECK (c > 1)"],
            ),
            (
                "DROP FOREIGN KEY fk",
                &[
                    "ADD CONSTRAINT fk2 FOREIGN KEY (c) REFERENCES p (id)",
                    "ADD FOREIGN KEY (c) REFERENCES p (id)",
                    "MODIFY c INT",
                ],
            ),
        ];
        let (drop, adds) = PAIRS[self.roll(PAIRS.len())];
        (drop, adds[self.roll(adds.len())])
    }

    fn clause(&mut self) -> String {
        let column = self.one_of(&["a", "b", "c", "A", "x", "id"]);
        let other = self.one_of(&["a", "b", "c", "x", "y"]);
        let kind = self.one_of(&["INT", "INT", "VARCHAR(20)", "INT NOT NULL", "TEXT", "BIGINT"]);
        let key = self.one_of(&["a", "a_2", "u", "b", "x"]);
        match self.roll(7) {
            0 => format!("MODIFY {column} {kind}"),
            1 => format!("CHANGE {column} {other} {kind} AFTER id"),
            2 => format!("ADD COLUMN {column} {kind}"),
            3 => format!("RENAME INDEX {key} TO {other}"),
            4 => format!("ADD INDEX {key} ({other})"),
            5 => "FORCE".to_owned(),
            _ => format!("ADD INDEX ({other})"),
        }
    }
}
