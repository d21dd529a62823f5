//! The publisher's own log: what is signed, what lies beyond that, and what the key's ledger says of both. Nothing is
//! signed before all three agree.

use std::path::Path;

use crate::error::{Error, Result};
use crate::index::catalog::Catalog;
use crate::index::checkpoint::{Checkpoint, Signed};
use crate::index::digest::Digest;
use crate::index::ledger::Ledger;
use crate::index::log::{self, Tail};
use crate::index::policy::Log;
use crate::index::statement::{self, Statement};
use crate::index::tile::{Edge, Kind, Tile};
use crate::index::trust::{self, Trust};
use crate::index::{Origin, Wrong, site};
use crate::io::fs;
use crate::io::site::{Site, step};
use crate::merkle::leaf_hash;

use super::keys::Keys;

/// A ledger is smaller.
const MAX_LEDGER: u64 = 1 << 20;

/// A log whose checkpoint is signed and whose every entry leads to its root.
pub struct Own<'a> {
    pub site: &'a Site,
    pub origin: Origin,
    pub trust: Trust,
    /// The checkpoint that is published, as it is.
    pub checkpoint: Vec<u8>,
    pub size: u64,
    pub catalog: Catalog,
    pub tail: Tail,
}

/// A checkpoint that too few have cosigned must not be published, and no witness is asked yet.
fn check_quorum(trust: &Trust, site: &Site) -> Result<()> {
    if trust.policy.quorum().is_none() {
        return Ok(());
    }
    Err(Error::environment("the policy asks for cosignatures of witnesses, which `index publish` cannot collect yet")
        .at_file(&site.name(&format!("{}/{}", site::TRUST, trust::POLICY)))
        .hint("nothing was signed; only `quorum none` can be published"))
}

/// The log of the key. That the site belongs to another one is a mistake of usage.
fn own_log<'t>(trust: &'t Trust, keys: &Keys, site: &Site) -> Result<&'t Log> {
    let own = keys.log.public();
    let found = trust.policy.logs().iter().find(|log| log.key.ed25519() == Some(&own));
    found.ok_or_else(|| {
        Error::usage("--log-key is not the key of this log")
            .at_file(&site.name(&format!("{}/{}", site::TRUST, trust::POLICY)))
            .hint("give the key that `index publish --init` made for it")
    })
}

/// A checkpoint of the log, verified.
fn signed(site: &Site, path: &str, log: &Log) -> Result<Option<(Vec<u8>, Signed)>> {
    let Some(bytes) = site.read(path, site::limit(path))? else { return Ok(None) };
    let name = site.name(path);
    let signed = Signed::parse(&bytes).and_then(|signed| signed.verify(&[&log.key]).map(|_| signed));
    Ok(Some((bytes, signed.map_err(|wrong| wrong.error(&name))?)))
}

/// Which state the site is in, by its checkpoints and the ledger.
enum State {
    /// What is published is the furthest that was signed.
    Clean,
    /// A checkpoint was signed and is not in place.
    Pending,
    /// The ledger was written, and nothing was signed after it.
    Ahead(Ledger),
}

