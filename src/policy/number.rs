//! Numbers as they are written. OPA keeps every digit; the engines here keep doubles, and a number that rounds to another
//! one would be decided as that other one.

use std::ops::Range;

/// The next number of a JSON text, from the byte `from` on, which lies in no string.
pub fn next_number(json: &str, from: usize) -> Option<Range<usize>> {
    let bytes = json.as_bytes();
    let mut at = from;
    loop {
        match bytes.get(at)? {
            b'"' => at = end_of_string(bytes, at + 1)?,
            b'-' | b'0'..=b'9' => {
                let of_number = |b: &u8| matches!(b, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9');
                let length = bytes[at..].iter().take_while(|b| of_number(b)).count();
                return Some(at..at + length);
            }
            _ => at += 1,
        }
    }
}

/// Behind the quote that closes the string.
fn end_of_string(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// Whether the double that was read from `text` is read from no other number of these: its shortest decimal form, which is
/// another one for each double, is the number itself. So it is for up to 15 digits, unless the number is too near to zero.
pub fn is_held(text: &str, double: f64) -> bool {
    decimal(text) == decimal(&format!("{double:e}"))
}

/// The digits without zeros at both ends, whether they are negative, and the power of ten of a point before them.
fn decimal(text: &str) -> (String, bool, i64) {
    let (text, negative) = text.strip_prefix('-').map_or((text, false), |text| (text, true));
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let significant = digits.trim_start_matches('0');
    if significant.is_empty() {
        return (String::new(), false, 0);
    }
    let leading = (digits.len() - significant.len()) as i64;
    // One that does not fit is beyond every double.
    let exponent = exponent.parse::<i32>().map_or(i64::MAX / 2, i64::from);
    (significant.trim_end_matches('0').to_owned(), negative, exponent + whole.len() as i64 - leading)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(text: &str) -> bool {
        is_held(text, text.parse().unwrap())
    }

    #[test]
    fn what_is_the_shortest_form_of_its_double_is_held() {
        let kept = [
            "2",
            "2.0",
            "2.000000000000000000000",
            "0.5",
            "1e3",
            "1E+3",
            "1000e-3",
            "0.1",
            "0",
            "-0.0",
            "0e999",
            "-2.50",
        ];
        // 2^53, the largest double and the smallest, and the sum of 0.1 and 0.2.
        let edges =
            ["9007199254740992", "1.7976931348623157e308", "5e-324", "0.30000000000000004", "1e20", "0.000001e-10"];
        kept.into_iter().chain(edges).for_each(|text| assert!(held(text), "{text}"));
    }

    #[test]
    fn what_rounds_to_another_number_is_not() {
        let rounded =
            ["1.9999999999999999999", "2.0000000000000000001", "1e-400", "-1e-400", "4e-324", "9007199254740993"];
        let more =
            ["0.300000000000000044", "18446744073709551616", "0.1000000000000000000001", "1e-99999999999999999999"];
        rounded.into_iter().chain(more).for_each(|text| assert!(!held(text), "{text}"));
    }

    #[test]
    fn numbers_are_found_outside_of_strings() {
        let json = r#"{"a1":-1.5e+3,"\"2":[0,true,"7\\",8]}"#;
        let (mut at, mut found) = (0, Vec::new());
        while let Some(range) = next_number(json, at) {
            found.push(&json[range.clone()]);
            at = range.end;
        }
        assert_eq!(found, ["-1.5e+3", "0", "8"]);
    }
}
