//! What the tree says of statements, and that it keeps every byte.

use super::corpus::{Random, corpus, mutated, tokenized};
use super::tree::{Change, DmlVerb, Form, Place, Rows};
use super::*;

fn parse(sql: &str) -> Statement<'_> {
    Statement::parse(sql, Modes::default())
}

/// The names of the variants of an ALTER TABLE's clauses.
fn clauses(sql: &str) -> String {
    let tree = parse(sql);
    let Form::AlterTable(alter) = &tree.form else { return format!("{:?}", tree.form) };
    let word = |change: &Change| {
        let text = format!("{change:?}");
        let of_partitions = text.strip_prefix("Partitions(").unwrap_or(&text).to_owned();
        of_partitions.split(['(', ' ', ')']).next().unwrap_or_default().to_owned()
    };
    alter.clauses.iter().map(|clause| format!("{}{}", clause.part, word(&clause.change))).collect::<Vec<_>>().join(" ")
}

#[test]
fn every_clause_of_alter_table() {
    for (sql, expected) in [
        ("ALTER ONLINE IGNORE TABLE IF EXISTS s.t WAIT 5 ADD a INT, DROP b", "0AddColumn 1DropColumn"),
        ("ALTER TABLE t ADD (a INT, KEY k (a)), ADD CONSTRAINT c CHECK (a > 0)", "0AddColumn 0AddKey 1AddKey"),
        ("ALTER TABLE t ADD vector INT, ADD VECTOR INDEX v (e), ADD UNIQUE (a)", "0AddColumn 1AddKey 2AddKey"),
        (
            "ALTER TABLE t DROP PRIMARY KEY, DROP FOREIGN KEY f, DROP CONSTRAINT IF EXISTS c",
            "0DropKey 1DropKey 2DropKey",
        ),
        ("ALTER TABLE t CHANGE a b INT FIRST, MODIFY COLUMN IF EXISTS c INT AFTER d", "0ChangeColumn 1ModifyColumn"),
        ("ALTER TABLE t ALTER a SET DEFAULT 1, ALTER INDEX i INVISIBLE", "0AlterColumn 1AlterKey"),
        (
            "ALTER TABLE t RENAME COLUMN a TO b, RENAME KEY i TO j, RENAME TO s.u",
            "0RenameColumn 1RenameKey 2RenameTable",
        ),
        ("ALTER TABLE t ADD SYSTEM VERSIONING, DROP SYSTEM VERSIONING", "0AddVersioning 1DropVersioning"),
        ("ALTER TABLE t ADD PERIOD FOR p (a, b), DROP PERIOD FOR p", "0AddPeriod 1DropPeriod"),
        ("ALTER TABLE t DROP PARTITION p0, p1", "0Drop"),
        ("ALTER TABLE t TRUNCATE PARTITION ALL", "0Truncate"),
        ("ALTER TABLE t REORGANIZE PARTITION p0, p1 INTO (PARTITION p VALUES LESS THAN (9))", "0Reorganize"),
        ("ALTER TABLE t EXCHANGE PARTITION p WITH TABLE u WITHOUT VALIDATION", "0Exchange"),
        ("ALTER TABLE t CONVERT PARTITION p TO TABLE u", "0ToTable"),
        ("ALTER TABLE t CONVERT TABLE u TO PARTITION p VALUES LESS THAN (1)", "0FromTable"),
        ("ALTER TABLE t DISCARD PARTITION p TABLESPACE", "0DiscardTablespace"),
        ("ALTER TABLE t IMPORT TABLESPACE", "0ImportTablespace"),
        (
            "ALTER TABLE t CONVERT TO CHARACTER SET utf8mb4, ALGORITHM=COPY, LOCK SHARED",
            "0ConvertCharset 1Algorithm 2Lock",
        ),
        ("ALTER TABLE t ENGINE=InnoDB ROW_FORMAT=DYNAMIC PARTITION BY HASH (a) PARTITIONS 4", "0Option 0Option 0By"),
        ("ALTER TABLE t ADD lock INT, FORCE, ORDER BY a, b", "0AddColumn 1Force 2OrderBy 3Option"),
        ("ALTER TABLE t FROBNICATE, ", "0Option 1Other"),
        ("ALTER TABLE t COALESCE PARTITION 2", "0Coalesce"),
        ("ALTER TABLE t ADD PARTITION PARTITIONS 2", "0AddNumber"),
        ("ALTER TABLE t PAGE_COMPRESSION_LEVEL=2, DROP PARTITION p", "0Option 1Drop"),
        ("ALTER TABLE t REMOVE PARTITIONING", "0Remove"),
    ] {
        assert_eq!(clauses(sql), expected, "{sql}");
    }
}

