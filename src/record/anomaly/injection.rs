//! `govctl.anomaly.injection/1`: which of the injected effects a detector hears.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Detector;
use crate::record::Record;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// One bucket up.
    Spike,
    /// Six buckets up.
    Burst,
    /// Down to `drop_to` of what was expected for `drop_buckets`; of a gauge one bucket down.
    Drop,
    /// Up for 24 hours, from nothing to the whole size.
    Ramp,
    /// A count twice as high from there on, of which 24 hours are looked at; a gauge that is raised as long.
    Shift,
}

impl Kind {
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Spike => "spike",
            Kind::Burst => "burst",
            Kind::Drop => "drop",
            Kind::Ramp => "ramp",
            Kind::Shift => "shift",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Injection {
    pub rule: String,
    pub detector: Detector,
    pub kind: Kind,
    /// In `must_detect`: 1 is the effect that must be caught.
    pub size: f64,
    /// Of candidate and current the one that the rule runs with; of a baseline that of the power of the comparison.
    pub threshold: f64,
    /// How many were injected.
    pub n: u64,
    pub detected: u64,
    /// Null where none could be injected; the bound is Wilson's, 95 %.
    pub power: Option<f64>,
    pub power_lo: Option<f64>,
}

impl Record for Injection {
    const TYPE: &'static str = "govctl.anomaly.injection/1";
}
