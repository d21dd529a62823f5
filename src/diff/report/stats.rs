//! The few statistics of the report.

use special::Beta;

/// Rounded to whole milliseconds; None when there are none.
pub fn mean(values: &[i64]) -> Option<i64> {
    let sum: i128 = values.iter().map(|v| i128::from(*v)).sum();
    (!values.is_empty()).then(|| (sum as f64 / values.len() as f64).round() as i64)
}

/// The smallest value that at least `percent` of the values do not exceed.
pub fn nearest_rank(values: &[i64], percent: usize) -> Option<i64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

/// The exact (Clopper-Pearson) 95 % interval of a rate of which `hits` in `all` were seen.
pub fn clopper_pearson(hits: u64, all: u64) -> Option<(f64, f64)> {
    if all == 0 || hits > all {
        return None;
    }
    let (x, n) = (hits as f64, all as f64);
    let low = if hits == 0 { 0.0 } else { beta_quantile(0.025, x, n - x + 1.0) };
    let high = if hits == all { 1.0 } else { beta_quantile(0.975, x + 1.0, n - x) };
    Some((low, high))
}

/// By bisection: slower than the Newton steps of the crate, but it cannot leave the interval.
fn beta_quantile(probability: f64, a: f64, b: f64) -> f64 {
    let ln_beta = a.ln_beta(b);
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    for _ in 0..80 {
        let middle = low + (high - low) / 2.0;
        if middle.inc_beta(a, b, ln_beta) < probability {
            low = middle;
        } else {
            high = middle;
        }
    }
    // Twelve digits: the last ones depend on the order of float operations, and reports are compared by bytes.
    (high * 1e12).round() / 1e12
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_rank_takes_a_value_that_occurs() {
        let values = [50, 15, 20, 35, 40];
        // The textbook example: ranks 2, 3 and 5 of five.
        assert_eq!(nearest_rank(&values, 30), Some(20));
        assert_eq!(nearest_rank(&values, 50), Some(35));
        assert_eq!(nearest_rank(&values, 100), Some(50));
        assert_eq!(nearest_rank(&[7], 95), Some(7));
        assert_eq!(nearest_rank(&[], 50), None);
    }

    #[test]
    fn means_are_rounded() {
        assert_eq!(mean(&[1, 2]), Some(2));
        assert_eq!(mean(&[1, 1, 2]), Some(1));
        assert_eq!(mean(&[]), None);
        assert_eq!(mean(&[i64::MAX, i64::MAX]), Some(i64::MAX));
    }

    #[test]
    fn clopper_pearson_matches_closed_forms() {
        // With no hit the upper end is 1 - 0.025^(1/n), with hits only the lower end is 0.025^(1/n).
        for n in [1u64, 10, 283, 1_000_000] {
            let edge = 0.025_f64.powf(1.0 / n as f64);
            let (low, high) = clopper_pearson(0, n).unwrap();
            assert!(low == 0.0 && (high - (1.0 - edge)).abs() < 1e-10, "{n}: {high}");
            let (low, high) = clopper_pearson(n, n).unwrap();
            assert!(high == 1.0 && (low - edge).abs() < 1e-10, "{n}: {low}");
        }
        // n = 2, one hit: the ends solve 1-(1-p)^2 = 0.025 and 1-p^2 = 0.025.
        let (low, high) = clopper_pearson(1, 2).unwrap();
        assert!((low - (1.0 - 0.975_f64.sqrt())).abs() < 1e-10 && (high - 0.975_f64.sqrt()).abs() < 1e-10);
        // Large counts on both sides: symmetric, and close to the normal interval 0.5 -+ 1.96 * 0.005.
        let (low, high) = clopper_pearson(5_000, 10_000).unwrap();
        assert!((low + high - 1.0).abs() < 1e-9 && (low - 0.490_15).abs() < 1e-4, "{low} {high}");
        assert_eq!(clopper_pearson(0, 0), None);
        assert_eq!(clopper_pearson(2, 1), None);
    }
}
