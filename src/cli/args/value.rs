//! How values are written.

use clap::builder::{StringValueParser, TypedValueParser};
use clap::{Arg, Command};
use std::ffi::OsStr;
use std::time::Duration;

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
