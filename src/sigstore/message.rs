//! A Sigstore bundle v0.3 of a message signature by a key that is named and not held: the signature over a file's exact
//! bytes, without an entry of a log. Read as protobuf JSON is: fields that are not known are ignored, and each name has
//! two spellings.

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

pub const MEDIA_TYPE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
/// What clients before the final name of the type wrote.
const EARLIER: &str = "application/vnd.dev.sigstore.bundle+json;version=0.3";
const SHA2_256: &str = "SHA2_256";
/// A bundle that is larger is not parsed.
pub const MAX_BYTES: usize = 1 << 20;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageSignature {
    /// What the signer says of the key; for ours base64 of the SHA-256 of its SubjectPublicKeyInfo. It proves nothing.
    pub hint: String,
    /// SHA-256 of the message.
    pub digest: [u8; 32],
    /// DER, for an ECDSA key.
    pub signature: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bundle {
    #[serde(alias = "media_type")]
    media_type: String,
    #[serde(alias = "verification_material")]
    verification_material: Material,
    #[serde(default, alias = "message_signature", skip_serializing_if = "Option::is_none")]
    message_signature: Option<Signature>,
    #[serde(default, alias = "dsse_envelope", skip_serializing)]
    dsse_envelope: Option<IgnoredAny>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Material {
    #[serde(default, alias = "public_key", skip_serializing_if = "Option::is_none")]
    public_key: Option<PublicKey>,
    #[serde(default, skip_serializing)]
    certificate: Option<IgnoredAny>,
    #[serde(default, alias = "x509_certificate_chain", skip_serializing)]
    x509_certificate_chain: Option<IgnoredAny>,
}

#[derive(Serialize, Deserialize)]
struct PublicKey {
    #[serde(default)]
    hint: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Signature {
    #[serde(alias = "message_digest")]
    message_digest: Digest,
    signature: String,
}

#[derive(Serialize, Deserialize)]
struct Digest {
    algorithm: String,
    digest: String,
}

impl MessageSignature {
    /// For a key, by the SHA-256 of its SubjectPublicKeyInfo.
    pub fn by(key_id: &[u8; 32], digest: [u8; 32], signature: Vec<u8>) -> Self {
        MessageSignature { hint: BASE64.encode(key_id), digest, signature }
    }

    /// Whether the signer says that it used this key.
    pub fn names(&self, key_id: &[u8; 32]) -> bool {
        base64(&self.hint, "hint").is_ok_and(|hint| hint == key_id)
    }

    /// One line without a newline.
    pub fn to_json(&self) -> serde_json::Result<Vec<u8>> {
        let digest = Digest { algorithm: SHA2_256.to_owned(), digest: BASE64.encode(&self.digest) };
        let material = Material {
            public_key: Some(PublicKey { hint: self.hint.clone() }),
            certificate: None,
            x509_certificate_chain: None,
        };
        serde_json::to_vec(&Bundle {
            media_type: MEDIA_TYPE.to_owned(),
            verification_material: material,
            message_signature: Some(Signature { message_digest: digest, signature: BASE64.encode(&self.signature) }),
            dsse_envelope: None,
        })
    }

    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        if bytes.len() > MAX_BYTES {
            return Err("is larger than 1 MiB, which no bundle is".to_owned());
        }
        let bundle: Bundle = serde_json::from_slice(bytes).map_err(|e| format!("is no Sigstore bundle: {e}"))?;
        if bundle.media_type != MEDIA_TYPE && bundle.media_type != EARLIER {
            return Err(format!("is of type {:?}, a Sigstore bundle v0.3 was expected", bundle.media_type));
        }
        let material = bundle.verification_material;
        if material.certificate.is_some() || material.x509_certificate_chain.is_some() {
            return Err("holds a certificate, the signature of a key was expected".to_owned());
        }
        let Some(key) = material.public_key else { return Err("names no public key".to_owned()) };
        let signed = match (bundle.message_signature, bundle.dsse_envelope) {
            (Some(signed), None) => signed,
            (_, Some(_)) => return Err("signs an envelope, a signature over the file was expected".to_owned()),
            (None, None) => return Err("holds no message signature".to_owned()),
        };
        let of = signed.message_digest;
        if of.algorithm != SHA2_256 {
            return Err(format!("has a digest of kind {:?}, {SHA2_256} was expected", of.algorithm));
        }
        let digest = base64(&of.digest, "digest")?;
        let digest = digest.try_into().map_err(|_| "has a digest that is not 32 bytes long".to_owned())?;
        Ok(MessageSignature { hint: key.hint, digest, signature: base64(&signed.signature, "signature")? })
    }
}

/// In both alphabets, with padding or without: protobuf JSON takes all four.
fn base64(text: &str, name: &str) -> Result<Vec<u8>, String> {
    let known = [BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD];
    let decoded = known.iter().find_map(|encoding| encoding.decode(text.as_bytes()).ok());
    decoded.ok_or_else(|| format!("has a {name} that is no base64"))
}

#[cfg(test)]
mod tests;
