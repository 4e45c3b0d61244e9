//! Lets threads work on files side by side while the results are taken up in order and in bounded memory.

use std::collections::HashMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use anyhow::{Error, Result, anyhow};

/// Takes up what is made of each file, in the order of the files.
pub(super) trait Sink: Send {
    /// What is made of a file.
    type Item: Send;

    /// Bytes of memory that an item takes while it waits for its turn.
    fn weight(item: &Self::Item) -> u64;

    /// Takes up the item of the next file.
    fn put(&mut self, number: usize, item: Self::Item) -> Result<()>;
}

/// The files of one zip: which comes next, which are done, and how much memory they take.
///
/// A file is taken only when its bytes fit into the budget beside those in work, or when its turn in
/// the sink has come: so no more than the budget and one file are in memory, and the line never
/// comes to a stand. No thread owns the sink: whoever delivers the file that it waits for hands that in,
/// and all that are ready behind it, while the other threads go on.
pub(super) struct Line<S: Sink> {
    state: Mutex<State<S>>,
    room: Condvar,
    budget: u64,
}

struct State<S: Sink> {
    /// The files that are known.
    length: usize,
    /// Whether those are all.
    is_whole: bool,
    /// The next file to be worked on.
    next_taken: usize,
    /// The next file that the sink takes up.
    next_put: usize,
    ready: HashMap<usize, S::Item>,
    /// Bytes of files taken but not yet in the sink.
    in_flight: u64,
    waiting: usize,
    /// Away while a thread puts something into it.
    sink: Option<S>,
    failure: Option<(usize, Error)>,
}

impl<S: Sink> Line<S> {
    /// Makes a line of so many files.
    pub(super) fn new(sink: S, length: usize, budget: u64) -> Line<S> {
        let line = Line::growing(sink, budget);
        line.extend(length);
        line.close();
        line
    }

    /// Makes a line whose files become known only by and by.
    pub(super) fn growing(sink: S, budget: u64) -> Line<S> {
        let state = State {
            length: 0,
            is_whole: false,
            next_taken: 0,
            next_put: 0,
            ready: HashMap::new(),
            in_flight: 0,
            waiting: 0,
            sink: Some(sink),
            failure: None,
        };
        Line {
            state: Mutex::new(state),
            room: Condvar::new(),
            budget,
        }
    }

    /// Tells of more files.
    pub(super) fn extend(&self, files: usize) {
        let mut state = self.lock();
        state.length += files;
        self.wake(&state);
    }

