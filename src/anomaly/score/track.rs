//! What one stream keeps: its level and the residuals that its scale is taken of.

use serde::{Deserialize, Serialize};

use super::gaps;
use super::history::{History, Wall};
use super::season::Season;
use crate::anomaly::method::{Kind, Method, Stream, Transform};
use crate::anomaly::sorted::Sorted;

/// Fewer residuals give no scale.
const NEEDED: usize = 20;

/// What makes the median of |r| the standard deviation where residuals are normal.
const NORMAL: f64 = 1.4826;

/// The level follows residuals of at most this many scales.
const CLAMP: f64 = 3.0;

/// Which of its terms a scale is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Term {
    Mad,
    Sd,
    RelFloor,
    CountFloor,
    AbsFloor,
}

impl Term {
    pub fn as_str(self) -> &'static str {
        match self {
            Term::Mad => "mad",
            Term::Sd => "sd",
            Term::RelFloor => "rel_floor",
            Term::CountFloor => "count_floor",
            Term::AbsFloor => "abs_floor",
        }
    }
}

/// How far values usually lie from their prediction, in the space of the transform.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Scale {
    pub size: f64,
    pub term: Term,
}

/// What a stream knew before a bucket. All but the scale's readiness stands on the past alone.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    pub stream: Stream,
    pub baseline: f64,
    pub level: f64,
    /// None before 20 residuals.
    pub scale: Option<Scale>,
    /// Whether it has a say in the score.
    pub votes: bool,
}

impl Reading {
    /// In the space of the transform.
    pub fn prediction(&self) -> f64 {
        self.baseline + self.level
    }

    pub fn residual(&self, y: f64) -> f64 {
        (y - self.baseline) - self.level
    }

    /// Whether it could vote.
    pub fn is_ready(&self) -> bool {
        self.scale.is_some_and(|scale| scale.size > 0.0)
    }

    /// The level after a residual.
    pub fn learned(&self, alpha: f64, residual: f64) -> f64 {
        let most = self.scale.map(|scale| CLAMP * scale.size).filter(|most| *most > 0.0);
        self.level + alpha * most.map_or(residual, |most| residual.clamp(-most, most))
    }
}

#[derive(Debug, Clone)]
pub struct Track {
    pub stream: Stream,
    season: Option<Season>,
    /// The baseline of the bucket at hand, for the first value to set the level from.
    baseline: Option<f64>,
    /// Where among the sorted residuals that one stands which leaves with it.
    leaving: Option<usize>,
    /// Its residual, NaN where it has none, and where that will stand.
    entering: (f64, usize),
    memory: Memory,
    /// |r| of the ring.
    spread: Sorted,
}

/// The part of a stream that no other part gives back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Memory {
    level: Option<f64>,
    /// The residuals of the last buckets, as many as the window has; NaN where a bucket had none.
    #[serde(with = "gaps")]
    residuals: Vec<f64>,
    /// Where the next residual goes: the oldest one, once the ring is full.
    next: usize,
    /// Over the ring. Rebuilt from it each time it wraps, so that rounding does not gather.
    sum: f64,
    squares: f64,
}

impl Track {
    pub fn new(stream: Stream, method: &Method) -> Track {
        let memory = Memory { level: None, residuals: Vec::new(), next: 0, sum: 0.0, squares: 0.0 };
        let season = Season::new(stream, Wall::from(method.bucket), method.transform);
        let entering = (f64::NAN, 0);
        Track { stream, season, baseline: None, leaving: None, entering, memory, spread: Sorted::default() }
    }

    /// From what was read from a file; None where that cannot be.
    pub fn restored(stream: Stream, method: &Method, memory: Memory) -> Option<Track> {
        let window = method.window.max(1);
        let filled = memory.residuals.len();
        let sound = filled <= window && memory.next < window && (filled == window || memory.next == filled);
        let finite = memory.sum.is_finite() && memory.squares.is_finite();
        let spread = memory.residuals.iter().filter(|r| !r.is_nan()).map(|r| r.abs()).collect();
        (sound && finite).then(|| Track { memory, spread, ..Track::new(stream, method) })
    }

