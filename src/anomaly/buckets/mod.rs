//! Events to closed buckets, per rule and series. A bucket closes when the watermark, the largest time seen over all
//! series, reaches its end plus the rule's lateness. Buckets leave in the order of that time, then rule, then series key,
//! however the events within the lateness were ordered.

mod group;
mod open;
mod series;
mod state;

use crate::anomaly::intake::Event;
use crate::anomaly::method::Slot;
use crate::anomaly::rules::{BUCKETS, DAY_MS, Rule};

use group::Group;
pub use state::{OpenState, SeriesState};

/// A series without a record for so long leaves.
pub const RETIRED_AFTER_MS: i64 = 35 * DAY_MS;
/// Clocks of producers may be ahead of the named time by so much.
const SKEW_MS: i64 = 60 * 60 * 1000;
/// So many refused keys are kept for the report.
const REFUSED: usize = 5;

/// What leaves, in its order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Out<'a> {
    Closed(Closed<'a>),
    /// The series has had no record for 35 days: what was learned of it is dropped. Its number may come again for
    /// another key.
    Retired {
        rule: usize,
        series: u32,
    },
    /// The points of a series lie further apart than its buckets are long.
    TooFine {
        rule: usize,
        key: &'a str,
        spacing_ms: i64,
    },
}

/// A closed bucket. Times in milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Closed<'a> {
    pub rule: usize,
    /// A number of the series within its rule, from 0 without large gaps.
    pub series: u32,
    pub key: &'a str,
    /// The first bucket of the series, or its first since it was retired.
    pub fresh: bool,
    pub start: i64,
    pub end: i64,
    pub slot: Slot,
    /// None where the bucket is missing.
    pub value: Option<f64>,
    pub usable: Usable,
    /// What a count was multiplied by, because the bucket is shorter than its nominal length; else 1.
    pub factor: f64,
    /// Whether a record of it was labelled as an anomaly; None where none had a label.
    pub label: Option<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usable {
    /// To be scored and learned.
    Yes,
    /// `exclude` of the rule covers some of it.
    Excluded,
    /// A change of the clocks left less than half of it.
    Short,
}

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    Yes,
    /// Its bucket is closed: nothing changed.
    Behind,
    /// It is not of this time. It would close the buckets of all series, and whatever comes after it would be behind.
    Ahead(Ahead),
    /// It would have made one series too many.
    TooMany,
}

/// Milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ahead {
    pub time: i64,
    /// The named time, or the newest record before it.
    pub of: i64,
    pub named: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Taken into a bucket.
    pub events: u64,
    pub buckets: u64,
    pub behind: u64,
    /// Dropped: the same time and value again, or the same id.
    pub repeated: u64,
    /// The same time with another value.
    pub conflicting: u64,
    pub retired: u64,
    /// Of series beyond the limit.
    pub refused: u64,
}

/// The open buckets of all rules.
pub struct Buckets<'r> {
    rules: &'r [Rule],
    groups: Vec<Group>,
    max_series: usize,
    live: usize,
    watermark: Option<i64>,
    /// The time of the run, where it was named.
    now: Option<i64>,
    /// When the next bucket closes.
    next: i64,
    /// Nothing closes before the end of the input, so its order does not matter.
    whole: bool,
    pub counts: Counts,
    /// The first keys that were refused, with their rules.
    pub refused: Vec<(usize, String)>,
}

