//! The day baseline of section 3.2: the median of the same time of day on the 14 local days before.

use crate::anomaly::method::Slot;

const DAY: i64 = 1_440;
const DAYS: i64 = 14;
/// Minutes around the same time of day, inclusive.
const NEAR: i64 = 30;

/// What the buckets of one wall-clock slot of one day held.
#[derive(Debug, Clone, Copy, Default)]
struct Cell {
    /// False where no bucket had this slot: before the data, or skipped by a clock change.
    exists: bool,
    sum: f64,
    values: u32,
}

impl Cell {
    /// A slot that the clock passed twice counts once.
    fn value(self) -> Option<f64> {
        (self.values > 0).then(|| self.sum / f64::from(self.values))
    }
}

/// Values by local time. Slots come in the order of time.
pub(super) struct Days {
    bucket: i64,
    /// Number of the first cell: local minutes since 1970, in buckets.
    first: i64,
    cells: Vec<Cell>,
    pool: Vec<f64>,
}

impl Days {
    /// `bucket` in minutes; it divides the day.
    pub(super) fn new(bucket: u32) -> Self {
        Days { bucket: i64::from(bucket.max(1)), first: 0, cells: Vec::new(), pool: Vec::new() }
    }

    pub(super) fn push(&mut self, slot: Slot, value: Option<f64>) {
        let number = (i64::from(slot.day) * DAY + i64::from(slot.minute)) / self.bucket;
        if self.cells.is_empty() {
            self.first = number;
        }
        let Ok(at) = usize::try_from(number - self.first) else { return };
        if at >= self.cells.len() {
            self.cells.resize(at + 1, Cell::default());
        }
        let cell = &mut self.cells[at];
        cell.exists = true;
        if let Some(value) = value {
            cell.sum += value;
            cell.values += 1;
        }
    }

    /// None before two of the days have a value. Values of the same day never count.
    pub(super) fn baseline(&mut self, slot: Slot) -> Option<f64> {
        let midnight = i64::from(slot.day) * DAY;
        self.pool.clear();
        let mut days = 0;
        for back in 1..=DAYS {
            let same = midnight - back * DAY + i64::from(slot.minute);
            let before = self.pool.len();
            let reach = NEAR / self.bucket;
            for off in -reach..=reach {
                let minute = same + off * self.bucket;
                if minute < midnight {
                    self.collect(minute / self.bucket);
                }
            }
            days += usize::from(self.pool.len() > before);
        }
        (days >= 2).then(|| median(&mut self.pool))
    }

    fn collect(&mut self, number: i64) {
        let Some(at) = usize::try_from(number - self.first).ok().filter(|at| *at < self.cells.len()) else { return };
        if self.cells[at].exists {
            self.pool.extend(self.cells[at].value());
            return;
        }
        // The clock skipped this slot: the ones beside the gap stand in for it.
        let before = self.cells[..at].iter().rev().find(|c| c.exists);
        let after = self.cells[at..].iter().find(|c| c.exists);
        if let (Some(before), Some(after)) = (before, after) {
            self.pool.extend(before.value().into_iter().chain(after.value()));
        }
    }
}

/// Of values that are not empty; even counts average the two middles.
fn median(values: &mut [f64]) -> f64 {
    let middle = values.len() / 2;
    let odd = values.len() % 2 == 1;
    let (below, upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    if odd { *upper } else { (below.iter().copied().fold(f64::NEG_INFINITY, f64::max) + *upper) / 2.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(day: i32, minute: u16) -> Slot {
        Slot { day, minute }
    }

    #[test]
    fn the_same_hour_of_fourteen_days_before_counts() {
        let mut days = Days::new(60);
        for day in 0..20 {
            for hour in 0..24u16 {
                days.push(slot(day, hour * 60), Some(f64::from(day) * 100.0 + f64::from(hour)));
            }
        }
        // Days 6 to 19: their median is that of 12 and 13.
        assert_eq!(days.baseline(slot(20, 5 * 60)), Some(1_255.0));
        // Of day 21 the days from 7 on; day 20 has no value.
        assert_eq!(days.baseline(slot(21, 5 * 60)), Some(1_305.0));
        assert_eq!(days.baseline(slot(1, 5 * 60)), None);
        assert_eq!(days.baseline(slot(2, 5 * 60)), Some(55.0));
        assert_eq!(days.baseline(slot(500, 5 * 60)), None);
    }

    #[test]
    fn half_an_hour_around_counts_across_midnight_but_never_today() {
        let mut days = Days::new(30);
        let values = [(10, 1_380, 1.0), (10, 1_410, 2.0), (11, 0, 4.0), (11, 30, 8.0), (12, 0, 16.0)];
        for day in 10..13 {
            for minute in (0..1_440).step_by(30) {
                let value = values.iter().find(|v| (v.0, v.1) == (day, minute));
                days.push(slot(day, minute), value.map(|v| v.2));
            }
        }
        // Day 12 at 23:30: of day 11 the slots 23:00, 23:30 and 00:00 of today, which does not count; of day 10
        // 23:00, 23:30 and 00:00 of day 11. One day is too few.
        assert_eq!(days.baseline(slot(12, 1_410)), None);
        // Day 13 at 00:00: day 12 (23:30, 00:00, 00:30) gives 16, day 11 gives 2 (day 10 at 23:30), 4 and 8.
        assert_eq!(days.baseline(slot(13, 0)), Some(6.0));
    }

    #[test]
    fn clock_changes_count_once_or_borrow() {
        let mut days = Days::new(60);
        for day in 0..3 {
            for hour in [1u16, 2, 3] {
                if (day, hour) != (1, 2) {
                    days.push(slot(day, hour * 60), Some(f64::from(hour)));
                }
            }
        }
        days.push(slot(2, 180), Some(9.0));
        // Day 1 had no 02:00: 1 and 3 stand in; days 0 and 2 have a 2 each.
        assert_eq!(days.baseline(slot(3, 120)), Some(2.0));
        // 3 on days 0 and 1, and the mean of 3 and 9 on day 2.
        assert_eq!(days.baseline(slot(3, 180)), Some(3.0));
        assert_eq!(days.baseline(slot(15, 180)), Some(4.5));
    }
}