    /// Tells that the files that are known are all.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.is_whole = true;
        self.wake(&state);
    }

    /// Gives the number of the next file to work on, waiting until it is known and there is room for its `cost`
    /// in bytes; `None` when there are no more or another thread has failed.
    pub(super) fn take(&self, cost: impl Fn(usize) -> u64) -> Option<usize> {
        let mut state = self.lock();
        while state.failure.is_none() && state.next_taken >= state.length && !state.is_whole {
            state = self.wait(state);
        }
        if state.failure.is_some() || state.next_taken >= state.length {
            return None;
        }
        let number = state.next_taken;
        state.next_taken += 1;
        let cost = cost(number);
        while state.next_put != number && state.in_flight.saturating_add(cost) > self.budget {
            state = self.wait(state);
            if state.failure.is_some() {
                return None;
            }
        }
        state.in_flight = state.in_flight.saturating_add(cost);
        Some(number)
    }

    fn wait<'a>(&self, mut state: MutexGuard<'a, State<S>>) -> MutexGuard<'a, State<S>> {
        state.waiting += 1;
        let mut state = self
            .room
            .wait(state)
            .unwrap_or_else(PoisonError::into_inner);
        state.waiting -= 1;
        state
    }

    /// Hands in what was made of a file, whose place was taken at `cost`.
    ///
    /// `progress` hears how many files are in the sink after each one.
    pub(super) fn deliver(
        &self,
        number: usize,
        cost: u64,
        item: S::Item,
        progress: &(dyn Fn(usize) + Sync),
    ) {
        let mut state = self.lock();
        let kept = S::weight(&item);
        state.in_flight = state.in_flight.saturating_sub(cost).saturating_add(kept);
        state.ready.insert(number, item);
        self.wake(&state);
        let Some(mut sink) = state.sink.take() else {
            return;
        };
        loop {
            let number = state.next_put;
            let Some(item) = state.ready.remove(&number) else {
                break;
            };
            drop(state);
            let weight = S::weight(&item);
            let result = sink.put(number, item);
            progress(number + 1);
            state = self.lock();
            if let Err(error) = result {
                state.fail(number, error);
            }
            state.next_put += 1;
            state.in_flight = state.in_flight.saturating_sub(weight);
            self.wake(&state);
        }
        state.sink = Some(sink);
    }

    /// Stops the line because of a file.
    pub(super) fn fail(&self, number: usize, error: Error) {
        let mut state = self.lock();
        state.fail(number, error);
        self.wake(&state);
    }

    /// Gives the sink back when it has all files, or the failure of the first file that has one.
    pub(super) fn finish(self) -> Result<S> {
        let state = self
            .state
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        match (state.failure, state.sink) {
            (Some((_, error)), _) => Err(error),
            (None, Some(sink)) if state.next_put == state.length => Ok(sink),
            _ => Err(anyhow!("a thread that works on files has stopped early")),
        }
    }

    /// Waking costs a system call even when nobody waits, and so the waiting are counted.
    fn wake(&self, state: &State<S>) {
        if state.waiting > 0 {
            self.room.notify_all();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<S>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: Sink> State<S> {
    fn fail(&mut self, number: usize, error: Error) {
        if self
            .failure
            .as_ref()
            .is_none_or(|(first, _)| number < *first)
        {
            self.failure = Some((number, error));
        }
    }
}

/// Stops the line when its thread panics: the others would wait for the file it was working on.
pub(super) struct PanicGuard<'a, S: Sink>(pub(super) &'a Line<S>);

impl<S: Sink> Drop for PanicGuard<'_, S> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let error = Error::msg("a thread that works on files panicked");
            self.0.fail(usize::MAX, error);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use anyhow::bail;

    use super::*;

    /// Takes up numbers and refuses one of them.
    struct Numbers {
        taken_up: Vec<usize>,
        refused: usize,
    }

    impl Sink for Numbers {
        type Item = u64;

        fn weight(item: &u64) -> u64 {
            *item
        }

        fn put(&mut self, number: usize, _: u64) -> Result<()> {
            if number == self.refused {
                bail!("refused {number}");
            }
            self.taken_up.push(number);
            Ok(())
        }
    }

    fn line(length: usize, budget: u64, refused: usize) -> Line<Numbers> {
        let taken_up = Vec::new();
        Line::new(Numbers { taken_up, refused }, length, budget)
    }

    #[test]
    fn results_are_taken_up_in_order() {
        let line = line(3, 10, usize::MAX);
        for expected in 0..3 {
            assert_eq!(line.take(|_| 1), Some(expected));
        }
        assert_eq!(line.take(|_| 1), None);
        let heard = Mutex::new(Vec::new());
        for number in [2, 0, 1] {
            line.deliver(number, 1, 0, &|count| heard.lock().unwrap().push(count));
        }
        assert_eq!(heard.into_inner().unwrap(), [1, 2, 3]);
        assert_eq!(line.finish().unwrap().taken_up, [0, 1, 2]);
    }

    #[test]
    fn a_file_beyond_the_budget_waits_until_others_are_done() {
        let line = line(3, 10, usize::MAX);
        let log = Mutex::new(Vec::new());
        assert_eq!([line.take(|_| 5), line.take(|_| 5)], [Some(0), Some(1)]);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                assert_eq!(line.take(|_| 5), Some(2));
                log.lock().unwrap().push("taken");
            });
            std::thread::sleep(Duration::from_millis(20));
            // It waits for its turn, and what it has become is as large as before.
            line.deliver(1, 5, 5, &|_| {});
            std::thread::sleep(Duration::from_millis(20));
            log.lock().unwrap().push("written");
            line.deliver(0, 5, 5, &|_| {});
        });
        assert_eq!(log.into_inner().unwrap(), ["written", "taken"]);
    }

    #[test]
    fn the_next_file_is_never_held_back() {
        let line = line(2, 10, usize::MAX);
        assert_eq!(line.take(|_| 1000), Some(0));
        line.deliver(0, 1000, 0, &|_| {});
        assert_eq!(line.take(|_| 1000), Some(1));
    }

    #[test]
    fn a_line_grows_until_it_is_closed() {
        let taken_up = Vec::new();
        let refused = usize::MAX;
        let line = Line::growing(Numbers { taken_up, refused }, 10);
        std::thread::scope(|scope| {
            let worker = scope.spawn(|| {
                let taken = std::iter::from_fn(|| line.take(|_| 1));
                taken
                    .inspect(|number| line.deliver(*number, 1, 0, &|_| {}))
                    .count()
            });
            for files in [2, 0, 1] {
                line.extend(files);
                std::thread::sleep(Duration::from_millis(20));
            }
            line.close();
            assert_eq!(worker.join().unwrap(), 3);
        });
        assert_eq!(line.finish().unwrap().taken_up, [0, 1, 2]);
    }

    #[test]
    fn the_failure_of_the_first_file_is_told() {
        let line = line(9, 100, 1);
        for _ in 0..4 {
            line.take(|_| 1);
        }
        line.fail(3, anyhow!("failed 3"));
        line.deliver(0, 1, 0, &|_| {});
        line.deliver(1, 1, 0, &|_| {});
        line.fail(2, anyhow!("failed 2"));
        assert_eq!(line.take(|_| 1), None);
        let error = line.finish().err().unwrap();
        assert_eq!(error.to_string(), "refused 1");
    }
}
