//! Re-emits JSON in canonical form from its bytes: members sorted, numbers exact, no value tree in between.

use std::ops::Range;

use super::number::{PLAIN, write_decimal};
use crate::json::scan::{Fault, MAX_DEPTH, Scan, check_controls, fault, natural, number, skip_space, string};
use crate::json::search::next_special;
use crate::json::text::{Lone, append, compare_utf16, decode, encode};

/// Working space that is reused from row to row.
#[derive(Default)]
pub struct Scratch {
    members: Vec<Member>,
    text: Vec<u8>,
}

/// A member already written to the output: `out[start..end]` is `"key":value`, `out[start..key_end]` the key.
#[derive(Clone, Copy)]
struct Member {
    start: usize,
    key_end: usize,
    end: usize,
    /// The written key has a backslash.
    escaped: bool,
    /// The first eight bytes of the name, if they are ASCII: decides most comparisons.
    prefix: u64,
}

/// The first eight bytes of a name as a number that sorts like them; 0 where only the whole name tells.
fn prefix(name: &[u8], escaped: bool) -> u64 {
    let prefix = name.iter().take(8).fold(0u64, |prefix, c| prefix << 8 | *c as u64);
    let prefix = prefix.unbounded_shl(8 * 8usize.saturating_sub(name.len()) as u32);
    if escaped || prefix & 0x8080_8080_8080_8080 != 0 { 0 } else { prefix }
}

/// Appends the canonical form of one whole JSON text (a `json` or `jsonb` column: nulls are kept, of duplicate keys
/// the last one wins, a lone surrogate stays its escape).
pub fn write(b: &[u8], scratch: &mut Scratch, out: &mut Vec<u8>) -> Scan<()> {
    check_controls(b)?;
    Writer::<false> { b, scratch, out }.document(0..b.len())
}

/// The same for the JSON text in `range` of a line, inside a JSON string, read without decoding it first: `\"` is its
/// quote. A text with any other escape is refused; decode it and use [`write`].
pub fn write_embedded(line: &[u8], range: Range<usize>, scratch: &mut Scratch, out: &mut Vec<u8>) -> Scan<()> {
    // The quote that ends the string is part of no token, so no look beyond the range can go unnoticed.
    Writer::<true> { b: line, scratch, out }.document(range)
}

/// Walks `b` and appends to `out`. `EMBEDDED`: quotes are `\"`.
struct Writer<'a, const EMBEDDED: bool> {
    b: &'a [u8],
    scratch: &'a mut Scratch,
    out: &'a mut Vec<u8>,
}

