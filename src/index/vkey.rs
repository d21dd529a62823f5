//! Verifier keys of signed notes: `name+id+base64(type, key)`, on one line.

use std::fmt;

use super::Wrong;
use super::cosignature;
use super::lines::{base64, to_base64};
use super::note::is_name;
use super::origin::key_hash;
use crate::key::ed25519::Public;

/// A plain signature over the text of a note.
pub const ED25519: u8 = 0x01;
/// A cosignature of a witness, with its time.
pub const COSIGNATURE: u8 = 0x04;

/// Who may sign a note, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    name: String,
    id: [u8; 4],
    material: Material,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Material {
    Ed25519(Public),
    Cosignature(Public),
    /// Of a type that is not verified here, such as ML-DSA-44 (0x06): kept, so that a policy may name it.
    Unknown {
        kind: u8,
        bytes: Vec<u8>,
    },
}

/// What a signature says besides that it is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Valid {
    Plain,
    /// Seconds since 1970.
    Cosigned(u64),
}

impl Key {
    /// The key of a log, which signs checkpoints.
    pub fn log(name: &str, key: Public) -> Result<Self, Wrong> {
        Key::new(name, Material::Ed25519(key))
    }

    /// The key of a witness, which cosigns them.
    pub fn witness(name: &str, key: Public) -> Result<Self, Wrong> {
        Key::new(name, Material::Cosignature(key))
    }

    fn new(name: &str, material: Material) -> Result<Self, Wrong> {
        if !is_name(name) {
            return Err(Wrong::malformed(format!("`{}` cannot name a key", name.escape_debug())));
        }
        let id = id(name, material.kind(), material.bytes());
        Ok(Key { name: name.to_owned(), id, material })
    }

    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let shown = text.escape_debug();
        let wrong = |what: &str| Wrong::malformed(format!("`{shown}` is no verifier key: {what}"));
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(hex), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(wrong("it must be a name, eight digits and a key in base64, joined by `+`"));
        };
        let digits = data_encoding::HEXLOWER.decode(hex.as_bytes()).ok();
        let said: [u8; 4] = digits
            .and_then(|id| id.try_into().ok())
            .ok_or_else(|| wrong("the id must be eight hexadecimal digits in lower case"))?;
        let key = base64(key).ok_or_else(|| wrong("the key is not in base64"))?;
        let Some((kind, key)) = key.split_first().filter(|(_, key)| !key.is_empty()) else {
            return Err(wrong("the key is empty"));
        };
        let short = || wrong("an Ed25519 key has 32 bytes");
        let public = || key.try_into().map(Public::from_raw).map_err(|_| short());
        let material = match *kind {
            ED25519 => Material::Ed25519(public()?),
            COSIGNATURE => Material::Cosignature(public()?),
            kind => Material::Unknown { kind, bytes: key.to_vec() },
        };
        let parsed = Key::new(name, material)?;
        match parsed.material {
            // Other types may make their ids in another way.
            Material::Unknown { .. } => Ok(Key { id: said, ..parsed }),
            _ if said == parsed.id => Ok(parsed),
            _ => Err(wrong("the id is not that of the name and the key")),
        }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn id(&self) -> [u8; 4] {
        self.id
    }

    /// The type of its signatures, as the byte before the key.
    pub fn kind(&self) -> u8 {
        self.material.kind()
    }

    /// The key itself, without name and type: two that are equal here are one key.
    pub fn bytes(&self) -> &[u8] {
        self.material.bytes()
    }

    /// None where its type is not known here.
    pub fn ed25519(&self) -> Option<&Public> {
        match &self.material {
            Material::Ed25519(key) | Material::Cosignature(key) => Some(key),
            Material::Unknown { .. } => None,
        }
    }

    /// Whether its signatures can be verified here. Those of other keys are passed over.
    pub fn is_known(&self) -> bool {
        self.ed25519().is_some()
    }

    /// None where the signature was not made with this key over this text.
    pub fn verify(&self, text: &str, signature: &[u8]) -> Option<Valid> {
        match &self.material {
            Material::Ed25519(key) => key.verifies(text.as_bytes(), signature).then_some(Valid::Plain),
            Material::Cosignature(key) => cosignature::verify(key, text, signature).map(Valid::Cosigned),
            Material::Unknown { .. } => None,
        }
    }
}

impl Material {
    fn kind(&self) -> u8 {
        match self {
            Material::Ed25519(_) => ED25519,
            Material::Cosignature(_) => COSIGNATURE,
            Material::Unknown { kind, .. } => *kind,
        }
    }

    fn bytes(&self) -> &[u8] {
        match self {
            Material::Ed25519(key) | Material::Cosignature(key) => key.raw(),
            Material::Unknown { bytes, .. } => bytes,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[self.kind()], self.bytes()].concat();
        write!(f, "{}+{}+{}", self.name, data_encoding::HEXLOWER.encode(&self.id), to_base64(&key))
    }
}

/// The id of a key in notes.
pub fn id(name: &str, kind: u8, key: &[u8]) -> [u8; 4] {
    let [a, b, c, d, ..] = key_hash(name, kind, key);
    [a, b, c, d]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the documentation of Go's golang.org/x/mod/sumdb/note, and the key of the public checksum database.
    const NEUMANN: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const SUMDB: &str = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";

    #[test]
    fn known_verifier_keys_are_read_and_written() {
        for text in [NEUMANN, SUMDB] {
            let key = Key::parse(text).unwrap();
            assert_eq!((key.to_string().as_str(), key.kind(), key.is_known()), (text, ED25519, true));
            assert_eq!(Key::log(key.name(), *key.ed25519().unwrap()), Ok(key));
        }
    }

    #[test]
    fn the_type_is_part_of_the_id() {
        let public = *Key::parse(NEUMANN).unwrap().ed25519().unwrap();
        let (log, witness) = (Key::log("n", public).unwrap(), Key::witness("n", public).unwrap());
        assert_ne!(log.id(), witness.id());
        assert_eq!(log.bytes(), witness.bytes());
        assert_eq!(Key::parse(&witness.to_string()), Ok(witness));
    }

    #[test]
    fn a_key_of_another_type_is_kept_with_the_id_it_says() {
        let text = format!("w+01020304+{}", to_base64(&[&[6][..], &[1; 1312]].concat()));
        let key = Key::parse(&text).unwrap();
        assert_eq!((key.kind(), key.is_known(), key.id(), key.bytes().len()), (6, false, [1, 2, 3, 4], 1312));
        assert_eq!(key.to_string(), text);
        assert_eq!(key.verify("a\n", &[0; 2428]), None);
    }

    #[test]
    fn what_is_not_written_as_it_should_be_is_refused() {
        for text in [
            "",
            "PeterNeumann",
            "PeterNeumann+c74f20a3",
            "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "PeterNeumann+c74f20a+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10T=",
            "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\n",
            "PeterNeumann+c74f20a3+AQ==",
            "PeterNeumann+c74f20a3+Bg==",
            "PeterNeumann+c74f20a3+",
        ] {
            assert!(Key::parse(text).is_err(), "{text}");
        }
    }
}
