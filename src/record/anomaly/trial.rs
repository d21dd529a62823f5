//! `govctl.anomaly.trial/1`: one configuration that `tune` tried.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Stream, Transform};
use crate::record::Record;

/// Power, threshold and notifications are those on the part of the history that fits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Trial {
    pub rule: String,
    /// Its place in the grid, from 1. Of two that are equally good the earlier one is chosen.
    pub trial: u64,
    pub streams: Vec<Stream>,
    pub alpha: f64,
    pub transform: Transform,
    pub rel_floor: f64,
    /// The highest at which the power holds; the lowest one tried where it never does.
    pub threshold: f64,
    /// Share of the injected effects that breach. Null where the rule does not ask for the direction, or none could be injected.
    pub spike_power: Option<f64>,
    pub drop_power: Option<f64>,
    /// The lower bound of the weakest kind. Null where nothing could be injected.
    pub power_lo: Option<f64>,
    /// Per series. Null where the configuration is not feasible.
    pub notifications_per_week: Option<f64>,
    /// The bounds reach the rule's `min_power`.
    pub feasible: bool,
    pub chosen: bool,
}

impl Record for Trial {
    const TYPE: &'static str = "govctl.anomaly.trial/1";
}
