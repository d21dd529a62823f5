//! The statement of an entry: what the publisher signs about a manifest. An in-toto Statement v1 in one fixed spelling.
//! Hashes, counts and codes only, so that nothing in a leaf can need erasure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::digest::Digest;
use super::{Code, Wrong};
pub use crate::text::is_region;

const TYPE: &str = "https://in-toto.io/Statement/v1";
const PREDICATE: &str = "https://govctl.dev/attestation/export-entry/v1";
/// Name of the subject: the manifest of an export, or the key that takes over.
pub const MANIFEST: &str = "manifest.json";
pub const ENTRY_KEY: &str = "entry.spki.der";
/// The chain of the log's own entries, beside those of the regions.
pub const LOG: &str = "@log";
const MAX_BYTES: usize = 32 << 10;
/// Regions, without [`LOG`].
pub const MAX_REGIONS: usize = 64;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Export,
    Withdrawal,
    KeyChange,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    Error,
    Superseded,
    LegalErasure,
    Other,
}

/// The end of a region's chain: how many leaves it has, and the last of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    pub n: u64,
    pub statement_sha256: Digest,
}

/// The leaf that a withdrawal is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withdraws {
    pub leaf_index: u64,
    pub reason: Reason,
}

/// The predicate, in the order of the spelling.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    pub kind: Kind,
    pub origin: String,
    pub leaf_index: u64,
    /// RFC 3339 in whole seconds with `Z`: what the publisher claims.
    pub ts: String,
    pub region: String,
    pub region_seq: u64,
    /// Of the region's entry before; null for the first.
    pub prev_statement_sha256: Option<Digest>,
    pub prev_manifest_sha256: Option<Digest>,
    /// Every other region that has leaves.
    pub heads: BTreeMap<String, Head>,
    /// Of the checkpoint that this publication started from; null where there was none with leaves.
    pub prev_checkpoint_sha256: Option<Digest>,
    /// Null unless the manifest's signature was verified.
    pub manifest_key_id: Option<Digest>,
    pub manifest_public: bool,
    pub withdraws: Option<Withdraws>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// SHA-256 of the manifest (or of the incoming key).
    pub subject: Digest,
    pub entry: Entry,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire<E> {
    _type: String,
    subject: [Subject; 1],
    #[serde(rename = "predicateType")]
    predicate_type: String,
    predicate: E,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Subject {
    name: String,
    digest: Sha256Only,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sha256Only {
    sha256: Digest,
}

impl Statement {
    /// One line without its newline; these bytes are hashed and signed.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Wrong> {
        let wire = Wire {
            _type: TYPE.to_owned(),
            subject: [Subject { name: self.subject_name().to_owned(), digest: Sha256Only { sha256: self.subject } }],
            predicate_type: PREDICATE.to_owned(),
            predicate: &self.entry,
        };
        let bytes = serde_json::to_vec(&wire).map_err(|e| malformed(e.to_string()))?;
        if bytes.len() > MAX_BYTES {
            return Err(malformed(format!("{} bytes where {MAX_BYTES} are allowed", bytes.len())));
        }
        Ok(bytes)
    }

    /// Reads the one spelling that [`Statement::to_bytes`] writes: another order, white space, an escape that is not
    /// needed or a member that is not known would be another statement of the same meaning.
    pub fn parse(bytes: &[u8]) -> Result<Statement, Wrong> {
        if bytes.len() > MAX_BYTES {
            return Err(malformed(format!("{} bytes where {MAX_BYTES} are allowed", bytes.len())));
        }
        let wire: Wire<Entry> = serde_json::from_slice(bytes).map_err(|e| malformed(e.to_string()))?;
        let [subject] = wire.subject;
        let statement = Statement { subject: subject.digest.sha256, entry: wire.predicate };
        if wire._type != TYPE || wire.predicate_type != PREDICATE || subject.name != statement.subject_name() {
            return Err(malformed("is not an in-toto statement about an export"));
        }
        if statement.to_bytes()? != bytes {
            return Err(malformed("is not written in the one spelling that statements have"));
        }
        statement.check_form()?;
        Ok(statement)
    }

    fn subject_name(&self) -> &'static str {
        match self.entry.kind {
            Kind::Export | Kind::Withdrawal => MANIFEST,
            Kind::KeyChange => ENTRY_KEY,
        }
    }

    /// What can be told of a statement alone.
    fn check_form(&self) -> Result<(), Wrong> {
        let entry = &self.entry;
        if !is_whole_seconds(&entry.ts) {
            return Err(malformed(format!("ts {:?} is no time in whole seconds with Z", entry.ts)));
        }
        match (entry.kind, entry.region.as_str()) {
            (Kind::KeyChange, LOG) => {}
            (Kind::KeyChange, _) => return Err(malformed(format!("a change of keys stands in {LOG} alone"))),
            (_, region) if !is_region(region) => return Err(malformed(format!("{region:?} is no name of a region"))),
            _ => {}
        }
        if let Some(name) = entry.heads.keys().find(|name| *name != LOG && !is_region(name)) {
            return Err(malformed(format!("heads: {name:?} is no name of a region")));
        }
        if entry.heads.contains_key(&entry.region) {
            return Err(malformed("heads name the entry's own region"));
        }
        if entry.withdraws.is_some() != (entry.kind == Kind::Withdrawal) {
            return Err(malformed("`withdraws` stands in a withdrawal, and in nothing else"));
        }
        let first = entry.region_seq == 0;
        if first != entry.prev_statement_sha256.is_none() || first != entry.prev_manifest_sha256.is_none() {
            return Err(malformed("the first entry of a region has none before it, and every other one has"));
        }
        Ok(())
    }
}

/// What the next statement of the region and every later head name.
pub fn sha256(statement: &[u8]) -> Digest {
    Digest(Sha256::digest(statement).into())
}

/// `2026-01-06T12:00:00Z`. Of such texts the later time is the greater text.
pub fn is_whole_seconds(ts: &str) -> bool {
    const FORM: &[u8] = b"0000-00-00T00:00:00Z";
    let fits = |(got, form): (&u8, &u8)| if *form == b'0' { got.is_ascii_digit() } else { got == form };
    ts.len() == FORM.len()
        && ts.as_bytes().iter().zip(FORM).all(fits)
        && crate::clock::parse_rfc3339_ms(ts, "ts").is_ok()
}

fn malformed(message: impl Into<String>) -> Wrong {
    Wrong::new(Code::Malformed, message)
}
