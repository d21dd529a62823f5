//! `.manifest`: what a bundle says of itself.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::code::Code;
use super::{Found, MANIFEST};

/// As OPA reads it; other fields are left alone.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Manifest {
    #[serde(default)]
    pub revision: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rego_version: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roots: Option<Vec<String>>,
    #[serde(default)]
    pub metadata: Metadata,
    #[serde(default, skip_serializing)]
    file_rego_versions: Option<Value>,
    #[serde(default, skip_serializing)]
    wasm: Option<Value>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Metadata {
    #[serde(default)]
    pub govctl: Govctl,
}

/// What `govctl tenant bundle build` adds.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Govctl {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_sha256: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_sha256: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate_sha256: Option<String>,
}

impl Manifest {
    pub fn new(revision: String, govctl: Govctl) -> Self {
        Manifest {
            revision,
            rego_version: Some(1),
            roots: Some(super::ROOTS.map(str::to_owned).to_vec()),
            metadata: Metadata { govctl },
            file_rego_versions: None,
            wasm: None,
        }
    }

    /// A bundle without a manifest is one whose manifest is empty.
    pub fn read(bytes: Option<&[u8]>) -> Result<Self, Found> {
        let invalid = |message: String| Found::new(Code::ManifestInvalid, MANIFEST, message);
        let Some(bytes) = bytes else { return Ok(Manifest::default()) };
        let manifest: Manifest = serde_json::from_slice(bytes).map_err(|e| invalid(e.to_string()))?;
        if manifest.rego_version.is_some_and(|version| version != 1) || holds(&manifest.file_rego_versions) {
            return Err(invalid("asks for another version of Rego than v1".to_owned()));
        }
        if holds(&manifest.wasm) {
            return Err(invalid("names WebAssembly, which would be evaluated in place of the policy".to_owned()));
        }
        Ok(manifest)
    }
}

fn holds(value: &Option<Value>) -> bool {
    match value {
        None | Some(Value::Null) => false,
        Some(Value::Array(items)) => !items.is_empty(),
        Some(Value::Object(members)) => !members.is_empty(),
        Some(_) => true,
    }
}
