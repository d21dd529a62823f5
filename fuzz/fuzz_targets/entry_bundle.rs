//! Arbitrary bytes as an entry bundle, after a byte with its width, and as the path of a tile.
#![no_main]

use govctl::index::tile::{Kind, Tile, entries, hashes, to_bundle};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Some(tile) = std::str::from_utf8(bytes).ok().and_then(|path| Tile::parse(path).ok()) {
        assert_eq!(tile.path().as_bytes(), bytes);
    }
    let Some((width, bytes)) = bytes.split_first() else { return };
    let size = u64::from(*width) + 1;
    let bundle = Tile::of(Kind::Entries, 0, size).expect("is not empty");
    if let Ok(found) = entries(bundle, bytes) {
        assert_eq!(found.len() as u64, size);
        assert_eq!(to_bundle(&found).as_deref(), Ok(bytes));
    }
    let tile = Tile::of(Kind::Hashes(0), 0, size).expect("is not empty");
    assert_eq!(hashes(tile, bytes).is_ok(), bytes.len() as u64 == size * 32);
});
