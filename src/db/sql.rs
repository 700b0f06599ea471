//! Quoting, in one place. What is written here reads the same under every sql_mode and character set that a migration
//! may have left in the session.

/// An identifier.
pub fn ident(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// A table of a schema.
pub fn table(schema: &str, name: &str) -> String {
    format!("{}.{}", ident(schema), ident(name))
}

/// A text value. Plain words stay readable in the server's log; everything else goes as hexadecimal digits, which no
/// sql_mode (NO_BACKSLASH_ESCAPES, ANSI_QUOTES) and no connection character set can change.
pub fn text(value: &str) -> String {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b" _-.:,@/()=".contains(&b);
    if value.bytes().all(is_plain) { format!("'{value}'") } else { format!("_utf8mb4 {}", bytes(value.as_bytes())) }
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
        assert_eq!(super::text("it's"), "_utf8mb4 X'69742773'");
        assert_eq!(super::text(r"a\"), r"_utf8mb4 X'615C'");
        assert_eq!(super::ident("a`b"), "`a``b`");
    }
}
