//! One event in, state and perhaps verdicts out.

use super::clock::Change;
use super::history::{Due, knows};
use super::store::{Side as SideState, U48, bit, short};
use super::window::{Mark, Met};
use super::{Foreseen, Halt, Join, Withheld, side_of};
use crate::clock::rfc3339_ms;
use crate::diff::code::Code;
use crate::diff::event::{Class, Event, Extra, Part, flag, tenant_and_id};
use crate::diff::hash::Sha;
use crate::diff::merge::{Lane, Turn};
use crate::record::diff::{Confidence, Op, UnauthorizedWrite};
use crate::record::finding::fingerprint;

/// Memory is measured once per this many events.
const MEASURE_EVERY: u32 = 4096;

impl Join {
    /// Applies an event. They come in the order that `merge` gives them.
    pub fn apply(&mut self, turn: Turn<'_>, foreseen: Foreseen) -> Result<(), Halt> {
        let Turn { lane, event, table, time: now, .. } = turn;
        if !event.is_told() {
            return Ok(());
        }
        self.advance(now);
        let side = crate::diff::types::index(self.lanes[lane].side);
        if event.has(flag::ALIVE) {
            self.read_to[lane] = self.read_to[lane].max(event.offset + 1);
            let change = self.clocks[side].heartbeat(now);
            self.clock_changed(side, change, now);
            return Ok(());
        }
        if matches!(event.class, Class::Row | Class::Delete) || event.has(flag::TRUNCATE) {
            self.read_to[lane] = self.read_to[lane].max(event.offset + 1);
            let change = self.clocks[side].event(now, event.source_us.map(|us| us.div_euclid(1000)));
            self.clock_changed(side, change, now);
        }
        match event.class {
            Class::Row | Class::Delete => self.row(side, turn, foreseen)?,
            Class::Control if event.has(flag::TRUNCATE) => self.truncate(lane, side, event, table, now),
            Class::Poison => self.poison(side, turn, foreseen),
            Class::SampledOut if event.has(flag::UNAUTHORIZED) => self.unauthorized(turn),
            Class::Control | Class::Tombstone | Class::SampledOut => {}
        }
        self.ticks = self.ticks.wrapping_add(1);
        if self.ticks.is_multiple_of(MEASURE_EVERY) {
            self.measure()?;
        }
        Ok(())
    }

    pub fn add_lane(&mut self, lane: Lane) -> Result<(), Halt> {
        if self.lanes.len() == u16::MAX as usize {
            return Err(Halt::TooManyPartitions);
        }
        self.lanes.push(lane);
        self.read_to.push(0);
        Ok(())
    }

    fn measure(&mut self) -> Result<(), Halt> {
        let cap = self.settings.max_state_bytes;
        let store = &self.store;
        self.timers.thin_out(|i| store.get(i).used && !store.get(i).equal());
        let keys = self.store.bytes() + self.timers.bytes();
        self.window.shrink(cap.saturating_sub(keys).min(self.settings.max_settled_bytes));
        if keys > cap {
            return Err(Halt::StateFull { keys: self.store.len(), bytes: cap });
        }
        Ok(())
    }

    pub(super) fn clock_changed(&mut self, side: usize, change: Option<Change>, now: i64) {
        let (code, message) = match change {
            None => return,
            Some(Change::Stalled) => (Code::SideStalled, "gave no sign of life for more than three heartbeats"),
            Some(Change::Resumed) => (Code::SideResumed, "has caught up"),
        };
        let spec = self.types.side(side_of(side));
        let (region, connector) = (spec.region.clone(), spec.connector.clone());
        self.notes[side].at(code, "", &connector, None, Some(now), || format!("{region} ({connector}) {message}"));
    }

    /// Log time moves on: verdicts that are due are made.
    pub(super) fn advance(&mut self, now: i64) {
        if now <= self.now_ms {
            return;
        }
        for side in 0..2 {
            let change = self.clocks[side].advance(now);
            self.clock_changed(side, change, now);
        }
        self.now_ms = now;
        let watermark = self.watermark(now);
        self.fire(watermark, i64::MAX);
    }

