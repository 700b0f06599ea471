//! Text and bytes.

use crate::sample_rows::rng::Dice;
use crate::sample_rows::value::Value;

/// The longest value that is made, though LONGTEXT takes 4 GiB: more than TEXT takes, so that a MEDIUMTEXT or LONGTEXT that
/// becomes a TEXT is found.
const LONGEST: u64 = 70_000;

/// Past this the second of two alike values is shorter: they stay alike in every index, which takes 3072 bytes.
const ALIKE: u64 = 3_072;

const SYLLABLES: [&str; 16] =
    ["la", "ri", "no", "ka", "to", "me", "su", "vi", "da", "pe", "jo", "wi", "ze", "bu", "fa", "go"];

/// A column of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// The least characters.
    pub least: u64,
    /// The most characters.
    pub most: u64,
    /// The most bytes.
    pub bytes: u64,
    /// Characters beyond ASCII that its character set has.
    pub beyond: &'static [char],
    /// Whether the column is cheap enough to be full in each batch of rows; a TEXT is only in the first.
    pub short: bool,
    /// What a CHECK wants it to look like: patterns of LIKE.
    pub patterns: Vec<String>,
}

/// Characters beyond ASCII of a collation's character set, those of one byte, three and four first to last.
pub fn beyond(collation: &str) -> &'static [char] {
    match collation.split('_').next().unwrap_or_default() {
        "utf8mb4" | "utf16" | "utf16le" | "utf32" | "gb18030" => &['é', '字', '🎬'],
        "utf8" | "utf8mb3" | "ucs2" => &['é', '字'],
        "latin1" | "latin2" | "latin5" | "cp1250" | "cp850" | "cp852" | "hp8" => &['é'],
        "cp1251" | "koi8r" | "koi8u" | "cp866" => &['я'],
        "sjis" | "cp932" | "ujis" | "eucjpms" | "gbk" | "gb2312" | "big5" => &['字'],
        _ => &[],
    }
}

impl Words {
    /// So many characters, in so many bytes.
    pub fn new(most: u64, bytes: u64, beyond: &'static [char]) -> Words {
        Words { least: 0, most, bytes, beyond, short: bytes <= 4 * 16_383, patterns: Vec::new() }
    }

    /// The longest; `first` in the table.
    pub fn full(&self, first: bool, dice: &mut Dice) -> Value {
        if let Some(pattern) = self.patterns.first() {
            return Value::Text(like(pattern, dice));
        }
        let more: usize = self.beyond.iter().map(|c| c.len_utf8() - 1).sum();
        let most = self.most.min(LONGEST).min(self.bytes.saturating_sub(more as u64));
        let most = if self.short || first { most } else { most.min(ALIKE) };
        self.of_length(most, dice)
    }

    /// The shortest.
    pub fn least(&self, dice: &mut Dice) -> Value {
        self.of_length(self.least, dice)
    }

    /// One of them.
    pub fn any(&self, dice: &mut Dice) -> Value {
        if let Some(pattern) = dice.pick(&self.patterns).cloned() {
            return Value::Text(like(&pattern, dice));
        }
        let most = self.most.min(self.least + 24).min(self.bytes / 4 + 1);
        let length = dice.between(i128::from(self.least.max(1).min(most)), i128::from(most));
        self.of_length(u64::try_from(length).unwrap_or_default(), dice)
    }

    /// Different for each index below the capacity, within its first `width` characters, in every collation.
    pub fn nth(&self, index: u64, width: Option<u64>, dice: &mut Dice) -> Value {
        let code = code(index, self.digits(width));
        if let Some(pattern) = self.patterns.first() {
            return Value::Text(like(&pattern.replacen('%', &code, 1), dice));
        }
        let more = self.most.min(12).saturating_sub(code.len() as u64);
        let length = (code.len() as u64 + dice.below(more + 1)).max(self.least);
        Value::Text(format!("{code}{}", self.text(length.saturating_sub(code.len() as u64), dice)))
    }

