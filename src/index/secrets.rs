//! Secrets in what is about to be published. Publication cannot be undone, so what looks like one is refused: a false alarm
//! costs a look, a miss costs a key.

use std::sync::LazyLock;

use regex::RegexSet;
use serde_json::Value;

/// What is looked for, and how it is called. Values that a mask has replaced (`***`, `<masked>`) are none.
const KINDS: [(&str, &str); 7] = [
    ("a private key", r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY"),
    ("a bearer token", r"(?i)\bbearer[ +]+[a-z0-9._~+/-]{8,}"),
    ("a URL with a user name or password", r"(?i)\b[a-z][a-z0-9+.-]*://[^/\s?#@*<]+@"),
    ("a password", r"(?i)\b(password|passwd|pwd|secret|api[_-]?key|access[_-]?token)\s*[=:]\s*[^\s*<&]"),
    ("a JSON Web Token", r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\."),
    ("an access key of AWS", r"\b(AKIA|ASIA)[0-9A-Z]{16}\b"),
    (
        "a token of GitHub or Slack",
        r"\b(gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22}|xox[abprs]-[A-Za-z0-9-]{10})",
    ),
];

static FORMS: LazyLock<Option<RegexSet>> = LazyLock::new(|| RegexSet::new(KINDS.map(|(_, form)| form)).ok());

/// What a JSON document holds that should not be published, and the JSON pointer of where.
pub fn find(document: &Value) -> Option<(&'static str, String)> {
    let mut found = None;
    walk(document, String::new(), &mut found);
    found
}

fn walk(value: &Value, at: String, found: &mut Option<(&'static str, String)>) {
    if found.is_some() {
        return;
    }
    match value {
        Value::String(text) => *found = kind(text).map(|kind| (kind, at)),
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                let at = format!("{at}/{i}");
                // An argument whose value is the next one.
                let before = i.checked_sub(1).and_then(|i| items[i].as_str());
                if let (Some(flag), Some(value)) = (before.filter(|flag| flag.starts_with("--")), item.as_str())
                    && let Some(kind) = kind(&format!("{flag}={value}"))
                {
                    found.get_or_insert((kind, at.clone()));
                }
                walk(item, at, found);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                let at = format!("{at}/{}", crate::text::pointer_key(name));
                if let Some(kind) = kind(name) {
                    found.get_or_insert((kind, at.clone()));
                }
                walk(member, at, found);
            }
        }
        _ => {}
    }
}

/// What a text looks like.
fn kind(text: &str) -> Option<&'static str> {
    let Some(forms) = FORMS.as_ref() else { return Some("a text that could not be looked at") };
    forms.matches(text).iter().next().map(|at| KINDS[at].0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(document: &str) -> Option<(&'static str, String)> {
        find(&serde_json::from_str(document).unwrap())
    }

    #[test]
    fn what_looks_like_a_secret_is_found_with_its_place() {
        for (text, kind) in [
            ("-----BEGIN PRIVATE KEY-----", "a private key"),
            ("x -----BEGIN EC PRIVATE KEY-----", "a private key"),
            ("-----BEGIN OPENSSH PRIVATE KEY-----", "a private key"),
            ("Authorization: Bearer abcdef0123456789", "a bearer token"),
            ("postgres://app:hunter2@db.example/x", "a URL with a user name or password"),
            ("https://token@host/x", "a URL with a user name or password"),
            ("--url=dsn?password=hunter2", "a password"),
            ("API_KEY=abc", "a password"),
            ("eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2ln", "a JSON Web Token"),
            ("AKIAIOSFODNN7EXAMPLE", "an access key of AWS"),
            ("ghp_0123456789abcdefghijABCDEFGHIJ012345", "a token of GitHub or Slack"),
        ] {
            let document = serde_json::json!({ "predicate": { "argv": ["govctl", text] } });
            assert_eq!(find(&document), Some((kind, "/predicate/argv/1".to_owned())), "{text}");
        }
        assert_eq!(found(r#"{"a":["--password","hunter2"]}"#), Some(("a password", "/a/1".to_owned())));
        assert_eq!(found(r#"{"a":{"p\u0061ssword=x":1}}"#), Some(("a password", "/a/password=x".to_owned())));
        assert_eq!(found(r#"{"a":"-----BEGIN\u0020PRIVATE KEY"}"#), Some(("a private key", "/a".to_owned())));
    }

    #[test]
    fn what_is_masked_or_only_sounds_like_one_is_not() {
        for text in [
            "-----BEGIN PUBLIC KEY-----",
            "-----BEGIN CERTIFICATE-----",
            "--url=dsn?password=***",
            "password=<masked>",
            "https://***@host/x",
            "https://host/x@y",
            "kafka://broker:9092/topic",
            "--hmac-key=hmac.key",
            "bearer of news",
            "the passwords of 3 tenants",
        ] {
            assert_eq!(found(&serde_json::json!({ "argv": ["govctl", text] }).to_string()), None, "{text}");
        }
        assert_eq!(found(r#"{"a":["--password","***"]}"#), None);
    }
}
