//! Which files a publication must write again, so that a thousand entries onto a hundred thousand touch few of them.

use std::collections::BTreeSet;

use super::super::Wrong;
use super::super::digest::Digest;
use super::row::check_order;
use super::{NEWEST, PAGE, SHOWN, lookup, malformed, page_path};
use crate::record::index::Row;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changed {
    pub pages: BTreeSet<u64>,
    pub shards: BTreeSet<u8>,
    pub index: bool,
    pub html: bool,
}

impl Changed {
    /// Paths in the site, those that nobody follows to others first and the page for people last.
    pub fn paths(&self) -> Vec<String> {
        let mut paths: Vec<String> = self.pages.iter().map(|page| page_path(*page)).collect();
        paths.extend(self.shards.iter().map(|shard| lookup::path(*shard)));
        paths.extend(self.index.then(|| "index.json".to_owned()));
        paths.extend(self.html.then(|| "index.html".to_owned()));
        paths
    }
}

/// What changes when `new` rows follow `size` others, of which those of the leaves `older` now say something else: that they
/// were withdrawn, where the public Rekor has them, or when they were time-stamped.
pub fn changed(size: u64, new: &[Row], older: &[u64]) -> Result<Changed, Wrong> {
    check_order(new, size)?;
    let after = size.saturating_add(new.len() as u64);
    let mut changed = Changed { index: !new.is_empty(), html: !new.is_empty(), ..Changed::default() };
    for row in new {
        let digest = Digest::parse(&row.manifest_sha256)
            .ok_or_else(|| malformed(format!("entry {}: `manifest_sha256` is no SHA-256", row.leaf_index)))?;
        changed.shards.insert(lookup::shard(&digest));
        changed.pages.insert(row.leaf_index / PAGE);
    }
    for leaf in older {
        if *leaf >= size {
            return Err(malformed(format!("entry {leaf} is none of the {size} before")));
        }
        changed.pages.insert(leaf / PAGE);
        changed.index |= after - leaf <= NEWEST;
        changed.html |= after - leaf <= SHOWN;
    }
    Ok(changed)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::rows;
    use super::*;

    fn paths(size: u64, new: u64, older: &[u64]) -> Vec<String> {
        let new: Vec<Row> = rows(size + new).split_off(usize::try_from(size).unwrap());
        changed(size, &new, older).unwrap().paths()
    }

    #[test]
    fn new_rows_touch_the_last_pages_and_their_shards() {
        // The digests of the fixture begin with the last two digits of the leaf's number in hexadecimal.
        assert_eq!(paths(0, 1, &[]), ["index/000.json", "lookup/00.json", "index.json", "index.html"]);
        assert_eq!(paths(255, 1, &[]), ["index/000.json", "lookup/ff.json", "index.json", "index.html"]);
        assert_eq!(paths(256, 1, &[]), ["index/001.json", "lookup/00.json", "index.json", "index.html"]);
        let crossing =
            ["index/000.json", "index/001.json", "lookup/00.json", "lookup/ff.json", "index.json", "index.html"];
        assert_eq!(paths(255, 2, &[]), crossing);
        assert_eq!(paths(100_000, 1_000, &[]).len(), 5 + 256 + 2);
        assert_eq!(paths(300, 0, &[]), [""; 0]);
    }

    #[test]
    fn an_older_row_touches_its_page_and_what_still_shows_it() {
        assert_eq!(paths(3_000, 0, &[999]), ["index/003.json"]);
        assert_eq!(paths(3_000, 0, &[1_000]), ["index/003.json", "index.json"]);
        assert_eq!(paths(3_000, 0, &[2_799]), ["index/010.json", "index.json"]);
        assert_eq!(paths(3_000, 0, &[2_800, 2_801]), ["index/010.json", "index.json", "index.html"]);
        let withdrawn = paths(3_000, 1, &[3]);
        assert_eq!(withdrawn, ["index/000.json", "index/011.json", "lookup/b8.json", "index.json", "index.html"]);
    }

    #[test]
    fn rows_that_do_not_follow_are_refused() {
        assert!(changed(1, &rows(1), &[]).is_err());
        assert!(changed(1, &[], &[1]).is_err());
        let mut other = rows(1);
        other[0].manifest_sha256 = "00".to_owned();
        assert!(changed(0, &other, &[]).is_err());
    }
}
