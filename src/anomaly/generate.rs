//! Tenants that are made up: hourly counts over eight weeks with business hours, weekends, nightly batches, growth and a
//! holiday, and five labelled effects in each. Tests, benches and the manual judge detectors on them.

use std::ops::Range;

use super::random::Random;

/// Monday, 2024-01-01 00:00 UTC, in seconds since 1970: the first bucket.
pub const START_S: i64 = 1_704_067_200;
const DAY: usize = 24;
const WEEK: usize = 7 * DAY;
pub const HOURS: usize = 8 * WEEK;
/// Effects and holidays lie behind the first two weeks, which the detectors learn from.
const QUIET: usize = 2 * WEEK;
/// Hours around an effect without another one.
const APART: usize = 24;
/// Shape of the gamma factor; its mean is 1.
const SHAPE: f64 = 1.0 / 0.15;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    Spike,
    OffHours,
    Drop,
    Ramp,
    Burst,
}

impl Effect {
    pub fn as_str(self) -> &'static str {
        match self {
            Effect::Spike => "spike",
            Effect::OffHours => "off_hours",
            Effect::Drop => "drop",
            Effect::Ramp => "ramp",
            Effect::Burst => "burst",
        }
    }

    fn hours(self) -> usize {
        match self {
            Effect::Spike => 1,
            Effect::OffHours => 2,
            Effect::Drop => 6,
            Effect::Ramp => 24,
            Effect::Burst => 12,
        }
    }
}

/// One tenant: `counts[i]` is that of hour `i` after `START_S`.
pub struct Tenant {
    pub name: String,
    pub counts: Vec<f64>,
    /// In order of time; hours as indices of `counts`.
    pub effects: Vec<(Effect, Range<usize>)>,
}

/// What a tenant is, drawn once.
struct Nature {
    base: f64,
    weekend: f64,
    batch: f64,
    slope: f64,
    /// First hour of it.
    holiday: usize,
}

/// The expected count of an hour, the gamma factor of that hour, and the count drawn from both.
struct Hour {
    mean: f64,
    gamma: f64,
    count: f64,
}

/// Tenants of other seeds and other numbers have nothing in common.
pub fn tenant(seed: u64, number: usize) -> Tenant {
    let name = format!("tenant-{seed}-{number:03}");
    let mut random = Random::new(seed, "generate", "", &name);
    let nature = nature(&mut random);
    let mut hours: Vec<Hour> = (0..HOURS).map(|i| hour(nature.mean(i), &mut random)).collect();
    let effects = places(&mut random);
    for (effect, range) in &effects {
        strike(*effect, &mut hours[range.clone()], nature.base, &mut random);
    }
    Tenant { name, counts: hours.iter().map(|h| h.count).collect(), effects }
}

fn nature(random: &mut Random) -> Nature {
    let base = libm::exp(random.normal(libm::log(15.0), 1.2));
    let weekend = random.between(0.05, 0.5);
    let has_batch = random.uniform() < 0.4;
    let batch = if has_batch { base * random.between(1.0, 4.0) } else { 0.0 };
    let slope = random.normal(0.0, 2.0);
    let weekdays: Vec<usize> = (QUIET / DAY..HOURS / DAY).filter(|day| day % 7 < 5).collect();
    let holiday = weekdays[random.below(weekdays.len())] * DAY;
    Nature { base, weekend, batch, slope, holiday }
}

impl Nature {
    fn mean(&self, hour: usize) -> f64 {
        let (day, of_day) = (hour / DAY, hour % DAY);
        let bump = |middle: f64, sd: f64| {
            let off = (of_day as f64 - middle) / sd;
            libm::exp(-0.5 * off * off)
        };
        let profile = 0.08 + bump(10.5, 2.2) + 0.8 * bump(15.0, 2.0);
        let weekend = if day % 7 < 5 { 1.0 } else { self.weekend };
        let batch = if of_day == 2 { self.batch } else { 0.0 };
        let growth = libm::exp(0.01 * (hour as f64 / WEEK as f64) * self.slope);
        let holiday = if day == self.holiday / DAY { 0.15 } else { 1.0 };
        (self.base * profile * weekend + batch) * growth * holiday
    }
}

