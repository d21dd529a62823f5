//! Inclusion and consistency proofs of RFC 6962 and RFC 9162: which subtrees make one, and whether one holds.
//!
//! A proof is planned before it is made. The plan names ranges of leaves and the complete subtrees that cover them, so
//! whoever keeps the hashes can fetch all of them at once, wherever they lie.

use sha2::{Digest, Sha256};

use super::{Sha, node_hash};

#[cfg(test)]
mod tests;

/// A complete subtree: the leaves from `index << level` on, `1 << level` of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node {
    pub level: u32,
    pub index: u64,
}

/// Leaves with one hash in a proof: `start..end`, as the splits of RFC 6962 cut them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    start: u64,
    end: u64,
}

impl Range {
    /// All leaves of a tree; the hash of this range is its root.
    pub fn whole(size: u64) -> Self {
        Range { start: 0, end: size }
    }

    /// The complete subtrees that cover the range, largest and leftmost first.
    pub fn nodes(self) -> Vec<Node> {
        let mut nodes = Vec::new();
        let mut at = self.start;
        while let Some(level) = (self.end - at).checked_ilog2() {
            nodes.push(Node { level, index: at >> level });
            at += 1 << level;
        }
        nodes
    }

    /// The hash of these leaves, from those of the complete subtrees.
    pub fn hash<E>(self, subtree: &mut impl FnMut(Node) -> Result<Sha, E>) -> Result<Sha, E> {
        let mut nodes = self.nodes().into_iter().rev();
        let Some(last) = nodes.next() else { return Ok(empty_root()) };
        let last = subtree(last)?;
        nodes.try_fold(last, |right, left| Ok(node_hash(&subtree(left)?, &right)))
    }

    /// Both sides of the split: the left one is the largest power of two that leaves something to the right.
    fn split(self) -> (Range, Range) {
        let leaves = self.end - self.start;
        let middle = self.start + (1 << (leaves - 1).max(1).ilog2());
        (Range { end: middle, ..self }, Range { start: middle, ..self })
    }

    fn leaves(self) -> u64 {
        self.end - self.start
    }
}

/// The root of a tree without leaves: SHA-256 of nothing.
pub fn empty_root() -> Sha {
    Sha256::digest([]).into()
}

/// What proves that the leaf `index` is in a tree of `size` leaves. None where there is no such leaf.
pub fn inclusion(index: u64, size: u64) -> Option<Vec<Range>> {
    if index >= size {
        return None;
    }
    let (mut within, mut proof) = (Range::whole(size), Vec::new());
    while within.leaves() > 1 {
        let (left, right) = within.split();
        let (inside, beside) = if index < right.start { (left, right) } else { (right, left) };
        proof.push(beside);
        within = inside;
    }
    proof.reverse();
    Some(proof)
}

/// What proves that a tree of `new` leaves begins with the one of `old` leaves. Nothing needs to be shown from 0 on or
/// of a tree with itself. None where the tree would have shrunk.
pub fn consistency(old: u64, new: u64) -> Option<Vec<Range>> {
    if old > new {
        return None;
    }
    if old == 0 || old == new {
        return Some(Vec::new());
    }
    let (mut within, mut proof) = (Range::whole(new), Vec::new());
    while within.end != old {
        let (left, right) = within.split();
        let (inside, beside) = if old <= right.start { (left, right) } else { (right, left) };
        proof.push(beside);
        within = inside;
    }
    // From leaf 0 on the subtree is the old tree itself, whose root the verifier has.
    if within.start != 0 {
        proof.push(within);
    }
    proof.reverse();
    Some(proof)
}

/// The hashes of a plan, in the order in which they are written.
pub fn hashes<E>(plan: &[Range], mut subtree: impl FnMut(Node) -> Result<Sha, E>) -> Result<Vec<Sha>, E> {
    plan.iter().map(|range| range.hash(&mut subtree)).collect()
}

/// The walk from a subtree on the way to the root: where it stands in its level, and the last place of that level.
struct Climb {
    at: u64,
    last: u64,
}

impl Climb {
    /// Whether the next hash of the proof stands to the left. Moves above it. None once the root is reached.
    fn step(&mut self) -> Option<bool> {
        if self.last == 0 {
            return None;
        }
        let left = self.at & 1 == 1 || self.at == self.last;
        if left {
            // A last subtree without a neighbour goes up unchanged until it has one.
            self.up_while(|at| at & 1 == 0 && at != 0);
        }
        self.up();
        Some(left)
    }

    fn up_while(&mut self, still: impl Fn(u64) -> bool) {
        while still(self.at) {
            self.up();
        }
    }

    fn up(&mut self) {
        self.at >>= 1;
        self.last >>= 1;
    }
}

/// Whether `proof` shows that `leaf`, a leaf hash, is the leaf `index` of the tree of `size` leaves with this root
/// (RFC 9162, section 2.1.3.2).
pub fn includes(leaf: &Sha, index: u64, size: u64, proof: &[Sha], root: &Sha) -> bool {
    if index >= size {
        return false;
    }
    let mut climb = Climb { at: index, last: size - 1 };
    let mut hash = *leaf;
    for beside in proof {
        hash = match climb.step() {
            None => return false,
            Some(true) => node_hash(beside, &hash),
            Some(false) => node_hash(&hash, beside),
        };
    }
    climb.last == 0 && hash == *root
}

/// Whether `proof` shows that the tree of `new` leaves begins with the tree of `old` leaves (RFC 9162, section
/// 2.1.4.2). Every tree begins with the empty one, and with itself, without any hash.
pub fn consistent(old: u64, new: u64, proof: &[Sha], old_root: &Sha, new_root: &Sha) -> bool {
    if old > new {
        return false;
    }
    if old == 0 {
        let nothing = *old_root == empty_root() && (new != 0 || new_root == old_root);
        return proof.is_empty() && nothing;
    }
    if old == new {
        return proof.is_empty() && old_root == new_root;
    }
    let mut climb = Climb { at: old - 1, last: new - 1 };
    climb.up_while(|at| at & 1 == 1);
    // The old tree is a complete subtree of the new one: its root begins the proof and is not repeated there.
    let (first, rest) = match proof.split_first() {
        _ if old.is_power_of_two() => (old_root, proof),
        Some(split) => split,
        None => return false,
    };
    let (mut before, mut after) = (*first, *first);
    for beside in rest {
        match climb.step() {
            None => return false,
            Some(true) => {
                before = node_hash(beside, &before);
                after = node_hash(beside, &after);
            }
            Some(false) => after = node_hash(&after, beside),
        }
    }
    climb.last == 0 && before == *old_root && after == *new_root
}
