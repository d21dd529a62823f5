//! Framing: how a line of a recording says where a change event comes from.

use super::json::scan::{self, Kind, Scan, Span, fault};
use super::json::text::{Lone, decode};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// `{topic, partition, offset, timestamp, key, value, headers}`
    Capture,
    /// `kcat -J`: `{topic, partition, offset, ts, key, payload}`, key and payload as JSON strings
    Kcat,
    /// A bare Debezium value
    Value,
}

/// What the first line of a source looks like.
#[derive(Debug, PartialEq, Eq)]
pub enum Detected {
    Framing(Framing),
    /// A stream of govctl records, which is no recording.
    Records,
    /// Binary data of a schema registry.
    Registry,
}

pub fn detect(line: &[u8]) -> Detected {
    if line.first() == Some(&0) {
        return Detected::Registry;
    }
    let mut has = [false; 6];
    let mut records = false;
    const NAMES: [&[u8]; 6] = [b"topic", b"partition", b"offset", b"value", b"payload", b"ts"];
    if let Ok(root) = scan::document(line)
        && root.kind == Kind::Object
    {
        // A scanned object walks without a fault.
        let _ = scan::members(line, root, |key, value| {
            for (i, name) in NAMES.iter().enumerate() {
                has[i] |= key.inner(line) == *name;
            }
            records |=
                key.inner(line) == b"schema" && value.kind.is_string() && value.inner(line).starts_with(b"govctl.");
            Ok(())
        });
    }
    let [topic, partition, offset, value, payload, ts] = has;
    match (topic && partition && offset, value, payload || ts) {
        _ if records => Detected::Records,
        (true, true, _) => Detected::Framing(Framing::Capture),
        (true, false, true) => Detected::Framing(Framing::Kcat),
        _ => Detected::Framing(Framing::Value),
    }
}

/// A record's position and its key and value as JSON texts, None where they are null.
#[derive(Debug, Default)]
pub struct Frame {
    pub topic: Vec<u8>,
    pub partition: u32,
    pub offset: u64,
    pub timestamp: Option<i64>,
    key: Text,
    value: Text,
    decoded_key: Vec<u8>,
    decoded_value: Vec<u8>,
}

#[derive(Debug, Default, Clone, Copy)]
enum Text {
    #[default]
    Null,
    In(Span),
    Decoded,
}

impl Frame {
    pub fn key<'a>(&'a self, line: &'a [u8]) -> Option<&'a [u8]> {
        text(self.key, line, &self.decoded_key)
    }

    pub fn value<'a>(&'a self, line: &'a [u8]) -> Option<&'a [u8]> {
        text(self.value, line, &self.decoded_value)
    }

    /// Reads a capture or kcat line into this frame.
    pub fn read(&mut self, line: &[u8], framing: Framing) -> Scan<()> {
        let root = scan::document(line)?;
        if root.kind != Kind::Object {
            return fault(root.start as usize, "a JSON object was expected");
        }
        let mut seen = 0u8;
        (self.timestamp, self.key, self.value) = (None, Text::Null, Text::Null);
        scan::members(line, root, |name, value| {
            let bit = match (name.inner(line), framing) {
                (b"topic", _) => {
                    if !value.kind.is_string() {
                        return fault(value.start as usize, "`topic` is no string");
                    }
                    self.topic.clear();
                    decode(value.inner(line), Lone::Refuse, &mut self.topic)?;
                    1
                }
                (b"partition", _) => {
                    self.partition = number(line, value, "`partition` is no partition number")?;
                    2
                }
                (b"offset", _) => {
                    self.offset = number(line, value, "`offset` is no offset")?;
                    4
                }
                (b"timestamp", Framing::Capture) | (b"ts", Framing::Kcat) => {
                    if value.kind != Kind::Null {
                        self.timestamp = Some(number(line, value, "the timestamp is no integer")?);
                    }
                    8
                }
                (b"key", Framing::Capture) => {
                    self.key = inline(value);
                    16
                }
                (b"value", Framing::Capture) => {
                    self.value = inline(value);
                    32
                }
                (b"key", Framing::Kcat) => {
                    self.key = embedded(line, value, &mut self.decoded_key)?;
                    16
                }
                (b"payload", Framing::Kcat) => {
                    self.value = embedded(line, value, &mut self.decoded_value)?;
                    32
                }
                _ => return Ok(()),
            };
            if seen & bit != 0 {
                return fault(name.start as usize, "duplicate JSON key");
            }
            seen |= bit;
            Ok(())
        })?;
        match (seen & 7, seen & 32) {
            (7, 32) => Ok(()),
            (7, _) => fault(root.start as usize, "the record has no value"),
            _ => fault(root.start as usize, "topic, partition and offset are needed"),
        }
    }
}

