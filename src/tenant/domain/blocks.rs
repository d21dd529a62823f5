//! Parts of the product of all values, each a product itself.

use super::{Digits, Extent, FURTHER, Item, MOST};
use crate::tenant::field::{Field, Sort};

/// The product of some values of each dimension.
#[derive(Debug)]
pub struct Block([Vec<usize>; 8]);

impl Block {
    pub fn points(&self) -> u64 {
        self.0.iter().fold(1, |n: u64, values| n.saturating_mul(values.len() as u64)).min(MOST)
    }

    /// Of the point with this number; the last dimension changes fastest.
    pub fn digits(&self, point: u64) -> Digits {
        let (mut digits, mut rest) = ([0; 8], point);
        for (digit, values) in digits.iter_mut().zip(&self.0).rev() {
            *digit = values[(rest % values.len() as u64) as usize];
            rest /= values.len() as u64;
        }
        digits
    }
}

/// `further`: how many combinations of the fields beside the seven there are. Each of them counts as well-formed.
pub fn of(dimensions: &[Vec<Item>; 7], further: usize, extent: Extent) -> Vec<Block> {
    let all = |of: &dyn Fn(Field) -> Vec<usize>| {
        let mut values: [Vec<usize>; 8] = std::array::from_fn(|_| Vec::new());
        Field::ALL.into_iter().for_each(|field| values[field as usize] = of(field));
        values[FURTHER] = (0..further).collect();
        values
    };
    let that = |field: Field, good: bool| -> Vec<usize> {
        let items = dimensions[field as usize].iter().enumerate();
        items.filter(|(_, item)| item.well_formed == good).map(|(digit, _)| digit).collect()
    };
    if extent == Extent::Complete {
        return vec![Block(all(&|field| (0..dimensions[field as usize].len()).collect()))];
    }
    let good = all(&|field| that(field, true));
    let mut some = all(&|field| some(field, &good[field as usize]));
    some[FURTHER] = ends(&good[FURTHER]);
    let spoiled = |fields: &[usize]| {
        let mut values = some.clone();
        fields.iter().for_each(|field| values[*field] = that(Field::ALL[*field], false));
        Block(values)
    };
    let ones = (0..7).map(|a| spoiled(&[a]));
    let twos = (0..7).flat_map(|a| (a + 1..7).map(move |b| [a, b]));
    std::iter::once(Block(good.clone())).chain(ones).chain(twos.map(|two| spoiled(&two))).collect()
}

/// The well-formed values that stand beside malformed ones: of the ids three, of all others each.
fn some(field: Field, good: &[usize]) -> Vec<usize> {
    if field.sort() == Sort::Id { ends(good) } else { good.to_vec() }
}

/// The first two and the last, which is one that nobody knows, or where all fields beside the seven are missing.
fn ends(good: &[usize]) -> Vec<usize> {
    match good {
        [first, second, .., last] => vec![*first, *second, *last],
        _ => good.to_vec(),
    }
}
