//! A bundle from its content: equal content and key give equal bytes.

use super::content::{policy_sha256, revision};
use super::manifest::{Govctl, Manifest};
use super::open::hashed;
use super::{DATA, Found, MANIFEST, SIGNATURES, archive, code::Code, signature};
use crate::key::p256::Private;
use crate::text::sha256_hex;

/// What goes into a bundle.
#[derive(Debug, Clone)]
pub struct Content {
    /// Name in the bundle and text, tests left out, by name.
    pub policies: Vec<(String, String)>,
    /// RFC 8785 JSON and a newline.
    pub data: Vec<u8>,
    /// Else the digest of policy and data.
    pub revision: Option<String>,
    pub serial: Option<u64>,
    pub certificate_sha256: Option<String>,
}

impl Content {
    pub fn policy_sha256(&self) -> String {
        policy_sha256(&self.policies)
    }

    pub fn data_sha256(&self) -> String {
        sha256_hex(&self.data)
    }

    fn manifest(&self) -> Manifest {
        let (policy_sha256, data_sha256) = (self.policy_sha256(), self.data_sha256());
        let revision = self.revision.clone().unwrap_or_else(|| revision(&policy_sha256, &data_sha256));
        let govctl = Govctl {
            serial: self.serial,
            policy_sha256: Some(policy_sha256),
            data_sha256: Some(data_sha256),
            certificate_sha256: self.certificate_sha256.clone(),
        };
        Manifest::new(revision, govctl)
    }
}

/// The bytes of the `.tar.gz`.
pub fn build(content: &Content, key: &Private, key_id: &str, scope: &str) -> Result<Vec<u8>, Found> {
    let encoded = |name: &str, json: serde_json::Result<Vec<u8>>| {
        json.map_err(|e| Found::new(Code::ManifestInvalid, name, format!("cannot be encoded: {e}")))
    };
    let manifest = encoded(MANIFEST, serde_json::to_vec(&content.manifest()))?;
    let mut files: Vec<(&str, &[u8])> = vec![(MANIFEST, &manifest), (DATA, &content.data)];
    files.extend(content.policies.iter().map(|(name, text)| (name.as_str(), text.as_bytes())));
    files.sort_unstable();
    let hashed: Vec<_> =
        files.iter().map(|(name, bytes)| Ok((*name, hashed(name, bytes)?))).collect::<Result<_, _>>()?;
    let signatures = encoded(SIGNATURES, signature::sign(&hashed, key, key_id, scope))?;
    files.push((SIGNATURES, &signatures));
    archive::write(files)
}
