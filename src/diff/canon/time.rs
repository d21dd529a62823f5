//! Dates, times, timestamps and intervals as canonical text. PostgreSQL's range (4713 BC to 294276 AD) is wider than
//! that of any time crate, so the proleptic Gregorian calendar is computed here (H. Hinnant, "chrono-Compatible
//! Low-Level Date Algorithms").

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
        let mut p = Parser { b: text, i: 0 };
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
            let mut p = Parser { b: text, i: 0 };
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
    let mut p = Parser { b: text, i: 0 };
    let ns = p.time()?;
    let offset = p.offset()?.unwrap_or(0);
    p.end()?;
    // `timetz` arrives normalised to UTC; any other offset is applied on the clock face.
    Ok(if offset == 0 { ns } else { (ns - offset as i128 * SECOND_NS).rem_euclid(DAY_NS) })
}

/// An ISO 8601 interval as `[months,days,micros]`.
pub fn interval_from_iso(text: &[u8], out: &mut Vec<u8>) -> Read<()> {
    const BAD: &str = "not an ISO 8601 interval like P1Y2M3DT4H5M6S";
    let Some((b'P', mut rest)) = text.split_first() else { return Err(BAD) };
    let (mut months, mut days, mut micros) = (0i64, 0i64, 0i128);
    let mut in_time = false;
    if rest.is_empty() {
        return Err(BAD);
    }
    while let Some(first) = rest.first() {
        if *first == b'T' && !in_time {
            in_time = true;
            rest = &rest[1..];
            continue;
        }
        let length = rest.iter().position(|c| c.is_ascii_alphabetic()).ok_or(BAD)?;
        let (number, tail) = rest.split_at(length);
        let (value, fraction_ns) = signed_seconds(number).ok_or(BAD)?;
        if fraction_ns != 0 && tail[0] != b'S' {
            return Err("only seconds may have a fraction");
        }
        let add = |to: i64, n: i64| value.checked_mul(n).and_then(|v| to.checked_add(v)).ok_or("interval out of range");
        let unit_us: i128 = match (tail[0], in_time) {
            (b'Y', false) => {
                months = add(months, 12)?;
                0
            }
            (b'M', false) => {
                months = add(months, 1)?;
                0
            }
            (b'W', false) => {
                days = add(days, 7)?;
                0
            }
            (b'D', false) => {
                days = add(days, 1)?;
                0
            }
            (b'H', true) => 3_600_000_000,
            (b'M', true) => 60_000_000,
            (b'S', true) => 1_000_000,
            _ => return Err(BAD),
        };
        micros += value as i128 * unit_us;
        if unit_us == 1_000_000 {
            if fraction_ns % 1_000 != 0 {
                return Err("an interval has at most microseconds");
            }
            micros += (fraction_ns / 1_000) as i128;
        }
        rest = &tail[1..];
    }
    out.extend_from_slice(format!("[{months},{days},{micros}]").as_bytes());
    Ok(())
}

/// `[-]digits[.digits]` as a whole part and nanoseconds, both with the sign.
fn signed_seconds(text: &[u8]) -> Option<(i64, i64)> {
    let (negative, digits) = match text.split_first() {
        Some((b'-', d)) => (true, d),
        Some((b'+', d)) => (false, d),
        _ => (false, text),
    };
    let (whole, fraction) = match digits.iter().position(|c| *c == b'.') {
        Some(i) => (&digits[..i], &digits[i + 1..]),
        None => (digits, &[][..]),
    };
    if whole.is_empty() || whole.len() > 18 || !digits.iter().all(|c| c.is_ascii_digit() || *c == b'.') {
        return None;
    }
    if !fraction.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let value = whole.iter().fold(0i64, |n, d| n * 10 + (d - b'0') as i64);
    let mut ns = 0i64;
    for i in 0..9 {
        ns = ns * 10 + fraction.get(i).map_or(0, |d| (d - b'0') as i64);
    }
    Some(if negative { (-value, -ns) } else { (value, ns) })
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

fn push_digits(mut n: u64, width: usize, out: &mut Vec<u8>) {
    let at = out.len();
    out.resize(at + width, b'0');
    for slot in out[at..].iter_mut().rev() {
        *slot = b'0' + (n % 10) as u8;
        n /= 10;
    }
}

/// Years 0 to 9999 have four digits; others a sign (ISO 8601 expanded form).
fn push_date(days: i64, out: &mut Vec<u8>) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    if (0..=9999).contains(&year) {
        push_digits(year as u64, 4, out);
    } else {
        out.push(if year < 0 { b'-' } else { b'+' });
        let width = year.unsigned_abs().to_string().len().max(4);
        push_digits(year.unsigned_abs(), width, out);
    }
    out.push(b'-');
    push_digits(month as u64, 2, out);
    out.push(b'-');
    push_digits(day as u64, 2, out);
}

