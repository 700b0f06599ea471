//! How values are written.

use clap::builder::{StringValueParser, TypedValueParser};
use clap::{Arg, Command};
use std::ffi::OsStr;
use std::time::Duration;
use time::PrimitiveDateTime;

/// A switch that a variable can set as well: `UTURN_YES=1`. A word that is neither yes nor no is an error, never a yes.
pub fn switch() -> Switch {
    Switch
}

/// Reads the value of a switch's variable: a switch that is typed has none.
#[derive(Clone, Copy, Debug)]
pub struct Switch;

impl TypedValueParser for Switch {
    type Value = bool;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<bool, clap::Error> {
        let variable = arg.and_then(Arg::get_env).unwrap_or_default().to_string_lossy().into_owned();
        let known = move |word: String| {
            on_or_off(&word).ok_or_else(|| format!("{variable} is 1, true, yes or on, or 0, false, no or off"))
        };
        StringValueParser::new().try_map(known).parse_ref(command, arg, value)
    }
}

fn on_or_off(word: &str) -> Option<bool> {
    match word.trim().to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" | "y" | "t" => Some(true),
        "" | "0" | "false" | "no" | "off" | "n" | "f" => Some(false),
        _ => None,
    }
}

/// `500ms`, `30s`, `2m`, `1h`, or seconds.
pub fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().map_err(|_| "give a time such as 500ms, 30s, 2m or 1h".to_owned())?;
    let milliseconds = match unit {
        "ms" => 1,
        "" | "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return Err(format!("`{unit}` is no unit of time; use ms, s, m or h")),
    };
    number.checked_mul(milliseconds).map(Duration::from_millis).ok_or_else(|| "that is too long".to_owned())
}

/// A moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// So long before now.
    Ago(Duration),
    /// In UTC.
    At(PrimitiveDateTime),
}

/// `30m`, `24h`, `7d`; `2026-11-24`, `2026-11-24 10:30`, `2026-11-24T10:30:00Z`.
pub fn since(text: &str) -> Result<Since, String> {
    let words = "give a time such as 24h or 7d, 2026-11-24 or 2026-11-24T10:30:00Z";
    if let Some(days) = text.strip_suffix('d').and_then(|days| days.parse::<u64>().ok()) {
        let seconds = days.checked_mul(86_400).ok_or("that is too long")?;
        return Ok(Since::Ago(Duration::from_secs(seconds)));
    }
    if !text.contains('-') {
        return duration(text).map(Since::Ago).map_err(|_| words.to_owned());
    }
    let full = match text.trim_end_matches('Z').replacen('T', " ", 1) {
        day if day.len() == 10 => format!("{day} 00:00:00"),
        minute if minute.len() == 16 => format!("{minute}:00"),
        full => full,
    };
    let form = time::macros::format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
    PrimitiveDateTime::parse(&full, form).map(Since::At).map_err(|_| words.to_owned())
}

/// `500MiB`, `1GiB`, `2GB`, or bytes.
pub fn size(text: &str) -> Result<u64, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().map_err(|_| "give a size such as 500MiB, 1GiB, or bytes".to_owned())?;
    let bytes = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kib" | "k" => 1 << 10,
        "mib" | "m" => 1 << 20,
        "gib" | "g" => 1 << 30,
        "tib" | "t" => 1 << 40,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "tb" => 1_000_000_000_000,
        _ => return Err(format!("`{unit}` is no unit of size; use KiB, MiB, GiB or TiB")),
    };
    number.checked_mul(bytes).ok_or_else(|| "that is too large".to_owned())
}
