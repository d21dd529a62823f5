//! Signing keys: P-256 for evidence, entries and policy bundles, Ed25519 for checkpoints and cosignatures. Both sign
//! deterministically, so equal inputs give equal bytes.

pub mod ed25519;
pub mod p256;
