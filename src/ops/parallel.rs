//! Many pieces of work on as many threads as help.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Works through all items and gives the results in their order.
///
/// Several are worked on at the same time, each on one thread; few share the threads among themselves, and
/// `work` is told how many it may use.
pub(super) fn in_parallel<I: Sync, R: Send>(
    items: &[I],
    threads: NonZeroUsize,
    work: impl Fn(&I, NonZeroUsize) -> R + Sync,
) -> Vec<R> {
    let workers = threads.get().min(items.len()).max(1);
    let inner = NonZeroUsize::new(threads.get() / workers).unwrap_or(NonZeroUsize::MIN);
    let next = AtomicUsize::new(0);
    let results: Vec<Mutex<Option<R>>> = items.iter().map(|_| Mutex::new(None)).collect();
    let worker = || {
        while let Some((item, slot)) = {
            let index = next.fetch_add(1, Ordering::Relaxed);
            items.get(index).zip(results.get(index))
        } {
            let result = work(item, inner);
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..workers {
            scope.spawn(worker);
        }
        worker();
    });
    results
        .into_iter()
        .filter_map(|slot| slot.into_inner().unwrap_or_else(PoisonError::into_inner))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_keep_the_order_and_few_items_share_the_threads() {
        let threads = NonZeroUsize::new(4).unwrap();
        let doubled = in_parallel(&(0..100).collect::<Vec<i32>>(), threads, |item, _| item * 2);
        assert_eq!(doubled, (0..100).map(|item| item * 2).collect::<Vec<_>>());
        assert_eq!(
            in_parallel(&[1, 2], threads, |_, inner| inner.get()),
            [2, 2]
        );
        assert!(in_parallel(&[0; 0], threads, |_, _| ()).is_empty());
    }
}
