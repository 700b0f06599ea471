//! Any statement: it is read without a panic, the same each time, and the spans of its tokens, with nothing but white space and
//! comments between them, give the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use uturn::script::lexer::{Kind, Lexer, Modes};
use uturn::statement::Statement;

fuzz_target!(|input: &str| {
    let Some(flags) = input.bytes().next().filter(u8::is_ascii) else { return };
    let (modes, sql) = (Modes { ansi_quotes: flags & 1 != 0, no_backslash_escapes: flags & 2 != 0 }, &input[1..]);
    let tree = Statement::parse(sql, modes);
    assert_eq!(format!("{tree:?}"), format!("{:?}", Statement::parse(sql, modes)));
    let is_code = |kind: Kind| !kind.is_trivia() && !matches!(kind, Kind::ExecOpen | Kind::ExecClose);
    let spans = Lexer::new(sql, modes).filter(|token| is_code(token.kind)).map(|token| token.span);
    assert!(tree.spans().eq(spans), "{sql}");
});
