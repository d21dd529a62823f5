//! The ledger of a log key: the furthest that it ever signed. It is written before a signature is made, so that no copy of
//! the site that was restored from an older state can lead to two checkpoints of one size.

use serde::{Deserialize, Serialize};

use super::digest::Digest;
use super::{Code, Wrong};

const VERSION: u32 = 1;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ledger {
    version: u32,
    pub origin: String,
    pub size: u64,
    /// Of the tree of that size.
    pub root: Digest,
    /// Of the checkpoint that the publication started from; null for the first.
    pub base_checkpoint_sha256: Option<Digest>,
    /// The logical now of the publication, RFC 3339: with it the same tree can be made again.
    pub now: String,
}

impl Ledger {
    pub fn new(origin: &str, size: u64, root: Digest, base: Option<Digest>, now: &str) -> Ledger {
        let (origin, now) = (origin.to_owned(), now.to_owned());
        Ledger { version: VERSION, origin, size, root, base_checkpoint_sha256: base, now }
    }

    pub fn to_bytes(&self) -> Result<Vec<u8>, Wrong> {
        let text = serde_json::to_string_pretty(self).map_err(|e| Wrong::new(Code::Malformed, e.to_string()))?;
        Ok((text + "\n").into_bytes())
    }

    pub fn parse(bytes: &[u8]) -> Result<Ledger, Wrong> {
        let wrong = |message: String| Wrong::new(Code::Malformed, format!("is no ledger of a log key: {message}"));
        let ledger: Ledger = serde_json::from_slice(bytes).map_err(|e| wrong(e.to_string()))?;
        match ledger.version {
            VERSION => Ok(ledger),
            other => Err(wrong(format!("version {other}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ledger_is_read_as_it_was_written_and_nothing_else_is() {
        let ledger = Ledger::new("a.example", 3, Digest([7; 32]), None, "2026-01-06T12:00:00Z");
        let text = String::from_utf8(ledger.to_bytes().unwrap()).unwrap();
        assert_eq!(Ledger::parse(text.as_bytes()).unwrap(), ledger);
        for other in ["", "{}", &text[..text.len() - 3], &text.replace(": 1", ": 2"), &text.replace("size", "length")] {
            assert!(Ledger::parse(other.as_bytes()).is_err(), "{other}");
        }
    }
}
