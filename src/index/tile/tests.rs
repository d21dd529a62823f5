use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::index::Code;
use crate::merkle::proof::{self, Node};
use crate::merkle::{Frontier, Sha, leaf_hash};

type Files = BTreeMap<String, Vec<u8>>;

fn leaf(i: u64) -> Sha {
    leaf_hash(&i.to_be_bytes())
}

fn tile(path: &str) -> Tile {
    Tile::parse(path).unwrap()
}

/// A tree of which all files are kept, partial tiles of every size too.
#[derive(Default)]
struct Log {
    edge: Edge,
    files: Files,
}

impl Log {
    fn of(size: u64) -> Self {
        let mut log = Log::default();
        log.grow(size);
        log
    }

    fn grow(&mut self, by: u64) {
        let from = self.edge.size();
        let files = &mut self.files;
        let write = |tile: Tile, bytes: &[u8]| {
            assert_eq!(files.insert(tile.path(), bytes.to_vec()), None, "{} is written once", tile.path());
            Ok::<_, Wrong>(())
        };
        self.edge.grow((from..from + by).map(leaf), write).unwrap();
    }

    fn read(&self, tile: Tile) -> Result<&[u8], Wrong> {
        let missing = || Wrong::new(Code::TileMissing, tile.path());
        self.files.get(&tile.path()).map(Vec::as_slice).ok_or_else(missing)
    }

    fn subtree(&self, node: Node, size: u64) -> Result<Sha, Wrong> {
        let tile = locate(node, size).unwrap();
        Ok(subtree(node, hashes(tile, self.read(tile)?)?).unwrap())
    }
}

#[test]
fn paths_are_those_of_the_specification() {
    for (path, kind, index, width) in [
        ("tile/0/000", Kind::Hashes(0), 0, 256),
        ("tile/0/x001/x234/067", Kind::Hashes(0), 1_234_067, 256),
        ("tile/0/x001/000", Kind::Hashes(0), 1000, 256),
        ("tile/1/999", Kind::Hashes(1), 999, 256),
        ("tile/63/000.p/1", Kind::Hashes(63), 0, 1),
        ("tile/entries/273.p/112", Kind::Entries, 273, 112),
        ("tile/entries/x018/x446/x744/x073/x709/x551/615.p/255", Kind::Entries, u64::MAX, 255),
    ] {
        let tile = Tile { kind, index, width };
        assert_eq!((tile.path().as_str(), Tile::parse(path)), (path, Ok(tile)));
    }
}

#[test]
fn no_tile_has_a_second_path() {
    for path in [
        "",
        "tile/0",
        "tile/0/",
        "/tile/0/000",
        "tile/0/000/",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/+1/000",
        "tile/data/000",
        "tile/0/0",
        "tile/0/0000",
        "tile/0/x000/001",
        "tile/0/x001",
        "tile/0/001/002",
        "tile/0/X001/002",
        "tile/0/x001/x002",
        "tile/0/000.p",
        "tile/0/000.p/",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/000.p/256",
        "tile/0/000.p/+1",
        "tile/0/000.p/1/",
        "tile/0/000.p/1.p/1",
        "tile/0/..",
        "tile/0/x018/x446/x744/x073/x709/x551/616",
        "tile/8/0/000",
    ] {
        assert_eq!(Tile::parse(path).unwrap_err().code, Code::Malformed, "{path}");
    }
}

/// The example of the specification is 70,000; the others are the sizes around which widths change.
#[test]
fn a_tree_has_the_tiles_that_its_size_demands() {
    let partial = |size| Edge::tiles(size).map(Tile::path).collect::<Vec<_>>();
    let full = |size, level| all(size).filter(|t| t.kind() == Kind::Hashes(level) && t.is_full()).count();
    for (size, full_0, full_1, edge) in [
        (0, 0, 0, &[][..]),
        (1, 0, 0, &["tile/0/000.p/1"]),
        (255, 0, 0, &["tile/0/000.p/255"]),
        (256, 1, 0, &["tile/1/000.p/1"]),
        (257, 1, 0, &["tile/0/001.p/1", "tile/1/000.p/1"]),
        (65_535, 255, 0, &["tile/0/255.p/255", "tile/1/000.p/255"]),
        (65_536, 256, 1, &["tile/2/000.p/1"]),
        (70_000, 273, 1, &["tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"]),
    ] {
        assert_eq!(
            (full(size, 0), full(size, 1), partial(size)),
            (full_0, full_1, edge.iter().map(|t| t.to_string()).collect())
        );
        assert_eq!(all(size).count(), full_0 + full_1 + edge.len(), "{size}");
        let mut frontier = Frontier::default();
        (0..size).for_each(|i| frontier.push(leaf(i)));
        let log = Log::of(size);
        assert_eq!(log.files.keys().cloned().collect::<Vec<_>>(), {
            let mut paths: Vec<_> = all(size).map(Tile::path).collect();
            paths.sort_unstable();
            paths
        });
        assert!(all(size).all(|tile| hashes(tile, log.read(tile).unwrap()).is_ok()));
        assert_eq!(log.edge.root(), frontier.root(), "{size}");
        assert_eq!(Edge::read(size, |tile| log.read(tile)).as_ref(), Ok(&log.edge));
    }
}

