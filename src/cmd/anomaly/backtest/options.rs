//! The values of the flags.

use clap::ValueEnum;

use crate::anomaly::backtest::Cluster;
use crate::anomaly::judge::evaluate::Name;
use crate::anomaly::judge::track::Warmup;
use crate::anomaly::judge::verdict::Gate;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum GateOn {
    /// The lower bounds of power and reduction
    Lower,
    /// The estimates; the bounds are only told
    Point,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum GateBaseline {
    /// Mean and standard deviation of the warm-up
    Static,
    /// Mean and standard deviation of the seven days before
    #[value(name = "rolling_z")]
    RollingZ,
    Both,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Clustered {
    /// Each series for itself
    Series,
    /// All series of a tenant together
    Tenant,
}

impl From<GateOn> for Gate {
    fn from(gate: GateOn) -> Gate {
        match gate {
            GateOn::Lower => Gate::Lower,
            GateOn::Point => Gate::Point,
        }
    }
}

impl From<Clustered> for Cluster {
    fn from(cluster: Clustered) -> Cluster {
        match cluster {
            Clustered::Series => Cluster::Series,
            Clustered::Tenant => Cluster::Tenant,
        }
    }
}

impl GateBaseline {
    pub fn names(self) -> &'static [Name] {
        match self {
            GateBaseline::Static => &[Name::Static],
            GateBaseline::RollingZ => &[Name::RollingZ],
            GateBaseline::Both => &[Name::Static, Name::RollingZ],
        }
    }
}

/// `10%` of each series, or a time such as `14d`.
pub fn warmup(text: &str) -> Result<Warmup, String> {
    let Some(percent) = text.strip_suffix('%') else {
        return crate::cmd::duration(text).map(Warmup::Span).map_err(|e| format!("{e}, or a share such as 10%"));
    };
    match percent.trim().parse::<f64>() {
        Ok(share) if (0.0..=90.0).contains(&share) => Ok(Warmup::Share(share / 100.0)),
        _ => Err("a share from 0% to 90% is expected, or a time such as 14d".to_owned()),
    }
}

pub fn reduction(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(fraction) if (0.0..=1.0).contains(&fraction) => Ok(fraction),
        _ => Err("a fraction from 0 to 1 is expected, such as 0.4".to_owned()),
    }
}

/// Percentiles of fewer are not worth their name.
pub fn resamples(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(n) if (100..=100_000).contains(&n) => Ok(n),
        _ => Err("a number from 100 to 100000 is expected".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warm_up_is_a_share_or_a_time() {
        assert_eq!(warmup("10%"), Ok(Warmup::Share(0.1)));
        assert_eq!(warmup("0%"), Ok(Warmup::Share(0.0)));
        assert_eq!(warmup("14d"), Ok(Warmup::Span(14 * 86_400_000)));
        for wrong in ["", "10", "-1%", "91%", "x%", "14 days"] {
            assert!(warmup(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn numbers_keep_to_their_range() {
        assert_eq!(
            (reduction("0.4"), reduction("-1")),
            (Ok(0.4), Err("a fraction from 0 to 1 is expected, such as 0.4".to_owned()))
        );
        assert!(reduction("1.1").is_err() && reduction("NaN").is_err() && reduction("inf").is_err());
        assert_eq!(resamples("1000"), Ok(1_000));
        assert!(resamples("99").is_err() && resamples("1e3").is_err());
    }
}
