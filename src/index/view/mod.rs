//! The views of the index: what people and programs read of it without the log. From rows to bytes, and the readers of
//! those bytes. The log alone is believed: each view is made from it again, and the same rows give the same bytes.
//!
//! | path | what |
//! |---|---|
//! | `index.json` | the newest 2,000 entries, checkpoint and regions |
//! | `index/<N>.json` | 256 entries, as `statements/<N>.ndjson` and the tile of entries N have them |
//! | `lookup/<aa>.json` | digest of a manifest → its leaves, by the first byte |
//! | `index.html` | the page for people |
//!
//! `<N>` counts from 0 and is written as in the paths of tiles (`000`, `x001/x234/067`) in all of them, so that one
//! function finds what belongs to a leaf and no folder has more than some thousand files.

mod changed;
#[cfg(test)]
mod fixture;
pub mod html;
pub mod json;
pub mod lookup;
mod row;
mod sorted;

use std::collections::BTreeMap;

use super::Wrong;
use super::code::Code;
use super::statement::Head;
use super::tile::number;

pub use changed::{Changed, changed};

/// Rows in a full page.
pub const PAGE: u64 = 256;
/// Rows in index.json.
pub const NEWEST: u64 = 2_000;
/// Rows that index.html holds itself.
pub const SHOWN: u64 = 200;
/// A reader takes no view that is larger.
pub const MAX_BYTES: usize = 16 << 20;

/// The checkpoint that the views are about, and where the chains of the regions end at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    pub origin: String,
    pub size: u64,
    pub root: [u8; 32],
    /// The log's own chain among them, once it has entries.
    pub regions: BTreeMap<String, Head>,
}

/// Path of a page of rows.
pub fn page_path(page: u64) -> String {
    format!("index/{}.json", number(page))
}

fn malformed(message: impl Into<String>) -> Wrong {
    Wrong::new(Code::Malformed, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_tiles() {
        for (page, path) in [
            (0, "index/000.json"),
            (7, "index/007.json"),
            (999, "index/999.json"),
            (1_000, "index/x001/000.json"),
            (1_234_067, "index/x001/x234/067.json"),
            (u64::MAX, "index/x018/x446/x744/x073/x709/x551/615.json"),
        ] {
            assert_eq!(page_path(page), path);
        }
    }
}
