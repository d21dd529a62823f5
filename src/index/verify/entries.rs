//! The checks of entries: statement and signature of each, and the chains over all of them.

use super::Result;
use super::files::Files;
use super::folder::{Bundles, Manifest, manifest};
use super::found::{Found, Stop, answer};
use super::notes::Notes;
use super::{Ask, Entries};
use crate::index::catalog::Catalog;
use crate::index::checkpoint::Checkpoint;
use crate::index::digest::Digest;
use crate::index::leaf::Leaf;
use crate::index::nodes::Nodes;
use crate::index::parallel::{batches, map};
use crate::index::row::Logged;
use crate::index::statement::{self, Kind, Statement};
use crate::index::tile::Tile;
use crate::index::trust::EntryKey;
use crate::index::{Code, Wrong, log, site};
use crate::key::p256::{self, Public};
use crate::record::index::Question;

/// Pages whose entries are in memory at one time.
const BATCH: u64 = 32;

/// What is asked of entries, also where there are none.
const ASKED: [Question; 6] = [
    Question::EntrySignature,
    Question::Statement,
    Question::RegionChain,
    Question::RegionTotal,
    Question::Manifest,
    Question::Bundle,
];

/// What can be told of an entry alone.
struct Seen {
    statement: Result<Statement, Found>,
    /// Of the statement, as the log has it.
    sha256: Digest,
    /// The key that signed it.
    signer: Result<Digest, Found>,
    /// Its folder; None where that was not looked at.
    manifest: Option<Manifest>,
    bundle: Option<Option<Found>>,
}

/// What the entries add up to.
pub struct Walked {
    pub catalog: Catalog,
    /// Why the chains were not followed to their end.
    pub stopped: Option<Found>,
    /// Signatures that were verified.
    pub signatures: u64,
}

struct Walk<'a, 't> {
    walked: Walked,
    keys: Keys<'a>,
    /// Entries below it were verified before.
    from: u64,
    /// Entries whose manifest is public and not there.
    gone: Vec<u64>,
    notes: &'a mut Notes<'t>,
}

/// Which key signs an entry. Those that were pinned count up to the last of them; behind it the log itself says.
struct Keys<'a> {
    pinned: &'a [EntryKey],
    changed: Vec<(u64, Digest)>,
}

impl Keys<'_> {
    fn at(&self, leaf: u64) -> Option<Digest> {
        let last = self.pinned.last().map_or(0, |key| key.from_leaf);
        let changed = self.changed.iter().rfind(|(from, _)| *from <= leaf && *from > last).map(|(_, id)| *id);
        let pinned = || self.pinned.iter().rfind(|key| key.from_leaf <= leaf).map(|key| Digest(key.key.id()));
        changed.or_else(pinned)
    }
}

pub fn check(files: Files, checkpoint: &Checkpoint, ask: &Ask, from: u64, notes: &mut Notes) -> Result<Walked> {
    let from = if ask.entries == Entries::All { 0 } else { from };
    let size = checkpoint.size;
    let walked = Walked { catalog: Catalog::new(&checkpoint.origin), stopped: None, signatures: 0 };
    let keys = Keys { pinned: &ask.trust.entry_keys, changed: Vec::new() };
    let mut walk = Walk { walked, keys, from, gone: Vec::new(), notes };
    for question in ASKED {
        walk.notes.passed(question, 0);
    }
    for pages in batches(log::pages(size), BATCH) {
        let first = pages.start;
        let seen = map(pages, ask.threads, |page| answer(page_of(files, page, size, ask, from)))?;
        for (page, seen) in (first..).zip(seen) {
            match seen? {
                Ok(entries) => walk.take(page * site::PAGE_SIZE, entries)?,
                Err(found) => walk.miss(page, found)?,
            }
        }
    }
    walk.end()
}

/// The entries of a page, each looked at for itself.
fn page_of(files: Files, number: u64, size: u64, ask: &Ask, from: u64) -> Result<Vec<Seen>, Stop> {
    let page = files.page(number, size)?;
    let nodes = Nodes::new(size, |tile: Tile| files.hashes(tile));
    let mut bundles = Bundles::new(files, ask.trust.policy.logs(), nodes);
    let mut all = Vec::new();
    for (leaf, logged) in (number * site::PAGE_SIZE..).zip(page.entries()?) {
        let statement = Statement::parse(logged.statement).map_err(Found::from);
        let mut seen = look(logged, statement, &ask.trust.entry_keys, leaf >= from);
        if leaf >= from {
            seen.bundle = Some(answer(bundles.check(leaf, logged))?.err());
            if let Ok(statement) = &seen.statement {
                seen.manifest = manifest(files, leaf, statement)?;
            }
        }
        all.push(seen);
    }
    Ok(all)
}

fn look(logged: Logged, statement: Result<Statement, Found>, pinned: &[EntryKey], verify: bool) -> Seen {
    let leaf = Leaf::parse(logged.leaf);
    let sha256 = leaf.as_ref().map_or_else(|_| statement::sha256(logged.statement), |leaf| leaf.digest);
    let signer = leaf.and_then(|leaf| signer(&leaf, logged.statement, pinned, verify)).map_err(Found::from);
    Seen { statement, sha256, signer, manifest: None, bundle: None }
}

