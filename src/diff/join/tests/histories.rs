//! Random histories of a few keys, and the slow model of what they end in.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::harness::*;
use crate::diff::event::Class;

/// One change of a key, and how its copy follows.
#[derive(Debug, Clone)]
pub struct Change {
    pub key: u64,
    /// None: deleted.
    pub value: Option<u64>,
    pub wait: i64,
    /// None: the copy leaves it out.
    pub lag: Option<i64>,
    /// The side on which it is made first.
    pub side: usize,
    /// The record is sent again this much later.
    pub again: Option<i64>,
}

pub fn change() -> impl Strategy<Value = Change> {
    let value = prop_oneof![4 => (0..4u64).prop_map(Some), 1 => Just(None)];
    let lag = prop_oneof![8 => (0..60_000i64).prop_map(Some), 1 => Just(None)];
    let wait = prop_oneof![3 => 0..5_000i64, 1 => 0..100_000i64];
    let again = prop_oneof![3 => Just(None), 1 => (1..90_000i64).prop_map(Some)];
    let side = prop_oneof![4 => Just(0usize), 1 => Just(1usize)];
    (0..3u64, value, wait, lag, side, again).prop_map(|(key, value, wait, lag, side, again)| Change {
        key,
        value,
        wait,
        lag,
        side,
        again,
    })
}

pub fn history() -> impl Strategy<Value = Vec<Change>> {
    prop::collection::vec(change(), 1..40)
}

/// No two records of different sides at one time: ties go to lhs, so they would not survive a swap.
pub fn at(side: usize, ms: i64) -> i64 {
    ms * 2 + side as i64
}

/// Time, side, key, value, and when it is sent again.
type Wanted = (i64, usize, u64, Option<u64>, Option<i64>);

/// Records with versions in the order of log time; `repeats` sends some again, `agree` ends with equal rows.
pub fn script(changes: &[Change], repeats: bool, agree: bool) -> Script {
    let mut wanted: Vec<Wanted> = Vec::new();
    let mut now = 0;
    for c in changes {
        now += c.wait;
        let again = c.again.filter(|_| repeats);
        wanted.push((at(c.side, now), c.side, c.key, c.value, again));
        if let Some(lag) = c.lag {
            wanted.push((at(1 - c.side, now + lag), 1 - c.side, c.key, c.value, again));
        }
    }
    if agree {
        let end = now + 200_000;
        for key in 0..3 {
            [L, R].into_iter().for_each(|side| wanted.push((at(side, end), side, key, Some(9), None)));
        }
    }
    wanted.sort_by_key(|w| w.0);
    let mut s = Script::default();
    let mut copies = Vec::new();
    for (ms, side, key, value, again) in wanted {
        let rec = match value {
            Some(value) => s.row(side, ms, key, value),
            None => s.delete(side, ms, key),
        };
        rec.number = (key % 2) as u32;
        if let Some(later) = again {
            let mut copy = rec.clone();
            copy.event.log_ms += later * 2;
            copies.push((side, copy));
        }
    }
    for (side, copy) in copies {
        s.sides[side].push(copy);
    }
    // So that the input of both sides ends at the same time, whatever is left out.
    s.tick(at(0, now + 400_000));
    s
}

/// The last state of each key by version, per side.
pub fn finals(script: &Script) -> BTreeMap<String, [Option<u64>; 2]> {
    let mut states: BTreeMap<String, [(u64, Option<u64>); 2]> = BTreeMap::new();
    for (side, recs) in script.sides.iter().enumerate() {
        for rec in recs.iter().filter(|r| r.event.version.is_some()) {
            let state = &mut states.entry(rec.key.clone()).or_default()[side];
            let version = rec.event.version.unwrap();
            if version > state.0 {
                let present = rec.event.class == Class::Row;
                let value = u64::from_be_bytes(rec.event.digest[..8].try_into().unwrap());
                *state = (version, present.then_some(value));
            }
        }
    }
    states.into_iter().map(|(key, [a, b])| (key, [a.1, b.1])).collect()
}