impl<'a> Own<'a> {
    /// Opens the log, brings a publication that was interrupted behind its signature to its end, and removes what lies
    /// beyond the checkpoint. Returned with it: what the ledger says where it is ahead of the site.
    ///
    /// Unless it `may_change` anything, all of that is only looked at.
    pub fn open(site: &'a Site, keys: &Keys, ledger: &str, may_change: bool) -> Result<(Own<'a>, Option<Ledger>)> {
        let trust = super::trust::read(site, site::TRUST, &super::trust::files(site, site::TRUST)?)?;
        check_quorum(&trust, site)?;
        let log = own_log(&trust, keys, site)?;
        let name = site.name(site::CHECKPOINT);
        let origin = Origin::new(log.key.name()).map_err(|wrong| wrong.error(&name))?;
        let Some((mut checkpoint, mut head)) = signed(site, site::CHECKPOINT, log)? else {
            return Err(Error::usage("is not there, so this is no index")
                .at_file(&name)
                .hint("begin one: index publish --init"));
        };
        let pending = signed(site, site::PENDING, log)?;
        let state = state(&head, pending.as_ref().map(|(_, signed)| signed), &read_ledger(ledger)?)
            .map_err(|e| e.at_file(ledger))?;
        let mut ahead = None;
        match (state, pending) {
            (State::Pending, Some((bytes, signed))) => {
                verify_tree(site, &signed)?;
                if may_change {
                    site.put_in_place(site::PENDING, site::CHECKPOINT)?;
                }
                (checkpoint, head) = (bytes, signed);
            }
            (State::Ahead(ledger), _) => ahead = Some(ledger),
            _ if may_change => drop(site.remove(site::PENDING)?),
            _ => {}
        }
        let size = head.checkpoint.size;
        let catalog = verify_tree(site, &head)?;
        if may_change {
            sweep(site, size)?;
        }
        let tail = Tail::read(size, |path| needed(site, path))?;
        if tail.root() != head.checkpoint.root {
            return Err(Error::input("the tiles at the end of the tree do not lead to its root").at_file(&name));
        }
        Ok((Own { site, origin, trust, checkpoint, size, catalog, tail }, ahead))
    }
}

impl Own<'_> {
    /// What an entry of the log says.
    pub fn statement(&self, leaf: u64) -> Result<Statement> {
        let path = log::statements_path(leaf / site::PAGE_SIZE);
        let text = needed(self.site, &path)?;
        let line = text.split(|b| *b == b'\n').nth((leaf % site::PAGE_SIZE) as usize);
        let line = line.ok_or_else(|| Error::bug("a leaf without a statement"))?;
        Statement::parse(line).map_err(|wrong| wrong.error(&self.site.name(&path)))
    }

    /// The entry key that is given must be the one that counts at the end of the log.
    pub fn check_entry_key(&self, keys: &Keys) -> Result<()> {
        let valid = self.trust.entry_keys.iter().rfind(|key| key.from_leaf <= self.size);
        if valid.is_some_and(|valid| valid.key.spki() == keys.entry.public().spki()) {
            return Ok(());
        }
        Err(Error::usage("--entry-key is not the key that signs entries of this log")
            .at_file(&self.site.name(&format!("{}/{}", site::TRUST, trust::ENTRY_KEYS)))
            .hint("give the key that `index publish --init` made for it"))
    }

    /// Signs what was staged and puts the checkpoint in place. The ledger comes first: from then on nothing else can be
    /// signed for this size.
    pub fn commit(&mut self, keys: &Keys, ledger: &str, now: &str) -> Result<()> {
        let (size, root) = (self.tail.size(), self.tail.root());
        let base = (self.size > 0).then(|| statement::sha256(&self.checkpoint));
        let entry = Ledger::new(self.origin.as_str(), size, Digest(root), base, now);
        step();
        fs::write_atomic(Path::new(ledger), &entry.to_bytes()?)?;
        let signed = Checkpoint::new(self.origin.as_str(), size, root).sign(&[&keys.log])?;
        self.checkpoint = signed.note.to_text().into_bytes();
        self.site.write(site::PENDING, &self.checkpoint)?;
        self.site.sync()?;
        self.site.put_in_place(site::PENDING, site::CHECKPOINT)?;
        self.size = size;
        Ok(())
    }
}

fn read_ledger(path: &str) -> Result<Ledger> {
    let Some(bytes) = fs::read_if_there(path, MAX_LEDGER)? else {
        return Err(Error::input("is not there: what this key has signed elsewhere cannot be told").at_file(path)
            .hint("restore the ledger of the log key, or name it with --ledger; a second checkpoint of one size would end the origin"));
    };
    Ledger::parse(&bytes).map_err(|wrong| wrong.error(path))
}