/// Who signed the statement. A key that is none of those that are pinned vouches for itself alone.
fn signer(leaf: &Leaf, statement: &[u8], pinned: &[EntryKey], verify: bool) -> Result<Digest, Wrong> {
    let known = pinned.iter().find(|key| key.key.spki() == leaf.spki);
    match known {
        _ if !verify => {
            if leaf.digest != statement::sha256(statement) {
                let message = "the statement is not the one whose digest is in the log";
                return Err(Wrong::new(Code::DigestMismatch, message));
            }
        }
        Some(known) => leaf.check(statement, &known.key)?,
        None => {
            let own = Public::from_spki(&leaf.spki).map_err(|e| Wrong::new(Code::Malformed, e))?;
            leaf.check(statement, &own)?;
        }
    }
    Ok(Digest(p256::id(&leaf.spki)))
}

impl Walk<'_, '_> {
    fn take(&mut self, first: u64, entries: Vec<Seen>) -> Result<()> {
        for (leaf, seen) in (first..).zip(entries) {
            self.walked.signatures += u64::from(leaf >= self.from && seen.signer.is_ok());
            let signature = seen.signer.and_then(|signer| self.valid_at(leaf, signer)).err();
            let holds = signature.is_none();
            self.notes.leaf(Question::EntrySignature, leaf, signature)?;
            if let Some(bundle) = seen.bundle {
                self.notes.leaf(Question::Bundle, leaf, bundle)?;
            }
            self.manifest(leaf, seen.manifest)?;
            match seen.statement {
                Ok(statement) => self.statement(leaf, &statement, seen.sha256, holds)?,
                Err(found) => {
                    self.stop(Found::unverifiable(found.code, format!("entry {leaf} cannot be read")));
                    self.notes.leaf(Question::Statement, leaf, Some(found))?;
                }
            }
        }
        Ok(())
    }

    fn valid_at(&self, leaf: u64, signer: Digest) -> Result<(), Found> {
        match self.keys.at(leaf) {
            Some(valid) if valid == signer => Ok(()),
            _ => Err(Found::fail(Code::UnknownKey, format!("signed with the key {signer}, which is not valid here"))),
        }
    }

    fn manifest(&mut self, leaf: u64, manifest: Option<Manifest>) -> Result<()> {
        match manifest {
            None => Ok(()),
            Some(Manifest::Gone) => {
                self.gone.push(leaf);
                Ok(())
            }
            Some(Manifest::Holds) => self.notes.leaf(Question::Manifest, leaf, None),
            Some(Manifest::Wrong(found)) => self.notes.leaf(Question::Manifest, leaf, Some(found)),
        }
    }

    /// `holds`: the key that is valid here signed it.
    fn statement(&mut self, leaf: u64, statement: &Statement, sha256: Digest, holds: bool) -> Result<()> {
        if statement.entry.kind == Kind::KeyChange && holds {
            self.keys.changed.push((leaf + 1, statement.subject));
        }
        if self.walked.stopped.is_some() {
            return self.notes.leaf(Question::Statement, leaf, None);
        }
        let wrong = self.walked.catalog.walk(statement, sha256);
        for question in [Question::Statement, Question::RegionChain, Question::RegionTotal] {
            let mut of_it = wrong.iter().filter(|wrong| asks(wrong.code) == question).peekable();
            if of_it.peek().is_none() {
                self.notes.leaf(question, leaf, None)?;
            }
            for wrong in of_it {
                self.notes.leaf(question, leaf, Some(wrong.clone().into()))?;
            }
        }
        Ok(())
    }

    /// A page that is not there, or not readable.
    fn miss(&mut self, page: u64, found: Found) -> Result<()> {
        let leaf = page * site::PAGE_SIZE;
        self.stop(Found::unverifiable(found.code, found.detail.clone()));
        self.notes.leaf(Question::Statement, leaf, Some(found.clone()))?;
        self.notes.leaf(Question::EntrySignature, leaf, Some(found))
    }

    fn stop(&mut self, found: Found) {
        self.walked.stopped.get_or_insert(found);
    }

    fn end(self) -> Result<Walked> {
        let Walk { walked, gone, notes, .. } = self;
        for leaf in gone {
            let found = match walked.catalog.withdrawn_by(leaf) {
                Some(by) => Found::open(Code::Erased, format!("the manifest is not there; leaf {by} withdraws it")),
                None => Found::unverifiable(Code::ManifestNotServed, "the manifest is public and not there"),
            };
            notes.leaf(Question::Manifest, leaf, Some(found))?;
        }
        if let Some(found) = &walked.stopped {
            notes.site(Question::RegionChain, Err(found.clone()));
            notes.site(Question::RegionTotal, Err(found.clone()));
        }
        Ok(walked)
    }
}

/// Which check a mistake of the chains belongs to.
fn asks(code: Code) -> Question {
    match code {
        Code::SeqGap | Code::PrevMismatch | Code::HeadMismatch => Question::RegionChain,
        Code::TotalMismatch => Question::RegionTotal,
        _ => Question::Statement,
    }
}
