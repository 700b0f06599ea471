//! What names mean, and what goes, after other statements.

use super::*;
use crate::schema::present::Link;
use crate::script::lexer::Modes;

fn present(tables: &[&str], folds: bool) -> Present {
    let table = |name: &&str| (Table { schema: None, name: (*name).to_owned() }, Relation::Table);
    Present { schema: "here".to_owned(), folds, relations: tables.iter().map(table).collect(), ..Present::default() }
}

fn name(name: &str) -> Name {
    Name { schema: None, name: name.to_owned() }
}

fn real(name: &str) -> Meaning {
    Meaning::Real(Table { schema: None, name: name.to_owned() })
}

/// What the last of these statements removes, after the others.
fn lost(stage: &mut Stage, script: &[&str]) -> Vec<Lost> {
    let mut last = Vec::new();
    for sql in script {
        let effects = Effects::of(sql, Modes::default());
        last = stage.lost(&effects).into_iter().map(|(_, lost)| lost).collect();
        stage.take(&effects);
    }
    last
}

#[test]
fn a_name_means_what_the_statements_before_have_made_of_it() {
    let mut stage = Stage::new(present(&["a", "b"], false));
    lost(
        &mut stage,
        &[
            "RENAME TABLE a TO x, b TO a, x TO b",
            "CREATE TABLE c (i INT)",
            "ALTER TABLE c RENAME TO d",
            "DROP TABLE a",
            "CREATE TABLE IF NOT EXISTS b (i INT)",
        ],
    );
    assert_eq!(stage.meaning(&name("b")), real("a"));
    assert_eq!(stage.meaning(&name("a")), Meaning::Absent);
    assert_eq!((stage.meaning(&name("c")), stage.meaning(&name("d"))), (Meaning::Absent, Meaning::New));
    assert_eq!(stage.untouched("b"), None);
    assert_eq!(Stage::new(present(&["A"], true)).meaning(&name("a")), real("A"));
}

#[test]
fn what_goes_is_named_as_it_is_now() {
    let t = || Table { schema: None, name: "t".to_owned() };
    for (script, expected) in [
        (vec!["RENAME TABLE t TO u", "DROP TABLE u"], vec![Lost::Table(t())]),
        (vec!["RENAME TABLE IF EXISTS t TO u", "DROP TABLE here.u"], vec![Lost::Table(t())]),
        (vec!["ALTER TABLE t RENAME u", "TRUNCATE u"], vec![Lost::AllRows(t())]),
        (vec!["RENAME TABLE t TO other.t", "USE other", "DROP TABLE t"], vec![Lost::Table(t())]),
        (vec!["CREATE TABLE n (a INT)", "DROP TABLE n"], vec![]),
        (vec!["DROP TABLE nosuch"], vec![]),
        (vec!["CREATE TEMPORARY TABLE t (a INT)", "DROP TABLE t"], vec![]),
        (vec!["CREATE TEMPORARY TABLE t (a INT)", "DROP TABLE t", "DROP TABLE t"], vec![Lost::Table(t())]),
        (vec!["ALTER TABLE t CHANGE a b INT", "ALTER TABLE t DROP b"], vec![Lost::Column(t(), "a".to_owned())]),
        (
            vec!["ALTER TABLE t RENAME COLUMN a TO b, RENAME COLUMN b TO a", "ALTER TABLE t DROP b"],
            vec![Lost::Column(t(), "a".to_owned())],
        ),
        (vec!["ALTER TABLE t ADD n INT", "ALTER TABLE t DROP n"], vec![]),
        (vec!["DROP DATABASE here", "DROP TABLE t"], vec![]),
    ] {
        let mut stage = Stage::new(present(&["t"], false));
        assert_eq!(lost(&mut stage, &script), expected, "{script:?}");
    }
}

#[test]
fn foreign_keys_triggers_views_and_functions_reach_further() {
    let table = |name: &str| Table { schema: None, name: name.to_owned() };
    let mut there = present(&["parent", "child", "grandchild", "noted"], false);
    there.relations.insert(table("v"), Relation::View);
    there.triggers.insert(table("noted"));
    there.functions.insert((None, "f".to_owned()));
    let link = |child: &str, parent: &str, deletes: bool| Link {
        child: table(child),
        parent: table(parent),
        on_delete: if deletes { Reach::Deletes } else { Reach::Changes },
        on_update: Reach::Nothing,
    };
    there.links = vec![link("child", "parent", true), link("grandchild", "child", false)];
    let lost = |sql: &str| lost(&mut Stage::new(there.clone()), &[sql]);
    assert_eq!(
        lost("DELETE FROM parent"),
        ["parent", "child"]
            .map(|name| Lost::SomeRows(table(name)))
            .into_iter()
            .chain([Lost::Values(table("grandchild"))])
            .collect::<Vec<_>>()
    );
    assert_eq!(lost("INSERT INTO parent VALUES (1)"), []);
    for sql in ["INSERT INTO noted VALUES (1)", "DELETE FROM v", "SELECT f(1)", "SET @a = F (2)"] {
        assert!(matches!(lost(sql)[..], [Lost::Unknown(_)]), "{sql}: {:?}", lost(sql));
    }
    assert_eq!(lost("SELECT g(1)"), []);
}
