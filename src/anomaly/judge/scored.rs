//! The scores of the adaptive method as the judge wants them.

use crate::anomaly::method::{Method, Slot};
use crate::anomaly::score::{Point, Scorer, Seen, Side, is_large};

/// A closed bucket as every detector reads it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bucket {
    /// Milliseconds since 1970.
    pub start: i64,
    pub slot: Slot,
    pub seen: Seen,
}

impl Bucket {
    /// What is neither scored nor learned has none.
    pub fn value(&self) -> Option<f64> {
        match self.seen {
            Seen::Value(x) => Some(x),
            Seen::Missing | Seen::Excluded => None,
        }
    }
}

/// A detector that reads one bucket after the other. A clone goes on from the same past.
pub trait Online: Clone {
    /// The signed score of the next bucket, which is then learned; NaN where there is none.
    fn score(&mut self, bucket: &Bucket) -> f64;
}

/// The adaptive method. `min_effect` counts: see [`signed`].
impl Online for Scorer {
    fn score(&mut self, bucket: &Bucket) -> f64 {
        let point = self.push(bucket.slot, bucket.seen);
        signed(self.method(), &point)
    }
}

/// Of one series from its first bucket on, each with its slot.
pub fn scores(method: &Method, slots: &[Slot], seen: &[Seen]) -> Vec<f64> {
    let mut scorer = Scorer::new(method);
    slots.iter().zip(seen).map(|(slot, seen)| signed(method, &scorer.push(*slot, *seen))).collect()
}

/// The score with its direction, NaN where there is none, and 0 where the deviation is below `min_effect`, so that a
/// score of at least the threshold is a breach.
pub fn signed(method: &Method, point: &Point) -> f64 {
    match (point.value, point.verdict) {
        (Some(x), Some(verdict)) if !is_large(method, x, verdict.expected) => 0.0,
        (_, Some(verdict)) if verdict.side == Side::Down => -verdict.score,
        (_, verdict) => verdict.map_or(f64::NAN, |v| v.score),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anomaly::method::{Direction, Kind, MinEffect, MustDetect, Stream, Transform};

    fn gauge(min_effect: Option<MinEffect>) -> Method {
        Method {
            kind: Kind::Gauge,
            streams: vec![Stream::Level],
            alpha: 0.2,
            window: 168,
            bucket: 60,
            transform: Transform::Identity,
            rel_floor: 0.0,
            abs_floor: 1.0,
            direction: Direction::Both,
            threshold: 2.5,
            min_effect,
            must_detect: MustDetect::Gauge { scale: 8.0 },
            cooldown: 6,
        }
    }

    #[test]
    fn scores_have_their_direction_and_are_none_where_nothing_is_known() {
        let slots: Vec<Slot> = (0..40).map(|i| Slot { day: i / 24, minute: (i % 24 * 60) as u16 }).collect();
        let mut seen = vec![Seen::Value(100.0); 40];
        seen[30] = Seen::Value(104.0);
        seen[33] = Seen::Missing;
        seen[34] = Seen::Excluded;
        seen[39] = Seen::Value(50.0);
        let found = scores(&gauge(None), &slots, &seen);
        // The first value sets the level, twenty residuals make a scale of 1: the absolute floor.
        assert!(found[..21].iter().all(|s| s.is_nan()) && !found[21].is_nan());
        assert_eq!(found[30], 4.0);
        assert!(found[33].is_nan() && found[34].is_nan());
        assert!(found[39] < -20.0);
        let quiet = scores(&gauge(Some(MinEffect { abs: 5.0, rel: 0.0 })), &slots, &seen);
        assert_eq!((quiet[30], quiet[39]), (0.0, found[39]));
    }
}
