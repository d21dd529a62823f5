//! The figures behind the charts of the page.

use super::day::{Day, OpenDiff};
use super::days::{DAY_MS, day_of, instant};
use super::history::{Episode, History};
use super::{Data, RunData, minute, proofs};
use crate::clock::rfc3339_ms;
use crate::diff::exceptions::{Entry, Exceptions};
use crate::record::diff::{ClosedBy, Reason, Triage};
use crate::stats;

const HOUR_MS: i64 = 3_600_000;
/// Longer periods are charted by day.
const MAX_DAYS_BY_HOUR: i64 = 4;
/// The trend of the time to repair reaches this many days back.
const TREND_DAYS: i64 = 30;

pub struct Charts {
    pub from_ms: i64,
    /// When ages and exceptions were judged.
    pub at_ms: i64,
    /// Width of a slot: an hour or a day.
    pub slot_ms: i64,
    pub slots: Vec<Slot>,
    pub lags: Vec<LagSlot>,
    pub ages: Vec<Age>,
    pub mttr: Vec<Mttr>,
    pub exceptions: Vec<Bar>,
}

/// Diffs by reason: openings as missing or mismatch, late arrivals when they arrived.
pub struct Slot {
    pub label: String,
    pub missing: u64,
    pub mismatch: u64,
    pub late: u64,
}

/// p50, p95 and p99 of the runs of a slot.
pub struct LagSlot {
    pub start_ms: i64,
    pub label: String,
    pub replication: [Option<i64>; 3],
    pub audit: [Option<i64>; 3],
    pub detection: [Option<i64>; 3],
}

pub struct Age {
    pub label: &'static str,
    pub unexcused: u64,
    pub excepted: u64,
}

pub struct Mttr {
    pub label: String,
    pub repairs: u64,
    pub mean: Option<i64>,
    pub p50: Option<i64>,
    pub p95: Option<i64>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Active,
    Unused,
    Void,
    Expired,
    Future,
}

pub struct Bar {
    pub entry: Entry,
    pub status: Status,
}

impl Charts {
    /// `days` and `parts` belong together and are not empty.
    pub fn new(data: &Data, history: &History, list: Option<&Exceptions>, days: &[i64], parts: &[Day]) -> Self {
        let from_ms = days.first().copied().unwrap_or_default();
        let to_ms = days.last().copied().unwrap_or_default() + DAY_MS;
        let slot_ms = if to_ms - from_ms > MAX_DAYS_BY_HOUR * DAY_MS { DAY_MS } else { HOUR_MS };
        let last = parts.last();
        let at_ms = last.map_or(to_ms, |d| d.at_ms);
        Charts {
            from_ms,
            at_ms,
            slot_ms,
            slots: slots(history, from_ms, to_ms, slot_ms),
            lags: lags(&data.runs, from_ms, to_ms, slot_ms),
            ages: ages(last.map_or(&[], |d| d.open.as_slice()), at_ms),
            mttr: mttr(history, from_ms, to_ms),
            exceptions: last.map(|d| exceptions(list, d)).unwrap_or_default(),
        }
    }
}

fn label(ms: i64, slot_ms: i64) -> String {
    if slot_ms == DAY_MS { rfc3339_ms(ms)[..10].to_owned() } else { minute(ms) }
}

fn slots(history: &History, from_ms: i64, to_ms: i64, slot_ms: i64) -> Vec<Slot> {
    let starts = (0..).map(|i| from_ms + i * slot_ms).take_while(|s| *s < to_ms);
    let empty = |start| Slot { label: label(start, slot_ms), missing: 0, mismatch: 0, late: 0 };
    let mut slots: Vec<Slot> = starts.map(empty).collect();
    let index = |ms: i64| (from_ms..to_ms).contains(&ms).then(|| ((ms - from_ms) / slot_ms) as usize);
    for e in &history.episodes {
        if let Some(slot) = index(e.opened_ms).filter(|_| e.opened).and_then(|i| slots.get_mut(i)) {
            match e.reason {
                Reason::Missing => slot.missing += 1,
                _ => slot.mismatch += 1,
            }
        }
        let late = e.closing().filter(|r| r.diff.reason == Reason::Late);
        if let Some(slot) = late.and_then(|r| index(r.ts_ms)).and_then(|i| slots.get_mut(i)) {
            slot.late += 1;
        }
    }
    slots
}

