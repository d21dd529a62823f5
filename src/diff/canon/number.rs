//! Exact decimal numbers and shortest floats as canonical text.

use num_bigint::BigInt;

use crate::json::search::digits;

/// A number is written without an exponent when that of its leading digit is within this distance of zero.
pub const PLAIN: usize = 40;
/// PostgreSQL's numeric has at most 131,072 digits before the point: 54,432 bytes. Longer wires are refused, since
/// the conversion to decimal takes quadratic time.
const MAX_BINARY: usize = 64 << 10;

type Written = Result<(), &'static str>;

const MALFORMED: &str = "not a decimal number";
const EXPONENT: &str = "exponent out of range";

/// Appends the canonical form of a decimal text: exact, trailing zeros stripped, `-0` is `0`, plain if the leading
/// digit's exponent is within +-40, else `<coefficient>e<exponent>`.
pub fn write_decimal(text: &[u8], out: &mut Vec<u8>) -> Written {
    if is_canonical(text) {
        out.extend_from_slice(text);
        return Ok(());
    }
    let (negative, unsigned) = match text.first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let whole_end = unsigned.iter().position(|c| !c.is_ascii_digit()).unwrap_or(unsigned.len());
    let (whole, rest) = unsigned.split_at(whole_end);
    let (fraction, rest) = match rest.split_first() {
        Some((b'.', tail)) => tail.split_at(tail.iter().position(|c| !c.is_ascii_digit()).unwrap_or(tail.len())),
        _ => (&[][..], rest),
    };
    if whole.is_empty() && fraction.is_empty() {
        return Err(MALFORMED);
    }
    let exponent = match rest.split_first() {
        None => return write_plain(negative, whole, fraction, out),
        Some((b'e' | b'E', digits)) => digits,
        Some(_) => return Err(MALFORMED),
    };
    let mut digits: Vec<u8> = Vec::with_capacity(whole.len() + fraction.len());
    digits.extend_from_slice(whole);
    digits.extend_from_slice(fraction);
    let zero = digits.iter().all(|d| *d == b'0');
    let exponent = match parse_exponent(exponent)? {
        Some(e) => e,
        None if zero => 0,
        None => return Err(EXPONENT),
    };
    emit(negative, &digits, exponent - fraction.len() as i64, out);
    Ok(())
}

/// Whether a short text is its own canonical form, as most are: digits, perhaps a fraction, no zeros to strip.
fn is_canonical(text: &[u8]) -> bool {
    let unsigned = text.strip_prefix(b"-").unwrap_or(text);
    let (whole, rest) = unsigned.split_at(digits(unsigned, 0));
    let whole_is = match whole {
        [] => false,
        [b'0', more @ ..] => more.is_empty(),
        _ => true,
    };
    let rest_is = match rest {
        [] => text != b"-0",
        [b'.', fraction @ .., b'1'..=b'9'] => digits(fraction, 0) == fraction.len(),
        _ => false,
    };
    whole_is && rest_is && text.len() <= PLAIN
}

/// Appends `unscaled * 10^-scale`, where `unscaled` is a big-endian two's complement integer.
pub fn write_binary(unscaled: &[u8], scale: i64, out: &mut Vec<u8>) -> Written {
    if unscaled.is_empty() {
        return Err("empty binary decimal");
    }
    if unscaled.len() > MAX_BINARY {
        return Err("binary decimal longer than PostgreSQL allows");
    }
    if scale.abs() > 1 << 20 {
        return Err("scale out of range");
    }
    if unscaled.len() <= 16 {
        let fill = if unscaled[0] & 0x80 != 0 { 0xff } else { 0 };
        let mut wide = [fill; 16];
        wide[16 - unscaled.len()..].copy_from_slice(unscaled);
        let number = i128::from_be_bytes(wide);
        let mut buffer = [0u8; 39];
        emit(number < 0, digits_of(number.unsigned_abs(), &mut buffer), -scale, out);
    } else {
        let text = BigInt::from_signed_bytes_be(unscaled).to_string();
        let (negative, digits) = match text.strip_prefix('-') {
            Some(d) => (true, d),
            None => (false, text.as_str()),
        };
        emit(negative, digits.as_bytes(), -scale, out);
    }
    Ok(())
}

fn digits_of(mut n: u128, buffer: &mut [u8; 39]) -> &[u8] {
    let mut at = buffer.len();
    loop {
        at -= 1;
        buffer[at] = b'0' + (n % 10) as u8;
        n /= 10;
        if n == 0 {
            return &buffer[at..];
        }
    }
}

