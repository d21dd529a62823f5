//! `govctl.anomaly.verdict/1`: whether a set of series passes the gate, and why not.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::InjectionKind;
use crate::record::finding::fingerprint;
use crate::record::{Finding, Record, Severity};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    /// Bounds decide.
    Lower,
    /// Estimates decide.
    Point,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Pass,
    /// The estimates pass, the bounds do not.
    PointOnly,
    Fail,
    /// A detector cannot reach the power of the comparison, or there is nothing to compare.
    NotComparable,
}

impl Verdict {
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::PointOnly => "point_only",
            Verdict::Fail => "fail",
            Verdict::NotComparable => "not_comparable",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BacktestVerdict {
    /// A rule, a name of --set, or `all`.
    pub set: String,
    pub series: u64,
    /// Power of the comparison comes from labelled windows; else from injected effects, and all history counts as clean.
    pub labelled: bool,
    pub windows: u64,
    /// From the first bucket of each series to its last.
    pub buckets: u64,
    /// Of these, what false positives are counted in: not the warm-up, labelled windows, what is ignored or excluded, and what
    /// has no value.
    pub judged: u64,
    /// What each rule must hear: `RULE: rel=4,abs=25,drop_to=0.1,drop_buckets=6`. The larger, the easier to pass.
    pub must_detect: Vec<String>,
    /// Of the effects that must be caught, the kind which the candidate hears worst; null where none was injected.
    pub kind: Option<InjectionKind>,
    /// Injected power of that kind at `must_detect`; the bound is Wilson's, 95 %.
    pub power: Option<f64>,
    pub power_lo: Option<f64>,
    /// The highest of the rules of the set.
    pub min_power: f64,
    /// The power at which detectors are compared: the candidate's at its operating threshold, at least `min_power`.
    pub p_star: f64,
    /// Null where one of the two cannot reach `p_star`.
    pub reduction_static: Option<f64>,
    /// 5th and 95th percentile over resamples; null where nothing was compared, -1 and 1 where a single series gives none.
    pub reduction_static_lo: Option<f64>,
    pub reduction_static_hi: Option<f64>,
    pub reduction_rolling_z: Option<f64>,
    pub reduction_rolling_z_lo: Option<f64>,
    pub reduction_rolling_z_hi: Option<f64>,
    /// Against the parameters of --against; null without them.
    pub reduction_current: Option<f64>,
    pub reduction_current_lo: Option<f64>,
    pub reduction_current_hi: Option<f64>,
    pub min_reduction: f64,
    /// Tenants of which the candidate hears fewer effects of some kind than `min_power`, beyond chance (Wilson, 95 %).
    pub weak_tenants: Vec<String>,
    /// Rules whose parameters were searched in data that is judged here: the figures look better than they are.
    pub tuned_on_judged: Vec<String>,
    /// Whether the exit code follows this verdict: of named sets where there are some, else of every rule and of all series.
    pub gated: bool,
    pub gate: Gate,
    pub verdict: Verdict,
    /// For `pass` only what `tuned_on_judged` says, if anything.
    pub reasons: Vec<String>,
}

impl BacktestVerdict {
    pub fn passes(&self) -> bool {
        self.verdict == Verdict::Pass || (self.verdict == Verdict::PointOnly && self.gate == Gate::Point)
    }
}

impl Record for BacktestVerdict {
    const TYPE: &'static str = "govctl.anomaly.verdict/1";

    fn finding(&self) -> Option<Finding> {
        if self.passes() || !self.gated {
            return None;
        }
        let message = format!("{}: {}: {}", self.set, self.verdict.as_str(), self.reasons.join("; "));
        let mut finding = Finding::new("anomaly", "gate_failed", Severity::Error, &self.set, message);
        finding.fingerprint = fingerprint(&["anomaly", "gate_failed", &self.set]);
        Some(finding)
    }
}
