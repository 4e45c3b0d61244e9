//! Whether anything goes on on a connection.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The requests of one connection that are being answered.
pub(super) struct Activity {
    requests: AtomicUsize,
    last: Mutex<Instant>,
}

/// A request that is being answered.
pub(super) struct Busy(Arc<Activity>);

impl Activity {
    pub(super) fn new() -> Arc<Activity> {
        Arc::new(Activity {
            requests: AtomicUsize::new(0),
            last: Mutex::new(Instant::now()),
        })
    }

    /// Notes a request.
    pub(super) fn busy(self: &Arc<Activity>) -> Busy {
        self.requests.fetch_add(1, Ordering::Relaxed);
        Busy(Arc::clone(self))
    }

    /// Tells whether no request has been there for so long.
    pub(super) fn is_idle_for(&self, time: Duration) -> bool {
        let last = *self.last.lock().unwrap_or_else(PoisonError::into_inner);
        self.requests.load(Ordering::Relaxed) == 0 && last.elapsed() >= time
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        *self.0.last.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        self.0.requests.fetch_sub(1, Ordering::Relaxed);
    }
}
