//! Who runs uturn, for the audit trail: what the operating system knows, and not what $USER claims.

use uzers::{get_current_uid, get_user_by_uid};

/// The name of the account, its number where it has none, and behind it the one that called sudo.
pub fn name() -> String {
    let uid = get_current_uid();
    let name = get_user_by_uid(uid).map_or_else(|| uid.to_string(), |user| user.name().to_string_lossy().into_owned());
    match std::env::var("SUDO_USER") {
        Ok(caller) if !caller.is_empty() => format!("{name} ({})", shortened(&caller)),
        Ok(_) | Err(_) => name,
    }
}

/// A variable may hold anything; the column holds 255 characters.
fn shortened(caller: &str) -> String {
    caller.chars().take(64).collect()
}
