//! How names in tenants.yaml are spelled. The patterns are those of the JSON Schema; the functions beside them accept
//! the same texts.

pub const ID: &str = "^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$";
pub const NAME: &str = "^[a-z][a-z0-9_.:-]{0,62}$";
pub const REGION: &str = "^[A-Za-z][A-Za-z0-9-]{0,31}(/[A-Za-z][A-Za-z0-9-]{0,31}){0,3}$";
pub const HOST: &str = "^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?[.])*[a-z]([a-z0-9-]{0,61}[a-z0-9])?$";
pub const HOST_LENGTH: usize = 253;

/// A tenant.
pub fn is_id(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase()) && is_dns_label(text)
}

/// A class, a label or a kind.
pub fn is_name(text: &str) -> bool {
    let rest = |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b':' | b'-');
    text.len() <= 63 && text.starts_with(|c: char| c.is_ascii_lowercase()) && text.bytes().all(rest)
}

/// Up to four segments: the largest place first.
pub fn is_region(text: &str) -> bool {
    let segment = |s: &str| {
        s.len() <= 32
            && s.starts_with(|c: char| c.is_ascii_alphabetic())
            && s.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    text.split('/').count() <= 4 && text.split('/').all(segment)
}

/// A lower-case DNS name; the last label begins with a letter, so it is no address.
pub fn is_host(text: &str) -> bool {
    let last = text.rsplit('.').next().unwrap_or_default();
    text.len() <= HOST_LENGTH && text.split('.').all(is_dns_label) && is_id(last)
}

fn is_dns_label(text: &str) -> bool {
    let inner = |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-');
    matches!(text.len(), 1..=63) && text.bytes().all(inner) && !text.starts_with('-') && !text.ends_with('-')
}

/// `EU/de/fra1` is in `EU`, in `EU/de` and in itself.
pub fn with_ancestors(region: &str) -> impl Iterator<Item = &str> {
    let ends = region.match_indices('/').map(|(at, _)| at).chain([region.len()]);
    ends.map(|end| &region[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_to_their_grammar() {
        let long = |n: usize| "a".repeat(n);
        for text in ["a", "acme", "a-1", &long(63)] {
            assert!(is_id(text), "{text}");
        }
        for text in ["", "1a", "-a", "a-", "Acme", "a_b", "a b", "é", "a\n", "a.b", &long(64)] {
            assert!(!is_id(text), "{text}");
        }
        assert!(is_name("pii") && is_name("a_.:-") && is_name(&long(63)));
        assert!(!is_name("") && !is_name("9a") && !is_name("Pii") && !is_name("a/b") && !is_name(&long(64)));
        assert!(is_region("EU") && is_region("EU/de/fra1/a-") && is_region(&long(32)));
        for text in ["", "/", "EU/", "/EU", "EU//de", "a/b/c/d/e", "1", "EU/1", "E_U", &long(33)] {
            assert!(!is_region(text), "{text}");
        }
        assert!(is_host("acme.example.com") && is_host("localhost") && is_host("1.2.a"));
        for text in
            ["", "A.com", "a..b", ".a", "a.", "10.0.0.1", "a-.com", "a_b.com", &format!("{}a", "a.".repeat(127))]
        {
            assert!(!is_host(text), "{text}");
        }
    }

    #[test]
    fn a_region_lies_in_its_ancestors() {
        assert_eq!(with_ancestors("EU/de/fra1").collect::<Vec<_>>(), ["EU", "EU/de", "EU/de/fra1"]);
        assert_eq!(with_ancestors("EU").collect::<Vec<_>>(), ["EU"]);
    }
}
