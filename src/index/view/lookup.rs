//! The lookup: digest of a manifest → the leaves that are about it, in 256 files by the first byte of the digest. A client
//! that holds a manifest fetches one of them and then the pages that it names.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Deserialize;

use super::super::Wrong;
use super::super::digest::Digest;
use super::json::{check_version, parse};
use super::malformed;
use super::sorted::Sorted;

/// The file that a digest is in.
pub fn shard(digest: &Digest) -> u8 {
    let [first, ..] = digest.0;
    first
}

/// Path of a shard. One without digests has no file.
pub fn path(shard: u8) -> String {
    format!("lookup/{shard:02x}.json")
}

/// The shards that the given entries are in, ascending. Of each shard all entries must be given: digest and leaf of an
/// export, of every withdrawal of it, and of a change of keys.
pub fn write(mut entries: Vec<(Digest, u64)>) -> Vec<(u8, String)> {
    entries.sort_unstable();
    entries.dedup();
    entries
        .chunk_by(|(a, _), (b, _)| shard(a) == shard(b))
        .filter_map(|all| Some((shard(&all.first()?.0), file(all))))
        .collect()
}

/// One shard, of sorted entries.
fn file(entries: &[(Digest, u64)]) -> String {
    let mut out = String::from("{\"version\":1,\"entries\":{");
    for (i, of_one) in entries.chunk_by(|(a, _), (b, _)| a == b).enumerate() {
        for (j, (digest, leaf)) in of_one.iter().enumerate() {
            let _ = match (i, j) {
                (0, 0) => write!(out, "\n\"{digest}\":[{leaf}"),
                (_, 0) => write!(out, ",\n\"{digest}\":[{leaf}"),
                _ => write!(out, ",{leaf}"),
            };
        }
        out.push(']');
    }
    out.push_str("\n}}\n");
    out
}

#[derive(Deserialize)]
struct Wire {
    version: u64,
    entries: Sorted<Digest, Vec<u64>>,
}

/// Reads a shard: digests of its first byte, ascending, each with its leaves, ascending.
pub fn read(of: u8, bytes: &[u8]) -> Result<BTreeMap<Digest, Vec<u64>>, Wrong> {
    let wire: Wire = parse(bytes)?;
    check_version(wire.version)?;
    let Sorted(entries) = wire.entries;
    if let Some(digest) = entries.keys().find(|digest| shard(digest) != of) {
        return Err(malformed(format!("{digest} does not belong in {}", path(of))));
    }
    match entries.iter().find(|(_, leaves)| leaves.is_empty() || !leaves.is_sorted_by(|a, b| a < b)) {
        Some((digest, _)) => Err(malformed(format!("{digest} has no leaves that ascend"))),
        None => Ok(entries),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(text: &str) -> Digest {
        Digest::parse(&format!("{text:0<64}")).unwrap()
    }

    #[test]
    fn a_file_per_first_byte() {
        let entries = [("3f0c", 41), ("00aa", 7), ("3f0b", 12), ("3f0c", 5), ("ff", 0), ("3f0c", 41)];
        let files = write(entries.map(|(text, leaf)| (digest(text), leaf)).to_vec());
        let zeros = "0".repeat(60);
        let expected = [
            (0, format!("{{\"version\":1,\"entries\":{{\n\"00aa{zeros}\":[7]\n}}}}\n")),
            (0x3f, format!("{{\"version\":1,\"entries\":{{\n\"3f0b{zeros}\":[12],\n\"3f0c{zeros}\":[5,41]\n}}}}\n")),
            (0xff, format!("{{\"version\":1,\"entries\":{{\n\"ff00{zeros}\":[0]\n}}}}\n")),
        ];
        assert_eq!(files, expected);
        assert_eq!(write(Vec::new()), []);
        assert_eq!([0, 0x3f, 255].map(path), ["lookup/00.json", "lookup/3f.json", "lookup/ff.json"]);
        let read = read(0x3f, files[1].1.as_bytes()).unwrap();
        assert_eq!(read.into_iter().collect::<Vec<_>>(), [(digest("3f0b"), vec![12]), (digest("3f0c"), vec![5, 41])]);
    }

    #[test]
    fn what_is_no_shard_is_refused() {
        let (a, b) = (digest("3f0b"), digest("3f0c"));
        let refused = |of, text: String| read(of, text.as_bytes()).unwrap_err().message;
        let with = |entries: &str| format!("{{\"version\":1,\"more\":[],\"entries\":{{{entries}}}}}");
        assert!(read(0x3f, with(&format!("\"{a}\":[1,2]")).as_bytes()).is_ok());
        for (of, entries, says) in [
            (0x3e, format!("\"{a}\":[1]"), "does not belong in lookup/3e.json"),
            (0x3f, format!("\"{a}\":[2,1]"), "no leaves that ascend"),
            (0x3f, format!("\"{a}\":[1,1]"), "no leaves that ascend"),
            (0x3f, format!("\"{a}\":[]"), "no leaves that ascend"),
            (0x3f, format!("\"{b}\":[1],\"{a}\":[2]"), "keys do not ascend"),
            (0x3f, format!("\"{a}\":[1],\"{a}\":[2]"), "keys do not ascend"),
            (0x3f, format!("\"{a}\":[-1]"), "invalid value"),
            (0x3f, "\"3f\":[1]".to_owned(), "64 hexadecimal digits"),
        ] {
            let message = refused(of, with(&entries));
            assert!(message.contains(says), "{message}");
        }
        assert!(refused(0, "{\"version\":2,\"entries\":{}}".to_owned()).contains("version 2"));
    }
}
