//! Baselines: the median of the same time of day on the days before, and on the equal weekdays before.

use super::history::{DAY, History, Wall};
use crate::anomaly::method::{Stream, Transform};
use crate::anomaly::sorted::Sorted;

/// Slots that start at most this many minutes before or after are pooled with a slot.
const AROUND: Wall = 30;

/// Which days before today a baseline looks at.
const DAYS: [Wall; 14] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14];
const WEEKS: [Wall; 5] = [7, 14, 21, 28, 35];

/// The baseline of one stream.
#[derive(Debug, Clone)]
pub struct Season {
    plan: Plan,
    /// One per slot where a slot is alone in its half hour and moves on by a day at a time; else a single one that
    /// slides from slot to slot.
    pools: Vec<Pool>,
}

/// What belongs to a baseline.
#[derive(Debug, Clone, Copy)]
struct Plan {
    days: &'static [Wall],
    /// So many days must have a value.
    needed: usize,
    bucket: Wall,
    /// How many slots on each side are pooled.
    reach: Wall,
    transform: Transform,
}

/// The sorted values around one slot of the days before one day.
#[derive(Debug, Clone, Default)]
struct Pool {
    at: Option<Wall>,
    values: Sorted,
}

impl Season {
    /// None for the level, which has no baseline.
    pub fn new(stream: Stream, bucket: Wall, transform: Transform) -> Option<Season> {
        let (days, needed): (&[Wall], usize) = match stream {
            Stream::Level => return None,
            Stream::Day => (&DAYS, 2),
            Stream::Week => (&WEEKS, 3),
        };
        let plan = Plan { days, needed, bucket, reach: AROUND / bucket, transform };
        let pools = if plan.moves_by_days() { (DAY / bucket) as usize } else { 1 };
        Some(Season { plan, pools: vec![Pool::default(); pools] })
    }

    /// The median in the space of the transform; None until enough days have a value.
    pub fn baseline(&mut self, history: &History, at: Wall) -> Option<f64> {
        let index = if self.plan.moves_by_days() { at.rem_euclid(DAY) / self.plan.bucket } else { 0 };
        let pool = self.pools.get_mut(index as usize)?;
        pool.seek(&self.plan, history, at);
        if !self.plan.is_ready(history, at, pool.values.len()) {
            return None;
        }
        pool.values.median()
    }
}

/// The values that a baseline stands on, in the unit of the data, with their places; the newest day first.
pub fn pooled(stream: Stream, bucket: Wall, history: &History, at: Wall) -> Vec<(Wall, f64)> {
    let Some(season) = Season::new(stream, bucket, Transform::Identity) else { return Vec::new() };
    let plan = season.plan;
    let places = plan.days.iter().flat_map(|day| plan.places(at, *day).rev());
    places.filter_map(|place| Some((place, history.at(place)?))).collect()
}

impl Plan {
    /// Daily pools of single slots share all but one value with those of the day before.
    fn moves_by_days(&self) -> bool {
        self.reach == 0 && self.needed == 2
    }

    /// The slots of one day before that belong to the slot at `at`. Those of today do not, even past midnight.
    fn places(&self, at: Wall, day: Wall) -> impl DoubleEndedIterator<Item = Wall> + use<> {
        let (bucket, today) = (self.bucket, at - at.rem_euclid(DAY));
        let reach = -self.reach..=self.reach;
        reach.map(move |step| at - day * DAY + step * bucket).filter(move |place| *place < today)
    }

    fn value(&self, history: &History, place: Wall) -> Option<f64> {
        history.at(place).map(|x| self.transform.of(x))
    }

    fn is_ready(&self, history: &History, at: Wall, values: usize) -> bool {
        let slots = 2 * self.reach as usize + 1;
        if values > (self.needed - 1) * slots {
            return true;
        }
        let has_value = |day: &&Wall| self.places(at, **day).any(|place| history.at(place).is_some());
        values >= self.needed && self.days.iter().filter(has_value).count() >= self.needed
    }
}

impl Pool {
    fn seek(&mut self, plan: &Plan, history: &History, at: Wall) {
        if self.at == Some(at) {
            return;
        }
        let before = self.at.replace(at);
        let moved = match before {
            Some(before) if plan.moves_by_days() && before + DAY == at => {
                self.swap(plan, history, at - 15 * DAY, Some(at - DAY))
            }
            Some(before) if plan.reach > 0 && before + plan.bucket == at && at.rem_euclid(DAY) != 0 => {
                self.slide(plan, history, at)
            }
            _ => false,
        };
        if !moved {
            self.fill(plan, history, at);
        }
    }

    fn fill(&mut self, plan: &Plan, history: &History, at: Wall) {
        self.values.refill(|each| {
            for day in plan.days {
                plan.places(at, *day).filter_map(|place| plan.value(history, place)).for_each(&mut *each);
            }
        });
    }

    /// From one slot of today to the next; false where what should go is not there.
    fn slide(&mut self, plan: &Plan, history: &History, at: Wall) -> bool {
        let today = at - at.rem_euclid(DAY);
        plan.days.iter().all(|day| {
            let here = at - day * DAY;
            let next = here + plan.reach * plan.bucket;
            self.swap(plan, history, here - (plan.reach + 1) * plan.bucket, (next < today).then_some(next))
        })
    }

    fn swap(&mut self, plan: &Plan, history: &History, old: Wall, new: Option<Wall>) -> bool {
        match (plan.value(history, old), new.and_then(|place| plan.value(history, place))) {
            (None, None) => true,
            (Some(old), None) => self.values.remove(old),
            (Some(old), Some(new)) => self.values.replace(old, new),
            (None, Some(new)) => {
                self.values.insert(new);
                true
            }
        }
    }
}
