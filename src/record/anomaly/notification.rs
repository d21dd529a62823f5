//! `govctl.anomaly/1`: what the on-call hears.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::record::finding::fingerprint;
use crate::record::{Finding, Record, Severity};
use crate::text::joined;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    Open,
    Escalate,
    Close,
}

impl Event {
    pub fn as_str(self) -> &'static str {
        match self {
            Event::Open => "open",
            Event::Escalate => "escalate",
            Event::Close => "close",
        }
    }
}

/// On which side of what was expected a value lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    Up,
    Down,
}

/// Which measure of spread was the largest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScaleTerm {
    /// 1.4826 times the median of the absolute residuals.
    Mad,
    /// Their standard deviation.
    Sd,
    /// A share of what was predicted.
    RelFloor,
    /// What counts of that size vary by in any case.
    CountFloor,
    /// The rule's own least spread.
    AbsFloor,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CloseReason {
    /// Three scored buckets in a row lay well below the threshold.
    Recovered,
    /// It was open for longer than seven days.
    Timeout,
}

/// An alert that opens, grows or ends. Values, expectations and bounds are in the unit of the data, score and threshold
/// without unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Notification {
    pub rule: String,
    /// Null where the rule does not group by tenant.
    pub tenant: Option<String>,
    /// The other group fields, `name=value`, with commas between them.
    pub series: String,
    /// The same for all notifications of one alert: 16 hex digits.
    pub alert_id: String,
    pub event: Event,
    /// Start of the bucket, RFC 3339.
    pub ts: String,
    /// Length of the bucket in seconds.
    pub bucket_s: u64,
    /// Null where the bucket is missing, which only a close by timeout can be.
    #[serde(serialize_with = "super::plain")]
    pub value: Option<f64>,
    /// Null where the bucket has no score, which a close by timeout may have.
    #[serde(serialize_with = "super::plain")]
    pub expected: Option<f64>,
    /// Null where no smaller value would alert.
    #[serde(serialize_with = "super::plain")]
    pub lower: Option<f64>,
    /// Null where no larger value would alert.
    #[serde(serialize_with = "super::plain")]
    pub upper: Option<f64>,
    pub score: Option<f64>,
    pub threshold: f64,
    pub direction: Direction,
    pub scale_term: Option<ScaleTerm>,
    /// How many streams voted.
    pub streams: u64,
    /// Other series of the rule that breach in the same bucket.
    pub peers_breaching: u64,
    /// Other series of the rule with a value in the same bucket.
    pub peers: u64,
    /// Start of the bucket in which the alert opened.
    pub opened_ts: String,
    /// From then to the start of this bucket.
    pub duration_s: u64,
    /// A mute covers the bucket.
    pub muted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub close_reason: Option<CloseReason>,
    /// Wall clock and zone of the bucket's start, RFC 9557, such as `2026-01-08T14:00:00+01:00[Europe/Berlin]`.
    pub local: String,
    /// SHA-256 of the line of parameters in force; null without parameters.
    pub params_sha256: Option<String>,
}

impl Notification {
    /// The rule's series as people name it.
    pub fn subject(&self) -> String {
        joined(&[&self.rule, self.tenant.as_deref().unwrap_or(""), &self.series])
    }
}

impl Record for Notification {
    const TYPE: &'static str = "govctl.anomaly/1";

    fn cells(&self) -> Option<Vec<(&'static str, String)>> {
        let number = |x: Option<f64>| x.map_or_else(|| "-".to_owned(), |x| x.to_string());
        Some(vec![
            ("TIME", self.ts.clone()),
            (
                "EVENT",
                if self.muted { format!("{} (muted)", self.event.as_str()) } else { self.event.as_str().to_owned() },
            ),
            ("RULE", self.rule.clone()),
            ("TENANT", self.tenant.clone().unwrap_or_default()),
            ("SERIES", self.series.clone()),
            ("VALUE", number(self.value)),
            ("EXPECTED", number(self.expected)),
            ("SCORE", number(self.score)),
            ("LOCAL", self.local.clone()),
        ])
    }

    fn finding(&self) -> Option<Finding> {
        if self.event == Event::Close || self.muted {
            return None;
        }
        let side = if self.direction == Direction::Up { "above" } else { "below" };
        let expected = self.expected.map_or_else(String::new, |expected| format!(" {side} the expected {expected}"));
        let value = self.value.map_or_else(String::new, |value| value.to_string());
        let message = format!("{} at {}: {value}{expected}", self.subject(), self.local);
        let mut finding = Finding::new("anomaly", "anomaly", Severity::Error, &self.subject(), message);
        finding.fingerprint = fingerprint(&["anomaly", &self.alert_id, self.event.as_str(), &self.ts]);
        finding.ts = Some(self.ts.clone());
        Some(finding)
    }
}
