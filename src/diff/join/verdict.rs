//! Opening, revising and closing divergence episodes.

use super::history::{Due, shows_older};
use super::store::{Open, Slot, bit};
use super::{Join, Output, Place, Verdict, Withheld, side_of};
use crate::clock::rfc3339_ms;
use crate::diff::code::Code;
use crate::diff::event::{Part, canonical_key, tenant_and_id};
use crate::diff::hash::hex;
use crate::diff::home::is_home;
use crate::diff::merge::Lane;
use crate::diff::types::{PROFILE, Replication};
use crate::record::diff::{ClosedBy, Confidence, Detail, Diff, Op, Reason, State, UnauthorizedWrite};
use crate::record::finding::fingerprint;

/// Why an unequal pair gets no verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doubt {
    Placeholder,
    Poisoned,
    CaptureLoss,
    Columns,
    Overflow,
    Withheld,
    /// The recording of this side does not reach the deadline.
    Unread(usize),
}

impl Join {
    /// Makes all verdicts with a deadline below `watermark`; their log time is at most `end`.
    pub(super) fn fire(&mut self, watermark: i64, end: i64) {
        while let Some((at, i)) = self.timers.due(watermark) {
            self.timer(i, at, end);
        }
    }

    fn timer(&mut self, i: u32, at: i64, end: i64) {
        let slot = self.store.get(i);
        if !slot.used || slot.equal() {
            return;
        }
        if let Some(open) = slot.open() {
            // A revision that waited for its grace period.
            if at >= open.last_ms + self.settings.grace_ms || at >= end {
                self.revise(i, at.min(end), at >= end);
            }
            return;
        }
        let unmatched = |slot: &Slot| slot.more().is_some_and(|m| m.unmatched_since.is_some());
        let before = unmatched(slot);
        match self.due(i, at) {
            Due::At(due) if due <= at => self.open(i, at.min(end)),
            // A key whose history overflowed has calmed down: its grace period begins.
            Due::At(due) if !before && unmatched(self.store.get(i)) => self.timers.set(due, i),
            Due::At(_) | Due::Unknown => {}
        }
    }

    /// Whether an unequal pair can be judged now.
    pub(super) fn doubt(&self, slot: &Slot) -> Option<Doubt> {
        let [a, b] = &slot.sides;
        if a.has(bit::POISONED) || b.has(bit::POISONED) {
            return Some(Doubt::Poisoned);
        }
        if a.has(bit::UNRESOLVED) || b.has(bit::UNRESOLVED) {
            return Some(Doubt::Placeholder);
        }
        let allowed = if self.settings.allow_poison { Withheld::Poisoned } else { Withheld::No };
        if self.withheld[slot.table as usize] > allowed {
            return Some(Doubt::Withheld);
        }
        let both = a.has(bit::PRESENT) && b.has(bit::PRESENT);
        if both && let Some(more) = slot.more() {
            let lost = |side: usize| more.sides[side].alt.as_ref() == slot.row(1 - side);
            if lost(0) || lost(1) {
                return Some(Doubt::CaptureLoss);
            }
        }
        (both && a.columns != b.columns && !self.settings.second_pass).then_some(Doubt::Columns)
    }

    /// The one that lacks the row or shows an older value; None where neither can be blamed.
    fn lagging(&self, slot: &Slot) -> (Reason, Detail, Option<usize>) {
        let [a, b] = &slot.sides;
        let lacking = match (a.has(bit::PRESENT), b.has(bit::PRESENT)) {
            (false, _) => Some(0),
            (_, false) => Some(1),
            _ => None,
        };
        if let Some(side) = lacking {
            let had = slot.sides[side].has(bit::HAD_ROW);
            return (Reason::Missing, if had { Detail::Deleted } else { Detail::NeverSeen }, Some(side));
        }
        let side = match (shows_older(slot, 0), shows_older(slot, 1)) {
            (true, false) => Some(0),
            (false, true) => Some(1),
            (true, true) => Some(if a.since_ms <= b.since_ms { 0 } else { 1 }),
            (false, false) => None,
        };
        let Some(side) = side else { return (Reason::Mismatch, Detail::Divergent, None) };
        if self.written_away(slot, 1 - side) {
            return (Reason::Mismatch, Detail::Divergent, Some(side));
        }
        (Reason::Mismatch, Detail::Stale, Some(side))
    }

