//! Records of `govctl evidence`.

use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};

use super::finding::fingerprint;
use super::{Finding, Record, Severity, schema_of};
use crate::text::without_middle;

/// What is held against what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// There is a manifest, and it is about a run.
    Manifest,
    /// A file that the manifest lists.
    Subject,
    /// Something in the folder that the manifest does not list.
    ExtraFile,
    /// Over the exact bytes of the manifest, by a given key.
    Signature,
    /// The manifests of the region before and after this one.
    Chain,
    /// The run came to its end.
    Complete,
}

impl Question {
    pub fn as_str(self) -> &'static str {
        match self {
            Question::Manifest => "manifest",
            Question::Subject => "subject",
            Question::ExtraFile => "extra_file",
            Question::Signature => "signature",
            Question::Chain => "chain",
            Question::Complete => "complete",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Pass,
    /// The evidence is wrong.
    Fail,
    /// It cannot be told whether it is right, and it has to be.
    Unverifiable,
    /// It cannot be told, and need not be.
    NotEstablished,
}

impl Status {
    /// In a table for people.
    pub fn shown(self) -> &'static str {
        match self {
            Status::Pass => "pass",
            Status::Fail => "FAIL",
            Status::Unverifiable => "unverifiable",
            Status::NotEstablished => "not established",
        }
    }
}

/// One check of one run. Digests are lower-case hex.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Check {
    /// As the manifest states it; null where none could be read.
    pub run_id: Option<String>,
    pub check: Question,
    pub status: Status,
    /// Why it did not pass; `govctl util explain CODE` says more.
    pub code: Option<String>,
    /// Below the folder of the run.
    pub file: Option<String>,
    pub expected_sha256: Option<String>,
    pub actual_sha256: Option<String>,
    /// The folder of the run.
    pub path: String,
    pub detail: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Valid,
    /// Nothing failed, but something that has to be known could not be told.
    Unverifiable,
    /// A check failed.
    Invalid,
}

impl Outcome {
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Valid => "valid",
            Outcome::Unverifiable => "unverifiable",
            Outcome::Invalid => "invalid",
        }
    }
}

/// The verdict on one run. What the manifest states is null where none could be read. It is vouched for where `key_id` is set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Verdict {
    pub run_id: Option<String>,
    pub outcome: Outcome,
    pub n_checked: u64,
    pub n_failed: u64,
    /// The folder of the run.
    pub path: String,
    pub region: Option<String>,
    pub tenant: Option<String>,
    /// SHA-256 of the SubjectPublicKeyInfo of the given key that signed the manifest; null where none did.
    pub key_id: Option<String>,
    pub manifest_sha256: Option<String>,
    pub command: Option<String>,
    /// RFC 3339.
    pub started: Option<String>,
    pub complete: Option<bool>,
}

pub fn schemas() -> Vec<(String, Schema)> {
    vec![schema_of::<Check>(), schema_of::<Verdict>()]
}

impl Record for Check {
    const TYPE: &'static str = "govctl.evidence.check/1";

    fn cells(&self) -> Option<Vec<(&'static str, String)>> {
        Some(vec![
            ("STATUS", self.status.shown().to_owned()),
            ("RUN", self.run_id.clone().unwrap_or_else(|| self.path.clone())),
            ("CHECK", self.check.as_str().to_owned()),
            ("FILE", self.file.clone().unwrap_or_default()),
            ("CODE", self.code.clone().unwrap_or_default()),
            ("WHY", self.detail.clone().unwrap_or_default()),
        ])
    }

    fn finding(&self) -> Option<Finding> {
        let code = self.code.as_deref()?;
        let severity = match self.status {
            Status::Pass => return None,
            Status::Fail | Status::Unverifiable => Severity::Error,
            Status::NotEstablished => Severity::Note,
        };
        let file = self.file.as_deref().unwrap_or_default();
        let place = if file.is_empty() { self.path.clone() } else { format!("{}/{file}", self.path) };
        let why = self.detail.as_deref().unwrap_or(code);
        let mut finding = Finding::new("evidence", code, severity, &place, why);
        finding.fingerprint = fingerprint(&["evidence", code, &self.path, file]);
        finding.file = Some(place);
        Some(finding)
    }
}

impl Record for Verdict {
    const TYPE: &'static str = "govctl.evidence.verdict/1";

    fn cells(&self) -> Option<Vec<(&'static str, String)>> {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        Some(vec![
            ("OUTCOME", self.outcome.as_str().to_owned()),
            ("RUN", self.run_id.clone().unwrap_or_else(|| self.path.clone())),
            ("STARTED", text(&self.started)),
            ("COMMAND", text(&self.command)),
            ("REGION", text(&self.region)),
            ("SIGNED BY", self.key_id.as_deref().map_or("nobody known".to_owned(), |id| without_middle(id, 17))),
            ("CHECKS", self.n_checked.to_string()),
            ("FAILED", self.n_failed.to_string()),
        ])
    }
}
