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
    /// Seven days or more were scored: what is inconclusive now does not pass.
    pub mature: bool,
    /// SHA-256 of the line of parameters in force; null without parameters.
    pub params_sha256: Option<String>,
    pub detail: String,
}

impl Record for Guard {
    const TYPE: &'static str = "govctl.anomaly.guard/1";

    fn cells(&self) -> Option<Vec<(&'static str, String)>> {
        let check = serde_json::to_value(self.check).ok()?;
        let check = check.as_str()?;
        let kind = self.kind.as_deref().map(|kind| format!(" ({kind})")).unwrap_or_default();
        Some(vec![("GUARD", format!("{check}{kind}")), ("RULE", self.rule.clone()), ("DETAIL", self.detail.clone())])
    }

    fn finding(&self) -> Option<Finding> {
        let code = match (self.check, self.verdict) {
            (Check::Canary, Verdict::Fail) => "deaf",
            (Check::Canary, Verdict::Inconclusive) if self.mature => "canary_inconclusive",
            (Check::WeeklyDrop, Verdict::Fail) => "weekly_drop",
            _ => return None,
        };
        // A rule that nobody tuned promises nothing yet.
        let untuned = self.check == Check::Canary && self.params_sha256.is_none();
        let severity = if untuned || self.verdict != Verdict::Fail { Severity::Warning } else { Severity::Error };
        let mut finding = Finding::new("anomaly", code, severity, &self.rule, self.detail.clone());
        let kind = self.kind.as_deref().unwrap_or("");
        finding.fingerprint = fingerprint(&["anomaly", code, &self.rule, kind, &self.until]);
        finding.hint = untuned.then(|| "`govctl anomaly tune` finds parameters that hear enough".to_owned());
        Some(finding)
    }
}
