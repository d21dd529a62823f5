//! A site as a folder: many small files that are written one by one, made durable together, and never seen half.
#![expect(clippy::disallowed_methods, reason = "a door to the file system")]

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::fs::{create_dir_all, read_at_most, remove_dir_all, sync_dir};
use crate::error::{Error, Result};

/// Where files are written before they are renamed into place, below the folder that is never uploaded.
const TEMP: &str = "tmp";

pub struct Site {
    root: PathBuf,
    temp: PathBuf,
}

impl Site {
    /// `private`: the folder in it that is never uploaded.
    pub fn new(root: &str, private: &str) -> Site {
        let root = PathBuf::from(root);
        Site { temp: root.join(private).join(TEMP), root }
    }

    /// Makes the folders that writing needs, and removes what a crash left in them.
    pub fn prepare(&self) -> Result<()> {
        remove_dir_all(&self.temp)?;
        create_dir_all(&self.temp)
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// What a message calls a file of the site.
    pub fn name(&self, path: &str) -> String {
        self.path(path).to_string_lossy().into_owned()
    }

    pub fn has(&self, path: &str) -> bool {
        self.path(path).symlink_metadata().is_ok()
    }

    /// None of what is not there.
    pub fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>> {
        let name = self.name(path);
        match self.path(path).symlink_metadata() {
            Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
            Err(e) => return Err(Error::io(&name, "look at", &e)),
            Ok(there) if !there.is_file() => return Err(Error::input("is no regular file").at_file(&name)),
            Ok(_) => {}
        }
        let too_large = || Error::input(format!("larger than {limit} bytes, which no such file is")).at_file(&name);
        read_at_most(&name, limit)?.ok_or_else(too_large).map(Some)
    }

    /// Writes a file so that a reader sees the old bytes or the new ones. It is durable after [`Site::sync`].
    pub fn write(&self, path: &str, bytes: &[u8]) -> Result<()> {
        let (to, temp) = (self.path(path), self.temp.join("file"));
        let failed = |e: std::io::Error| Error::io(&to.to_string_lossy(), "write", &e);
        step();
        File::create(&temp).and_then(|mut file| file.write_all(bytes)).map_err(failed)?;
        step();
        match fs::rename(&temp, &to) {
            Err(e) if e.kind() == ErrorKind::NotFound => {
                create_dir_all(to.parent().unwrap_or(Path::new(".")))?;
                fs::rename(&temp, &to).map_err(failed)
            }
            renamed => renamed.map_err(failed),
        }
    }

    /// The same where the bytes may be there already: then nothing is written, and the answer is false.
    pub fn write_if_changed(&self, path: &str, bytes: &[u8]) -> Result<bool> {
        let there = self.read(path, bytes.len() as u64).ok().flatten();
        if there.as_deref() == Some(bytes) {
            return Ok(false);
        }
        self.write(path, bytes).map(|()| true)
    }

    /// Makes everything durable that was written.
    pub fn sync(&self) -> Result<()> {
        step();
        let failed = |e: std::io::Error| Error::io(&self.root.to_string_lossy(), "flush", &e);
        let folder = File::open(&self.root).map_err(failed)?;
        #[cfg(target_os = "linux")]
        rustix::fs::syncfs(&folder).map_err(|e| failed(e.into()))?;
        #[cfg(not(target_os = "linux"))]
        folder.sync_all().map_err(failed)?;
        Ok(())
    }

    /// Renames a file of the site over another one, and makes that durable.
    pub fn put_in_place(&self, from: &str, to: &str) -> Result<()> {
        step();
        let (from, to) = (self.path(from), self.path(to));
        fs::rename(from, &to).map_err(|e| Error::io(&to.to_string_lossy(), "rename into place", &e))?;
        step();
        sync_dir(to.parent().unwrap_or(Path::new(".")))
    }

    /// Removes a file or a folder with all that is in it; whether something was there.
    pub fn remove(&self, path: &str) -> Result<bool> {
        let path = self.path(path);
        let Ok(there) = path.symlink_metadata() else { return Ok(false) };
        step();
        if there.is_dir() {
            return remove_dir_all(&path).map(|()| true);
        }
        fs::remove_file(&path).map(|()| true).map_err(|e| Error::io(&path.to_string_lossy(), "remove", &e))
    }

    /// Names in a folder, sorted; none where there is no such folder.
    pub fn list(&self, path: &str) -> Result<Vec<String>> {
        let folder = self.path(path);
        if !folder.is_dir() {
            return Ok(Vec::new());
        }
        let names = super::fs::list_dir(&folder)?;
        Ok(names.iter().filter_map(|path| path.file_name()).map(|name| name.to_string_lossy().into_owned()).collect())
    }
}

/// A place where a test may let the process die, as `kill -9` would: in test builds only, before the change whose number
/// `GOVCTL_DIE_AT` says.
#[cfg(debug_assertions)]
pub fn step() {
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU64, Ordering};
    static TAKEN: AtomicU64 = AtomicU64::new(0);
    static LAST: LazyLock<Option<u64>> =
        LazyLock::new(|| std::env::var("GOVCTL_DIE_AT").ok().and_then(|text| text.parse().ok()));
    if *LAST == Some(TAKEN.fetch_add(1, Ordering::Relaxed)) {
        std::process::abort();
    }
}

#[cfg(not(debug_assertions))]
pub fn step() {}