    fn row(&mut self, side: usize, turn: Turn<'_>, foreseen: Foreseen) -> Result<(), Halt> {
        let Turn { lane, event, key, table, time: now } = turn;
        let t = table as u16;
        let i = match self.store.find_again(foreseen, t, key) {
            Some(i) => i,
            None => match self.meet(t, key, side, event) {
                Met::Replay => {
                    self.counts.duplicates_unproven += 1;
                    return Ok(());
                }
                Met::New | Met::Again => self.store.insert(foreseen.hash, t, key),
            },
        };
        if !self.is_news(i, side, event, key, now) {
            return Ok(());
        }
        if event.has(flag::UNAUTHORIZED) {
            self.unauthorized(turn);
        }
        self.check_append_only(event, key, side, table, now);
        let was_equal = self.store.get(i).equal();
        let before = if was_equal { None } else { Some(self.due(i, now)) };
        self.change(i, lane, side, event, now);
        if event.op != Op::Read && !was_equal {
            self.observe_lag(i, side, now);
        }
        self.settle(i, side, was_equal, before, now);
        Ok(())
    }

    /// In window mode: whether a key that is not in the state was there before.
    fn meet(&mut self, table: u16, key: &str, side: usize, event: &Event) -> Met {
        if !self.settings.window {
            return Met::New;
        }
        let source_ms = event.source_us.map(|us| us.div_euclid(1000));
        let met = self.window.meet(table, key, side, Mark { version: event.version, source_ms });
        self.counts.ok -= u64::from(met == Met::Again);
        met
    }

    /// Replication lag: the second side's log time less the first side's commit time of the same value.
    fn observe_lag(&mut self, i: u32, side: usize, now: i64) {
        let slot = self.store.get(i);
        let first = &slot.sides[1 - side];
        if slot.equal() && first.has(bit::PRESENT) && first.source_ms.get() > 0 {
            self.replication.add(now - first.source_ms.get() as i64);
        }
    }

    /// False for replays and stale events, which change nothing.
    fn is_news(&mut self, i: u32, side: usize, event: &Event, key: &str, now: i64) -> bool {
        let slot = self.store.get(i);
        let s = &slot.sides[side];
        let Some(version) = event.version.filter(|_| s.has(bit::VERSIONED)) else { return true };
        let value = if event.class == Class::Row { short(&event.digest) } else { super::store::ABSENT };
        let same = match &event.extra {
            Some(extra) if extra.parts.contains(&Part::Inherit) => slot.shows(side, extra),
            _ => value == slot.short(side),
        };
        if version > s.version || (version == s.version && !same) {
            return true;
        }
        if version == s.version || knows(slot, side, version, value) {
            self.counts.duplicates += 1;
            return false;
        }
        let newer = event.source_us.is_some_and(|us| us.div_euclid(1000) > s.source_ms.get() as i64);
        if !newer {
            self.counts.stale += 1;
            return false;
        }
        let (tenant, id) = tenant_and_id(key.as_bytes());
        let kind = self.types.tables[slot.table as usize].kind.clone();
        let text = || "a row went back to a lower log position with a newer commit time".to_owned();
        self.notes[side].at(Code::VersionRegress, &kind, &kind, Some(&format!("{tenant}/{id}")), Some(now), text);
        true
    }

    fn check_append_only(&mut self, event: &Event, key: &str, side: usize, table: usize, now: i64) {
        if !self.types.tables[table].append_only || !matches!(event.op, Op::Update | Op::Delete) {
            return;
        }
        let kind = self.types.tables[table].kind.clone();
        let (tenant, id) = tenant_and_id(key.as_bytes());
        let text = || format!("rows of the append-only table `{kind}` were updated or deleted");
        self.notes[side].at(Code::AppendOnlyViolation, &kind, &kind, Some(&format!("{tenant}/{id}")), Some(now), text);
    }

