//! A window of values kept in ascending order: its median, and the median of the distances from it, exactly.
//!
//! A plain array: to about 10,000 values moving its tail beats every tree.

/// Finite values in ascending order; equal ones as often as they were put in.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sorted {
    values: Vec<f64>,
}

impl Sorted {
    pub fn len(&self) -> usize {
        self.values.len()
    }

    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Puts the values that `each` hands over in the place of all that are there.
    pub fn refill(&mut self, each: impl FnOnce(&mut dyn FnMut(f64))) {
        self.values.clear();
        each(&mut |value| self.values.push(unsigned_zero(value)));
        self.values.sort_unstable_by(f64::total_cmp);
    }

    /// The values from the smallest to the largest.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    pub fn insert(&mut self, value: f64) {
        let value = unsigned_zero(value);
        self.values.insert(self.place(value), value);
    }

    /// Takes out one value that equals this one; false where there is none.
    pub fn remove(&mut self, value: f64) -> bool {
        let found = self.find(value);
        if let Some(at) = found {
            self.take(at);
        }
        found.is_some()
    }

    /// Takes out the value that was found here.
    pub fn take(&mut self, at: usize) {
        self.values.remove(at);
    }

    /// One value out and one in, moving only what lies between them; false, and nothing done, where the first is not
    /// there.
    pub fn replace(&mut self, old: f64, new: f64) -> bool {
        let Some(from) = self.find(old) else { return false };
        self.shift(from, self.place(new), new);
        true
    }

    /// As `replace`, of the value that was found here and one whose place was looked up before.
    pub fn shift(&mut self, from: usize, to: usize, new: f64) {
        let new = unsigned_zero(new);
        if to > from {
            self.values.copy_within(from + 1..to, from);
            self.values[to - 1] = new;
        } else {
            self.values.copy_within(to..from, to + 1);
            self.values[to] = new;
        }
    }

    /// The k-th smallest, from 0.
    pub fn kth(&self, k: usize) -> Option<f64> {
        self.values.get(k).copied()
    }

    /// The middle value; the mean of the two middle ones where their count is even.
    pub fn median(&self) -> Option<f64> {
        let half = self.len() / 2;
        let upper = self.kth(half)?;
        if self.len() % 2 == 1 {
            return Some(upper);
        }
        Some(f64::midpoint(self.values[half - 1], upper))
    }

    /// The median of |value - median|.
    pub fn mad(&self) -> Option<f64> {
        let median = self.median()?;
        let (lower, upper) = self.middle_distances(median);
        Some(f64::midpoint(lower, upper))
    }

    /// The two middle ones of the distances from the median, which are one where their count is odd. Distances grow in both
    /// directions from it, so this is a selection from two sorted arms: how many of the smaller half lie in the left one is
    /// found by bisection.
    fn middle_distances(&self, centre: f64) -> (f64, f64) {
        let half = self.len() / 2;
        let (below, above) = self.values.split_at(half);
        let left = |i: usize| if i < half { centre - below[half - 1 - i] } else { f64::INFINITY };
        let right = |i: usize| above.get(i).map_or(f64::INFINITY, |value| value - centre);
        let (mut low, mut high) = (0, half);
        while low < high {
            let middle = (low + high) / 2;
            if left(middle) < right(half - middle - 1) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        let upper = left(low).min(right(half - low));
        if self.len() % 2 == 1 {
            return (upper, upper);
        }
        let last_left = if low > 0 { left(low - 1) } else { 0.0 };
        let last_right = if half > low { right(half - low - 1) } else { 0.0 };
        (last_left.max(last_right), upper)
    }

    /// How many values are smaller. Among finite values with one zero this is the total order, without its cost.
    pub fn place(&self, value: f64) -> usize {
        self.values.partition_point(|v| *v < value)
    }

    /// Where a value stands that equals this one.
    pub fn find(&self, value: f64) -> Option<usize> {
        let value = unsigned_zero(value);
        let at = self.place(value);
        self.values.get(at).is_some_and(|v| *v == value).then_some(at)
    }
}

impl FromIterator<f64> for Sorted {
    fn from_iter<T: IntoIterator<Item = f64>>(values: T) -> Sorted {
        let mut sorted = Sorted::default();
        sorted.refill(|each| values.into_iter().for_each(each));
        sorted
    }
}

/// The two zeros are equal but have different places in the total order: there is one here.
fn unsigned_zero(value: f64) -> f64 {
    value + 0.0
}

#[cfg(test)]
mod tests;
