//! A stream of events under all rules: buckets, scores, alerts and guards. Its state is all that the next run needs, so any
//! split of an input into runs gives the records of one run.

mod guard;
mod judges;
mod state;

use std::rc::Rc;

use super::buckets::{Buckets, Taken};
use super::intake::Event;
use super::machine::Step;
use super::method::Method;
use super::rules::{Params, Rules};
use super::score::{Point, Status};

pub use guard::{Check, Effect, Guarded, Rate, Trend, Verdict};
pub use judges::Counts;
use judges::Judges;
pub use state::{Damaged, State, Taken as TakenUp};

/// What leaves, in its order: by the time at which buckets close, then rule, then series key.
#[derive(Debug)]
pub enum Told<'a> {
    /// A closed bucket, and how it was scored.
    Point(&'a Judged, &'a Method),
    /// An alert that opened, grew or ended.
    Alert(&'a Judged, &'a Method, Peers),
    Guard(&'a Guarded),
}

/// A closed bucket of one series with all that was found about it.
#[derive(Debug)]
pub struct Judged {
    /// Its place in the list of rules.
    pub rule: usize,
    pub key: Rc<str>,
    /// Milliseconds since 1970.
    pub start: i64,
    pub end: i64,
    pub point: Point,
    pub step: Step,
    /// Number of the series within its rule.
    pub series: u32,
}

/// Other series of the rule in the same bucket.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Peers {
    pub breaching: u64,
    /// With a value.
    pub all: u64,
}

impl Peers {
    pub fn add(&mut self, point: &Point) {
        self.breaching += u64::from(point.status == Status::Breach);
        self.all += u64::from(point.value.is_some());
    }

    /// Of a bucket that was added itself.
    pub fn without(self, point: &Point) -> Peers {
        Peers {
            breaching: self.breaching - u64::from(point.status == Status::Breach),
            all: self.all - u64::from(point.value.is_some()),
        }
    }
}

/// A series whose points lie further apart than its buckets are long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TooFine {
    pub rule: usize,
    pub key: String,
    pub spacing_ms: i64,
}

pub struct Watch<'r> {
    pub buckets: Buckets<'r>,
    judges: Judges<'r>,
}

impl<'r> Watch<'r> {
    /// `params` by rule. Without `guarded` nothing watches over the rules.
    pub fn new(rules: &'r Rules, params: Vec<Option<&'r Params>>, max_series: usize, guarded: bool) -> Watch<'r> {
        Watch { buckets: Buckets::new(&rules.rules, max_series), judges: Judges::new(rules, params, guarded) }
    }

    /// The time of the run is known before its first record.
    pub fn now_is(self, now: Option<i64>) -> Watch<'r> {
        Watch { buckets: self.buckets.now_is(now), ..self }
    }

    /// Takes an event; what closes by its time leaves.
    pub fn push(&mut self, event: &Event, told: &mut impl FnMut(Told)) -> Taken {
        let judges = &mut self.judges;
        let taken = self.buckets.push(event, |out| judges.take(out, told));
        judges.end_group(told);
        taken
    }

    /// Time has come to this point, in milliseconds since 1970.
    pub fn advance(&mut self, now: i64, told: &mut impl FnMut(Told)) {
        let judges = &mut self.judges;
        self.buckets.advance(now, |out| judges.take(out, told));
        judges.end_group(told);
    }

    pub fn counts(&self) -> &Counts {
        &self.judges.counts
    }

    /// The first series whose points come less often than its buckets.
    pub fn too_fine(&self) -> Option<&TooFine> {
        self.judges.too_fine.as_ref()
    }

    /// What the canaries of each rule say now, of those that have one.
    pub fn canaries(&self) -> impl Iterator<Item = Guarded> {
        self.judges.canaries()
    }

    /// All that is watched over the rules, as it stands now.
    pub fn guards(&self) -> Vec<Guarded> {
        self.judges.guards()
    }
}

#[cfg(test)]
mod tests;
