//! `govctl.anomaly.params/1`: what `tune` found for one rule, and what that rests on.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::record::Record;

/// What a value is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stream {
    /// The recent level.
    Level,
    /// The same time on the days before.
    Day,
    /// The same time on equal weekdays before.
    Week,
}

impl Stream {
    pub fn as_str(self) -> &'static str {
        match self {
            Stream::Level => "level",
            Stream::Day => "day",
            Stream::Week => "week",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Transform {
    Identity,
    /// 2 sqrt(x + 3/8), for counts.
    Sqrt,
}

impl Transform {
    pub fn as_str(self) -> &'static str {
        match self {
            Transform::Identity => "identity",
            Transform::Sqrt => "sqrt",
        }
    }
}

/// A line of the parameter file. Numbers are exact: `params_sha256` of other records is the SHA-256 of this line with its
/// newline. Nothing in it comes from a clock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Parameters {
    pub rule: String,
    /// Ascending.
    pub streams: Vec<Stream>,
    pub alpha: f64,
    pub transform: Transform,
    pub rel_floor: f64,
    pub threshold: f64,
    /// The common threshold shifted a little to each tenant's own scores. Empty where the rule does not group by tenant or
    /// pins its threshold.
    pub threshold_by_tenant: BTreeMap<String, f64>,
    /// What the bounds of the power reach at least.
    pub min_power: f64,
    /// The effect that was injected, as the rule has it.
    pub must_detect: String,
    /// On the part of the history that certifies: the share of the injected spikes that breach, and its lower bound (95 %).
    /// Null where the rule does not look upwards or none could be injected.
    pub spike_power: Option<f64>,
    pub spike_power_lo: Option<f64>,
    /// The same of drops.
    pub drop_power: Option<f64>,
    pub drop_power_lo: Option<f64>,
    /// SHA-256 over the digests of all inputs.
    pub data_sha256: String,
    /// Start of the rule's first bucket and end of its last, RFC 3339; what begins at `certified_from` or later certifies.
    pub data_from: String,
    pub certified_from: String,
    pub data_to: String,
    pub series: u64,
    pub buckets: u64,
    /// Of `rule_fields`.
    pub rule_sha256: String,
    /// The fields of the rule that `tune` does not set: with other ones the parameters hold no more.
    pub rule_fields: Map<String, Value>,
    pub seed: u64,
    /// That of the govctl that found them.
    pub version: String,
}

impl Record for Parameters {
    const TYPE: &'static str = "govctl.anomaly.params/1";
}
