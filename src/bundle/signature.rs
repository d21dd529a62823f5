//! `.signatures.json`: one JWT whose claims say which files there are. ES256 only, and always with the configured key.

use std::collections::BTreeMap;

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::code::Code;
use super::{Found, SIGNATURES, Trust};
use crate::key::p256::Private;

pub const ALGORITHM: &str = "ES256";
/// What OPA writes where no other program signs.
const OPAS_OWN: &str = "_default";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Signatures {
    signatures: Vec<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    plugin: String,
}

#[derive(Serialize, Deserialize)]
struct Header {
    alg: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kid: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    typ: Option<String>,
    /// Extensions that a reader must understand; we know none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    crit: Option<serde_json::Value>,
}

#[derive(Serialize, Deserialize)]
struct Payload {
    files: Vec<File>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    keyid: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    scope: String,
}

#[derive(Serialize, Deserialize)]
struct File {
    name: String,
    hash: String,
    algorithm: String,
}

/// What the signer vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// File to its hash.
    pub files: BTreeMap<String, Hash>,
    pub key_id: String,
    pub scope: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hash {
    Sha256(Vec<u8>),
    Sha384(Vec<u8>),
    Sha512(Vec<u8>),
}

impl Hash {
    pub fn is_of(&self, bytes: &[u8]) -> bool {
        match self {
            Hash::Sha256(hash) => Sha256::digest(bytes)[..] == hash[..],
            Hash::Sha384(hash) => Sha384::digest(bytes)[..] == hash[..],
            Hash::Sha512(hash) => Sha512::digest(bytes)[..] == hash[..],
        }
    }
}

/// `.signatures.json` for files whose bytes to be hashed are given.
pub fn sign(files: &[(&str, Vec<u8>)], key: &Private, key_id: &str, scope: &str) -> serde_json::Result<Vec<u8>> {
    let hashed = files.iter().map(|(name, bytes)| File {
        name: (*name).to_owned(),
        hash: data_encoding::HEXLOWER.encode(&Sha256::digest(bytes)),
        algorithm: "SHA-256".to_owned(),
    });
    let header =
        Header { alg: ALGORITHM.to_owned(), kid: Some(key_id.to_owned()), typ: Some("JWT".to_owned()), crit: None };
    let payload = Payload { files: hashed.collect(), keyid: key_id.to_owned(), scope: scope.to_owned() };
    let encoded = |json: Vec<u8>| BASE64URL_NOPAD.encode(&json);
    let signed = format!("{}.{}", encoded(serde_json::to_vec(&header)?), encoded(serde_json::to_vec(&payload)?));
    let token = format!("{signed}.{}", encoded(key.sign(signed.as_bytes())));
    serde_json::to_vec(&Signatures { signatures: vec![token], plugin: String::new() })
}

/// The claims, once the signature over their exact bytes holds and they are for this scope.
pub fn verify(file: &[u8], trust: &Trust) -> Result<Claims, Found> {
    let format = |message: String| Found::new(Code::SignatureFormat, SIGNATURES, message);
    let token = only_token(file)?;
    let parts: Vec<&str> = token.split('.').collect();
    let [header, payload, signature] = parts[..] else {
        return Err(format("a JWT has three parts".to_owned()));
    };
    let decode = |part: &str| {
        BASE64URL_NOPAD.decode(part.as_bytes()).map_err(|e| format(format!("the JWT is not base64url: {e}")))
    };
    let (signed, signature) = (&token[..header.len() + 1 + payload.len()], decode(signature)?);
    let header: Header = serde_json::from_slice(&decode(header)?).map_err(|e| format(format!("JWT header: {e}")))?;
    check_header(&header)?;
    if !trust.key.verifies(signed.as_bytes(), &signature) {
        return Err(Found::new(Code::SignatureInvalid, SIGNATURES, "was not made with the key that is trusted"));
    }
    let payload: Payload = serde_json::from_slice(&decode(payload)?).map_err(|e| format(format!("JWT claims: {e}")))?;
    let named = [trust.key_id.clone(), header.kid, Some(payload.keyid)];
    let Some(key_id) = named.into_iter().flatten().find(|id| !id.is_empty()) else {
        return Err(Found::new(Code::KeyIdMissing, SIGNATURES, "does not name its key").hint("give --key-id"));
    };
    if payload.scope != trust.scope {
        let message = format!("was signed for scope {:?}, not {:?}", payload.scope, trust.scope);
        return Err(Found::new(Code::ScopeDiffers, SIGNATURES, message));
    }
    Ok(Claims { files: hashes(payload.files)?, key_id, scope: payload.scope })
}

fn only_token(file: &[u8]) -> Result<String, Found> {
    let format = |message: String| Found::new(Code::SignatureFormat, SIGNATURES, message);
    let mut read: Signatures = serde_json::from_slice(file).map_err(|e| format(e.to_string()))?;
    if !matches!(read.plugin.as_str(), "" | OPAS_OWN) {
        return Err(format(format!("is for the verifier {:?}, which is not known", read.plugin)));
    }
    match (read.signatures.pop(), read.signatures.len()) {
        (Some(token), 0) => Ok(token),
        (last, more) => {
            let count = more + usize::from(last.is_some());
            Err(format(format!("holds {count} signatures where exactly one is expected")))
        }
    }
}

fn check_header(header: &Header) -> Result<(), Found> {
    let refused = |message: String| Err(Found::new(Code::SignatureAlgorithm, SIGNATURES, message));
    if header.alg != ALGORITHM {
        return refused(format!("says algorithm {:?}; the trusted key is for ES256", header.alg));
    }
    match &header.crit {
        Some(crit) => refused(format!("demands extensions that are not known: {crit}")),
        None => Ok(()),
    }
}

fn hashes(files: Vec<File>) -> Result<BTreeMap<String, Hash>, Found> {
    let mut all = BTreeMap::new();
    for file in files {
        let format = |message: String| Found::new(Code::SignatureFormat, &file.name, message);
        let decoded = data_encoding::HEXLOWER_PERMISSIVE.decode(file.hash.as_bytes());
        let bytes = decoded.map_err(|e| format(format!("has a hash that is no hexadecimal text: {e}")))?;
        let hash = match file.algorithm.as_str() {
            "SHA-256" => Hash::Sha256(bytes),
            "SHA-384" => Hash::Sha384(bytes),
            "SHA-512" => Hash::Sha512(bytes),
            weak => {
                let message = format!("is signed by a hash of kind {weak:?}");
                return Err(Found::new(Code::HashAlgorithm, &file.name, message));
            }
        };
        if all.contains_key(&file.name) {
            return Err(format("stands twice in the claims".to_owned()));
        }
        all.insert(file.name, hash);
    }
    Ok(all)
}
