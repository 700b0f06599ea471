//! Colours, moments, and the line of a file with a caret.

use crate::error::Place;
use crate::report::format::plain;
use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr;

pub(super) const BOLD: Style = Style::new().bold();
pub(super) const RED: Style = AnsiColor::Red.on_default().bold();
pub(super) const GREEN: Style = AnsiColor::Green.on_default();
pub(super) const YELLOW: Style = AnsiColor::Yellow.on_default();

pub(super) fn paint(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// RFC 3339 without the fraction of a second.
pub(super) fn moment(stamp: &str) -> String {
    let mut stamp = stamp.replacen('T', " ", 1);
    if let Some(dot) = stamp.find('.') {
        let digits = stamp[dot + 1..].bytes().take_while(u8::is_ascii_digit).count();
        stamp.replace_range(dot..=dot + digits, "");
    }
    stamp
}

/// The line itself with a caret, cut to what fits: a line of a dump can be megabytes long.
pub(super) fn place(place: &Place) -> String {
    const WIDTH: usize = 100;
    let line = plain(&place.text).replace('\t', " ");
    let column = place.column as usize - 1;
    let start = if column > WIDTH - 20 { column - 20 } else { 0 };
    let shown: String = line.chars().skip(start).take(WIDTH).collect();
    let before: String = shown.chars().take(column - start).collect();
    let number = place.line.to_string();
    let gutter = " ".repeat(number.len());
    format!(
        "{gutter}--> {}:{}:{}\n{number} | {shown}\n{gutter} | {}^\n",
        place.path,
        place.line,
        place.column,
        " ".repeat(before.width())
    )
}
