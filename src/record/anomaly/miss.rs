//! `govctl.anomaly.miss/1`: what the candidate got wrong at its operating threshold, worst first.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::record::Record;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A labelled window without a breach.
    Miss,
    /// Breaches in a row outside labels: a false alert, or an anomaly that nobody labelled.
    False,
}

impl What {
    pub fn as_str(self) -> &'static str {
        match self {
            What::Miss => "miss",
            What::False => "false",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Miss {
    pub rule: String,
    /// Null where the rule does not group by tenant.
    pub tenant: Option<String>,
    /// The other group fields, `name=value`, with commas between them.
    pub series: String,
    /// RFC 3339, half open.
    pub start: String,
    pub end: String,
    pub what: What,
    /// The highest score within, as if the series had the threshold of the rule.
    pub max_score: f64,
}

impl Record for Miss {
    const TYPE: &'static str = "govctl.anomaly.miss/1";
}
