//! The calendar: days and nanoseconds to ISO 8601 texts and back.

use super::{Read, SECOND_NS};

/// Reads the parts of an ISO 8601 text one after the other.
pub struct Parser<'a> {
    b: &'a [u8],
    i: usize,
}

impl<'a> Parser<'a> {
    pub fn new(b: &'a [u8]) -> Self {
        Parser { b, i: 0 }
    }

    pub fn eat(&mut self, c: u8) -> bool {
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
    pub fn date(&mut self) -> Read<i64> {
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
    pub fn time(&mut self) -> Read<i128> {
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
    pub fn offset(&mut self) -> Read<Option<i64>> {
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

    pub fn end(&self) -> Read<()> {
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

fn push_digits(mut n: u64, width: usize, out: &mut Vec<u8>) {
    let at = out.len();
    out.resize(at + width, b'0');
    for slot in out[at..].iter_mut().rev() {
        *slot = b'0' + (n % 10) as u8;
        n /= 10;
    }
}

/// Years 0 to 9999 have four digits; others a sign (ISO 8601 expanded form).
pub fn push_date(days: i64, out: &mut Vec<u8>) {
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

pub fn push_time(ns: i128, nanos: bool, out: &mut Vec<u8>) {
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
