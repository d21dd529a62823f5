//! `govctl-canon/1`: one canonical text for every spelling of a column's value.

mod integer;
pub mod json;
pub mod number;
pub mod time;

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD, HEXLOWER, HEXLOWER_PERMISSIVE};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::diff::types::{Column, Logical, Physical, Wire};
use crate::json::scan::{self, Kind, Span};
use crate::json::search;
use crate::json::text::{self, Lone};
pub use integer::integer;
use json::Scratch;
use number::Width;
use time::{Moment, Precision, Unit};

/// How one side's wire of a column becomes canonical text.
#[derive(Debug, Clone, PartialEq)]
pub enum Conv {
    /// By its JSON value, for `--infer`.
    Value,
    /// A number of which something was lost: it can be checked, but not compared.
    Lossy,
    Text {
        nfc: bool,
    },
    Json,
    Int,
    Decimal {
        scale: Option<i64>,
        base64: bool,
    },
    Float(Width),
    Bool,
    Timestamp {
        zoned: bool,
        unit: Option<Unit>,
        nanos: bool,
        precision: Option<Precision>,
    },
    Date,
    Time {
        unit: Option<Unit>,
        nanos: bool,
        precision: Option<Precision>,
    },
    Interval,
    Bytes(Wire),
    Uuid,
    Array {
        of: Box<Conv>,
        as_set: bool,
    },
}

impl Conv {
    /// The conversion of a column whose wire on this side is `wires[side]`.
    pub fn of(column: &Column, side: usize) -> Conv {
        if column.wires[side].lossy().is_some() {
            return Conv::Lossy;
        }
        let Physical { wire, scale } = column.wires[side];
        let nanos = column.wires.iter().any(|p| p.wire == Some(Wire::EpochNs));
        let unit = match wire {
            Some(Wire::EpochMs | Wire::ConnectMs) => Some(Unit::Millis),
            Some(Wire::EpochUs) => Some(Unit::Micros),
            Some(Wire::EpochNs) => Some(Unit::Nanos),
            _ => None,
        };
        let precision = column.precision;
        match &column.logical {
            Logical::Int => Conv::Int,
            Logical::Decimal => {
                // A string is base64 only if a scale is declared, unless the wire says that it is plain text.
                let base64 = scale.is_some() && !matches!(wire, Some(Wire::String | Wire::Number));
                Conv::Decimal { scale, base64 }
            }
            Logical::Float64 => Conv::Float(Width::F64),
            Logical::Float32 => Conv::Float(Width::F32),
            Logical::Bool => Conv::Bool,
            Logical::Text if column.text_json => Conv::Json,
            Logical::Text => Conv::Text { nfc: column.nfc },
            Logical::Json => Conv::Json,
            Logical::Timestamptz => Conv::Timestamp { zoned: true, unit, nanos, precision },
            Logical::Timestamp => Conv::Timestamp { zoned: false, unit, nanos, precision },
            Logical::Date => Conv::Date,
            Logical::Time => Conv::Time { unit, nanos, precision },
            Logical::Interval => Conv::Interval,
            Logical::Bytes => Conv::Bytes(wire.unwrap_or(Wire::Base64)),
            Logical::Uuid => Conv::Uuid,
            Logical::Array(element) => Conv::Array { of: Box::new(Conv::of(element, side)), as_set: column.as_set },
        }
    }
}

/// Working space that is reused from value to value.
#[derive(Default)]
pub struct Canon {
    scratch: Scratch,
    text: Vec<u8>,
    bytes: Vec<u8>,
    /// The value just written holds a decimal NaN or Infinity, which Debezium may turn into null.
    pub non_finite: bool,
}

type Done = Result<(), &'static str>;

/// Whether a canonical number has no fraction: plain digits, or `15e49`.
#[inline]
fn is_whole(text: &[u8]) -> bool {
    let digits = |text: &[u8]| text.iter().all(|c| c.is_ascii_digit() || *c == b'-');
    digits(text)
        || text.iter().position(|c| *c == b'e').is_some_and(|e| digits(&text[..e]) && text.get(e + 1) != Some(&b'-'))
}