fn text<'a>(text: Text, line: &'a [u8], decoded: &'a [u8]) -> Option<&'a [u8]> {
    match text {
        Text::Null => None,
        Text::In(span) => Some(span.raw(line)),
        Text::Decoded => Some(decoded),
    }
}

fn inline(value: Span) -> Text {
    if value.kind == Kind::Null { Text::Null } else { Text::In(value) }
}

/// A JSON text inside a JSON string.
fn embedded(line: &[u8], value: Span, decoded: &mut Vec<u8>) -> Scan<Text> {
    match value.kind {
        Kind::Null => Ok(Text::Null),
        kind if kind.is_string() => {
            decoded.clear();
            decode(value.inner(line), Lone::Refuse, decoded)?;
            Ok(Text::Decoded)
        }
        _ => fault(value.start as usize, "a JSON string was expected"),
    }
}

fn number<T: std::str::FromStr>(line: &[u8], value: Span, what: &'static str) -> Scan<T> {
    let text = std::str::from_utf8(value.raw(line)).ok().filter(|_| value.kind == Kind::Number);
    match text.and_then(|t| t.parse().ok()) {
        Some(n) => Ok(n),
        None => fault(value.start as usize, what),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn detection() {
        let of = |line: &str| detect(line.as_bytes());
        assert_eq!(
            of(r#"{"topic":"t","partition":0,"offset":1,"timestamp":5,"key":null,"value":{}}"#),
            Detected::Framing(Framing::Capture)
        );
        assert_eq!(
            of(r#"{"topic":"t","partition":0,"offset":1,"tstype":"create","ts":5,"key":"{}","payload":null}"#),
            Detected::Framing(Framing::Kcat)
        );
        assert_eq!(of(r#"{"before":null,"after":{},"source":{},"op":"c"}"#), Detected::Framing(Framing::Value));
        assert_eq!(of(r#"{"schema":"govctl.diff/1"}"#), Detected::Records);
        assert_eq!(of("\0\0\0\0\x01"), Detected::Registry);
        assert_eq!(of("garbage"), Detected::Framing(Framing::Value));
    }

    #[test]
    fn kcat_strings_are_unwrapped() {
        let line = br#"{"topic":"t","partition":2,"offset":9,"ts":7,"key":"{\"id\":1}","payload":"{\"op\":\"c\"}"}"#;
        let mut frame = Frame::default();
        frame.read(line, Framing::Kcat).unwrap();
        assert_eq!(
            (frame.topic.as_slice(), frame.partition, frame.offset, frame.timestamp),
            (&b"t"[..], 2, 9, Some(7))
        );
        assert_eq!(frame.key(line), Some(&br#"{"id":1}"#[..]));
        assert_eq!(frame.value(line), Some(&br#"{"op":"c"}"#[..]));
        let bad = br#"{"topic":"t","partition":-2,"offset":9,"payload":null}"#;
        assert_eq!(frame.read(bad, Framing::Kcat).unwrap_err().what, "`partition` is no partition number");
    }
}
