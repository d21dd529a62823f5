//! Signed notes (c2sp.org/signed-note): a text, a blank line, and who signed the text.

use super::lines::{base64, to_base64};
use super::vkey::{Key, Valid};
use super::{Code, Wrong};
use crate::key::ed25519::Private;

#[cfg(test)]
mod tests;

/// Longer notes are not read.
pub const MAX_BYTES: usize = 256 * 1024;
/// Notes with more signatures are not read.
pub const MAX_SIGNATURES: usize = 64;

const DASH: &str = "\u{2014} ";

/// One signature line. Who is named there is a claim until the signature was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    name: String,
    id: [u8; 4],
    bytes: Vec<u8>,
}

/// A text with its signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<Signature>,
}

/// A signature of a note that holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// Which of the keys it was asked about.
    pub key: usize,
    /// Which signature of the note.
    pub signature: usize,
    pub valid: Valid,
}

impl Signature {
    pub fn new(name: &str, id: [u8; 4], bytes: Vec<u8>) -> Result<Self, Wrong> {
        if !is_name(name) {
            return Err(Wrong::bad_note(format!("`{}` cannot name a key", name.escape_debug())));
        }
        if bytes.is_empty() {
            return Err(Wrong::bad_note("a signature is empty"));
        }
        Ok(Signature { name: name.to_owned(), id, bytes })
    }

    /// A plain Ed25519 signature over the text of a note.
    pub fn sign(name: &str, key: &Private, text: &str) -> Result<Self, Wrong> {
        let id = Key::log(name, key.public())?.id();
        Signature::new(name, id, key.sign(text.as_bytes()).to_vec())
    }

