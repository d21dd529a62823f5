//! `govctl.tenant.bundle/1`: what a signed bundle is, once it was built or verified.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::record::Record;
use crate::text::without_middle;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Signed with the trusted key, whole, and nothing added.
    Authentic,
    /// The findings before this record say why. Nothing in the bundle was believed.
    NotAuthentic,
}

/// Of a bundle that is not authentic only its digest and the verdict are known. Digests are lower-case hex.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Bundle {
    /// That of the manifest, else `sha256:` and a digest of policy and data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// Grows with every build, where whoever built it gave one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<u64>,
    /// In the archive, the signature included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub files: Option<u64>,
    /// Covered by the signature: all others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signed_files: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_id: Option<String>,
    /// Of the trusted key: ES256.
    pub algorithm: String,
    /// Empty for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Over the sorted lines `name NUL sha256 LF` of the `.rego` files that are no tests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_sha256: Option<String>,
    /// Over the data as `govctl tenant compile` writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_sha256: Option<String>,
    /// Of the certificate that the build was bound to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate_sha256: Option<String>,
    /// Of the file; empty where standard input was too large to be read whole.
    pub bundle_sha256: String,
    pub verdict: Verdict,
}

impl Record for Bundle {
    const TYPE: &'static str = "govctl.tenant.bundle/1";

    fn cells(&self) -> Option<Vec<(&'static str, String)>> {
        let short = |digest: &Option<String>| digest.as_deref().map(|d| without_middle(d, 17)).unwrap_or_default();
        let verdict = match self.verdict {
            Verdict::Authentic => "authentic",
            Verdict::NotAuthentic => "not authentic",
        };
        Some(vec![
            ("VERDICT", verdict.to_owned()),
            ("REVISION", self.revision.as_deref().map(|r| without_middle(r, 24)).unwrap_or_default()),
            ("SERIAL", self.serial.map(|n| n.to_string()).unwrap_or_default()),
            ("KEY", self.key_id.clone().unwrap_or_default()),
            ("FILES", self.files.map(|n| n.to_string()).unwrap_or_default()),
            ("POLICY", short(&self.policy_sha256)),
            ("DATA", short(&self.data_sha256)),
        ])
    }
}
