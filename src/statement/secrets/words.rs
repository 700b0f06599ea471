//! The words that secrets are known by.

use memchr::memmem::{self, Finder};
use std::ops::Range;
use std::sync::LazyLock;

/// A text without all of these holds no secret. In lower case.
const MENTIONED: [&str; 27] = [
    "entif",
    "pass",
    "pw",
    "token",
    "hmac",
    "argon2",
    "_key",
    "secret",
    "crypt",
    "encode",
    "decode",
    "kdf",
    "keyring_",
    "asymmetric_",
    "apikey",
    "enckey",
    "cryptkey",
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

/// Whether what is called so holds a password, a key or a token.
pub fn is_secret_name(name: &str) -> bool {
    // What is made of a secret, or stands for it, is one.
    const FORMS: [&str; 14] = [
        "_hash",
        "_value",
        "_digest",
        "_salt",
        "_enc",
        "_encrypted",
        "_plain",
        "_text",
        "_md5",
        "_sha1",
        "_sha256",
        "_bcrypt",
        "_old",
        "_new",
    ];
    const ENDS: [&str; 13] = [
        "password",
        "passwd",
        "passphrase",
        "pwd",
        "secret",
        "secret_id",
        "secretkey",
        "apikey",
        "enckey",
        "cryptkey",
        "token",
        "sst_auth",
        "authentication_string",
    ];
    const NO_PASS: [&str; 5] = ["bypass", "compass", "trespass", "overpass", "underpass"];
    let form = FORMS.iter().find(|form| ends_in(name, form));
    let name = form.map_or(name, |form| &name[..name.len() - form.len()]);
    let is_pass = || ends_in(name, "pass") && !NO_PASS.iter().any(|word| ends_in(name, word));
    let is_pw = || name.eq_ignore_ascii_case("pw") || ends_in(name, "_pw");
    name.len() <= 64 && (ENDS.iter().any(|end| ends_in(name, end)) || is_pass() || is_pw() || is_key(name))
}

/// `api_key`, `stripe_private_key`; not `primary_key`.
fn is_key(name: &str) -> bool {
    const OF: [&str; 18] = [
        "access",
        "aes",
        "api",
        "auth",
        "cipher",
        "crypt",
        "crypto",
        "des",
        "enc",
        "encrypt",
        "encryption",
        "hmac",
        "master",
        "private",
        "rsa",
        "secret",
        "sign",
        "signing",
    ];
    let Some(of) = ends_in(name, "_key").then(|| &name[..name.len() - 4]) else { return false };
    let of = of.rsplit(['_', '-']).next().unwrap_or(of);
    OF.iter().any(|word| of.eq_ignore_ascii_case(word))
}

fn ends_in(name: &str, end: &str) -> bool {
    let start = name.len().checked_sub(end.len());
    start.and_then(|start| name.get(start..)).is_some_and(|tail| tail.eq_ignore_ascii_case(end))
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
    // Such as somebody has written.
    let contains =
        |part: &str| word.as_bytes().windows(part.len()).any(|one| one.eq_ignore_ascii_case(part.as_bytes()));
    FUNCTIONS.iter().any(|function| word.eq_ignore_ascii_case(function))
        || ["hmac", "encrypt", "decrypt", "bcrypt", "scrypt", "pbkdf", "argon2"].iter().any(|part| contains(part))
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

/// The passwords of lists of options, `user=root,password=…`, `UID=root;PWD=…`: tables of CONNECT have them.
pub fn of_options(text: &str) -> Vec<Range<usize>> {
    memchr::memchr_iter(b'=', text.as_bytes()).filter_map(|at| of_option(text, at)).collect()
}

fn of_option(text: &str, equals: usize) -> Option<Range<usize>> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let name = &text[..equals];
    let name = &name[name.trim_end_matches(is_name).len()..];
    let rest = &text[equals + 1..];
    let length = rest.find(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '&' | '\'' | '"' | '`' | '(' | ')'));
    let value = &rest[..length.unwrap_or(rest.len())];
    // A placeholder, a switch, or an expression of SQL.
    let is_none = value.len() < 2 || value.starts_with(['@', '?', ':', '$', '<']) || value.eq_ignore_ascii_case("NULL");
    let is_call = length.is_some_and(|length| rest[length..].starts_with('('));
    (is_secret_name(name) && !is_none && !is_call).then_some(equals + 1..equals + 1 + value.len())
}
