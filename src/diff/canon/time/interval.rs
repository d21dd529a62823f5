//! Intervals.

use super::Read;

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
