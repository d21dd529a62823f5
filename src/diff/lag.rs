//! Log-bucket histograms of lags: members, runs and days merge exactly, percentiles are within 1 %.

use std::sync::LazyLock;

/// Bucket i holds 1.02^i <= ms < 1.02^(i+1); lags below 1 ms are in bucket 0, negative ones (clock skew) in -1.
const RATIO: f64 = 1.02;
pub const NEGATIVE: i64 = -1;

/// The bucket of the longest time that milliseconds can name.
static LAST: LazyLock<i64> = LazyLock::new(|| bucket(i64::MAX));

/// Counts of the buckets from [`NEGATIVE`] on, up to the last one that has any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Histogram(Vec<u64>);

fn bucket(ms: i64) -> i64 {
    match ms {
        i64::MIN..=-1 => NEGATIVE,
        0 | 1 => 0,
        _ => ((ms as f64).ln() / RATIO.ln()) as i64,
    }
}

impl Histogram {
    pub fn add(&mut self, ms: i64) {
        static SHORT: LazyLock<[i64; 4096]> = LazyLock::new(|| std::array::from_fn(|ms| bucket(ms as i64)));
        let bucket = match SHORT.get(ms as usize) {
            Some(known) => *known,
            None => bucket(ms),
        };
        self.count(bucket, 1);
    }

    fn count(&mut self, bucket: i64, count: u64) {
        let at = (bucket - NEGATIVE) as usize;
        if at >= self.0.len() {
            self.0.resize(at + 1, 0);
        }
        self.0[at] = self.0[at].saturating_add(count);
    }

    pub fn merge_sparse(&mut self, sparse: &[[i64; 2]]) {
        for [bucket, count] in sparse {
            // From a file: of a bucket that cannot be, the count is kept in the nearest that can.
            if let Some(count) = u64::try_from(*count).ok().filter(|count| *count > 0) {
                self.count((*bucket).clamp(NEGATIVE, *LAST), count);
            }
        }
    }

    pub fn to_sparse(&self) -> Vec<[i64; 2]> {
        self.buckets().map(|(bucket, count)| [bucket, count as i64]).collect()
    }

    /// Buckets that have counts.
    fn buckets(&self) -> impl Iterator<Item = (i64, u64)> {
        (NEGATIVE..).zip(&self.0).filter(|(_, count)| **count > 0).map(|(bucket, count)| (bucket, *count))
    }

    /// Nearest-rank percentile: the middle of the bucket that holds it, in ms; None when empty.
    pub fn percentile(&self, percent: u64) -> Option<i64> {
        let total: u128 = self.0.iter().map(|count| u128::from(*count)).sum();
        let rank = (total * u128::from(percent)).div_ceil(100).max(1);
        let mut seen = 0;
        for (bucket, count) in self.buckets() {
            seen += u128::from(count);
            if seen >= rank {
                return Some(match bucket {
                    NEGATIVE => -1,
                    b => RATIO.powf(b as f64 + 0.5).round() as i64,
                });
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_within_one_percent_and_merge_exactly() {
        let (mut a, mut b, mut all) = (Histogram::default(), Histogram::default(), Histogram::default());
        for ms in 1..=10_000 {
            if ms % 3 == 0 {
                a.add(ms)
            } else {
                b.add(ms)
            }
            all.add(ms);
        }
        a.merge_sparse(&b.to_sparse());
        assert_eq!(a, all);
        for (percent, exact) in [(50, 5_000), (95, 9_500), (99, 9_900)] {
            let got = all.percentile(percent).unwrap();
            assert!((got - exact).abs() * 100 <= exact + 100, "p{percent}: {got} for {exact}");
        }
        assert_eq!(Histogram::default().percentile(50), None);
    }

    #[test]
    fn negative_lags_are_counted_not_clipped() {
        let mut h = Histogram::default();
        h.add(-500);
        h.add(3);
        assert_eq!(h.to_sparse(), [[NEGATIVE, 1], [55, 1]]);
    }
}
