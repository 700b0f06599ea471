//! What holds of made-up rows, whatever the table.

use crate::sample_rows::check_hints::{Hint, Side, hints};
use crate::sample_rows::column::Place;
use crate::sample_rows::column_values::{Domain, members};
use crate::sample_rows::partition_bounds::Fence;
use crate::sample_rows::table_rows::Recipe;
use crate::sample_rows::unique_keys::Spread;
use crate::sample_rows::value::Value;
use crate::schema::table::{Column, Index, IndexPart, Partition, Table};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

fn column(name: &str, kind: &str, nullable: bool) -> Column {
    Column {
        name: name.to_owned(),
        kind: kind.to_owned(),
        nullable,
        collation: kind.contains("char").then(|| "utf8mb4_unicode_ci".to_owned()),
        ..Column::default()
    }
}

fn table(kinds: &[(&str, bool)], keys: &[Vec<(usize, Option<u64>)>]) -> Table {
    let columns =
        kinds.iter().enumerate().map(|(n, (kind, nullable))| column(&format!("c{n}"), kind, *nullable)).collect();
    let part = |(place, length): &(usize, Option<u64>)| IndexPart {
        column: format!("c{place}"),
        length: *length,
        descending: false,
    };
    let index = |parts: &Vec<(usize, Option<u64>)>| Index {
        unique: true,
        visible: true,
        parts: parts.iter().map(part).collect(),
        ..Index::default()
    };
    let indexes = keys.iter().enumerate().map(|(n, parts)| (format!("k{n}"), index(parts))).collect();
    Table { columns, indexes, ..Table::default() }
}

/// The rows of a batch; fewer, where a unique key has no room.
fn rows(table: &Table, seed: u64, start: u64, count: u64) -> Vec<Vec<Value>> {
    let recipe = Recipe::new(seed, count, "t", table, &BTreeMap::new()).expect("all types are known");
    let mut made = Vec::new();
    for offset in 0..count {
        made.extend(recipe.row(Place { start, offset, attempt: 0 }, &made));
    }
    made
}

const KINDS: [&str; 16] = [
    "int",
    "tinyint",
    "tinyint(1)",
    "bigint unsigned",
    "decimal(10,2)",
    "date",
    "datetime(6)",
    "varchar(255)",
    "char(2)",
    "varchar(7)",
    "binary(16)",
    "varbinary(5)",
    "enum('a','b','c')",
    "set('x','y')",
    "year",
    "double",
];

fn kinds() -> impl Strategy<Value = Vec<(&'static str, bool)>> {
    proptest::collection::vec((proptest::sample::select(&KINDS[..]), any::<bool>()), 3)
}

proptest! {
    /// No unique key sees the same twice, also one that folds case and sees the first characters only.
    #[test]
    fn unique_keys_hold(kinds in kinds(), seed: u64, pair: bool, width in 2_u64..9) {
        let length = |place: usize| kinds[place].0.contains("char").then_some(width.min(2));
        let keys = if pair { vec![vec![(0, length(0)), (1, None)]] } else { vec![vec![(0, length(0))], vec![(1, None), (2, None)]] };
        let table = table(&kinds, &keys);
        let mut all = rows(&table, seed, 0, 30);
        all.extend(rows(&table, seed, 30, 30));
        for key in &keys {
            let seen = |row: &Vec<Value>| {
                key.iter().map(|(place, length)| row[*place].in_key(*length).map(|text| text.into_owned())).collect::<Option<Vec<_>>>()
            };
            let rivals: Vec<_> = all.iter().filter_map(seen).collect();
            let different: BTreeSet<_> = rivals.iter().collect();
            prop_assert_eq!(different.len(), rivals.len(), "{:?}", rivals);
        }
    }

    /// The same seed gives the same rows; NULL stands only where it may; nothing is longer than its column.
    #[test]
    fn rows_are_true_to_their_columns(kinds in kinds(), seed: u64) {
        let table = table(&kinds, &[]);
        let made = rows(&table, seed, 0, 20);
        prop_assert_eq!(made.len(), 20);
        prop_assert_eq!(&made, &rows(&table, seed, 0, 20));
        // The second row is the first one's twin.
        prop_assert_eq!(&made[0], &made[1]);
        for row in &made {
            for (value, (kind, nullable)) in row.iter().zip(&kinds) {
                prop_assert!(*nullable || *value != Value::Null);
                if let (Value::Text(text), Some(length)) = (value, kind.strip_prefix("varchar(")) {
                    let most: usize = length.trim_end_matches(')').parse().expect("a length");
                    prop_assert!(text.chars().count() <= most);
                }
            }
        }
    }
}

