//! The scripts under torture, put together by dice from blocks. Each block has tables of its own, and each of its statements
//! leaves a trace: a second time, or none, shows in the rows, in the definitions, in the table `audit`, or in the logs.

use super::Dice;
use crate::support::app::Folder;
use std::fmt::Write;

/// How a statement behaves when its outcome is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Takes effect once; the binary log shows it.
    Once,
    /// Having it again changes nothing, so that is allowed.
    Again,
    /// A CALL: its traces in `audit` show it.
    Call,
    /// May be asked about: nothing that uturn can see tells.
    Asks,
    /// Sets up the session or bounds a transaction; leaves no row in the journal.
    Session,
}

/// A statement of a block; `DBNAME` in it is the name of the database.
#[derive(Clone, Debug)]
pub struct Statement {
    pub class: Class,
    text: String,
    /// Its mark, within a comment, is unlike that of any other of the script.
    mark: String,
}

impl Statement {
    /// As it stands in the file. Its mark, before its last word, is unlike any other on the server.
    pub fn text(&self, here: &str) -> String {
        if self.class == Class::Session {
            return self.text.clone();
        }
        let end = self.text.rfind(' ').expect("a statement has two words");
        format!("{} /*{here}.{}*/{}", &self.text[..end], self.mark, &self.text[end..]).replace("DBNAME", here)
    }

    /// Whether this is its effect, in the binary log. The server words some statements anew, and leaves comments out of those.
    pub fn made(&self, entry: &str, here: &str) -> bool {
        let words: Vec<&str> = self.text.split(' ').collect();
        let anew = match (words[0], words[1]) {
            ("DROP", "TABLE" | "SEQUENCE") => Some(format!("`{}`", words[2].trim_end_matches(','))),
            ("CREATE" | "ALTER", "VIEW") => {
                self.text.split_once(" AS ").map(|(_, body)| format!("VIEW `{}` AS {body}", words[2]))
            }
            ("CREATE", "PROCEDURE") => words[2].split('(').next().map(|name| format!("PROCEDURE `{name}`")),
            ("CREATE", "USER") => Some(words[2].replace("DBNAME", here)),
            _ => None,
        };
        let is_it =
            entry.contains(&format!("/*{here}.{}*/", self.mark)) || anew.is_some_and(|part| entry.contains(&part));
        entry.starts_with(words[0]) && is_it
    }

    /// MariaDB does these in several steps, or does not always log what it did before a crash.
    pub fn is_loosely_logged(&self) -> bool {
        let is = |start: &str| self.text.starts_with(start);
        let is_list = (is("DROP TABLE") || is("DROP VIEW")) && self.text.contains(',');
        is_list
            || is("TRUNCATE")
            || self.text.contains("PARTITION")
            || is("DROP DATABASE")
            || is("CREATE OR REPLACE TABLE")
    }

    /// Only InnoDB's ids tell what became of it, and they need a right.
    pub fn needs_ids(&self) -> bool {
        self.text.starts_with("TRUNCATE") || self.text.starts_with("RENAME") || self.text.contains("PARTITION")
    }

    /// The traces that a CALL leaves in `audit`.
    pub fn traces(&self) -> Option<String> {
        let called = self.text.strip_prefix("CALL ")?;
        Some(called.split("p(").next().unwrap_or_default().to_owned())
    }
}

/// A migration's two files.
#[derive(Clone, Debug)]
pub struct Pair {
    pub stem: String,
    pub up: Vec<Statement>,
    pub down: Vec<Statement>,
}

/// Migrations, in order.
#[derive(Clone, Debug)]
pub struct Script {
    pub pairs: Vec<Pair>,
}

