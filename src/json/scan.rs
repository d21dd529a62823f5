//! Finds the end of a JSON value and checks its grammar on the way (RFC 8259).
//!
//! The caller has checked that the whole line is UTF-8 and holds no control character that JSON strings forbid.

use super::search::{digits, next_special, printable, quotes_and_backslashes, sixteen};

/// Deeper nesting is refused, so that no input can exhaust the stack.
pub const MAX_DEPTH: usize = 512;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A string without escapes.
    Plain,
    /// A string with at least one backslash.
    Escaped,
    Number,
    True,
    False,
    Null,
    Object,
    Array,
}

impl Kind {
    pub fn is_string(self) -> bool {
        matches!(self, Kind::Plain | Kind::Escaped)
    }

    pub fn name(self) -> &'static str {
        match self {
            Kind::Plain | Kind::Escaped => "a string",
            Kind::Number => "a number",
            Kind::True | Kind::False => "a boolean",
            Kind::Null => "null",
            Kind::Object => "an object",
            Kind::Array => "an array",
        }
    }
}

/// A value's place in its line. For strings the quotes are included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub start: u32,
    pub end: u32,
    pub kind: Kind,
}

impl Span {
    pub fn raw<'a>(&self, line: &'a [u8]) -> &'a [u8] {
        &line[self.start as usize..self.end as usize]
    }

    /// The bytes between the quotes of a string.
    pub fn inner<'a>(&self, line: &'a [u8]) -> &'a [u8] {
        &line[self.start as usize + 1..self.end as usize - 1]
    }
}

/// What is wrong, and at which byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    pub at: usize,
    pub what: &'static str,
}

pub type Scan<T> = Result<T, Fault>;

pub fn fault<T>(at: usize, what: &'static str) -> Scan<T> {
    Err(Fault { at, what })
}

/// Checks that a line is UTF-8 and that no string holds a raw control character, once for the whole line.
#[inline]
pub fn check_line(b: &[u8]) -> Scan<()> {
    // Most lines need no more than this.
    if printable(b) {
        return Ok(());
    }
    if simdutf8::basic::from_utf8(b).is_err() {
        let at = std::str::from_utf8(b).err().map_or(0, |e| e.valid_up_to());
        return fault(at, "bad UTF-8");
    }
    check_controls(b)
}

/// Checks that no string of a JSON text holds a raw control character.
#[inline]
pub fn check_controls(b: &[u8]) -> Scan<()> {
    let any = b.iter().fold(false, |any, c| any | (*c < 0x20));
    if any { controls_between_tokens(b) } else { Ok(()) }
}

/// White space may hold tabs and carriage returns; strings may not.
fn controls_between_tokens(b: &[u8]) -> Scan<()> {
    let (mut inside, mut escaped) = (false, false);
    for (i, c) in b.iter().enumerate() {
        match c {
            _ if escaped => escaped = false,
            b'\\' => escaped = inside,
            b'"' => inside = !inside,
            0..0x20 if inside => return fault(i, "control character in a string"),
            _ => {}
        }
    }
    Ok(())
}

/// Position of the first byte that is no JSON white space.
#[inline]
pub fn skip_space(b: &[u8], mut i: usize) -> usize {
    while let Some(b' ' | b'\t' | b'\n' | b'\r') = b.get(i) {
        i += 1;
    }
    i
}

/// Scans the value that starts at `i` and returns its span.
#[inline(always)]
pub fn value(b: &[u8], i: usize) -> Scan<Span> {
    match common(b, i) {
        Some(span) => Ok(span),
        None => any_value(b, i),
    }
}

/// The kinds that fill most of a line: strings without escapes, natural numbers, null. None may be anything.
#[inline(always)]
fn common(b: &[u8], i: usize) -> Option<Span> {
    let (end, kind) = match b.get(i)? {
        b'"' => {
            let quote = next_special(b, i + 1);
            (b.get(quote) == Some(&b'"')).then_some((quote + 1, Kind::Plain))?
        }
        b'0'..=b'9' => (natural(b, i)?, Kind::Number),
        b'n' => (b.get(i..i + 4) == Some(b"null")).then_some((i + 4, Kind::Null))?,
        _ => return None,
    };
    Some(Span { start: i as u32, end: end as u32, kind })
}

