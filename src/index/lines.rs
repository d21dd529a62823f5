//! What the texts of the log have in common: lines, decimals, base64 and hashes in one spelling each.

use data_encoding::BASE64;

use crate::merkle::Sha;

/// The lines of a text with their numbers. Each ends with a newline; None where the last one does not.
pub fn numbered(text: &str) -> Option<impl Iterator<Item = (u64, &str)>> {
    let body = if text.is_empty() { text } else { text.strip_suffix('\n')? };
    let lines = body.split('\n').filter(move |_| !text.is_empty());
    Some((1..).zip(lines))
}

/// Decimal digits without a leading zero or sign.
pub fn decimal(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    let leading = text.len() > 1 && text.starts_with('0');
    if digits && !leading { text.parse().ok() } else { None }
}

/// Standard base64 with padding, in the one spelling that encoding gives.
pub fn base64(text: &str) -> Option<Vec<u8>> {
    // The decoder takes several texts with their padding, one after the other, for one.
    let padded_inside = text.trim_end_matches('=').contains('=');
    BASE64.decode(text.as_bytes()).ok().filter(|_| !padded_inside)
}

pub fn to_base64(bytes: &[u8]) -> String {
    BASE64.encode(bytes)
}

/// A hash as one line of base64.
pub fn hash(text: &str) -> Option<Sha> {
    base64(text)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_one_spelling() {
        assert_eq!(decimal("0"), Some(0));
        assert_eq!(decimal("18446744073709551615"), Some(u64::MAX));
        for text in ["", "00", "01", "+1", "-1", " 1", "1 ", "1_0", "0x1", "18446744073709551616", "١"] {
            assert_eq!(decimal(text), None, "{text}");
        }
    }

    #[test]
    fn base64_has_one_spelling() {
        assert_eq!(base64("AQ==").as_deref(), Some(&[1][..]));
        for text in ["AQ", "AQ=", "AR==", "AQ==\n", "AQ== ", "A", "_w==", "AQ==AQ=="] {
            assert_eq!(base64(text), None, "{text}");
        }
    }

    #[test]
    fn a_text_without_a_final_newline_has_no_lines() {
        assert!(numbered("a").is_none() && numbered("a\nb").is_none());
        assert_eq!(numbered("").unwrap().count(), 0);
        assert_eq!(numbered("a\n\nb\n").unwrap().collect::<Vec<_>>(), [(1, "a"), (2, ""), (3, "b")]);
        assert_eq!(numbered("\n").unwrap().collect::<Vec<_>>(), [(1, "")]);
    }
}