#[test]
fn a_tile_says_its_width_and_its_full_one() {
    assert_eq!(Tile::of(Kind::Hashes(0), 273, 70_000), Some(tile("tile/0/273.p/112")));
    assert_eq!(Tile::of(Kind::Hashes(0), 272, 70_000), Some(tile("tile/0/272")));
    assert_eq!(Tile::of(Kind::Hashes(0), 274, 70_000), None);
    assert_eq!(Tile::of(Kind::Hashes(0), 273, 273 * 256), None);
    assert_eq!(Tile::of(Kind::Hashes(8), 0, u64::MAX), None);
    assert_eq!(Tile::of(Kind::Hashes(7), 0, u64::MAX), Some(tile("tile/7/000.p/255")));
    assert_eq!(Tile::of(Kind::Entries, u64::MAX, u64::MAX), None);
    assert_eq!(tile("tile/0/273.p/112").full(), tile("tile/0/273"));
}

#[test]
fn growing_writes_what_is_new_and_nothing_else() {
    let changed = |old, new| changed(old, new).map(Tile::path).collect::<Vec<_>>();
    assert_eq!(changed(5, 5), [""; 0]);
    assert_eq!(changed(256, 256), [""; 0]);
    assert_eq!(changed(5, 4), [""; 0]);
    assert_eq!(changed(255, 257), ["tile/0/000", "tile/0/001.p/1", "tile/1/000.p/1"]);
    assert_eq!(changed(256, 260), ["tile/0/001.p/4"]);
    let bundles: Vec<_> = changed_bundles(250, 600).map(Tile::path).collect();
    assert_eq!(bundles, ["tile/entries/000", "tile/entries/001", "tile/entries/002.p/88"]);
    let largest = super::changed(u64::MAX - 1, u64::MAX).map(Tile::path).collect::<Vec<_>>();
    assert_eq!(largest, ["tile/0/x072/x057/x594/x037/x927/935.p/255"]);
}

#[test]
fn proofs_are_made_from_tiles() {
    let size = 70_000;
    let log = Log::of(size);
    for index in [0, 1, 255, 256, 65_535, 65_536, 69_888, 69_999] {
        let plan = proof::inclusion(index, size).unwrap();
        let made = proof::hashes(&plan, |node| log.subtree(node, size)).unwrap();
        assert!(proof::includes(&leaf(index), index, size, &made, &log.edge.root()), "{index}");
    }
    for old in [1, 255, 256, 257, 65_535, 65_536, 69_999, 70_000] {
        let plan = proof::consistency(old, size).unwrap();
        let made = proof::hashes(&plan, |node| log.subtree(node, size)).unwrap();
        let root = proof::Range::whole(old).hash(&mut |node| log.subtree(node, size)).unwrap();
        assert!(proof::consistent(old, size, &made, &root, &log.edge.root()), "{old}");
        assert_eq!(root, Log::of(old).edge.root(), "{old}");
    }
}

#[test]
fn a_subtree_lies_in_one_tile() {
    let node = |level, index| Node { level, index };
    let located = |node, size| locate(node, size).map(Tile::path);
    assert_eq!(located(node(0, 300), 70_000).unwrap(), "tile/0/001");
    assert_eq!(located(node(7, 3), 70_000).unwrap(), "tile/0/001");
    assert_eq!(located(node(8, 3), 70_000).unwrap(), "tile/1/000");
    assert_eq!(located(node(8, 272), 70_000).unwrap(), "tile/1/001.p/17");
    assert_eq!(located(node(16, 0), 70_000).unwrap(), "tile/2/000.p/1");
    for (node, size) in [(node(8, 273), 70_000), (node(0, 0), 0), (node(0, 70_000), 70_000), (node(64, 0), u64::MAX)] {
        assert_eq!(locate(node, size), None);
    }
    assert_eq!(subtree(node(1, 1), &[[0; 32]; 3]), None);
    assert_eq!(subtree(node(u32::MAX, u64::MAX), &[]), None);
}

#[test]
fn a_tile_of_another_length_is_refused() {
    for (path, bytes) in [
        ("tile/0/000", 8191),
        ("tile/0/000", 8193),
        ("tile/0/000", 8160),
        ("tile/0/000.p/1", 64),
        ("tile/0/000.p/2", 0),
    ] {
        assert_eq!(hashes(tile(path), &vec![0; bytes]).unwrap_err().code, Code::TileMismatch);
    }
    let found = Edge::read(257, |_| Ok::<_, Wrong>([0; 33])).unwrap_err();
    assert_eq!(found.message, "tile/0/001.p/1 has 33 bytes, not 32");
}