/// End of the number at `i` where it is a natural one; its digits are its canonical form.
#[inline]
pub fn natural(b: &[u8], i: usize) -> Option<usize> {
    let end = if b[i] == b'0' { i + 1 } else { digits(b, i) };
    let more = matches!(b.get(end), Some(b'.' | b'e' | b'E' | b'0'..=b'9'));
    (end > i && !more).then_some(end)
}

fn any_value(b: &[u8], i: usize) -> Scan<Span> {
    let (end, kind) = match b.get(i) {
        Some(b'"') => {
            let (end, escaped) = string(b, i)?;
            (end, if escaped { Kind::Escaped } else { Kind::Plain })
        }
        Some(b'-' | b'0'..=b'9') => (number(b, i)?, Kind::Number),
        Some(b'{') => (nested(b, i)?, Kind::Object),
        Some(b'[') => (nested(b, i)?, Kind::Array),
        Some(b't') => (word(b, i, b"true")?, Kind::True),
        Some(b'f') => (word(b, i, b"false")?, Kind::False),
        Some(b'n') => (word(b, i, b"null")?, Kind::Null),
        Some(_) => return fault(i, "a JSON value was expected"),
        None => return fault(i, "the line ends where a JSON value was expected"),
    };
    Ok(Span { start: i as u32, end: end as u32, kind })
}

#[inline]
fn word(b: &[u8], i: usize, expected: &'static [u8]) -> Scan<usize> {
    if b[i..].starts_with(expected) { Ok(i + expected.len()) } else { fault(i, "a JSON value was expected") }
}

/// End of the string whose opening quote is at `i`, and whether it has escapes.
#[inline]
pub fn string(b: &[u8], i: usize) -> Scan<(usize, bool)> {
    let at = next_special(b, i + 1);
    match b.get(at) {
        Some(b'"') => Ok((at + 1, false)),
        Some(_) => Ok((string_with_escapes(b, i, at)?, true)),
        None => fault(i, "the string has no end"),
    }
}

/// The same from the first backslash on. JSON in a string has many escaped quotes, so a chunk is looked at as a whole; any
/// other escape is taken by itself.
fn string_with_escapes(b: &[u8], i: usize, mut at: usize) -> Scan<usize> {
    // 1 when the byte before `at` is a backslash that escapes the one at `at`.
    let mut carry = 0;
    while let Some(chunk) = sixteen(b, at) {
        let (quotes, backslashes) = quotes_and_backslashes(chunk);
        let escaped = backslashes << 1 | carry;
        if backslashes & escaped != 0 || escaped & 0xffff & !quotes != 0 {
            let special = if carry == 1 { at - 1 } else { next_special(b, at) };
            if b[special] == b'"' {
                return Ok(special + 1);
            }
            (at, carry) = (escape(b, special)?, 0);
            continue;
        }
        let end = quotes & !escaped;
        if end != 0 {
            return Ok(at + end.trailing_zeros() as usize + 1);
        }
        (at, carry) = (at + 16, escaped >> 16);
    }
    at -= carry as usize;
    loop {
        at = next_special(b, at);
        match b.get(at) {
            Some(b'"') => return Ok(at + 1),
            Some(_) => at = escape(b, at)?,
            None => return fault(i, "the string has no end"),
        }
    }
}

/// Checks the escape whose backslash is at `i`; returns the position after it.
fn escape(b: &[u8], i: usize) -> Scan<usize> {
    match b.get(i + 1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(i + 2),
        Some(b'u') if b.get(i + 2..i + 6).is_some_and(|h| h.iter().all(u8::is_ascii_hexdigit)) => Ok(i + 6),
        _ => fault(i, "unknown escape in a string"),
    }
}

