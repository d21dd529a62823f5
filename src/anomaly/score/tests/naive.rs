//! The text of the contract a second time: nothing kept from bucket to bucket but what it calls state.

use std::collections::BTreeMap;

use super::*;

struct Naive<'s> {
    method: &'s Method,
    series: &'s [(Slot, Seen)],
    /// By slot, the values of all buckets that the clock gave it; empty for a bucket without a value.
    cells: BTreeMap<(i64, i64), Vec<f64>>,
}

#[derive(Default)]
struct State {
    level: Option<f64>,
    /// With the number of the bucket.
    residuals: Vec<(usize, f64)>,
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    if values.len() % 2 == 1 { values[half] } else { (values[half - 1] + values[half]) / 2.0 }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

impl Naive<'_> {
    fn minute(&self, t: usize) -> i64 {
        i64::from(self.series[t].0.day) * 1440 + i64::from(self.series[t].0.minute)
    }

    fn cell(&self, before: usize, day: i64, minute: i64) -> Option<f64> {
        let (day, minute) = (day + minute.div_euclid(1440), minute.rem_euclid(1440));
        if let Some(values) = self.cells.get(&(day, minute)) {
            return (!values.is_empty()).then(|| mean(values));
        }
        let wanted = day * 1440 + minute;
        let jump = (1..before).find(|t| (self.minute(t - 1)..self.minute(*t)).contains(&wanted))?;
        let value = |t: usize| if let Seen::Value(x) = self.series[t].1 { Some(x) } else { None };
        let around: Vec<f64> = [value(jump - 1), value(jump)].into_iter().flatten().collect();
        (!around.is_empty()).then(|| mean(&around))
    }

    /// "One pooled median of the values on the days before today, in the same slot and in slots at most 30 minutes
    /// before or after it, across midnight; today's own values never count."
    fn baseline(&self, t: usize, days: &[i64], needed: usize) -> Option<f64> {
        let slot = self.series[t].0;
        let (today, minute, bucket) = (i64::from(slot.day), i64::from(slot.minute), i64::from(self.method.bucket));
        let mut pooled = Vec::new();
        let mut distinct = 0;
        for day in days {
            let before = pooled.len();
            for step in -30..=30 {
                let at = minute + step * bucket;
                if (step * bucket).abs() <= 30 && today - day + at.div_euclid(1440) < today {
                    pooled.extend(self.cell(t, today - day, at).map(|x| self.space(x)));
                }
            }
            distinct += usize::from(pooled.len() > before);
        }
        (distinct >= needed).then(|| median(pooled))
    }

    fn space(&self, x: f64) -> f64 {
        if self.method.transform == Transform::Sqrt { 2.0 * (x + 0.375).sqrt() } else { x }
    }

    fn scale(&self, t: usize, state: &State, p: f64) -> Option<f64> {
        let window: Vec<f64> =
            state.residuals.iter().filter(|(at, _)| t - at <= self.method.window).map(|(_, r)| *r).collect();
        if window.len() < 20 {
            return None;
        }
        let m = mean(&window);
        let sd = (window.iter().map(|r| (r - m) * (r - m)).sum::<f64>() / (window.len() - 1) as f64).sqrt();
        let mad = 1.4826 * median(window.iter().map(|r| r.abs()).collect());
        let rel = self.method.rel_floor * p.abs();
        let floors = match (self.method.transform, self.method.kind) {
            (Transform::Sqrt, _) => [0.0, 1.0],
            (_, Kind::Count) => [rel, (p.max(0.0) + 1.0).sqrt()],
            (_, Kind::Gauge) => [rel, self.method.abs_floor],
        };
        Some(mad.max(sd).max(floors[0]).max(floors[1]))
    }

    /// Score and expected value per bucket.
    fn run(&mut self) -> Vec<Option<(f64, f64)>> {
        let mut states: BTreeMap<Stream, State> = BTreeMap::new();
        let mut out = Vec::new();
        for (t, (slot, seen)) in self.series.iter().enumerate() {
            let mut votes = Vec::new();
            if let Seen::Value(x) = seen {
                votes = self.bucket(t, *x, &mut states);
            }
            let voting: Vec<_> = votes.iter().filter(|(s, ..)| self.method.streams.contains(s)).collect();
            let level: Vec<_> = votes.iter().filter(|(s, ..)| *s == Stream::Level).collect();
            let voting = if voting.is_empty() { level } else { voting };
            out.push((!voting.is_empty()).then(|| {
                let product = |sign: f64| voting.iter().map(|(_, z, _)| (sign * z).max(0.001)).product::<f64>();
                let (up, down) = (product(1.0), product(-1.0));
                let p = median(voting.iter().map(|(.., p)| *p).collect());
                let expected = if self.method.transform == Transform::Sqrt {
                    (p.max(0.0).powi(2) / 4.0 - 0.375).max(0.0)
                } else {
                    p
                };
                (up.max(down).powf(1.0 / voting.len() as f64), expected)
            }));
            let cell = self.cells.entry((i64::from(slot.day), i64::from(slot.minute))).or_default();
            cell.extend(if let Seen::Value(x) = seen { Some(*x) } else { None });
        }
        out
    }

