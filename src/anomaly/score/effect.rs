//! Virtual effects: what a spike or a drop of the size that must be caught would have scored, without a rerun.

use super::point::{Point, Side, is_large};
use super::track::Reading;
use crate::anomaly::method::{Kind, Method, MustDetect};

/// Less than this is no level to drop from.
pub const LEAST_TO_DROP: f64 = 20.0;

/// By how much a spike of the size that must be caught raises a bucket. `unit`: the median scale of the rule, which
/// sizes the effects on gauges.
pub fn rise(must_detect: MustDetect, expected: f64, unit: f64) -> f64 {
    match must_detect {
        MustDetect::Count { rel, abs, .. } => abs.max(rel * expected).ceil(),
        MustDetect::Gauge { scale } => scale * unit,
    }
}

/// The score of a bucket with a spike on top of its value: exactly that of a rerun. None where it has no score, 0
/// where the deviation is below `min_effect`.
pub fn spike(method: &Method, point: &Point, unit: f64) -> Option<f64> {
    raised(method, point, rise(method.must_detect, point.verdict?.expected, unit))
}

/// The score of a bucket of a gauge whose value is lower by the same size.
pub fn dip(method: &Method, point: &Point, unit: f64) -> Option<f64> {
    let expected = point.verdict?.expected;
    heard(method, point, point.value? - rise(method.must_detect, expected, unit), Side::Down)
}

fn heard(method: &Method, point: &Point, x: f64, side: Side) -> Option<f64> {
    let score = point.toward(method, x, side)?;
    Some(if is_large(method, x, point.verdict?.expected) { score } else { 0.0 })
}

/// The score of a bucket that is raised by so much; 0 where the deviation is below `min_effect`.
pub fn raised(method: &Method, point: &Point, by: f64) -> Option<f64> {
    heard(method, point, point.value? + by, Side::Up)
}

/// The highest score of buckets in a row that drop to `drop_to` of what was expected of each. None where no drop is due: a gauge,
/// too few scored buckets, or too little expected of the first.
pub fn drop<'p>(method: &Method, points: impl ExactSizeIterator<Item = &'p Point> + Clone) -> Option<f64> {
    let MustDetect::Count { drop_to, drop_buckets, .. } = method.must_detect else { return None };
    if points.len() != drop_buckets || points.clone().next()?.verdict?.expected < LEAST_TO_DROP {
        return None;
    }
    let left = |point: &Point| point.verdict.map_or(f64::NAN, |verdict| drop_to * verdict.expected);
    lowered(method, points.map(|point| (point, left(point))))
}

/// The highest score of buckets in a row that fall to these values, where they are not lower. Only the recursion of the levels is
/// run again, with the baselines and scales as they were. None where one of them has no score.
pub fn lowered<'p>(method: &Method, points: impl Iterator<Item = (&'p Point, f64)> + Clone) -> Option<f64> {
    let mut voters = [false; 3];
    points.clone().flat_map(|(point, _)| point.voters()).for_each(|reading| voters[reading.stream as usize] = true);
    let mut levels = [None; 3];
    let mut best: Option<f64> = None;
    for (point, left) in points {
        let x = dropped(method.kind, point.value?, left);
        let mut moved = *point;
        for (reading, level) in moved.readings.iter_mut().zip(&mut levels) {
            // The level of a stream that has no say in any of them is not needed.
            let Some(reading) = reading.as_mut().filter(|reading| voters[reading.stream as usize]) else { continue };
            *level = Some(run_on(method, reading, *level, x));
        }
        let score = heard(method, &moved, x, Side::Down)?;
        best = Some(best.map_or(score, |best| best.max(score)));
    }
    best
}

/// Puts the level that the drop led to in the place of the stored one; returns the level after it.
fn run_on(method: &Method, reading: &mut Reading, level: Option<f64>, x: f64) -> f64 {
    reading.level = level.unwrap_or(reading.level);
    reading.learned(method.alpha, reading.residual(method.transform.of(x)))
}

/// A drop raises no value, and leaves counts whole.
fn dropped(kind: Kind, value: f64, to: f64) -> f64 {
    let to = if kind == Kind::Count { to.floor() } else { to };
    value.min(to)
}
