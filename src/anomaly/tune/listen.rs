//! What a configuration makes of a rule's history: the scores of its buckets, and those of effects injected into some.

use crate::anomaly::judge::scored::signed;
use crate::anomaly::machine::{Limits, calls};
use crate::anomaly::method::{Kind, Method, MustDetect, Slot, Stream};
use crate::anomaly::random::Random;
use crate::anomaly::score::{Point, Recent, Scorer, Seen, effect};

use super::draws::{LIMIT, Place, draw};
use super::grid::Config;
use super::heard::{Effect, Heard};
use super::search::Part;

/// One series from its first bucket on. All arrays are as long as each other.
#[derive(Debug, Clone)]
pub struct Past {
    /// Number of the tenant, from 0 without gaps.
    pub tenant: usize,
    /// Milliseconds since 1970.
    pub starts: Vec<i64>,
    pub slots: Vec<Slot>,
    pub seen: Vec<Seen>,
    /// Whether a bucket is labelled: nothing is injected there.
    pub labelled: Vec<bool>,
    /// The first bucket that certifies; those before it fit.
    pub split: usize,
}

impl Past {
    fn of(&self, part: Part) -> std::ops::Range<usize> {
        match part {
            Part::Fit => 0..self.split,
            Part::Certify => self.split..self.seen.len(),
        }
    }
}

/// The buckets that effects are injected into, per part and kind: per series, ascending. A drop is named by its last
/// bucket.
#[derive(Debug, Clone, PartialEq)]
pub struct Draws {
    /// Buckets of both parts that a spike could be injected into.
    pub eligible: usize,
    fit: [Vec<Vec<usize>>; 2],
    certify: [Vec<Vec<usize>>; 2],
    /// Per series and bucket what the rule as it stands expected; 0 where it has no score. It sizes the effects for every
    /// configuration, as it does in a backtest.
    expected: Vec<Vec<f64>>,
}

impl Draws {
    /// From the buckets that the rule as it stands scores and of which it expects enough to drop. The two parts draw
    /// from streams of their own. `unit`: the median scale of the rule, which sizes the effects on gauges.
    pub fn new(method: &Method, past: &[Past], unit: f64, seed: u64, rule: &str) -> Draws {
        let (due, expected): (Vec<[Vec<usize>; 2]>, Vec<Vec<f64>>) =
            past.iter().map(|series| due(method, series, unit)).unzip();
        let drawn = |part: Part, effect: Effect| {
            let purpose = match part {
                Part::Fit => "tune fit ",
                Part::Certify => "tune certify ",
            };
            let places: Vec<Vec<Place>> =
                past.iter().zip(&due).map(|(series, due)| places(series, part, &due[effect as usize])).collect();
            draw(&places, LIMIT, &mut Random::new(seed, &format!("{purpose}{}", effect.as_str()), rule, ""))
        };
        let both = |part| [drawn(part, Effect::Spike), drawn(part, Effect::Drop)];
        let eligible = due.iter().map(|due| due[Effect::Spike as usize].len()).sum();
        Draws { eligible, fit: both(Part::Fit), certify: both(Part::Certify), expected }
    }

    fn of(&self, part: Part, effect: Effect, series: usize) -> &[usize] {
        let part = if part == Part::Fit { &self.fit } else { &self.certify };
        &part[effect as usize][series]
    }
}

fn places(series: &Past, part: Part, due: &[usize]) -> Vec<Place> {
    let range = series.of(part);
    let place = |bucket: &usize| {
        let slot = series.slots[*bucket];
        Place { bucket: *bucket, hour: slot.day.rem_euclid(7) as u16 * 24 + slot.minute / 60 }
    };
    due.iter().filter(|bucket| range.contains(bucket)).map(place).collect()
}

/// Where each kind of effect could be injected, and what was expected of each bucket.
fn due(method: &Method, series: &Past, unit: f64) -> ([Vec<usize>; 2], Vec<f64>) {
    let (mut spikes, mut drops) = (Vec::new(), Vec::new());
    let mut expected = Vec::with_capacity(series.seen.len());
    let (mut scorer, mut recent) = (Scorer::new(method), Recent::default());
    // Buckets since the last labelled one.
    let mut free = 0;
    for i in 0..series.seen.len() {
        let point = scorer.push(series.slots[i], series.seen[i]);
        recent.push(method, &point);
        expected.push(point.verdict.map_or(0.0, |verdict| verdict.expected));
        free = if series.labelled[i] { 0 } else { free + 1 };
        if free > 0 && point.verdict.is_some() {
            spikes.push(i);
        }
        if free >= length_of_drop(method) && lowered(method, &recent, &point, unit).is_some() {
            drops.push(i);
        }
    }
    ([spikes, drops], expected)
}