    /// The stream, z and prediction of each that is ready.
    fn bucket(&self, t: usize, x: f64, states: &mut BTreeMap<Stream, State>) -> Vec<(Stream, f64, f64)> {
        let mut votes = Vec::new();
        for stream in [Stream::Level, Stream::Day, Stream::Week] {
            let baseline = match stream {
                Stream::Level => Some(0.0),
                Stream::Day => self.baseline(t, &(1..=14).collect::<Vec<_>>(), 2),
                Stream::Week => self.baseline(t, &[7, 14, 21, 28, 35], 3),
            };
            let Some(b) = baseline else { continue };
            let state = states.entry(stream).or_default();
            let e = self.space(x) - b;
            let Some(level) = state.level else {
                state.level = Some(e);
                continue;
            };
            let r = e - level;
            let s = self.scale(t, state, b + level);
            if let Some(s) = s.filter(|s| *s > 0.0) {
                votes.push((stream, r / s, b + level));
                state.level = Some(level + self.method.alpha * r.clamp(-3.0 * s, 3.0 * s));
            } else {
                state.level = Some(level + self.method.alpha * r);
            }
            state.residuals.push((t, r));
        }
        votes
    }
}

fn compare(method: &Method, series: &[(Slot, Seen)]) {
    let naive = Naive { method, series, cells: BTreeMap::new() }.run();
    let points = run(method, series);
    let mut scored = 0;
    for (t, (point, naive)) in points.iter().zip(&naive).enumerate() {
        let ours = point.verdict.map(|v| (v.score, v.expected));
        let close = |a: f64, b: f64| (a - b).abs() <= 1e-12 * b.abs().max(1.0);
        let equal = match (ours, naive) {
            (None, None) => true,
            (Some(a), Some(b)) => close(a.0, b.0) && close(a.1, b.1),
            _ => false,
        };
        assert!(equal, "{method:?}, bucket {t}, {:?}: {ours:?}, not {naive:?}", series[t]);
        scored += usize::from(ours.is_some());
    }
    assert!(scored * 10 > points.len() * 8);
}

#[test]
fn hourly_series_score_as_the_text_says() {
    let mut dice = Dice::new(2);
    for streams in [&[Stream::Level][..], &[Stream::Day], &SEASONAL, &[Stream::Level, Stream::Day, Stream::Week]] {
        for transform in [Transform::Identity, Transform::Sqrt] {
            let method = Method { transform, ..method(streams, Kind::Count, 60) };
            compare(&method, &series(&mut dice, 60, 60));
        }
    }
}

#[test]
fn finer_and_coarser_buckets_score_as_the_text_says() {
    let mut dice = Dice::new(3);
    for (bucket, days) in [(30, 50), (15, 46), (10, 24), (5, 18)] {
        let base = method(&SEASONAL, Kind::Count, bucket);
        let method = Method { window: base.window.min(400), ..base };
        compare(&method, &series(&mut dice, bucket, days));
    }
    let daily = Method { window: 28, ..method(&SEASONAL, Kind::Count, 1440) };
    let slots = (0..200).map(|day| (Slot { day, minute: 0 }, Seen::Value(dice.count(40.0))));
    compare(&daily, &slots.collect::<Vec<_>>());
}

#[test]
fn gauges_score_as_the_text_says() {
    let mut dice = Dice::new(4);
    let method = Method { abs_floor: 0.4, rel_floor: 0.02, ..method(&SEASONAL, Kind::Gauge, 60) };
    let scaled = series(&mut dice, 60, 60).into_iter().map(|(slot, seen)| match seen {
        Seen::Value(x) => (slot, Seen::Value((x - 30.0) / 7.0)),
        other => (slot, other),
    });
    compare(&method, &scaled.collect::<Vec<_>>());
}