impl<const EMBEDDED: bool> Writer<'_, EMBEDDED> {
    fn document(&mut self, range: Range<usize>) -> Scan<()> {
        self.scratch.members.clear();
        let end = self.value(skip_space(self.b, range.start), 0)?;
        let end = skip_space(self.b, end);
        if end == range.end { Ok(()) } else { fault(end, "text after the JSON value") }
    }

    fn at_quote(&self, i: usize) -> bool {
        if EMBEDDED { self.b.get(i..i + 2) == Some(b"\\\"") } else { self.b.get(i) == Some(&b'"') }
    }

    fn value(&mut self, i: usize, depth: usize) -> Scan<usize> {
        match self.b.get(i) {
            Some(b'"' | b'\\') if self.at_quote(i) => self.string(i).map(|(end, _)| end),
            Some(b'-' | b'0'..=b'9') => {
                if let Some(end) = natural(self.b, i).filter(|end| end - i <= PLAIN) {
                    append(self.out, self.b, i, end);
                    return Ok(end);
                }
                let end = number(self.b, i)?;
                write_decimal(&self.b[i..end], self.out).map_err(|what| Fault { at: i, what })?;
                Ok(end)
            }
            Some(b'{') if depth < MAX_DEPTH => self.object(i, depth),
            Some(b'[') if depth < MAX_DEPTH => self.array(i, depth),
            Some(b'{' | b'[') => fault(i, "nested deeper than 512 levels"),
            Some(b't') => self.word(i, b"true"),
            Some(b'f') => self.word(i, b"false"),
            Some(b'n') => self.word(i, b"null"),
            _ => fault(i, "a JSON value was expected"),
        }
    }

    fn word(&mut self, i: usize, text: &'static [u8]) -> Scan<usize> {
        if !self.b[i..].starts_with(text) {
            return fault(i, "a JSON value was expected");
        }
        self.out.extend_from_slice(text);
        Ok(i + text.len())
    }

    /// Returns the end, and whether what was written has a backslash.
    fn string(&mut self, i: usize) -> Scan<(usize, bool)> {
        if EMBEDDED {
            let end = next_special(self.b, i + 2);
            if !self.at_quote(end) {
                return fault(end, "an escape inside an embedded string, or its end");
            }
            // With the quote after the backslash.
            append(self.out, self.b, i + 1, end);
            self.out.push(b'"');
            return Ok((end + 2, false));
        }
        let (end, escaped) = string(self.b, i)?;
        let raw = &self.b[i..end];
        if !escaped {
            append(self.out, self.b, i, end);
            return Ok((end, false));
        }
        self.scratch.text.clear();
        decode(&raw[1..raw.len() - 1], Lone::Keep, &mut self.scratch.text)?;
        let from = self.out.len();
        encode(&self.scratch.text, self.out);
        Ok((end, self.out[from..].contains(&b'\\')))
    }

    fn array(&mut self, i: usize, depth: usize) -> Scan<usize> {
        self.out.push(b'[');
        let mut at = skip_space(self.b, i + 1);
        if self.b.get(at) == Some(&b']') {
            self.out.push(b']');
            return Ok(at + 1);
        }
        loop {
            at = skip_space(self.b, self.value(at, depth + 1)?);
            match self.b.get(at) {
                Some(b',') => self.out.push(b','),
                Some(b']') => {
                    self.out.push(b']');
                    return Ok(at + 1);
                }
                _ => return fault(at, "`,` or `]` was expected"),
            }
            at = skip_space(self.b, at + 1);
        }
    }

    fn object(&mut self, i: usize, depth: usize) -> Scan<usize> {
        let first = self.scratch.members.len();
        self.out.push(b'{');
        let body = self.out.len();
        let mut at = skip_space(self.b, i + 1);
        let mut in_order = true;
        if self.b.get(at) == Some(&b'}') {
            self.out.push(b'}');
            return Ok(at + 1);
        }
        loop {
            if !self.at_quote(at) {
                return fault(at, "a member name was expected");
            }
            let start = self.out.len();
            let (end, escaped) = self.string(at)?;
            at = skip_space(self.b, end);
            let key_end = self.out.len();
            if self.b.get(at) != Some(&b':') {
                return fault(at, "`:` was expected");
            }
            self.out.push(b':');
            at = skip_space(self.b, self.value(skip_space(self.b, at + 1), depth + 1)?);
            let prefix = prefix(&self.out[start + 1..key_end - 1], escaped);
            let members = &mut self.scratch.members;
            members.push(Member { start, key_end, end: self.out.len(), escaped, prefix });
            if let [.., previous, member] = &members[first..] {
                in_order &= compare_names(self.out, previous, member).is_lt();
            }
            match self.b.get(at) {
                Some(b',') => self.out.push(b','),
                Some(b'}') => break,
                _ => return fault(at, "`,` or `}` was expected"),
            }
            at = skip_space(self.b, at + 1);
        }
        if !in_order {
            sort_members(body, first, self.scratch, self.out);
        }
        self.scratch.members.truncate(first);
        self.out.push(b'}');
        Ok(at + 1)
    }
}

/// Order of two written names; their beginnings mostly tell.
#[inline]
fn compare_names(out: &[u8], a: &Member, b: &Member) -> std::cmp::Ordering {
    if a.prefix != b.prefix && a.prefix != 0 && b.prefix != 0 {
        return a.prefix.cmp(&b.prefix);
    }
    compare_whole_names(out, a, b)
}

