//! The check `signature`: whether a given key signed the exact bytes of the manifest.

use sha2::{Digest, Sha256};

use super::{Inspection, regular};
use crate::evidence::SIGNATURE;
use crate::evidence::code::Code;
use crate::io::fs;
use crate::key::p256::Public;
use crate::record::evidence::{Question, Status};
use crate::sigstore::message::{MAX_BYTES, MessageSignature};

impl Inspection<'_> {
    pub fn signature(&mut self, manifest: &[u8]) -> Status {
        match self.signed_by(manifest) {
            Ok(key) => {
                self.key_id = Some(data_encoding::HEXLOWER.encode(&key.id()));
                self.pass(Question::Signature, Some(SIGNATURE));
                Status::Pass
            }
            Err((status, code, why)) => {
                self.refuse(Question::Signature, status, code, SIGNATURE, why);
                status
            }
        }
    }

    fn signed_by(&self, manifest: &[u8]) -> Result<Public, (Status, Code, String)> {
        let path = self.run.folder.join(SIGNATURE);
        regular(&path).map_err(|(code, why)| match code {
            Code::SubjectMissing => self.unsigned(),
            Code::EvidenceUnreadable => (Status::Unverifiable, code, why),
            _ => (Status::Fail, code, why),
        })?;
        let read = fs::read_file(&path, MAX_BYTES as u64);
        let bytes = read.map_err(|e| (Status::Unverifiable, Code::EvidenceUnreadable, e.message))?;
        let parsed = match bytes {
            Some(bytes) => MessageSignature::parse(&bytes),
            None => Err("is larger than 1 MiB, which no bundle is".to_owned()),
        };
        let signed = parsed.map_err(|why| (Status::Fail, Code::ManifestSignatureUnreadable, why))?;
        let wrong = |why: &str| (Status::Fail, Code::ManifestSignatureInvalid, why.to_owned());
        if signed.digest[..] != Sha256::digest(manifest)[..] {
            return Err(wrong("is the signature of another manifest"));
        }
        // The key that the signer names is no more than a hint: each one is tried, and one has to fit.
        let keys = &self.trust.keys;
        if let Some(key) = keys.iter().find(|key| key.verifies_der(manifest, &signed.signature)) {
            return Ok(key.clone());
        }
        let unknown = |code, why: &str| (Status::Unverifiable, code, why.to_owned());
        Err(match keys.iter().any(|key| signed.names(&key.id())) {
            true => wrong("does not belong to the manifest"),
            false if keys.is_empty() => unknown(Code::NoProducerKey, "signed, and no --producer-key was given"),
            false => unknown(Code::ProducerUnknown, "signed with another key than those given"),
        })
    }

    fn unsigned(&self) -> (Status, Code, String) {
        let status = if self.trust.allow_unsigned { Status::NotEstablished } else { Status::Unverifiable };
        (status, Code::ManifestUnsigned, "the manifest is not signed".to_owned())
    }
}
