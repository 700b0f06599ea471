//! Any bytes as a settings file: they are taken or refused, without a panic, and no refusal shows the password in them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::cell::RefCell;
use std::ffi::OsString;
use std::io::{Seek, Write};
use uturn::cli::env_file::load;

const PASSWORD: &str = "hunter2";

thread_local! {
    static FILE: RefCell<std::fs::File> = RefCell::new(std::fs::File::create(path()).expect("it can be made"));
}

fn path() -> String {
    let folder = if std::path::Path::new("/dev/shm").is_dir() { "/dev/shm" } else { "/tmp" };
    format!("{folder}/uturn-fuzz-env.{}", std::process::id())
}

fuzz_target!(|input: (&[u8], &[u8])| {
    let (before, after) = input;
    let known: Vec<OsString> = std::env::vars_os().map(|(name, _)| name).collect();
    FILE.with_borrow_mut(|file| {
        file.set_len(0).and_then(|()| file.rewind()).expect("it is ours");
        let text = [before, b"\nDB_PASSWORD=", PASSWORD.as_bytes(), after].concat();
        file.write_all(&text).expect("it is ours");
    });
    if let Err(error) = load(&["uturn".to_owned(), "--env-file".to_owned(), path()]) {
        let told = format!("{error} {error:?}");
        assert!(!told.contains(PASSWORD), "{told}");
    }
    let new = std::env::vars_os().map(|(name, _)| name).filter(|name| !known.contains(name));
    for name in new.collect::<Vec<_>>() {
        // SAFETY: the fuzzer runs one input at a time, and no other thread reads the environment.
        unsafe { std::env::remove_var(name) };
    }
});
