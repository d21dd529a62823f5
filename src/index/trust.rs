//! The trust directory: what a verifier pins. It says which log it is, who witnesses it, which regions there are and which
//! keys sign entries; and the same once more for the verifiers of Sigstore and for openssl.

use data_encoding::BASE64;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::digest::Digest;
use super::policy::Policy;
use super::statement::{MAX_REGIONS, is_region};
use super::vkey::Key;
use super::{Origin, Wrong};
use crate::key::{ed25519, p256};

pub const POLICY: &str = "policy";
pub const REGIONS: &str = "regions";
pub const ENTRY_KEYS: &str = "entry_keys.json";
pub const TRUSTED_ROOT: &str = "trusted_root.json";
pub const LOG_PEM: &str = "log.pub.pem";
pub const LOG_KEY: &str = "log.vkey";
pub const ENTRY_PEM: &str = "entry.pub.pem";

const ROOT_TYPE: &str = "application/vnd.dev.sigstore.trustedroot+json;version=0.1";

/// A file of the directory.
pub type File = (String, Vec<u8>);

/// A key that signs entries, from this leaf until the next key begins.
#[derive(Debug, Clone)]
pub struct EntryKey {
    pub key: p256::Public,
    pub from_leaf: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryKeyWire {
    key_id: Digest,
    spki: String,
    from_leaf: u64,
}

/// What a new origin starts with.
pub struct Founding<'a> {
    pub origin: &'a Origin,
    pub log: &'a ed25519::Public,
    pub entry: &'a p256::Public,
    pub regions: &'a [String],
    /// RFC 3339: from when on the log's key counts.
    pub since: &'a str,
}

/// The files of a new trust directory. No witness is asked for: `quorum none`.
pub fn found(founding: &Founding) -> Result<Vec<File>, Wrong> {
    let log = Key::log(founding.origin.as_str(), *founding.log)?;
    let entry_keys = [EntryKey { key: founding.entry.clone(), from_leaf: 0 }];
    let pem = |pem: Result<String, String>| pem.map_err(Wrong::malformed);
    let mut files = vec![
        (POLICY.to_owned(), format!("log {log}\nquorum none\n")),
        (REGIONS.to_owned(), regions_text(founding.regions)?),
        (ENTRY_KEYS.to_owned(), entry_keys_text(&entry_keys)?),
        (TRUSTED_ROOT.to_owned(), trusted_root(founding)?),
        (LOG_KEY.to_owned(), format!("{log}\n")),
        (LOG_PEM.to_owned(), pem(founding.log.to_pem())?),
        (ENTRY_PEM.to_owned(), pem(founding.entry.to_pem())?),
    ];
    files.sort();
    Ok(files.into_iter().map(|(name, text)| (name, text.into_bytes())).collect())
}

/// What a verifier takes from the directory.
#[derive(Debug, Clone)]
pub struct Trust {
    pub policy: Policy,
    pub regions: Vec<String>,
    pub entry_keys: Vec<EntryKey>,
    pub digest: Digest,
}

/// Reads the files of a directory; what is wrong with one comes with its name.
pub fn read(files: &[File]) -> Result<Trust, (&'static str, Wrong)> {
    let bytes = |name: &'static str| {
        let file = files.iter().find(|(n, _)| n == name);
        file.map(|(_, bytes)| bytes.as_slice()).ok_or((name, Wrong::malformed("is not there")))
    };
    let regions = std::str::from_utf8(bytes(REGIONS)?).map_err(|_| (REGIONS, Wrong::malformed("is not UTF-8")))?;
    Ok(Trust {
        policy: Policy::parse(bytes(POLICY)?).map_err(|wrong| (POLICY, wrong))?,
        regions: parse_regions(regions).map_err(|wrong| (REGIONS, wrong))?,
        entry_keys: parse_entry_keys(bytes(ENTRY_KEYS)?).map_err(|wrong| (ENTRY_KEYS, wrong))?,
        digest: digest(files),
    })
}

/// SHA-256 of what `sha256sum *` says in the directory, so that anybody can tell it: each file's digest, two spaces, its
/// name and a newline, in the order of the names' bytes.
pub fn digest(files: &[File]) -> Digest {
    let mut lines: Vec<(&str, String)> =
        files.iter().map(|(name, bytes)| (name.as_str(), crate::text::sha256_hex(bytes))).collect();
    lines.sort();
    let text: String = lines.iter().map(|(name, sha256)| format!("{sha256}  {name}\n")).collect();
    Digest(Sha256::digest(text).into())
}

