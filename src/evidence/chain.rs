//! The chains of an evidence folder, one for each region: `chains/<region>.json` names the newest manifest, and each
//! manifest the one before it.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::region::Region;
use super::{MANIFEST, parse_manifest};
use crate::error::{Error, Result};
use crate::io::fs::{self, Node};
use crate::text::sha256_hex;

pub const CHAINS: &str = "chains";
/// Of runs without a region. No region is called like that.
const NO_REGION: &str = "_";
/// A manifest that is larger is no manifest.
pub const MAX_MANIFEST: u64 = 16 << 20;

/// The newest manifest of a chain.
#[derive(Serialize, Deserialize)]
pub struct Chain {
    pub run_id: String,
    pub sha256: String,
    pub prev: Option<String>,
}

/// The file of a region's chain, below the evidence folder.
pub fn chain_file(region: Option<&Region>) -> String {
    format!("{CHAINS}/{}.json", region.map_or(NO_REGION, Region::first))
}

pub fn chain_entry(run_id: &str, sha256: &str, prev: Option<&str>) -> Result<Vec<u8>> {
    let entry = Chain { run_id: run_id.into(), sha256: sha256.into(), prev: prev.map(str::to_owned) };
    serde_json::to_vec(&entry).map_err(|e| Error::bug(format!("cannot encode the chain: {e}")))
}

pub fn parse_chain(bytes: &[u8], name: &str) -> Result<Chain> {
    serde_json::from_slice(bytes).map_err(|e| Error::environment(format!("damaged: {e}")).at_file(name))
}

/// What the chain file says, where there is one.
pub fn chain_head(path: &Path) -> Result<Option<Chain>> {
    if !fs::exists(path) {
        return Ok(None);
    }
    let name = path.to_string_lossy().into_owned();
    parse_chain(&fs::read_small(&name)?, &name).map(Some)
}

/// The chain files of an evidence folder, below it, in the order of their names.
pub fn chain_files(root: &Path) -> Result<Vec<String>> {
    let folder = root.join(CHAINS);
    if !fs::is_dir(&folder) {
        return Ok(Vec::new());
    }
    let names = fs::list_dir(&folder)?.into_iter().filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()));
    let is_chain = |name: &String| !name.starts_with('.') && name.ends_with(".json");
    Ok(names.filter(is_chain).map(|name| format!("{CHAINS}/{name}")).collect())
}

/// A region that differs from one of the folder in nothing but upper and lower case is a mistake, and on some file
/// systems its chain would be that of the other.
pub fn refuse_other_case(root: &Path, file: &str) -> Result<()> {
    let other = chain_files(root)?.into_iter().find(|other| other != file && other.eq_ignore_ascii_case(file));
    match other {
        None => Ok(()),
        Some(other) => {
            let region = |file: &str| file[CHAINS.len() + 1..].trim_end_matches(".json").to_owned();
            let message = format!("--region {}: the folder has runs of region {}", region(file), region(&other));
            Err(Error::usage(message)
                .at_file(&root.to_string_lossy())
                .hint("regions are compared exactly; write it the same way"))
        }
    }
}

/// A manifest of an evidence folder.
#[derive(Debug, Clone)]
pub struct Link {
    pub folder: String,
    pub sha256: String,
    pub prev: Option<String>,
    /// The run came to its end.
    pub complete: bool,
    /// The file of its chain. None of a manifest that cannot be read.
    pub chain: Option<String>,
}

/// The manifests of all runs, in the order of their folders. Links are not followed.
pub fn links(root: &Path) -> Result<Vec<Link>> {
    let mut all = Vec::new();
    for folder in fs::list_dir(root)? {
        let name = folder.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let manifest = folder.join(MANIFEST);
        let is_file = fs::node(&manifest).is_ok_and(|node| node == Some(Node::File));
        if name.starts_with('.') || fs::is_symlink(&folder) || !is_file {
            continue;
        }
        // A manifest that cannot be read names none before it.
        let (sha256, stated) = match fs::read_file(&manifest, MAX_MANIFEST)? {
            Some(bytes) => (sha256_hex(&bytes), parse_manifest(&bytes, MANIFEST).ok().map(|m| m.predicate)),
            None => (fs::sha256_file(&manifest)?, None),
        };
        all.push(Link {
            folder: name,
            sha256,
            complete: stated.as_ref().is_some_and(|p| p.complete),
            chain: stated.as_ref().map(|p| chain_file(p.region().as_ref())),
            prev: stated.and_then(|p| p.prev_manifest_sha256),
        });
    }
    Ok(all)
}
