//! `govctl.finding/1`: what lints, checks and guards find, one shape for all nouns.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Record;

/// SARIF's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Error,
    Warning,
    Note,
}

impl Severity {
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

/// What a finding code means and what to do about it.
#[derive(Debug, Clone, Copy)]
pub struct Doc {
    pub code: &'static str,
    pub severity: Severity,
    pub meaning: &'static str,
    pub advice: &'static str,
}

/// One finding. Fields that do not apply are left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// The noun that found it.
    pub source: String,
    /// Snake-case code; `govctl util explain CODE` says what it means.
    pub code: String,
    pub severity: Severity,
    /// What the finding is about: a column, a topic, an exception id.
    pub subject: String,
    pub message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// How often it occurred.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// Stable over runs for the same thing found: 32 hex digits.
    pub fingerprint: String,
    /// The table's kind (diff).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// lhs or rhs (diff).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub side: Option<String>,
    /// The first ten keys concerned, as `tenant/id` (diff).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ids: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Log time of the finding, RFC 3339 (diff).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ts: Option<String>,
}

impl Finding {
    pub fn new(source: &str, code: &str, severity: Severity, subject: &str, message: impl Into<String>) -> Self {
        Finding {
            source: source.to_owned(),
            code: code.to_owned(),
            severity,
            subject: subject.to_owned(),
            message: message.into(),
            file: None,
            line: None,
            column: None,
            hint: None,
            count: None,
            fingerprint: fingerprint(&[source, code, subject]),
            kind: None,
            side: None,
            ids: None,
            detail: None,
            ts: None,
        }
    }

    /// The message with its subject and the first keys concerned, for texts that show nothing else of the finding.
    pub fn text(&self) -> String {
        let (m, subject) = (&self.message, &self.subject);
        let begins = m.strip_prefix(subject.as_str()).is_some_and(|r| r.is_empty() || r.starts_with([':', ' ', '(']));
        let inside = [format!("`{subject}`"), format!(" of {subject} "), format!("exception {subject} ")];
        // A kind may be called `a`, which is a word too.
        let named = (begins && subject.chars().count() > 3) || inside.iter().any(|text| m.contains(text));
        let mut text = if named { self.message.clone() } else { format!("{}: {}", self.subject, self.message) };
        if let Some(ids) = &self.ids {
            let more = self.count.unwrap_or(0).saturating_sub(ids.len() as u64);
            let more = if more > 0 { format!(", {more} more") } else { String::new() };
            text.push_str(&format!(" [{}{more}]", ids.join(", ")));
        }
        text
    }
}

/// First 128 bits of SHA-256 over the length-prefixed parts, as hex.
pub fn fingerprint(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    data_encoding::HEXLOWER.encode(&hash.finalize()[..16])
}

impl Record for Finding {
    const TYPE: &'static str = "govctl.finding/1";

    fn cells(&self) -> Option<Vec<(&'static str, String)>> {
        let place = match (&self.file, self.line) {
            (Some(f), Some(l)) => format!("{f}:{l}"),
            (Some(f), None) => f.clone(),
            _ => String::new(),
        };
        let count = self.count.map(|c| c.to_string()).unwrap_or_default();
        Some(vec![
            ("SEVERITY", self.severity.as_str().to_owned()),
            ("CODE", self.code.clone()),
            ("SUBJECT", self.subject.clone()),
            ("SIDE", self.side.clone().unwrap_or_default()),
            ("COUNT", count),
            ("MESSAGE", self.message.clone()),
            ("PLACE", place),
        ])
    }

    fn finding(&self) -> Option<Finding> {
        Some(self.clone())
    }
}
