//! One series over its whole history, with what is judged of it.

use std::ops::Range;

/// Where a label or an ignored interval lies; milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Half open.
    Between { start: i64, end: i64 },
    /// This bucket, as many before it and as many after it.
    Around { at: i64, before: usize, after: usize },
}

/// How much of each series is not judged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Warmup {
    /// Share of the buckets from first to last, empty ones included; rounded down.
    Share(f64),
    /// Milliseconds from the start of the first bucket.
    Span(i64),
}

/// A series as it came. Both arrays are as long as each other.
#[derive(Debug, Clone)]
pub struct Feed {
    /// Starts of the buckets from first to last, empty ones included; milliseconds since 1970, ascending.
    pub starts: Vec<i64>,
    /// Nominal length.
    pub bucket_ms: i64,
    pub values: Vec<Option<f64>>,
    /// How many buckets the alert machine looks back before it announces again.
    pub cooldown: usize,
}

/// The same with what is judged of it. All arrays over buckets are as long as each other.
#[derive(Debug, Clone)]
pub struct Track {
    pub starts: Vec<i64>,
    pub bucket_ms: i64,
    pub values: Vec<Option<f64>>,
    pub cooldown: usize,
    /// Index of the first bucket that is judged.
    pub warmup: usize,
    /// What is judged of the labelled windows: those that reach past the warm-up, without their part in it.
    pub windows: Vec<Range<usize>>,
    /// How many buckets of each window the warm-up took.
    pub cut: Vec<usize>,
    /// Which buckets are neither in a window nor ignored.
    pub clean: Vec<bool>,
}

impl Track {
    /// The second value counts the labels that meet no bucket. Inside a window nothing is ignored: an ignored interval
    /// around a label is what is left of it.
    pub fn new(feed: Feed, warmup: Warmup, labels: &[Extent], ignores: &[Extent]) -> (Self, usize) {
        let Feed { starts, bucket_ms, values, cooldown } = feed;
        let warmup = match warmup {
            Warmup::Share(share) => (share * starts.len() as f64 + 1e-9) as usize,
            Warmup::Span(span) => starts.partition_point(|s| *s < starts[0].saturating_add(span)),
        };
        let mut track = Track {
            clean: vec![true; starts.len()],
            warmup: warmup.min(starts.len()),
            starts,
            bucket_ms,
            values,
            cooldown,
            windows: Vec::new(),
            cut: Vec::new(),
        };
        let mut unmatched = 0;
        for label in labels {
            let window = track.buckets(*label);
            unmatched += usize::from(window.is_empty());
            track.clean[window.clone()].fill(false);
            if !window.is_empty() && window.end > track.warmup {
                let start = window.start.max(track.warmup);
                track.cut.push(start - window.start);
                track.windows.push(start..window.end);
            }
        }
        for ignored in ignores {
            let range = track.buckets(*ignored);
            track.clean[range].fill(false);
        }
        (track, unmatched)
    }

    /// The buckets that an extent meets; empty where it lies outside the data.
    fn buckets(&self, extent: Extent) -> Range<usize> {
        let meeting = |start: i64, end: i64| {
            let first = self.starts.partition_point(|s| s.saturating_add(self.bucket_ms) <= start);
            let behind = self.starts.partition_point(|s| *s < end);
            first..behind.max(first)
        };
        match extent {
            Extent::Between { start, end } => meeting(start, end),
            Extent::Around { at, before, after } => {
                let own = meeting(at, at.saturating_add(1));
                if own.is_empty() {
                    return own;
                }
                own.start.saturating_sub(before)..own.start.saturating_add(after + 1).min(self.starts.len())
            }
        }
    }

    /// The judged buckets with a value.
    pub fn judged(&self) -> impl Iterator<Item = usize> {
        self.with_value(self.warmup..self.values.len())
    }

    /// Of these, where a breach is a false positive.
    pub fn judged_clean(&self) -> impl Iterator<Item = usize> {
        self.judged().filter(|i| self.clean[*i])
    }

    pub fn with_value(&self, range: Range<usize>) -> impl Iterator<Item = usize> {
        range.filter(|i| self.values[*i].is_some())
    }

    /// Length of what is judged, empty buckets included.
    pub fn weeks(&self) -> f64 {
        (self.starts.len() - self.warmup) as f64 * self.bucket_ms as f64 / (7.0 * 86_400_000.0)
    }
}