/// End of the number that starts at `i`.
#[inline]
pub fn number(b: &[u8], i: usize) -> Scan<usize> {
    let first = if b[i] == b'-' { i + 1 } else { i };
    let mut end = digits(b, first);
    if end == first || (b[first] == b'0' && end > first + 1) {
        return fault(i, "malformed number");
    }
    if b.get(end) == Some(&b'.') {
        let fraction = end + 1;
        end = digits(b, fraction);
        if end == fraction {
            return fault(i, "malformed number");
        }
    }
    if let Some(b'e' | b'E') = b.get(end) {
        let exponent = if let Some(b'+' | b'-') = b.get(end + 1) { end + 2 } else { end + 1 };
        end = digits(b, exponent);
        if end == exponent {
            return fault(i, "malformed number");
        }
    }
    Ok(end)
}

/// End of the object or array that starts at `i`; iterative, with a bit per open level.
fn nested(b: &[u8], i: usize) -> Scan<usize> {
    let mut open = [0u64; MAX_DEPTH / 64];
    let mut depth = 0usize;
    let mut at = i;
    loop {
        // Here a value starts at `at`.
        match b.get(at) {
            Some(c @ (b'{' | b'[')) => {
                if depth == MAX_DEPTH {
                    return fault(at, "nested deeper than 512 levels");
                }
                let object = *c == b'{';
                let bit = 1u64 << (depth % 64);
                if object {
                    open[depth / 64] |= bit
                } else {
                    open[depth / 64] &= !bit
                }
                depth += 1;
                at = skip_space(b, at + 1);
                if b.get(at) == Some(if object { &b'}' } else { &b']' }) {
                    at += 1;
                    depth -= 1;
                } else {
                    if object {
                        at = member_key(b, at)?;
                    }
                    continue;
                }
            }
            _ => at = value(b, at)?.end as usize,
        }
        // Here a value has ended at `at`.
        loop {
            if depth == 0 {
                return Ok(at);
            }
            let object = open[(depth - 1) / 64] >> ((depth - 1) % 64) & 1 == 1;
            at = skip_space(b, at);
            match b.get(at) {
                Some(b',') => {
                    at = skip_space(b, at + 1);
                    if object {
                        at = member_key(b, at)?;
                    }
                    break;
                }
                Some(b'}') if object => at += 1,
                Some(b']') if !object => at += 1,
                Some(_) => return fault(at, "`,` or the end of the object or array was expected"),
                None => return fault(i, "the object or array has no end"),
            }
            depth -= 1;
        }
    }
}

/// Reads a member's key and colon; returns where its value starts.
fn member_key(b: &[u8], i: usize) -> Scan<usize> {
    if b.get(i) != Some(&b'"') {
        return fault(i, "a member name was expected");
    }
    let (end, _) = string(b, i)?;
    let colon = skip_space(b, end);
    if b.get(colon) != Some(&b':') {
        return fault(colon, "`:` was expected");
    }
    Ok(skip_space(b, colon + 1))
}

/// Calls `each(key span, value span)` for the members of the object that `span` is, in order. The object was scanned.
pub fn members(b: &[u8], object: Span, mut each: impl FnMut(Span, Span) -> Scan<()>) -> Scan<()> {
    let mut at = skip_space(b, object.start as usize + 1);
    if b.get(at) == Some(&b'}') {
        return Ok(());
    }
    loop {
        let value_at = member_key(b, at)?;
        let key = value(b, at)?;
        let value = value(b, value_at)?;
        each(key, value)?;
        at = skip_space(b, value.end as usize);
        if b.get(at) != Some(&b',') {
            return Ok(());
        }
        at = skip_space(b, at + 1);
    }
}

/// Calls `each` for the elements of the array that `span` is. The array was scanned.
pub fn elements(b: &[u8], array: Span, mut each: impl FnMut(Span) -> Scan<()>) -> Scan<()> {
    let mut at = skip_space(b, array.start as usize + 1);
    if b.get(at) == Some(&b']') {
        return Ok(());
    }
    loop {
        let element = value(b, at)?;
        each(element)?;
        at = skip_space(b, element.end as usize);
        if b.get(at) != Some(&b',') {
            return Ok(());
        }
        at = skip_space(b, at + 1);
    }
}

