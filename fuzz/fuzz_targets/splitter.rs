//! Any text: the splitter must not panic, must lose nothing, and what it calls a statement must be one when read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use uturn::model::kind::{Kind, hazards};
use uturn::model::lexer::Modes;
use uturn::model::names::names;
use uturn::model::session::holds;
use uturn::model::statement::split;

fuzz_target!(|input: (bool, bool, &str)| {
    let (ansi_quotes, no_backslash_escapes, text) = input;
    let Ok(script) = split(text, Modes { ansi_quotes, no_backslash_escapes }) else { return };
    let joined: String = script.pieces().iter().map(|piece| &text[piece.span.clone()]).collect();
    assert_eq!(joined, text);
    for statement in script.statements() {
        let sql = script.text(statement);
        assert!(!sql.trim().is_empty());
        let _ = (Kind::of(sql, statement.modes), hazards(sql, statement.modes));
        let _ = (names(sql, statement.modes), holds(sql, statement.modes));
    }
});
