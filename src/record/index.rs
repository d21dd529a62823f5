//! Records of `govctl index`, and the rows that its site holds in JSON.

mod verify;

use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};

use super::{Record, schema_of};
use crate::text::without_middle;

pub use verify::{Check, Fork, Outcome, Pinned, Question, Verdict};

pub fn schemas() -> Vec<(String, Schema)> {
    vec![
        schema_of::<Entry>(),
        schema_of::<Refused>(),
        schema_of::<Head>(),
        schema_of::<Check>(),
        schema_of::<Verdict>(),
        schema_of::<Fork>(),
    ]
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A manifest was published.
    Export,
    /// The publisher takes an earlier export back; its digest stays in the log.
    Withdrawal,
    /// Another key signs the entries from the next leaf on.
    KeyChange,
}

/// One entry as the site's index.json has it. Digests are lower-case hex.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Row {
    /// RFC 3339 UTC, whole seconds: what the publisher claims.
    pub ts: String,
    pub region: String,
    /// SHA-256 of the bytes of `manifest.json`.
    pub manifest_sha256: String,
    /// Base64 of the DER signature over the statement.
    pub signature: String,
    /// Of the entry in the public Rekor: 80 hexadecimal digits (v1), the 64 of its leaf hash (v2), null until uploaded.
    pub rekor_uuid: Option<String>,
    pub kind: Kind,
    pub leaf_index: u64,
    pub leaf_hash: String,
    /// Counts the entries of the region from 0.
    pub region_seq: u64,
    pub statement_sha256: String,
    /// Of the region's entry before.
    pub prev_manifest_sha256: Option<String>,
    /// SHA-256 of the public key (SubjectPublicKeyInfo) that signed the entry.
    pub key_id: String,
    /// The same of the key that signed the manifest, where that was verified.
    pub manifest_key_id: Option<String>,
    /// Path in the site; null where the manifest is not public.
    pub manifest: Option<String>,
    /// Path in the site of the entry's Sigstore bundle.
    pub bundle: Option<String>,
    /// Base URL of the public Rekor, and the index in it.
    pub rekor_log: Option<String>,
    pub rekor_log_index: Option<u64>,
    /// RFC 3339 UTC: when a time stamping authority saw the signature.
    pub tsa_time: Option<String>,
    /// The leaf that takes this one back.
    pub withdrawn_by: Option<u64>,
}

/// What became of a manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It is in the log since this run.
    Published,
    /// It was there before.
    Unchanged,
    /// It was there before, and files that are made of the log were written again.
    Repaired,
}

/// `govctl.index.entry/1`: an entry of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    #[serde(flatten)]
    pub row: Row,
    pub status: Status,
}

impl Record for Entry {
    const TYPE: &'static str = "govctl.index.entry/1";

    fn cells(&self) -> Option<Vec<(&'static str, String)>> {
        let status = match self.status {
            Status::Published => "published",
            Status::Unchanged => "unchanged",
            Status::Repaired => "repaired",
        };
        Some(vec![
            ("LEAF", self.row.leaf_index.to_string()),
            ("REGION", self.row.region.clone()),
            ("SEQ", self.row.region_seq.to_string()),
            ("STATUS", status.to_owned()),
            ("MANIFEST", without_middle(&self.row.manifest_sha256, 17)),
            ("TIME", self.row.ts.clone()),
        ])
    }
}

/// `govctl.index.refused/1`: a manifest that was not published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Refused {
    pub path: String,
    /// Null where the file could not be read.
    pub manifest_sha256: Option<String>,
    pub code: String,
    pub message: String,
}

impl Record for Refused {
    const TYPE: &'static str = "govctl.index.refused/1";

    fn cells(&self) -> Option<Vec<(&'static str, String)>> {
        Some(vec![("REFUSED", self.path.clone()), ("CODE", self.code.clone()), ("WHY", self.message.clone())])
    }
}

/// Whether enough witnesses have cosigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Quorum {
    Met,
    Unmet,
    /// The policy asks for no witness.
    None,
}

/// `govctl.index.head/1`: the log as it is published now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Head {
    pub origin: String,
    /// Entries of the log.
    pub size: u64,
    /// Base64, as in the checkpoint.
    pub root: String,
    pub n_published: u64,
    pub n_unchanged: u64,
    pub n_refused: u64,
    /// Entries that wait for a time stamp or for Rekor.
    pub n_pending: u64,
    pub quorum: Quorum,
    /// Names of the witnesses that cosigned.
    pub cosigners: Vec<String>,
    /// SHA-256 of index.json.
    pub index_sha256: String,
}

impl Record for Head {
    const TYPE: &'static str = "govctl.index.head/1";
}
