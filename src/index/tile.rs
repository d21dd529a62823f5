//! Tiles (c2sp.org/tlog-tiles): a tree and its entries cut into files of 256, and where each file lies.

use super::Wrong;
use super::lines::decimal;

mod edge;
mod entries;
mod hashes;
#[cfg(test)]
mod tests;

pub use self::edge::Edge;
pub use self::entries::{Bundles, MAX_ENTRY, entries, to_bundle};
pub use self::hashes::{hashes, locate, root, subtree};

/// How many hashes or entries a full tile has.
pub const WIDTH: u16 = 256;
/// Trees below 2^64 leaves have tiles up to level 7; paths may name more.
const MAX_LEVEL: u8 = 63;

/// What a tile holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Hashes of complete subtrees of 256^level leaves.
    Hashes(u8),
    Entries,
}

/// One file of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    kind: Kind,
    index: u64,
    /// 1 to 256; below 256 the tile is partial.
    width: u16,
}

impl Tile {
    /// The tile in a tree of this size. None where it would be empty.
    pub fn of(kind: Kind, index: u64, size: u64) -> Option<Self> {
        let before = index.checked_mul(u64::from(WIDTH))?;
        let hashes = kind.count(size).checked_sub(before).filter(|n| *n > 0)?;
        let width = u16::try_from(hashes).unwrap_or(WIDTH).min(WIDTH);
        Some(Tile { kind, index, width })
    }

    pub fn kind(self) -> Kind {
        self.kind
    }

    pub fn index(self) -> u64 {
        self.index
    }

    pub fn width(self) -> u16 {
        self.width
    }

    pub fn is_full(self) -> bool {
        self.width == WIDTH
    }

    /// The full tile that takes the place of a partial one once the tree has grown: what a reader falls back to.
    pub fn full(self) -> Self {
        Tile { width: WIDTH, ..self }
    }

    /// The path below the log's prefix.
    pub fn path(self) -> String {
        let digits = number(self.index);
        let level = match self.kind {
            Kind::Hashes(level) => level.to_string(),
            Kind::Entries => "entries".to_owned(),
        };
        let partial = if self.is_full() { String::new() } else { format!(".p/{}", self.width) };
        format!("tile/{level}/{digits}{partial}")
    }

    pub fn parse(path: &str) -> Result<Self, Wrong> {
        let wrong = || Wrong::malformed(format!("`{}` is no path of a tile", path.escape_debug()));
        parse(path).ok_or_else(wrong)
    }
}

impl Kind {
    /// How many hashes or entries a tree of this size has of the kind, over all tiles.
    pub fn count(self, size: u64) -> u64 {
        match self {
            Kind::Entries => size,
            Kind::Hashes(level) => size.checked_shr(u32::from(level) * 8).unwrap_or(0),
        }
    }
}

/// A number in a path: in threes, with an `x` before all but the last.
pub fn number(n: u64) -> String {
    let mut digits = format!("{:03}", n % 1000);
    let mut rest = n / 1000;
    while rest > 0 {
        digits = format!("x{:03}/{digits}", rest % 1000);
        rest /= 1000;
    }
    digits
}

fn parse(path: &str) -> Option<Tile> {
    let (kind, rest) = path.strip_prefix("tile/")?.split_once('/')?;
    let kind = match kind {
        "entries" => Kind::Entries,
        level => Kind::Hashes(u8::try_from(decimal(level)?).ok().filter(|level| *level <= MAX_LEVEL)?),
    };
    let (index, width) = match rest.split_once(".p/") {
        Some((index, width)) => (index, u16::try_from(decimal(width)?).ok().filter(|w| (1..WIDTH).contains(w))?),
        None => (rest, WIDTH),
    };
    let mut number = 0u64;
    let parts = index.split('/').count();
    for (at, part) in index.split('/').enumerate() {
        let digits = if at + 1 < parts { part.strip_prefix('x')? } else { part };
        let three = digits.len() == 3 && digits.bytes().all(|b| b.is_ascii_digit());
        // Zeros in front of the first digit would give one tile two paths.
        if !three || (at == 0 && parts > 1 && digits == "000") {
            return None;
        }
        number = number.checked_mul(1000)?.checked_add(digits.parse().ok()?)?;
    }
    Some(Tile { kind, index: number, width })
}

/// All tiles of hashes of a tree of this size, level by level.
pub fn all(size: u64) -> impl Iterator<Item = Tile> {
    changed(0, size)
}

/// The tiles of hashes that a tree of `new` leaves has and one of `old` leaves has not.
pub fn changed(old: u64, new: u64) -> impl Iterator<Item = Tile> {
    (0..8).flat_map(move |level| changed_of(Kind::Hashes(level), old, new))
}

/// The entry bundles that a tree of `new` leaves has and one of `old` leaves has not.
pub fn changed_bundles(old: u64, new: u64) -> impl Iterator<Item = Tile> {
    changed_of(Kind::Entries, old, new)
}

fn changed_of(kind: Kind, old: u64, new: u64) -> impl Iterator<Item = Tile> {
    let width = u64::from(WIDTH);
    let (before, after) = (kind.count(old), kind.count(new));
    let end = if after > before { after.div_ceil(width) } else { 0 };
    (before / width..end).filter_map(move |index| Tile::of(kind, index, new))
}
