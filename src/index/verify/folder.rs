//! The checks `manifest` and `bundle`: the folder of an entry holds what the log says of it.

use std::collections::HashMap;

use serde_json::Value;

use super::files::Files;
use super::found::{Found, Stop};
use crate::index::bundle::{self, Included};
use crate::index::checkpoint::Signed;
use crate::index::nodes::Nodes;
use crate::index::policy::Log;
use crate::index::row::Logged;
use crate::index::statement::{self, Kind, Statement};
use crate::index::tile::Tile;
use crate::index::{Code, Wrong, log_id, site};
use crate::merkle::Sha;
use crate::record::evidence::Status;

/// What became of a manifest.
pub enum Manifest {
    Holds,
    /// Not there, and public: unless its export was withdrawn, it should be.
    Gone,
    Wrong(Found),
}

/// The manifest of an entry; None where the entry is about none.
pub fn manifest(files: Files, leaf: u64, statement: &Statement) -> Result<Option<Manifest>, Stop> {
    if statement.entry.kind != Kind::Export {
        return Ok(None);
    }
    let path = format!("{}/{}", site::entry(leaf), site::MANIFEST);
    let bytes = match files.get(&path, Code::HashMismatch) {
        Err(Stop::Found(found)) => return Ok(Some(Manifest::Wrong(found))),
        other => other?,
    };
    Ok(Some(match bytes {
        Some(bytes) if statement::sha256(&bytes) == statement.subject => Manifest::Holds,
        Some(bytes) => {
            let (got, expected) = (statement::sha256(&bytes), statement.subject);
            Manifest::Wrong(Found::fail(Code::HashMismatch, format!("{path} is {got}, published was {expected}")))
        }
        None if statement.entry.manifest_public => Manifest::Gone,
        None => Manifest::Wrong(Found::open(Code::Withheld, "the manifest was never public")),
    }))
}

/// Bundles of a page: each names a checkpoint, and many name the same one.
pub struct Bundles<'a, F> {
    files: Files<'a>,
    logs: &'a [Log],
    nodes: Nodes<F>,
    opened: HashMap<String, Result<Opened, Found>>,
}

/// A checkpoint of this log whose tree is a part of the one that is verified.
#[derive(Clone, Copy)]
struct Opened {
    log_id: Sha,
    size: u64,
    root: Sha,
}

impl<'a, F: FnMut(Tile) -> Result<Vec<Sha>, Stop>> Bundles<'a, F> {
    pub fn new(files: Files<'a>, logs: &'a [Log], nodes: Nodes<F>) -> Self {
        Bundles { files, logs, nodes, opened: HashMap::new() }
    }

    /// The files that are made of the entry.
    pub fn check(&mut self, leaf: u64, logged: Logged) -> Result<(), Stop> {
        let folder = site::entry(leaf);
        let (statement, bundle) = (format!("{folder}/{}", site::STATEMENT), format!("{folder}/{}", site::BUNDLE));
        if self.read(&statement)? != logged.statement {
            return Err(mismatch(&statement, "is not the statement of the entry"));
        }
        let bytes = self.read(&bundle)?;
        let stored: Value = serde_json::from_slice(&bytes).map_err(|e| mismatch(&bundle, &e.to_string()))?;
        let envelope = &stored["verificationMaterial"]["tlogEntries"][0]["inclusionProof"]["checkpoint"]["envelope"];
        let envelope = envelope.as_str().ok_or_else(|| mismatch(&bundle, "has no checkpoint"))?;
        let opened = self.open(envelope)?.map_err(|found| match found.status {
            Status::Fail => mismatch(&bundle, &found.detail),
            _ => found.into(),
        })?;
        let Opened { log_id, size, root } = opened;
        if leaf >= size {
            return Err(mismatch(&bundle, "has a checkpoint of a time before the entry"));
        }
        let hashes = self.nodes.inclusion(leaf, size)?;
        let included = Included { log_id, leaf_index: leaf, size, root, hashes: &hashes, checkpoint: envelope };
        let made = bundle::write(logged, &included)?;
        // Byte for byte, or at least member for member.
        let same = made == bytes || serde_json::from_slice::<Value>(&made).is_ok_and(|made| made == stored);
        if same { Ok(()) } else { Err(mismatch(&bundle, "is not what the log says of the entry")) }
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, Stop> {
        let missing = || Found::unverifiable(Code::BundleMissing, format!("{path} is not there"));
        Ok(self.files.get(path, Code::BundleMismatch)?.ok_or_else(missing)?)
    }

    fn open(&mut self, envelope: &str) -> Result<Result<Opened, Found>, Stop> {
        if let Some(opened) = self.opened.get(envelope) {
            return Ok(opened.clone());
        }
        let opened = match self.signed(envelope) {
            Ok(opened) => Ok(opened),
            Err(Stop::Found(found)) => Err(found),
            Err(failed) => return Err(failed),
        };
        self.opened.insert(envelope.to_owned(), opened.clone());
        Ok(opened)
    }

    fn signed(&mut self, envelope: &str) -> Result<Opened, Stop> {
        let signed = Signed::parse(envelope.as_bytes())?;
        let keys: Vec<_> = self.logs.iter().map(|log| &log.key).collect();
        let verified = signed.verify(&keys)?;
        let key = verified.first().and_then(|v| keys.get(v.key)?.ed25519());
        let key = key.ok_or_else(|| Wrong::new(Code::UnknownKey, "no known key signed the checkpoint"))?;
        let (size, root) = (signed.checkpoint.size, signed.checkpoint.root);
        if size > self.nodes.size() {
            let message = format!("its checkpoint is of {size} entries, the log has {}", self.nodes.size());
            return Err(Found::fail(Code::BundleMismatch, message).into());
        }
        if self.nodes.root(size)? != root {
            return Err(Found::fail(Code::BundleMismatch, "its checkpoint is that of another tree").into());
        }
        Ok(Opened { log_id: log_id(&signed.checkpoint.origin, key), size, root })
    }
}

fn mismatch(path: &str, what: &str) -> Stop {
    Found::fail(Code::BundleMismatch, format!("{path}: {what}")).into()
}
