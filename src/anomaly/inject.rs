//! Effects injected into the history, and which of them a detector hears: the power that needs no labels (section 3.6).
//!
//! An effect changes values of buckets. The sum of a count and the mean of a gauge are linear in the records of a bucket, so
//! what is added to the value is what more records, or higher ones, would have added: an effect on buckets is an effect on
//! the raw data.
//!
//! Each effect is a run of its own. The detector as it stood before the place is cloned and reads on over the changed
//! buckets, so what the effect does to its level and scale is kept, and no effect meets another. Sizes follow from what the
//! rule as it is written expects, not from what a detector does: all detectors are struck by the same effects.

use std::ops::Range;

use super::judge::scored::{Bucket, Online};
use super::method::{Kind as Measure, Method, MustDetect};
use super::random::Random;
use super::score::effect::{LEAST_TO_DROP, rise};
use super::score::{Scorer, Seen, Side};
use super::tune::draws::{Place, draw};
use crate::error::Result;
use crate::stats::nearest_rank;

/// In `must_detect`.
pub const SIZES: [f64; 4] = [0.5, 1.0, 2.0, 4.0];
/// Buckets of a burst.
const BURST: usize = 6;
const DAY_MINUTES: usize = 1_440;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// One bucket up.
    Spike,
    /// Six buckets up.
    Burst,
    /// `drop_buckets` down to a part of what was expected; of a gauge one bucket down.
    Drop,
    /// Up for a day, from nothing to the whole size.
    Ramp,
    /// At size 1 a count that doubles, of which a day is looked at; a gauge that is raised for a day.
    Shift,
}

impl Kind {
    pub const ALL: [Kind; 5] = [Kind::Spike, Kind::Burst, Kind::Drop, Kind::Ramp, Kind::Shift];

    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Spike => "spike",
            Kind::Burst => "burst",
            Kind::Drop => "drop",
            Kind::Ramp => "ramp",
            Kind::Shift => "shift",
        }
    }

    pub fn side(self) -> Side {
        if self == Kind::Drop { Side::Down } else { Side::Up }
    }

    /// The kinds that `must_detect` describes: at size 1 they decide about the power of a rule, as in `tune` and in the
    /// canaries. The others are told beside them.
    pub fn must_be_heard(self) -> bool {
        matches!(self, Kind::Spike | Kind::Drop)
    }

    /// How many buckets are changed.
    fn len(self, method: &Method) -> usize {
        match (self, method.must_detect) {
            (Kind::Spike, _) | (Kind::Drop, MustDetect::Gauge { .. }) => 1,
            (Kind::Burst, _) => BURST,
            (Kind::Drop, MustDetect::Count { drop_buckets, .. }) => drop_buckets.max(1),
            (Kind::Ramp | Kind::Shift, _) => (DAY_MINUTES / method.bucket as usize).max(1),
        }
    }
}

/// One series, and what the rule as it is written makes of it.
#[derive(Debug, Clone)]
pub struct Ground {
    pub buckets: Vec<Bucket>,
    /// In the unit of the data; None where the bucket has no score.
    pub expected: Vec<Option<f64>>,
    /// The geometric mean of the voters' scales.
    pub spread: Vec<Option<f64>>,
    /// Which buckets may be changed: those that are judged, neither labelled nor ignored nor excluded.
    pub free: Vec<bool>,
}

impl Ground {
    /// `free` of the buckets that are judged and clean; what is excluded is not free in any case.
    pub fn new(method: &Method, buckets: Vec<Bucket>, mut free: Vec<bool>) -> Self {
        let mut scorer = Scorer::new(method);
        let (mut expected, mut spread) = (Vec::with_capacity(buckets.len()), Vec::with_capacity(buckets.len()));
        for (bucket, free) in buckets.iter().zip(&mut free) {
            let point = scorer.push(bucket.slot, bucket.seen);
            expected.push(point.verdict.map(|v| v.expected));
            spread.push(point.spread());
            *free &= bucket.seen != Seen::Excluded;
        }
        Ground { buckets, expected, spread, free }
    }

    /// The first buckets of where an effect of this kind may lie.
    fn places(&self, method: &Method, kind: Kind) -> Vec<Place> {
        let len = kind.len(method);
        let counted = method.kind == Measure::Count;
        let (mut places, mut free) = (Vec::new(), 0);
        for last in 0..self.buckets.len() {
            free = if self.free[last] { free + 1 } else { 0 };
            if free < len {
                continue;
            }
            let first = last + 1 - len;
            let Some(expected) = self.expected[first] else { continue };
            let is_low = kind == Kind::Drop && counted && expected < LEAST_TO_DROP;
            let whole = kind != Kind::Drop || self.expected[first..=last].iter().all(Option::is_some);
            if whole && !is_low {
                let slot = self.buckets[first].slot;
                places.push(Place { bucket: first, hour: slot.day.rem_euclid(7) as u16 * 24 + slot.minute / 60 });
            }
        }
        places
    }
}

/// The scale of a rule, which sizes the effects on gauges: the median over its scored buckets. None without any.
pub fn unit(grounds: &[Ground]) -> Option<f64> {
    let spreads: Vec<f64> = grounds.iter().flat_map(|g| g.spread.iter().flatten()).copied().collect();
    nearest_rank(&spreads, 500, f64::total_cmp)
}

/// What one detector heard of the effects of one kind and size.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    pub kind: Kind,
    pub size: f64,
    /// Per series the highest score in the direction of the effect within its buckets, for each place; 0 without a score.
    pub reached: Vec<Vec<f64>>,
}