/// None: more than 18 digits, so out of any range.
fn parse_exponent(text: &[u8]) -> Result<Option<i64>, &'static str> {
    let (negative, digits) = match text.split_first() {
        Some((b'-', d)) => (true, d),
        Some((b'+', d)) => (false, d),
        _ => (false, text),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(MALFORMED);
    }
    let significant = &digits[digits.iter().take_while(|d| **d == b'0').count()..];
    if significant.len() > 18 {
        return Ok(None);
    }
    let value = significant.iter().fold(0i64, |n, d| n * 10 + (d - b'0') as i64);
    Ok(Some(if negative { -value } else { value }))
}

/// The common case without an exponent needs no digit buffer.
fn write_plain(negative: bool, whole: &[u8], fraction: &[u8], out: &mut Vec<u8>) -> Written {
    let whole = &whole[whole.iter().take_while(|d| **d == b'0').count()..];
    let kept = fraction.iter().rposition(|d| *d != b'0').map_or(0, |i| i + 1);
    let fraction = &fraction[..kept];
    let leading = match whole.len() {
        0 => -1 - fraction.iter().take_while(|d| **d == b'0').count() as i64,
        n => n as i64 - 1,
    };
    if whole.is_empty() && fraction.is_empty() {
        out.push(b'0');
    } else if leading.unsigned_abs() <= PLAIN as u64 {
        if negative {
            out.push(b'-');
        }
        out.extend_from_slice(if whole.is_empty() { b"0" } else { whole });
        if !fraction.is_empty() {
            out.push(b'.');
            out.extend_from_slice(fraction);
        }
    } else {
        let digits = [whole, fraction].concat();
        emit(negative, &digits, -(fraction.len() as i64), out);
    }
    Ok(())
}

/// Appends `digits * 10^exponent`.
fn emit(negative: bool, digits: &[u8], exponent: i64, out: &mut Vec<u8>) {
    let digits = &digits[digits.iter().take_while(|d| **d == b'0').count()..];
    let Some(last) = digits.iter().rposition(|d| *d != b'0') else {
        out.push(b'0');
        return;
    };
    let exponent = exponent + (digits.len() - 1 - last) as i64;
    let digits = &digits[..=last];
    let leading = digits.len() as i64 - 1 + exponent;
    if negative {
        out.push(b'-');
    }
    if leading.unsigned_abs() > PLAIN as u64 {
        out.extend_from_slice(digits);
        out.push(b'e');
        out.extend_from_slice(exponent.to_string().as_bytes());
    } else if exponent >= 0 {
        out.extend_from_slice(digits);
        out.extend(std::iter::repeat_n(b'0', exponent as usize));
    } else if leading >= 0 {
        let (whole, fraction) = digits.split_at(leading as usize + 1);
        out.extend_from_slice(whole);
        out.push(b'.');
        out.extend_from_slice(fraction);
    } else {
        out.extend_from_slice(b"0.");
        out.extend(std::iter::repeat_n(b'0', (-leading - 1) as usize));
        out.extend_from_slice(digits);
    }
}

/// The width of a binary float.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Width {
    F32,
    F64,
}

/// Appends the shortest decimal that reads back as the same float of that width, spelled as ECMAScript does.
pub fn write_float(text: &[u8], width: Width, out: &mut Vec<u8>) -> Written {
    let text = std::str::from_utf8(text).map_err(|_| "not a number")?;
    let mut buffer = ryu_js::Buffer::new();
    let printed = match width {
        Width::F32 => {
            let x: f32 = text.parse().map_err(|_| "not a number")?;
            if !x.is_finite() {
                return Err("number out of the range of float32");
            }
            buffer.format_finite(x)
        }
        Width::F64 => {
            let x: f64 = text.parse().map_err(|_| "not a number")?;
            if !x.is_finite() {
                return Err("number out of the range of float64");
            }
            buffer.format_finite(x)
        }
    };
    out.extend_from_slice(printed.as_bytes());
    Ok(())
}

