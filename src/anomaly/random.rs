//! Seeded random numbers: ChaCha8, with our own way from its bits to numbers, so that neither another release of a crate
//! nor another machine draws other ones.

use chacha20::ChaCha8Rng;
use chacha20::rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

/// One stream of draws. Streams with another seed, purpose, rule or series have nothing in common.
pub struct Random(ChaCha8Rng);

impl Random {
    /// The key is the SHA-256 of the seed and of the three texts: eight bytes each, little-endian, of the seed and
    /// before each text of its length.
    pub fn new(seed: u64, purpose: &str, rule: &str, series: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(seed.to_le_bytes());
        for text in [purpose, rule, series] {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text.as_bytes());
        }
        Random(ChaCha8Rng::from_seed(hash.finalize().into()))
    }

    /// From 0 up to, not including, 1: multiples of 2^-53.
    pub fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    /// A whole number from 0 up to, not including, `n`, each as likely as the others; 0 where `n` is 0.
    /// Lemire, ACM Transactions on Modeling and Computer Simulation 29 (2019).
    pub fn below(&mut self, n: usize) -> usize {
        let n = n as u64;
        if n == 0 {
            return 0;
        }
        let excess = n.wrapping_neg() % n;
        loop {
            let product = u128::from(self.0.next_u64()) * u128::from(n);
            if product as u64 >= excess {
                return (product >> 64) as usize;
            }
        }
    }

    /// Fisher and Yates.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i + 1));
        }
    }

    /// Box and Muller, of which one of the two is used.
    pub fn normal(&mut self, mean: f64, sd: f64) -> f64 {
        let radius = (-2.0 * libm::log(1.0 - self.uniform())).sqrt();
        mean + sd * radius * libm::cos(2.0 * std::f64::consts::PI * self.uniform())
    }

    /// Marsaglia and Tsang, ACM Transactions on Mathematical Software 26 (2000); the mean is `shape` x `scale`.
    pub fn gamma(&mut self, shape: f64, scale: f64) -> f64 {
        if shape < 1.0 {
            let power = libm::pow(1.0 - self.uniform(), 1.0 / shape);
            return power * self.gamma(shape + 1.0, scale);
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal(0.0, 1.0);
            let root = 1.0 + c * x;
            let v = root * root * root;
            let u = 1.0 - self.uniform();
            if v > 0.0 && libm::log(u) < 0.5 * x * x + d - d * v + d * libm::log(v) {
                return d * v * scale;
            }
        }
    }

    /// A count with this mean; 0 where the mean is not above 0.
    pub fn poisson(&mut self, mean: f64) -> f64 {
        if mean.is_nan() || mean <= 0.0 {
            0.0
        } else if mean < 10.0 {
            self.poisson_by_product(mean)
        } else {
            self.poisson_by_rejection(mean)
        }
    }

    /// Knuth: how many uniforms can be multiplied before the product falls to e^-mean.
    fn poisson_by_product(&mut self, mean: f64) -> f64 {
        let end = libm::exp(-mean);
        let (mut count, mut product) = (0.0, self.uniform());
        while product > end {
            product *= self.uniform();
            count += 1.0;
        }
        count
    }

    /// PTRS of Hörmann, Insurance: Mathematics and Economics 12 (1993), for means from 10.
    fn poisson_by_rejection(&mut self, mean: f64) -> f64 {
        let ln_mean = libm::log(mean);
        let b = 0.931 + 2.53 * mean.sqrt();
        let a = -0.059 + 0.024_83 * b;
        let inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
        let squeeze = 0.9277 - 3.6224 / (b - 2.0);
        loop {
            let u = self.uniform() - 0.5;
            let v = 1.0 - self.uniform();
            let us = 0.5 - u.abs();
            let k = ((2.0 * a / us + b) * u + mean + 0.43).floor();
            if us >= 0.07 && v <= squeeze {
                return k;
            }
            if k < 0.0 || (us < 0.013 && v > us) {
                continue;
            }
            let height = libm::log(v) + libm::log(inverse_alpha) - libm::log(a / (us * us) + b);
            if height <= k * ln_mean - mean - libm::lgamma(k + 1.0) {
                return k;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Mean and variance of `draws` values.
    fn moments(draws: usize, mut draw: impl FnMut() -> f64) -> (f64, f64) {
        let values: Vec<f64> = (0..draws).map(|_| draw()).collect();
        let mean = values.iter().sum::<f64>() / draws as f64;
        (mean, values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / draws as f64)
    }

    /// Five standard errors of the mean, and of the variance of something with this kurtosis.
    fn agree(found: (f64, f64), mean: f64, variance: f64, kurtosis: f64, draws: usize) {
        let n = draws as f64;
        assert!((found.0 - mean).abs() < 5.0 * (variance / n).sqrt(), "mean {} for {mean}", found.0);
        let error = variance * ((kurtosis - 1.0) / n).sqrt();
        assert!((found.1 - variance).abs() < 5.0 * error, "variance {} for {variance}", found.1);
    }

    #[test]
    fn the_published_test_vector_comes_out() {
        // Strombergson, Test Vectors for the Stream Cipher ChaCha, draft 01: TC1, 8 rounds, 256-bit key of zeros.
        let expected = "3e00ef2f895f40d67f5bb8e81f09a5a12c840ec3ce9a7f3b181be188ef711a1e\
                        984ce172b9216f419f445367456d5619314a42a3da86b001387bfdb80e0cfe42";
        let mut bytes = [0u8; 64];
        ChaCha8Rng::from_seed([0; 32]).fill_bytes(&mut bytes);
        assert_eq!(data_encoding::HEXLOWER.encode(&bytes), expected);
    }

    #[test]
    fn every_part_of_the_seed_counts_and_texts_do_not_run_together() {
        let first = |seed, purpose, rule, series| Random::new(seed, purpose, rule, series).0.next_u64();
        let base = first(1, "tune", "r", "acme");
        assert_eq!(base, first(1, "tune", "r", "acme"));
        for other in [
            first(2, "tune", "r", "acme"),
            first(1, "backtest", "r", "acme"),
            first(1, "tune", "s", "acme"),
            first(1, "tune", "r", "acm"),
            first(1, "tune", "ra", "cme"),
        ] {
            assert_ne!(base, other);
        }
    }

    #[test]
    fn moments_agree_with_theory() {
        let n = 100_000;
        let mut random = Random::new(7, "test", "", "");
        agree(moments(n, || random.uniform()), 0.5, 1.0 / 12.0, 1.8, n);
        agree(moments(n, || random.between(-2.0, 4.0)), 1.0, 3.0, 1.8, n);
        agree(moments(n, || random.below(6) as f64), 2.5, 35.0 / 12.0, 1.75, n);
        agree(moments(n, || random.normal(3.0, 2.0)), 3.0, 4.0, 3.0, n);
        for (shape, scale) in [(1.0 / 0.15, 0.15), (0.4, 2.0), (30.0, 1.0)] {
            let kurtosis = 3.0 + 6.0 / shape;
            agree(moments(n, || random.gamma(shape, scale)), shape * scale, shape * scale * scale, kurtosis, n);
        }
        for mean in [0.02, 1.0, 9.9, 10.0, 45.0, 3_000.0] {
            agree(moments(n, || random.poisson(mean)), mean, mean, 3.0 + 1.0 / mean, n);
        }
        assert!(random.poisson(0.0) == 0.0 && random.poisson(-1.0) == 0.0 && random.poisson(f64::NAN) == 0.0);
    }

    #[test]
    fn poisson_counts_have_their_probabilities() {
        for mean in [2.0_f64, 12.0] {
            let mut random = Random::new(11, "test", "", "");
            let n = 200_000;
            let mut seen = [0u32; 64];
            (0..n).for_each(|_| seen[random.poisson(mean) as usize] += 1);
            let mut probability = (-mean).exp();
            for (k, &count) in seen.iter().enumerate().take(25) {
                let expected = probability * f64::from(n);
                let error = (expected * (1.0 - probability)).sqrt();
                assert!((f64::from(count) - expected).abs() < 5.0 * error + 1.0, "{mean}: {k} came {count} times");
                probability *= mean / (k + 1) as f64;
            }
        }
    }

    #[test]
    fn every_order_is_as_likely() {
        let mut random = Random::new(3, "test", "", "");
        let mut seen = std::collections::BTreeMap::new();
        for _ in 0..60_000 {
            let mut items = [0, 1, 2];
            random.shuffle(&mut items);
            *seen.entry(items).or_insert(0u32) += 1;
        }
        assert_eq!(seen.len(), 6);
        // Six standard deviations of a binomial count.
        assert!(seen.values().all(|c| c.abs_diff(10_000) < 550), "{seen:?}");
        assert!(random.below(0) == 0 && random.below(1) == 0);
    }
}
