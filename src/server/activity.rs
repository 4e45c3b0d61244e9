//! Whether anything goes on on a connection.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The requests of one connection.
#[derive(Default)]
pub(super) struct Activity {
    begun: AtomicU64,
    over: AtomicU64,
}

/// A request that is being answered.
pub(super) struct Busy(Arc<Activity>);

impl Activity {
    /// Notes a request.
    pub(super) fn busy(self: &Arc<Activity>) -> Busy {
        self.begun.fetch_add(1, Ordering::Relaxed);
        Busy(Arc::clone(self))
    }

    /// Gives how many requests are over, if that is all that have begun.
    pub(super) fn at_rest(&self) -> Option<u64> {
        let over = self.over.load(Ordering::Relaxed);
        (self.begun.load(Ordering::Relaxed) == over).then_some(over)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.over.fetch_add(1, Ordering::Relaxed);
    }
}
