//! The options of a table, as clauses of ALTER TABLE. Only those that differ: ENGINE by itself rebuilds the table.

use std::collections::BTreeMap;

/// What would make one list of options of another.
pub(super) fn clauses(was: &str, is: &str) -> Vec<String> {
    if was == is {
        return Vec::new();
    }
    let (was, is) = (Options::of(was), Options::of(is));
    let mut found = Vec::new();
    if was.charset != is.charset {
        found.push(format!("DEFAULT {}", was.charset.join(" ")));
    }
    let changed = was.named.iter().filter(|(name, value)| is.named.get(*name) != Some(value));
    found.extend(changed.map(|(name, value)| format!("{name}={value}")));
    let added = is.named.iter().filter(|(name, _)| !was.named.contains_key(*name));
    found.extend(added.map(|(name, value)| format!("{name}={}", none(name, value))));
    match (was.is_versioned, is.is_versioned) {
        (true, false) => found.push("ADD SYSTEM VERSIONING".to_owned()),
        (false, true) => found.push("DROP SYSTEM VERSIONING".to_owned()),
        (true, true) | (false, false) => {}
    }
    found
}

/// The value that takes an option back.
fn none(name: &str, value: &str) -> &'static str {
    match name {
        "COMPRESSION" => "'NONE'",
        "ENCRYPTION" => "'N'",
        "COMMENT" | "CONNECTION" => "''",
        "ROW_FORMAT" | "STATS_PERSISTENT" | "STATS_AUTO_RECALC" | "STATS_SAMPLE_PAGES" | "PACK_KEYS" => "DEFAULT",
        // An attribute of an engine of MariaDB.
        _ if name.starts_with('`') || !value.bytes().all(|byte| byte.is_ascii_digit()) => "DEFAULT",
        _ => "0",
    }
}

#[derive(Default)]
struct Options {
    /// `CHARSET=…`, `COLLATE=…`.
    charset: Vec<String>,
    named: BTreeMap<String, String>,
    is_versioned: bool,
}

impl Options {
    fn of(text: &str) -> Options {
        let mut options = Options::default();
        for word in words(text) {
            match word.split_once('=') {
                Some(("CHARSET" | "COLLATE", _)) => options.charset.push(word.to_owned()),
                Some((name, value)) => {
                    options.named.insert(name.to_owned(), value.to_owned());
                }
                None => options.is_versioned |= word == "VERSIONING",
            }
        }
        options
    }
}

/// Split at blanks, but not within quotes, where the quote itself stands twice or after a backslash.
fn words(text: &str) -> Vec<&str> {
    let (mut found, mut start, mut quote, mut is_escaped) = (Vec::new(), 0, None, false);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, '\'' | '`') => quote = Some(c),
            (None, ' ') => {
                found.push(&text[start..at]);
                start = at + 1;
            }
            (Some('\''), '\\') => {
                is_escaped = !is_escaped;
                continue;
            }
            (Some(open), _) if open == c && !is_escaped => quote = None,
            (None | Some(_), _) => {}
        }
        is_escaped = false;
    }
    found.push(&text[start..]);
    found.into_iter().filter(|word| !word.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_set() {
        for (was, is, expected) in [
            ("ENGINE=InnoDB", "ENGINE=InnoDB COMMENT='it''s a \\' b'", vec!["COMMENT=''"]),
            ("ENGINE=InnoDB COMMENT='a b'", "ENGINE=InnoDB COMMENT='a  b'", vec!["COMMENT='a b'"]),
            (
                "ENGINE=InnoDB DEFAULT CHARSET=latin1",
                "ENGINE=MyISAM DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin",
                vec!["DEFAULT CHARSET=latin1", "ENGINE=InnoDB"],
            ),
            (
                "ENGINE=InnoDB",
                "ENGINE=InnoDB ROW_FORMAT=COMPACT KEY_BLOCK_SIZE=4",
                vec!["KEY_BLOCK_SIZE=0", "ROW_FORMAT=DEFAULT"],
            ),
            ("ENGINE=InnoDB WITH SYSTEM VERSIONING", "ENGINE=InnoDB", vec!["ADD SYSTEM VERSIONING"]),
        ] {
            assert_eq!(clauses(was, is), expected, "{is} -> {was}");
        }
    }
}
