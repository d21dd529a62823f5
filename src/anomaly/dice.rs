//! Seeded random numbers for tests, from a linear congruential generator.

pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        let mut dice = Dice(seed);
        dice.below(2);
        dice
    }

    pub fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    /// In [0, 1).
    pub fn uniform(&mut self) -> f64 {
        self.below(1 << 31) as f64 / (1_u64 << 31) as f64
    }

    /// By the sum of twelve uniforms.
    pub fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }

    /// By products of uniforms, in steps that do not underflow.
    pub fn poisson(&mut self, mean: f64) -> f64 {
        let (mut count, mut left) = (0.0, mean);
        while left > 0.0 {
            let step = left.min(16.0);
            let (limit, mut product) = (libm::exp(-step), self.uniform());
            while product > limit {
                count += 1.0;
                product *= self.uniform();
            }
            left -= step;
        }
        count
    }

    /// A count that scatters about twice as much as a Poisson one around large means.
    pub fn count(&mut self, mean: f64) -> f64 {
        let factor = (1.0 + 0.38 * self.normal()).max(0.05);
        self.poisson(mean * factor)
    }
}