    /// Puts the event's row into the side's state.
    fn change(&mut self, i: u32, lane: usize, side: usize, event: &Event, now: i64) {
        let present = event.class == Class::Row;
        let extra = event.extra.as_deref();
        let (digest, open) = match extra {
            Some(extra) if present && extra.base.is_some() => self.inherit(i, side, event, extra),
            _ => (event.digest, false),
        };
        let slot = self.store.get(i);
        let same = slot.row(side) == present.then_some(&digest);
        let fresh = !slot.sides[side].has(bit::SEEN);
        if !same && !fresh {
            self.remember(i, side, now);
        }
        let columns = self.column_set(event.cols_fp);
        self.store.set_row(i, side, present.then_some(digest));
        let alt = extra.and_then(|e| e.alt).filter(|_| !open);
        if alt.is_some() || self.store.get(i).more().is_some() {
            self.store.more(i, |more| more.sides[side].alt = alt);
        }
        let s = self.store.side_mut(i, side);
        if !same || fresh {
            s.since_ms = now;
        }
        s.set(bit::HAD_ROW, s.has(bit::HAD_ROW) || present);
        s.set(bit::SEEN, true);
        s.set(bit::UNRESOLVED, open || event.has(flag::UNRESOLVED));
        s.set(bit::POISONED, false);
        s.set(bit::REPLICATED, event.has(flag::REPLICATED));
        s.columns = columns;
        place(s, lane, event);
    }

    /// Fills placeholders of toast columns with the side's last known parts; true if one stays open.
    fn inherit(&mut self, i: u32, side: usize, event: &Event, extra: &Extra) -> (Sha, bool) {
        let slot = self.store.get(i);
        let known = slot.more().filter(|_| slot.sides[side].has(bit::PRESENT)).map(|more| &more.sides[side].parts);
        let mut parts = extra.parts.clone();
        let mut open = false;
        for (at, part) in parts.iter_mut().enumerate() {
            if *part == Part::Inherit {
                match known.and_then(|k| k.get(at)).filter(|p| **p != Part::Inherit) {
                    Some(known) => *part = *known,
                    None => open = true,
                }
            }
        }
        let inherited = parts != extra.parts;
        let digest = match extra.base {
            Some(base) if inherited => self.hasher.with_parts(&base, parts.iter().map(sha)),
            _ => event.digest,
        };
        self.store.more(i, |more| (more.sides[side].base, more.sides[side].parts) = (extra.base, parts));
        (digest, open)
    }

    fn column_set(&mut self, fingerprint: u32) -> u16 {
        match self.column_sets.iter().position(|f| *f == fingerprint) {
            Some(i) => i as u16,
            None => {
                self.column_sets.push(fingerprint);
                (self.column_sets.len() - 1) as u16
            }
        }
    }

    /// Rows of that side and table with a lower log position are gone.
    fn truncate(&mut self, lane: usize, side: usize, event: &Event, table: usize, now: i64) {
        let kind = self.types.tables[table].kind.clone();
        let region = self.types.side(side_of(side)).region.clone();
        self.notes[side]
            .at(Code::Truncate, &kind, &kind, None, Some(now), || format!("`{kind}` was truncated in {region}"));
        if self.types.tables[table].append_only {
            let text = || format!("the append-only table `{kind}` was truncated");
            self.notes[side].at(Code::AppendOnlyViolation, &kind, &kind, None, Some(now), text);
        }
        for i in self.store.indexes() {
            let slot = self.store.get(i);
            let s = &slot.sides[side];
            let older = event.version.is_none_or(|v| !s.has(bit::VERSIONED) || s.version < v);
            if !slot.used || slot.table as usize != table || !s.has(bit::PRESENT) || !older {
                continue;
            }
            let was_equal = slot.equal();
            let before = if was_equal { None } else { Some(self.due(i, now)) };
            self.remember(i, side, now);
            self.store.set_row(i, side, None);
            let s = self.store.side_mut(i, side);
            s.since_ms = now;
            place(s, lane, event);
            self.settle(i, side, was_equal, before, now);
        }
    }

    /// An unreadable event leaves its key undecided, or its whole table where the key cannot be read.
    fn poison(&mut self, side: usize, turn: Turn<'_>, foreseen: Foreseen) {
        let Turn { event, key, table, .. } = turn;
        if key.is_empty() {
            let unknown_table = event.has(flag::NO_TABLE);
            for (i, withheld) in self.withheld.iter_mut().enumerate() {
                if unknown_table || i == table {
                    *withheld = (*withheld).max(Withheld::Poisoned);
                }
            }
            return;
        }
        self.doubt_key(side, turn, foreseen);
        // The row may be that of either key.
        let row_key = event.extra.as_deref().and_then(|e| e.row_key.as_deref());
        if let Some(key) = row_key.filter(|row_key| *row_key != key) {
            let turn = Turn { key, ..turn };
            let foreseen = self.foresee(&[turn])[0];
            self.doubt_key(side, turn, foreseen);
        }
    }

