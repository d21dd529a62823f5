//! What a configuration hears of the effects that were injected, at a threshold that each tenant may shift a little.

use crate::anomaly::bootstrap::resample;
use crate::anomaly::judge::size;
use crate::anomaly::random::Random;
use crate::stats::{Z95, nearest_rank, wilson};

/// Thresholds stay within these.
pub const LOWEST: f64 = 1.5;
pub const HIGHEST: f64 = 8.0;
/// From so many series on the bound also answers for the differences between them.
const SERIES_FOR_BOOTSTRAP: usize = 20;
const RESAMPLES: usize = 1_000;
/// Scores after which a tenant's own quantile weighs as much as the common threshold.
const SLOWNESS: f64 = 10_000.0;
/// A tenant's own quantile counts as at least this.
const LEAST_QUANTILE: f64 = 2.0;

/// The direction of an injected effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    Spike,
    Drop,
}

impl Effect {
    pub fn as_str(self) -> &'static str {
        match self {
            Effect::Spike => "spike",
            Effect::Drop => "drop",
        }
    }
}

/// One series under one configuration.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Heard {
    /// Number of the tenant, from 0 without gaps.
    pub tenant: usize,
    /// The highest score that each injected effect reached in its direction; in any order.
    pub spikes: Vec<f64>,
    pub drops: Vec<f64>,
    /// Scores of the buckets as they were, signed as `judge` has them; NaN is no score.
    pub scores: Vec<f64>,
    /// Length of what was scored.
    pub weeks: f64,
}

impl Heard {
    fn of(&self, effect: Effect) -> &[f64] {
        match effect {
            Effect::Spike => &self.spikes,
            Effect::Drop => &self.drops,
        }
    }
}

/// How far each tenant shifts the common threshold: its own quantile of 99.7 % and how many scores it comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct Shifts(Vec<(f64, usize)>);

impl Shifts {
    pub fn of(series: &[Heard]) -> Self {
        let tenants = series.iter().map(|s| s.tenant + 1).max().unwrap_or(0);
        let mut scores: Vec<Vec<f64>> = vec![Vec::new(); tenants];
        for one in series {
            scores[one.tenant].extend(one.scores.iter().filter(|s| !s.is_nan()).map(|s| size(*s)));
        }
        let shift = |s: &Vec<f64>| (nearest_rank(s, 997, f64::total_cmp).unwrap_or(0.0).max(LEAST_QUANTILE), s.len());
        Shifts(scores.iter().map(shift).collect())
    }

    /// For a threshold that all tenants share.
    pub fn none() -> Self {
        Shifts(Vec::new())
    }

    /// T x (q/T)^(n/(n + 10000)): hardly anything below some thousand scores. Kept within the limits, or at a common
    /// threshold that its author set beyond them.
    pub fn threshold(&self, tenant: usize, common: f64) -> f64 {
        let Some((quantile, n)) = self.0.get(tenant) else { return common };
        let weight = *n as f64 / (*n as f64 + SLOWNESS);
        (common * libm::pow(quantile / common, weight)).clamp(LOWEST.min(common), HIGHEST.max(common))
    }

    pub fn tenants(&self) -> usize {
        self.0.len()
    }
}

/// The share of the injected effects that breached.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Power {
    pub effect: Effect,
    pub detected: usize,
    pub n: usize,
    /// The lower end of Wilson's interval of 95 %, or the 5th percentile over resampled series where that is lower.
    pub low: f64,
}

impl Power {
    pub fn estimate(self) -> f64 {
        self.detected as f64 / self.n.max(1) as f64
    }
}

/// Resamples of series, drawn once: every configuration is judged on the same ones.
pub struct Resamples(Vec<Vec<u32>>);

impl Resamples {
    /// None are drawn below 20 series.
    pub fn new(series: usize, random: &mut Random) -> Self {
        let resamples = if series >= SERIES_FOR_BOOTSTRAP { RESAMPLES } else { 0 };
        Resamples(resample(series, resamples, random, <[u32]>::to_vec))
    }
}

/// Of all series together, each at its own threshold; None where nothing of this kind was injected.
pub fn power(
    series: &[Heard],
    own: &[f64],
    effect: Effect,
    floor: Option<f64>,
    resamples: &Resamples,
) -> Option<Power> {
    let counts: Vec<(usize, usize)> = series.iter().zip(own).map(|(s, t)| count(s, *t, effect)).collect();
    let (detected, n) = counts.iter().fold((0, 0), |(d, n), c| (d + c.0, n + c.1));
    let (mut low, _) = wilson(detected as u64, n as u64, Z95)?;
    // What is below the floor already need not be looked at closer.
    if floor.is_none_or(|floor| low >= floor) {
        low = low.min(between_series(&counts, resamples).unwrap_or(1.0));
    }
    Some(Power { effect, detected, n, low })
}

fn count(series: &Heard, threshold: f64, effect: Effect) -> (usize, usize) {
    let scores = series.of(effect);
    (scores.iter().filter(|s| **s >= threshold).count(), scores.len())
}

