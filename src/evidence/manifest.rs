//! `manifest.json`: an in-toto Statement v1 over the files of one run.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::io::fs;
use crate::record::run::{Counts, Input};

const STATEMENT: &str = "https://in-toto.io/Statement/v1";
const PREDICATE: &str = "https://govctl.dev/attestation/run/v1";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sha256Only {
    pub sha256: String,
}

/// An output file, by its name relative to the run's folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    pub name: String,
    pub digest: Sha256Only,
}

impl Subject {
    pub fn new(name: &str, sha256: String) -> Self {
        Subject { name: name.to_owned(), digest: Sha256Only { sha256 } }
    }
}

/// What the run was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Predicate {
    pub run_id: String,
    pub started: String,
    pub ended: String,
    pub counts: Counts,
    /// Of the main NDJSON output.
    pub sha256: String,
    pub command: String,
    pub version: String,
    /// With secrets masked and absolute paths cut.
    pub argv: Vec<String>,
    pub outcome: u8,
    /// False when the run was interrupted, its reader went away, or a part of its input never came.
    pub complete: bool,
    pub seed: Option<u64>,
    pub inputs: Vec<Input>,
    pub policy_sha256: Option<String>,
    pub prev_manifest_sha256: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    #[serde(rename = "_type")]
    statement_type: String,
    pub subject: Vec<Subject>,
    #[serde(rename = "predicateType")]
    predicate_type: String,
    pub predicate: Predicate,
}

impl Manifest {
    pub fn new(subject: Vec<Subject>, mut predicate: Predicate, previous: Option<String>) -> Self {
        predicate.prev_manifest_sha256 = previous;
        Manifest { statement_type: STATEMENT.into(), subject, predicate_type: PREDICATE.into(), predicate }
    }

    /// Whether the run left a file of this name.
    pub fn lists(&self, name: &str) -> bool {
        self.subject.iter().any(|s| s.name == name)
    }

    /// One line without a newline.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        serde_json::to_vec(self).map_err(|e| Error::bug(format!("cannot encode the manifest: {e}")))
    }
}

pub fn parse_manifest(bytes: &[u8], name: &str) -> Result<Manifest> {
    let manifest: Manifest = serde_json::from_slice(bytes).map_err(|e| {
        Error::input(format!("not a run manifest: {e}")).at(name, e.line() as u64, Some(e.column() as u64))
    })?;
    if manifest.statement_type != STATEMENT || manifest.predicate_type != PREDICATE {
        return Err(Error::input("not an in-toto statement about a govctl run").at_file(name));
    }
    Ok(manifest)
}

/// The newest manifest of an evidence root.
#[derive(Serialize, Deserialize)]
pub struct Chain {
    pub run_id: String,
    pub sha256: String,
    pub prev: Option<String>,
}

pub fn chain_entry(run_id: &str, sha256: &str, prev: Option<&str>) -> Result<Vec<u8>> {
    let entry = Chain { run_id: run_id.into(), sha256: sha256.into(), prev: prev.map(str::to_owned) };
    serde_json::to_vec(&entry).map_err(|e| Error::bug(format!("cannot encode the chain: {e}")))
}

pub fn parse_chain(bytes: &[u8], name: &str) -> Result<Chain> {
    serde_json::from_slice(bytes).map_err(|e| Error::environment(format!("damaged: {e}")).at_file(name))
}

/// What the chain file says, where there is one.
pub fn chain_head(path: &Path) -> Result<Option<Chain>> {
    if !fs::exists(path) {
        return Ok(None);
    }
    let name = path.to_string_lossy().into_owned();
    parse_chain(&fs::read_small(&name)?, &name).map(Some)
}
