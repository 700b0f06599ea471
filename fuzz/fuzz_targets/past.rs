//! A script that stopped anywhere: only statements of the session are run again, in their order, and only what takes
//! something away is left out.
#![no_main]

use libfuzzer_sys::fuzz_target;
use uturn::engine::resume::session_replay::{Future, Hidden, Line, Past};
use uturn::script::lexer::{Code, Modes};
use uturn::script::split::split;
use uturn::statement::class::{Kind, hazards};

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
    let mut hidden = Hidden::default();
    lines.iter().for_each(|line| hidden.add_statement(line.sql, line.modes));
    let mut past = Past::new(hidden);
    for line in done {
        hazards(&Kind::of(line.sql, line.modes), line.sql, line.modes);
        past.add(*line);
    }
    for line in left {
        match past.runs(*line) {
            Future::Runs => {}
            Future::LeftOut => assert!(is_removal(line), "{}", line.sql),
            Future::Needs(_, by) => assert!((1..=done.len()).contains(&by), "{} of {by}", line.sql),
        }
    }
    let again = past.again();
    assert!(again.is_sorted());
    for number in again {
        let line = done[number - 1];
        assert_eq!(Kind::of(line.sql, line.modes), Kind::Session, "{}", line.sql);
    }
});

/// DROP or DEALLOCATE.
fn is_removal(line: &Line) -> bool {
    let first = Code::new(line.sql, line.modes).next();
    first.is_some_and(|(_, word)| ["DROP", "DEALLOCATE"].iter().any(|one| word.eq_ignore_ascii_case(one)))
}
