//! What a detector got wrong, worst first: labelled windows without a breach, and breaches outside labels.

use super::size;
use super::track::Track;

/// At most so many of each kind.
const KEPT: usize = 50;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    Miss,
    False,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Wrong {
    pub what: What,
    /// Index of the series.
    pub series: usize,
    /// Milliseconds since 1970, half open.
    pub start: i64,
    pub end: i64,
    pub max_score: f64,
}

/// Missed windows from the lowest score up, then false alerts from the highest down. Breaches in a row are one alert;
/// a bucket without a value does not end it.
pub fn worst(tracks: &[Track], scores: &[Vec<f64>], threshold: f64) -> Vec<Wrong> {
    let (mut missed, mut wrong) = (Vec::new(), Vec::new());
    for (series, (track, scores)) in tracks.iter().zip(scores).enumerate() {
        missed.extend(misses(track, scores, threshold, series));
        wrong.extend(false_alerts(track, scores, threshold, series));
    }
    let place = |a: &Wrong, b: &Wrong| (a.start, a.series).cmp(&(b.start, b.series));
    missed.sort_by(|a, b| a.max_score.total_cmp(&b.max_score).then(place(a, b)));
    wrong.sort_by(|a, b| b.max_score.total_cmp(&a.max_score).then(place(a, b)));
    missed.truncate(KEPT);
    wrong.truncate(KEPT);
    missed.extend(wrong);
    missed
}

fn wrong(track: &Track, series: usize, what: What, first: usize, last: usize, max_score: f64) -> Wrong {
    let end = track.starts[last].saturating_add(track.bucket_ms);
    Wrong { what, series, start: track.starts[first], end, max_score }
}

fn misses(track: &Track, scores: &[f64], threshold: f64, series: usize) -> Vec<Wrong> {
    let mut found = Vec::new();
    for window in &track.windows {
        let peak = track.with_value(window.clone()).map(|i| size(scores[i])).fold(0.0, f64::max);
        if peak < threshold {
            found.push(wrong(track, series, What::Miss, window.start, window.end - 1, peak));
        }
    }
    found
}

fn false_alerts(track: &Track, scores: &[f64], threshold: f64, series: usize) -> Vec<Wrong> {
    let mut found = Vec::new();
    let mut open: Option<(usize, usize, f64)> = None;
    for i in track.judged() {
        let score = size(scores[i]);
        if track.clean[i] && score >= threshold {
            let (first, _, peak) = open.unwrap_or((i, i, 0.0));
            open = Some((first, i, score.max(peak)));
        } else if let Some((first, last, peak)) = open.take() {
            found.push(wrong(track, series, What::False, first, last, peak));
        }
    }
    found.extend(open.map(|(first, last, peak)| wrong(track, series, What::False, first, last, peak)));
    found
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;

    #[test]
    fn missed_windows_and_runs_of_false_alerts_are_listed() {
        let mut track = testing::track(24, 2, &[(4, 6), (10, 12), (15, 16)], &[]);
        track.values[20] = None;
        let mut scores = vec![0.0; 24];
        // In the warm-up; a missed window; a hit; a run across a bucket without a value; a run up to a window.
        for (i, score) in [(1, 9.0), (4, 1.5), (11, -7.0), (19, 2.0), (20, f64::NAN), (21, -4.0), (9, 3.0)] {
            scores[i] = score;
        }
        let found = worst(&[track], &[scores], 2.0);
        let found: Vec<_> = found.iter().map(|w| (w.what, w.start, w.end, w.max_score)).collect();
        assert_eq!(
            found,
            [(What::Miss, 15, 16, 0.0), (What::Miss, 4, 6, 1.5), (What::False, 19, 22, 4.0), (What::False, 9, 10, 3.0)]
        );
    }

    #[test]
    fn lists_are_cut_at_fifty() {
        let windows: Vec<(i64, i64)> = (0..60).map(|i| (4 * i, 4 * i + 1)).collect();
        let track = testing::track(240, 0, &windows, &[]);
        let scores = (0..240).map(|i| if i % 4 == 2 { f64::from(i) + 10.0 } else { 0.0 }).collect();
        let found = worst(&[track], &[scores], 5.0);
        assert_eq!(found.len(), 100);
        assert_eq!((found[50].max_score, found[99].max_score), (248.0, 52.0));
    }
}