fn state(head: &Signed, pending: Option<&Signed>, ledger: &Ledger) -> Result<State> {
    let of = |signed: &Signed| (signed.checkpoint.size, signed.checkpoint.root);
    let said = (ledger.size, ledger.root.0);
    let mine = &head.checkpoint;
    if ledger.origin != mine.origin {
        return Err(Error::usage(format!("is the ledger of `{}`, and this log is `{}`", ledger.origin, mine.origin)));
    }
    if ledger.size < mine.size {
        let message = format!("ends at {} entries, and the site has {}: it is an older copy", ledger.size, mine.size);
        return Err(Error::input(message).hint("restore the newest ledger of this key"));
    }
    match pending {
        _ if said == of(head) => Ok(State::Clean),
        Some(pending) if said == of(pending) => Ok(State::Pending),
        _ if ledger.size == mine.size => Err(Error::input(format!(
            "names another tree of {} entries than the site: the key has signed two trees of one size",
            mine.size
        ))
        .hint("keep both copies; nothing more can be published under this origin")),
        Some(_) | None => Ok(State::Ahead(ledger.clone())),
    }
}

/// Walks the whole log up to a checkpoint: every statement has its leaf, the leaves lead to the root, and the statements
/// follow one another.
fn verify_tree(site: &Site, head: &Signed) -> Result<Catalog> {
    let size = head.checkpoint.size;
    let mut catalog = Catalog::new(&head.checkpoint.origin);
    let mut edge = Edge::default();
    for page in 0..log::pages(size) {
        let path = log::statements_path(page);
        let statements = needed(site, &path)?;
        let tile = Tile::of(Kind::Entries, page, size).ok_or_else(|| Error::bug("a page without entries"))?;
        let bundle = needed(site, &tile.path())?;
        let damaged = |line: u64, wrong: Wrong| wrong.line(line).error(&site.name(&path)).hint(DAMAGED);
        let entries = log::entries(page, size, &statements, &bundle).map_err(|wrong| wrong.error(&site.name(&path)))?;
        let mut hashes = Vec::with_capacity(entries.len());
        for (line, logged) in (1..).zip(entries) {
            log::leaf_of(logged).map_err(|wrong| damaged(line, wrong))?;
            let parsed = Statement::parse(logged.statement).map_err(|wrong| damaged(line, wrong))?;
            let wrong = catalog.walk(&parsed, statement::sha256(logged.statement));
            if let Some(first) = wrong.into_iter().next() {
                return Err(damaged(line, first));
            }
            hashes.push(leaf_hash(logged.leaf));
        }
        edge.grow(hashes, |_, _| Ok::<_, Error>(()))?;
    }
    if edge.root() != head.checkpoint.root {
        let message = "the entries of the site do not lead to the root of its checkpoint";
        return Err(Error::input(message).at_file(&site.name(site::CHECKPOINT)).hint(DAMAGED));
    }
    Ok(catalog)
}

const DAMAGED: &str = "the site is damaged: restore it from a copy; nothing was signed";

/// A file of the log, which must be there.
pub fn needed(site: &Site, path: &str) -> Result<Vec<u8>> {
    let missing = || Error::input("is not there, and the checkpoint covers it").at_file(&site.name(path));
    site.read(path, site::limit(path))?.ok_or_else(|| missing().hint(DAMAGED))
}

/// Removes what an interrupted publication left beyond the checkpoint's size. Files of each kind were written in their
/// order, so the first that is not there is the end.
fn sweep(site: &Site, size: u64) -> Result<()> {
    let kinds = (0..8).map(Kind::Hashes).chain([Kind::Entries]);
    for kind in kinds {
        sweep_tiles(site, kind, size)?;
    }
    let mut page = log::pages(size);
    while site.remove(&log::statements_path(page))? {
        page += 1;
    }
    let mut leaf = size;
    while site.remove(&site::entry(leaf))? {
        leaf += 1;
    }
    Ok(())
}

fn sweep_tiles(site: &Site, kind: Kind, size: u64) -> Result<()> {
    let count = kind.count(size);
    let (first, kept) = (count / 256, (count % 256) as u16);
    for index in first.. {
        let Some(full) = Tile::of(kind, index, u64::MAX).map(Tile::full) else { break };
        let partial = format!("{}.p", full.path());
        let whole = site.remove(&full.path())?;
        let widths = site.list(&partial)?;
        let beyond = |width: &&String| index > first || width.parse::<u16>().map_or(true, |width| width > kept);
        for width in widths.iter().filter(beyond) {
            site.remove(&format!("{partial}/{width}"))?;
        }
        if !whole && widths.is_empty() {
            break;
        }
    }
    Ok(())
}
