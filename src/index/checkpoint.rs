//! Checkpoints (c2sp.org/tlog-checkpoint): the note in which a log says how large its tree is and what its root is.

use super::lines::{decimal, hash, numbered, to_base64};
use super::note::{Note, Signature, Verified};
use super::vkey::Key;
use super::{Code, Wrong};
use crate::key::ed25519::Private;
use crate::merkle::Sha;

#[cfg(test)]
mod tests;

/// What a log says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Of our own logs an `Origin`; other logs may be called anything.
    pub origin: String,
    pub size: u64,
    pub root: Sha,
    /// Lines after the root. Read and kept because signatures cover them; none are written here, and nothing is made
    /// of them.
    pub extensions: Vec<String>,
}

/// A checkpoint with the note in which it stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    pub checkpoint: Checkpoint,
    pub note: Note,
}

impl Checkpoint {
    pub fn new(origin: &str, size: u64, root: Sha) -> Self {
        Checkpoint { origin: origin.to_owned(), size, root, extensions: Vec::new() }
    }

    /// The text of a note.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let lines = numbered(text).ok_or_else(|| Wrong::bad_note("the text does not end with a newline"))?;
        let mut lines = lines.map(|(number, line)| match line {
            "" => Err(Wrong::bad_note("a line of a checkpoint is empty").line(number)),
            line => Ok((number, line)),
        });
        let mut next = |what: &str| {
            lines.next().unwrap_or_else(|| Err(Wrong::bad_note(format!("the checkpoint has no line with its {what}"))))
        };
        let (_, origin) = next("origin")?;
        let (number, size) = next("size")?;
        let size = decimal(size).ok_or_else(|| {
            let wrong = "is no size: decimal digits without a leading zero, below 2^64";
            Wrong::bad_note(format!("`{}` {wrong}", size.escape_debug())).line(number)
        })?;
        let (number, root) = next("root")?;
        let root = hash(root).ok_or_else(|| {
            Wrong::bad_note(format!("`{}` is no hash of 32 bytes in base64", root.escape_debug())).line(number)
        })?;
        let extensions = lines.map(|line| line.map(|(_, line)| line.to_owned())).collect::<Result<_, _>>()?;
        Ok(Checkpoint { origin: origin.to_owned(), size, root, extensions })
    }

    pub fn to_text(&self) -> String {
        let mut text = format!("{}\n{}\n{}\n", self.origin, self.size, to_base64(&self.root));
        for line in &self.extensions {
            text += line;
            text.push('\n');
        }
        text
    }

    /// The checkpoint as a note by its log. The name of the key is the origin.
    pub fn sign(self, keys: &[&Private]) -> Result<Signed, Wrong> {
        let text = self.to_text();
        let sign = |key: &&Private| Signature::sign(&self.origin, key, &text);
        let signatures = keys.iter().map(sign).collect::<Result<_, _>>()?;
        if Checkpoint::parse(&text)? != self {
            return Err(Wrong::bad_note("origin and extension lines must be lines, and not empty"));
        }
        Ok(Signed { note: Note::new(text, signatures)?, checkpoint: self })
    }
}

impl Signed {
    /// Reads it; nothing is verified.
    pub fn parse(bytes: &[u8]) -> Result<Self, Wrong> {
        let note = Note::parse(bytes)?;
        Ok(Signed { checkpoint: Checkpoint::parse(note.text())?, note })
    }

    /// Whether one of these logs signed it: origin, name and id of the key and the signature must all fit one of them.
    pub fn verify(&self, logs: &[&Key]) -> Result<Vec<Verified>, Wrong> {
        let origin = &self.checkpoint.origin;
        if !logs.iter().any(|log| log.name() == origin) {
            let expected: Vec<_> = logs.iter().map(|log| format!("`{}`", log.name())).collect();
            let expected = if logs.is_empty() { "a known log: there is none".to_owned() } else { expected.join(", ") };
            let message = format!("the checkpoint is of `{}`, not of {expected}", origin.escape_debug());
            return Err(Wrong::new(Code::WrongOrigin, message));
        }
        let named: Vec<_> = (0..).zip(logs).filter(|(_, log)| log.name() == origin).collect();
        let keys: Vec<_> = named.iter().map(|(_, log)| **log).collect();
        let verified = self.note.verify(&keys)?;
        let of_all = |v: Verified| Verified { key: named.get(v.key).map_or(v.key, |(at, _)| *at), ..v };
        Ok(verified.into_iter().map(of_all).collect())
    }
}