/// One name per line, in their order.
pub fn regions_text(regions: &[String]) -> Result<String, Wrong> {
    check_regions(regions)?;
    let mut sorted: Vec<&str> = regions.iter().map(String::as_str).collect();
    sorted.sort_unstable();
    Ok(sorted.iter().map(|name| format!("{name}\n")).collect())
}

pub fn parse_regions(text: &str) -> Result<Vec<String>, Wrong> {
    let regions: Vec<String> = text.lines().map(str::to_owned).collect();
    for (line, name) in (1..).zip(&regions) {
        if !is_region(name) {
            return Err(Wrong::malformed(format!("`{}` is no name of a region", name.escape_debug())).line(line));
        }
    }
    check_regions(&regions)?;
    Ok(regions)
}

fn check_regions(regions: &[String]) -> Result<(), Wrong> {
    if let Some(name) = regions.iter().find(|name| !is_region(name)) {
        let form = "a letter, then up to 31 letters, digits and hyphens";
        return Err(Wrong::malformed(format!("`{}` is no name of a region: {form}", name.escape_debug())));
    }
    for (at, name) in regions.iter().enumerate() {
        if let Some(other) = regions[..at].iter().find(|other| other.eq_ignore_ascii_case(name)) {
            return Err(Wrong::malformed(format!("regions `{other}` and `{name}` differ in case at most")));
        }
    }
    if regions.len() > MAX_REGIONS {
        return Err(Wrong::malformed(format!("{} regions where {MAX_REGIONS} are allowed", regions.len())));
    }
    Ok(())
}

pub fn entry_keys_text(keys: &[EntryKey]) -> Result<String, Wrong> {
    let wire = |key: &EntryKey| EntryKeyWire {
        key_id: Digest(key.key.id()),
        spki: BASE64.encode(key.key.spki()),
        from_leaf: key.from_leaf,
    };
    let text = serde_json::to_string_pretty(&keys.iter().map(wire).collect::<Vec<_>>());
    text.map(|text| text + "\n").map_err(|e| Wrong::malformed(e.to_string()))
}

/// Keys in the order of the leaves from which they count; the first counts from 0.
pub fn parse_entry_keys(bytes: &[u8]) -> Result<Vec<EntryKey>, Wrong> {
    let wire: Vec<EntryKeyWire> = serde_json::from_slice(bytes)
        .map_err(|e| Wrong::malformed(format!("is no list of entry keys: {e}")).line(e.line() as u64))?;
    let mut keys: Vec<EntryKey> = Vec::with_capacity(wire.len());
    for (number, EntryKeyWire { key_id, spki, from_leaf }) in (1..).zip(wire) {
        let wrong = |what: String| Wrong::malformed(format!("entry key {number} {what}"));
        let der = BASE64.decode(spki.as_bytes()).map_err(|_| wrong("has an spki that is no base64".to_owned()))?;
        let key = p256::Public::from_spki(&der).map_err(wrong)?;
        if key.spki() != der || Digest(key.id()) != key_id {
            return Err(wrong("has a key_id that is not SHA-256 of its spki".to_owned()));
        }
        let follows = keys.last().map_or(from_leaf == 0, |before| before.from_leaf < from_leaf);
        if !follows {
            return Err(wrong("must count from 0 if it is the first, else from behind the one before it".to_owned()));
        }
        keys.push(EntryKey { key, from_leaf });
    }
    match keys.is_empty() {
        true => Err(Wrong::malformed("lists no entry key")),
        false => Ok(keys),
    }
}

/// As the verifiers of Sigstore read it. They take the name of the log from the host of `baseUrl`, so an origin has no path.
fn trusted_root(founding: &Founding) -> Result<String, Wrong> {
    let root = serde_json::json!({
        "mediaType": ROOT_TYPE,
        "tlogs": [{
            "baseUrl": format!("https://{}", founding.origin),
            "hashAlgorithm": "SHA2_256",
            "publicKey": {
                "rawBytes": BASE64.encode(&founding.log.spki()),
                "keyDetails": "PKIX_ED25519",
                "validFor": { "start": founding.since },
            },
            "logId": { "keyId": BASE64.encode(&founding.origin.log_id(founding.log)) },
        }],
        "certificateAuthorities": [],
        "ctlogs": [],
        "timestampAuthorities": [],
    });
    serde_json::to_string_pretty(&root).map(|text| text + "\n").map_err(|e| Wrong::malformed(e.to_string()))
}

#[cfg(test)]
mod tests;