/// The value of a whole text: one JSON value with white space around it.
pub fn document(b: &[u8]) -> Scan<Span> {
    let span = value(b, skip_space(b, 0))?;
    let end = skip_space(b, span.end as usize);
    if end < b.len() { fault(end, "text after the JSON value") } else { Ok(span) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_serde_json_on_what_is_json() {
        let cases = [
            "{}",
            "[]",
            "[1,2]",
            "{\"a\":[{}],\"b\":null}",
            " {\"a\" : 1 } ",
            "\"\\u00e9\\n\"",
            "-0.5e+3",
            "0",
            "true",
            "01",
            "1.",
            ".5",
            "1e",
            "-",
            "{\"a\"}",
            "{a:1}",
            "[1,]",
            "{\"a\":1,}",
            "[1 2]",
            "\"\\x\"",
            "\"\\u12g4\"",
            "tru",
            "nul",
            "[",
            "{",
            "\"",
            "\"abc",
            "[]]",
            "{}{}",
            "",
            " ",
            "[true,false,null]",
            "{\"a\":1 \"b\":2}",
            "1 2",
            "[[[[]]]]",
            "{\"\":{\"\":{}}}",
            "\"0123456789abcdef\\\"x\"",
            "[\"a\",{\"b\":[1,{\"c\":[]}]}]",
            "[1}",
            "{\"a\":1]",
        ];
        for case in cases {
            let ours = document(case.as_bytes()).is_ok();
            let theirs = serde_json::from_str::<serde_json::Value>(case).is_ok();
            assert_eq!(ours, theirs, "{case}");
        }
    }

    #[test]
    fn strings_end_where_a_byte_by_byte_reading_says() {
        // Texts of two special bytes at every distance around the width of a chunk.
        for first in 0..40 {
            for second in first + 1..42 {
                for (one, two) in [(b'\\', b'"'), (b'"', b'\\'), (b'\\', b'\\'), (b'"', b'"')] {
                    let mut text = vec![b'n'; 60];
                    (text[0], text[first + 1], text[second + 1], text[59]) = (b'"', one, two, b'"');
                    assert_eq!(string(&text, 0).map_err(|f| f.what), slow_string(&text), "{first} {second}");
                    assert_eq!(string(&text[..50], 0).map_err(|f| f.what), slow_string(&text[..50]));
                }
            }
        }
    }

    fn slow_string(b: &[u8]) -> Result<(usize, bool), &'static str> {
        let (mut i, mut escaped) = (1, false);
        while i < b.len() {
            match b[i] {
                b'"' => return Ok((i + 1, escaped)),
                b'\\' if i + 1 < b.len() => {
                    escaped = true;
                    i += 2;
                }
                b'\\' => return Err("unknown escape in a string"),
                _ => i += 1,
            }
        }
        Err("the string has no end")
    }

    #[test]
    fn every_byte_of_a_line_is_looked_at() {
        for length in [1, 15, 64, 65, 200] {
            for at in 0..length {
                let line = |c: u8| {
                    let mut line = vec![b'x'; length];
                    line[at] = c;
                    line
                };
                for (c, plain) in [(0x1f, false), (b' ', true), (0x7f, true), (0x80, false), (0xff, false), (0, false)]
                {
                    assert_eq!(printable(&line(c)), plain, "{c} at {at} of {length}");
                }
                assert_eq!(check_line(&line(0xff)).unwrap_err().at, at);
            }
        }
    }

    #[test]
    fn depth_is_bounded() {
        let deep = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert!(document(deep(MAX_DEPTH).as_bytes()).is_ok());
        assert_eq!(document(deep(MAX_DEPTH + 1).as_bytes()).unwrap_err().what, "nested deeper than 512 levels");
        assert!(document("[".repeat(1_000_000).as_bytes()).is_err());
    }

    #[test]
    fn members_and_elements_walk_in_order() {
        let text = br#"{"a": 1, "b" :[2, "x"] }"#;
        let mut seen = Vec::new();
        members(text, document(text).unwrap(), |k, v| {
            seen.push((k.inner(text).to_vec(), v.raw(text).to_vec()));
            Ok(())
        })
        .unwrap();
        assert_eq!(seen, [(b"a".to_vec(), b"1".to_vec()), (b"b".to_vec(), b"[2, \"x\"]".to_vec())]);
    }
}
