//! Which values would alert: the edges of the band around what was expected.
//!
//! They exist because the vote for a direction never falls as the value goes that way: every z rises with the value,
//! and no scale contains it.

use super::point::{Point, Side, is_large};
use crate::anomaly::method::{Kind, Method};

/// From here on every double is whole, and its neighbours are more than one count away.
const ALL_WHOLE: f64 = (1_i64 << 53) as f64;
/// Edges of counts below that are looked for up to here.
const LARGEST_COUNT: i64 = 1 << 62;

/// The last value below and the first value above what was expected that qualify. None where no value does.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Band {
    pub lower: Option<f64>,
    pub upper: Option<f64>,
}

/// The edges at which the score reaches the threshold.
pub fn scores(method: &Method, point: &Point) -> Band {
    edges(method, point, |_, _| true)
}

/// The edges at which an alert would come: as `scores`, and the deviation is as large as `min_effect` asks for.
pub fn alerts(method: &Method, point: &Point) -> Band {
    edges(method, point, |x, expected| is_large(method, x, expected))
}

fn edges(method: &Method, point: &Point, large: impl Fn(f64, f64) -> bool) -> Band {
    let Some(verdict) = point.verdict else { return Band::default() };
    let expected = verdict.expected;
    let edge = |side: Side| {
        if !side.allowed(method.direction) {
            return None;
        }
        let reaches =
            |x: f64| point.toward(method, x, side).is_some_and(|score| score >= method.threshold) && large(x, expected);
        let first = |kind| Line { kind, side }.first(expected, guess(method, point, side), reaches);
        match method.kind {
            Kind::Count if expected >= ALL_WHOLE => first(Kind::Gauge).map(f64::floor).filter(|x| *x >= 0.0),
            kind => first(kind),
        }
    };
    Band { lower: edge(Side::Down), upper: edge(Side::Up) }
}

/// About where the edge lies: the root of the vote for one or two streams, exact but for rounding.
fn guess(method: &Method, point: &Point, side: Side) -> f64 {
    let (mut mean, mut widest, mut n, mut scales) = (0.0, 0.0_f64, 0.0, 1.0);
    for reading in point.voters() {
        let scale = reading.scale.map_or(0.0, |scale| scale.size);
        mean += reading.prediction();
        widest = widest.max(scale);
        scales *= scale;
        n += 1.0;
    }
    mean /= n;
    let half = if n == 2.0 {
        // (x - p1)(x - p2) = T^2 s1 s2, around the mean of p1 and p2.
        let apart = point.voters().map(|reading| (reading.prediction() - mean).abs()).fold(0.0, f64::max);
        (apart * apart + method.threshold * method.threshold * scales).sqrt()
    } else {
        method.threshold * widest
    };
    method.transform.back(if side == Side::Up { mean + half } else { mean - half })
}

/// The values of a kind as integers that grow in one direction: counts as they are, other numbers by the order of
/// their bits, so that neighbours are neighbours.
#[derive(Clone, Copy)]
struct Line {
    kind: Kind,
    side: Side,
}

impl Line {
    /// The first value behind `expected` from which on `reaches` holds.
    fn first(self, expected: f64, guess: f64, reaches: impl Fn(f64) -> bool) -> Option<f64> {
        let from = self.after(expected);
        let last = match (self.kind, self.side) {
            (Kind::Count, Side::Up) => LARGEST_COUNT,
            (Kind::Count, Side::Down) => 0,
            (Kind::Gauge, _) => bits_in_order(f64::MAX),
        };
        let guess = self.key(guess).clamp(from, last.max(from));
        let found = bisect(from, guess, last, |key| reaches(self.value(key)))?;
        Some(self.value(found))
    }

    /// The key of the first value behind this one.
    fn after(self, value: f64) -> i64 {
        match (self.kind, self.side) {
            (Kind::Count, Side::Up) => (value.floor() as i64).saturating_add(1).max(0),
            (Kind::Count, Side::Down) => -(value.ceil() as i64).saturating_sub(1),
            (Kind::Gauge, _) => self.key(value).saturating_add(1),
        }
    }

    fn key(self, value: f64) -> i64 {
        let toward = if self.side == Side::Up { value } else { -value };
        match self.kind {
            Kind::Count => toward.ceil() as i64,
            Kind::Gauge => bits_in_order(toward),
        }
    }

    fn value(self, key: i64) -> f64 {
        let toward = match self.kind {
            Kind::Count => key as f64,
            Kind::Gauge => from_bits_in_order(key),
        };
        if self.side == Side::Up { toward } else { 0.0 - toward }
    }
}

/// An integer that orders finite numbers as they are; both zeros have places.
fn bits_in_order(value: f64) -> i64 {
    let bits = value.to_bits().cast_signed();
    bits ^ ((bits >> 63) & i64::MAX)
}

fn from_bits_in_order(key: i64) -> f64 {
    f64::from_bits((key ^ ((key >> 63) & i64::MAX)).cast_unsigned())
}

/// The first key of `from..=last` that holds, where all after the first do. Steps that double lead from the guess to
/// both sides of it.
fn bisect(from: i64, guess: i64, last: i64, holds: impl Fn(i64) -> bool) -> Option<i64> {
    if from > last {
        return None;
    }
    let (mut no, mut yes, mut step) = (None, None, 1_i64);
    let mut probe = guess;
    loop {
        if holds(probe) {
            yes = Some(probe);
            if no.is_some() || probe == from {
                break;
            }
            probe = probe.saturating_sub(step).max(from);
        } else {
            no = Some(probe);
            if yes.is_some() || probe == last {
                break;
            }
            probe = probe.saturating_add(step).min(last);
        }
        step = step.saturating_mul(2);
    }
    let mut yes = yes?;
    let Some(mut no) = no else { return Some(yes) };
    while no.abs_diff(yes) > 1 {
        let middle = i64::midpoint(no, yes);
        if holds(middle) {
            yes = middle;
        } else {
            no = middle;
        }
    }
    Some(yes)
}
