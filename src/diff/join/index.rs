//! From a key's hash to its slot: open addressing with linear probing, so that a look-up that finds nothing and the
//! insertion behind it wait for one piece of memory, which can be asked for before.

/// A slot, with bits of its key's hash: growth and most misses need not touch the slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    pub hash: u32,
    pub slot: u32,
}

/// No slot.
pub const EMPTY: Entry = Entry { hash: 0, slot: u32::MAX };
const SMALLEST: usize = 1 << 10;

pub struct Index {
    /// A power of two of them, at most three quarters in use.
    entries: Vec<Entry>,
    len: usize,
}

impl Index {
    pub fn new() -> Index {
        Index { entries: vec![EMPTY; SMALLEST], len: 0 }
    }

    pub fn bytes(&self) -> usize {
        self.entries.capacity() * size_of::<Entry>()
    }

    /// The entry at which the search for a hash starts.
    #[inline]
    pub fn first(&self, hash: u32) -> Entry {
        self.entries[self.home(hash)]
    }

    /// The slot of the entry that has this hash and is the one.
    #[inline]
    pub fn find(&self, hash: u32, is: impl Fn(u32) -> bool) -> Option<u32> {
        self.place(|entry| entry.hash == hash && is(entry.slot), hash).map(|at| self.entries[at].slot)
    }

    /// The hash's key is not among the entries yet.
    pub fn insert(&mut self, hash: u32, slot: u32) {
        if self.len >= self.entries.len() / 4 * 3 {
            self.grow();
        }
        let mut at = self.home(hash);
        while self.entries[at] != EMPTY {
            at = self.behind(at);
        }
        self.entries[at] = Entry { hash, slot };
        self.len += 1;
    }

    pub fn remove(&mut self, hash: u32, slot: u32) {
        let Some(mut gap) = self.place(|entry| entry.slot == slot, hash) else { return };
        self.len -= 1;
        // What lies behind moves up, unless it would come to lie before its home.
        let mut at = self.behind(gap);
        while self.entries[at] != EMPTY {
            let from_home = at.wrapping_sub(self.home(self.entries[at].hash)) & self.mask();
            let from_gap = at.wrapping_sub(gap) & self.mask();
            if from_home >= from_gap {
                self.entries[gap] = self.entries[at];
                gap = at;
            }
            at = self.behind(at);
        }
        self.entries[gap] = EMPTY;
    }

    #[inline]
    fn place(&self, is: impl Fn(&Entry) -> bool, hash: u32) -> Option<usize> {
        let mut at = self.home(hash);
        loop {
            match &self.entries[at] {
                &EMPTY => return None,
                entry if is(entry) => return Some(at),
                _ => at = self.behind(at),
            }
        }
    }

    fn grow(&mut self) {
        let larger = vec![EMPTY; self.entries.len() * 2];
        let smaller = std::mem::replace(&mut self.entries, larger);
        self.len = 0;
        for entry in smaller.into_iter().filter(|entry| *entry != EMPTY) {
            self.insert(entry.hash, entry.slot);
        }
    }

    #[inline]
    fn mask(&self) -> usize {
        self.entries.len() - 1
    }

    #[inline]
    fn home(&self, hash: u32) -> usize {
        hash as usize & self.mask()
    }

    #[inline]
    fn behind(&self, at: usize) -> usize {
        (at + 1) & self.mask()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Few hashes, so that many keys share one and chains wrap around the end.
        #[test]
        fn keeps_what_a_map_keeps(steps in prop::collection::vec((any::<bool>(), 0u32..3000), 1..6000)) {
            let hash = |slot: u32| (slot % 400).wrapping_sub(200);
            let mut index = Index::new();
            let mut kept = BTreeSet::new();
            for (insert, slot) in steps {
                if insert && kept.insert(slot) {
                    index.insert(hash(slot), slot);
                } else if !insert && kept.remove(&slot) {
                    index.remove(hash(slot), slot);
                }
            }
            for slot in 0..3000 {
                prop_assert_eq!(index.find(hash(slot), |s| s == slot).is_some(), kept.contains(&slot));
            }
        }
    }
}