/// What is injected where: the same for every detector.
pub struct Injections<'a> {
    method: &'a Method,
    grounds: &'a [Ground],
    unit: f64,
    /// Per kind and series the first buckets, ascending.
    places: Vec<(Kind, Vec<Vec<usize>>)>,
}

impl<'a> Injections<'a> {
    /// Up to `limit` places per kind, spread over series and hours of the week; of the kinds that the rule's direction
    /// asks for. `method`: the rule as it is written. The draws have nothing in common with those of `tune`.
    pub fn new(method: &'a Method, grounds: &'a [Ground], limit: usize, seed: u64, rule: &str) -> Self {
        let asked = Kind::ALL.into_iter().filter(|kind| kind.side().allowed(method.direction));
        let drawn = |kind: Kind| {
            let places: Vec<Vec<Place>> = grounds.iter().map(|ground| ground.places(method, kind)).collect();
            let purpose = format!("backtest inject {}", kind.as_str());
            (kind, draw(&places, limit, &mut Random::new(seed, &purpose, rule, "")))
        };
        let places = asked.map(drawn).collect();
        Injections { method, grounds, unit: unit(grounds).unwrap_or(0.0), places }
    }

    /// Per kind and size. `fresh` gives the detector of a series before its first bucket.
    pub fn heard<D: Online>(&self, fresh: impl Fn(usize) -> D, check: &dyn Fn() -> Result<()>) -> Result<Vec<Heard>> {
        let none = |kind: Kind| SIZES.map(|size| Heard { kind, size, reached: vec![Vec::new(); self.grounds.len()] });
        let mut heard: Vec<Heard> = self.places.iter().flat_map(|(kind, _)| none(*kind)).collect();
        for (series, ground) in self.grounds.iter().enumerate() {
            check()?;
            let mut detector = fresh(series);
            let mut read = 0;
            for (first, kind) in self.strikes(series) {
                ground.buckets[read..first].iter().for_each(|bucket| {
                    detector.score(bucket);
                });
                read = first;
                for one in heard.iter_mut().filter(|h| h.kind == self.places[kind].0) {
                    let effect = self.effect(one.kind, one.size, ground, first);
                    one.reached[series].push(highest(detector.clone(), &effect, one.kind.side()));
                }
            }
        }
        Ok(heard)
    }

    /// The places of a series in order of time: first bucket, and which kind of the list.
    fn strikes(&self, series: usize) -> Vec<(usize, usize)> {
        let of = |(kind, (_, places)): (usize, &(Kind, Vec<Vec<usize>>))| -> Vec<(usize, usize)> {
            places[series].iter().map(|first| (*first, kind)).collect()
        };
        let mut strikes: Vec<(usize, usize)> = self.places.iter().enumerate().flat_map(of).collect();
        strikes.sort_unstable();
        strikes
    }

    /// The buckets of an effect with their changed values. A bucket without a value stays without one, since there is no
    /// record to change.
    fn effect(&self, kind: Kind, size: f64, ground: &Ground, first: usize) -> Vec<Bucket> {
        let span: Range<usize> = first..first + kind.len(self.method);
        let len = span.len();
        let changed = |(step, i): (usize, usize)| {
            let bucket = ground.buckets[i];
            let (Some(x), Some(expected)) = (bucket.value(), ground.expected[i]) else { return bucket };
            let part = (step + 1) as f64 / len as f64;
            Bucket { seen: Seen::Value(self.struck(kind, size, x, expected, part)), ..bucket }
        };
        span.enumerate().map(changed).collect()
    }

    /// The value of a bucket under an effect; `part`: how far the effect has come, in (0, 1].
    fn struck(&self, kind: Kind, size: f64, x: f64, expected: f64, part: f64) -> f64 {
        let raised = |size| self.raised(size, expected);
        match (kind, self.method.must_detect) {
            (Kind::Spike | Kind::Burst, _) | (Kind::Shift, MustDetect::Gauge { .. }) => x + raised(size),
            (Kind::Ramp, _) => x + raised(size * part),
            (Kind::Shift, MustDetect::Count { .. }) => (x * (1.0 + size)).round(),
            (Kind::Drop, MustDetect::Count { drop_to, .. }) => {
                let left = (drop_to + (1.0 - size) * (1.0 - drop_to)).max(0.0);
                x.min((left * expected).floor().max(0.0))
            }
            (Kind::Drop, MustDetect::Gauge { .. }) => x - raised(size),
        }
    }

    /// By how much a bucket is raised; a count by whole numbers.
    fn raised(&self, size: f64, expected: f64) -> f64 {
        let must_detect = match self.method.must_detect {
            MustDetect::Count { rel, abs, drop_to, drop_buckets } => {
                MustDetect::Count { rel: rel * size, abs: abs * size, drop_to, drop_buckets }
            }
            MustDetect::Gauge { scale } => MustDetect::Gauge { scale: scale * size },
        };
        rise(must_detect, expected, self.unit)
    }

    /// Over all kinds and sizes.
    pub fn all(&self) -> usize {
        self.places.iter().flat_map(|(_, places)| places).map(Vec::len).sum::<usize>() * SIZES.len()
    }

    /// Of this kind; None where the rule does not ask for it.
    pub fn number(&self, kind: Kind) -> Option<usize> {
        let (_, places) = self.places.iter().find(|(k, _)| *k == kind)?;
        Some(places.iter().map(Vec::len).sum())
    }

    /// In the unit of the data: what a gauge is raised by at size 1.
    pub fn unit(&self) -> f64 {
        self.unit
    }
}

fn highest<D: Online>(mut detector: D, effect: &[Bucket], side: Side) -> f64 {
    let toward = |score: f64| if side == Side::Up { score } else { -score };
    // A score that is none loses every comparison.
    effect.iter().map(|bucket| toward(detector.score(bucket))).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests;