#[test]
fn bundles_are_strict() {
    let bundle = to_bundle([&b"ab"[..], b"", b"c"]).unwrap();
    assert_eq!(bundle, b"\0\x02ab\0\0\0\x01c");
    let three = tile("tile/entries/000.p/3");
    assert_eq!(entries(three, &bundle), Ok(vec![&b"ab"[..], b"", b"c"]));
    for cut in 0..bundle.len() {
        assert_eq!(entries(three, &bundle[..cut]).unwrap_err().code, Code::TileMismatch, "{cut}");
    }
    assert!(entries(three, &[&bundle[..], &[0]].concat()).is_err());
    assert!(entries(tile("tile/entries/000.p/2"), &bundle).is_err());
    assert!(entries(tile("tile/entries/000"), &bundle).is_err());
    let longest = vec![7; MAX_ENTRY];
    let bundle = to_bundle([&longest]).unwrap();
    assert_eq!(entries(tile("tile/entries/000.p/1"), &bundle), Ok(vec![&longest[..]]));
    assert!(to_bundle([vec![7; MAX_ENTRY + 1]]).is_err());
}

fn bundled(batches: &[usize]) -> Files {
    let mut files = Files::new();
    let mut size = 0;
    for batch in batches {
        let read = |tile: Tile| Ok::<_, Wrong>(files[&tile.path()].clone());
        let mut bundles = Bundles::read(size, read).unwrap();
        let entries = (size..size + *batch as u64).map(|i| i.to_string());
        let write = |tile: Tile, bytes: &[u8]| {
            assert_eq!(files.insert(tile.path(), bytes.to_vec()), None);
            Ok::<_, Wrong>(())
        };
        bundles.grow(entries, write).unwrap();
        size = bundles.size();
    }
    files
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn a_tree_grown_in_any_batches_is_the_tree_built_at_once(batches in prop::collection::vec(0u64..900, 0..8)) {
        let mut grown = Log::default();
        for batch in &batches {
            // Each batch begins with what is on the disk.
            grown.edge = Edge::read(grown.edge.size(), |tile| grown.read(tile)).unwrap();
            grown.grow(*batch);
        }
        let size = batches.iter().sum();
        let once = Log::of(size);
        prop_assert_eq!(&grown.edge, &once.edge);
        prop_assert!(once.files.iter().all(|(path, bytes)| grown.files.get(path) == Some(bytes)));
        let mut frontier = Frontier::default();
        (0..size).for_each(|i| frontier.push(leaf(i)));
        prop_assert_eq!(grown.edge.root(), frontier.root());
    }

    #[test]
    fn bundles_grown_in_any_batches_are_those_built_at_once(batches in prop::collection::vec(0usize..600, 0..6)) {
        let grown = bundled(&batches);
        let once = bundled(&[batches.iter().sum()]);
        prop_assert!(once.iter().all(|(path, bytes)| grown.get(path) == Some(bytes)));
    }

    #[test]
    fn no_bit_of_a_tile_or_an_entry_can_change(size in 1u64..600, bit in any::<prop::sample::Index>()) {
        let flip = |bytes: &[u8]| {
            let mut bytes = bytes.to_vec();
            let bit = bit.index(bytes.len() * 8);
            bytes[bit / 8] ^= 1 << (bit % 8);
            bytes
        };
        let log = Log::of(size);
        let damaged = Edge::read(size, |tile| Ok::<_, Wrong>(flip(log.read(tile)?))).unwrap();
        prop_assert_ne!(damaged.root(), log.edge.root());
        // Of an entry the leaf hash changes, or the bundle cannot be cut any more.
        let tile = Tile::of(Kind::Entries, 0, 3).unwrap();
        let bundle = to_bundle([&b"one"[..], b"two", b"three"]).unwrap();
        let changed = flip(&bundle);
        let leaves = |bytes| entries(tile, bytes).map(|all| all.into_iter().map(leaf_hash).collect::<Vec<_>>());
        prop_assert_ne!(leaves(&changed), leaves(&bundle));
    }

    #[test]
    fn what_is_bundled_is_read_again(all in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 1..=256)) {
        let tile = Tile::of(Kind::Entries, 0, all.len() as u64).unwrap();
        let bundle = to_bundle(&all).unwrap();
        prop_assert_eq!(entries(tile, &bundle), Ok(all.iter().map(Vec::as_slice).collect()));
    }

    #[test]
    fn a_path_names_its_tile(entries in any::<bool>(), level in 0u8..64, index in any::<u64>(), shift in 0u32..64, width in 1u16..=256) {
        let kind = if entries { Kind::Entries } else { Kind::Hashes(level) };
        let tile = Tile { kind, index: index >> shift, width };
        prop_assert_eq!(Tile::parse(&tile.path()), Ok(tile));
    }
}
