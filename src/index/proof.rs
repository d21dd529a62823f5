//! Files with which others check: a proof that an entry is in the log (c2sp.org/tlog-proof), and one that the log only
//! grew, which is the request that c2sp.org/tlog-witness asks a log for.

use super::checkpoint::{Checkpoint, Signed};
use super::lines::{base64, decimal, hash, to_base64};
use super::note;
use super::policy::{Cosigned, Policy};
use super::{Code, Wrong};
use crate::merkle::proof::{consistent, includes};
use crate::merkle::{Sha, leaf_hash};

#[cfg(test)]
mod tests;

/// The first line of a proof of inclusion.
pub const HEADER: &str = "c2sp.org/tlog-proof@v1";
/// More hashes are not read; no tree below 2^63 leaves needs them.
pub const MAX_HASHES: usize = 63;
/// Longer extra data is not read: a leaf of ours fits in.
pub const MAX_EXTRA: usize = super::tile::MAX_ENTRY;
/// Longer files are not read: the checkpoint, the extra data in base64, the hashes and the lines around them.
const MAX_BYTES: usize = note::MAX_BYTES + MAX_EXTRA.div_ceil(3) * 4 + (MAX_HASHES + 4) * 64;

/// A proof that an entry is in the log. It carries the checkpoint, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inclusion {
    /// Not authenticated by itself. Here it is the leaf, which must hash to what is proven. May be empty.
    pub extra: Vec<u8>,
    pub index: u64,
    pub hashes: Vec<Sha>,
    pub checkpoint: Vec<u8>,
}

/// A proof that the log grew from `old` leaves to the checkpoint and changed none of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consistency {
    pub old: u64,
    pub hashes: Vec<Sha>,
    pub checkpoint: Vec<u8>,
}

impl Inclusion {
    pub fn parse(bytes: &[u8]) -> Result<Self, Wrong> {
        let (mut lines, checkpoint) = Head::of(bytes)?;
        if lines.next("first line")? != HEADER {
            return Err(lines.wrong(&format!("is not `{HEADER}`")));
        }
        let mut line = lines.next("index")?;
        let mut extra = Vec::new();
        if let Some(data) = line.strip_prefix("extra ") {
            let data = base64(data).filter(|data| !data.is_empty());
            extra = data.ok_or_else(|| lines.wrong("is not `extra` with data in base64"))?;
            if extra.len() > MAX_EXTRA {
                return Err(lines.wrong(&format!("has more than {MAX_EXTRA} bytes")));
            }
            line = lines.next("index")?;
        }
        let index = line.strip_prefix("index ").and_then(decimal);
        let index = index.ok_or_else(|| lines.wrong("is not `index` with a number"))?;
        Ok(Inclusion { extra, index, hashes: lines.hashes()?, checkpoint: checkpoint.to_vec() })
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let extra = if self.extra.is_empty() { String::new() } else { format!("extra {}\n", to_base64(&self.extra)) };
        let head = format!("{HEADER}\n{extra}index {}\n", self.index);
        body(head, &self.hashes, &self.checkpoint)
    }

    /// Whether this leaf is in the log, as its policy demands it.
    pub fn verify(&self, leaf: &[u8], policy: &Policy) -> Result<(Signed, Cosigned), Wrong> {
        let head = 3 + u64::from(!self.extra.is_empty()) + self.hashes.len() as u64;
        let (signed, cosigned) = policy.accept(&self.checkpoint).map_err(|e| e.after(head))?;
        self.holds(leaf, &signed.checkpoint)?;
        Ok((signed, cosigned))
    }

    /// Whether the hashes lead from this leaf to the root. Who signed it is not looked at.
    pub fn holds(&self, leaf: &[u8], checkpoint: &Checkpoint) -> Result<(), Wrong> {
        let Checkpoint { size, root, .. } = checkpoint;
        if self.index >= *size {
            let message = format!("the tree has {size} leaves, so leaf {} is not in it", self.index);
            return Err(Wrong::new(Code::RootMismatch, message));
        }
        if !includes(&leaf_hash(leaf), self.index, *size, &self.hashes, root) {
            let message = format!("the hashes do not lead from leaf {} to the root at size {size}", self.index);
            return Err(Wrong::new(Code::RootMismatch, message));
        }
        Ok(())
    }
}

