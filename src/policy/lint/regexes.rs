//! Patterns of regular expressions that Go, in which OPA is written, and Rust take for the same.

use std::collections::BTreeSet;

const CLASSES: &str = "`[0-9]` for \\d, `[0-9A-Za-z_]` for \\w, `[\\t\\n\\f\\r ]` for \\s";
const PLAIN: &str = "use literal characters, classes in brackets, groups and repetitions";
const REPEATED: &str = "repeat what a group holds, at most 1000 times, and write `\\{` for the character";
/// Go allows no more.
const MOST_REPEATS: u32 = 1000;
const POSIX: [&str; 14] = [
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "word",
    "xdigit",
];

/// What was read last.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Item,
    Repetition,
    /// `?` behind a repetition.
    Lazy,
}

struct Reader<'p> {
    rest: &'p str,
    in_class: bool,
    last: Last,
    groups: BTreeSet<&'p str>,
}

/// A part that is taken in another way, with what to write in its place.
type Differs = (String, &'static str);

/// The first part of a pattern that Go takes in another way than the engine here, or not at all.
pub fn differs(pattern: &str) -> Option<Differs> {
    let mut reader = Reader { rest: pattern, in_class: false, last: Last::Item, groups: BTreeSet::new() };
    while let Some(c) = reader.rest.chars().next() {
        let read = if reader.in_class { reader.of_class(c) } else { reader.of_pattern(c) };
        match read {
            Ok(length) => reader.rest = &reader.rest[length..],
            Err(differs) => return Some(differs),
        }
    }
    None
}

/// How many bytes a part takes.
type Read = Result<usize, Differs>;

impl<'p> Reader<'p> {
    fn refuse(&self, length: usize, hint: &'static str) -> Read {
        Err((self.rest.chars().take(length).collect(), hint))
    }

    fn of_class(&mut self, c: char) -> Read {
        let begins = |with: &str| self.rest.starts_with(with);
        match c {
            '\\' => self.escaped(),
            '[' if begins("[:") => {
                let name = self.rest[2..].split_once(":]").map_or("", |(name, _)| name);
                match POSIX.contains(&name.trim_start_matches('^')) {
                    true => Ok(name.len() + 4),
                    false => self.refuse(2, PLAIN),
                }
            }
            '[' => self.refuse(1, "write `\\[` in a class"),
            ']' => {
                (self.in_class, self.last) = (false, Last::Item);
                Ok(1)
            }
            '&' | '-' | '~' if self.rest[1..].starts_with(c) => self.refuse(2, "write each character of a class once"),
            _ => Ok(c.len_utf8()),
        }
    }

    fn of_pattern(&mut self, c: char) -> Read {
        match c {
            '*' | '+' | '?' | '{' => return self.repetition(c),
            _ => self.last = Last::Item,
        }
        match c {
            '\\' => self.escaped(),
            '[' => {
                self.in_class = true;
                // A bracket that closes at once is a member.
                let members = self.rest[1..].trim_start_matches('^').trim_start_matches(']');
                Ok(self.rest.len() - members.len())
            }
            '(' if self.rest.starts_with("(?") => self.group(),
            _ => Ok(c.len_utf8()),
        }
    }

    /// Go repeats nothing that is repeated, and takes braces that are no repetition for themselves.
    fn repetition(&mut self, c: char) -> Read {
        let length = match c {
            '{' => match braces(self.rest) {
                Some(length) => length,
                None => return self.refuse(1, REPEATED),
            },
            _ => 1,
        };
        self.last = match (self.last, c) {
            (Last::Item, _) => Last::Repetition,
            (Last::Repetition, '?') => Last::Lazy,
            (Last::Repetition | Last::Lazy, _) => return self.refuse(1, REPEATED),
        };
        Ok(length)
    }

    fn escaped(&self) -> Read {
        let Some(escaped) = self.rest[1..].chars().next() else { return Ok(1) };
        if "dDwWsSbB".contains(escaped) {
            return self.refuse(2, CLASSES);
        }
        let unknown = escaped.is_alphanumeric() && !"tnrfvaAz".contains(escaped);
        if unknown || !escaped.is_ascii() || "<>".contains(escaped) {
            return self.refuse(2, PLAIN);
        }
        Ok(2)
    }

    fn group(&mut self) -> Read {
        if let Some(plain) = ["(?:", "(?i)"].iter().find(|plain| self.rest.starts_with(**plain)) {
            return Ok(plain.len());
        }
        let rest: &'p str = self.rest;
        let name = rest.strip_prefix("(?P<").and_then(|rest| rest.split_once('>')).map_or("", |(name, _)| name);
        let named = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        match named && self.groups.insert(name) {
            true => Ok("(?P<>".len() + name.len()),
            false => self.refuse(2, PLAIN),
        }
    }
}

/// The length of `{n}`, `{n,}` or `{n,m}` at the beginning.
fn braces(rest: &str) -> Option<usize> {
    let (inside, _) = rest[1..].split_once('}')?;
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit());
        text.parse::<u32>().ok().filter(|n| digits && *n <= MOST_REPEATS)
    };
    let (from, to) = inside.split_once(',').unwrap_or((inside, inside));
    let from = number(from)?;
    (to.is_empty() && inside.contains(',') || number(to)? >= from).then_some(inside.len() + 2)
}

#[cfg(test)]
mod tests {
    use super::differs;

    #[test]
    fn patterns_that_mean_the_same_to_both() {
        for pattern in [
            r"\w",
            r"a\B",
            r"[\d]",
            r"\pL",
            r"\u0041",
            "[a&&b]",
            "[a--b]",
            "[a[b]]",
            "(?x)a",
            "(?u:a)",
            r"\<a",
            "{",
            "a{",
            "a{,2}",
            "x{a}",
            "x{1",
            "a{1001}",
            "a{3,2}",
            "x{2}{3}",
            "a**",
            "a++",
            "a{2}*",
            "a??+",
            "[[:foo:]]",
            "(?P<1>x)",
            "(?P<é>x)",
            "(?P<a>x)(?P<a>y)",
            "(?P<a",
        ] {
            assert!(differs(pattern).is_some(), "{pattern}");
        }
        for pattern in [
            r"^[0-9A-Za-z_]+\.(?:com|org)$",
            r"\[\]\\",
            "[]a]",
            "[^]a]",
            "[[:alpha:]]",
            "(?i)a{1,3}",
            r"[a\-z-]",
            "é+",
            "a*?",
            "a{2,}?",
            "(?:a*)+",
            "a{0,1000}",
            r"\{",
            "[{]",
            "(?P<a_1>x)+",
            "[[:^digit:]]",
            "}",
        ] {
            assert!(differs(pattern).is_none(), "{pattern}");
        }
    }
}
