//! Any rows as the journal's: they are read without a panic, and what is read agrees with itself. What is written into the
//! journal (evidence, the way back) is read again as it was.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mysql_common::constants::ColumnType;
use mysql_common::packets::Column;
use mysql_common::row::{Row, new_row};
use mysql_common::value::Value;
use std::sync::Arc;
use uturn::db::flavour::Flavour;
use uturn::engine::evidence::{self, Evidence};
use uturn::engine::journal::{self, pack, unpack};
use uturn::script::lexer::Modes;
use uturn::statement::class::Kind;

type Words = Vec<Option<Vec<u8>>>;
type Input = (Words, Vec<Words>, Option<Words>, String, String, String, Vec<u8>);

/// As the server gives it: the columns that were asked for, whatever is in them.
fn row(words: Words, width: usize) -> Row {
    let mut values: Vec<Value> =
        words.into_iter().map(|word| word.map_or(Value::NULL, Value::Bytes)).take(width).collect();
    values.resize(width, Value::NULL);
    let columns: Arc<[Column]> = (0..width).map(|_| Column::new(ColumnType::MYSQL_TYPE_BLOB)).collect();
    new_row(values, columns)
}

fuzz_target!(|input: Input| {
    let (run, steps, taken_back, before, now, text, bytes) = input;
    let steps: Vec<Row> = steps.into_iter().map(|step| row(step, 7)).collect();
    let taken_back: Vec<Row> = taken_back.into_iter().map(|step| row(step, 7)).collect();
    if let Ok(open) = journal::read_run(&row(run, 12), &steps, &taken_back) {
        assert!(open.resume_at() >= 1);
        if let Some(step) = open.in_doubt() {
            assert!(!step.state.is_over());
            assert_eq!(open.next_statement(), step.number);
        }
        assert_eq!(open.for_plan().in_doubt, open.in_doubt().is_some());
        let _ = format!("{open:?}");
    }
    if let (Some(before), Some(now)) = (Evidence::from_json(&before), Evidence::from_json(&now)) {
        for one in [&before, &now] {
            assert_eq!(Evidence::from_json(&one.to_json()).as_ref(), Some(one));
            assert!(one.difference(one).is_empty() && one.redefined(one).is_empty());
        }
        if let Kind::Ddl(ddl) = Kind::of(&text, Modes::default()) {
            for flavour in [Flavour::MariaDb, Flavour::MySql] {
                let _ = evidence::judge(&before, &now, &ddl, &text, flavour);
            }
        }
        let _ = Evidence::earliest([before, now]);
    }
    assert_eq!(unpack(&pack(&text)).as_ref(), Some(&text));
    if let Some(text) = unpack(&bytes) {
        assert_eq!(unpack(&pack(&text)), Some(text));
    }
});
