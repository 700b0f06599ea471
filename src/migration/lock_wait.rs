//! How patient a statement is with other sessions' locks.
//!
//! A DDL statement that waits for a table makes everybody behind it wait, too. So it waits for a short time, lets the
//! queue go, and comes back after a pause.

use crate::script::directive::{self, What};
use crate::script::split::{Script, ScriptError};
use std::time::Duration;

/// How long a wait lasts, and how often it is begun again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// One wait.
    pub timeout: Duration,
    /// Further tries.
    pub retries: u32,
}

/// What a script asks for itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// `-- uturn: lock-timeout 30s`
    pub timeout: Option<Duration>,
    /// `-- uturn: lock-retries 5`
    pub retries: Option<u32>,
}

/// Between two tries the lock is free for at least as long as it was waited for, and at most about this long.
const LONGEST_PAUSE: Duration = Duration::from_secs(40);

impl Default for Patience {
    /// About six minutes in all.
    fn default() -> Patience {
        Patience { timeout: Duration::from_secs(5), retries: 10 }
    }
}

impl Patience {
    /// As the servers count: in whole seconds, at least one (0 is 1 on MySQL and "never" on MariaDB), at most a year.
    pub fn seconds(&self) -> u64 {
        let whole = self.timeout.as_secs() + u64::from(self.timeout.subsec_nanos() > 0);
        whole.clamp(1, 31_536_000)
    }

    /// The pause behind the nth try, counted from 1: twice as long each time. Chance, any number, moves it by a fifth
    /// at most, so that two runners do not keep meeting.
    pub fn pause(&self, tried: u32, chance: u64) -> Duration {
        let doubled = Duration::from_secs(self.seconds()).saturating_mul(1 << tried.saturating_sub(1).min(16));
        doubled.min(LONGEST_PAUSE).mul_f64(0.8 + (chance % 401) as f64 / 1000.0)
    }

    /// The same, but for what a script wants otherwise.
    pub fn with(self, wish: Wish) -> Patience {
        Patience { timeout: wish.timeout.unwrap_or(self.timeout), retries: wish.retries.unwrap_or(self.retries) }
    }
}

/// What a script asks for in its comments. The last one counts.
pub fn wish(script: &Script) -> Result<Wish, ScriptError> {
    let mut wish = Wish::default();
    for directive in directive::directives(script)? {
        match directive.what {
            What::LockTimeout(timeout) => wish.timeout = Some(timeout),
            What::LockRetries(retries) => wish.retries = Some(retries),
            What::Irreversible { .. } | What::Nothing { .. } | What::Allow { .. } => {}
        }
    }
    Ok(wish)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::lexer::Modes;
    use crate::script::split;

    #[test]
    fn pauses_grow_and_stay_within_a_fifth() {
        let patience = Patience::default();
        let seconds = |tried, chance| patience.pause(tried, chance).as_secs_f64();
        assert_eq!([1, 2, 3, 4, 5, 40].map(|tried| seconds(tried, 200)), [5.0, 10.0, 20.0, 40.0, 40.0, 40.0]);
        assert_eq!((seconds(1, 0), seconds(1, 400), seconds(1, 401)), (4.0, 6.0, 4.0));
    }

    #[test]
    fn a_wait_is_whole_seconds_and_never_none() {
        let seconds = |ms| Patience { timeout: Duration::from_millis(ms), retries: 0 }.seconds();
        assert_eq!([0, 1, 1000, 1001, u64::MAX].map(seconds), [1, 1, 1, 2, 31_536_000]);
    }

    #[test]
    fn a_script_asks_for_its_own() {
        let script =
            "-- uturn: lock-timeout 30s\nALTER TABLE t ADD a INT; # uturn: lock-retries 2\nSELECT '-- uturn: x';";
        let script = split::split(script, Modes::default()).expect("a script");
        let wish = wish(&script).expect("both are known");
        assert_eq!((wish.timeout, wish.retries), (Some(Duration::from_secs(30)), Some(2)));
        assert_eq!(Patience::default().with(Wish { retries: None, ..wish }).retries, 10);
    }
}
