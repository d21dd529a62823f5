//! When the pairs that are apart are to be looked at, by log time.

use std::collections::{BTreeMap, VecDeque};

/// What few timers may hold without being looked through.
const FREE: usize = 8 << 20;
/// A log time's share of the tree, and the list of its slots.
const ENTRY: usize = 64;

/// Most pairs agree long before their timer fires. Taking each of those out would cost a search per key, so they stay
/// until they fire or until their number has doubled: who fires looks whether there is still something to do.
pub struct Timers {
    /// Most are set in the order in which they fire.
    queue: VecDeque<(i64, u32)>,
    /// The others.
    at: BTreeMap<i64, Vec<u32>>,
    /// How many those are.
    others: usize,
    /// Memory at which the ones that are not needed are taken out.
    limit: usize,
}

impl Timers {
    pub fn new() -> Timers {
        Timers { queue: VecDeque::new(), at: BTreeMap::new(), others: 0, limit: FREE }
    }

    pub fn set(&mut self, at_ms: i64, slot: u32) {
        if self.queue.back().is_none_or(|last| last.0 <= at_ms) {
            self.queue.push_back((at_ms, slot));
        } else {
            self.at.entry(at_ms).or_default().push(slot);
            self.others += 1;
        }
    }

    /// The next timer below `watermark`.
    pub fn due(&mut self, watermark: i64) -> Option<(i64, u32)> {
        let queued = self.queue.front().map(|front| front.0);
        let other = self.at.first_entry().filter(|entry| queued.is_none_or(|at_ms| *entry.key() < at_ms));
        let Some(mut entry) = other else {
            return queued.filter(|at_ms| *at_ms < watermark).and_then(|_| self.queue.pop_front());
        };
        let at_ms = *entry.key();
        if at_ms >= watermark {
            return None;
        }
        let slot = entry.get_mut().pop();
        if entry.get().is_empty() {
            entry.remove();
        }
        self.others -= 1;
        slot.map(|slot| (at_ms, slot))
    }

    /// Memory held: lists double when they grow.
    pub fn bytes(&self) -> usize {
        let queue = self.queue.capacity() * size_of::<(i64, u32)>();
        queue + self.at.len() * ENTRY + 2 * self.others * size_of::<u32>()
    }

    /// Takes out the timers of slots that nobody waits for, where it is worth a look at all of them.
    pub fn thin_out(&mut self, needed: impl Fn(u32) -> bool) {
        if self.bytes() <= self.limit {
            return;
        }
        self.queue.retain(|(_, slot)| needed(*slot));
        self.queue.shrink_to_fit();
        self.at.retain(|_, slots| {
            slots.retain(|slot| needed(*slot));
            slots.shrink_to_fit();
            !slots.is_empty()
        });
        self.others = self.at.values().map(Vec::len).sum();
        self.limit = FREE.max(2 * self.bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Timers in and out of order; the test's slot is its log time.
    #[test]
    fn timers_fire_in_order_and_those_nobody_needs_do_not_pile_up() {
        let mut timers = Timers::new();
        let needed = |slot: u32| slot.is_multiple_of(1000);
        for at_ms in (0..1_000_000).chain((1_000_000..2_000_000).rev()) {
            timers.set(at_ms, at_ms as u32);
            timers.thin_out(needed);
            assert!(timers.bytes() <= FREE + 2 * ENTRY);
        }
        let (mut last, mut fired) = (-1, 0);
        while let Some((at_ms, slot)) = timers.due(1_500_000) {
            assert!(at_ms > last && slot as i64 == at_ms);
            fired += u32::from(needed(slot));
            last = at_ms;
        }
        assert_eq!(fired, 1500);
        assert_eq!(timers.due(i64::MAX), Some((1_500_000, 1_500_000)));
    }
}
