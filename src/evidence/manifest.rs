//! `manifest.json`: an in-toto Statement v1 over the files of one run.

use serde::{Deserialize, Deserializer, Serialize};

use super::region::Region;
use super::unique;
use crate::error::{Error, Result};
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

/// A field that came later: None in manifests from before, which are spelled again as they were, and else null or a text.
pub type Later = Option<Option<String>>;

fn stated<'de, D: Deserializer<'de>>(json: D) -> std::result::Result<Later, D::Error> {
    Option::deserialize(json).map(Some)
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
    /// Where the run was made.
    #[serde(default, deserialize_with = "stated", skip_serializing_if = "Option::is_none")]
    pub region: Later,
    /// Of a run that was about one tenant.
    #[serde(default, deserialize_with = "stated", skip_serializing_if = "Option::is_none")]
    pub tenant: Later,
    pub inputs: Vec<Input>,
    pub policy_sha256: Option<String>,
    pub prev_manifest_sha256: Option<String>,
}

impl Predicate {
    pub fn region(&self) -> Option<Region> {
        self.region.as_ref()?.as_deref().and_then(|text| Region::parse(text).ok())
    }
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

/// Refuses what another reader may take for another manifest, and regions that are none: they become names of files.
pub fn parse_manifest(bytes: &[u8], name: &str) -> Result<Manifest> {
    let parsed = unique::check(bytes).and_then(|()| serde_json::from_slice::<Manifest>(bytes));
    let manifest = parsed.map_err(|e| {
        Error::input(format!("not a run manifest: {e}")).at(name, e.line() as u64, Some(e.column() as u64))
    })?;
    if manifest.statement_type != STATEMENT || manifest.predicate_type != PREDICATE {
        return Err(Error::input("not an in-toto statement about a govctl run").at_file(name));
    }
    if let Some(Some(region)) = &manifest.predicate.region {
        Region::parse(region).map_err(|e| Error::input(format!("not a run manifest: region: {e}")).at_file(name))?;
    }
    Ok(manifest)
}
