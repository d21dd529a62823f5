//! Ed25519 keys and signatures (RFC 8032), in the containers of RFC 8410.

use std::fmt;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use p256::pkcs8::der::pem;
use p256::pkcs8::{LineEnding, SecretDocument};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// PKCS#8, version 1, algorithm 1.3.101.112, a key of 32 bytes: what OpenSSL writes.
const PRIVATE: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
/// SubjectPublicKeyInfo, algorithm 1.3.101.112, a key of 32 bytes.
const PUBLIC: [u8; 12] = [0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0];

/// A private key.
pub struct Private(Ed25519KeyPair);

/// A public key: 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Public([u8; 32]);

impl Private {
    pub fn from_seed(seed: &[u8; 32]) -> Result<Self, String> {
        Ed25519KeyPair::from_seed_unchecked(seed).map(Private).map_err(|e| format!("is no Ed25519 key: {e}"))
    }

    /// PKCS#8 (`PRIVATE KEY`), with the public key in it or without.
    pub fn from_pem(text: &str) -> Result<Self, String> {
        let refused = |e: String| format!("is no private Ed25519 key in PEM: {e}");
        let (label, der) = SecretDocument::from_pem(text.trim()).map_err(|e| refused(e.to_string()))?;
        if label != "PRIVATE KEY" {
            return Err(refused(format!("it holds a {label}, not a PRIVATE KEY")));
        }
        Ed25519KeyPair::from_pkcs8_maybe_unchecked(der.as_bytes()).map(Private).map_err(|e| refused(e.to_string()))
    }

    /// The PEM of a seed, before it is a key: PKCS#8.
    pub fn pem_of(seed: &[u8; 32]) -> Result<Zeroizing<String>, String> {
        let der = SecretDocument::try_from([&PRIVATE[..], seed].concat()).map_err(|e| e.to_string())?;
        der.to_pem("PRIVATE KEY", LineEnding::LF).map_err(|e| e.to_string())
    }

    pub fn public(&self) -> Public {
        let mut raw = [0; 32];
        raw.copy_from_slice(self.0.public_key().as_ref());
        Public(raw)
    }

    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        let mut signature = [0; 64];
        signature.copy_from_slice(self.0.sign(message).as_ref());
        signature
    }
}

impl Public {
    pub fn from_raw(raw: [u8; 32]) -> Self {
        Public(raw)
    }

    pub fn raw(&self) -> &[u8; 32] {
        &self.0
    }

    /// SubjectPublicKeyInfo (`PUBLIC KEY`).
    pub fn from_pem(text: &str) -> Result<Self, String> {
        let refused = |e: String| format!("is no public Ed25519 key in PEM: {e}");
        let (label, der) = pem::decode_vec(text.trim().as_bytes()).map_err(|e| refused(e.to_string()))?;
        if label != "PUBLIC KEY" {
            return Err(refused(format!("it holds a {label}, not a PUBLIC KEY")));
        }
        Public::from_spki(&der).ok_or_else(|| refused("it is a key of another kind".to_owned()))
    }

    pub fn to_pem(&self) -> Result<String, String> {
        pem::encode_string("PUBLIC KEY", LineEnding::LF, &self.spki()).map_err(|e| e.to_string())
    }

    pub fn from_spki(der: &[u8]) -> Option<Self> {
        let raw = der.strip_prefix(&PUBLIC[..])?;
        raw.try_into().ok().map(Public)
    }

    /// SubjectPublicKeyInfo, DER.
    pub fn spki(&self) -> Vec<u8> {
        [&PUBLIC[..], &self.0].concat()
    }

    /// SHA-256 of the SubjectPublicKeyInfo: how a key is named.
    pub fn id(&self) -> [u8; 32] {
        Sha256::digest(self.spki()).into()
    }

    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.0).verify(message, signature).is_ok()
    }
}

impl fmt::Debug for Public {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Public({})", data_encoding::HEXLOWER.encode(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex<const N: usize>(text: &str) -> [u8; N] {
        data_encoding::HEXLOWER.decode(text.as_bytes()).unwrap().try_into().unwrap()
    }

    /// RFC 8032, section 7.1, test 2.
    #[test]
    fn signing_is_rfc_8032() {
        let seed = hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
        let key = Private::from_seed(&seed).unwrap();
        let public = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
        assert_eq!(key.public().raw(), &hex::<32>(public));
        let signature = hex::<64>(
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        );
        assert_eq!(key.sign(&[0x72]), signature);
        assert!(key.public().verifies(&[0x72], &signature));
        assert!(!key.public().verifies(&[0x73], &signature));
        assert!(!key.public().verifies(&[0x72], &signature[..63]));
    }

    /// The example keys of RFC 8410, section 10: the public one and both forms of the private one.
    #[test]
    fn containers_are_those_of_rfc_8410() {
        let public = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n";
        let bare = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
        let both = "-----BEGIN PRIVATE KEY-----\nMHICAQEwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\noB8wHQYKKoZIhvcNAQkJFDEPDA1DdXJkbGUgQ2hhaXJzgSEAGb9ECWmEzf6FQbrB\nZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PRIVATE KEY-----\n";
        let expected = Public::from_pem(public).unwrap();
        assert_eq!(expected.to_pem().unwrap(), public);
        assert_eq!(Private::from_pem(bare).unwrap().public(), expected);
        assert_eq!(Private::from_pem(both).unwrap().public(), expected);
        let seed = hex("d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842");
        assert_eq!(*Private::pem_of(&seed).unwrap(), bare);
        assert!(
            Public::from_pem(bare).is_err() && Private::from_pem(public).is_err() && Private::from_pem("").is_err()
        );
    }
}
