//! Dates, times, timestamps and intervals as canonical text. PostgreSQL's range (4713 BC to 294276 AD) is wider than
//! that of any time crate, so the proleptic Gregorian calendar is computed here (H. Hinnant, "chrono-Compatible
//! Low-Level Date Algorithms").

mod calendar;
mod interval;

use calendar::{Parser, push_date, push_time};

pub use interval::interval_from_iso;

const SECOND_NS: i128 = 1_000_000_000;
const DAY_NS: i128 = 86_400 * SECOND_NS;

/// Sentinels that Debezium sends for PostgreSQL's infinity.
const INFINITY_US: i64 = 9_223_372_036_825_200_000;
const INFINITY_MS: i64 = 9_223_372_036_825_200;
const NEGATIVE_INFINITY_US: i64 = -9_223_372_036_832_400_000;
const NEGATIVE_INFINITY_MS: i64 = -9_223_372_036_832_400;
/// Days of infinity after Debezium cut them to 32 bits.
const INFINITY_DAY: i64 = -622_191_234;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    Millis,
    Micros,
    Nanos,
}

/// How many fraction digits are kept; what lies below is rounded half away from zero, as PostgreSQL does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    S,
    Ms,
    Us,
}

type Read<T> = Result<T, &'static str>;

/// An instant in nanoseconds since 1970, or one of PostgreSQL's infinities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    At(i128),
    Infinity,
    NegativeInfinity,
}

impl Moment {
    pub fn from_epoch(value: i64, unit: Unit) -> Moment {
        match (unit, value) {
            (Unit::Micros, INFINITY_US) | (Unit::Millis, INFINITY_MS) => Moment::Infinity,
            (Unit::Micros, NEGATIVE_INFINITY_US) | (Unit::Millis, NEGATIVE_INFINITY_MS) => Moment::NegativeInfinity,
            (Unit::Millis, v) => Moment::At(v as i128 * 1_000_000),
            (Unit::Micros, v) => Moment::At(v as i128 * 1_000),
            (Unit::Nanos, v) => Moment::At(v as i128),
        }
    }

    /// `zoned`: an offset is required and applied; without, a trailing `Z` is allowed and means nothing.
    pub fn from_iso(text: &[u8], zoned: bool) -> Read<Moment> {
        match text {
            b"infinity" => return Ok(Moment::Infinity),
            b"-infinity" => return Ok(Moment::NegativeInfinity),
            _ => {}
        }
        let mut p = Parser::new(text);
        let days = p.date()?;
        if !p.eat(b'T') && !p.eat(b' ') {
            return Err("`T` was expected between date and time");
        }
        let time = p.time()?;
        let offset = p.offset()?;
        p.end()?;
        let offset = match offset {
            Some(seconds) => seconds,
            None if zoned => return Err("the time has no offset"),
            None => 0,
        };
        Ok(Moment::At(days as i128 * DAY_NS + time - offset as i128 * SECOND_NS))
    }
}

/// The text is canonical already: `YYYY-MM-DDTHH:MM:SS.ffffffZ` of a moment that exists. False may also mean "not sure".
pub fn is_canonical(text: &[u8]) -> bool {
    let Ok(b) = <&[u8; 27]>::try_from(text) else { return false };
    let shape = b[4] == b'-'
        && b[7] == b'-'
        && b[10] == b'T'
        && b[13] == b':'
        && b[16] == b':'
        && b[19] == b'.'
        && b[26] == b'Z';
    let digit = |i: usize| b[i].wrapping_sub(b'0');
    let places = [0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18, 20, 21, 22, 23, 24, 25];
    let digits = places.iter().fold(true, |all, i| all & (digit(*i) <= 9));
    let two = |i: usize| digit(i) * 10 + digit(i + 1);
    // The 29th and later days need the calendar.
    shape
        && digits
        && matches!(two(5), 1..=12)
        && matches!(two(8), 1..=28)
        && two(11) <= 23
        && two(14) <= 59
        && two(17) <= 59
}

/// Appends a timestamp as a JSON string: six fraction digits, nine where the column is one of nanoseconds.
pub fn write_timestamp(moment: Moment, zoned: bool, nanos: bool, precision: Option<Precision>, out: &mut Vec<u8>) {
    match moment {
        Moment::Infinity => out.extend_from_slice(b"\"infinity\""),
        Moment::NegativeInfinity => out.extend_from_slice(b"\"-infinity\""),
        Moment::At(ns) => {
            let ns = round(ns, precision);
            out.push(b'"');
            push_date(ns.div_euclid(DAY_NS) as i64, out);
            out.push(b'T');
            push_time(ns.rem_euclid(DAY_NS), nanos, out);
            if zoned {
                out.push(b'Z');
            }
            out.push(b'"');
        }
    }
}

pub fn date_from_days(days: i64, out: &mut Vec<u8>) {
    match days {
        INFINITY_DAY => out.extend_from_slice(b"\"infinity\""),
        _ => {
            out.push(b'"');
            push_date(days, out);
            out.push(b'"');
        }
    }
}

pub fn date_from_iso(text: &[u8], out: &mut Vec<u8>) -> Read<()> {
    match text {
        b"infinity" => out.extend_from_slice(b"\"infinity\""),
        b"-infinity" => out.extend_from_slice(b"\"-infinity\""),
        _ => {
            let mut p = Parser::new(text);
            let days = p.date()?;
            p.offset()?;
            p.end()?;
            date_from_days(days, out);
        }
    }
    Ok(())
}

/// A time of day in nanoseconds since midnight, as a JSON string. `24:00:00`, which PostgreSQL knows, stays.
pub fn write_time(ns: i128, nanos: bool, precision: Option<Precision>, out: &mut Vec<u8>) -> Read<()> {
    if !(0..=DAY_NS).contains(&ns) {
        return Err("a time of day is within 24 hours");
    }
    out.push(b'"');
    push_time(round(ns, precision), nanos, out);
    out.push(b'"');
    Ok(())
}

pub fn time_from_epoch(value: i64, unit: Unit) -> i128 {
    match unit {
        Unit::Millis => value as i128 * 1_000_000,
        Unit::Micros => value as i128 * 1_000,
        Unit::Nanos => value as i128,
    }
}

pub fn time_from_iso(text: &[u8]) -> Read<i128> {
    let mut p = Parser::new(text);
    let ns = p.time()?;
    let offset = p.offset()?.unwrap_or(0);
    p.end()?;
    // `timetz` arrives normalised to UTC; any other offset is applied on the clock face.
    Ok(if offset == 0 { ns } else { (ns - offset as i128 * SECOND_NS).rem_euclid(DAY_NS) })
}

fn round(ns: i128, precision: Option<Precision>) -> i128 {
    let unit = match precision {
        None => return ns,
        Some(Precision::S) => SECOND_NS,
        Some(Precision::Ms) => 1_000_000,
        Some(Precision::Us) => 1_000,
    };
    let half = unit / 2;
    if ns >= 0 { (ns + half) / unit * unit } else { (ns - half) / unit * unit }
}

#[cfg(test)]
mod tests;
