//! What the adaptive method is held against: a fixed limit, a rolling z-score, and the specification's sketch taken
//! literally (section 3.6). Scores are signed as `judge` has them; NaN is no score.

use std::collections::VecDeque;

use super::judge::scored::{Bucket, Online};
use super::method::{Direction, Slot, Stream, Transform};
use super::score::history::History;
use super::score::season::Season;
use super::score::{Wall, wall};
use super::sorted::Sorted;

/// Residuals that the literal method needs before it scores, and values that rolling_z does.
const READY: usize = 20;
const WEEK_MS: i64 = 7 * 86_400_000;
/// A score that is not zero only because zero has no geometric mean: see section 3.2.
const LEAST: f64 = 0.001;

/// Mean and standard deviation (n - 1) of the values before the end of the warm-up, over the whole series.
#[derive(Debug, Clone, Copy)]
pub struct Fixed {
    moments: Option<(f64, f64)>,
    direction: Direction,
}

impl Fixed {
    pub fn new(values: &[Option<f64>], warmup: usize, direction: Direction) -> Self {
        let learned: Vec<f64> = values[..warmup.min(values.len())].iter().flatten().copied().collect();
        Fixed { moments: exact_moments(&learned), direction }
    }

    fn of(&self, value: Option<f64>) -> f64 {
        match (value, self.moments) {
            (Some(x), Some((mean, sd))) => directed(deviation(x, mean, sd), self.direction),
            _ => f64::NAN,
        }
    }
}

impl Online for Fixed {
    fn score(&mut self, bucket: &Bucket) -> f64 {
        self.of(bucket.value())
    }
}

pub fn fixed(values: &[Option<f64>], warmup: usize, direction: Direction) -> Vec<f64> {
    let fixed = Fixed::new(values, warmup, direction);
    values.iter().map(|value| fixed.of(*value)).collect()
}

/// Mean and standard deviation (n - 1) of the values of the seven days before, at least 20 of them.
#[derive(Debug, Clone)]
pub struct RollingZ {
    recent: Recent,
    direction: Direction,
}

impl RollingZ {
    pub fn new(direction: Direction) -> Self {
        RollingZ { recent: Recent::default(), direction }
    }

    fn push(&mut self, start: i64, value: Option<f64>) -> f64 {
        self.recent.forget_before(start.saturating_sub(WEEK_MS));
        let Some(x) = value else { return f64::NAN };
        let z = self.recent.moments().map_or(f64::NAN, |(mean, sd)| deviation(x, mean, sd));
        self.recent.push(start, x);
        directed(z, self.direction)
    }
}

impl Online for RollingZ {
    fn score(&mut self, bucket: &Bucket) -> f64 {
        self.push(bucket.start, bucket.value())
    }
}

pub fn rolling_z(starts: &[i64], values: &[Option<f64>], direction: Direction) -> Vec<f64> {
    let mut rolling = RollingZ::new(direction);
    starts.iter().zip(values).map(|(start, value)| rolling.push(*start, *value)).collect()
}

/// How the literal method is set: of these fields alone it depends.
#[derive(Debug, Clone, Copy)]
pub struct Literal {
    /// Minutes.
    pub bucket: u32,
    /// Buckets that the scale looks back.
    pub window: usize,
    pub direction: Direction,
}

impl Literal {
    const ALPHA: f64 = 0.2;
    const REL_FLOOR: f64 = 0.05;

    pub fn scores(self, slots: &[Slot], values: &[Option<f64>]) -> Vec<f64> {
        let mut sketch = Sketch::new(self);
        slots.iter().zip(values).map(|(slot, value)| sketch.push(*slot, *value)).collect()
    }

    fn score(self, residual: f64, prediction: f64, residuals: &Sizes) -> f64 {
        let Some(median) = residuals.median() else { return f64::NAN };
        let scale = (1.4826 * median).max(Self::REL_FLOOR * prediction.abs());
        if scale <= 0.0 {
            return f64::NAN;
        }
        let z = residual / scale;
        let (up, down) = (z.max(LEAST), (-z).max(LEAST));
        match self.direction {
            Direction::Up => up,
            Direction::Down => -down,
            Direction::Both if up >= down => up,
            Direction::Both => -down,
        }
    }
}

/// Residuals of the day baseline against a level without clamp, over 1.4826 x the median of their sizes or 5 % of the
/// prediction. Without a baseline there is no score.
#[derive(Debug, Clone)]
pub struct Sketch {
    set: Literal,
    history: History,
    days: Option<Season>,
    level: Option<f64>,
    residuals: Sizes,
    pushed: usize,
}

impl Sketch {
    pub fn new(set: Literal) -> Self {
        let bucket = Wall::from(set.bucket);
        let days = Season::new(Stream::Day, bucket, Transform::Identity);
        Sketch { set, history: History::new(bucket), days, level: None, residuals: Sizes::default(), pushed: 0 }
    }

