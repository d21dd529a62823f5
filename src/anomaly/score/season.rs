//! Baselines: the median of the same time of day on the days before, and on the equal weekdays before.

use super::history::{DAY, History, Wall};
use crate::anomaly::method::{Stream, Transform};
use crate::anomaly::sorted::Sorted;

/// Slots that start at most this many minutes before or after are pooled with a slot.
const AROUND: Wall = 30;

/// Which days before today a baseline looks at.
const DAYS: [Wall; DAILY] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14];
const WEEKS: [Wall; WEEKLY] = [7, 14, 21, 28, 35];
const DAILY: usize = 14;
const WEEKLY: usize = 5;
const WEEK: Wall = 7 * DAY;

/// The baseline of one stream.
#[derive(Debug, Clone)]
pub struct Season {
    plan: Plan,
    pools: Pools,
}

/// The values at hand.
#[derive(Debug, Clone)]
enum Pools {
    /// Of the slot at hand and those around it, which slides from slot to slot.
    Sliding(Pool),
    /// Where a slot is alone in its half hour: of each slot of the day.
    Daily(Vec<Past<DAY, DAILY>>),
    /// The same of each slot of the week.
    Weekly(Vec<Past<WEEK, WEEKLY>>),
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

/// The last values of one slot that comes once in a period; infinite where there is none.
#[derive(Debug, Clone, Copy)]
struct Past<const PERIOD: Wall, const KEPT: usize> {
    /// Which of them they precede. A period on, the newest takes the place of the oldest.
    at: Option<Wall>,
    values: [f64; KEPT],
    sorted: [f64; KEPT],
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
        let slots = |period: Wall| (period / bucket) as usize;
        let pools = match stream {
            _ if plan.reach > 0 => Pools::Sliding(Pool::default()),
            Stream::Week => Pools::Weekly(vec![Past::NONE; slots(WEEK)]),
            _ => Pools::Daily(vec![Past::NONE; slots(DAY)]),
        };
        Some(Season { plan, pools })
    }

    /// The median in the space of the transform; None until enough days have a value.
    pub fn baseline(&mut self, history: &History, at: Wall) -> Option<f64> {
        let plan = &self.plan;
        match &mut self.pools {
            Pools::Sliding(pool) => {
                pool.seek(plan, history, at);
                if plan.is_ready(history, at, pool.values.len()) { pool.values.median() } else { None }
            }
            Pools::Daily(slots) => Past::of(slots, plan, at)?.median(plan, history, at),
            Pools::Weekly(slots) => Past::of(slots, plan, at)?.median(plan, history, at),
        }
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

impl<const PERIOD: Wall, const KEPT: usize> Past<PERIOD, KEPT> {
    const NONE: Self = Past { at: None, values: [f64::INFINITY; KEPT], sorted: [f64::INFINITY; KEPT] };

    fn of<'s>(slots: &'s mut [Self], plan: &Plan, at: Wall) -> Option<&'s mut Self> {
        slots.get_mut((at.rem_euclid(PERIOD) / plan.bucket) as usize)
    }

    /// The median of the values before `at`; None of fewer than are needed.
    fn median(&mut self, plan: &Plan, history: &History, at: Wall) -> Option<f64> {
        self.seek(plan, history, at);
        let known = self.sorted.iter().filter(|value| value.is_finite()).count();
        // Both are the middle one where their count is odd.
        (known >= plan.needed).then(|| f64::midpoint(self.sorted[(known - 1) / 2], self.sorted[known / 2]))
    }

    fn seek(&mut self, plan: &Plan, history: &History, at: Wall) {
        let before = self.at.replace(at);
        if before == Some(at) {
            return;
        }
        let missed = if before == Some(at - PERIOD) { 1 } else { KEPT as Wall };
        for place in (1..=missed).map(|periods| at - periods * PERIOD) {
            let oldest = place.div_euclid(PERIOD).rem_euclid(KEPT as Wall) as usize;
            self.replace(oldest, plan.value(history, place).unwrap_or(f64::INFINITY));
        }
    }

    fn replace(&mut self, which: usize, new: f64) {
        let old = std::mem::replace(&mut self.values[which], new);
        // Among so few counting is faster than bisection.
        let mut at = self.sorted.iter().filter(|value| **value < old).count();
        while at + 1 < KEPT && self.sorted[at + 1] < new {
            self.sorted[at] = self.sorted[at + 1];
            at += 1;
        }
        while at > 0 && self.sorted[at - 1] > new {
            self.sorted[at] = self.sorted[at - 1];
            at -= 1;
        }
        self.sorted[at] = new;
    }
}

impl Pool {
    fn seek(&mut self, plan: &Plan, history: &History, at: Wall) {
        if self.at == Some(at) {
            return;
        }
        let before = self.at.replace(at);
        let moved = match before {
            Some(before) if before + plan.bucket == at && at.rem_euclid(DAY) != 0 => self.slide(plan, history, at),
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
