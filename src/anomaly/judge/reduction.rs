//! How much smaller the false positive rate of a candidate is than that of another detector, at the same power.

use crate::anomaly::bootstrap::{interval, resample};
use crate::anomaly::random::Random;

use super::ranked::Ranked;

/// 1 - FPR of the candidate / FPR of the other, both at the threshold that has this power.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reduction {
    pub power: f64,
    /// None where one of the two cannot reach the power, or where there is nothing to count.
    pub estimate: Option<f64>,
    /// 5th and 95th percentile over the resamples; -1 and 1 where a single cluster gives none.
    pub low: f64,
    pub high: f64,
    /// Share of the resamples in which the other had no false positive and the candidate had some.
    pub undefined_share: f64,
}

/// What is drawn with replacement: each cluster comes with all of its series.
#[derive(Debug, Clone, Copy)]
pub struct Resampling<'a> {
    /// Per series the number of its cluster, from 0 without gaps.
    pub clusters: &'a [usize],
    pub resamples: usize,
}

/// Of the candidate against one other at each power. Resamples choose their thresholds again, the same resamples for all
/// powers. In a resample a detector that cannot reach the power has the rate 1.
pub fn reductions(
    candidate: &Ranked,
    other: &Ranked,
    powers: &[f64],
    resampling: Resampling,
    random: &mut Random,
) -> Vec<Reduction> {
    let Resampling { clusters, resamples } = resampling;
    let n = clusters.iter().map(|c| c + 1).max().unwrap_or(0);
    // One cluster drawn again and again is always itself, which is no sign of certainty.
    let resamples = if n < 2 { 0 } else { resamples };
    let draws = resample(n, resamples, random, |times| {
        let times: Vec<u32> = clusters.iter().map(|cluster| times[*cluster]).collect();
        powers.iter().map(|p| Drawn::of(candidate, other, &times, *p)).collect::<Vec<_>>()
    });
    let summary = |(i, power): (usize, &f64)| {
        let ratios: Vec<f64> = draws.iter().map(|d| d[i].ratio).collect();
        let undefined = draws.iter().filter(|d| d[i].undefined).count();
        let (low, high) = interval(&ratios).unwrap_or((-1.0, 1.0));
        Reduction {
            power: *power,
            estimate: estimate(candidate, other, *power),
            low,
            high,
            undefined_share: undefined as f64 / resamples.max(1) as f64,
        }
    };
    powers.iter().enumerate().map(summary).collect()
}

fn estimate(candidate: &Ranked, other: &Ranked, power: f64) -> Option<f64> {
    let rate = |ranked: &Ranked| ranked.fpr(ranked.threshold(power)?);
    Some(Drawn::between(rate(candidate)?, rate(other)?).ratio)
}

struct Drawn {
    ratio: f64,
    undefined: bool,
}

impl Drawn {
    fn of(candidate: &Ranked, other: &Ranked, times: &[u32], power: f64) -> Self {
        if candidate.windows_in(times) == 0 {
            // Series without a window say nothing about power, and what says nothing is no gain.
            return Drawn { ratio: -1.0, undefined: true };
        }
        let rate = |ranked: &Ranked| ranked.threshold_in(times, power).and_then(|t| ranked.fpr_in(times, t));
        Self::between(rate(candidate).unwrap_or(1.0), rate(other).unwrap_or(1.0))
    }