    /// Without the newline.
    fn parse(line: &str) -> Result<Self, Wrong> {
        let form = "is not an em dash, a name and a signature in base64, with one space between them";
        let wrong = || Wrong::bad_note(format!("`{}` {form}", line.escape_debug()));
        let (name, signature) = line.strip_prefix(DASH).and_then(|l| l.split_once(' ')).ok_or_else(wrong)?;
        let bytes = base64(signature).ok_or_else(wrong)?;
        let (id, bytes) = bytes.split_first_chunk().ok_or_else(wrong)?;
        Signature::new(name, *id, bytes.to_vec())
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn id(&self) -> [u8; 4] {
        self.id
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// With the newline.
    pub fn line(&self) -> String {
        format!("{DASH}{} {}\n", self.name, to_base64(&[&self.id[..], &self.bytes].concat()))
    }

    /// Another of the same key and type.
    fn replaces(&self, other: &Signature) -> bool {
        (&self.name, self.id) == (&other.name, other.id)
    }
}

impl Note {
    pub fn new(text: String, signatures: Vec<Signature>) -> Result<Self, Wrong> {
        if !text.ends_with('\n') {
            return Err(Wrong::bad_note("the text does not end with a newline"));
        }
        no_control_characters(&text)?;
        if signatures.is_empty() {
            return Err(Wrong::bad_note("nobody signed it"));
        }
        let note = Note { text, signatures };
        within_limits(note.to_text().len(), note.signatures.len())?;
        Ok(note)
    }

    pub fn parse(bytes: &[u8]) -> Result<Self, Wrong> {
        within_limits(bytes.len(), 0)?;
        let all = std::str::from_utf8(bytes).map_err(|e| {
            Wrong::bad_note(format!("byte {} is not UTF-8; it begins with {}", e.valid_up_to(), beginning(bytes)))
        })?;
        no_control_characters(all)?;
        let Some(end) = all.rfind("\n\n") else {
            return Err(Wrong::bad_note(format!(
                "no blank line stands before signatures; it begins with {}",
                beginning(bytes)
            )));
        };
        let (text, signatures) = (&all[..=end], &all[end + 2..]);
        let before = text.matches('\n').count() as u64 + 1;
        let signatures = parse_signatures(signatures).map_err(|e| e.after(before))?;
        Ok(Note { text: text.to_owned(), signatures })
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    pub fn to_text(&self) -> String {
        let lines = self.signatures.iter().map(Signature::line);
        std::iter::once(format!("{}\n", self.text)).chain(lines).collect()
    }

    /// Adds a signature, in the place of an earlier one by the same key.
    pub fn put(&mut self, signature: Signature) -> Result<(), Wrong> {
        match self.signatures.iter_mut().find(|s| signature.replaces(s)) {
            Some(earlier) => *earlier = signature,
            None => {
                within_limits(self.to_text().len() + signature.line().len(), self.signatures.len() + 1)?;
                self.signatures.push(signature);
            }
        }
        Ok(())
    }

    /// The signatures by these keys; there may be none. Those by others, or of types that are not known here, are
    /// passed over, but one that names one of these keys and is not by it spoils the whole note.
    pub fn by(&self, keys: &[&Key]) -> Result<Vec<Verified>, Wrong> {
        let mut found = Vec::new();
        for (at, signature) in self.signatures.iter().enumerate() {
            let named = |key: &&Key| key.is_known() && key.name() == signature.name && key.id() == signature.id;
            let mut candidates = keys.iter().enumerate().filter(|(_, key)| named(key)).peekable();
            if candidates.peek().is_none() {
                continue;
            }
            let valid = candidates.find_map(|(key, k)| Some((key, k.verify(&self.text, &signature.bytes)?)));
            let Some((key, valid)) = valid else {
                let message = format!("the signature of `{}` does not hold", signature.name);
                return Err(Wrong::new(Code::BadSignature, message));
            };
            found.push(Verified { key, signature: at, valid });
        }
        Ok(found)
    }

    /// The same, where at least one of these keys must have signed.
    pub fn verify(&self, keys: &[&Key]) -> Result<Vec<Verified>, Wrong> {
        let found = self.by(keys)?;
        if found.is_empty() {
            let names: Vec<_> = self.signatures.iter().map(|s| format!("`{}`", s.name)).collect();
            let message = format!("no known key signed it, only {}", names.join(", "));
            return Err(Wrong::new(Code::UnknownKey, message));
        }
        Ok(found)
    }
}

/// Signature lines alone: what a witness answers.
pub fn parse_signatures(text: &str) -> Result<Vec<Signature>, Wrong> {
    let lines = text.matches('\n').count();
    within_limits(text.len(), lines)?;
    if lines == 0 || !text.ends_with('\n') {
        return Err(Wrong::bad_note("the signatures must be lines that end with a newline"));
    }
    let parse = |(number, line)| Signature::parse(line).map_err(|e| e.line(number));
    (1..).zip(text.split_terminator('\n')).map(parse).collect()
}

/// What may name a key.
pub fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c < ' ' || c == '+')
}

fn within_limits(bytes: usize, signatures: usize) -> Result<(), Wrong> {
    if bytes > MAX_BYTES {
        return Err(Wrong::bad_note(format!("it has {bytes} bytes, more than {MAX_BYTES}")));
    }
    if signatures > MAX_SIGNATURES {
        return Err(Wrong::bad_note(format!("it has {signatures} signatures, more than {MAX_SIGNATURES}")));
    }
    Ok(())
}

fn no_control_characters(text: &str) -> Result<(), Wrong> {
    let Some(at) = text.bytes().position(|b| b < b' ' && b != b'\n') else { return Ok(()) };
    let line = text.as_bytes()[..at].iter().filter(|b| **b == b'\n').count() as u64 + 1;
    let wrong = format!("the control character {:#04x} must not be in it", text.as_bytes()[at]);
    Err(Wrong::bad_note(wrong).line(line))
}

/// The first bytes, to see what it is instead.
fn beginning(bytes: &[u8]) -> String {
    let first = String::from_utf8_lossy(&bytes[..bytes.len().min(60)]).into_owned();
    format!("`{}`", first.escape_debug())
}
