//! Texts: numbers with their nouns, foreign text made harmless, cuts, and digests as they are written everywhere.

use sha2::{Digest, Sha256};

/// SHA-256 in lower-case hex.
pub fn sha256_hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(bytes))
}

/// The parts of a name that are there, such as tenant and series.
pub fn joined(parts: &[&str]) -> String {
    parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(" ")
}

/// `1 exception`, `2 exceptions`. The noun may have words before it.
pub fn counted(n: u64, noun: &str) -> String {
    let ending = if n == 1 { "" } else { "s" };
    format!("{n} {noun}{ending}")
}

/// A key as a JSON pointer writes it (RFC 6901).
pub fn pointer_key(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// The keys of a JSON pointer. None where it is none: no slash in front, or a `~` that escapes nothing.
pub fn pointer_keys(pointer: &str) -> Option<Vec<String>> {
    let key = |key: &str| {
        let escapes = key.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
        escapes.then(|| key.replace("~1", "/").replace("~0", "~"))
    };
    pointer.strip_prefix('/')?.split('/').map(key).collect()
}

/// Foreign text for a terminal, a log or a page: what would drive the terminal, reorder the text around it or not be
/// seen at all is spelled out. Newlines stay.
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push(c),
            c if is_hidden(c) => out.extend(c.escape_default()),
            c => out.push(c),
        }
    }
    out
}

/// Control characters, marks that change the direction of text, characters without width, and noncharacters.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// At most `width` characters: where there are more, the middle gives way to an ellipsis, since keys and digests are
/// told apart by both ends.
pub fn without_middle(text: &str, width: usize) -> String {
    let all = text.chars().count();
    if all <= width {
        return text.to_owned();
    }
    let kept = width.saturating_sub(1);
    let (head, tail) = (kept.div_ceil(2), kept / 2);
    text.chars().take(head).chain(['…']).chain(text.chars().skip(all - tail)).collect()
}

/// `*` stands for any text, also none. Greedy from the left; linear but for the search of the parts.
pub fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// The name of a region, or of a part of one: a letter, then up to 31 letters, digits and hyphens.
pub fn is_region(name: &str) -> bool {
    let rest = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    name.len() <= 32 && name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.bytes().all(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs() {
        for (pattern, text, matches) in [
            ("10*", "10322", true),
            ("10*", "10", true),
            ("10*", "1", false),
            ("*22", "10322", true),
            ("1*3*2", "10322", true),
            ("1*3*2", "1032", true),
            ("1*3*2", "12", false),
            ("*", "", true),
            // The same character may not serve as prefix and as suffix.
            ("ab*ba", "aba", false),
            ("é*", "école", true),
        ] {
            assert_eq!(glob(pattern, text), matches, "{pattern} {text}");
        }
    }

    #[test]
    fn one_is_singular() {
        let texts = [0, 1, 2].map(|n| counted(n, "unreadable record"));
        assert_eq!(texts, ["0 unreadable records", "1 unreadable record", "2 unreadable records"]);
    }

    #[test]
    fn what_cannot_be_seen_is_spelled_out() {
        assert_eq!(visible("a\u{1b}[31m\0\tb\r"), "a\\u{1b}[31m\\u{0}\\tb\\r");
        assert_eq!(visible("\u{202e}live\u{2066}\u{200f}"), "\\u{202e}live\\u{2066}\\u{200f}");
        assert_eq!(visible("ac\u{200b}me\u{feff}\u{ad}"), "ac\\u{200b}me\\u{feff}\\u{ad}");
        assert_eq!(visible("é 漢字 🎉\n…"), "é 漢字 🎉\n…");
        let spelled = visible("\u{9b}1m\u{e0041}");
        assert_eq!((spelled.as_str(), visible(&spelled).as_str()), ("\\u{9b}1m\\u{e0041}", spelled.as_str()));
    }

    #[test]
    fn the_middle_gives_way() {
        assert_eq!(without_middle("0123456789", 10), "0123456789");
        assert_eq!(without_middle("0123456789", 9), "0123…6789");
        assert_eq!(without_middle("0123456789", 4), "01…9");
        assert_eq!(without_middle("漢字漢字", 3), "漢…字");
        assert_eq!(without_middle("ab", 1), "…");
    }
}