#[test]
fn the_first_row_is_full_and_every_member_of_an_enum_is_used() {
    let table = table(&[("varchar(255)", false), ("enum('a','b','c','d')", true), ("text", true)], &[]);
    let made = rows(&table, 1, 0, 10);
    let Value::Text(text) = &made[0][0] else { panic!("{:?}", made[0]) };
    assert_eq!(text.chars().count(), 255);
    assert!(text.contains('é') && text.contains('🎬'));
    let used: BTreeSet<_> = made.iter().map(|row| &row[1]).collect();
    assert_eq!(used.len(), 5, "{used:?}");
}

#[test]
fn another_seed_gives_other_rows() {
    let table = table(&[("int", false), ("varchar(20)", false)], &[vec![(0, None)]]);
    assert_ne!(rows(&table, 1, 0, 10), rows(&table, 2, 0, 10));
}

#[test]
fn numbers_of_rows_never_become_zero() {
    // A counted column would ask the server for the next number.
    let domain = Domain::of(&column("id", "tinyint", false)).expect("it is known");
    let all: BTreeSet<Value> = (0..domain.capacity(None)).map(|index| domain.nth(index, None, &mut dice())).collect();
    assert_eq!(all.len() as u64, domain.capacity(None));
    assert!(!all.contains(&Value::whole(0)));
    assert_eq!(Spread::DISTINCT.index(7), 7);
}

fn dice() -> crate::sample_rows::rng::Dice {
    crate::sample_rows::rng::Dice::new(1, &[], 1)
}

#[test]
fn members_are_read_as_the_servers_write_them() {
    assert_eq!(members(r"enum('a','b''c','d\\e','x\ny')"), ["a", "b'c", r"d\e", "x\ny"]);
}

#[test]
fn both_servers_ways_to_write_a_check_give_the_same_hints() {
    let name = |text: &str| Value::Text(text.to_owned());
    for clause in ["`s` in ('a','b\\'c')", r"(`s` in (_utf8mb4\'a\',_utf8mb4\'b\\\'c\'))"] {
        assert_eq!(hints(clause), [Hint::OneOf("s".to_owned(), vec![name("a"), name("b'c")])], "{clause}");
    }
    for clause in ["`a` >= 18 and `a` < 100", "((`a` >= 18) and (`a` < 100))"] {
        let bound = |side, number: &str| Hint::Bound("a".to_owned(), side, Value::Number(number.to_owned()));
        assert_eq!(hints(clause), [bound(Side::AtLeast, "18"), bound(Side::Below, "100")], "{clause}");
    }
    assert_eq!(hints("`a` <= `b`"), [Hint::Ordered("a".to_owned(), "b".to_owned())]);
}

#[test]
fn values_fall_into_partitions() {
    let partition = |rule: &str| Partition { name: "p".to_owned(), rule: rule.to_owned() };
    let of = |kind: &str, rules: &[&str]| {
        let fence = Fence::of(&rules.iter().map(|rule| partition(rule)).collect::<Vec<_>>()).expect("it is understood");
        let mut domain = Domain::of(&column("c", kind, false)).expect("it is known");
        fence.narrow(&mut domain);
        domain
    };
    let Domain::Steps(days) = of("date", &["RANGE year(`c`) 2010", "RANGE year(`c`) 2020"]) else { panic!() };
    assert_eq!(days.full(), Value::Text("2019-12-31".to_owned()));
    let Domain::Steps(open) = of("int", &["RANGE `c` 10", "RANGE `c` MAXVALUE"]) else { panic!() };
    assert!(open.high > 1_000_000 && open.points == [9, 10]);
    let Domain::Choice(words) = of("varchar(9)", &["LIST COLUMNS `c` 'x','y'"]) else { panic!() };
    assert_eq!(words.len(), 2);
    let Domain::Choice(numbers) = of("int", &["LIST `c` -1,1 HASH `d`"]) else { panic!() };
    assert_eq!(numbers[0], Value::Number("-1".to_owned()));
}
