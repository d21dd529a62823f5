//! The region that evidence was made in: a name such as `EU`, or a part of it such as `EU/de`.

use std::fmt;

use crate::text::is_region;

/// `[A-Za-z][A-Za-z0-9-]{0,31}`, and the same behind each slash. Compared exactly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region(String);

/// Deeper parts are mistakes.
const DEEPEST: usize = 8;

impl Region {
    pub fn parse(text: &str) -> Result<Self, String> {
        let parts = text.split('/');
        if parts.clone().count() > DEEPEST || !parts.clone().all(is_region) {
            return Err("a letter and up to 31 letters, digits and hyphens were expected, such as EU; parts follow behind a slash, such as EU/de".to_owned());
        }
        Ok(Region(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The region without its parts: these share one chain.
    pub fn first(&self) -> &str {
        self.0.split('/').next().unwrap_or_default()
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_their_parts() {
        let longest = "a".repeat(32);
        for good in ["E", "EU", "EU/de", "eu-west-1", "EU/de/BY", "x9-", longest.as_str()] {
            assert_eq!(Region::parse(good).unwrap().as_str(), good);
        }
        assert_eq!(Region::parse("EU/de").unwrap().first(), "EU");
        let long = "a".repeat(33);
        let deep = "a/".repeat(8) + "a";
        for bad in [
            "", "/", "EU/", "/EU", "EU//de", "1EU", "-EU", "E U", "EU\n", "..", "../x", "E_U", "Ü", "EU/1", "@log",
            &long, &deep,
        ] {
            assert!(Region::parse(bad).is_err(), "{bad:?}");
        }
    }
}
