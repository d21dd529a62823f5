//! The bytes of a tile of hashes, and the hashes of subtrees that lie in it.

use super::{Kind, Tile, WIDTH};
use crate::index::{Code, Wrong};
use crate::merkle::proof::Node;
use crate::merkle::{Sha, node_hash};

/// The hashes of a tile. The bytes must be as many as its width demands.
pub fn hashes(tile: Tile, bytes: &[u8]) -> Result<&[Sha], Wrong> {
    let expected = usize::from(tile.width()) * 32;
    match bytes.as_chunks::<32>() {
        (hashes, []) if bytes.len() == expected => Ok(hashes),
        _ => {
            let message = format!("{} has {} bytes, not {expected}", tile.path(), bytes.len());
            Err(Wrong::new(Code::TileMismatch, message))
        }
    }
}

/// The tile of a tree of this size in which a complete subtree can be read. None where the tree has no such subtree.
pub fn locate(node: Node, size: u64) -> Option<Tile> {
    let level = u8::try_from(node.level / 8).ok()?;
    let height = node.level % 8;
    let complete = size.checked_shr(node.level).unwrap_or(0);
    if node.index >= complete {
        return None;
    }
    Tile::of(Kind::Hashes(level), node.index >> (8 - height), size)
}

/// The hash of a complete subtree, from the hashes of its tile, or of the full one in its place. None where they are
/// too few.
pub fn subtree(node: Node, tile: &[Sha]) -> Option<Sha> {
    let height = node.level % 8;
    let within = node.index % u64::from(WIDTH >> height);
    let start = usize::try_from(within).ok()? << height;
    root(tile.get(start..start + (1 << height))?)
}

/// The root of a complete subtree of at most 256 hashes. None of none.
pub fn root(hashes: &[Sha]) -> Option<Sha> {
    let mut level = hashes.to_vec();
    while level.len() > 1 {
        level = level.as_chunks().0.iter().map(|[left, right]| node_hash(left, right)).collect();
    }
    level.first().copied()
}
