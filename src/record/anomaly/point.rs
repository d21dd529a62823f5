//! `govctl.anomaly.point/1`: every closed bucket.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::record::Record;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Ok,
    Breach,
    /// Too little is known of the series yet.
    WarmingUp,
    /// There is no value.
    Missing,
    /// The rule excludes the time, or a change of the clocks left less than half of the bucket.
    Excluded,
    /// Nothing ever varied: a deviation has no measure.
    NoScale,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Point {
    pub rule: String,
    pub tenant: Option<String>,
    pub series: String,
    /// Start of the bucket, RFC 3339.
    pub ts: String,
    /// Null where there is none.
    #[serde(serialize_with = "super::plain")]
    pub value: Option<f64>,
    #[serde(serialize_with = "super::plain")]
    pub expected: Option<f64>,
    /// Null where no smaller value would alert.
    #[serde(serialize_with = "super::plain")]
    pub lower: Option<f64>,
    #[serde(serialize_with = "super::plain")]
    pub upper: Option<f64>,
    /// Null where the bucket is not scored.
    pub score: Option<f64>,
    pub status: Status,
}

impl Record for Point {
    const TYPE: &'static str = "govctl.anomaly.point/1";
}
