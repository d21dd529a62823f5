//! What the values of one column look like on one side.

use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};

use crate::diff::canon::is_uuid;
use crate::diff::canon::number::{non_finite, write_decimal};
use crate::diff::canon::time::{Moment, date_from_iso, interval_from_iso, time_from_iso};
use crate::json::scan::{self, Kind, Span};
use crate::json::text::{Lone, decode};

/// What Debezium sends for an infinite timestamp or date; no magnitude of real values.
const INFINITE: [u64; 3] = [9_223_372_036_825_200_000, 9_223_372_036_825_200, 622_191_234];

/// Counts over the values of a column; a text counts under every pattern that it has.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    pub nulls: u64,
    pub placeholders: u64,
    pub ints: u64,
    /// Largest distance from zero of an integer.
    pub high: u64,
    pub reals: u64,
    /// Spelled as no double is: 12.3400.
    pub exact: u64,
    pub bools: u64,
    /// `{scale, value}`
    pub structs: u64,
    pub objects: u64,
    pub arrays: u64,
    pub element: Option<Box<Seen>>,
    pub strings: Strings,
}

#[derive(Debug, Clone, Default)]
pub struct Strings {
    pub count: u64,
    pub empty: u64,
    pub numeric: u64,
    pub pointed: u64,
    pub non_finite: u64,
    pub base64: u64,
    pub padded: u64,
    /// Base64 of so few bytes that it may be a decimal.
    pub short: u64,
    pub hex: u64,
    pub uuid: u64,
    pub zoned: u64,
    pub local: u64,
    pub date: u64,
    pub time: u64,
    pub interval: u64,
    pub json: u64,
    /// JSON objects and arrays.
    pub nested: u64,
    /// Latest time of day, in nanoseconds.
    pub latest: u64,
}

/// How all values of a column on one side are spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spelling {
    Nothing,
    Int,
    Real,
    /// JSON numbers with the zeros of a decimal.
    Exact,
    Bool,
    Struct,
    Array,
    Numeric,
    Base64,
    Hex,
    Uuid,
    Zoned,
    Local,
    Date,
    Time,
    Interval,
    Json,
    Text,
    Mixed,
}

impl Spelling {
    pub fn words(self) -> &'static str {
        match self {
            Spelling::Nothing => "only null",
            Spelling::Int => "whole numbers",
            Spelling::Real => "numbers",
            Spelling::Exact => "exact numbers",
            Spelling::Bool => "true and false",
            Spelling::Struct => "{scale, value}",
            Spelling::Array => "arrays",
            Spelling::Numeric => "numbers as text",
            Spelling::Base64 => "base64",
            Spelling::Hex => "hex",
            Spelling::Uuid => "UUIDs",
            Spelling::Zoned => "ISO times with offset",
            Spelling::Local => "ISO times without offset",
            Spelling::Date => "ISO dates",
            Spelling::Time => "ISO times of day",
            Spelling::Interval => "ISO intervals",
            Spelling::Json => "JSON",
            Spelling::Text => "text",
            Spelling::Mixed => "values of several kinds",
        }
    }
}

impl Seen {
    pub fn add(&mut self, line: &[u8], span: Span, placeholder: &[u8]) {
        match span.kind {
            Kind::Null => self.nulls += 1,
            Kind::True | Kind::False => self.bools += 1,
            Kind::Number => self.number(span.raw(line)),
            Kind::Object => {
                let mut names = Vec::new();
                // A scanned object walks without a fault.
                let _ = scan::members(line, span, |name, _| {
                    names.push(name.inner(line).to_vec());
                    Ok(())
                });
                let decimal = names.len() == 2 && names.iter().all(|n| n == b"scale" || n == b"value");
                *(if decimal { &mut self.structs } else { &mut self.objects }) += 1;
            }
            Kind::Array => self.array(line, span, placeholder),
            Kind::Plain | Kind::Escaped => {
                let mut text = Vec::new();
                if decode(span.inner(line), Lone::Keep, &mut text).is_ok() {
                    match text == placeholder {
                        true => self.placeholders += 1,
                        false => self.strings.add(&text),
                    }
                }
            }
        }
    }

    fn number(&mut self, raw: &[u8]) {
        let digits = raw.strip_prefix(b"-").unwrap_or(raw);
        if let Some(n) = std::str::from_utf8(digits).ok().filter(|d| d.bytes().all(|b| b.is_ascii_digit())) {
            self.ints += 1;
            let size = n.parse().unwrap_or(u64::MAX);
            if !INFINITE.contains(&size) {
                self.high = self.high.max(size);
            }
            return;
        }
        self.reals += 1;
        let fraction = raw.iter().position(|b| *b == b'.').map(|i| &raw[i + 1..]);
        let exact = fraction.is_some_and(|f| f.len() > 1 && f.ends_with(b"0") && f.iter().all(u8::is_ascii_digit));
        self.exact += u64::from(exact);
    }