fn length_of_drop(method: &Method) -> usize {
    match method.must_detect {
        MustDetect::Count { drop_buckets, .. } => drop_buckets.max(1),
        MustDetect::Gauge { .. } => 1,
    }
}

/// The score of a spike of the size that the rule must hear.
fn raised(method: &Method, point: &Point, expected: f64, unit: f64) -> Option<f64> {
    effect::raised(method, point, effect::rise(method.must_detect, expected, unit))
}

/// The score of a fall to these values, the last of which is that of the bucket pushed last.
fn fallen(method: &Method, recent: &Recent, point: &Point, expected: &[f64], unit: f64) -> Option<f64> {
    match method.must_detect {
        MustDetect::Count { drop_to, .. } => {
            let left: Vec<f64> = expected.iter().map(|expected| drop_to * expected).collect();
            recent.lowered(method, &left)
        }
        MustDetect::Gauge { .. } => effect::dip(method, point, unit),
    }
}

/// The score of a drop that ends with the bucket pushed last.
fn lowered(method: &Method, recent: &Recent, point: &Point, unit: f64) -> Option<f64> {
    match method.kind {
        Kind::Count => recent.virtual_drop(method),
        Kind::Gauge => effect::dip(method, point, unit),
    }
}

impl Config {
    pub fn of(method: &Method) -> Config {
        let Method { streams, alpha, transform, rel_floor, .. } = method;
        Config { streams: streams.clone(), alpha: *alpha, transform: *transform, rel_floor: *rel_floor }
    }

    /// The rule with the fields of this configuration.
    pub fn applied(&self, method: &Method) -> Method {
        Method {
            streams: self.streams.clone(),
            alpha: self.alpha,
            transform: self.transform,
            rel_floor: self.rel_floor,
            ..method.clone()
        }
    }
}

/// All series under methods that differ in their streams alone: one run keeps the streams of all. By method, then series. An
/// effect on buckets without a score is not heard.
pub fn listen(methods: &[Method], past: &[Past], draws: &Draws, unit: f64, part: Part) -> Vec<Vec<Heard>> {
    let mut heard: Vec<Vec<Heard>> = methods.iter().map(|_| Vec::with_capacity(past.len())).collect();
    let Some(first) = methods.first() else { return heard };
    let mut streams: Vec<Stream> = methods.iter().flat_map(|method| method.streams.iter().copied()).collect();
    streams.sort_unstable();
    streams.dedup();
    let all = Method { streams, ..first.clone() };
    for (i, series) in past.iter().enumerate() {
        let struck = [Effect::Spike, Effect::Drop].map(|effect| draws.of(part, effect, i));
        let found = hear(&all, methods, series, Struck { at: struck, expected: &draws.expected[i], unit }, part);
        heard.iter_mut().zip(found).for_each(|(heard, found)| heard.push(found));
    }
    heard
}

/// How one method sees a series that is read under all of them.
struct View<'m> {
    method: &'m Method,
    recent: Recent,
    heard: Heard,
}

/// The effects on one series.
struct Struck<'d> {
    /// The buckets with a spike, and the last ones of drops.
    at: [&'d [usize]; 2],
    /// By bucket.
    expected: &'d [f64],
    unit: f64,
}

