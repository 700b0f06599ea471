//! Any two scripts as a migration: `check` looks at them without a panic, says the same each time, and every place that it
//! names is in the file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use uturn::lint::check;
use uturn::migration::pair::{File, pair};

fuzz_target!(|input: &str| {
    // A seed is an up, a line of its own, and a down.
    let (up, down) = input.split_once("\n--- down\n").unwrap_or((input, "DROP TABLE t;\n"));
    let files = || {
        [("up", up), ("down", down)]
            .map(|(way, text)| File { path: format!("20260101000000-m.{way}.sql"), text: text.to_owned().into() })
            .to_vec()
    };
    let pairs = pair(files().into_iter().map(Ok).collect());
    let checked = check(&pairs.migrations, pairs.faults());
    assert_eq!(checked, check(&pairs.migrations, pairs.faults()));
    for finding in &checked.findings {
        assert!(!format!("{:?}", finding.risk).is_empty());
        let text = if finding.path.ends_with(".up.sql") { up } else { down };
        if let Some((_, line)) = &finding.place {
            assert!(text.contains(line.trim_end()), "{finding:?} is not in {text:?}");
        }
    }
});
