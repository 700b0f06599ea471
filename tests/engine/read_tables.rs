//! `db::inspect`: what the servers' catalogues say of tables, as values.

use crate::support::server::on_each;
use uturn::db::flavour::Flavour;
use uturn::db::read_tables;

on_each!(every_part_of_a_table_is_read, |db| {
    let flavour = if db.server.kind == "mysql" { Flavour::MySql } else { Flavour::MariaDb };
    for statement in [
        "CREATE TABLE p (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, e ENUM('a','b') NOT NULL DEFAULT 'a', d DATE, \
             v VARCHAR(20) CHARACTER SET latin1 COLLATE latin1_bin NOT NULL COMMENT 'hey', n INT, g INT AS (n + 1) STORED, \
             t TEXT, UNIQUE KEY u (v, t(10)), KEY k (n DESC), FULLTEXT KEY ft (t), CONSTRAINT c CHECK (n > 3)) COMMENT 'c'",
        "CREATE TABLE q (id INT PRIMARY KEY, a INT, CONSTRAINT fk FOREIGN KEY (a) REFERENCES p (id) ON DELETE CASCADE \
             ON UPDATE SET NULL)",
        "CREATE TABLE r (id INT) PARTITION BY RANGE (id) (PARTITION low VALUES LESS THAN (10), PARTITION high VALUES LESS THAN MAXVALUE)",
        "CREATE TRIGGER tr BEFORE INSERT ON q FOR EACH ROW SET NEW.a = 1",
        "CREATE VIEW w AS SELECT id FROM q",
    ] {
        db.exec(statement);
    }
    let schema = read_tables::schema(&mut db.conn(), flavour, &db.name).expect("the catalogue can be read");
    assert_eq!(schema.tables.keys().collect::<Vec<_>>(), ["p", "q", "r"]);
    let p = &schema.tables["p"];
    let names: Vec<&str> = p.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["id", "e", "d", "v", "n", "g", "t"]);
    assert_eq!((p.comment.as_str(), p.engine.as_str()), ("c", "InnoDB"));
    assert_eq!(p.columns[0].extra, "auto_increment");
    assert_eq!((p.columns[1].kind.as_str(), p.columns[1].nullable), ("enum('a','b')", false));
    assert_eq!(p.columns[1].default.as_deref().map(|value| value.trim_matches('\'')), Some("a"));
    assert_eq!((p.columns[3].collation.as_deref(), p.columns[3].comment.as_str()), (Some("latin1_bin"), "hey"));
    assert_eq!(p.columns[3].default, None);
    assert!(p.columns[5].generated.as_ref().is_some_and(|expression| expression.contains("`n` + 1")));
    assert!(p.indexes["PRIMARY"].unique && p.indexes["u"].unique && !p.indexes["k"].unique);
    assert_eq!(p.indexes["u"].parts[1].length, Some(10));
    assert!(p.indexes["k"].parts[0].descending && p.indexes["k"].visible);
    assert_eq!(p.indexes["ft"].kind, "FULLTEXT");
    assert_eq!(p.checks.len(), 1);
    let key = &schema.tables["q"].foreign_keys["fk"];
    assert_eq!(
        (key.target.as_str(), &key.columns[..], &key.target_columns[..]),
        ("p", &["a".to_owned()][..], &["id".to_owned()][..])
    );
    assert_eq!((key.on_delete.as_str(), key.on_update.as_str(), &key.target_schema), ("CASCADE", "SET NULL", &None));
    assert_eq!(schema.tables["q"].triggers, ["tr"]);
    assert_eq!(schema.tables["r"].partitions.len(), 2);
    assert!(schema.tables["r"].partitions[0].rule.starts_with("RANGE `id` 10"), "{:?}", schema.tables["r"].partitions);
});