impl Canon {
    /// Appends the canonical text of a non-null value.
    pub fn write(&mut self, conv: &Conv, line: &[u8], span: Span, out: &mut Vec<u8>) -> Done {
        match conv {
            Conv::Text { nfc } => self.write_text(*nfc, line, span, out),
            Conv::Decimal { scale, base64 } => self.write_decimal(*scale, *base64, line, span, out),
            Conv::Int => self.write_int(line, span, out),
            Conv::Json => self.write_json(line, span, out),
            Conv::Float(width) => self.write_float(*width, line, span, out),
            Conv::Bool => match span.kind {
                Kind::True => put(out, b"true"),
                Kind::False => put(out, b"false"),
                _ => Err("true or false was expected"),
            },
            Conv::Timestamp { zoned: true, nanos: false, precision: None, .. }
                if span.kind == Kind::Plain && time::is_canonical(span.inner(line)) =>
            {
                copy(out, line, span)
            }
            Conv::Timestamp { zoned, unit, nanos, precision } => {
                let moment = self.moment(*zoned, *unit, line, span)?;
                time::write_timestamp(moment, *zoned, *nanos, *precision, out);
                Ok(())
            }
            Conv::Date => match span.kind {
                Kind::Number => {
                    time::date_from_days(integer(span.raw(line))?, out);
                    Ok(())
                }
                _ => time::date_from_iso(self.string(line, span, "days or an ISO date was expected")?, out),
            },
            Conv::Time { unit, nanos, precision } => {
                time::write_time(self.time_of_day(*unit, line, span)?, *nanos, *precision, out)
            }
            Conv::Interval => match span.kind {
                Kind::Number => Err("an integer interval needs `wire: micro_duration` in types.yaml"),
                _ => time::interval_from_iso(self.string(line, span, "an ISO interval was expected")?, out),
            },
            Conv::Bytes(wire) => self.write_bytes(*wire, line, span, out),
            Conv::Uuid => {
                // Without early exit, so that the compiler uses wide registers.
                let upper = |text: &[u8]| text.iter().fold(false, |any, c| any | c.is_ascii_uppercase());
                let text = self.string(line, span, "a UUID text was expected")?;
                if !is_uuid(text) {
                    return Err("a UUID is 32 hex digits in groups of 8, 4, 4, 4 and 12");
                }
                if span.kind == Kind::Plain && !upper(text) {
                    return copy(out, line, span);
                }
                text::encode(&text.to_ascii_lowercase(), out);
                Ok(())
            }
            Conv::Lossy => match span.kind {
                Kind::Number => copy(out, line, span),
                Kind::Plain if number::non_finite(span.inner(line)).is_some() => copy(out, line, span),
                _ => Err("the wire in types.yaml is a number"),
            },
            Conv::Array { of, as_set } => self.write_array(of, *as_set, line, span, out),
            Conv::Value => match span.kind {
                Kind::Plain | Kind::Escaped => self.write_text(false, line, span, out),
                Kind::Number => number::write_decimal(span.raw(line), out),
                _ => json::write(span.raw(line), &mut self.scratch, out).map_err(|f| f.what),
            },
        }
    }

