//! Window mode: converged keys are forgotten but for a fingerprint, so that a replay of them is not taken for news.

use std::collections::VecDeque;
use std::hash::BuildHasher;

use hashbrown::HashMap;

/// Fingerprint of a converged key and the highest version of each side.
#[derive(Debug, Clone, Copy)]
struct Remembered {
    versions: [u64; 2],
    at_ms: i64,
}

/// Memory per remembered key: 49 bytes in the map and 32 in the queue, and as much again because both double when
/// they grow.
const ENTRY: usize = 160;

pub struct Window {
    late_max_ms: i64,
    known: HashMap<u128, Remembered, foldhash::fast::RandomState>,
    order: VecDeque<(i64, u128)>,
    /// Below this version of a side a key that is not known may be one that was forgotten.
    horizon: [u64; 2],
    seeds: [foldhash::quality::RandomState; 2],
}

impl Window {
    pub fn new(late_max_ms: i64) -> Self {
        Window {
            late_max_ms,
            known: HashMap::default(),
            order: VecDeque::new(),
            horizon: [0; 2],
            seeds: [Default::default(), Default::default()],
        }
    }

    fn fingerprint(&self, table: u16, key: &str) -> u128 {
        let [a, b] = &self.seeds;
        (a.hash_one((table, key)) as u128) << 64 | b.hash_one((table, key)) as u128
    }

    pub fn remember(&mut self, table: u16, key: &str, versions: [u64; 2], now_ms: i64) {
        let fingerprint = self.fingerprint(table, key);
        self.known.insert(fingerprint, Remembered { versions, at_ms: now_ms });
        self.order.push_back((now_ms, fingerprint));
        self.forget_before(now_ms - self.late_max_ms);
    }

    /// The event may be a replay of a key that converged: its version is not above what is known.
    pub fn is_replay(&self, table: u16, key: &str, side: usize, version: Option<u64>) -> bool {
        let known = self.known.get(&self.fingerprint(table, key));
        match (known, version) {
            (Some(known), Some(version)) => version <= known.versions[side],
            (Some(_), None) => false,
            (None, Some(version)) => version < self.horizon[side],
            (None, None) => false,
        }
    }

    /// The key is news again; true if it was known.
    pub fn reopen(&mut self, table: u16, key: &str) -> bool {
        let fingerprint = self.fingerprint(table, key);
        self.known.remove(&fingerprint).is_some()
    }

    fn forget_before(&mut self, ms: i64) {
        while let Some((at, _)) = self.order.front()
            && *at < ms
        {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        let Some((at, fingerprint)) = self.order.pop_front() else { return };
        if let Some(known) = self.known.get(&fingerprint).copied()
            && known.at_ms == at
        {
            self.known.remove(&fingerprint);
            for (horizon, version) in self.horizon.iter_mut().zip(known.versions) {
                *horizon = (*horizon).max(version);
            }
        }
    }

    /// Forgets the oldest keys until at most `bytes` are held.
    pub fn shrink(&mut self, bytes: usize) {
        while self.bytes() > bytes && !self.order.is_empty() {
            self.forget_oldest();
        }
    }

    pub fn bytes(&self) -> usize {
        self.order.len() * ENTRY
    }
}
