//! Records of `govctl anomaly`.

mod curve;
mod explain;
mod guard;
mod injection;
mod miss;
mod notification;
mod params;
mod point;
mod result;
mod trial;
mod tune;
mod verdict;

use schemars::Schema;
use serde::Serializer;

use super::schema_of;
pub use curve::Curve;
pub use explain::Explained;
pub use guard::{Check, Guard, Trend, Verdict as GuardVerdict};
pub use injection::{Injection, Kind as InjectionKind};
pub use miss::{Miss, What};
pub use notification::{CloseReason, Direction, Event, Notification, ScaleTerm};
pub use params::{Parameters, Stream, Transform};
pub use point::{Point, Status};
pub use result::{At, BacktestResult, Detector};
pub use trial::Trial;
pub use tune::{RefusedFor, Tune, TuneOutcome};
pub use verdict::{BacktestVerdict, Gate, Verdict};

pub fn schemas() -> Vec<(String, Schema)> {
    vec![
        schema_of::<BacktestResult>(),
        schema_of::<BacktestVerdict>(),
        schema_of::<Curve>(),
        schema_of::<Explained>(),
        schema_of::<Guard>(),
        schema_of::<Injection>(),
        schema_of::<Miss>(),
        schema_of::<Notification>(),
        schema_of::<Parameters>(),
        schema_of::<Point>(),
        schema_of::<Trial>(),
        schema_of::<Tune>(),
    ]
}

/// Rounded to six significant digits, as derived statistics are written: what is behind them differs between processors.
pub fn six(x: f64) -> f64 {
    format!("{x:.5e}").parse().unwrap_or(x)
}

/// Whole numbers as such, as people write counts: `412`, not `412.0`.
pub fn plain<S: Serializer>(number: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match number {
        None => serializer.serialize_none(),
        Some(x) if x.fract() == 0.0 && x.abs() < EXACT => serializer.serialize_i64(*x as i64),
        Some(x) => serializer.serialize_f64(*x),
    }
}

#[cfg(test)]
mod tests {
    use super::six;

    #[test]
    fn six_digits_are_kept() {
        let cases = [
            (8.214_567_89, 8.21457),
            (-0.000_123_456_789, -0.000_123_457),
            (123_456_789.0, 123_457_000.0),
            (0.0, 0.0),
            (1.0 / 3.0, 0.333_333),
            (999_999.5, 1_000_000.0),
        ];
        for (x, rounded) in cases {
            assert_eq!(six(x), rounded, "{x}");
        }
    }
}
