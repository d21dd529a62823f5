//! Where things lie in a site. All paths are relative to it.

/// Signed last of all: what it does not cover does not count.
pub const CHECKPOINT: &str = "checkpoint";
pub const INDEX: &str = "index.json";
pub const PAGE: &str = "index.html";
/// Switches Jekyll off where a host runs it.
pub const NO_JEKYLL: &str = ".nojekyll";
pub const TRUST: &str = "trust";
/// What is never uploaded: the lock and the checkpoint that is not yet in place.
pub const PRIVATE: &str = ".govctl";
pub const PENDING: &str = ".govctl/checkpoint.pending";
pub const LOCK: &str = ".govctl/lock";
/// Who holds the lock, for those who wait.
pub const HOLDER: &str = ".govctl/holder";

/// Files of an entry's folder.
pub const STATEMENT: &str = "statement.json";
pub const BUNDLE: &str = "bundle.sigstore.json";
pub const MANIFEST: &str = "manifest.json";
pub const MANIFEST_BUNDLE: &str = "manifest.sigstore.json";
pub const REKOR: &str = "rekor.sigstore.json";

/// Entries of a page of statements, of a tile and of a page of the index.
pub const PAGE_SIZE: u64 = 256;

/// The folder of an entry.
pub fn entry(leaf: u64) -> String {
    format!("entry/{leaf}")
}

/// A checkpoint that statements name.
pub fn checkpoint(sha256: super::digest::Digest) -> String {
    format!("checkpoints/{sha256}")
}

/// More bytes than a file of the site may have are not read.
pub fn limit(path: &str) -> u64 {
    const CHECKPOINT_BYTES: u64 = super::note::MAX_BYTES as u64;
    const SMALL: u64 = 1 << 20;
    const PAGE_BYTES: u64 = 16 << 20;
    match path.split_once('/') {
        _ if path == CHECKPOINT || path == PENDING => CHECKPOINT_BYTES,
        Some(("checkpoints", _)) => CHECKPOINT_BYTES,
        Some(("statements" | "tile" | "index" | "lookup", _)) => PAGE_BYTES,
        None if path == INDEX || path == PAGE => PAGE_BYTES,
        _ => SMALL,
    }
}
