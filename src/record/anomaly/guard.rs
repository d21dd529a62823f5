//! `govctl.anomaly.guard/1`: whether a rule still hears.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::record::finding::fingerprint;
use crate::record::{Finding, Record, Severity};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// Virtual effects of the size that must be detected: how many would have alerted.
    Canary,
    /// Alerts of the week against those of the eight weeks before.
    WeeklyDrop,
    /// The share of notifications that were suppressed.
    Suppression,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Trend {
    Falling,
    Flat,
    Rising,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Ok,
    Fail,
    Inconclusive,
    NotComparable,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Guard {
    pub rule: String,
    pub check: Check,
    /// Of a canary: spike or drop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Local dates; the last is not counted.
    pub from: String,
    pub until: String,
    /// Tried, or counted in all.
    pub n: u64,
    /// Of these detected, of this week, or suppressed.
    pub k: u64,
    /// Null where n is 0.
    pub rate: Option<f64>,
    /// Wilson interval, 95 %.
    pub rate_lo: Option<f64>,
    pub rate_hi: Option<f64>,
    /// What the rate is held against: min_power, the share of the week, or the rate of the week before.
    pub reference: Option<f64>,
    /// One-sided, of a weekly drop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p_value: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trend: Option<Trend>,
    pub verdict: Verdict,
    pub detail: String,
}

impl Record for Guard {
    const TYPE: &'static str = "govctl.anomaly.guard/1";

    fn finding(&self) -> Option<Finding> {
        if self.verdict != Verdict::Fail {
            return None;
        }
        let code = match self.check {
            Check::Canary => "deaf",
            Check::WeeklyDrop => "weekly_drop",
            Check::Suppression => "suppression",
        };
        let mut finding = Finding::new("anomaly", code, Severity::Error, &self.rule, self.detail.clone());
        finding.fingerprint =
            fingerprint(&["anomaly", code, &self.rule, self.kind.as_deref().unwrap_or(""), &self.until]);
        Some(finding)
    }
}
