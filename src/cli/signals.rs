//! SIGINT and SIGTERM. They end the process at once as long as nothing runs: while it connects, waits for a lock, or asks.
//! From the first statement on they are counted, and whoever runs statements asks for the count.

use crate::error::Kind;
use crate::event::Signal;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// What was heard so far.
pub struct Signals {
    idle: Arc<AtomicBool>,
    interrupt: Arc<AtomicBool>,
    terminate: Arc<AtomicBool>,
    heard: Mutex<Option<(Signal, u32)>>,
}

impl Signals {
    /// Listens from now on.
    pub fn watch() -> Signals {
        let idle = Arc::new(AtomicBool::new(true));
        let signals = Signals { idle, interrupt: Arc::default(), terminate: Arc::default(), heard: Mutex::default() };
        for (number, flag, kind) in [
            (signal_hook::consts::SIGINT, &signals.interrupt, Kind::Interrupted),
            (signal_hook::consts::SIGTERM, &signals.terminate, Kind::Terminated),
        ] {
            let code = i32::from(kind.exit_code());
            let watched = signal_hook::flag::register_conditional_shutdown(number, code, Arc::clone(&signals.idle))
                .and_then(|_| signal_hook::flag::register(number, Arc::clone(flag)));
            if let Err(error) = watched {
                log::warn!("signal {number} cannot be watched: {error}");
            }
        }
        signals
    }

    /// From now on signals are counted.
    pub fn begin(&self) {
        self.idle.store(false, Ordering::SeqCst);
    }

    /// The first one, and how many. Asked often: two of a kind that come between two questions count once.
    pub fn heard(&self) -> Option<(Signal, u32)> {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        for (flag, signal) in [(&self.terminate, Signal::Terminate), (&self.interrupt, Signal::Interrupt)] {
            if flag.swap(false, Ordering::SeqCst) {
                let (first, times) = heard.unwrap_or((signal, 0));
                *heard = Some((first, times + 1));
            }
        }
        *heard
    }
}
