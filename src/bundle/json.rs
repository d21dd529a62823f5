//! JSON text in one of two fixed spellings, without a value tree: as OPA hashes it, and canonical (RFC 8785).

use std::borrow::Cow;
use std::ops::Range;

/// As deep as serde_json reads.
const MAX_DEPTH: usize = 128;
/// Above this not every reader keeps a whole number.
const MAX_WHOLE: i128 = 1 << 53;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Keys in the order of their bytes, numbers as written, U+2028 and U+2029 escaped: what OPA hashes.
    Opa,
    /// RFC 8785.
    Canonical,
}

/// Where a text is no JSON that all readers take alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub line: u64,
    pub column: u64,
    pub message: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.message)
    }
}

/// The text in the form, without white space. Keys that stand twice and half surrogate pairs are refused: readers
/// disagree about them.
pub fn rewrite(bytes: &[u8], form: Form) -> Result<Vec<u8>, Fault> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(e) => return Err(fault(bytes, e.valid_up_to(), "is not UTF-8")),
    };
    let mut walk = Walk { text, at: 0, form, out: Vec::with_capacity(bytes.len()) };
    walk.value(0)?;
    walk.space();
    if walk.at < text.len() {
        return walk.fail("nothing more was expected");
    }
    Ok(walk.out)
}

fn fault(bytes: &[u8], at: usize, message: &str) -> Fault {
    let before = &bytes[..at.min(bytes.len())];
    let line_start = before.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
    let column = 1 + String::from_utf8_lossy(&before[line_start..]).chars().count() as u64;
    let line = 1 + before.iter().filter(|b| **b == b'\n').count() as u64;
    Fault { line, column, message: message.to_owned() }
}

struct Walk<'a> {
    text: &'a str,
    at: usize,
    form: Form,
    out: Vec<u8>,
}

impl<'a> Walk<'a> {
    fn fail<T>(&self, message: &str) -> Result<T, Fault> {
        Err(fault(self.text.as_bytes(), self.at, message))
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Takes this byte, behind white space.
    fn take(&mut self, byte: u8) -> bool {
        self.space();
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn value(&mut self, depth: usize) -> Result<(), Fault> {
        if depth > MAX_DEPTH {
            return self.fail("is nested deeper than 128 levels");
        }
        self.space();
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => {
                let text = self.string()?;
                write_text(&text, self.form, &mut self.out);
                Ok(())
            }
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => self.word(),
        }
    }

    fn word(&mut self) -> Result<(), Fault> {
        let Some(word) = ["true", "false", "null"].into_iter().find(|w| self.text[self.at..].starts_with(w)) else {
            return self.fail("a value was expected");
        };
        self.out.extend_from_slice(word.as_bytes());
        self.at += word.len();
        Ok(())
    }

    fn array(&mut self, depth: usize) -> Result<(), Fault> {
        self.at += 1;
        self.out.push(b'[');
        if !self.take(b']') {
            loop {
                self.value(depth + 1)?;
                if self.take(b']') {
                    break;
                }
                if !self.take(b',') {
                    return self.fail("`,` or `]` was expected");
                }
                self.out.push(b',');
            }
        }
        self.out.push(b']');
        Ok(())
    }

    fn object(&mut self, depth: usize) -> Result<(), Fault> {
        self.at += 1;
        let start = self.out.len();
        let mut members = Vec::new();
        if !self.take(b'}') {
            loop {
                members.push(self.member(depth, start)?);
                if self.take(b'}') {
                    break;
                }
                if !self.take(b',') {
                    return self.fail("`,` or `}` was expected");
                }
            }
        }
        self.in_order(members, start)
    }

    /// Writes one member and says where its text stands behind `start`.
    fn member(&mut self, depth: usize, start: usize) -> Result<Member<'a>, Fault> {
        self.space();
        if self.peek() != Some(b'"') {
            return self.fail("a key in quotes was expected");
        }
        let (from, at) = (self.out.len() - start, self.at);
        let key = self.string()?;
        write_text(&key, self.form, &mut self.out);
        self.out.push(b':');
        if !self.take(b':') {
            return self.fail("`:` was expected");
        }
        self.value(depth + 1)?;
        Ok(Member { key, at, text: from..self.out.len() - start })
    }

    /// Puts the members that were written behind `start` in the order of their keys.
    fn in_order(&mut self, mut members: Vec<Member<'_>>, start: usize) -> Result<(), Fault> {
        match self.form {
            Form::Opa => members.sort_by(|a, b| a.key.cmp(&b.key)),
            Form::Canonical => members.sort_by(|a, b| a.key.encode_utf16().cmp(b.key.encode_utf16())),
        }
        if let Some(twice) = members.windows(2).find(|pair| pair[0].key == pair[1].key) {
            self.at = twice[0].at.max(twice[1].at);
            return self.fail("this key stands twice");
        }
        let written = self.out.split_off(start);
        self.out.push(b'{');
        for (i, member) in members.iter().enumerate() {
            if i > 0 {
                self.out.push(b',');
            }
            self.out.extend_from_slice(&written[member.text.clone()]);
        }
        self.out.push(b'}');
        Ok(())
    }

