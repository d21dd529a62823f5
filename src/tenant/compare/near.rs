//! How far a point is from those that base allows, in fields.

use std::collections::HashSet;
use std::sync::OnceLock;

use foldhash::fast::FixedState;

use crate::tenant::domain::Digits;

type Keys = HashSet<u64, FixedState>;

/// The points that base allows. For each choice of fields the points without these fields are kept once somebody asks: a
/// point is at most n fields away where it is equal to one of them but for n fields.
pub struct Near {
    allowed: Vec<[u32; 8]>,
    sizes: [u64; 8],
    /// By the fields that are left out, one bit each.
    without: Vec<OnceLock<Keys>>,
}

impl Near {
    /// `sizes`: how many values each field has.
    pub fn new(sizes: [u64; 8], allowed: impl Iterator<Item = Digits>) -> Near {
        // A field has far fewer values than this.
        let allowed = allowed.map(|digits| digits.map(|digit| digit as u32)).collect();
        Near { allowed, sizes, without: (0..256).map(|_| OnceLock::new()).collect() }
    }

    /// Seven where nothing is allowed. What is not below `below` is not told apart.
    pub fn distance(&self, digits: &Digits, below: usize) -> usize {
        if self.allowed.is_empty() {
            return below.min(7);
        }
        let digits = digits.map(|digit| digit as u32);
        let is_near = |fields: usize| {
            (0..256).filter(|mask: &usize| mask.count_ones() as usize == fields).any(|mask| {
                let keys =
                    self.without[mask].get_or_init(|| self.allowed.iter().map(|of| self.key(of, mask)).collect());
                keys.contains(&self.key(&digits, mask))
            })
        };
        (0..below.min(9)).find(|fields| is_near(*fields)).unwrap_or(below)
    }

    fn key(&self, digits: &[u32; 8], mask: usize) -> u64 {
        let kept = |field: usize| if mask >> field & 1 == 1 { 0 } else { u64::from(digits[field]) };
        (0..8).fold(0, |key, field| key * self.sizes[field] + kept(field))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_counts_in_whichever_fields_it_differs() {
        let near = Near::new([4; 8], [[0; 8], [3; 8]].into_iter());
        assert_eq!(near.distance(&[0, 0, 0, 0, 0, 0, 0, 0], 9), 0);
        assert_eq!(near.distance(&[0, 2, 0, 0, 0, 1, 0, 0], 9), 2);
        assert_eq!(near.distance(&[3, 3, 0, 3, 0, 3, 0, 3], 9), 3);
        assert_eq!(near.distance(&[1, 1, 1, 1, 1, 1, 1, 1], 9), 8);
        assert_eq!(near.distance(&[3, 3, 0, 3, 0, 3, 0, 3], 2), 2);
        assert_eq!(Near::new([4; 8], [].into_iter()).distance(&[0; 8], 9), 7);
    }
}
