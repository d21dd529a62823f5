//! Re-emits JSON in canonical form from its bytes: members sorted, numbers exact, no value tree in between.

use super::scan::{Fault, MAX_DEPTH, Scan, fault, number, skip_space, string};
use super::text::{Lone, compare_utf16, decode, encode};
use crate::diff::canon::number::write_decimal;

/// Working space that is reused from row to row.
#[derive(Default)]
pub struct Scratch {
    members: Vec<Member>,
    sorted: Vec<u8>,
    text: Vec<u8>,
}

/// A member already written to the output: `out[start..end]` is `"key":value`, `out[start..key_end]` the key.
#[derive(Clone, Copy)]
struct Member {
    start: usize,
    key_end: usize,
    end: usize,
}

/// Appends the canonical form of one whole JSON text (a `json` or `jsonb` column: nulls are kept, of duplicate keys
/// the last one wins, a lone surrogate stays its escape).
pub fn write(b: &[u8], scratch: &mut Scratch, out: &mut Vec<u8>) -> Scan<()> {
    scratch.members.clear();
    let end = write_value(b, skip_space(b, 0), 0, scratch, out)?;
    let end = skip_space(b, end);
    if end < b.len() { fault(end, "text after the JSON value") } else { Ok(()) }
}

fn write_value(b: &[u8], i: usize, depth: usize, scratch: &mut Scratch, out: &mut Vec<u8>) -> Scan<usize> {
    let word = |text: &'static [u8], out: &mut Vec<u8>| {
        if !b[i..].starts_with(text) {
            return fault(i, "a JSON value was expected");
        }
        out.extend_from_slice(text);
        Ok(i + text.len())
    };
    match b.get(i) {
        Some(b'"') => write_string(b, i, scratch, out),
        Some(b'-' | b'0'..=b'9') => {
            let end = number(b, i)?;
            write_decimal(&b[i..end], out).map_err(|what| Fault { at: i, what })?;
            Ok(end)
        }
        Some(b'{') if depth < MAX_DEPTH => write_object(b, i, depth, scratch, out),
        Some(b'[') if depth < MAX_DEPTH => write_array(b, i, depth, scratch, out),
        Some(b'{' | b'[') => fault(i, "nested deeper than 512 levels"),
        Some(b't') => word(b"true", out),
        Some(b'f') => word(b"false", out),
        Some(b'n') => word(b"null", out),
        _ => fault(i, "a JSON value was expected"),
    }
}

fn write_string(b: &[u8], i: usize, scratch: &mut Scratch, out: &mut Vec<u8>) -> Scan<usize> {
    let (end, escaped) = string(b, i)?;
    let raw = &b[i..end];
    if escaped || raw.iter().any(|c| *c < 0x20) {
        if let Some(at) = raw.iter().position(|c| *c < 0x20) {
            return fault(i + at, "control character in a string");
        }
        scratch.text.clear();
        decode(&raw[1..raw.len() - 1], Lone::Keep, &mut scratch.text)?;
        encode(&scratch.text, out);
    } else {
        out.extend_from_slice(raw);
    }
    Ok(end)
}

fn write_array(b: &[u8], i: usize, depth: usize, scratch: &mut Scratch, out: &mut Vec<u8>) -> Scan<usize> {
    out.push(b'[');
    let mut at = skip_space(b, i + 1);
    if b.get(at) == Some(&b']') {
        out.push(b']');
        return Ok(at + 1);
    }
    loop {
        at = skip_space(b, write_value(b, at, depth + 1, scratch, out)?);
        match b.get(at) {
            Some(b',') => out.push(b','),
            Some(b']') => {
                out.push(b']');
                return Ok(at + 1);
            }
            _ => return fault(at, "`,` or `]` was expected"),
        }
        at = skip_space(b, at + 1);
    }
}

fn write_object(b: &[u8], i: usize, depth: usize, scratch: &mut Scratch, out: &mut Vec<u8>) -> Scan<usize> {
    let first = scratch.members.len();
    out.push(b'{');
    let body = out.len();
    let mut at = skip_space(b, i + 1);
    let mut in_order = true;
    if b.get(at) == Some(&b'}') {
        out.push(b'}');
        return Ok(at + 1);
    }
    loop {
        if b.get(at) != Some(&b'"') {
            return fault(at, "a member name was expected");
        }
        let start = out.len();
        at = skip_space(b, write_string(b, at, scratch, out)?);
        let key_end = out.len();
        if b.get(at) != Some(&b':') {
            return fault(at, "`:` was expected");
        }
        out.push(b':');
        at = skip_space(b, write_value(b, skip_space(b, at + 1), depth + 1, scratch, out)?);
        let member = Member { start, key_end, end: out.len() };
        if let Some(previous) = scratch.members[first..].last() {
            in_order &= compare_names(out, previous, &member).is_lt();
        }
        scratch.members.push(member);
        match b.get(at) {
            Some(b',') => out.push(b','),
            Some(b'}') => break,
            _ => return fault(at, "`,` or `}` was expected"),
        }
        at = skip_space(b, at + 1);
    }
    if !in_order {
        sort_members(body, first, scratch, out);
    }
    scratch.members.truncate(first);
    out.push(b'}');
    Ok(at + 1)
}

/// Order of two written names. Names without escapes are their own text; the others are decoded first.
fn compare_names(out: &[u8], a: &Member, b: &Member) -> std::cmp::Ordering {
    let (a, b) = (&out[a.start + 1..a.key_end - 1], &out[b.start + 1..b.key_end - 1]);
    if memchr::memchr(b'\\', a).is_none() && memchr::memchr(b'\\', b).is_none() {
        return compare_utf16(a, b);
    }
    let text = |inner: &[u8]| {
        let mut text = Vec::with_capacity(inner.len());
        // What was written by `encode` decodes without a fault.
        let _ = decode(inner, Lone::Keep, &mut text);
        text
    };
    compare_utf16(&text(a), &text(b))
}

/// Rewrites `out[body..]` with its members sorted; of equal names the last one stays.
fn sort_members(body: usize, first: usize, scratch: &mut Scratch, out: &mut Vec<u8>) {
    let members = &mut scratch.members[first..];
    // Stable, so that of equal names the last one written comes last.
    members.sort_by(|a, b| compare_names(out, a, b));
    scratch.sorted.clear();
    for (i, member) in members.iter().enumerate() {
        let shadowed = members.get(i + 1).is_some_and(|next| compare_names(out, member, next).is_eq());
        if !shadowed {
            if !scratch.sorted.is_empty() {
                scratch.sorted.push(b',');
            }
            scratch.sorted.extend_from_slice(&out[member.start..member.end]);
        }
    }
    out.truncate(body);
    out.extend_from_slice(&scratch.sorted);
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
    fn rejects_what_is_no_json() {
        for bad in ["", "{", "{\"a\"}", "[1,]", "{\"a\":1,}", "01", "nul", "[1]x", "\"\u{1}\""] {
            assert!(canonical(bad).is_err(), "{bad}");
        }
        assert!(canonical(&format!("{}1{}", "[".repeat(600), "]".repeat(600))).is_err());
    }
}
