//! The open buckets as the state file keeps them: with them, any split of an input into runs gives what one run gives.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::open::Open;
use super::series::{Series, Spacing};
use super::{Buckets, Group};
use crate::anomaly::rules::Rule;

/// One series. Times in milliseconds since 1970.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeriesState {
    /// Start of the bucket that closes next.
    pub next: i64,
    /// Nothing has closed since the series began.
    pub fresh: bool,
    /// Start of the last closed bucket with a record.
    pub last: i64,
    /// Buckets with a value whose spacing was looked at, the start of the last, and the least spacing.
    pub spaced: (u32, i64, Option<i64>),
    pub open: Vec<OpenState>,
}

/// An open bucket with its partial sums.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenState {
    pub start: i64,
    pub events: u64,
    pub whole: i64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<f64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub points: Vec<(i64, f64)>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ids: BTreeMap<String, (i64, f64)>,
    pub repeated: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<bool>,
}

impl Buckets<'_> {
    /// Rule, number, key and state of each series, by rule and key.
    pub fn save(&self) -> impl Iterator<Item = (usize, u32, &str, SeriesState)> {
        let groups = self.groups.iter().enumerate();
        groups.flat_map(|(rule, group)| group.all().map(move |(id, series)| (rule, id, &*series.key, state(series))))
    }

    /// Where the last run ended.
    pub fn resume_at(&mut self, watermark: i64) {
        self.watermark = Some(watermark);
    }

    /// Takes up a series of the last run; returns its number now.
    pub fn restore(&mut self, rule: usize, key: &str, state: &SeriesState) -> u32 {
        let (group, rule) = (&mut self.groups[rule], &self.rules[rule]);
        let calendar = group.calendar(rule, key);
        let next = group.zone(calendar).bucket(state.next, rule.bucket);
        let mut series = Series::new(key, calendar, next);
        let (seen, last, least) = state.spaced;
        (series.fresh, series.last, series.spacing) = (state.fresh, state.last, Spacing { seen, last, least });
        series.open = state.open.iter().map(|open| reopened(open, group, calendar, rule)).collect();
        let id = group.insert(series);
        group.reckon(rule);
        self.next = self.next.min(group.next);
        self.live += 1;
        id
    }

    /// For an input that repeats all open buckets: their partial sums go. A series that has closed nothing goes with
    /// them, since its first record comes again. Returns the rule and number of those.
    pub fn drop_open(&mut self) -> Vec<(usize, u32)> {
        let mut gone = Vec::new();
        self.next = i64::MAX;
        for (i, (group, rule)) in self.groups.iter_mut().zip(self.rules).enumerate() {
            let leave: Vec<u32> = group.all().filter(|(_, s)| s.fresh).map(|(id, _)| id).collect();
            group.remove(&leave);
            group.clear_open();
            group.reckon(rule);
            self.next = self.next.min(group.next);
            self.live -= leave.len();
            gone.extend(leave.into_iter().map(|id| (i, id)));
        }
        gone
    }
}

fn state(series: &Series) -> SeriesState {
    let s = series.spacing;
    SeriesState {
        next: series.next.start,
        fresh: series.fresh,
        last: series.last,
        spaced: (s.seen, s.last, s.least),
        open: series.open.iter().map(open).collect(),
    }
}

/// In an order that does not depend on that of the records.
fn open(open: &Open) -> OpenState {
    let (mut parts, mut points) = (open.parts.clone(), open.points.clone());
    parts.sort_by(f64::total_cmp);
    points.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    OpenState {
        start: open.bucket.start,
        events: open.events,
        whole: open.whole,
        parts,
        points,
        ids: open.ids.clone(),
        repeated: open.repeated,
        label: open.label,
    }
}

fn reopened(state: &OpenState, group: &mut Group, calendar: usize, rule: &Rule) -> Open {
    Open {
        events: state.events,
        whole: state.whole,
        parts: state.parts.clone(),
        points: state.points.clone(),
        ids: state.ids.clone(),
        repeated: state.repeated,
        label: state.label,
        ..Open::new(group.zone(calendar).bucket(state.start, rule.bucket))
    }
}
