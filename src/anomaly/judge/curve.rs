//! Power against false positives.

use super::ranked::Ranked;
use super::track::Track;

/// A curve has at most so many points.
const POINTS: usize = 200;

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// None on the chance line.
    pub threshold: Option<f64>,
    pub power: f64,
    pub fpr: f64,
}

/// From the lowest power to the highest that the detector reaches: each of its steps, or evenly chosen ones.
pub fn of(ranked: &Ranked) -> Vec<Point> {
    let n = ranked.windows();
    let mut points: Vec<Point> = Vec::new();
    for step in 1..=n.min(POINTS) {
        let k = step * n / n.min(POINTS);
        let Some(threshold) = ranked.peak(k).filter(|t| *t > super::NO_SCORE) else { break };
        let Some(fpr) = ranked.fpr(threshold) else { break };
        // Windows with the same maximum are detected together.
        points.pop_if(|last| last.threshold == Some(threshold));
        points.push(Point { threshold: Some(threshold), power: ranked.detected(threshold) as f64 / n as f64, fpr });
    }
    points
}

/// What scores drawn at random reach: at the false positive rate f a window of `len` buckets is detected with the
/// probability 1 - (1 - f)^len, averaged over the windows. From 1 in 100,000 to all.
pub fn chance(tracks: &[Track]) -> Vec<Point> {
    let lengths = lengths(tracks);
    if lengths.is_empty() {
        return Vec::new();
    }
    let steps = (POINTS - 1) as f64;
    let point = |i: usize| {
        let fpr = libm::exp10(-5.0 + 5.0 * i as f64 / steps);
        Point { threshold: None, power: chance_power(&lengths, fpr), fpr }
    };
    (0..POINTS).map(point).collect()
}

/// The false positive rate at which random scores have this power.
pub fn chance_fpr(tracks: &[Track], power: f64) -> Option<f64> {
    let lengths = lengths(tracks);
    if lengths.is_empty() || chance_power(&lengths, 1.0) < power {
        return None;
    }
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    for _ in 0..60 {
        let middle = low + (high - low) / 2.0;
        if chance_power(&lengths, middle) < power { low = middle } else { high = middle }
    }
    Some(high)
}

fn lengths(tracks: &[Track]) -> Vec<f64> {
    let of = |track: &Track| -> Vec<f64> {
        track.windows.iter().map(|w| track.with_value(w.clone()).count() as f64).collect()
    };
    tracks.iter().flat_map(of).collect()
}

fn chance_power(lengths: &[f64], fpr: f64) -> f64 {
    lengths.iter().map(|len| 1.0 - libm::pow(1.0 - fpr, *len)).sum::<f64>() / lengths.len() as f64
}

#[cfg(test)]
mod tests {
    use super::super::testing::track;
    use super::*;
    use crate::anomaly::random::Random;

    #[test]
    fn a_random_scorer_lies_on_the_chance_line() {
        let windows: Vec<(i64, i64)> = (0..800).map(|i| (100 * i, 100 * i + 1 + i % 20)).collect();
        let track = track(80_000, 0, &windows, &[]);
        let mut random = Random::new(1, "test", "", "");
        let scores: Vec<f64> = (0..80_000).map(|_| 1.0 + random.uniform()).collect();
        let ranked = Ranked::new(std::slice::from_ref(&track), &[scores]);
        let lengths = lengths(std::slice::from_ref(&track));
        for point in of(&ranked) {
            let expected = chance_power(&lengths, point.fpr);
            // Four standard deviations of a rate of 800.
            assert!((point.power - expected).abs() < 4.0 * (0.25_f64 / 800.0).sqrt(), "{point:?} {expected}");
        }
    }

    #[test]
    fn the_chance_line_has_its_closed_form() {
        // One window of two buckets and one of one: (1 - (1-f)^2 + f) / 2 = (3f - f^2) / 2.
        let track = track(10, 0, &[(0, 2), (5, 6)], &[]);
        let tracks = [track];
        let line = chance(&tracks);
        assert_eq!(line.len(), 200);
        assert!((line[0].fpr - 1e-5).abs() < 1e-15 && line[199].fpr == 1.0 && line[199].power == 1.0);
        for point in line {
            assert!((point.power - (3.0 * point.fpr - point.fpr * point.fpr) / 2.0).abs() < 1e-12);
        }
        // (3f - f^2) / 2 = 0.5 at f = (3 - sqrt 5) / 2.
        let fpr = chance_fpr(&tracks, 0.5).unwrap();
        assert!((fpr - (3.0 - 5.0_f64.sqrt()) / 2.0).abs() < 1e-9, "{fpr}");
        assert_eq!(chance(&[]), []);
        assert_eq!(chance_fpr(&[], 0.5), None);
    }

    #[test]
    fn curves_have_each_step_once_and_not_too_many() {
        let few = track(8, 0, &[(0, 1), (2, 3), (4, 5), (6, 7)], &[]);
        let ranked = Ranked::new(&[few], &[vec![3.0, 0.0, 2.0, 2.5, 2.0, 0.5, 0.0, 1.0]]);
        let curve = of(&ranked);
        let found: Vec<_> = curve.iter().map(|p| (p.threshold.unwrap(), p.power, p.fpr)).collect();
        assert_eq!(found, [(3.0, 0.25, 0.0), (2.0, 0.75, 0.25)]);
        let windows: Vec<(i64, i64)> = (0..1_001).map(|i| (2 * i, 2 * i + 1)).collect();
        let many = track(2_002, 0, &windows, &[]);
        let scores = (0..2_002).map(|i| 1.0 + f64::from(i)).collect();
        let curve = of(&Ranked::new(&[many], &[scores]));
        assert_eq!((curve.len(), curve[199].power), (200, 1.0));
        assert!(curve.windows(2).all(|w| w[0].power < w[1].power && w[0].fpr <= w[1].fpr));
    }
}
