//! Any text: the splitter must not panic, must lose nothing, and what it calls a statement must be one when read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use uturn::script::lexer::Modes;
use uturn::script::split::split;
use uturn::statement::class::{Kind, hazards};
use uturn::statement::names::names;
use uturn::statement::session_effects::{takes_away, variables};

fuzz_target!(|input: &str| {
    // The first byte says how the server reads quotes, so that a seed is a script behind one byte.
    let Some(flags) = input.bytes().next().filter(u8::is_ascii) else { return };
    let (modes, text) = (Modes { ansi_quotes: flags & 1 != 0, no_backslash_escapes: flags & 2 != 0 }, &input[1..]);
    let Ok(script) = split(text, modes) else { return };
    let joined: String = script.pieces().iter().map(|piece| &text[piece.span.clone()]).collect();
    assert_eq!(joined, text);
    for statement in script.statements() {
        let sql = script.text(statement);
        assert_eq!(sql.trim(), sql);
        assert!(!sql.is_empty());
        hazards(&Kind::of(sql, statement.modes), sql, statement.modes);
        let _ = (names(sql, statement.modes), variables(sql, statement.modes), takes_away(sql, statement.modes));
    }
});
