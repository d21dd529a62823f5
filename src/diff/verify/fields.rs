//! The check `fields`: is this a whole proof, spelled as govctl spells it?

use serde_json::Value;

use super::verdict;
use crate::clock::parse_rfc3339_ms;
use crate::diff::hash::from_hex;
use crate::diff::types::PROFILE;
use crate::record::diff::{Proof, Verify};
use crate::record::{Record, encode};

/// The counts that every proof states.
const COUNTS: [&str; 18] = [
    "ok",
    "diff",
    "missing",
    "mismatch",
    "late",
    "repaired",
    "capture_loss",
    "inconclusive",
    "pending",
    "unauthorized",
    "origin_unknown",
    "excepted",
    "poison",
    "sampled_out",
    "duplicates",
    "tombstones",
    "control",
    "read",
];

/// The proof, unless so much is wrong that nothing else can be checked, and the verdict on its fields.
pub struct Parsed {
    pub proof: Option<Proof>,
    pub fields: Verify,
}

/// An error means that this is no proof that this version can judge.
pub fn parse(bytes: &[u8], subject: &str) -> Result<Parsed, String> {
    let value: Value = serde_json::from_slice(bytes).map_err(|e| format!("not a {}: {e}", Proof::TYPE))?;
    let Value::Object(object) = &value else { return Err(format!("not a {}: no JSON object", Proof::TYPE)) };
    let schema = object.get("schema").and_then(Value::as_str).unwrap_or_default();
    match schema.rsplit_once('/') {
        Some(("govctl.diff.proof", "1")) => {}
        Some(("govctl.diff.proof", major)) => {
            return Err(format!("the proof has major version {major}; this govctl reads 1"));
        }
        _ => return Err(format!("not a {}: its schema is `{schema}`", Proof::TYPE)),
    }
    let (proof, wrong) = match serde_json::from_slice::<Proof>(bytes) {
        Ok(proof) => {
            let wrong = spelling(&proof, object, bytes).or_else(|| values(&proof));
            (Some(proof), wrong)
        }
        Err(e) => (None, Some(e.to_string())),
    };
    let actual = wrong.unwrap_or_else(|| "as specified".to_owned());
    Ok(Parsed { proof, fields: verdict("fields", subject, "as specified", actual) })
}

/// Every field is there, in govctl's own spelling. Fields of a later minor version are accepted.
fn spelling(proof: &Proof, object: &serde_json::Map<String, Value>, bytes: &[u8]) -> Option<String> {
    if object.keys().next().map(String::as_str) != Some("schema") {
        return Some("`schema` is not the first field".to_owned());
    }
    let mut written = Vec::new();
    encode(proof, &mut written).ok()?;
    let known: serde_json::Map<String, Value> = serde_json::from_slice(&written).ok()?;
    if let Some(missing) = known.keys().find(|k| !object.contains_key(*k)) {
        return Some(format!("`{missing}` is missing"));
    }
    let later = object.keys().any(|k| !known.contains_key(k));
    (!later && written != bytes).then(|| "the bytes are not those that govctl writes".to_owned())
}

/// Values that no run can write.
fn values(proof: &Proof) -> Option<String> {
    let digests =
        [("sha256", Some(&proof.sha256)), ("root", Some(&proof.root)), ("tool_sha256", Some(&proof.tool_sha256))];
    let optional = [("prev_sha256", proof.prev_sha256.as_ref()), ("types_sha256", proof.types_sha256.as_ref())];
    for (name, digest) in digests.into_iter().chain(optional) {
        if digest.is_some_and(|d| from_hex(d).is_none()) {
            return Some(format!("`{name}` is no SHA-256"));
        }
    }
    if proof.partitions.iter().any(|p| from_hex(&p.root).is_none()) {
        return Some("the root of a partition is no SHA-256".to_owned());
    }
    let time = |name: &str, text: &str| parse_rfc3339_ms(text, name).ok();
    let (Some(started), Some(ended)) = (time("started", &proof.started), time("ended", &proof.ended)) else {
        return Some("`started` or `ended` is no RFC 3339 time".to_owned());
    };
    if started > ended {
        return Some("`ended` is before `started`".to_owned());
    }
    let window = [&proof.window_from, &proof.window_to].map(|t| t.as_deref().map(|t| time("window", t)));
    match window {
        [None, None] => {}
        [Some(Some(from)), Some(Some(to))] if from <= to => {}
        _ => return Some("`window_from` and `window_to` are no window of RFC 3339 times".to_owned()),
    }
    if proof.profile != PROFILE {
        return Some(format!("profile `{}`; this govctl knows {PROFILE}", proof.profile));
    }
    if !matches!(proof.at_end.as_str(), "final" | "hold") {
        return Some(format!("`at_end` is `{}`", proof.at_end));
    }
    // Without them nobody could make the run again.
    if proof.settings.is_none() {
        return Some("`settings` is missing".to_owned());
    }
    if let Some(missing) = COUNTS.iter().find(|name| !proof.counts.contains_key(**name)) {
        return Some(format!("the count `{missing}` is missing"));
    }
    let count = |name: &str| proof.counts.get(name).copied().unwrap_or_default();
    (count("diff") != count("missing") + count("mismatch"))
        .then(|| "`diff` is not the sum of `missing` and `mismatch`".to_owned())
}
