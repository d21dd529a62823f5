//! The files of a site as a verifier reads them: nothing is believed of them, not even that they are there.

use super::Result;
use super::found::{Found, Stop};
use crate::index::row::Logged;
use crate::index::tile::{self, Kind, Tile};
use crate::index::{Code, log};
use crate::merkle::Sha;

/// Reads a file of the site; None of what is not there. An error of input means that there is something else.
pub type Read<'a> = dyn Fn(&str) -> Result<Option<Vec<u8>>> + Sync + 'a;

#[derive(Clone, Copy)]
pub struct Files<'a>(pub &'a Read<'a>);

/// A page of the log: statements, and the bundle of entries beside them.
pub struct Page {
    number: u64,
    size: u64,
    statements: Vec<u8>,
    bundle: Vec<u8>,
}

impl Files<'_> {
    /// `unusable`: what it is called if a folder lies there, or more bytes than such a file has.
    pub fn get(self, path: &str, unusable: Code) -> Result<Option<Vec<u8>>, Stop> {
        (self.0)(path).map_err(|e| Stop::reading(e, unusable))
    }

    /// The hashes of a tile.
    pub fn hashes(self, tile: Tile) -> Result<Vec<Sha>, Stop> {
        let (there, bytes) = self.tile(tile)?;
        let mut hashes = tile::hashes(there, &bytes)?.to_vec();
        hashes.truncate(tile.width().into());
        Ok(hashes)
    }

    /// The bytes of a bundle of entries, as many as its width says.
    pub fn bundle(self, tile: Tile) -> Result<Vec<u8>, Stop> {
        let (there, bytes) = self.tile(tile)?;
        if there == tile {
            return Ok(bytes);
        }
        let entries = tile::entries(there, &bytes)?;
        Ok(tile::to_bundle(entries.iter().take(tile.width().into()))?)
    }

    /// A tile that is partial in this tree may have made way for the full one.
    fn tile(self, tile: Tile) -> Result<(Tile, Vec<u8>), Stop> {
        for there in [tile, tile.full()] {
            if let Some(bytes) = self.get(&there.path(), Code::TileMismatch)? {
                return Ok((there, bytes));
            }
        }
        Err(Found::unverifiable(Code::TileMissing, format!("{} is not there", tile.path())).into())
    }

    pub fn page(self, number: u64, size: u64) -> Result<Page, Stop> {
        let path = log::statements_path(number);
        let missing = || Found::unverifiable(Code::StatementMissing, format!("{path} is not there"));
        let statements = self.get(&path, Code::Malformed)?.ok_or_else(missing)?;
        let none = || Found::fail(Code::Malformed, format!("the log has no page {number}"));
        let tile = Tile::of(Kind::Entries, number, size).ok_or_else(none)?;
        Ok(Page { number, size, statements, bundle: self.bundle(tile)? })
    }
}

impl Page {
    pub fn entries(&self) -> Result<Vec<Logged<'_>>, Stop> {
        Ok(log::entries(self.number, self.size, &self.statements, &self.bundle)?)
    }
}
