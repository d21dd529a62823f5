//! One field of adaptive.yaml: from what is written to its value, or the mistake at its place.

use super::Found;
use super::raw::{Scalar, Text, Word};
use crate::anomaly::code::Code;
use crate::clock::parse_duration_ms;
use crate::error::did_you_mean;
use crate::yaml::{Location, written};

/// Collects the mistakes of one file.
pub struct Check<'a> {
    pub text: &'a str,
    pub found: Vec<Found>,
}

/// A number's range, in words and as a test.
pub struct Range {
    pub words: &'static str,
    pub holds: fn(f64) -> bool,
}

pub const SHARE: Range = Range { words: "above 0 and below 1", holds: |x| x > 0.0 && x < 1.0 };
pub const WEIGHT: Range = Range { words: "above 0 and at most 1", holds: |x| x > 0.0 && x <= 1.0 };
pub const POSITIVE: Range = Range { words: "above 0", holds: |x| x > 0.0 };
pub const FROM_ZERO: Range = Range { words: "0 or more", holds: |x| x >= 0.0 };
pub const PART: Range = Range { words: "0 or more and below 1", holds: |x| (0.0..1.0).contains(&x) };
pub const WHOLE: Range =
    Range { words: "a whole number from 1 to 1000", holds: |x| x.fract() == 0.0 && (1.0..=1000.0).contains(&x) };

impl Check<'_> {
    pub fn add(&mut self, code: Code, at: Location, subject: &str, field: &str, message: String, hint: &str) {
        self.found.push(Found::new(code, at, subject, field, message).hint(hint));
    }

    pub fn number(&mut self, word: &Word, subject: &str, field: &str, range: &Range) -> Option<f64> {
        let at = word.referenced;
        let Scalar::Number(value) = word.value else {
            let message = format!("`{field}` is a number");
            self.found.push(Found::new(Code::FieldType, at, subject, field, message));
            return None;
        };
        if !self.plain(at, subject, field) {
            return None;
        }
        if !value.is_finite() || !(range.holds)(value) {
            let message = format!("`{field}` is {}, it must be {}", written(at, self.text), range.words);
            self.found.push(Found::new(Code::InvalidNumber, at, subject, field, message));
            return None;
        }
        Some(value + 0.0)
    }

    /// Whether every reader of YAML reads the same number.
    pub fn plain(&mut self, at: Location, subject: &str, field: &str) -> bool {
        let spelled = written(at, self.text);
        if is_json_number(spelled) {
            return true;
        }
        let message = format!("`{spelled}` is another number for some readers of YAML");
        self.add(Code::RulesAmbiguous, at, subject, field, message, "write decimal digits, without a leading 0");
        false
    }

    /// A time span of at most `most` milliseconds; 0 may stand without a unit.
    pub fn duration(&mut self, word: &Word, subject: &str, field: &str, most: i64) -> Option<i64> {
        let at = word.referenced;
        let span = match &word.value {
            Scalar::Text(text) => parse_duration_ms(text),
            Scalar::Number(zero) if *zero == 0.0 => Ok(0),
            _ => Err(format!("`{}` has no unit", written(at, self.text))),
        };
        let message = match span {
            Ok(ms) if ms <= most => return Some(ms),
            Ok(_) => format!("`{field}` is longer than {} days", most / super::DAY_MS),
            Err(message) => format!("{field}: {message}"),
        };
        self.add(Code::InvalidDuration, at, subject, field, message, "write it like 5m, 6h or 7d");
        None
    }

    /// One of a few words.
    pub fn word<T: Copy>(&mut self, text: &Text, subject: &str, field: &str, known: &[(&str, T)]) -> Option<T> {
        let value = text.value.as_str();
        if let Some((_, meant)) = known.iter().find(|(word, _)| *word == value) {
            return Some(*meant);
        }
        let hint = match did_you_mean(value, known.iter().map(|(word, _)| *word)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known: {}", known.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ")),
        };
        let message = format!("`{value}` is no {field}");
        self.add(Code::UnknownWord, text.referenced, subject, field, message, &hint);
        None
    }

    /// A dotted path to a field of the data.
    pub fn path(&mut self, text: &Text, subject: &str, field: &str) -> Option<String> {
        if !text.value.split('.').any(str::is_empty) {
            return Some(text.value.clone());
        }
        let message = format!("`{}` is no name of a field", text.value);
        self.add(Code::InvalidField, text.referenced, subject, field, message, "write it like `payload.tenant`");
        None
    }
}

/// RFC 8259's number, which every reader of YAML takes for the same one.
fn is_json_number(text: &str) -> bool {
    serde_json::from_str::<f64>(text).is_ok() && !text.starts_with(char::is_whitespace)
}
