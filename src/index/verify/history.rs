//! The check `append_only`: the tree that is served now begins with the one that was seen here last.

use super::Result;
use super::files::Files;
use super::found::{Found, Stop, answer};
use super::head::Seen;
use crate::index::Code;
use crate::index::checkpoint::Signed;
use crate::index::nodes::Nodes;
use crate::index::tile::Tile;
use crate::merkle::Sha;
use crate::merkle::proof::{consistent, empty_root};

/// Two checkpoints that contradict each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fork {
    /// The smaller one, and the larger one.
    pub old: Signed,
    pub new: Signed,
    /// With which the larger one begins, at the size of the smaller one.
    pub prefix_root: Sha,
    pub consistency: Vec<Sha>,
}

pub struct History {
    /// What passed in words, or why it did not.
    pub answer: Result<String, Found>,
    pub fork: Option<Fork>,
}

pub fn check(files: Files, seen: Option<&Seen>, served: &Signed) -> Result<History> {
    let open = |found: Found| History { answer: Err(found), fork: None };
    let Some(seen) = seen else {
        return Ok(open(Found::open(Code::FirstContact, "nothing of this log was seen here before")));
    };
    let (before, now) = (seen.head.checkpoint.size, served.checkpoint.size);
    if now < before {
        return behind(files, seen, served);
    }
    let grown = answer(grown(files, &seen.head, served))?;
    Ok(match grown {
        Ok(None) => History { answer: Ok(format!("{before} -> {now}")), fork: None },
        Ok(Some(fork)) => forked(fork),
        Err(found) => open(found),
    })
}

fn forked(fork: Fork) -> History {
    let (old, new) = (fork.old.checkpoint.size, fork.new.checkpoint.size);
    let message = match old == new {
        true => format!("the log has signed two trees of {new} entries"),
        false => format!("the tree of {new} entries does not begin with the tree of {old} entries that was signed too"),
    };
    History { answer: Err(Found::fail(Code::Fork, message)), fork: Some(fork) }
}

/// Whether the larger tree, whose tiles are at hand, begins with the smaller one. A fork comes with its proof.
fn grown(files: Files, old: &Signed, new: &Signed) -> Result<Option<Fork>, Stop> {
    let (before, after) = (&old.checkpoint, &new.checkpoint);
    let fork = |prefix_root, consistency| Fork { old: old.clone(), new: new.clone(), prefix_root, consistency };
    if before.size == after.size {
        return Ok((before.root != after.root).then(|| fork(after.root, Vec::new())));
    }
    if before.size == 0 && before.root == empty_root() {
        return Ok(None);
    }
    let mut nodes = Nodes::new(after.size, |tile: Tile| files.hashes(tile));
    let prefix = nodes.root(before.size)?;
    let proof = nodes.consistency(before.size, after.size)?;
    if !consistent(before.size, after.size, &proof, &prefix, &after.root) {
        let message = "the tiles do not lead to the root, so they cannot show what it grew out of";
        return Err(Found::unverifiable(Code::RootMismatch, message).into());
    }
    Ok((prefix != before.root).then(|| fork(prefix, proof)))
}

/// Fewer entries than before: an older view, if it is one of those that the tree went through.
fn behind(files: Files, seen: &Seen, served: &Signed) -> Result<History> {
    let (before, now) = (seen.head.checkpoint.size, served.checkpoint.size);
    let proven = match seen.earlier.iter().find(|earlier| earlier.checkpoint.size == now) {
        Some(earlier) if earlier.checkpoint.root == served.checkpoint.root => Ok(None),
        Some(earlier) => {
            let (prefix_root, consistency) = (served.checkpoint.root, Vec::new());
            Ok(Some(Fork { old: earlier.clone(), new: served.clone(), prefix_root, consistency }))
        }
        None => answer(grown(files, served, &seen.head))?,
    };
    let missing = format!("entries {now} to {} were here before and are not served", before - 1);
    Ok(match proven {
        Ok(Some(fork)) => forked(fork),
        Ok(None) => History { answer: Err(Found::open(Code::HeadBehind, missing)), fork: None },
        Err(_) => {
            let message = format!("{missing}; whether what is served is an older view of them cannot be told");
            History { answer: Err(Found::unverifiable(Code::HeadBehind, message)), fork: None }
        }
    })
}
