//! `govctl.anomaly.curve/1`: power against false positives, one point of a detector's curve.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Detector;
use crate::record::Record;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Curve {
    /// A rule, a name of --set, or `all`.
    pub set: String,
    pub detector: Detector,
    /// Null on the chance line, which has none.
    pub threshold: Option<f64>,
    pub power: f64,
    pub fpr: f64,
}

impl Record for Curve {
    const TYPE: &'static str = "govctl.anomaly.curve/1";
}