/// Names without escapes are their own text; the others are decoded first.
fn compare_whole_names(out: &[u8], a: &Member, b: &Member) -> std::cmp::Ordering {
    let (a_name, b_name) = (&out[a.start + 1..a.key_end - 1], &out[b.start + 1..b.key_end - 1]);
    if !a.escaped && !b.escaped {
        return compare_utf16(a_name, b_name);
    }
    let text = |inner: &[u8]| {
        let mut text = Vec::with_capacity(inner.len());
        // What was written by `encode` decodes without a fault.
        let _ = decode(inner, Lone::Keep, &mut text);
        text
    };
    compare_utf16(&text(a_name), &text(b_name))
}

/// Rewrites `out[body..]` with its members sorted; of equal names the last one stays.
fn sort_members(body: usize, first: usize, scratch: &mut Scratch, out: &mut Vec<u8>) {
    let members = &mut scratch.members[first..];
    // Stable, so that of equal names the last one written comes last.
    members.sort_by(|a, b| compare_names(out, a, b));
    // Written in their order behind what is there, then moved down over it.
    let unsorted = out.len();
    for (i, member) in members.iter().enumerate() {
        let shadowed = members.get(i + 1).is_some_and(|next| compare_names(out, member, next).is_eq());
        if !shadowed {
            if out.len() > unsorted {
                out.push(b',');
            }
            out.extend_from_within(member.start..member.end);
        }
    }
    out.copy_within(unsorted.., body);
    out.truncate(body + out.len() - unsorted);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(text: &str) -> Scan<String> {
        let mut out = Vec::new();
        write(text.as_bytes(), &mut Scratch::default(), &mut out)?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn sorts_strips_and_keeps_nulls() {
        let got = canonical("{\"k\": 1, \"z\":[1,2.50 ,null] ,\"a\":{\"y\":0,\"x\":-0.0}}").unwrap();
        assert_eq!(got, r#"{"a":{"x":0,"y":0},"k":1,"z":[1,2.5,null]}"#);
    }

    #[test]
    fn last_duplicate_wins_also_when_spelled_differently() {
        assert_eq!(canonical(r#"{"a":1,"b":2,"\u0061":3}"#).unwrap(), r#"{"a":3,"b":2}"#);
        assert_eq!(canonical(r#"{"a":1,"a":{"b":1,"b":2}}"#).unwrap(), r#"{"a":{"b":2}}"#);
    }

    #[test]
    fn property_names_of_rfc_8785_3_2_3() {
        let got = canonical(
            r#"{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}"#,
        );
        let order = ["Carriage Return", "One", "Control", "Latin Small", "Euro Sign", "Emoji", "Hebrew"];
        let got = got.unwrap();
        let places: Vec<usize> = order.iter().map(|o| got.find(o).unwrap()).collect();
        assert!(places.is_sorted(), "{got}");
    }

    #[test]
    fn embedded_texts_need_no_decoding() {
        let embedded = |text: &str| {
            let mut out = Vec::new();
            let line = format!("{{\"details\":\"{text}\"}}");
            let written = write_embedded(line.as_bytes(), 12..line.len() - 2, &mut Scratch::default(), &mut out);
            written.map(|()| String::from_utf8(out).unwrap())
        };
        let got = embedded(r#"{\"b\": [1, \"x y\"], \"a\": {\"d\": null, \"c\": 2.50}}"#);
        assert_eq!(got.unwrap(), r#"{"a":{"c":2.5,"d":null},"b":[1,"x y"]}"#);
        // Escapes of the inner text, and white space that is escaped, are left to the other way.
        for other in [r#"\"a\\nb\""#, r#"{\n}"#, r#"\"a"#, r#""a""#] {
            assert!(embedded(other).is_err(), "{other}");
        }
    }

    #[test]
    fn rejects_what_is_no_json() {
        for bad in ["", "{", "{\"a\"}", "[1,]", "{\"a\":1,}", "01", "nul", "[1]x", "\"\u{1}\""] {
            assert!(canonical(bad).is_err(), "{bad}");
        }
        assert!(canonical(&format!("{}1{}", "[".repeat(600), "]".repeat(600))).is_err());
    }
}
