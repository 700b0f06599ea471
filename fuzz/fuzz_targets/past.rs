//! A script that stopped anywhere: only statements of the session are run again, in their order, and only what takes
//! something away is left out.
#![no_main]

use libfuzzer_sys::fuzz_target;
use uturn::model::kind::{Kind, hazards};
use uturn::model::lexer::Modes;
use uturn::model::past::{Future, Line, Past};
use uturn::model::session::takes_away;
use uturn::model::statement::split;

fuzz_target!(|input: &str| {
    let mut bytes = input.bytes();
    let (Some(flags), Some(stop)) = (bytes.next(), bytes.next()) else { return };
    if !flags.is_ascii() || !stop.is_ascii() {
        return;
    }
    let (modes, text) = (Modes { ansi_quotes: flags & 1 != 0, no_backslash_escapes: flags & 2 != 0 }, &input[2..]);
    let Ok(script) = split(text, modes) else { return };
    let lines: Vec<Line> = script
        .statements()
        .iter()
        .enumerate()
        .map(|(index, one)| Line { number: index + 1, sql: script.text(one), modes: one.modes })
        .collect();
    let (done, left) = lines.split_at(usize::from(stop).min(lines.len()));
    let mut past = Past::default();
    for line in done {
        hazards(line.sql, line.modes);
        past.add(*line);
    }
    assert!(past.again.is_sorted());
    for number in &past.again {
        let line = done[number - 1];
        assert_eq!(Kind::of(line.sql, line.modes), Kind::Session, "{}", line.sql);
    }
    for line in left {
        match past.runs(*line) {
            Future::Runs => {}
            Future::LeftOut => assert!(!takes_away(line.sql, line.modes).is_empty(), "{}", line.sql),
            Future::Needs(_, by) => assert!(by <= done.len(), "{} of {by}", line.sql),
        }
    }
});
