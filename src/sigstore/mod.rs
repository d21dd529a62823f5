//! Sigstore's file formats, as cosign and other clients read and write them; bytes in, bytes out.

pub mod message;
