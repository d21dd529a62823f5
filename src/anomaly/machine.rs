//! The alert machine of one series: which breaches are announced, escalated, closed or held back.
//!
//! It changes no score, and a mute changes none of its moves.

use std::collections::VecDeque;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::method::Method;
use super::score::{Point, Side, Status};

/// An alert ends after this many scored buckets in a row below `CALM` of the threshold.
const CALM_BUCKETS: u32 = 3;
pub const CALM: f64 = 0.7;

/// An alert that is open for longer ends by itself.
const LONGEST_MS: i64 = 7 * 24 * 3_600_000;

/// What the machine needs of a rule.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    pub threshold: f64,
    /// How far it looks back for breaches that were as loud.
    pub cooldown_ms: i64,
}

impl Limits {
    pub fn of(method: &Method) -> Limits {
        let cooldown_ms = method.cooldown as i64 * i64::from(method.bucket) * 60_000;
        Limits { threshold: method.threshold, cooldown_ms }
    }
}

/// A bucket that has a score, of whatever detector.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scored {
    pub score: f64,
    pub side: Side,
    pub breach: bool,
}

impl Scored {
    pub fn of(point: &Point) -> Option<Scored> {
        let verdict = point.verdict?;
        Some(Scored { score: verdict.score, side: verdict.side, breach: point.status == Status::Breach })
    }

    /// Of a score below 0 downwards; NaN is none.
    pub fn signed(score: f64, threshold: f64) -> Option<Scored> {
        let side = if score < 0.0 { Side::Down } else { Side::Up };
        (!score.is_nan()).then_some(Scored { score: score.abs(), side, breach: score.abs() >= threshold })
    }
}

/// The machine of a series. Times are milliseconds since 1970, of the start of a bucket.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    alert: Option<Alert>,
    /// The breaches of the cooldown that a later one must exceed, from the oldest and loudest on, by direction.
    loud: Loud,
}

/// From a breach to quiet.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Alert {
    opened: i64,
    side: Side,
    /// Whether a record told of it.
    announced: bool,
    /// Scored buckets in a row that were calm.
    calm: u32,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Loud {
    up: VecDeque<(i64, f64)>,
    down: VecDeque<(i64, f64)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    Open,
    Escalate,
    Close(Reason),
}

impl Event {
    pub fn as_str(self) -> &'static str {
        match self {
            Event::Open => "open",
            Event::Escalate => "escalate",
            Event::Close(_) => "close",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    Recovered,
    Timeout,
}

impl Reason {
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::Recovered => "recovered",
            Reason::Timeout => "timeout",
        }
    }
}

/// What leaves the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notification {
    pub event: Event,
    /// Where the alert began, announced or not.
    pub opened: i64,
    /// From there to the bucket of the record.
    pub duration_s: i64,
    /// Of the breach; for a close, of the last breach that a record told of.
    pub side: Side,
    pub muted: bool,
}

impl Notification {
    /// Whether somebody is called: an open or an escalation that no mute covers.
    pub fn calls(&self) -> bool {
        !self.muted && !matches!(self.event, Event::Close(_))
    }
}

/// Why a breach called nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suppressed {
    /// An alert began that was no louder than those of the cooldown.
    Cooldown,
    /// A mute covered its record.
    Mute,
}

/// What one bucket came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Step {
    pub notification: Option<Notification>,
    pub suppressed: Option<Suppressed>,
}

impl Machine {
    /// Takes the next bucket that closed; None where it has no score. `muted`: a mute covers it.
    pub fn step(&mut self, limits: Limits, start: i64, scored: Option<Scored>, muted: bool) -> Step {
        let Some(Scored { score, side, breach }) = scored else { return self.unscored(start, muted) };
        let louder = breach && self.exceeds(limits, start, side, score);
        let Some(alert) = &mut self.alert else {
            if !breach {
                return Step::default();
            }
            self.alert = Some(Alert { opened: start, side, announced: louder, calm: 0 });
            return step(louder.then_some((Event::Open, start, side)), start, muted, Some(Suppressed::Cooldown));
        };
        alert.calm = if score < CALM * limits.threshold { alert.calm + 1 } else { 0 };
        let opened = alert.opened;
        if louder {
            let event = if alert.announced { Event::Escalate } else { Event::Open };
            (alert.announced, alert.side) = (true, side);
            return step(Some((event, opened, side)), start, muted, None);
        }
        if alert.calm >= CALM_BUCKETS {
            return self.close(Reason::Recovered, start, muted);
        }
        self.unscored(start, muted)
    }