impl Script {
    /// Several migrations of a few blocks each, one of them with long ALTERs.
    pub fn by(dice: &mut Dice, kind: &str, may_ask: bool) -> Script {
        let mut blocks: Vec<&str> = BLOCKS.to_vec();
        if kind == "mariadb" {
            blocks.extend(MARIADB);
        }
        let mut chosen = vec![LONG];
        while chosen.len() < 8 {
            chosen.push(blocks[dice.below(blocks.len() as u64) as usize]);
        }
        if may_ask {
            chosen.extend(ASKING);
        }
        for last in (1..chosen.len()).rev() {
            chosen.swap(last, dice.below(last as u64 + 1) as usize);
        }
        let pair = |(index, some): (usize, &[&str])| pair(index * 10, some);
        Script { pairs: chosen.chunks(2).enumerate().map(pair).collect() }
    }

    /// Writes the files.
    pub fn write(&self, folder: &Folder, here: &str) {
        let file = |statements: &[Statement]| {
            statements.iter().fold(String::new(), |mut text, one| {
                writeln!(text, "{};", one.text(here)).expect("memory");
                text
            })
        };
        for pair in &self.pairs {
            folder.pair(&pair.stem, &file(&pair.up), &file(&pair.down));
        }
    }

    /// All statements, both ways.
    pub fn statements(&self) -> impl Iterator<Item = &Statement> {
        self.pairs.iter().flat_map(|pair| pair.up.iter().chain(&pair.down))
    }
}

fn pair(first: usize, blocks: &[&str]) -> Pair {
    let (mut up, mut down) = (Vec::new(), Vec::new());
    for (index, block) in blocks.iter().enumerate() {
        let number = first + index;
        let (ups, downs): (Vec<&str>, Vec<&str>) =
            block.lines().map(str::trim).filter(|line| !line.is_empty()).partition(|line| line.starts_with('+'));
        up.extend(ups.iter().map(|line| statement(line, number)));
        down.splice(0..0, downs.iter().map(|line| statement(line, number)));
    }
    for (way, statements) in [("up", &mut up), ("down", &mut down)] {
        for (index, statement) in statements.iter_mut().enumerate() {
            statement.mark = format!("{first}.{way}.{}", index + 1);
        }
    }
    Pair { stem: format!("202601010000{first:02}-part-{first}"), up, down }
}

fn statement(line: &str, number: usize) -> Statement {
    let (head, text) = line.split_once(' ').expect("a sign and a statement");
    let class = match &head[1..] {
        "" => Class::Once,
        "~" => Class::Again,
        "c" => Class::Call,
        "?" => Class::Asks,
        "=" => Class::Session,
        other => panic!("`{other}` is no class"),
    };
    Statement { class, text: text.replace("#", &number.to_string()), mark: String::new() }
}