fn push_time(ns: i128, nanos: bool, out: &mut Vec<u8>) {
    let ns = ns as u64;
    let seconds = ns / 1_000_000_000;
    push_digits(seconds / 3600, 2, out);
    out.push(b':');
    push_digits(seconds / 60 % 60, 2, out);
    out.push(b':');
    push_digits(seconds % 60, 2, out);
    out.push(b'.');
    let fraction = ns % 1_000_000_000;
    // Digits below a microsecond are never dropped: they show even where the column was not declared as such.
    if nanos || !fraction.is_multiple_of(1_000) {
        push_digits(fraction, 9, out);
    } else {
        push_digits(fraction / 1_000, 6, out);
    }
}

struct Parser<'a> {
    b: &'a [u8],
    i: usize,
}

impl Parser<'_> {
    fn eat(&mut self, c: u8) -> bool {
        let hit = self.b.get(self.i) == Some(&c);
        self.i += usize::from(hit);
        hit
    }

    fn two(&mut self, what: &'static str) -> Read<i64> {
        match self.b.get(self.i..self.i + 2) {
            Some([a @ b'0'..=b'9', b @ b'0'..=b'9']) => {
                self.i += 2;
                Ok(((a - b'0') * 10 + (b - b'0')) as i64)
            }
            _ => Err(what),
        }
    }

    /// Days since 1970 of `[+-]YYYY-MM-DD`.
    fn date(&mut self) -> Read<i64> {
        const BAD: &str = "not a date like 2026-11-24";
        let negative = self.eat(b'-');
        if !negative {
            self.eat(b'+');
        }
        let start = self.i;
        let mut year = 0i64;
        while let Some(d @ b'0'..=b'9') = self.b.get(self.i) {
            year = year * 10 + (d - b'0') as i64;
            self.i += 1;
            if self.i - start > 9 {
                return Err(BAD);
            }
        }
        if self.i - start < 4 || !self.eat(b'-') {
            return Err(BAD);
        }
        let year = if negative { -year } else { year };
        let month = self.two(BAD)?;
        if !self.eat(b'-') {
            return Err(BAD);
        }
        let day = self.two(BAD)?;
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let length = match month {
            2 => 28 + i64::from(leap),
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => 0,
        };
        if day < 1 || day > length {
            return Err("no such day in the calendar");
        }
        Ok(days_from_civil(year, month, day))
    }

    /// Nanoseconds since midnight of `HH:MM:SS[.fraction]`.
    fn time(&mut self) -> Read<i128> {
        const BAD: &str = "not a time like 16:46:00.5";
        let hour = self.two(BAD)?;
        if !self.eat(b':') {
            return Err(BAD);
        }
        let minute = self.two(BAD)?;
        let second = if self.eat(b':') { self.two(BAD)? } else { 0 };
        let mut ns = 0i64;
        if self.eat(b'.') {
            let start = self.i;
            while let Some(d @ b'0'..=b'9') = self.b.get(self.i) {
                match self.i - start {
                    0..9 => ns = ns * 10 + (d - b'0') as i64,
                    _ if *d != b'0' => return Err("more than nine fraction digits"),
                    _ => {}
                }
                self.i += 1;
            }
            if self.i == start {
                return Err(BAD);
            }
            for _ in self.i - start..9 {
                ns *= 10;
            }
        }
        if hour > 24 || minute > 59 || second > 59 || (hour == 24 && (minute, second, ns) != (0, 0, 0)) {
            return Err("no such time of day");
        }
        Ok((hour * 3600 + minute * 60 + second) as i128 * SECOND_NS + ns as i128)
    }

    /// Seconds east of UTC, None without an offset.
    fn offset(&mut self) -> Read<Option<i64>> {
        const BAD: &str = "not an offset like Z or +02:00";
        if self.eat(b'Z') {
            return Ok(Some(0));
        }
        let sign = match self.b.get(self.i) {
            Some(b'+') => 1,
            Some(b'-') => -1,
            _ => return Ok(None),
        };
        self.i += 1;
        let mut seconds = self.two(BAD)? * 3600;
        if self.i < self.b.len() {
            self.eat(b':');
            seconds += self.two(BAD)? * 60;
            if self.eat(b':') {
                seconds += self.two(BAD)?;
            }
        }
        Ok(Some(sign * seconds))
    }

    fn end(&self) -> Read<()> {
        if self.i == self.b.len() { Ok(()) } else { Err("text after the date or time") }
    }
}

fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let year_of_era = y.rem_euclid(400);
    let day_of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests;