    /// The decoded text of a string value.
    pub fn string<'a>(
        &'a mut self,
        line: &'a [u8],
        span: Span,
        expected: &'static str,
    ) -> Result<&'a [u8], &'static str> {
        match span.kind {
            Kind::Plain => Ok(span.inner(line)),
            Kind::Escaped => {
                self.text.clear();
                text::decode(span.inner(line), Lone::Refuse, &mut self.text).map_err(|f| f.what)?;
                Ok(&self.text)
            }
            _ => Err(expected),
        }
    }

    fn write_text(&mut self, nfc: bool, line: &[u8], span: Span, out: &mut Vec<u8>) -> Done {
        if span.kind == Kind::Plain && (!nfc || span.inner(line).is_ascii()) {
            // Without a backslash a JSON string holds nothing that RFC 8785 would escape.
            return copy(out, line, span);
        }
        let text = self.string(line, span, "a text was expected")?;
        match std::str::from_utf8(text) {
            Ok(t) if nfc && is_nfc_quick(t.chars()) != IsNormalized::Yes => {
                text::encode(t.nfc().collect::<String>().as_bytes(), out);
            }
            _ => text::encode(text, out),
        }
        Ok(())
    }

    fn write_json(&mut self, line: &[u8], span: Span, out: &mut Vec<u8>) -> Done {
        let text = match span.kind {
            Kind::Plain => span.inner(line),
            Kind::Escaped => {
                let start = out.len();
                let inner = span.start as usize + 1..span.end as usize - 1;
                if json::write_embedded(line, inner, &mut self.scratch, out).is_ok() {
                    return Ok(());
                }
                out.truncate(start);
                self.text.clear();
                text::decode(span.inner(line), Lone::Keep, &mut self.text).map_err(|f| f.what)?;
                &self.text
            }
            // Some sinks send the parsed value.
            _ => span.raw(line),
        };
        json::write(text, &mut self.scratch, out).map_err(|_| "the json column holds no JSON text")
    }

    fn write_decimal(&mut self, scale: Option<i64>, base64: bool, line: &[u8], span: Span, out: &mut Vec<u8>) -> Done {
        match span.kind {
            Kind::Number => number::write_decimal(span.raw(line), out),
            Kind::Object => self.write_scaled(line, span, out),
            Kind::Plain | Kind::Escaped => {
                if let (Kind::Plain, Some(word)) = (span.kind, number::non_finite(span.inner(line))) {
                    self.non_finite = true;
                    text::encode(word.as_bytes(), out);
                    return Ok(());
                }
                if base64 {
                    self.decode_bytes(Wire::Base64, line, span)?;
                    return number::write_binary(&self.bytes, scale.unwrap_or(0), out);
                }
                let text = self.string(line, span, "a number was expected")?;
                number::write_decimal(text, out).map_err(|e| match text.last() {
                    Some(b'=') => "looks like a base64 decimal: add `scale` in types.yaml",
                    _ => e,
                })
            }
            _ => Err("a number was expected"),
        }
    }

    /// Debezium's VariableScaleDecimal `{scale, value}`.
    fn write_scaled(&mut self, line: &[u8], span: Span, out: &mut Vec<u8>) -> Done {
        let (mut scale, mut value) = (None, None);
        scan::members(line, span, |k, v| {
            match k.inner(line) {
                b"scale" => scale = Some(v),
                b"value" => value = Some(v),
                _ => {}
            }
            Ok(())
        })
        .map_err(|f| f.what)?;
        match (scale, value) {
            (Some(scale), Some(value)) if scale.kind == Kind::Number => {
                self.decode_bytes(Wire::Base64, line, value)?;
                number::write_binary(&self.bytes, integer(scale.raw(line))?, out)
            }
            _ => Err("a decimal object has `scale` and `value`"),
        }
    }

    fn write_float(&mut self, width: Width, line: &[u8], span: Span, out: &mut Vec<u8>) -> Done {
        match span.kind {
            Kind::Number => number::write_float(span.raw(line), width, out),
            Kind::Plain => match number::non_finite(span.inner(line)) {
                Some(word) => {
                    text::encode(word.as_bytes(), out);
                    Ok(())
                }
                // Digits that a float does not hold would be lost.
                None => Err("a float is a number, NaN or Infinity; a number in a text is a decimal"),
            },
            _ => Err("a number was expected"),
        }
    }

    fn write_int(&mut self, line: &[u8], span: Span, out: &mut Vec<u8>) -> Done {
        let start = out.len();
        self.write_decimal(None, false, line, span, out)?;
        // Most are plain digits as they come, which is seen at once.
        let first = span.start as usize + usize::from(line[span.start as usize] == b'-');
        if search::digits(line, first) == span.end as usize || is_whole(&out[start..]) {
            return Ok(());
        }
        self.non_finite = false;
        Err("an int is a whole number")
    }

    /// Nanoseconds since midnight.
    fn time_of_day(&mut self, unit: Option<Unit>, line: &[u8], span: Span) -> Result<i128, &'static str> {
        match (span.kind, unit) {
            (Kind::Number, Some(unit)) => Ok(time::time_from_epoch(integer(span.raw(line))?, unit)),
            (Kind::Number, None) => Err("an integer time needs `wire: epoch_ms` or `epoch_us` in types.yaml"),
            _ => time::time_from_iso(self.string(line, span, "a time was expected")?),
        }
    }

    fn moment(&mut self, zoned: bool, unit: Option<Unit>, line: &[u8], span: Span) -> Result<Moment, &'static str> {
        match (span.kind, unit) {
            (Kind::Number, Some(unit)) => Ok(Moment::from_epoch(integer(span.raw(line))?, unit)),
            (Kind::Number, None) => {
                Err("an integer time needs `wire: epoch_ms`, `epoch_us` or `epoch_ns` in types.yaml")
            }
            _ => Moment::from_iso(self.string(line, span, "a time was expected")?, zoned),
        }
    }

    fn write_bytes(&mut self, wire: Wire, line: &[u8], span: Span, out: &mut Vec<u8>) -> Done {
        self.decode_bytes(wire, line, span)?;
        let at = out.len() + 1;
        out.resize(at + 2 * self.bytes.len() + 1, b'"');
        out[at - 1] = b'"';
        HEXLOWER.encode_mut(&self.bytes, &mut out[at..at + 2 * self.bytes.len()]);
        Ok(())
    }

    /// Decodes a binary string into `self.bytes`.
    fn decode_bytes(&mut self, wire: Wire, line: &[u8], span: Span) -> Done {
        let mut owned = Vec::new();
        let text = match span.kind {
            Kind::Plain => span.inner(line),
            Kind::Escaped => {
                text::decode(span.inner(line), Lone::Refuse, &mut owned).map_err(|f| f.what)?;
                &owned
            }
            _ => return Err("binary data as a string was expected"),
        };
        let padded = text.len() % 4 == 0;
        let (encoding, cause) = match (wire, padded) {
            (Wire::Hex, _) => (HEXLOWER_PERMISSIVE, "bad hex"),
            (Wire::Base64url, true) => (BASE64URL, "bad base64url"),
            (Wire::Base64url, false) => (BASE64URL_NOPAD, "bad base64url"),
            (_, true) => (BASE64, "bad base64"),
            (_, false) => (BASE64_NOPAD, "bad base64"),
        };
        let length = encoding.decode_len(text.len()).map_err(|_| cause)?;
        self.bytes.resize(length, 0);
        let written = encoding.decode_mut(text, &mut self.bytes).map_err(|_| cause)?;
        self.bytes.truncate(written);
        Ok(())
    }

    fn write_array(&mut self, of: &Conv, as_set: bool, line: &[u8], span: Span, out: &mut Vec<u8>) -> Done {
        if span.kind != Kind::Array {
            return Err("an array was expected");
        }
        out.push(b'[');
        let body = out.len();
        let mut items = Vec::new();
        let mut cause = None;
        let walked = scan::elements(line, span, |element| {
            let start = out.len();
            if element.kind == Kind::Null {
                out.extend_from_slice(b"null");
            } else if let Err(e) = self.write(of, line, element, out) {
                cause = Some(e);
                return scan::fault(element.start as usize, e);
            }
            items.push(start..out.len());
            out.push(b',');
            Ok(())
        });
        if let Err(f) = walked {
            return Err(cause.unwrap_or(f.what));
        }
        if as_set {
            let mut texts: Vec<Vec<u8>> = items.iter().map(|r| out[r.clone()].to_vec()).collect();
            texts.sort();
            out.truncate(body);
            for text in texts {
                out.extend_from_slice(&text);
                out.push(b',');
            }
        }
        if !items.is_empty() {
            out.pop();
        }
        out.push(b']');
        Ok(())
    }
}

/// Whether a text has the form that PostgreSQL prints.
pub fn is_uuid(text: &[u8]) -> bool {
    let Ok(text) = <&[u8; 36]>::try_from(text) else { return false };
    // Without early exit.
    let digits = text.iter().fold(0, |digits, c| digits + u32::from(c.is_ascii_hexdigit()));
    [8, 13, 18, 23].iter().all(|at| text[*at] == b'-') && digits == 32
}

/// The value as it stands in the line.
fn copy(out: &mut Vec<u8>, line: &[u8], span: Span) -> Done {
    text::append(out, line, span.start as usize, span.end as usize);
    Ok(())
}

fn put(out: &mut Vec<u8>, text: &[u8]) -> Done {
    out.extend_from_slice(text);
    Ok(())
}