impl Consistency {
    pub fn parse(bytes: &[u8]) -> Result<Self, Wrong> {
        let (mut lines, checkpoint) = Head::of(bytes)?;
        let old = lines.next("old size")?.strip_prefix("old ").and_then(decimal);
        let old = old.ok_or_else(|| lines.wrong("is not `old` with a size"))?;
        Ok(Consistency { old, hashes: lines.hashes()?, checkpoint: checkpoint.to_vec() })
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        body(format!("old {}\n", self.old), &self.hashes, &self.checkpoint)
    }

    /// Whether the log grew from one checkpoint to the other. Both must be known to be signed by it: nobody's
    /// signature is looked at, and `new` is the checkpoint of this file.
    pub fn holds(&self, old: &Checkpoint, new: &Checkpoint) -> Result<(), Wrong> {
        if old.origin != new.origin {
            let message = format!("the checkpoints are of `{}` and of `{}`", old.origin, new.origin);
            return Err(Wrong::new(Code::WrongOrigin, message));
        }
        if self.old != old.size {
            let message = format!("the proof begins at size {}, the old checkpoint is at {}", self.old, old.size);
            return Err(Wrong::new(Code::RootMismatch, message));
        }
        if !consistent(old.size, new.size, &self.hashes, &old.root, &new.root) {
            let message = format!("the hashes do not lead from the root at {} to the one at {}", old.size, new.size);
            return Err(Wrong::new(Code::RootMismatch, message));
        }
        Ok(())
    }

    /// The same for two signed checkpoints, the new one being that of this file. Cosignatures are looked at where
    /// witnesses of the policy are named, but no quorum is asked for: this is what witnesses are asked with.
    pub fn verify(&self, old: &[u8], policy: &Policy) -> Result<(Signed, Signed), Wrong> {
        let head = 2 + self.hashes.len() as u64;
        let (old, _) = policy.open(old)?;
        let (new, _) = policy.open(&self.checkpoint).map_err(|e| e.after(head))?;
        self.holds(&old.checkpoint, &new.checkpoint)?;
        Ok((old, new))
    }
}

/// The lines before the blank one.
struct Head<'a> {
    lines: std::str::Split<'a, char>,
    line: &'a str,
    number: u64,
}

impl<'a> Head<'a> {
    /// The head and the checkpoint behind it.
    fn of(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), Wrong> {
        if bytes.len() > MAX_BYTES {
            return Err(Wrong::malformed(format!("the proof has more than {MAX_BYTES} bytes")));
        }
        let blank = bytes.windows(2).position(|two| two == b"\n\n");
        let blank = blank.ok_or_else(|| Wrong::malformed("no blank line stands before a checkpoint"))?;
        let head = std::str::from_utf8(&bytes[..blank]);
        let head = head.map_err(|_| Wrong::malformed("the lines before the checkpoint are not UTF-8"))?;
        Ok((Head { lines: head.split('\n'), line: "", number: 0 }, &bytes[blank + 2..]))
    }

    fn next(&mut self, what: &str) -> Result<&'a str, Wrong> {
        self.number += 1;
        self.line =
            self.lines.next().ok_or_else(|| Wrong::malformed(format!("its {what} is missing")).line(self.number))?;
        Ok(self.line)
    }

    /// All that are left.
    fn hashes(&mut self) -> Result<Vec<Sha>, Wrong> {
        let count = self.lines.clone().count();
        if count > MAX_HASHES {
            return Err(Wrong::malformed(format!("it has {count} hashes, more than {MAX_HASHES}")));
        }
        let wrong = |this: &Self| this.wrong("is no hash of 32 bytes in base64");
        (0..count).map(|_| hash(self.next("hash")?).ok_or_else(|| wrong(self))).collect()
    }

    /// Of the line that was read last.
    fn wrong(&self, what: &str) -> Wrong {
        let mut shown: String = self.line.chars().take(80).collect();
        if shown.len() < self.line.len() {
            shown.push('…');
        }
        Wrong::malformed(format!("`{}` {what}", shown.escape_debug())).line(self.number)
    }
}

fn body(head: String, hashes: &[Sha], checkpoint: &[u8]) -> Vec<u8> {
    let lines = hashes.iter().map(|hash| to_base64(hash) + "\n");
    let mut bytes = std::iter::once(head).chain(lines).collect::<String>().into_bytes();
    bytes.push(b'\n');
    bytes.extend(checkpoint);
    bytes
}
