//! The end of the input: the last verdicts, and what became of every key.

use super::Join;
use super::store::bit;
use super::verdict::Doubt;
use crate::diff::code::Code;
use crate::diff::event::tenant_and_id;
use crate::record::diff::{Reason, Side, State};

impl Join {
    /// A side's sources have ended; `newest_ms` is the largest log time read from them.
    pub fn side_ended(&mut self, side: Side, newest_ms: Option<i64>) {
        let end = newest_ms.map_or(i64::MIN, |ms| ms - self.settings.disorder_ms);
        self.ended[crate::diff::types::index(side)] = Some(end);
    }

    /// Verdicts with a deadline below this may be made when everything before `now` was applied.
    pub(super) fn watermark(&self, now: i64) -> i64 {
        let of = |side: usize| {
            let clock = self.clocks[side].watermark(now);
            match self.ended[side] {
                // The log goes on behind the end of its recording.
                Some(end) if !self.settings.at_end_final => clock.min(end.saturating_add(1)),
                _ => clock,
            }
        };
        of(0).min(of(1))
    }

    /// Everything was read. `newest`: largest log time of each side.
    pub fn finish(&mut self, newest: [Option<i64>; 2]) {
        let end = newest.iter().flatten().copied().max().unwrap_or(0);
        if let [Some(lhs), Some(rhs)] = newest {
            self.ends_early(lhs, rhs);
        }
        if self.settings.at_end_final {
            self.clocks.iter_mut().for_each(|c| c.end(end));
            self.now_ms = end;
            self.fire(i64::MAX, end);
        } else {
            self.stalled = self.clocks.iter().any(|c| c.is_stalled());
            let watermark = self.watermark(i64::MAX);
            self.fire(watermark, end);
        }
        self.end_step();
        self.count_keys(end);
    }

    fn ends_early(&mut self, lhs: i64, rhs: i64) {
        if (lhs - rhs).abs() <= self.settings.grace_ms {
            return;
        }
        let (side, other) = if lhs < rhs { (Side::Lhs, Side::Rhs) } else { (Side::Rhs, Side::Lhs) };
        let gap = (lhs - rhs).abs();
        let (early, late) = (self.types.side(side).region.clone(), self.types.side(other).region.clone());
        let text = || format!("the recording of {early} ends {:.1} s before that of {late}", gap as f64 / 1000.0);
        self.notes[crate::diff::types::index(side)].at(Code::SideEndsEarly, "", &early, None, Some(lhs.min(rhs)), text);
    }

    fn count_keys(&mut self, end: i64) {
        for i in self.store.indexes() {
            let slot = self.store.get(i);
            if !slot.used {
                continue;
            }
            if let Some(open) = slot.open() {
                match open.reported {
                    [super::store::ABSENT, _] | [_, super::store::ABSENT] => self.counts.missing += 1,
                    _ => self.counts.mismatch += 1,
                }
                continue;
            }
            let doubt = self.doubt(slot);
            let equal = slot.equal();
            match doubt {
                None if equal => self.counts.ok += 1,
                // Columns that only one side has prove nothing where the digests agree.
                Some(Doubt::Columns | Doubt::CaptureLoss | Doubt::Withheld) if equal => self.counts.ok += 1,
                None if self.settings.at_end_final => self.doubted(i, Doubt::Overflow, end),
                None => self.counts.pending += 1,
                Some(doubt) => self.doubted(i, doubt, end),
            }
        }
    }

    fn doubted(&mut self, i: u32, doubt: Doubt, end: i64) {
        self.counts.inconclusive += 1;
        let slot = self.store.get(i);
        let kind = self.types.tables[slot.table as usize].kind.clone();
        let (tenant, id) = tenant_and_id(slot.key.as_bytes());
        let side = slot.sides.iter().position(|s| s.has(bit::POISONED | bit::UNRESOLVED)).unwrap_or(0);
        let (code, text) = match doubt {
            Doubt::CaptureLoss => {
                self.counts.capture_loss += 1;
                (Code::CaptureLoss, "a decimal NaN or Infinity arrived as null on one side; the rows may be equal")
            }
            Doubt::Placeholder => (Code::ToastUnresolved, "a large value was not sent and no earlier one is known"),
            Doubt::Columns => (Code::SchemaFingerprint, "the two events hold different sets of compared columns"),
            Doubt::Overflow => (Code::HistoryOverflow, "too many changes within the grace period"),
            // The unreadable record itself is reported with its position.
            Doubt::Poisoned | Doubt::Withheld => return,
        };
        self.notes[side].at(code, &kind, &kind, Some(&format!("{tenant}/{id}")), Some(end), || text.to_owned());
    }

    /// A second pass found that a mismatch is only one of column sets: it was no verdict.
    pub fn retract(&mut self, kind: &str, key: &str, state: State, reason: Reason, end_ms: i64) {
        if state == State::Open && reason == Reason::Mismatch {
            self.counts.mismatch -= 1;
            self.counts.inconclusive += 1;
        }
        let text = || "the two events hold different sets of compared columns".to_owned();
        self.notes[0].at(Code::SchemaFingerprint, kind, kind, Some(key), Some(end_ms), text);
    }
}
