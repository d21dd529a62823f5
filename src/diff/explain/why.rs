//! Why two values of a column differ, in words that do not give the values away.

use unicode_normalization::{UnicodeNormalization, is_nfc, is_nfd};

use super::name;
use crate::diff::canon::json::{Scratch, write};
use crate::diff::canon::number;
use crate::diff::canon::time::{Moment, Precision, time_from_iso, write_time, write_timestamp};
use crate::json::scan::{self, Kind, Span};
use crate::json::text::{Lone, decode, encode};
use crate::text::counted;

/// What one side shows for a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown<'a> {
    /// Where and why the row's newest event could not be read.
    Unreadable(&'a str),
    NoRow,
    /// The row's event does not have the column.
    NotSent,
    Null,
    /// A placeholder without an earlier value.
    Placeholder,
    /// Canonical JSON text.
    Text(&'a [u8]),
}

/// Whether two values are equal, None where that cannot be known, and the reason.
pub fn why(type_name: &str, lhs: &Shown, rhs: &Shown, toast: bool) -> (Option<bool>, Option<String>) {
    let both = [lhs, rhs];
    let on = |what: Shown| both.iter().position(|s| **s == what).map(name);
    for (i, shown) in both.iter().enumerate() {
        if let Shown::Unreadable(cause) = shown {
            return (None, Some(format!("unreadable on {}: {cause}", name(i))));
        }
    }
    if let Some(side) = on(Shown::NoRow) {
        return (Some(false), Some(format!("row missing on {side}")));
    }
    if let Some(side) = on(Shown::Placeholder) {
        let reason = match toast {
            true => format!("placeholder on {side}, and no full value before it"),
            false => format!("placeholder on {side}; the column is not marked `toast: true`"),
        };
        return (None, Some(reason));
    }
    match (lhs, rhs) {
        (Shown::Text(a), Shown::Text(b)) if a == b => (Some(true), None),
        (Shown::Text(a), Shown::Text(b)) => (Some(false), Some(texts(type_name, a, b))),
        (Shown::Text(text), _) | (_, Shown::Text(text)) => {
            (Some(false), Some(absent(type_name, text, on(Shown::NotSent), on(Shown::Null))))
        }
        _ => (Some(true), None),
    }
}

/// A value against none.
fn absent(type_name: &str, text: &[u8], not_sent: Option<&str>, null: Option<&str>) -> String {
    if let Some(side) = not_sent {
        return format!("column not in the events of {side}");
    }
    let side = null.unwrap_or_default();
    let decimal = matches!(type_name, "decimal" | "int" | "untyped");
    if decimal && text.starts_with(b"\"") && number::non_finite(inner(text)).is_some() {
        return format!("lossy capture: NaN or Infinity became null on {side}");
    }
    format!("null against value: null on {side}")
}

fn texts(type_name: &str, a: &[u8], b: &[u8]) -> String {
    let reason = match type_name {
        "timestamp" | "timestamptz" | "time" => precision(type_name, a, b),
        "float64" | "float32" => floats(a, b),
        "json" => Some(differing_member(a, b)),
        "array" => Some(array(a, b)),
        _ => shaped(a, b),
    };
    reason.unwrap_or_else(|| "other value".to_owned())
}

/// By what the canonical texts are.
fn shaped(a: &[u8], b: &[u8]) -> Option<String> {
    match (a.first(), b.first()) {
        (Some(b'"'), Some(b'"')) => spelled(a, b),
        (Some(b'['), Some(b'[')) => Some(array(a, b)),
        (Some(b'{'), Some(b'{')) => Some(differing_member(a, b)),
        _ => None,
    }
}

/// Two texts that mean the same to some reader.
fn spelled(a: &[u8], b: &[u8]) -> Option<String> {
    let (a, b) = (plain(a)?, plain(b)?);
    if a.nfc().eq(b.nfc()) {
        let form = |text: &str| match (is_nfc(text), is_nfd(text)) {
            (true, _) => "NFC",
            (_, true) => "NFD",
            _ => "neither",
        };
        return Some(match (form(&a), form(&b)) {
            ("NFC", "NFD") | ("NFD", "NFC") => format!("NFC against NFD: {} on lhs, {} on rhs", form(&a), form(&b)),
            _ => "the same text in two Unicode spellings".to_owned(),
        });
    }
    let number = |text: &str| {
        let mut out = Vec::new();
        let is = scan::document(text.as_bytes()).is_ok_and(|s| s.kind == Kind::Number);
        (is && number::write_decimal(text.trim().as_bytes(), &mut out).is_ok()).then_some(out)
    };
    let json = |text: &str| {
        let mut out = Vec::new();
        let is = text.starts_with(['{', '[']) && scan::document(text.as_bytes()).is_ok();
        (is && write(text.as_bytes(), &mut Scratch::default(), &mut out).is_ok()).then_some(out)
    };
    let same = |x: Option<Vec<u8>>, y: Option<Vec<u8>>| x.is_some() && x == y;
    if same(number(&a), number(&b)) {
        return Some("number spelled in two ways".to_owned());
    }
    if same(json(&a), json(&b)) {
        return Some("JSON spelled in two ways (`text_json: true` compares by value)".to_owned());
    }
    if a.split_whitespace().eq(b.split_whitespace()) {
        return Some("other value: only white space differs".to_owned());
    }
    let lower = a.to_lowercase() == b.to_lowercase();
    lower.then(|| "other value: only upper and lower case differ".to_owned())
}

/// Times that agree down to some digit, cut or rounded.
fn precision(type_name: &str, a: &[u8], b: &[u8]) -> Option<String> {
    let at = |text: &[u8], precision: Precision| {
        let mut out = Vec::new();
        match type_name {
            "time" => write_time(time_from_iso(inner(text)).ok()?, true, Some(precision), &mut out).ok()?,
            _ => {
                let zoned = type_name == "timestamptz";
                write_timestamp(Moment::from_iso(inner(text), zoned).ok()?, zoned, true, Some(precision), &mut out);
            }
        }
        Some(out)
    };
    let cut = |text: &[u8], digits: usize| {
        let point = text.iter().position(|c| *c == b'.')?;
        text.get(..point + 1 + digits).map(<[u8]>::to_vec)
    };
    let same = |x: Option<Vec<u8>>, y: Option<Vec<u8>>| x.is_some() && x == y;
    for (precision, digits, unit) in [(Precision::Us, 6, "us"), (Precision::Ms, 3, "ms"), (Precision::S, 0, "s")] {
        if same(at(a, precision), at(b, precision)) || same(cut(a, digits), cut(b, digits)) {
            return Some(format!("precision: differs only below {unit}"));
        }
    }
    None
}

fn floats(a: &[u8], b: &[u8]) -> Option<String> {
    let narrow = |text: &[u8]| std::str::from_utf8(text).ok()?.parse::<f64>().ok().map(|f| f as f32);
    match (narrow(a), narrow(b)) {
        (Some(a), Some(b)) if a == b => Some("precision: equal as 32-bit floats".to_owned()),
        _ => None,
    }
}

fn array(a: &[u8], b: &[u8]) -> String {
    let (Some(x), Some(y)) = (elements(a), elements(b)) else { return "other value".to_owned() };
    let sorted = |b: &[u8], spans: &[Span]| {
        let mut all: Vec<Vec<u8>> = spans.iter().map(|s| s.raw(b).to_vec()).collect();
        all.sort();
        all
    };
    if sorted(a, &x) == sorted(b, &y) {
        return "array order: the same elements (`as_set: true` compares them as a set)".to_owned();
    }
    if x.len() != y.len() {
        return format!("other value: {} on lhs, {} on rhs", counted(x.len() as u64, "element"), y.len());
    }
    let at = x.iter().zip(&y).position(|(p, q)| p.raw(a) != q.raw(b)).unwrap_or_default();
    format!("other value: element {at} differs")
}

/// Names the first member that differs, by its JSON path.
fn differing_member(a: &[u8], b: &[u8]) -> String {
    let (Ok(x), Ok(y)) = (scan::document(a), scan::document(b)) else { return "other value".to_owned() };
    let mut path = "$".to_owned();
    let how = descend(a, x, b, y, &mut path);
    format!("json member {path} {how}")
}

/// Goes down to the first difference; `path` leads there.
fn descend(a: &[u8], x: Span, b: &[u8], y: Span, path: &mut String) -> String {
    match (x.kind, y.kind) {
        (Kind::Object, Kind::Object) => {
            let (Some(p), Some(q)) = (members(a, x), members(b, y)) else { return "differs".to_owned() };
            for (key, left) in &p {
                match q.iter().find(|(k, _)| k == key) {
                    None => return step(path, key, "is missing on rhs"),
                    Some((_, right)) if left.raw(a) != right.raw(b) => {
                        step(path, key, "");
                        return descend(a, *left, b, *right, path);
                    }
                    Some(_) => {}
                }
            }
            let extra = q.iter().find(|(k, _)| !p.iter().any(|(key, _)| key == k));
            extra.map_or("differs".to_owned(), |(key, _)| step(path, key, "is missing on lhs"))
        }
        (Kind::Array, Kind::Array) => {
            let (Some(p), Some(q)) = (elements(x.raw(a)), elements(y.raw(b))) else { return "differs".to_owned() };
            let (a, b) = (x.raw(a), y.raw(b));
            if p.len() != q.len() {
                return format!("has {} on lhs, {} on rhs", counted(p.len() as u64, "element"), q.len());
            }
            match p.iter().zip(&q).position(|(l, r)| l.raw(a) != r.raw(b)) {
                Some(at) => {
                    path.push_str(&format!("[{at}]"));
                    descend(a, p[at], b, q[at], path)
                }
                None => "differs".to_owned(),
            }
        }
        (l, r) if l.name() != r.name() => format!("differs: {} on lhs, {} on rhs", l.name(), r.name()),
        _ => "differs".to_owned(),
    }
}

/// Adds a member's name to the path.
fn step(path: &mut String, key: &str, how: &str) -> String {
    let simple = key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && !key.is_empty();
    if simple {
        path.push('.');
        path.push_str(key);
    } else {
        let mut quoted = Vec::new();
        encode(key.as_bytes(), &mut quoted);
        path.push_str(&format!("[{}]", String::from_utf8_lossy(&quoted)));
    }
    how.to_owned()
}

fn members(b: &[u8], object: Span) -> Option<Vec<(String, Span)>> {
    let mut all = Vec::new();
    scan::members(b, object, |key, value| {
        all.push((plain(key.raw(b)).unwrap_or_default(), value));
        Ok(())
    })
    .ok()?;
    Some(all)
}

fn elements(b: &[u8]) -> Option<Vec<Span>> {
    let array = scan::document(b).ok().filter(|s| s.kind == Kind::Array)?;
    let mut all = Vec::new();
    scan::elements(b, array, |span| {
        all.push(span);
        Ok(())
    })
    .ok()?;
    Some(all)
}

/// The bytes between the quotes.
fn inner(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\"").and_then(|t| t.strip_suffix(b"\"")).unwrap_or(text)
}

