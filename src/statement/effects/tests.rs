//! Effects of statements, one a row.

use super::*;

fn spelled(removal: &Removal) -> String {
    let table = |name: &Name| name.schema.as_ref().map_or(name.name.clone(), |s| format!("{s}.{}", name.name));
    match removal {
        Removal::Table(t) => format!("table {}", table(t)),
        Removal::AllRows(t) => format!("all {}", table(t)),
        Removal::SomeRows(t) => format!("some {}", table(t)),
        Removal::Values(t) => format!("values {}", table(t)),
        Removal::AddsRows(t) => format!("adds {}", table(t)),
        Removal::Column(t, c) => format!("column {}.{c}", table(t)),
        Removal::Converts(t, c) => format!("converts {}.{c}", table(t)),
        Removal::Partition(t, p) => format!("partition {}.{p}", table(t)),
        Removal::Database(d) => format!("database {d}"),
        Removal::Calls(f) => format!("calls {}", table(f)),
        Removal::Unknown(_) => "unknown".to_owned(),
    }
}

fn removed(sql: &str) -> Vec<String> {
    Effects::of(sql, Modes::default()).removes.iter().map(spelled).collect()
}

#[test]
fn what_a_statement_removes() {
    for (sql, expected) in [
        ("DROP TABLE IF EXISTS a, `b`.c", vec!["table a", "table b.c"]),
        ("ALTER TABLE t DROP a, DROP COLUMN IF EXISTS `b c`, ADD d INT", vec!["column t.a", "column t.b c"]),
        ("ALTER TABLE t DROP INDEX a, DROP PRIMARY KEY, DROP FOREIGN KEY f, DROP CHECK c", vec![]),
        ("ALTER TABLE t DROP `index`", vec!["column t.index"]),
        ("ALTER ONLINE IGNORE TABLE IF EXISTS t NOWAIT DROP a", vec!["some t", "column t.a"]),
        ("ALTER TABLE s.t DROP PARTITION p0, p1", vec!["partition s.t.p0", "partition s.t.p1"]),
        ("ALTER TABLE t TRUNCATE PARTITION p0", vec!["partition t.p0"]),
        ("ALTER TABLE t TRUNCATE PARTITION ALL", vec!["all t"]),
        ("ALTER TABLE t REORGANIZE PARTITION p0, p1 INTO (PARTITION p VALUES LESS THAN (9))", vec![]),
        ("ALTER TABLE t ANALYZE PARTITION p0, p1", vec![]),
        ("ALTER TABLE t DISCARD TABLESPACE", vec!["all t"]),
        ("ALTER TABLE t DISCARD PARTITION p TABLESPACE", vec!["all t"]),
        ("ALTER TABLE t ENGINE = BLACKHOLE", vec!["all t"]),
        ("ALTER TABLE t ROW_FORMAT=DYNAMIC ENGINE=InnoDB COMMENT 'x'", vec![]),
        ("ALTER TABLE t DROP SYSTEM VERSIONING", vec!["unknown"]),
        ("ALTER TABLE t EXCHANGE PARTITION p WITH TABLE u", vec!["unknown"]),
        ("ALTER TABLE t CONVERT PARTITION p TO TABLE u", vec!["unknown"]),
        ("ALTER TABLE t CONVERT TO CHARACTER SET latin1", vec!["converts t."]),
        (
            "ALTER TABLE t MODIFY a INT, CHANGE b c INT, CHANGE COLUMN d d INT GENERATED ALWAYS AS (1)",
            vec!["converts t.a", "converts t.b", "column t.d"],
        ),
        ("ALTER TABLE t UNION=(a, b)", vec!["unknown"]),
        ("ALTER TABLE t FROBNICATE", vec!["unknown"]),
        ("ALTER TABLE t ALTER a SET DEFAULT 1, RENAME INDEX a TO b, ADD (c INT, KEY (c)), LOCK=NONE", vec![]),
        ("ALTER TABLE t ENCRYPTION_KEY_ID=2, STATS_SAMPLE_PAGES=9", vec![]),
        ("ALTER TABLE t REPAIR PARTITION p", vec!["unknown"]),
        ("UPDATE a JOIN b ON a.set = b.i JOIN c SET n = 1", vec!["values a", "values b", "values c"]),
        ("UPDATE a JOIN b ON a.set = b.i JOIN c SET c.n = 1", vec!["values c"]),
        ("frobnicate_the_whole_server", vec!["unknown"]),
        ("TRUNCATE t", vec!["all t"]),
        ("TRUNCATE TABLE d.t", vec!["all d.t"]),
        ("DELETE QUICK FROM t WHERE a = 1", vec!["some t"]),
        ("DELETE HISTORY FROM t", vec!["some t"]),
        ("DELETE x FROM a AS x JOIN d.b ON x.i = b.i WHERE c = 1", vec!["some a"]),
        ("DELETE a.*, d.b FROM (a, d.b) WHERE 1", vec!["some a", "some d.b"]),
        ("DELETE FROM a, b USING a INNER JOIN b USING (i)", vec!["some a", "some b"]),
        ("UPDATE a, (SELECT 1) AS b SET a.i = 1", vec!["values a"]),
        ("WITH x AS (SELECT 1) DELETE FROM a", vec!["some a"]),
        ("WITH x (i) AS (SELECT 1), y AS (SELECT 2) UPDATE a SET i = 1", vec!["values a", "calls x"]),
        ("UPDATE IGNORE a SET b = (SELECT 1)", vec!["values a"]),
        ("REPLACE INTO t VALUES (1)", vec!["some t"]),
        ("INSERT INTO t (a) VALUES (1), (f(2))", vec!["adds t", "calls f"]),
        ("INSERT t SET a = 1 ON DUPLICATE KEY UPDATE a = 2", vec!["values t"]),
        ("LOAD DATA LOCAL INFILE 'f' REPLACE INTO TABLE t", vec!["some t"]),
        ("LOAD DATA INFILE 'f' INTO TABLE t", vec!["adds t"]),
        ("SELECT COUNT(*), d.f(1) FROM t", vec!["calls d.f"]),
        ("SET @a = f()", vec!["calls f"]),
        ("SET STATEMENT max_statement_time = 1 FOR DELETE FROM t", vec!["some t"]),
        ("CALL p()", vec!["unknown"]),
        ("EXECUTE IMMEDIATE 'DROP TABLE t'", vec!["unknown"]),
        ("BEGIN NOT ATOMIC DROP TABLE t; END", vec!["unknown"]),
        ("DROP DATABASE IF EXISTS d", vec!["database d"]),
        ("CREATE OR REPLACE TABLE t (a INT)", vec!["table t"]),
        ("CREATE TABLE t (a INT)", vec![]),
        ("CREATE TABLE t SELECT f(1) AS a", vec!["calls f"]),
        ("DROP INDEX a ON t", vec![]),
        ("/*!40000 DROP TABLE t */", vec!["table t"]),
        ("/*!999999 DROP TABLE u */ DROP TABLE t", vec!["table u", "table t"]),
        ("ALTER TABLE t ENGINE=MRG_MyISAM", vec!["all t"]),
        ("CREATE OR REPLACE DATABASE d", vec!["database d"]),
        ("CREATE OR REPLACE SEQUENCE t", vec!["table t"]),
        ("DO here.abs(1)", vec!["calls here.abs"]),
        ("DROP VIEW a", vec![]),
        ("CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (HOST 'h')", vec![]),
        ("GRANT SELECT ON *.* TO a@b", vec![]),
        ("CLONE INSTANCE FROM a@b:1 IDENTIFIED BY 'c'", vec!["unknown"]),
        ("BINLOG 'abc'", vec!["unknown"]),
    ] {
        assert_eq!(removed(sql), expected, "{sql}");
    }
}

