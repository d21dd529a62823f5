//! What `--evidence-key` and `--region` make of a run directory: a signature over the exact bytes of its manifest, and a
//! chain of its own for each region.

use std::path::Path;

use sha2::{Digest, Sha256};

use super::chain::chain_file;
use super::region::Region;
use super::{MANIFEST, Manifest};
use crate::error::{Error, Result};
use crate::io::fs;
use crate::key::p256::Private;
use crate::sigstore::message::MessageSignature;

pub const SIGNATURE: &str = "manifest.sigstore.json";
const KEY_FLAG: &str = "--evidence-key";

#[derive(Clone, Default)]
pub struct Seal {
    pub key: Option<Private>,
    pub region: Option<Region>,
}

impl Seal {
    /// The file of the chain, below the evidence folder.
    pub fn chain(&self) -> String {
        chain_file(self.region.as_ref())
    }

    /// Writes the signature of this manifest into its folder, where there is a key.
    pub fn write(&self, folder: &Path, manifest: &[u8]) -> Result<()> {
        let Some(key) = &self.key else { return Ok(()) };
        let digest = Sha256::digest(manifest).into();
        let signed = MessageSignature::by(&key.public().id(), digest, key.sign_der(manifest));
        let bytes = signed.to_json().map_err(|e| Error::bug(format!("cannot encode the signature: {e}")))?;
        fs::write_atomic(&folder.join(SIGNATURE), &bytes)
    }

    /// Adds the signature that a complete folder lacks. What is signed is what this run would have written, and not what
    /// somebody else may have made of it in the meantime.
    pub fn add(&self, folder: &Path, there: &Manifest, mut own: Manifest) -> Result<()> {
        if self.key.is_none() || fs::exists(&folder.join(SIGNATURE)) {
            return Ok(());
        }
        // With which key a run is signed and what came before it is no part of what it did.
        own.predicate.prev_manifest_sha256 = there.predicate.prev_manifest_sha256.clone();
        let argv = &there.predicate.argv;
        if without_key(argv) == without_key(&own.predicate.argv) {
            own.predicate.argv = argv.clone();
        }
        let bytes = own.to_bytes()?;
        let path = folder.join(MANIFEST);
        if fs::read_small(&path.to_string_lossy())? != bytes {
            return Err(Error::usage("is not what this run would write, and so is not signed")
                .at_file(&path.to_string_lossy())
                .hint("use a fresh --evidence folder"));
        }
        self.write(folder, &bytes)
    }
}

/// The arguments without `--evidence-key`: a run that is signed is the same run.
pub fn without_key(argv: &[String]) -> Vec<String> {
    let mut all = Vec::with_capacity(argv.len());
    let mut rest = argv.iter();
    while let Some(argument) = rest.next() {
        match argument.strip_prefix(KEY_FLAG) {
            Some("") => drop(rest.next()),
            Some(value) if value.starts_with('=') => {}
            _ => all.push(argument.clone()),
        }
    }
    all
}
