//! The end of the input: the last verdicts, and what became of every key.

use super::clock::Change;
use super::history::Due;
use super::store::bit;
use super::verdict::Doubt;
use super::{Join, Output, Verdict, Withheld};
use crate::diff::code::Code;
use crate::diff::event::tenant_and_id;
use crate::diff::types::index;
use crate::record::diff::{Confidence, Reason, Side, State};

impl Join {
    /// A side's sources have ended; `newest_ms` is the largest log time read from them.
    pub fn side_ended(&mut self, side: Side, newest_ms: Option<i64>) {
        let end = newest_ms.map_or(i64::MIN, |ms| ms - self.settings.disorder_ms);
        let i = index(side);
        self.ended[i] = Some(end);
        // The log goes on behind the end of its recording.
        if !self.settings.at_end_final {
            self.proved[i] = self.proved[i].min(end);
        }
    }

    /// A source of a side was cut, so absence is proved up to `reached_ms` at most, whatever the end means.
    pub fn side_cut(&mut self, side: Side, reached_ms: Option<i64>) {
        let i = index(side);
        let end = reached_ms.map_or(i64::MIN, |ms| ms - self.settings.disorder_ms);
        self.proved[i] = self.proved[i].min(end);
    }

    /// Events of a kind, or of all, never arrived, and only the end of the input showed it: what was said of their keys
    /// is taken back. `outputs` are the verdicts that have not left yet.
    pub fn withdraw(&mut self, kind: Option<&str>, outputs: &mut Vec<Output>) {
        self.end_step();
        outputs.append(&mut self.out);
        let concerned = |of: &str| kind.is_none_or(|kind| kind == of);
        outputs.retain(|output| match output {
            Output::Diff(verdict) if concerned(&verdict.diff.kind) => {
                self.counts.take_back(&verdict.diff);
                false
            }
            Output::Unauthorized(write) if write.confidence == Confidence::Suspected && concerned(&write.kind) => {
                self.counts.unauthorized -= 1;
                false
            }
            _ => true,
        });
        let tables = self.types.tables.iter().map(|t| concerned(&t.kind)).collect::<Vec<_>>();
        for (withheld, _) in self.withheld.iter_mut().zip(&tables).filter(|(_, concerned)| **concerned) {
            *withheld = Withheld::Gap;
        }
        for i in self.store.indexes() {
            let slot = self.store.get(i);
            if tables[slot.table as usize] && slot.open().is_some() {
                self.store.more(i, |more| more.open = None);
            }
        }
    }

    /// Verdicts with a deadline below this may be made when everything before `now` was applied.
    pub(super) fn watermark(&self, now: i64) -> i64 {
        let of = |side: usize| self.clocks[side].watermark(now).min(self.proved[side].saturating_add(1));
        of(0).min(of(1))
    }

    /// Everything was read. `newest`: largest log time of each side.
    pub fn finish(&mut self, newest: [Option<i64>; 2]) {
        let end = newest.iter().flatten().copied().max().unwrap_or(0);
        // The last records of a log may be some that decide nothing.
        self.advance(end);
        if let [Some(lhs), Some(rhs)] = newest {
            self.ends_early(lhs, rhs);
        }
        if self.settings.at_end_final {
            self.clocks.iter_mut().for_each(|c| c.end(end));
            self.now_ms = end;
        } else {
            for (side, newest) in newest.iter().enumerate() {
                self.stalled |= self.ends_silent(side, *newest, end);
            }
        }
        let watermark = self.watermark(i64::MAX);
        self.fire(watermark, end);
        // A table of which an event was lost: what was reported of it before is in doubt as well.
        if self.withheld.iter().any(|withheld| *withheld > Withheld::No) {
            for i in self.store.indexes() {
                self.give_up(i, end);
            }
        }
        self.end_step();
        self.count_keys(end);
    }

    /// Whether a side is stalled at the end of a log that goes on: by its heartbeats, or because its recording ends
    /// long before the other.
    fn ends_silent(&mut self, side: usize, newest: Option<i64>, end: i64) -> bool {
        if self.clocks[side].is_stalled() {
            return true;
        }
        let silent = self.clocks[side].silent(end) && newest.is_none_or(|ms| ms < end);
        if silent {
            self.clock_changed(side, Some(Change::Stalled), end);
        }
        silent
    }