    fn between(candidate: f64, other: f64) -> Self {
        if other > 0.0 {
            return Drawn { ratio: 1.0 - candidate / other, undefined: false };
        }
        let undefined = candidate > 0.0;
        Drawn { ratio: if undefined { -1.0 } else { 0.0 }, undefined }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::track;
    use super::*;

    /// Series of 100 buckets with one window, in which each detector scores `peak`; `clean[i]` buckets outside score 2.
    fn ranked(peak: f64, clean: &[usize]) -> Ranked {
        let track = track(100, 0, &[(0, 1)], &[]);
        let scores: Vec<Vec<f64>> = clean
            .iter()
            .map(|n| {
                (0..100)
                    .map(|i| {
                        if i == 0 {
                            peak
                        } else if i <= *n {
                            2.0
                        } else {
                            0.0
                        }
                    })
                    .collect()
            })
            .collect();
        Ranked::new(&vec![track; clean.len()], &scores)
    }

    fn one(candidate: &Ranked, other: &Ranked) -> Reduction {
        let clusters: Vec<usize> = (0..candidate.series()).collect();
        clustered(candidate, other, &clusters, 1_000)
    }

    fn clustered(candidate: &Ranked, other: &Ranked, clusters: &[usize], resamples: usize) -> Reduction {
        let resampling = Resampling { clusters, resamples };
        reductions(candidate, other, &[0.8], resampling, &mut Random::new(1, "test", "", ""))[0]
    }

    #[test]
    fn a_detector_against_itself_gains_nothing() {
        let same = ranked(2.0, &[3, 5, 0, 9, 2, 4]);
        let found = one(&same, &same);
        assert_eq!((found.estimate, found.low, found.high, found.undefined_share), (Some(0.0), 0.0, 0.0, 0.0));
    }

    #[test]
    fn the_same_draw_serves_both() {
        // The candidate has half of each series' false positives: so it has in every resample.
        let found = one(&ranked(2.0, &[1, 5, 3, 2]), &ranked(2.0, &[2, 10, 6, 4]));
        assert_eq!((found.estimate, found.low, found.high), (Some(0.5), 0.5, 0.5));
    }

    #[test]
    fn intervals_come_from_the_differences_between_series() {
        // Gains of 100 % in one half and of none in the other: 0.5, and by which half is drawn more often from 0 to 1.
        let found = one(&ranked(2.0, &[0, 0, 0, 0, 10, 10, 10, 10]), &ranked(2.0, &[10; 8]));
        assert_eq!(found.estimate, Some(0.5));
        // Eight draws with probability 1/2: P(<= 1) = 0.035, P(<= 2) = 0.145, so the percentiles are 2/8 and 6/8.
        assert_eq!((found.low, found.high), (0.25, 0.75));
    }

    #[test]
    fn series_of_one_cluster_are_drawn_together() {
        // Where the two halves are a cluster each, one of them is drawn twice in half of the resamples.
        let (candidate, other) = (ranked(2.0, &[0, 0, 0, 0, 10, 10, 10, 10]), ranked(2.0, &[10; 8]));
        let found = clustered(&candidate, &other, &[0, 0, 0, 0, 1, 1, 1, 1], 1_000);
        assert_eq!((found.estimate, found.low, found.high), (Some(0.5), 0.0, 1.0));
    }

    #[test]
    fn a_single_cluster_gives_no_bound() {
        let (candidate, other) = (ranked(2.0, &[1, 2]), ranked(2.0, &[10, 20]));
        let found = clustered(&candidate, &other, &[0, 0], 1_000);
        assert_eq!((found.estimate, found.low, found.high), (Some(0.9), -1.0, 1.0));
    }

    #[test]
    fn rates_of_zero_and_powers_out_of_reach_are_no_gain() {
        let (none, some) = (ranked(3.0, &[0, 0]), ranked(2.0, &[4, 4]));
        let both = one(&none, &none);
        assert_eq!((both.estimate, both.low, both.undefined_share), (Some(0.0), 0.0, 0.0));
        let worse = one(&some, &none);
        assert_eq!((worse.estimate, worse.low, worse.high, worse.undefined_share), (Some(-1.0), -1.0, -1.0, 1.0));
        assert_eq!(one(&none, &some).estimate, Some(1.0));
        let deaf = ranked(0.0, &[0, 0]);
        let against_deaf = one(&some, &deaf);
        // Not comparable; in each resample the deaf one counts as alerting on everything.
        assert!(against_deaf.estimate.is_none() && against_deaf.low > 0.9);
        let of_deaf = one(&deaf, &some);
        assert!(of_deaf.estimate.is_none() && of_deaf.high < -20.0);
        let empty = clustered(&some, &some, &[0, 1], 0);
        assert_eq!((empty.low, empty.high), (-1.0, 1.0));
    }
}
