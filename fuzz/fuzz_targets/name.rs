//! Any text as a file's name: what is accepted is printed again as it was, and refinery gets a name that it does not cut.
#![no_main]

use libfuzzer_sys::fuzz_target;
use uturn::migration::name::{Name, Version};

fuzz_target!(|text: &str| {
    if let Ok(version) = Version::parse(text) {
        assert_eq!(format!("{version:014}"), text);
    }
    if let Ok(name) = Name::parse(text) {
        assert_eq!(name.to_string(), text);
        assert_eq!(Name::parse(name.stem()), Ok(name.clone()));
        assert!(!name.history_name().is_empty() && !name.history_name().contains('-'));
        let again = Name::from_history(name.version(), &name.history_name());
        assert_eq!((again.version(), again.history_name()), (name.version(), name.history_name()));
    }
    if let Ok((name, direction)) = Name::of_file(text) {
        assert_eq!(name.file(direction), text);
        assert_eq!(Name::of_file(&name.file(direction)), Ok((name, direction)));
    }
});