/// One series, by method.
fn hear(all: &Method, methods: &[Method], series: &Past, struck: Struck, part: Part) -> impl Iterator<Item = Heard> {
    let Struck { at, expected, unit } = struck;
    let long = length_of_drop(all);
    let range = series.of(part);
    let weeks = range.len() as f64 * f64::from(all.bucket) / (7.0 * 1_440.0);
    let view = |method| {
        let heard = Heard { tenant: series.tenant, weeks, ..Heard::default() };
        View { method, recent: Recent::default(), heard }
    };
    let mut views: Vec<View> = methods.iter().map(view).collect();
    let [mut spikes, mut drops] = at.map(|buckets| buckets.iter().peekable());
    let mut scorer = Scorer::new(all);
    for bucket in 0..range.end {
        let seen = scorer.push(series.slots[bucket], series.seen[bucket]);
        let spiked = spikes.next_if_eq(&&bucket).is_some();
        let dropped = drops.next_if_eq(&&bucket).is_some();
        for View { method, recent, heard } in &mut views {
            let point = seen.under(method);
            recent.push(method, &point);
            if bucket < range.start {
                continue;
            }
            heard.scores.push(signed(method, &point));
            if spiked {
                heard.spikes.push(raised(method, &point, expected[bucket], unit).unwrap_or(0.0));
            }
            if dropped {
                let expected = &expected[(bucket + 1).saturating_sub(long)..=bucket];
                heard.drops.push(fallen(method, recent, &point, expected, unit).unwrap_or(0.0));
            }
        }
    }
    views.into_iter().map(|view| view.heard)
}

/// Opens and escalations of a series, the machine quiet at the start of the part.
pub fn notified(method: &Method, past: &[Past], series: usize, part: Part, scores: &[f64], threshold: f64) -> usize {
    let limits = Limits { threshold, ..Limits::of(method) };
    let starts = &past[series].starts[past[series].of(part)];
    calls(limits, starts.iter().copied().zip(scores.iter().copied())).len()
}

#[cfg(test)]
mod tests {
    use super::super::grid::{Pinned, Scope, grid};
    use super::super::heard::Resamples;
    use super::super::search::{Demand, Outcome, tune};
    use super::*;
    use crate::anomaly::generate::{START_S, tenant};
    use crate::anomaly::method::Transform;
    use crate::anomaly::rules;

    /// The defaults of a rule, for hourly counts.
    fn counts() -> Method {
        rules::read("rules: [{id: r, tz: UTC}]").rules.unwrap().rules[0].method(None)
    }

    fn past(numbers: std::ops::Range<usize>) -> Vec<Past> {
        let of = |number: usize| {
            let tenant = tenant(1, number);
            let n = tenant.counts.len();
            let day = (START_S / 86_400) as i32;
            Past {
                tenant: number - numbers.start,
                starts: (0..n as i64).map(|i| (START_S + 3_600 * i) * 1_000).collect(),
                slots: (0..n).map(|i| Slot { day: day + (i / 24) as i32, minute: (i % 24 * 60) as u16 }).collect(),
                seen: tenant.counts.iter().map(|c| Seen::Value(*c)).collect(),
                labelled: (0..n).map(|i| tenant.effects.iter().any(|(_, r)| r.contains(&i))).collect(),
                split: n * 7 / 10,
            }
        };
        numbers.clone().map(of).collect()
    }

    #[test]
    fn draws_keep_to_their_part_and_off_labels() {
        let (method, past) = (counts(), past(0..6));
        let draws = Draws::new(&method, &past, 0.0, 1, "r");
        for (part, drawn) in [(Part::Fit, &draws.fit), (Part::Certify, &draws.certify)] {
            let all: usize = drawn[0].iter().map(Vec::len).sum();
            assert_eq!(all, 1_000, "{part:?}");
            for (series, (spikes, drops)) in past.iter().zip(drawn[0].iter().zip(&drawn[1])) {
                assert!(spikes.iter().chain(drops).all(|b| series.of(part).contains(b) && !series.labelled[*b]));
                assert!(drops.iter().all(|b| !series.labelled[b - 5..*b].contains(&true)));
            }
            assert!(drawn[1].iter().any(|d| !d.is_empty()));
        }
        assert_eq!(draws, Draws::new(&method, &past, 0.0, 1, "r"));
        assert_ne!(draws, Draws::new(&method, &past, 0.0, 2, "r"));
    }