    fn doubt_key(&mut self, side: usize, turn: Turn<'_>, foreseen: Foreseen) {
        let Turn { event, key, table, time: now, .. } = turn;
        let i = match self.store.find_again(foreseen, table as u16, key) {
            Some(i) => i,
            None => {
                self.meet(table as u16, key, side, event);
                self.store.insert(foreseen.hash, table as u16, key)
            }
        };
        let was_equal = self.store.get(i).equal();
        let before = if was_equal { None } else { Some(self.due(i, now)) };
        self.store.side_mut(i, side).set(bit::POISONED, true);
        self.settle(i, side, was_equal, before, now);
    }

    /// An unreadable line of which not even the partition is known.
    pub fn poison_without_position(&mut self) {
        self.withheld.iter_mut().for_each(|w| *w = (*w).max(Withheld::Poisoned));
    }

    fn unauthorized(&mut self, turn: Turn<'_>) {
        let Turn { lane, event, key, table, time: now } = turn;
        let l = &self.lanes[lane];
        let extra = event.extra.as_deref();
        let at = format!("{}/{}/{}", l.topic, l.number, event.offset);
        let (tenant, id) = tenant_and_id(key.as_bytes());
        let write = UnauthorizedWrite {
            write_id: fingerprint(&[&self.types.job, l.side.as_str(), &at]),
            tenant,
            id,
            kind: self.types.tables[table].kind.clone(),
            op: event.op,
            region: self.types.side(l.side).region.clone(),
            home_region: extra.and_then(|e| e.home_region.clone()).unwrap_or_default(),
            origin: extra.and_then(|e| e.origin.clone()),
            confidence: Confidence::Proven,
            at,
            source_ts_us: event.source_us,
            ts: rfc3339_ms(now),
        };
        self.counts.unauthorized += 1;
        self.emit(now, super::Output::Unauthorized(Box::new(write)));
    }

    /// After a change: converged, still apart, or apart anew. `before`: the deadline that was running.
    pub(super) fn settle(&mut self, i: u32, side: usize, was_equal: bool, before: Option<Due>, now: i64) {
        let slot = self.store.get(i);
        let undecided = slot.sides.iter().any(|s| s.has(bit::POISONED | bit::UNRESOLVED));
        if slot.equal() && !undecided {
            // A diff may be open although the rows were equal: one of them could not be read or was incomplete.
            if !was_equal || slot.open().is_some() {
                self.converged(i, side, before, now);
            }
            self.forget_if_done(i, now);
            return;
        }
        self.give_up(i, now);
        match self.due(i, now) {
            Due::At(due) => {
                if before != Some(Due::At(due)) || due <= now {
                    self.timers.set(due.max(now), i);
                }
            }
            Due::Unknown => {
                let kind = self.types.tables[self.store.get(i).table as usize].kind.clone();
                let (tenant, id) = tenant_and_id(self.store.get(i).key.as_bytes());
                let text = || "more than 64 changes within the grace period".to_owned();
                let key = format!("{tenant}/{id}");
                self.notes[side].at(Code::HistoryOverflow, &kind, &kind, Some(&key), Some(now), text);
                self.timers.set(now + self.settings.grace_ms, i);
            }
        }
        self.revise(i, now, false);
    }

    /// In window mode a key that agrees is kept as a fingerprint only.
    fn forget_if_done(&mut self, i: u32, now: i64) {
        if !self.settings.window {
            return;
        }
        self.window.remember(self.store.get(i), now);
        self.agree(i);
        self.store.remove(i);
    }
}

fn sha(part: &Part) -> Option<Sha> {
    match part {
        Part::Known(sha) => Some(*sha),
        Part::Null | Part::Inherit => None,
    }
}

fn place(s: &mut SideState, lane: usize, event: &Event) {
    s.lane = lane as u16;
    s.offset = U48::new(event.offset);
    s.byte = U48::new(event.byte);
    if let Some(us) = event.source_us {
        s.source_ms = U48::new(us.div_euclid(1000).max(0) as u64);
    }
    if let Some(version) = event.version {
        s.version = version;
        s.set(bit::VERSIONED, true);
    }
}
