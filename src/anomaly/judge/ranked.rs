//! The scores of one detector, sorted so that a threshold can be read off for every power.

use super::track::Track;
use super::{NO_SCORE, needed, size};

pub struct Ranked {
    /// The largest score in each window with the index of its series, from the largest down.
    peaks: Vec<(f64, usize)>,
    /// Per series the scores of the judged buckets outside labels and ignored intervals, ascending.
    clean: Vec<Vec<f64>>,
}

impl Ranked {
    /// `scores[i]` belongs to `tracks[i]`, a score per bucket.
    pub fn new(tracks: &[Track], scores: &[Vec<f64>]) -> Self {
        let mut peaks = Vec::new();
        let mut clean = Vec::new();
        for (series, (track, scores)) in tracks.iter().zip(scores).enumerate() {
            let peak = |window: &std::ops::Range<usize>| {
                track.with_value(window.clone()).map(|i| size(scores[i])).fold(0.0, f64::max)
            };
            peaks.extend(track.windows.iter().map(|w| (peak(w), series)));
            let mut outside: Vec<f64> = track.judged_clean().map(|i| size(scores[i])).collect();
            outside.sort_unstable_by(f64::total_cmp);
            clean.push(outside);
        }
        Ranked { peaks: descending(peaks), clean }
    }

    /// Where nothing is labelled: power is that of injected effects, given as the highest score that each reached, per
    /// series.
    pub fn injected(tracks: &[Track], scores: &[Vec<f64>], reached: &[Vec<f64>]) -> Self {
        let of = |(series, reached): (usize, &Vec<f64>)| -> Vec<(f64, usize)> {
            reached.iter().map(|score| (size(*score), series)).collect()
        };
        let peaks = reached.iter().enumerate().flat_map(of).collect();
        Ranked { peaks: descending(peaks), ..Ranked::new(tracks, scores) }
    }

    pub fn series(&self) -> usize {
        self.clean.len()
    }

    pub fn windows(&self) -> usize {
        self.peaks.len()
    }

    /// How many windows hold a score of at least `threshold`.
    pub fn detected(&self, threshold: f64) -> usize {
        self.peaks.partition_point(|(peak, _)| *peak >= threshold)
    }

    /// The share of the clean buckets with a score of at least `threshold`; None where there are none.
    pub fn fpr(&self, threshold: f64) -> Option<f64> {
        self.fpr_in(&vec![1; self.series()], threshold)
    }

    /// The highest threshold that detects this share of the windows: the k-th largest window maximum, without
    /// interpolation. None where the detector cannot reach it, or without windows.
    pub fn threshold(&self, power: f64) -> Option<f64> {
        self.threshold_in(&vec![1; self.series()], power)
    }

    /// The highest power at which not more than `fpr` of the clean buckets breach, and its threshold.
    pub fn at_fpr(&self, fpr: f64) -> Option<(f64, usize)> {
        let holds = |threshold: f64| threshold > NO_SCORE && self.fpr(threshold).is_some_and(|f| f <= fpr);
        let k = self.peaks.partition_point(|(peak, _)| holds(*peak));
        let (threshold, _) = *self.peaks.get(k.checked_sub(1)?)?;
        Some((threshold, self.detected(threshold)))
    }

    /// How many windows there are when each series counts so many times.
    pub fn windows_in(&self, times: &[u32]) -> usize {
        self.peaks.iter().map(|(_, series)| times[*series] as usize).sum()
    }

    pub fn threshold_in(&self, times: &[u32], power: f64) -> Option<f64> {
        let k = needed(power, self.windows_in(times)).max(1);
        let mut seen = 0;
        let reached = |(_, series): &&(f64, usize)| {
            seen += times[*series] as usize;
            seen >= k
        };
        let (threshold, _) = self.peaks.iter().find(reached)?;
        (*threshold > NO_SCORE).then_some(*threshold)
    }

    pub fn fpr_in(&self, times: &[u32], threshold: f64) -> Option<f64> {
        let (mut breaching, mut all) = (0u64, 0u64);
        for (scores, times) in self.clean.iter().zip(times).filter(|(_, t)| **t > 0) {
            let over = scores.len() - scores.partition_point(|s| *s < threshold);
            breaching += over as u64 * u64::from(*times);
            all += scores.len() as u64 * u64::from(*times);
        }
        (all > 0).then(|| breaching as f64 / all as f64)
    }