    fn push(&mut self, slot: Slot, value: Option<f64>) -> f64 {
        let i = self.pushed;
        self.pushed += 1;
        self.residuals.forget_before(i.saturating_sub(self.set.window));
        let at = wall(slot, self.set.bucket);
        let baseline = self.days.as_mut().filter(|_| value.is_some()).and_then(|days| days.baseline(&self.history, at));
        self.history.push(at, value.unwrap_or(f64::NAN));
        let (Some(x), Some(b)) = (value, baseline) else { return f64::NAN };
        let e = x - b;
        let residual = self.level.map(|l| e - l);
        let score = residual.map_or(f64::NAN, |r| self.set.score(r, x - r, &self.residuals));
        if let Some(r) = residual {
            self.residuals.push(i, r.abs());
        }
        self.level = Some(self.level.map_or(e, |l| l + Literal::ALPHA * (e - l)));
        score
    }
}

impl Online for Sketch {
    fn score(&mut self, bucket: &Bucket) -> f64 {
        self.push(bucket.slot, bucket.value())
    }
}

/// Without any spread every other value is infinitely far away.
fn deviation(x: f64, mean: f64, sd: f64) -> f64 {
    if sd > 0.0 {
        (x - mean) / sd
    } else if x == mean {
        0.0
    } else {
        f64::INFINITY.copysign(x - mean)
    }
}

/// Deviations in a direction that the rule does not look at are none.
fn directed(z: f64, direction: Direction) -> f64 {
    match direction {
        Direction::Up if z < 0.0 => 0.0,
        Direction::Down if z > 0.0 => 0.0,
        _ => z,
    }
}

/// None below two values.
fn exact_moments(values: &[f64]) -> Option<(f64, f64)> {
    let first = *values.first().filter(|_| values.len() > 1)?;
    if values.iter().all(|v| *v == first) {
        // A sum of equal floats over their number need not be the same float.
        return Some((first, 0.0));
    }
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
    Some((mean, (squares / (n - 1.0)).sqrt()))
}

/// The values of a time that moves, with running sums that are made anew once all of them have changed.
#[derive(Debug, Clone, Default)]
struct Recent {
    values: VecDeque<(i64, f64)>,
    /// What the sums are taken around, so that little is lost between large numbers.
    origin: f64,
    sum: f64,
    squares: f64,
    /// How many of the newest values are equal.
    equal: usize,
    /// Values pushed since the sums were made.
    since: usize,
}

impl Recent {
    fn push(&mut self, at: i64, value: f64) {
        let same = self.values.back().is_some_and(|(_, last)| *last == value);
        self.equal = if same { self.equal + 1 } else { 1 };
        self.values.push_back((at, value));
        self.since += 1;
        if self.since >= self.values.len() {
            self.rebuild();
        } else {
            self.add(value, 1.0);
        }
    }

    fn forget_before(&mut self, time: i64) {
        while let Some(&(_, value)) = self.values.front().filter(|(at, _)| *at < time) {
            self.values.pop_front();
            self.add(value, -1.0);
        }
    }

    fn add(&mut self, value: f64, sign: f64) {
        let off = value - self.origin;
        self.sum += sign * off;
        self.squares += sign * off * off;
    }

    fn rebuild(&mut self) {
        self.origin = self.values.iter().map(|(_, v)| v).sum::<f64>() / self.values.len().max(1) as f64;
        let offs = self.values.iter().map(|(_, v)| v - self.origin);
        (self.sum, self.squares) = offs.fold((0.0, 0.0), |(s, q), off| (s + off, q + off * off));
        self.since = 0;
    }

    fn moments(&self) -> Option<(f64, f64)> {
        let (_, newest) = *self.values.back().filter(|_| self.values.len() >= READY)?;
        if self.equal >= self.values.len() {
            return Some((newest, 0.0));
        }
        let n = self.values.len() as f64;
        let squares = (self.squares - self.sum * self.sum / n).max(0.0);
        Some((self.origin + self.sum / n, (squares / (n - 1.0)).sqrt()))
    }
}

/// Sizes of residuals, by age and by size.
#[derive(Debug, Clone, Default)]
struct Sizes {
    by_age: VecDeque<(usize, f64)>,
    sorted: Sorted,
}

impl Sizes {
    fn push(&mut self, bucket: usize, size: f64) {
        self.by_age.push_back((bucket, size));
        self.sorted.insert(size);
    }

    fn forget_before(&mut self, bucket: usize) {
        while let Some(&(_, size)) = self.by_age.front().filter(|(at, _)| *at < bucket) {
            self.by_age.pop_front();
            self.sorted.remove(size);
        }
    }

    /// None below the number that the method needs.
    fn median(&self) -> Option<f64> {
        self.sorted.median().filter(|_| self.sorted.len() >= READY)
    }
}

#[cfg(test)]
mod tests;
