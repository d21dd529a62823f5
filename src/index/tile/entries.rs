//! Entry bundles: the entries themselves, each after its length in two bytes.

use super::{Kind, Tile, WIDTH, changed_bundles};
use crate::index::{Code, Wrong};

/// A longer entry does not fit its length into a bundle.
pub const MAX_ENTRY: usize = u16::MAX as usize;

/// The entries of a bundle: exactly as many as its width says, and nothing behind them.
pub fn entries(tile: Tile, bytes: &[u8]) -> Result<Vec<&[u8]>, Wrong> {
    let mismatch = |what: String| Wrong::new(Code::TileMismatch, format!("{} {what}", tile.path()));
    let mut rest = bytes;
    let mut found = Vec::with_capacity(usize::from(tile.width()));
    for at in 0..tile.width() {
        let cut = || mismatch(format!("ends within entry {at} of {}", tile.width()));
        let (length, after) = rest.split_first_chunk().ok_or_else(cut)?;
        let (entry, after) = after.split_at_checked(u16::from_be_bytes(*length).into()).ok_or_else(cut)?;
        found.push(entry);
        rest = after;
    }
    if rest.is_empty() {
        Ok(found)
    } else {
        Err(mismatch(format!("has {} bytes after its {} entries", rest.len(), tile.width())))
    }
}

/// The bytes of a bundle of these entries.
pub fn to_bundle<T: AsRef<[u8]>>(entries: impl IntoIterator<Item = T>) -> Result<Vec<u8>, Wrong> {
    let mut bytes = Vec::new();
    entries.into_iter().try_for_each(|entry| append(&mut bytes, entry.as_ref()))?;
    Ok(bytes)
}

fn append(bundle: &mut Vec<u8>, entry: &[u8]) -> Result<(), Wrong> {
    let length = u16::try_from(entry.len())
        .map_err(|_| Wrong::malformed(format!("an entry of {} bytes is longer than {MAX_ENTRY} bytes", entry.len())))?;
    bundle.extend(length.to_be_bytes());
    bundle.extend(entry);
    Ok(())
}

/// The last bundle of a log, to which entries are added.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bundles {
    size: u64,
    open: Vec<u8>,
}

impl Bundles {
    /// The bundle of a log of this size that is partial, if there is one.
    pub fn tile(size: u64) -> Option<Tile> {
        Tile::of(Kind::Entries, size / u64::from(WIDTH), size)
    }

    /// Of a log of this size; `read` is asked for the partial bundle.
    pub fn read<E: From<Wrong>>(size: u64, read: impl FnOnce(Tile) -> Result<Vec<u8>, E>) -> Result<Self, E> {
        let Some(tile) = Bundles::tile(size) else { return Ok(Bundles { size, open: Vec::new() }) };
        let open = read(tile)?;
        entries(tile, &open)?;
        Ok(Bundles { size, open })
    }

    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds entries and writes the bundles that are new then, full ones as they fill. Where an entry is too long,
    /// nothing is right any more: the bundles must be read again.
    pub fn grow<T: AsRef<[u8]>, E: From<Wrong>>(
        &mut self,
        new: impl IntoIterator<Item = T>,
        mut write: impl FnMut(Tile, &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let old = self.size;
        for entry in new {
            append(&mut self.open, entry.as_ref())?;
            self.size += 1;
            if self.size.is_multiple_of(u64::from(WIDTH)) {
                let index = self.size / u64::from(WIDTH) - 1;
                write(Tile { kind: Kind::Entries, index, width: WIDTH }, &self.open)?;
                self.open.clear();
            }
        }
        changed_bundles(old, self.size).filter(|tile| !tile.is_full()).try_for_each(|tile| write(tile, &self.open))
    }
}