    /// The k-th largest window maximum; `k` counts from 1.
    pub fn peak(&self, k: usize) -> Option<f64> {
        self.peaks.get(k.checked_sub(1)?).map(|(peak, _)| *peak)
    }
}

fn descending(mut peaks: Vec<(f64, usize)>) -> Vec<(f64, usize)> {
    peaks.sort_by(|a, b| b.0.total_cmp(&a.0));
    peaks
}

#[cfg(test)]
mod tests {
    use super::super::testing::track;
    use super::*;

    #[test]
    fn thresholds_and_rates_are_counted_by_hand() {
        let nan = f64::NAN;
        let a = track(10, 2, &[(3, 5), (8, 10)], &[]);
        let b = track(6, 0, &[(0, 2), (4, 5)], &[]);
        // Windows: a 3.0 and 1.5, b 2.0 and none. Clean: a [nan, 0.5, -2.5, 1.0], b [3.5, 0.0, 0.2].
        let scores = [vec![9.0, 9.0, nan, -3.0, 1.0, 0.5, -2.5, 1.0, 1.5, nan], vec![0.1, -2.0, 3.5, 0.0, nan, 0.2]];
        let ranked = Ranked::new(&[a, b], &scores);
        assert_eq!((ranked.windows(), ranked.series()), (4, 2));
        assert_eq!([0.25, 0.5, 0.51, 0.75].map(|p| ranked.threshold(p)), [Some(3.0), Some(2.0), Some(1.5), Some(1.5)]);
        // The window without a score cannot be detected.
        assert_eq!(ranked.threshold(0.76), None);
        assert_eq!([3.0, 2.0, 1.6].map(|t| ranked.detected(t)), [1, 2, 2]);
        assert_eq!([3.0, 2.5, 1.0, 0.0].map(|t| ranked.fpr(t)), [1.0, 2.0, 3.0, 7.0].map(|n| Some(n / 7.0)));
        assert_eq!(ranked.at_fpr(1.0 / 7.0), Some((3.0, 1)));
        assert_eq!(ranked.at_fpr(2.0 / 7.0), Some((1.5, 3)));
        assert_eq!(ranked.at_fpr(0.1), None);
        // Series b twice, a not at all: windows 2.0, 2.0, none, none; clean 3.5, 0.0, 0.2 twice.
        assert_eq!(ranked.windows_in(&[0, 2]), 4);
        assert_eq!(ranked.threshold_in(&[0, 2], 0.5), Some(2.0));
        assert_eq!(ranked.threshold_in(&[0, 2], 0.6), None);
        assert_eq!(ranked.fpr_in(&[0, 2], 2.0), Some(2.0 / 6.0));
    }

    #[test]
    fn buckets_without_a_value_are_in_no_count() {
        let mut empty = track(4, 0, &[(2, 4)], &[]);
        empty.values[0] = None;
        empty.values[3] = None;
        let ranked = Ranked::new(&[empty], &[vec![9.0, 0.0, 1.0, 9.0]]);
        assert_eq!((ranked.threshold(1.0), ranked.fpr(0.5)), (Some(1.0), Some(0.0)));
        let nothing = Ranked::new(&[track(4, 4, &[(0, 4)], &[])], &[vec![1.0; 4]]);
        assert_eq!((nothing.threshold(0.8), nothing.fpr(0.5), nothing.windows()), (None, None, 0));
    }

    #[test]
    fn injected_effects_stand_in_for_labels() {
        let scores = [vec![0.0, 1.0, 2.0, 3.0]];
        let ranked = Ranked::injected(&[track(4, 0, &[], &[])], &scores, &[vec![2.5, f64::NAN, -4.0, 1.5]]);
        assert_eq!((ranked.windows(), ranked.threshold(0.75), ranked.threshold(0.8)), (4, Some(1.5), None));
        assert_eq!((ranked.detected(2.0), ranked.fpr(2.0)), (2, Some(0.5)));
    }

    #[test]
    fn powers_that_are_whole_numbers_of_windows_are_not_rounded_up() {
        assert_eq!(
            [(0.7, 10), (0.6, 5), (0.8, 25), (0.9, 129), (0.3, 10)].map(|(p, n)| needed(p, n)),
            [7, 3, 20, 117, 3]
        );
        assert_eq!((1..2_000).find(|n| needed(*n as f64 / 2_000.0, 2_000) != *n), None);
    }
}
