//! Work that is done once, however many threads ask for it.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// An error that several get. What it was about comes first, the cause follows in the chain.
#[derive(Clone, Debug)]
pub struct Shared {
    what: String,
    cause: Arc<anyhow::Error>,
}

impl Shared {
    /// Takes an error, and what failed with it.
    pub fn new(what: String, cause: anyhow::Error) -> Shared {
        Shared {
            what,
            cause: Arc::new(cause),
        }
    }
}

impl fmt::Display for Shared {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.what)
    }
}

impl std::error::Error for Shared {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(self.cause.as_ref().as_ref())
    }
}

/// Results by what they are of. The first to ask does the work, the others wait for it.
#[derive(Debug)]
pub(super) struct Once<K, T> {
    cells: Mutex<HashMap<K, Cell<T>>>,
}

type Cell<T> = Arc<OnceLock<Result<T, Shared>>>;

impl<K, T> Default for Once<K, T> {
    fn default() -> Self {
        Once {
            cells: Mutex::default(),
        }
    }
}

impl<K: Eq + Hash, T: Clone> Once<K, T> {
    /// Gives the result for a key, working for it if nobody has yet. A failure is a result, too.
    pub(super) fn get(
        &self,
        key: K,
        work: impl FnOnce() -> Result<T, Shared>,
    ) -> Result<T, Shared> {
        let cell = {
            let mut cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(cells.entry(key).or_default())
        };
        cell.get_or_init(work).clone()
    }
}
