//! The state of the keys: packed, since a run may hold millions of them.

use compact_str::CompactString;
use hashbrown::HashTable;

use crate::diff::event::{Extra, Part};
use crate::diff::hash::Sha;
use crate::record::diff::{Detail, Reason};

/// 48 bits of an offset, a byte position or a time: enough for 281 TB or 8,900 years of milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct U48([u8; 6]);

impl U48 {
    pub fn new(n: u64) -> Self {
        let b = n.to_le_bytes();
        U48([b[0], b[1], b[2], b[3], b[4], b[5]])
    }

    pub fn get(self) -> u64 {
        let b = self.0;
        u64::from_le_bytes([b[0], b[1], b[2], b[3], b[4], b[5], 0, 0])
    }
}

pub mod bit {
    /// The side has shown this key at least once.
    pub const SEEN: u8 = 1;
    /// The row exists there.
    pub const PRESENT: u8 = 2;
    /// A value of the row is not known.
    pub const UNRESOLVED: u8 = 4;
    /// The last event of the key could not be read.
    pub const POISONED: u8 = 8;
    /// The state was set by a replicated event.
    pub const REPLICATED: u8 = 16;
    /// `version` holds a log position.
    pub const VERSIONED: u8 = 32;
    /// The side had the row before.
    pub const HAD_ROW: u8 = 64;
}

/// What one side shows for a key.
#[derive(Debug, Clone, Copy, Default)]
pub struct Side {
    pub digest: Sha,
    pub version: u64,
    /// Log time of the event that set it.
    pub since_ms: i64,
    pub offset: U48,
    pub byte: U48,
    pub source_ms: U48,
    pub lane: u16,
    /// Which set of columns the event had.
    pub columns: u16,
    pub bits: u8,
}

impl Side {
    pub fn has(&self, bit: u8) -> bool {
        self.bits & bit != 0
    }

    pub fn set(&mut self, bit: u8, on: bool) {
        if on { self.bits |= bit } else { self.bits &= !bit }
    }

    /// 64 bits of the digest; 0 is "no row".
    pub fn short(&self) -> u64 {
        if self.has(bit::PRESENT) { short(&self.digest) } else { ABSENT }
    }
}

pub const ABSENT: u64 = 0;

pub fn short(digest: &Sha) -> u64 {
    let b = digest;
    // A digest that begins with eight zero bytes would read as absent: taken as 1, it still differs.
    u64::from_be_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]]).max(1)
}

/// A value that a side had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Past {
    pub value: u64,
    /// Log time of its replacement.
    pub until_ms: i64,
    pub version: u64,
}

#[derive(Debug, Clone, Default)]
pub struct SideMore {
    pub history: Vec<Past>,
    /// Log time until which an entry younger than the grace period is missing from the history.
    pub overflow_until: Option<i64>,
    pub base: Option<Sha>,
    pub parts: Vec<Part>,
    pub alt: Option<Sha>,
}

/// An open divergence episode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    pub diff_id: [u8; 16],
    pub rev: u32,
    pub opened_ms: i64,
    /// When the two stopped matching: the opening's deadline less the grace period.
    pub basis_ms: i64,
    pub lagging: Option<usize>,
    pub last_ms: i64,
    /// Digests as last reported.
    pub reported: [u64; 2],
    /// Reason and detail as last reported.
    pub shown: (Reason, Detail),
}

/// What few keys need.
#[derive(Debug, Clone, Default)]
pub struct More {
    pub sides: [SideMore; 2],
    pub unmatched_since: Option<i64>,
    /// The last deadline that was computed from a match, and when the two states had been set then.
    pub deadline: Option<(i64, [i64; 2])>,
    pub open: Option<Open>,
    /// Episodes that were closed: id and last rev.
    pub closed: Vec<([u8; 16], u32)>,
}

#[derive(Debug, Clone)]
pub struct Slot {
    pub key: CompactString,
    pub sides: [Side; 2],
    pub more: Option<Box<More>>,
    pub table: u16,
    pub used: bool,
}

impl Slot {
    pub fn more(&mut self) -> &mut More {
        self.more.get_or_insert_default()
    }

    pub fn equal(&self) -> bool {
        let [a, b] = &self.sides;
        match (a.has(bit::PRESENT), b.has(bit::PRESENT)) {
            (true, true) => a.digest == b.digest,
            (a, b) => a == b,
        }
    }
}

impl Slot {
    /// The side shows this row already, its placeholders filled.
    pub fn shows(&self, side: usize, row: &Extra) -> bool {
        let Some(more) = self.more.as_ref().map(|m| &m.sides[side]) else { return false };
        let filled = |(known, part): (&Part, &Part)| *part == Part::Inherit || part == known;
        let parts = more.parts.len() == row.parts.len() && more.parts.iter().zip(&row.parts).all(filled);
        self.sides[side].has(bit::PRESENT) && more.base == row.base && parts
    }
}

