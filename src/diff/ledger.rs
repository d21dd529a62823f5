//! What was read of each source partition: its range, its number of records, and with a proof its Merkle pages.

use std::collections::BTreeMap;

use super::event::{Class, Event, flag};
use super::hash::{Sha, hex};
use super::merge::Lane;
use super::pages::{Pages, PartitionLeaf, run_root};
use crate::record::diff::{PartitionProof, Progress, Side};

/// Records of a partition that are remembered, to tell a replay from news. Sources that overlap bring the same record
/// one after the other.
const RECENT: usize = 256;

/// What shows that two records at one offset are the same.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    offset: u64,
    class: Class,
    version: Option<u64>,
    digest: Sha,
}

#[derive(Debug, Clone, Default)]
struct Entry {
    from: Option<u64>,
    next: u64,
    records: u64,
    rows: Rows,
    pages: Pages,
    gaps: Gaps,
    /// Smallest and largest log time, of the records that have one.
    log_ms: Option<(i64, i64)>,
    /// A ring, in which the record's number tells its place.
    recent: Vec<Seen>,
}

/// The rows of a partition in their order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Rows {
    count: u64,
    /// Of these, with a version.
    versions: u64,
    /// Of their digests and versions.
    hash: u64,
}

impl Rows {
    fn add(&mut self, event: &Event) {
        let d = &event.digest;
        let digest = u64::from_be_bytes([d[0], d[1], d[2], d[3], d[4], d[5], d[6], d[7]]);
        let row = digest.wrapping_add(event.version.unwrap_or_default());
        self.count += 1;
        self.versions += u64::from(event.version.is_some());
        self.hash = self.hash.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ row;
    }
}

/// Offsets between the records of a partition, or of a topic, that no record has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gaps {
    pub count: u64,
    pub offsets: u64,
    /// Partition, and the first and last offset of the first gap.
    pub first: (u32, u64, u64),
}

/// A partition of which both sides brought the same records.
#[derive(Debug, PartialEq, Eq)]
pub struct Twin<'a> {
    pub topic: &'a str,
    pub number: u32,
    pub records: u64,
}

impl Entry {
    /// Offsets, times and rows are the same: no two connectors write the same log.
    fn is_twin(&self, other: &Entry) -> bool {
        let of = |e: &Entry| (e.from, e.next, e.records, e.rows, e.log_ms);
        self.rows.count > 0 && of(self) == of(other)
    }

    fn remember(&mut self, event: &Event) {
        let seen = Seen::of(event);
        match self.recent.get_mut(self.records as usize % RECENT) {
            Some(oldest) => *oldest = seen,
            None => self.recent.push(seen),
        }
    }

    /// The next record is the one at `offset`.
    fn gap(&mut self, offset: u64) {
        if self.gaps.count == 0 {
            self.gaps.first = (0, self.next, offset - 1);
        }
        self.gaps.count += 1;
        self.gaps.offsets += offset - self.next;
    }

    fn at(&self, offset: u64) -> Option<&Seen> {
        self.recent.iter().find(|seen| seen.offset == offset)
    }
}

impl Seen {
    fn of(event: &Event) -> Self {
        // A tombstone that does not follow its delete is read as one.
        let class = if event.class == Class::Tombstone { Class::Delete } else { event.class };
        Seen { offset: event.offset, class, version: event.version, digest: event.digest }
    }
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
pub enum Backwards {
    /// The same record once more.
    Replay,
    /// Another record was read at this offset.
    Contradicts,
    /// What was read at this offset is not known any more, or nothing was.
    Unordered { next: u64 },
}

impl Ledger {
    pub fn new(with_pages: bool) -> Self {
        Ledger { with_pages, ..Ledger::default() }
    }

    /// Lanes come in the order of their indexes.
    pub fn add_lane(&mut self, lane: &Lane) {
        self.add_partition(lane.side, &lane.topic, lane.number);
    }

    pub fn add_partition(&mut self, side: Side, topic: &str, number: u32) {
        let at = self.entry((side, topic.to_owned(), number));
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
            return Err(match entry.at(event.offset) {
                Some(seen) if event.class != Class::Poison && *seen == Seen::of(event) => Backwards::Replay,
                Some(_) => Backwards::Contradicts,
                None => Backwards::Unordered { next: entry.next },
            });
        }
        if *entry.from.get_or_insert(event.offset) < event.offset && event.offset > entry.next {
            entry.gap(event.offset);
        }
        entry.next = event.offset + 1;
        entry.remember(event);
        entry.records += 1;
        if event.log_ms > 0 {
            entry.log_ms = span(entry.log_ms, Some((event.log_ms, event.log_ms)));
        }
        if event.class == Class::Row {
            entry.rows.add(event);
        }
        if self.with_pages {
            entry.pages.push(event);
        }
        Ok(())
    }

    /// A digest stream says what log time its source partition has, also of records that brought no digest.
    pub fn set_log_ms(&mut self, progress: &Progress) {
        let at = self.entry((progress.side, progress.topic.clone(), progress.partition));
        self.entries[at].log_ms = (progress.window > 0).then_some((progress.window, progress.log_ts_ms));
    }

    /// The proof's partitions in the order of the root.
    pub fn partitions(&self) -> Vec<PartitionProof> {
        let of = |((side, topic, partition), at): (&(Side, String, u32), &usize)| {
            let entry = &self.entries[*at];
            let (leaves, root) = entry.pages.root();
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

    /// Gaps in the topics of a side.
    pub fn gaps(&self, side: Side) -> BTreeMap<&str, Gaps> {
        let mut all: BTreeMap<&str, Gaps> = BTreeMap::new();
        for ((_, topic, number), at) in self.index.iter().filter(|((s, ..), _)| *s == side) {
            let Gaps { count, offsets, first: (_, from, to) } = self.entries[*at].gaps;
            if count > 0 {
                let sum = all.entry(topic).or_insert(Gaps { first: (*number, from, to), ..Gaps::default() });
                sum.count += count;
                sum.offsets += offsets;
            }
        }
        all
    }

    /// Partitions that are one recording, given for both sides. `bare`: their topics are those of types.yaml and their
    /// numbers those of the files, so that only log positions tell whose rows they are.
    pub fn twins(&self, bare: bool) -> Vec<Twin<'_>> {
        let of = |side: Side| self.index.iter().filter(move |((s, ..), _)| *s == side);
        let mut twins = Vec::new();
        for ((_, topic, number), at) in of(Side::Lhs) {
            let entry = &self.entries[*at];
            let is_other = |((_, t, n), other): (&(Side, String, u32), &usize)| {
                let named_alike = t == topic && n == number;
                (named_alike || bare && entry.rows.versions > 0) && entry.is_twin(&self.entries[*other])
            };
            if of(Side::Rhs).any(is_other) {
                twins.push(Twin { topic, number: *number, records: entry.records });
            }
        }
        twins
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
