//! One change event as digests: what both `digest` and `run` are made of. Batches carry events between threads.

use serde_json::value::RawValue;

use super::hash::Sha;
use crate::record::diff::Op;

/// How a record of a source partition counts in its Merkle page (the discriminants are part of the proof).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Class {
    Row = 0,
    Delete = 1,
    Tombstone = 2,
    Control = 3,
    Poison = 4,
    SampledOut = 5,
}

pub mod flag {
    /// Written outside the tenant's home region.
    pub const UNAUTHORIZED: u8 = 1;
    /// A value is not known: a placeholder without an earlier value or in a column that is not toast.
    pub const UNRESOLVED: u8 = 2;
    /// A heartbeat.
    pub const ALIVE: u8 = 4;
    /// The source gave no time: its place in the order is that of the event before it.
    pub const NO_LOG_TIME: u8 = 8;
    /// Truncates the table.
    pub const TRUNCATE: u8 = 16;
    /// Has a replication origin, so was not committed here first.
    pub const REPLICATED: u8 = 32;
    /// Of a topic that no table names.
    pub const NO_TABLE: u8 = 64;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Null,
    Known(Sha),
    /// A placeholder: the value is that of the event before.
    Inherit,
}

/// The value of one column for `explain` and for the columns of a mismatch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    Null,
    /// Canonical JSON text.
    Text(Vec<u8>),
    /// A placeholder for a value that was not sent.
    Placeholder,
}

/// One compared column of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnCell {
    pub name: String,
    /// Logical type, `untyped` where only the JSON value is known.
    pub type_name: &'static str,
    pub cell: Cell,
}

/// What few events have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extra {
    /// In tables with toast columns: the digest without them, and one part per such column by name.
    pub base: Option<Sha>,
    pub parts: Vec<Part>,
    /// The digest with decimal NaN and Infinity as null.
    pub alt: Option<Sha>,
    pub origin: Option<String>,
    pub origin_lsn: Option<u64>,
    pub home_region: Option<String>,
    /// Body of the key that an unreadable record's row names, where it is not the event key.
    pub row_key: Option<String>,
    /// The columns of the row, where `explain` asked for its key.
    pub cells: Vec<ColumnCell>,
}

#[derive(Debug, Clone)]
pub struct Event {
    pub class: Class,
    pub op: Op,
    pub flags: u8,
    /// Index into the run's tables; meaningless with `flag::NO_TABLE`.
    pub table: u16,
    /// Index into the source's partitions.
    pub partition: u32,
    pub offset: u64,
    pub log_ms: i64,
    pub source_us: Option<i64>,
    pub version: Option<u64>,
    /// Where the key's body (`"acme",10000`) lies in the batch's keys; empty where there is no key.
    pub key: (u32, u32),
    /// Row digest; for deletes and tombstones SHA-256 of the canonical key.
    pub digest: Sha,
    pub cols_fp: u32,
    /// Byte offset of the line in its source.
    pub byte: u64,
    pub extra: Option<Box<Extra>>,
}

impl Event {
    /// A control record without key and value.
    pub fn blank(partition: u32, offset: u64, log_ms: i64) -> Event {
        Event {
            class: Class::Control,
            op: Op::Read,
            flags: 0,
            table: 0,
            partition,
            offset,
            log_ms,
            source_us: None,
            version: None,
            key: (0, 0),
            digest: [0; 32],
            cols_fp: 0,
            byte: 0,
            extra: None,
        }
    }

    pub fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// Whether a digest stream brings it at its time. What else a recording holds is counted and has a leaf, and decides
    /// nothing, so that the two give the same verdicts.
    pub fn is_told(&self) -> bool {
        match self.class {
            Class::Poison => true,
            _ if self.has(flag::NO_TABLE) => self.has(flag::ALIVE),
            Class::Row | Class::Delete => true,
            Class::Control => self.has(flag::TRUNCATE),
            Class::SampledOut => self.has(flag::UNAUTHORIZED),
            Class::Tombstone => false,
        }
    }

    pub fn has_key(&self) -> bool {
        self.key.1 > self.key.0
    }
}

/// A record that could not be read.
#[derive(Debug, Clone)]
pub struct Poison {
    pub line: u64,
    pub cause: String,
    /// The line, or its beginning.
    pub bytes: Vec<u8>,
}

/// A partition as a source names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Partition {
    pub topic: String,
    pub number: u32,
}

