//! How one rule scores: what its fields of adaptive.yaml, and the parameters that `tune` found, come down to.

use serde::{Deserialize, Serialize};

/// What a series measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Whole numbers from 0, summed in a bucket.
    Count,
    /// Any number, averaged in a bucket.
    Gauge,
}

/// What a value is held against: the recent level, the same slot of the days before, the same slot of equal weekdays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stream {
    Level,
    Day,
    Week,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transform {
    Identity,
    /// 2 sqrt(x + 3/8), for counts.
    Sqrt,
}

/// No larger value is read, and larger sums are scored as this: so no sum of squares overflows.
pub const LARGEST: f64 = 1e150;

impl Transform {
    /// A value in the space in which it is scored.
    pub fn of(self, x: f64) -> f64 {
        let x = x.clamp(-LARGEST, LARGEST);
        match self {
            Transform::Identity => x,
            Transform::Sqrt => 2.0 * (x + 0.375).max(0.0).sqrt(),
        }
    }

    /// A place of that space in the unit of the data; a count is not negative.
    pub fn back(self, y: f64) -> f64 {
        match self {
            Transform::Identity => y,
            Transform::Sqrt => {
                let half = y.max(0.0) / 2.0;
                (half * half - 0.375).max(0.0)
            }
        }
    }
}

/// Which deviations may alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Up,
    Down,
    Both,
}

/// A deviation below max(abs, rel x expected) never alerts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MinEffect {
    pub abs: f64,
    pub rel: f64,
}

/// The effect that must be caught.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MustDetect {
    /// Up by max(rel x expected, abs); down to drop_to x expected for drop_buckets buckets.
    Count { rel: f64, abs: f64, drop_to: f64, drop_buckets: usize },
    /// By this many times the median scale of the rule.
    Gauge { scale: f64 },
}

#[derive(Debug, Clone, PartialEq)]
pub struct Method {
    pub kind: Kind,
    /// Ascending, not empty.
    pub streams: Vec<Stream>,
    /// Weight of the newest residual in the level, in (0, 1].
    pub alpha: f64,
    /// How many buckets back the scale looks, at least 20.
    pub window: usize,
    /// Length of a bucket in minutes.
    pub bucket: u32,
    pub transform: Transform,
    pub rel_floor: f64,
    pub abs_floor: f64,
    pub direction: Direction,
    pub threshold: f64,
    pub min_effect: Option<MinEffect>,
    pub must_detect: MustDetect,
    /// How many buckets the alert machine looks back before it announces again.
    pub cooldown: usize,
}

/// The place of a bucket in local time, by the wall clock at its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot {
    /// Local date: days since 1970-01-01. Weekdays follow from it (day 4 was a Monday).
    pub day: i32,
    /// Minutes after local midnight, rounded to the nearest multiple of the bucket.
    pub minute: u16,
}
