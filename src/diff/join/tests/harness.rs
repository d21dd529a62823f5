//! A fake log: scripted records of both sides, driven through `Merge` and `Join` as `run` drives them.

pub use super::script::*;
use crate::diff::code::Code;
use crate::diff::event::{Batch, Event, Partition};
use crate::diff::hash::Hasher;
use crate::diff::home::Homes;
use crate::diff::join::{Counts, Join, Output, Settings};
use crate::diff::ledger::Ledger;
use crate::diff::merge::{Apply, Merge, Next, Turn};
use crate::diff::notes::Notes;
use crate::diff::types::{self, Types};
use crate::record::diff::{Diff, Side, UnauthorizedWrite};

#[derive(Debug, Clone)]
pub struct Source {
    pub side: Side,
    pub recs: Vec<Rec>,
}

/// How a run is set up.
#[derive(Clone)]
pub struct Setup {
    pub table: &'static str,
    pub settings: Settings,
    pub homes: Option<&'static str>,
    /// Records per batch, by turns.
    pub batches: Vec<usize>,
}

impl Default for Setup {
    fn default() -> Self {
        let settings = Settings {
            grace_ms: GRACE,
            late_after_ms: GRACE,
            late_max_ms: 900_000,
            disorder_ms: 2_000,
            at_end_final: true,
            window: false,
            max_state_bytes: 512 << 20,
            max_settled_bytes: 512 << 20,
            allow_poison: false,
            second_pass: true,
        };
        Setup { table: "", settings, homes: None, batches: vec![4] }
    }
}

impl Setup {
    fn types(&self) -> Types {
        let yaml = format!(
            "version: 1\njob: j\nlhs: {{ region: US, connector: us, heartbeat: 10s }}\n\
             rhs: {{ region: EU, connector: eu, heartbeat: 10s }}\ntables:\n  - kind: audit\n    \
             lhs: us.audit\n    rhs: eu.audit\n    key: {{ tenant: tenant, id: [id] }}\n{}    \
             columns: {{ tenant: text, id: int, v: text, big: {{ type: text, toast: true }} }}\n",
            self.table
        );
        types::parse(&yaml, "types.yaml").expect("types")
    }

    pub fn with(mut self, change: impl FnOnce(&mut Settings)) -> Setup {
        change(&mut self.settings);
        self
    }

    pub fn table(mut self, lines: &'static str) -> Setup {
        self.table = lines;
        self
    }

    pub fn run(&self, script: &Script) -> Ran {
        self.run_files(&script.files())
    }

    pub fn run_files(&self, files: &[Source]) -> Ran {
        let homes = self.homes.map(|text| Homes::parse(text, "tenants.yaml").expect("tenants"));
        let mut join = Join::new(self.types(), self.settings.clone(), Hasher::Plain, homes);
        let sides: Vec<Side> = files.iter().map(|f| f.side).collect();
        let mut merge = Merge::new(&sides, self.settings.disorder_ms);
        let mut feeds: Vec<Feed> =
            files.iter().map(|f| Feed { recs: &f.recs, known: Vec::new(), ended: false }).collect();
        let mut ledger = Ledger::new(false);
        let mut ran = Ran::default();
        let mut turn = 0;
        loop {
            match merge.advance() {
                Next::Done => break,
                Next::Need(source) => {
                    let size = self.batches[turn % self.batches.len()];
                    turn += 1;
                    match feeds[source].batch(size) {
                        Some(batch) => {
                            let known = merge.lanes.len();
                            merge.push(source, batch);
                            for lane in &merge.lanes[known..] {
                                ledger.add_lane(lane);
                                join.add_lane(lane.clone()).expect("lane");
                            }
                        }
                        None => {
                            merge.end(source);
                            let side = sides[source];
                            if feeds.iter().zip(&sides).all(|(f, s)| *s != side || f.ended) {
                                join.side_ended(side, merge.newest(side));
                            }
                        }
                    }
                    ran.take(&mut join);
                }
                Next::Apply(Apply { lane, time, at }) => {
                    let (event, batch) = merge.event(at);
                    let l = &merge.lanes[lane];
                    ran.applied.push((types::index(l.side), l.number, event.offset, time - BASE));
                    ledger.observe(lane, event).expect("offsets rise");
                    let key = std::str::from_utf8(batch.key(event)).expect("text");
                    let table = event.table as usize;
                    let turn = Turn { lane, event, key, table, time };
                    let foreseen = join.foresee(&[turn])[0];
                    join.apply(turn, foreseen).expect("room");
                    ran.peak_bytes = ran.peak_bytes.max(join.store.bytes() + join.window.bytes());
                    merge.applied(at);
                }
            }
        }
        join.finish(SIDES.map(|s| merge.newest(s)));
        ran.take(&mut join);
        ran.finish(&join, &merge)
    }
}

