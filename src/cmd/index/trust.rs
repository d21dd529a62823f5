//! Trust directories: that of a site, and one that is pinned.

use crate::error::Result;
use crate::index::site;
use crate::index::trust::{self, File, Trust};
use crate::io::site::Site;

/// The files of a trust directory, as they are.
pub fn files(at: &Site, folder: &str) -> Result<Vec<File>> {
    let mut files = Vec::new();
    for name in at.list(folder)? {
        let path = join(folder, &name);
        if let Some(bytes) = at.read(&path, site::limit(&path))? {
            files.push((name, bytes));
        }
    }
    Ok(files)
}

/// What they say.
pub fn read(at: &Site, folder: &str, files: &[File]) -> Result<Trust> {
    trust::read(files).map_err(|(name, wrong)| wrong.error(&at.name(&join(folder, name))))
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}