/// The decoded text of a JSON string.
fn plain(text: &[u8]) -> Option<String> {
    let mut out = Vec::new();
    decode(inner(text), Lone::Keep, &mut out).ok()?;
    Some(String::from_utf8_lossy(&out).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(type_name: &str, a: &str, b: &str) -> String {
        let (equal, why) = why(type_name, &Shown::Text(a.as_bytes()), &Shown::Text(b.as_bytes()), false);
        assert_eq!(equal, Some(false));
        why.unwrap()
    }

    #[test]
    fn reasons_of_values() {
        for (type_name, a, b, expected) in [
            ("text", "\"a\"", "\"b\"", "other value"),
            ("text", "\"a\"", "\"A\"", "other value: only upper and lower case differ"),
            ("text", "\"a b\"", "\"a  b \"", "other value: only white space differs"),
            ("text", "\"é\"", "\"e\u{301}\"", "NFC against NFD: NFC on lhs, NFD on rhs"),
            ("text", "\"1.50\"", "\"1.5\"", "number spelled in two ways"),
            (
                "text",
                r#""{\"a\":1}""#,
                r#""{ \"a\": 1.0}""#,
                "JSON spelled in two ways (`text_json: true` compares by value)",
            ),
            (
                "timestamp",
                "\"2026-11-02T10:00:00.123000\"",
                "\"2026-11-02T10:00:00.123456\"",
                "precision: differs only below ms",
            ),
            (
                "timestamp",
                "\"2026-11-02T10:00:00.124000\"",
                "\"2026-11-02T10:00:00.123600\"",
                "precision: differs only below ms",
            ),
            (
                "timestamptz",
                "\"2026-11-02T10:00:00.100000Z\"",
                "\"2026-11-02T10:00:00.000000Z\"",
                "precision: differs only below s",
            ),
            ("timestamptz", "\"2026-11-02T10:00:01.000000Z\"", "\"2026-11-02T10:00:03.000000Z\"", "other value"),
            ("time", "\"10:00:00.123456\"", "\"10:00:00.123456789\"", "precision: differs only below us"),
            ("float64", "0.1", "0.10000000149011612", "precision: equal as 32-bit floats"),
            ("float64", "0.1", "0.2", "other value"),
            ("decimal", "1", "2", "other value"),
            ("array", "[1,2]", "[2,1]", "array order: the same elements (`as_set: true` compares them as a set)"),
            ("array", "[1,2]", "[1,3]", "other value: element 1 differs"),
            ("array", "[1,2]", "[1]", "other value: 2 elements on lhs, 1 on rhs"),
            ("json", r#"{"a":[1,{"b":2}]}"#, r#"{"a":[1,{"b":3}]}"#, "json member $.a[1].b differs"),
            ("json", r#"{"a":1}"#, r#"{"a":"1"}"#, "json member $.a differs: a number on lhs, a string on rhs"),
            ("json", r#"{"a b":1}"#, r#"{}"#, "json member $[\"a b\"] is missing on rhs"),
            ("json", r#"{"a":1}"#, r#"{"a":1,"b":null}"#, "json member $.b is missing on lhs"),
            ("json", "[1]", "[1,2]", "json member $ has 1 element on lhs, 2 on rhs"),
        ] {
            assert_eq!(reason(type_name, a, b), expected, "{type_name}: {a} {b}");
        }
    }

    #[test]
    fn reasons_of_what_is_not_there() {
        let text = Shown::Text(b"\"NaN\"");
        let of = |type_name, lhs, rhs, toast| why(type_name, &lhs, &rhs, toast);
        let no = |text: &str| (Some(false), Some(text.to_owned()));
        assert_eq!(of("decimal", Shown::Null, text, false), no("lossy capture: NaN or Infinity became null on lhs"));
        assert_eq!(of("text", text, Shown::Null, false), no("null against value: null on rhs"));
        assert_eq!(of("text", text, Shown::NotSent, false), no("column not in the events of rhs"));
        assert_eq!(of("text", Shown::NoRow, text, false), no("row missing on lhs"));
        assert_eq!(of("text", Shown::Null, Shown::NotSent, false), (Some(true), None));
        let (equal, why) = of("text", Shown::Placeholder, text, true);
        assert_eq!((equal, why.unwrap().as_str()), (None, "placeholder on lhs, and no full value before it"));
    }
}
