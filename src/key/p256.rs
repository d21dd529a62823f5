//! P-256 keys and ECDSA signatures over SHA-256. Signing is deterministic (RFC 6979).

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_FIXED, ParsedPublicKey};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey, VerifyingKey};
use p256::pkcs8::der::pem;
use p256::pkcs8::{DecodePublicKey, EncodePrivateKey, EncodePublicKey, LineEnding};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// A private key.
#[derive(Clone)]
pub struct Private {
    key: SigningKey,
    public: Public,
}

/// A public key. Verifying is the work of AWS-LC, which takes a fifth of the time that the `p256` crate takes.
#[derive(Clone)]
pub struct Public {
    /// SubjectPublicKeyInfo, DER.
    spki: Vec<u8>,
    /// For signatures of r and s alone, and for those in DER.
    fixed: Arc<ParsedPublicKey>,
    der: Arc<ParsedPublicKey>,
}

impl Private {
    fn new(key: SigningKey) -> Result<Self, String> {
        Public::new(key.verifying_key()).map(|public| Private { key, public })
    }

    /// None for the one in four billion texts that is no key.
    pub fn from_random(bytes: &[u8; 32]) -> Option<Self> {
        Private::new(SigningKey::from_slice(bytes).ok()?).ok()
    }

    /// PKCS#8 (`PRIVATE KEY`) or SEC 1 (`EC PRIVATE KEY`).
    pub fn from_pem(text: &str) -> Result<Self, String> {
        let key = p256::SecretKey::from_pem(text.trim());
        let key = key.map_err(|e| format!("is no private P-256 key in PEM: {e}"))?;
        Private::new(key.into())
    }

    /// PKCS#8.
    pub fn to_pem(&self) -> Result<Zeroizing<String>, String> {
        self.key.to_pkcs8_pem(LineEnding::LF).map_err(|e| e.to_string())
    }

    pub fn public(&self) -> &Public {
        &self.public
    }

    /// r and s, 32 bytes each, as JWS has them.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let signature: Signature = self.key.sign(message);
        signature.to_bytes().to_vec()
    }

    /// The same signature in DER, as X.509 and Sigstore have it.
    pub fn sign_der(&self, message: &[u8]) -> Vec<u8> {
        let signature: Signature = self.key.sign(message);
        signature.to_der().as_bytes().to_vec()
    }
}

impl Public {
    fn new(key: &VerifyingKey) -> Result<Self, String> {
        let point = key.to_sec1_point(false);
        let parsed = |algorithm| ParsedPublicKey::new(algorithm, point.as_bytes()).map(Arc::new);
        let refused = |e| format!("is no public P-256 key: {e}");
        let spki = key.to_public_key_der().map_err(|e| e.to_string())?.into_vec();
        let fixed = parsed(&ECDSA_P256_SHA256_FIXED).map_err(refused)?;
        Ok(Public { spki, fixed, der: parsed(&ECDSA_P256_SHA256_ASN1).map_err(refused)? })
    }

    /// SubjectPublicKeyInfo (`PUBLIC KEY`).
    pub fn from_pem(text: &str) -> Result<Self, String> {
        let key = VerifyingKey::from_public_key_pem(text.trim());
        Public::new(&key.map_err(|e| format!("is no public P-256 key in PEM: {e}"))?)
    }

    pub fn to_pem(&self) -> Result<String, String> {
        pem::encode_string("PUBLIC KEY", LineEnding::LF, &self.spki).map_err(|e| e.to_string())
    }

    /// SubjectPublicKeyInfo, DER.
    pub fn from_spki(der: &[u8]) -> Result<Self, String> {
        let key = VerifyingKey::from_public_key_der(der);
        Public::new(&key.map_err(|e| format!("is no public P-256 key in DER: {e}"))?)
    }

    pub fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// SHA-256 of the SubjectPublicKeyInfo: how a key is named.
    pub fn id(&self) -> [u8; 32] {
        Sha256::digest(&self.spki).into()
    }

    /// Of r and s, 32 bytes each.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.fixed.verify_sig(message, signature).is_ok()
    }

    /// Of a signature in DER.
    pub fn verifies_der(&self, message: &[u8], signature: &[u8]) -> bool {
        self.der.verify_sig(message, signature).is_ok()
    }
}

impl fmt::Debug for Public {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Public({})", data_encoding::HEXLOWER.encode(&self.spki))
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
        let der = key.sign_der(b"sample");
        assert_eq!((der.len(), &der[..4]), (72, &[0x30, 70, 2, 33][..]), "both numbers begin with a set bit");
        assert!(public.verifies_der(b"sample", &der) && !public.verifies_der(b"simple", &der));
        assert!(!public.verifies(b"sample", &der) && !public.verifies_der(b"sample", &signature));
        assert!(Public::from_spki(public.spki()).unwrap().verifies(b"sample", &signature));
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
