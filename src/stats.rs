//! The few statistics that more than one noun needs.

use std::cmp::Ordering;

use special::Beta;

/// Quantiles of the normal distribution: a two-sided interval of 95 %, and one of 90 %.
pub const Z95: f64 = 1.959_963_984_540_054;
pub const Z90: f64 = 1.644_853_626_951_472_2;

/// Rounded to whole milliseconds; None when there are none.
pub fn mean(values: &[i64]) -> Option<i64> {
    let sum: i128 = values.iter().map(|v| i128::from(*v)).sum();
    (!values.is_empty()).then(|| (sum as f64 / values.len() as f64).round() as i64)
}

/// The smallest value that at least `per_mille` thousandths of the values do not exceed.
pub fn nearest_rank<T: Copy>(values: &[T], per_mille: usize, order: impl Fn(&T, &T) -> Ordering) -> Option<T> {
    let rank = (values.len() * per_mille).div_ceil(1_000).max(1);
    if rank > values.len() {
        return None;
    }
    let mut some = values.to_vec();
    Some(*some.select_nth_unstable_by(rank - 1, order).1)
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

/// The interval of Wilson (1927), without correction for continuity, of a rate of which `hits` in `all` were seen.
pub fn wilson(hits: u64, all: u64, z: f64) -> Option<(f64, f64)> {
    if all == 0 || hits > all {
        return None;
    }
    let (x, n) = (hits as f64, all as f64);
    let rate = x / n;
    let scale = 1.0 + z * z / n;
    let middle = (rate + z * z / (2.0 * n)) / scale;
    let half = z * (rate * (1.0 - rate) / n + z * z / (4.0 * n * n)).sqrt() / scale;
    // At the ends the formula gives exactly 0 and 1, which floats miss by their last digit.
    let low = if hits == 0 { 0.0 } else { middle - half };
    let high = if hits == all { 1.0 } else { middle + half };
    Some((low, high))
}

/// The probability that at most `hits` of `all` independent trials succeed, each with `probability`: exact, by the
/// incomplete beta function.
pub fn binomial_at_most(hits: u64, all: u64, probability: f64) -> f64 {
    if hits >= all {
        return 1.0;
    }
    let (a, b) = ((all - hits) as f64, hits as f64 + 1.0);
    (1.0 - probability).inc_beta(a, b, a.ln_beta(b))
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
        assert_eq!(nearest_rank(&values, 300, i32::cmp), Some(20));
        assert_eq!(nearest_rank(&values, 500, i32::cmp), Some(35));
        assert_eq!(nearest_rank(&values, 1000, i32::cmp), Some(50));
        assert_eq!(nearest_rank(&[7], 950, i32::cmp), Some(7));
        assert_eq!(nearest_rank(&[], 500, i32::cmp), None);
        assert_eq!(nearest_rank(&[f64::INFINITY, -1.0, 0.5], 500, f64::total_cmp), Some(0.5));
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

    #[test]
    fn wilson_matches_published_intervals() {
        // Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
        for (hits, all, low, high) in
            [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)]
        {
            let (l, h) = wilson(hits, all, Z95).unwrap();
            assert!((l - low).abs() < 5e-5 && (h - high).abs() < 5e-5, "{hits} of {all}: {l} {h}");
        }
        assert_eq!(wilson(29, 29, Z95).unwrap().1, 1.0);
        assert_eq!(wilson(0, 0, Z95), None);
        assert_eq!(wilson(2, 1, Z95), None);
        // A narrower interval for a lower confidence.
        let (wide, narrow) = (wilson(24, 30, Z95).unwrap(), wilson(24, 30, Z90).unwrap());
        assert!(wide.0 < narrow.0 && narrow.1 < wide.1);
    }

    #[test]
    fn binomial_tails_match_tables() {
        // Tables of the cumulative binomial distribution, n = 20.
        for (hits, probability, tail) in [(5, 0.5, 0.0207), (2, 0.1, 0.6769), (0, 0.05, 0.3585), (12, 0.7, 0.2277)] {
            let found = binomial_at_most(hits, 20, probability);
            assert!((found - tail).abs() < 5e-5, "{hits} at {probability}: {found}");
        }
        assert_eq!(binomial_at_most(20, 20, 0.3), 1.0);
        // No success in n trials: q^n. With one week of nine, 39 alerts cannot fail at p < 0.01 and 40 can.
        for n in [39u64, 40, 2_000] {
            let exact = (8.0_f64 / 9.0).powi(i32::try_from(n).unwrap());
            assert!((binomial_at_most(0, n, 1.0 / 9.0) / exact - 1.0).abs() < 1e-9, "{n}");
        }
        assert!(binomial_at_most(0, 39, 1.0 / 9.0) > 0.01 && binomial_at_most(0, 40, 1.0 / 9.0) < 0.01);
        // A sum of terms worked out one by one, far out in the tail.
        let sum: f64 = (0..=12).map(|k| term(212, k)).sum();
        assert!((binomial_at_most(12, 212, 1.0 / 9.0) / sum - 1.0).abs() < 1e-9);
    }

    /// C(n, k) (1/9)^k (8/9)^(n-k)
    fn term(n: i32, k: i32) -> f64 {
        let ways: f64 = (0..k).map(|i| f64::from(n - i) / f64::from(i + 1)).product();
        ways * (1.0_f64 / 9.0).powi(k) * (8.0_f64 / 9.0).powi(n - k)
    }
}
