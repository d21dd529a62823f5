//! The figures of one detector at one threshold.

use crate::stats::{Z95, wilson};

use super::ranked::Ranked;
use super::size;
use super::track::Track;

#[derive(Debug, Clone, PartialEq)]
pub struct Figures {
    pub threshold: f64,
    pub windows: usize,
    /// Windows with a breach.
    pub detected: usize,
    /// None without windows; the interval is Wilson's, 95 %.
    pub power: Option<f64>,
    pub power_lo: Option<f64>,
    pub power_hi: Option<f64>,
    /// Breaching share of the judged buckets outside labels and ignored intervals; None where there are none.
    pub fpr: Option<f64>,
    /// Breaching share of all judged buckets.
    pub time_in_alert: Option<f64>,
    /// Buckets from the start of a window to its first breach: the median over the detected windows.
    pub lag_median_buckets: Option<f64>,
}

pub fn figures(tracks: &[Track], scores: &[Vec<f64>], ranked: &Ranked, threshold: f64) -> Figures {
    let (windows, detected) = (ranked.windows(), ranked.detected(threshold));
    let interval = wilson(detected as u64, windows as u64, Z95);
    Figures {
        threshold,
        windows,
        detected,
        power: (windows > 0).then(|| detected as f64 / windows as f64),
        power_lo: interval.map(|i| i.0),
        power_hi: interval.map(|i| i.1),
        fpr: ranked.fpr(threshold),
        time_in_alert: time_in_alert(tracks, scores, threshold),
        lag_median_buckets: lag(tracks, scores, threshold),
    }
}

/// The share of the judged buckets with a value for which a detector gave no score.
pub fn unscored(tracks: &[Track], scores: &[Vec<f64>]) -> Option<f64> {
    share(tracks, scores, f64::is_nan)
}

fn time_in_alert(tracks: &[Track], scores: &[Vec<f64>], threshold: f64) -> Option<f64> {
    share(tracks, scores, |score| size(score) >= threshold)
}

fn share(tracks: &[Track], scores: &[Vec<f64>], holds: impl Fn(f64) -> bool) -> Option<f64> {
    let (mut some, mut all) = (0u64, 0u64);
    for (track, scores) in tracks.iter().zip(scores) {
        for i in track.judged() {
            some += u64::from(holds(scores[i]));
            all += 1;
        }
    }
    (all > 0).then(|| some as f64 / all as f64)
}

fn lag(tracks: &[Track], scores: &[Vec<f64>], threshold: f64) -> Option<f64> {
    let mut lags: Vec<usize> = Vec::new();
    for (track, scores) in tracks.iter().zip(scores) {
        for (window, cut) in track.windows.iter().zip(&track.cut) {
            let first = track.with_value(window.clone()).find(|i| size(scores[*i]) >= threshold);
            lags.extend(first.map(|i| i - window.start + cut));
        }
    }
    lags.sort_unstable();
    let upper = *lags.get(lags.len() / 2)?;
    let lower = lags[(lags.len() - 1) / 2];
    Some((lower + upper) as f64 / 2.0)
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;

    #[test]
    fn figures_are_counted_by_hand() {
        let mut track = testing::track(14, 2, &[(0, 4), (6, 9), (10, 12)], &[]);
        track.values[13] = None;
        let nan = f64::NAN;
        // Windows 2..4 (of 0..4), 6..9 and 10..12; clean 4, 5, 9, 12; bucket 13 has no value.
        let scores = vec![vec![5.0, 5.0, 0.0, -3.0, 3.0, nan, 2.5, 1.0, 9.0, 1.0, nan, 1.0, 0.0, 9.0]];
        let tracks = [track];
        let ranked = Ranked::new(&tracks, &scores);
        let found = figures(&tracks, &scores, &ranked, 2.0);
        assert_eq!((found.windows, found.detected, found.power), (3, 2, Some(2.0 / 3.0)));
        assert_eq!((found.fpr, found.time_in_alert), (Some(1.0 / 4.0), Some(4.0 / 11.0)));
        // The first window breaches three buckets after its start, which lies in the warm-up; the second at once.
        assert_eq!(found.lag_median_buckets, Some(1.5));
        assert_eq!(unscored(&tracks, &scores), Some(2.0 / 11.0));
        // Wilson, 2 of 3 at 95 %.
        assert!((found.power_lo.unwrap() - 0.2077).abs() < 5e-5 && (found.power_hi.unwrap() - 0.9385).abs() < 5e-5);
        let none = figures(&tracks, &scores, &ranked, 100.0);
        assert_eq!((none.detected, none.fpr, none.lag_median_buckets), (0, Some(0.0), None));
        let nothing = figures(&[], &[], &Ranked::new(&[], &[]), 1.0);
        assert_eq!((nothing.power, nothing.power_lo, nothing.fpr, nothing.time_in_alert), (None, None, None, None));
    }
}
