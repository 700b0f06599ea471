//! Trials that mostly wait, several at a time.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Runs a trial for each item, four at a time. The first panic ends the test.
pub fn by_side<T: Sync>(items: &[T], trial: impl Fn(&T) + Sync) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(item) = items.get(next.fetch_add(1, Ordering::SeqCst)) {
                    trial(item);
                }
            });
        }
    });
}
