//! `govctl.anomaly.explain/1`: why a bucket alerted, so that every number can be computed again.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Direction, ScaleTerm};
use crate::record::Record;

/// Values, expectations and scales are in the unit of the data: a scale says how far a value one scale above what was expected
/// lies from it. Fields of a stream are null where it had no say; all that rests on a score where the bucket has none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Explained {
    pub rule: String,
    pub tenant: Option<String>,
    pub series: String,
    /// Of the alert that was asked about; null where a time was.
    pub alert_id: Option<String>,
    /// Start of the bucket, RFC 3339.
    pub ts: String,
    pub bucket_s: u64,
    #[serde(serialize_with = "super::plain")]
    pub value: Option<f64>,
    #[serde(serialize_with = "super::plain")]
    pub expected: Option<f64>,
    #[serde(serialize_with = "super::plain")]
    pub lower: Option<f64>,
    #[serde(serialize_with = "super::plain")]
    pub upper: Option<f64>,
    pub score: Option<f64>,
    pub threshold: f64,
    pub direction: Option<Direction>,
    pub scale_term: Option<ScaleTerm>,
    /// How many streams voted.
    pub streams: u64,
    /// Wall clock and zone of the bucket's start.
    pub local: String,
    /// The slot of the season, such as `Thu 14:00 Europe/Berlin`.
    pub slot: String,
    /// The values in that slot: of the days before, and of the equal weekdays before, newest first.
    pub slot_values_day: Vec<f64>,
    pub slot_values_week: Vec<f64>,
    pub z_level: Option<f64>,
    pub z_day: Option<f64>,
    pub z_week: Option<f64>,
    pub expected_level: Option<f64>,
    pub expected_day: Option<f64>,
    pub expected_week: Option<f64>,
    pub scale_level: Option<f64>,
    pub scale_day: Option<f64>,
    pub scale_week: Option<f64>,
    pub term_level: Option<ScaleTerm>,
    pub term_day: Option<ScaleTerm>,
    pub term_week: Option<ScaleTerm>,
    /// The smallest value that would have alerted upwards; null where none would.
    #[serde(serialize_with = "super::plain")]
    pub would_alert_from: Option<f64>,
    /// The largest that would have alerted downwards.
    #[serde(serialize_with = "super::plain")]
    pub would_alert_below: Option<f64>,
    #[serde(serialize_with = "super::plain")]
    pub same_slot_last_week: Option<f64>,
    pub peers_breaching: u64,
    pub peers: u64,
    /// The score that was computed again is that of the alert; null where no alert was given.
    pub reproduced: Option<bool>,
    pub params_sha256: Option<String>,
}

impl Record for Explained {
    const TYPE: &'static str = "govctl.anomaly.explain/1";
}