fn between_series(counts: &[(usize, usize)], resamples: &Resamples) -> Option<f64> {
    let rate = |times: &Vec<u32>| {
        let (mut detected, mut n) = (0.0, 0.0);
        for (count, times) in counts.iter().zip(times) {
            detected += count.0 as f64 * f64::from(*times);
            n += count.1 as f64 * f64::from(*times);
        }
        // A resample without an effect says nothing.
        (n > 0.0).then(|| detected / n)
    };
    let rates: Vec<f64> = resamples.0.iter().filter_map(rate).collect();
    nearest_rank(&rates, 50, f64::total_cmp)
}

/// The tenants of which fewer than `min_power` of the effects of some kind breach, ascending.
pub fn weak_tenants(series: &[Heard], own: &[f64], effects: &[Effect], min_power: f64) -> Vec<usize> {
    let tenants = series.iter().map(|s| s.tenant + 1).max().unwrap_or(0);
    let is_weak = |tenant: &usize| {
        effects.iter().any(|effect| {
            let of = series.iter().zip(own).filter(|(s, _)| s.tenant == *tenant).map(|(s, t)| count(s, *t, *effect));
            let (detected, n) = of.fold((0, 0), |(d, n), c| (d + c.0, n + c.1));
            (detected as f64) < min_power * n as f64
        })
    };
    (0..tenants).filter(is_weak).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(tenant: usize, spikes: &[f64], scores: &[f64]) -> Heard {
        Heard { tenant, spikes: spikes.to_vec(), scores: scores.to_vec(), ..Heard::default() }
    }

    fn none() -> Resamples {
        Resamples(Vec::new())
    }

    #[test]
    fn shifts_are_small_and_bounded() {
        let loud = heard(0, &[], &vec![4.0; 10_000]);
        let mut quiet = heard(1, &[], &vec![0.5; 600]);
        quiet.scores.extend([f64::NAN; 50]);
        let shifts = Shifts::of(&[loud, quiet, heard(3, &[], &[])]);
        // Half the way, as a geometric mean: sqrt(2.5 x 4).
        assert!((shifts.threshold(0, 2.5) - 10.0_f64.sqrt()).abs() < 1e-12);
        // A quantile of 0.5 counts as 2; the weight is 600/10600.
        assert!((shifts.threshold(1, 2.5) - 2.5 * (0.8_f64).powf(600.0 / 10_600.0)).abs() < 1e-12);
        // Tenants without scores, and those that are not known.
        assert_eq!([shifts.threshold(2, 3.0), shifts.threshold(3, 3.0), shifts.threshold(9, 3.0)], [3.0; 3]);
        let endless = Shifts(vec![(1e9, usize::MAX), (2.0, usize::MAX)]);
        assert_eq!(endless.threshold(0, 5.0), 8.0);
        assert!((endless.threshold(1, 5.0) - 2.0).abs() < 1e-9);
    }

    #[test]
    fn quantiles_are_taken_over_all_series_of_a_tenant() {
        // 3 of 1000 scores lie above 1: the 997th is 1, the 998th would be 9.
        let mut scores = vec![-1.0; 498];
        scores.extend([9.0, -9.0]);
        let mut more = vec![1.0; 499];
        more.push(9.0);
        let low = Shifts::of(&[heard(0, &[], &scores), heard(0, &[], &more)]);
        assert_eq!(low, Shifts(vec![(2.0, 1_000)]));
        more[0] = -9.0;
        assert_eq!(Shifts::of(&[heard(0, &[], &scores), heard(0, &[], &more)]), Shifts(vec![(9.0, 1_000)]));
    }

    #[test]
    fn bounds_are_wilsons_below_twenty_series() {
        let mut some = [9.0; 15];
        some[9..].fill(2.0);
        let series = [heard(0, &[9.0; 15], &[]), heard(1, &some, &[])];
        let found = power(&series, &[3.0; 2], Effect::Spike, None, &none()).unwrap();
        // 24 of 30: [.627, .905].
        assert_eq!((found.detected, found.n, found.estimate()), (24, 30, 0.8));
        assert!((found.low - 0.6269).abs() < 5e-5, "{}", found.low);
        assert_eq!(power(&series, &[3.0; 2], Effect::Drop, None, &none()), None);
        assert_eq!(weak_tenants(&series, &[3.0; 2], &[Effect::Spike], 0.8), [1]);
        assert_eq!(weak_tenants(&series, &[3.0; 2], &[Effect::Drop], 0.8), [0usize; 0]);
        assert!(Resamples::new(19, &mut Random::new(1, "test", "", "")).0.is_empty());
    }

    #[test]
    fn from_twenty_series_on_deaf_tenants_lower_the_bound() {
        // 30 series with 100 effects each, all or none heard: 90 %, but only three series decide it.
        let series: Vec<Heard> = (0..30).map(|i| heard(i, &[if i % 10 == 0 { 0.0 } else { 9.0 }; 100], &[])).collect();
        let resamples = Resamples::new(30, &mut Random::new(1, "test", "", ""));
        let found = power(&series, &[3.0; 30], Effect::Spike, None, &resamples).unwrap();
        // Wilson alone says 0.889. Deaf series in 30 draws are binomial(30, 0.1): P(<= 5) = 0.927, P(<= 6) = 0.974.
        assert!((found.low - 0.8).abs() < 1e-9, "{}", found.low);
        let skipped = power(&series, &[3.0; 30], Effect::Spike, Some(0.95), &resamples).unwrap();
        assert!(skipped.low > 0.88 && skipped.low < 0.95);
    }
}