    /// Under native replication: the side's state was committed there although it is not the tenant's home.
    fn written_away(&self, slot: &Slot, side: usize) -> bool {
        let table = &self.types.tables[slot.table as usize];
        if table.replication != Replication::Native || slot.sides[side].has(bit::REPLICATED) {
            return false;
        }
        let (tenant, _) = tenant_and_id(slot.key.as_bytes());
        let home = self.homes.as_ref().and_then(|h| h.of(&tenant));
        home.is_some_and(|home| !is_home(&self.types.side(side_of(side)).region, home))
    }

    fn open(&mut self, i: u32, ts: i64) {
        let slot = self.store.get(i);
        if self.doubt(slot).is_some() {
            return;
        }
        let (reason, detail, lagging) = self.lagging(slot);
        let basis_ms = match self.due(i, ts) {
            Due::At(due) => due - self.settings.grace_ms,
            Due::Unknown => ts - self.settings.grace_ms,
        };
        let slot = self.store.get(i);
        let diff_id = self.diff_id(slot, reason);
        let shown = [slot.short(0), slot.short(1)];
        let (last_ms, reported, shown) = (ts, shown, (reason, detail));
        self.store.more(i, |more| {
            let rev = match more.closed.iter().position(|(id, _)| *id == diff_id) {
                Some(at) => more.closed.remove(at).1 + 1,
                None => 0,
            };
            more.open = Some(Open { diff_id, rev, opened_ms: ts, basis_ms, lagging, last_ms, reported, shown });
        });
        self.counts.opened += 1;
        self.report(i, ts, reason, detail, State::Open, None);
        self.suspect(i, ts, reason, detail, lagging);
    }

    /// A row that exists outside its home and was never seen at home past the deadline.
    fn suspect(&mut self, i: u32, ts: i64, reason: Reason, detail: Detail, lacking: Option<usize>) {
        let slot = self.store.get(i);
        let table = &self.types.tables[slot.table as usize];
        let opaque = table.replication == Replication::Opaque;
        let (Some(lacking), Reason::Missing, Detail::NeverSeen, true) = (lacking, reason, detail, opaque) else {
            return;
        };
        let Some(homes) = &self.homes else { return };
        let (tenant, id) = tenant_and_id(slot.key.as_bytes());
        let Some(home) = homes.of(&tenant) else {
            let kind = table.kind.clone();
            let text = || format!("tenant `{tenant}` is not in tenants.yaml");
            let key = format!("{tenant}/{id}");
            self.notes[1 - lacking].at(Code::OriginUnknown, &kind, &tenant, Some(&key), Some(ts), text);
            return;
        };
        let region = &self.types.side(side_of(1 - lacking)).region;
        if is_home(region, home) || !is_home(&self.types.side(side_of(lacking)).region, home) {
            return;
        }
        let at = self.position(slot, 1 - lacking).unwrap_or_default();
        let write = UnauthorizedWrite {
            write_id: fingerprint(&[&self.types.job, side_of(1 - lacking).as_str(), &at]),
            tenant,
            id,
            kind: table.kind.clone(),
            op: Op::Create,
            region: region.clone(),
            home_region: home.to_owned(),
            origin: None,
            confidence: Confidence::Suspected,
            at,
            source_ts_us: None,
            ts: rfc3339_ms(ts),
        };
        self.counts.unauthorized += 1;
        self.emit(ts, Output::Unauthorized(Box::new(write)));
    }

    fn diff_id(&self, slot: &Slot, reason: Reason) -> [u8; 16] {
        let table = &self.types.tables[slot.table as usize];
        let key = String::from_utf8_lossy(&canonical_key(&table.kind, slot.key.as_bytes())).into_owned();
        let [lhs, rhs] = [0, 1].map(|s| row_hex(slot, s));
        let text = fingerprint(&[&self.types.job, PROFILE, &key, &lhs, &rhs, reason.as_str()]);
        let mut id = [0; 16];
        if let Ok(bytes) = data_encoding::HEXLOWER.decode(text.as_bytes()) {
            id.copy_from_slice(&bytes[..16]);
        }
        id
    }

    /// An open pair changed: the next rev, at most one per grace period unless nothing more will come.
    pub(super) fn revise(&mut self, i: u32, now: i64, last: bool) {
        let grace = self.settings.grace_ms;
        let slot = self.store.get(i);
        let shown = [slot.short(0), slot.short(1)];
        let Some(open) = slot.open() else { return };
        if open.reported == shown {
            return;
        }
        if !last && now < open.last_ms.saturating_add(grace) {
            self.timers.set(open.last_ms + grace, i);
            return;
        }
        if self.doubt(slot).is_some() {
            return;
        }
        let (reason, detail, lagging) = self.lagging(slot);
        let revised =
            Open { rev: open.rev + 1, last_ms: now, reported: shown, lagging, shown: (reason, detail), ..open.clone() };
        self.store.more(i, |more| more.open = Some(revised));
        self.report(i, now, reason, detail, State::Open, None);
    }

