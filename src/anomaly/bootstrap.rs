//! The cluster bootstrap: series are drawn with replacement, each with all that belongs to it, since the buckets and
//! windows of one series are not independent of each other.

use std::cmp::Ordering;

use crate::stats::nearest_rank;

use super::random::Random;

/// What `statistic` makes of each resample. It is given how often each cluster was drawn, so that all its figures come
/// from the same draw.
pub fn resample<T>(
    clusters: usize,
    resamples: usize,
    random: &mut Random,
    mut statistic: impl FnMut(&[u32]) -> T,
) -> Vec<T> {
    let mut times = vec![0u32; clusters];
    let mut draw = |_| {
        times.fill(0);
        for _ in 0..clusters {
            times[random.below(clusters)] += 1;
        }
        statistic(&times)
    };
    (0..resamples).map(&mut draw).collect()
}

/// The 5th and the 95th percentile, by nearest rank: values that occurred, so that infinite ones do no harm.
pub fn interval(values: &[f64]) -> Option<(f64, f64)> {
    let order: fn(&f64, &f64) -> Ordering = f64::total_cmp;
    Some((nearest_rank(values, 50, order)?, nearest_rank(values, 950, order)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Efron and Tibshirani, An Introduction to the Bootstrap (1993), table 3.1: LSAT and GPA of 15 law schools.
    const LAW: [(f64, f64); 15] = [
        (576.0, 3.39),
        (635.0, 3.30),
        (558.0, 2.81),
        (578.0, 3.03),
        (666.0, 3.44),
        (580.0, 3.07),
        (555.0, 3.00),
        (661.0, 3.43),
        (651.0, 3.36),
        (605.0, 3.13),
        (653.0, 3.12),
        (575.0, 2.74),
        (545.0, 2.76),
        (572.0, 2.88),
        (594.0, 2.96),
    ];

    fn correlation(times: &[u32]) -> f64 {
        let weighted = |f: &dyn Fn(&(f64, f64)) -> f64| -> f64 {
            LAW.iter().zip(times).map(|(pair, t)| f(pair) * f64::from(*t)).sum::<f64>() / 15.0
        };
        let (x, y) = (weighted(&|p| p.0), weighted(&|p| p.1));
        let both = weighted(&|p| (p.0 - x) * (p.1 - y));
        both / (weighted(&|p| (p.0 - x).powi(2)) * weighted(&|p| (p.1 - y).powi(2))).sqrt()
    }

    #[test]
    fn the_law_schools_have_their_published_standard_error() {
        // 0.776; chapter 6 gives 0.132 after 3,200 resamples.
        assert!((correlation(&[1; 15]) - 0.776).abs() < 5e-4);
        let mut random = Random::new(1, "test", "", "");
        let found = resample(15, 3_200, &mut random, correlation);
        let mean = found.iter().sum::<f64>() / 3_200.0;
        let error = (found.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / 3_199.0).sqrt();
        assert!((error - 0.132).abs() < 0.007, "{error}");
    }

    #[test]
    fn each_resample_draws_as_many_clusters_as_there_are() {
        let mut random = Random::new(2, "test", "", "");
        let sums = resample(7, 100, &mut random, |times| times.iter().sum::<u32>());
        assert_eq!(sums, vec![7; 100]);
        let mut left_out = 0;
        resample(50, 2_000, &mut random, |times| left_out += times.iter().filter(|t| **t == 0).count());
        // (1 - 1/50)^50 = 0.3642 of the clusters are not drawn.
        assert!((f64::from(left_out as u32) / 100_000.0 - 0.3642).abs() < 0.003, "{left_out}");
        assert_eq!(resample(0, 3, &mut random, <[u32]>::len), [0, 0, 0]);
    }

    #[test]
    fn intervals_are_values_that_occurred() {
        let hundred: Vec<f64> = (1..=100).rev().map(f64::from).collect();
        assert_eq!(interval(&hundred), Some((5.0, 95.0)));
        assert_eq!(interval(&[f64::NEG_INFINITY, 0.5]), Some((f64::NEG_INFINITY, 0.5)));
        assert_eq!(interval(&[]), None);
    }
}
