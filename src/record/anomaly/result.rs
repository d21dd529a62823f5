//! `govctl.anomaly.result/1`: what one detector does to one set of series at one threshold.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::record::Record;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Detector {
    /// Mean and standard deviation of the warm-up.
    Static,
    /// Mean and standard deviation of the seven days before.
    RollingZ,
    /// The rule with the parameters of --params.
    Candidate,
    /// The rule with the parameters of --against.
    Current,
    /// The specification's sketch taken literally.
    Literal,
    /// Scores drawn at random; only as a curve.
    Chance,
}

impl Detector {
    pub fn as_str(self) -> &'static str {
        match self {
            Detector::Static => "static",
            Detector::RollingZ => "rolling_z",
            Detector::Candidate => "candidate",
            Detector::Current => "current",
            Detector::Literal => "literal",
            Detector::Chance => "chance",
        }
    }
}

/// Where the threshold of a result comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub enum At {
    /// The one that the rule runs with.
    #[serde(rename = "operating")]
    Operating,
    /// That of the power `p_star` of the verdict.
    #[serde(rename = "matched")]
    Matched,
    /// That of the false positive rate which the candidate has at `p_star`.
    #[serde(rename = "equal_fpr")]
    EqualFpr,
    #[serde(rename = "0.6")]
    Sixty,
    #[serde(rename = "0.7")]
    Seventy,
    #[serde(rename = "0.8")]
    Eighty,
    #[serde(rename = "0.9")]
    Ninety,
}

impl At {
    pub fn as_str(self) -> &'static str {
        match self {
            At::Operating => "operating",
            At::Matched => "matched",
            At::EqualFpr => "equal_fpr",
            At::Sixty => "0.6",
            At::Seventy => "0.7",
            At::Eighty => "0.8",
            At::Ninety => "0.9",
        }
    }
}

/// Figures are null where the detector cannot get to what `at` asks for. Without labels the windows are injected effects.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BacktestResult {
    /// A rule, a name of --set, or `all`.
    pub set: String,
    pub detector: Detector,
    pub at: At,
    /// One for all series of the set. Where its rules have different ones, scores of candidate and current are in thresholds.
    pub threshold: Option<f64>,
    /// Labelled windows that reach past the warm-up.
    pub windows: u64,
    /// Windows with a breach.
    pub detected: Option<u64>,
    /// Their share; the interval is Wilson's, 95 %.
    pub power: Option<f64>,
    pub power_lo: Option<f64>,
    pub power_hi: Option<f64>,
    /// Breaching share of the judged buckets outside labels and ignored intervals.
    pub fpr: Option<f64>,
    /// False notifications per series and week, at the threshold at which `at` holds for notifications. Null for `equal_fpr`.
    pub notifications_per_week: Option<f64>,
    /// Breaching share of all judged buckets.
    pub time_in_alert: Option<f64>,
    /// From the start of a window to its first breach; null without labels.
    pub lag_median_buckets: Option<f64>,
    /// 1 - FPR of the candidate / FPR of this detector, at the same power. Null for the candidate, for `operating` and `equal_fpr`,
    /// and where one of the two cannot reach the power.
    pub reduction: Option<f64>,
    /// 5th and 95th percentile over resamples of series; -1 and 1 where a single series gives none.
    pub reduction_lo: Option<f64>,
    pub reduction_hi: Option<f64>,
    /// Share of the resamples in which this detector had no false positive and the candidate had some.
    pub undefined_share: Option<f64>,
    /// Share of the judged buckets for which the detector gave no score, which counts as none.
    pub unscored_share: Option<f64>,
}

impl Record for BacktestResult {
    const TYPE: &'static str = "govctl.anomaly.result/1";

    fn cells(&self) -> Option<Vec<(&'static str, String)>> {
        let shown = matches!(self.at, At::Operating | At::Matched | At::Eighty);
        let number = |x: Option<f64>| x.map_or_else(|| "-".to_owned(), |x| x.to_string());
        let percent = |x: Option<f64>| x.map_or_else(|| "-".to_owned(), |x| format!("{:.3} %", 100.0 * x));
        shown.then(|| {
            vec![
                ("SET", self.set.clone()),
                ("DETECTOR", self.detector.as_str().to_owned()),
                ("AT", self.at.as_str().to_owned()),
                ("THRESHOLD", number(self.threshold)),
                ("POWER", number(self.power)),
                ("FPR", percent(self.fpr)),
                ("FALSE/WEEK", number(self.notifications_per_week)),
                ("REDUCTION", number(self.reduction)),
                ("BOUND", number(self.reduction_lo)),
            ]
        })
    }
}