#[test]
fn new_names_of_tables() {
    let names = |sql: &str| {
        let word = |(a, b): &(Name, Name)| format!("{}>{}", a.name, b.name);
        Effects::of(sql, Modes::default()).renames.iter().map(word).collect::<Vec<_>>()
    };
    assert_eq!(names("RENAME TABLE a TO x, b TO a, x TO b"), ["a>x", "b>a", "x>b"]);
    assert_eq!(names("RENAME TABLE IF EXISTS a WAIT 5 TO x, `to` TO b"), ["a>x", "to>b"]);
    assert_eq!(names("ALTER TABLE a RENAME COLUMN x TO y, RENAME TO b"), ["a>b"]);
    assert_eq!(names("ALTER TABLE a RENAME = b, RENAME INDEX i TO j"), ["a>b"]);
    assert_eq!(names("ALTER TABLE a ADD rename_me INT"), [""; 0]);
}

#[test]
fn what_is_said_of_columns_and_sessions() {
    let of = |sql: &str| Effects::of(sql, Modes::default());
    let t = Name { schema: None, name: "t".to_owned() };
    let adds = |name: &str| (t.clone(), ColumnChange::Adds(name.to_owned()));
    assert_eq!(
        of("ALTER TABLE t ADD a INT, ADD COLUMN IF NOT EXISTS b INT, ADD KEY (a), ADD (c INT, d INT)").columns,
        [adds("a"), adds("c"), adds("d")]
    );
    let renames = (t.clone(), ColumnChange::Renames("a".to_owned(), "b".to_owned()));
    assert_eq!(of("ALTER TABLE t CHANGE COLUMN a b INT").columns, std::slice::from_ref(&renames));
    assert_eq!(of("ALTER TABLE t RENAME COLUMN a TO b").columns, [renames]);
    assert_eq!(of("USE `other`").uses.as_deref(), Some("other"));
    assert_eq!(of("CREATE TEMPORARY TABLE IF NOT EXISTS t (a INT)").temporary, Some(t.clone()));
    assert_eq!(of("CREATE FUNCTION t() RETURNS INT RETURN 1").function, Some(t));
}