/// `+` stands in the up, `-` in the down; `#` is the block's number.
const BLOCKS: [&str; 13] = [
    "+ CREATE TABLE b# (id INT PRIMARY KEY, n INT NOT NULL, s VARCHAR(60))
     + INSERT INTO b# VALUES (1, 1, 'x'), (2, 2, 'y'), (3, 3, 'z')
     + UPDATE b# SET n = n * 3 + 1
     + INSERT INTO audit (what) VALUES ('b#-up')
     + DELETE FROM b# WHERE id = 2
     - INSERT INTO audit (what) VALUES ('b#-down')
     - UPDATE b# SET n = n - 5
     - DROP TABLE b#",
    "+ CREATE TABLE b# (id INT PRIMARY KEY, n INT NOT NULL, m INT)
     + ALTER TABLE b# ADD INDEX (n)
     + CREATE INDEX i ON b# (m, n)
     + ALTER TABLE b# ADD INDEX (n), ADD INDEX (n, m)
     - ALTER TABLE b# DROP INDEX n
     - ALTER TABLE b# ADD INDEX (m)
     - DROP INDEX i ON b#
     - DROP TABLE b#",
    "+ CREATE TABLE b# (id INT PRIMARY KEY, n INT)
     + CREATE TABLE b#x LIKE b#
     + INSERT INTO b# VALUES (1, 1)
     + RENAME TABLE b# TO b#t, b#x TO b#, b#t TO b#x
     + INSERT INTO b# VALUES (2, 2)
     + UPDATE b#x SET n = n + 10
     - RENAME TABLE b# TO b#t, b#x TO b#, b#t TO b#x
     - UPDATE b# SET n = n * 2
     - DROP TABLE b#, b#x",
    "+ CREATE TABLE b# (id INT PRIMARY KEY, n INT)
     + INSERT INTO b# VALUES (1, 1)
     + TRUNCATE TABLE b#
     + INSERT INTO b# VALUES (1, 5), (2, 6)
     - TRUNCATE TABLE b#
     - INSERT INTO b# VALUES (9, 9)
     - DROP TABLE b#",
    "+ CREATE TABLE b# (id INT PRIMARY KEY, v INT) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20))
     + CREATE TABLE b#x (id INT PRIMARY KEY, v INT)
     + INSERT INTO b# VALUES (1, 1), (11, 1)
     + INSERT INTO b#x VALUES (15, 5)
     + ALTER TABLE b# EXCHANGE PARTITION p1 WITH TABLE b#x
     + ALTER TABLE b# TRUNCATE PARTITION p0
     + ALTER TABLE b# ADD PARTITION (PARTITION p2 VALUES LESS THAN (30))
     - ALTER TABLE b# DROP PARTITION p2
     - ALTER TABLE b# EXCHANGE PARTITION p1 WITH TABLE b#x
     - DROP TABLE b#
     - DROP TABLE b#x",
    "+ CREATE TABLE b# (id INT PRIMARY KEY, n INT)
     + CREATE PROCEDURE b#p(k INT) BEGIN UPDATE b# SET n = n + k; INSERT INTO audit (what) VALUES ('b#-called'); END
     + INSERT INTO b# VALUES (1, 1)
     +c CALL b#p( 7)
     + CREATE TRIGGER b#t AFTER INSERT ON b# FOR EACH ROW INSERT INTO audit (what) VALUES (CONCAT('b#-row-', NEW.id))
     + INSERT INTO b# VALUES (2, 2), (3, 3)
     + CREATE FUNCTION b#f() RETURNS INT DETERMINISTIC RETURN 4
     + UPDATE b# SET n = n + b#f()
     + CREATE EVENT b#e ON SCHEDULE EVERY 1 YEAR STARTS '2037-01-01 00:00:00' DO DELETE FROM b# WHERE n < 0
     + ALTER EVENT b#e DISABLE
     -c CALL b#p( 2)
     - DROP EVENT b#e
     - DROP TRIGGER b#t
     - DROP FUNCTION b#f
     - DROP PROCEDURE b#p
     - DROP TABLE b#",
    "+ CREATE TABLE b# (id INT PRIMARY KEY, n INT)
     + CREATE VIEW b#v AS SELECT n FROM b#
     +~ CREATE OR REPLACE VIEW b#v AS SELECT n, id FROM b#
     + ALTER VIEW b#v AS SELECT id FROM b#
     + CREATE VIEW b#w AS SELECT n FROM b# WHERE n > 1
     +~ ANALYZE TABLE b#
     - DROP VIEW b#v, b#w
     - DROP TABLE b#",
    "+ CREATE TABLE b# (id INT PRIMARY KEY, a VARCHAR(20), b INT)
     + INSERT INTO b# VALUES (1, 'x', 5)
     + ALTER TABLE b# ADD COLUMN c INT NOT NULL DEFAULT 7 AFTER a
     + ALTER TABLE b# DROP COLUMN a, ADD COLUMN a VARCHAR(20)
     + UPDATE b# SET a = CONCAT(IFNULL(a, ''), 'w'), c = c + 1
     + ALTER TABLE b# CHANGE b d BIGINT
     + ALTER TABLE b# MODIFY d BIGINT NOT NULL
     - ALTER TABLE b# RENAME COLUMN d TO b
     - ALTER TABLE b# DROP COLUMN c
     - DROP TABLE b#",
    "+ CREATE TABLE b# (id INT PRIMARY KEY, n INT)
     + INSERT INTO b# VALUES (1, 1), (2, 2)
     + CREATE TABLE b#c AS SELECT id, n FROM b#
     + ALTER TABLE b#c ADD PRIMARY KEY (id), ENGINE=InnoDB
     + INSERT INTO b#c SELECT id + 100, n FROM b#
     + ALTER TABLE b#c RENAME TO b#d
     - ALTER TABLE b#d RENAME TO b#c
     - DROP TABLE b#c, b#",
    "+ CREATE TABLE b# (id INT PRIMARY KEY, n INT)
     + CREATE TABLE b#c (id INT PRIMARY KEY, p INT, CONSTRAINT b#k FOREIGN KEY (p) REFERENCES b# (id))
     + INSERT INTO b# VALUES (1, 1)
     + INSERT INTO b#c VALUES (1, 1)
     + ALTER TABLE b#c ADD CONSTRAINT b#l FOREIGN KEY (id) REFERENCES b# (id)
     - ALTER TABLE b#c DROP FOREIGN KEY b#l
     - DROP TABLE b#c, b#",
    "+= SET @k = 5
     += SET SESSION sql_mode = 'ANSI_QUOTES'
     + CREATE TABLE \"b#\" (id INT PRIMARY KEY, n INT)
     + INSERT INTO \"b#\" VALUES (1, @k)
     + UPDATE \"b#\" SET n = n + @k
     += SET SESSION sql_mode = DEFAULT
     += START TRANSACTION
     + UPDATE b# SET n = n + 1
     + INSERT INTO audit (what) VALUES ('b#-tx')
     += COMMIT
     += LOCK TABLES b# WRITE
     + UPDATE b# SET n = n + 2
     += UNLOCK TABLES
     - DELETE FROM b# WHERE n > 0
     - DROP TABLE b#",
    "+ CREATE TABLE b# (id INT PRIMARY KEY, n INT)
     + INSERT INTO b# VALUES (1, 1)
     + ALTER TABLE b# ADD m INT
     + UPDATE b# SET n = n * 3 + 1
     - UPDATE b# SET n = n - 5
     - ALTER TABLE b# DROP m
     - UPDATE b# SET n = n * 2
     - DROP TABLE b#
     - INSERT INTO audit (what) VALUES ('b#-gone')",
    "+ CREATE DATABASE DBNAME_b#
     + CREATE TABLE DBNAME_b#.t (a INT)
     + INSERT INTO DBNAME_b#.t VALUES (1)
     + CREATE TABLE DBNAME_b#.u LIKE DBNAME_b#.t
     - DROP DATABASE DBNAME_b#",
];