struct Feed<'a> {
    recs: &'a [Rec],
    known: Vec<(&'static str, u32)>,
    ended: bool,
}

impl Feed<'_> {
    fn batch(&mut self, size: usize) -> Option<Batch> {
        if self.recs.is_empty() {
            self.ended = true;
            return None;
        }
        let (now, later) = self.recs.split_at(size.min(self.recs.len()));
        self.recs = later;
        let mut batch = Batch::default();
        for rec in now {
            let name = (rec.topic, rec.number);
            let index = self.known.iter().position(|k| *k == name).unwrap_or_else(|| {
                self.known.push(name);
                batch.partitions.push(Partition { topic: rec.topic.into(), number: rec.number });
                self.known.len() - 1
            });
            let start = batch.keys.len() as u32;
            batch.keys.extend_from_slice(rec.key.as_bytes());
            batch.events.push(Event {
                partition: index as u32,
                key: (start, batch.keys.len() as u32),
                ..rec.event.clone()
            });
        }
        Some(batch)
    }
}

/// What came of a run.
#[derive(Debug, Default)]
pub struct Ran {
    pub diffs: Vec<Diff>,
    pub writes: Vec<UnauthorizedWrite>,
    pub counts: Counts,
    pub notes: [Notes; 2],
    pub stalled_ms: [i64; 2],
    pub is_stalled: bool,
    pub disordered: u64,
    pub peak_bytes: usize,
    /// Partition, offset and time of each record in the order of application.
    pub applied: Vec<(usize, u32, u64, i64)>,
}

impl Ran {
    fn take(&mut self, join: &mut Join) {
        for output in join.take() {
            match output {
                Output::Diff(verdict) => self.diffs.push(verdict.diff),
                Output::Unauthorized(write) => self.writes.push(*write),
            }
        }
    }

    fn finish(mut self, join: &Join, merge: &Merge) -> Ran {
        self.counts = join.counts;
        self.notes = join.notes.clone();
        self.stalled_ms = SIDES.map(|s| join.stalled_ms(s));
        self.is_stalled = join.is_stalled();
        self.disordered = SIDES.iter().map(|s| merge.disordered(*s)).sum();
        self
    }

    pub fn count(&self, side: usize, code: Code) -> u64 {
        self.notes[side].count(code)
    }

    /// One line per diff: id, rev, state, reason/detail, side, seconds, what closed it after how many ms.
    pub fn lines(&self) -> Vec<String> {
        self.diffs.iter().map(line).collect()
    }
}

pub fn ms(ts: &str) -> i64 {
    ts.parse::<jiff::Timestamp>().expect("RFC 3339").as_millisecond() - BASE
}

fn line(d: &Diff) -> String {
    let mut text = format!(
        "{}.{} {} {}/{} {} {}",
        d.id,
        d.rev,
        d.state.as_str(),
        d.reason.as_str(),
        d.detail.as_str(),
        d.side.map_or("-", Side::as_str),
        ms(&d.ts)
    );
    if let (Some(by), Some(delay)) = (d.closed_by, d.delay_ms) {
        text += &format!(" {} {delay}", by.as_str());
    }
    text
}
