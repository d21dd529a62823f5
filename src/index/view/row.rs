//! What a row must look like to be read: a client shows it to people and follows its paths.

use data_encoding::BASE64;

use super::super::Wrong;
use super::super::digest::Digest;
use super::super::site;
use super::super::statement::{LOG, is_region, is_whole_seconds};
use super::malformed;
use crate::record::index::{Kind, Row};

/// The rows are those of the leaves from `first` on, without a gap.
pub fn check_order(rows: &[Row], first: u64) -> Result<(), Wrong> {
    for (row, leaf) in rows.iter().zip(first..) {
        if row.leaf_index != leaf {
            return Err(malformed(format!("entry {} stands where {leaf} is due", row.leaf_index)));
        }
    }
    Ok(())
}

pub fn check(row: &Row) -> Result<(), Wrong> {
    match broken(row) {
        Some(field) => Err(malformed(format!("entry {}: `{field}` is not what it should be", row.leaf_index))),
        None => Ok(()),
    }
}

/// The first field with a value that no entry has.
fn broken(row: &Row) -> Option<&'static str> {
    let hex = |text: &str| Digest::parse(text).is_some();
    let maybe = |text: &Option<String>| text.as_deref().is_none_or(hex);
    let path = |path: &Option<String>, file| {
        path.as_deref().is_none_or(|p| p == format!("{}/{file}", site::entry(row.leaf_index)))
    };
    let fields = [
        ("ts", is_whole_seconds(&row.ts)),
        ("region", if row.kind == Kind::KeyChange { row.region == LOG } else { is_region(&row.region) }),
        ("manifest_sha256", hex(&row.manifest_sha256)),
        ("signature", BASE64.decode(row.signature.as_bytes()).is_ok_and(|der| !der.is_empty())),
        ("rekor_uuid", row.rekor_uuid.as_deref().is_none_or(is_uuid)),
        ("leaf_hash", hex(&row.leaf_hash)),
        ("region_seq", row.region_seq <= row.leaf_index),
        ("statement_sha256", hex(&row.statement_sha256)),
        ("prev_manifest_sha256", maybe(&row.prev_manifest_sha256)),
        ("key_id", hex(&row.key_id)),
        ("manifest_key_id", maybe(&row.manifest_key_id)),
        ("manifest", path(&row.manifest, "manifest.json")),
        ("bundle", path(&row.bundle, "bundle.sigstore.json")),
        ("tsa_time", row.tsa_time.as_deref().is_none_or(|ts| crate::clock::parse_rfc3339_ms(ts, "tsa_time").is_ok())),
        ("withdrawn_by", row.withdrawn_by.is_none_or(|leaf| leaf > row.leaf_index)),
    ];
    fields.into_iter().find(|(_, holds)| !holds).map(|(field, _)| field)
}

/// Tree id and leaf hash of Rekor v1, or the leaf hash of v2.
fn is_uuid(text: &str) -> bool {
    matches!(text.len(), 64 | 80) && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}