fn lags(runs: &[RunData], from_ms: i64, to_ms: i64, slot_ms: i64) -> Vec<LagSlot> {
    let starts = (0..).map(|i| from_ms + i * slot_ms).take_while(|s| *s < to_ms);
    starts
        .filter_map(|start_ms| {
            let of_slot = |r: &&RunData| instant(r).is_some_and(|t| (start_ms..start_ms + slot_ms).contains(&t));
            let runs: Vec<&RunData> =
                proofs::counted_of_day(runs, day_of(start_ms)).into_iter().filter(of_slot).collect();
            let lags = proofs::Lags::of(&runs);
            let p = |h: &crate::diff::lag::Histogram| [50, 95, 99].map(|percent| h.percentile(percent));
            let (replication, audit, detection) = (p(&lags.replication), p(&lags.audit), p(&lags.detection));
            let any = [replication, audit, detection].iter().flatten().any(Option::is_some);
            let label = label(start_ms, slot_ms);
            any.then_some(LagSlot { start_ms, label, replication, audit, detection })
        })
        .collect()
}

fn ages(open: &[OpenDiff], at_ms: i64) -> Vec<Age> {
    const LIMITS: [(&str, i64); 6] = [
        ("under 1 h", HOUR_MS),
        ("1 to 6 h", 6 * HOUR_MS),
        ("6 to 24 h", DAY_MS),
        ("1 to 3 d", 3 * DAY_MS),
        ("3 to 7 d", 7 * DAY_MS),
        ("over 7 d", i64::MAX),
    ];
    let mut ages = LIMITS.map(|(label, _)| Age { label, unexcused: 0, excepted: 0 });
    for o in open {
        let age = at_ms - o.opened_ms;
        let i = LIMITS.iter().position(|(_, limit)| age < *limit).unwrap_or(LIMITS.len() - 1);
        match o.diff.triage {
            Some(Triage::Excepted) => ages[i].excepted += 1,
            _ => ages[i].unexcused += 1,
        }
    }
    Vec::from(ages)
}

/// Every day of the period, and the days before it from the first repair on.
fn mttr(history: &History, from_ms: i64, to_ms: i64) -> Vec<Mttr> {
    let repair = |e: &Episode| {
        let closing = e.closing().filter(|r| r.diff.closed_by == Some(ClosedBy::Repair))?;
        (closing.diff.reason != Reason::Late).then_some((closing.ts_ms, closing.ts_ms - e.opened_ms))
    };
    let repairs: Vec<(i64, i64)> = history.episodes.iter().filter_map(repair).collect();
    let first = repairs.iter().map(|r| day_of(r.0)).min().unwrap_or(from_ms).min(from_ms);
    let first = first.max(to_ms - TREND_DAYS.max((to_ms - from_ms) / DAY_MS) * DAY_MS);
    (0..)
        .map(|i| first + i * DAY_MS)
        .take_while(|day| *day < to_ms)
        .map(|day| {
            let took: Vec<i64> = repairs.iter().filter(|r| day_of(r.0) == day).map(|r| r.1).collect();
            Mttr {
                label: label(day, DAY_MS),
                repairs: took.len() as u64,
                mean: stats::mean(&took),
                p50: stats::nearest_rank(&took, 500, i64::cmp),
                p95: stats::nearest_rank(&took, 950, i64::cmp),
            }
        })
        .collect()
}

fn exceptions(list: Option<&Exceptions>, day: &Day) -> Vec<Bar> {
    let status = |e: &Entry| match () {
        () if e.expired(day.at_ms) => Status::Expired,
        () if !e.in_force(day.at_ms) => Status::Future,
        () if day.void.contains(&e.id) => Status::Void,
        () if day.unused.contains(&e.id) => Status::Unused,
        () => Status::Active,
    };
    let entries = list.map(|l| l.entries.as_slice()).unwrap_or_default();
    let mut bars: Vec<Bar> = entries.iter().map(|e| Bar { entry: e.clone(), status: status(e) }).collect();
    bars.sort_by(|a, b| (a.entry.expires_ms, &a.entry.id).cmp(&(b.entry.expires_ms, &b.entry.id)));
    bars
}
