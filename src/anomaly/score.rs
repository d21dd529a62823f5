//! The score of a bucket: how far its value lies from what the past of its series predicts, in robust scales.
//!
//! It stands on the values before it alone, never on alerts or labels: the same past gives the same score.

pub mod band;
pub mod effect;
mod gaps;
pub(super) mod history;
mod point;
mod saved;
pub(super) mod season;
mod track;

use std::collections::VecDeque;
use std::sync::Arc;

pub use history::Wall;
pub use point::{Point, Side, Status, Verdict, is_large};
pub use saved::Saved;
pub use track::{Reading, Scale, Term};

use self::history::{DAY, History};
use self::track::Track;
use super::buckets::Usable;
use super::method::{Method, MustDetect, Slot, Stream};

/// What is known of a bucket that closed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Seen {
    Value(f64),
    /// It has no value.
    Missing,
    /// It is neither scored nor learned.
    Excluded,
}

impl Seen {
    pub fn of(usable: Usable, value: Option<f64>) -> Seen {
        match (usable, value) {
            (Usable::Yes, Some(value)) => Seen::Value(value),
            (Usable::Yes, None) => Seen::Missing,
            (Usable::Excluded | Usable::Short, _) => Seen::Excluded,
        }
    }
}

/// One series under one rule.
#[derive(Debug, Clone)]
pub struct Scorer {
    method: Arc<Method>,
    history: History,
    /// The level, then the other streams of the rule.
    tracks: Vec<Track>,
    recent: Recent,
}

/// The last scored buckets in a row, as many as a virtual drop takes.
#[derive(Debug, Clone, Default)]
pub struct Recent(VecDeque<Point>);

impl Recent {
    pub fn push(&mut self, method: &Method, point: &Point) {
        let MustDetect::Count { drop_buckets, .. } = method.must_detect else { return };
        if point.verdict.is_none() {
            self.0.clear();
            return;
        }
        if self.0.len() == drop_buckets {
            self.0.pop_front();
        }
        if drop_buckets > 0 {
            self.0.push_back(*point);
        }
    }

    /// The highest score that a virtual drop over them would have had; None where none is due.
    pub fn virtual_drop(&self, method: &Method) -> Option<f64> {
        effect::drop(method, self.0.iter())
    }

    /// The same of a drop to these values, the oldest first. None where not all of the buckets were scored.
    pub fn lowered(&self, method: &Method, left: &[f64]) -> Option<f64> {
        let all = self.0.len() == left.len();
        all.then(|| effect::lowered(method, self.0.iter().zip(left.iter().copied()))).flatten()
    }
}

/// The values that the baselines of a slot stand on, with their slots; the newest day first.
#[derive(Debug, Clone, PartialEq)]
pub struct SlotValues {
    pub day: Vec<(Slot, f64)>,
    pub week: Vec<(Slot, f64)>,
    /// The value of this very slot seven days before.
    pub last_week: Option<f64>,
}

impl Scorer {
    pub fn new(method: &Method) -> Scorer {
        Scorer::sharing(Arc::new(method.clone()))
    }

    /// With a method that other series have too: what is read for each bucket is then kept in one place.
    pub fn sharing(method: Arc<Method>) -> Scorer {
        let seasonal = method.streams.iter().filter(|stream| **stream != Stream::Level);
        let kept = std::iter::once(&Stream::Level).chain(seasonal);
        let tracks = kept.map(|stream| Track::new(*stream, &method)).collect();
        let history = History::new(Wall::from(method.bucket));
        Scorer { method, history, tracks, recent: Recent::default() }
    }

    /// Scores the next bucket in time, then learns it. Each bucket is pushed, those without a value too: a slot that
    /// never comes did not exist.
    pub fn push(&mut self, slot: Slot, seen: Seen) -> Point {
        let method = &self.method;
        let at = wall(slot, method.bucket);
        // The residuals of a series lie far from where the last one left the processor. All of its streams look before any
        // of them moves something, so that the waits for memory overlap.
        self.tracks.iter_mut().for_each(Track::find_leaving);
        let mut readings = [None; 3];
        if let Seen::Value(_) = seen {
            for track in &mut self.tracks {
                readings[track.stream as usize] = track.read(method, &self.history, at);
            }
        }
        let point = Point::judged(method, at, seen, readings);
        let y = point.value.map(|x| method.transform.of(x));
        for track in &mut self.tracks {
            track.learn(method, point.readings[track.stream as usize], y);
        }
        self.tracks.iter_mut().for_each(|track| track.turn(method.window.max(1)));
        self.history.push(at, point.value.unwrap_or(f64::NAN));
        self.recent.push(&self.method, &point);
        point
    }

    /// The highest score that a virtual drop over the last buckets would have had; None where none is due.
    pub fn virtual_drop(&self) -> Option<f64> {
        self.recent.virtual_drop(&self.method)
    }

    pub fn method(&self) -> &Arc<Method> {
        &self.method
    }

    /// What the baselines of a slot stand on. A slot of the present or, as far as its days are still kept, of the past.
    pub fn slot_values(&self, slot: Slot) -> SlotValues {
        let bucket = Wall::from(self.method.bucket);
        let at = wall(slot, self.method.bucket);
        let values = |stream| {
            let pooled = season::pooled(stream, bucket, &self.history, at).into_iter();
            pooled.map(|(place, x)| (slot_at(place), x)).collect()
        };
        let last_week = self.history.at(at - 7 * DAY);
        SlotValues { day: values(Stream::Day), week: values(Stream::Week), last_week }
    }
}

/// The place of a slot on the wall clock.
pub(super) fn wall(slot: Slot, bucket: u32) -> Wall {
    let at = Wall::from(slot.day) * DAY + Wall::from(slot.minute);
    at - at.rem_euclid(Wall::from(bucket))
}

fn slot_at(at: Wall) -> Slot {
    Slot { day: at.div_euclid(DAY) as i32, minute: at.rem_euclid(DAY) as u16 }
}

#[cfg(test)]
mod tests;
