//! The only door to the file system besides `source` and `sink`: small files, and durable writes.
#![expect(clippy::disallowed_methods, reason = "this module is the door to the file system")]

mod node;
mod secret;

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::wait::patiently;
use crate::error::{Error, Kind, Result};

pub use node::{Node, node, read_file};
pub use secret::{create_private, create_secret, read_secret};

/// Configuration, policy and key files are small; anything above this is a mistake.
const SMALL_FILE: u64 = 16 << 20;

/// Reads a small file; `-` is standard input. A missing or unreadable configuration file is a usage error.
pub fn read_small(path: &str) -> Result<Vec<u8>> {
    read_checked(path).map_err(|e| e.of_kind(Kind::Usage))
}

/// The same for a verb whose work it is to check the file: that it cannot be read is then no mistake of usage.
pub fn read_checked(path: &str) -> Result<Vec<u8>> {
    let too_large = || Error::usage("larger than 16 MiB, which no configuration file is").at_file(path);
    read_at_most(path, SMALL_FILE)?.ok_or_else(too_large)
}

/// Reads a file that is no larger than this, else None; `-` is standard input.
pub fn read_at_most(path: &str, limit: u64) -> Result<Option<Vec<u8>>> {
    fn read(reader: impl Read, limit: u64) -> std::io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        reader.take(limit + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
    let name = path.to_owned();
    let bytes = match path {
        "-" => patiently(move || read(std::io::stdin().lock(), limit)),
        _ if may_wait(path) => patiently(move || read(File::open(name)?, limit)),
        _ => File::open(path).and_then(|file| read(file, limit)),
    };
    let bytes = bytes.map_err(|e| Error::io(path, "read", &e))?;
    Ok((bytes.len() as u64 <= limit).then_some(bytes))
}

/// The same of a file that need not be there.
pub fn read_if_there(path: &str, limit: u64) -> Result<Option<Vec<u8>>> {
    if !exists(Path::new(path)) {
        return Ok(None);
    }
    let too_large = || Error::input(format!("larger than {limit} bytes")).at_file(path);
    read_at_most(path, limit)?.ok_or_else(too_large).map(Some)
}

/// Opening or reading it may take for ever: a pipe, a terminal or a device.
pub fn may_wait(path: &str) -> bool {
    fs::metadata(path).is_ok_and(|there| !there.is_file() && !there.is_dir())
}

/// Reads a small UTF-8 file, without a byte order mark. A configuration file that is none is a usage error.
pub fn read_small_text(path: &str) -> Result<String> {
    utf8(read_small(path)?, path).map_err(|e| e.of_kind(Kind::Usage))
}

/// The bytes of a file as text, without a byte order mark; what is no text is unusable input.
pub fn utf8(bytes: Vec<u8>, path: &str) -> Result<String> {
    if let Some(name) = utf16(&bytes) {
        return Err(Error::input("is UTF-16 text, UTF-8 was expected")
            .at_file(path)
            .hint(format!("convert it: iconv -f {name} -t UTF-8 FILE")));
    }
    let text = String::from_utf8(bytes).map_err(|e| {
        let good = &e.as_bytes()[..e.utf8_error().valid_up_to()];
        let line = 1 + good.iter().filter(|b| **b == b'\n').count() as u64;
        Error::input("is not UTF-8").at(path, line, None)
    })?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// What `iconv` calls the encoding of a text whose first characters are two bytes each, by its mark or by its zeros.
fn utf16(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some("UTF-16"),
        [1..=255, 0, 1..=255, 0, ..] => Some("UTF-16LE"),
        [0, 1..=255, 0, 1..=255, ..] => Some("UTF-16BE"),
        _ => None,
    }
}

/// SHA-256 of a file of any size, as hex.
pub fn sha256_file(path: &Path) -> Result<String> {
    let mut hash = Sha256::new();
    read_chunks(path, |chunk| hash.update(chunk))?;
    Ok(data_encoding::HEXLOWER.encode(&hash.finalize()))
}

/// Number of lines of a file of any size.
pub fn count_lines(path: &Path) -> Result<u64> {
    let mut lines = 0;
    read_chunks(path, |chunk| lines += memchr::memchr_iter(b'\n', chunk).count() as u64)?;
    Ok(lines)
}

fn read_chunks(path: &Path, mut take: impl FnMut(&[u8])) -> Result<()> {
    let failed = |e: std::io::Error| Error::io(&path.to_string_lossy(), "read", &e);
    let mut file = File::open(path).map_err(failed)?;
    let mut chunk = vec![0u8; 256 << 10];
    loop {
        match file.read(&mut chunk).map_err(failed)? {
            0 => return Ok(()),
            n => take(&chunk[..n]),
        }
    }
}

/// Writes a whole file so that a reader sees the old bytes or the new ones, never a part:
/// temporary file in the same folder, fsync, rename, fsync of the folder.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<()> {
    Staged::new(path, bytes)?.commit()
}

