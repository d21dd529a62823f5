use std::collections::BTreeMap;

use super::*;
use crate::index::digest::Digest;
use crate::merkle::Frontier;

type Files = BTreeMap<String, Vec<u8>>;

/// Statements and leaves that are about them, by number.
fn made(n: u64) -> (Vec<u8>, Vec<u8>) {
    let statement = format!("{{\"n\":{n}}}").into_bytes();
    let leaf = Leaf { digest: statement::sha256(&statement), signature: vec![1; 70], spki: vec![2; 91] };
    (statement, leaf.to_bytes())
}

/// A log that grew to these sizes, one after the other.
fn grown(sizes: &[u64]) -> (Files, Sha) {
    let mut files = Files::new();
    let mut size = 0;
    let mut root = Frontier::default().root();
    for next in sizes {
        let mut tail = Tail::read(size, |path| Ok::<_, Wrong>(files[path].clone())).unwrap();
        let made: Vec<_> = (size..*next).map(made).collect();
        let entries: Vec<Logged> = made.iter().map(|(statement, leaf)| Logged { statement, leaf }).collect();
        let mut written = Files::new();
        let write = |path: &str, bytes: &[u8]| {
            assert!(written.insert(path.to_owned(), bytes.to_vec()).is_none(), "{path} is written once");
            Ok::<_, Wrong>(())
        };
        tail.grow(&entries, write).unwrap();
        files.extend(written);
        (size, root) = (*next, tail.root());
        assert_eq!(tail.size(), size);
    }
    (files, root)
}

#[test]
fn a_log_that_grew_in_steps_is_the_log_that_was_made_at_once() {
    let partial = |path: &str| path.contains(".p/");
    for size in [0, 1, 255, 256, 257, 511, 512, 700] {
        let (once, root) = grown(&[size]);
        let mut naive = Frontier::default();
        (0..size).for_each(|n| naive.push(leaf_hash(&made(n).1)));
        assert_eq!(root, naive.root(), "{size}");
        for steps in [vec![size / 2, size], vec![size / 3, size / 3, size], (1..=size.min(300)).chain([size]).collect()]
        {
            let (grown, same) = grown(&steps);
            assert_eq!(same, root);
            let only_once = once.keys().filter(|path| !grown.contains_key(*path)).count();
            assert_eq!(only_once, 0, "{size}: nothing of a log is missing");
            for (path, bytes) in grown.iter().filter(|(path, _)| !partial(path) || once.contains_key(*path)) {
                assert_eq!(Some(bytes), once.get(path), "{path} of {size} in {} steps", steps.len());
            }
        }
    }
}

#[test]
fn pages_give_back_what_was_added() {
    let (files, _) = grown(&[100, 600]);
    assert_eq!([0, 1, 256, 257, 600, 1_000_000].map(pages), [0, 1, 1, 2, 3, 3_907]);
    let read = |page: u64, size: u64| {
        let bundle = &files[&Tile::of(Kind::Entries, page, size).unwrap().path()];
        entries(page, size, &files[&statements_path(page)], bundle)
    };
    for page in 0..3 {
        let entries = read(page, 600).unwrap();
        assert_eq!(entries.len() as u64, (600 - page * 256).min(256));
        for (n, logged) in (page * 256..).zip(entries) {
            let (statement, leaf) = made(n);
            assert_eq!((logged.statement, logged.leaf), (&statement[..], &leaf[..]));
            assert_eq!(leaf_of(logged).unwrap().digest, statement::sha256(&statement));
        }
    }
    assert_eq!(read(0, 100).unwrap().len(), 100, "lines behind the size are not looked at");
}

#[test]
fn a_page_that_is_short_or_says_something_else_is_refused() {
    let (files, _) = grown(&[300]);
    let (text, bundle) = (&files["statements/001.ndjson"], &files["tile/entries/001.p/44"]);
    assert!(entries(1, 300, text, bundle).is_ok());
    let cut = &text[..text.len() - 1];
    assert_eq!(entries(1, 300, cut, bundle).unwrap_err().code, Code::StatementMissing, "the last line has no end");
    assert_eq!(entries(1, 300, text, &bundle[..bundle.len() - 1]).unwrap_err().code, Code::TileMismatch);
    assert!(entries(2, 300, text, bundle).is_err());
    let other =
        Leaf { digest: Digest([0; 32]), ..leaf_of(Logged { statement: &made(1).0, leaf: &made(1).1 }).unwrap() };
    let wrong = leaf_of(Logged { statement: &made(1).0, leaf: &other.to_bytes() });
    assert_eq!(wrong.unwrap_err().code, Code::DigestMismatch);
}
