//! Work that is done once however many ask for it at the same time.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Semaphore, watch};
use tokio::task::spawn_blocking;

/// Pieces of work that are under way, by what they are for.
pub(super) struct Flights<K, T> {
    open: Mutex<HashMap<K, watch::Receiver<Option<T>>>>,
    /// How many are done at the same time; the others wait.
    room: Semaphore,
}

impl<K, T> Flights<K, T>
where
    K: Clone + Eq + Hash + Send + 'static,
    T: Clone + Send + Sync + 'static,
{
    /// Starts with none; `most` are done at the same time.
    pub(super) fn new(most: usize) -> Arc<Flights<K, T>> {
        Arc::new(Flights {
            open: Mutex::default(),
            room: Semaphore::new(most.min(Semaphore::MAX_PERMITS)),
        })
    }

    /// Gives the first outcome of the work for `key` that will do. The work is begun unless it is under way, on a
    /// thread that may wait, and goes on if nobody waits for it any more. It can tell outcomes before its last one.
    /// `None` when it panics.
    pub(super) async fn join(
        self: &Arc<Flights<K, T>>,
        key: &K,
        will_do: impl Fn(&T) -> bool,
        work: impl FnOnce(Tell<'_, T>) -> T + Send + 'static,
    ) -> Option<T> {
        let mut outcome = self.begin(key, work);
        let outcome = outcome.wait_for(|outcome| outcome.as_ref().is_some_and(&will_do));
        outcome.await.ok()?.clone()
    }

    /// Begins the work for `key` unless it is under way.
    pub(super) fn begin(
        self: &Arc<Flights<K, T>>,
        key: &K,
        work: impl FnOnce(Tell<'_, T>) -> T + Send + 'static,
    ) -> watch::Receiver<Option<T>> {
        let mut open = self.open();
        if let Some(outcome) = open.get(key) {
            return outcome.clone();
        }
        let (sender, outcome) = watch::channel(None);
        open.insert(key.clone(), outcome.clone());
        let flight = Landing {
            flights: Arc::clone(self),
            key: key.clone(),
        };
        tokio::spawn(async move {
            let sender = Arc::new(sender);
            let early = Arc::clone(&sender);
            let work = move || work(&|outcome| drop(early.send_replace(Some(outcome))));
            let done = match flight.flights.room.acquire().await {
                Ok(_place) => spawn_blocking(work).await.ok(),
                Err(_) => None,
            };
            // First nobody can join any more, then those hear who have.
            drop(flight);
            if done.is_some() {
                sender.send_replace(done);
            }
        });
        outcome
    }

    fn open(&self) -> MutexGuard<'_, HashMap<K, watch::Receiver<Option<T>>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes an outcome that is not the last one.
pub(super) type Tell<'t, T> = &'t (dyn Fn(T) + Send + Sync);

/// Takes a piece of work off the list, however it ends.
struct Landing<K: Eq + Hash, T> {
    flights: Arc<Flights<K, T>>,
    key: K,
}

impl<K: Eq + Hash, T> Drop for Landing<K, T> {
    fn drop(&mut self) {
        let open = &self.flights.open;
        let mut open = open.lock().unwrap_or_else(PoisonError::into_inner);
        open.remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn ten_thousand_who_ask_at_once_cause_one_piece_of_work() {
        let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
        runtime.block_on(async {
            let flights = Flights::new(2);
            let begun = Arc::new(AtomicUsize::new(0));
            let (go, wait) = channel();
            let mut wait = Some(wait);
            let waiting = (0..10_000).map(|_| {
                let begun = Arc::clone(&begun);
                let wait = wait.take();
                flights.begin(&"key", move |_| {
                    wait.unwrap().recv().unwrap();
                    begun.fetch_add(1, Ordering::SeqCst)
                })
            });
            let waiting: Vec<_> = waiting.collect();
            go.send(()).unwrap();
            for mut outcome in waiting {
                assert_eq!(*outcome.wait_for(Option::is_some).await.unwrap(), Some(0));
            }
            let again = flights.join(&"key", |_| true, |_| 7).await;
            assert_eq!(again, Some(7), "what is over is no more under way");
        });
    }

    #[test]
    fn what_is_told_on_the_way_does_for_some() {
        let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
        runtime.block_on(async {
            let flights: Arc<Flights<u8, u8>> = Flights::new(1);
            let (go, wait) = channel::<()>();
            let early = flights.join(
                &1,
                |_| true,
                move |tell| {
                    tell(1);
                    wait.recv().unwrap();
                    2
                },
            );
            assert_eq!(early.await, Some(1));
            let last = flights.begin(&1, |_| unreachable!());
            assert_eq!(*last.borrow(), Some(1));
            go.send(()).unwrap();
            let last = flights.join(&1, |outcome| *outcome > 1, |_| 3).await;
            assert!(matches!(last, Some(2 | 3)), "{last:?}");
        });
    }

    #[test]
    fn work_that_panics_is_not_waited_for() {
        let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
        runtime.block_on(async {
            let flights: Arc<Flights<u8, u8>> = Flights::new(1);
            assert_eq!(
                flights.join(&1, |_| true, |_| panic!("on purpose")).await,
                None
            );
            assert_eq!(flights.join(&1, |_| true, |_| 2).await, Some(2));
        });
    }
}
