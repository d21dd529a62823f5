//! The right edge of a tree in tiles: all that is needed to add leaves to it and to know its root.

use super::hashes::{hashes, root};
use super::{Kind, Tile, WIDTH, changed};
use crate::index::Wrong;
use crate::merkle::proof::empty_root;
use crate::merkle::{Sha, node_hash};

/// The partial tiles of a tree, one a level from level 0 on. One may be empty; that of the highest level never is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edge {
    size: u64,
    levels: Vec<Vec<Sha>>,
}

impl Edge {
    /// The tiles that make the edge of a tree of this size: those that are partial.
    pub fn tiles(size: u64) -> impl Iterator<Item = Tile> {
        (0..8).filter_map(move |level| {
            let kind = Kind::Hashes(level);
            Tile::of(kind, kind.count(size) / u64::from(WIDTH), size)
        })
    }

    /// Reads the edge of a tree. Whether it is that of a checkpoint its root tells.
    pub fn read<E: From<Wrong>, B: AsRef<[u8]>>(
        size: u64,
        mut read: impl FnMut(Tile) -> Result<B, E>,
    ) -> Result<Self, E> {
        let mut levels = Vec::new();
        for tile in Edge::tiles(size) {
            let Kind::Hashes(level) = tile.kind() else { continue };
            levels.resize(usize::from(level) + 1, Vec::new());
            if let Some(last) = levels.last_mut() {
                *last = hashes(tile, read(tile)?.as_ref())?.to_vec();
            }
        }
        Ok(Edge { size, levels })
    }

    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds leaf hashes and writes the tiles that are new then: full ones as they fill, and at the end those that are
    /// partial. The bytes are those of the files.
    pub fn grow<E>(
        &mut self,
        leaves: impl IntoIterator<Item = Sha>,
        mut write: impl FnMut(Tile, &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let old = self.size;
        for leaf in leaves {
            self.push(leaf, &mut write)?;
        }
        for tile in changed(old, self.size).filter(|tile| !tile.is_full()) {
            let Kind::Hashes(level) = tile.kind() else { continue };
            if let Some(partial) = self.levels.get(usize::from(level)) {
                write(tile, partial.as_flattened())?;
            }
        }
        Ok(())
    }

    /// A leaf goes to level 0. Where it fills a tile, the root of that goes a level up.
    fn push<E>(&mut self, leaf: Sha, write: &mut impl FnMut(Tile, &[u8]) -> Result<(), E>) -> Result<(), E> {
        self.size += 1;
        let mut carry = Some(leaf);
        for level in 0..8u8 {
            let Some(hash) = carry.take() else { break };
            let at = usize::from(level);
            if self.levels.len() == at {
                self.levels.push(Vec::new());
            }
            let tile = &mut self.levels[at];
            tile.push(hash);
            if tile.len() == usize::from(WIDTH) {
                let kind = Kind::Hashes(level);
                let index = kind.count(self.size) / u64::from(WIDTH) - 1;
                write(Tile { kind, index, width: WIDTH }, tile.as_flattened())?;
                carry = root(tile);
                tile.clear();
            }
        }
        Ok(())
    }

    pub fn root(&self) -> Sha {
        let mut right = None;
        for tile in &self.levels {
            let mut end = tile.len();
            for height in 0..8 {
                if tile.len() >> height & 1 == 0 {
                    continue;
                }
                let left = root(&tile[end - (1 << height)..end]);
                end -= 1 << height;
                right = match (left, right) {
                    (Some(left), Some(right)) => Some(node_hash(&left, &right)),
                    (left, right) => left.or(right),
                };
            }
        }
        right.unwrap_or_else(empty_root)
    }
}
