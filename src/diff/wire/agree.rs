//! Whether the fields of a digest record agree. The root covers the digest of the row alone; the verdict is made of its
//! parts and of the key.

use super::sha;
use crate::diff::event::{Class, Extra, Part, tenant_and_id};
use crate::diff::hash::{Hasher, Sha};
use crate::diff::plan::digest_of;
use crate::diff::types::Table;
use crate::record::diff::Digest;

/// `key`: the key's body.
pub fn check_key(record: &Digest, class: Class, key: &[u8]) -> Result<(), String> {
    if record.row_key.is_some() && class != Class::Poison {
        return Err("`row_key` in a record that could be read".into());
    }
    if key.is_empty() {
        let needed = matches!(class, Class::Row | Class::Delete | Class::SampledOut);
        return if needed { Err("`key` is missing".into()) } else { Ok(()) };
    }
    let (tenant, id) = tenant_and_id(key);
    let says = |field: &Option<String>, own: &str| field.as_deref().is_none_or(|text| text == own);
    if says(&record.tenant, &tenant) && says(&record.id, &id) {
        return Ok(());
    }
    Err("`tenant` and `id` are not those of `key`".into())
}

/// The digest of a row as it stands in the proof's page, where it is what its parts give.
pub fn row_digest(record: &Digest, extra: &Extra, table: &Table, hasher: &Hasher) -> Result<Sha, String> {
    let (name, digest) = match (record.sha256.as_str(), &record.leaf_sha256) {
        ("", Some(leaf)) => ("leaf_sha256", sha(leaf, "leaf_sha256")?),
        (text, None) => ("sha256", sha(text, "sha256")?),
        _ => return Err("`sha256` and `leaf_sha256` exclude each other".into()),
    };
    let toast = table.toast_columns();
    if !record.toast.iter().flatten().map(|(name, _)| name).eq(&toast) {
        return Err(format!("`toast` does not name the toast columns of table `{}`", table.kind));
    }
    let open = extra.parts.contains(&Part::Inherit);
    let agrees = match extra.base {
        None if toast.is_empty() => true,
        None => return Err("`base_sha256` is missing".into()),
        Some(base) => digest == digest_of(hasher, &base, &extra.parts),
    };
    if agrees && (name == "leaf_sha256" || !open) {
        return Ok(digest);
    }
    Err(format!("`{name}` is not the digest of `base_sha256` and `toast`"))
}

/// What is no row has no digests of one.
pub fn check_no_row(record: &Digest) -> Result<(), String> {
    let Digest { sha256, base_sha256, alt_sha256, toast, leaf_sha256, .. } = record;
    if sha256.is_empty() && toast.is_none() && [base_sha256, alt_sha256, leaf_sha256].iter().all(|sha| sha.is_none()) {
        return Ok(());
    }
    Err("a digest of a row where there is no row".into())
}
