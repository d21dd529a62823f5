//! The leaf of an entry: a `hashedrekord` 0.0.2 in the bytes of RFC 8785, as Rekor v2 writes it. Verifiers build these
//! bytes again from digest, signature and key, so one that is added or moved breaks the proof.

use data_encoding::BASE64;
use sha2::{Digest as _, Sha256};

use super::digest::Digest;
use super::{Code, Wrong};
use crate::key::p256::Public;

/// What a leaf says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// SHA-256 of the statement.
    pub digest: Digest,
    /// ECDSA over the statement, DER.
    pub signature: Vec<u8>,
    /// SubjectPublicKeyInfo of the entry key, DER.
    pub spki: Vec<u8>,
}

/// The parts between digest, signature and key.
const PARTS: [&str; 4] = [
    r#"{"apiVersion":"0.0.2","kind":"hashedrekord","spec":{"hashedRekordV002":{"data":{"algorithm":"SHA2_256","digest":""#,
    r#""},"signature":{"content":""#,
    r#"","verifier":{"keyDetails":"PKIX_ECDSA_P256_SHA_256","publicKey":{"rawBytes":""#,
    r#""}}}}}}"#,
];

impl Leaf {
    pub fn to_bytes(&self) -> Vec<u8> {
        let [start, signature, key, end] = PARTS;
        let encode = |bytes: &[u8]| BASE64.encode(bytes);
        [start, &encode(&self.digest.0), signature, &encode(&self.signature), key, &encode(&self.spki), end]
            .concat()
            .into_bytes()
    }

    /// Only the bytes that [`Leaf::to_bytes`] writes.
    pub fn parse(bytes: &[u8]) -> Result<Leaf, Wrong> {
        let wrong = |what: &str| Wrong::new(Code::Malformed, format!("a leaf of the log {what}"));
        let text = std::str::from_utf8(bytes).map_err(|_| wrong("is not UTF-8"))?;
        let [start, signature, key, end] = PARTS;
        let other = || wrong("is no hashedrekord 0.0.2 of a P-256 key in canonical JSON");
        let rest = text.strip_prefix(start).and_then(|rest| rest.strip_suffix(end)).ok_or_else(other)?;
        let (digest, rest) = rest.split_once(signature).ok_or_else(other)?;
        let (signature, spki) = rest.split_once(key).ok_or_else(other)?;
        let decode = |text: &str| BASE64.decode(text.as_bytes()).map_err(|_| wrong("holds what is no base64"));
        let digest = <[u8; 32]>::try_from(decode(digest)?).map_err(|_| wrong("has a digest that is no SHA-256"))?;
        let leaf = Leaf { digest: Digest(digest), signature: decode(signature)?, spki: decode(spki)? };
        // Base64 has more than one spelling to some readers, such as padded texts in a row.
        if leaf.to_bytes() == bytes { Ok(leaf) } else { Err(other()) }
    }

    /// Whether the leaf is about this statement, and signed with this key.
    pub fn check(&self, statement: &[u8], key: &Public) -> Result<(), Wrong> {
        if self.digest.0[..] != Sha256::digest(statement)[..] {
            return Err(Wrong::new(Code::DigestMismatch, "the statement is not the one whose digest is in the log"));
        }
        if self.spki != key.spki() {
            return Err(Wrong::new(
                Code::UnknownKey,
                "the entry was signed with another key than the one that is valid at it",
            ));
        }
        if !key.verifies_der(statement, &self.signature) {
            return Err(Wrong::new(Code::BadSignature, "the signature over the statement does not hold"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::p256::Private;
    use crate::merkle::leaf_hash;

    /// Canonical JSON and digest by a few lines of Python.
    const TEXT: &str = r#"{"apiVersion":"0.0.2","kind":"hashedrekord","spec":{"hashedRekordV002":{"data":{"algorithm":"SHA2_256","digest":"sRHG4dMY8gMGPlwWurQ8EIMmrwqi97ZXYMlVR6Q9vlI="},"signature":{"content":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+P0BBQkNERUZH","verifier":{"keyDetails":"PKIX_ECDSA_P256_SHA_256","publicKey":{"rawBytes":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+P0BBQkNERUZHSElKS0xNTk9QUVJTVFVWV1hZWg=="}}}}}}"#;

    #[test]
    fn a_leaf_is_canonical_json() {
        let digest = Digest(Sha256::digest(b"statement").into());
        let leaf = Leaf { digest, signature: (0..72).collect(), spki: (0..91).collect() };
        assert_eq!(String::from_utf8(leaf.to_bytes()).unwrap(), TEXT);
        assert_eq!(Leaf::parse(TEXT.as_bytes()).unwrap(), leaf);
        let canonical = crate::bundle::json::rewrite(TEXT.as_bytes(), crate::bundle::json::Form::Canonical).unwrap();
        assert_eq!(String::from_utf8(canonical).unwrap(), TEXT);
        assert_eq!(leaf_hash(TEXT.as_bytes()), leaf_hash(&leaf.to_bytes()));
    }

    #[test]
    fn a_changed_byte_is_another_leaf_or_none() {
        let leaf = Leaf::parse(TEXT.as_bytes()).unwrap();
        for at in 0..TEXT.len() {
            let mut bytes = TEXT.as_bytes().to_vec();
            bytes[at] ^= 1;
            assert!(
                Leaf::parse(&bytes).is_ok_and(|other| other != leaf && other.to_bytes() == bytes)
                    || Leaf::parse(&bytes).is_err()
            );
        }
        for other in [
            TEXT.replace("AAECAwQF", "AAECAw==AAECAwQF"),
            format!("{TEXT} "),
            TEXT.replace(":", ": "),
            TEXT[1..].to_owned(),
            String::new(),
        ] {
            assert!(Leaf::parse(other.as_bytes()).is_err());
        }
    }

    #[test]
    fn a_leaf_binds_statement_key_and_signature() {
        let key = |n| Private::from_random(&[n; 32]).unwrap();
        let (own, other) = (key(7), key(8));
        let leaf = |signed: &[u8]| Leaf {
            digest: Digest(Sha256::digest(b"statement").into()),
            signature: own.sign_der(signed),
            spki: own.public().spki().to_vec(),
        };
        let code =
            |leaf: Leaf, statement: &[u8], key: &Private| leaf.check(statement, key.public()).map_err(|w| w.code);
        assert_eq!(code(leaf(b"statement"), b"statement", &own), Ok(()));
        assert_eq!(code(leaf(b"statement"), b"statemenT", &own), Err(Code::DigestMismatch));
        assert_eq!(code(leaf(b"statement"), b"statement", &other), Err(Code::UnknownKey));
        assert_eq!(code(leaf(b"statemenT"), b"statement", &own), Err(Code::BadSignature));
    }
}
