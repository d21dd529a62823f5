//! Scripts of what happens on both sides of the fake log.

use std::collections::BTreeMap;

use super::harness::Source;
use crate::diff::event::{Class, Event, Extra, flag};
use crate::diff::hash::Sha;
use crate::record::diff::{Op, Side};

pub const L: usize = 0;
pub const R: usize = 1;
pub const SIDES: [Side; 2] = [Side::Lhs, Side::Rhs];
pub const TOPICS: [&str; 2] = ["us.audit", "eu.audit"];
const BEATS: [&str; 2] = ["__debezium-heartbeat.us", "__debezium-heartbeat.eu"];
/// Log time of second 0.
pub const BASE: i64 = 1_800_000_000_000;
pub const GRACE: i64 = 45_000;

/// One record of the fake log.
#[derive(Debug, Clone)]
pub struct Rec {
    pub topic: &'static str,
    pub number: u32,
    pub event: Event,
    pub key: String,
}

/// The digest of a value; values that differ have digests that differ in their first 64 bits.
pub fn digest(value: u64) -> Sha {
    let mut sha = [7; 32];
    sha[..8].copy_from_slice(&(value + 1).to_be_bytes());
    sha
}

/// What happens on both sides. Times are milliseconds since `BASE`.
#[derive(Debug, Clone, Default)]
pub struct Script {
    pub sides: [Vec<Rec>; 2],
    versions: [u64; 2],
}

impl Script {
    pub fn push(&mut self, side: usize, ms: i64, topic: &'static str, key: &str) -> &mut Rec {
        let mut event = Event::blank(0, 0, BASE + ms);
        event.source_us = Some((BASE + ms) * 1000);
        self.sides[side].push(Rec { topic, number: 0, event, key: key.to_owned() });
        self.sides[side].last_mut().expect("just pushed")
    }

    fn versioned(&mut self, side: usize, ms: i64, key: u64) -> &mut Rec {
        self.versions[side] += 10;
        let version = self.versions[side];
        let rec = self.push(side, ms, TOPICS[side], &body(key));
        rec.event.version = Some(version);
        rec
    }

    pub fn row(&mut self, side: usize, ms: i64, key: u64, value: u64) -> &mut Rec {
        let rec = self.versioned(side, ms, key);
        rec.event.class = Class::Row;
        rec.event.op = Op::Update;
        rec.event.digest = digest(value);
        rec
    }

    /// The same row on both sides at once.
    pub fn both(&mut self, ms: i64, key: u64, value: u64) {
        self.row(L, ms, key, value);
        self.row(R, ms, key, value);
    }

    pub fn delete(&mut self, side: usize, ms: i64, key: u64) -> &mut Rec {
        let rec = self.versioned(side, ms, key);
        rec.event.class = Class::Delete;
        rec.event.op = Op::Delete;
        rec
    }

    pub fn beat(&mut self, side: usize, ms: i64) {
        let rec = self.push(side, ms, BEATS[side], "");
        rec.event.flags = flag::ALIVE | flag::NO_TABLE;
        rec.event.source_us = None;
    }

    pub fn beats(&mut self, side: usize, from: i64, to: i64) {
        (from..=to).step_by(10_000).for_each(|ms| self.beat(side, ms));
    }

    pub fn truncate(&mut self, side: usize, ms: i64, version: u64) {
        let rec = self.push(side, ms, TOPICS[side], "");
        rec.event.op = Op::Truncate;
        rec.event.flags = flag::TRUNCATE;
        rec.event.version = Some(version);
    }

    /// A record that could not be read; without a key it may be of any row.
    pub fn poison(&mut self, side: usize, ms: i64, key: Option<u64>) -> &mut Rec {
        let rec = self.push(side, ms, TOPICS[side], &key.map(body).unwrap_or_default());
        rec.event.class = Class::Poison;
        rec.event.op = Op::Unreadable;
        rec
    }

    /// Nothing of interest: only shows that the log goes on.
    pub fn tick(&mut self, ms: i64) {
        for side in [L, R] {
            self.push(side, ms, TOPICS[side], "");
        }
    }

    /// One file per side, in the order of log time.
    pub fn files(&self) -> Vec<Source> {
        (0..2).map(|side| Source { side: SIDES[side], recs: in_order(&self.sides[side]) }).collect()
    }

    /// One file per side and partition.
    pub fn files_by_partition(&self) -> Vec<Source> {
        let mut files = Vec::new();
        for file in self.files() {
            let mut parts: BTreeMap<(&str, u32), Vec<Rec>> = BTreeMap::new();
            for rec in file.recs {
                parts.entry((rec.topic, rec.number)).or_default().push(rec);
            }
            files.extend(parts.into_values().map(|recs| Source { side: file.side, recs }));
        }
        files
    }
}

pub fn body(key: u64) -> String {
    format!("\"acme\",{key}")
}

/// Sorted by log time, with offsets that rise in each partition.
fn in_order(recs: &[Rec]) -> Vec<Rec> {
    let mut recs = recs.to_vec();
    recs.sort_by_key(|r| r.event.log_ms);
    number(&mut recs);
    recs
}

pub fn number(recs: &mut [Rec]) {
    let mut next: BTreeMap<(&str, u32), u64> = BTreeMap::new();
    for rec in recs {
        let offset = next.entry((rec.topic, rec.number)).or_default();
        rec.event.offset = *offset;
        *offset += 1;
    }
}

pub fn extra(rec: &mut Rec) -> &mut Extra {
    rec.event.extra.get_or_insert_default()
}
