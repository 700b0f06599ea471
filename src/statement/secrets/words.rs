//! The words that secrets are known by.

use memchr::memmem::{self, Finder};
use std::ops::Range;
use std::sync::LazyLock;

/// A text without all of these holds no secret. In lower case.
const MENTIONED: [&str; 25] = [
    "entif",
    "pass",
    "pwd",
    "@pw",
    "secret",
    "crypt",
    "encode",
    "decode",
    "kdf",
    "keyring_",
    "asymmetric_",
    "ion_key",
    "private_key",
    "api_key",
    "access_key",
    "sst_auth",
    "authentication_string",
    "://",
    "create user",
    "alter user",
    "replace user",
    "by '",
    "by \"",
    "md5",
    "sha",
];

static FINDERS: LazyLock<Vec<Finder<'static>>> =
    LazyLock::new(|| MENTIONED.iter().map(|word| Finder::new(word.as_bytes())).collect());

/// Whether a text needs to be looked through at all.
pub fn mentions(text: &str) -> bool {
    const AT_ONCE: usize = 32 * 1024;
    const LONGEST: usize = 32;
    let bytes = text.as_bytes();
    let pieces = (0..bytes.len()).step_by(AT_ONCE);
    pieces.map(|from| &bytes[from..bytes.len().min(from + AT_ONCE + LONGEST)]).any(|piece| {
        let lower = piece.to_ascii_lowercase();
        FINDERS.iter().any(|finder| finder.find(&lower).is_some())
    })
}

/// Whether what is called so holds a password or a key.
pub fn is_secret_name(name: &str) -> bool {
    const ENDS: [&str; 10] = [
        "password",
        "passwd",
        "passphrase",
        "pwd",
        "secret",
        "secret_id",
        "secret_key",
        "encryption_key",
        "private_key",
        "sst_auth",
    ];
    const WHOLE: [&str; 5] = ["pass", "pw", "api_key", "access_key", "authentication_string"];
    let ends_in = |end: &&str| {
        let start = name.len().checked_sub(end.len());
        start.and_then(|start| name.get(start..)).is_some_and(|tail| tail.eq_ignore_ascii_case(end))
    };
    name.len() <= 64 && ENDS.iter().any(ends_in) || WHOLE.iter().any(|whole| name.eq_ignore_ascii_case(whole))
}

/// Whether a function's arguments hold a password or a key.
pub fn function(word: &str) -> bool {
    const FUNCTIONS: [&str; 21] = [
        "ENCRYPT",
        "AES_ENCRYPT",
        "AES_DECRYPT",
        "DES_ENCRYPT",
        "DES_DECRYPT",
        "ENCODE",
        "DECODE",
        "DECODE_ORACLE",
        "KDF",
        "MD5",
        "SHA",
        "SHA1",
        "SHA2",
        "VALIDATE_PASSWORD_STRENGTH",
        "KEYRING_KEY_STORE",
        "AUDIT_LOG_ENCRYPTION_PASSWORD_SET",
        "ASYMMETRIC_ENCRYPT",
        "ASYMMETRIC_DECRYPT",
        "ASYMMETRIC_SIGN",
        "CREATE_ASYMMETRIC_PUB_KEY",
        "ASYMMETRIC_DERIVE",
    ];
    FUNCTIONS.iter().any(|function| word.eq_ignore_ascii_case(function))
}

/// Whether USER behind it begins a statement about accounts.
pub fn makes(before: &str) -> bool {
    ["CREATE", "ALTER", "REPLACE"].iter().any(|verb| before.eq_ignore_ascii_case(verb))
}

/// Whether BY behind it stands before no secret.
pub fn sorts(before: &str) -> bool {
    const OTHERS: [&str; 9] =
        ["ORDER", "GROUP", "PARTITION", "SUBPARTITION", "TERMINATED", "ENCLOSED", "ESCAPED", "STARTING", "INCREMENT"];
    OTHERS.iter().any(|other| before.eq_ignore_ascii_case(other))
}

/// Whether a text is whole, or was cut at its end.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It is all.
    Whole,
    /// There was more.
    Cut,
}

/// The passwords of URLs, `mysql://user:password@host`: tables of FEDERATED and CONNECT have them.
pub fn of_urls(text: &str, end: End) -> Vec<Range<usize>> {
    memmem::find_iter(text.as_bytes(), b"://").filter_map(|at| of_url(text, at + 3, end)).collect()
}

fn of_url(text: &str, start: usize, end: End) -> Option<Range<usize>> {
    let rest = &text[start..];
    let length = rest.find(|c: char| c.is_whitespace() || matches!(c, '\'' | '"' | '`')).unwrap_or(rest.len());
    // A password may hold `@` and `/`, a host may not.
    let at = match (rest[..length].rfind('@'), end) {
        (Some(at), _) => at,
        (None, End::Cut) if length == rest.len() => length,
        (None, _) => return None,
    };
    let colon = rest[..at].find(':')?;
    (colon + 1 < at).then_some(start + colon + 1..start + at)
}
