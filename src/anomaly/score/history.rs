//! The raw values of a series by wall clock, as far back as a baseline looks.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::gaps;

/// Minutes of wall clock since 1970-01-01T00:00 without a zone.
pub type Wall = i64;

pub const DAY: Wall = 24 * 60;

/// Five weeks and the half hour around a slot, and a margin for what slides out of a pool or borrowed from before it.
const KEPT: Wall = 35 * DAY + 30 + 240;

/// A longer jump of the wall clock is a hole in the data, or a day that a zone left out: nothing is borrowed over it.
const LONGEST_CHANGE: Wall = 180;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// Length of a bucket in minutes.
    bucket: Wall,
    runs: VecDeque<Run>,
    /// NaN where a bucket had no value.
    #[serde(with = "gaps")]
    values: VecDeque<f64>,
}

/// Buckets without a jump of the wall clock between them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Run {
    start: Wall,
    len: usize,
}

impl Run {
    fn end(&self, bucket: Wall) -> Wall {
        self.start + self.len as Wall * bucket
    }

    /// Not empty, and at a time that arithmetic does not overflow at.
    fn is_sound(&self) -> bool {
        self.len > 0 && self.start.unsigned_abs() < 1 << 40
    }
}

impl History {
    pub fn new(bucket: Wall) -> History {
        History { bucket, runs: VecDeque::new(), values: VecDeque::new() }
    }

    /// Adds the next bucket in time; NaN where it has no value.
    pub fn push(&mut self, at: Wall, value: f64) {
        match self.runs.back_mut() {
            Some(run) if run.end(self.bucket) == at => run.len += 1,
            _ => self.runs.push_back(Run { start: at, len: 1 }),
        }
        self.values.push_back(value);
        while let Some(run) = self.runs.front_mut().filter(|run| run.start < at - KEPT) {
            self.values.pop_front();
            run.start += self.bucket;
            run.len -= 1;
            if run.len == 0 {
                self.runs.pop_front();
            }
        }
    }

    /// The value of a slot: the mean where the clock came by twice, what lies around it where the clock jumped over it.
    pub fn at(&self, at: Wall) -> Option<f64> {
        if self.runs.len() == 1 {
            return self.in_only_run(at);
        }
        let (mut met, mut sum, mut n, mut first) = (false, 0.0, 0.0, 0);
        for run in &self.runs {
            if (run.start..run.end(self.bucket)).contains(&at) {
                met = true;
                let value = self.values[first + (at - run.start) as usize / self.bucket as usize];
                if !value.is_nan() {
                    sum += value;
                    n += 1.0;
                }
            }
            first += run.len;
        }
        match met {
            true => (n > 0.0).then(|| sum / n),
            false => self.borrowed(at),
        }
    }

    /// As `at`, where no clock ever jumped: by far the most frequent case.
    fn in_only_run(&self, at: Wall) -> Option<f64> {
        let run = self.runs.front().filter(|run| (run.start..run.end(self.bucket)).contains(&at))?;
        let value = self.values[(at - run.start) as usize / self.bucket as usize];
        // A sum of one value, so that zero has no sign.
        (!value.is_nan()).then_some(0.0 + value)
    }

    fn borrowed(&self, at: Wall) -> Option<f64> {
        let mut first = 0;
        for (run, next) in self.runs.iter().zip(self.runs.iter().skip(1)) {
            first += run.len;
            let end = run.end(self.bucket);
            if (end..next.start).contains(&at) && next.start - end <= LONGEST_CHANGE {
                let around = [self.values[first - 1], self.values[first]];
                let known = around.into_iter().filter(|v| !v.is_nan());
                let (sum, n) = known.fold((0.0, 0.0), |(sum, n), v| (sum + v, n + 1.0));
                return (n > 0.0).then(|| sum / n);
            }
        }
        None
    }

    /// Each bucket from the oldest on; NaN where it had no value.
    pub fn iter(&self) -> impl Iterator<Item = (Wall, f64)> + '_ {
        let places = self.runs.iter().flat_map(|run| (0..run.len).map(|i| run.start + i as Wall * self.bucket));
        places.zip(self.values.iter().copied())
    }

    /// Whether a history that was read from a file is one.
    pub fn is_sound(&self, bucket: Wall) -> bool {
        let total = self.runs.iter().try_fold(0_usize, |sum, run| sum.checked_add(run.len));
        self.bucket == bucket && total == Some(self.values.len()) && self.runs.iter().all(Run::is_sound)
    }
}