    #[test]
    fn spikes_are_heard_as_in_a_rerun() {
        let (method, past) = (counts(), past(3..4));
        let draws = Draws::new(&method, &past, 0.0, 1, "r");
        let heard = &listen(std::slice::from_ref(&method), &past, &draws, 0.0, Part::Certify)[0][0];
        assert_eq!((heard.scores.len(), heard.spikes.len()), (1_344 - 940, draws.certify[0][0].len()));
        for (bucket, score) in draws.certify[0][0].iter().zip(&heard.spikes).step_by(37) {
            let mut scorer = Scorer::new(&method);
            for i in 0..*bucket {
                scorer.push(past[0].slots[i], past[0].seen[i]);
            }
            let expected = scorer.clone().push(past[0].slots[*bucket], past[0].seen[*bucket]).verdict.unwrap().expected;
            let Seen::Value(x) = past[0].seen[*bucket] else { panic!() };
            let spiked = x + (4.0 * expected).max(25.0).ceil();
            let rerun = scorer.push(past[0].slots[*bucket], Seen::Value(spiked)).verdict.unwrap().score;
            assert_eq!(rerun, *score, "{bucket}");
        }
    }

    #[test]
    fn what_is_heard_in_one_run_is_what_each_method_hears_alone() {
        use crate::anomaly::method::Stream::{Day, Level, Week};
        let past = past(3..6);
        let sets = [vec![Day], vec![Day, Week], vec![Level, Day], vec![Level, Day, Week]];
        let methods = sets.map(|streams| Method { streams, transform: Transform::Sqrt, ..counts() });
        let draws = Draws::new(&counts(), &past, 0.0, 1, "r");
        for part in [Part::Fit, Part::Certify] {
            let together = listen(&methods, &past, &draws, 0.0, part);
            for (method, heard) in methods.iter().zip(&together) {
                // Scores may be NaN, which equals nothing.
                let alone = listen(std::slice::from_ref(method), &past, &draws, 0.0, part);
                assert_eq!(format!("{:?}", alone[0]), format!("{heard:?}"));
            }
        }
        // Scored the long way.
        let mut scorer = Scorer::new(&methods[1]);
        let series = &past[0];
        let points = series.slots.iter().zip(&series.seen).map(|(slot, seen)| scorer.push(*slot, *seen));
        let scores: Vec<f64> = points.map(|point| signed(&methods[1], &point)).collect();
        let heard = &listen(&methods, &past, &draws, 0.0, Part::Certify)[1][0];
        assert_eq!(format!("{:?}", &scores[series.split..]), format!("{:?}", heard.scores));
    }

    #[test]
    fn tuned_on_tenants_the_power_holds_with_fewer_notifications_than_the_defaults() {
        let (method, past) = (counts(), past(0..24));
        let draws = Draws::new(&method, &past, 0.0, 1, "r");
        let resamples = Resamples::new(past.len(), &mut Random::new(1, "tune bootstrap", "r", ""));
        // A corner of the grid: all of it takes long without optimization.
        let scope = Scope { kind: Kind::Count, level_only: false, fit_weeks: 5.6, rel_floor: 0.05 };
        let all = grid(scope, &Pinned { streams: Some(method.streams.clone()), ..Pinned::default() });
        let some: Vec<Config> = all.into_iter().filter(|c| c.alpha < 0.3 && c.rel_floor == 0.05).collect();
        let demand = Demand { min_power: 0.75, effects: vec![Effect::Spike, Effect::Drop], threshold: None };
        let mut ask = |configs: &[Config], part: Part| {
            let methods: Vec<Method> = configs.iter().map(|config| config.applied(&method)).collect();
            Ok(listen(&methods, &past, &draws, 0.0, part))
        };
        let count = |i: usize, part: Part, scores: &[f64], t: f64| notified(&method, &past, i, part, scores, t);
        let tuned = tune(&some, &demand, None, &resamples, &mut ask, &count).unwrap();
        assert_eq!(tuned.outcome, Outcome::Written, "{} {:?}", tuned.reason, tuned.trials);
        let choice = tuned.choice.unwrap();
        // With drops to hear, square roots are what the note found.
        assert_eq!(choice.config.transform, Transform::Sqrt);
        let certificate = tuned.certificate.unwrap();
        assert!(certificate.power.len() == 2 && certificate.power.iter().all(|p| p.low >= 0.75));
        let defaults =
            &tuned.trials.iter().find(|t| t.config.transform == Transform::Identity && t.config.alpha == 0.2);
        let defaults = defaults.as_ref().unwrap();
        assert!(!defaults.feasible || defaults.notifications_per_week > Some(certificate.notifications_per_week));
    }
}
