//! The state of the keys: packed, since a run may hold millions of them.

use compact_str::CompactString;

use super::index::{EMPTY, Entry, Index};
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
    #[inline]
    pub fn has(&self, bit: u8) -> bool {
        self.bits & bit != 0
    }

    #[inline]
    pub fn set(&mut self, bit: u8, on: bool) {
        if on { self.bits |= bit } else { self.bits &= !bit }
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
    /// The side that lacks the row or shows an older value.
    pub lagging: Option<usize>,
    pub last_ms: i64,
    /// Digests as last reported.
    pub reported: [u64; 2],
    /// Reason and detail as last reported.
    pub shown: (Reason, Detail),
}

impl Open {
    /// The side that the record names: the lagging one, but for a newer value that was written away from home.
    pub fn blamed(&self) -> Option<usize> {
        match self.shown.1 {
            Detail::Divergent => self.lagging.map(|side| 1 - side),
            _ => self.lagging,
        }
    }
}

/// What few keys need.
#[derive(Debug, Clone, Default)]
pub struct More {
    /// Digest of the right side's row where it is not that of the left side's.
    differs: Option<Sha>,
    pub sides: [SideMore; 2],
    pub unmatched_since: Option<i64>,
    /// The last deadline that was computed from a match, and when the two states had been set then.
    pub deadline: Option<(i64, [i64; 2])>,
    pub open: Option<Open>,
    /// Episodes that were closed: id and last rev.
    pub closed: Vec<([u8; 16], u32)>,
}

impl More {
    fn heap(&self) -> usize {
        let of =
            |side: &SideMore| side.history.capacity() * size_of::<Past>() + side.parts.capacity() * size_of::<Part>();
        ALLOCATION + size_of::<More>() + of(&self.sides[0]) + of(&self.sides[1]) + self.closed.capacity() * 20
    }
}

#[derive(Debug, Clone)]
pub struct Slot {
    pub key: CompactString,
    /// Digest of the row of the sides that have one: nearly always they have the same.
    digest: Sha,
    pub sides: [Side; 2],
    more: Option<Box<More>>,
    pub table: u16,
    pub used: bool,
}

impl Slot {
    fn new(table: u16, key: &str) -> Slot {
        Slot { key: key.into(), digest: [0; 32], sides: Default::default(), more: None, table, used: true }
    }

    fn is(&self, table: u16, key: &str) -> bool {
        self.used && self.table == table && self.key == key
    }

    fn unused() -> Slot {
        Slot { used: false, ..Slot::new(0, "") }
    }

    #[inline]
    pub fn more(&self) -> Option<&More> {
        self.more.as_deref()
    }

    pub fn open(&self) -> Option<&Open> {
        self.more().and_then(|more| more.open.as_ref())
    }

    /// Digest of a side's row; None where it has none.
    #[inline]
    pub fn row(&self, side: usize) -> Option<&Sha> {
        let differs = self.more().and_then(|more| more.differs.as_ref()).filter(|_| side == 1);
        self.sides[side].has(bit::PRESENT).then(|| differs.unwrap_or(&self.digest))
    }

    /// 64 bits of that digest; 0 is "no row".
    #[inline]
    pub fn short(&self, side: usize) -> u64 {
        self.row(side).map_or(ABSENT, short)
    }

    #[inline]
    pub fn equal(&self) -> bool {
        let [lhs, rhs] = [0, 1].map(|side: usize| self.sides[side].has(bit::PRESENT));
        lhs == rhs && !(lhs && self.more().is_some_and(|more| more.differs.is_some()))
    }

    fn set_row(&mut self, side: usize, row: Option<Sha>) {
        let other = self.row(1 - side).copied();
        self.sides[side].set(bit::PRESENT, row.is_some());
        let (lhs, rhs) = if side == 0 { (row, other) } else { (other, row) };
        self.digest = lhs.or(rhs).unwrap_or_default();
        let differs = rhs.filter(|rhs| *rhs != self.digest);
        if differs.is_some() || self.more.is_some() {
            self.more.get_or_insert_default().differs = differs;
        }
    }

    /// The side shows this row already, its placeholders filled.
    pub fn shows(&self, side: usize, row: &Extra) -> bool {
        let Some(more) = self.more().map(|m| &m.sides[side]) else { return false };
        let filled = |(known, part): (&Part, &Part)| *part == Part::Inherit || part == known;
        let parts = more.parts.len() == row.parts.len() && more.parts.iter().zip(&row.parts).all(filled);
        self.sides[side].has(bit::PRESENT) && more.base == row.base && parts
    }

    /// Memory outside the slot, estimated.
    fn heap(&self) -> usize {
        let key = if self.key.is_heap_allocated() { self.key.capacity() + ALLOCATION } else { 0 };
        key + self.more().map_or(0, More::heap)
    }
}

/// What the allocator adds to a piece of memory.
const ALLOCATION: usize = 16;

/// Slots that are made together: all at once, so that the processor fetches their memory ahead.
const CHUNK: usize = 512;
/// Keys that were inserted last, by their hash.
const RECENT: usize = 1 << 16;

/// A key's hash, and where it was at the time.
#[derive(Debug, Clone, Copy)]
pub struct Foreseen {
    pub hash: u32,
    slot: Option<u32>,
}

/// Slots in chunks, so that growth never copies, and an index from (table, key) to slot.
pub struct Store {
    chunks: Vec<Box<[Slot]>>,
    free: Vec<u32>,
    index: Index,
    /// The other side's row mostly follows soon: small enough for a cache, where the index of many keys is not.
    recent: Box<[Entry]>,
    hasher: foldhash::fast::RandomState,
    len: usize,
    /// Memory of long keys and of `More`, estimated.
    heap: usize,
}

