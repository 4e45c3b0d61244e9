//! All that is stored, as it was a moment ago.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;

use super::shelf::{Addition, Shelf};

/// How long a look at least counts.
const FRESH: Duration = Duration::from_secs(1);

/// How many times longer than it took a look counts: so much of the time at most is spent on looking.
const PATIENCE: u32 = 20;

/// The versions in the order in which they were added.
#[derive(Default)]
pub(super) struct Additions(Mutex<Option<Look>>);

struct Look {
    additions: Arc<[Addition]>,
    until: Instant,
}

impl Additions {
    /// Gives the versions; one thread looks while the others wait.
    pub(super) fn get(&self, shelf: &dyn Shelf) -> Result<Arc<[Addition]>> {
        let mut look = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let begun = Instant::now();
        if let Some(look) = look.as_ref().filter(|look| begun < look.until) {
            return Ok(Arc::clone(&look.additions));
        }
        let mut additions = shelf.additions()?;
        additions.sort_by(|left, right| {
            let by_module = || left.module.cmp(&right.module);
            left.added.cmp(&right.added).then_with(by_module)
        });
        let additions: Arc<[Addition]> = additions.into();
        let now = Instant::now();
        *look = Some(Look {
            additions: Arc::clone(&additions),
            until: now + FRESH.max((now - begun) * PATIENCE),
        });
        Ok(additions)
    }
}
