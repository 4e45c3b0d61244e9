//! Answers that were given a moment ago.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use super::answer::{Answer, Content};
use super::route::Route;

/// How long an answer is given again before the storage is looked at once more: what others put there is seen
/// after this time, and what they take away is gone.
const FRESH: Duration = Duration::from_secs(1);

/// What all answers together may hold, in bytes.
const LIMIT: usize = 64 << 20;

/// What an answer takes besides its content, in bytes, about.
const OVERHEAD: usize = 512;

/// Answers in memory; refusals are not among them, so that what has been added is there at once.
#[derive(Default)]
pub(super) struct Memory(RwLock<Generations>);

/// When the young ones fill half of the room, they take the place of the old ones, which are forgotten.
#[derive(Default)]
struct Generations {
    young: HashMap<Route, Kept>,
    old: HashMap<Route, Kept>,
    size_of_young: usize,
}

struct Kept {
    answer: Arc<Answer>,
    since: Instant,
}

impl Memory {
    /// Gives an answer that is fresh.
    pub(super) fn get(&self, route: &Route) -> Option<Arc<Answer>> {
        let generations = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let kept = generations.young.get(route);
        let kept = kept.or_else(|| generations.old.get(route))?;
        (kept.since.elapsed() < FRESH).then(|| Arc::clone(&kept.answer))
    }

    /// Keeps an answer that was found, unless it is read as it is sent.
    pub(super) fn put(&self, route: &Route, answer: &Arc<Answer>) {
        let Content::Held(held) = &answer.content else {
            return;
        };
        if !answer.status.is_success() {
            return;
        }
        let size = held.plain.len() + held.gzip.as_ref().map_or(0, |gzip| gzip.len()) + OVERHEAD;
        let kept = Kept {
            answer: Arc::clone(answer),
            since: Instant::now(),
        };
        let mut generations = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if generations.young.insert(route.clone(), kept).is_none() {
            generations.size_of_young += size;
        }
        if generations.size_of_young > LIMIT / 2 {
            generations.old = std::mem::take(&mut generations.young);
            generations.size_of_young = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::module::ModulePath;
    use crate::server::answer::{Keeping, Media};
    use crate::server::route::{Asked, Reach};

    fn list(number: usize) -> Route {
        let path = ModulePath::new(&format!("example.com/m{number}")).unwrap();
        Route {
            asked: Asked::List(path),
            reach: Reach::Stored,
        }
    }

    #[test]
    fn memory_is_bounded_and_forgets_the_oldest() {
        let memory = Memory::default();
        let size = 1 << 20;
        let answer = || Arc::new(Answer::found(vec![0; size], Media::Zip, Keeping::Forever));
        for number in 0..100 {
            memory.put(&list(number), &answer());
        }
        let held = (0..100).filter(|number| memory.get(&list(*number)).is_some());
        let held = held.count() * size;
        assert!(held > 0 && held <= LIMIT, "{held}");
        assert!(memory.get(&list(99)).is_some());
        assert!(memory.get(&list(0)).is_none());
    }

    #[test]
    fn refusals_are_not_kept() {
        let memory = Memory::default();
        memory.put(&list(1), &Arc::new(Answer::not_found("x")));
        assert!(memory.get(&list(1)).is_none());
    }
}
