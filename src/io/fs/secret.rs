//! Files that only their owner may read: keys.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use zeroize::Zeroizing;

use crate::error::{Error, Kind, Result};
use crate::io::wait::patiently;

/// More than any key has. A buffer of this size never has to move and leave a copy behind.
const KEY_FILE: usize = 64 << 10;

/// What every private key in PEM says, in each of its forms.
const PRIVATE: &str = "PRIVATE KEY";

/// Reads a file with a private key; its bytes are wiped when they are no longer needed. A file that others than its owner
/// may read or write is refused: the key may be theirs by now. `-` is standard input.
pub fn read_secret(path: &str) -> Result<Zeroizing<String>> {
    let (bytes, mode) = read(path).map_err(|e| e.of_kind(Kind::Usage))?;
    if bytes.len() > KEY_FILE {
        return Err(Error::usage("larger than 64 KiB, which no key is").at_file(path));
    }
    let Ok(text) = std::str::from_utf8(&bytes) else {
        return Err(Error::usage("is no UTF-8 text, a key in PEM was expected").at_file(path));
    };
    // Of a public key that was given by mistake this would be the wrong thing to say.
    if mode & 0o077 != 0 && text.contains(PRIVATE) {
        return Err(Error::usage(format!("others than its owner may use this private key: its mode is {mode:04o}"))
            .at_file(path)
            .hint(format!("chmod 600 {path}; or put the key into a variable and give env:NAME")));
    }
    Ok(Zeroizing::new(text.to_owned()))
}

/// The bytes of the file and who may use them; 0 for what is no regular file, such as the pipe of a shell.
fn read(path: &str) -> Result<(Zeroizing<Vec<u8>>, u32)> {
    let failed = |e: io::Error| Error::io(path, "read", &e);
    let name = path.to_owned();
    let waited = |read: io::Result<Zeroizing<Vec<u8>>>| read.map(|bytes| (bytes, 0)).map_err(failed);
    if path == "-" {
        return waited(patiently(|| up_to_limit(io::stdin().lock())));
    }
    if super::may_wait(path) {
        return waited(patiently(move || up_to_limit(File::open(name)?)));
    }
    let file = File::open(path).map_err(failed)?;
    let mode = mode_of(&file.metadata().map_err(failed)?);
    Ok((up_to_limit(file).map_err(failed)?, mode))
}

fn up_to_limit(reader: impl Read) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(KEY_FILE + 64));
    reader.take(KEY_FILE as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(unix)]
fn mode_of(metadata: &fs::Metadata) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o7777
}

#[cfg(not(unix))]
fn mode_of(_metadata: &fs::Metadata) -> u32 {
    0
}

/// Creates a key file that only its owner may read. An existing file is never overwritten.
pub fn create_secret(path: &Path, bytes: &[u8]) -> Result<()> {
    let name = path.to_string_lossy().into_owned();
    let mut file = owner_only().create_new(true).open(path).map_err(|e| match e.kind() {
        io::ErrorKind::AlreadyExists => {
            Error::usage("exists already; a key is never overwritten").at_file(&name).hint("choose another --out")
        }
        _ => Error::io(&name, "create", &e),
    })?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(|e| Error::io(&name, "write", &e))
}

/// Creates a file that only its owner may read, or empties the one that is there.
pub fn create_private(path: &Path) -> Result<File> {
    let opened = owner_only().create(true).truncate(true).open(path);
    opened.map_err(|e| Error::io(&path.to_string_lossy(), "create", &e))
}

/// For writing. What is created is for its owner alone.
fn owner_only() -> fs::OpenOptions {
    let mut options = fs::OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