fn hour(mean: f64, random: &mut Random) -> Hour {
    let gamma = random.gamma(SHAPE, 1.0 / SHAPE);
    Hour { mean, gamma, count: random.poisson(mean * gamma) }
}

/// Where the effects lie: placed in random order, each with a free day before and after it.
fn places(random: &mut Random) -> Vec<(Effect, Range<usize>)> {
    let mut order = [Effect::Spike, Effect::OffHours, Effect::Drop, Effect::Ramp, Effect::Burst];
    random.shuffle(&mut order);
    let mut placed: Vec<(Effect, Range<usize>)> = Vec::new();
    for effect in order {
        loop {
            let start = start(effect, random);
            let range = start..start + effect.hours();
            let free = placed.iter().all(|(_, p)| range.start >= p.end + APART || p.start >= range.end + APART);
            if free && range.end + APART <= HOURS {
                placed.push((effect, range));
                break;
            }
        }
    }
    placed.sort_by_key(|(_, range)| range.start);
    placed
}

fn start(effect: Effect, random: &mut Random) -> usize {
    loop {
        let day = QUIET / DAY + random.below((HOURS - QUIET) / DAY);
        let off_hours = [22, 23, 0, 1, 3, 4][random.below(6)];
        let at_work = 8 + random.below(5);
        if effect == Effect::OffHours {
            return day * DAY + off_hours;
        } else if day % 7 < 5 {
            return day * DAY + at_work;
        }
    }
}

