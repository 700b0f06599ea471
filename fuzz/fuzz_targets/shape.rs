//! Any statement: what is looked at instead of an INSERT of many rows is one statement of the same kind, names the same
//! objects, and is its own sample.
#![no_main]

use libfuzzer_sys::fuzz_target;
use uturn::script::lexer::Modes;
use uturn::script::split::split;
use uturn::statement::class::Kind;
use uturn::statement::insert_pattern::Insert;
use uturn::statement::names::names;

fuzz_target!(|input: &str| {
    let Some(flags) = input.bytes().next().filter(u8::is_ascii) else { return };
    let (modes, text) = (Modes { ansi_quotes: flags & 1 != 0, no_backslash_escapes: flags & 2 != 0 }, &input[1..]);
    let Ok(script) = split(text, modes) else { return };
    for statement in script.statements() {
        let (sql, modes) = (script.text(statement), statement.modes);
        let Some(insert) = Insert::of(sql, modes) else { continue };
        let sample = insert.sample(sql);
        assert!(sample.len() <= sql.len());
        assert_eq!(names(&sample, modes), names(sql, modes), "{sql}");
        assert!(matches!((Kind::of(sql, modes), Kind::of(&sample, modes)), (Kind::Dml, Kind::Dml)), "{sql}");
        let again = Insert::of(&sample, modes).unwrap_or_else(|| panic!("{sample} is none, {sql} is"));
        assert_eq!(again.sample(&sample), sample);
        let cut = split(&sample, modes).unwrap_or_else(|error| panic!("{sample}: {error:?}"));
        assert_eq!(cut.statements().len(), 1, "{sample}");
    }
});
