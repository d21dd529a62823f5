//! How the prefix of a route is spelled: `/api/{tenant}/audit`. Whole segments are compared.

use crate::tenants::grammar::is_id;

/// The pattern of the JSON Schema; [`Prefix::read`] accepts the same texts.
pub const PREFIX: &str =
    "^(?!.*/[{]tenant[}].*/[{]tenant[}])(/|(/(?![.]{1,2}(/|$))([A-Za-z0-9._~@:+,=-]+|[{]tenant[}]))+)$";
pub const PREFIX_LENGTH: usize = 256;
/// Stands for the id of a tenant.
const PLACEHOLDER: &str = "{tenant}";
const WRITE: &str = "write it like /api/{tenant}/audit, segments of letters, digits and `-._~@:+,=`";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prefix<'a> {
    /// None of `/`, which everything begins with.
    segments: Vec<&'a str>,
    /// The segment that stands for a tenant.
    tenant: Option<usize>,
}

impl<'a> Prefix<'a> {
    /// The prefix, or what is wrong with its spelling and how to mend it.
    pub fn read(text: &'a str) -> Result<Self, (String, &'static str)> {
        let wrong = |what: &str, hint| Err((format!("the prefix {what}"), hint));
        let Some(path) = text.strip_prefix('/') else { return wrong("does not begin with `/`", WRITE) };
        if text.len() > PREFIX_LENGTH {
            return wrong("is longer than 256 characters", "name what the paths have in common by a shorter one");
        }
        if path.is_empty() {
            return Ok(Prefix { segments: Vec::new(), tenant: None });
        }
        if path.ends_with('/') && path.len() > 1 {
            return wrong("ends with `/`", "leave it out: whole segments are compared");
        }
        let segments: Vec<&str> = path.split('/').collect();
        if segments.contains(&"") {
            return wrong("holds an empty segment", "write one `/` between two segments");
        }
        if segments.iter().any(|segment| matches!(*segment, "." | "..")) {
            return wrong("holds a segment `.` or `..`", "write the path that is meant");
        }
        if let Some(strange) =
            segments.iter().filter(|s| **s != PLACEHOLDER).flat_map(|s| s.chars()).find(|c| !is_plain(*c))
        {
            return match strange {
                '%' => wrong("holds an escape", WRITE),
                '?' | '#' => wrong("holds a query or a fragment", "only the path is compared"),
                '{' | '}' => wrong("holds another placeholder", "only `{tenant}` may stand, as a whole segment"),
                '*' => wrong("holds a `*`", "leave it out: a prefix stands for all that is below it"),
                other => wrong(&format!("holds `{other}`"), WRITE),
            };
        }
        let mut places = segments.iter().enumerate().filter(|(_, segment)| **segment == PLACEHOLDER).map(|(at, _)| at);
        let tenant = places.next();
        if places.next().is_some() {
            return wrong("holds `{tenant}` twice", "keep the one that names the tenant");
        }
        Ok(Prefix { segments, tenant })
    }

    /// The path that both match and neither is the closer one: as long, and each with a tenant where the other has a word
    /// that can be the id of one.
    pub fn tie(&self, other: &Prefix<'_>) -> Option<String> {
        let (a, b) = (self.tenant?, other.tenant?);
        let pairs = || self.segments.iter().zip(&other.segments).enumerate();
        let tie = a != b
            && self.segments.len() == other.segments.len()
            && pairs().all(|(at, (x, y))| {
                if at == a {
                    is_id(y)
                } else if at == b {
                    is_id(x)
                } else {
                    x == y
                }
            });
        let path = || pairs().map(|(at, (x, y))| format!("/{}", if at == a { y } else { x })).collect();
        tie.then(path)
    }
}

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~@:+,=".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(text: &str) -> String {
        Prefix::read(text).err().map_or_else(|| "-".to_owned(), |(what, _)| what.replace("the prefix ", ""))
    }

    #[test]
    fn a_prefix_is_a_path_in_its_normal_form() {
        let long = |n: usize| format!("/{}", "a".repeat(n - 1));
        for text in
            ["/", "/api", "/api/{tenant}/audit", "/{tenant}", "/v1.2/a_b~c/x:y@z", "/...", "/.well-known", &long(256)]
        {
            assert_eq!(says(text), "-", "{text}");
        }
        for (text, what) in [
            ("", "does not begin with `/`"),
            ("api/audit", "does not begin with `/`"),
            ("https://x.example/api", "does not begin with `/`"),
            ("//", "holds an empty segment"),
            ("/api//audit", "holds an empty segment"),
            ("/api/", "ends with `/`"),
            ("/api/./x", "holds a segment `.` or `..`"),
            ("/..", "holds a segment `.` or `..`"),
            ("/a%2Fb", "holds an escape"),
            ("/a?b=c", "holds a query or a fragment"),
            ("/a#b", "holds a query or a fragment"),
            ("/api/{id}", "holds another placeholder"),
            ("/api/v{tenant}", "holds another placeholder"),
            ("/api/{tenant", "holds another placeholder"),
            ("/{tenant}/x/{tenant}", "holds `{tenant}` twice"),
            ("/api/*", "holds a `*`"),
            ("/a;b", "holds `;`"),
            ("/a b", "holds ` `"),
            ("/\u{e9}", "holds `\u{e9}`"),
            (&long(257), "is longer than 256 characters"),
        ] {
            assert_eq!(says(text), what, "{text}");
        }
    }

    #[test]
    fn a_tie_is_a_path_that_two_prefixes_match_alike() {
        let ties = |a: &str, b: &str| {
            let (a, b) = (Prefix::read(a).unwrap(), Prefix::read(b).unwrap());
            assert_eq!(a.tie(&b), b.tie(&a));
            a.tie(&b).is_some()
        };
        let of = |a: &str, b: &str| Prefix::read(a).unwrap().tie(&Prefix::read(b).unwrap());
        assert_eq!(of("/api/{tenant}", "/{tenant}/audit").as_deref(), Some("/api/audit"));
        assert_eq!(of("/a/{tenant}/x/c", "/a/b/{tenant}/c").as_deref(), Some("/a/b/x/c"));
        // No tenant has such an id.
        assert!(!ties("/a.b/{tenant}", "/{tenant}/b"));
        assert!(!ties("/Acme/{tenant}", "/{tenant}/b"));
        assert!(!ties("/api/{tenant}", "/{tenant}/-"));
        // A word is closer than a tenant, and more segments are closer than fewer.
        assert!(!ties("/api/{tenant}", "/api/health"));
        assert!(!ties("/api/{tenant}", "/{tenant}/audit/x"));
        // No path is matched by both.
        assert!(!ties("/a/{tenant}/c", "/{tenant}/b/d"));
        assert!(!ties("/api/{tenant}", "/x/{tenant}"));
    }
}