    /// The sides agree again. `side` made them agree; `before` was the deadline that ran.
    pub(super) fn converged(&mut self, i: u32, side: usize, before: Option<Due>, now: i64) {
        if self.store.get(i).more().is_some() {
            self.store.more(i, |more| more.unmatched_since = None);
        }
        let slot = self.store.get(i);
        match slot.open().cloned() {
            Some(open) => self.close(i, side, &open, now),
            None => {
                let Some(Due::At(due)) = before else { return };
                let basis = due - self.settings.grace_ms;
                if self.delay(side, basis, now) > self.settings.late_after_ms && self.doubt(slot).is_none() {
                    self.late(i, side, basis, now);
                }
            }
        }
    }

    /// Log time from `basis` to `now` that is not explained by a stalled connector.
    fn delay(&self, side: usize, basis: i64, now: i64) -> i64 {
        now - basis - self.clocks[side].paused_between(basis, now)
    }

    fn close(&mut self, i: u32, side: usize, open: &Open, now: i64) {
        let slot = self.store.get(i);
        let table = &self.types.tables[slot.table as usize];
        let delay = self.delay(side, open.basis_ms, now);
        let local = table.replication == Replication::Native && !slot.sides[side].has(bit::REPLICATED);
        let by = match open.lagging {
            Some(lagging) if lagging != side => ClosedBy::Reversal,
            _ if delay > self.settings.late_max_ms || local => ClosedBy::Repair,
            _ => ClosedBy::Arrival,
        };
        self.end_episode(i, open, now, by, delay);
        self.counts.late += u64::from(by == ClosedBy::Arrival);
        self.counts.repaired += u64::from(by != ClosedBy::Arrival);
    }

    /// What the sides show since the opening cannot be compared, so that they differ is not known any more.
    pub(super) fn give_up(&mut self, i: u32, now: i64) {
        let slot = self.store.get(i);
        let Some(open) = slot.open().filter(|_| self.doubt(slot).is_some()).cloned() else { return };
        let delay = self.delay(open.lagging.unwrap_or(0), open.basis_ms, now);
        self.end_episode(i, &open, now, ClosedBy::Inconclusive, delay);
    }

    fn end_episode(&mut self, i: u32, open: &Open, now: i64, by: ClosedBy, delay: i64) {
        let (reason, detail) = open.shown;
        let reason = if by == ClosedBy::Arrival { Reason::Late } else { reason };
        let rev = open.rev + 1;
        self.store.more(i, |more| more.open = Some(Open { rev, ..open.clone() }));
        self.report(i, now, reason, detail, State::Closed, Some((by, delay)));
        self.store.more(i, |more| {
            more.open = None;
            more.closed.push((open.diff_id, rev));
        });
    }

    /// Slower than `--late-after` but before an opening: one closed record.
    fn late(&mut self, i: u32, side: usize, basis: i64, now: i64) {
        let slot = self.store.get(i);
        let delay = self.delay(side, basis, now);
        let diff_id = self.diff_id(slot, Reason::Late);
        let reported = [slot.short(0), slot.short(1)];
        let rev = slot.more().and_then(|m| m.closed.iter().find(|(id, _)| *id == diff_id)).map_or(0, |c| c.1 + 1);
        let had = slot.sides[side].has(bit::HAD_ROW) && slot.more().is_some();
        let detail = if had { Detail::Stale } else { Detail::NeverSeen };
        let (lagging, shown) = (Some(side), (Reason::Late, detail));
        let open = Open { diff_id, rev, opened_ms: now, basis_ms: basis, lagging, last_ms: now, reported, shown };
        self.store.more(i, |more| more.open = Some(open));
        self.report(i, now, Reason::Late, detail, State::Closed, Some((ClosedBy::Arrival, delay)));
        self.store.more(i, |more| {
            more.open = None;
            more.closed.retain(|(id, _)| *id != diff_id);
            more.closed.push((diff_id, rev));
        });
        self.counts.late += 1;
    }

