//! JSON strings: decoding, and encoding as RFC 8785 (JCS) section 3.2.2.2 wants it.

use std::cmp::Ordering;

use super::scan::{Scan, fault};

/// What to do with a surrogate escape that has no partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lone {
    /// In rows it is no text.
    Refuse,
    /// In PostgreSQL's json it is legal; it stays the escape `\udXXX`.
    Keep,
}

/// What is copied of a short text: a UUID and its quotes fit.
pub const SHORT: usize = 48;

/// Appends `b[start..end]`. Most texts are short: a fixed number of bytes is copied and the rest cut off again, which is
/// cheaper than a call that copies just as many as are wanted.
#[inline]
pub fn append(out: &mut Vec<u8>, b: &[u8], start: usize, end: usize) {
    let length = end - start;
    match b.get(start..).and_then(|rest| rest.first_chunk::<SHORT>()) {
        Some(chunk) if length <= SHORT => {
            let from = out.len();
            out.extend_from_slice(chunk);
            out.truncate(from + length);
        }
        _ => out.extend_from_slice(&b[start..end]),
    }
}

/// Marks a kept lone surrogate in decoded text: three bytes that UTF-8 forbids (a surrogate in UTF-8's scheme, WTF-8).
fn push_lone(out: &mut Vec<u8>, unit: u16) {
    out.extend_from_slice(&[0xe0 | (unit >> 12) as u8, 0x80 | (unit >> 6 & 0x3f) as u8, 0x80 | (unit & 0x3f) as u8]);
}

/// Appends the decoded text of a string's inner bytes. The escapes were checked by the scan.
pub fn decode(inner: &[u8], lone: Lone, out: &mut Vec<u8>) -> Scan<()> {
    let mut i = 0;
    while let Some(at) = memchr::memchr(b'\\', &inner[i..]) {
        out.extend_from_slice(&inner[i..i + at]);
        i += at;
        let (c, length) = match inner.get(i + 1) {
            Some(b'u') => {
                i = decode_unicode(inner, i, lone, out)?;
                continue;
            }
            Some(b'b') => (0x08, 2),
            Some(b'f') => (0x0c, 2),
            Some(b'n') => (b'\n', 2),
            Some(b'r') => (b'\r', 2),
            Some(b't') => (b'\t', 2),
            Some(c) => (*c, 2),
            None => return fault(i, "unknown escape in a string"),
        };
        out.push(c);
        i += length;
    }
    out.extend_from_slice(&inner[i..]);
    Ok(())
}

fn unit_at(b: &[u8], i: usize) -> Option<u16> {
    if b.get(i..i + 2)? != b"\\u" {
        return None;
    }
    let hex = std::str::from_utf8(b.get(i + 2..i + 6)?).ok()?;
    u16::from_str_radix(hex, 16).ok()
}

/// Decodes `\uXXXX`, or a pair of them, at `i`; returns the position after it.
fn decode_unicode(b: &[u8], i: usize, lone: Lone, out: &mut Vec<u8>) -> Scan<usize> {
    let Some(high) = unit_at(b, i) else { return fault(i, "unknown escape in a string") };
    let (code, next) = match (high, unit_at(b, i + 6)) {
        (0xd800..=0xdbff, Some(low @ 0xdc00..=0xdfff)) => {
            (0x10000 + ((high as u32 - 0xd800) << 10) + (low as u32 - 0xdc00), i + 12)
        }
        _ => (high as u32, i + 6),
    };
    match char::from_u32(code) {
        Some(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        None if lone == Lone::Keep => push_lone(out, high),
        None => return fault(i, "lone surrogate in a string"),
    }
    Ok(next)
}

/// Appends decoded text as a JSON string with quotes. Only what RFC 8785 escapes is escaped; a kept lone surrogate
/// becomes its escape again.
pub fn encode(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    let mut from = 0;
    for (i, c) in text.iter().enumerate() {
        let short = match c {
            b'"' => b'"',
            b'\\' => b'\\',
            0x08 => b'b',
            0x0c => b'f',
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            0x00..=0x1f => 0,
            0xed if text.get(i + 1).is_some_and(|b| *b >= 0xa0) => 1,
            _ => continue,
        };
        out.extend_from_slice(&text[from..i]);
        from = i + 1;
        match short {
            0 => out.extend_from_slice(format!("\\u{c:04x}").as_bytes()),
            1 => {
                let unit = 0xd000 | (text[i + 1] as u32 & 0x3f) << 6 | text.get(i + 2).map_or(0, |b| *b as u32 & 0x3f);
                out.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
                from = i + 3;
            }
            c => out.extend_from_slice(&[b'\\', c]),
        }
    }
    out.extend_from_slice(text.get(from..).unwrap_or_default());
    out.push(b'"');
}

/// Order by UTF-16 code units, as RFC 8785 sorts member names, over decoded text. Differs from the order of the
/// bytes only where a character above U+FFFF meets one in U+E000..U+FFFF.
pub fn compare_utf16(a: &[u8], b: &[u8]) -> Ordering {
    let Some(i) = a.iter().zip(b).position(|(x, y)| x != y) else { return a.len().cmp(&b.len()) };
    // In UTF-8 the first differing byte is a lead byte unless the characters have equal lead bytes; only lead bytes
    // 0xee, 0xef (U+E000..U+FFFF) against 0xf0.. (above U+FFFF) are ordered the other way in UTF-16.
    let rank = |c: u8| match c {
        0xee | 0xef => 2,
        0xf0..=0xff => 1,
        _ => 0,
    };
    match (rank(a[i]), rank(b[i])) {
        (0, _) | (_, 0) => a[i].cmp(&b[i]),
        (x, y) if x != y => x.cmp(&y),
        _ => a[i].cmp(&b[i]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(inner: &str, lone: Lone) -> Scan<String> {
        let (mut text, mut out) = (Vec::new(), Vec::new());
        decode(inner.as_bytes(), lone, &mut text)?;
        encode(&text, &mut out);
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn escapes_become_what_rfc_8785_prints() {
        assert_eq!(round(r"\u00e9\/\u20ac", Lone::Refuse).unwrap(), "\"é/€\"");
        assert_eq!(round(r"\ud83d\ude00", Lone::Refuse).unwrap(), "\"😀\"");
        // Example of RFC 8785 section 3.2.2.2.
        assert_eq!(
            round(r#"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/"#, Lone::Refuse).unwrap(),
            "\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\""
        );
        assert_eq!(round("\\u0000\\u001f\u{7f}", Lone::Refuse).unwrap(), "\"\\u0000\\u001f\u{7f}\"");
    }

    #[test]
    fn lone_surrogates_are_refused_or_kept_as_escapes() {
        assert!(round(r"a\ud800", Lone::Refuse).is_err());
        assert_eq!(round(r"a\uD800b\uDFFF", Lone::Keep).unwrap(), r#""a\ud800b\udfff""#);
        assert_eq!(round(r"\udc00\ud800", Lone::Keep).unwrap(), r#""\udc00\ud800""#);
    }

    #[test]
    fn utf16_order() {
        let mut names =
            ["\u{10000}", "\u{e000}", "a", "é", "\u{ffff}", "", "ab", "\u{d7ff}", "a\u{10000}", "a\u{e000}"];
        let mut by_units = names;
        by_units.sort_by_key(|s| s.encode_utf16().collect::<Vec<_>>());
        names.sort_by(|a, b| compare_utf16(a.as_bytes(), b.as_bytes()));
        assert_eq!(names, by_units);
    }
}