const CHUNK: usize = 4096;

/// Where a key's slot is, with bits of its hash: so that growth and most misses need not touch the slots.
#[derive(Clone, Copy)]
struct Entry {
    hash: u32,
    slot: u32,
}

impl Entry {
    fn spread(&self) -> u64 {
        spread(self.hash)
    }
}

/// The table wants 64 bits of which the highest and the lowest matter.
fn spread(hash: u32) -> u64 {
    (hash as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Slots in chunks, so that growth never copies, and an index from (table, key) to slot.
pub struct Store {
    chunks: Vec<Vec<Slot>>,
    free: Vec<u32>,
    index: HashTable<Entry>,
    hasher: foldhash::fast::RandomState,
    len: usize,
    /// Heap bytes of long keys and of `More`, estimated.
    heap: usize,
}

impl Default for Store {
    fn default() -> Self {
        Store {
            chunks: Vec::new(),
            free: Vec::new(),
            index: HashTable::new(),
            hasher: foldhash::fast::RandomState::default(),
            len: 0,
            heap: 0,
        }
    }
}

impl Store {
    pub fn get(&self, i: u32) -> &Slot {
        &self.chunks[i as usize / CHUNK][i as usize % CHUNK]
    }

    pub fn get_mut(&mut self, i: u32) -> &mut Slot {
        &mut self.chunks[i as usize / CHUNK][i as usize % CHUNK]
    }

    pub fn len(&self) -> usize {
        self.len
    }

    /// Memory held, for `--max-state-mb`.
    pub fn bytes(&self) -> usize {
        self.chunks.len() * CHUNK * size_of::<Slot>() + self.index.capacity() * 10 + self.heap
    }

    pub fn hash(&self, table: u16, key: &str) -> u32 {
        use std::hash::BuildHasher;
        (self.hasher.hash_one((table, key)) >> 32) as u32
    }

    pub fn find(&self, hash: u32, table: u16, key: &str) -> Option<u32> {
        let same = |entry: &Entry| {
            entry.hash == hash && {
                let slot = self.get(entry.slot);
                slot.table == table && slot.key == key
            }
        };
        self.index.find(spread(hash), same).map(|entry| entry.slot)
    }

    /// Brings what holds a key into the processor's caches. Several of these in a row wait for memory together,
    /// where the changes between look-ups would make each wait alone.
    pub fn touch(&self, table: u16, key: &str) {
        let slot = self.find(self.hash(table, key), table, key).map(|i| self.get(i));
        // A slot is longer than a cache line: both ends of both sides.
        let lines = |s: &Slot| s.sides.each_ref().map(|side| side.digest[0] ^ side.bits);
        std::hint::black_box(slot.map(lines));
    }

    pub fn insert(&mut self, hash: u32, table: u16, key: &str) -> u32 {
        let slot = Slot { key: key.into(), sides: Default::default(), more: None, table, used: true };
        self.heap += if key.len() > 24 { key.len() + 16 } else { 0 };
        let i = match self.free.pop() {
            Some(i) => {
                *self.get_mut(i) = slot;
                i
            }
            None => {
                if self.chunks.last().is_none_or(|c| c.len() == CHUNK) {
                    self.chunks.push(Vec::with_capacity(CHUNK));
                }
                let chunk = self.chunks.len() - 1;
                self.chunks[chunk].push(slot);
                (chunk * CHUNK + self.chunks[chunk].len() - 1) as u32
            }
        };
        self.index.insert_unique(spread(hash), Entry { hash, slot: i }, Entry::spread);
        self.len += 1;
        i
    }

    pub fn remove(&mut self, i: u32) {
        let (hash, length) = {
            let slot = self.get(i);
            (self.hash(slot.table, &slot.key), slot.key.len())
        };
        if let Ok(entry) = self.index.find_entry(spread(hash), |entry| entry.slot == i) {
            entry.remove();
        }
        self.heap -= if length > 24 { length + 16 } else { 0 };
        let slot = self.get_mut(i);
        slot.used = false;
        slot.more = None;
        self.free.push(i);
        self.len -= 1;
    }

    /// Indexes of all keys, in no order that matters.
    pub fn indexes(&self) -> impl Iterator<Item = u32> + use<> {
        let total = self.chunks.iter().map(Vec::len).sum::<usize>() as u32;
        0..total
    }
}

const _: () = assert!(size_of::<Side>() == 72 && size_of::<Slot>() <= 184);
