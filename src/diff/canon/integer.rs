//! Integers of JSON: log positions and times are most of them.

use crate::json::search;

/// The number that eight digits spell, the first one in the lowest byte: neighbours are joined to pairs, pairs to fours,
/// fours to eight.
fn eight_digits(digits: u64) -> i64 {
    let pairs = digits.wrapping_mul(10 << 8 | 1) >> 8 & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(100 << 16 | 1) >> 16 & 0x0000_ffff_0000_ffff;
    (fours.wrapping_mul(10_000 << 32 | 1) >> 32) as i64
}

/// Log positions and times: eight to sixteen digits and nothing else.
#[inline]
fn long_natural(text: &[u8]) -> Option<i64> {
    let (first, last) = (text.first_chunk::<8>()?, text.last_chunk::<8>()?);
    let digits = |chunk: &[u8; 8]| chunk.iter().fold(true, |all, c| all & c.is_ascii_digit());
    if text.len() > 16 || !digits(first) || !digits(last) {
        return None;
    }
    let [first, last] = [first, last].map(|chunk| u64::from_le_bytes(*chunk) & 0x0f0f_0f0f_0f0f_0f0f);
    // Of the first eight those that are not among the last eight, with zeros before them.
    let high = first.unbounded_shl(8 * (16 - text.len() as u32));
    Some(eight_digits(high) * 100_000_000 + eight_digits(last))
}

/// An integer of JSON; a fraction of zero (`1.0`) is allowed.
#[inline]
pub fn integer(text: &[u8]) -> Result<i64, &'static str> {
    match long_natural(text) {
        Some(number) => Ok(number),
        None => any_integer(text),
    }
}

fn any_integer(text: &[u8]) -> Result<i64, &'static str> {
    const BAD: &str = "an integer was expected";
    let unsigned = text.strip_prefix(b"-").unwrap_or(text);
    let whole = search::digits(unsigned, 0);
    let fraction = unsigned[whole..].split_first();
    if whole == 0 || fraction.is_some_and(|(point, zeros)| *point != b'.' || zeros.iter().any(|c| *c != b'0')) {
        return Err(BAD);
    }
    let end = text.len() - (unsigned.len() - whole);
    std::str::from_utf8(&text[..end]).ok().and_then(|t| t.parse().ok()).ok_or(BAD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_of_every_length() {
        for length in 1..=20 {
            let text = &"12345678901234567890"[..length];
            assert_eq!(integer(text.as_bytes()).ok(), text.parse().ok(), "{text}");
            let negative = format!("-{text}.00");
            assert_eq!(integer(negative.as_bytes()).ok(), format!("-{text}").parse().ok(), "{negative}");
        }
        assert_eq!(integer(b"9223372036854775807"), Ok(i64::MAX));
        assert!(integer(b"1.5").is_err() && integer(b"").is_err() && integer(b"1e3").is_err());
    }
}
