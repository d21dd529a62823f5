//! The log page by page: 256 statements, and beside them the entry bundle whose leaves hold their digests.

use super::leaf::Leaf;
use super::row::Logged;
use super::tile::{self, Bundles, Edge, Kind, Tile, WIDTH};
use super::{Code, Wrong, statement};
use crate::merkle::{Sha, leaf_hash};

/// Statements of a page, as entries of a tile.
const PAGE: u64 = WIDTH as u64;

/// How many pages a log of this size has.
pub fn pages(size: u64) -> u64 {
    size.div_ceil(PAGE)
}

/// Where the statements of a page lie; numbers are written as in the paths of tiles.
pub fn statements_path(page: u64) -> String {
    format!("statements/{}.ndjson", tile::number(page))
}

/// The entries of a page in a log of this size. Lines behind its last entry belong to a publication that has not come to
/// its end, and are not looked at.
pub fn entries<'a>(page: u64, size: u64, statements: &'a [u8], bundle: &'a [u8]) -> Result<Vec<Logged<'a>>, Wrong> {
    let none = || Wrong::malformed(format!("a log of {size} entries has no page {page}"));
    let tile = Tile::of(Kind::Entries, page, size).ok_or_else(none)?;
    let leaves = tile::entries(tile, bundle)?;
    let lines: Vec<&[u8]> = complete_lines(statements).take(leaves.len()).collect();
    if lines.len() < leaves.len() {
        let message = format!("{} has {} statements, not {}", statements_path(page), lines.len(), leaves.len());
        return Err(Wrong::new(Code::StatementMissing, message));
    }
    Ok(lines.into_iter().zip(leaves).map(|(statement, leaf)| Logged { statement, leaf }).collect())
}

fn complete_lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split_inclusive(|b| *b == b'\n').filter_map(|line| line.strip_suffix(b"\n"))
}

/// The leaf of an entry, once it is shown that it is about the statement beside it.
pub fn leaf_of(logged: Logged) -> Result<Leaf, Wrong> {
    let leaf = Leaf::parse(logged.leaf)?;
    if leaf.digest != statement::sha256(logged.statement) {
        return Err(Wrong::new(Code::DigestMismatch, "the statement is not the one whose digest is in the log"));
    }
    Ok(leaf)
}

/// The end of a log, to which entries are added.
pub struct Tail {
    edge: Edge,
    bundles: Bundles,
    /// The lines of the page that is being filled.
    page: Vec<u8>,
}

impl Tail {
    /// Of a log of this size. `read` is asked for the partial tiles and the last page of statements.
    pub fn read<E: From<Wrong>>(size: u64, mut read: impl FnMut(&str) -> Result<Vec<u8>, E>) -> Result<Tail, E> {
        let edge = Edge::read(size, |tile| read(&tile.path()))?;
        let bundles = Bundles::read(size, |tile| read(&tile.path()))?;
        let mut page = Vec::new();
        if !size.is_multiple_of(PAGE) {
            let path = statements_path(size / PAGE);
            let text = read(&path)?;
            let lines = text.split_inclusive(|b| *b == b'\n').take((size % PAGE) as usize);
            page.extend(lines.flatten());
        }
        Ok(Tail { edge, bundles, page })
    }

    pub fn size(&self) -> u64 {
        self.edge.size()
    }

    pub fn root(&self) -> Sha {
        self.edge.root()
    }

    /// Adds entries and writes every file of the log that is new then or has grown. Until a checkpoint covers it, none of
    /// it counts.
    pub fn grow<E: From<Wrong>>(
        &mut self,
        entries: &[Logged],
        mut write: impl FnMut(&str, &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let first = self.size();
        for (at, logged) in (first..).zip(entries) {
            self.page.extend_from_slice(logged.statement);
            self.page.push(b'\n');
            if (at + 1).is_multiple_of(PAGE) {
                write(&statements_path(at / PAGE), &self.page)?;
                self.page.clear();
            }
        }
        if !self.page.is_empty() && !entries.is_empty() {
            write(&statements_path((first + entries.len() as u64) / PAGE), &self.page)?;
        }
        self.bundles.grow(entries.iter().map(|logged| logged.leaf), |tile, bytes| write(&tile.path(), bytes))?;
        self.edge.grow(entries.iter().map(|logged| leaf_hash(logged.leaf)), |tile, bytes| write(&tile.path(), bytes))
    }
}

#[cfg(test)]
mod tests;
