//! The Merkle trees of a run: one per source partition, whose leaves are pages of 256 offsets, and one over those.

use super::event::{Class, Event};
use crate::merkle::{Frontier, Sha, leaf_hash};

/// Offsets with the same quotient by this are one leaf.
const PAGE: u64 = 256;
/// u64 offset, u8 class, 32 bytes of digest.
const ENTRY: usize = 41;

/// One source partition: the page being filled and the tree over the full ones.
#[derive(Debug, Clone, Default)]
pub struct Pages {
    page: u64,
    entries: Vec<u8>,
    tree: Frontier,
}

impl Pages {
    /// Adds a record; offsets must rise.
    pub fn push(&mut self, event: &Event) {
        let page = event.offset / PAGE;
        if page != self.page && !self.entries.is_empty() {
            self.seal();
        }
        self.page = page;
        let digest = match event.class {
            Class::Row | Class::Delete | Class::Tombstone => event.digest,
            Class::Control | Class::Poison | Class::SampledOut => [0; 32],
        };
        self.entries.reserve(ENTRY);
        self.entries.extend_from_slice(&event.offset.to_be_bytes());
        self.entries.push(event.class as u8);
        self.entries.extend_from_slice(&digest);
    }

    fn seal(&mut self) {
        self.tree.push(leaf_hash(&self.entries));
        self.entries.clear();
    }

    /// Number of leaves and root, the open page included.
    pub fn root(&self) -> (u64, Sha) {
        let mut whole = self.clone();
        if !whole.entries.is_empty() {
            whole.seal();
        }
        (whole.tree.size(), whole.tree.root())
    }
}

/// A partition's entry in the tree of a whole run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionLeaf<'a> {
    pub side: &'a str,
    pub topic: &'a str,
    pub partition: u32,
    pub from: u64,
    pub to: u64,
    pub leaves: u64,
    pub root: Sha,
}

/// The root over partition entries, which must be sorted by (side, topic, partition).
pub fn run_root<'a>(partitions: impl Iterator<Item = PartitionLeaf<'a>>) -> Sha {
    let mut tree = Frontier::default();
    for p in partitions {
        let mut leaf = Vec::with_capacity(128);
        leaf.extend_from_slice(p.side.as_bytes());
        leaf.push(0);
        leaf.extend_from_slice(p.topic.as_bytes());
        leaf.push(0);
        leaf.extend_from_slice(&p.partition.to_be_bytes());
        for number in [p.from, p.to, p.leaves] {
            leaf.extend_from_slice(&number.to_be_bytes());
        }
        leaf.extend_from_slice(&p.root);
        tree.push(leaf_hash(&leaf));
    }
    tree.root()
}
