//! The key of a series: the values of `group_by`.

use crate::anomaly::rules::Rule;

/// Stands between two values; no value can hold it.
pub const SEPARATOR: char = '\u{1f}';
/// Of one value, in bytes.
pub const LONGEST: usize = 128;

/// A series key with the names that its rule gives to the parts.
#[derive(Debug, Clone, Copy)]
pub struct Key<'a> {
    rule: &'a Rule,
    text: &'a str,
}

impl<'a> Key<'a> {
    pub fn new(rule: &'a Rule, text: &'a str) -> Key<'a> {
        Key { rule, text }
    }

    /// None where the rule does not group by tenant.
    pub fn tenant(&self) -> Option<&'a str> {
        let first = self.rule.data.group_by.first();
        first.filter(|field| *field == "tenant").and_then(|_| self.text.split(SEPARATOR).next())
    }

    /// The other fields: `k=v,k=v`.
    pub fn series(&self) -> String {
        let parts = self.rule.data.group_by.iter().zip(self.text.split(SEPARATOR));
        let parts = parts.filter(|(field, _)| *field != "tenant").map(|(field, value)| format!("{field}={value}"));
        parts.collect::<Vec<_>>().join(",")
    }
}

/// What is wrong with a value of a key.
pub fn fault(value: &str) -> Option<&'static str> {
    match value {
        "" => Some("is empty"),
        v if v.len() > LONGEST => Some("is longer than 128 bytes"),
        // Most are printable ASCII, which one pass over the bytes shows.
        v if v.bytes().all(|c| matches!(c, b' '..=b'~')) => None,
        v if v.chars().any(char::is_control) => Some("holds a control character"),
        _ => None,
    }
}
