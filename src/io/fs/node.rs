//! What lies under a name, looked at without following links and without waiting.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use crate::error::{Error, Result};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Node {
    File,
    Folder,
    Link,
    /// A pipe, a socket or a device: reading it may take for ever, or never end.
    Special,
}

/// None where nothing is.
pub fn node(path: &Path) -> Result<Option<Node>> {
    let kind = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata.file_type(),
        Err(e) if matches!(e.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(e) => return Err(Error::io(&path.to_string_lossy(), "look at", &e)),
    };
    Ok(Some(match () {
        () if kind.is_symlink() => Node::Link,
        () if kind.is_dir() => Node::Folder,
        () if kind.is_file() => Node::File,
        () => Node::Special,
    }))
}

/// The bytes of a regular file, whose name need be no text; None where they are more than the limit.
pub fn read_file(path: &Path, limit: u64) -> Result<Option<Vec<u8>>> {
    let failed = |e: std::io::Error| Error::io(&path.to_string_lossy(), "read", &e);
    let mut bytes = Vec::new();
    File::open(path).map_err(failed)?.take(limit + 1).read_to_end(&mut bytes).map_err(failed)?;
    Ok((bytes.len() as u64 <= limit).then_some(bytes))
}
