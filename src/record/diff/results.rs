//! What `diff report`, `diff explain` and `diff verify` write.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Op, Side};
use crate::record::Record;
use crate::record::finding::{Finding, Severity, fingerprint};

/// One line of the daily report. Times in milliseconds; null where nothing was measured.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// UTC day, YYYY-MM-DD.
    pub day: String,
    /// `*` in the total.
    pub tenant: String,
    pub kind: String,
    pub opened: u64,
    pub closed: u64,
    /// Open at the end of the day.
    pub open: u64,
    pub missing: u64,
    pub mismatch: u64,
    pub late: u64,
    pub capture_loss: Option<u64>,
    pub inconclusive: Option<u64>,
    pub unauthorized: u64,
    pub excepted: u64,
    pub exceptions_active: Option<u64>,
    pub exceptions_expired: Option<u64>,
    pub exceptions_unused: Option<u64>,
    pub mttr_mean_ms: Option<i64>,
    pub mttr_p50_ms: Option<i64>,
    pub mttr_p95_ms: Option<i64>,
    pub exception_mttr_mean_ms: Option<i64>,
    pub exception_mttr_p50_ms: Option<i64>,
    pub exception_mttr_p95_ms: Option<i64>,
    pub late_mean_ms: Option<i64>,
    pub excepted_time_ms: Option<i64>,
    pub oldest_open_ms: Option<i64>,
    pub replication_lag_p50_ms: Option<i64>,
    pub replication_lag_p95_ms: Option<i64>,
    pub replication_lag_p99_ms: Option<i64>,
    pub audit_lag_p50_ms: Option<i64>,
    pub audit_lag_p95_ms: Option<i64>,
    pub audit_lag_p99_ms: Option<i64>,
    pub detection_delay_p50_ms: Option<i64>,
    pub detection_delay_p95_ms: Option<i64>,
    pub detection_delay_p99_ms: Option<i64>,
    /// p95 of audit lag and of detection delay within 60 s; null where no proof was given.
    pub slo_ok: Option<bool>,
    pub stalled_ms: Option<i64>,
    /// Share of the keys compared, 1 without sampling.
    pub sampled_share: Option<f64>,
    /// Exact 95 % interval for the table's rate of differing keys.
    pub rate_low: Option<f64>,
    pub rate_high: Option<f64>,
    pub poison: Option<u64>,
    pub proofs: Option<u64>,
    pub chain_ok: Option<bool>,
}

impl Record for Report {
    const TYPE: &'static str = "govctl.diff.report/1";
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExplainColumn {
    pub name: String,
    /// Logical type.
    #[serde(rename = "type")]
    pub type_name: String,
    /// Null when only one side was given.
    pub equal: Option<bool>,
    /// Digest of the column's canonical text; null where it is SQL null or the row is absent.
    pub lhs_sha256: Option<String>,
    pub rhs_sha256: Option<String>,
    /// In words: why the two differ.
    pub why: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lhs_text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rhs_text: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExplainEvent {
    pub side: Side,
    pub at: String,
    pub op: Op,
    pub version: Option<u64>,
    pub log_ts_ms: i64,
    pub sha256: String,
}

/// Everything known about one key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Explain {
    pub tenant: String,
    pub id: String,
    pub kind: String,
    pub cols: Vec<ExplainColumn>,
    pub history: Vec<ExplainEvent>,
}

impl Record for Explain {
    const TYPE: &'static str = "govctl.diff.explain/1";
}

/// One check of a proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Verify {
    pub check: String,
    /// Null: the check could not be made and does not count as passed.
    pub ok: Option<bool>,
    pub expected: Option<String>,
    pub actual: Option<String>,
    pub subject: String,
}

impl Record for Verify {
    const TYPE: &'static str = "govctl.diff.verify/1";

    fn cells(&self) -> Option<Vec<(&'static str, String)>> {
        let word = match self.ok {
            Some(true) => "ok",
            Some(false) => "FAILED",
            None => "not checked",
        };
        Some(vec![
            ("CHECK", self.check.clone()),
            ("RESULT", word.to_owned()),
            ("SUBJECT", self.subject.clone()),
            ("EXPECTED", self.expected.clone().unwrap_or("-".into())),
            ("ACTUAL", self.actual.clone().unwrap_or("-".into())),
        ])
    }

    fn finding(&self) -> Option<Finding> {
        if self.ok != Some(false) {
            return None;
        }
        let message = format!(
            "{} of {} failed: expected {}, found {}",
            self.check,
            self.subject,
            self.expected.as_deref().unwrap_or("-"),
            self.actual.as_deref().unwrap_or("-")
        );
        let mut finding = Finding::new("diff", "verify_failed", Severity::Error, &self.subject, message);
        finding.fingerprint = fingerprint(&["diff", "verify_failed", &self.check, &self.subject]);
        Some(finding)
    }
}
