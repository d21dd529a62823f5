//! The name of a log, and its id.

use std::fmt;

use sha2::{Digest, Sha256};

use super::Wrong;
use crate::key::ed25519::Public;
use crate::merkle::Sha;

/// What a log of ours may be called: a bare lower-case host name such as `exports.acme.example`. Other logs may be
/// called anything; but clients of Sigstore take the name of a key from a URL's host, so a path, a port or a capital
/// letter would make bundles that they refuse.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin(String);

impl Origin {
    pub fn new(name: &str) -> Result<Self, Wrong> {
        let wrong = |what: &str| Err(Wrong::malformed(format!("`{}` is no origin: {what}", name.escape_debug())));
        if name.is_empty() || name.len() > 253 {
            return wrong("it must have 1 to 253 characters");
        }
        if !name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-')) {
            return wrong("only a-z, 0-9, `.` and `-` are allowed");
        }
        let label = |l: &str| !l.is_empty() && l.len() <= 63 && !l.starts_with('-') && !l.ends_with('-');
        if !name.split('.').all(label) {
            return wrong("between dots there must be 1 to 63 characters that neither begin nor end with `-`");
        }
        Ok(Origin(name.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn log_id(&self, key: &Public) -> Sha {
        log_id(&self.0, key)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The id of a log with an Ed25519 key. Its first four bytes are the id of the key in notes.
pub fn log_id(origin: &str, key: &Public) -> Sha {
    key_hash(origin, super::vkey::ED25519, key.raw())
}

/// SHA-256 of name, newline, signature type and key.
pub(super) fn key_hash(name: &str, kind: u8, key: &[u8]) -> Sha {
    Sha256::new().chain_update(name).chain_update([b'\n', kind]).chain_update(key).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_a_bare_host_name() {
        for name in ["exports.acme.example", "a", "log-2.example", "127.0.0.1"] {
            assert_eq!(Origin::new(name).unwrap().as_str(), name);
        }
        let long = "a".repeat(64);
        for name in
            ["", "A.example", "a.example/log", "a:1", "a b", "a+b", "a_b", ".a", "a.", "a..b", "-a", "a-", "ä", &long]
        {
            assert!(Origin::new(name).is_err(), "{name}");
        }
    }

    /// The log key of the example in Go's documentation of notes has the id c74f20a3.
    #[test]
    fn a_log_id_begins_with_the_key_id() {
        let key = super::super::vkey::Key::parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
        let key = key.unwrap();
        let id = log_id("PeterNeumann", key.ed25519().unwrap());
        assert_eq!(id[..4], [0xc7, 0x4f, 0x20, 0xa3]);
        assert_eq!(id[..4], key.id());
    }
}