    fn array(&mut self, line: &[u8], span: Span, placeholder: &[u8]) {
        let mut element = self.element.take().unwrap_or_default();
        let before = (element.placeholders, element.total());
        // A scanned array walks without a fault.
        let _ = scan::elements(line, span, |value| {
            element.add(line, value, placeholder);
            Ok(())
        });
        // Debezium stands an array of the placeholder for an array that was not sent.
        if element.placeholders > before.0 && element.total() == before.1 {
            self.placeholders += 1;
        } else {
            self.arrays += 1;
        }
        self.element = Some(element);
    }

    pub fn element_or_blank(&self) -> Seen {
        self.element.as_deref().cloned().unwrap_or_default()
    }

    /// Values that are neither null nor a placeholder.
    fn total(&self) -> u64 {
        self.ints + self.reals + self.bools + self.structs + self.objects + self.arrays + self.strings.count
    }

    pub fn spelling(&self) -> Spelling {
        let total = self.total();
        let s = &self.strings;
        let numbers = self.ints + self.reals;
        if total == 0 {
            Spelling::Nothing
        } else if s.count == total {
            s.spelling()
        } else if numbers == total || (numbers > 0 && numbers + s.non_finite == total) {
            match (self.exact, self.reals + s.count) {
                (1.., _) => Spelling::Exact,
                (0, 0) => Spelling::Int,
                (0, _) => Spelling::Real,
            }
        } else if self.bools == total {
            Spelling::Bool
        } else if self.structs == total {
            Spelling::Struct
        } else if self.arrays == total {
            Spelling::Array
        } else if self.objects > 0 && self.objects + self.arrays + self.structs == total {
            Spelling::Json
        } else {
            Spelling::Mixed
        }
    }
}

impl Strings {
    fn add(&mut self, text: &[u8]) {
        self.count += 1;
        if text.is_empty() {
            self.empty += 1;
            return;
        }
        let mut scratch = Vec::new();
        let count = |to: &mut u64, is: bool| *to += u64::from(is);
        let word = non_finite(text).is_some() && text.len() <= 18;
        count(&mut self.non_finite, word);
        let numeric = write_decimal(text, &mut scratch).is_ok();
        count(&mut self.numeric, word || numeric);
        count(&mut self.pointed, numeric && text.contains(&b'.'));
        let bytes = BASE64.decode(text).ok();
        count(&mut self.base64, bytes.is_some());
        count(&mut self.short, bytes.is_some_and(|bytes| bytes.len() < 8));
        count(&mut self.padded, text.ends_with(b"="));
        count(&mut self.hex, HEXLOWER_PERMISSIVE.decode(text).is_ok());
        count(&mut self.uuid, is_uuid(text));
        count(&mut self.zoned, Moment::from_iso(text, true).is_ok());
        count(&mut self.local, Moment::from_iso(text, false).is_ok());
        count(&mut self.date, date_from_iso(text, &mut scratch).is_ok());
        count(&mut self.interval, interval_from_iso(text, &mut scratch).is_ok());
        count(&mut self.json, scan::document(text).is_ok());
        count(&mut self.nested, matches!(text[0], b'{' | b'['));
        if let Ok(ns) = time_from_iso(text) {
            self.time += 1;
            self.latest = self.latest.max(u64::try_from(ns).unwrap_or(0));
        }
    }

    /// The narrowest pattern that every text has.
    fn spelling(&self) -> Spelling {
        let filled = self.count - self.empty;
        // An empty text is a value of text and bytes only.
        let all = |n: u64| n == self.count;
        if all(self.uuid) {
            Spelling::Uuid
        } else if all(self.zoned) {
            Spelling::Zoned
        } else if all(self.local) {
            Spelling::Local
        } else if all(self.date) {
            Spelling::Date
        } else if all(self.time) {
            Spelling::Time
        } else if all(self.interval) {
            Spelling::Interval
        } else if all(self.numeric) {
            Spelling::Numeric
        } else if all(self.json) && self.nested > 0 {
            Spelling::Json
        } else if filled > 0 && self.base64 == filled && self.padded > 0 {
            Spelling::Base64
        } else if filled > 0 && self.hex == filled {
            Spelling::Hex
        } else {
            Spelling::Text
        }
    }
}
