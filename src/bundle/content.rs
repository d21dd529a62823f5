//! What the files of an authentic bundle say: manifest, data, policies, and the digests of both.

use serde_json::{Map, Value};

use super::archive::Archive;
use super::code::Code;
use super::json::{Form, rewrite};
use super::manifest::Manifest;
use super::{DATA, Found, MANIFEST, is_structured};
use crate::policy;
use crate::text::sha256_hex;

pub struct Read {
    pub revision: String,
    pub serial: Option<u64>,
    pub policy_sha256: String,
    pub data_sha256: String,
    pub certificate_sha256: Option<String>,
    pub data: Vec<u8>,
    pub policies: Vec<(String, String)>,
}

pub fn read(archive: &Archive, min_serial: Option<u64>) -> Result<Read, Vec<Found>> {
    let one = |found: Found| vec![found];
    let manifest = Manifest::read(archive.get(MANIFEST)).map_err(one)?;
    let data = data(archive).map_err(one)?;
    let policies = policies(archive).map_err(one)?;
    let (policy_sha256, data_sha256) = (policy_sha256(&policies), sha256_hex(&data));
    let govctl = manifest.metadata.govctl;
    let mut found = Vec::new();
    for (what, said, is) in
        [("policy", govctl.policy_sha256, &policy_sha256), ("data", govctl.data_sha256, &data_sha256)]
    {
        if said.is_some_and(|said| said != *is) {
            let message = format!("says a {what}_sha256 that is not that of the {what} beside it, {is}");
            found.push(Found::new(Code::DigestDiffers, MANIFEST, message));
        }
    }
    found.extend(min_serial.and_then(|min| rollback(govctl.serial, min)));
    if !found.is_empty() {
        return Err(found);
    }
    let of_content = || revision(&policy_sha256, &data_sha256);
    Ok(Read {
        revision: if manifest.revision.is_empty() { of_content() } else { manifest.revision },
        serial: govctl.serial,
        certificate_sha256: govctl.certificate_sha256,
        policy_sha256,
        data_sha256,
        data,
        policies,
    })
}

fn rollback(serial: Option<u64>, min: u64) -> Option<Found> {
    let message = match serial {
        Some(serial) if serial >= min => return None,
        Some(serial) => format!("has serial {serial}, below {min}"),
        None => format!("has no serial; {min} or more is asked for"),
    };
    Some(Found::new(Code::SerialRollback, MANIFEST, message))
}

/// What a policy with its data is called where nobody gave it a name.
pub fn revision(policy_sha256: &str, data_sha256: &str) -> String {
    format!("sha256:{}", sha256_hex(format!("{policy_sha256}\n{data_sha256}\n").as_bytes()))
}

fn policies(archive: &Archive) -> Result<Vec<(String, String)>, Found> {
    let mut policies = Vec::new();
    for (name, bytes) in archive.files().filter(|(name, _)| name.ends_with(".rego")) {
        if policy::is_test(name) {
            let message = "is a test, which OPA would decide by too, and which no digest of the policy names";
            return Err(Found::new(Code::PolicyInvalid, name, message));
        }
        let text = std::str::from_utf8(bytes);
        let text = text.map_err(|_| Found::new(Code::PolicyInvalid, name, "is not UTF-8"))?;
        policies.push((name.to_owned(), text.to_owned()));
    }
    policies.sort_unstable();
    Ok(policies)
}

/// The digest of the files, which are sorted by name.
pub fn policy_sha256(policies: &[(String, String)]) -> String {
    policy::policy_sha256(policies.iter().map(|(name, text)| (name.as_str(), text.as_str())))
}

/// One document of all data files, each at the place that its folder says. Canonical, with a newline.
fn data(archive: &Archive) -> Result<Vec<u8>, Found> {
    let mut files: Vec<_> = archive.files().filter(|(name, _)| is_structured(name) && *name != MANIFEST).collect();
    files.sort_unstable();
    let canonical = |name: &str, bytes: &[u8]| {
        rewrite(bytes, Form::Canonical).map_err(|fault| Found::new(Code::DataInvalid, name, fault.to_string()))
    };
    let mut all = Map::new();
    for (name, bytes) in files {
        let invalid = |message: String| Found::new(Code::DataInvalid, name, message);
        let read = serde_json::from_slice(&canonical(name, bytes)?).map_err(|e| invalid(e.to_string()))?;
        let Value::Object(members) = wrapped(name, read) else {
            return Err(invalid("holds no object, which the root of the data must be".to_owned()));
        };
        merge(&mut all, members).map_err(|key| invalid(format!("sets {key:?}, which another data file sets")))?;
    }
    let text = serde_json::to_vec(&all).map_err(|e| Found::new(Code::DataInvalid, DATA, e.to_string()))?;
    let mut bytes = canonical(DATA, &text)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// The value below the folders of its file.
fn wrapped(name: &str, value: Value) -> Value {
    let folders = name.rsplit('/').skip(1);
    folders.fold(value, |value, folder| Value::Object(Map::from_iter([(folder.to_owned(), value)])))
}

/// Objects are joined; the key of anything else that is there already is the error.
fn merge(into: &mut Map<String, Value>, from: Map<String, Value>) -> Result<(), String> {
    for (key, value) in from {
        match (into.get_mut(&key), value) {
            (None, value) => drop(into.insert(key, value)),
            (Some(Value::Object(there)), Value::Object(more)) => merge(there, more)?,
            (Some(_), _) => return Err(key),
        }
    }
    Ok(())
}