impl<'r> Buckets<'r> {
    /// For a stream.
    pub fn new(rules: &'r [Rule], max_series: usize) -> Buckets<'r> {
        Buckets {
            rules,
            groups: rules.iter().map(Group::new).collect(),
            max_series,
            live: 0,
            watermark: None,
            now: None,
            next: i64::MAX,
            whole: false,
            counts: Counts::default(),
            refused: Vec::new(),
        }
    }

    /// For an input that is read to its end, in any order: the result is that of the sorted input.
    pub fn of_whole_input(rules: &'r [Rule], max_series: usize) -> Buckets<'r> {
        Buckets { whole: true, ..Buckets::new(rules, max_series) }
    }

    /// What lies behind this time, by more than clocks differ, is refused.
    pub fn now_is(self, now: Option<i64>) -> Buckets<'r> {
        Buckets { now, ..self }
    }

    /// The largest time seen.
    pub fn watermark(&self) -> Option<i64> {
        self.watermark
    }

    /// Series that are not retired.
    pub fn series(&self) -> usize {
        self.live
    }

    /// The same of one rule.
    pub fn series_of(&self, rule: usize) -> usize {
        self.groups[rule].all().count()
    }

    /// Takes an event. What closes by its time leaves first.
    pub fn push(&mut self, event: &Event, mut out: impl FnMut(Out)) -> Taken {
        let rule = &self.rules[event.rule];
        let calendar = self.groups[event.rule].calendar(rule, event.key);
        let time = self.groups[event.rule].instant(calendar, event.time);
        if let Some(ahead) = self.ahead(time) {
            return Taken::Ahead(ahead);
        }
        if self.watermark.is_none_or(|mark| time > mark) {
            self.watermark = Some(time);
            if time >= self.next && !self.whole {
                self.sweep(time, &mut out);
            }
        }
        let mark = if self.whole { i64::MIN } else { self.watermark.unwrap_or(i64::MIN) };
        let group = &mut self.groups[event.rule];
        let known = group.find(event.key);
        let bucket = group.bucket(rule, known, calendar, time);
        if bucket.end + rule.data.lateness_ms <= mark || known.is_some_and(|id| group.has_closed(id, &bucket)) {
            self.counts.behind += 1;
            return Taken::Behind;
        }
        let id = match known {
            Some(id) => id,
            None if self.live >= self.max_series => {
                self.counts.refused += 1;
                let key = (event.rule, event.key.to_owned());
                if self.refused.len() < REFUSED && !self.refused.contains(&key) {
                    self.refused.push(key);
                }
                return Taken::TooMany;
            }
            None => {
                self.live += 1;
                group.add(event.key, calendar, bucket)
            }
        };
        let close = group.take(rule, id, bucket, time, event);
        self.next = self.next.min(close);
        self.counts.events += 1;
        Taken::Yes
    }

    /// Whether a record is later than can be. Without a named time it is one that no series would outlive.
    fn ahead(&self, time: i64) -> Option<Ahead> {
        let (of, by, named) = match (self.now, self.watermark) {
            (Some(now), _) => (now, SKEW_MS, true),
            (None, Some(mark)) if !self.whole => (mark, RETIRED_AFTER_MS, false),
            (None, _) => return None,
        };
        (time > of.saturating_add(by)).then_some(Ahead { time, of, named })
    }

    /// Time has come to this point, events or not.
    pub fn advance(&mut self, now: i64, mut out: impl FnMut(Out)) {
        if self.watermark.is_none_or(|mark| now > mark) {
            self.watermark = Some(now);
        }
        if let Some(mark) = self.watermark.filter(|mark| *mark >= self.next) {
            self.sweep(mark, &mut out);
        }
    }

    /// The end of the input: buckets that hold a record close, and for each series those before its last one. For
    /// history; in a stream the last bucket is not complete yet.
    pub fn finish(&mut self, mut out: impl FnMut(Out)) {
        let last = self.groups.iter().zip(self.rules).filter_map(|(group, rule)| group.last_close(rule)).max();
        if let Some(last) = last {
            self.sweep(last, &mut out);
        }
    }

    /// Closes what closes by `mark`, earliest first.
    fn sweep(&mut self, mark: i64, out: &mut impl FnMut(Out)) {
        while self.next <= mark {
            let now = self.next;
            self.next = i64::MAX;
            for (i, (group, rule)) in self.groups.iter_mut().zip(self.rules).enumerate() {
                if group.next == now {
                    let gone = group.close(i, rule, now, &mut self.counts, out);
                    self.live -= gone;
                }
                self.next = self.next.min(group.next);
            }
        }
    }
}

/// The shortest bucket that is not shorter than the spacing.
pub fn bucket_for(spacing_ms: i64) -> Option<&'static str> {
    BUCKETS.iter().find(|(_, minutes)| i64::from(*minutes) * 60_000 >= spacing_ms).map(|(text, _)| *text)
}

#[cfg(test)]
mod tests;