#[derive(Debug, Default)]
pub struct Batch {
    pub events: Vec<Event>,
    pub keys: Vec<u8>,
    /// The keys of a sealed batch.
    text: String,
    /// Partitions met for the first time, in the order of their indexes.
    pub partitions: Vec<Partition>,
    /// Tables met for the first time, without a types.yaml.
    pub tables: Vec<super::types::Table>,
    pub poison: Vec<Poison>,
    /// Bytes of text read so far from the source.
    pub bytes: u64,
    /// The lines of the events as they came, where dead letters may ask for them.
    lines: Lines,
}

/// One line per event: its number, and where its text ends.
#[derive(Debug, Default)]
struct Lines {
    text: Vec<u8>,
    ends: Vec<(u64, usize)>,
}

/// Of an unreadable record this much is kept.
pub const KEPT_BYTES: usize = 4096;

impl Batch {
    pub fn clear(&mut self) {
        self.events.clear();
        if !self.text.is_empty() {
            self.keys = std::mem::take(&mut self.text).into_bytes();
        }
        self.keys.clear();
        self.partitions.clear();
        self.tables.clear();
        self.poison.clear();
        self.lines.text.clear();
        self.lines.ends.clear();
    }

    /// Keeps the line of the event pushed last; without its text where that can be read again.
    pub fn keep_line(&mut self, number: u64, line: &[u8]) {
        self.lines.text.extend_from_slice(&line[..line.len().min(KEPT_BYTES)]);
        self.lines.ends.resize(self.events.len(), (number, self.lines.text.len()));
    }

    /// Number and text of an event's line, where lines are kept. The event is one of this batch.
    pub fn line(&self, event: &Event) -> Option<(u64, &[u8])> {
        let at = self.events.iter().position(|e| std::ptr::eq(e, event))?;
        let (number, end) = *self.lines.ends.get(at)?;
        // A digest record brings several events.
        let start = self.lines.ends[..at].iter().rfind(|(other, _)| *other != number).map_or(0, |before| before.1);
        Some((number, &self.lines.text[start..end]))
    }

    /// Nothing more is written to it: its keys are text from here on, checked all at once.
    pub fn seal(&mut self) -> Result<(), std::string::FromUtf8Error> {
        self.text = String::from_utf8(std::mem::take(&mut self.keys))?;
        Ok(())
    }

    /// The key of an event of a sealed batch.
    pub fn key_text(&self, event: &Event) -> &str {
        &self.text[event.key.0 as usize..event.key.1 as usize]
    }

    pub fn key(&self, event: &Event) -> &[u8] {
        &self.keys[event.key.0 as usize..event.key.1 as usize]
    }
}

/// Tenant and id of a key body: `"acme",10000` is acme and 10000; several id columns are a canonical JSON array.
pub fn tenant_and_id(body: &[u8]) -> (String, String) {
    let array = array_of(body);
    let Some(parts) = parts_of(&array) else { return (String::new(), array) };
    let word = |part: &&str| serde_json::from_str(part).unwrap_or_else(|_| (*part).to_owned());
    let tenant = parts.first().map(word).unwrap_or_default();
    let id = match parts.get(1..) {
        Some([one]) => word(one),
        Some(many) => format!("[{}]", many.join(",")),
        None => String::new(),
    };
    (tenant, id)
}

/// A key's body as a JSON array.
pub fn array_of(body: &[u8]) -> String {
    format!("[{}]", String::from_utf8_lossy(body))
}

/// The canonical texts in such an array; numbers of any length keep theirs.
pub fn parts_of(array: &str) -> Option<Vec<&str>> {
    let parts: Vec<&RawValue> = serde_json::from_str(array).ok()?;
    Some(parts.into_iter().map(RawValue::get).collect())
}

/// The canonical key `["audit","acme",10000]`.
pub fn canonical_key(kind: &str, body: &[u8]) -> Vec<u8> {
    let mut key = vec![b'['];
    crate::json::text::encode(kind.as_bytes(), &mut key);
    key.push(b',');
    key.extend_from_slice(body);
    key.push(b']');
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_as_people_read_them() {
        assert_eq!(tenant_and_id(br#""acme",10000"#), ("acme".into(), "10000".into()));
        assert_eq!(tenant_and_id(br#""a\"b","x""#), ("a\"b".into(), "x".into()));
        assert_eq!(tenant_and_id(br#""a",1,"b""#), ("a".into(), "[1,\"b\"]".into()));
        assert_eq!(tenant_and_id(br#""a",123456789012345678901234567890"#).1, "123456789012345678901234567890");
        assert_eq!(canonical_key("audit", br#""acme",10000"#), br#"["audit","acme",10000]"#);
    }
}