#[test]
fn which_tables_a_statement_about_rows_writes() {
    for (sql, verb, expected) in [
        ("INSERT INTO value (a) VALUES (1), (2)", DmlVerb::Insert, Some("value")),
        ("REPLACE LOW_PRIORITY s.t SET a = 1", DmlVerb::Replace, Some("s.t")),
        ("UPDATE a AS x JOIN b ON x.i = b.i SET x.n = b.n, x.m = 1 WHERE b.i = 1", DmlVerb::Update, Some("a")),
        ("UPDATE a JOIN b ON a.i = b.i SET n = 1", DmlVerb::Update, None),
        ("UPDATE t SET a = 1 ORDER BY b LIMIT 1", DmlVerb::Update, Some("t")),
        ("DELETE x, b.* FROM a x, b WHERE x.i = b.i", DmlVerb::Delete, Some("a b")),
        ("DELETE FROM a USING a JOIN b USING (i)", DmlVerb::Delete, Some("a")),
        ("WITH x (y) AS (SELECT a FROM m), z AS (SELECT 2) DELETE FROM t WHERE a = 1", DmlVerb::Delete, Some("t")),
        ("UPDATE (SELECT 1) d JOIN t ON 1 SET t.a = 1", DmlVerb::Update, Some("t")),
        ("SELECT 1", DmlVerb::Select, Some("")),
    ] {
        let tree = parse(sql);
        let Form::Dml(dml) = &tree.form else { panic!("{sql}: {:?}", tree.form) };
        let name = |name: &tree::Name| {
            let name = name.plain();
            name.schema.iter().chain([&name.name]).cloned().collect::<Vec<_>>().join(".")
        };
        let targets = dml.targets.as_ref().map(|names| names.iter().map(name).collect::<Vec<_>>().join(" "));
        assert_eq!((dml.verb, targets.as_deref()), (verb, expected), "{sql}");
    }
}

#[test]
fn the_rows_of_an_insert_are_left_to_whoever_asks() {
    let sql = format!("INSERT INTO t (a) VALUES {}", vec!["(1)"; 10_000].join(","));
    let tree = parse(&sql);
    assert_eq!(tree.tokens.len(), 7);
    assert!(matches!(&tree.form, Form::Dml(dml) if dml.rows == Rows::Values));
    assert_eq!(tree.all().count(), 7 + 39_999);
    assert_eq!(parse("INSERT INTO t SELECT 1 ON DUPLICATE KEY UPDATE a = VALUES(a)").tokens.len(), 15);
}

#[test]
fn a_place_is_none_in_an_expression() {
    let place = |definition: &str| {
        let sql = format!("ALTER TABLE t ADD {definition}");
        match parse(&sql).form {
            Form::AlterTable(alter) => match &alter.clauses[0].change {
                Change::AddColumn(_, column) => format!("{:?}", column.place).chars().take(5).collect::<String>(),
                other => format!("{other:?}"),
            },
            other => format!("{other:?}"),
        }
    };
    assert_eq!(place("a INT COMMENT 'AFTER b' FIRST"), format!("{:?}", Place::First));
    assert_eq!(place("a INT CHECK (a > 0) AFTER b"), "After");
    assert_eq!(place("a INT DEFAULT (first + 1)"), "Unsai");
}

#[test]
fn the_spans_of_all_tokens_joined_give_the_text() {
    let corpus = corpus();
    let pieces = tokenized(&corpus);
    let mut random = Random(0xB17E5);
    let made: Vec<String> = (0..20_000).map(|_| mutated(&mut random, &pieces)).collect();
    for sql in corpus.iter().chain(&made) {
        let tree = parse(sql);
        let mut end = 0;
        let mut joined = String::new();
        for token in tree.all() {
            joined.push_str(&sql[end..token.at]);
            joined.push_str(token.text);
            end = token.end();
        }
        joined.push_str(&sql[end..]);
        assert_eq!(&joined, sql);
        check_spans(&tree);
    }
}

/// Clauses are in order, within the statement, and begin where the one before ends at the earliest.
fn check_spans(tree: &Statement) {
    let Form::AlterTable(alter) = &tree.form else { return };
    let mut before = alter.list.start;
    for clause in &alter.clauses {
        assert!(before <= clause.tokens.start && clause.tokens.end <= tree.tokens.len(), "{}", tree.text);
        assert!(clause.tokens.start <= clause.tokens.end, "{}", tree.text);
        before = clause.tokens.end;
    }
}