/// Points with a label each: a run of labelled points is one extent, from the start of its first bucket to the end of
/// its last. The points are (start of the bucket, labelled), in order of time.
pub fn runs(points: impl IntoIterator<Item = (i64, bool)>, bucket_ms: i64) -> Vec<Extent> {
    let mut found: Vec<Extent> = Vec::new();
    let mut inside = false;
    for (bucket, labelled) in points {
        let behind = bucket.saturating_add(bucket_ms);
        match found.last_mut() {
            Some(Extent::Between { end, .. }) if labelled && inside => *end = behind,
            _ if labelled => found.push(Extent::Between { start: bucket, end: behind }),
            _ => {}
        }
        inside = labelled;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn track(n: i64, warmup: Warmup, labels: &[Extent], ignores: &[Extent]) -> (Track, usize) {
        let starts: Vec<i64> = (0..n).map(|i| 1_000 + 10 * i).collect();
        let values = starts.iter().map(|_| Some(1.0)).collect();
        Track::new(Feed { starts, bucket_ms: 10, values, cooldown: 6 }, warmup, labels, ignores)
    }

    fn between(start: i64, end: i64) -> Extent {
        Extent::Between { start, end }
    }

    #[test]
    fn the_warm_up_is_rounded_down() {
        for (n, warmup, expected) in [
            (29, Warmup::Share(0.1), 2),
            (30, Warmup::Share(0.1), 3),
            (10, Warmup::Share(0.3), 3),
            (10, Warmup::Span(25), 3),
            (10, Warmup::Span(30), 3),
            (10, Warmup::Span(i64::MAX), 10),
            (0, Warmup::Share(0.1), 0),
        ] {
            assert_eq!(track(n, warmup, &[], &[]).0.warmup, expected, "{n} {warmup:?}");
        }
    }

    #[test]
    fn labels_are_half_open_and_meet_each_bucket_that_they_touch() {
        for (label, expected) in [
            (between(1_020, 1_030), 2..3),
            (between(1_020, 1_031), 2..4),
            (between(1_029, 1_030), 2..3),
            (between(0, 1_011), 0..2),
            (between(1_095, 5_000), 9..10),
            (Extent::Around { at: 1_045, before: 3, after: 2 }, 1..7),
            (Extent::Around { at: 1_010, before: 3, after: 12 }, 0..10),
        ] {
            let (track, unmatched) = track(10, Warmup::Share(0.0), &[label], &[]);
            assert_eq!((&track.windows, unmatched), (&vec![expected.clone()], 0), "{label:?}");
            let clean: Vec<usize> = (0..10).filter(|i| track.clean[*i]).collect();
            assert_eq!(clean, (0..10).filter(|i| !expected.contains(i)).collect::<Vec<_>>());
        }
    }

    #[test]
    fn labels_outside_the_data_are_counted() {
        let outside = [between(0, 1_000), between(1_100, 2_000), Extent::Around { at: 999, before: 1, after: 1 }];
        let (track, unmatched) = track(10, Warmup::Share(0.0), &outside, &[]);
        assert_eq!((track.windows.len(), unmatched), (0, 3));
        assert!(track.clean.iter().all(|c| *c));
    }

    #[test]
    fn a_window_in_the_warm_up_does_not_count_and_one_across_its_end_counts_by_its_later_part() {
        let labels = [between(1_000, 1_030), between(1_040, 1_080), between(1_090, 1_100)];
        let (track, unmatched) = track(10, Warmup::Share(0.5), &labels, &[]);
        assert_eq!((track.windows, track.cut, unmatched), (vec![5..8, 9..10], vec![1, 0], 0));
    }

    #[test]
    fn what_is_ignored_around_a_label_leaves_the_label() {
        let (track, _) = track(10, Warmup::Share(0.0), &[between(1_040, 1_060)], &[between(1_020, 1_080)]);
        assert_eq!((track.windows.len(), &track.windows[0]), (1, &(4..6)));
        let clean: Vec<usize> = (0..10).filter(|i| track.clean[*i]).collect();
        assert_eq!(clean, [0, 1, 8, 9]);
    }

    #[test]
    fn a_run_of_labelled_points_is_one_window() {
        let points = [(0, true), (10, true), (20, false), (30, true), (50, true), (60, false)];
        assert_eq!(runs(points, 10), [between(0, 20), between(30, 60)]);
        assert_eq!(runs([(0, false)], 10), []);
    }
}
