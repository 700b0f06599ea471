//! Any text around a password in a database URL: no error and no Debug print shows the password.
#![no_main]

use libfuzzer_sys::fuzz_target;
use uturn::db::connect::Endpoint;
use uturn::db::url;

const PASSWORD: &str = "hunter2";

fuzz_target!(|input: (&str, &str, &str, &str)| {
    let (user, before, after, rest) = input;
    // Where the user ends and what stands behind the password is as people write it. A URL is read without its tabs and
    // ends of line, so the word may not be made by that, either.
    let around = format!("{user}{before}{after}{rest}").replace(['\t', '\r', '\n'], "");
    if user.contains([':', '@', '/', '?', '#', '\\']) || around.contains(PASSWORD) {
        return;
    }
    for scheme in ["mysql", "mariadb", "postgres"] {
        let text = format!("{scheme}://{user}:{before}{PASSWORD}{after}@{rest}");
        match url::parse(&text) {
            Err(error) => {
                let told = format!("{error} {error:?}");
                assert!(!told.contains(PASSWORD), "{text} is told as {told}");
            }
            Ok(access) => {
                assert!(access.password.is_set(), "{text} became {access:?}");
                assert!(!format!("{access:?} {access}").contains(PASSWORD), "{text} became {access:?}");
                assert!(!access.database.is_empty());
                if let Endpoint::Tcp(host, _) = &access.endpoint {
                    assert!(!host.is_empty());
                }
            }
        }
    }
    // And without anything known of it.
    let _ = url::parse(rest);
});
