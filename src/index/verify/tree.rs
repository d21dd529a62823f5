//! The check `tree`: entries hash to the tiles of level 0, each tile to a hash of the level above, and all to the root.

use std::collections::BTreeMap;

use super::Result;
use super::files::Files;
use super::found::{Found, answer};
use super::notes::Notes;
use crate::index::checkpoint::Checkpoint;
use crate::index::parallel::{batches, map};
use crate::index::tile::{self, Edge, Kind, Tile};
use crate::index::{Code, log};
use crate::merkle::{Sha, leaf_hash};
use crate::record::index::Question;

/// Pages whose hashes are in memory at one time.
const BATCH: u64 = 4096;

/// What a tile came to. None where its hashes are not known.
struct Tiled {
    found: Vec<Found>,
    hashes: Option<Vec<Sha>>,
}

pub fn check(files: Files, checkpoint: &Checkpoint, threads: usize, notes: &mut Notes) -> Result<()> {
    let size = checkpoint.size;
    let mut partial = BTreeMap::new();
    let mut known = true;
    let mut below: Vec<Option<Sha>> = Vec::new();
    for pages in batches(log::pages(size), BATCH) {
        let first = pages.start;
        let tiled = map(pages, threads, |page| of_page(files, page, size))?;
        for (page, tiled) in (first..).zip(tiled) {
            let Some(tile) = Tile::of(Kind::Hashes(0), page, size) else { continue };
            known &= take(tile, tiled?, &mut below, &mut partial, notes)?;
        }
    }
    for level in 1..8 {
        let hashes = std::mem::take(&mut below);
        for (index, chunk) in (0..).zip(hashes.chunks(tile::WIDTH.into())) {
            let Some(tile) = Tile::of(Kind::Hashes(level), index, size) else { continue };
            known &= take(tile, above(files, tile, chunk)?, &mut below, &mut partial, notes)?;
        }
    }
    if known {
        let root = root(size, &partial);
        let found = (root != Some(checkpoint.root)).then(|| {
            Found::fail(Code::RootMismatch, format!("the {size} entries do not lead to the root of the checkpoint"))
        });
        notes.part(Question::Tree, || "checkpoint".to_owned(), None, found)?;
    }
    Ok(())
}

/// Notes a tile and hands its root up; false where its hashes are not those of the tree, or not known.
fn take(
    tile: Tile,
    tiled: Tiled,
    up: &mut Vec<Option<Sha>>,
    partial: &mut BTreeMap<Tile, Vec<Sha>>,
    notes: &mut Notes,
) -> Result<bool> {
    let holds = tiled.found.is_empty();
    if holds {
        notes.part(Question::Tree, || tile.path(), None, None)?;
    }
    for found in tiled.found {
        notes.part(Question::Tree, || tile.path(), None, Some(found))?;
    }
    match (tile.is_full(), tiled.hashes) {
        (true, hashes) => up.push(hashes.as_deref().and_then(tile::root)),
        (false, Some(hashes)) => drop(partial.insert(tile, hashes)),
        (false, None) => {}
    }
    Ok(holds)
}

/// A tile of level 0 beside the bundle of its entries.
fn of_page(files: Files, page: u64, size: u64) -> Result<Tiled> {
    let none = || crate::error::Error::bug(format!("a log of {size} entries has no page {page}"));
    let bundle = Tile::of(Kind::Entries, page, size).ok_or_else(none)?;
    let tile = Tile::of(Kind::Hashes(0), page, size).ok_or_else(none)?;
    let entries = files
        .bundle(bundle)
        .and_then(|bytes| Ok(tile::entries(bundle, &bytes)?.into_iter().map(leaf_hash).collect::<Vec<Sha>>()));
    let (entries, hashes) = (answer(entries)?, answer(files.hashes(tile))?);
    let mut found = Vec::new();
    if let (Ok(entries), Ok(hashes)) = (&entries, &hashes)
        && let Some(at) = entries.iter().zip(hashes).position(|(a, b)| a != b)
    {
        let leaf = page * u64::from(tile::WIDTH) + at as u64;
        let message = format!("{}: entry {leaf} does not hash to the leaf in {}", bundle.path(), tile.path());
        found.push(Found::fail(Code::TileMismatch, message));
    }
    let (entries, hashes) = (keep(entries, &mut found), keep(hashes, &mut found));
    Ok(Tiled { found, hashes: entries.or(hashes) })
}

/// A tile of a higher level beside the roots of those below it.
fn above(files: Files, tile: Tile, below: &[Option<Sha>]) -> Result<Tiled> {
    let mut found = Vec::new();
    let hashes = keep(answer(files.hashes(tile))?, &mut found);
    if let Some(hashes) = &hashes {
        let other = |(made, there): (&Option<Sha>, &Sha)| made.is_some_and(|made| made != *there);
        if let Some(at) = below.iter().zip(hashes).position(other) {
            let message = format!("{}: hash {at} is not that of the tile below it", tile.path());
            found.push(Found::fail(Code::TileMismatch, message));
        }
    }
    let made: Option<Vec<Sha>> = below.iter().copied().collect();
    Ok(Tiled { found, hashes: made.or(hashes) })
}

fn keep<T>(answer: Result<T, Found>, found: &mut Vec<Found>) -> Option<T> {
    answer.map_err(|wrong| found.push(wrong)).ok()
}

/// The root over the partial tiles, of which each level has one at most.
fn root(size: u64, partial: &BTreeMap<Tile, Vec<Sha>>) -> Option<Sha> {
    let read = |tile: Tile| {
        let missing = || crate::index::Wrong::new(Code::TileMissing, tile.path());
        partial.get(&tile).map(|hashes| hashes.as_flattened()).ok_or_else(missing)
    };
    Edge::read(size, read).ok().map(|edge| edge.root())
}