/// The effects change the drawn counts and have no noise of their own.
fn strike(effect: Effect, hours: &mut [Hour], base: f64, random: &mut Random) {
    let size = match effect {
        Effect::Spike => random.between(2.0, 6.0),
        Effect::OffHours => random.between(0.5, 1.5),
        Effect::Drop => 0.05,
        Effect::Ramp => random.between(1.0, 3.0),
        Effect::Burst => random.between(2.0, 4.0),
    };
    let last = hours.len().saturating_sub(1).max(1) as f64;
    for (i, hour) in hours.iter_mut().enumerate() {
        hour.count = match effect {
            Effect::Spike => hour.count + (hour.mean * size + 5.0).ceil(),
            Effect::OffHours => hour.count + (base * size + 6.0).ceil(),
            Effect::Drop => (size * hour.count).floor(),
            Effect::Ramp => hour.count + (i as f64 / last * base * size + 2.0).floor(),
            Effect::Burst => random.poisson(hour.mean * hour.gamma * size) + 3.0,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(base: f64) -> Nature {
        Nature { base, weekend: 0.25, batch: 0.0, slope: 0.0, holiday: 21 * DAY }
    }

    #[test]
    fn the_expected_count_follows_hour_weekend_batch_growth_and_holiday() {
        // 2024-01-01 was a Monday: 19,723 days after 1970-01-01, a Thursday.
        assert_eq!((START_S % 86_400, (START_S / 86_400 + 3) % 7), (0, 0));
        let nature = plain(100.0);
        // 12:00: 0.08 + exp(-0.5 (1.5/2.2)^2) + 0.8 exp(-0.5 (3/2)^2) = 0.08 + 0.792596 + 0.259722.
        assert!((nature.mean(12) - 113.2318).abs() < 1e-3, "{}", nature.mean(12));
        assert!((nature.mean(5 * DAY + 12) - 113.2318 / 4.0).abs() < 1e-3);
        assert!((nature.mean(21 * DAY + 12) - 113.2318 * 0.15).abs() < 1e-3);
        let batch = Nature { batch: 300.0, ..plain(100.0) };
        // The weekend does not touch the batch.
        assert!((batch.mean(2) - nature.mean(2) - 300.0).abs() < 1e-9);
        assert!((batch.mean(5 * DAY + 2) - nature.mean(5 * DAY + 2) - 300.0).abs() < 1e-9);
        assert_eq!(batch.mean(3), nature.mean(3));
        let growing = Nature { slope: 2.0, ..plain(100.0) };
        // Five weeks at 2 % a week.
        assert!((growing.mean(5 * WEEK + 12) / growing.mean(12) - 0.1_f64.exp()).abs() < 1e-9);
    }

    #[test]
    fn effects_keep_their_distance_their_hours_and_their_days() {
        for number in 0..200 {
            let tenant = tenant(3, number);
            let mut kinds: Vec<Effect> = tenant.effects.iter().map(|(e, _)| *e).collect();
            let mut before = QUIET - APART;
            for (effect, range) in &tenant.effects {
                assert!(range.start >= before + APART && range.len() == effect.hours(), "{number}: {range:?}");
                before = range.end;
                let (day, hour) = (range.start / DAY % 7, range.start % DAY);
                match effect {
                    Effect::OffHours => assert!([22, 23, 0, 1, 3, 4].contains(&hour)),
                    _ => assert!(day < 5 && (8..=12).contains(&hour), "{effect:?} on day {day} at {hour}"),
                }
            }
            assert!(before + APART <= HOURS);
            kinds.sort();
            assert_eq!(kinds, [Effect::Spike, Effect::OffHours, Effect::Drop, Effect::Ramp, Effect::Burst]);
        }
    }

    #[test]
    fn effects_change_counts_as_written() {
        let hours = |n: usize| -> Vec<Hour> { (0..n).map(|_| Hour { mean: 10.0, gamma: 1.0, count: 8.0 }).collect() };
        let struck = |effect: Effect| -> Vec<f64> {
            let mut hours = hours(effect.hours());
            strike(effect, &mut hours, 100.0, &mut Random::new(1, "test", "", ""));
            hours.iter().map(|h| h.count).collect()
        };
        assert_eq!(struck(Effect::Drop), [0.0; 6]);
        let spike = struck(Effect::Spike)[0];
        assert!((8.0 + 25.0..=8.0 + 65.0).contains(&spike) && spike.fract() == 0.0, "{spike}");
        let off = struck(Effect::OffHours);
        assert!(off[0] == off[1] && (64.0..=164.0).contains(&off[0]), "{off:?}");
        let ramp = struck(Effect::Ramp);
        // From 2 more to between 102 and 302 more, in steps that differ by the rounding alone.
        assert!(ramp[0] == 10.0 && (110.0..=310.0).contains(&ramp[23]), "{ramp:?}");
        let step = (ramp[23] - ramp[0]) / 23.0;
        assert!(ramp.windows(2).all(|w| (w[1] - w[0] - step).abs() <= 1.1), "{ramp:?}");
        assert!(struck(Effect::Burst).iter().all(|c| *c >= 3.0));
    }

    #[test]
    fn counts_scatter_more_than_poisson_does() {
        // Of a count with mean m and gamma shape k the variance is m + m^2/k.
        let mut random = Random::new(5, "test", "", "");
        let n = 50_000;
        let counts: Vec<f64> = (0..n).map(|_| hour(40.0, &mut random).count).collect();
        let mean = counts.iter().sum::<f64>() / f64::from(n);
        let variance = counts.iter().map(|c| (c - mean).powi(2)).sum::<f64>() / f64::from(n);
        assert!((mean - 40.0).abs() < 0.4 && (variance - 280.0).abs() < 12.0, "{mean} {variance}");
    }

    #[test]
    fn seeds_and_numbers_tell_tenants_apart() {
        assert_eq!(tenant(1, 1).counts, tenant(1, 1).counts);
        assert_ne!(tenant(1, 1).counts, tenant(2, 1).counts);
        assert_ne!(tenant(1, 1).counts, tenant(1, 2).counts);
    }
}
