//! One series: its next bucket to close, and the records that have come for that and later ones.

use std::collections::VecDeque;

use super::RETIRED_AFTER_MS;
use super::open::Open;
use crate::anomaly::calendar::Bucket;
use crate::anomaly::intake::Event;
use crate::anomaly::rules::{Missing, Rule};

/// After so many buckets with a value the spacing of a series is known.
const SPACED: u32 = 10;

pub struct Series {
    pub key: Box<str>,
    pub calendar: usize,
    /// Closes next.
    pub next: Bucket,
    /// Nothing has closed since the series began.
    pub fresh: bool,
    /// Start of the last closed bucket with a record.
    pub last: i64,
    /// Buckets with records, ascending, none before `next`.
    pub open: VecDeque<Open>,
    pub spacing: Spacing,
    /// The buffer of the bucket that closed last.
    pub spare: Vec<(i64, f64)>,
}

/// How far the first buckets with a value lie apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spacing {
    pub seen: u32,
    pub last: i64,
    /// Milliseconds, of the two that lie closest.
    pub least: Option<i64>,
}

impl Series {
    pub fn new(key: &str, calendar: usize, first: Bucket) -> Series {
        Series {
            key: key.into(),
            calendar,
            next: first,
            fresh: true,
            last: first.start,
            open: VecDeque::new(),
            spacing: Spacing::default(),
            spare: Vec::new(),
        }
    }

    pub fn take(&mut self, rule: &Rule, bucket: Bucket, time: i64, event: &Event) {
        if bucket.start < self.next.start {
            // Only a series that has not closed anything can begin earlier.
            self.next = bucket;
        }
        let place = match self.open.back() {
            Some(last) if last.bucket.start == bucket.start => self.open.len() - 1,
            Some(last) if last.bucket.start > bucket.start => {
                self.open.partition_point(|open| open.bucket.start < bucket.start)
            }
            _ => self.open.len(),
        };
        if self.open.get(place).is_none_or(|open| open.bucket.start != bucket.start) {
            self.open.insert(place, Open::with(bucket, std::mem::take(&mut self.spare)));
        }
        self.open[place].take(rule, time, event);
    }

    pub fn last_open(&self) -> Option<Bucket> {
        self.open.back().map(|open| open.bucket)
    }

    /// Whether no record has come for so long that the series leaves.
    pub fn is_silent(&self) -> bool {
        !self.fresh && self.next.start - self.last >= RETIRED_AFTER_MS
    }

    /// Begins with the first record that is there; false where there is none.
    pub fn begin_again(&mut self) -> bool {
        let Some(first) = self.open.front() else { return false };
        (self.next, self.fresh, self.spacing) = (first.bucket, true, Spacing::default());
        true
    }

    /// The records of the bucket that closes.
    pub fn pop(&mut self) -> Option<Open> {
        let first = self.open.front()?.bucket.start;
        if first == self.next.start { self.open.pop_front() } else { None }
    }

    /// The value of a bucket without a record.
    pub fn empty(&self, rule: &Rule) -> Option<f64> {
        (rule.data.missing == Missing::Zero).then_some(0.0)
    }

    /// What lies between the buckets, where all of the first ones lie further apart than a bucket is long.
    pub fn spacing(&mut self, start: i64, nominal: i64) -> Option<i64> {
        let s = &mut self.spacing;
        if s.seen >= SPACED {
            return None;
        }
        if s.seen > 0 {
            let apart = start - s.last;
            s.least = Some(s.least.map_or(apart, |least| least.min(apart)));
        }
        (s.seen, s.last) = (s.seen + 1, start);
        s.least.filter(|least| s.seen == SPACED && *least > nominal)
    }

    /// Goes on to the bucket behind the closed one.
    pub fn closed(&mut self, next: Bucket, had_record: bool) {
        if had_record {
            self.last = self.next.start;
        }
        (self.next, self.fresh) = (next, false);
    }
}
