//! Named points at which a test stops, kills or delays uturn. Without the feature `failpoints` there are none.
//!
//! `UTURN_FAILPOINT=NAME[:N]` aborts the process when the point is reached for the Nth time; `NAME:N:pause` writes the
//! file that `UTURN_FAILPOINT_FILE` names and goes on when it is gone.

use std::time::Duration;

/// How long the server keeps the locks of a host that has vanished without a word: five minutes. Tests have less time,
/// and say so in seconds, in `UTURN_FAILPOINT_SILENCE`.
pub fn silence() -> Duration {
    #[cfg(feature = "failpoints")]
    if let Some(seconds) = std::env::var("UTURN_FAILPOINT_SILENCE").ok().and_then(|text| text.parse().ok()) {
        return Duration::from_secs(seconds);
    }
    Duration::from_secs(300)
}

/// How long the executing session may be idle before nothing is expected of it any more; longer than the longest pause
/// between two tries for a lock (`model::patience`).
pub fn idle() -> Duration {
    #[cfg(feature = "failpoints")]
    if let Some(seconds) = std::env::var("UTURN_FAILPOINT_IDLE").ok().and_then(|text| text.parse().ok()) {
        return Duration::from_secs(seconds);
    }
    Duration::from_secs(60)
}

/// Between an intent and its statement. Where a test waits for it, the two are sent one after the other.
pub const AFTER_INTENT: &str = "ddl.after_intent";

/// Whether a test waits for this point: it is not passed by then.
#[cfg(not(feature = "failpoints"))]
#[inline(always)]
pub fn is_set(_name: &str) -> bool {
    false
}

/// Whether a test waits for this point: it is not passed by then.
#[cfg(feature = "failpoints")]
pub fn is_set(name: &str) -> bool {
    std::env::var("UTURN_FAILPOINT").is_ok_and(|wanted| wanted.split(':').next() == Some(name))
}

/// Marks a point.
#[cfg(not(feature = "failpoints"))]
#[inline(always)]
pub fn reach(_name: &str) {}

/// Marks a point.
#[cfg(feature = "failpoints")]
pub fn reach(name: &str) {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static REACHED: AtomicUsize = AtomicUsize::new(0);
    if let Ok(path) = std::env::var("UTURN_FAILPOINT_TRACE") {
        use std::io::Write;
        let file = std::fs::OpenOptions::new().append(true).create(true).open(path);
        file.and_then(|mut file| writeln!(file, "{name}")).expect("the trace can be written");
    }
    let Ok(wanted) = std::env::var("UTURN_FAILPOINT") else { return };
    let mut parts = wanted.split(':');
    if parts.next() != Some(name) {
        return;
    }
    let count: usize = parts.next().and_then(|n| n.parse().ok()).unwrap_or(1);
    if REACHED.fetch_add(1, Ordering::SeqCst) + 1 != count {
        return;
    }
    if parts.next() != Some("pause") {
        std::process::abort();
    }
    let file = std::env::var("UTURN_FAILPOINT_FILE").expect("a pause names its file");
    std::fs::write(&file, name).expect("the pause's file can be written");
    while std::path::Path::new(&file).exists() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}