    /// `topic/partition/offset` of the event that set a side's state.
    fn position(&self, slot: &Slot, side: usize) -> Option<String> {
        let s = &slot.sides[side];
        let lane = self.lanes.get(s.lane as usize)?;
        s.has(bit::SEEN).then(|| format!("{}/{}/{}", lane.topic, lane.number, s.offset.get()))
    }

    /// Evidence for absence: how far the partitions of the side that lacks the value were read.
    fn read_to(&self, table: usize, lagging: Option<usize>, deadline: i64) -> Vec<String> {
        let sides = match lagging {
            Some(side) => vec![side],
            None => vec![0, 1],
        };
        let mut all = Vec::new();
        for side in sides {
            if self.ended[side].is_some_and(|end| deadline > end) {
                return vec!["eof".into()];
            }
            let topic = &self.types.tables[table].topics[side];
            let mut read = self.positions(side, Some(topic));
            if read.is_empty() {
                // No row of the table came yet: that its log goes on is shown by the side's other partitions.
                read = self.positions(side, None);
            }
            all.append(&mut read);
        }
        all.sort();
        all.dedup();
        all
    }

    /// How far the partitions of a side's topic were read, or of all its topics.
    fn positions(&self, side: usize, topic: Option<&str>) -> Vec<String> {
        let of_topic = |lane: &Lane| lane.side == side_of(side) && topic.is_none_or(|t| *lane.topic == *t);
        let read = self.lanes.iter().zip(&self.read_to);
        // A partition counts from its first event: which ones are known before depends on the batches.
        let read = read.filter(|(lane, read_to)| of_topic(lane) && **read_to > 0);
        read.map(|(lane, read_to)| format!("{}/{}/{read_to}", lane.topic, lane.number)).collect()
    }

    fn report(
        &mut self,
        i: u32,
        ts: i64,
        reason: Reason,
        detail: Detail,
        state: State,
        closed: Option<(ClosedBy, i64)>,
    ) {
        let slot = self.store.get(i);
        let Some(open) = slot.open().cloned() else { return };
        let table = slot.table as usize;
        let (tenant, id) = tenant_and_id(slot.key.as_bytes());
        let side = open.blamed().map(side_of);
        let divergent = open.shown.1 == Detail::Divergent;
        let evidence = if divergent { None } else { open.lagging };
        let diff = Diff {
            tenant,
            id,
            kind: self.types.tables[table].kind.clone(),
            lhs_sha256: row_hex(slot, 0),
            rhs_sha256: row_hex(slot, 1),
            reason,
            ts: rfc3339_ms(ts),
            diff_id: hex(&open.diff_id),
            rev: open.rev,
            state,
            detail,
            side,
            region: side.map(|s| self.types.side(s).region.clone()),
            cols: None,
            opened_ts: rfc3339_ms(open.opened_ms),
            delay_ms: closed.map(|c| c.1),
            closed_by: closed.map(|c| c.0),
            lhs_at: self.position(slot, 0),
            rhs_at: self.position(slot, 1),
            read_to: self.read_to(table, evidence, open.basis_ms + self.settings.grace_ms),
            triage: None,
            exception_id: None,
            owner: None,
            ticket: None,
            expires: None,
        };
        let place = |s: usize| {
            let side = &slot.sides[s];
            side.has(bit::PRESENT).then(|| Place {
                lane: side.lane as usize,
                offset: side.offset.get(),
                byte: side.byte.get(),
            })
        };
        let verdict = Verdict {
            diff,
            ts_ms: ts,
            opened_ms: open.opened_ms,
            table,
            key: slot.key.to_string(),
            places: [place(0), place(1)],
            toast: self.toast_difference(slot),
            columns_differ: slot.sides[0].columns != slot.sides[1].columns,
        };
        self.emit(ts, Output::Diff(Box::new(verdict)));
    }

    /// Toast columns whose parts differ: they may be inherited, so the events alone do not tell.
    fn toast_difference(&self, slot: &Slot) -> Vec<String> {
        let Some(more) = slot.more() else { return Vec::new() };
        let parts = |side: usize, at: usize| more.sides[side].parts.get(at).copied().unwrap_or(Part::Null);
        let names = self.types.tables[slot.table as usize].toast_columns();
        names
            .iter()
            .enumerate()
            .filter(|(at, _)| parts(0, *at) != parts(1, *at))
            .map(|(_, n)| (*n).to_owned())
            .collect()
    }
}

fn row_hex(slot: &Slot, side: usize) -> String {
    slot.row(side).map_or(String::new(), |digest| hex(digest))
}