/// The canonical spelling of a non-finite number, for every spelling that PostgreSQL and Debezium use.
pub fn non_finite(text: &[u8]) -> Option<&'static str> {
    let is = |word: &str| text.eq_ignore_ascii_case(word.as_bytes());
    if is("nan") {
        Some("NaN")
    } else if is("infinity") || is("inf") || is("positive_infinity") || is("+infinity") {
        Some("Infinity")
    } else if is("-infinity") || is("-inf") || is("negative_infinity") {
        Some("-Infinity")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decimal(text: &str) -> String {
        let mut out = Vec::new();
        write_decimal(text.as_bytes(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn binary(bytes: &[u8], scale: i64) -> String {
        let mut out = Vec::new();
        write_binary(bytes, scale, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn decimals_of_the_profile() {
        let cases = [
            ("0.000100", "0.0001"),
            ("-0", "0"),
            ("-0.00", "0"),
            ("007.50", "7.5"),
            ("1E+3", "1000"),
            ("1.5e50", "15e49"),
            ("1e40", "10000000000000000000000000000000000000000"),
            ("1e41", "1e41"),
            ("-1e-40", "-0.0000000000000000000000000000000000000001"),
            ("1e-41", "1e-41"),
            ("0e999999999999999999999", "0"),
            ("1e999999999", "1e999999999"),
            ("123456789012345678901234567890.1", "123456789012345678901234567890.1"),
            ("9007199254740993", "9007199254740993"),
            ("100", "100"),
            ("12.340", "12.34"),
            ("99999999999999999999999999999999999999999", "99999999999999999999999999999999999999999"),
            ("100000000000000000000000000000000000000000", "1e41"),
        ];
        for (given, expected) in cases {
            assert_eq!(decimal(given), expected, "{given}");
        }
        for bad in ["", "-", ".", "1e", "1x", "e5", "--1", "1.2.3", "1e99999999999999999999"] {
            assert!(write_decimal(bad.as_bytes(), &mut Vec::new()).is_err(), "{bad}");
        }
    }

    #[test]
    fn binary_decimals() {
        assert_eq!(binary(&[1], 4), "0.0001");
        assert_eq!(binary(&[0x9c], 4), "-0.01");
        assert_eq!(binary(&[0x27, 0x10], 4), "1");
        assert_eq!(binary(&[0], 0), "0");
        assert_eq!(binary(&[0xff], -2), "-100");
        // 2^127 needs 17 bytes; -2^127 fits 16.
        let mut wide = vec![0u8; 17];
        wide[1] = 0x80;
        assert_eq!(binary(&wide, 0), "170141183460469231731687303715884105728");
        assert_eq!(binary(&[&[0x80u8][..], &[0; 15]].concat(), 0), "-170141183460469231731687303715884105728");
        assert!(write_binary(&[], 0, &mut Vec::new()).is_err());
        assert!(write_binary(&vec![1; MAX_BINARY + 1], 0, &mut Vec::new()).is_err());
    }

    #[test]
    fn floats_are_shortest_at_their_width() {
        let float = |t: &str, w| {
            let mut out = Vec::new();
            write_float(t.as_bytes(), w, &mut out).map(|()| String::from_utf8(out).unwrap())
        };
        assert_eq!(float("1.0E21", Width::F64).unwrap(), "1e+21");
        assert_eq!(float("1.0E-7", Width::F64).unwrap(), "1e-7");
        assert_eq!(float("0.10000000149011612", Width::F32).unwrap(), "0.1");
        assert_eq!(float("0.10000000149011612", Width::F64).unwrap(), "0.10000000149011612");
        assert_eq!(float("1.6777216E7", Width::F32).unwrap(), "16777216");
        assert_eq!(float("-0.0", Width::F64).unwrap(), "0");
        assert!(float("1e400", Width::F64).is_err());
    }

    proptest! {
        #[test]
        fn canonical_decimals_are_a_fixed_point_and_equal_values_meet(
            negative: bool, digits in "[0-9]{1,40}", scale in 0usize..60, zeros in 0usize..5, exponent in -60i64..60,
        ) {
            // Three spellings of digits * 10^(exponent - scale).
            let sign = if negative { "-" } else { "" };
            let plain = format!("{sign}{digits}e{}", exponent - scale as i64);
            let padded = format!("{sign}00{digits}{}e{}", "0".repeat(zeros), exponent - scale as i64 - zeros as i64);
            let split = if scale < digits.len() {
                format!("{sign}{}.{}E{exponent}", &digits[..digits.len() - scale], &digits[digits.len() - scale..])
            } else {
                format!("{sign}0.{}{digits}E{exponent}", "0".repeat(scale - digits.len()))
            };
            let canonical = decimal(&plain);
            prop_assert_eq!(&canonical, &decimal(&padded));
            prop_assert_eq!(&canonical, &decimal(&split));
            prop_assert_eq!(&canonical, &decimal(&canonical));
        }

        #[test]
        fn distinct_integers_never_collide(a: i128, delta in 1i128..1000) {
            let b = a.wrapping_add(delta);
            prop_assert_ne!(decimal(&a.to_string()), decimal(&b.to_string()));
            prop_assert_eq!(decimal(&a.to_string()), binary(&a.to_be_bytes(), 0));
        }
    }
}
