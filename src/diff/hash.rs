//! Digests of row values: SHA-256, or HMAC-SHA-256 under a key so that low-entropy rows cannot be guessed.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

pub use crate::merkle::Sha;

#[derive(Clone)]
pub enum Hasher {
    Plain,
    Keyed { mac: Box<Hmac<Sha256>>, key_id: String },
}

impl Hasher {
    /// The key file holds hex (as `util keygen` writes it); at least 16 bytes.
    pub fn keyed(key_hex: &str) -> Result<Hasher, &'static str> {
        let key = data_encoding::HEXLOWER_PERMISSIVE
            .decode(key_hex.trim().as_bytes())
            .map_err(|_| "the key file holds no hex text")?;
        if key.len() < 16 {
            return Err("the key is shorter than 16 bytes");
        }
        let mac = Hmac::<Sha256>::new_from_slice(&key).map_err(|_| "the key cannot be used")?;
        let mut id = Sha256::new();
        id.update(b"govctl hmac key id\0");
        id.update(&key);
        Ok(Hasher::Keyed { mac: Box::new(mac), key_id: hex(&id.finalize()[..8]) })
    }

    /// Names the key without revealing it.
    pub fn key_id(&self) -> Option<&str> {
        match self {
            Hasher::Plain => None,
            Hasher::Keyed { key_id, .. } => Some(key_id),
        }
    }

    #[inline]
    pub fn digest(&self, bytes: &[u8]) -> Sha {
        match self {
            Hasher::Plain => Sha256::digest(bytes).into(),
            Hasher::Keyed { mac, .. } => {
                let mut mac = mac.clone();
                mac.update(bytes);
                mac.finalize().into_bytes().into()
            }
        }
    }

    /// The digest of a row in a table with toast columns: over its base and one part per such column.
    pub fn with_parts(&self, base: &Sha, parts: impl Iterator<Item = Option<Sha>>) -> Sha {
        let mut text = Vec::with_capacity(32 + 33 * 4);
        text.extend_from_slice(base);
        for part in parts {
            match part {
                None => text.push(0),
                Some(sha) => {
                    text.push(1);
                    text.extend_from_slice(&sha);
                }
            }
        }
        self.digest(&text)
    }
}

pub fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

pub fn from_hex(text: &str) -> Option<Sha> {
    data_encoding::HEXLOWER.decode(text.as_bytes()).ok()?.try_into().ok()
}