    /// A text made as long as an index takes.
    pub fn stretched(&self, text: String, dice: &mut Dice) -> Value {
        let more: usize = self.beyond.iter().map(|c| c.len_utf8() - 1).sum();
        let most = self.most.min(self.bytes.saturating_sub(more as u64)).min(if self.short { LONGEST } else { ALIKE });
        let length = text.chars().count() as u64;
        if self.patterns.is_empty() {
            Value::Text(text + &self.text(most.saturating_sub(length), dice))
        } else {
            Value::Text(text)
        }
    }

    /// How many different ones `nth` has.
    pub fn capacity(&self, width: Option<u64>) -> u64 {
        36_u64.saturating_pow(self.digits(width))
    }

    fn digits(&self, width: Option<u64>) -> u32 {
        u32::try_from(width.unwrap_or(u64::MAX).min(self.most).min(7)).unwrap_or(7)
    }

    fn of_length(&self, length: u64, dice: &mut Dice) -> Value {
        Value::Text(self.text(length, dice))
    }

    /// Text of exactly so many characters, which ends in those beyond ASCII, and never in a space: CHAR drops it.
    fn text(&self, length: u64, dice: &mut Dice) -> String {
        let length = usize::try_from(length).unwrap_or_default();
        let beyond: String = self.beyond.iter().take(length / 2).collect();
        let plain = length - beyond.chars().count();
        let mut text = String::with_capacity(length + 8);
        while text.len() < plain {
            text.push_str(dice.pick(&SYLLABLES).copied().unwrap_or("la"));
            if dice.one_in(4) && text.len() + 1 < plain {
                text.push(' ');
            }
        }
        text.truncate(plain);
        text + &beyond
    }
}

/// Digits and lower-case letters: no collation takes two of them for one.
fn code(index: u64, digits: u32) -> String {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut rest = index;
    let mut code = vec![b'0'; digits as usize];
    for digit in code.iter_mut().rev() {
        *digit = DIGITS[usize::try_from(rest % 36).unwrap_or_default()];
        rest /= 36;
    }
    code.into_iter().map(char::from).collect()
}

/// A text that a pattern of LIKE takes.
fn like(pattern: &str, dice: &mut Dice) -> String {
    let mut text = String::new();
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        match character {
            '%' => text.push_str(dice.pick(&SYLLABLES).copied().unwrap_or("la")),
            '_' => text.push('x'),
            '\\' => text.extend(characters.next()),
            other => text.push(other),
        }
    }
    text
}

/// A column of bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raw {
    /// The most bytes.
    pub most: u64,
    /// BINARY is always full: the server pads it.
    pub fixed: bool,
}

impl Raw {
    /// The longest; `first` in the table.
    pub fn full(&self, first: bool, dice: &mut Dice) -> Value {
        let most = self.most.min(LONGEST);
        self.of_length(if first || self.most < 65_535 { most } else { most.min(ALIKE) }, dice)
    }

    /// The shortest.
    pub fn least(&self, dice: &mut Dice) -> Value {
        self.of_length(0, dice)
    }

    /// One of them.
    pub fn any(&self, dice: &mut Dice) -> Value {
        let length = dice.below(self.most.min(24)) + 1;
        self.of_length(length, dice)
    }

    /// Different for each index below the capacity, within its first `width` bytes.
    pub fn nth(&self, index: u64, width: Option<u64>, dice: &mut Dice) -> Value {
        let digits = self.digits(width);
        let Value::Bytes(tail) = self.any(dice) else { return Value::Null };
        let mut bytes = index.to_be_bytes()[8 - digits..].to_vec();
        bytes.extend(tail.into_iter().skip(digits));
        bytes.resize(if self.fixed { usize::try_from(self.most).unwrap_or_default() } else { bytes.len() }, 0x2D);
        Value::Bytes(bytes)
    }

    /// How many different ones `nth` has.
    pub fn capacity(&self, width: Option<u64>) -> u64 {
        256_u64.saturating_pow(u32::try_from(self.digits(width)).unwrap_or_default())
    }

    fn digits(&self, width: Option<u64>) -> usize {
        usize::try_from(width.unwrap_or(u64::MAX).min(self.most).min(7)).unwrap_or(7)
    }

    fn of_length(&self, length: u64, dice: &mut Dice) -> Value {
        let length = if self.fixed { self.most } else { length };
        Value::Bytes((0..length).map(|_| dice.roll().to_be_bytes()[0]).collect())
    }
}
