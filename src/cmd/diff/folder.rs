//! The files of a run directory that `diff run --evidence` writes.

use std::path::Path;

use crate::diff::report::FolderChain;
use crate::error::Result;
use crate::evidence::{CHAIN, MANIFEST, parse_chain, parse_manifest};
use crate::io::fs;
use crate::text::sha256_hex;

/// The command whose runs leave a proof.
pub const COMMAND: &str = "diff run";
pub const PROOF: &str = "proof.json";
pub const DIFFS: &str = "diffs.ndjson";

/// Whether a comparison ended in this folder, well or not. What a crash left has no manifest and begins with a dot;
/// runs of other commands have no proof, and owe none.
pub fn is_finished(folder: &Path) -> bool {
    let hidden = folder.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
    !hidden && fs::exists(&folder.join(MANIFEST)) && (fs::exists(&folder.join(PROOF)) || owes_proof(folder))
}

/// By its manifest this is a run that leaves a proof. What a manifest that cannot be read is about nobody knows, so it
/// is not passed over.
fn owes_proof(folder: &Path) -> bool {
    let bytes = fs::read_small(&folder.join(MANIFEST).to_string_lossy());
    let manifest = bytes.and_then(|bytes| parse_manifest(&bytes, MANIFEST));
    manifest.map_or(true, |m| m.predicate.command == COMMAND || m.lists(PROOF))
}

/// Whether this is a folder of a run, not of runs.
pub fn is_run(folder: &Path) -> bool {
    [MANIFEST, PROOF, DIFFS].iter().any(|name| fs::exists(&folder.join(name)))
}

/// A manifest of an evidence folder.
pub struct Link {
    pub folder: String,
    pub sha256: String,
    pub prev: Option<String>,
    /// The run came to its end.
    pub complete: bool,
}

pub fn links(root: &Path) -> Result<Vec<Link>> {
    let mut all = Vec::new();
    for folder in fs::list_dir(root)? {
        let name = folder.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        if name.starts_with('.') || !fs::exists(&folder.join(MANIFEST)) {
            continue;
        }
        let bytes = fs::read_small(&folder.join(MANIFEST).to_string_lossy())?;
        // A manifest that cannot be read names none before it.
        let stated = parse_manifest(&bytes, MANIFEST).ok().map(|m| m.predicate);
        let complete = stated.as_ref().is_some_and(|p| p.complete);
        let prev = stated.and_then(|p| p.prev_manifest_sha256);
        all.push(Link { folder: name, sha256: sha256_hex(&bytes), prev, complete });
    }
    Ok(all)
}

/// Walks the chain of an evidence folder from its newest manifest back; None where runs lie in no evidence folder.
pub fn chain(root: &Path) -> Result<Option<FolderChain>> {
    let links = links(root)?;
    let broken = |why: String| Ok(Some(FolderChain { broken: Some(format!("{CHAIN} {why}")), begins_at: None }));
    if !fs::exists(&root.join(CHAIN)) {
        return if fs::exists(&root.join(".lock")) { broken("is not there".into()) } else { Ok(None) };
    }
    let bytes = fs::read_small(&root.join(CHAIN).to_string_lossy())?;
    let head = match parse_chain(&bytes, CHAIN) {
        Ok(head) => head,
        Err(e) => return broken(format!("is {}", e.message)),
    };
    let Some(newest) = links.iter().find(|l| l.folder == head.run_id) else {
        return broken(format!("names run {}, which is not there", head.run_id));
    };
    if newest.sha256 != head.sha256 {
        return broken(format!("names another manifest of run {}", head.run_id));
    }
    let (mut oldest, mut walked) = (newest, 1);
    while let Some(before) = links.iter().find(|l| oldest.prev.as_ref() == Some(&l.sha256)) {
        (oldest, walked) = (before, walked + 1);
    }
    if walked < links.len() {
        return broken(format!("does not lead to all runs: what came before {} is not there", oldest.folder));
    }
    let begins_at = oldest.prev.is_some().then(|| oldest.folder.clone());
    Ok(Some(FolderChain { broken: None, begins_at }))
}
