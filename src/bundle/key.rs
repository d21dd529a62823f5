//! P-256 keys and ES256 signatures. Signing is deterministic (RFC 6979): equal inputs give equal bytes.

use p256::ecdsa::signature::{Signer, Verifier};
use p256::ecdsa::{Signature, SigningKey, VerifyingKey};
use p256::pkcs8::{DecodePublicKey, EncodePrivateKey, EncodePublicKey, LineEnding};

/// A private key.
#[derive(Clone)]
pub struct Private(SigningKey);

/// A public key: the only thing that a bundle is trusted by.
#[derive(Debug, Clone)]
pub struct Public(VerifyingKey);

impl Private {
    /// None for the one in four billion texts that is no key.
    pub fn from_random(bytes: &[u8; 32]) -> Option<Self> {
        SigningKey::from_slice(bytes).ok().map(Private)
    }

    /// PKCS#8 (`PRIVATE KEY`) or SEC 1 (`EC PRIVATE KEY`).
    pub fn from_pem(text: &str) -> Result<Self, String> {
        let key = p256::SecretKey::from_pem(text.trim());
        key.map(|key| Private(key.into())).map_err(|e| format!("is no private P-256 key in PEM: {e}"))
    }

    /// PKCS#8.
    pub fn to_pem(&self) -> Result<String, String> {
        self.0.to_pkcs8_pem(LineEnding::LF).map(|pem| pem.to_string()).map_err(|e| e.to_string())
    }

    pub fn public(&self) -> Public {
        Public(*self.0.verifying_key())
    }

    /// r and s, 32 bytes each, as JWS has them.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let signature: Signature = self.0.sign(message);
        signature.to_bytes().to_vec()
    }
}

impl Public {
    /// SubjectPublicKeyInfo (`PUBLIC KEY`).
    pub fn from_pem(text: &str) -> Result<Self, String> {
        let key = VerifyingKey::from_public_key_pem(text.trim());
        key.map(Public).map_err(|e| format!("is no public P-256 key in PEM: {e}"))
    }

    pub fn to_pem(&self) -> Result<String, String> {
        self.0.to_public_key_pem(LineEnding::LF).map_err(|e| e.to_string())
    }

    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature).is_ok_and(|signature| self.0.verify(message, &signature).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6979, appendix A.2.5: P-256 with SHA-256, message `sample`.
    #[test]
    fn signing_is_rfc_6979() {
        let hex = |text: &str| data_encoding::HEXLOWER_PERMISSIVE.decode(text.as_bytes()).unwrap();
        let x = hex("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721");
        let key = Private::from_random(&x.try_into().unwrap()).unwrap();
        let signature = hex(
            "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8",
        );
        assert_eq!(key.sign(b"sample"), signature);
        let public = Public::from_pem(&key.public().to_pem().unwrap()).unwrap();
        assert!(public.verifies(b"sample", &signature));
        assert!(!public.verifies(b"simple", &signature));
        assert!(!public.verifies(b"sample", &signature[..63]));
        assert!(!public.verifies(b"sample", &[0; 64]));
        let again = Private::from_pem(&key.to_pem().unwrap()).unwrap();
        assert_eq!(again.sign(b"sample"), signature);
        assert!(Private::from_random(&[0; 32]).is_none() && Private::from_random(&[0xff; 32]).is_none());
    }

    #[test]
    fn a_key_of_the_other_kind_is_refused() {
        let key = Private::from_random(&[7; 32]).unwrap();
        assert!(Public::from_pem(&key.to_pem().unwrap()).is_err());
        assert!(Private::from_pem(&key.public().to_pem().unwrap()).is_err());
        assert!(Private::from_pem("").is_err());
    }
}
