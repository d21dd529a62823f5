//! The ranges of a proof, read again from the sources.

use super::{in_words, name, not_made, verdict};
use crate::diff::decode::Tally;
use crate::diff::event::{Event, flag};
use crate::diff::hash::hex;
use crate::diff::merge::Lane;
use crate::diff::pages::Pages;
use crate::record::diff::{PartitionProof, Proof, Side, Verify};

/// What was read of one range.
#[derive(Default)]
struct Range {
    pages: Pages,
    records: u64,
    /// Behind the largest offset read.
    next: u64,
}

/// Recomputes the partitions of a proof.
pub struct Recount {
    stated: Vec<PartitionProof>,
    ranges: Vec<Range>,
    /// Partitions that the proof does not know.
    foreign: Vec<(Side, String)>,
    outside: u64,
}

/// What was counted on each side; None for a side that was not read.
pub type Tallies = [Option<Tally>; 2];

impl Recount {
    pub fn new(proof: &Proof) -> Self {
        let ranges = proof.partitions.iter().map(|_| Range::default()).collect();
        Recount { stated: proof.partitions.clone(), ranges, foreign: Vec::new(), outside: 0 }
    }

    /// Takes a record; those outside the proof's ranges are no business of the proof.
    pub fn observe(&mut self, lane: &Lane, event: &Event) {
        if event.has(flag::NO_TABLE) {
            return;
        }
        let same = |p: &PartitionProof| p.side == lane.side && p.topic == *lane.topic && p.partition == lane.number;
        let within = |p: &PartitionProof| (p.from..p.to).contains(&event.offset);
        if let Some(at) = self.stated.iter().position(|p| same(p) && within(p)) {
            let range = &mut self.ranges[at];
            // A record whose offset goes back has no leaf in the run either.
            if event.offset >= range.next {
                range.pages.push(event);
                range.records += 1;
                range.next = event.offset + 1;
            }
        } else if self.stated.iter().any(same) {
            self.outside += 1;
        } else {
            let foreign = (lane.side, format!("{}:{}/{}", lane.side.as_str(), lane.topic, lane.number));
            if !self.foreign.contains(&foreign) {
                self.foreign.push(foreign);
            }
        }
    }

    /// The sources hold more than the proof speaks of.
    pub fn outside(&self) -> bool {
        self.outside > 0 || !self.foreign.is_empty()
    }

    /// The check `partition_root`, one per partition. `given`: which sides were read.
    pub fn check(&self, given: [bool; 2]) -> Vec<Verify> {
        let is_given = |side: Side| given[crate::diff::types::index(side)];
        let mut all = Vec::new();
        for (p, range) in self.stated.iter().zip(&self.ranges) {
            all.push(match is_given(p.side) {
                true => compared(p, range),
                false => {
                    let why = format!("give the sources as --{}", p.side.as_str());
                    not_made("partition_root", &name(p), Some(p.root.clone()), &why)
                }
            });
        }
        for (_, subject) in &self.foreign {
            all.push(verdict("partition_root", subject, "not in the source", "in the source"));
        }
        all
    }

    /// The check `counts` of what only the sources show; both sides are needed, whole and no more than the ranges.
    pub fn counts(&self, proof: &Proof, tallies: &Tallies) -> Option<Verify> {
        let [Some(lhs), Some(rhs)] = tallies else { return None };
        if self.outside > 0 {
            return None;
        }
        let sum = |of: fn(&Tally) -> u64| of(lhs) + of(rhs);
        let actual = [
            ("read", sum(|t| t.rows + t.tombstones + t.control + t.poison + t.sampled_out)),
            ("tombstones", sum(|t| t.tombstones)),
            ("control", sum(|t| t.control)),
            ("poison", sum(|t| t.poison)),
            ("sampled_out", sum(|t| t.sampled_out)),
        ];
        let stated = actual.map(|(name, _)| (name, proof.counts.get(name).copied()));
        let actual = actual.map(|(name, n)| (name, Some(n)));
        Some(verdict("counts", "sources", in_words(&stated), in_words(&actual)))
    }
}

fn compared(p: &PartitionProof, range: &Range) -> Verify {
    let (leaves, root) = range.pages.root();
    let root = hex(&root);
    if root == p.root && (leaves, range.records) != (p.leaves, p.records) {
        let text = |leaves: u64, records: u64| format!("{records} records, {leaves} leaves");
        let (stated, found) = (text(p.leaves, p.records), text(leaves, range.records));
        return verdict("partition_root", &name(p), stated, found);
    }
    verdict("partition_root", &name(p), p.root.as_str(), root)
}
