//! Window mode: converged keys are forgotten but for a fingerprint, so that a replay of them is not taken for news.

use std::collections::VecDeque;
use std::hash::BuildHasher;

use hashbrown::HashTable;

use super::store::Slot;

/// Keys that are forgotten together.
const PAGE: usize = 512;

type Fingerprint = [u64; 2];

/// A converged key and the version of each side.
#[derive(Debug, Clone, Copy)]
struct Settled {
    key: Fingerprint,
    versions: [u64; 2],
}

/// What one side showed of a page's keys, or of all that were forgotten.
#[derive(Debug, Clone, Copy, Default)]
struct Reach {
    /// The highest version, and the key that had it.
    version: u64,
    key: Fingerprint,
    /// The newest commit.
    source_ms: u64,
}

impl Reach {
    fn include(&mut self, other: Reach) {
        if other.version >= self.version {
            (self.version, self.key) = (other.version, other.key);
        }
        self.source_ms = self.source_ms.max(other.source_ms);
    }
}

/// Keys in the order in which they converged.
struct Page {
    keys: Vec<Settled>,
    reach: [Reach; 2],
    /// Log time of the last one.
    at_ms: i64,
}

impl Page {
    const BYTES: usize = size_of::<Page>() + PAGE * size_of::<Settled>();
}

/// What a row of a key that is not in the state can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Met {
    New,
    /// The key had converged; this is a later version of it.
    Again,
    Replay,
}

/// Log position and commit time of a row, where they are known.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    pub version: Option<u64>,
    pub source_ms: Option<i64>,
}

impl Mark {
    /// A connector sends its commits in their order: a lower log position with a newer commit is no replay.
    fn newer_than(self, source_ms: u64) -> bool {
        self.source_ms.is_some_and(|ms| ms > source_ms as i64)
    }
}

pub struct Window {
    late_max_ms: i64,
    pages: VecDeque<Page>,
    /// Number of the first key of the first page; keys are numbered in the order in which they converged.
    first: u32,
    /// Numbers of the keys that are known.
    index: HashTable<u32>,
    /// How far what was forgotten reached: below it a key that is not known may be one of them.
    horizon: [Reach; 2],
    seeds: [foldhash::quality::RandomState; 2],
}

impl Window {
    pub fn new(late_max_ms: i64) -> Self {
        Window {
            late_max_ms,
            pages: VecDeque::new(),
            first: 0,
            index: HashTable::new(),
            horizon: Default::default(),
            seeds: Default::default(),
        }
    }

    fn fingerprint(&self, table: u16, key: &str) -> Fingerprint {
        [0, 1].map(|i: usize| self.seeds[i].hash_one((table, key)))
    }

    pub fn remember(&mut self, slot: &Slot, now_ms: i64) {
        let key = self.fingerprint(slot.table, &slot.key);
        if self.pages.back().is_none_or(|page| page.keys.len() == PAGE) {
            self.pages.push_back(Page { keys: Vec::with_capacity(PAGE), reach: Default::default(), at_ms: now_ms });
        }
        let pages_before = self.pages.len() - 1;
        let Some(page) = self.pages.back_mut() else { return };
        let number = self.first.wrapping_add((pages_before * PAGE + page.keys.len()) as u32);
        page.keys.push(Settled { key, versions: [slot.sides[0].version, slot.sides[1].version] });
        page.at_ms = now_ms;
        for (reach, side) in page.reach.iter_mut().zip(&slot.sides) {
            reach.include(Reach { version: side.version, key, source_ms: side.source_ms.get() });
        }
        let (pages, first) = (&self.pages, self.first);
        self.index.insert_unique(key[0], number, |n| find(pages, first, *n).1.key[0]);
        while self.pages.front().is_some_and(|page| page.at_ms < now_ms - self.late_max_ms) {
            self.forget_page();
        }
    }

    /// What a row is whose key is not in the state. A known key's fingerprint goes if the row is a later version.
    pub fn meet(&mut self, table: u16, key: &str, side: usize, row: Mark) -> Met {
        let key = self.fingerprint(table, key);
        let (pages, first) = (&self.pages, self.first);
        let Ok(entry) = self.index.find_entry(key[0], |n| find(pages, first, *n).1.key == key) else {
            return self.unknown(key, side, row);
        };
        let (page, known) = find(pages, first, *entry.get());
        let old = match row.version {
            Some(version) if version == known.versions[side] => true,
            Some(version) => version < known.versions[side] && !row.newer_than(page.reach[side].source_ms),
            None => false,
        };
        if old {
            return Met::Replay;
        }
        entry.remove();
        Met::Again
    }

    /// A key that was never seen, or was forgotten: a replay only if the row lies before what was forgotten both in
    /// the log and in time.
    fn unknown(&self, key: Fingerprint, side: usize, row: Mark) -> Met {
        let horizon = &self.horizon[side];
        let old = match row.version {
            Some(version) if key == horizon.key => version <= horizon.version,
            // Rows without a commit time are not judged by their position: offsets of several partitions do not compare.
            Some(version) => version < horizon.version && row.source_ms.is_some() && !row.newer_than(horizon.source_ms),
            None => false,
        };
        if old { Met::Replay } else { Met::New }
    }

    fn forget_page(&mut self) {
        let Some(page) = self.pages.pop_front() else { return };
        for (settled, place) in page.keys.iter().zip(0..) {
            let number = self.first.wrapping_add(place);
            // It is not there if the key came again.
            if let Ok(entry) = self.index.find_entry(settled.key[0], |n| *n == number) {
                entry.remove();
            }
        }
        for (horizon, reach) in self.horizon.iter_mut().zip(page.reach) {
            horizon.include(reach);
        }
        self.first = self.first.wrapping_add(PAGE as u32);
    }

    /// Forgets the oldest keys until at most `bytes` are held.
    pub fn shrink(&mut self, bytes: usize) {
        while self.bytes() > bytes && !self.pages.is_empty() {
            self.forget_page();
        }
    }

    /// Memory held, for `--max-state-mb`.
    pub fn bytes(&self) -> usize {
        self.pages.len() * Page::BYTES + self.index.allocation_size()
    }
}

fn find(pages: &VecDeque<Page>, first: u32, number: u32) -> (&Page, &Settled) {
    let place = number.wrapping_sub(first) as usize;
    let page = &pages[place / PAGE];
    (page, &page.keys[place % PAGE])
}