    fn ends_early(&mut self, lhs: i64, rhs: i64) {
        if (lhs - rhs).abs() <= self.settings.grace_ms {
            return;
        }
        let (side, other) = if lhs < rhs { (Side::Lhs, Side::Rhs) } else { (Side::Rhs, Side::Lhs) };
        let gap = (lhs - rhs).abs();
        let (early, late) = (self.types.side(side).region.clone(), self.types.side(other).region.clone());
        let text = || format!("the recording of {early} ends {:.1} s before that of {late}", gap as f64 / 1000.0);
        self.notes[index(side)].at(Code::SideEndsEarly, "", &early, None, Some(lhs.min(rhs)), text);
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
                None if equal => self.agree(i),
                // Columns that only one side has prove nothing where the digests agree.
                Some(Doubt::Columns | Doubt::CaptureLoss | Doubt::Withheld) if equal => self.agree(i),
                None => match self.undecided(i, end) {
                    Some(doubt) => self.doubted(i, doubt, end),
                    None => self.counts.pending += 1,
                },
                Some(doubt) => self.doubted(i, doubt, end),
            }
        }
    }

    /// Why an unequal pair whose events are beyond doubt has no verdict; None where its grace period still runs.
    fn undecided(&mut self, i: u32, end: i64) -> Option<Doubt> {
        let Due::At(due) = self.due(i, end) else { return Some(Doubt::Overflow) };
        let side = if self.proved[0] <= self.proved[1] { 0 } else { 1 };
        match self.settings.at_end_final {
            true if self.proved[side] < i64::MAX => Some(Doubt::Unread(side)),
            true => Some(Doubt::Overflow),
            // One side was read past the deadline, so it is not that the time is not over yet.
            false => self.ended.iter().flatten().any(|end| due <= *end).then_some(Doubt::Unread(side)),
        }
    }

    fn doubted(&mut self, i: u32, doubt: Doubt, end: i64) {
        self.counts.inconclusive += 1;
        let slot = self.store.get(i);
        let kind = self.types.tables[slot.table as usize].kind.clone();
        let (tenant, id) = tenant_and_id(slot.key.as_bytes());
        let side = match doubt {
            Doubt::Unread(side) => side,
            _ => slot.sides.iter().position(|s| s.has(bit::POISONED | bit::UNRESOLVED)).unwrap_or(0),
        };
        let (code, text) = match doubt {
            Doubt::CaptureLoss => {
                self.counts.capture_loss += 1;
                (Code::CaptureLoss, "a decimal NaN or Infinity arrived as null on one side; the rows may be equal")
            }
            Doubt::Placeholder => (Code::ToastUnresolved, "a large value was not sent and no earlier one is known"),
            Doubt::Columns => (Code::SchemaFingerprint, "the two events hold different sets of compared columns"),
            Doubt::Overflow => (Code::HistoryOverflow, "too many changes within the grace period"),
            Doubt::Unread(_) => {
                (Code::SideEndsEarly, "the recording of this side does not reach the deadline of these rows")
            }
            // The unreadable record itself is reported with its position.
            Doubt::Poisoned | Doubt::Withheld => return,
        };
        self.notes[side].at(code, &kind, &kind, Some(&format!("{tenant}/{id}")), Some(end), || text.to_owned());
    }

    /// A second pass found that a mismatch is only one of column sets: what was said under its id was no verdict.
    pub fn retract(&mut self, said: &[&Verdict]) {
        said.iter().for_each(|verdict| self.counts.take_back(&verdict.diff));
        let Some(Verdict { diff, ts_ms, .. }) = said.last() else { return };
        if diff.state == State::Open && diff.reason == Reason::Mismatch {
            self.counts.mismatch -= 1;
            self.counts.inconclusive += 1;
        }
        let key = format!("{}/{}", diff.tenant, diff.id);
        let text = || "the two events hold different sets of compared columns".to_owned();
        self.notes[0].at(Code::SchemaFingerprint, &diff.kind, &diff.kind, Some(&key), Some(*ts_ms), text);
    }
}