    pub fn memory(&self) -> &Memory {
        &self.memory
    }

    /// What is known before the bucket. None before the first value that has a baseline.
    pub fn read(&mut self, method: &Method, history: &History, at: Wall) -> Option<Reading> {
        self.baseline = match &mut self.season {
            None => Some(0.0),
            Some(season) => season.baseline(history, at),
        };
        let (baseline, level) = (self.baseline?, self.memory.level?);
        let scale = self.scale(method, baseline + level);
        Some(Reading { stream: self.stream, baseline, level, scale, votes: false })
    }

    /// Looks for the residual that leaves the window with the next bucket.
    pub fn find_leaving(&mut self) {
        let oldest = self.memory.residuals.get(self.memory.next).filter(|r| !r.is_nan());
        self.leaving = oldest.and_then(|r| self.spread.find(r.abs()));
    }

    /// Takes in the bucket: what was read before it, and its value in the space of the transform.
    /// Its residual is yet to be put to its place.
    pub fn learn(&mut self, method: &Method, reading: Option<Reading>, y: Option<f64>) {
        let mut residual = f64::NAN;
        match (reading, y, self.baseline) {
            (Some(reading), Some(y), _) => {
                residual = reading.residual(y);
                self.memory.level = Some(reading.learned(method.alpha, residual));
            }
            (None, Some(y), Some(baseline)) => self.memory.level = Some(y - baseline),
            _ => {}
        }
        self.entering = (residual, self.spread.place(residual.abs()));
    }

    /// max(1.4826 x median|r|, sd(r) (n-1), rel_floor x |p|, floor); the first of equal terms is named.
    fn scale(&self, method: &Method, prediction: f64) -> Option<Scale> {
        let n = self.spread.len();
        let median = self.spread.median().filter(|_| n >= NEEDED)?;
        let count = n as f64;
        let sum = self.memory.sum;
        let variance = (self.memory.squares - sum * sum / count) / (count - 1.0);
        let (rel, floor, term) = floors(method, prediction);
        let terms = [(variance.max(0.0).sqrt(), Term::Sd), (rel, Term::RelFloor), (floor, term)];
        let first = Scale { size: NORMAL * median, term: Term::Mad };
        let larger = |best: Scale, (size, term)| if size > best.size { Scale { size, term } } else { best };
        Some(terms.into_iter().fold(first, larger))
    }

    /// Puts a residual into the ring, over the one that leaves the window.
    pub fn turn(&mut self, window: usize) {
        let memory = &mut self.memory;
        let (new, place) = self.entering;
        let old = memory.residuals.get(memory.next).copied().unwrap_or(f64::NAN);
        match (self.leaving, new.is_nan()) {
            (None, true) => {}
            (None, false) => self.spread.insert(new.abs()),
            (Some(at), true) => self.spread.take(at),
            (Some(at), false) => self.spread.shift(at, place, new.abs()),
        }
        match memory.residuals.get_mut(memory.next) {
            Some(place) => *place = new,
            None => memory.residuals.push(new),
        }
        memory.next += 1;
        if memory.next >= window {
            memory.next = 0;
            (memory.sum, memory.squares) = (0.0, 0.0);
            memory.residuals.iter().filter(|r| !r.is_nan()).for_each(|r| {
                memory.sum += r;
                memory.squares += r * r;
            });
            return;
        }
        if !old.is_nan() {
            memory.sum -= old;
            memory.squares -= old * old;
        }
        if !new.is_nan() {
            memory.sum += new;
            memory.squares += new * new;
        }
    }
}

/// rel_floor x |p|, and the floor of the kind with its name.
fn floors(method: &Method, prediction: f64) -> (f64, f64, Term) {
    let rel = method.rel_floor * prediction.abs();
    match (method.transform, method.kind) {
        (Transform::Sqrt, _) => (0.0, 1.0, Term::CountFloor),
        (_, Kind::Count) => (rel, (prediction.max(0.0) + 1.0).sqrt(), Term::CountFloor),
        (_, Kind::Gauge) => (rel, method.abs_floor, Term::AbsFloor),
    }
}
