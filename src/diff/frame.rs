//! Framing: how a line of a recording says where a change event comes from.

use super::names::{place_of, unescape, unescaped};
use crate::json::scan::{self, Kind, Scan, Span, fault};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// `{topic, partition, offset, timestamp, key, value, headers}`
    Capture,
    /// `kcat -J`: `{topic, partition, offset, ts, key, payload}`, key and payload as JSON strings
    Kcat,
    /// A bare Debezium value
    Value,
}

/// What a line shows about its source.
#[derive(Debug, PartialEq, Eq)]
pub enum Detected {
    Framing(Framing),
    /// A stream of govctl records, which is no recording.
    Records,
    /// Binary data of a schema registry.
    Registry,
}

/// None: a line that shows nothing, as one that is blank or damaged.
pub fn detect(line: &[u8]) -> Option<Detected> {
    const NAMES: [&[u8]; 8] =
        [b"topic", b"partition", b"offset", b"value", b"timestamp", b"headers", b"payload", b"ts"];
    if line.first() == Some(&0) {
        return Some(Detected::Registry);
    }
    let root = scan::document(line).ok().filter(|root| root.kind == Kind::Object)?;
    let mut has = [false; NAMES.len()];
    let (mut records, mut members) = (false, 0);
    // A scanned object walks without a fault, but for names that are no text.
    let _ = scan::members(line, root, |key, value| {
        let text = unescaped(line, key)?;
        members += 1;
        for (has, name) in has.iter_mut().zip(NAMES) {
            *has |= *text == *name;
        }
        records |= *text == *b"schema" && value.kind.is_string() && value.inner(line).starts_with(b"govctl.");
        Ok(())
    });
    let [topic, partition, offset, value, timestamp, headers, payload, ts] = has;
    let framing = match topic && partition && offset {
        _ if records => return Some(Detected::Records),
        true if value => Framing::Capture,
        true if payload || ts => Framing::Kcat,
        // A record without its value.
        true if timestamp || headers => Framing::Capture,
        false if members > 0 => Framing::Value,
        _ => return None,
    };
    Some(Detected::Framing(framing))
}

/// What was wanted under a framing, which may not be that of the file.
macro_rules! in_framing {
    ($framing:expr, $what:literal) => {
        match $framing {
            Framing::Kcat => concat!($what, " (the file was read as framing kcat)"),
            _ => concat!($what, " (the file was read as framing capture)"),
        }
    };
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
    /// The text of this string.
    Decoded(Span),
}

/// The years 1970 to 9999.
const TIMES_MS: std::ops::RangeInclusive<i64> = 0..=253_402_300_799_999;
/// What Kafka says where it has no time.
const NO_TIME: i64 = -1;

impl Frame {
    pub fn key<'a>(&'a self, line: &'a [u8]) -> Option<&'a [u8]> {
        text(self.key, line, &self.decoded_key)
    }

    pub fn value<'a>(&'a self, line: &'a [u8]) -> Option<&'a [u8]> {
        text(self.value, line, &self.decoded_value)
    }

    /// Where in the line a byte of the key stands.
    pub fn key_place(&self, line: &[u8], at: usize) -> usize {
        place(self.key, line, at)
    }

    /// Where in the line a byte of the value stands.
    pub fn value_place(&self, line: &[u8], at: usize) -> usize {
        place(self.value, line, at)
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
            let bit = match (&*unescaped(line, name)?, framing) {
                (b"topic", _) => {
                    if !value.kind.is_string() {
                        return fault(value.start as usize, "`topic` is no string");
                    }
                    self.topic.clear();
                    unescape(line, value, &mut self.topic)?;
                    1
                }
                (b"partition", _) => {
                    self.partition = number(line, value, "`partition` is no partition number")?;
                    2
                }
                (b"offset", _) => {
                    // Kafka counts them in 63 bits.
                    let offset: i64 = number(line, value, "`offset` is no offset")?;
                    let Ok(offset) = u64::try_from(offset) else {
                        return fault(value.start as usize, "`offset` is no offset");
                    };
                    self.offset = offset;
                    4
                }
                (b"timestamp", Framing::Capture) | (b"ts", Framing::Kcat) => {
                    if value.kind != Kind::Null {
                        let ms = number(line, value, "the timestamp is no integer")?;
                        if ms != NO_TIME && !is_time(ms) {
                            return fault(value.start as usize, "the timestamp is out of range");
                        }
                        self.timestamp = (ms != NO_TIME).then_some(ms);
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
            (7, _) => fault(root.start as usize, in_framing!(framing, "the record has no value")),
            _ => fault(root.start as usize, in_framing!(framing, "topic, partition and offset are needed")),
        }
    }
}

/// Whether these milliseconds can be the time of an event.
pub fn is_time(ms: i64) -> bool {
    TIMES_MS.contains(&ms)
}

fn place(text: Text, line: &[u8], at: usize) -> usize {
    match text {
        Text::Null => at,
        Text::In(span) => span.start as usize + at,
        Text::Decoded(string) => place_of(line, string, at),
    }
}

fn text<'a>(text: Text, line: &'a [u8], decoded: &'a [u8]) -> Option<&'a [u8]> {
    match text {
        Text::Null => None,
        Text::In(span) => Some(span.raw(line)),
        Text::Decoded(_) => Some(decoded),
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
            unescape(line, value, decoded)?;
            Ok(Text::Decoded(value))
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
        let of = |line: &str| detect(line.as_bytes()).unwrap();
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
        let without_value = r#"{"topic":"t","partition":0,"offset":1,"timestamp":5,"key":null}"#;
        assert_eq!(of(without_value), Detected::Framing(Framing::Capture));
        let escaped = r#"{"\u0074opic":"t","partition":0,"offset":1,"timestamp":5,"value":null}"#;
        assert_eq!(of(escaped), Detected::Framing(Framing::Capture));
        for nothing in ["", " ", "garbage", "[1]", "{}", r#"{"topic":"t","partition":0,"offset":1,"key":null}"#] {
            assert_eq!(detect(nothing.as_bytes()), None, "{nothing}");
        }
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
