//! `govctl.anomaly.tune/1`: what became of one rule.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Stream, Transform};
use crate::record::finding::fingerprint;
use crate::record::{Finding, Record, Severity};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TuneOutcome {
    /// The new values are in the parameter file.
    Written,
    /// The old ones are better, and stay.
    Kept,
    /// None can be proved: whatever was in the file for the rule stays.
    Refused,
}

impl TuneOutcome {
    pub fn as_str(self) -> &'static str {
        match self {
            TuneOutcome::Written => "written",
            TuneOutcome::Kept => "kept",
            TuneOutcome::Refused => "refused",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RefusedFor {
    /// Nothing hears enough.
    TuneRefused,
    /// Too few buckets could be tried.
    TooLittleHistory,
}

impl RefusedFor {
    pub fn as_str(self) -> &'static str {
        match self {
            RefusedFor::TuneRefused => "tune_refused",
            RefusedFor::TooLittleHistory => "too_little_history",
        }
    }
}

/// Power and notifications are those on the part of the history that certifies, which had no part in the choice. The fields
/// without `old_` are of the best configuration that was found, null where none is feasible; those with it of the parameters
/// that were in use, null where none were.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Tune {
    pub rule: String,
    pub outcome: TuneOutcome,
    pub reason: String,
    /// Null unless refused.
    pub code: Option<RefusedFor>,
    pub min_power: f64,
    pub streams: Option<Vec<Stream>>,
    pub alpha: Option<f64>,
    pub transform: Option<Transform>,
    pub rel_floor: Option<f64>,
    pub threshold: Option<f64>,
    /// Share of the injected effects that breach. Null also where the rule does not ask for the direction, or none could be
    /// injected.
    pub spike_power: Option<f64>,
    pub drop_power: Option<f64>,
    /// The lower bound of the weakest kind.
    pub power_lo: Option<f64>,
    /// Per series.
    pub notifications_per_week: Option<f64>,
    pub old_streams: Option<Vec<Stream>>,
    pub old_alpha: Option<f64>,
    pub old_transform: Option<Transform>,
    pub old_rel_floor: Option<f64>,
    pub old_threshold: Option<f64>,
    /// Null also where nothing new was there to be compared with.
    pub old_power_lo: Option<f64>,
    pub old_notifications_per_week: Option<f64>,
    /// Per series, outside of labels, with the values in force from now on; of the ones found where they are refused.
    pub expected_false_per_week: Option<f64>,
    /// Tenants of which less than `min_power` of their own effects are heard with these values.
    pub weak_tenants: Vec<String>,
    /// What it was found on: start of the first bucket and end of the last, RFC 3339; what begins at `certified_from` or later
    /// certifies. Null where there is no bucket.
    pub data_from: Option<String>,
    pub certified_from: Option<String>,
    pub data_to: Option<String>,
    pub series: u64,
    pub buckets: u64,
    /// Buckets that an effect could be injected into.
    pub eligible: u64,
    /// SHA-256 of the line of parameters in force from now on; null without parameters.
    pub params_sha256: Option<String>,
}

impl Record for Tune {
    const TYPE: &'static str = "govctl.anomaly.tune/1";

    fn cells(&self) -> Option<Vec<(&'static str, String)>> {
        let number = |x: Option<f64>| x.map_or_else(|| "-".to_owned(), |x| x.to_string());
        let streams = self.streams.iter().flatten().map(|s| s.as_str()).collect::<Vec<_>>().join("+");
        Some(vec![
            ("RULE", self.rule.clone()),
            ("OUTCOME", self.outcome.as_str().to_owned()),
            ("STREAMS", if streams.is_empty() { "-".to_owned() } else { streams }),
            ("ALPHA", number(self.alpha)),
            ("TRANSFORM", self.transform.map_or("-", Transform::as_str).to_owned()),
            ("REL FLOOR", number(self.rel_floor)),
            ("THRESHOLD", number(self.threshold)),
            ("POWER FROM", number(self.power_lo)),
            ("FALSE A WEEK", number(self.expected_false_per_week)),
            ("WEAK TENANTS", self.weak_tenants.len().to_string()),
            ("REASON", self.reason.clone()),
        ])
    }

    fn finding(&self) -> Option<Finding> {
        if self.outcome != TuneOutcome::Refused {
            return None;
        }
        let code = self.code.map_or("tune_refused", RefusedFor::as_str);
        let mut finding = Finding::new("anomaly", code, Severity::Error, &self.rule, self.reason.clone());
        finding.fingerprint = fingerprint(&["anomaly", code, &self.rule]);
        Some(finding)
    }
}