const MARIADB: [&str; 2] = [
    "+ CREATE SEQUENCE b# START WITH 5
     + ALTER SEQUENCE b# INCREMENT BY 3
     - DROP SEQUENCE b#",
    "+ CREATE TABLE b# (a INT)
     + INSERT INTO b# VALUES (1)
     + CREATE OR REPLACE TABLE b# (a INT, b INT)
     + INSERT INTO b# VALUES (2, 2)
     - DROP TABLE b#",
];

/// On the table of many rows.
const LONG: &str = "+ ALTER TABLE big ADD COLUMN c# INT NOT NULL DEFAULT 3, ALGORITHM=COPY
     + CREATE INDEX i# ON big (n, c#)
     + ALTER TABLE big FORCE
     + UPDATE big SET n = n + 1 WHERE id < 100
     - UPDATE big SET n = n * 2 WHERE id < 100
     - ALTER TABLE big DROP INDEX i#
     - ALTER TABLE big DROP COLUMN c#, ALGORITHM=COPY";

/// What the server itself does not protect.
const ASKING: [&str; 2] = [
    "+ CREATE TABLE b# (id INT PRIMARY KEY, n INT) ENGINE=MyISAM
     +? INSERT INTO b# VALUES (1, 1)
     +? UPDATE b# SET n = n + 1
     - DROP TABLE b#",
    "+ CREATE PROCEDURE b#p(k INT) BEGIN INSERT INTO audit (what) VALUES ('b#-in-1'); COMMIT; INSERT INTO audit (what) VALUES ('b#-in-2'); COMMIT; END
     +? CALL b#p( 1)
     - DROP PROCEDURE b#p",
];
