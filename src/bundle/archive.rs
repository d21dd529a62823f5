//! The archive: written so that equal files give equal bytes, read so that no two readers can see different files.

mod header;

use std::collections::HashSet;
use std::io::{Read, Write};
use std::ops::Range;

use flate2::{Compression, GzBuilder, bufread::GzDecoder};

use self::header::Kind;
use super::Found;
use super::code::Code;

/// Of the archive, and of what it unpacks to.
pub const MAX_BYTES: usize = 64 << 20;
const BLOCK: usize = 512;
/// OPA says so too: nothing of the machine that packed it.
const NO_SYSTEM: u8 = 255;

/// The files of an archive, by the names that OPA gives them: without a leading slash.
#[derive(Debug)]
pub struct Archive {
    tar: Vec<u8>,
    files: Vec<(String, Range<usize>)>,
}

impl Archive {
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(name, at)| (name.as_str(), &self.tar[at.clone()]))
    }

    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.files().find(|(of, _)| *of == name).map(|(_, bytes)| bytes)
    }

    pub fn count(&self) -> usize {
        self.files.len()
    }
}

/// Packs files in the order of their names.
pub fn write(mut files: Vec<(&str, &[u8])>) -> Result<Vec<u8>, Found> {
    files.sort_unstable();
    let mut tar = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        header::check_name(name)?;
        let failed = |e: std::io::Error| Found::new(Code::EntryName, name, format!("cannot be packed: {e}"));
        let mut header = tar::Header::new_ustar();
        header.set_path(name).map_err(failed)?;
        header.set_mode(0o644);
        header.set_uid(0);
        header.set_gid(0);
        header.set_size(bytes.len() as u64);
        header.set_entry_type(tar::EntryType::Regular);
        header.set_cksum();
        tar.append(&header, bytes).map_err(failed)?;
    }
    let failed = |e: std::io::Error| Found::new(Code::BundleDamaged, "", format!("cannot be packed: {e}"));
    let tar = tar.into_inner().map_err(failed)?;
    let gzip = GzBuilder::new().mtime(0).operating_system(NO_SYSTEM);
    let mut gzip = gzip.write(Vec::new(), Compression::new(6));
    gzip.write_all(&tar).and_then(|()| gzip.finish()).map_err(failed)
}

/// Unpacks and checks; nothing of what the files say is looked at.
pub fn read(bytes: &[u8]) -> Result<Archive, Vec<Found>> {
    let tar = inflate(bytes).map_err(|found| vec![found])?;
    if tar.get(257..262) != Some(b"ustar") {
        return Err(vec![Found::new(Code::NotABundle, "", "holds no tar archive")]);
    }
    let files = list(&tar)?;
    Ok(Archive { tar, files })
}

/// What a larger file comes to, without reading it.
pub fn too_large() -> Found {
    Found::new(Code::BundleTooLarge, "", "is larger than 64 MiB")
}

/// What is no bundle whoever signed it, by its first bytes.
pub fn is_gzip(bytes: &[u8]) -> Result<(), Found> {
    match bytes.starts_with(&[0x1f, 0x8b]) {
        true => Ok(()),
        false => Err(Found::new(Code::NotABundle, "", "is no bundle: it is not compressed with gzip")),
    }
}

fn damaged(message: impl Into<String>) -> Found {
    Found::new(Code::BundleDamaged, "", message)
}

fn inflate(bytes: &[u8]) -> Result<Vec<u8>, Found> {
    if bytes.len() > MAX_BYTES {
        return Err(too_large());
    }
    is_gzip(bytes)?;
    // Method, flags, time, level and system: no checksum covers them, so what tells nothing must say nothing.
    if bytes.len() >= 10 && !(bytes[2..9] == [8, 0, 0, 0, 0, 0, 0] && matches!(bytes[9], 3 | NO_SYSTEM)) {
        let found = Found::new(Code::ArchiveForm, "", "the gzip header holds a name, a time or another extra");
        return Err(found.hint("pack it with `gzip -n`"));
    }
    let mut decoder = GzDecoder::new(bytes).take(MAX_BYTES as u64 + 1);
    let mut tar = Vec::new();
    decoder.read_to_end(&mut tar).map_err(|e| damaged(format!("the gzip data is damaged: {e}")))?;
    if tar.len() > MAX_BYTES {
        return Err(Found::new(Code::BundleTooLarge, "", "unpacks to more than 64 MiB"));
    }
    match decoder.into_inner().into_inner() {
        [] => Ok(tar),
        rest => Err(damaged(format!("{} bytes stand behind the end of the gzip data", rest.len()))),
    }
}

fn list(tar: &[u8]) -> Result<Vec<(String, Range<usize>)>, Vec<Found>> {
    let (mut files, mut names, mut found, mut end) = (Vec::new(), HashSet::new(), Vec::new(), 0);
    let mut archive = tar::Archive::new(tar);
    let entries = archive.entries().map_err(|e| vec![damaged(e.to_string())])?;
    // Raw: extension headers are not applied but refused.
    for entry in entries.raw(true) {
        let entry = entry.map_err(|e| vec![damaged(format!("the tar data is damaged: {e}"))])?;
        let start = entry.raw_file_position() as usize;
        end = start.saturating_add(usize::try_from(entry.size()).unwrap_or(usize::MAX));
        match header::read(entry.header()) {
            Err(e) => found.push(e),
            Ok((name, _)) if !names.insert(name.clone()) => {
                found.push(Found::new(Code::DuplicateFile, &name, "stands twice in the archive"));
            }
            Ok((_, Kind::Folder)) => {}
            Ok((name, Kind::File)) => {
                found.extend(forbidden(&name));
                files.push((name, start..end));
            }
        }
        let padded = end.checked_next_multiple_of(BLOCK).unwrap_or(usize::MAX);
        match tar.get(end..padded) {
            Some(padding) if padding.iter().all(|b| *b == 0) => end = padded,
            Some(_) => return Err(vec![damaged("bytes stand behind the end of a file")]),
            None => return Err(vec![damaged("the tar data is cut")]),
        }
    }
    let tail = &tar[end.min(tar.len())..];
    if tail.len() < 2 * BLOCK || tail.iter().any(|b| *b != 0) {
        found.push(damaged("the tar data does not end as it must: in two empty blocks and nothing more"));
    }
    if found.is_empty() { Ok(files) } else { Err(found) }
}

/// What OPA takes for more than a policy or data.
fn forbidden(name: &str) -> Option<Found> {
    let base = super::base(name);
    let what = match base {
        "patch.json" => "a patch: this would be a delta bundle, which no signature covers",
        "plan.json" | "plan.pb" => "a plan, which would be evaluated in place of the policy",
        super::SIGNATURES if name != base => "a second signature",
        _ if base.ends_with(".wasm") => "WebAssembly, which would be evaluated in place of the policy",
        _ if name != super::MANIFEST && name.ends_with(".manifest") => "a second manifest",
        _ if name.ends_with(".manifest.pb") => "a manifest that is not JSON",
        _ => return None,
    };
    Some(Found::new(Code::ForbiddenFile, name, format!("is {what}")))
}

#[cfg(test)]
mod tests;
