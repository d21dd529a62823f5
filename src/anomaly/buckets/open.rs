//! The records of one open bucket. Whatever their order, they come to the same value, to the last bit.

use std::collections::BTreeMap;

use crate::anomaly::calendar::Bucket;
use crate::anomaly::intake::Event;
use crate::anomaly::method::Kind;
use crate::anomaly::rules::{Input, Rule};

/// From here on sums of whole numbers in floating point lose units.
const EXACT: f64 = 9_007_199_254_740_992.0;

#[derive(Debug, Clone, PartialEq)]
pub struct Open {
    pub bucket: Bucket,
    /// Events with a value.
    pub events: u64,
    /// The sum of whole values, and the others, which are summed in order at the end.
    pub whole: i64,
    pub parts: Vec<f64>,
    /// Time and value.
    pub points: Vec<(i64, f64)>,
    /// Event id to its first time and value.
    pub ids: BTreeMap<String, (i64, f64)>,
    pub repeated: u64,
    pub label: Option<bool>,
}

/// What a bucket comes to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summed {
    pub value: Option<f64>,
    pub repeated: u64,
    pub conflicting: u64,
}

impl Open {
    pub fn new(bucket: Bucket) -> Open {
        Open::with(bucket, Vec::new())
    }

    /// `points`: an empty buffer for them.
    pub fn with(bucket: Bucket, points: Vec<(i64, f64)>) -> Open {
        Open { bucket, events: 0, whole: 0, parts: Vec::new(), points, ids: BTreeMap::new(), repeated: 0, label: None }
    }

    pub fn take(&mut self, rule: &Rule, time: i64, event: &Event) {
        if let Some(label) = event.label {
            self.label = Some(self.label.unwrap_or(false) || label);
        }
        let Some(value) = event.value else { return };
        if let Some(id) = event.id {
            return self.take_once(id, time, value);
        }
        match rule.data.input {
            Input::Points => self.points.push((time, value)),
            Input::Events => self.sum(value),
        }
    }

    /// Of records with one id the earliest counts, and of those the one with the smallest value.
    fn take_once(&mut self, id: &str, time: i64, value: f64) {
        let Some(first) = self.ids.get_mut(id) else {
            self.ids.insert(id.to_owned(), (time, value));
            return;
        };
        self.repeated += 1;
        if time < first.0 || (time == first.0 && value < first.1) {
            *first = (time, value);
        }
    }

    fn sum(&mut self, value: f64) {
        self.events += 1;
        match value.fract() == 0.0 && value.abs() < EXACT {
            true => self.whole = self.whole.saturating_add(value as i64),
            false => self.parts.push(value),
        }
    }

    /// What the records come to, when no more can come.
    pub fn value(&mut self, rule: &Rule) -> Summed {
        for (time, value) in std::mem::take(&mut self.ids).into_values() {
            match rule.data.input {
                Input::Points => self.points.push((time, value)),
                Input::Events => self.sum(value),
            }
        }
        let mut conflicting = 0;
        if rule.data.input == Input::Points {
            self.points.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
            let taken = self.points.len();
            self.points.dedup();
            self.repeated += (taken - self.points.len()) as u64;
            let mut points = std::mem::take(&mut self.points);
            for same_time in points.chunk_by(|a, b| a.0 == b.0) {
                conflicting += same_time.len() as u64 - 1;
                let sum: f64 = same_time.iter().map(|(_, value)| value).sum();
                self.sum(sum / same_time.len() as f64);
            }
            points.clear();
            self.points = points;
        }
        self.parts.sort_by(f64::total_cmp);
        let total = self.whole as f64 + self.parts.iter().sum::<f64>();
        let value = match (self.events, rule.kind, rule.data.input) {
            // A point without a value says that there is none; an event that there is a bucket.
            (0, _, Input::Points) | (0, Kind::Gauge, _) => None,
            (_, Kind::Count, _) => Some(total),
            (n, Kind::Gauge, _) => Some(total / n as f64),
        };
        Summed { value, repeated: self.repeated, conflicting }
    }
}
