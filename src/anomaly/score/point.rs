//! A bucket judged: who votes, the score, what was expected.

use super::history::Wall;
use super::track::{Reading, Term};
use super::{Seen, slot_at};
use crate::anomaly::method::{Direction, Method, Slot, Stream};

/// A deviation in the other direction counts as this, so that streams which disagree silence each other.
const LEAST: f64 = 0.001;

/// A limit that no mean of three overflows at.
const MOST: f64 = 1e9;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Ok,
    Breach,
    WarmingUp,
    Missing,
    Excluded,
    NoScale,
}

impl Status {
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Ok => "ok",
            Status::Breach => "breach",
            Status::WarmingUp => "warming_up",
            Status::Missing => "missing",
            Status::Excluded => "excluded",
            Status::NoScale => "no_scale",
        }
    }
}

/// Where a value lies from what was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    Up,
    Down,
}

impl Side {
    pub fn as_str(self) -> &'static str {
        match self {
            Side::Up => "up",
            Side::Down => "down",
        }
    }

    pub fn allowed(self, direction: Direction) -> bool {
        match direction {
            Direction::Both => true,
            Direction::Up => self == Side::Up,
            Direction::Down => self == Side::Down,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verdict {
    /// The geometric mean of the votes in the direction where it is larger.
    pub score: f64,
    pub side: Side,
    /// In the unit of the data.
    pub expected: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    pub at: Wall,
    pub value: Option<f64>,
    pub status: Status,
    /// By stream: level, day, week. None where a stream is not kept or has no baseline yet.
    pub readings: [Option<Reading>; 3],
    /// None where no stream votes.
    pub verdict: Option<Verdict>,
}

impl Point {
    /// From what the streams read before the bucket.
    pub(super) fn judged(method: &Method, at: Wall, seen: Seen, readings: [Option<Reading>; 3]) -> Point {
        let status = if seen == Seen::Excluded { Status::Excluded } else { Status::Missing };
        let mut point = Point { at, value: None, status, readings, verdict: None };
        let Seen::Value(x) = seen else { return point };
        point.value = Some(x);
        point.call_votes(method);
        point.verdict = point.verdict_at(method, x);
        point.status = match point.verdict {
            Some(_) if point.signed(method).abs() >= method.threshold => Status::Breach,
            Some(_) => Status::Ok,
            None if point.has_scale_zero(method) => Status::NoScale,
            None => Status::WarmingUp,
        };
        point
    }

    /// The same bucket under a method that differs in its streams alone; all of these have to be kept.
    pub fn under(&self, method: &Method) -> Point {
        let seen = match (self.value, self.status) {
            (Some(x), _) => Seen::Value(x),
            (None, Status::Excluded) => Seen::Excluded,
            (None, _) => Seen::Missing,
        };
        Point::judged(method, self.at, seen, self.readings)
    }

    /// The streams of the rule that are ready; where none is, the level.
    fn call_votes(&mut self, method: &Method) {
        let mut any = false;
        for reading in self.readings.iter_mut().flatten() {
            reading.votes = method.streams.contains(&reading.stream) && reading.is_ready();
            any |= reading.votes;
        }
        if let Some(level) = self.readings[Stream::Level as usize].as_mut().filter(|level| !any && level.is_ready()) {
            level.votes = true;
        }
    }

    fn has_scale_zero(&self, method: &Method) -> bool {
        let counts = |r: &&Reading| r.stream == Stream::Level || method.streams.contains(&r.stream);
        self.readings.iter().flatten().filter(counts).any(|r| r.scale.is_some_and(|scale| scale.size == 0.0))
    }

    /// The streams that have a say.
    pub fn voters(&self) -> impl Iterator<Item = &Reading> {
        self.readings.iter().flatten().filter(|reading| reading.votes)
    }

    /// The score that another value would have had.
    pub fn verdict_at(&self, method: &Method, x: f64) -> Option<Verdict> {
        let expected = self.expected(method)?;
        let (up, down) = self.votes(method, x)?;
        let (score, side) = match method.direction {
            Direction::Up => (up, Side::Up),
            Direction::Down => (down, Side::Down),
            Direction::Both if down > up => (down, Side::Down),
            Direction::Both => (up, Side::Up),
        };
        Some(Verdict { score, side, expected })
    }

    /// The geometric mean of the votes for one direction, for any value. It never falls as the value goes that way.
    pub fn toward(&self, method: &Method, x: f64, side: Side) -> Option<f64> {
        let y = method.transform.of(x);
        let (mut product, mut n) = (1.0, 0);
        for reading in self.voters() {
            let z = z(reading, y)?;
            product *= if side == Side::Up { z } else { -z }.clamp(LEAST, MOST);
            n += 1;
        }
        root(product, n)
    }

    /// As `toward`, up and down.
    fn votes(&self, method: &Method, x: f64) -> Option<(f64, f64)> {
        let y = method.transform.of(x);
        let (mut up, mut down, mut n) = (1.0, 1.0, 0);
        for reading in self.voters() {
            let z = z(reading, y)?;
            up *= z.clamp(LEAST, MOST);
            down *= (-z).clamp(LEAST, MOST);
            n += 1;
        }
        Some((root(up, n)?, root(down, n)?))
    }

    /// The score as far as it can alert, below 0 downwards: 0 where the deviation is smaller than `min_effect`, NaN
    /// where there is no score. A breach is one that reaches the threshold.
    pub fn signed(&self, method: &Method) -> f64 {
        let Some((x, verdict)) = self.value.zip(self.verdict) else { return f64::NAN };
        match verdict.side {
            _ if !is_large(method, x, verdict.expected) => 0.0,
            Side::Up => verdict.score,
            Side::Down => -verdict.score,
        }
    }

    /// The median of the voters' predictions, in the unit of the data.
    fn expected(&self, method: &Method) -> Option<f64> {
        let mut found = [0.0; 3];
        let mut n = 0;
        for reading in self.voters() {
            found[n] = reading.prediction();
            n += 1;
        }
        let [a, b, c] = found;
        let median = match n {
            0 => return None,
            1 => a,
            2 => f64::midpoint(a, b),
            _ => a.min(b).max(a.max(b).min(c)),
        };
        Some(method.transform.back(median))
    }

    /// The geometric mean of the voters' scales, as the score is that of their votes. None where nobody votes.
    pub fn spread(&self) -> Option<f64> {
        let (mut product, mut n) = (1.0, 0);
        for scale in self.voters().filter_map(|reading| reading.scale) {
            product *= scale.size;
            n += 1;
        }
        root(product, n)
    }

    /// Which term decided: that of the voter with the smallest deviation in the direction of the score.
    pub fn term(&self, method: &Method) -> Option<Term> {
        let (x, verdict) = (self.value?, self.verdict?);
        let y = method.transform.of(x);
        let deviation = |r: &&Reading| z(r, y).map_or(0.0, |z| if verdict.side == Side::Up { z } else { -z });
        let least = self.voters().min_by(|a, b| deviation(a).total_cmp(&deviation(b)))?;
        least.scale.map(|scale| scale.term)
    }

    pub fn slot(&self) -> Slot {
        slot_at(self.at)
    }
}

/// The geometric mean of so many factors; None of none.
fn root(product: f64, n: usize) -> Option<f64> {
    match n {
        0 => None,
        1 => Some(product),
        2 => Some(product.sqrt()),
        _ => Some(libm::cbrt(product)),
    }
}

/// The residual in scales.
pub fn z(reading: &Reading, y: f64) -> Option<f64> {
    reading.scale.map(|scale| reading.residual(y) / scale.size)
}

/// Whether a deviation has the size that an alert asks for.
pub fn is_large(method: &Method, x: f64, expected: f64) -> bool {
    method.min_effect.is_none_or(|least| (x - expected).abs() >= least.abs.max(least.rel * expected))
}
