//! When the pairs that are apart are to be looked at, by log time.

use std::collections::BTreeMap;

/// What few timers may hold without being looked through.
const FREE: usize = 8 << 20;
/// A log time's share of the tree, and the list of its slots.
const ENTRY: usize = 64;

/// Most pairs agree long before their timer fires. Taking each of those out would cost a search per key, so they stay
/// until they fire or until their number has doubled: who fires looks whether there is still something to do.
pub struct Timers {
    at: BTreeMap<i64, Vec<u32>>,
    len: usize,
    /// Memory at which the ones that are not needed are taken out.
    limit: usize,
}

impl Timers {
    pub fn new() -> Timers {
        Timers { at: BTreeMap::new(), len: 0, limit: FREE }
    }

    pub fn set(&mut self, at_ms: i64, slot: u32) {
        self.at.entry(at_ms).or_default().push(slot);
        self.len += 1;
    }

    /// The slots of the first log time below `watermark`.
    pub fn due(&mut self, watermark: i64) -> Option<(i64, Vec<u32>)> {
        let entry = self.at.first_entry().filter(|entry| *entry.key() < watermark)?;
        let (at_ms, slots) = entry.remove_entry();
        self.len -= slots.len();
        Some((at_ms, slots))
    }

    /// Memory held: lists double when they grow.
    pub fn bytes(&self) -> usize {
        self.at.len() * ENTRY + 2 * self.len * size_of::<u32>()
    }

    /// Takes out the timers of slots that nobody waits for, where it is worth a look at all of them.
    pub fn thin_out(&mut self, needed: impl Fn(u32) -> bool) {
        if self.bytes() <= self.limit {
            return;
        }
        self.at.retain(|_, slots| {
            slots.retain(|slot| needed(*slot));
            slots.shrink_to_fit();
            !slots.is_empty()
        });
        self.len = self.at.values().map(Vec::len).sum();
        self.limit = FREE.max(2 * self.bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timers_fire_in_order_and_those_nobody_needs_do_not_pile_up() {
        let mut timers = Timers::new();
        for at_ms in (0..2_000_000).rev() {
            timers.set(at_ms, at_ms as u32);
            timers.thin_out(|slot| slot % 1000 == 0);
            assert!(timers.bytes() <= FREE + 2 * ENTRY);
        }
        let (mut last, mut needed) = (-1, 0);
        while let Some((at_ms, slots)) = timers.due(1_500_000) {
            assert!(at_ms > last);
            assert_eq!(slots, [at_ms as u32]);
            needed += (at_ms % 1000 == 0) as u32;
            last = at_ms;
        }
        assert_eq!(needed, 1500);
        assert_eq!(timers.due(i64::MAX).map(|(at_ms, _)| at_ms), Some(1_500_000));
    }
}
