//! Answers that were given a moment ago.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use super::answer::{Answer, Content};
use super::route::{Reach, Route};

/// How long an answer is given again before the storage is looked at once more: what others put there is seen
/// after this time, and what they take away is gone.
const FRESH: Duration = Duration::from_secs(1);

/// What all answers together may hold, in bytes.
const LIMIT: usize = 64 << 20;

/// What an answer takes besides its content, in bytes, about.
const OVERHEAD: usize = 512;

/// Answers in memory, by the paths as they were sent; refusals are not among them, so that what has been added is
/// there at once.
#[derive(Default)]
pub(super) struct Memory(RwLock<Generations>);

/// When the young ones fill half of the room, they take the place of the old ones, which are forgotten.
#[derive(Default)]
struct Generations {
    young: HashMap<Box<str>, Kept>,
    old: HashMap<Box<str>, Kept>,
    size_of_young: usize,
}

/// What a path means, and what was answered.
#[derive(Clone)]
pub(super) struct Known {
    pub(super) route: Arc<Route>,
    pub(super) answer: Arc<Answer>,
}

struct Kept {
    known: Known,
    /// How far the client let the server go.
    reach: Reach,
    size: usize,
    since: Instant,
}

impl Memory {
    /// Gives what is fresh now, and was answered to somebody who let the server go as far.
    pub(super) fn get(&self, path: &str, reach: Reach, now: Instant) -> Option<Known> {
        let generations = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let kept = generations.young.get(path);
        let kept = kept.or_else(|| generations.old.get(path))?;
        let is_fresh = now.saturating_duration_since(kept.since) < FRESH;
        (is_fresh && kept.reach == reach).then(|| kept.known.clone())
    }

    /// Keeps an answer that was found, unless it is read as it is sent.
    pub(super) fn put(&self, path: &str, reach: Reach, known: Known) {
        let Content::Held(held) = &known.answer.content else {
            return;
        };
        if !known.answer.status.is_success() {
            return;
        }
        let forms = [Some(&held.plain), held.gzip.as_ref()];
        let contents = forms.into_iter().flatten().map(|form| form.content.len());
        let size = contents.sum::<usize>() + path.len() + OVERHEAD;
        let kept = Kept {
            known,
            reach,
            size,
            since: Instant::now(),
        };
        let mut generations = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let before = generations.young.insert(path.into(), kept);
        generations.size_of_young += size;
        generations.size_of_young -= before.map_or(0, |before| before.size);
        if generations.size_of_young > LIMIT / 2 {
            generations.old = std::mem::take(&mut generations.young);
            generations.size_of_young = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::answer::{Keeping, Media};
    use crate::server::route::Asked;

    fn keep(memory: &Memory, path: &str, answer: Answer) {
        let route = Arc::new(Route {
            asked: Asked::Page,
            reach: Reach::Stored,
        });
        let answer = Arc::new(answer);
        memory.put(path, Reach::Stored, Known { route, answer });
    }

    fn is_kept(memory: &Memory, path: &str) -> bool {
        memory.get(path, Reach::Stored, Instant::now()).is_some()
    }

    #[test]
    fn memory_is_bounded_and_forgets_the_oldest() {
        let memory = Memory::default();
        let size = 1 << 20;
        for number in 0..100 {
            let answer = Answer::found(vec![0; size], Media::Zip, Keeping::Forever);
            keep(&memory, &number.to_string(), answer);
        }
        let held = (0..100).filter(|number| is_kept(&memory, &number.to_string()));
        let held = held.count() * size;
        assert!(held > 0 && held <= LIMIT, "{held}");
        assert!(is_kept(&memory, "99"));
        assert!(!is_kept(&memory, "0"));
    }

    #[test]
    fn refusals_are_not_kept() {
        let memory = Memory::default();
        keep(&memory, "x", Answer::not_found("x"));
        assert!(!is_kept(&memory, "x"));
    }

    #[test]
    fn what_is_not_fresh_or_was_for_others_is_not_given() {
        let memory = Memory::default();
        keep(
            &memory,
            "x",
            Answer::found(vec![0], Media::Text, Keeping::Briefly),
        );
        let now = Instant::now();
        assert!(memory.get("x", Reach::Stored, now).is_some());
        assert!(memory.get("x", Reach::Sources, now).is_none());
        assert!(memory.get("x", Reach::Stored, now + FRESH).is_none());
    }
}
