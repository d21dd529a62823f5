//! What a side showed before, and the deadline that follows from it.

use super::Join;
use super::store::{ABSENT, Past, Slot, bit};

/// Entries older than the grace period that are kept for `stale`.
const OLDER: usize = 4;
const MOST: usize = 64;

/// Why no deadline can be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// A diff opens at this log time unless the sides agree before.
    At(i64),
    /// The history overflowed and no match is left in it: inconclusive until the key calms down.
    Unknown,
}

/// The side's past values, newest last. A side with one event was absent before it.
fn pasts<'s>(slot: &'s Slot, side: usize) -> impl Iterator<Item = Past> + 's {
    let known = slot.more().map_or(&[][..], |m| m.sides[side].history.as_slice());
    let s = &slot.sides[side];
    let implied =
        (known.is_empty() && s.has(bit::SEEN)).then_some(Past { value: ABSENT, until_ms: s.since_ms, version: 0 });
    implied.into_iter().chain(known.iter().copied())
}

/// The latest time until which `side` showed what the other shows now.
pub fn matched_until(slot: &Slot, side: usize) -> Option<i64> {
    let wanted = slot.short(1 - side);
    pasts(slot, side).filter(|p| p.value == wanted).map(|p| p.until_ms).max()
}

/// The side shows an older value of the other one.
pub fn shows_older(slot: &Slot, side: usize) -> bool {
    let shown = slot.short(side);
    pasts(slot, 1 - side).any(|p| p.value == shown)
}

/// The side had this value of this version.
pub fn knows(slot: &Slot, side: usize, version: u64, value: u64) -> bool {
    let s = &slot.sides[side];
    (s.version == version && slot.short(side) == value)
        || pasts(slot, side).any(|p| p.version == version && p.value == value)
}

impl Join {
    /// The value that `side` had until now becomes past.
    pub(super) fn remember(&mut self, i: u32, side: usize, now: i64) {
        let grace = self.settings.grace_ms;
        // While a side is stalled or catches up, its backlog will still ask for older values.
        let young = self.watermark(now) - grace;
        let slot = self.store.get(i);
        let (s, value) = (slot.sides[side], slot.short(side));
        self.store.more(i, |more| {
            let more = &mut more.sides[side];
            if more.history.is_empty() {
                more.history.push(Past { value: ABSENT, until_ms: s.since_ms, version: 0 });
            }
            more.history.push(Past { value, until_ms: now, version: s.version });
            let old = more.history.iter().filter(|p| p.until_ms <= young).count();
            if old > OLDER {
                more.history.drain(..old - OLDER);
            }
            if more.history.len() > MOST {
                let lost = more.history.remove(0);
                if lost.until_ms > young {
                    more.overflow_until = Some(lost.until_ms + grace);
                }
            }
        });
    }

    /// When a diff of this unequal pair opens. `now`: log time of the event that is being looked at.
    pub(super) fn due(&mut self, i: u32, now: i64) -> Due {
        let grace = self.settings.grace_ms;
        let proved = self.watermark(now);
        let slot = self.store.get(i);
        let since = [slot.sides[0].since_ms, slot.sides[1].since_ms];
        let matched = matched_until(slot, 0).max(matched_until(slot, 1));
        if let Some(until) = matched {
            if slot.more().is_some() {
                self.store.more(i, |more| {
                    more.unmatched_since = None;
                    more.deadline = Some((until + grace, since));
                });
            }
            return Due::At(until + grace);
        }
        self.store.more(i, |more| {
            let overflow = more.sides.iter().filter_map(|s| s.overflow_until).max();
            if let Some(until) = overflow.filter(|_| more.unmatched_since.is_none()) {
                // The stored deadline survives the eviction while one side still shows what it showed then.
                if let Some((deadline, then)) = more.deadline
                    && until >= proved
                    && (then[0] == since[0] || then[1] == since[1])
                {
                    return Due::At(deadline);
                }
                if until > proved {
                    return Due::Unknown;
                }
            }
            let since = *more.unmatched_since.get_or_insert(now);
            Due::At(since + grace)
        })
    }
}
