//! Records of `govctl index`, and the rows that its site holds in JSON.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
