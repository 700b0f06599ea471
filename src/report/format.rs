//! Plurals, durations, and text from outside that must not reach a terminal as it is.

use std::time::Duration;

/// `1 row`, `3 rows`.
pub fn count(number: u64, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{} {one}s", thousands(number)) }
}

/// `12,345`.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `512 bytes`, `410.0 MiB`.
pub fn bytes(number: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    let power = (number.max(1).ilog2() as usize / 10).min(UNITS.len());
    match power.checked_sub(1) {
        None => count(number, "byte"),
        Some(unit) => format!("{:.1} {}", number as f64 / 1024_f64.powi(power as i32), UNITS[unit]),
    }
}

/// `12 ms`, `3.4 s`, `2 min 5 s`.
pub fn elapsed(time: Duration) -> String {
    match time.as_millis() {
        0..1_000 => format!("{} ms", time.as_millis()),
        1_000..60_000 => format!("{:.1} s", time.as_secs_f64()),
        _ => format!("{} min {} s", time.as_secs() / 60, time.as_secs() % 60),
    }
}

/// Control characters become visible: a server's message or a file's line must not move the cursor.
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => out.push(c),
            c if c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') => {
                out.extend(c.escape_unicode());
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_times_read_as_a_person_says_them() {
        assert_eq!(
            (count(1, "row"), count(0, "row"), count(1_234_567, "row")),
            ("1 row".into(), "0 rows".into(), "1,234,567 rows".into())
        );
        assert_eq!((bytes(0), bytes(1), bytes(1536)), ("0 bytes".into(), "1 byte".into(), "1.5 KiB".into()));
        assert_eq!((bytes(1 << 30), bytes(u64::MAX)), ("1.0 GiB".into(), "16384.0 PiB".into()));
        assert_eq!(elapsed(Duration::from_millis(999)), "999 ms");
        assert_eq!(elapsed(Duration::from_millis(3_400)), "3.4 s");
        assert_eq!(elapsed(Duration::from_secs(125)), "2 min 5 s");
    }

    #[test]
    fn control_characters_become_visible() {
        assert_eq!(plain("a\u{1b}[31mb\r\n"), "a\\u{1b}[31mb\\u{d}\n");
    }
}