    /// What time alone does.
    fn unscored(&mut self, start: i64, muted: bool) -> Step {
        if self.alert.is_some_and(|alert| start - alert.opened > LONGEST_MS) {
            return self.close(Reason::Timeout, start, muted);
        }
        Step::default()
    }

    fn close(&mut self, reason: Reason, start: i64, muted: bool) -> Step {
        let told = self.alert.take().filter(|alert| alert.announced);
        step(told.map(|alert| (Event::Close(reason), alert.opened, alert.side)), start, muted, None)
    }

    /// Whether a breach exceeds every one of the last `cooldown` in its direction, and notes it. Of those only the
    /// ones that no later one reached can matter to the next.
    fn exceeds(&mut self, limits: Limits, start: i64, side: Side, score: f64) -> bool {
        let loud = if side == Side::Up { &mut self.loud.up } else { &mut self.loud.down };
        while loud.front().is_some_and(|(at, _)| start - at > limits.cooldown_ms) {
            loud.pop_front();
        }
        let exceeds = loud.front().is_none_or(|(_, loudest)| score > *loudest);
        while loud.back().is_some_and(|(_, quieter)| *quieter <= score) {
            loud.pop_back();
        }
        loud.push_back((start, score));
        exceeds
    }

    /// Whether both go on alike from the bucket that starts then: breaches that lie behind the cooldown do not matter.
    pub fn goes_on_as(&self, other: &Machine, limits: Limits, start: i64) -> bool {
        let live = |loud: &VecDeque<(i64, f64)>| loud.partition_point(|(at, _)| start - at > limits.cooldown_ms);
        let same = |a: &VecDeque<(i64, f64)>, b: &VecDeque<(i64, f64)>| a.range(live(a)..).eq(b.range(live(b)..));
        self.alert == other.alert && same(&self.loud.up, &other.loud.up) && same(&self.loud.down, &other.loud.down)
    }

    /// Where the open alert began; None while it is quiet.
    pub fn opened(&self) -> Option<i64> {
        self.alert.map(|alert| alert.opened)
    }
}

/// The record of an event, if there is one, else why there is none.
fn step(event: Option<(Event, i64, Side)>, start: i64, muted: bool, silent: Option<Suppressed>) -> Step {
    let Some((event, opened, side)) = event else {
        return Step { notification: None, suppressed: silent };
    };
    let notification = Notification { event, opened, duration_s: (start - opened) / 1000, side, muted };
    let held_back = muted && !matches!(event, Event::Close(_));
    Step { notification: Some(notification), suppressed: held_back.then_some(Suppressed::Mute) }
}

/// The buckets that call somebody, from the first on: their starts and signed scores (below 0 downwards, NaN none).
pub fn calls(limits: Limits, buckets: impl Iterator<Item = (i64, f64)>) -> Vec<usize> {
    let mut machine = Machine::default();
    let mut calls = Vec::new();
    for (at, (start, score)) in buckets.enumerate() {
        let step = machine.step(limits, start, Scored::signed(score, limits.threshold), false);
        if step.notification.is_some_and(|told| told.calls()) {
            calls.push(at);
        }
    }
    calls
}

/// Names an alert: the first 16 hex digits of SHA-256 over the rule, the series and the start of its first bucket in
/// milliseconds since 1970, each on a line.
pub fn alert_id(rule: &str, series: &str, opened: i64) -> String {
    let digest = Sha256::digest(format!("{rule}\n{series}\n{opened}\n"));
    HEXLOWER.encode(&digest[..8])
}

#[cfg(test)]
mod tests;
