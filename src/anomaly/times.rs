//! Texts of times: RFC 3339, `YYYY-MM-DD HH:MM:SS` by the wall clock, seconds or milliseconds since 1970.

use jiff::Timestamp;

const DAY_MS: i64 = 86_400_000;

/// In milliseconds since 1970; what is finer is cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Time {
    Instant(i64),
    /// By a wall clock: as if it were UTC.
    Local(i64),
}

/// What is wrong with a text, as the end of a sentence about it.
pub type What = &'static str;

const NONE: What = "is no time: RFC 3339, YYYY-MM-DD HH:MM:SS, or seconds or milliseconds since 1970 are read";
const NO_OFFSET: What = "has no offset: add Z or +01:00, or write a space in place of T for local time";
const NO_EPOCH: What = "is too large for seconds or milliseconds since 1970";
const A_DATE: What = "looks like a date without hyphens, which is not read";

/// Reads a time in any of the forms.
pub fn parse(text: &[u8]) -> Result<Time, What> {
    match common(text) {
        Some(time) => Ok(time),
        None => uncommon(text),
    }
}

/// `2026-01-08T13:00:00Z`, the same with milliseconds, and `2026-01-08 13:00:00` from 1970 on, without looking at anything twice.
fn common(text: &[u8]) -> Option<Time> {
    let (head, rest) = text.split_first_chunk::<19>()?;
    match (head[10], rest) {
        (b'T', b"Z") => wall(head).map(Time::Instant),
        (b'T', [b'.', a @ b'0'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9', b'Z']) => {
            let thousandths = [a, b, c].iter().fold(0, |n, digit| n * 10 + i64::from(**digit - b'0'));
            wall(head).map(|ms| Time::Instant(ms + thousandths))
        }
        (b' ', b"") => wall(head).map(Time::Local),
        _ => None,
    }
}

/// `YYYY-MM-DD?HH:MM:SS`.
fn wall(b: &[u8; 19]) -> Option<i64> {
    let separated = b[4] == b'-' && b[7] == b'-' && b[13] == b':' && b[16] == b':';
    let digit = |i: usize| u32::from(b[i].wrapping_sub(b'0'));
    let mut most = 0;
    let mut two = |i: usize| {
        most = most.max(digit(i)).max(digit(i + 1));
        (digit(i) * 10 + digit(i + 1)) as i64
    };
    let (year, month, day) = (two(0) * 100 + two(2), two(5), two(8));
    let (hour, minute, second) = (two(11), two(14), two(17));
    let in_range = (1..=12).contains(&month) && day >= 1 && hour < 24 && minute < 60 && second < 60;
    if !separated || most > 9 || year < 1970 || !in_range || day > days_in(year, month) {
        return None;
    }
    let seconds = (hour * 60 + minute) * 60 + second;
    Some(days_before(year, month, day) * DAY_MS + seconds * 1000)
}

fn days_in(year: i64, month: i64) -> i64 {
    const LENGTHS: [i64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    LENGTHS[month as usize - 1] + i64::from(month == 2 && leap)
}

/// Days from 1970-01-01 to a date of the Gregorian calendar (Howard Hinnant, `days_from_civil`).
fn days_before(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    365 * year + year / 4 - year / 100 + year / 400 + of_year - 719_468
}

fn uncommon(text: &[u8]) -> Result<Time, What> {
    let of_number = |c: &u8| c.is_ascii_digit() || matches!(c, b'-' | b'+' | b'.' | b'e' | b'E');
    if text.iter().all(of_number) {
        return epoch(text);
    }
    let text = std::str::from_utf8(text).map_err(|_| NONE)?;
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(Time::Instant(time.as_nanosecond().div_euclid(1_000_000) as i64));
    }
    let Ok(local) = text.parse::<jiff::civil::DateTime>() else { return Err(NONE) };
    // A date alone is read as its midnight by jiff, and `T` without an offset could be either.
    match text.as_bytes().get(10) {
        Some(b' ') if text.len() >= 19 => {
            let instant = jiff::tz::Offset::UTC.to_timestamp(local).map_err(|_| NONE)?;
            Ok(Time::Local(instant.as_nanosecond().div_euclid(1_000_000) as i64))
        }
        Some(b'T' | b't') => Err(NO_OFFSET),
        _ => Err(NONE),
    }
}

/// Seconds below 10^11 (the year 5138), milliseconds from there to below 10^13 (2286). A fraction is one of its unit.
pub fn epoch(text: &[u8]) -> Result<Time, What> {
    let text = std::str::from_utf8(text).map_err(|_| NONE)?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let Ok(number) = whole.parse::<i64>() else { return exponent(text) };
    if !fraction.bytes().all(|c| c.is_ascii_digit()) || (fraction.is_empty() && text.contains('.')) {
        return exponent(text);
    }
    match number {
        19_000_101..=21_001_231 if fraction.is_empty() && is_date(number) => Err(A_DATE),
        -99_999_999_999..=99_999_999_999 => {
            let thousandths = fraction.bytes().chain(*b"000").take(3).fold(0, |n, c| n * 10 + i64::from(c - b'0'));
            let sign = if whole.starts_with('-') { -1 } else { 1 };
            Ok(Time::Instant(number * 1000 + sign * thousandths))
        }
        100_000_000_000..=9_999_999_999_999 => Ok(Time::Instant(number)),
        _ => Err(NO_EPOCH),
    }
}

/// `1.767e9`, as some writers spell large numbers.
fn exponent(text: &str) -> Result<Time, What> {
    // What Rust reads beside decimal numbers, such as `inf`, has no digit in front of an `e`.
    let spelled = text.find(['e', 'E']).is_some_and(|at| text[..at].ends_with(|c: char| c.is_ascii_digit()));
    let number = text.parse::<f64>().ok().filter(|n| spelled && n.is_finite()).ok_or(NONE)?;
    match number.abs() {
        ..1e11 => Ok(Time::Instant((number * 1000.0).floor() as i64)),
        ..1e13 if number > 0.0 => Ok(Time::Instant(number.floor() as i64)),
        _ => Err(NO_EPOCH),
    }
}

fn is_date(number: i64) -> bool {
    let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100);
    (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day)
}

/// RFC 3339 in UTC, with milliseconds only where there are some: `2026-01-08T13:00:00Z`.
pub fn text(ms: i64) -> String {
    let text = crate::clock::rfc3339_ms(ms);
    match text.strip_suffix(".000Z") {
        Some(whole) => format!("{whole}Z"),
        None => text,
    }
}

#[cfg(test)]
mod tests;
