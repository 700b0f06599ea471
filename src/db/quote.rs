//! Quoting, in one place. What is written here reads the same under every sql_mode and character set that a migration
//! may have left in the session.

/// The options of a table, from its SHOW CREATE: behind its columns, unless the sql_mode leaves them out. Partitions stand
/// behind them.
pub fn options(create: &str) -> Option<&str> {
    create.rsplit_once("\n)").map(|(_, options)| options)
}

/// An identifier.
pub fn ident(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 2);
    push_ident(&mut out, name);
    out
}

fn push_ident(out: &mut String, name: &str) {
    out.push('`');
    for (index, part) in name.split('`').enumerate() {
        if index > 0 {
            out.push_str("``");
        }
        out.push_str(part);
    }
    out.push('`');
}

/// A table of a schema.
pub fn table(schema: &str, name: &str) -> String {
    let mut out = String::with_capacity(schema.len() + name.len() + 5);
    push_ident(&mut out, schema);
    out.push('.');
    push_ident(&mut out, name);
    out
}

/// A text value. What is plain stays readable in the server's log; everything else goes as hexadecimal digits, which no
/// sql_mode (NO_BACKSLASH_ESCAPES, ANSI_QUOTES) and no connection character set can change. Some of those sets have other
/// characters in the place of brackets and the like (swe7), so what holds such says how it is to be read.
pub fn text(value: &str) -> String {
    // MariaDB's EMPTY_STRING_IS_NULL means `''`, and not this.
    if value.is_empty() {
        return "X''".to_owned();
    }
    let (mut is_bare, mut is_plain) = (true, true);
    for byte in value.bytes() {
        let is_same_everywhere = matches!(byte,
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b' ' | b'_' | b'-' | b'.' | b':' | b',' | b'/' | b'(' | b')' | b'=');
        is_bare &= is_same_everywhere;
        is_plain &= is_same_everywhere || byte.is_ascii_graphic() && !matches!(byte, b'\'' | b'\\');
    }
    match (is_bare, is_plain) {
        (true, _) => format!("'{value}'"),
        (false, true) => format!("_utf8mb4'{value}'"),
        (false, false) => format!("_utf8mb4 {}", bytes(value.as_bytes())),
    }
}

/// A text value as a person would write it; for reading, and for sessions with the servers' own sql_mode.
pub fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\\', "\\\\").replace('\'', "''"))
}

/// A text value, or NULL.
pub fn maybe_text(value: Option<&str>) -> String {
    value.map_or_else(|| "NULL".to_owned(), text)
}

/// A binary value, or NULL.
pub fn maybe_bytes(value: Option<&[u8]>) -> String {
    value.map_or_else(|| "NULL".to_owned(), bytes)
}

/// A binary value.
pub fn bytes(value: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let mut out = String::with_capacity(value.len() * 2 + 3);
    out.push_str("X'");
    for byte in value {
        out.push(DIGITS[usize::from(byte >> 4)].into());
        out.push(DIGITS[usize::from(byte & 15)].into());
    }
    out.push('\'');
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn values_are_plain_or_hexadecimal() {
        assert_eq!(super::text("20260101-a.b"), "'20260101-a.b'");
        assert_eq!(super::text("{\"a\": [1]}"), "_utf8mb4'{\"a\": [1]}'");
        assert_eq!(super::text(""), "X''");
        assert_eq!(super::text("it's"), "_utf8mb4 X'69742773'");
        assert_eq!(super::text("a\nb"), "_utf8mb4 X'610A62'");
        assert_eq!(super::text(r"a\"), r"_utf8mb4 X'615C'");
        assert_eq!(super::ident("a`b"), "`a``b`");
    }
}
