//! A bundle that is used has passed, in this order: sizes, the archive's form, the signature, its scope, the hash of
//! every file, equal sets of files. Only then is anything in it parsed.

use super::archive::{self, Archive};
use super::code::Code;
use super::content;
use super::json::{Form, rewrite};
use super::signature::{self, Claims};
use super::{Found, SIGNATURES, is_structured};
use crate::key::p256::Public;
use crate::text::sha256_hex;

/// Larger data than this takes too much memory before its signature is known to hold.
const MAX_JSON: usize = 16 << 20;

/// Whom a bundle must come from.
#[derive(Debug, Clone)]
pub struct Trust {
    pub key: Public,
    /// Else the bundle says it.
    pub key_id: Option<String>,
    /// Empty for none.
    pub scope: String,
    pub min_serial: Option<u64>,
}

/// An authentic bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// That of the manifest; where it has none, the digest of policy and data.
    pub revision: String,
    pub serial: Option<u64>,
    pub key_id: String,
    pub scope: String,
    /// In the archive, the signature included.
    pub files: usize,
    pub signed_files: usize,
    /// Lower-case hex, like all digests.
    pub policy_sha256: String,
    pub data_sha256: String,
    pub bundle_sha256: String,
    pub certificate_sha256: Option<String>,
    /// RFC 8785 JSON and a newline.
    pub data: Vec<u8>,
    /// Name in the bundle and text of every `.rego` file, by name.
    pub policies: Vec<(String, String)>,
}

/// Everything of the first step that the bundle did not pass is found.
pub fn open(bytes: &[u8], trust: &Trust) -> Result<Opened, Vec<Found>> {
    let archive = archive::read(bytes)?;
    let claims = signed(&archive, trust).map_err(|found| vec![found])?;
    compare(&archive, &claims)?;
    let content = content::read(&archive, trust.min_serial)?;
    Ok(Opened {
        revision: content.revision,
        serial: content.serial,
        key_id: claims.key_id,
        scope: claims.scope,
        files: archive.count(),
        signed_files: claims.files.len(),
        policy_sha256: content.policy_sha256,
        data_sha256: content.data_sha256,
        bundle_sha256: sha256_hex(bytes),
        certificate_sha256: content.certificate_sha256,
        data: content.data,
        policies: content.policies,
    })
}

fn signed(archive: &Archive, trust: &Trust) -> Result<Claims, Found> {
    match archive.get(SIGNATURES) {
        Some(file) => signature::verify(file, trust),
        None => Err(Found::new(Code::NotSigned, "", "has no `.signatures.json`")),
    }
}

/// The files are those that were signed, and no others.
fn compare(archive: &Archive, claims: &Claims) -> Result<(), Vec<Found>> {
    let mut found = Vec::new();
    for (name, bytes) in archive.files().filter(|(name, _)| *name != SIGNATURES) {
        match claims.files.get(name) {
            None => found.push(Found::new(Code::FileNotSigned, name, "is not covered by the signature")),
            Some(hash) => match hashed(name, bytes) {
                Err(e) => found.push(e),
                Ok(bytes) if !hash.is_of(&bytes) => {
                    found.push(Found::new(Code::FileAltered, name, "is not what was signed"));
                }
                Ok(_) => {}
            },
        }
    }
    for name in claims.files.keys().filter(|name| archive.get(name).is_none()) {
        found.push(Found::new(Code::FileMissing, name, "was signed and is not in the archive"));
    }
    if found.is_empty() { Ok(()) } else { Err(found) }
}

/// The bytes that OPA hashes for a file: its structure where it is data, else itself.
pub fn hashed(name: &str, bytes: &[u8]) -> Result<Vec<u8>, Found> {
    if !is_structured(name) {
        return Ok(bytes.to_vec());
    }
    if bytes.len() > MAX_JSON {
        return Err(Found::new(Code::BundleTooLarge, name, "is larger than 16 MiB"));
    }
    rewrite(bytes, Form::Opa).map_err(|fault| {
        let found = Found::new(Code::FileUnreadable, name, format!("is no plain JSON: {fault}"));
        if name.ends_with("json") { found } else { found.hint("write it as JSON: readers of YAML disagree") }
    })
}
