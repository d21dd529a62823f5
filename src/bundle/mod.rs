//! A signed OPA bundle: which files it holds, who signed them, and what they say. Bytes in, bytes out.

pub mod archive;
mod build;
pub mod certificate;
pub mod code;
mod content;
mod found;
pub mod json;
mod manifest;
mod open;
pub mod signature;

pub use self::build::{Content, build};
pub use self::content::revision;
pub use self::found::Found;
pub use self::open::{Opened, Trust, open};

/// The signature's own file.
pub const SIGNATURES: &str = ".signatures.json";
pub const MANIFEST: &str = ".manifest";
pub const DATA: &str = "data.json";
/// What a bundle of ours may define: the package and the four roots of the data.
pub const ROOTS: [&str; 5] = ["switchboard", "tenants", "classifications", "regions", "router"];

/// The last part of a name.
fn base(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// Files whose meaning is signed, not their bytes: OPA hashes them by structure, in every folder.
fn is_structured(name: &str) -> bool {
    matches!(base(name), "data.json" | "data.yaml" | "data.yml" | MANIFEST)
}