/// The same of a file that only its owner may read.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    let staged = Staged { temp: temp_of(path), path: path.to_owned() };
    let mut file = create_private(&staged.temp)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    written.map_err(|e| Error::io(&path.to_string_lossy(), "write", &e))?;
    staged.commit()
}

/// Writes an output that the user named. A file is replaced as a whole, also where a link leads to it; into what is none,
/// such as a pipe or a device, the bytes are written.
pub fn write_output(path: &Path, bytes: &[u8]) -> Result<()> {
    if is_written_through(path) {
        return create_file(path)?.write_all(bytes).map_err(|e| Error::io(&path.to_string_lossy(), "write", &e));
    }
    Staged::output(path, bytes)?.commit()
}

fn is_written_through(path: &Path) -> bool {
    match fs::metadata(path) {
        Ok(there) => !there.is_file(),
        // A link to what is not there yet.
        Err(_) => path.is_symlink(),
    }
}

/// New bytes of a file that lie ready beside it, already on the disk. Unless they are put in place they are removed.
pub struct Staged {
    temp: PathBuf,
    path: PathBuf,
}

impl Staged {
    /// Of an output that the user named; a link is followed.
    pub fn output(path: &Path, bytes: &[u8]) -> Result<Staged> {
        Staged::new(&fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()), bytes)
    }

    fn new(path: &Path, bytes: &[u8]) -> Result<Staged> {
        let staged = Staged { temp: temp_of(path), path: path.to_owned() };
        let write = || -> std::io::Result<()> {
            let mut file = File::create(&staged.temp)?;
            file.write_all(bytes)?;
            file.sync_all()
        };
        write().map_err(|e| Error::io(&path.to_string_lossy(), "write", &e))?;
        Ok(staged)
    }

    pub fn commit(self) -> Result<()> {
        let place = || -> std::io::Result<()> {
            fs::rename(&self.temp, &self.path)?;
            File::open(folder_of(&self.path))?.sync_all()
        };
        place().map_err(|e| Error::io(&self.path.to_string_lossy(), "write", &e))
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        // Nothing is there once it was put in place.
        let _ = fs::remove_file(&self.temp);
    }
}

/// Where new bytes lie ready.
fn temp_of(path: &Path) -> PathBuf {
    let file_name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    folder_of(path).join(format!(".{file_name}.{}.tmp", std::process::id()))
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

pub fn create_dir_all(path: &Path) -> Result<()> {
    fs::create_dir_all(path).map_err(|e| Error::io(&path.to_string_lossy(), "create the folder", &e))
}

/// Creates a folder that only its owner may look into. One that is there stays as it is.
pub fn create_private_dir(path: &Path) -> Result<()> {
    if is_dir(path) {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|e| Error::io(&path.to_string_lossy(), "create the folder", &e))
}

pub fn create_file(path: &Path) -> Result<File> {
    File::create(path).map_err(|e| Error::io(&path.to_string_lossy(), "create", &e))
}

pub fn remove_dir_all(path: &Path) -> Result<()> {
    match fs::remove_dir_all(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::io(&path.to_string_lossy(), "remove the folder", &e))
        }
        _ => Ok(()),
    }
}

/// Renames a folder into its final place and makes the rename durable.
pub fn rename_dir(from: &Path, to: &Path) -> Result<()> {
    let failed = |e: std::io::Error| Error::io(&to.to_string_lossy(), "rename into place", &e);
    fs::rename(from, to).map_err(failed)?;
    sync_dir(to.parent().unwrap_or(Path::new(".")))
}

pub fn sync_dir(path: &Path) -> Result<()> {
    File::open(path).and_then(|f| f.sync_all()).map_err(|e| Error::io(&path.to_string_lossy(), "flush the folder", &e))
}

pub fn sync_file(path: &Path) -> Result<()> {
    File::open(path).and_then(|f| f.sync_all()).map_err(|e| Error::io(&path.to_string_lossy(), "flush", &e))
}

