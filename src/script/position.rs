//! Where something stands in a file, as editors count it.

use std::fmt;

/// A place in a text: both numbers start at 1, a column is a character, a tab is one column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line; only `\n` ends one.
    pub line: u32,
    /// The character within the line. A byte order mark at the start of the file is not counted.
    pub column: u32,
}

impl Position {
    /// The first character of a text.
    pub const START: Position = Position { line: 1, column: 1 };

    /// The place of the byte at `offset`; beyond the end counts as the end.
    pub fn of(text: &str, offset: usize) -> Position {
        Ruler::new(text).at(offset)
    }

    /// The whole line this place is on, without its line end.
    pub fn line_of(self, text: &str) -> &str {
        let line = text.split('\n').nth(self.line as usize - 1).unwrap_or("");
        line.strip_prefix('\u{feff}').unwrap_or(line).trim_end_matches('\r')
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// Measures ascending offsets; each byte is looked at once however often it is asked.
#[derive(Debug)]
pub(crate) struct Ruler<'a> {
    bytes: &'a [u8],
    offset: usize,
    position: Position,
}

impl<'a> Ruler<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        let offset = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        Ruler { bytes: text.as_bytes(), offset, position: Position::START }
    }

    /// The position of `offset`, which must not lie before the one asked for last.
    pub(crate) fn at(&mut self, offset: usize) -> Position {
        let offset = offset.clamp(self.offset, self.bytes.len());
        let passed = &self.bytes[self.offset..offset];
        let mut rest = passed;
        if let Some(newline) = memchr::memrchr(b'\n', passed) {
            self.position.line += memchr::memchr_iter(b'\n', passed).count() as u32;
            self.position.column = 1;
            rest = &passed[newline + 1..];
        }
        self.position.column += rest.iter().filter(|&&byte| !is_continuation(byte)).count() as u32;
        self.offset = offset;
        self.position
    }
}

/// The second and further bytes of a UTF-8 character.
fn is_continuation(byte: u8) -> bool {
    byte & 0xC0 == 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_characters_not_bytes() {
        let text = "a\u{e9}b\n\t\u{1f600}x";
        let x = text.find('x').expect("it is there");
        assert_eq!(Position::of(text, x), Position { line: 2, column: 3 });
        assert_eq!(Position::of(text, 3), Position { line: 1, column: 3 });
        assert_eq!(Position::of(text, 999), Position { line: 2, column: 4 });
    }

    #[test]
    fn a_byte_order_mark_is_no_column() {
        let text = "\u{feff}ab\r\ncd";
        assert_eq!(Position::of(text, 4), Position { line: 1, column: 2 });
        assert_eq!(Position::of(text, 0), Position::START);
        assert_eq!(Position::START.line_of(text), "ab");
        assert_eq!(Position { line: 2, column: 1 }.line_of(text), "cd");
    }
}
