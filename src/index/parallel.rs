//! The same work for many pages or entries, side by side.

use crate::error::{Error, Result};

/// What `work` makes of each number, in their order.
pub fn map<T: Send>(numbers: std::ops::Range<u64>, threads: usize, work: impl Fn(u64) -> T + Sync) -> Result<Vec<T>> {
    let count = numbers.end.saturating_sub(numbers.start);
    let share = count.div_ceil(threads.max(1) as u64).max(1);
    if share >= count {
        return Ok(numbers.map(work).collect());
    }
    let starts = numbers.clone().step_by(usize::try_from(share).unwrap_or(usize::MAX));
    std::thread::scope(|scope| {
        let run = |start: u64| {
            let (work, end) = (&work, (start + share).min(numbers.end));
            scope.spawn(move || (start..end).map(work).collect::<Vec<T>>())
        };
        let running: Vec<_> = starts.map(run).collect();
        let mut all = Vec::new();
        for thread in running {
            all.extend(thread.join().map_err(|_| Error::bug("a thread that worked on a part has died"))?);
        }
        Ok(all)
    })
}

/// Numbers in batches, so that no more than one batch of answers is in memory.
pub fn batches(end: u64, size: u64) -> impl Iterator<Item = std::ops::Range<u64>> {
    (0..end.div_ceil(size)).map(move |at| at * size..end.min((at + 1) * size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_come_in_the_order_of_the_numbers() {
        for (n, threads) in [(0, 2), (1, 2), (7, 1), (7, 2), (7, 3), (7, 20), (1000, 3)] {
            let got = map(3..3 + n, threads, |i| i * 2).unwrap();
            assert_eq!(got, (3..3 + n).map(|i| i * 2).collect::<Vec<_>>(), "{n} {threads}");
        }
        assert_eq!(batches(7, 3).collect::<Vec<_>>(), [0..3, 3..6, 6..7]);
        assert_eq!(batches(0, 3).count(), 0);
    }
}
