//! The check `view`: index.json, pages, lookups and the page for people are those that the log makes.

use std::collections::BTreeMap;

use super::Result;
use super::files::Files;
use super::found::{Found, Stop, answer};
use super::notes::Notes;
use crate::index::catalog::Catalog;
use crate::index::checkpoint::Checkpoint;
use crate::index::parallel::{batches, map};
use crate::index::row::{Outside, row};
use crate::index::view::{self, NEWEST, html, json, lookup};
use crate::index::{Code, Wrong, log, site};
use crate::record::index::{Question, Row};

/// Pages whose rows are in memory at one time.
const BATCH: u64 = 32;

/// The walk over the statements came to its end, so that the catalog is that of the whole log.
pub fn check(
    files: Files,
    checkpoint: &Checkpoint,
    catalog: &Catalog,
    threads: usize,
    notes: &mut Notes,
) -> Result<()> {
    let size = checkpoint.size;
    let mut newest: Vec<Row> = Vec::new();
    let mut known = true;
    for pages in batches(log::pages(size), BATCH) {
        let first = pages.start;
        let made = map(pages, threads, |page| answer(page_of(files, page, size, catalog)))?;
        for (page, made) in (first..).zip(made) {
            let found = match made? {
                Ok((rows, found)) => {
                    newest.extend(rows.into_iter().filter(|row| row.leaf_index + NEWEST >= size));
                    found
                }
                Err(found) => {
                    known = false;
                    Some(found)
                }
            };
            notes.part(Question::View, || view::page_path(page), None, found)?;
        }
    }
    lookups(files, catalog, notes)?;
    if known {
        let of = view::Site {
            origin: checkpoint.origin.clone(),
            size,
            root: checkpoint.root,
            regions: catalog.chains.heads().map(|(name, head)| (name.to_owned(), head)).collect(),
        };
        let found = answer(index(files, &of, &newest))?.err();
        notes.part(Question::View, || site::INDEX.to_owned(), None, found)?;
        let found = answer(page_for_people(files, &of, &newest))?.err();
        notes.part(Question::View, || site::PAGE.to_owned(), None, found)?;
    }
    Ok(())
}

/// The rows of a page, and what is wrong with the file that should hold them.
fn page_of(files: Files, number: u64, size: u64, catalog: &Catalog) -> Result<(Vec<Row>, Option<Found>), Stop> {
    let page = files.page(number, size)?;
    let rows = (number * site::PAGE_SIZE..).zip(page.entries()?);
    let rows = rows.map(|(leaf, logged)| row(logged, catalog.withdrawn_by(leaf), Outside::default()));
    let rows = rows.collect::<Result<Vec<Row>, Wrong>>()?;
    let made = json::page(number, &rows)?;
    let found = match same(files, &view::page_path(number), made.as_bytes()) {
        Ok(()) => None,
        Err(Stop::Found(found)) => Some(found),
        Err(failed) => return Err(failed),
    };
    Ok((rows, found))
}

fn lookups(files: Files, catalog: &Catalog, notes: &mut Notes) -> Result<()> {
    let made: BTreeMap<u8, String> = lookup::write(catalog.subjects().collect()).into_iter().collect();
    for shard in 0..=u8::MAX {
        let path = lookup::path(shard);
        let found = match made.get(&shard) {
            Some(text) => answer(same(files, &path, text.as_bytes()))?.err(),
            // One without digests has no file.
            None => match answer(files.get(&path, Code::ViewMismatch))? {
                Ok(None) => continue,
                Ok(Some(_)) => Some(mismatch(&path, "no entry belongs in it")),
                Err(found) => Some(found),
            },
        };
        notes.part(Question::View, || path, None, found)?;
    }
    Ok(())
}

fn index(files: Files, of: &view::Site, newest: &[Row]) -> Result<(), Stop> {
    same(files, site::INDEX, json::index(of, newest)?.as_bytes())
}

/// Its bytes are those of one version of govctl.
fn page_for_people(files: Files, of: &view::Site, newest: &[Row]) -> Result<(), Stop> {
    let there = read(files, site::PAGE)?;
    if there == html::html(of, newest)?.as_bytes() {
        return Ok(());
    }
    match html::made_by(&there) {
        Some(version) if version != env!("CARGO_PKG_VERSION") => {
            let message = format!("index.html was made by govctl {version}, this is {}", env!("CARGO_PKG_VERSION"));
            Err(Found::open(Code::ViewOtherVersion, message).into())
        }
        _ => Err(mismatch(site::PAGE, "is not what the log makes of it").into()),
    }
}

fn read(files: Files, path: &str) -> Result<Vec<u8>, Stop> {
    Ok(files.get(path, Code::ViewMismatch)?.ok_or_else(|| mismatch(path, "is not there"))?)
}

fn same(files: Files, path: &str, made: &[u8]) -> Result<(), Stop> {
    let there = read(files, path)?;
    if there == made {
        return Ok(());
    }
    let differs = |(a, b): (&[u8], &[u8])| a != b;
    let line = there.split(|b| *b == b'\n').zip(made.split(|b| *b == b'\n')).position(differs).map_or(1, |at| at + 1);
    Err(mismatch(path, &format!("is not what the log makes of it, from line {line} on")).into())
}

fn mismatch(path: &str, what: &str) -> Found {
    Found::fail(Code::ViewMismatch, format!("{path}: {what}"))
}
