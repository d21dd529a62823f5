//! What the site's JSON and page show of an entry: recomputed from the log and from what others have attested to it.

use data_encoding::{BASE64, HEXLOWER};

use super::leaf::Leaf;
use super::statement::{self, Statement};
use super::{Wrong, digest::Digest, site};
use crate::key::p256;
use crate::merkle::leaf_hash;
use crate::record::index::{Kind, Row};

/// What lies outside of the log and may come later, each verified before it is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outside {
    pub rekor_uuid: Option<String>,
    pub rekor_log: Option<String>,
    pub rekor_log_index: Option<u64>,
    pub tsa_time: Option<String>,
}

/// One entry of the log as its bytes are.
#[derive(Debug, Clone, Copy)]
pub struct Logged<'a> {
    pub statement: &'a [u8],
    pub leaf: &'a [u8],
}

/// `withdrawn_by`: the leaf that takes this entry back.
pub fn row(logged: Logged, withdrawn_by: Option<u64>, outside: Outside) -> Result<Row, Wrong> {
    let Statement { subject, entry } = Statement::parse(logged.statement)?;
    let leaf = Leaf::parse(logged.leaf)?;
    let folder = site::entry(entry.leaf_index);
    let text = |digest: Option<Digest>| digest.map(|digest| digest.to_string());
    let export = entry.kind == statement::Kind::Export;
    Ok(Row {
        ts: entry.ts,
        region: entry.region,
        manifest_sha256: subject.to_string(),
        signature: BASE64.encode(&leaf.signature),
        rekor_uuid: outside.rekor_uuid,
        kind: match entry.kind {
            statement::Kind::Export => Kind::Export,
            statement::Kind::Withdrawal => Kind::Withdrawal,
            statement::Kind::KeyChange => Kind::KeyChange,
        },
        leaf_index: entry.leaf_index,
        leaf_hash: HEXLOWER.encode(&leaf_hash(logged.leaf)),
        region_seq: entry.region_seq,
        statement_sha256: statement::sha256(logged.statement).to_string(),
        prev_manifest_sha256: text(entry.prev_manifest_sha256),
        key_id: HEXLOWER.encode(&p256::id(&leaf.spki)),
        manifest_key_id: text(entry.manifest_key_id),
        manifest: (export && entry.manifest_public).then(|| format!("{folder}/{}", site::MANIFEST)),
        bundle: Some(format!("{folder}/{}", site::BUNDLE)),
        rekor_log: outside.rekor_log,
        rekor_log_index: outside.rekor_log_index,
        tsa_time: outside.tsa_time,
        withdrawn_by,
    })
}