/// An exclusive lock, held until the file is dropped.
pub fn lock(path: &Path) -> Result<File> {
    let file = create_file(path)?;
    file.lock().map_err(|e| Error::io(&path.to_string_lossy(), "lock", &e))?;
    Ok(file)
}

/// The same; while another process holds it, `wait` is asked from time to time whether to go on.
pub fn lock_patiently(path: &Path, mut wait: impl FnMut() -> Result<()>) -> Result<File> {
    const AGAIN: std::time::Duration = std::time::Duration::from_millis(20);
    let file = create_file(path)?;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(fs::TryLockError::Error(e)) => return Err(Error::io(&path.to_string_lossy(), "lock", &e)),
            Err(fs::TryLockError::WouldBlock) => wait()?,
        }
        std::thread::sleep(AGAIN);
    }
}

/// An exclusive lock on a folder, held until the file is dropped; None where another process holds it, and where the
/// file system cannot lock folders.
pub fn try_lock_dir(path: &Path) -> Option<File> {
    let folder = File::open(path).ok()?;
    folder.try_lock().ok().map(|()| folder)
}

/// None of what is not there. The empty path is the working folder.
pub fn canonical(path: &Path) -> Option<PathBuf> {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    fs::canonicalize(path).ok()
}

pub fn is_symlink(path: &Path) -> bool {
    path.is_symlink()
}

/// What makes two paths one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    device: u64,
    inode: u64,
}

impl Identity {
    /// None for what is no regular file: writing to a terminal, a pipe or a device destroys nothing.
    #[cfg(unix)]
    fn of(metadata: std::io::Result<fs::Metadata>) -> Option<Identity> {
        use std::os::unix::fs::MetadataExt;
        metadata.ok().filter(fs::Metadata::is_file).map(|m| Identity { device: m.dev(), inode: m.ino() })
    }

    #[cfg(not(unix))]
    fn of(_metadata: std::io::Result<fs::Metadata>) -> Option<Identity> {
        None
    }

    pub fn of_path(path: &Path) -> Option<Identity> {
        Identity::of(fs::metadata(path))
    }

    pub fn of_stdin() -> Option<Identity> {
        Identity::of_stream(&std::io::stdin())
    }

    pub fn of_stdout() -> Option<Identity> {
        Identity::of_stream(&std::io::stdout())
    }

    #[cfg(unix)]
    fn of_stream(stream: &impl std::os::fd::AsFd) -> Option<Identity> {
        let copy = stream.as_fd().try_clone_to_owned().ok()?;
        Identity::of(File::from(copy).metadata())
    }

    #[cfg(not(unix))]
    fn of_stream<T>(_stream: &T) -> Option<Identity> {
        None
    }
}

pub fn exists(path: &Path) -> bool {
    path.exists()
}

/// Length of a file, None where it has none.
pub fn size(path: &str) -> Option<u64> {
    fs::metadata(path).ok().filter(|m| m.is_file()).map(|m| m.len())
}

/// The running executable's bytes, streamed into `take`.
pub fn own_executable(mut take: impl FnMut(&[u8])) -> Result<()> {
    let failed = |e: std::io::Error| Error::io("govctl", "read its own executable", &e);
    let mut file = std::env::current_exe().and_then(File::open).map_err(failed)?;
    let mut chunk = vec![0; 1 << 20];
    loop {
        match file.read(&mut chunk).map_err(failed)? {
            0 => return Ok(()),
            n => take(&chunk[..n]),
        }
    }
}

pub fn is_dir(path: &Path) -> bool {
    path.is_dir()
}

/// The entries of a folder, sorted by name.
pub fn list_dir(path: &Path) -> Result<Vec<PathBuf>> {
    let failed = |e: std::io::Error| Error::io(&path.to_string_lossy(), "list the folder", &e);
    let mut entries: Vec<PathBuf> = fs::read_dir(path)
        .map_err(failed)?
        .map(|e| e.map(|e| e.path()))
        .collect::<std::io::Result<_>>()
        .map_err(failed)?;
    entries.sort();
    Ok(entries)
}

/// A path's text for a record: what was typed, but never an absolute path of this machine.
pub fn record_name(path: &str) -> String {
    let p = Path::new(path);
    match p.file_name() {
        Some(name) if p.is_absolute() => name.to_string_lossy().into_owned(),
        _ => path.to_owned(),
    }
}
