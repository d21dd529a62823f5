//! JSON strings whose spelling may hide what they say: names with escapes, and places behind escapes.

use std::borrow::Cow;

use crate::json::scan::{Fault, Kind, Scan, Span};
use crate::json::text::{Lone, decode};

/// What a string says, whatever its escapes. Faults are places in `b`.
pub fn unescaped(b: &[u8], string: Span) -> Scan<Cow<'_, [u8]>> {
    if string.kind == Kind::Plain {
        return Ok(Cow::Borrowed(string.inner(b)));
    }
    let mut text = Vec::new();
    unescape(b, string, &mut text)?;
    Ok(Cow::Owned(text))
}

/// Appends what a string says. Faults are places in `b`.
pub fn unescape(b: &[u8], string: Span, out: &mut Vec<u8>) -> Scan<()> {
    decode(string.inner(b), Lone::Refuse, out).map_err(|f| Fault { at: f.at + string.start as usize + 1, ..f })
}

/// Where in `b` the byte `at` of a string's text stands.
pub fn place_of(b: &[u8], string: Span, at: usize) -> usize {
    let inner = string.inner(b);
    let (mut i, mut told) = (0, 0);
    let mut text = Vec::new();
    while i < inner.len() {
        let length = token(&inner[i..]);
        text.clear();
        let said = match decode(&inner[i..i + length], Lone::Keep, &mut text) {
            Ok(()) => text.len(),
            Err(_) => length,
        };
        if told + said > at {
            break;
        }
        (i, told) = (i + length, told + said);
    }
    string.start as usize + 1 + i
}

/// Length of the byte, the escape or the pair of surrogate escapes at the start.
fn token(inner: &[u8]) -> usize {
    let length = match inner {
        [b'\\', b'u', ..] => match inner.get(..6).map(|one| decode(one, Lone::Refuse, &mut Vec::new())) {
            Some(Err(_)) => 12,
            _ => 6,
        },
        [b'\\', ..] => 2,
        _ => 1,
    };
    length.min(inner.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::scan;

    #[test]
    fn places_behind_escapes() {
        // The text is `"é😀x`: 1, 2, 4 and 1 bytes.
        let line = br#"{"a": "\"\u00e9\ud83d\ude00x"}"#;
        let span = scan::value(line, 6).unwrap();
        assert_eq!(unescaped(line, span).unwrap(), "\"é😀x".as_bytes());
        let places: Vec<usize> = (0..8).map(|at| place_of(line, span, at)).collect();
        assert_eq!(places, [7, 9, 9, 15, 15, 15, 15, 27]);
        assert_eq!(&line[27..28], b"x");
    }

    #[test]
    fn a_fault_has_its_place_in_the_whole() {
        let line = br#"{"a\ud800": 1}"#;
        let span = scan::value(line, 1).unwrap();
        assert_eq!(unescaped(line, span).unwrap_err().at, 3);
    }
}
