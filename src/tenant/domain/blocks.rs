//! Parts of the product of all values, each a product itself.

use super::{Extent, Item, MOST};
use crate::tenant::field::{Field, Sort};

/// The product of some values of each field.
#[derive(Debug)]
pub struct Block([Vec<usize>; 7]);

impl Block {
    pub fn points(&self) -> u64 {
        self.0.iter().fold(1, |n: u64, values| n.saturating_mul(values.len() as u64)).min(MOST)
    }

    /// Of the point with this number; the last field changes fastest.
    pub fn digits(&self, point: u64) -> [usize; 7] {
        let (mut digits, mut rest) = ([0; 7], point);
        for (digit, values) in digits.iter_mut().zip(&self.0).rev() {
            *digit = values[(rest % values.len() as u64) as usize];
            rest /= values.len() as u64;
        }
        digits
    }
}

pub fn of(dimensions: &[Vec<Item>; 7], extent: Extent) -> Vec<Block> {
    let that = |good: bool| {
        Field::ALL.map(|field| -> Vec<usize> {
            let items = dimensions[field as usize].iter().enumerate();
            items.filter(|(_, item)| item.well_formed == good).map(|(digit, _)| digit).collect()
        })
    };
    if extent == Extent::Complete {
        return vec![Block(Field::ALL.map(|field| (0..dimensions[field as usize].len()).collect()))];
    }
    let (good, bad) = (that(true), that(false));
    let some = Field::ALL.map(|field| some(field, &good[field as usize]));
    let spoiled = |fields: &[usize]| {
        let mut values = some.clone();
        fields.iter().for_each(|field| values[*field].clone_from(&bad[*field]));
        Block(values)
    };
    let ones = (0..7).map(|a| spoiled(&[a]));
    let twos = (0..7).flat_map(|a| (a + 1..7).map(move |b| [a, b]));
    std::iter::once(Block(good.clone())).chain(ones).chain(twos.map(|two| spoiled(&two))).collect()
}

/// The well-formed values that stand beside malformed ones: of the ids the first two and the last, of all others each.
fn some(field: Field, good: &[usize]) -> Vec<usize> {
    match (field.sort(), good) {
        // The last is one that nobody knows.
        (Sort::Id, [first, second, .., last]) => vec![*first, *second, *last],
        _ => good.to_vec(),
    }
}
