//! The files of a run directory that `diff run --evidence` writes.

use std::path::Path;

use crate::evidence::MANIFEST;
use crate::io::fs;

pub const PROOF: &str = "proof.json";
pub const DIFFS: &str = "diffs.ndjson";
/// Records that could not be read, as they came; only where there are any.
pub const DEAD_LETTERS: &str = "dead_letters.ndjson";

/// Whether a run ended in this folder. What a crash left has no manifest and begins with a dot; runs of other commands
/// have no proof.
pub fn is_finished(folder: &Path) -> bool {
    let hidden = folder.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
    !hidden && fs::exists(&folder.join(PROOF)) && fs::exists(&folder.join(MANIFEST))
}

/// Whether this is a folder of a run, not of runs.
pub fn is_run(folder: &Path) -> bool {
    [MANIFEST, PROOF, DIFFS].iter().any(|name| fs::exists(&folder.join(name)))
}
