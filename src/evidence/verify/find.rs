//! The run directories that a path means: itself, or all in an evidence folder.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::Run;
use crate::error::{Error, Result};
use crate::evidence::{CHAINS, MANIFEST, is_temp};
use crate::io::fs::{self, Node};

#[derive(Default)]
pub struct Found {
    pub runs: Vec<Run>,
    /// Folders of runs that are being written, or that a crash left.
    pub unfinished: u64,
    seen: BTreeSet<PathBuf>,
}

/// A run that is meant twice is verified once. A path that leads nowhere is wrong usage.
pub fn find(paths: &[String]) -> Result<Found> {
    let mut found = Found::default();
    for given in paths {
        let path = Path::new(given);
        if !fs::exists(path) {
            return Err(Error::usage("no such folder").at_file(given));
        }
        if !fs::is_dir(path) {
            return Err(Error::usage("is a file, a run directory or an evidence folder was expected")
                .at_file(given)
                .hint("name the folder that holds it"));
        }
        found.add_all(path)?;
    }
    if found.runs.is_empty() {
        // Nothing that was verified is no pass.
        return Err(Error::input("no run was named")
            .at_file(&paths.join(", "))
            .hint("name a run directory or an evidence folder"));
    }
    Ok(found)
}

impl Found {
    fn add_all(&mut self, path: &Path) -> Result<()> {
        let shown = |path: &Path| fs::record_name(&path.to_string_lossy());
        if holds_manifest(path) {
            self.add(shown(path), path);
            return Ok(());
        }
        let entries = fs::list_dir(path)?;
        let is_hidden = |path: &PathBuf| path.file_name().is_some_and(|n| n.as_encoded_bytes().starts_with(b"."));
        let (hidden, runs): (Vec<_>, Vec<_>) =
            entries.into_iter().filter(|path| fs::is_dir(path) && !is_chains(path)).partition(is_hidden);
        if !fs::is_dir(&path.join(CHAINS)) && !runs.iter().any(|run| holds_manifest(run)) {
            // No evidence folder: a run without its manifest, which the checks will say. But a shell names the chain files too
            // where all that lies in an evidence folder is meant.
            if !is_chains(path) {
                self.add(shown(path), path);
            }
            return Ok(());
        }
        self.unfinished += hidden.iter().filter(|path| is_temp(path)).count() as u64;
        if runs.is_empty() {
            self.add(shown(path), path);
        }
        let root = shown(path);
        let (links, folders): (Vec<_>, Vec<_>) = runs.into_iter().partition(|path| fs::is_symlink(path));
        let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        for folder in folders {
            self.add(format!("{}/{}", root.trim_end_matches('/'), name(&folder)), &folder);
        }
        // A name for a run beside it, such as `latest`, is the same run again.
        for link in links {
            if self.knows(&link) {
                continue;
            }
            self.runs.push(Run { shown: format!("{root}/{}", name(&link)), folder: link, is_link: true });
        }
        Ok(())
    }

    fn add(&mut self, shown: String, path: &Path) {
        let folder = fs::canonical(path).unwrap_or_else(|| path.to_owned());
        if self.seen.insert(folder.clone()) {
            self.runs.push(Run { shown, folder, is_link: false });
        }
    }

    fn knows(&self, path: &Path) -> bool {
        fs::canonical(path).is_some_and(|path| self.seen.contains(&path))
    }
}

fn is_chains(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == CHAINS)
}

/// Also one that cannot be used makes a folder one of a run.
fn holds_manifest(folder: &Path) -> bool {
    fs::node(&folder.join(MANIFEST)).is_ok_and(|node: Option<Node>| node.is_some())
}
