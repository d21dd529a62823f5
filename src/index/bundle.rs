//! The Sigstore bundle v0.3 of an entry: the statement's signature, its leaf, and the proof that the leaf is in the log. One
//! entry of one log, without a time that nobody vouches for.

use data_encoding::BASE64;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::Wrong;
use super::leaf::Leaf;
use super::row::Logged;
use crate::key::p256;
use crate::merkle::Sha;
use crate::sigstore::message::MEDIA_TYPE;

/// Where the leaf stands, and in which tree that is proven.
pub struct Included<'a> {
    pub log_id: Sha,
    pub leaf_index: u64,
    pub size: u64,
    pub root: Sha,
    pub hashes: &'a [Sha],
    /// The signed checkpoint with its cosignatures.
    pub checkpoint: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Bundle<'a> {
    media_type: &'static str,
    verification_material: Material<'a>,
    message_signature: Signature,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Material<'a> {
    public_key: PublicKey,
    tlog_entries: [TlogEntry<'a>; 1],
}

#[derive(Serialize)]
struct PublicKey {
    hint: String,
}

/// Numbers of 64 bits are texts in protobuf JSON.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TlogEntry<'a> {
    log_index: String,
    log_id: LogId,
    kind_version: KindVersion,
    inclusion_proof: InclusionProof<'a>,
    canonicalized_body: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogId {
    key_id: String,
}

#[derive(Serialize)]
struct KindVersion {
    kind: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InclusionProof<'a> {
    log_index: String,
    root_hash: String,
    tree_size: String,
    hashes: Vec<String>,
    checkpoint: Checkpoint<'a>,
}

#[derive(Serialize)]
struct Checkpoint<'a> {
    envelope: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Signature {
    message_digest: MessageDigest,
    signature: String,
}

#[derive(Serialize)]
struct MessageDigest {
    algorithm: &'static str,
    digest: String,
}

/// One line without a newline.
pub fn write(logged: Logged, included: &Included) -> Result<Vec<u8>, Wrong> {
    let leaf = Leaf::parse(logged.leaf)?;
    let proof = InclusionProof {
        log_index: included.leaf_index.to_string(),
        root_hash: BASE64.encode(&included.root),
        tree_size: included.size.to_string(),
        hashes: included.hashes.iter().map(|hash| BASE64.encode(hash)).collect(),
        checkpoint: Checkpoint { envelope: included.checkpoint },
    };
    let entry = TlogEntry {
        log_index: included.leaf_index.to_string(),
        log_id: LogId { key_id: BASE64.encode(&included.log_id) },
        kind_version: KindVersion { kind: "hashedrekord", version: "0.0.2" },
        inclusion_proof: proof,
        canonicalized_body: BASE64.encode(logged.leaf),
    };
    let digest = BASE64.encode(&Sha256::digest(logged.statement));
    let bundle = Bundle {
        media_type: MEDIA_TYPE,
        verification_material: Material {
            public_key: PublicKey { hint: BASE64.encode(&p256::id(&leaf.spki)) },
            tlog_entries: [entry],
        },
        message_signature: Signature {
            message_digest: MessageDigest { algorithm: "SHA2_256", digest },
            signature: BASE64.encode(&leaf.signature),
        },
    };
    serde_json::to_vec(&bundle).map_err(|e| Wrong::malformed(e.to_string()))
}