impl Default for Store {
    fn default() -> Self {
        Store {
            chunks: Vec::new(),
            free: Vec::new(),
            index: Index::new(),
            recent: vec![EMPTY; RECENT].into(),
            hasher: foldhash::fast::RandomState::default(),
            len: 0,
            heap: 0,
        }
    }
}

impl Store {
    #[inline]
    pub fn get(&self, i: u32) -> &Slot {
        &self.chunks[i as usize / CHUNK][i as usize % CHUNK]
    }

    #[inline]
    fn slot(&self, i: u32) -> Option<&Slot> {
        self.chunks.get(i as usize / CHUNK)?.get(i as usize % CHUNK)
    }

    #[inline]
    fn get_mut(&mut self, i: u32) -> &mut Slot {
        &mut self.chunks[i as usize / CHUNK][i as usize % CHUNK]
    }

    pub fn side_mut(&mut self, i: u32, side: usize) -> &mut Side {
        &mut self.get_mut(i).sides[side]
    }

    pub fn set_row(&mut self, i: u32, side: usize, row: Option<Sha>) {
        self.change(i, |slot| slot.set_row(side, row));
    }

    /// Changes what few keys need.
    pub fn more<R>(&mut self, i: u32, change: impl FnOnce(&mut More) -> R) -> R {
        self.change(i, |slot| change(slot.more.get_or_insert_default()))
    }

    /// A change after which the slot may hold more memory, or less.
    fn change<R>(&mut self, i: u32, change: impl FnOnce(&mut Slot) -> R) -> R {
        let slot = &mut self.chunks[i as usize / CHUNK][i as usize % CHUNK];
        let before = slot.heap();
        let result = change(slot);
        self.heap = self.heap + slot.heap() - before;
        result
    }

    pub fn len(&self) -> usize {
        self.len
    }

    /// Memory held, for `--max-state-mb`.
    pub fn bytes(&self) -> usize {
        let slots = self.chunks.len() * CHUNK * size_of::<Slot>() + self.free.capacity() * size_of::<u32>();
        let index = self.index.bytes() + RECENT * size_of::<Entry>();
        slots + index + self.heap
    }

    pub fn hash(&self, table: u16, key: &str) -> u32 {
        use std::hash::BuildHasher;
        (self.hasher.hash_one((table, key)) >> 32) as u32
    }

    pub fn find(&self, hash: u32, table: u16, key: &str) -> Option<u32> {
        let recent = self.recent[hash as usize % RECENT];
        if recent.hash == hash && self.slot(recent.slot).is_some_and(|slot| slot.is(table, key)) {
            return Some(recent.slot);
        }
        self.index.find(hash, |slot| self.get(slot).is(table, key))
    }

    /// Looks keys up. Each step is taken for all of them before the next one: so they wait for memory together, where one
    /// after the other, with changes in between, each would wait alone.
    pub fn foresee<'k>(&self, keys: impl Iterator<Item = (u16, &'k str)> + Clone) -> Vec<Foreseen> {
        let hashes: Vec<u32> = keys.clone().map(|(table, key)| self.hash(table, key)).collect();
        let recent: Vec<Entry> = hashes.iter().map(|hash| self.recent[*hash as usize % RECENT]).collect();
        let likely =
            |(hash, recent): (&u32, &Entry)| if recent.hash == *hash { *recent } else { self.index.first(*hash) };
        let likely: Vec<Entry> = hashes.iter().zip(&recent).map(likely).collect();
        // A slot is longer than a cache line: its sides, and what is beside its key.
        let touch =
            |entry: &Entry| self.slot(entry.slot).map(|s| (s.digest[0], s.sides.each_ref().map(|side| side.bits)));
        for entry in &likely {
            std::hint::black_box(touch(entry));
        }
        let found = |((table, key), hash): ((u16, &str), u32)| Foreseen { hash, slot: self.find(hash, table, key) };
        keys.zip(hashes).map(found).collect()
    }

    /// The same as [`Store::find`], with what was found before; the key may have come or gone since.
    pub fn find_again(&self, before: Foreseen, table: u16, key: &str) -> Option<u32> {
        match before.slot {
            Some(i) if self.get(i).is(table, key) => Some(i),
            _ => self.find(before.hash, table, key),
        }
    }

    pub fn insert(&mut self, hash: u32, table: u16, key: &str) -> u32 {
        let slot = Slot::new(table, key);
        self.heap += slot.heap();
        let i = match self.free.pop() {
            Some(i) => i,
            None => self.grow(),
        };
        *self.get_mut(i) = slot;
        let entry = Entry { hash, slot: i };
        self.recent[hash as usize % RECENT] = entry;
        self.index.insert(hash, i);
        self.len += 1;
        i
    }

    /// Makes room for more keys; gives the first of the new slots.
    fn grow(&mut self) -> u32 {
        let first = (self.chunks.len() * CHUNK) as u32;
        self.chunks.push((0..CHUNK).map(|_| Slot::unused()).collect());
        self.free.extend((first + 1..first + CHUNK as u32).rev());
        first
    }

    pub fn remove(&mut self, i: u32) {
        let slot = self.get(i);
        let (hash, heap) = (self.hash(slot.table, &slot.key), slot.heap());
        self.index.remove(hash, i);
        self.heap -= heap;
        *self.get_mut(i) = Slot::unused();
        self.free.push(i);
        self.len -= 1;
    }

    /// Indexes of all keys, in no order that matters.
    pub fn indexes(&self) -> impl Iterator<Item = u32> + use<> {
        0..(self.chunks.len() * CHUNK) as u32
    }
}

const _: () = assert!(size_of::<Side>() == 40 && size_of::<Slot>() == 152);
