//! The hashes of subtrees out of the tiles of a log, and with them roots and proofs of any of its sizes.

use std::collections::HashMap;

use super::tile::{self, Tile};
use super::{Code, Wrong};
use crate::merkle::Sha;
use crate::merkle::proof::{self, Node, Range};

/// Reads each tile once and hashes each subtree once.
pub struct Nodes<F> {
    size: u64,
    read: F,
    tiles: HashMap<Tile, Vec<Sha>>,
    known: HashMap<Node, Sha>,
}

impl<F> Nodes<F> {
    /// Of a log of this size. `read` gives the hashes of one of its tiles.
    pub fn new(size: u64, read: F) -> Self {
        Nodes { size, read, tiles: HashMap::new(), known: HashMap::new() }
    }

    pub fn size(&self) -> u64 {
        self.size
    }

    pub fn subtree<E: From<Wrong>>(&mut self, node: Node) -> Result<Sha, E>
    where
        F: FnMut(Tile) -> Result<Vec<Sha>, E>,
    {
        if let Some(hash) = self.known.get(&node) {
            return Ok(*hash);
        }
        let none = || Wrong::new(Code::TileMissing, "a subtree that the tree has not");
        let tile = tile::locate(node, self.size).ok_or_else(none)?;
        if !self.tiles.contains_key(&tile) {
            let hashes = (self.read)(tile)?;
            self.tiles.insert(tile, hashes);
        }
        let hash = self.tiles.get(&tile).and_then(|hashes| tile::subtree(node, hashes)).ok_or_else(none)?;
        self.known.insert(node, hash);
        Ok(hash)
    }

    /// The root of the tree when it had this size.
    pub fn root<E: From<Wrong>>(&mut self, size: u64) -> Result<Sha, E>
    where
        F: FnMut(Tile) -> Result<Vec<Sha>, E>,
    {
        Range::whole(size).hash(&mut |node| self.subtree(node))
    }

    /// What proves that a leaf was in the tree when it had this size.
    pub fn inclusion<E: From<Wrong>>(&mut self, leaf: u64, size: u64) -> Result<Vec<Sha>, E>
    where
        F: FnMut(Tile) -> Result<Vec<Sha>, E>,
    {
        let none = || Wrong::malformed(format!("leaf {leaf} is not in a tree of {size}"));
        let plan = proof::inclusion(leaf, size).ok_or_else(none)?;
        proof::hashes(&plan, |node| self.subtree(node))
    }

    /// What proves that the tree grew from one size to the other.
    pub fn consistency<E: From<Wrong>>(&mut self, old: u64, new: u64) -> Result<Vec<Sha>, E>
    where
        F: FnMut(Tile) -> Result<Vec<Sha>, E>,
    {
        let none = || Wrong::malformed(format!("a tree of {old} did not grow to {new}"));
        let plan = proof::consistency(old, new).ok_or_else(none)?;
        proof::hashes(&plan, |node| self.subtree(node))
    }
}
