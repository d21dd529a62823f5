//! What a verifier remembers of a log: the largest tree that it saw, whom it trusted then, and how far it checked.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::index::checkpoint::Signed;
use crate::index::digest::Digest;
use crate::index::trust::{self, File, Trust};
use crate::index::{Code, Wrong};
use crate::record::index::Pinned;

const VERSION: u32 = 1;
/// Earlier checkpoints that are kept: with them a site that was set back is told from one that was forged.
const MAX_EARLIER: usize = 256;

/// The file of one log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    version: u32,
    pub origin: String,
    /// The signed note, byte for byte.
    pub checkpoint: String,
    pub trust: Pinned,
    pub trust_sha256: Digest,
    /// The files of the trust directory.
    trust_files: BTreeMap<String, String>,
    /// Entries below it were verified with their signatures, under this trust.
    pub signatures_verified_to: u64,
    /// Checkpoints that were seen before, oldest first.
    earlier: Vec<String>,
}

/// The same, read: checkpoints that the log signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub head: Signed,
    pub earlier: Vec<Signed>,
    pub trust_sha256: Digest,
    pub verified_to: u64,
}

/// Where the file of a log lies in the folder of heads.
pub fn file_name(origin: &str) -> String {
    format!("{}.json", crate::text::sha256_hex(origin.as_bytes()))
}

impl Head {
    /// What is remembered after a verification that began with `before`.
    pub fn new(
        before: Option<&Head>,
        checkpoint: &Signed,
        trust: (Pinned, Digest, &[File]),
        verified_to: u64,
    ) -> Result<Head, Wrong> {
        let (pinned, trust_sha256, files) = trust;
        let text = |(name, bytes): &File| match String::from_utf8(bytes.clone()) {
            Ok(text) => Ok((name.clone(), text)),
            Err(_) => Err(Wrong::malformed(format!("{name} is not UTF-8"))),
        };
        let mut earlier = before.map(|head| head.earlier.clone()).unwrap_or_default();
        let now = checkpoint.note.to_text();
        earlier.extend(before.map(|head| head.checkpoint.clone()).filter(|last| *last != now));
        earlier.drain(..earlier.len().saturating_sub(MAX_EARLIER));
        Ok(Head {
            version: VERSION,
            origin: checkpoint.checkpoint.origin.clone(),
            checkpoint: now,
            trust: pinned,
            trust_sha256,
            trust_files: files.iter().map(text).collect::<Result<_, _>>()?,
            signatures_verified_to: verified_to,
            earlier,
        })
    }

    pub fn to_bytes(&self) -> Result<Vec<u8>, Wrong> {
        let text = serde_json::to_string_pretty(self).map_err(|e| Wrong::new(Code::Malformed, e.to_string()))?;
        Ok((text + "\n").into_bytes())
    }

    /// Reads a file and whether it holds what was put there: a head that was damaged must not pass for a first contact.
    pub fn parse(bytes: &[u8]) -> Result<(Head, Trust, Seen), Wrong> {
        let wrong = |message: String| Wrong::malformed(format!("is no head of a log: {message}"));
        let head: Head = serde_json::from_slice(bytes).map_err(|e| wrong(e.to_string()))?;
        if head.version != VERSION {
            return Err(wrong(format!("version {}", head.version)));
        }
        let trust = trust::read(&head.files()).map_err(|(name, e)| wrong(format!("{name}: {e}")))?;
        let open = |text: &String| {
            let (signed, _) = trust.policy.open(text.as_bytes()).map_err(|e| wrong(e.to_string()))?;
            match signed.checkpoint.origin == head.origin {
                true => Ok(signed),
                false => Err(wrong("a checkpoint in it is that of another log".to_owned())),
            }
        };
        let seen = Seen {
            head: open(&head.checkpoint)?,
            earlier: head.earlier.iter().filter_map(|text| open(text).ok()).collect(),
            trust_sha256: head.trust_sha256,
            verified_to: head.signatures_verified_to,
        };
        if trust.digest != head.trust_sha256 || seen.verified_to > seen.head.checkpoint.size {
            return Err(wrong("its parts contradict each other".to_owned()));
        }
        Ok((head, trust, seen))
    }

    pub fn files(&self) -> Vec<File> {
        self.trust_files.iter().map(|(name, text)| (name.clone(), text.clone().into_bytes())).collect()
    }
}
