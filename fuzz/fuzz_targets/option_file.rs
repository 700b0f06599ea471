//! Any bytes as an option file: it is taken or refused, without a panic, and neither shows the password in it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::path::PathBuf;
use uturn::cli::option_file;

const PASSWORD: &str = "hunter2";

fn path() -> PathBuf {
    let folder = if std::path::Path::new("/dev/shm").is_dir() { "/dev/shm" } else { "/tmp" };
    format!("{folder}/uturn-fuzz-cnf.{}", std::process::id()).into()
}

fuzz_target!(|input: (&[u8], &[u8])| {
    let (before, after) = input;
    // What it includes is not for the fuzzer to choose.
    if [before, after].iter().any(|part| part.contains(&b'!')) {
        return;
    }
    let text = [b"[client]\n", before, b"\npassword=", PASSWORD.as_bytes(), after].concat();
    std::fs::write(path(), &text).expect("it is ours");
    let told = match option_file::read(&path()) {
        Ok(read) => format!("{read:?}"),
        Err(error) => format!("{error} {error:?}"),
    };
    assert!(!told.contains(PASSWORD), "{told}");
});