    /// The text of a string, behind its opening quote.
    fn string(&mut self) -> Result<Cow<'a, str>, Fault> {
        self.at += 1;
        let start = self.at;
        let plain = self.plain();
        if self.peek() == Some(b'"') {
            self.at += 1;
            return Ok(Cow::Borrowed(&self.text[start..start + plain.len()]));
        }
        let mut text = plain.to_owned();
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Cow::Owned(text));
                }
                Some(b'\\') => text.push(self.escape()?),
                _ => return self.fail("a string ends here or holds a control character"),
            }
            text.push_str(self.plain());
        }
    }

    /// What needs no decoding.
    fn plain(&mut self) -> &'a str {
        let rest = &self.text[self.at..];
        let end = rest.bytes().position(|b| b == b'"' || b == b'\\' || b < 0x20).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn escape(&mut self) -> Result<char, Fault> {
        let escaped = self.text.as_bytes().get(self.at + 1).copied();
        let c = match escaped {
            Some(c @ (b'"' | b'\\' | b'/')) => c as char,
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(),
            _ => return self.fail("this escape is not known"),
        };
        self.at += 2;
        Ok(c)
    }

    fn unicode(&mut self) -> Result<char, Fault> {
        let unit = |at: usize| {
            let digits = self.text.as_bytes().get(at..at + 6)?.strip_prefix(b"\\u")?;
            let all = digits.iter().all(u8::is_ascii_hexdigit).then_some(digits)?;
            u16::from_str_radix(std::str::from_utf8(all).ok()?, 16).ok()
        };
        let Some(first) = unit(self.at) else { return self.fail("four hexadecimal digits were expected") };
        let units: Vec<u16> = std::iter::once(first).chain(unit(self.at + 6)).collect();
        let length = if (0xd800..0xdc00).contains(&first) { 2 } else { 1 };
        match char::decode_utf16(units.into_iter().take(length)).next() {
            Some(Ok(c)) => {
                self.at += 6 * length;
                Ok(c)
            }
            _ => self.fail("half a surrogate pair, which is no character"),
        }
    }

    fn number(&mut self) -> Result<(), Fault> {
        let rest = &self.text[self.at..];
        let end = rest.bytes().position(|b| !matches!(b, b'+' | b'-' | b'.' | b'0'..=b'9' | b'e' | b'E'));
        let written = &rest[..end.unwrap_or(rest.len())];
        if !is_number(written) {
            return self.fail("a number was expected");
        }
        match self.form {
            Form::Opa => self.out.extend_from_slice(written.as_bytes()),
            Form::Canonical => match canonical(written) {
                Some(number) => self.out.extend_from_slice(number.as_bytes()),
                None => return self.fail("not every reader keeps this number"),
            },
        }
        self.at += written.len();
        Ok(())
    }
}

struct Member<'a> {
    key: Cow<'a, str>,
    /// Where the key stands.
    at: usize,
    text: Range<usize>,
}

/// The grammar of RFC 8259.
fn is_number(written: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let unsigned = written.strip_prefix('-').unwrap_or(written);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|e| digits(e.strip_prefix(['+', '-']).unwrap_or(e)))
}

fn canonical(written: &str) -> Option<String> {
    let whole = !written.contains(['.', 'e', 'E']);
    if whole && !written.parse::<i128>().is_ok_and(|n| n.abs() <= MAX_WHOLE) {
        return None;
    }
    let number: f64 = written.parse().ok()?;
    number.is_finite().then(|| ryu_js::Buffer::new().format_finite(number).to_owned())
}

fn write_text(text: &str, form: Form, out: &mut Vec<u8>) {
    out.push(b'"');
    for c in text.chars() {
        match c {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '\u{8}' => out.extend_from_slice(b"\\b"),
            '\u{c}' => out.extend_from_slice(b"\\f"),
            '\n' => out.extend_from_slice(b"\\n"),
            '\r' => out.extend_from_slice(b"\\r"),
            '\t' => out.extend_from_slice(b"\\t"),
            '\u{2028}' | '\u{2029}' if form == Form::Opa => {
                out.extend_from_slice(if c == '\u{2028}' { b"\\u2028" } else { b"\\u2029" });
            }
            c if c < ' ' => out.extend_from_slice(format!("\\u{:04x}", c as u32).as_bytes()),
            c => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests;
