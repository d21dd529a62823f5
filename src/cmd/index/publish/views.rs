//! What is made of the log for readers: bundles of entries, index.json, pages, lookups and the page for people. All of it is
//! made again by every publication, and written where it differs.

use std::collections::{BTreeMap, HashSet};

use crate::cmd::index::own::{Own, needed};
use crate::error::{Error, Result};
use crate::index::bundle::{self, Included};
use crate::index::nodes::Nodes;
use crate::index::row::{Logged, Outside, row};
use crate::index::tile::{self, Kind, Tile};
use crate::index::view::{self, NEWEST, html, json, lookup};
use crate::index::{log, log_id, site};
use crate::key::ed25519;
use crate::merkle::Sha;
use crate::record::index::{Entry, Row, Status};
use crate::text::sha256_hex;

/// What was written, and the rows that the records of the run need.
pub struct Shown {
    pub index_sha256: String,
    rows: BTreeMap<u64, Row>,
    /// Leaves with a file that was written again.
    repaired: HashSet<u64>,
}

impl Shown {
    /// Entries that are new come first, then those that were there before, in the order in which they were given.
    pub fn entries(&self, known: &[(String, u64)], first: u64) -> Vec<Entry> {
        let of = |leaf: &u64, status| self.rows.get(leaf).map(|row| Entry { row: row.clone(), status });
        let new = self.rows.range(first..).filter_map(|(leaf, _)| of(leaf, Status::Published));
        let status = |leaf: &u64| if self.repaired.contains(leaf) { Status::Repaired } else { Status::Unchanged };
        new.chain(known.iter().filter_map(|(_, leaf)| of(leaf, status(leaf)))).collect()
    }
}

/// Makes the views of the log as it is published. `first`: where the entries of this run begin; `known`: older entries whose
/// rows are needed.
pub fn write(own: &Own, log: &ed25519::Public, first: u64, known: &[(String, u64)]) -> Result<Shown> {
    let read = |tile: Tile| Ok(tile::hashes(tile, &needed(own.site, &tile.path())?)?.to_vec());
    let mut proofs = Proofs { own, log, nodes: Nodes::new(own.size, read) };
    let (mut rows, mut repaired) = (BTreeMap::new(), HashSet::new());
    let known: HashSet<u64> = known.iter().map(|(_, leaf)| *leaf).collect();
    let mut newest = Vec::new();
    for page in 0..log::pages(own.size) {
        let statements = needed(own.site, &log::statements_path(page))?;
        let tile = Tile::of(Kind::Entries, page, own.size).ok_or_else(|| Error::bug("a page without entries"))?;
        let bundle = needed(own.site, &tile.path())?;
        let mut of_page = Vec::new();
        for (leaf, logged) in (page * site::PAGE_SIZE..).zip(log::entries(page, own.size, &statements, &bundle)?) {
            if proofs.bundle(leaf, logged)? && leaf < first {
                repaired.insert(leaf);
            }
            of_page.push(row(logged, own.catalog.withdrawn_by(leaf), Outside::default())?);
        }
        own.site.write_if_changed(&view::page_path(page), json::page(page, &of_page)?.as_bytes())?;
        for row in of_page {
            if row.leaf_index >= first || known.contains(&row.leaf_index) {
                rows.insert(row.leaf_index, row.clone());
            }
            if row.leaf_index + NEWEST >= own.size {
                newest.push(row);
            }
        }
    }
    for (shard, text) in lookup::write(own.catalog.subjects().collect()) {
        own.site.write_if_changed(&lookup::path(shard), text.as_bytes())?;
    }
    let of = site_of(own);
    let index = json::index(&of, &newest)?;
    own.site.write_if_changed(site::INDEX, index.as_bytes())?;
    own.site.write_if_changed(site::PAGE, html::html(&of, &newest)?.as_bytes())?;
    tidy(own)?;
    Ok(Shown { index_sha256: sha256_hex(index.as_bytes()), rows, repaired })
}

/// Removes the partial tiles in whose place there is a full one, which readers of an older checkpoint take.
fn tidy(own: &Own) -> Result<()> {
    for kind in (0..8).map(Kind::Hashes).chain([Kind::Entries]) {
        for index in 0..kind.count(own.size) / u64::from(tile::WIDTH) {
            if let Some(full) = Tile::of(kind, index, own.size) {
                own.site.remove(&format!("{}.p", full.path()))?;
            }
        }
    }
    Ok(())
}

fn site_of(own: &Own) -> view::Site {
    view::Site {
        origin: own.origin.to_string(),
        size: own.size,
        root: own.tail.root(),
        regions: own.catalog.chains.heads().map(|(name, head)| (name.to_owned(), head)).collect(),
    }
}

/// The files of an entry that are made of the log.
struct Proofs<'o, F> {
    own: &'o Own<'o>,
    log: &'o ed25519::Public,
    nodes: Nodes<F>,
}

impl<F: FnMut(Tile) -> Result<Vec<Sha>>> Proofs<'_, F> {
    /// Writes those that are not there; whether one was not.
    fn bundle(&mut self, leaf: u64, logged: Logged) -> Result<bool> {
        let site = self.own.site;
        let folder = site::entry(leaf);
        let (statement, bundle) = (format!("{folder}/{}", site::STATEMENT), format!("{folder}/{}", site::BUNDLE));
        let mut written = false;
        if !site.has(&statement) {
            site.write(&statement, logged.statement)?;
            written = true;
        }
        if !site.has(&bundle) {
            site.write(&bundle, &self.make(leaf, logged)?)?;
            written = true;
        }
        Ok(written)
    }

    fn make(&mut self, leaf: u64, logged: Logged) -> Result<Vec<u8>> {
        let (size, root) = (self.own.size, self.own.tail.root());
        let hashes = self.nodes.inclusion(leaf, size)?;
        let checkpoint = std::str::from_utf8(&self.own.checkpoint).map_err(|e| Error::bug(e.to_string()))?;
        let included = Included {
            log_id: log_id(self.own.origin.as_str(), self.log),
            leaf_index: leaf,
            size,
            root,
            hashes: &hashes,
            checkpoint,
        };
        Ok(bundle::write(logged, &included)?)
    }
}

/// Rows of entries that are not in the site: those of a dry run.
pub fn would_be(made: &[super::stage::Made]) -> Result<Vec<Entry>> {
    let entry = |made: &super::stage::Made| {
        Ok(Entry { row: row(made.logged(), None, Outside::default())?, status: Status::Published })
    };
    made.iter().map(entry).collect()
}
