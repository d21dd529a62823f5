//! What was read of each source partition: its range, its number of records, and with a proof its Merkle pages.

use std::collections::BTreeMap;

use super::event::{Event, flag};
use super::hash::{Sha, hex};
use super::merge::Lane;
use super::merkle::{Pages, PartitionLeaf, run_root};
use crate::record::diff::{PartitionProof, Progress, Side};

#[derive(Debug, Clone, Default)]
struct Entry {
    from: Option<u64>,
    next: u64,
    records: u64,
    pages: Pages,
    /// Smallest and largest log time, of the records that have one.
    log_ms: Option<(i64, i64)>,
    /// Taken over from a digest stream instead of being computed.
    given: Option<(u64, Sha)>,
}

/// The partitions of the tables' topics, by (side, topic, partition).
#[derive(Debug, Default)]
pub struct Ledger {
    entries: Vec<Entry>,
    /// Entry of each partition; lanes of several sources may share one.
    index: BTreeMap<(Side, String, u32), usize>,
    lanes: Vec<usize>,
    with_pages: bool,
}

/// An offset that lies before one already read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backwards {
    pub next: u64,
}

impl Ledger {
    pub fn new(with_pages: bool) -> Self {
        Ledger { with_pages, ..Ledger::default() }
    }

    /// Lanes come in the order of their indexes.
    pub fn add_lane(&mut self, lane: &Lane) {
        let at = self.entry((lane.side, lane.topic.to_string(), lane.number));
        self.lanes.push(at);
    }

    fn entry(&mut self, key: (Side, String, u32)) -> usize {
        let next = self.entries.len();
        let at = *self.index.entry(key).or_insert(next);
        if at == next {
            self.entries.push(Entry::default());
        }
        at
    }

    /// Counts a record of a table's topic. Offsets of a partition must rise, whichever sources hold them.
    pub fn observe(&mut self, lane: usize, event: &Event) -> Result<(), Backwards> {
        if event.has(flag::NO_TABLE) {
            return Ok(());
        }
        let entry = &mut self.entries[self.lanes[lane]];
        if entry.from.is_some() && event.offset < entry.next {
            return Err(Backwards { next: entry.next });
        }
        entry.from.get_or_insert(event.offset);
        entry.next = event.offset + 1;
        entry.records += 1;
        if event.log_ms > 0 {
            entry.log_ms = span(entry.log_ms, Some((event.log_ms, event.log_ms)));
        }
        if self.with_pages {
            entry.pages.push(event);
        }
        Ok(())
    }

    /// A digest stream says what its source partition holds.
    pub fn take_over(&mut self, progress: &Progress) -> Option<()> {
        if !progress.sealed || progress.root.is_empty() {
            return Some(());
        }
        let root = super::hash::from_hex(&progress.root)?;
        let entry = Entry {
            from: Some(progress.from),
            next: progress.read_to,
            records: progress.records,
            pages: Pages::default(),
            log_ms: (progress.window > 0).then_some((progress.window, progress.log_ts_ms)),
            given: Some((progress.leaves, root)),
        };
        let at = self.entry((progress.side, progress.topic.clone(), progress.partition));
        self.entries[at] = entry;
        Some(())
    }

    /// The proof's partitions in the order of the root.
    pub fn partitions(&self) -> Vec<PartitionProof> {
        let of = |((side, topic, partition), at): (&(Side, String, u32), &usize)| {
            let entry = &self.entries[*at];
            let (leaves, root) = entry.given.unwrap_or_else(|| entry.pages.root());
            PartitionProof {
                side: *side,
                topic: topic.clone(),
                partition: *partition,
                from: entry.from.unwrap_or(0),
                to: entry.next,
                end: entry.next,
                records: entry.records,
                leaves,
                root: hex(&root),
            }
        };
        self.index.iter().filter(|(_, at)| self.entries[**at].from.is_some()).map(of).collect()
    }

    /// Smallest and largest log time read of a partition.
    pub fn log_ms(&self, side: Side, topic: &str, partition: u32) -> Option<(i64, i64)> {
        self.index.get(&(side, topic.to_owned(), partition)).and_then(|at| self.entries[*at].log_ms)
    }

    /// Smallest and largest log time of everything read.
    pub fn window_ms(&self) -> Option<(i64, i64)> {
        self.entries.iter().fold(None, |all, entry| span(all, entry.log_ms))
    }
}

/// The span over two spans.
fn span(a: Option<(i64, i64)>, b: Option<(i64, i64)>) -> Option<(i64, i64)> {
    match (a, b) {
        (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
        (one, other) => one.or(other),
    }
}

/// The root over a proof's partitions; None if a digest in it is no digest.
pub fn root_of(partitions: &[PartitionProof]) -> Option<Sha> {
    let mut leaves = Vec::with_capacity(partitions.len());
    for p in partitions {
        leaves.push(PartitionLeaf {
            side: p.side.as_str(),
            topic: &p.topic,
            partition: p.partition,
            from: p.from,
            to: p.to,
            leaves: p.leaves,
            root: super::hash::from_hex(&p.root)?,
        });
    }
    leaves.sort_by(|a, b| (a.side, a.topic, a.partition).cmp(&(b.side, b.topic, b.partition)));
    Some(run_root(leaves.into_iter()))
}
