//! The files of a run directory that `diff run --evidence` writes.

use std::collections::BTreeSet;
use std::path::Path;

use crate::diff::report::FolderChain;
use crate::error::Result;
use crate::evidence::{Link, MANIFEST, chain_file, chain_files, links, parse_chain, parse_manifest};
use crate::io::fs;

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

/// Walks the chains of an evidence folder, each from its newest manifest back; none where runs lie in no evidence folder.
pub fn chains(root: &Path) -> Result<Vec<FolderChain>> {
    let all = links(root)?;
    let mut files: BTreeSet<String> = chain_files(root)?.into_iter().collect();
    if files.is_empty() && !fs::exists(&root.join(".lock")) {
        return Ok(Vec::new());
    }
    // A manifest that cannot be read belongs to every chain: nobody knows of which it is.
    files.extend(all.iter().map(|link| link.chain.clone().unwrap_or_else(|| chain_file(None))));
    if files.is_empty() {
        files.insert(chain_file(None));
    }
    files.iter().map(|file| chain(root, file, &all)).collect()
}

fn chain(root: &Path, file: &str, all: &[Link]) -> Result<FolderChain> {
    let links: Vec<&Link> = all.iter().filter(|l| l.chain.as_deref().is_none_or(|own| own == file)).collect();
    let broken = |why: String| Ok(FolderChain { broken: Some(format!("{file} {why}")), begins_at: None });
    if !fs::exists(&root.join(file)) {
        return broken("is not there".into());
    }
    let bytes = fs::read_small(&root.join(file).to_string_lossy())?;
    let head = match parse_chain(&bytes, file) {
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
    Ok(FolderChain { broken: None, begins_at })
}
